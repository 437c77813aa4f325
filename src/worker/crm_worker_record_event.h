/*
 * An event that has happened to a record, told to nginx: it goes the way of
 * record writes, but is none.
 */

#ifndef CRM_WORKER_RECORD_EVENT_H
#define CRM_WORKER_RECORD_EVENT_H

#include "crm_worker_answer.h"
#include "crm_worker_job.h"
#include "crm_worker_record_job.h"


/* The request, the same in every dialect: docs/directives.md has it, under
 * crm_chain_key_file. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_worker_record_event(crm_dialect_request_t *request,
    const crm_worker_record_job_t *record, const crm_worker_job_t *job);

/* Does our own nginx say that there is nothing to count: no such record, or no
 * rule any more? */
int crm_worker_record_uncounted(const crm_worker_answer_t *answer);

#endif
