/*
 * The transformers in their fixed order: what becomes of an allowed write.
 *
 * Step 5 (transform). The result is complete: from it alone follow the body
 * that is forwarded, the intent, and later the jobs.
 */

#ifndef CRM_TRANSFORM_H
#define CRM_TRANSFORM_H

#include "transform/crm_change.h"
#include "transform/crm_workflow.h"


typedef struct {
    crm_fired_t    *fired;          /* shadow rules among them */
    size_t          fired_count;
    crm_changes_t   changes;
} crm_transform_t;


/* CRM_OK; CRM_ENOMEM: the write must not be forwarded. */
crm_status_t crm_transform(crm_transform_t *transform, crm_write_t *write);

/* What the rules in transform->fired set in the write itself: a part of
 * crm_transform(), for those who know already which rules fired. */
crm_status_t crm_transform_update(crm_transform_t *transform,
    const crm_write_t *write);

#endif
