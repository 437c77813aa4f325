/*
 * Findings about limits: what is counted in documents, and across them.
 */

#ifndef CRM_ANALYSIS_COUNT_H
#define CRM_ANALYSIS_COUNT_H

#include "rules/crm_analysis_limit.h"
#include "rules/crm_analysis_model.h"


/* CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_count_find(crm_analysis_model_t *model,
    const crm_analysis_limits_t *limits);

#endif
