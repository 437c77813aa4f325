/*
 * How classes of jobs share the room of a worker: one may use all of it, and
 * each has a share of its own on top when it finds the room taken. So nothing
 * lies idle, and no class, however slow, can keep another from beginning. What
 * goes on in the background (CRM_QUEUE_SCORES) has half of it at most.
 */

#ifndef CRM_WORKER_SHARE_H
#define CRM_WORKER_SHARE_H

#include "state/crm_cmd.h"


/* Of a worker's room, so much is each class's own: the weight of the least of
 * them. A worker of less room than that has none to keep. */
#define CRM_WORKER_SHARE_OF  16

/* In flight at one endpoint: so many, but no more of a worker's room than
 * this part of it. */
#define CRM_WORKER_SHARE_ENDPOINT  10


/*
 * Sets max_jobs of each class for a call that takes `batch` jobs at most, and
 * returns how many that are in all; 0: there is room for none. running has
 * those under way by queue, under_way all of them and what other calls have
 * asked for: while there are such, nothing is given on top.
 */
unsigned crm_worker_share(crm_cmd_class_t *classes, size_t n,
    const unsigned *running, unsigned concurrency, unsigned under_way,
    unsigned batch);

/* In flight at one endpoint; asked: what people want, 0: nothing. */
unsigned crm_worker_share_endpoint(unsigned asked, unsigned concurrency);

#endif
