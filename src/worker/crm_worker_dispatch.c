/*
 * Job type to deliverer; outcome to done, retry, dead.
 */

#include "crm_worker_dispatch.h"

#include "crm_worker_count.h"
#include "crm_worker_deliver.h"
#include "crm_worker_done.h"
#include "crm_worker_due.h"
#include "crm_worker_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>


typedef struct dispatch_run_s  dispatch_run_t;

/* A job under way; lives in the job's pool. */
struct dispatch_run_s {
    crm_worker_done_entry_t        done;        /* first: it is found by it */
    dispatch_run_t                *next;        /* of the unsettled */
    crm_worker_dispatch_t         *dispatch;
    crm_worker_job_t              *job;
    const crm_worker_deliverer_t  *deliverer;
    void                          *call;        /* delivering: its own */
    crm_worker_due_t              *due;         /* before that, if it waited */
    crm_worker_outcome_t           outcome;
    int64_t                        delay_ms;    /* of a retry */
    unsigned                       settling:1;  /* Redis is asked */
    unsigned                       ending:1;    /* it stands in done */
    unsigned                       unsettled:1;
    unsigned                       again:1;     /* retry, not dead */
};

struct crm_worker_dispatch_s {
    uv_timer_t                        timer;
    crm_worker_dispatch_tools_t      *tools;
    crm_worker_dispatch_finished_pt   finished;
    void                             *data;
    dispatch_run_t                   *unsettled;
    crm_worker_done_t                *done;
};


static void  dispatch_start(dispatch_run_t *run);
static void  dispatch_due(void *data, crm_worker_due_result_t result,
    const crm_worker_outcome_t *outcome);
static void  dispatch_delivered(void *data,
    const crm_worker_outcome_t *outcome);
static void  dispatch_decide(dispatch_run_t *run);
static crm_retry_t  dispatch_schedule(const dispatch_run_t *run);
static void  dispatch_log(const dispatch_run_t *run);
static void  dispatch_count(const dispatch_run_t *run);
static void  dispatch_tell(const dispatch_run_t *run, crm_str_t note);
static void  dispatch_settle(dispatch_run_t *run);
static crm_cmd_t *dispatch_command(dispatch_run_t *run, crm_pool_t *pool);
static void  dispatch_settled(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  dispatch_done(crm_worker_done_entry_t *entry,
    crm_worker_done_status_t status);
static void  dispatch_stale(const dispatch_run_t *run);
static void  dispatch_later(dispatch_run_t *run);
static void  dispatch_tick(uv_timer_t *timer);
static void  dispatch_unlink(dispatch_run_t *run);
static void  dispatch_finish(dispatch_run_t *run);
static void  dispatch_free(uv_handle_t *handle);


crm_worker_dispatch_t *
crm_worker_dispatch_create(crm_worker_dispatch_tools_t *tools,
    crm_worker_dispatch_finished_pt finished, void *data)
{
    crm_worker_dispatch_t  *dispatch;

    dispatch = calloc(1, sizeof(crm_worker_dispatch_t));
    if (dispatch == NULL) {
        return NULL;
    }

    dispatch->done = crm_worker_done_create(tools->loop, tools->link,
                                            dispatch_done);
    if (dispatch->done == NULL) {
        free(dispatch);
        return NULL;
    }

    dispatch->tools = tools;
    dispatch->finished = finished;
    dispatch->data = data;

    uv_timer_init(&tools->loop->uv, &dispatch->timer);
    dispatch->timer.data = dispatch;

    return dispatch;
}


void
crm_worker_dispatch_destroy(crm_worker_dispatch_t *dispatch)
{
    crm_worker_done_destroy(dispatch->done);
    uv_close((uv_handle_t *) &dispatch->timer, dispatch_free);
}


crm_status_t
crm_worker_dispatch_run(crm_worker_dispatch_t *dispatch,
    crm_worker_job_t *job)
{
    dispatch_run_t  *run;

    run = crm_pool_calloc(job->pool, 1, sizeof(dispatch_run_t));
    if (run == NULL) {
        return CRM_ENOMEM;
    }

    run->dispatch = dispatch;
    run->job = job;
    job->run = run;

    dispatch_start(run);

    if (run->call == NULL && run->due == NULL) {
        dispatch_decide(run);
    }

    return CRM_OK;
}


void
crm_worker_dispatch_abandon(crm_worker_dispatch_t *dispatch,
    crm_worker_job_t *job)
{
    dispatch_run_t  *run;

    run = job->run;

    if (run->call != NULL) {
        run->deliverer->cancel(run->call);
        run->call = NULL;
        dispatch_finish(run);

    } else if (run->due != NULL) {
        if (crm_worker_due_cancel(run->due)) {
            run->due = NULL;
            dispatch_finish(run);
        }

    } else if (run->unsettled) {
        dispatch_unlink(run);
        dispatch_finish(run);

    } else if (run->ending
               && crm_worker_done_remove(dispatch->done, &run->done))
    {
        dispatch_finish(run);
    }
}


/* Without a call, and nothing to be looked at first, the outcome is known. */
static void
dispatch_start(dispatch_run_t *run)
{
    crm_str_t          refused;
    crm_error_t        err;
    crm_status_t       rc;
    crm_worker_job_t  *job;

    job = run->job;

    rc = crm_worker_job_parse(job, &err);

    if (rc == CRM_ENOMEM) {
        crm_worker_outcome_set(&run->outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    if (rc != CRM_OK) {
        crm_worker_outcome_set(&run->outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return;
    }

    run->deliverer = crm_worker_deliver_find(job->type);

    if (run->deliverer == NULL) {
        crm_worker_outcome_set(&run->outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_UNSUPPORTED_TYPE, NULL);
        return;
    }

    /* in another queue it would escape the limits of its own */

    if (run->deliverer->queue != job->queue) {
        crm_error_set(&err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "it belongs into queue:%s",
                      crm_queue_name(run->deliverer->queue));
        crm_worker_outcome_set(&run->outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_UNSUPPORTED_TYPE, err.text);
        return;
    }

    if (job->waits) {
        run->due = crm_worker_due_start(run->dispatch->tools, job,
                                        dispatch_due, run, &run->outcome);
        return;
    }

    /* who made the job could not make it well: nothing to be done in part */

    rc = crm_worker_job_text(&refused, job, "refused", &err);

    if (rc == CRM_ENOMEM) {
        crm_worker_outcome_set(&run->outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    if (rc == CRM_OK) {
        crm_error_set(&err, CRM_EINVAL, CRM_NO_OFFSET, "", "%.*s",
                      (int) refused.len, refused.data);
    }

    if (rc != CRM_DECLINED) {
        crm_worker_outcome_set(&run->outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return;
    }

    run->call = run->deliverer->start(run->dispatch->tools, job,
                                      dispatch_delivered, run, &run->outcome);
}


/* What waited is delivered now, or not at all. */
static void
dispatch_due(void *data, crm_worker_due_result_t result,
    const crm_worker_outcome_t *outcome)
{
    dispatch_run_t  *run;

    run = data;
    run->due = NULL;

    if (result == CRM_WORKER_DUE_ENDED) {
        dispatch_finish(run);
        return;
    }

    if (result == CRM_WORKER_DUE_RUNS) {
        dispatch_start(run);

        if (run->call != NULL || run->due != NULL) {
            return;
        }

    } else {
        run->outcome = *outcome;
    }

    dispatch_decide(run);
}


static void
dispatch_delivered(void *data, const crm_worker_outcome_t *outcome)
{
    dispatch_run_t  *run;

    run = data;
    run->call = NULL;
    run->outcome = *outcome;

    dispatch_decide(run);
}


/* Retry or dead? Decided once, so that repeating to settle changes nothing. */
static void
dispatch_decide(dispatch_run_t *run)
{
    crm_retry_t          schedule;
    crm_retry_failure_t  failure;

    if (run->outcome.verdict == CRM_WORKER_SETTLED) {
        dispatch_finish(run);
        return;
    }

    if (run->outcome.verdict == CRM_WORKER_FAILED
        && run->outcome.busy_ms > 0)
    {
        run->again = 1;
        run->delay_ms = run->outcome.busy_ms;

    } else if (run->outcome.verdict == CRM_WORKER_FAILED) {
        failure.attempts = (unsigned) run->job->attempts + 1;
        failure.status = run->outcome.status;
        failure.retry_after_s = run->outcome.retry_after_s;

        if (RAND_bytes((unsigned char *) &failure.random,
                       sizeof(failure.random))
            != 1)
        {
            failure.random = (uint32_t) uv_hrtime();
        }

        schedule = dispatch_schedule(run);
        run->again = crm_retry_next(&run->delay_ms, &schedule, &failure)
                     == CRM_OK;
    }

    dispatch_log(run);
    dispatch_count(run);
    dispatch_settle(run);
}


/* The webhook's own, or the worker's. */
static crm_retry_t
dispatch_schedule(const dispatch_run_t *run)
{
    crm_str_t    text;
    crm_error_t  err;
    crm_retry_t  schedule;

    schedule = *run->dispatch->tools->retry;

    if (run->job->queue == CRM_QUEUE_WEBHOOKS
        && crm_worker_job_text(&text, run->job, "retry_schedule", &err)
           == CRM_OK)
    {
        (void) crm_retry_parse(&schedule, text);
    }

    return schedule;
}


static void
dispatch_count(const dispatch_run_t *run)
{
    if (run->outcome.verdict == CRM_WORKER_SPLIT) {
        return;                 /* its parts will count */
    }

    crm_worker_count(run->job, run->outcome.verdict == CRM_WORKER_DELIVERED
                               ? CRM_COUNT_DELIVERED
                               : run->outcome.busy_ms > 0 ? CRM_COUNT_BUSY
                               : run->again ? CRM_COUNT_FAILED
                               : CRM_COUNT_DEAD);
}


static void
dispatch_log(const dispatch_run_t *run)
{
    char                     retry[48];
    const char              *what;
    crm_worker_job_t        *job;
    crm_worker_log_level_t   level;

    job = run->job;
    retry[0] = '\0';

    if (run->outcome.verdict == CRM_WORKER_DELIVERED) {
        what = "delivered";
        level = CRM_WORKER_LOG_INFO;

    } else if (run->outcome.verdict == CRM_WORKER_SPLIT) {
        what = "split";
        level = CRM_WORKER_LOG_INFO;

    } else if (run->outcome.busy_ms > 0) {
        what = "busy";
        level = CRM_WORKER_LOG_INFO;
        snprintf(retry, sizeof(retry), " retry_in_ms:%lld",
                 (long long) run->delay_ms);

    } else if (run->again) {
        what = "failed";
        level = CRM_WORKER_LOG_WARN;
        snprintf(retry, sizeof(retry), " retry_in_ms:%lld",
                 (long long) run->delay_ms);

    } else {
        what = "dead";
        level = CRM_WORKER_LOG_ERROR;
    }

    crm_worker_log(level, "dispatch: %s, org:%s job:%s type:\"%.*s\" "
                   "rule:\"%.*s\" record:\"%.*s/%.*s\" attempt:%lld "
                   "reason:\"%s\"%s", what, job->org.data,
                   job->lease.id.data,
                   (int) job->type.len, job->type.data,
                   (int) job->rule.len, job->rule.data,
                   (int) job->module.len, job->module.data,
                   (int) job->record_id.len, job->record_id.data,
                   job->attempts + 1, run->outcome.reason, retry);
}


/* What Redis has found out about the endpoint with this outcome. */
static void
dispatch_tell(const dispatch_run_t *run, crm_str_t note)
{
    crm_str_t          name;
    crm_error_t        err;
    crm_worker_job_t  *job;

    job = run->job;

    if (crm_worker_job_text(&name, job, "name", &err) != CRM_OK) {
        name = CRM_STR("");
    }

    crm_worker_log(crm_str_is(note, "disabled") ? CRM_WORKER_LOG_ERROR
                                                : CRM_WORKER_LOG_WARN,
                   "dispatch: endpoint %.*s, org:%s webhook:\"%.*s\" job:%s "
                   "event:\"%.*s\" attempt:%lld reason:\"%s\"",
                   (int) note.len, note.data, job->org.data,
                   (int) name.len, name.data, job->lease.id.data,
                   (int) job->event.len, job->event.data, job->attempts + 1,
                   run->outcome.reason);
}


static void
dispatch_settle(dispatch_run_t *run)
{
    crm_pool_t  *pool;

    if (run->outcome.verdict == CRM_WORKER_DELIVERED) {
        run->done.org = run->job->org;
        run->done.lease = run->job->lease;
        run->ending = 1;
        crm_worker_done_add(run->dispatch->done, &run->done);
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_worker_link_send(run->dispatch->tools->link, pool,
                                dispatch_command(run, pool),
                                dispatch_settled, run)
           != CRM_OK)
    {
        dispatch_later(run);
        return;
    }

    run->settling = 1;
}


static crm_cmd_t *
dispatch_command(dispatch_run_t *run, crm_pool_t *pool)
{
    crm_cmd_dead_t     dead;
    crm_cmd_retry_t    retry;
    crm_worker_job_t  *job;

    job = run->job;

    if (run->outcome.verdict == CRM_WORKER_SPLIT) {
        return crm_cmd_split(pool, job->org, job->lease, job->parts,
                             job->parts_count);
    }

    if (!run->again) {
        dead.org = job->org;
        dead.lease = job->lease;
        dead.attempts = job->attempts + 1;
        dead.reason = crm_strz(run->outcome.reason);
        dead.health = run->outcome.health;

        return crm_cmd_dead(pool, &dead);
    }

    retry.org = job->org;
    retry.lease = job->lease;
    retry.delay_ms = run->delay_ms;
    retry.attempts = job->attempts + (run->outcome.busy_ms > 0 ? 0 : 1);
    retry.body = job->rendered;
    retry.error = crm_strz(run->outcome.reason);
    retry.health = run->outcome.health;

    return crm_cmd_retry(pool, &retry);
}


static void
dispatch_settled(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_str_t        note;
    crm_error_t      err;
    crm_settle_t     settle;
    dispatch_run_t  *run;

    (void) pool;

    run = data;
    run->settling = 0;

    if (reply == NULL) {
        dispatch_later(run);
        return;
    }

    if (crm_take_settled(&settle, &note, reply, &err) != CRM_OK) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "dispatch: redis refuses an "
                       "outcome, org:%s job:%s: %s", run->job->org.data,
                       run->job->lease.id.data, err.text);
        dispatch_later(run);
        return;
    }

    if (settle == CRM_SETTLE_STALE) {
        dispatch_stale(run);
    }

    if (note.len > 0) {
        dispatch_tell(run, note);
    }

    dispatch_finish(run);
}


/* What was delivered has ended, or has not. */
static void
dispatch_done(crm_worker_done_entry_t *entry, crm_worker_done_status_t status)
{
    dispatch_run_t  *run;

    run = (dispatch_run_t *) (void *) entry;
    run->ending = 0;

    if (status == CRM_WORKER_DONE_AWAY) {
        dispatch_later(run);
        return;
    }

    if (status == CRM_WORKER_DONE_STALE) {
        dispatch_stale(run);
    }

    dispatch_finish(run);
}


static void
dispatch_stale(const dispatch_run_t *run)
{
    crm_worker_log(CRM_WORKER_LOG_WARN, "dispatch: stale, the lease is "
                   "another worker's, org:%s job:%s", run->job->org.data,
                   run->job->lease.id.data);
}


/* Waits for Redis; the lease is renewed meanwhile by the one who took it. */
static void
dispatch_later(dispatch_run_t *run)
{
    crm_worker_dispatch_t  *dispatch;

    dispatch = run->dispatch;

    run->unsettled = 1;
    run->next = dispatch->unsettled;
    dispatch->unsettled = run;

    if (!uv_is_active((uv_handle_t *) &dispatch->timer)) {
        uv_timer_start(&dispatch->timer, dispatch_tick,
                       CRM_WORKER_DISPATCH_SETTLE_MS, 0);
    }
}


static void
dispatch_tick(uv_timer_t *timer)
{
    dispatch_run_t         *run, *next;
    crm_worker_dispatch_t  *dispatch;

    dispatch = timer->data;

    run = dispatch->unsettled;
    dispatch->unsettled = NULL;

    for ( /* void */ ; run; run = next) {
        next = run->next;
        run->unsettled = 0;
        dispatch_settle(run);
    }
}


static void
dispatch_unlink(dispatch_run_t *run)
{
    dispatch_run_t  **at;

    for (at = &run->dispatch->unsettled; *at; at = &(*at)->next) {
        if (*at == run) {
            *at = run->next;
            run->unsettled = 0;
            return;
        }
    }
}


static void
dispatch_finish(dispatch_run_t *run)
{
    run->dispatch->finished(run->dispatch->data, run->job);
}


static void
dispatch_free(uv_handle_t *handle)
{
    free(handle->data);
}
