/*
 * The records of a request: one or many, each on its way through the steps.
 *
 * A refused one is cut out of what is forwarded: out of the body's list, or
 * out of the ids of the query; see ngx_http_crm_merge.c for the answer.
 */

#include "ngx_http_crm_module.h"


static void ngx_http_crm_bulk_refusal(ngx_http_crm_ctx_t *ctx, size_t i);
static ngx_uint_t ngx_http_crm_bulk_whole(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_bulk_changes(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t *changed);
static ngx_int_t ngx_http_crm_bulk_query(ngx_http_crm_ctx_t *ctx);


/* Room for n records. NGX_ERROR: no memory, and the room is what it was. */
ngx_int_t
ngx_http_crm_bulk_room(ngx_http_crm_ctx_t *ctx, size_t n)
{
    size_t                i;
    crm_outcome_t        *outcomes;
    crm_record_name_t    *names;
    ngx_http_crm_item_t  *items;

    items = crm_pool_alloc(ctx->pool, n * sizeof(ngx_http_crm_item_t));
    outcomes = crm_pool_calloc(ctx->pool, n, sizeof(crm_outcome_t));
    names = crm_pool_calloc(ctx->pool, n, sizeof(crm_record_name_t));

    if (items == NULL || outcomes == NULL || names == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        ngx_memzero(&items[i], offsetof(ngx_http_crm_item_t, write));
    }

    ctx->items = items;
    ctx->outcomes = outcomes;
    ctx->names = names;

    return NGX_OK;
}


/* Behind decode. NGX_ERROR: no memory. */
ngx_int_t
ngx_http_crm_bulk_init(ngx_http_crm_ctx_t *ctx)
{
    size_t  i, n;

    n = ctx->decoded.count;

    if (n > 1 && ngx_http_crm_bulk_room(ctx, n) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (ctx->decoded.items[i].record_id.len) {
            ctx->names[ctx->n_names].module = ctx->decoded.items[i].module;
            ctx->names[ctx->n_names].id = ctx->decoded.items[i].record_id;
            ctx->n_names++;
        }
    }

    ctx->n_stored = ctx->n_names;
    ctx->resolves = ctx->decoded.resolve != NULL;

    for (i = 0; i < ctx->decoded.n_inners; i++) {
        ctx->resolves |= ctx->decoded.inners[i].resolve != NULL;
    }

    return NGX_OK;
}


/* Where the target does not tell the module, its records do: one for all. */
ngx_int_t
ngx_http_crm_bulk_module(ngx_http_crm_ctx_t *ctx)
{
    size_t     i;
    ngx_int_t  rc;
    crm_str_t  module;

    if (ctx->route.module.len) {
        return NGX_OK;
    }

    module = ctx->decoded.items[0].module;

    for (i = 1; i < ctx->decoded.count; i++) {
        if (!crm_str_eq(ctx->decoded.items[i].module, module)) {
            return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                       "the records of one request must be of one module");
        }
    }

    ctx->route.module = module;
    ctx->module = crm_ruleset_module(ctx->rules, module);

    if (ctx->module) {
        return NGX_OK;
    }

    rc = ngx_http_crm_rules_misspelt(ctx);

    return rc == NGX_OK ? ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS)
                        : rc;
}


/* What Redis knows of n records, in the order of names; one of them, in shadow,
 * is the one that was asked for. */
void
ngx_http_crm_bulk_states(ngx_http_crm_ctx_t *ctx, const crm_state_t *states,
    size_t n)
{
    size_t  i, at;

    at = 0;

    for (i = 0; i < ctx->decoded.count; i++) {
        if (ctx->decoded.items[i].record_id.len == 0) {
            continue;
        }

        if (at >= ctx->peeked && at - ctx->peeked < n) {
            ctx->items[i].state = states[at - ctx->peeked];
        }

        at++;
    }
}


/*
 * The guards have spoken. Where some records are refused, the others go on
 * without them, if the dialect can tell their answers apart and crm_bulk lets
 * it.
 */
ngx_int_t
ngx_http_crm_bulk_verdict(ngx_http_crm_ctx_t *ctx)
{
    size_t  i, first, refused;

    refused = 0;
    first = 0;

    for (i = ctx->decoded.count; i > 0; i--) {
        if (ctx->items[i - 1].event.verdict.kind != CRM_REFUSE_NONE) {
            ngx_http_crm_bulk_refusal(ctx, i - 1);
            first = i - 1;
            refused++;
        }
    }

    if (ctx->inners) {
        return ngx_http_crm_composite_verdict(ctx);
    }

    if (refused == 0) {
        ctx->decision = NGX_HTTP_CRM_ALLOWED;
        return NGX_OK;
    }

    if (refused < ctx->decoded.count && !ngx_http_crm_bulk_whole(ctx)) {
        ctx->decision = NGX_HTTP_CRM_ALLOWED;
        ctx->cut = 1;

        ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                      "crm decide: refused %uz of %uz records, the first:"
                      " rule:\"%*s\" record:\"%*s/%*s\" event:%*s", refused,
                      ctx->decoded.count,
                      ctx->items[first].refusal.rule.len,
                      ctx->items[first].refusal.rule.data,
                      ctx->route.module.len, ctx->route.module.data,
                      ctx->items[first].refusal.record_id.len,
                      ctx->items[first].refusal.record_id.data,
                      ctx->event_id.len, ctx->event_id.data);

        return NGX_OK;
    }

    ctx->all_refused = refused == ctx->decoded.count && refused > 1
                       && crm_dialect_partial(ctx->conf->dialect);
    ctx->refusal = ctx->items[first].refusal;

    return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);
}


static void
ngx_http_crm_bulk_refusal(ngx_http_crm_ctx_t *ctx, size_t i)
{
    crm_refusal_t        *refusal;
    const crm_inner_t    *inner;
    ngx_http_crm_item_t  *item;

    item = &ctx->items[i];
    inner = ctx->decoded.items[i].inner;
    refusal = &item->refusal;

    ngx_memzero(refusal, sizeof(crm_refusal_t));

    refusal->kind = item->event.verdict.kind;
    refusal->operation = ctx->decoded.items[i].operation;
    refusal->action = inner ? inner->route.action : ctx->route.action;
    refusal->module = ctx->decoded.items[i].module;
    refusal->record_id = ctx->decoded.items[i].record_id;
    refusal->rule = item->event.verdict.rule;
    refusal->event = ctx->event_id;
    refusal->reason = item->event.verdict.reason;
    refusal->details = item->event.verdict.details;
    refusal->limit = item->event.verdict.limit;
    refusal->retry_after_s = refusal->kind == CRM_REFUSE_UNAVAILABLE;
    refusal->field = refusal->kind == CRM_REFUSE_VALIDATION
                     || refusal->kind == CRM_REFUSE_MANDATORY
                     || refusal->kind == CRM_REFUSE_VALUE
                     ? item->event.verdict.field : CRM_STR_NULL;
    refusal->offset = CRM_NO_OFFSET;
    refusal->index = inner ? i - inner->first : i;
    refusal->listed = (inner ? inner->route.targets : ctx->route.targets)
                      == CRM_TARGETS_LIST;

    ctx->decoded.items[i].refusal = refusal;
}


/* Whether one refused record refuses all of its request. */
static ngx_uint_t
ngx_http_crm_bulk_whole(ngx_http_crm_ctx_t *ctx)
{
    size_t  i;

    for (i = 0; i < ctx->decoded.count; i++) {
        if (ctx->decoded.items[i].place.len == 0) {
            return 1;
        }
    }

    return ctx->conf->bulk_reject || !crm_dialect_partial(ctx->conf->dialect)
           || (ctx->route.ids.len && !ngx_http_crm_target_fixed(ctx->request));
}


/* The body as it goes to the backend; the target too. NGX_ERROR: no memory. */
ngx_int_t
ngx_http_crm_bulk_forward(ngx_http_crm_ctx_t *ctx, crm_str_t *forwarded)
{
    ngx_uint_t    changed;
    crm_splice_t  splice;

    *forwarded = ctx->decoded.text;

    if (ctx->decoded.count == 1 && ctx->inners == NULL
        && ctx->decoded.resolve == NULL)
    {
        return crm_event_forward(&ctx->items[0].event, ctx->decoded.text,
                                 forwarded) == CRM_OK ? NGX_OK : NGX_ERROR;
    }

    if (ctx->decoded.shared) {
        return ngx_http_crm_shared_forward(ctx, forwarded);
    }

    if (ngx_http_crm_bulk_changes(ctx, &changed) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!changed && !ctx->cut && ctx->decoded.also_forward.data == NULL) {
        return NGX_OK;
    }

    if (ctx->route.ids.len) {
        return ngx_http_crm_bulk_query(ctx);
    }

    crm_splice_init(&splice, ctx->decoded.text, ctx->pool);

    if ((ctx->inners ? crm_dialect_cut_inners(&splice, &ctx->decoded)
                     : crm_dialect_cut(&splice, &ctx->decoded)) != CRM_OK)
    {
        return NGX_ERROR;
    }

    *forwarded = crm_splice_apply(&splice);

    return forwarded->data ? NGX_OK : NGX_ERROR;
}


/* What rules set in each record. */
static ngx_int_t
ngx_http_crm_bulk_changes(ngx_http_crm_ctx_t *ctx, ngx_uint_t *changed)
{
    size_t        i;
    crm_str_t     raw;
    crm_item_t   *sent;

    *changed = 0;

    for (i = 0; i < ctx->decoded.count; i++) {
        sent = &ctx->decoded.items[i];

        if (sent->refusal || sent->record == NULL) {
            continue;
        }

        raw = crm_record_raw(sent->record);

        if (ctx->items[i].event.transform.changes.real
            && crm_event_forward(&ctx->items[i].event, raw, &sent->forward)
               != CRM_OK)
        {
            return NGX_ERROR;
        }

        if (ctx->resolves
            && ngx_http_crm_resolve_address(ctx, i) != NGX_OK)
        {
            return NGX_ERROR;
        }

        *changed |= sent->forward.data != NULL
                    || (sent->inner && sent->inner->also_forward.data);
    }

    return NGX_OK;
}


/* The ids of the query. */
static ngx_int_t
ngx_http_crm_bulk_query(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t            target;
    crm_splice_t         splice;
    ngx_http_request_t  *r;

    r = ctx->request;

    crm_splice_init(&splice, ngx_http_crm_str(&r->unparsed_uri), ctx->pool);

    if (crm_dialect_cut(&splice, &ctx->decoded) != CRM_OK) {
        return NGX_ERROR;
    }

    target = crm_splice_apply(&splice);
    if (target.data == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_crm_target_set(r, target);
}
