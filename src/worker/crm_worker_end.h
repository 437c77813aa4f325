/*
 * The end of a job, told to Redis by one of the scripts done, retry, dead and
 * split, and kept until Redis has taken it.
 *
 *   settle -> asked -> told
 *              |  ^
 *     no reply v  | Redis is back
 *           unsettled
 */

#ifndef CRM_WORKER_END_H
#define CRM_WORKER_END_H

#include "crm_worker_done.h"
#include "crm_worker_job.h"
#include "crm_worker_outcome.h"

#include <uv.h>


/* Between two attempts to settle while Redis is not there. */
#define CRM_WORKER_END_SETTLE_MS  500


typedef struct crm_worker_end_s   crm_worker_end_t;
typedef struct crm_worker_ends_s  crm_worker_ends_t;

/* Redis knows it, or the job is another's; called once, from the loop. */
typedef void (*crm_worker_end_pt)(crm_worker_end_t *end);

/* Belongs to the caller, who fills what stands above the line, from settle
 * until told or removed. */
struct crm_worker_end_s {
    crm_worker_done_entry_t   done;             /* first: it is found by it */
    crm_worker_ends_t        *ends;
    crm_worker_job_t         *job;
    crm_worker_outcome_t      outcome;
    int64_t                   delay_ms;         /* of a retry */
    unsigned                  again:1;          /* retry, not dead */

    /* --- */

    unsigned                  settling:1;       /* Redis is asked */
    unsigned                  ending:1;         /* it stands in done */
    unsigned                  unsettled:1;
    crm_worker_end_t         *next;             /* of the unsettled */
};

/* All of one dispatcher. */
struct crm_worker_ends_s {
    uv_timer_t                timer;
    crm_worker_link_t        *link;
    crm_worker_done_t        *done;
    crm_worker_end_t         *unsettled;
    crm_worker_end_pt         told;
};


/* loop and link are borrowed; data becomes that of the timer, which is closed
 * with destroy. CRM_ENOMEM. */
crm_status_t crm_worker_ends_init(crm_worker_ends_t *ends,
    crm_worker_loop_t *loop, crm_worker_link_t *link, crm_worker_end_pt told,
    void *data);

/* None may be under way any more. */
void crm_worker_ends_destroy(crm_worker_ends_t *ends, uv_close_cb closed);

void crm_worker_end_settle(crm_worker_end_t *end);

/* Settles nothing any more. 0: there was nothing to be taken back, or Redis
 * has been asked already. */
int crm_worker_end_remove(crm_worker_end_t *end);

#endif
