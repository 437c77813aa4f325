/*
 * From the outcome of a request, or of its intent, to the one commit that
 * settles all of its records.
 *
 * Step 8 (enqueue), and recovery: the records that were written bring jobs,
 * changes of what is known of them, and a trace each; those that were leased
 * and not written are let go.
 */

#ifndef CRM_SETTLING_H
#define CRM_SETTLING_H

#include "queue/crm_plan.h"


/* A record that was written. */
typedef struct {
    crm_event_t  *event;            /* unless created, finished */
    crm_str_t     record_id;        /* of a created one, the backend's */
} crm_settled_item_t;

typedef struct {
    const crm_settled_item_t  *items;       /* one at least, in order */
    size_t                     count;
    const crm_record_name_t   *leased;      /* also those not written */
    size_t                     n_leased;
    crm_trace_t                trace;       /* jobs are filled in */
} crm_settling_t;


/*
 * Finishes created events and plans all. Fills *commit but for org, event and
 * fence; it borrows from pool and events. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_settling_commit(const crm_settling_t *settling,
    crm_cmd_commit_t *commit, crm_pool_t *pool);

#endif
