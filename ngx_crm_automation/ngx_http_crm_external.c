/*
 * Step 2 (decode), of a write that names its records, or others in a lookup
 * field, by a field of theirs (X-EXTERNAL: Leads.Ext): they are looked up, part
 * by part of the header, and it goes on as a write of ids, so that what is
 * judged is what is written; see crm_external.h.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_external_begin(ngx_http_crm_ctx_t *ctx);
static const char *ngx_http_crm_external_fits(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_external_seeks(ngx_http_crm_ctx_t *ctx,
    const crm_external_part_t *part);
static ngx_int_t ngx_http_crm_external_part(ngx_http_crm_ctx_t *ctx,
    const crm_external_part_t *part);
static ngx_int_t ngx_http_crm_external_reword(ngx_http_crm_ctx_t *ctx,
    const crm_external_part_t *part);
static ngx_int_t ngx_http_crm_external_end(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_external_refused(ngx_http_crm_ctx_t *ctx,
    crm_status_t rc);


ngx_int_t
ngx_http_crm_external_step(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (!ctx->external) {
        return NGX_OK;
    }

    if (ctx->parts == NULL) {
        rc = ngx_http_crm_external_begin(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    for ( /* void */ ; ctx->part < ctx->n_parts; ctx->part++) {
        if (ngx_http_crm_external_seeks(ctx, &ctx->parts[ctx->part])) {
            rc = ngx_http_crm_external_part(ctx, &ctx->parts[ctx->part]);
            if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    return ngx_http_crm_external_end(ctx);
}


/* In shadow nothing is changed: such a write passes, unjudged. */
static ngx_int_t
ngx_http_crm_external_begin(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t    header, target;
    ngx_int_t    rc;
    const char  *fault;

    if (ctx->mode == NGX_HTTP_CRM_SHADOW) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_SHADOWED);
    }

    ctx->parts = crm_pool_calloc(ctx->pool, CRM_EXTERNAL_MAX_PARTS,
                                 sizeof(crm_external_part_t));
    if (ctx->parts == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    header = CRM_STR("");
    (void) ngx_http_crm_decode_find(&ctx->request->headers_in.headers,
                                    CRM_STR("x-external"), &header);

    target = ngx_http_crm_str(&ctx->request->unparsed_uri);
    target = crm_str(target.data + ctx->conf->prefix.len,
                     target.len - ctx->conf->prefix.len);

    rc = ngx_http_crm_external_refused(ctx,
             crm_external_parts(ctx->conf->dialect, ctx->parts,
                                &ctx->n_parts, &ctx->route, target, header,
                                ctx->pool, &ctx->refusal));
    if (rc != NGX_OK) {
        return rc;
    }

    fault = ngx_http_crm_external_fits(ctx);

    return fault ? ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TARGET, fault)
                 : ngx_http_crm_decode_type(ctx);
}


/* NULL, or why not: what is written stands in the body, or is one record in
 * the path, or a list of them in the query. */
static const char *
ngx_http_crm_external_fits(ngx_http_crm_ctx_t *ctx)
{
    size_t              i;
    ngx_uint_t          writes;
    const crm_route_t  *route;

    route = &ctx->route;
    writes = route->resolve || route->operation == CRM_OP_CREATE
             || route->operation == CRM_OP_UPDATE;

    if (ctx->call || ctx->api || ctx->chained || route->related.len
        || route->related_id.len
        || ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_NONE)
    {
        return "X-EXTERNAL cannot be judged here; name records by their ids";
    }

    for (i = 0; i < ctx->n_parts; i++) {

        if (ctx->parts[i].depth) {
            if (!writes) {
                return "a lookup field that X-EXTERNAL names is judged on"
                       " creates, updates and upserts alone";
            }
            continue;
        }

        if (writes && route->targets == CRM_TARGETS_LIST) {
            continue;                       /* in the body */
        }

        if (!ngx_http_crm_target_fixed(ctx->request)
            || !ctx->request->valid_unparsed_uri
            || (route->operation == CRM_OP_ACTION
                && route->targets != CRM_TARGETS_PATH))
        {
            return "X-EXTERNAL cannot be judged here; name records by their"
                   " ids";
        }
    }

    return NULL;
}


/* What is created has nobody yet; of an upsert, which looks by itself, the
 * field is one more that it looks by. */
static ngx_uint_t
ngx_http_crm_external_seeks(ngx_http_crm_ctx_t *ctx,
    const crm_external_part_t *part)
{
    return part->depth
           || (!ctx->route.resolve
               && ctx->route.operation != CRM_OP_CREATE);
}


static ngx_int_t
ngx_http_crm_external_part(ngx_http_crm_ctx_t *ctx,
    const crm_external_part_t *part)
{
    ngx_int_t    rc;
    crm_route_t  route;

    if (ctx->sought == NULL) {
        ctx->sought = crm_pool_alloc(ctx->pool, sizeof(crm_external_t));
        if (ctx->sought == NULL) {
            return ngx_http_crm_decide_unavailable(ctx, "out of memory");
        }

        rc = ngx_http_crm_external_refused(ctx,
                 crm_external_read(ctx->conf->dialect, ctx->sought, part,
                                   &ctx->route, ctx->body, &ctx->limits,
                                   ctx->conf->max_records, ctx->pool,
                                   &ctx->refusal));
        if (rc != NGX_OK) {
            return rc;
        }
    }

    crm_external_route(&route, part);

    rc = ngx_http_crm_resolve_look(ctx, &ctx->sought->request, &route);

    if (rc == NGX_OK) {
        rc = ngx_http_crm_external_refused(ctx,
                 crm_external_end(ctx->sought, part, &ctx->route, ctx->pool,
                                  &ctx->refusal));
    }

    return rc == NGX_OK ? ngx_http_crm_external_reword(ctx, part) : rc;
}


/* From here on it is what the client could have sent as well. */
static ngx_int_t
ngx_http_crm_external_reword(ngx_http_crm_ctx_t *ctx,
    const crm_external_part_t *part)
{
    ngx_uint_t           in_body;
    crm_str_t            text;
    ngx_http_request_t  *r;

    r = ctx->request;
    in_body = part->depth
              || (ctx->route.record_id.len == 0 && ctx->route.has_body);

    text = crm_external_reword(in_body ? ctx->body
                                       : ngx_http_crm_str(&r->unparsed_uri),
                               ctx->sought, ctx->pool);
    if (text.data == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (in_body) {
        ctx->body = text;
        ctx->reworded |= ctx->sought->count != 0;

    } else {
        ngx_http_crm_target_whole(r, text);
    }

    if (part->depth == 0) {
        ctx->named = ctx->sought;
    }

    ctx->sought = NULL;
    ctx->before_done = 0;
    ctx->before_version = CRM_STR_NULL;

    return NGX_OK;
}


/* All is named by ids, and nothing else may read it otherwise; a create that
 * names nobody goes as it came. */
static ngx_int_t
ngx_http_crm_external_end(ngx_http_crm_ctx_t *ctx)
{
    size_t       i;
    crm_str_t    field;
    ngx_uint_t   seeks;
    crm_route_t  route;

    static const char *const  header[] = { "x-external", "x_external", NULL };

    seeks = ctx->route.resolve;
    field = CRM_STR_NULL;

    for (i = 0; i < ctx->n_parts; i++) {
        seeks |= ngx_http_crm_external_seeks(ctx, &ctx->parts[i]);

        if (ctx->parts[i].depth == 0 && ctx->route.resolve) {
            field = ctx->parts[i].field;
        }
    }

    if (seeks
        && ngx_http_crm_transform_drop(ctx->request, header, 0) != NGX_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->external = 0;

    ngx_memzero(&route, sizeof(crm_route_t));

    if (ngx_http_crm_decode_route(ctx, &route, &ctx->refusal) != NGX_OK
        || route.operation != ctx->route.operation
        || route.targets != ctx->route.targets
        || !crm_str_eq(route.module, ctx->route.module))
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TARGET,
                   "name the records by their ids");
    }

    ctx->route = route;
    ctx->route.field = field;

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_external_refused(ngx_http_crm_ctx_t *ctx, crm_status_t rc)
{
    switch (rc) {

    case CRM_OK:
        return NGX_OK;

    case CRM_EINVAL:
        return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }
}


/*
 * Behind the before-images: what has another value by now was found by an
 * index that is behind.
 */
ngx_int_t
ngx_http_crm_external_check(ngx_http_crm_ctx_t *ctx)
{
    size_t     i;
    ngx_int_t  rc;

    rc = NGX_OK;

    for (i = 0; rc == NGX_OK && i < ctx->decoded.count
                && i < ctx->named->request.count; i++)
    {
        if (ctx->items[i].found) {      /* else the backend says what of it */
            rc = ngx_http_crm_resolve_still(ctx, &ctx->named->request, i, i);
        }
    }

    return rc;
}
