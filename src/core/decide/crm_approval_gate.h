/*
 * Approvals: may this actor change a record that waits for one?
 *
 * Step 4 (decide), the guard behind locks. A record that waits, or that was
 * rejected and not submitted again, is changed by nobody but its approvers,
 * the administrators of its process, and the profile Administrator; fields
 * that the process leaves open are everybody's. What automation writes is
 * refused, unless its rule says ignore_lock, or it is what the very process
 * does (crm_effects_origin()).
 */

#ifndef CRM_APPROVAL_GATE_H
#define CRM_APPROVAL_GATE_H

#include "decide/crm_verdict.h"
#include "decide/crm_write.h"


/* Sets *verdict to a refusal or leaves it alone. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_approval_gate_check(crm_verdict_t *verdict,
    crm_write_t *write);

/*
 * Why no approval could refuse this write, whatever the record's state: a
 * sentence for people; NULL when one could.
 */
const char *crm_approval_gate_exempt(const crm_write_t *write);

#endif
