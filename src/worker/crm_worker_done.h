/*
 * Deliveries that ended well are told to Redis together: those of one turn of
 * the loop, and those that end while Redis has not answered for others, in one
 * script an organisation. With many in flight that is a good part of what Redis
 * has to do for a job.
 */

#ifndef CRM_WORKER_DONE_H
#define CRM_WORKER_DONE_H

#include "crm_worker_link.h"
#include "crm_worker_loop.h"

#include "state/crm_cmd.h"


/* So many in one script at most. */
#define CRM_WORKER_DONE_MAX  64


typedef struct crm_worker_done_s        crm_worker_done_t;
typedef struct crm_worker_done_entry_s  crm_worker_done_entry_t;

typedef enum {
    CRM_WORKER_DONE_OK = 0,
    CRM_WORKER_DONE_STALE,      /* the lease was another's by then */
    CRM_WORKER_DONE_AWAY        /* Redis has not taken it; once more later */
} crm_worker_done_status_t;

/* Belongs to the caller, from add until told or removed. */
struct crm_worker_done_entry_s {
    crm_worker_done_entry_t  *next;
    crm_str_t                 org;
    crm_lease_t               lease;
};

/* Called once for each, from the loop. */
typedef void (*crm_worker_done_pt)(crm_worker_done_entry_t *entry,
    crm_worker_done_status_t status);


/* loop and link are borrowed. NULL without memory. */
crm_worker_done_t *crm_worker_done_create(crm_worker_loop_t *loop,
    crm_worker_link_t *link, crm_worker_done_pt told);

/* No entry may be waiting any more. */
void crm_worker_done_destroy(crm_worker_done_t *done);

void crm_worker_done_add(crm_worker_done_t *done,
    crm_worker_done_entry_t *entry);

/* Takes back what was added in this turn. 0: Redis has been asked. */
int crm_worker_done_remove(crm_worker_done_t *done,
    const crm_worker_done_entry_t *entry);

#endif
