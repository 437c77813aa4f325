/*
 * Step 2 (decode), of a write that names its records by a filter: they are
 * looked up, and it goes on as a write of their ids; see crm_dialect_set.h.
 */

#include "ngx_http_crm_module.h"

#include "record/crm_dialect_set.h"


static ngx_int_t ngx_http_crm_set_ask(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_set_answer(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_set_reword(ngx_http_crm_ctx_t *ctx,
    const crm_dialect_set_t *set);


ngx_int_t
ngx_http_crm_set_step(ngx_http_crm_ctx_t *ctx)
{
    if (ctx->subrequest == NULL) {
        return ngx_http_crm_set_ask(ctx);
    }

    return ctx->before_done ? ngx_http_crm_set_answer(ctx) : NGX_AGAIN;
}


/* In shadow nothing is changed: such a write passes, unjudged. */
static ngx_int_t
ngx_http_crm_set_ask(ngx_http_crm_ctx_t *ctx)
{
    crm_target_t  target;

    if (crm_ruleset_module(ctx->rules, ctx->decoded.set) == NULL) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_SHADOWED);
    }

    if (ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_NONE
        || !ngx_http_crm_target_fixed(ctx->request))
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                   "which records this would change cannot be told here; write"
                   " them by their ids");
    }

    return crm_dialect_set_ask(ctx->conf->dialect, &target, &ctx->route,
                               &ctx->decoded, ctx->pool) == CRM_OK
           ? ngx_http_crm_before_ask(ctx, &target)
           : ngx_http_crm_decide_unavailable(ctx, "out of memory");
}


static ngx_int_t
ngx_http_crm_set_answer(ngx_http_crm_ctx_t *ctx)
{
    const char         *fault;
    crm_dialect_set_t   set;

    ctx->subrequest = NULL;
    ctx->before_done = 0;
    ctx->before_version = CRM_STR_NULL;

    fault = ngx_http_crm_before_taken(ctx);
    if (fault) {
        return ngx_http_crm_decide_unavailable(ctx, fault);
    }

    switch (crm_dialect_set_answer(ctx->conf->dialect, &set, &ctx->route,
                                   &ctx->decoded,
                                   (unsigned) ctx->before_status,
                                   crm_buf_view(&ctx->before_body),
                                   &ctx->limits, ctx->conf->max_records,
                                   ctx->pool, &ctx->refusal))
    {
    case CRM_OK:
        return ngx_http_crm_set_reword(ctx, &set);

    case CRM_DECLINED:
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                   "there is no record that this would change");

    case CRM_EINVAL:
        return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }
}


/* From here on it is what the client could have sent as well. */
static ngx_int_t
ngx_http_crm_set_reword(ngx_http_crm_ctx_t *ctx, const crm_dialect_set_t *set)
{
    ngx_int_t    rc;
    crm_route_t  route;

    if (set->query.data
        && ngx_http_crm_target_query(ctx, set->query) != NGX_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (set->body.data) {
        ctx->body = set->body;
        ctx->reworded = 1;
    }

    ngx_memzero(&route, sizeof(crm_route_t));

    rc = ngx_http_crm_decode_route(ctx, &route, &ctx->refusal);

    if (rc == NGX_OK && crm_str_eq(route.module, ctx->route.module)) {
        ctx->route = route;
        rc = ngx_http_crm_decode_read(ctx);

        if (rc != NGX_OK || ctx->decoded.set.len == 0) {
            return rc;
        }
    }

    ctx->decoded.count = 0;

    return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
               "which records this would change cannot be told; write them by"
               " their ids");
}
