/*
 * Functions: from job to process, from its end to outcome.
 */

#include "crm_worker_function.h"

#include "crm_worker_fetch.h"
#include "crm_worker_function_effects.h"
#include "crm_worker_function_result.h"
#include "crm_worker_function_start.h"
#include "crm_worker_process.h"


/* A run under way; lives in the job's pool. */
typedef struct {
    crm_worker_dispatch_tools_t    *tools;
    crm_worker_job_t               *job;
    crm_worker_http_done_pt         done;
    void                           *data;

    crm_worker_function_start_t     start;
    crm_worker_revision_t          *revision;   /* held */
    crm_worker_function_effects_t   effects;

    crm_worker_rules_wait_t        *wait;       /* under way, before them */
    crm_worker_process_t           *process;    /* beside them */
    crm_worker_ask_t               *note;       /* after them */

    crm_worker_outcome_t           *outcome;    /* starting: the caller's */
    crm_worker_ran_t                ran;
    int64_t                         wall_ms;
    unsigned                        failed:1;
    unsigned                        told:1;     /* RESULT has come */
    crm_worker_outcome_t            result;
} function_t;


static void  function_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text);
static void  function_recalled(void *data);
static void  function_said(void *data, char kind, crm_str_t text);
static void  function_tell(void *data, crm_worker_frame_kind_t kind,
    crm_str_t text);
static void  function_result(function_t *f, crm_str_t text);
static void  function_exited(void *data, crm_worker_process_how_t how,
    int status);
static void  function_wait(void *data, const char *why, int64_t busy_ms);
static void  function_fail(function_t *f, crm_worker_verdict_t verdict,
    const char *class, const char *sentence);
static void  function_end(function_t *f, const crm_worker_outcome_t *outcome);
static void  function_noted(void *data, const crm_reply_t *reply);
static void  function_release(function_t *f);


static const crm_worker_function_effects_to_t  function_to = {
    function_recalled, function_tell, function_wait
};


void *
crm_worker_function_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    function_t        *f;
    crm_error_t        err;
    crm_status_t       rc;
    crm_worker_org_t  *org;

    f = crm_pool_calloc(job->pool, 1, sizeof(function_t));

    if (f == NULL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return NULL;
    }

    f->tools = tools;
    f->job = job;
    f->done = done;
    f->data = data;
    f->outcome = outcome;
    f->effects.run.tools = tools;
    f->effects.run.job = job;
    f->effects.to = &function_to;
    f->effects.data = f;

    rc = crm_worker_function_read(&f->start, job,
                                  tools->config->accept_foreign_records,
                                  &err);
    if (rc == CRM_OK) {
        rc = crm_worker_function_chain(&f->effects.run.chain, job, &err);
    }

    if (rc == CRM_ENOMEM) {
        function_fail(f, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY, NULL);

    } else if (rc != CRM_OK) {
        function_fail(f, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB,
                      err.text);

    } else {
        org = job->owner;
        f->wait = crm_worker_rules_get(org->fetch->settle.rules, job->org,
                                       f->start.revision, function_ruled, f);
    }

    f->outcome = NULL;

    return f->failed ? NULL : f;
}


void
crm_worker_function_cancel(void *call)
{
    function_t  *f = call;

    if (f->wait != NULL) {
        crm_worker_rules_cancel(f->wait);
    }

    function_release(f);
}


/* The function as it was when the rule fired. */
static void
function_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text)
{
    function_t  *f = data;

    f->wait = NULL;
    f->revision = revision;
    crm_worker_ran_init(&f->ran, f->job, f->start.name);
    f->wall_ms = f->ran.schedule.type == CRM_JSON_NONE
                 ? CRM_WORKER_FUNCTION_WALL_MS
                 : CRM_WORKER_FUNCTION_SCHEDULE_MS;

    if (status != CRM_WORKER_RULES_OK) {
        function_fail(f, status == CRM_WORKER_RULES_MISSING
                         ? CRM_WORKER_REFUSED : CRM_WORKER_FAILED,
                      CRM_WORKER_NO_RULES, text);
        return;
    }

    f->start.function = crm_ruleset_function(revision->set, f->start.name);

    if (f->start.function == NULL) {
        function_fail(f, CRM_WORKER_REFUSED, CRM_WORKER_MALFORMED_JOB,
                      "the rules have no function of that name");
        return;
    }

    crm_worker_function_effects_recall(&f->effects);
}


static void
function_recalled(void *data)
{
    int          error;
    crm_buf_t    buf;
    function_t  *f = data;

    f->start.now_ms = f->effects.recall.now_ms;
    f->start.rules = f->revision->set;
    f->effects.run.now_ms = f->start.now_ms;
    f->effects.run.rules = f->revision->set;
    f->effects.run.name = f->start.name;

    crm_buf_init(&buf, f->job->pool, CRM_WORKER_FRAME_MAX);
    crm_worker_function_encode(&buf, &f->start);

    if (crm_buf_status(&buf) != CRM_OK) {
        function_fail(f, crm_buf_status(&buf) == CRM_ELIMIT
                         ? CRM_WORKER_REFUSED : CRM_WORKER_FAILED,
                      "function_limit", "its arguments are too large");
        return;
    }

    f->process = crm_worker_process_open(f->tools->loop, f->wall_ms,
                                         function_said, function_exited, f,
                                         &error);
    if (f->process == NULL) {
        function_wait(f, uv_strerror(error), CRM_WORKER_FUNCTION_REDIS_MS);
        return;
    }

    if (crm_worker_process_tell(f->process, CRM_WORKER_FRAME_START,
                                crm_buf_view(&buf))
        != CRM_OK)
    {
        function_wait(f, "out of memory", CRM_WORKER_FUNCTION_REDIS_MS);
    }
}


/* It is not believed: what it may say, and when, is checked here. */
static void
function_said(void *data, char kind, crm_str_t text)
{
    function_t  *f = data;

    if (f->told || crm_worker_function_effects_busy(&f->effects)) {
        function_fail(f, CRM_WORKER_REFUSED, "function_forbidden",
                      "its process spoke out of turn");

    } else if (kind == CRM_WORKER_FRAME_EFFECT) {
        crm_worker_function_effects_begin(&f->effects, text);

    } else if (kind == CRM_WORKER_FRAME_RESULT) {
        function_result(f, text);

    } else {
        function_fail(f, CRM_WORKER_REFUSED, "function_forbidden",
                      "its process said what is no frame");
    }
}


static void
function_tell(void *data, crm_worker_frame_kind_t kind, crm_str_t text)
{
    function_t  *f = data;

    if (crm_worker_process_tell(f->process, kind, text) != CRM_OK) {
        function_wait(f, "out of memory", CRM_WORKER_FUNCTION_REDIS_MS);
    }
}


/* Its end is what counts; this only says how it will be. */
static void
function_result(function_t *f, crm_str_t text)
{
    f->told = 1;

    if (crm_worker_function_result(&f->result, f->job, &f->ran, text,
                                   f->effects.passing)
        != CRM_OK)
    {
        function_fail(f, CRM_WORKER_REFUSED, "function_forbidden",
                      "its process said what is no result");
    }
}


static void
function_exited(void *data, crm_worker_process_how_t how, int status)
{
    function_t            *f = data;
    crm_worker_outcome_t   outcome;

    f->process = NULL;

    if (how == CRM_WORKER_PROCESS_EXITED && status == 0 && f->told) {
        function_end(f, &f->result);
        return;
    }

    crm_worker_function_exit(&outcome, how, status, f->wall_ms);
    function_end(f, &outcome);
}


/* It comes again, and lives through the same once more. */
static void
function_wait(void *data, const char *why, int64_t busy_ms)
{
    function_t            *f = data;
    crm_worker_outcome_t   outcome;

    crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED, "function_waits",
                           why);
    outcome.busy_ms = busy_ms;
    function_end(f, &outcome);
}


static void
function_fail(function_t *f, crm_worker_verdict_t verdict, const char *class,
    const char *sentence)
{
    crm_worker_outcome_t  outcome;

    crm_worker_outcome_set(&outcome, verdict, class, sentence);
    function_end(f, &outcome);
}


/* Before its end is told it is noted, unless it was no attempt. */
static void
function_end(function_t *f, const crm_worker_outcome_t *outcome)
{
    crm_pool_t  *pool;

    function_release(f);

    if (f->outcome != NULL) {
        f->failed = 1;
        *f->outcome = *outcome;
        return;
    }

    f->result = *outcome;

    if (f->ran.asked && outcome->verdict == CRM_WORKER_FAILED
        && outcome->busy_ms == 0)
    {
        f->result.verdict = CRM_WORKER_REFUSED;     /* nobody waits longer */
    }

    pool = outcome->busy_ms > 0 || f->ran.began_ms == 0
           ? NULL : crm_pool_create(crm_host_malloc(), 0);

    if (pool != NULL) {
        f->note = crm_worker_ask(f->tools->link, pool,
                                 crm_worker_ran_command(&f->ran, f->job,
                                                        &f->result, pool),
                                 function_noted, f);
    }

    if (f->note == NULL) {
        f->done(f->data, &f->result);
    }
}


/* A Redis that has not taken it will be told the end all the same. */
static void
function_noted(void *data, const crm_reply_t *reply)
{
    function_t  *f = data;

    (void) reply;

    f->note = NULL;
    f->done(f->data, &f->result);
}


static void
function_release(function_t *f)
{
    if (f->note != NULL) {
        crm_worker_ask_forget(f->note);
        f->note = NULL;
    }

    crm_worker_function_effects_release(&f->effects);

    if (f->process != NULL) {
        crm_worker_process_kill(f->process);
        f->process = NULL;
    }

    if (f->revision != NULL) {
        crm_worker_rules_release(f->revision);
        f->revision = NULL;
    }
}
