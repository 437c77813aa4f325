/*
 * Requests in a request, each judged like one of its own: those that write
 * what rules concern are decoded, and their records go the way of the records
 * of any request. A refused one is cut out of what is forwarded, and its
 * answer stands at its place among those of the others.
 *
 * What could mean something else than we read, or which of two writes comes
 * first, refuses all of it.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_composite_inner(ngx_http_crm_ctx_t *ctx,
    size_t i);
static ngx_int_t ngx_http_crm_composite_concern(ngx_http_crm_ctx_t *ctx,
    size_t i);
static ngx_int_t ngx_http_crm_composite_action(ngx_http_crm_ctx_t *ctx,
    size_t i);
static ngx_int_t ngx_http_crm_composite_read(ngx_http_crm_ctx_t *ctx,
    size_t i);
static ngx_uint_t ngx_http_crm_composite_misspelt(ngx_http_crm_ctx_t *ctx,
    crm_str_t name);
static ngx_uint_t ngx_http_crm_composite_cut(ngx_http_crm_ctx_t *ctx,
    size_t i);
static ngx_uint_t ngx_http_crm_composite_asks(ngx_http_crm_ctx_t *ctx,
    size_t i, crm_str_t module);


/* Behind decode: which of them are judged, and what they hold. */
ngx_int_t
ngx_http_crm_composite_decode(ngx_http_crm_ctx_t *ctx)
{
    size_t      i, n;
    ngx_int_t   rc;
    ngx_uint_t  ours;

    n = ctx->decoded.n_inners;
    ours = 0;

    ctx->event_id = ngx_http_crm_event_id(ctx->pool);
    ctx->inners = crm_pool_calloc(ctx->pool, n + 1,
                                  sizeof(ngx_http_crm_inner_t));

    if (ctx->event_id.data == NULL || ctx->inners == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for (rc = NGX_OK, i = 0; rc == NGX_OK && i < n; i++) {
        rc = ngx_http_crm_composite_inner(ctx, i);

        ours |= ctx->decoded.inners[i].judged
                || ctx->decoded.inners[i].refusal;
    }

    if (rc == NGX_OK) {
        rc = ours ? ngx_http_crm_composite_apart(ctx)
                  : ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    if (rc == NGX_OK) {
        ctx->route.operation = CRM_OP_NONE;

    } else {
        ctx->decoded.count = 0;     /* no records that anybody follows */
    }

    return rc;
}


/* Which of two that write one record would the backend do first? Behind decode
 * as far as they name their records, behind look-ups again. */
ngx_int_t
ngx_http_crm_composite_apart(ngx_http_crm_ctx_t *ctx)
{
    crm_status_t  rc;

    rc = crm_dialect_twice(&ctx->decoded, ctx->pool);

    if (rc == CRM_OK) {
        rc = crm_resolve_apart(&ctx->decoded, ctx->pool);
    }

    switch (rc) {

    case CRM_OK:
        return NGX_OK;

    case CRM_EINVAL:
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                   "two requests in this one write the same record; send the"
                   " second one by itself");

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }
}


/* NGX_OK: it passes, or is judged, or refused alone. */
static ngx_int_t
ngx_http_crm_composite_inner(ngx_http_crm_ctx_t *ctx, size_t i)
{
    ngx_int_t           rc;
    const crm_inner_t  *inner;
    const crm_route_t  *route;

    inner = &ctx->decoded.inners[i];
    route = &inner->route;

    if (route->operation == CRM_OP_NONE && !route->resolve) {
        return NGX_OK;
    }

    ctx->inners[i].module = crm_ruleset_module(ctx->rules, route->module);

    if (ctx->inners[i].module == NULL
        && ngx_http_crm_composite_misspelt(ctx, route->module))
    {
        return ngx_http_crm_composite_refuse(ctx, i, CRM_REFUSE_TARGET,
                   "the module's name has letters in the other case");
    }

    rc = route->operation == CRM_OP_ACTION
         ? ngx_http_crm_composite_action(ctx, i)
         : ngx_http_crm_composite_concern(ctx, i);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : rc;
    }

    if (inner->linked) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                   "a request in this one writes what an earlier answer is to"
                   " fill in, where rules judge what is written; send it by"
                   " itself");
    }

    return ngx_http_crm_composite_read(ctx, i);
}


/*
 * Where an upsert looks for records of the module, whatever else makes one or
 * changes one is read, too. NGX_OK: it is judged; NGX_DECLINED: it passes.
 */
static ngx_int_t
ngx_http_crm_composite_concern(ngx_http_crm_ctx_t *ctx, size_t i)
{
    size_t               k;
    const crm_route_t   *route, *other;
    const crm_module_t  *module;

    route = &ctx->decoded.inners[i].route;
    module = ctx->inners[i].module;

    if (module == NULL) {
        return NGX_DECLINED;
    }

    if (!route->resolve && crm_module_concerns(module, route->operation)) {
        return NGX_OK;
    }

    for (k = 0; k < ctx->decoded.n_inners; k++) {
        other = &ctx->decoded.inners[k].route;

        if (other->resolve && crm_str_eq(other->module, route->module)) {
            return ngx_http_crm_resolve_concerns(module) ? NGX_OK
                                                         : NGX_DECLINED;
        }
    }

    return NGX_DECLINED;
}


/* NGX_OK: it is judged; NGX_DECLINED: it passes, or is refused alone. */
static ngx_int_t
ngx_http_crm_composite_action(ngx_http_crm_ctx_t *ctx, size_t i)
{
    ngx_int_t            rc;
    const char          *reason;
    const crm_route_t   *route;
    crm_refusal_kind_t   kind;

    route = &ctx->decoded.inners[i].route;

    rc = ngx_http_crm_action_concern(ctx, route, &kind, &reason);

    if (route->call && ctx->mode != NGX_HTTP_CRM_SHADOW
        && ctx->conf->process_api
        && crm_call_stands(route->action, ctx->inners[i].module))
    {
        kind = kind == CRM_REFUSE_NONE ? CRM_REFUSE_ROUTE : kind;
        reason = "this is done here, not by the CRM; send it by itself";
        rc = NGX_ERROR;
    }

    if (rc != NGX_ERROR) {
        return rc;
    }

    rc = ngx_http_crm_composite_refuse(ctx, i, kind, reason);

    return rc == NGX_OK ? NGX_DECLINED : rc;
}


static ngx_int_t
ngx_http_crm_composite_read(ngx_http_crm_ctx_t *ctx, size_t i)
{
    crm_inner_t         *inner;
    const char          *reason;
    crm_refusal_kind_t   kind;

    inner = &ctx->decoded.inners[i];

    switch (crm_dialect_inner(ctx->conf->dialect, &ctx->decoded, inner,
                              &ctx->limits, ctx->conf->max_records, ctx->pool,
                              &ctx->inners[i].refusal))
    {
    case CRM_OK:
        break;

    case CRM_DECLINED:
        return NGX_OK;

    case CRM_EINVAL:
    case CRM_ELIMIT:
        kind = ctx->inners[i].refusal.kind;

        if (kind != CRM_REFUSE_RECORDS) {
            return ngx_http_crm_composite_refuse(ctx, i, kind, NULL);
        }

        ctx->refusal = ctx->inners[i].refusal;

        return ngx_http_crm_decide_refuse(ctx, kind, NULL);

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (inner->all) {
        kind = ngx_http_crm_action_nameless(ctx->inners[i].module,
                                            &inner->route, &reason);

        return ngx_http_crm_composite_refuse(ctx, i, kind, reason);
    }

    inner->judged = 1;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_crm_composite_misspelt(ngx_http_crm_ctx_t *ctx, crm_str_t name)
{
    size_t  i;

    for (i = 0; i < crm_ruleset_modules(ctx->rules); i++) {
        if (crm_str_caseeq(crm_ruleset_module_at(ctx->rules, i)->name,
                           name))
        {
            return 1;
        }
    }

    return 0;
}


/* One of them alone. */
ngx_int_t
ngx_http_crm_composite_refuse(ngx_http_crm_ctx_t *ctx, size_t i,
    crm_refusal_kind_t kind, const char *reason)
{
    crm_inner_t    *inner;
    crm_refusal_t  *refusal;

    inner = &ctx->decoded.inners[i];
    refusal = &ctx->inners[i].refusal;

    if (reason) {
        ngx_memzero(refusal, sizeof(crm_refusal_t));
        refusal->reason = crm_strz(reason);
        refusal->offset = CRM_NO_OFFSET;
    }

    refusal->kind = kind;
    refusal->operation = inner->route.operation;
    refusal->action = inner->route.action;
    refusal->module = inner->route.module;
    refusal->record_id = inner->route.record_id;
    refusal->event = ctx->event_id;

    inner->refusal = refusal;

    return NGX_OK;
}


/* The rules of an item: of its request's module, or of its own. */
const crm_module_t *
ngx_http_crm_composite_module(const ngx_http_crm_ctx_t *ctx,
    const crm_item_t *item)
{
    return item->inner ? ctx->inners[item->inner
                                     - ctx->decoded.inners].module
                       : ctx->module;
}


/* The guards have spoken of each record, and the records' own refusals are
 * made. */
ngx_int_t
ngx_http_crm_composite_verdict(ngx_http_crm_ctx_t *ctx)
{
    size_t                i, refused;
    const crm_refusal_t  *first;

    first = NULL;
    refused = 0;

    for (i = 0; i < ctx->decoded.n_inners; i++) {
        ctx->cut |= ngx_http_crm_composite_cut(ctx, i);

        if (ctx->decoded.inners[i].refusal) {
            ctx->cut = 1;
            refused++;
        }
    }

    for (i = 0; i < ctx->decoded.n_inners && first == NULL; i++) {
        first = ctx->decoded.inners[i].refusal;
    }

    for (i = 0; i < ctx->decoded.count && first == NULL; i++) {
        first = ctx->decoded.items[i].refusal;
    }

    ctx->decision = NGX_HTTP_CRM_ALLOWED;

    if (first == NULL) {
        return NGX_OK;
    }

    if (refused < ctx->decoded.n_inners && !ctx->decoded.whole
        && !ctx->conf->bulk_reject)
    {
        ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                      "crm decide: refused %uz of %uz requests in one, the"
                      " first: rule:\"%*s\" record:\"%*s/%*s\" event:%*s",
                      refused, ctx->decoded.n_inners, first->rule.len,
                      first->rule.data, first->module.len,
                      first->module.data, first->record_id.len,
                      first->record_id.data, ctx->event_id.len,
                      ctx->event_id.data);
        return NGX_OK;
    }

    ctx->cut = 0;
    ctx->all_refused = refused == ctx->decoded.n_inners
                       && !ctx->decoded.whole && !ctx->conf->bulk_reject;
    ctx->refusal = *first;

    return ngx_http_crm_decide_refuse(ctx, first->kind, NULL);
}


/* Are records cut out of the i-th? All of them: it is refused itself, and so
 * it is where they cannot be cut. */
static ngx_uint_t
ngx_http_crm_composite_cut(ngx_http_crm_ctx_t *ctx, size_t i)
{
    size_t                k, refused;
    crm_inner_t          *inner;
    crm_request_t         part;
    const crm_refusal_t  *first;

    inner = &ctx->decoded.inners[i];

    crm_dialect_part(&part, &ctx->decoded, inner);

    refused = 0;
    first = NULL;

    for (k = part.count; k > 0; k--) {
        if (part.items[k - 1].refusal) {
            first = part.items[k - 1].refusal;
            refused++;
        }
    }

    if (refused == 0) {
        return 0;
    }

    if (refused < part.count && crm_dialect_partial(ctx->conf->dialect)
        && crm_dialect_lies(&part, inner->place))
    {
        return 1;
    }

    inner->refusal = first;
    inner->each = refused > 1 && refused == part.count
                  && crm_dialect_partial(ctx->conf->dialect);

    for (k = 0; k < part.count; k++) {
        if (part.items[k].refusal == NULL) {
            part.items[k].refusal = first;
        }
    }

    return 1;
}


/*
 * What the next GET of before-images asks for: all stored records of one
 * module. NGX_DONE: there are no more; NGX_ERROR: no memory.
 */
ngx_int_t
ngx_http_crm_composite_group(ngx_http_crm_ctx_t *ctx)
{
    size_t                 i, n, first;
    crm_str_t              module;
    ngx_http_crm_group_t  *group;

    n = ctx->decoded.count;
    group = ctx->group;

    if (group == NULL) {
        group = crm_pool_calloc(ctx->pool, 1, sizeof(ngx_http_crm_group_t));
        if (group == NULL) {
            return NGX_ERROR;
        }

        group->asked = crm_pool_calloc(ctx->pool, n, 1);
        group->at = crm_pool_calloc(ctx->pool, n, sizeof(size_t));
        group->request.items = crm_pool_calloc(ctx->pool, n,
                                               sizeof(crm_item_t));

        if (group->asked == NULL || group->at == NULL
            || group->request.items == NULL)
        {
            return NGX_ERROR;
        }

        ctx->group = group;
    }

    for (first = 0; first < n; first++) {
        if (ngx_http_crm_composite_asks(ctx, first, CRM_STR_NULL)) {
            break;
        }
    }

    if (first == n) {
        return NGX_DONE;
    }

    module = ctx->decoded.items[first].module;
    group->request.count = 0;

    ngx_memzero(&group->route, sizeof(crm_route_t));
    group->route.module = module;
    group->route.get_path = ctx->decoded.items[first].inner->list_path;

    for (i = first; i < n; i++) {
        if (ngx_http_crm_composite_asks(ctx, i, module)) {
            group->asked[i] = 1;
            group->at[group->request.count] = i;
            group->request.items[group->request.count++] =
                                                       ctx->decoded.items[i];
        }
    }

    return NGX_OK;
}


/* A stored record (of that module) that has not been asked for. */
static ngx_uint_t
ngx_http_crm_composite_asks(ngx_http_crm_ctx_t *ctx, size_t i,
    crm_str_t module)
{
    const crm_item_t  *item;

    item = &ctx->decoded.items[i];

    return item->record_id.len && !ctx->group->asked[i]
           && (module.len == 0 || crm_str_eq(item->module, module));
}
