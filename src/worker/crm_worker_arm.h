/*
 * Schedules of the current rules: each has a tick that waits for its time.
 *
 * Told to Redis once a revision, by each worker: what is the same stays as it
 * is (scripts/arm.lua). When a tick is due, see crm_worker_tick.h.
 */

#ifndef CRM_WORKER_ARM_H
#define CRM_WORKER_ARM_H

#include "crm_worker_fetch.h"

#include "crm_recurrence.h"


/* Tells Redis, if it has not been told of org's revision yet. */
void crm_worker_arm(crm_worker_org_t *org);

/* When it runs, by these rules. */
void crm_worker_arm_recurrence(crm_recurrence_t *recurrence,
    const crm_schedule_t *schedule, const crm_zone_t *zone);

#endif
