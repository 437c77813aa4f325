/*
 * A late owner: that of the record which a job is about, read from the backend
 * when the job is done.
 */

#ifndef CRM_WORKER_RECORD_OWNER_H
#define CRM_WORKER_RECORD_OWNER_H

#include "crm_worker_backend.h"
#include "crm_worker_dispatch.h"
#include "crm_worker_record_job.h"


/* Asks for the record; answer is filled. NULL: it ends here, and *outcome says
 * how. */
crm_worker_http_call_t *crm_worker_record_owner_ask(
    crm_worker_dispatch_tools_t *tools, const crm_worker_job_t *job,
    const crm_worker_backend_t *backend, crm_worker_answer_t *answer,
    crm_worker_http_done_pt done, void *data, crm_worker_outcome_t *outcome);

/* The owner of record becomes that of the answer, and the job says so from
 * here on. 0: it ends here, and *outcome says how. */
int crm_worker_record_owner_set(crm_worker_record_job_t *record,
    crm_worker_job_t *job, const crm_worker_answer_t *answer,
    crm_worker_outcome_t *outcome);

#endif
