/*
 * All criteria of a document, wherever they stand.
 */

#ifndef CRM_ANALYSIS_DOCUMENT_H
#define CRM_ANALYSIS_DOCUMENT_H

#include "rules/crm_analysis_model.h"


/* What is found of them; object is the document's place in the bundle. CRM_OK
 * or CRM_ENOMEM. */
crm_status_t crm_analysis_document(crm_analysis_model_t *model, size_t object,
    const json_t *json);

#endif
