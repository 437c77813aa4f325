/*
 * Changes of a record that rules make in the write itself.
 */

#include "transform/crm_change.h"


crm_change_t *
crm_changes_find(const crm_changes_t *changes, crm_str_t field)
{
    size_t  i;

    for (i = 0; i < changes->count; i++) {
        if (crm_str_eq(changes->items[i].field, field)) {
            return &changes->items[i];
        }
    }

    return NULL;
}


crm_status_t
crm_changes_set(crm_changes_t *changes, crm_str_t field, crm_str_t json,
    crm_span_t old, const crm_workflow_t *rule, crm_pool_t *pool)
{
    size_t         cap;
    crm_change_t  *items, *change;

    change = crm_changes_find(changes, field);

    if (change) {
        change->json = json;
        change->loser = change->rule;
        change->rule = rule;
        return CRM_OK;
    }

    if (changes->count == changes->cap) {
        cap = changes->cap ? changes->cap * 2 : 4;

        items = crm_pool_calloc(pool, cap, sizeof(crm_change_t));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (changes->count) {
            memcpy(items, changes->items,
                   changes->count * sizeof(crm_change_t));
        }

        changes->items = items;
        changes->cap = cap;
    }

    change = &changes->items[changes->count++];
    change->field = field;
    change->json = json;
    change->old = old;
    change->rule = rule;
    change->loser = NULL;

    return CRM_OK;
}


crm_status_t
crm_changes_apply(const crm_changes_t *changes, crm_str_t text,
    const crm_record_t *record, crm_str_t *result, crm_pool_t *pool)
{
    size_t         i;
    crm_splice_t   splice;
    crm_status_t   rc;

    *result = text;

    if (changes->count == 0) {
        return CRM_OK;
    }

    crm_splice_init(&splice, text, pool);

    for (i = 0; i < changes->count; i++) {
        rc = crm_splice_set(&splice, record, changes->items[i].field,
                            changes->items[i].json);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    *result = crm_splice_apply(&splice);

    return result->data ? CRM_OK : CRM_ENOMEM;
}
