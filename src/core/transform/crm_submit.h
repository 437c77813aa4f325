/*
 * Approval entry: does the record that a write leaves behind wait for an
 * approval now?
 *
 * Step 5 (transform), behind workflow rules: what counts is the record with
 * all that they have set.
 */

#ifndef CRM_SUBMIT_H
#define CRM_SUBMIT_H

#include "decide/crm_approval_move.h"
#include "transform/crm_change.h"
#include "transform/crm_effects.h"


/* Adds to effects what entering brings. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_submit(crm_effects_t *effects, crm_write_t *write,
    const crm_changes_t *changes);

/* Adds to effects what move brings: the state that is kept, the record's place
 * in the list of those that wait, actions. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_submit_keep(crm_effects_t *effects, const crm_write_t *write,
    const crm_approval_move_t *move);

/* Of a record that is deleted: it waits no more. */
crm_status_t crm_submit_leave(crm_effects_t *effects, crm_write_t *write);

#endif
