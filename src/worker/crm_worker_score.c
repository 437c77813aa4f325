/*
 * What all stored records of a module are worth is counted anew: a page.
 */

#include "crm_worker_score.h"

#include "crm_worker_ask.h"
#include "crm_worker_log.h"
#include "crm_worker_recover.h"

#include "queue/crm_score_page.h"
#include "state/crm_state.h"

#include <stdio.h>
#include <time.h>


/* Until Redis, or the rules, are asked again. */
#define SCORE_AGAIN_MS  1000

/* Of a page: what rules read of a record is a few fields, but long texts may be
 * among them. */
#define SCORE_MAX_ANSWER  (8 * CRM_WORKER_BACKEND_MAX_ANSWER)


/* Lives in the job's pool. */
typedef struct {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_org_t             *org;
    crm_worker_http_done_pt       done;
    void                         *data;

    crm_worker_revision_t        *revision;     /* held; the current one */
    const crm_module_t           *module;
    crm_worker_http_call_t       *call;         /* under way, one of */
    crm_worker_ask_t             *ask;          /* the two */
    crm_worker_answer_t           answer;
    crm_worker_backend_t          backend;
    crm_score_run_t               run;
    crm_str_t                     next;
    crm_list_t                    list;
    crm_record_name_t            *names;
    crm_score_due_t              *due;
} score_t;


static int   score_module(score_t *score, crm_worker_outcome_t *outcome);
static int   score_ask(score_t *score, crm_pool_t *pool, crm_cmd_t *cmd,
    crm_worker_ask_done_pt told, crm_worker_outcome_t *outcome);
static int   score_time(score_t *score, crm_worker_outcome_t *outcome);
static void  score_timed(void *data, const crm_reply_t *reply);
static int   score_read(score_t *score, crm_worker_outcome_t *outcome);
static void  score_answered(void *data, const crm_worker_outcome_t *outcome);
static int   score_page(score_t *score, crm_worker_outcome_t *outcome);
static int   score_look(score_t *score, crm_worker_outcome_t *outcome);
static void  score_looked(void *data, const crm_reply_t *reply);
static int   score_count(score_t *score, const crm_state_t *states,
    crm_worker_outcome_t *outcome);
static int   score_move(score_t *score, crm_worker_outcome_t *outcome);
static crm_cmd_t *score_cmd(score_t *score, crm_pool_t *pool);
static void  score_fill(crm_cmd_score_page_t *page, crm_cmd_scored_t *kept,
    crm_cmd_job_t *jobs, const score_t *score);
static void  score_moved(void *data, const crm_reply_t *reply);
static void  score_end(score_t *score, const crm_worker_outcome_t *outcome);
static int   score_fail(crm_worker_outcome_t *outcome,
    crm_worker_verdict_t verdict, const char *class, const char *sentence);
static int   score_again(crm_worker_outcome_t *outcome, long long ms,
    const char *why);


void *
crm_worker_score_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    score_t       *score;
    crm_error_t    err;
    crm_status_t   rc;

    score = crm_pool_calloc(job->pool, 1, sizeof(score_t));

    if (score == NULL) {
        (void) score_again(outcome, SCORE_AGAIN_MS, "out of memory");
        return NULL;
    }

    score->tools = tools;
    score->job = job;
    score->org = job->owner;
    score->done = done;
    score->data = data;

    rc = crm_score_run_parse(&score->run, job->root, job->pool, &err);

    if (rc == CRM_ENOMEM) {
        (void) score_again(outcome, SCORE_AGAIN_MS, "out of memory");
        return NULL;
    }

    if (rc != CRM_OK || job->foreign) {
        (void) score_fail(outcome, CRM_WORKER_REFUSED,
                          CRM_WORKER_MALFORMED_JOB,
                          rc != CRM_OK ? err.text
                                       : "only crmctl counts scores anew");
        return NULL;
    }

    if (score->org->revision == NULL) {
        (void) score_again(outcome, SCORE_AGAIN_MS,
                           "the current rules are not known");
        return NULL;
    }

    score->revision = score->org->revision;
    crm_worker_rules_hold(score->revision);

    if (!score_module(score, outcome) || !score_time(score, outcome)) {
        crm_worker_rules_release(score->revision);
        return NULL;
    }

    return score;
}


void
crm_worker_score_cancel(void *call)
{
    score_t  *score;

    score = call;

    if (score->call != NULL) {
        crm_worker_http_cancel(score->call);
    }

    if (score->ask != NULL) {
        crm_worker_ask_forget(score->ask);
    }

    crm_worker_rules_release(score->revision);
}


/* Its rules are the current ones: by others it begins again. */
static int
score_module(score_t *score, crm_worker_outcome_t *outcome)
{
    long long  revision;

    score->module = crm_ruleset_module(score->revision->set,
                                       score->run.module);

    if (score->module == NULL || score->module->scorings.count == 0) {
        return score_fail(outcome, CRM_WORKER_REFUSED, "no_rules",
                          "the module has no scoring rule any more");
    }

    revision = crm_ruleset_revision(score->revision->set);

    if (score->run.revision && score->run.revision != revision) {
        score->run.cursor = CRM_STR("");
        score->run.last = CRM_STR("");
        score->run.seen = 0;
        score->run.changed = 0;
        score->run.unknown = 0;
        score->run.restarts++;
    }

    score->run.revision = revision;

    return 1;
}


static int
score_ask(score_t *score, crm_pool_t *pool, crm_cmd_t *cmd,
    crm_worker_ask_done_pt told, crm_worker_outcome_t *outcome)
{
    score->ask = crm_worker_ask(score->tools->link, pool, cmd, told, score);

    return score->ask != NULL
           || score_again(outcome, SCORE_AGAIN_MS, "Redis cannot be asked");
}


static int
score_time(score_t *score, crm_worker_outcome_t *outcome)
{
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);

    return score_ask(score, pool,
                     pool ? crm_cmd_scored(pool, score->job->org,
                                           score->run.module, NULL, 0)
                          : NULL, score_timed, outcome);
}


static void
score_timed(void *data, const crm_reply_t *reply)
{
    int                    goes_on;
    score_t               *score;
    crm_error_t            err;
    crm_begin_t            begin;
    crm_worker_outcome_t   outcome;

    score = data;
    score->ask = NULL;

    if (reply == NULL) {
        goes_on = score_again(&outcome, SCORE_AGAIN_MS,
                              "Redis did not answer");

    } else if (crm_state_begin(&begin, reply, 0, score->job->pool, &err)
               != CRM_OK)
    {
        goes_on = score_again(&outcome, SCORE_AGAIN_MS, err.text);

    } else if (begin.status != CRM_BEGIN_OK) {
        goes_on = score_again(&outcome, SCORE_AGAIN_MS,
                              "updates of records before them have not"
                              " ended");

    } else {
        goes_on = score_read(score, &outcome);
    }

    if (!goes_on) {
        score_end(score, &outcome);
    }
}


static int
score_read(score_t *score, crm_worker_outcome_t *outcome)
{
    crm_status_t                  rc;
    crm_dialect_request_t         asked;
    crm_worker_backend_request_t  request;

    static const crm_worker_backend_line_t  json = {
        { "Content-Type", sizeof("Content-Type") - 1 },
        { "application/json", sizeof("application/json") - 1 }
    };

    crm_worker_recover_backend(score->org, &score->backend);

    if (score->backend.url.data == NULL) {
        return score_fail(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_BACKEND,
                          "records cannot be read, give --backend or apply a"
                          " kind: backend");
    }

    rc = crm_score_page_ask(&asked, &score->run, score->module,
                           score->backend.dialect, score->job->pool);

    if (rc == CRM_DECLINED || rc == CRM_ELIMIT) {
        return score_fail(outcome, CRM_WORKER_REFUSED,
                          CRM_WORKER_UNSUPPORTED_TYPE,
                          rc == CRM_DECLINED
                          ? "the backend's dialect has no way to list records"
                          : "scoring rules of the module read more fields than"
                            " a list of records may ask for");
    }

    if (rc != CRM_OK) {
        return score_again(outcome, SCORE_AGAIN_MS, "out of memory");
    }

    crm_worker_answer_init(&score->answer, score->job->pool,
                           SCORE_MAX_ANSWER);

    memset(&request, 0, sizeof(request));
    request.method = asked.method;
    request.body = asked.body;
    request.url = crm_worker_backend_url(&score->backend, asked.path,
                                         score->job->pool);
    request.lines = &json;
    request.n_lines = asked.body.len ? 1 : 0;

    if (request.url.data == NULL) {
        return score_again(outcome, SCORE_AGAIN_MS, "out of memory");
    }

    score->call = crm_worker_backend_send(&score->backend, &score->tools->http,
                                          &score->tools->secrets, &request,
                                          score->org->fetch->settle.timeout_ms,
                                          &score->answer, score_answered,
                                          score, outcome);

    return score->call != NULL;
}


static void
score_answered(void *data, const crm_worker_outcome_t *outcome)
{
    score_t               *score;
    crm_worker_outcome_t   own;

    score = data;
    score->call = NULL;

    if (outcome->verdict != CRM_WORKER_DELIVERED) {
        (void) score_fail(&own, CRM_WORKER_FAILED, CRM_WORKER_BACKEND_ERROR,
                          outcome->reason);

    } else if (score_page(score, &own)) {
        return;
    }

    score_end(score, &own);
}


static int
score_page(score_t *score, crm_worker_outcome_t *outcome)
{
    char          text[64];
    size_t        i;
    crm_status_t  rc;

    rc = score->answer.encoded
         ? CRM_EINVAL
         : crm_score_page_read(&score->list, &score->next, &score->run,
                              score->backend.dialect, score->answer.status,
                              crm_buf_view(&score->answer.body),
                              score->job->pool);

    if (rc == CRM_OK) {
        score->names = crm_pool_calloc(score->job->pool,
                                       score->list.count + 1,
                                       sizeof(crm_record_name_t));
        score->due = crm_pool_calloc(score->job->pool, score->list.count + 1,
                                     sizeof(crm_score_due_t));
        rc = score->names && score->due ? CRM_OK : CRM_ENOMEM;
    }

    for (i = 0; rc == CRM_OK && i < score->list.count; i++) {
        rc = crm_dialect_id_in(score->backend.dialect, &score->due[i].id,
                               score->run.module, &score->list.records[i],
                               score->job->pool);
        score->names[i].module = score->run.module;
        score->names[i].id = score->due[i].id;
    }

    if (rc == CRM_ENOMEM) {
        return score_again(outcome, SCORE_AGAIN_MS, "out of memory");
    }

    if (rc != CRM_OK) {
        snprintf(text, sizeof(text), "it answers %u, not with records",
                 score->answer.status);
        return score_fail(outcome, CRM_WORKER_FAILED,
                          CRM_WORKER_BACKEND_ERROR, text);
    }

    return score->list.count ? score_look(score, outcome)
                             : score_move(score, outcome);
}


static int
score_look(score_t *score, crm_worker_outcome_t *outcome)
{
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);

    return score_ask(score, pool,
                     pool ? crm_cmd_scored(pool, score->job->org,
                                           score->run.module, score->names,
                                           score->list.count)
                          : NULL, score_looked, outcome);
}


static void
score_looked(void *data, const crm_reply_t *reply)
{
    int                    goes_on;
    score_t               *score;
    crm_error_t            err;
    crm_begin_t            begin;
    crm_worker_outcome_t   outcome;

    score = data;
    score->ask = NULL;

    if (reply == NULL) {
        goes_on = score_again(&outcome, SCORE_AGAIN_MS,
                              "Redis did not answer");

    } else if (crm_state_begin(&begin, reply, score->list.count,
                               score->job->pool, &err) != CRM_OK
               || begin.status != CRM_BEGIN_OK)
    {
        goes_on = score_again(&outcome, SCORE_AGAIN_MS,
                              "Redis gave an answer that is none");

    } else {
        goes_on = score_count(score, begin.states, &outcome);
    }

    if (!goes_on) {
        score_end(score, &outcome);
    }
}


static int
score_count(score_t *score, const crm_state_t *states,
    crm_worker_outcome_t *outcome)
{
    size_t            i;
    crm_score_now_t   now;
    crm_score_due_t  *due;

    now.rules = score->revision->set;
    now.module = score->module;
    now.dialect = score->backend.dialect;
    now.now_ms = (long long) time(NULL) * 1000;

    for (i = 0; i < score->list.count; i++) {
        due = &score->due[i];
        now.record = &score->list.records[i];
        now.state = &states[i];

        if (crm_score_run_record(due, &score->run, &now, score->job->pool)
            != CRM_OK)
        {
            return score_again(outcome, SCORE_AGAIN_MS, "out of memory");
        }

        score->run.seen++;
        score->run.changed += due->job.len || due->keeps.len;
        score->run.unknown += due->unknown;
    }

    return score_move(score, outcome);
}


static int
score_move(score_t *score, crm_worker_outcome_t *outcome)
{
    crm_pool_t  *pool;

    score->run.cursor = score->next;
    pool = crm_pool_create(crm_host_malloc(), 0);

    return score_ask(score, pool, pool ? score_cmd(score, pool) : NULL,
                     score_moved, outcome);
}


/* What it borrows lives in the job's pool, longer than the command. */
static crm_cmd_t *
score_cmd(score_t *score, crm_pool_t *pool)
{
    crm_buf_t              told, body;
    crm_cmd_job_t         *jobs;
    crm_cmd_scored_t      *kept;
    crm_cmd_score_page_t   page;

    memset(&page, 0, sizeof(crm_cmd_score_page_t));
    crm_buf_init(&told, pool, 0);
    crm_buf_init(&body, pool, 0);

    crm_score_run_tell(&told, &score->run, score->next.len ? "running"
                                                           : "done",
                       (long long) time(NULL) * 1000);

    if (score->next.len) {
        crm_score_run_encode(&body, &score->run);
    }

    kept = crm_pool_calloc(pool, score->list.count + 1,
                           sizeof(crm_cmd_scored_t));
    jobs = crm_pool_calloc(pool, score->list.count + 1,
                           sizeof(crm_cmd_job_t));

    if (kept == NULL || jobs == NULL || crm_buf_status(&told) != CRM_OK
        || crm_buf_status(&body) != CRM_OK)
    {
        return NULL;
    }

    page.org = score->job->org;
    page.lease = score->job->lease;
    page.module = score->run.module;
    page.told = crm_buf_view(&told);
    page.body = crm_buf_view(&body);

    score_fill(&page, kept, jobs, score);

    return crm_cmd_score_page(pool, &page);
}


static void
score_fill(crm_cmd_score_page_t *page, crm_cmd_scored_t *kept,
    crm_cmd_job_t *jobs, const score_t *score)
{
    size_t                  i;
    crm_cmd_scored_t       *one;
    const crm_score_due_t  *due;

    page->kept = kept;
    page->jobs = jobs;

    for (i = 0; i < score->list.count; i++) {
        due = &score->due[i];

        if (due->keeps.len) {
            one = &kept[page->n_kept++];
            one->record = due->record;
            one->had = due->had;
            one->keeps = due->keeps;
        }

        if (due->job.len) {
            jobs[page->n_jobs].id = due->job_id;
            jobs[page->n_jobs++].json = due->job;
        }
    }
}


static void
score_moved(void *data, const crm_reply_t *reply)
{
    score_t               *score;
    crm_error_t            err;
    crm_settle_t           settle;
    crm_worker_outcome_t   outcome;

    score = data;
    score->ask = NULL;

    if (reply == NULL) {
        (void) score_again(&outcome, SCORE_AGAIN_MS, "Redis did not answer");

    } else if (crm_take_settled(&settle, NULL, reply, &err) != CRM_OK) {
        (void) score_again(&outcome, SCORE_AGAIN_MS, err.text);

    } else {
        if (settle == CRM_SETTLE_STALE || score->next.len == 0) {
            crm_worker_log(settle == CRM_SETTLE_STALE
                           ? CRM_WORKER_LOG_WARN : CRM_WORKER_LOG_NOTICE,
                           "scores: %s, org:%s module:\"%.*s\" records:%lld"
                           " changed:%lld", settle == CRM_SETTLE_STALE
                           ? "stale, the lease is another worker's"
                           : "counted anew", score->job->org.data,
                           (int) score->run.module.len,
                           score->run.module.data, score->run.seen,
                           score->run.changed);
        }

        crm_worker_outcome_set(&outcome, CRM_WORKER_SETTLED, "ok", NULL);
    }

    score_end(score, &outcome);
}


static void
score_end(score_t *score, const crm_worker_outcome_t *outcome)
{
    crm_worker_rules_release(score->revision);
    score->done(score->data, outcome);
}


static int
score_fail(crm_worker_outcome_t *outcome, crm_worker_verdict_t verdict,
    const char *class, const char *sentence)
{
    crm_worker_outcome_set(outcome, verdict, class, sentence);

    return 0;
}


static int
score_again(crm_worker_outcome_t *outcome, long long ms, const char *why)
{
    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, "score_waits", why);
    outcome->busy_ms = ms;

    return 0;
}
