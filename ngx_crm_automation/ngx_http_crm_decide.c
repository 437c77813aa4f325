/*
 * Step 4 (decide): runs the core's guards, refuses, or lets pass. Whether a
 * failure of ours opens or closes lives here.
 */

#include "ngx_http_crm_module.h"


/* A client that comes back after this finds Redis again, or us closed. */
#define NGX_HTTP_CRM_RETRY_AFTER_S  1


static crm_status_t ngx_http_crm_decide_judge(ngx_http_crm_ctx_t *ctx,
    size_t i);
static ngx_uint_t ngx_http_crm_decide_gated(const ngx_http_crm_ctx_t *ctx);
static ngx_http_crm_decision_e ngx_http_crm_decide_kind(
    crm_refusal_kind_t kind);


ngx_int_t
ngx_http_crm_decide_step(ngx_http_crm_ctx_t *ctx)
{
    size_t        i;
    long long     since;
    ngx_int_t     answered;
    crm_status_t  rc;

    if (ctx->call) {
        answered = ngx_http_crm_call_step(ctx);
        if (answered != NGX_OK) {
            return answered;
        }
    }

    if (ctx->resolves) {
        answered = ngx_http_crm_resolve_check(ctx);
        if (answered != NGX_OK) {
            return answered;
        }
    }

    if (ctx->named) {
        answered = ngx_http_crm_external_check(ctx);
        if (answered != NGX_OK) {
            return answered;
        }
    }

    since = ngx_http_crm_monotonic_us();
    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < ctx->decoded.count; i++) {
        rc = ngx_http_crm_decide_judge(ctx, i);
    }

    ctx->eval_us = ngx_http_crm_monotonic_us() - since;

    if (rc != CRM_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW) {
        for (i = 0; i < ctx->decoded.count; i++) {
            ngx_http_crm_told_shadow(ctx, &ctx->items[i].event);
        }

        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_SHADOWED);
    }

    ngx_http_crm_told_refused(ctx);

    answered = ngx_http_crm_bulk_verdict(ctx);

    if (answered == NGX_OK && ctx->resolves) {
        answered = ngx_http_crm_resolve_judged(ctx);
    }

    if (answered == NGX_OK && ctx->decoded.shared) {
        answered = ngx_http_crm_shared_judged(ctx);
    }

    return answered == NGX_OK && ctx->request->headers_in.if_unmodified_since
           ? ngx_http_crm_modified_check(ctx) : answered;
}


static crm_status_t
ngx_http_crm_decide_judge(ngx_http_crm_ctx_t *ctx, size_t i)
{
    crm_status_t          rc;
    ngx_http_crm_item_t  *item;

    item = &ctx->items[i];
    rc = ngx_http_crm_decide_fill(ctx, i);

    if (rc == CRM_OK) {
        rc = crm_event_judge(&item->event, &item->write);
    }

    if (rc == CRM_OK && ctx->call) {
        rc = crm_effects_join(&item->event.effects, &ctx->called.effects,
                              ctx->pool);
    }

    return rc;
}


/* What the steps of the core look at, of the i-th record. */
crm_status_t
ngx_http_crm_decide_fill(ngx_http_crm_ctx_t *ctx, size_t i)
{
    crm_write_t          *w;
    crm_record_t         *record;
    crm_status_t          rc;
    const crm_item_t     *sent;
    const crm_route_t    *route;
    const crm_options_t  *options;
    ngx_http_crm_item_t  *item;

    item = &ctx->items[i];
    sent = &ctx->decoded.items[i];
    route = sent->inner ? &sent->inner->route : &ctx->route;
    options = sent->inner ? &sent->inner->options : &ctx->decoded.options;

    w = &item->write;

    ngx_memzero(w, sizeof(crm_write_t));

    w->rules = ctx->rules;
    w->module = ngx_http_crm_composite_module(ctx, sent);
    w->operation = sent->operation;
    w->action = route->action;
    w->does = route->does;
    w->org = ngx_http_crm_str(&ctx->org->name);
    w->event = ctx->event_id;
    w->record_id = sent->record_id;
    w->actor = ctx->actor;
    w->now_ms = ngx_http_crm_now_ms();
    w->workflow = route->workflow && (options->run & CRM_RUN_WORKFLOW)
                  && !options->no_workflow;
    w->run = options->run;
    w->trigger = options->trigger;
    w->chain = ctx->grant ? &ctx->grant->chain : NULL;
    w->import = ctx->import;
    w->apply = options->apply;
    w->skip = options->skip_create;
    w->absent_is_null = crm_dialect_absent_is_null(ctx->conf->dialect);
    w->dialect = ctx->conf->dialect;
    w->sent = sent->record;
    w->before = item->found ? &item->before : NULL;
    w->state = &item->state;
    w->call = ctx->call;
    w->shared = ctx->decoded.shared != 0;
    w->assigned = item->assigned;

    if (options->lar_id.type != CRM_JSON_NONE) {
        w->lar_id = options->lar_id.type == CRM_JSON_STRING
                    ? crm_span_text(options->lar_id, ctx->pool)
                    : crm_span_raw(options->lar_id);

        if (w->lar_id.data == NULL) {
            return CRM_ENOMEM;
        }
    }

    rc = crm_dialect_complete(ctx->conf->dialect, route, sent, w->before,
                              &record, ctx->pool);

    if (rc == CRM_OK) {
        w->request = record;
        rc = crm_write_init(w, ctx->pool);
    }

    return rc;
}


/* None of our business from here on: nginx and the backend go on. */
ngx_int_t
ngx_http_crm_decide_pass(ngx_http_crm_ctx_t *ctx,
    ngx_http_crm_decision_e decision)
{
    if (ctx->api && !ctx->api->vendor) {

        /* it is nothing that the backend knows */

        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_UNCONFIGURED,
                   "the organisation has no rules that say so");
    }

    ctx->step = NGX_HTTP_CRM_STEP_ENDED;
    ctx->decision = decision;

    ngx_http_crm_transform_once(ctx->request);
    ngx_http_crm_zone_count(ngx_http_crm_main_conf(ctx->request), decision);

    return NGX_DECLINED;
}


/*
 * Refuses the request; reason, if given, replaces what the core said. Returns
 * what a phase handler returns.
 */
ngx_int_t
ngx_http_crm_decide_refuse(ngx_http_crm_ctx_t *ctx, crm_refusal_kind_t kind,
    const char *reason)
{
    if (ctx->decorates) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW && ctx->api == NULL) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_SHADOWED);
    }

    ctx->refusal.kind = kind;
    ctx->refusal.problem = ctx->api != NULL && !ctx->api->vendor;

    if (ctx->inners == NULL) {
        ctx->refusal.operation = ctx->route.operation;
        ctx->refusal.action = ctx->route.action;
        ctx->refusal.module = ctx->route.module;
    }

    if (ctx->refusal.record_id.len == 0) {
        ctx->refusal.record_id = ctx->route.record_id;
    }

    if (reason) {
        ctx->refusal.reason = crm_strz(reason);
        ctx->refusal.where = CRM_STR_NULL;
        ctx->refusal.field = CRM_STR_NULL;
        ctx->refusal.offset = CRM_NO_OFFSET;
    }

    if (ctx->event_id.data == NULL) {
        ctx->event_id = ngx_http_crm_event_id(ctx->pool);
    }

    ctx->refusal.event = ctx->event_id;
    ctx->decision = ngx_http_crm_decide_kind(kind);

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "crm decide: refused, code:%s rule:\"%*s\""
                  " record:\"%*s/%*s\" event:%*s",
                  crm_dialect_code(ctx->conf->dialect, &ctx->refusal),
                  ctx->refusal.rule.len, ctx->refusal.rule.data,
                  ctx->refusal.module.len, ctx->refusal.module.data,
                  ctx->refusal.record_id.len, ctx->refusal.record_id.data,
                  ctx->event_id.len, ctx->event_id.data);

    if (ctx->begun && !ctx->settled) {
        ngx_http_crm_enqueue_abort(ctx);
    }

    return ngx_http_crm_answer(ctx);
}


/*
 * State is unknown. A write that a gate reads fails closed; one that rules
 * alone could touch too, unless crm_on_error says that it may pass, and then
 * it is counted as unprotected.
 */
ngx_int_t
ngx_http_crm_decide_unavailable(ngx_http_crm_ctx_t *ctx, const char *reason)
{
    ngx_uint_t  gated, open;

    gated = ngx_http_crm_decide_gated(ctx);
    open = gated ? ctx->conf->lock_open : ctx->conf->rules_open;

    if (ctx->chained || ctx->call || ctx->api) {

        /* what nobody follows would be written again; the worker can wait */

        open = 0;
    }

    if (ctx->reworded || ctx->named || (ctx->n_parts && ctx->route.resolve)
        || ctx->cut)
    {
        /* it is another request by now, or half of one, and could not go as it
         * came; or some of its records are known to be locked */

        open = 0;
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW && ctx->api == NULL) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_SHADOWED);
    }

    if (open) {
        ctx->unprotected = 1;

        ngx_http_crm_zone_unprotected(ngx_http_crm_main_conf(ctx->request));

        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "crm decide: unprotected, record:\"%*s/%*s\": %s",
                      ctx->route.module.len, ctx->route.module.data,
                      ctx->route.record_id.len, ctx->route.record_id.data,
                      reason);

        if (ctx->begun && !ctx->settled) {
            ngx_http_crm_enqueue_abort(ctx);
        }

        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_ERROR);
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "crm decide: closed, record:\"%*s/%*s\": %s",
                  ctx->route.module.len, ctx->route.module.data,
                  ctx->route.record_id.len, ctx->route.record_id.data,
                  reason);

    ctx->refusal.retry_after_s = NGX_HTTP_CRM_RETRY_AFTER_S;

    return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_UNAVAILABLE, reason);
}


/* Whether a guard could have refused the write. */
static ngx_uint_t
ngx_http_crm_decide_gated(const ngx_http_crm_ctx_t *ctx)
{
    if (ctx->module == NULL
        || ((ctx->module->locking != NULL || ctx->module->approvals.count
             || ctx->module->blueprints.count)
            && (ctx->n_names > 0 || ctx->route.resolve)))
    {
        return 1;
    }

    return ctx->route.operation != CRM_OP_DELETE
           && ctx->route.operation != CRM_OP_ACTION
           && crm_module_validates(ctx->module, ctx->decoded.options.apply);
}


static ngx_http_crm_decision_e
ngx_http_crm_decide_kind(crm_refusal_kind_t kind)
{
    switch (kind) {

    case CRM_REFUSE_LOCKED:
        return NGX_HTTP_CRM_REFUSED_LOCK;

    case CRM_REFUSE_APPROVAL:
        return NGX_HTTP_CRM_REFUSED_APPROVAL;

    case CRM_REFUSE_BLUEPRINT:
        return NGX_HTTP_CRM_REFUSED_BLUEPRINT;

    case CRM_REFUSE_VALIDATION:
        return NGX_HTTP_CRM_REFUSED_VALIDATION;

    case CRM_REFUSE_UNAVAILABLE:
        return NGX_HTTP_CRM_ERROR;

    default:
        return NGX_HTTP_CRM_REFUSED_REQUEST;
    }
}
