/*
 * One claimed intent on its way to its end.
 *
 *   parse -> rules of its revision -> GET of each record -> crm_settle()
 *
 *   committed      the same jobs and marks that the request would have left,
 *                  of those of its records that were written
 *   not committed  abort: no record was
 *   undetermined   listed, for people: of one record it cannot be told
 *   unreadable     postponed: 1 s, 2 s, 4 s ... 60 s, by how often it has been
 *                  claimed
 *
 * A claim whose end Redis does not confirm is let go; if it has not ended it
 * comes due again.
 */

#ifndef CRM_WORKER_SETTLE_H
#define CRM_WORKER_SETTLE_H

#include "crm_worker_claim.h"
#include "crm_worker_dispatch.h"


typedef struct crm_worker_settle_s  crm_worker_settle_t;

/* The claim has ended; the callee destroys it. Called from the loop, or from
 * within crm_worker_settle_run() and _abandon(). */
typedef void (*crm_worker_settle_finished_pt)(void *data,
    crm_worker_claim_t *claim);

/* What all settlements work with; borrowed, and may change in place. */
struct crm_worker_settle_s {
    crm_worker_dispatch_tools_t    *tools;
    crm_worker_rules_t             *rules;
    int64_t                         timeout_ms;     /* of a read */
    crm_worker_settle_finished_pt   finished;
    void                           *data;
};


/* Settles claim, until finished is called. */
void crm_worker_settle_run(const crm_worker_settle_t *settle,
    crm_worker_claim_t *claim);

/* Is something being read for it? Else its end is being told. */
int crm_worker_settle_reads(const crm_worker_claim_t *claim);

/* Ends what is under way and settles nothing. finished is called from within,
 * unless Redis has been asked already. */
void crm_worker_settle_abandon(crm_worker_claim_t *claim);

#endif
