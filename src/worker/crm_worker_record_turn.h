/*
 * Whose turn it is: Redis says which of a group's users gets the record.
 */

#ifndef CRM_WORKER_RECORD_TURN_H
#define CRM_WORKER_RECORD_TURN_H

#include "crm_worker_ask.h"
#include "crm_worker_outcome.h"
#include "crm_worker_record_job.h"


/* Until it is asked again. */
#define CRM_WORKER_RECORD_TURN_MS  1000


/* Asks for the turn of record, that job is about. NULL: it ends here, and
 * *outcome says how. */
crm_worker_ask_t *crm_worker_record_turn_ask(crm_worker_link_t *link,
    const crm_worker_job_t *job, const crm_worker_record_job_t *record,
    crm_worker_ask_done_pt done, void *data, crm_worker_outcome_t *outcome);

/* The owner of record becomes the one whom reply names. 0: it stays empty, and
 * *outcome says why. */
int crm_worker_record_turn_set(crm_worker_record_job_t *record,
    crm_pool_t *pool, const crm_reply_t *reply, crm_worker_outcome_t *outcome);

#endif
