/*
 * Findings about lists of which the first entry that matches counts: an entry
 * that is never reached.
 */

#ifndef CRM_ANALYSIS_LIST_H
#define CRM_ANALYSIS_LIST_H

#include "rules/crm_analysis_model.h"


/* Entries that are compared with one another. */
#define CRM_ANALYSIS_LIST_MAX  100

typedef struct {
    size_t                  object;
    crm_analysis_module_t  *module;
    const json_t           *list;
    const char             *path;       /* "conditions" */
    const char             *word;       /* "condition" */
    const crm_criteria_t   *criteria;   /* of each entry */
    const uint8_t          *known;      /* whether they are right */
    size_t                  count;      /* up to CRM_ANALYSIS_LIST_MAX */
} crm_analysis_list_t;


/* What is found of each entry's criteria, and of where it stands. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_analysis_list(crm_analysis_model_t *model,
    const crm_analysis_list_t *list);

#endif
