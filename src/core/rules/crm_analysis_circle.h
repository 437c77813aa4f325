/*
 * Findings about rules that can start one another in a circle.
 */

#ifndef CRM_ANALYSIS_CIRCLE_H
#define CRM_ANALYSIS_CIRCLE_H

#include "rules/crm_analysis_rule.h"


/* Pairs of rules of which it is asked whether one starts the other, and
 * circles that are told. */
#define CRM_ANALYSIS_CIRCLE_PAIRS  200000UL
#define CRM_ANALYSIS_CIRCLE_TOLD   50

/* CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_circle_find(crm_analysis_model_t *model);

#endif
