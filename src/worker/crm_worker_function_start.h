/*
 * A job that runs a function, read, and what its process is told of it.
 */

#ifndef CRM_WORKER_FUNCTION_START_H
#define CRM_WORKER_FUNCTION_START_H

#include "crm_worker_job.h"

#include "rules/crm_ruleset.h"
#include "state/crm_chain.h"


/* Borrows from the job, later from the rules. */
typedef struct {
    crm_str_t               name;
    crm_span_t              arguments;      /* an object */
    long long               revision;
    crm_str_t               user;           /* who caused it; may be empty */

    const crm_ruleset_t    *rules;          /* filled by the caller */
    const crm_function_t   *function;
    long long               now_ms;
} crm_worker_function_start_t;


/*
 * Reads a parsed job. One that no commit wrote is refused unless such may
 * write records. CRM_EINVAL with a sentence; CRM_ENOMEM.
 */
crm_status_t crm_worker_function_read(crm_worker_function_start_t *start,
    crm_worker_job_t *job, int accept_foreign, crm_error_t *err);

/* The chain of its writes: one deeper. As crm_worker_function_read(). */
crm_status_t crm_worker_function_chain(crm_chain_t *chain,
    crm_worker_job_t *job, crm_error_t *err);

/* START, as crm_worker_child.h reads it. */
void crm_worker_function_encode(crm_buf_t *buf,
    const crm_worker_function_start_t *start);

#endif
