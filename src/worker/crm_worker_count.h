/*
 * What became of attempts, counted here and told to Redis once a second, for
 * each organisation in one command: jobs cost none.
 */

#ifndef CRM_WORKER_COUNT_H
#define CRM_WORKER_COUNT_H

#include "crm_worker_fetch.h"


/* One more, of a job that has had an attempt. */
void crm_worker_count(const crm_worker_job_t *job, crm_count_t result);

/* Tells Redis what has come together. Not 0: an answer is waited for, after
 * which crm_worker_fetch_next() is called. */
int crm_worker_count_tell(crm_worker_fetch_t *fetch);

#endif
