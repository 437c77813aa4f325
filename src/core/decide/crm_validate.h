/*
 * Validation rules: what a record must not look like once it is written.
 *
 * Step 4 (decide), the last guard: it looks at the record as the client would
 * have it, before any rule has set a field. Unlike a lock it needs to be sure:
 * a rule whose criteria cannot be judged, since they need a field that nobody
 * has seen, refuses nothing.
 */

#ifndef CRM_VALIDATE_H
#define CRM_VALIDATE_H

#include "decide/crm_verdict.h"
#include "decide/crm_write.h"
#include "rules/crm_validation.h"


/* Sets *verdict to a refusal or leaves it alone. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_validate_check(crm_verdict_t *verdict, crm_write_t *write);

/*
 * Why no validation rule could refuse this write, whatever its record is like:
 * a sentence for people; NULL when one could.
 */
const char *crm_validate_exempt(const crm_write_t *write);

/* Whether write is one that the rule is to look at, of those not exempt. */
int crm_validate_asked(const crm_write_t *write,
    const crm_validation_t *validation);

#endif
