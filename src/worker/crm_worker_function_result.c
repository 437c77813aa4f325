/*
 * How a function ended.
 */

#include "crm_worker_function_result.h"

#include "crm_worker_log.h"

#include "crm_deluge_utf8.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>


#define RESULT_TEXT  120        /* of what it threw */

static void result_threw(crm_worker_outcome_t *outcome,
    const crm_worker_job_t *job, crm_span_t root, int passing);
static void result_log(const crm_worker_job_t *job,
    const crm_worker_ran_t *ran);
static long long result_number(crm_span_t object, const char *member);


crm_status_t
crm_worker_function_result(crm_worker_outcome_t *outcome,
    const crm_worker_job_t *job, crm_worker_ran_t *ran, crm_str_t text,
    int passing)
{
    crm_scan_t   scan;
    crm_span_t   root;
    crm_error_t  err;

    text = crm_pool_dup(job->pool, text);
    if (text.data == NULL) {
        return CRM_EINVAL;
    }

    crm_scan_init(&scan, text, NULL, job->pool);

    if (crm_scan_value(&scan, &root, &err) != CRM_OK
        || root.type != CRM_JSON_OBJECT)
    {
        return CRM_EINVAL;
    }

    crm_worker_ran_result(ran, root);
    result_log(job, ran);

    if (crm_span_is(crm_span_member(root, CRM_STR("status")), CRM_STR("ok"))) {
        crm_worker_outcome_set(outcome, CRM_WORKER_DELIVERED, "ok", NULL);

    } else {
        result_threw(outcome, job, root, passing);
    }

    return CRM_OK;
}


static void
result_threw(crm_worker_outcome_t *outcome, const crm_worker_job_t *job,
    crm_span_t root, int passing)
{
    char        sentence[RESULT_TEXT + 40];
    long long   line;
    crm_str_t   what;
    crm_span_t  error, text;

    line = 0;
    what = CRM_STR("");
    error = crm_span_member(root, CRM_STR("error"));

    if (error.type == CRM_JSON_OBJECT) {
        line = result_number(error, "line");
        text = crm_span_member(error, CRM_STR("text"));

        if (text.type == CRM_JSON_STRING) {
            what = crm_span_text(text, job->pool);
        }
    }

    what.len = crm_deluge_utf8_valid(crm_str(what.data,
                                             what.len < RESULT_TEXT
                                             ? what.len : RESULT_TEXT));

    (void) snprintf(sentence, sizeof(sentence), "line %lld: %.*s", line,
                    (int) what.len, what.data ? what.data : "");

    crm_worker_outcome_set(outcome, passing ? CRM_WORKER_FAILED
                                            : CRM_WORKER_REFUSED,
                           crm_span_is(crm_span_member(root,
                                                       CRM_STR("status")),
                                       CRM_STR("limit"))
                           ? "function_limit" : "function_error", sentence);
}


void
crm_worker_function_exit(crm_worker_outcome_t *outcome,
    crm_worker_process_how_t how, int status, int64_t wall_ms)
{
    char  text[80];

    if (how == CRM_WORKER_PROCESS_LATE) {
        (void) snprintf(text, sizeof(text), "it ran longer than %lld s",
                        (long long) wall_ms / 1000);
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, "function_limit",
                               text);

    } else if (how == CRM_WORKER_PROCESS_RUDE) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               "function_forbidden",
                               "its process said what is no frame");

    } else if (how == CRM_WORKER_PROCESS_KILLED && status == SIGXCPU) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED, "function_limit",
                               "it took more than 5 s of CPU");

    } else if (how == CRM_WORKER_PROCESS_KILLED && status == SIGSYS) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               "function_forbidden", "its process made a"
                               " system call that it may not");

    } else {
        (void) snprintf(text, sizeof(text), "its process ended by %s %d",
                        how == CRM_WORKER_PROCESS_KILLED ? "signal"
                                                         : "status", status);
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, "function_crashed",
                               text);
    }
}


/* What it told by info is not for this log: it may hold anything. */
static void
result_log(const crm_worker_job_t *job, const crm_worker_ran_t *ran)
{
    crm_worker_log(CRM_WORKER_LOG_INFO, "function: \"%.*s\" org:%s job:%s "
                   "statements:%lld effects:%lld log:%zu bytes",
                   (int) ran->function.len, ran->function.data,
                   job->org.data, job->lease.id.data, ran->statements,
                   ran->effects,
                   ran->log.type == CRM_JSON_STRING ? ran->log.len - 2 : 0);
}


static long long
result_number(crm_span_t object, const char *member)
{
    crm_span_t  value;

    value = crm_span_member(object, crm_strz(member));

    return value.type == CRM_JSON_NUMBER ? strtoll(value.data, NULL, 10) : 0;
}
