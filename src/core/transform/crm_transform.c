/*
 * The transformers in their fixed order.
 */

#include "transform/crm_transform.h"

#include "transform/crm_assign.h"
#include "transform/crm_score.h"
#include "transform/crm_update.h"


crm_status_t
crm_transform(crm_transform_t *transform, crm_write_t *write)
{
    crm_status_t  rc;

    memset(transform, 0, sizeof(crm_transform_t));

    rc = crm_assign_lay(write, &transform->changes);

    if (rc == CRM_OK) {
        rc = crm_score_first(write, &transform->changes);
    }

    if (rc == CRM_OK) {
        rc = crm_workflow_match(write, &transform->fired,
                                &transform->fired_count);
    }

    if (rc == CRM_OK) {
        rc = crm_transform_update(transform, write);
    }

    if (rc == CRM_OK && transform->fired_count) {
        rc = crm_score_second(write, &transform->changes);
    }

    return rc == CRM_OK ? crm_workflow_scored(write, &transform->fired,
                                              &transform->fired_count) : rc;
}


crm_status_t
crm_transform_update(crm_transform_t *transform, const crm_write_t *write)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0; write->request && i < transform->fired_count; i++) {
        if (transform->fired[i].rule->status != CRM_STATUS_ON) {
            continue;
        }

        rc = crm_update_apply(&transform->changes, write,
                              &transform->fired[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}
