/*
 * Findings about two rules: they write one field differently, or are one rule
 * twice.
 */

#ifndef CRM_ANALYSIS_CONFLICT_H
#define CRM_ANALYSIS_CONFLICT_H

#include "rules/crm_analysis_rule.h"


/* Comparisons of constants that looking for conflicts may make, and findings
 * of one sort that are told; then it says that it has stopped. */
#define CRM_ANALYSIS_CONFLICT_STEPS  20000000ULL
#define CRM_ANALYSIS_CONFLICT_PAIRS  2000000UL
#define CRM_ANALYSIS_CONFLICT_TOLD   100

/* CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_conflict_find(crm_analysis_model_t *model);
crm_status_t crm_analysis_conflict_doubles(crm_analysis_model_t *model);

#endif
