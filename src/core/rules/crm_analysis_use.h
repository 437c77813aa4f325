/*
 * Findings about named actions, templates and functions that nothing uses.
 */

#ifndef CRM_ANALYSIS_USE_H
#define CRM_ANALYSIS_USE_H

#include "rules/crm_analysis_model.h"


/* CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_use_find(crm_analysis_model_t *model);

#endif
