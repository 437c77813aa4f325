/*
 * How a function ended: its RESULT, or its process' end, as an outcome.
 */

#ifndef CRM_WORKER_FUNCTION_RESULT_H
#define CRM_WORKER_FUNCTION_RESULT_H

#include "crm_worker_job.h"
#include "crm_worker_outcome.h"
#include "crm_worker_process.h"
#include "crm_worker_ran.h"


/*
 * Reads RESULT of the function that ran is of, and logs it; what is to be kept
 * of it goes into ran. passing: what it threw, if it did, may go well another
 * time. CRM_EINVAL: it is none.
 */
crm_status_t crm_worker_function_result(crm_worker_outcome_t *outcome,
    const crm_worker_job_t *job, crm_worker_ran_t *ran, crm_str_t text,
    int passing);

/* Of a process that has ended without one, and might have taken wall_ms. */
void crm_worker_function_exit(crm_worker_outcome_t *outcome,
    crm_worker_process_how_t how, int status, int64_t wall_ms);

#endif
