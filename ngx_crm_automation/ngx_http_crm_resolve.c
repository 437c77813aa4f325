/*
 * Step 3 (state), of items that create or update, which only the stored
 * records tell: the backend is asked for the records that have their keys.
 *
 *     begin (lease of keys) ▶ GET by key ▶ begin (records too) ▶ before-image
 *
 * While the lease on a key is held no other of these requests looks for it, so
 * that two of them cannot both find nobody. Leases of keys come before those of
 * records, each kind all or none: nobody waits in a circle. A record that is
 * found is written by its id; see crm_resolve.h, and docs/routes.md for what
 * can still come in between.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_resolve_lease(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_resolve_answer(ngx_http_crm_ctx_t *ctx,
    crm_request_t *request);
static ngx_int_t ngx_http_crm_resolve_end(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_resolve_names(ngx_http_crm_ctx_t *ctx);


/* Also of a module whose records may wait for something: they are found, and
 * judged as in an update. */
ngx_uint_t
ngx_http_crm_resolve_concerns(const ngx_http_crm_ctx_t *ctx)
{
    return crm_module_concerns(ctx->module, CRM_OP_CREATE)
           || crm_module_concerns(ctx->module, CRM_OP_UPDATE)
           || crm_module_guards(ctx->module, CRM_RESTRICT_UPDATE)
              != CRM_REFUSE_NONE;
}


ngx_int_t
ngx_http_crm_resolve_step(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ctx->decoded.resolve == NULL) {
        return NGX_OK;
    }

    if (!ctx->keyed) {
        rc = ngx_http_crm_resolve_lease(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    rc = ngx_http_crm_resolve_look(ctx, &ctx->decoded, &ctx->route);

    return rc == NGX_OK ? ngx_http_crm_resolve_end(ctx) : rc;
}


/* Asks for the records that request names by their keys, below route, one
 * look-up after the other, and comes back here. NGX_OK: all is known. */
ngx_int_t
ngx_http_crm_resolve_look(ngx_http_crm_ctx_t *ctx, crm_request_t *request,
    const crm_route_t *route)
{
    ngx_int_t     rc;
    crm_target_t  target;

    if (ctx->subrequest) {
        if (!ctx->before_done) {
            return NGX_AGAIN;
        }

        rc = ngx_http_crm_resolve_answer(ctx, request);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    switch (crm_resolve_next(ctx->conf->dialect, &target, route, request,
                             ctx->pool))
    {
    case CRM_OK:
        return ngx_http_crm_before_ask(ctx, &target);

    case CRM_DECLINED:
        return NGX_OK;

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }
}


/* In shadow nothing is leased. */
static ngx_int_t
ngx_http_crm_resolve_lease(ngx_http_crm_ctx_t *ctx)
{
    size_t                i;
    ngx_int_t             rc;
    const crm_resolve_t  *resolve;

    resolve = ctx->decoded.resolve;

    if (!ctx->keys_named) {

        if (resolve->count
            && ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_NONE)
        {
            return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                       "which records this would change cannot be told:"
                       " crm_record_source is none; write them by their ids");
        }

        /* those of items that have an id come behind the look-up */

        ctx->names = crm_pool_calloc(ctx->pool,
                                     resolve->count + ctx->decoded.count + 1,
                                     sizeof(crm_record_name_t));
        if (ctx->names == NULL) {
            ctx->n_names = 0;
            return ngx_http_crm_decide_unavailable(ctx, "out of memory");
        }

        for (i = 0; i < resolve->count; i++) {
            ctx->names[i].module = ctx->route.module;
            ctx->names[i].id = resolve->keys[i].lease;
        }

        ctx->n_names = ctx->mode == NGX_HTTP_CRM_SHADOW ? 0 : resolve->count;
        ctx->keys_named = 1;
    }

    rc = ngx_http_crm_state_begin(ctx);

    if (rc == NGX_OK) {
        ctx->keyed = ctx->begun;
        ctx->give_up = 0;
    }

    return rc;
}


static ngx_int_t
ngx_http_crm_resolve_answer(ngx_http_crm_ctx_t *ctx, crm_request_t *request)
{
    const char  *fault;

    ctx->subrequest = NULL;

    fault = ngx_http_crm_before_taken(ctx);
    if (fault) {
        return ngx_http_crm_decide_unavailable(ctx, fault);
    }

    switch (crm_resolve_answer(ctx->conf->dialect, request,
                               (unsigned) ctx->before_status,
                               crm_buf_view(&ctx->before_body), &ctx->limits,
                               ctx->pool))
    {
    case CRM_OK:
        break;

    case CRM_ENOMEM:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");

    default:
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "crm state: look-up of records, status:%ui bytes:%uz",
                      ctx->before_status, ctx->before_body.len);

        return ngx_http_crm_decide_unavailable(ctx,
                   "the records that this would change could not be looked"
                   " up");
    }

    if (ctx->keyed
        && ngx_current_msec - ctx->leased > ctx->conf->backend_max_time)
    {
        return ngx_http_crm_decide_unavailable(ctx,
                   "the records that this would change took too long to look"
                   " up");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_resolve_end(ngx_http_crm_ctx_t *ctx)
{
    switch (crm_resolve_end(&ctx->decoded, ctx->pool, &ctx->refusal)) {

    case CRM_OK:
        return ngx_http_crm_resolve_names(ctx);

    case CRM_EINVAL:
        return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }
}


/* Records in front, in the order of items; keys behind them. */
static ngx_int_t
ngx_http_crm_resolve_names(ngx_http_crm_ctx_t *ctx)
{
    size_t                i, n;
    const crm_item_t     *item;
    const crm_resolve_t  *resolve;

    resolve = ctx->decoded.resolve;
    n = 0;

    for (i = 0; i < ctx->decoded.count; i++) {
        item = &ctx->decoded.items[i];

        if (item->record_id.len) {
            ctx->names[n].module = item->module;
            ctx->names[n++].id = item->record_id;
        }
    }

    ctx->n_stored = n;

    for (i = 0; ctx->keyed && i < resolve->count; i++) {
        ctx->names[n].module = ctx->route.module;
        ctx->names[n++].id = resolve->keys[i].lease;
    }

    ctx->n_names = n;
    ctx->keys_named = 0;

    return NGX_OK;
}


/* Behind the before-images: are these the records that were found? */
ngx_int_t
ngx_http_crm_resolve_check(ngx_http_crm_ctx_t *ctx)
{
    size_t     i;
    ngx_int_t  rc;

    rc = NGX_OK;

    for (i = 0; rc == NGX_OK && i < ctx->decoded.count; i++) {
        if (crm_resolve_key(&ctx->decoded, i)) {
            rc = ngx_http_crm_resolve_still(ctx, &ctx->decoded, i);
        }
    }

    return rc;
}


/* Of the i-th record: is it there, with what request found it by? */
ngx_int_t
ngx_http_crm_resolve_still(ngx_http_crm_ctx_t *ctx,
    const crm_request_t *request, size_t i)
{
    int  still;

    still = ctx->items[i].found;

    if (still
        && crm_resolve_still(request, i, &ctx->items[i].before, ctx->pool,
                             &still) != CRM_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (still) {
        return NGX_OK;
    }

    ctx->refusal.record_id = ctx->decoded.items[i].record_id;

    return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
               "a record that this request found has been changed meanwhile;"
               " try again");
}


/*
 * Behind the rules: a key that one of them sets in a record to be created is
 * none that the backend has been asked for, and could be another record's.
 */
ngx_int_t
ngx_http_crm_resolve_judged(ngx_http_crm_ctx_t *ctx)
{
    size_t                i, k;
    const crm_change_t   *change;
    const crm_resolve_t  *resolve;

    resolve = ctx->decoded.resolve;

    for (i = 0; i < ctx->decoded.count; i++) {

        if (ctx->decoded.items[i].record_id.len
            || ctx->decoded.items[i].refusal)
        {
            continue;
        }

        for (k = 0; k < resolve->fields_count; k++) {
            change = crm_changes_find(&ctx->items[i].event.transform.changes,
                                      resolve->fields[k]);

            if (change && !change->same) {
                return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                           "a rule sets a field by which this request looks"
                           " for records; create it with POST, change it by"
                           " its id");
            }
        }
    }

    return NGX_OK;
}
