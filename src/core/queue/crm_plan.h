/*
 * From an event to what commit puts into Redis: jobs, and the state of the
 * record for the next write.
 *
 * Step 8 (enqueue). Rules in their order, actions in theirs; a rule in shadow
 * plans nothing.
 */

#ifndef CRM_PLAN_H
#define CRM_PLAN_H

#include "queue/crm_job.h"
#include "state/crm_cmd.h"


typedef struct {
    crm_cmd_job_t      *jobs;
    size_t              jobs_count;
    crm_cmd_change_t   *changes;        /* of the record's hash */
    size_t              changes_count;
    const crm_record_t *told;           /* the record as jobs tell it that ask
                                           for what the backend has set; NULL:
                                           none does */
    crm_str_t           told_json;      /* the same as text, likewise */
    crm_str_t           timers;         /* what traces tell of those that the
                                           write moves: members of a list */
} crm_plan_t;


/* The event must be finished. Everything lives in the write's pool. */
crm_status_t crm_plan(crm_plan_t *plan, const crm_event_t *event);

#endif
