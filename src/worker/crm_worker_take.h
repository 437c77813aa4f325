/*
 * Jobs taken from Redis: from whose queue, how many of each class, and what
 * becomes of the room when one has ended. crm_worker_fetch_pump() is here.
 */

#ifndef CRM_WORKER_TAKE_H
#define CRM_WORKER_TAKE_H

#include "crm_worker_fetch.h"


/* A job has been settled: its room is another's. data is the fetch. */
void crm_worker_take_finished(void *data, crm_worker_job_t *job);

#endif
