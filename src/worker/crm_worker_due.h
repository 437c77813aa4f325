/*
 * A waiting job whose time has come: is it still to be done, and what is it?
 *
 *   rules of its revision -> GET of the record -> crm_waiting_judge()
 *
 *   runs         rendered, the body stored; then it is delivered like any
 *   does not     cancelled: the stream of traces tells why
 *   unreadable   the outcome of an attempt that failed
 *
 * Whether its rule is on, the current revision says.
 */

#ifndef CRM_WORKER_DUE_H
#define CRM_WORKER_DUE_H

#include "crm_worker_dispatch.h"


typedef struct crm_worker_due_s  crm_worker_due_t;

typedef enum {
    CRM_WORKER_DUE_RUNS = 0,    /* job->body is what is to be delivered */
    CRM_WORKER_DUE_ENDED,       /* Redis knows: cancelled, or another's */
    CRM_WORKER_DUE_FAILED       /* as *outcome says */
} crm_worker_due_result_t;

/* Called once, from the loop; outcome is NULL unless it has failed. */
typedef void (*crm_worker_due_done_pt)(void *data,
    crm_worker_due_result_t result, const crm_worker_outcome_t *outcome);


/*
 * Starts with a parsed job that waits; its owner is the organisation
 * (crm_worker_fetch.h). It lives until done. NULL with *outcome filled when it
 * cannot begin: done will not be called.
 */
crm_worker_due_t *crm_worker_due_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_due_done_pt done, void *data,
    crm_worker_outcome_t *outcome);

/* Ends it without calling done: 1. 0 when Redis has been asked; then done is
 * called. */
int crm_worker_due_cancel(crm_worker_due_t *due);

#endif
