/*
 * Step 3 (state): the lease on the record, what Redis knows of it, and the
 * intent that must be durable before the backend sees the write. How the
 * backend holds the record now: ngx_http_crm_before.c.
 *
 *     update, delete:  begin (lease) ▶ GET before-image ▶ judge ▶ prepare
 *     create:          judge ▶ begin, the intent in it
 *     create in turns: begin (turns) ▶ judge ▶ prepare
 *
 * Of many records all are leased or none; where some are created and some are
 * stored, the whole goes the way of those that are stored.
 */

#include "ngx_http_crm_module.h"

#include "queue/crm_intent.h"
#include "state/crm_state.h"


/* Between two looks at a lease that another write holds. */
#define NGX_HTTP_CRM_BUSY_MIN_MS  10
#define NGX_HTTP_CRM_BUSY_MAX_MS  100

/* A lease outlives the longest write by this. */
#define NGX_HTTP_CRM_LEASE_GRACE_MS  10000


static ngx_int_t ngx_http_crm_state_send(ngx_http_crm_ctx_t *ctx,
    crm_cmd_t *cmd, ngx_http_crm_reply_pt handler);
static crm_cmd_t *ngx_http_crm_state_begin_cmd(ngx_http_crm_ctx_t *ctx,
    crm_str_t doc);
static ngx_int_t ngx_http_crm_state_creates(ngx_http_crm_ctx_t *ctx,
    crm_cmd_begin_t *begin);
static ngx_int_t ngx_http_crm_state_name(crm_buf_t *buf, crm_str_t name);
static void ngx_http_crm_state_begin_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_state_prepare_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_state_peek_handler(void *data,
    const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_state_intent(ngx_http_crm_ctx_t *ctx,
    crm_str_t *doc);
static ngx_int_t ngx_http_crm_state_finish(ngx_http_crm_ctx_t *ctx,
    const crm_str_t **marks);
static ngx_int_t ngx_http_crm_state_marks(ngx_http_crm_ctx_t *ctx, size_t i,
    crm_str_t *marks);
static ngx_int_t ngx_http_crm_state_busy(ngx_http_crm_ctx_t *ctx);


/* What a step that waits for Redis is told when it is resumed. */
typedef enum {
    STATE_ASK = 0,
    STATE_WAITING,
    STATE_OK,
    STATE_BUSY,
    STATE_FAILED
} ngx_http_crm_state_e;


/* A create has no record to lease yet: see ngx_http_crm_state_prepare(). But
 * whom it is assigned to may be told by whose turn it is. */
ngx_int_t
ngx_http_crm_state_begin(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t   keys[2];
    crm_cmd_t  *cmd;

    if (ctx->n_turns == 0
        && (ctx->n_names == 0
            || (ctx->n_stored == 0 && ctx->resolves && !ctx->keys_named)))
    {
        return NGX_OK;              /* what there is of keys is leased */
    }

    if (ctx->answer_state == STATE_OK) {
        ctx->answer_state = STATE_ASK;

        if ((ctx->mode != NGX_HTTP_CRM_SHADOW && !ctx->peeks)
            || ++ctx->peeked == ctx->n_names)
        {
            return NGX_OK;
        }
    }

    switch (ctx->answer_state) {

    case STATE_ASK:
        break;

    case STATE_BUSY:
        return ngx_http_crm_state_busy(ctx);

    case STATE_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    default: /* STATE_WAITING */
        return NGX_AGAIN;
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW || ctx->peeks) {
        keys[0] = CRM_STR("HGETALL");
        keys[1] = crm_key_record(ctx->pool,
                                 ngx_http_crm_str(&ctx->org->name),
                                 ctx->names[ctx->peeked]);
        cmd = keys[1].data ? crm_cmd_plain(ctx->pool, keys, 2) : NULL;

        return ngx_http_crm_state_send(ctx, cmd,
                                       ngx_http_crm_state_peek_handler);
    }

    cmd = ngx_http_crm_state_begin_cmd(ctx, CRM_STR_NULL);

    return ngx_http_crm_state_send(ctx, cmd,
                                   ngx_http_crm_state_begin_handler);
}


/*
 * The intent is complete: with the before-image from the backend it is a
 * script of its own; on a create it is the first that Redis hears.
 */
ngx_int_t
ngx_http_crm_state_prepare(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t           doc;
    crm_cmd_t          *cmd;
    crm_cmd_prepare_t   prepare;

    switch (ctx->answer_state) {

    case STATE_ASK:
        break;

    case STATE_OK:
        return NGX_OK;

    case STATE_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    default: /* STATE_WAITING; a create has nobody to be busy with */
        return NGX_AGAIN;
    }

    if (ctx->route.operation == CRM_OP_ACTION) {
        return ngx_http_crm_action_prepare(ctx);
    }

    switch (ngx_http_crm_state_intent(ctx, &doc)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_crm_action_prepare(ctx);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ctx->n_names == 0 && ctx->n_turns == 0) {
        cmd = ngx_http_crm_state_begin_cmd(ctx, doc);
        return ngx_http_crm_state_send(ctx, cmd,
                                       ngx_http_crm_state_begin_handler);
    }

    if (ngx_http_crm_state_finish(ctx, &prepare.marks) != NGX_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    prepare.org = ngx_http_crm_str(&ctx->org->name);
    prepare.event = ctx->event_id;
    prepare.doc = doc;
    prepare.lease_ttl_ms = (long long) ctx->conf->backend_max_time
                           + NGX_HTTP_CRM_LEASE_GRACE_MS;
    prepare.max_time_ms = (long long) ctx->conf->backend_max_time;
    prepare.records = ctx->names;
    prepare.n_records = ctx->n_names;

    cmd = crm_cmd_prepare(ctx->pool, &prepare);

    return ngx_http_crm_state_send(ctx, cmd,
                                   ngx_http_crm_state_prepare_handler);
}


static ngx_int_t
ngx_http_crm_state_send(ngx_http_crm_ctx_t *ctx, crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler)
{
    if (ctx->process == NULL || cmd == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->store_since = ngx_current_msec;
    ctx->command = ngx_http_crm_redis_lend(ctx->process->redis, cmd,
                                           ctx->pool, handler, ctx);
    if (ctx->command == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (cmd->script) {
        ctx->begun = 1;
    }

    ctx->answer_state = STATE_WAITING;

    return NGX_AGAIN;
}


static crm_cmd_t *
ngx_http_crm_state_begin_cmd(ngx_http_crm_ctx_t *ctx, crm_str_t doc)
{
    crm_cmd_begin_t  begin;

    ctx->leased = ngx_current_msec;

    begin.org = ngx_http_crm_str(&ctx->org->name);
    begin.event = ctx->event_id;
    begin.epoch = ngx_http_crm_str(&ctx->org->epoch);
    begin.lease_ttl_ms = (long long) ctx->conf->backend_max_time
                         + NGX_HTTP_CRM_LEASE_GRACE_MS;
    begin.max_time_ms = (long long) ctx->conf->backend_max_time;
    begin.records = ctx->names;
    begin.n_records = ctx->n_names;
    begin.doc = doc;

    begin.turns = ctx->turns;
    begin.n_turns = ctx->n_turns;
    begin.day = CRM_STR("");

    if (ngx_http_crm_snapshot_begin(ctx, &begin.snapshot) != NGX_OK
        || ngx_http_crm_state_creates(ctx, &begin) != NGX_OK)
    {
        return NULL;
    }

    if (ctx->n_turns) {
        begin.day = ngx_http_crm_assign_day(ctx);

        if (begin.day.data == NULL) {
            return NULL;
        }
    }

    return crm_cmd_begin(ctx->pool, &begin);
}


/*
 * Where records may enter a process when they are created, Redis keeps who
 * creates some, and tells who writes others: until that is settled nobody
 * knows which records are in one.
 */
static ngx_int_t
ngx_http_crm_state_creates(ngx_http_crm_ctx_t *ctx, crm_cmd_begin_t *begin)
{
    size_t               i;
    crm_buf_t            created, watched;
    const crm_item_t    *sent;
    const crm_module_t  *module;

    begin->created = CRM_STR_NULL;
    begin->watched = CRM_STR_NULL;

    crm_buf_init(&created, ctx->pool, 0);
    crm_buf_init(&watched, ctx->pool, 0);

    for (i = 0; i < ctx->decoded.count; i++) {
        sent = &ctx->decoded.items[i];
        module = ngx_http_crm_composite_module(ctx, sent);

        if (module == NULL
            || (module->approvals.count == 0 && module->blueprints.count == 0))
        {
            continue;
        }

        if (ngx_http_crm_state_name(sent->record_id.len ? &watched : &created,
                                    module->name) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    begin->created = crm_buf_view(&created);
    begin->watched = crm_buf_view(&watched);

    return NGX_OK;
}


/* Behind the others, unless it is the last of them. */
static ngx_int_t
ngx_http_crm_state_name(crm_buf_t *buf, crm_str_t name)
{
    if (buf->len >= name.len
        && ngx_memcmp(buf->data + buf->len - name.len, name.data, name.len)
           == 0
        && (buf->len == name.len
            || buf->data[buf->len - name.len - 1] == '/'))
    {
        return NGX_OK;
    }

    if (buf->len) {
        crm_buf_putc(buf, '/');
    }

    crm_buf_str(buf, name);

    return crm_buf_status(buf) == CRM_OK ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_crm_state_begin_handler(void *data, const crm_reply_t *reply)
{
    crm_error_t          err;
    crm_begin_t          begin;
    crm_status_t         rc;
    ngx_http_crm_ctx_t  *ctx = data;

    /* what Redis never saw needs no abort, which it would not see either */

    if (reply == NULL && !ngx_http_crm_redis_was_sent(ctx->command)) {
        ctx->begun = ctx->keyed;
    }

    ctx->command = NULL;
    ctx->answer_state = STATE_FAILED;
    ctx->failure = "Redis did not answer";

    if (reply) {
        rc = crm_state_begin(&begin, reply, ctx->n_names, ctx->pool, &err);

        if (rc != CRM_OK) {
            ctx->failure = "Redis gave an answer that is none";
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "crm state: begin: %s", rc == CRM_ENOMEM
                          ? "out of memory" : err.text);

        } else if (begin.status == CRM_BEGIN_OK) {
            ctx->answer_state = STATE_OK;

            ngx_http_crm_bulk_states(ctx, begin.states, begin.n_states);

            if (ngx_http_crm_assign_taken(ctx, begin.turns, begin.n_turns)
                != NGX_OK)
            {
                ctx->answer_state = STATE_FAILED;
                ctx->failure = "Redis did not say whose turn it is";
            }

        } else if (begin.status == CRM_BEGIN_BUSY) {
            ctx->answer_state = STATE_BUSY;
            ctx->begun = ctx->keyed;

        } else if (begin.status == CRM_BEGIN_EPOCH) {
            ctx->failure = "Redis is not the one that held our state";
            ctx->begun = ctx->keyed;
            ngx_http_crm_rules_poll(ctx->org);

        } else {
            ctx->failure = "the event has ended already";
        }
    }

    ngx_http_crm_request_resume(ctx);
}


static void
ngx_http_crm_state_prepare_handler(void *data, const crm_reply_t *reply)
{
    crm_error_t            err;
    ngx_http_crm_ctx_t    *ctx = data;
    crm_prepare_status_t   status;

    ctx->command = NULL;
    ctx->answer_state = STATE_FAILED;
    ctx->failure = "Redis did not answer";

    if (reply) {
        if (crm_state_prepare(&status, reply, &err) != CRM_OK) {
            ctx->failure = "Redis gave an answer that is none";
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "crm state: prepare: %s", err.text);

        } else if (status == CRM_PREPARE_OK) {
            ctx->answer_state = STATE_OK;

        } else {
            ctx->failure = "the lease on the record was lost";
        }
    }

    ngx_http_crm_request_resume(ctx);
}


/* In shadow the record's hash is read, and nothing is leased. */
static void
ngx_http_crm_state_peek_handler(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;
    ctx->answer_state = STATE_FAILED;
    ctx->failure = "Redis did not answer";

    if (reply && ngx_http_crm_state_peeked(ctx, reply) == NGX_OK) {
        ctx->answer_state = STATE_OK;
    }

    ngx_http_crm_request_resume(ctx);
}


/* The hash of one record, as begin would tell it. */
ngx_int_t
ngx_http_crm_state_peeked(ngx_http_crm_ctx_t *ctx, const crm_reply_t *reply)
{
    crm_begin_t   begin;
    crm_error_t   err;
    crm_reply_t   whole, *elements;

    if (reply->type != CRM_REPLY_ARRAY) {
        return NGX_ERROR;
    }

    elements = crm_pool_calloc(ctx->pool, reply->count + 2,
                               sizeof(crm_reply_t));
    if (elements == NULL) {
        return NGX_ERROR;
    }

    elements[0].type = CRM_REPLY_STRING;
    elements[0].str = CRM_STR("ok");
    elements[1].type = CRM_REPLY_INTEGER;
    elements[1].integer = (long long) reply->count / 2;

    if (reply->count) {
        ngx_memcpy(&elements[2], reply->elements,
                   reply->count * sizeof(crm_reply_t));
    }

    ngx_memzero(&whole, sizeof(crm_reply_t));
    whole.type = CRM_REPLY_ARRAY;
    whole.count = reply->count + 2;
    whole.elements = elements;

    if (crm_state_begin(&begin, &whole, 1, ctx->pool, &err) != CRM_OK) {
        return NGX_ERROR;
    }

    ngx_http_crm_bulk_states(ctx, begin.states, 1);

    return NGX_OK;
}


/* Of those records that the backend will see, but those of actions.
 * NGX_DECLINED: there are none, what it sees is other requests in this one. */
static ngx_int_t
ngx_http_crm_state_intent(ngx_http_crm_ctx_t *ctx, crm_str_t *doc)
{
    size_t               i, n;
    crm_buf_t            buf;
    const crm_event_t   *one, **events;

    events = &one;

    if (ctx->decoded.count > 1) {
        events = crm_pool_calloc(ctx->pool, ctx->decoded.count,
                                 sizeof(crm_event_t *));
        if (events == NULL) {
            return NGX_ERROR;
        }
    }

    for (i = 0, n = 0; i < ctx->decoded.count; i++) {
        if (ctx->decoded.items[i].refusal == NULL
            && !ngx_http_crm_action_beside(&ctx->decoded.items[i]))
        {
            events[n++] = &ctx->items[i].event;
        }
    }

    if (n == 0) {
        return NGX_DECLINED;
    }

    crm_buf_init(&buf, ctx->pool, 0);

    if (crm_intent_encode(events, n, &buf) != CRM_OK) {
        return NGX_ERROR;
    }

    *doc = crm_buf_view(&buf);

    return NGX_OK;
}


/*
 * What an update makes of the record does not depend on its outcome, and nor
 * does a delete: the record's marks are known before the backend is asked.
 */
static ngx_int_t
ngx_http_crm_state_finish(ngx_http_crm_ctx_t *ctx, const crm_str_t **marks)
{
    size_t             i, n;
    long long          since;
    crm_str_t         *list;
    ngx_int_t          rc;
    const crm_item_t  *sent;

    list = crm_pool_calloc(ctx->pool, ctx->n_names, sizeof(crm_str_t));
    if (list == NULL) {
        return NGX_ERROR;
    }

    since = ngx_http_crm_monotonic_us();
    rc = NGX_OK;

    for (i = 0, n = 0; rc == NGX_OK && i < ctx->decoded.count; i++) {
        sent = &ctx->decoded.items[i];

        if (sent->record_id.len == 0) {
            continue;               /* to be created */
        }

        list[n] = CRM_STR_NULL;

        if (sent->refusal == NULL && !ngx_http_crm_action_beside(sent)) {
            rc = ngx_http_crm_state_marks(ctx, i, &list[n]);
        }

        n++;
    }

    ctx->eval_us += ngx_http_crm_monotonic_us() - since;
    *marks = list;

    return rc;
}


/* A snapshot holds the whole record, whatever follows from the write. */
static ngx_int_t
ngx_http_crm_state_marks(ngx_http_crm_ctx_t *ctx, size_t i, crm_str_t *marks)
{
    crm_str_t      id;
    crm_event_t   *event;
    crm_status_t   rc;

    id = ctx->decoded.items[i].record_id;
    event = &ctx->items[i].event;

    rc = ctx->snapshot_head.len ? crm_event_finish(event, id)
                                : crm_event_finish_told(event, id);
    if (rc != CRM_OK) {
        return NGX_ERROR;
    }

    if (event->marks_count) {
        *marks = crm_state_lock_encode(event->write->pool, event->marks,
                                       event->marks_count);

        return marks->data ? NGX_OK : NGX_ERROR;
    }

    return NGX_OK;
}


/* Another write holds the record: look again, for crm_lease_wait at most. */
static ngx_int_t
ngx_http_crm_state_busy(ngx_http_crm_ctx_t *ctx)
{
    ngx_msec_int_t  left;

    if (ctx->give_up == 0) {
        ctx->give_up = ngx_current_msec + ctx->conf->lease_wait;
        ctx->pause = NGX_HTTP_CRM_BUSY_MIN_MS;
    }

    left = (ngx_msec_int_t) (ctx->give_up - ngx_current_msec);

    if (left <= 0) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
                   ctx->n_names == 1
                   ? "another write of this record is under way; try again"
                   : "another write of one of these records is under way;"
                     " try again");
    }

    ctx->answer_state = STATE_ASK;
    ngx_http_crm_request_wait(ctx, ngx_min(ctx->pause, (ngx_msec_t) left));
    ctx->pause = ngx_min(ctx->pause * 2, NGX_HTTP_CRM_BUSY_MAX_MS);

    return NGX_AGAIN;
}
