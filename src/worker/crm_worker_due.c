/*
 * A waiting job whose time has come.
 */

#include "crm_worker_due.h"

#include "crm_worker_fetch.h"
#include "crm_worker_log.h"
#include "crm_worker_recover.h"

#include "queue/crm_waiting.h"

#include <stdio.h>
#include <time.h>


/* Lives in the job's pool. */
struct crm_worker_due_s {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_org_t             *org;
    crm_worker_due_done_pt        done;
    void                         *data;

    crm_waiting_t                 waiting;
    crm_worker_revision_t        *revision;     /* held; that queued it */
    crm_worker_revision_t        *current;      /* held */
    crm_worker_rules_wait_t      *wait;         /* under way, one of the */
    crm_worker_http_call_t       *call;         /* two, or Redis */
    crm_worker_answer_t           answer;
    crm_record_t                  record;       /* as the backend shows it */
    crm_str_t                     course;       /* of a blueprint's: what Redis
                                                   keeps of it */
    crm_due_t                     judged;
    crm_str_t                     body;
    crm_worker_outcome_t         *outcome;      /* starting: the caller's */
    unsigned                      failed:1;
};


static void  due_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text);
static void  due_read(crm_worker_due_t *due);
static void  due_answered(void *data, const crm_worker_outcome_t *outcome);
static void  due_seen(crm_worker_due_t *due);
static void  due_course(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  due_judge(crm_worker_due_t *due, const crm_record_t *record);
static void  due_tell(crm_worker_due_t *due);
static crm_cmd_t *due_command(crm_worker_due_t *due, crm_pool_t *pool);
static void  due_told(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  due_log(const crm_worker_due_t *due);
static void  due_fail(crm_worker_due_t *due, crm_worker_verdict_t verdict,
    const char *class, const char *sentence);
static void  due_end(crm_worker_due_t *due, crm_worker_due_result_t result,
    const crm_worker_outcome_t *outcome);
static void  due_release(crm_worker_due_t *due);


crm_worker_due_t *
crm_worker_due_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_due_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    crm_error_t        err;
    crm_status_t       rc;
    crm_worker_due_t  *due;

    due = crm_pool_calloc(job->pool, 1, sizeof(crm_worker_due_t));

    if (due == NULL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return NULL;
    }

    due->tools = tools;
    due->job = job;
    due->org = job->owner;
    due->done = done;
    due->data = data;
    due->outcome = outcome;

    rc = crm_waiting_parse(&due->waiting, job->body, job->pool, &err);

    if (rc == CRM_ENOMEM) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY, NULL);

    } else if (rc != CRM_OK) {
        due_fail(due, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB, err.text);

    } else if (job->foreign) {
        due_fail(due, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB,
                 "only what a rule has scheduled may wait");

    } else if (due->org->revision == NULL) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_RULES,
                 "the current rules are not known");

    } else {
        due->current = due->org->revision;
        crm_worker_rules_hold(due->current);
        due->wait = crm_worker_rules_get(due->org->fetch->settle.rules,
                                         job->org, due->waiting.revision,
                                         due_ruled, due);
    }

    due->outcome = NULL;

    return due->failed ? NULL : due;
}


int
crm_worker_due_cancel(crm_worker_due_t *due)
{
    if (due->wait != NULL) {
        crm_worker_rules_cancel(due->wait);

    } else if (due->call != NULL) {
        crm_worker_http_cancel(due->call);

    } else {
        return 0;
    }

    due_release(due);

    return 1;
}


/* Rules that are gone stay gone; those that do not compile here may do so in
 * another worker. */
static void
due_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text)
{
    crm_worker_due_t  *due;

    due = data;
    due->wait = NULL;
    due->revision = revision;

    if (status == CRM_WORKER_RULES_OK) {
        due_read(due);
        return;
    }

    due_fail(due, status == CRM_WORKER_RULES_MISSING ? CRM_WORKER_REFUSED
                                                     : CRM_WORKER_FAILED,
             CRM_WORKER_NO_RULES, text);
}


static void
due_read(crm_worker_due_t *due)
{
    crm_str_t                     path;
    crm_status_t                  rc;
    crm_worker_outcome_t          outcome;
    crm_worker_backend_t          backend;
    crm_worker_dispatch_tools_t  *tools;

    tools = due->tools;

    if (crm_waiting_dialect(&due->waiting, due->revision->set) != CRM_OK
        && crm_waiting_dialect(&due->waiting, due->current->set) != CRM_OK)
    {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_RULES,
                 "its dialect is neither built in nor among the rules: apply"
                 " the file");
        return;
    }

    rc = crm_waiting_path(&path, &due->waiting, due->job->pool);

    if (rc == CRM_ENOMEM) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    if (rc == CRM_EINVAL) {
        due_fail(due, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB,
                 "record_id must be the id of a record");
        return;
    }

    if (rc == CRM_DECLINED) {
        due_judge(due, NULL);
        return;
    }

    crm_worker_recover_backend(due->org, &backend);

    if (backend.url.data == NULL) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_BACKEND,
                 "the record cannot be read, give --backend or apply a kind:"
                 " backend");
        return;
    }

    crm_worker_answer_init(&due->answer, due->job->pool,
                           CRM_WORKER_BACKEND_MAX_ANSWER);

    due->call = crm_worker_backend_get(&backend, &tools->http,
                                       &tools->secrets, path,
                                       due->org->fetch->settle.timeout_ms,
                                       &due->answer, due_answered, due,
                                       &outcome);
    if (due->call == NULL) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR,
                 outcome.reason);
    }
}


static void
due_answered(void *data, const crm_worker_outcome_t *outcome)
{
    char               text[64];
    crm_status_t       rc;
    crm_worker_due_t  *due;

    due = data;
    due->call = NULL;

    if (outcome->verdict != CRM_WORKER_DELIVERED) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR,
                 outcome->reason);
        return;
    }

    rc = due->answer.encoded
         ? CRM_EINVAL
         : crm_dialect_read_one(due->waiting.dialect, &due->record,
                                due->waiting.module, due->waiting.record_id,
                                due->answer.status,
                                crm_buf_view(&due->answer.body), NULL,
                                due->job->pool);

    if (rc == CRM_ENOMEM) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY, NULL);

    } else if (rc == CRM_DECLINED) {
        due_judge(due, NULL);

    } else if (rc != CRM_OK) {
        snprintf(text, sizeof(text), "it answers %u, not with the record",
                 due->answer.status);
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR, text);

    } else {
        due_seen(due);
    }
}


/* Where a record is in its blueprint, Redis knows. */
static void
due_seen(crm_worker_due_t *due)
{
    crm_str_t          args[3];
    crm_pool_t        *pool;
    crm_record_name_t  name;

    if (due->waiting.process == CRM_PROCESS_NONE || due->waiting.block == 0) {
        due_judge(due, &due->record);
        return;
    }

    name.module = due->waiting.module;
    name.id = due->waiting.record_id;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    args[0] = CRM_STR("HGET");
    args[1] = crm_key_record(pool, due->waiting.org, name);
    args[2] = CRM_STR(CRM_STATE_BLUEPRINT);

    if (crm_worker_link_send(due->tools->link, pool,
                             args[1].data ? crm_cmd_plain(pool, args, 3)
                                          : NULL, due_course, due)
        != CRM_OK)
    {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_REDIS, NULL);
    }
}


static void
due_course(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_worker_due_t  *due;

    (void) pool;

    due = data;
    due->course = CRM_STR("");

    if (reply == NULL || (reply->type != CRM_REPLY_STRING
                          && reply->type != CRM_REPLY_NIL))
    {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_REDIS,
                 "what is kept of the record's blueprint cannot be read");
        return;
    }

    if (reply->type == CRM_REPLY_STRING) {
        due->course = crm_pool_dup(due->job->pool, reply->str);
    }

    if (due->course.data == NULL) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    due_judge(due, &due->record);
}


static void
due_judge(crm_worker_due_t *due, const crm_record_t *record)
{
    crm_buf_t          buf;
    crm_error_t        err;
    crm_status_t       rc;
    crm_waiting_now_t  now;

    memset(&now, 0, sizeof(now));
    now.rules = due->revision->set;
    now.current = due->current->set;
    now.record = record;
    now.course = due->course;
    now.now_ms = (long long) time(NULL) * 1000;

    rc = crm_waiting_judge(&due->judged, &due->waiting, &now, due->job->pool,
                           &err);

    if (rc == CRM_EINVAL) {
        due_fail(due, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB, err.text);
        return;
    }

    if (rc == CRM_OK && !due->judged.runs && due->waiting.block == 0) {
        due_fail(due, CRM_WORKER_REFUSED, due->judged.reason,
                 "what the job needs of the record cannot be known any more");
        return;
    }

    crm_buf_init(&buf, due->job->pool, 0);

    if (rc == CRM_OK) {
        rc = due->judged.runs ? crm_waiting_render(&due->judged, &buf)
                              : crm_waiting_trace(&due->judged, &buf);
    }

    if (rc != CRM_OK) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY, NULL);
        return;
    }

    due->body = crm_buf_view(&buf);
    due_tell(due);
}


static void
due_tell(crm_worker_due_t *due)
{
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_worker_link_send(due->tools->link, pool,
                                due_command(due, pool), due_told, due)
           != CRM_OK)
    {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_REDIS, NULL);
    }
}


static crm_cmd_t *
due_command(crm_worker_due_t *due, crm_pool_t *pool)
{
    crm_worker_job_t  *job;

    job = due->job;

    return due->judged.runs
           ? crm_cmd_render(pool, job->org, job->lease, due->body)
           : crm_cmd_cancel(pool, job->org, job->lease, due->body);
}


/* Without an answer it is not known whether Redis has done it; then it was
 * the end, or the same is found out again. */
static void
due_told(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t        err;
    crm_settle_t       settle;
    crm_worker_due_t  *due;

    (void) pool;

    due = data;

    if (reply == NULL) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_REDIS, NULL);
        return;
    }

    if (crm_take_settled(&settle, NULL, reply, &err) != CRM_OK) {
        due_fail(due, CRM_WORKER_FAILED, CRM_WORKER_NO_REDIS, err.text);
        return;
    }

    if (settle == CRM_SETTLE_STALE) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "dispatch: stale, the lease is "
                       "another worker's, org:%s job:%s", due->job->org.data,
                       due->job->lease.id.data);
        due_end(due, CRM_WORKER_DUE_ENDED, NULL);
        return;
    }

    if (settle == CRM_SETTLE_BEHIND) {
        crm_worker_log(CRM_WORKER_LOG_INFO, "dispatch: behind others of its "
                       "record, org:%s job:%s", due->job->org.data,
                       due->job->lease.id.data);
        due_end(due, CRM_WORKER_DUE_ENDED, NULL);
        return;
    }

    if (!due->judged.runs) {
        due_log(due);
        due_end(due, CRM_WORKER_DUE_ENDED, NULL);
        return;
    }

    due->job->body = due->body;
    due->job->attempts = 0;
    due_end(due, CRM_WORKER_DUE_RUNS, NULL);
}


static void
due_log(const crm_worker_due_t *due)
{
    crm_worker_job_t  *job;

    job = due->job;

    crm_worker_log(CRM_WORKER_LOG_NOTICE, "dispatch: cancelled, org:%s "
                   "job:%s type:\"%.*s\" rule:\"%.*s\" record:\"%.*s/%.*s\" "
                   "reason:\"%s\"", job->org.data, job->lease.id.data,
                   (int) job->type.len, job->type.data,
                   (int) job->rule.len, job->rule.data,
                   (int) job->module.len, job->module.data,
                   (int) job->record_id.len, job->record_id.data,
                   due->judged.reason);
}


static void
due_fail(crm_worker_due_t *due, crm_worker_verdict_t verdict,
    const char *class, const char *sentence)
{
    crm_worker_outcome_t  outcome;

    crm_worker_outcome_set(&outcome, verdict, class, sentence);

    if (due->outcome != NULL) {
        due->failed = 1;
        *due->outcome = outcome;
        due_release(due);
        return;
    }

    due_end(due, CRM_WORKER_DUE_FAILED, &outcome);
}


static void
due_end(crm_worker_due_t *due, crm_worker_due_result_t result,
    const crm_worker_outcome_t *outcome)
{
    due_release(due);
    due->done(due->data, result, outcome);
}


static void
due_release(crm_worker_due_t *due)
{
    if (due->revision != NULL) {
        crm_worker_rules_release(due->revision);
        due->revision = NULL;
    }

    if (due->current != NULL) {
        crm_worker_rules_release(due->current);
        due->current = NULL;
    }
}
