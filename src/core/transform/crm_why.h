/*
 * Why a rule fired, or did not: asked after a write was judged, by who wants
 * to tell it (a trace, a test, crmctl eval). Nobody pays for it who does not
 * ask: judging keeps nothing, and what criteria said is still there.
 */

#ifndef CRM_WHY_H
#define CRM_WHY_H

#include "decide/crm_verdict.h"
#include "transform/crm_workflow.h"


typedef struct {
    crm_fires_t             why;
    const crm_condition_t  *condition;  /* that counts: of CRM_FIRES (a rule in
                                           shadow fires too) and, had there
                                           been no lock, CRM_NOT_LOCK */
    crm_str_t               field;      /* that is to blame: not changed,
                                           changed to another value, unknown;
                                           empty where no one field is */
    crm_eval_t             *eval;       /* of the record that criteria see */
} crm_why_t;


/*
 * Why rule fires on write or does not; verdict is what the guards said of it,
 * NULL for nothing. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_why(crm_why_t *why, crm_write_t *write,
    const crm_workflow_t *rule, const crm_verdict_t *verdict);

/*
 * The same of one condition of a rule of which crm_why() said why:
 * CRM_FIRES, CRM_NOT_CRITERIA, CRM_NOT_FIELD, CRM_NOT_SHADOWED (a condition
 * before it counts), or the rule's own reason when nobody looked at its
 * conditions. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_why_condition(crm_fires_t *reason, const crm_why_t *why,
    crm_write_t *write, const crm_condition_t *condition);

#endif
