/*
 * What is kept of an attempt of a function: how it ended, and what it told by
 * info, as one JSON document in the stream of runs; of a schedule's, without
 * what it told, in the audit of schedules, too.
 *
 *     {"job", "function", "rule", "record", "schedule", "due", "by",
 *      "attempt", "at", "took_ms", "status": "done|failed|dead", "reason",
 *      "line", "statements", "effects", "log", "log_cut"}
 */

#ifndef CRM_WORKER_RAN_H
#define CRM_WORKER_RAN_H

#include "crm_worker_job.h"
#include "crm_worker_outcome.h"


/* Gathered while it runs. */
typedef struct {
    long long    began_ms;
    crm_str_t    function;
    crm_span_t   schedule;      /* of the job; of a type NONE: it has none */
    crm_span_t   log;           /* a string, or NONE */
    int          log_cut;
    long long    statements;
    long long    effects;
    long long    line;          /* of an error */
    int          asked;         /* somebody waits for its result */
    crm_span_t   result;        /* or NONE */
} crm_worker_ran_t;


/* Of a function that begins. */
void crm_worker_ran_init(crm_worker_ran_t *ran, const crm_worker_job_t *job,
    crm_str_t function);

/* The RESULT of its process, as it lies in the job's pool. */
void crm_worker_ran_result(crm_worker_ran_t *ran, crm_span_t root);

/* What Redis is told; NULL without memory. */
crm_cmd_t *crm_worker_ran_command(const crm_worker_ran_t *ran,
    const crm_worker_job_t *job, const crm_worker_outcome_t *outcome,
    crm_pool_t *pool);

#endif
