/*
 * The upkeep of an organisation's jobs: leases renewed, those that ran out
 * taken back, delayed jobs made ready when they are due; and claims renewed.
 */

#ifndef CRM_WORKER_UPKEEP_H
#define CRM_WORKER_UPKEEP_H

#include "crm_worker_fetch.h"


/* Each asks Redis and sees to the answer; nothing while the same is asked. */
void crm_worker_upkeep_promote(crm_worker_org_t *org);
void crm_worker_upkeep_reap(crm_worker_org_t *org);

/* A job whose lease, or a claim that turns out to be another's is abandoned. */
void crm_worker_upkeep_renew(crm_worker_org_t *org);

#endif
