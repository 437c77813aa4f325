/*
 * Step 8 (enqueue): the outcome becomes durable.
 *
 * A commit or an abort is an object of the process, not of the request: it is
 * repeated until Redis has answered, whether or not somebody still waits for
 * it. Scripts are idempotent by event id, so repeating is safe. When it is
 * given up in the end, the intent is still in Redis, complete, and listed.
 */

#include "ngx_http_crm_module.h"

#include "queue/crm_renew.h"
#include "queue/crm_settling.h"
#include "state/crm_state.h"


#define NGX_HTTP_CRM_REPEAT_MIN_MS  100
#define NGX_HTTP_CRM_REPEAT_MAX_MS  1000


struct ngx_http_crm_outcome_s {
    ngx_http_crm_process_t  *process;
    ngx_http_crm_ctx_t      *ctx;           /* who waits, or NULL */
    ngx_http_crm_text_t      text;          /* behind the struct, and in */
    crm_pool_t              *pool;          /* ... the request's pool */
    const crm_script_t      *script;
    ngx_event_t              repeat;
    ngx_msec_t               give_up;
    ngx_msec_t               pause;
    u_char                   event[32];
    unsigned                 commit:1;
    unsigned                 refused:1;     /* answered, but not taken */
    unsigned                 lapsed:1;      /* nor will it ever be */
};


static ngx_int_t ngx_http_crm_enqueue_create(ngx_http_crm_ctx_t *ctx,
    const crm_cmd_t *cmd, ngx_uint_t commit,
    ngx_http_crm_outcome_t **outcome);
static crm_cmd_t *ngx_http_crm_enqueue_commit_cmd(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t status);
static ngx_int_t ngx_http_crm_enqueue_shown(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t status);
static void ngx_http_crm_enqueue_send(ngx_http_crm_outcome_t *outcome);
static void ngx_http_crm_enqueue_handler(void *data,
    const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_enqueue_answer(ngx_http_crm_outcome_t *outcome,
    const crm_reply_t *reply);
static void ngx_http_crm_enqueue_again(ngx_http_crm_outcome_t *outcome);
static void ngx_http_crm_enqueue_repeat(ngx_event_t *ev);
static void ngx_http_crm_enqueue_end(ngx_http_crm_outcome_t *outcome);


/* The backend has said status; 0: it was not asked. NGX_OK: the commit is on
 * its way, ctx->outcome stands until it is answered; NGX_ERROR: it could not
 * be made, the intent stays. */
ngx_int_t
ngx_http_crm_enqueue_commit(ngx_http_crm_ctx_t *ctx, ngx_uint_t status)
{
    long long                since;
    crm_cmd_t               *cmd;
    ngx_http_crm_outcome_t  *outcome;

    since = ngx_http_crm_monotonic_us();
    cmd = ngx_http_crm_enqueue_commit_cmd(ctx, status);
    ctx->eval_us += ngx_http_crm_monotonic_us() - since;

    if (cmd == NULL
        || ngx_http_crm_enqueue_create(ctx, cmd, 1, &outcome) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "crm enqueue: no memory to commit, event:%*s",
                      ctx->event_id.len, ctx->event_id.data);
        return NGX_ERROR;
    }

    ctx->settled = 1;
    ctx->outcome = outcome;
    outcome->ctx = ctx;

    ctx->store_since = ngx_current_msec;
    ngx_http_crm_request_wait(ctx, ctx->conf->commit_wait);
    ngx_http_crm_enqueue_send(outcome);

    return NGX_OK;
}


/* The write did not happen: intent and lease go. Nobody waits for that. */
void
ngx_http_crm_enqueue_abort(ngx_http_crm_ctx_t *ctx)
{
    crm_cmd_t               *cmd;
    crm_cmd_abort_t          abort;
    ngx_http_crm_outcome_t  *outcome;

    ctx->settled = 1;

    if (ctx->process == NULL || ctx->process->redis == NULL || !ctx->begun) {
        return;
    }

    abort.org = ngx_http_crm_str(&ctx->org->name);
    abort.event = ctx->event_id;
    abort.records = ctx->names;
    abort.n_records = ctx->n_names;
    abort.fence = 0;

    cmd = crm_cmd_abort(ctx->pool, &abort);

    if (cmd == NULL
        || ngx_http_crm_enqueue_create(ctx, cmd, 0, &outcome) != NGX_OK)
    {
        ngx_log_error(NGX_LOG_ERR, ctx->process->log, 0,
                      "crm enqueue: no memory to abort, event:%*s",
                      ctx->event_id.len, ctx->event_id.data);
        return;
    }

    ngx_http_crm_enqueue_send(outcome);
}


/* The request ends, the outcome goes on. */
void
ngx_http_crm_enqueue_detach(ngx_http_crm_ctx_t *ctx)
{
    if (ctx->outcome) {
        ctx->outcome->ctx = NULL;
        ctx->outcome = NULL;
    }
}


static ngx_int_t
ngx_http_crm_enqueue_create(ngx_http_crm_ctx_t *ctx, const crm_cmd_t *cmd,
    ngx_uint_t commit, ngx_http_crm_outcome_t **created)
{
    size_t                   size, len;
    ngx_http_crm_text_t      text;
    ngx_http_crm_outcome_t  *outcome;

    size = ngx_http_crm_redis_size(&text, cmd, ctx->pool);

    outcome = ngx_http_crm_block_alloc(sizeof(ngx_http_crm_outcome_t) + size,
                                       ctx->process->log);
    if (outcome == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(outcome, sizeof(ngx_http_crm_outcome_t));

    ngx_http_crm_redis_format(&text, outcome + 1, cmd, ctx->pool);
    outcome->text = text;

    if (text.count > 1) {
        outcome->pool = ctx->pool;
        crm_pool_keep(ctx->pool);
    }

    outcome->process = ctx->process;
    outcome->script = cmd->script;
    outcome->commit = commit;
    outcome->pause = NGX_HTTP_CRM_REPEAT_MIN_MS;
    outcome->give_up = ngx_current_msec + ctx->conf->backend_max_time;

    outcome->repeat.handler = ngx_http_crm_enqueue_repeat;
    outcome->repeat.data = outcome;
    outcome->repeat.log = ctx->process->log;

    len = ngx_min(sizeof(outcome->event) - 1, ctx->event_id.len);
    ngx_memcpy(outcome->event, ctx->event_id.data, len);

    *created = outcome;

    return NGX_OK;
}


/*
 * Jobs, marks and traces of the records that were written; leases of all. A
 * record shows the id that it was created with only now; of others all is
 * known since ..._state_finish().
 */
static crm_cmd_t *
ngx_http_crm_enqueue_commit_cmd(ngx_http_crm_ctx_t *ctx, ngx_uint_t status)
{
    size_t               i, n;
    crm_settling_t       settling;
    crm_cmd_commit_t     commit;
    crm_settled_item_t   one, *items;

    if (ctx->snapshot_head.len) {
        ngx_http_crm_snapshot_keep(ctx, status);
    }

    if (status && ngx_http_crm_enqueue_shown(ctx, status) != NGX_OK) {
        return NULL;
    }

    items = &one;
    n = 0;

    if (ctx->decoded.count > 1) {
        items = crm_pool_calloc(ctx->pool, ctx->decoded.count,
                                sizeof(crm_settled_item_t));
        if (items == NULL) {
            return NULL;
        }
    }

    for (i = 0; i < ctx->decoded.count; i++) {

        if (ctx->decoded.items[i].refusal == NULL
            && !ngx_http_crm_action_beside(&ctx->decoded.items[i])
            && ctx->outcomes[i].kind == CRM_OUTCOME_DONE)
        {
            items[n].event = &ctx->items[i].event;
            items[n++].record_id = ctx->outcomes[i].record_id;
        }
    }

    ngx_memzero(&settling, sizeof(crm_settling_t));

    settling.items = items;
    settling.count = n;
    settling.leased = ctx->names;
    settling.n_leased = ctx->n_names;
    settling.trace.backend_status = (unsigned) status;
    settling.trace.duration_us = ctx->eval_us;

    if (crm_settling_commit(&settling, &commit, ctx->pool) != CRM_OK) {
        return NULL;
    }

    commit.org = ngx_http_crm_str(&ctx->org->name);
    commit.event = ctx->event_id;
    commit.fence = 0;
    commit.alone = status == 0;

    return crm_cmd_commit(ctx->pool, &commit);
}


/* What the backend has set by itself, where a job asks for it: its answer may
 * show it. */
static ngx_int_t
ngx_http_crm_enqueue_shown(ngx_http_crm_ctx_t *ctx, ngx_uint_t status)
{
    size_t         i, n;
    crm_record_t  *records;

    n = ctx->decoded.count;

    for (i = 0; i < n; i++) {
        if (ctx->decoded.items[i].refusal == NULL
            && ctx->outcomes[i].kind == CRM_OUTCOME_DONE
            && crm_renew_wanted(&ctx->items[i].event))
        {
            break;
        }
    }

    if (i == n) {
        return NGX_OK;
    }

    records = crm_pool_calloc(ctx->pool, n, sizeof(crm_record_t));

    if (records == NULL
        || crm_dialect_shown(ctx->conf->dialect, records, &ctx->decoded,
                             ctx->outcomes, (unsigned) status,
                             crm_buf_view(&ctx->answer), &ctx->limits,
                             ctx->pool)
           != CRM_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (records[i].object.data) {
            ctx->items[i].event.shown = &records[i];
        }
    }

    return NGX_OK;
}


static void
ngx_http_crm_enqueue_send(ngx_http_crm_outcome_t *outcome)
{
    if (outcome->process->redis == NULL
        || ngx_http_crm_redis_send(outcome->process->redis, &outcome->text,
                                   outcome->script,
                                   ngx_http_crm_enqueue_handler, outcome)
           == NULL)
    {
        ngx_http_crm_enqueue_again(outcome);
    }
}


static void
ngx_http_crm_enqueue_handler(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_outcome_t  *outcome = data;

    outcome->refused = reply != NULL;

    if (reply == NULL
        || ngx_http_crm_enqueue_answer(outcome, reply) != NGX_OK)
    {
        ngx_http_crm_enqueue_again(outcome);
        return;
    }

    ngx_http_crm_enqueue_end(outcome);
}


/* Did Redis take it? What it says beyond that is for the log. */
static ngx_int_t
ngx_http_crm_enqueue_answer(ngx_http_crm_outcome_t *outcome,
    const crm_reply_t *reply)
{
    crm_error_t         err;
    crm_commit_t        commit;
    crm_status_t        rc;
    crm_abort_status_t  status;

    rc = outcome->commit ? crm_state_commit(&commit, reply, &err)
                         : crm_state_abort(&status, reply, &err);

    if (rc != CRM_OK) {
        ngx_log_error(NGX_LOG_ERR, outcome->process->log, 0,
                      "crm enqueue: %s, event:%s: %s",
                      outcome->commit ? "commit" : "abort", outcome->event,
                      err.text);
        return NGX_ERROR;
    }

    if (outcome->commit && commit.status == CRM_COMMIT_LATE) {
        ngx_http_crm_zone_late(outcome->process->conf);
        ngx_log_error(NGX_LOG_WARN, outcome->process->log, 0,
                      "crm enqueue: the lease was lost, jobs are queued but"
                      " the record's marks are not, event:%s",
                      outcome->event);

    } else if (outcome->commit && commit.status == CRM_COMMIT_LAPSED) {
        outcome->lapsed = 1;
        ngx_log_error(NGX_LOG_WARN, outcome->process->log, 0,
                      "crm enqueue: the lease was lost, nothing is done,"
                      " event:%s", outcome->event);
    }

    return NGX_OK;
}


/*
 * For as long as Redis is away: no write begins meanwhile, so they do not
 * become more. A Redis that answers but will not take it gets its time, as
 * does a process that exits, which stays for it: the timer is not cancelable.
 */
static void
ngx_http_crm_enqueue_again(ngx_http_crm_outcome_t *outcome)
{
    ngx_uint_t  late;

    late = (ngx_msec_int_t) (outcome->give_up - ngx_current_msec) <= 0;

    if (outcome->process->redis == NULL || ngx_terminate
        || (late && (outcome->refused || ngx_exiting)))
    {
        ngx_log_error(NGX_LOG_ERR, outcome->process->log, 0,
                      "crm enqueue: %s given up, the intent stays,"
                      " event:%s", outcome->commit ? "commit" : "abort",
                      outcome->event);

        if (outcome->ctx) {
            outcome->ctx->pending = 1;
        }

        ngx_http_crm_enqueue_end(outcome);
        return;
    }

    ngx_add_timer(&outcome->repeat, outcome->pause);
    outcome->pause = ngx_min(outcome->pause * 2, NGX_HTTP_CRM_REPEAT_MAX_MS);
}


static void
ngx_http_crm_enqueue_repeat(ngx_event_t *ev)
{
    ngx_http_crm_enqueue_send(ev->data);
}


static void
ngx_http_crm_enqueue_end(ngx_http_crm_outcome_t *outcome)
{
    ngx_http_crm_ctx_t  *ctx;

    ctx = outcome->ctx;

    if (ctx) {
        ctx->outcome = NULL;
        ctx->lapsed = outcome->lapsed;
        ngx_http_crm_request_resume(ctx);
    }

    if (outcome->repeat.timer_set) {
        ngx_del_timer(&outcome->repeat);
    }

    crm_pool_destroy(outcome->pool);
    ngx_http_crm_block_free(outcome);
}
