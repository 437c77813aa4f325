/*
 * Record writes: job to signed request, answer to outcome.
 */

#include "crm_worker_record.h"

#include "crm_worker_fetch.h"
#include "crm_worker_record_event.h"
#include "crm_worker_record_job.h"
#include "crm_worker_record_owner.h"
#include "crm_worker_record_tell.h"
#include "crm_worker_record_turn.h"
#include "crm_worker_recover.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>


/* A record that is busy is tried again after an eighth of the time that the
 * job has waited already, within these; in the end it is dead. */
#define RECORD_BUSY_MIN_MS   1000
#define RECORD_BUSY_MAX_MS   60000
#define RECORD_BUSY_PART     8
#define RECORD_BUSY_END_MS   (24LL * 3600 * 1000)

/* Headers of ours, and which of them is the chain's. */
#define RECORD_LINES  3
#define RECORD_CHAIN  0


/* A write under way; lives in the job's pool. */
typedef struct {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_http_done_pt       done;
    void                         *data;
    crm_worker_http_call_t       *call;
    crm_worker_ask_t             *turn;         /* Redis is being asked */
    crm_worker_answer_t           answer;
    crm_worker_record_job_t       record;
} record_t;


static int   record_read(record_t *record, crm_worker_outcome_t *outcome);
static int   record_next(record_t *record, crm_worker_outcome_t *outcome);
static void  record_turned(void *data, const crm_reply_t *reply);
static void  record_owned(void *data, const crm_worker_outcome_t *outcome);
static int   record_send(record_t *record,
    const crm_worker_backend_t *backend, crm_worker_outcome_t *outcome);
static crm_worker_backend_line_t *record_lines(crm_worker_job_t *job,
    const crm_dialect_request_t *write);
static crm_status_t  record_sign(crm_str_t *header, record_t *record,
    const crm_dialect_request_t *request, crm_str_t url);
static void  record_answered(void *data,
    const crm_worker_outcome_t *outcome);
static void  record_judge(record_t *record, crm_worker_outcome_t *outcome);
static void  record_busy(record_t *record, crm_worker_outcome_t *outcome);
static void  record_go_on(record_t *record);
static int   record_refuse(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence);
static long long  record_now_ms(void);


int
crm_worker_record_able(const crm_worker_config_t *config)
{
    return config->chain_keys.count > 0;
}


void *
crm_worker_record_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    record_t  *record;

    record = crm_pool_calloc(job->pool, 1, sizeof(record_t));
    if (record == NULL) {
        (void) record_refuse(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                             NULL);
        return NULL;
    }

    record->tools = tools;
    record->job = job;
    record->done = done;
    record->data = data;

    return record_read(record, outcome) && record_next(record, outcome)
           ? record : NULL;
}


void
crm_worker_record_cancel(void *call)
{
    record_t  *record;

    record = call;

    if (record->call != NULL) {
        crm_worker_http_cancel(record->call);
    }

    if (record->turn != NULL) {
        crm_worker_ask_forget(record->turn);
    }
}


/* 0: it is not to be written, and *outcome says why. */
static int
record_read(record_t *record, crm_worker_outcome_t *outcome)
{
    crm_error_t   err;
    crm_status_t  rc;

    if (record->job->foreign
        && !record->tools->config->accept_foreign_records)
    {
        return record_refuse(outcome, CRM_WORKER_REFUSED,
                             CRM_WORKER_FOREIGN_RECORD,
                             "a job that no commit wrote may write no record"
                             " without --accept-foreign records");
    }

    if (!crm_worker_record_able(record->tools->config)) {
        return record_refuse(outcome, CRM_WORKER_FAILED,
                             CRM_WORKER_NO_CHAIN_KEY,
                             "give --chain-key-file");
    }

    rc = crm_worker_record_job(&record->record, record->job, &err);

    if (rc == CRM_ENOMEM) {
        return record_refuse(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                             NULL);
    }

    return rc == CRM_OK
           ? 1 : record_refuse(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
}


/* What is not known yet is asked for, one after the other; then the write. 0:
 * it ends here, and *outcome says how. */
static int
record_next(record_t *record, crm_worker_outcome_t *outcome)
{
    crm_worker_backend_t  backend;

    if (record->record.turn.len && record->record.write.owner.len == 0) {
        record->turn = crm_worker_record_turn_ask(record->tools->link,
                                                  record->job, &record->record,
                                                  record_turned, record,
                                                  outcome);
        return record->turn != NULL;
    }

    crm_worker_recover_backend(record->job->owner, &backend);

    if (backend.url.data == NULL) {
        return record_refuse(outcome, CRM_WORKER_FAILED,
                             CRM_WORKER_NO_BACKEND, "give --backend or apply"
                             " a kind: backend");
    }

    crm_worker_answer_init(&record->answer, record->job->pool,
                           CRM_WORKER_BACKEND_MAX_ANSWER);

    if (!record->record.late_owner) {
        return record_send(record, &backend, outcome);
    }

    record->call = crm_worker_record_owner_ask(record->tools, record->job,
                                               &backend, &record->answer,
                                               record_owned, record, outcome);

    return record->call != NULL;
}


static void
record_turned(void *data, const crm_reply_t *reply)
{
    record_t              *record;
    crm_worker_outcome_t   outcome;

    record = data;
    record->turn = NULL;

    if (crm_worker_record_turn_set(&record->record, record->job->pool, reply,
                                   &outcome))
    {
        record_go_on(record);

    } else {
        record->done(record->data, &outcome);
    }
}


static void
record_owned(void *data, const crm_worker_outcome_t *outcome)
{
    record_t              *record;
    crm_worker_outcome_t   own;

    record = data;
    record->call = NULL;

    if (outcome->verdict != CRM_WORKER_DELIVERED) {
        record->done(record->data, outcome);

    } else if (crm_worker_record_owner_set(&record->record, record->job,
                                           &record->answer, &own))
    {
        record_go_on(record);

    } else {
        record->done(record->data, &own);
    }
}


static int
record_send(record_t *record, const crm_worker_backend_t *backend,
    crm_worker_outcome_t *outcome)
{
    crm_status_t                  rc;
    crm_worker_job_t             *job;
    crm_dialect_request_t         write;
    crm_worker_backend_line_t    *lines;
    crm_worker_backend_request_t  request;

    job = record->job;
    memset(&request, 0, sizeof(request));

    rc = record->record.happened.len
         ? crm_worker_record_event(&write, &record->record, job)
         : crm_dialect_write(backend->dialect, &write, &record->record.write,
                             job->pool);

    if (rc == CRM_DECLINED) {
        return record_refuse(outcome, CRM_WORKER_REFUSED,
                             CRM_WORKER_MALFORMED_JOB,
                             "the backend's dialect has no way to write that");
    }

    if (rc == CRM_OK) {
        request.method = write.method;
        request.body = write.body;
        request.url = crm_worker_backend_url(backend, write.path, job->pool);
        lines = record_lines(job, &write);
        request.lines = lines;
        request.n_lines = RECORD_LINES + write.headers_count;

        rc = request.url.data && lines
             ? record_sign(&lines[RECORD_CHAIN].value, record, &write,
                           request.url) : CRM_ENOMEM;
    }

    if (rc != CRM_OK) {
        return rc == CRM_ELIMIT
               ? record_refuse(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB,
                               "its chain is longer than a header may be")
               : record_refuse(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
    }

    record->call = crm_worker_backend_send(backend, &record->tools->http,
                                           &record->tools->secrets, &request,
                                           record->tools->http.timeout_ms,
                                           &record->answer, record_answered,
                                           record, outcome);

    return record->call != NULL;
}


/* Those of ours, one of them still empty, and the dialect's. NULL without
 * memory. */
static crm_worker_backend_line_t *
record_lines(crm_worker_job_t *job, const crm_dialect_request_t *write)
{
    size_t                      i;
    crm_worker_backend_line_t  *lines;

    lines = crm_pool_calloc(job->pool, RECORD_LINES + write->headers_count,
                            sizeof(crm_worker_backend_line_t));
    if (lines == NULL) {
        return NULL;
    }

    lines[RECORD_CHAIN].name = CRM_STR("CRM-Chain");
    lines[1].name = CRM_STR("Content-Type");
    lines[1].value = CRM_STR("application/json");
    lines[2].name = CRM_STR("Idempotency-Key");
    lines[2].value = job->lease.id;

    for (i = 0; i < write->headers_count; i++) {
        lines[RECORD_LINES + i].name = write->headers[i].name;
        lines[RECORD_LINES + i].value = write->headers[i].value;
    }

    return lines;
}


static crm_status_t
record_sign(crm_str_t *header, record_t *record,
    const crm_dialect_request_t *request, crm_str_t url)
{
    crm_buf_t          buf;
    crm_status_t       rc;
    crm_chain_grant_t  grant;

    memset(&grant, 0, sizeof(grant));

    grant.org = record->job->org;
    grant.method = crm_strz(request->method);
    grant.target = crm_worker_backend_target(url);
    grant.body = request->body;
    grant.job = record->job->lease.id;
    grant.attempt = record->job->lease.fence;
    grant.expires_ms = record_now_ms() + CRM_CHAIN_LIFE_MS;
    grant.chain = record->record.chain;

    crm_buf_init(&buf, record->job->pool, 0);

    rc = crm_chain_sign(&buf, &grant, &record->tools->config->chain_keys,
                        record->job->pool);
    *header = crm_buf_view(&buf);

    return rc;
}


static void
record_answered(void *data, const crm_worker_outcome_t *outcome)
{
    record_t              *record;
    crm_worker_outcome_t   own;

    record = data;
    record->call = NULL;
    own = *outcome;

    if (own.verdict == CRM_WORKER_DELIVERED) {
        record_judge(record, &own);
    }

    if (own.verdict == CRM_WORKER_DELIVERED
        && crm_worker_record_tell(record->job, &record->record,
                                  crm_worker_fetch_rules(record->job))
           != CRM_OK)
    {
        record->job->parts_count = 0;
        (void) record_refuse(&own, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                             NULL);
    }

    record->done(record->data, &own);
}


/*
 * An answer came. What the CRM, or one of our own guards, refuses stays
 * refused; a key that does not fit and a CRM that is overrun are not the
 * job's fault.
 */
static void
record_judge(record_t *record, crm_worker_outcome_t *outcome)
{
    char                   text[160];
    int                    status;
    int64_t                after_s;
    crm_worker_backend_t   backend;
    crm_dialect_said_t     said;

    status = (int) record->answer.status;
    after_s = outcome->retry_after_s;

    if (record->answer.committed) {
        (void) record_refuse(outcome, CRM_WORKER_DELIVERED, "committed",
                             "an attempt before this one has written it");
        return;
    }

    if (status == 409) {
        record_busy(record, outcome);
        return;
    }

    if (record->record.happened.len
        && crm_worker_record_uncounted(&record->answer))
    {
        (void) record_refuse(outcome, CRM_WORKER_DELIVERED, "not_counted",
                             status == 404 ? "there is no such record"
                             : "no scoring rule counts it any more");
        return;
    }

    crm_worker_recover_backend(record->job->owner, &backend);

    if (crm_dialect_said(backend.dialect, &said, record->answer.status,
                         crm_buf_view(&record->answer.body),
                         record->job->pool)
        != CRM_OK)
    {
        (void) record_refuse(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                             NULL);
        return;
    }

    if (said.kind == CRM_OUTCOME_DONE) {
        return;
    }

    snprintf(text, sizeof(text), "%.*s%s%.*s",
             (int) (said.code.len < 40 ? said.code.len : 40), said.code.data,
             said.message.len ? ", " : "",
             (int) (said.message.len < 100 ? said.message.len : 100),
             said.message.data);

    outcome->verdict = said.kind == CRM_OUTCOME_REFUSED && status != 401
                       && status != 403 && status != 408 && status != 412
                       && status != 425 && status != 429 ? CRM_WORKER_REFUSED
                                        : CRM_WORKER_FAILED;
    (void) record_refuse(outcome, outcome->verdict,
                         crm_pool_printf(record->job->pool, "status_%d",
                                         status).data, text);
    outcome->status = status;
    outcome->retry_after_s = after_s;
}


/* Somebody else writes it, or nobody knows yet what became of our last
 * attempt: not our turn. */
static void
record_busy(record_t *record, crm_worker_outcome_t *outcome)
{
    long long  age, wait;

    age = record->job->enqueued_ms
          ? record_now_ms() - record->job->enqueued_ms : 0;

    if (age > RECORD_BUSY_END_MS) {
        (void) record_refuse(outcome, CRM_WORKER_REFUSED, "status_409",
                             "the record has been busy for a day");
        return;
    }

    (void) record_refuse(outcome, CRM_WORKER_FAILED, "status_409",
                         "the record is busy");
    outcome->status = 409;

    if (record->job->enqueued_ms) {
        wait = age / RECORD_BUSY_PART;
        outcome->busy_ms = wait < RECORD_BUSY_MIN_MS ? RECORD_BUSY_MIN_MS
                           : wait > RECORD_BUSY_MAX_MS ? RECORD_BUSY_MAX_MS
                           : wait;
    }
}


/* From within a callback: whoever waits is told here. */
static void
record_go_on(record_t *record)
{
    crm_worker_outcome_t  outcome;

    if (!record_next(record, &outcome)) {
        record->done(record->data, &outcome);
    }
}


/* Returns 0: it ends with this outcome. */
static int
record_refuse(crm_worker_outcome_t *outcome, crm_worker_verdict_t verdict,
    const char *class, const char *sentence)
{
    crm_worker_outcome_set(outcome, verdict, class ? class : "status",
                           sentence);

    return 0;
}


static long long
record_now_ms(void)
{
    struct timeval  tv;

    (void) gettimeofday(&tv, NULL);

    return (long long) tv.tv_sec * 1000 + tv.tv_usec / 1000;
}
