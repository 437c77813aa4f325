/*
 * Functions: a job runs a script in a process of its own, behind a wall.
 *
 *   rules of its revision -> recall: what earlier attempts have seen
 *     -> process started -> EFFECT: known from an earlier attempt, or done,
 *        remembered, told -> ... -> RESULT -> done
 *
 * A run that is repeated lives through the same time and the same answers, up
 * to where it was lost: what it has done it does not do again. What its script
 * threw will be thrown again: such a job is dead at once, unless it was a
 * failure that may pass.
 */

#ifndef CRM_WORKER_FUNCTION_H
#define CRM_WORKER_FUNCTION_H

#include "crm_worker_dispatch.h"


/* Of a whole run, its requests included; of a schedule's. */
#define CRM_WORKER_FUNCTION_WALL_MS      30000
#define CRM_WORKER_FUNCTION_SCHEDULE_MS  300000


/* As crm_worker_deliverer_t has them. */
void *crm_worker_function_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);
void crm_worker_function_cancel(void *call);

#endif
