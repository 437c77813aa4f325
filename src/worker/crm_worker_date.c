/*
 * The timer of a record's date has come.
 */

#include "crm_worker_date.h"

#include "crm_worker_ask.h"
#include "crm_worker_log.h"
#include "crm_worker_recover.h"

#include "queue/crm_date_timer.h"
#include "record/crm_idform.h"

#include <stdio.h>
#include <time.h>


/* Until Redis is asked again. */
#define DATE_AGAIN_MS  1000


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
    crm_record_t                  record;
    crm_date_timer_t              timer;
    crm_date_due_t                due;
} date_t;


static int   date_read(date_t *date, crm_worker_outcome_t *outcome);
static void  date_answered(void *data, const crm_worker_outcome_t *outcome);
static int   date_is_other(date_t *date);
static int   date_judge(date_t *date, const crm_record_t *record,
    crm_worker_outcome_t *outcome);
static int   date_commit(date_t *date, crm_worker_outcome_t *outcome);
static void  date_committed(void *data, const crm_reply_t *reply);
static int   date_wait(date_t *date, crm_worker_outcome_t *outcome);
static void  date_waits(void *data, const crm_reply_t *reply);
static int   date_ask(date_t *date, crm_pool_t *pool, crm_cmd_t *cmd,
    crm_worker_ask_done_pt told, crm_worker_outcome_t *outcome);
static void  date_log(const date_t *date);
static void  date_end(date_t *date, const crm_worker_outcome_t *outcome);
static int   date_fail(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence);
static int   date_again(crm_worker_outcome_t *outcome, long long ms,
    const char *why);


void *
crm_worker_date_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    date_t        *date;
    crm_error_t    err;
    crm_status_t   rc;

    date = crm_pool_calloc(job->pool, 1, sizeof(date_t));

    if (date == NULL) {
        (void) date_again(outcome, DATE_AGAIN_MS, "out of memory");
        return NULL;
    }

    date->tools = tools;
    date->job = job;
    date->org = job->owner;
    date->done = done;
    date->data = data;

    rc = crm_date_timer_parse(&date->timer, job->root, job->pool, &err);

    if (rc == CRM_ENOMEM) {
        (void) date_again(outcome, DATE_AGAIN_MS, "out of memory");
        return NULL;
    }

    if (rc != CRM_OK || job->foreign
        || !crm_idform_is_any(date->timer.record_id))
    {
        (void) date_fail(outcome, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB,
                         rc != CRM_OK ? err.text
                         : job->foreign ? "only rules have dates"
                         : "record_id must be the id of a record");
        return NULL;
    }

    if (date->org->revision == NULL) {
        (void) date_again(outcome, DATE_AGAIN_MS,
                          "the current rules are not known");
        return NULL;
    }

    date->revision = date->org->revision;
    crm_worker_rules_hold(date->revision);

    if (!date_read(date, outcome)) {
        crm_worker_rules_release(date->revision);
        return NULL;
    }

    return date;
}


void
crm_worker_date_cancel(void *call)
{
    date_t  *date;

    date = call;

    if (date->call != NULL) {
        crm_worker_http_cancel(date->call);
    }

    if (date->ask != NULL) {
        crm_worker_ask_forget(date->ask);
    }

    crm_worker_rules_release(date->revision);
}


/* 0: it cannot be, and *outcome says why. */
static int
date_read(date_t *date, crm_worker_outcome_t *outcome)
{
    crm_str_t  path;

    crm_worker_recover_backend(date->org, &date->backend);

    if (date->backend.url.data == NULL) {
        return date_fail(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_BACKEND,
                         "the record cannot be read, give --backend or apply"
                         " a kind: backend");
    }

    path = crm_dialect_record_path(date->backend.dialect, date->timer.module,
                                   date->timer.record_id, date->job->pool);
    if (path.data == NULL) {
        return date_again(outcome, DATE_AGAIN_MS, "out of memory");
    }

    crm_worker_answer_init(&date->answer, date->job->pool,
                           CRM_WORKER_BACKEND_MAX_ANSWER);

    date->call = crm_worker_backend_get(&date->backend, &date->tools->http,
                                        &date->tools->secrets, path,
                                        date->org->fetch->settle.timeout_ms,
                                        &date->answer, date_answered, date,
                                        outcome);

    return date->call != NULL;
}


static void
date_answered(void *data, const crm_worker_outcome_t *outcome)
{
    int                    goes_on;
    char                   text[64];
    date_t                *date;
    crm_status_t           rc;
    crm_worker_outcome_t   own;

    date = data;
    date->call = NULL;

    if (outcome->verdict != CRM_WORKER_DELIVERED) {
        (void) date_fail(&own, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR,
                         outcome->reason);
        date_end(date, &own);
        return;
    }

    rc = date->answer.encoded
         ? CRM_EINVAL
         : crm_dialect_read_back(date->backend.dialect, &date->record,
                                 date->answer.status,
                                 crm_buf_view(&date->answer.body), NULL,
                                 date->job->pool);

    if (rc == CRM_OK && date_is_other(date)) {
        rc = CRM_EINVAL;
    }

    if (rc == CRM_ENOMEM) {
        goes_on = date_again(&own, DATE_AGAIN_MS, "out of memory");

    } else if (rc == CRM_OK || rc == CRM_DECLINED) {
        goes_on = date_judge(date, rc == CRM_OK ? &date->record : NULL, &own);

    } else {
        snprintf(text, sizeof(text), "it answers %u, not with the record",
                 date->answer.status);
        goes_on = date_fail(&own, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR,
                            text);
    }

    if (!goes_on) {
        date_end(date, &own);
    }
}


/* One record was asked for: does this one say that it is another? */
static int
date_is_other(date_t *date)
{
    crm_str_t     id;
    crm_status_t  rc;

    rc = crm_dialect_id_in(date->backend.dialect, &id, date->timer.module,
                           &date->record, date->job->pool);

    return rc != CRM_DECLINED
           && (rc != CRM_OK || !crm_str_eq(id, date->timer.record_id));
}


static int
date_judge(date_t *date, const crm_record_t *record,
    crm_worker_outcome_t *outcome)
{
    long long       wait;
    crm_date_now_t  now;

    now.rules = date->revision->set;
    now.record = record;
    now.dialect = date->backend.dialect;
    now.now_ms = (long long) time(NULL) * 1000;

    if (crm_date_timer_judge(&date->due, &date->timer, &now, date->job->pool)
        != CRM_OK)
    {
        return date_again(outcome, DATE_AGAIN_MS, "out of memory");
    }

    if (date->due.early) {
        wait = date->due.next_ms - now.now_ms;
        return date_again(outcome, wait < CRM_WORKER_DATE_EARLY_MS
                                   ? wait : CRM_WORKER_DATE_EARLY_MS,
                          "by this worker's clock it is too early");
    }

    return date->due.reason ? date_wait(date, outcome)
                            : date_commit(date, outcome);
}


static int
date_commit(date_t *date, crm_worker_outcome_t *outcome)
{
    crm_pool_t         *pool;
    crm_cmd_commit_t    commit;
    crm_cmd_outcome_t   record;

    memset(&record, 0, sizeof(crm_cmd_outcome_t));
    record.name.module = date->timer.module;
    record.name.id = date->timer.record_id;
    record.created = 1;             /* there is no lease */
    record.changes = date->due.plan.changes;
    record.n_changes = date->due.plan.changes_count;

    memset(&commit, 0, sizeof(crm_cmd_commit_t));
    commit.org = date->job->org;
    commit.event = date->due.write.event;
    commit.traces = &date->due.trace;
    commit.n_traces = 1;
    commit.jobs = date->due.plan.jobs;
    commit.n_jobs = date->due.plan.jobs_count;
    commit.records = &record;
    commit.n_records = 1;

    pool = crm_pool_create(crm_host_malloc(), 0);

    return date_ask(date, pool, pool ? crm_cmd_commit(pool, &commit) : NULL,
                    date_committed, outcome);
}


/* Done before is as good: the same event, by the same id. */
static void
date_committed(void *data, const crm_reply_t *reply)
{
    int                    goes_on;
    date_t                *date;
    crm_error_t            err;
    crm_commit_t           commit;
    crm_worker_outcome_t   outcome;

    date = data;
    date->ask = NULL;

    if (reply == NULL) {
        goes_on = date_again(&outcome, DATE_AGAIN_MS, "Redis did not answer");

    } else if (crm_state_commit(&commit, reply, &err) != CRM_OK) {
        goes_on = date_again(&outcome, DATE_AGAIN_MS, err.text);

    } else {
        goes_on = date_wait(date, &outcome);
    }

    if (!goes_on) {
        date_end(date, &outcome);
    }
}


static int
date_wait(date_t *date, crm_worker_outcome_t *outcome)
{
    crm_buf_t         buf;
    crm_pool_t       *pool;
    crm_date_timer_t  timer;

    timer = date->timer;
    timer.due_ms = date->due.next_ms;

    crm_buf_init(&buf, date->job->pool, 0);

    if (timer.due_ms >= 0 && date->due.rule) {
        crm_date_timer_encode(&buf, &timer, date->due.rule->name);
    }

    pool = crm_buf_status(&buf) == CRM_OK
           ? crm_pool_create(crm_host_malloc(), 0) : NULL;

    return date_ask(date, pool,
                    pool ? crm_cmd_date(pool, date->job->org, date->job->lease,
                                        timer.due_ms, crm_buf_view(&buf),
                                        date->due.reason ? date->due.trace
                                                         : CRM_STR(""))
                         : NULL, date_waits, outcome);
}


static void
date_waits(void *data, const crm_reply_t *reply)
{
    date_t                *date;
    crm_error_t            err;
    crm_settle_t           settle;
    crm_worker_outcome_t   outcome;

    date = data;
    date->ask = NULL;

    if (reply == NULL) {
        (void) date_again(&outcome, DATE_AGAIN_MS, "Redis did not answer");

    } else if (crm_take_settled(&settle, NULL, reply, &err) != CRM_OK) {
        (void) date_again(&outcome, DATE_AGAIN_MS, err.text);

    } else if (settle == CRM_SETTLE_STALE) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "date: stale, the lease is "
                       "another worker's, org:%s job:%s", date->job->org.data,
                       date->job->lease.id.data);
        crm_worker_outcome_set(&outcome, CRM_WORKER_SETTLED, "ok", NULL);

    } else {
        date_log(date);
        crm_worker_outcome_set(&outcome, CRM_WORKER_SETTLED, "ok", NULL);
    }

    date_end(date, &outcome);
}


static int
date_ask(date_t *date, crm_pool_t *pool, crm_cmd_t *cmd,
    crm_worker_ask_done_pt told, crm_worker_outcome_t *outcome)
{
    date->ask = crm_worker_ask(date->tools->link, pool, cmd, told, date);

    return date->ask != NULL
           || date_again(outcome, DATE_AGAIN_MS, "Redis cannot be asked");
}


static void
date_log(const date_t *date)
{
    crm_worker_log(date->due.reason && date->due.tells
                   ? CRM_WORKER_LOG_NOTICE : CRM_WORKER_LOG_INFO,
                   "date: %s, org:%s job:%s rule:\"%.*s\" record:\"%.*s/%.*s\""
                   " reason:\"%s\"", date->due.reason ? "does not fire"
                                                      : "fires",
                   date->job->org.data, date->job->lease.id.data,
                   (int) date->job->rule.len, date->job->rule.data,
                   (int) date->job->module.len, date->job->module.data,
                   (int) date->job->record_id.len, date->job->record_id.data,
                   date->due.reason ? date->due.reason : "due");
}


static void
date_end(date_t *date, const crm_worker_outcome_t *outcome)
{
    crm_worker_rules_release(date->revision);
    date->done(date->data, outcome);
}


static int
date_fail(crm_worker_outcome_t *outcome, crm_worker_verdict_t verdict,
    const char *class, const char *sentence)
{
    crm_worker_outcome_set(outcome, verdict, class, sentence);

    return 0;
}


static int
date_again(crm_worker_outcome_t *outcome, long long ms, const char *why)
{
    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, "date_waits", why);
    outcome->busy_ms = ms > 0 ? ms : 1;

    return 0;
}
