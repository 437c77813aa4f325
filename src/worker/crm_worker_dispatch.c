/*
 * Job type to deliverer; outcome to done, retry, dead.
 */

#include "crm_worker_dispatch.h"

#include "crm_worker_count.h"
#include "crm_worker_deliver.h"
#include "crm_worker_due.h"
#include "crm_worker_end.h"
#include "crm_worker_end_log.h"
#include "crm_worker_fetch.h"
#include "crm_worker_log.h"
#include "crm_worker_touch.h"

#include <stdlib.h>

#include <openssl/rand.h>


/* A job under way; lives in the job's pool. */
typedef struct {
    crm_worker_end_t               end;         /* first: it is found by it */
    crm_worker_dispatch_t         *dispatch;
    const crm_worker_deliverer_t  *deliverer;
    void                          *call;        /* delivering: its own */
    crm_worker_due_t              *due;         /* before that, if it waited */
} dispatch_run_t;

struct crm_worker_dispatch_s {
    crm_worker_ends_t                 ends;
    crm_worker_dispatch_tools_t      *tools;
    crm_worker_dispatch_finished_pt   finished;
    void                             *data;
};


static void  dispatch_start(dispatch_run_t *run);
static void  dispatch_due(void *data, crm_worker_due_result_t result,
    const crm_worker_outcome_t *outcome);
static void  dispatch_delivered(void *data,
    const crm_worker_outcome_t *outcome);
static void  dispatch_decide(dispatch_run_t *run);
static crm_retry_t  dispatch_schedule(const dispatch_run_t *run);
static void  dispatch_count(const crm_worker_end_t *end);
static void  dispatch_ended(crm_worker_end_t *end);
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

    if (crm_worker_ends_init(&dispatch->ends, tools->loop, tools->link,
                             dispatch_ended, dispatch)
        != CRM_OK)
    {
        free(dispatch);
        return NULL;
    }

    dispatch->tools = tools;
    dispatch->finished = finished;
    dispatch->data = data;

    return dispatch;
}


void
crm_worker_dispatch_destroy(crm_worker_dispatch_t *dispatch)
{
    crm_worker_ends_destroy(&dispatch->ends, dispatch_free);
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
    run->end.ends = &dispatch->ends;
    run->end.job = job;
    job->run = run;

    dispatch_start(run);

    if (run->call == NULL && run->due == NULL) {
        dispatch_decide(run);
    }

    return CRM_OK;
}


void
crm_worker_dispatch_abandon(crm_worker_job_t *job)
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

    } else if (crm_worker_end_remove(&run->end)) {
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

    job = run->end.job;

    rc = crm_worker_job_parse(job, &err);

    if (rc == CRM_ENOMEM) {
        crm_worker_outcome_set(&run->end.outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    if (rc != CRM_OK) {
        crm_worker_outcome_set(&run->end.outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return;
    }

    run->deliverer = crm_worker_deliver_find(job->type);

    if (run->deliverer == NULL) {
        crm_worker_outcome_set(&run->end.outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_UNSUPPORTED_TYPE, NULL);
        return;
    }

    /* in another queue it would escape the limits of its own */

    if (run->deliverer->queue != job->queue) {
        crm_error_set(&err, CRM_EINVAL, CRM_NO_OFFSET, "",
                      "it belongs into queue:%s",
                      crm_queue_name(run->deliverer->queue));
        crm_worker_outcome_set(&run->end.outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_UNSUPPORTED_TYPE, err.text);
        return;
    }

    if (job->waits) {
        run->due = crm_worker_due_start(run->dispatch->tools, job,
                                        dispatch_due, run, &run->end.outcome);
        return;
    }

    /* who made the job could not make it well: nothing to be done in part */

    rc = crm_worker_job_text(&refused, job, "refused", &err);

    if (rc == CRM_ENOMEM) {
        crm_worker_outcome_set(&run->end.outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    if (rc == CRM_OK) {
        crm_error_set(&err, CRM_EINVAL, CRM_NO_OFFSET, "", "%.*s",
                      (int) refused.len, refused.data);
    }

    if (rc != CRM_DECLINED) {
        crm_worker_outcome_set(&run->end.outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return;
    }

    run->call = run->deliverer->start(run->dispatch->tools, job,
                                      dispatch_delivered, run,
                                      &run->end.outcome);
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
        run->end.outcome = *outcome;
    }

    dispatch_decide(run);
}


static void
dispatch_delivered(void *data, const crm_worker_outcome_t *outcome)
{
    dispatch_run_t  *run;

    run = data;
    run->call = NULL;
    run->end.outcome = *outcome;

    dispatch_decide(run);
}


/* Retry or dead? Decided once, so that repeating to settle changes nothing. */
static void
dispatch_decide(dispatch_run_t *run)
{
    crm_retry_t          schedule;
    crm_worker_end_t    *end;
    crm_retry_failure_t  failure;

    end = &run->end;

    if (end->outcome.verdict == CRM_WORKER_SETTLED) {
        dispatch_finish(run);
        return;
    }

    if (end->outcome.verdict == CRM_WORKER_FAILED
        && end->outcome.busy_ms > 0)
    {
        end->again = 1;
        end->delay_ms = end->outcome.busy_ms;

    } else if (end->outcome.verdict == CRM_WORKER_FAILED) {
        failure.attempts = (unsigned) end->job->attempts + 1;
        failure.status = end->outcome.status;
        failure.retry_after_s = end->outcome.retry_after_s;

        if (RAND_bytes((unsigned char *) &failure.random,
                       sizeof(failure.random))
            != 1)
        {
            failure.random = (uint32_t) uv_hrtime();
        }

        schedule = dispatch_schedule(run);
        end->again = crm_retry_next(&end->delay_ms, &schedule, &failure)
                     == CRM_OK;
    }

    if (crm_worker_touch(end, crm_worker_fetch_rules(end->job)) != CRM_OK) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "dispatch: out of memory, no "
                       "score counts its end, org:%s job:%s",
                       end->job->org.data, end->job->lease.id.data);
    }

    crm_worker_end_log(end);
    dispatch_count(end);
    crm_worker_end_settle(end);
}


/* The webhook's own, or the worker's. */
static crm_retry_t
dispatch_schedule(const dispatch_run_t *run)
{
    crm_str_t    text;
    crm_error_t  err;
    crm_retry_t  schedule;

    schedule = *run->dispatch->tools->retry;

    if (run->end.job->queue == CRM_QUEUE_WEBHOOKS
        && crm_worker_job_text(&text, run->end.job, "retry_schedule", &err)
           == CRM_OK)
    {
        (void) crm_retry_parse(&schedule, text);
    }

    return schedule;
}


static void
dispatch_count(const crm_worker_end_t *end)
{
    if (end->outcome.verdict == CRM_WORKER_SPLIT) {
        return;                 /* its parts will count */
    }

    crm_worker_count(end->job, end->outcome.verdict == CRM_WORKER_DELIVERED
                               ? CRM_COUNT_DELIVERED
                               : end->outcome.busy_ms > 0 ? CRM_COUNT_BUSY
                               : end->again ? CRM_COUNT_FAILED
                               : CRM_COUNT_DEAD);
}


static void
dispatch_ended(crm_worker_end_t *end)
{
    dispatch_finish((dispatch_run_t *) (void *) end);
}


static void
dispatch_finish(dispatch_run_t *run)
{
    run->dispatch->finished(run->dispatch->data, run->end.job);
}


static void
dispatch_free(uv_handle_t *handle)
{
    free(handle->data);
}
