/*
 * A timer has come: what is to be done about its record.
 */

#include "crm_worker_timer.h"

#include "crm_worker_errand.h"
#include "crm_worker_log.h"

#include "queue/crm_timer.h"
#include "record/crm_idform.h"

#include <string.h>
#include <time.h>


/* Why it is looked at again, where no attempt was made. */
#define TIMER_WAITS  "timer_waits"


/* Lives in the job's pool. */
typedef struct {
    crm_worker_errand_t   errand;
    crm_record_t          stored;
    const crm_record_t   *record;       /* that, or NULL: it is gone */
    crm_str_t             kept;         /* what Redis keeps of it */
    crm_timer_t           timer;
    crm_timer_due_t       judged;
} due_timer_t;


static int   timer_read(void *data, crm_worker_outcome_t *outcome);
static int   timer_answered(void *data, crm_worker_outcome_t *outcome);
static int   timer_keeps(due_timer_t *due, crm_worker_outcome_t *outcome);
static int   timer_kept(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome);
static int   timer_judge(due_timer_t *due, crm_worker_outcome_t *outcome);
static int   timer_commit(due_timer_t *due, crm_worker_outcome_t *outcome);
static int   timer_committed(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome);
static int   timer_wait(due_timer_t *due, crm_worker_outcome_t *outcome);
static int   timer_waits(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome);
static void  timer_log(const due_timer_t *due);


void *
crm_worker_timer_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    due_timer_t   *due;
    crm_error_t    err;
    crm_status_t   rc;

    due = crm_pool_calloc(job->pool, 1, sizeof(due_timer_t));

    rc = due ? crm_timer_parse(&due->timer, job->root, job->pool, &err)
         : CRM_ENOMEM;

    if (rc == CRM_ENOMEM) {
        (void) crm_worker_errand_again(outcome, TIMER_WAITS, "out of memory");
        return NULL;
    }

    if (rc != CRM_OK || job->foreign
        || !crm_idform_is_any(due->timer.record_id))
    {
        (void) crm_worker_errand_end(outcome, CRM_WORKER_REFUSED,
                   CRM_WORKER_MALFORMED_JOB,
                   rc != CRM_OK ? err.text
                   : job->foreign ? "only rules have timers"
                   : "record_id must be the id of a record");
        return NULL;
    }

    crm_worker_errand_init(&due->errand, tools, job, done, data, TIMER_WAITS,
                           due);

    return crm_worker_errand_begin(&due->errand, timer_read, outcome)
           ? due : NULL;
}


void
crm_worker_timer_cancel(void *call)
{
    due_timer_t  *due;

    due = call;

    crm_worker_errand_cancel(&due->errand);
}


static int
timer_read(void *data, crm_worker_outcome_t *outcome)
{
    due_timer_t            *due;
    crm_dialect_request_t   asked;

    due = data;

    memset(&asked, 0, sizeof(crm_dialect_request_t));
    asked.method = "GET";
    asked.path = crm_dialect_record_path(due->errand.backend.dialect,
                                         due->timer.module,
                                         due->timer.record_id,
                                         due->errand.job->pool);
    if (asked.path.data == NULL) {
        return crm_worker_errand_again(outcome, TIMER_WAITS, "out of memory");
    }

    return crm_worker_errand_send(&due->errand, &asked,
                                  CRM_WORKER_BACKEND_MAX_ANSWER,
                                  timer_answered, outcome);
}


static int
timer_answered(void *data, crm_worker_outcome_t *outcome)
{
    due_timer_t          *due;
    crm_status_t          rc;
    crm_worker_errand_t  *errand;

    due = data;
    errand = &due->errand;

    rc = errand->answer.encoded
         ? CRM_EINVAL
         : crm_dialect_read_one(errand->backend.dialect, &due->stored,
                                due->timer.module, due->timer.record_id,
                                errand->answer.status,
                                crm_buf_view(&errand->answer.body), NULL,
                                errand->job->pool);

    if (rc == CRM_ENOMEM) {
        return crm_worker_errand_again(outcome, TIMER_WAITS, "out of memory");
    }

    if (rc != CRM_OK && rc != CRM_DECLINED) {
        return crm_worker_errand_strange(errand, outcome, "the record");
    }

    due->record = rc == CRM_OK ? &due->stored : NULL;

    return crm_timer_kept(&due->timer) ? timer_keeps(due, outcome)
                                       : timer_judge(due, outcome);
}


/* Read behind the record, so that nothing is done again of what was done
 * meanwhile: who judges an older record comes to the same event. */
static int
timer_keeps(due_timer_t *due, crm_worker_outcome_t *outcome)
{
    crm_str_t          args[3];
    crm_pool_t        *pool;
    crm_record_name_t  name;

    name.module = due->timer.module;
    name.id = due->timer.record_id;

    pool = crm_pool_create(crm_host_malloc(), 0);
    args[0] = CRM_STR("HGET");
    args[1] = pool ? crm_key_record(pool, due->errand.job->org, name)
                   : CRM_STR_NULL;
    args[2] = crm_strz(crm_timer_kept(&due->timer));

    return crm_worker_errand_ask(&due->errand, pool,
                                 args[1].data ? crm_cmd_plain(pool, args, 3)
                                              : NULL, timer_kept, outcome);
}


static int
timer_kept(void *data, const crm_reply_t *reply, crm_worker_outcome_t *outcome)
{
    due_timer_t  *due;

    due = data;

    if (reply->type != CRM_REPLY_STRING && reply->type != CRM_REPLY_NIL) {
        return crm_worker_errand_again(outcome, TIMER_WAITS, "Redis did not"
                                       " say what is kept of the record");
    }

    due->kept = reply->type == CRM_REPLY_STRING
                ? crm_pool_dup(due->errand.job->pool, reply->str)
                : CRM_STR("");

    return due->kept.data
           ? timer_judge(due, outcome)
           : crm_worker_errand_again(outcome, TIMER_WAITS, "out of memory");
}


static int
timer_judge(due_timer_t *due, crm_worker_outcome_t *outcome)
{
    long long        wait;
    crm_timer_now_t  now;

    memset(&now, 0, sizeof(crm_timer_now_t));
    now.rules = due->errand.revision->set;
    now.record = due->record;
    now.kept = due->kept;
    now.dialect = due->errand.backend.dialect;
    now.now_ms = (long long) time(NULL) * 1000;

    if (crm_timer_judge(&due->judged, &due->timer, &now, due->errand.job->pool)
        != CRM_OK)
    {
        return crm_worker_errand_again(outcome, TIMER_WAITS, "out of memory");
    }

    if (due->judged.early) {
        wait = due->judged.next_ms - now.now_ms;
        (void) crm_worker_errand_again(outcome, TIMER_WAITS,
                   "by this worker's clock it is too early");
        outcome->busy_ms = wait > CRM_WORKER_TIMER_EARLY_MS
                           ? CRM_WORKER_TIMER_EARLY_MS
                           : wait > 0 ? wait : 1;
        return 0;
    }

    return due->judged.reason ? timer_wait(due, outcome)
                              : timer_commit(due, outcome);
}


static int
timer_commit(due_timer_t *due, crm_worker_outcome_t *outcome)
{
    crm_pool_t         *pool;
    crm_cmd_commit_t    commit;
    crm_cmd_outcome_t   record;

    memset(&record, 0, sizeof(crm_cmd_outcome_t));
    record.name.module = due->timer.module;
    record.name.id = due->timer.record_id;
    record.created = 1;             /* there is no lease */
    record.changes = due->judged.plan.changes;
    record.n_changes = due->judged.plan.changes_count;

    memset(&commit, 0, sizeof(crm_cmd_commit_t));
    commit.org = due->errand.job->org;
    commit.event = due->judged.write.event;
    commit.traces = &due->judged.trace;
    commit.n_traces = 1;
    commit.jobs = due->judged.plan.jobs;
    commit.n_jobs = due->judged.plan.jobs_count;
    commit.records = &record;
    commit.n_records = 1;

    pool = crm_pool_create(crm_host_malloc(), 0);

    return crm_worker_errand_ask(&due->errand, pool,
                                 pool ? crm_cmd_commit(pool, &commit) : NULL,
                                 timer_committed, outcome);
}


/* Done before is as good: the same event, by the same id. */
static int
timer_committed(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome)
{
    crm_error_t   err;
    crm_commit_t  commit;

    return crm_state_commit(&commit, reply, &err) == CRM_OK
           ? timer_wait(data, outcome)
           : crm_worker_errand_again(outcome, TIMER_WAITS, err.text);
}


static int
timer_wait(due_timer_t *due, crm_worker_outcome_t *outcome)
{
    crm_buf_t         buf;
    crm_pool_t       *pool;
    crm_timer_t       next;
    crm_cmd_timer_t   wait;

    next = due->timer;
    next.due_ms = due->judged.next_ms;

    crm_buf_init(&buf, due->errand.job->pool, 0);

    if (next.due_ms >= 0) {
        crm_timer_encode(&buf, &next, due->judged.name);
    }

    wait.org = due->errand.job->org;
    wait.lease = due->errand.job->lease;
    wait.due_ms = next.due_ms;
    wait.body = crm_buf_view(&buf);
    wait.trace = due->judged.reason ? due->judged.trace : CRM_STR("");
    wait.record.module = due->timer.module;
    wait.record.id = due->timer.record_id;
    wait.field = due->judged.remembers ? crm_timer_kept(&due->timer) : NULL;
    wait.seen = due->kept;
    wait.keeps = due->judged.keeps;

    pool = crm_buf_status(&buf) == CRM_OK
           ? crm_pool_create(crm_host_malloc(), 0) : NULL;

    return crm_worker_errand_ask(&due->errand, pool,
                                 pool ? crm_cmd_timer(pool, &wait) : NULL,
                                 timer_waits, outcome);
}


static int
timer_waits(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome)
{
    due_timer_t   *due;
    crm_error_t    err;
    crm_settle_t   settle;

    due = data;

    if (crm_take_settled(&settle, NULL, reply, &err) != CRM_OK) {
        return crm_worker_errand_again(outcome, TIMER_WAITS, err.text);
    }

    if (settle == CRM_SETTLE_STALE) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "timer: stale, the lease is "
                       "another worker's, org:%s job:%s",
                       due->errand.job->org.data,
                       due->errand.job->lease.id.data);

    } else {
        timer_log(due);
    }

    return crm_worker_errand_end(outcome, CRM_WORKER_SETTLED, "ok", NULL);
}


static void
timer_log(const due_timer_t *due)
{
    const crm_worker_job_t  *job;

    job = due->errand.job;

    crm_worker_log(due->judged.reason && due->judged.tells
                   ? CRM_WORKER_LOG_NOTICE : CRM_WORKER_LOG_INFO,
                   "timer: %s, org:%s job:%s rule:\"%.*s\" record:\"%.*s/%.*s\""
                   " reason:\"%s\"", due->judged.reason ? "does not fire"
                                                      : "fires",
                   job->org.data, job->lease.id.data,
                   (int) job->rule.len, job->rule.data,
                   (int) job->module.len, job->module.data,
                   (int) job->record_id.len, job->record_id.data,
                   due->judged.reason ? due->judged.reason : "due");
}
