/*
 * Changes of a record that rules make in the write itself.
 */

#ifndef CRM_CHANGE_H
#define CRM_CHANGE_H

#include "record/crm_image.h"
#include "record/crm_splice.h"
#include "rules/crm_rule.h"


/* A field that rules set. */
typedef struct {
    crm_str_t               field;
    crm_str_t               json;       /* the new value */
    crm_span_t              old;        /* what stood there, if anything did */
    int                     same;       /* which is the same: nothing changes,
                                           but rules may be in conflict */
    const crm_workflow_t   *rule;       /* the last that set it */
    const crm_workflow_t  **losers;     /* set it before, in their order: a
                                           conflict */
    size_t                  losers_count;
} crm_change_t;

/* By field in order of the first to set it; the last to set it wins. */
typedef struct {
    crm_change_t  *items;
    size_t         count;
    size_t         cap;
    size_t         real;        /* items that change something */
} crm_changes_t;


/* What rules set of that field, or NULL. */
crm_change_t *crm_changes_find(const crm_changes_t *changes, crm_str_t field);

/*
 * Notes that rule sets field to json, which is the same as old or is not;
 * borrows all. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_changes_set(crm_changes_t *changes, crm_str_t field,
    crm_str_t json, crm_span_t old, int same, const crm_workflow_t *rule,
    crm_pool_t *pool);

/* Of an image the one that the changes make of it: slots of its own, if they
 * change any. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_changes_image(crm_image_t *image,
    const crm_changes_t *changes, const crm_image_t *of,
    const crm_schema_t *schema, crm_pool_t *pool);

/*
 * Lays the changes into record, whose spans lie in text: the result is a text
 * in the pool, or text itself when nothing changes.
 */
crm_status_t crm_changes_apply(const crm_changes_t *changes, crm_str_t text,
    const crm_record_t *record, crm_str_t *result, crm_pool_t *pool);

#endif
