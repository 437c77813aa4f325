/*
 * What the log says of a job's end.
 */

#ifndef CRM_WORKER_END_LOG_H
#define CRM_WORKER_END_LOG_H

#include "crm_worker_end.h"


/* One that is decided. */
void crm_worker_end_log(const crm_worker_end_t *end);

/* What Redis has found out about the endpoint with this outcome. */
void crm_worker_end_log_endpoint(const crm_worker_end_t *end, crm_str_t note);

void crm_worker_end_log_stale(const crm_worker_end_t *end);

#endif
