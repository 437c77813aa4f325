/*
 * Findings about criteria: no record matches, every record does, the same
 * stands there twice, an entry of a list is never reached.
 */

#ifndef CRM_ANALYSIS_CRITERIA_H
#define CRM_ANALYSIS_CRITERIA_H

#include "rules/crm_analysis_model.h"


/* A list of which the first entry that matches counts. */
typedef struct {
    size_t                  object;
    crm_analysis_module_t  *module;
    const json_t           *list;
    const char             *path;       /* "conditions" */
    const char             *word;       /* "condition" */
    const crm_criteria_t   *criteria;   /* of each entry */
    const uint8_t          *known;      /* whether they are right */
    size_t                  count;
} crm_analysis_list_t;


/* Each in CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_criteria(crm_analysis_model_t *model, size_t object,
    crm_analysis_module_t *module, const crm_criteria_t *criteria,
    const json_t *json, const char *path);
crm_status_t crm_analysis_criteria_list(crm_analysis_model_t *model,
    const crm_analysis_list_t *list);

/* All criteria of a document, wherever they stand. */
crm_status_t crm_analysis_criteria_document(crm_analysis_model_t *model,
    size_t object, const json_t *json);

#endif
