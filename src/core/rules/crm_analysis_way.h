/*
 * A circle of rules, rule by rule, and what is said of it.
 */

#ifndef CRM_ANALYSIS_WAY_H
#define CRM_ANALYSIS_WAY_H

#include "rules/crm_analysis_step.h"


typedef struct {
    crm_analysis_rule_t    *rule;
    crm_analysis_effect_t  *effect;     /* that starts the next, or the first */
} crm_analysis_link_t;

typedef struct {
    const crm_analysis_steps_t  *steps;
    crm_analysis_link_t         *links;     /* the last rule first */
    size_t                       count;
    int                          told;      /* of something of the caller's */
} crm_analysis_way_t;


/* Room for so many rules. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_way_init(crm_analysis_way_t *way,
    const crm_analysis_steps_t *steps, size_t max);

/* Adds a rule in front, and which of its effects starts those that are there;
 * of the first that is added: what starts the circle anew. */
void crm_analysis_way_before(crm_analysis_way_t *way,
    crm_analysis_rule_t *rule, unsigned effect);

/* Adds the finding. CRM_DECLINED: it is none, since it ends by itself;
 * CRM_ENOMEM. */
crm_status_t crm_analysis_way_tell(crm_analysis_way_t *way);

#endif
