/*
 * What all stored records of a module are worth is counted anew: a page.
 */

#include "crm_worker_score.h"

#include "crm_worker_errand.h"
#include "crm_worker_log.h"

#include "queue/crm_score_page.h"
#include "state/crm_state.h"

#include <string.h>
#include <time.h>


/* Why it is looked at again, where no attempt was made. */
#define SCORE_WAITS  "score_waits"

/* Of a page: what rules read of a record is a few fields, but long texts may be
 * among them. */
#define SCORE_MAX_ANSWER  (8 * CRM_WORKER_BACKEND_MAX_ANSWER)


/* Lives in the job's pool. */
typedef struct {
    crm_worker_errand_t   errand;
    const crm_module_t   *module;
    crm_score_run_t       run;
    crm_str_t             next;
    crm_list_t            list;
    crm_record_name_t    *names;
    crm_score_due_t      *due;
} score_t;


static int   score_begin(void *data, crm_worker_outcome_t *outcome);
static void  score_restart(crm_score_run_t *run);
static int   score_ask(score_t *score, const crm_record_name_t *names,
    size_t count, crm_worker_errand_told_pt told,
    crm_worker_outcome_t *outcome);
static int   score_timed(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome);
static int   score_read(score_t *score, crm_worker_outcome_t *outcome);
static int   score_answered(void *data, crm_worker_outcome_t *outcome);
static crm_status_t  score_page(score_t *score);
static int   score_looked(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome);
static int   score_count(score_t *score, const crm_state_t *states,
    crm_worker_outcome_t *outcome);
static int   score_move(score_t *score, crm_worker_outcome_t *outcome);
static crm_cmd_t *score_cmd(score_t *score, crm_pool_t *pool);
static void  score_fill(crm_cmd_score_page_t *page, crm_cmd_scored_t *kept,
    crm_cmd_job_t *jobs, const score_t *score);
static int   score_moved(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome);


void *
crm_worker_score_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    score_t       *score;
    crm_error_t    err;
    crm_status_t   rc;

    score = crm_pool_calloc(job->pool, 1, sizeof(score_t));

    rc = score ? crm_score_run_parse(&score->run, job->root, job->pool, &err)
         : CRM_ENOMEM;

    if (rc == CRM_ENOMEM) {
        (void) crm_worker_errand_again(outcome, SCORE_WAITS, "out of memory");
        return NULL;
    }

    if (rc != CRM_OK || job->foreign) {
        (void) crm_worker_errand_end(outcome, CRM_WORKER_REFUSED,
                   CRM_WORKER_MALFORMED_JOB,
                   rc != CRM_OK ? err.text
                                : "only crmctl counts scores anew");
        return NULL;
    }

    crm_worker_errand_init(&score->errand, tools, job, done, data,
                           SCORE_WAITS, score);

    return crm_worker_errand_begin(&score->errand, score_begin, outcome)
           ? score : NULL;
}


void
crm_worker_score_cancel(void *call)
{
    score_t  *score;

    score = call;

    crm_worker_errand_cancel(&score->errand);
}


/* Its rules are the current ones: by others it begins again. Then: is it time
 * for the page? */
static int
score_begin(void *data, crm_worker_outcome_t *outcome)
{
    score_t    *score;
    long long   revision;

    score = data;
    score->module = crm_ruleset_module(score->errand.revision->set,
                                       score->run.module);

    if (score->module == NULL || score->module->scorings.count == 0) {
        return crm_worker_errand_end(outcome, CRM_WORKER_REFUSED, "no_rules",
                                     "the module has no scoring rule any"
                                     " more");
    }

    revision = crm_ruleset_revision(score->errand.revision->set);

    if (score->run.revision && score->run.revision != revision) {
        score_restart(&score->run);
    }

    score->run.revision = revision;

    return score_ask(score, NULL, 0, score_timed, outcome);
}


static void
score_restart(crm_score_run_t *run)
{
    run->cursor = CRM_STR("");
    run->last = CRM_STR("");
    run->seen = 0;
    run->changed = 0;
    run->unknown = 0;
    run->restarts++;
}


/* What Redis knows of these records, if their time has come. */
static int
score_ask(score_t *score, const crm_record_name_t *names, size_t count,
    crm_worker_errand_told_pt told, crm_worker_outcome_t *outcome)
{
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);

    return crm_worker_errand_ask(&score->errand, pool,
                                 pool ? crm_cmd_scored(pool,
                                            score->errand.job->org,
                                            score->run.module, names, count)
                                      : NULL, told, outcome);
}


static int
score_timed(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome)
{
    score_t      *score;
    crm_begin_t   begin;
    crm_error_t   err;

    score = data;

    if (crm_state_begin(&begin, reply, 0, score->errand.job->pool, &err)
        != CRM_OK)
    {
        return crm_worker_errand_again(outcome, SCORE_WAITS, err.text);
    }

    return begin.status == CRM_BEGIN_OK
           ? score_read(score, outcome)
           : crm_worker_errand_again(outcome, SCORE_WAITS, "updates of records"
                                     " before them have not ended");
}


static int
score_read(score_t *score, crm_worker_outcome_t *outcome)
{
    crm_status_t           rc;
    crm_dialect_request_t  asked;

    rc = crm_score_page_ask(&asked, &score->run, score->module,
                            score->errand.backend.dialect,
                            score->errand.job->pool);

    switch (rc) {

    case CRM_OK:
        return crm_worker_errand_send(&score->errand, &asked,
                                      SCORE_MAX_ANSWER, score_answered,
                                      outcome);

    case CRM_DECLINED:
    case CRM_ELIMIT:
        return crm_worker_errand_end(outcome, CRM_WORKER_REFUSED,
                                     CRM_WORKER_UNSUPPORTED_TYPE,
                                     crm_score_page_refusal(rc));

    default:
        return crm_worker_errand_again(outcome, SCORE_WAITS, "out of memory");
    }
}


static int
score_answered(void *data, crm_worker_outcome_t *outcome)
{
    score_t  *score;

    score = data;

    switch (score_page(score)) {

    case CRM_OK:
        return score->list.count
               ? score_ask(score, score->names, score->list.count,
                           score_looked, outcome)
               : score_move(score, outcome);

    case CRM_ENOMEM:
        return crm_worker_errand_again(outcome, SCORE_WAITS, "out of memory");

    default:
        return crm_worker_errand_strange(&score->errand, outcome,
                                         "records that come next");
    }
}


static crm_status_t
score_page(score_t *score)
{
    size_t                i;
    crm_pool_t           *pool;
    crm_status_t          rc;
    crm_worker_errand_t  *errand;

    errand = &score->errand;
    pool = errand->job->pool;

    if (errand->answer.encoded) {
        return CRM_EINVAL;
    }

    rc = crm_score_page_read(&score->list, &score->next, &score->run,
                             errand->backend.dialect, errand->answer.status,
                             crm_buf_view(&errand->answer.body), pool);
    if (rc != CRM_OK) {
        return rc;
    }

    score->names = crm_pool_calloc(pool, score->list.count + 1,
                                   sizeof(crm_record_name_t));
    score->due = crm_pool_calloc(pool, score->list.count + 1,
                                 sizeof(crm_score_due_t));

    if (score->names == NULL || score->due == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; rc == CRM_OK && i < score->list.count; i++) {
        rc = crm_dialect_id_in(errand->backend.dialect, &score->due[i].id,
                               score->run.module, &score->list.records[i],
                               pool);
        score->names[i].module = score->run.module;
        score->names[i].id = score->due[i].id;
    }

    return rc;
}


static int
score_looked(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome)
{
    score_t      *score;
    crm_begin_t   begin;
    crm_error_t   err;

    score = data;

    if (crm_state_begin(&begin, reply, score->list.count,
                        score->errand.job->pool, &err) != CRM_OK
        || begin.status != CRM_BEGIN_OK)
    {
        return crm_worker_errand_again(outcome, SCORE_WAITS,
                                       "Redis gave an answer that is none");
    }

    return score_count(score, begin.states, outcome);
}


static int
score_count(score_t *score, const crm_state_t *states,
    crm_worker_outcome_t *outcome)
{
    size_t            i;
    crm_score_now_t   now;
    crm_score_due_t  *due;

    now.rules = score->errand.revision->set;
    now.module = score->module;
    now.dialect = score->errand.backend.dialect;
    now.now_ms = (long long) time(NULL) * 1000;

    for (i = 0; i < score->list.count; i++) {
        due = &score->due[i];
        now.record = &score->list.records[i];
        now.state = &states[i];

        if (crm_score_run_record(due, &score->run, &now,
                                 score->errand.job->pool)
            != CRM_OK)
        {
            return crm_worker_errand_again(outcome, SCORE_WAITS,
                                           "out of memory");
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

    return crm_worker_errand_ask(&score->errand, pool,
                                 pool ? score_cmd(score, pool) : NULL,
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

    page.org = score->errand.job->org;
    page.lease = score->errand.job->lease;
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


static int
score_moved(void *data, const crm_reply_t *reply,
    crm_worker_outcome_t *outcome)
{
    score_t       *score;
    crm_error_t    err;
    crm_settle_t   settle;

    score = data;

    if (crm_take_settled(&settle, NULL, reply, &err) != CRM_OK) {
        return crm_worker_errand_again(outcome, SCORE_WAITS, err.text);
    }

    if (settle == CRM_SETTLE_STALE || score->next.len == 0) {
        crm_worker_log(settle == CRM_SETTLE_STALE
                       ? CRM_WORKER_LOG_WARN : CRM_WORKER_LOG_NOTICE,
                       "scores: %s, org:%s module:\"%.*s\" records:%lld"
                       " changed:%lld", settle == CRM_SETTLE_STALE
                       ? "stale, the lease is another worker's"
                       : "counted anew", score->errand.job->org.data,
                       (int) score->run.module.len, score->run.module.data,
                       score->run.seen, score->run.changed);
    }

    return crm_worker_errand_end(outcome, CRM_WORKER_SETTLED, "ok", NULL);
}
