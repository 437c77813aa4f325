/*
 * Functions: from job to process, from its end to outcome.
 */

#include "crm_worker_function.h"

#include "crm_worker_effect.h"
#include "crm_worker_fetch.h"
#include "crm_worker_function_result.h"
#include "crm_worker_function_start.h"
#include "crm_worker_process.h"

#include <stdlib.h>
#include <time.h>


#define FUNCTION_REDIS_MS  1000     /* until Redis is asked again */

typedef struct function_redis_s  function_redis_t;

/* A run under way; lives in the job's pool. */
typedef struct {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_http_done_pt       done;
    void                         *data;

    crm_worker_function_start_t   start;
    crm_worker_revision_t        *revision;     /* held */
    crm_recall_t                  recall;
    crm_worker_effect_run_t       run;
    size_t                        n;            /* effects so far */
    crm_pool_t                   *pool;         /* of the effect under way */
    crm_pool_t                   *next;         /* of the one to come */
    crm_str_t                     text;         /* and what it is */
    crm_worker_effect_end_t       end;          /* that is being remembered */
    int                           passing;      /* it was thrown, and is not
                                                   remembered unless the
                                                   script goes on */

    crm_worker_rules_wait_t      *wait;         /* under way, one of these */
    function_redis_t             *redis;
    crm_worker_effect_t          *effect;
    crm_worker_process_t         *process;      /* beside them */

    crm_worker_outcome_t         *outcome;      /* starting: the caller's */
    crm_worker_ran_t              ran;
    int64_t                       wall_ms;
    unsigned                      failed:1;
    unsigned                      told:1;       /* RESULT has come */
    crm_worker_outcome_t          result;
} function_t;

/* Outlives a run that is cancelled while Redis is asked. */
struct function_redis_s {
    function_t  *function;
};


static void  function_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text);
static int   function_ask(function_t *f, crm_cmd_t *cmd, crm_pool_t *pool,
    crm_worker_redis_done_pt done);
static function_t *function_asked(void *data);
static void  function_recalled(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  function_open(function_t *f);
static void  function_said(void *data, char kind, crm_str_t text);
static void  function_effect(function_t *f, crm_str_t text);
static void  function_begin(function_t *f);
static int   function_again(function_t *f);
static void  function_effected(void *data,
    const crm_worker_effect_end_t *end);
static void  function_remember(function_t *f);
static void  function_remembered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  function_tell(function_t *f);
static void  function_result(function_t *f, crm_str_t text);
static void  function_exited(void *data, crm_worker_process_how_t how,
    int status);
static void  function_wait(function_t *f, const char *why, int64_t busy_ms);
static void  function_fail(function_t *f, crm_worker_verdict_t verdict,
    const char *class, const char *sentence);
static void  function_end(function_t *f, const crm_worker_outcome_t *outcome);
static void  function_noted(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  function_release(function_t *f);


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
    f->run.tools = tools;
    f->run.job = job;

    rc = crm_worker_function_read(&f->start, job,
                                  tools->config->accept_foreign_records,
                                  &err);
    if (rc == CRM_OK) {
        rc = crm_worker_function_chain(&f->run.chain, job, &err);
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
    crm_pool_t  *pool;

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

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (!function_ask(f, pool ? crm_cmd_recall(pool, f->job->org,
                                               f->job->lease,
                                               (long long) time(NULL) * 1000)
                              : NULL, pool, function_recalled))
    {
        function_wait(f, "Redis cannot be asked", FUNCTION_REDIS_MS);
    }
}


/* 0: it is not asked; pool is gone either way. */
static int
function_ask(function_t *f, crm_cmd_t *cmd, crm_pool_t *pool,
    crm_worker_redis_done_pt done)
{
    function_redis_t  *redis;

    redis = calloc(1, sizeof(function_redis_t));

    if (redis == NULL || pool == NULL
        || crm_worker_link_send(f->tools->link, pool, cmd, done, redis)
           != CRM_OK)
    {
        free(redis);
        return 0;
    }

    redis->function = f;
    f->redis = redis;

    return 1;
}


/* NULL: nobody waits for it any more. */
static function_t *
function_asked(void *data)
{
    function_t        *f;
    function_redis_t  *redis = data;

    f = redis->function;
    free(redis);

    if (f != NULL) {
        f->redis = NULL;
    }

    return f;
}


static void
function_recalled(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    size_t         i;
    function_t    *f;
    crm_error_t    err;
    crm_settle_t   settle;
    crm_status_t   rc;

    (void) pool;

    f = function_asked(data);

    if (f == NULL) {
        return;
    }

    if (reply == NULL) {
        function_wait(f, "Redis did not answer", FUNCTION_REDIS_MS);
        return;
    }

    rc = crm_take_recall(&settle, &f->recall, reply, f->job->pool, &err);

    if (rc != CRM_OK || settle == CRM_SETTLE_STALE) {
        function_wait(f, rc == CRM_EINVAL ? err.text
                         : rc == CRM_OK ? "the lease is another worker's"
                         : "out of memory", FUNCTION_REDIS_MS);
        return;
    }

    for (i = 0; i < f->recall.count; i++) {
        f->recall.answers[i] = crm_pool_dup(f->job->pool,
                                            f->recall.answers[i]);
        if (f->recall.answers[i].data == NULL) {
            function_wait(f, "out of memory", FUNCTION_REDIS_MS);
            return;
        }
    }

    function_open(f);
}


static void
function_open(function_t *f)
{
    int          error;
    crm_buf_t    buf;

    f->start.now_ms = f->recall.now_ms;
    f->start.rules = f->revision->set;

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
        function_wait(f, uv_strerror(error), FUNCTION_REDIS_MS);
        return;
    }

    if (crm_worker_process_tell(f->process, CRM_WORKER_FRAME_START,
                                crm_buf_view(&buf))
        != CRM_OK)
    {
        function_wait(f, "out of memory", FUNCTION_REDIS_MS);
    }
}


/* It is not believed: what it may say, and when, is checked here. */
static void
function_said(void *data, char kind, crm_str_t text)
{
    function_t  *f = data;

    if (f->told || f->effect != NULL || f->redis != NULL) {
        function_fail(f, CRM_WORKER_REFUSED, "function_forbidden",
                      "its process spoke out of turn");

    } else if (kind == CRM_WORKER_FRAME_EFFECT) {
        function_effect(f, text);

    } else if (kind == CRM_WORKER_FRAME_RESULT) {
        function_result(f, text);

    } else {
        function_fail(f, CRM_WORKER_REFUSED, "function_forbidden",
                      "its process said what is no frame");
    }
}


static void
function_effect(function_t *f, crm_str_t text)
{
    if (f->n < f->recall.count) {
        if (!function_again(f)) {
            function_wait(f, "out of memory", FUNCTION_REDIS_MS);
        }
        return;
    }

    f->next = crm_pool_create(crm_host_malloc(), 0);
    f->text = f->next ? crm_pool_dup(f->next, text) : CRM_STR_NULL;

    if (f->text.data == NULL) {
        function_wait(f, "out of memory", FUNCTION_REDIS_MS);

    } else if (f->passing) {
        function_remember(f);

    } else {
        function_begin(f);
    }
}


static void
function_begin(function_t *f)
{
    crm_worker_effect_end_t  end;

    crm_pool_destroy(f->pool);
    f->pool = f->next;
    f->next = NULL;
    f->effect = crm_worker_effect_start(&f->run, f->n, f->text, f->pool,
                                        function_effected, f, &end);
    if (f->effect == NULL) {
        function_effected(f, &end);
    }
}


/* What came of it in an attempt before: the first byte is its kind. */
static int
function_again(function_t *f)
{
    crm_str_t  known;

    known = f->recall.answers[f->n++];
    f->run.calls++;

    if (known.len == 0) {
        return 0;
    }

    return crm_worker_process_tell(f->process,
                                   (crm_worker_frame_kind_t) known.data[0],
                                   crm_str(known.data + 1, known.len - 1))
           == CRM_OK;
}


static void
function_effected(void *data, const crm_worker_effect_end_t *end)
{
    function_t  *f = data;

    f->effect = NULL;
    f->end = *end;
    f->passing = end->kind == CRM_WORKER_FRAME_THROW && end->passing;

    if (end->kind == 0) {
        function_wait(f, "a record that it writes is busy", end->busy_ms);

    } else if (f->passing || end->kind == CRM_WORKER_FRAME_LIMIT) {
        function_tell(f);

    } else {
        function_remember(f);
    }
}


static void
function_remember(function_t *f)
{
    char         kind;
    crm_str_t    parts[2];
    crm_cmd_t   *cmd;
    crm_pool_t  *pool;

    cmd = NULL;
    kind = (char) f->end.kind;
    parts[0] = crm_str(&kind, 1);
    parts[1] = f->end.text;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool != NULL) {
        cmd = crm_cmd_remember(pool, f->job->org, f->job->lease, f->n,
                               crm_pool_concat(pool, parts, 2));
    }

    if (!function_ask(f, cmd, pool, function_remembered)) {
        function_wait(f, "Redis cannot be asked", FUNCTION_REDIS_MS);
    }
}


static void
function_remembered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    function_t    *f;
    crm_error_t    err;
    crm_settle_t   settle;

    (void) pool;

    f = function_asked(data);

    if (f == NULL) {
        return;
    }

    if (reply == NULL
        || crm_take_settled(&settle, NULL, reply, &err) != CRM_OK
        || settle == CRM_SETTLE_STALE)
    {
        function_wait(f, "what it has done cannot be remembered",
                      FUNCTION_REDIS_MS);
        return;
    }

    f->n++;

    if (f->passing) {
        f->passing = 0;
        function_begin(f);

    } else {
        function_tell(f);
    }
}


static void
function_tell(function_t *f)
{
    if (crm_worker_process_tell(f->process, f->end.kind, f->end.text)
        != CRM_OK)
    {
        function_wait(f, "out of memory", FUNCTION_REDIS_MS);
    }
}


/* Its end is what counts; this only says how it will be. */
static void
function_result(function_t *f, crm_str_t text)
{
    f->told = 1;

    if (crm_worker_function_result(&f->result, f->job, &f->ran, text,
                                   f->passing)
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
function_wait(function_t *f, const char *why, int64_t busy_ms)
{
    crm_worker_outcome_t  outcome;

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
    pool = outcome->busy_ms > 0 || f->ran.began_ms == 0
           ? NULL : crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || !function_ask(f, crm_worker_ran_command(&f->ran, f->job,
                                                   &f->result, pool),
                         pool, function_noted))
    {
        f->done(f->data, &f->result);
    }
}


/* A Redis that has not taken it will be told the end all the same. */
static void
function_noted(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    function_t  *f;

    (void) reply;
    (void) pool;

    f = function_asked(data);

    if (f != NULL) {
        f->done(f->data, &f->result);
    }
}


static void
function_release(function_t *f)
{
    if (f->redis != NULL) {
        f->redis->function = NULL;
        f->redis = NULL;
    }

    if (f->effect != NULL) {
        crm_worker_effect_cancel(f->effect);
        f->effect = NULL;
    }

    if (f->process != NULL) {
        crm_worker_process_kill(f->process);
        f->process = NULL;
    }

    if (f->revision != NULL) {
        crm_worker_rules_release(f->revision);
        f->revision = NULL;
    }

    crm_pool_destroy(f->pool);
    crm_pool_destroy(f->next);
    f->pool = NULL;
    f->next = NULL;
}
