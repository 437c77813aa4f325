/*
 * Findings about criteria: no record matches, every record does, the same
 * stands there twice.
 */

#ifndef CRM_ANALYSIS_CRITERIA_H
#define CRM_ANALYSIS_CRITERIA_H

#include "rules/crm_analysis_model.h"


/* What is found of criteria at path, which json says. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_criteria(crm_analysis_model_t *model, size_t object,
    crm_analysis_module_t *module, const crm_criteria_t *criteria,
    const json_t *json, const char *path);

#endif
