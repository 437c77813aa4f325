/*
 * What is kept of an attempt of a function.
 */

#include "crm_worker_ran.h"

#include "base/crm_buf.h"

#include <stdlib.h>
#include <sys/time.h>


/* Of what it told, written as JSON: each byte may take six. */
#define RAN_LOG  (6 * 50 * 1024 + 2)

static void ran_encode(crm_buf_t *buf, const crm_worker_ran_t *ran,
    const crm_worker_job_t *job, const crm_worker_outcome_t *outcome,
    int whole);
static void ran_answer(crm_buf_t *buf, const crm_worker_ran_t *ran,
    const crm_worker_outcome_t *outcome);
static void ran_schedule(crm_buf_t *buf, crm_span_t schedule);
static void ran_number(crm_buf_t *buf, const char *name, long long n);
static const char *ran_status(const crm_worker_outcome_t *outcome);
static long long ran_of(crm_span_t object, const char *member);
static long long ran_now(void);


/* What others push has no schedule, whatever it says. */
void
crm_worker_ran_init(crm_worker_ran_t *ran, const crm_worker_job_t *job,
    crm_str_t function)
{
    memset(ran, 0, sizeof(crm_worker_ran_t));

    ran->began_ms = ran_now();
    ran->function = function;
    ran->schedule.type = CRM_JSON_NONE;
    ran->log.type = CRM_JSON_NONE;
    ran->result.type = CRM_JSON_NONE;

    if (!job->foreign) {
        ran->asked = crm_span_member(job->root, CRM_STR("asked")).type
                     == CRM_JSON_TRUE;
        ran->schedule = crm_span_member(job->root, CRM_STR("schedule"));

        if (ran->schedule.type != CRM_JSON_OBJECT) {
            ran->schedule.type = CRM_JSON_NONE;
        }
    }
}


void
crm_worker_ran_result(crm_worker_ran_t *ran, crm_span_t root)
{
    crm_span_t  error;

    ran->log = crm_span_member(root, CRM_STR("log"));

    if (ran->log.type != CRM_JSON_STRING || ran->log.len > RAN_LOG) {
        ran->log.type = CRM_JSON_NONE;
    }

    ran->log_cut = crm_span_member(root, CRM_STR("log_cut")).type
                   == CRM_JSON_TRUE;
    ran->statements = ran_of(root, "statements");
    ran->effects = ran_of(root, "effects");

    ran->result = crm_span_member(root, CRM_STR("result"));

    error = crm_span_member(root, CRM_STR("error"));

    if (error.type == CRM_JSON_OBJECT) {
        ran->line = ran_of(error, "line");
    }
}


crm_cmd_t *
crm_worker_ran_command(const crm_worker_ran_t *ran,
    const crm_worker_job_t *job, const crm_worker_outcome_t *outcome,
    crm_pool_t *pool)
{
    crm_buf_t      doc, brief, answer;
    crm_span_t     id;
    crm_cmd_ran_t  in;

    crm_buf_init(&doc, pool, 0);
    crm_buf_init(&brief, pool, 0);
    crm_buf_init(&answer, pool, 0);
    ran_encode(&doc, ran, job, outcome, 1);

    in.org = job->org;
    in.lease = job->lease;
    in.doc = crm_buf_view(&doc);
    in.schedule = CRM_STR("");
    in.brief = CRM_STR("");
    in.status = crm_strz(ran_status(outcome));
    in.answer = CRM_STR("");

    if (ran->asked) {
        ran_answer(&answer, ran, outcome);
        in.answer = crm_buf_view(&answer);
    }

    if (ran->schedule.type == CRM_JSON_OBJECT) {
        id = crm_span_member(ran->schedule, CRM_STR("id"));
        in.schedule = id.type == CRM_JSON_STRING ? crm_span_text(id, pool)
                                                 : CRM_STR("");
        ran_encode(&brief, ran, job, outcome, 0);
        in.brief = crm_buf_view(&brief);
    }

    return crm_buf_status(&doc) == CRM_OK && crm_buf_status(&brief) == CRM_OK
           && in.schedule.data && crm_buf_status(&answer) == CRM_OK
           ? crm_cmd_ran(pool, &in) : NULL;
}


static void
ran_encode(crm_buf_t *buf, const crm_worker_ran_t *ran,
    const crm_worker_job_t *job, const crm_worker_outcome_t *outcome,
    int whole)
{
    crm_buf_puts(buf, "{\"job\":");
    crm_buf_json(buf, job->lease.id);
    crm_buf_puts(buf, ",\"function\":");
    crm_buf_json(buf, ran->function);

    if (ran->schedule.type == CRM_JSON_OBJECT) {
        ran_schedule(buf, ran->schedule);

    } else {
        crm_buf_puts(buf, ",\"rule\":");
        crm_buf_json(buf, job->rule);
        crm_buf_puts(buf, ",\"module\":");
        crm_buf_json(buf, job->module);
        crm_buf_puts(buf, ",\"record_id\":");
        crm_buf_json(buf, job->record_id);
    }

    ran_number(buf, "attempt", job->attempts + 1);
    ran_number(buf, "at", ran->began_ms);
    ran_number(buf, "took_ms", ran_now() - ran->began_ms);
    crm_buf_puts(buf, ",\"status\":");
    crm_buf_json(buf, crm_strz(ran_status(outcome)));
    crm_buf_puts(buf, ",\"reason\":");
    crm_buf_json(buf, crm_strz(outcome->reason));
    ran_number(buf, "line", ran->line);
    ran_number(buf, "statements", ran->statements);
    ran_number(buf, "effects", ran->effects);

    if (whole) {
        crm_buf_puts(buf, ",\"log\":");
        crm_buf_str(buf, ran->log.type == CRM_JSON_STRING
                         ? crm_span_raw(ran->log) : CRM_STR("\"\""));
        crm_buf_puts(buf, ran->log_cut ? ",\"log_cut\":true"
                                       : ",\"log_cut\":false");
    }

    crm_buf_putc(buf, '}');
}


/* For whoever waits; ..._service_execute.c reads it. */
static void
ran_answer(crm_buf_t *buf, const crm_worker_ran_t *ran,
    const crm_worker_outcome_t *outcome)
{
    crm_buf_puts(buf, "{\"status\":");
    crm_buf_json(buf, crm_strz(ran_status(outcome)));
    crm_buf_puts(buf, ",\"reason\":");
    crm_buf_json(buf, crm_strz(outcome->reason));
    ran_number(buf, "line", ran->line);
    crm_buf_puts(buf, ",\"result\":");
    crm_buf_str(buf, ran->result.type == CRM_JSON_NONE
                     ? CRM_STR("null") : crm_span_raw(ran->result));
    crm_buf_puts(buf, ",\"log\":");
    crm_buf_str(buf, ran->log.type == CRM_JSON_STRING
                     ? crm_span_raw(ran->log) : CRM_STR("\"\""));
    crm_buf_putc(buf, '}');
}


static void
ran_schedule(crm_buf_t *buf, crm_span_t schedule)
{
    crm_buf_puts(buf, ",\"schedule\":");
    crm_buf_str(buf, crm_span_raw(crm_span_member(schedule,
                                                  CRM_STR("name"))));
    crm_buf_puts(buf, ",\"due\":");
    crm_buf_str(buf, crm_span_raw(crm_span_member(schedule,
                                                  CRM_STR("due"))));
    crm_buf_puts(buf, ",\"by\":");
    crm_buf_str(buf, crm_span_raw(crm_span_member(schedule, CRM_STR("by"))));
}


static void
ran_number(crm_buf_t *buf, const char *name, long long n)
{
    crm_buf_puts(buf, ",\"");
    crm_buf_puts(buf, name);
    crm_buf_puts(buf, "\":");
    crm_buf_int(buf, n);
}


static const char *
ran_status(const crm_worker_outcome_t *outcome)
{
    return outcome->verdict == CRM_WORKER_DELIVERED ? "done"
           : outcome->verdict == CRM_WORKER_FAILED ? "failed" : "dead";
}


static long long
ran_of(crm_span_t object, const char *member)
{
    crm_span_t  value;

    value = crm_span_member(object, crm_strz(member));

    return value.type == CRM_JSON_NUMBER ? strtoll(value.data, NULL, 10) : 0;
}


static long long
ran_now(void)
{
    struct timeval  tv;

    (void) gettimeofday(&tv, NULL);

    return (long long) tv.tv_sec * 1000 + tv.tv_usec / 1000;
}
