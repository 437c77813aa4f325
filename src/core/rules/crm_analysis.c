/*
 * What is suspicious in a set of rules although each document by itself is
 * right.
 */

#include "rules/crm_analysis.h"

#include "rules/crm_analysis_circle.h"
#include "rules/crm_analysis_conflict.h"
#include "rules/crm_analysis_count.h"
#include "rules/crm_analysis_document.h"
#include "rules/crm_analysis_use.h"


/* Criteria are compiled once more: what a rule set takes, and room. */
#define ANALYSIS_MAX_BYTES  ((size_t) 2 * 1024 * 1024 * 1024)


static crm_status_t analysis_documents(crm_analysis_model_t *model);


crm_status_t
crm_analysis_run(const json_t *bundle, size_t own,
    const crm_analysis_limits_t *limits, const crm_host_t *host,
    crm_findings_t *findings)
{
    crm_pool_t             *pool;
    crm_status_t            rc;
    crm_analysis_model_t    model;
    crm_analysis_limits_t   usual;

    pool = crm_pool_create(host, ANALYSIS_MAX_BYTES);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    if (limits == NULL) {
        crm_analysis_limits_init(&usual);
        limits = &usual;
    }

    rc = crm_analysis_model_load(&model, bundle, own, pool, findings);

    if (rc == CRM_OK) {
        rc = analysis_documents(&model);
    }
    if (rc == CRM_OK) {
        rc = crm_analysis_count_find(&model, limits);
    }
    if (rc == CRM_OK) {
        rc = crm_analysis_conflict_doubles(&model);
    }
    if (rc == CRM_OK) {
        rc = crm_analysis_conflict_find(&model);
    }
    if (rc == CRM_OK) {
        rc = crm_analysis_circle_find(&model);
    }
    if (rc == CRM_OK) {
        rc = crm_analysis_use_find(&model);
    }

    crm_pool_destroy(pool);

    return rc;
}


static crm_status_t
analysis_documents(crm_analysis_model_t *model)
{
    size_t         i;
    json_t        *item;
    crm_status_t   rc;

    json_array_foreach(model->objects, i, item) {
        if (i == model->own) {
            break;
        }

        rc = crm_analysis_document(model, i,
                                            json_object_get(item, "object"));
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}
