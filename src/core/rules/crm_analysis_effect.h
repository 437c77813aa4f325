/*
 * What a workflow rule writes, as analysis sees it.
 */

#ifndef CRM_ANALYSIS_EFFECT_H
#define CRM_ANALYSIS_EFFECT_H

#include "rules/crm_analysis_model.h"


/* Fills rule's effects, those of now and of later, from its conditions, of
 * which rule knows the number. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_effect_load(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *conditions);

/* Adds what action does to rule's effects, which have room for it. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_analysis_effect_add(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *action, unsigned condition,
    unsigned at, int later);

/* Makes effect->fact, the predicate that holds once the effect is there, if it
 * sets a constant. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_effect_fact(crm_analysis_model_t *model,
    crm_analysis_effect_t *effect);

#endif
