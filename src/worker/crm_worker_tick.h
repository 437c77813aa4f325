/*
 * A schedule's time has come: a tick becomes a run, and waits for the next.
 *
 *   on time    the run is a job of class functions; those of one schedule
 *              keep their order, or with overlap: skip the later is left out
 *   too late   by misfire: run_once runs the last of those that were missed,
 *              run_all each of them, skip none
 *
 * All of it is one step of Redis under the tick's lease, so that exactly one
 * worker runs it, once.
 */

#ifndef CRM_WORKER_TICK_H
#define CRM_WORKER_TICK_H

#include "crm_worker_dispatch.h"


/* A run that begins so much later than it should was missed. */
#define CRM_WORKER_TICK_LATE_S  60

/* More than these are not caught up with. */
#define CRM_WORKER_TICK_MISSED  100


/* As crm_worker_deliverer_t has them. */
void *crm_worker_tick_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);
void crm_worker_tick_cancel(void *call);

#endif
