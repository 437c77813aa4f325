/*
 * A workflow rule as analysis sees it: when it starts.
 */

#ifndef CRM_ANALYSIS_RULE_H
#define CRM_ANALYSIS_RULE_H

#include "rules/crm_analysis_model.h"


/* Fills rule, whose object is set. CRM_DECLINED for what is no rule at all:
 * without a name or a module; CRM_ENOMEM. */
crm_status_t crm_analysis_rule_load(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *json);

/* Whether two conditions can match one record, as far as can be told; each
 * only when those before it in its rule do not. */
int crm_analysis_rule_meets(crm_analysis_model_t *model,
    const crm_analysis_rule_t *a, unsigned a_condition,
    const crm_analysis_rule_t *b, unsigned b_condition);

/* Whether what an effect of a leaves behind can start b. */
int crm_analysis_rule_starts(crm_analysis_model_t *model,
    const crm_analysis_rule_t *a, crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b);

#endif
