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
 *
 * What resolves is the request, or some of the requests in it: their keys are
 * leased together, and looked up one request after the other.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_resolve_lease(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_resolve_keys(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_resolve_leases(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_resolve_answer(ngx_http_crm_ctx_t *ctx,
    crm_request_t *request);
static ngx_int_t ngx_http_crm_resolve_end(ngx_http_crm_ctx_t *ctx,
    crm_request_t *part, size_t i);
static ngx_int_t ngx_http_crm_resolve_names(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_resolve_touches(const ngx_http_crm_ctx_t *ctx,
    const crm_request_t *part, size_t i);
static size_t ngx_http_crm_resolve_parts(const ngx_http_crm_ctx_t *ctx);
static const crm_route_t *ngx_http_crm_resolve_part(ngx_http_crm_ctx_t *ctx,
    size_t i, crm_request_t *part);


/* Also of a module whose records may wait for something: they are found, and
 * judged as in an update. */
ngx_uint_t
ngx_http_crm_resolve_concerns(const crm_module_t *module)
{
    return crm_module_concerns(module, CRM_OP_CREATE)
           || crm_module_concerns(module, CRM_OP_UPDATE)
           || crm_module_guards(module, CRM_RESTRICT_UPDATE)
              != CRM_REFUSE_NONE;
}


ngx_int_t
ngx_http_crm_resolve_step(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t           rc;
    crm_request_t       part;
    const crm_route_t  *route;

    if (!ctx->resolves) {
        return NGX_OK;
    }

    if (!ctx->keyed) {
        rc = ngx_http_crm_resolve_lease(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    for ( /* void */ ;
         ctx->resolved < ngx_http_crm_resolve_parts(ctx);
         ctx->resolved++)
    {
        route = ngx_http_crm_resolve_part(ctx, ctx->resolved, &part);
        if (route == NULL) {
            continue;
        }

        rc = ngx_http_crm_resolve_look(ctx, &part, route);

        if (rc == NGX_OK) {
            rc = ngx_http_crm_resolve_end(ctx, &part, ctx->resolved);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    rc = ctx->inners ? ngx_http_crm_composite_apart(ctx) : NGX_OK;

    return rc == NGX_OK ? ngx_http_crm_resolve_names(ctx) : rc;
}


/* How many requests there may be that resolve. */
static size_t
ngx_http_crm_resolve_parts(const ngx_http_crm_ctx_t *ctx)
{
    return ctx->inners ? ctx->decoded.n_inners : 1;
}


/* The i-th of them, and its route; NULL: it does not. */
static const crm_route_t *
ngx_http_crm_resolve_part(ngx_http_crm_ctx_t *ctx, size_t i,
    crm_request_t *part)
{
    *part = ctx->decoded;

    if (ctx->inners) {
        crm_dialect_part(part, &ctx->decoded, &ctx->decoded.inners[i]);
    }

    return part->resolve == NULL ? NULL
           : ctx->inners ? &ctx->decoded.inners[i].route : &ctx->route;
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


static ngx_int_t
ngx_http_crm_resolve_lease(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (!ctx->keys_named) {
        rc = ngx_http_crm_resolve_keys(ctx);
        if (rc != NGX_OK) {
            return rc;
        }

        ctx->keys_named = 1;
    }

    rc = ngx_http_crm_state_begin(ctx);

    if (rc == NGX_OK) {
        ctx->keyed = ctx->begun;
        ctx->give_up = 0;
    }

    return rc;
}


/* In shadow nothing is leased. */
static ngx_int_t
ngx_http_crm_resolve_keys(ngx_http_crm_ctx_t *ctx)
{
    size_t         i, n;
    crm_request_t  part;

    for (i = 0, n = 0; i < ngx_http_crm_resolve_parts(ctx); i++) {
        if (ngx_http_crm_resolve_part(ctx, i, &part)) {
            n += part.resolve->count;
        }
    }

    if (n && ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_NONE) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                   "which records this would change cannot be told:"
                   " crm_record_source is none; write them by their ids");
    }

    /* those of items that have an id come behind the look-up */

    ctx->n_names = 0;
    ctx->names = crm_pool_calloc(ctx->pool, n + ctx->decoded.count + 1,
                                 sizeof(crm_record_name_t));
    if (ctx->names == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ctx->mode != NGX_HTTP_CRM_SHADOW) {
        ngx_http_crm_resolve_leases(ctx);
    }

    return NGX_OK;
}


/* The keys, behind what names hold already. */
static void
ngx_http_crm_resolve_leases(ngx_http_crm_ctx_t *ctx)
{
    size_t              i, k;
    crm_request_t       part;
    const crm_route_t  *route;

    for (i = 0; i < ngx_http_crm_resolve_parts(ctx); i++) {
        route = ngx_http_crm_resolve_part(ctx, i, &part);

        for (k = 0; route && k < part.resolve->count; k++) {
            ctx->names[ctx->n_names].module = route->module;
            ctx->names[ctx->n_names++].id = part.resolve->keys[k].lease;
        }
    }
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


/* Where one in a request is wrong, it alone is refused. */
static ngx_int_t
ngx_http_crm_resolve_end(ngx_http_crm_ctx_t *ctx, crm_request_t *part,
    size_t i)
{
    crm_refusal_t  *refusal;

    refusal = ctx->inners ? &ctx->inners[i].refusal : &ctx->refusal;

    switch (crm_resolve_end(part, ctx->pool, refusal)) {

    case CRM_OK:
        return NGX_OK;

    case CRM_EINVAL:
        break;

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ctx->inners == NULL) {
        return ngx_http_crm_decide_refuse(ctx, refusal->kind, NULL);
    }

    crm_dialect_drop(&ctx->decoded, &ctx->decoded.inners[i]);

    return ngx_http_crm_composite_refuse(ctx, i, refusal->kind, NULL);
}


/* Records in front, in the order of items; keys behind them. */
static ngx_int_t
ngx_http_crm_resolve_names(ngx_http_crm_ctx_t *ctx)
{
    size_t             i;
    const crm_item_t  *item;

    ctx->n_names = 0;

    for (i = 0; i < ctx->decoded.count; i++) {
        item = &ctx->decoded.items[i];

        if (item->record_id.len) {
            ctx->names[ctx->n_names].module = item->module;
            ctx->names[ctx->n_names++].id = item->record_id;
        }
    }

    ctx->n_stored = ctx->n_names;

    if (ctx->keyed) {
        ngx_http_crm_resolve_leases(ctx);
    }

    ctx->keys_named = 0;

    return NGX_OK;
}


/* Behind the before-images: are these the records that were found? */
ngx_int_t
ngx_http_crm_resolve_check(ngx_http_crm_ctx_t *ctx)
{
    size_t         i, k, first;
    ngx_int_t      rc;
    crm_request_t  part;

    rc = NGX_OK;

    for (i = 0; i < ngx_http_crm_resolve_parts(ctx); i++) {
        if (ngx_http_crm_resolve_part(ctx, i, &part) == NULL) {
            continue;
        }

        first = (size_t) (part.items - ctx->decoded.items);

        for (k = 0; rc == NGX_OK && k < part.count; k++) {
            if (crm_resolve_key(&part, k)) {
                rc = ngx_http_crm_resolve_still(ctx, &part, k, first + k);
            }
        }
    }

    return rc;
}


/* Of the i-th record of request, the one at that place of all: is it there,
 * with what it was found by? */
ngx_int_t
ngx_http_crm_resolve_still(ngx_http_crm_ctx_t *ctx,
    const crm_request_t *request, size_t i, size_t at)
{
    int  still;

    still = ctx->items[at].found;

    if (still
        && crm_resolve_still(request, i, &ctx->items[at].before, ctx->pool,
                             &still) != CRM_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (still) {
        return NGX_OK;
    }

    ctx->refusal.record_id = ctx->decoded.items[at].record_id;

    return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
               "a record that this request found has been changed meanwhile;"
               " try again");
}


/*
 * Behind the rules: a key that one of them sets in a record to be created, or
 * in one of another request beside it, is none that the backend has been asked
 * for, and could be another record's.
 */
ngx_int_t
ngx_http_crm_resolve_judged(ngx_http_crm_ctx_t *ctx)
{
    size_t         i, k;
    crm_request_t  part;

    for (i = 0; i < ngx_http_crm_resolve_parts(ctx); i++) {
        if (ngx_http_crm_resolve_part(ctx, i, &part) == NULL) {
            continue;
        }

        for (k = 0; k < ctx->decoded.count; k++) {
            if (ngx_http_crm_resolve_touches(ctx, &part, k)) {
                return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                           "a rule sets a field by which this request looks"
                           " for records; create it with POST, change it by"
                           " its id");
            }
        }
    }

    return NGX_OK;
}


/* Whether rules set a key of part in the k-th record. */
static ngx_uint_t
ngx_http_crm_resolve_touches(const ngx_http_crm_ctx_t *ctx,
    const crm_request_t *part, size_t k)
{
    size_t               n, first;
    const crm_item_t    *item;
    const crm_change_t  *change;

    item = &ctx->decoded.items[k];
    first = part->count ? (size_t) (part->items - ctx->decoded.items) : 0;

    if (part->count == 0 || item->refusal
        || (item->record_id.len && k >= first && k - first < part->count)
        || !crm_str_eq(item->module, part->items[0].module))
    {
        return 0;
    }

    for (n = 0; n < part->resolve->fields_count; n++) {
        change = crm_changes_find(&ctx->items[k].event.transform.changes,
                                  part->resolve->fields[n]);

        if (change && !change->same) {
            return 1;
        }
    }

    return 0;
}


/* What goes out for the i-th record names it, if it is one that was found. */
ngx_int_t
ngx_http_crm_resolve_address(ngx_http_crm_ctx_t *ctx, size_t i)
{
    crm_request_t       part;
    const crm_inner_t  *inner;

    inner = ctx->decoded.items[i].inner;
    part = ctx->decoded;

    if (inner) {
        crm_dialect_part(&part, &ctx->decoded, inner);
        i -= inner->first;
    }

    return part.resolve == NULL
           || crm_resolve_address(&part, i, ctx->pool) == CRM_OK
           ? NGX_OK : NGX_ERROR;
}
