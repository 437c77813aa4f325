/*
 * A timer has come: does its rule do something with the record?
 *
 *   GET of the record -> what Redis keeps of it -> crm_timer_judge()
 *                     -> commit -> its next time
 *
 *   fires       its jobs are pushed by a commit of an event whose id follows
 *               from timer and time: once, whoever does it how often
 *   moved       it waits for the time that the record stands for now
 *   unreadable  the outcome of an attempt that failed
 *
 * The current revision of the rule counts, whatever made the timer.
 */

#ifndef CRM_WORKER_TIMER_H
#define CRM_WORKER_TIMER_H

#include "crm_worker_dispatch.h"


/* Until it is looked at again, by a clock that Redis' is ahead of. */
#define CRM_WORKER_TIMER_EARLY_MS  60000


/* As crm_worker_deliverer_t has them. */
void *crm_worker_timer_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);
void crm_worker_timer_cancel(void *call);

#endif
