/*
 * Step 4 (decide): runs the core's guards, and answers everything that is not
 * forwarded. Whether a failure of ours opens or closes lives here.
 */

#include "ngx_http_crm_module.h"


/* A client that comes back after this finds Redis again, or us closed. */
#define NGX_HTTP_CRM_RETRY_AFTER_S  1


static crm_status_t ngx_http_crm_decide_judge(ngx_http_crm_ctx_t *ctx,
    size_t i);
static ngx_uint_t ngx_http_crm_decide_gated(const ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_decide_unread(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_decide_read(ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_decide_send(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_decide_trace(ngx_http_crm_ctx_t *ctx,
    const crm_event_t *event);
static ngx_int_t ngx_http_crm_decide_body(ngx_http_crm_ctx_t *ctx,
    crm_str_t *type, crm_str_t *body);
static ngx_int_t ngx_http_crm_decide_header(ngx_http_request_t *r,
    const char *name, crm_str_t value);
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

    if (ctx->decoded.resolve) {
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
            ngx_http_crm_decide_trace(ctx, &ctx->items[i].event);
        }

        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_SHADOWED);
    }

    answered = ngx_http_crm_bulk_verdict(ctx);

    if (answered == NGX_OK && ctx->decoded.resolve) {
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
    w->asked = NULL;
    w->scores = NULL;
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


/* In shadow the verdict is told, and nobody waits for that. */
static void
ngx_http_crm_decide_trace(ngx_http_crm_ctx_t *ctx, const crm_event_t *event)
{
    crm_buf_t     buf;
    crm_cmd_t    *cmd;
    crm_trace_t   trace;

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "crm decide: shadow, would be %s, rules matched: %uz",
                  event->verdict.kind == CRM_REFUSE_NONE ? "allowed"
                                                         : "refused",
                  event->transform.fired_count);

    ngx_memzero(&trace, sizeof(crm_trace_t));
    trace.shadow = 1;
    trace.duration_us = ctx->eval_us;

    crm_buf_init(&buf, ctx->pool, 0);

    if (crm_event_trace(event, &buf, &trace) != CRM_OK) {
        return;
    }

    cmd = crm_cmd_trace(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                        crm_buf_view(&buf));

    (void) ngx_http_crm_redis_command(ctx->process->redis, cmd, NULL, NULL);
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

    return ngx_http_crm_decide_answer(ctx);
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


/* Sends ctx->refusal in the dialect's own words. */
ngx_int_t
ngx_http_crm_decide_answer(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;
    ctx->step = NGX_HTTP_CRM_STEP_ENDED;

    ngx_http_crm_zone_count(ngx_http_crm_main_conf(r), ctx->decision);

    if (!ngx_http_crm_decide_unread(ctx)) {
        return ngx_http_crm_decide_send(ctx);
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_crm_decide_read);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


/*
 * An HTTP/2 stream that ends while its body is still on the way is reset, and
 * many a client then drops the answer: such a body is read first.
 */
static ngx_uint_t
ngx_http_crm_decide_unread(ngx_http_crm_ctx_t *ctx)
{
#if (NGX_HTTP_V2)
    ngx_http_request_t  *r;

    r = ctx->request;

    return r->stream && !r->stream->in_closed && r->request_body == NULL
           && ctx->refusal.kind != CRM_REFUSE_SIZE;
#else
    (void) ctx;

    return 0;
#endif
}


static void
ngx_http_crm_decide_read(ngx_http_request_t *r)
{
    ngx_int_t            rc;
    ngx_http_crm_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_crm_automation_module);
    rc = ngx_http_crm_decide_send(ctx);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_crm_decide_send(ngx_http_crm_ctx_t *ctx)
{
    char                 after[NGX_INT_T_LEN + 1];
    size_t               i;
    crm_str_t            type, name, value, view, retry;
    ngx_int_t            rc;
    ngx_buf_t           *b;
    crm_status_t         told;
    ngx_chain_t          out;
    ngx_http_request_t  *r;

    r = ctx->request;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_crm_decide_body(ctx, &type, &view) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_type = ngx_http_crm_ngx_str(type);
    r->headers_out.content_type_len = type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.content_length_n = (off_t) view.len;

    for (i = 0; (told = crm_dialect_refuse_header(ctx->conf->dialect, i,
                            &name, &value, &ctx->refusal, ctx->pool))
                == CRM_OK; i++)
    {
        if (ngx_http_crm_decide_header(r, name.data, value)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (told != CRM_DECLINED) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->refusal.retry_after_s) {
        (void) ngx_snprintf((u_char *) after, sizeof(after), "%ui%Z",
                            (ngx_uint_t) ctx->refusal.retry_after_s);

        retry = crm_pool_dup(ctx->pool, crm_strz(after));
        if (retry.data == NULL
            || ngx_http_crm_decide_header(r, "Retry-After", retry) != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (ngx_http_crm_decide_header(r, "CRM-Event", ctx->event_id) != NGX_OK
        || (ctx->refusal.rule.len
            && ngx_http_crm_decide_header(r, "CRM-Rule", ctx->refusal.rule)
               != NGX_OK))
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->pending
        && ngx_http_crm_decide_header(r, "CRM-Event-State",
                                      CRM_STR("pending")) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->chain_status == CRM_CHAIN_DONE
        && ngx_http_crm_decide_header(r, "CRM-Event-State",
                                      CRM_STR("committed")) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = (u_char *) view.data;
    b->last = b->pos + view.len;
    b->memory = view.len != 0;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    rc = ngx_http_send_header(r);

    if (rc != NGX_ERROR && rc <= NGX_OK && !r->header_only) {
        rc = ngx_http_output_filter(r, &out);
    }

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* One refusal for all of the request, or one for each of its records. */
static ngx_int_t
ngx_http_crm_decide_body(ngx_http_crm_ctx_t *ctx, crm_str_t *type,
    crm_str_t *body)
{
    unsigned   status;
    crm_buf_t  buf;

    if (ctx->answered) {
        *type = CRM_STR("application/json");
        *body = ctx->called.answer;
        status = ctx->called.status;

    } else if (ctx->all_refused) {
        status = 0;

        if (crm_dialect_merge(ctx->conf->dialect, body, type, &status,
                              &ctx->decoded, CRM_STR(""), &ctx->limits,
                              ctx->pool) != CRM_OK)
        {
            return NGX_ERROR;
        }

    } else {
        crm_buf_init(&buf, ctx->pool, 0);
        status = crm_dialect_refuse(ctx->conf->dialect, &buf, type,
                                    &ctx->refusal);
        *body = crm_buf_view(&buf);

        if (crm_buf_status(&buf) != CRM_OK) {
            return NGX_ERROR;
        }
    }

    ctx->request->headers_out.status = status;

    return NGX_OK;
}


/* A rule's name may hold any text; a header may not: what is no visible ASCII
 * becomes a percent sign and its number. */
static ngx_int_t
ngx_http_crm_decide_header(ngx_http_request_t *r, const char *name,
    crm_str_t value)
{
    u_char           *p;
    size_t            i;
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    p = ngx_pnalloc(r->pool, value.len * 3 + 1);
    if (h == NULL || p == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value.data = p;

    for (i = 0; i < value.len; i++) {
        u_char  c = (u_char) value.data[i];

        if (c < 0x20 || c > 0x7e || c == '%') {
            p = ngx_sprintf(p, "%%%02Xd", (int) c);
        } else {
            *p++ = c;
        }
    }

    h->value.len = (size_t) (p - h->value.data);

    return NGX_OK;
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
