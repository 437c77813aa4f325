/*
 * Record writes: a job becomes a request to the guarded location, signed as
 * automation's own.
 *
 *   start -> [turn: Redis says whose it is] -> [owner: GET of the record]
 *         -> write -> what the answer says -> done
 *
 * The job's id is the Idempotency-Key; the header CRM-Chain binds the request
 * to job and attempt. nginx knows what became of the attempt before: a job
 * that has been written is told so by the answer and is done.
 */

#ifndef CRM_WORKER_RECORD_H
#define CRM_WORKER_RECORD_H

#include "crm_worker_dispatch.h"


/* As crm_worker_deliverer_t has them. */
int crm_worker_record_able(const crm_worker_config_t *config);
void *crm_worker_record_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);
void crm_worker_record_cancel(void *call);

#endif
