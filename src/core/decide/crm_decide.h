/*
 * The guards in their fixed order; the first refusal wins.
 *
 * Step 4 (decide).
 */

#ifndef CRM_DECIDE_H
#define CRM_DECIDE_H

#include "decide/crm_verdict.h"
#include "decide/crm_write.h"


/*
 * Judges write: *verdict says allowed (CRM_REFUSE_NONE) or who refused it and
 * why. CRM_ENOMEM leaves the write unjudged, and it must not be forwarded.
 */
crm_status_t crm_decide(crm_verdict_t *verdict, crm_write_t *write);

/* The names of the gates in front of a module's records, in their order: the
 * one that *at says, from 0, which moves on; NULL behind the last. */
const char *crm_decide_gate(const crm_module_t *module, size_t *at);

#endif
