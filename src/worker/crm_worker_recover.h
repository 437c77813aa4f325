/*
 * Recovery of an organisation's writes: those whose outcome nobody has told
 * Redis in time are claimed and settled.
 *
 *   poll -> which revision is current? -> its rules, if they are new
 *        -> recover: claims what is due -> crm_worker_settle.h, each
 *
 * The current revision is asked for its kind: backend. Without one, and without
 * --backend, nothing is claimed: the intents stay where they are.
 */

#ifndef CRM_WORKER_RECOVER_H
#define CRM_WORKER_RECOVER_H

#include "crm_worker_fetch.h"


/* Claims under way at once: of an organisation, whose backend has just come
 * back and is not to be overrun; and of all, so that one that hangs does not
 * keep the others waiting. */
#define CRM_WORKER_RECOVER_ORG_MAX  8
#define CRM_WORKER_RECOVER_MAX      64


/* What settles claims; 0 without memory. */
int crm_worker_recover_init(crm_worker_fetch_t *fetch);

/* Claims what is due, if there is room, and settles it. Nothing while the same
 * is asked, or nothing is to be begun any more. */
void crm_worker_recover_poll(crm_worker_org_t *org);

/* Whom to ask for records: --backend goes before the rules, which know its
 * headers and dialect. Borrows from the configuration and the current revision;
 * url is null where there is none. */
void crm_worker_recover_backend(const crm_worker_org_t *org,
    crm_worker_backend_t *backend);

/* Drops what is under way; claims run out. */
void crm_worker_recover_abandon(crm_worker_org_t *org);

/* After the link has been destroyed: lets go of all rules. */
void crm_worker_recover_clean(crm_worker_fetch_t *fetch);

#endif
