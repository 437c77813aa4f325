/*
 * A timer has come: what is to be done about its record.
 */

#include "crm_worker_timer.h"

#include "crm_worker_ask.h"
#include "crm_worker_log.h"
#include "crm_worker_recover.h"

#include "queue/crm_timer.h"
#include "record/crm_idform.h"

#include <stdio.h>
#include <time.h>


/* Until Redis is asked again. */
#define TIMER_AGAIN_MS  1000


/* Lives in the job's pool. */
typedef struct {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_org_t             *org;
    crm_worker_http_done_pt       done;
    void                         *data;

    crm_worker_revision_t        *revision;     /* held; the current one */
    crm_worker_http_call_t       *call;         /* under way, one of */
    crm_worker_ask_t             *ask;          /* the two */
    crm_worker_answer_t           answer;
    crm_worker_backend_t          backend;
    crm_record_t                  stored;
    const crm_record_t           *record;       /* that, or NULL: it is gone */
    crm_str_t                     kept;         /* what Redis keeps of it */
    crm_timer_t                   timer;
    crm_timer_due_t               judged;
} due_timer_t;


static int   timer_read(due_timer_t *due, crm_worker_outcome_t *outcome);
static void  timer_answered(void *data, const crm_worker_outcome_t *outcome);
static int   timer_keeps(due_timer_t *due, crm_worker_outcome_t *outcome);
static void  timer_kept(void *data, const crm_reply_t *reply);
static int   timer_judge(due_timer_t *due, crm_worker_outcome_t *outcome);
static int   timer_commit(due_timer_t *due, crm_worker_outcome_t *outcome);
static void  timer_committed(void *data, const crm_reply_t *reply);
static int   timer_wait(due_timer_t *due, crm_worker_outcome_t *outcome);
static void  timer_waits(void *data, const crm_reply_t *reply);
static int   timer_ask(due_timer_t *due, crm_pool_t *pool, crm_cmd_t *cmd,
    crm_worker_ask_done_pt told, crm_worker_outcome_t *outcome);
static void  timer_log(const due_timer_t *due);
static void  timer_end(due_timer_t *due, const crm_worker_outcome_t *outcome);
static int   timer_fail(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence);
static int   timer_again(crm_worker_outcome_t *outcome, long long ms,
    const char *why);


void *
crm_worker_timer_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    due_timer_t   *due;
    crm_error_t    err;
    crm_status_t   rc;

    due = crm_pool_calloc(job->pool, 1, sizeof(due_timer_t));

    if (due == NULL) {
        (void) timer_again(outcome, TIMER_AGAIN_MS, "out of memory");
        return NULL;
    }

    due->tools = tools;
    due->job = job;
    due->org = job->owner;
    due->done = done;
    due->data = data;

    rc = crm_timer_parse(&due->timer, job->root, job->pool, &err);

    if (rc == CRM_ENOMEM) {
        (void) timer_again(outcome, TIMER_AGAIN_MS, "out of memory");
        return NULL;
    }

    if (rc != CRM_OK || job->foreign
        || !crm_idform_is_any(due->timer.record_id))
    {
        (void) timer_fail(outcome, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB,
                         rc != CRM_OK ? err.text
                         : job->foreign ? "only rules have timers"
                         : "record_id must be the id of a record");
        return NULL;
    }

    if (due->org->revision == NULL) {
        (void) timer_again(outcome, TIMER_AGAIN_MS,
                          "the current rules are not known");
        return NULL;
    }

    due->revision = due->org->revision;
    crm_worker_rules_hold(due->revision);

    if (!timer_read(due, outcome)) {
        crm_worker_rules_release(due->revision);
        return NULL;
    }

    return due;
}


void
crm_worker_timer_cancel(void *call)
{
    due_timer_t  *due;

    due = call;

    if (due->call != NULL) {
        crm_worker_http_cancel(due->call);
    }

    if (due->ask != NULL) {
        crm_worker_ask_forget(due->ask);
    }

    crm_worker_rules_release(due->revision);
}


/* 0: it cannot be, and *outcome says why. */
static int
timer_read(due_timer_t *due, crm_worker_outcome_t *outcome)
{
    crm_str_t  path;

    crm_worker_recover_backend(due->org, &due->backend);

    if (due->backend.url.data == NULL) {
        return timer_fail(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_BACKEND,
                         "the record cannot be read, give --backend or apply"
                         " a kind: backend");
    }

    path = crm_dialect_record_path(due->backend.dialect, due->timer.module,
                                   due->timer.record_id, due->job->pool);
    if (path.data == NULL) {
        return timer_again(outcome, TIMER_AGAIN_MS, "out of memory");
    }

    crm_worker_answer_init(&due->answer, due->job->pool,
                           CRM_WORKER_BACKEND_MAX_ANSWER);

    due->call = crm_worker_backend_get(&due->backend, &due->tools->http,
                                        &due->tools->secrets, path,
                                        due->org->fetch->settle.timeout_ms,
                                        &due->answer, timer_answered, due,
                                        outcome);

    return due->call != NULL;
}


static void
timer_answered(void *data, const crm_worker_outcome_t *outcome)
{
    int                    goes_on;
    char                   text[64];
    due_timer_t           *due;
    crm_status_t           rc;
    crm_worker_outcome_t   own;

    due = data;
    due->call = NULL;

    if (outcome->verdict != CRM_WORKER_DELIVERED) {
        (void) timer_fail(&own, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR,
                         outcome->reason);
        timer_end(due, &own);
        return;
    }

    rc = due->answer.encoded
         ? CRM_EINVAL
         : crm_dialect_read_one(due->backend.dialect, &due->stored,
                                due->timer.module, due->timer.record_id,
                                due->answer.status,
                                crm_buf_view(&due->answer.body), NULL,
                                due->job->pool);

    if (rc == CRM_ENOMEM) {
        goes_on = timer_again(&own, TIMER_AGAIN_MS, "out of memory");

    } else if (rc == CRM_OK || rc == CRM_DECLINED) {
        due->record = rc == CRM_OK ? &due->stored : NULL;
        goes_on = crm_timer_kept(&due->timer) ? timer_keeps(due, &own)
                                              : timer_judge(due, &own);

    } else {
        snprintf(text, sizeof(text), "it answers %u, not with the record",
                 due->answer.status);
        goes_on = timer_fail(&own, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR,
                            text);
    }

    if (!goes_on) {
        timer_end(due, &own);
    }
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
    args[1] = pool ? crm_key_record(pool, due->job->org, name) : CRM_STR_NULL;
    args[2] = crm_strz(crm_timer_kept(&due->timer));

    return timer_ask(due, pool, args[1].data ? crm_cmd_plain(pool, args, 3)
                                             : NULL, timer_kept, outcome);
}


static void
timer_kept(void *data, const crm_reply_t *reply)
{
    int                    goes_on;
    due_timer_t           *due;
    crm_worker_outcome_t   outcome;

    due = data;
    due->ask = NULL;
    due->kept = CRM_STR("");

    if (reply && reply->type == CRM_REPLY_STRING) {
        due->kept = crm_pool_dup(due->job->pool, reply->str);
    }

    if (reply == NULL || (reply->type != CRM_REPLY_STRING
                          && reply->type != CRM_REPLY_NIL))
    {
        goes_on = timer_again(&outcome, TIMER_AGAIN_MS, "Redis did not say"
                              " what is kept of the record");

    } else if (due->kept.data == NULL) {
        goes_on = timer_again(&outcome, TIMER_AGAIN_MS, "out of memory");

    } else {
        goes_on = timer_judge(due, &outcome);
    }

    if (!goes_on) {
        timer_end(due, &outcome);
    }
}


static int
timer_judge(due_timer_t *due, crm_worker_outcome_t *outcome)
{
    long long        wait;
    crm_timer_now_t  now;

    memset(&now, 0, sizeof(crm_timer_now_t));
    now.rules = due->revision->set;
    now.record = due->record;
    now.kept = due->kept;
    now.dialect = due->backend.dialect;
    now.now_ms = (long long) time(NULL) * 1000;

    if (crm_timer_judge(&due->judged, &due->timer, &now, due->job->pool)
        != CRM_OK)
    {
        return timer_again(outcome, TIMER_AGAIN_MS, "out of memory");
    }

    if (due->judged.early) {
        wait = due->judged.next_ms - now.now_ms;
        return timer_again(outcome, wait < CRM_WORKER_TIMER_EARLY_MS
                                   ? wait : CRM_WORKER_TIMER_EARLY_MS,
                          "by this worker's clock it is too early");
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
    commit.org = due->job->org;
    commit.event = due->judged.write.event;
    commit.traces = &due->judged.trace;
    commit.n_traces = 1;
    commit.jobs = due->judged.plan.jobs;
    commit.n_jobs = due->judged.plan.jobs_count;
    commit.records = &record;
    commit.n_records = 1;

    pool = crm_pool_create(crm_host_malloc(), 0);

    return timer_ask(due, pool, pool ? crm_cmd_commit(pool, &commit) : NULL,
                    timer_committed, outcome);
}


/* Done before is as good: the same event, by the same id. */
static void
timer_committed(void *data, const crm_reply_t *reply)
{
    int                    goes_on;
    due_timer_t           *due;
    crm_error_t            err;
    crm_commit_t           commit;
    crm_worker_outcome_t   outcome;

    due = data;
    due->ask = NULL;

    if (reply == NULL) {
        goes_on = timer_again(&outcome, TIMER_AGAIN_MS, "Redis did not answer");

    } else if (crm_state_commit(&commit, reply, &err) != CRM_OK) {
        goes_on = timer_again(&outcome, TIMER_AGAIN_MS, err.text);

    } else {
        goes_on = timer_wait(due, &outcome);
    }

    if (!goes_on) {
        timer_end(due, &outcome);
    }
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

    crm_buf_init(&buf, due->job->pool, 0);

    if (next.due_ms >= 0) {
        crm_timer_encode(&buf, &next, due->judged.name);
    }

    wait.org = due->job->org;
    wait.lease = due->job->lease;
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

    return timer_ask(due, pool, pool ? crm_cmd_timer(pool, &wait) : NULL,
                     timer_waits, outcome);
}


static void
timer_waits(void *data, const crm_reply_t *reply)
{
    due_timer_t           *due;
    crm_error_t            err;
    crm_settle_t           settle;
    crm_worker_outcome_t   outcome;

    due = data;
    due->ask = NULL;

    if (reply == NULL) {
        (void) timer_again(&outcome, TIMER_AGAIN_MS, "Redis did not answer");

    } else if (crm_take_settled(&settle, NULL, reply, &err) != CRM_OK) {
        (void) timer_again(&outcome, TIMER_AGAIN_MS, err.text);

    } else if (settle == CRM_SETTLE_STALE) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "timer: stale, the lease is "
                       "another worker's, org:%s job:%s", due->job->org.data,
                       due->job->lease.id.data);
        crm_worker_outcome_set(&outcome, CRM_WORKER_SETTLED, "ok", NULL);

    } else {
        timer_log(due);
        crm_worker_outcome_set(&outcome, CRM_WORKER_SETTLED, "ok", NULL);
    }

    timer_end(due, &outcome);
}


static int
timer_ask(due_timer_t *due, crm_pool_t *pool, crm_cmd_t *cmd,
    crm_worker_ask_done_pt told, crm_worker_outcome_t *outcome)
{
    due->ask = crm_worker_ask(due->tools->link, pool, cmd, told, due);

    return due->ask != NULL
           || timer_again(outcome, TIMER_AGAIN_MS, "Redis cannot be asked");
}


static void
timer_log(const due_timer_t *due)
{
    crm_worker_log(due->judged.reason && due->judged.tells
                   ? CRM_WORKER_LOG_NOTICE : CRM_WORKER_LOG_INFO,
                   "timer: %s, org:%s job:%s rule:\"%.*s\" record:\"%.*s/%.*s\""
                   " reason:\"%s\"", due->judged.reason ? "does not fire"
                                                      : "fires",
                   due->job->org.data, due->job->lease.id.data,
                   (int) due->job->rule.len, due->job->rule.data,
                   (int) due->job->module.len, due->job->module.data,
                   (int) due->job->record_id.len, due->job->record_id.data,
                   due->judged.reason ? due->judged.reason : "due");
}


static void
timer_end(due_timer_t *due, const crm_worker_outcome_t *outcome)
{
    crm_worker_rules_release(due->revision);
    due->done(due->data, outcome);
}


static int
timer_fail(crm_worker_outcome_t *outcome, crm_worker_verdict_t verdict,
    const char *class, const char *sentence)
{
    crm_worker_outcome_set(outcome, verdict, class, sentence);

    return 0;
}


static int
timer_again(crm_worker_outcome_t *outcome, long long ms, const char *why)
{
    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, "timer_waits", why);
    outcome->busy_ms = ms > 0 ? ms : 1;

    return 0;
}
