/*
 * Calls: what somebody asks of a record's lock, approval, blueprint or score,
 * or does to it, on its way through the steps of a write.
 *
 *     asks:            state read ▶ GET record ▶ judge ▶ answer
 *     lock, unlock:    the same ▶ script lock, until it is confirmed ▶ answer
 *     decides:         begin (lease) ▶ GET record ▶ judge ▶ commit ▶ answer
 *     transition:      the same ▶ goes on as an update: ..._call_update.c
 *     counts a score:  as who decides, or, where fields take it, a transition
 *
 * A lock must stand at once, whoever holds the lease of the record: its script
 * asks for none.
 */

#include "ngx_http_crm_module.h"

#include "state/crm_lock_cmd.h"
#include "transform/crm_call_approvals.h"


/* Between two looks at a lock that is not confirmed yet. */
#define NGX_HTTP_CRM_CALL_LOOK_MIN_MS  5
#define NGX_HTTP_CRM_CALL_LOOK_MAX_MS  50


typedef enum {
    CALL_JUDGE = 0,
    CALL_LAY,               /* the lock, for the first time */
    CALL_CONFIRM,           /* it stands: is it confirmed? */
    CALL_WAITING,           /* for Redis */
    CALL_COMMITTING,
    CALL_FAILED,            /* ctx->failure says why */
    CALL_UNCONFIRMED,
    CALL_HELD,
    CALL_GONE,
    CALL_DONE
} ngx_http_crm_call_e;


static ngx_uint_t ngx_http_crm_call_stands(const ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_call_judge(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_call_commit(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_call_committed(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_call_lock(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_call_look(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_call_lock_handler(void *data,
    const crm_reply_t *reply);
static ngx_uint_t ngx_http_crm_call_said(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_call_answer(ngx_http_crm_ctx_t *ctx);


/*
 * Behind the rule set. NGX_OK with ctx->call: a call, on with it; without: as
 * every other request. Else it is answered, or passes.
 */
ngx_int_t
ngx_http_crm_call_rules(ngx_http_crm_ctx_t *ctx)
{
    ngx_uint_t  asks;

    asks = ctx->route.operation == CRM_OP_NONE;

    if (ctx->api == NULL
        && (ctx->mode == NGX_HTTP_CRM_SHADOW || !ctx->conf->process_api
            || !ngx_http_crm_call_stands(ctx)))
    {
        return asks ? ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS)
                    : NGX_OK;
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_UNCONFIGURED,
                   "the guarded location is in shadow mode, where nothing is"
                   " locked and nothing decided");
    }

    if (ctx->module == NULL) {
        ctx->module = crm_module_none(ctx->route.module, ctx->pool);
    }

    ctx->call = crm_pool_calloc(ctx->pool, 1, sizeof(crm_call_t));

    if (ctx->module == NULL || ctx->call == NULL) {
        ctx->call = NULL;
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->call->module = ctx->route.module;
    ctx->call->record_id = ctx->route.record_id;
    ctx->route.operation = CRM_OP_ACTION;
    ctx->route.unseen = 0;
    ctx->route.has_body = ctx->request->method
                          & (NGX_HTTP_POST|NGX_HTTP_PUT) ? 1 : 0;

    return NGX_OK;
}


/* A list stands where any module has what it lists. */
static ngx_uint_t
ngx_http_crm_call_stands(const ngx_http_crm_ctx_t *ctx)
{
    return ctx->route.module.len
           ? crm_call_stands(ctx->route.action, ctx->module)
           : crm_call_approvals_stands(ctx->rules);
}


/* Step DECODE. */
ngx_int_t
ngx_http_crm_call_decode(ngx_http_crm_ctx_t *ctx)
{
    crm_item_t      *item;
    crm_status_t     rc;
    crm_call_ask_t   ask;

    ask.method = ctx->api ? ctx->api->method
                          : ngx_http_crm_str(&ctx->request->method_name);
    ask.vendor = ctx->api == NULL;
    ask.lock_id = ctx->route.related_id;
    ask.query = ngx_http_crm_str(&ctx->request->args);
    ask.body = ctx->body;
    ask.limits = &ctx->limits;

    rc = crm_call_decode(ctx->call, ctx->route.action, &ask, ctx->pool,
                         &ctx->refusal);

    switch (rc) {

    case CRM_OK:
        break;

    case CRM_DECLINED:
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                   "this method means nothing here");

    case CRM_EINVAL:
        return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    item = crm_pool_calloc(ctx->pool, 1, sizeof(crm_item_t));
    ctx->event_id = ngx_http_crm_event_id(ctx->pool);

    if (item == NULL || ctx->event_id.data == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    item->operation = CRM_OP_ACTION;
    item->module = ctx->route.module;
    item->record_id = ctx->route.record_id;

    ctx->decoded.items = item;
    ctx->decoded.count = ctx->route.record_id.len != 0;
    ctx->decoded.text = ctx->body;
    ctx->decoded.options.run = CRM_RUN_ALL;

    ctx->peeks = crm_call_reads(ctx->call->kind)
                 || ctx->call->kind == CRM_CALL_LOCK
                 || ctx->call->kind == CRM_CALL_UNLOCK;

    ngx_http_crm_decode_actor(ctx);

    return ngx_http_crm_bulk_init(ctx) == NGX_OK
           ? NGX_OK : ngx_http_crm_decide_unavailable(ctx, "out of memory");
}


/* Step JUDGE. NGX_OK: it is an update now, to be judged as one. */
ngx_int_t
ngx_http_crm_call_step(ngx_http_crm_ctx_t *ctx)
{
    switch (ctx->call_state) {

    case CALL_JUDGE:
        return ngx_http_crm_call_judge(ctx);

    case CALL_LAY:
    case CALL_CONFIRM:
        return ngx_http_crm_call_lock(ctx);

    case CALL_COMMITTING:
        return ngx_http_crm_call_committed(ctx);

    case CALL_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    case CALL_UNCONFIRMED:
        return ngx_http_crm_call_look(ctx);

    case CALL_HELD:
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_NOT_ALLOWED,
                   "somebody else has locked the record meanwhile");

    case CALL_GONE:
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
                   "the lock was taken away before it was confirmed");

    case CALL_DONE:
        return ngx_http_crm_call_answer(ctx);

    default: /* CALL_WAITING */
        return NGX_AGAIN;
    }
}


static ngx_int_t
ngx_http_crm_call_judge(ngx_http_crm_ctx_t *ctx)
{
    long long     since;
    crm_status_t  rc;
    crm_write_t  *w;

    since = ngx_http_crm_monotonic_us();
    w = &ctx->items[0].write;

    if (ctx->call->kind == CRM_CALL_APPROVALS) {
        return ngx_http_crm_call_list(ctx);
    }

    rc = ngx_http_crm_decide_fill(ctx, 0);

    if (rc == CRM_OK && ctx->call->kind == CRM_CALL_WHY) {
        return ngx_http_crm_call_why(ctx);
    }

    if (rc == CRM_OK) {
        rc = crm_call_judge(&ctx->called, w);
    }

    ctx->eval_us = ngx_http_crm_monotonic_us() - since;

    if (rc != CRM_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->items[0].event.write = w;
    ctx->items[0].event.verdict = ctx->called.verdict;

    if (ctx->called.verdict.kind != CRM_REFUSE_NONE) {
        return ngx_http_crm_bulk_verdict(ctx);
    }

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "crm call: %s, record:\"%*s/%*s\" event:%*s",
                  crm_call_name(ctx->call->kind), ctx->route.module.len,
                  ctx->route.module.data, ctx->route.record_id.len,
                  ctx->route.record_id.data, ctx->event_id.len,
                  ctx->event_id.data);

    if (ctx->called.update.len) {
        return ngx_http_crm_call_update(ctx);
    }

    if (ctx->peeks) {
        ctx->call_state = ctx->called.manual.len ? CALL_LAY : CALL_DONE;
        return ngx_http_crm_call_step(ctx);
    }

    return ngx_http_crm_call_commit(ctx);
}


/* What is decided becomes durable before the client hears of it. */
static ngx_int_t
ngx_http_crm_call_commit(ngx_http_crm_ctx_t *ctx)
{
    crm_event_t  *event;

    event = &ctx->items[0].event;
    event->effects = ctx->called.effects;
    event->transform = ctx->called.transform;

    if (crm_event_finish(event, ctx->route.record_id) != CRM_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->outcomes[0].kind = CRM_OUTCOME_DONE;
    ctx->outcomes[0].record_id = ctx->route.record_id;

    if (ngx_http_crm_enqueue_commit(ctx, 0) != NGX_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->call_state = CALL_COMMITTING;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_crm_call_committed(ngx_http_crm_ctx_t *ctx)
{
    if (ctx->outcome) {
        if (ctx->wait.timer_set) {
            return NGX_AGAIN;
        }

        ctx->pending = 1;
    }

    if (ctx->wait.timer_set) {
        ngx_del_timer(&ctx->wait);
    }

    if (ctx->lapsed) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
                   "the lease of the record was lost before this was stored;"
                   " nothing was done");
    }

    return ngx_http_crm_call_answer(ctx);
}


/* Lays the lock or takes it away. */
static ngx_int_t
ngx_http_crm_call_lock(ngx_http_crm_ctx_t *ctx)
{
    crm_cmd_t       *cmd;
    crm_lock_cmd_t   in;

    ngx_memzero(&in, sizeof(crm_lock_cmd_t));

    in.org = ngx_http_crm_str(&ctx->org->name);
    in.epoch = ngx_http_crm_str(&ctx->org->epoch);
    in.record = ctx->names[0];

    if (ctx->call->kind == CRM_CALL_UNLOCK) {
        in.id = ctx->called.manual;
        cmd = crm_lock_cmd_release(ctx->pool, &in);

    } else {
        in.doc = ctx->called.manual;
        in.how = ctx->call_state == CALL_CONFIRM ? CRM_LOCK_CONFIRM
                 : ctx->call->lock_id.len ? CRM_LOCK_PUT : CRM_LOCK_LAY;

        if (ctx->call_state == CALL_LAY
            && crm_manual_parse(&ctx->manual, in.doc, ctx->pool) != CRM_OK)
        {
            return ngx_http_crm_decide_unavailable(ctx, "out of memory");
        }

        in.id = ctx->manual.id;
        cmd = crm_lock_cmd(ctx->pool, &in);
    }

    return ngx_http_crm_call_send(ctx, cmd, ngx_http_crm_call_lock_handler);
}


/* NGX_AGAIN: handler will hear of it. */
ngx_int_t
ngx_http_crm_call_send(ngx_http_crm_ctx_t *ctx, crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler)
{
    if (cmd == NULL || ctx->process == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->call_state = CALL_WAITING;
    ctx->store_since = ngx_current_msec;
    ctx->command = ngx_http_crm_redis_command(ctx->process->redis, cmd,
                                              handler, ctx);

    return ctx->command ? NGX_AGAIN
           : ngx_http_crm_decide_unavailable(ctx, "out of memory");
}


/* A write that began before the lock is under way. */
static ngx_int_t
ngx_http_crm_call_look(ngx_http_crm_ctx_t *ctx)
{
    ngx_msec_int_t  left;

    if (ctx->give_up == 0) {
        ctx->give_up = ngx_current_msec + ctx->conf->lock_wait;
        ctx->pause = NGX_HTTP_CRM_CALL_LOOK_MIN_MS;
    }

    left = (ngx_msec_int_t) (ctx->give_up - ngx_current_msec);

    if (left <= 0) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
                   "the record is locked from now on, but a write that began"
                   " before is under way still; repeat the call to learn when"
                   " it has ended");
    }

    ctx->call_state = CALL_CONFIRM;
    ngx_http_crm_request_wait(ctx, ngx_min(ctx->pause, (ngx_msec_t) left));
    ctx->pause = ngx_min(ctx->pause * 2, NGX_HTTP_CRM_CALL_LOOK_MAX_MS);

    return NGX_AGAIN;
}


static void
ngx_http_crm_call_lock_handler(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;
    ctx->failure = "Redis did not answer";
    ctx->call_state = reply ? ngx_http_crm_call_said(ctx, reply)
                            : CALL_FAILED;

    ngx_http_crm_request_resume(ctx);
}


static ngx_uint_t
ngx_http_crm_call_said(ngx_http_crm_ctx_t *ctx, const crm_reply_t *reply)
{
    crm_error_t      err;
    crm_lock_said_t  said;

    if (crm_lock_cmd_said(&said, reply, &err) != CRM_OK) {
        ctx->failure = "Redis gave an answer that is none";
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "crm call: lock: %s", err.text);
        return CALL_FAILED;
    }

    switch (said) {

    case CRM_LOCK_OK:
        return CALL_DONE;

    case CRM_LOCK_WAIT:
        return CALL_UNCONFIRMED;

    case CRM_LOCK_HELD:
        return CALL_HELD;

    case CRM_LOCK_GONE:
        return CALL_GONE;

    default: /* CRM_LOCK_EPOCH */
        ctx->failure = "Redis is not the one that held our state";
        ngx_http_crm_rules_poll(ctx->org);
        return CALL_FAILED;
    }
}


/* What a call that only asks has heard of Redis, or not: ctx->failure. */
void
ngx_http_crm_call_heard(ngx_http_crm_ctx_t *ctx)
{
    ctx->call_state = ctx->failure ? CALL_FAILED : CALL_DONE;

    ngx_http_crm_request_resume(ctx);
}


static ngx_int_t
ngx_http_crm_call_answer(ngx_http_crm_ctx_t *ctx)
{
    ctx->answered = 1;
    ctx->decision = NGX_HTTP_CRM_ALLOWED;

    return ngx_http_crm_answer(ctx);
}
