/*
 * What all stored records of a module are worth is counted anew: a page.
 *
 *   is it time? -> GET of the page -> what Redis knows of its records
 *   -> crm_score_run_record() each -> script score_page, which moves the job on
 *
 * A page holds one place among the jobs of this worker, and the next comes
 * when what it has pushed has been taken: others never wait for more.
 */

#ifndef CRM_WORKER_SCORE_H
#define CRM_WORKER_SCORE_H

#include "crm_worker_dispatch.h"


/* As crm_worker_deliverer_t has them. */
void *crm_worker_score_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);
void crm_worker_score_cancel(void *call);

#endif
