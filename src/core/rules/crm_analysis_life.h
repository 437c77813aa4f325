/*
 * Scoring and escalation rules as analysis sees them: rules that fields start,
 * and that write fields.
 */

#ifndef CRM_ANALYSIS_LIFE_H
#define CRM_ANALYSIS_LIFE_H

#include "rules/crm_analysis_model.h"


/* How often a scoring rule stands among the rules: once for each reach that
 * the write which it is counted in may have. */
#define CRM_ANALYSIS_LIFE_COPIES  (CRM_ANALYSIS_REACH_ALL + 1)


/*
 * Makes rules of the scoring and escalation rules in the bundle: *list with
 * *count of them. What is wrong with one another has said; it is left out.
 * CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_analysis_life_load(crm_analysis_model_t *model,
    crm_analysis_rule_t **list, size_t *count);

#endif
