/*
 * Step 2 (decode), of a write that names its records by a field of theirs
 * (X-EXTERNAL: Leads.Ext): they are looked up, and it goes on as a write of
 * their ids, so that what is judged is what is written; see crm_external.h.
 */

#include "ngx_http_crm_module.h"

#include "record/crm_external.h"


static ngx_int_t ngx_http_crm_external_read(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_external_fits(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_external_end(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_external_reword(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_external_route(ngx_http_crm_ctx_t *ctx);


ngx_int_t
ngx_http_crm_external_step(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t    rc;
    crm_route_t  route;

    if (!ctx->external) {
        return NGX_OK;
    }

    if (ctx->named == NULL) {
        rc = ngx_http_crm_external_read(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    crm_external_route(&route, &ctx->route);

    rc = ngx_http_crm_resolve_look(ctx, ctx->named, &route);

    return rc == NGX_OK ? ngx_http_crm_external_end(ctx) : rc;
}


/* In shadow nothing is changed: such a write passes, unjudged. */
static ngx_int_t
ngx_http_crm_external_read(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t   rc;
    crm_str_t   field;

    if (ctx->mode == NGX_HTTP_CRM_SHADOW) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_SHADOWED);
    }

    if (!ngx_http_crm_external_fits(ctx)) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TARGET,
                   "X-EXTERNAL is judged on updates, deletes and actions of"
                   " records alone; name records by their ids");
    }

    rc = ngx_http_crm_decode_type(ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    field = CRM_STR("");
    (void) ngx_http_crm_decode_find(&ctx->request->headers_in.headers,
                                    CRM_STR("x-external"), &field);

    ctx->named = crm_pool_alloc(ctx->pool, sizeof(crm_request_t));
    if (ctx->named == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    switch (crm_external_read(ctx->conf->dialect, ctx->named, &ctx->route,
                              field, ctx->body, &ctx->limits,
                              ctx->conf->max_records, ctx->pool,
                              &ctx->refusal))
    {
    case CRM_OK:
        return NGX_OK;

    case CRM_EINVAL:
        return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }
}


/* One record in the path, or a list of them. */
static ngx_uint_t
ngx_http_crm_external_fits(ngx_http_crm_ctx_t *ctx)
{
    const crm_route_t  *route;

    route = &ctx->route;

    if (ctx->call || ctx->api || ctx->chained || route->resolve
        || route->related.len || route->related_id.len
        || ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_NONE)
    {
        return 0;
    }

    if (route->operation == CRM_OP_UPDATE && route->targets == CRM_TARGETS_LIST)
    {
        return 1;               /* in the body */
    }

    return ngx_http_crm_target_fixed(ctx->request)
           && ctx->request->valid_unparsed_uri
           && (route->operation == CRM_OP_UPDATE
               || route->operation == CRM_OP_DELETE
               || (route->operation == CRM_OP_ACTION
                   && route->targets == CRM_TARGETS_PATH));
}


static ngx_int_t
ngx_http_crm_external_end(ngx_http_crm_ctx_t *ctx)
{
    switch (crm_external_end(ctx->named, &ctx->route, ctx->pool,
                             &ctx->refusal))
    {
    case CRM_OK:
        return ngx_http_crm_external_reword(ctx);

    case CRM_EINVAL:
        return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }
}


/* From here on it is what the client could have sent as well. */
static ngx_int_t
ngx_http_crm_external_reword(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t            text;
    ngx_http_request_t  *r;

    static const char *const  header[] = { "x-external", "x_external", NULL };

    r = ctx->request;

    if (ctx->route.record_id.len == 0 && ctx->route.has_body) {
        text = crm_external_reword(ctx->body, ctx->named, ctx->pool);
        ctx->body = text;
        ctx->reworded = 1;

    } else {
        text = crm_external_reword(ngx_http_crm_str(&r->unparsed_uri),
                                   ctx->named, ctx->pool);
    }

    if (text.data == NULL
        || ngx_http_crm_transform_drop(r, header, 0) != NGX_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (!ctx->reworded) {
        ngx_http_crm_target_whole(r, text);
    }

    ctx->external = 0;
    ctx->before_done = 0;
    ctx->before_version = CRM_STR_NULL;

    return ngx_http_crm_external_route(ctx);
}


static ngx_int_t
ngx_http_crm_external_route(ngx_http_crm_ctx_t *ctx)
{
    crm_route_t  route;

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

    return NGX_OK;
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
                && i < ctx->named->count; i++)
    {
        if (ctx->items[i].found) {      /* else the backend says what of it */
            rc = ngx_http_crm_resolve_still(ctx, ctx->named, i, i);
        }
    }

    return rc;
}
