/*
 * From rule to rule: whether what one leaves behind can start another, be it
 * a write, a score that it moves or a date that comes.
 */

#ifndef CRM_ANALYSIS_STEP_H
#define CRM_ANALYSIS_STEP_H

#include "rules/crm_analysis_due.h"


/* What is known of all rules together: which fields follow the time. */
typedef struct {
    crm_analysis_model_t  *model;
    crm_map_t              moving;      /* "module field" */
} crm_analysis_steps_t;


/* Looks at rules, and says of those for escalation whether they can be left.
 * CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_steps_init(crm_analysis_steps_t *steps,
    crm_analysis_model_t *model, crm_analysis_rule_t **rules, size_t count);

/* What the write of an effect of rule may start. */
crm_analysis_reach_t crm_analysis_step_reach(const crm_analysis_rule_t *rule,
    const crm_analysis_effect_t *effect);

/* Whether what an effect of a leaves behind can start b. */
int crm_analysis_step(const crm_analysis_steps_t *steps,
    const crm_analysis_rule_t *a, crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b);

/* When b, which a date starts, is due for what an effect of a writes. */
crm_analysis_due_t crm_analysis_step_due(const crm_analysis_steps_t *steps,
    const crm_analysis_rule_t *a, const crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b);

#endif
