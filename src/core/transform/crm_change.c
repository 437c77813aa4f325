/*
 * Changes of a record that rules make in the write itself.
 */

#include "transform/crm_change.h"


static crm_change_t *changes_add(crm_changes_t *changes, crm_str_t field,
    crm_span_t old, crm_pool_t *pool);
static crm_status_t change_lose(crm_change_t *change, crm_pool_t *pool);


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
    crm_span_t old, int same, const crm_workflow_t *rule, crm_pool_t *pool)
{
    crm_change_t  *change;

    change = crm_changes_find(changes, field);

    if (change == NULL) {
        change = changes_add(changes, field, old, pool);
        if (change == NULL) {
            return CRM_ENOMEM;
        }

    } else if (change->rule != rule
               && change_lose(change, pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    changes->real += (size_t) !same - (size_t) !change->same;

    change->json = json;
    change->same = same;
    change->rule = rule;

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

    if (changes->real == 0) {
        return CRM_OK;
    }

    crm_splice_init(&splice, text, pool);

    for (i = 0; i < changes->count; i++) {
        if (changes->items[i].same) {
            continue;
        }

        rc = crm_splice_set(&splice, record, changes->items[i].field,
                            changes->items[i].json);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    *result = crm_splice_apply(&splice);

    return result->data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_changes_image(crm_image_t *image, const crm_changes_t *changes,
    const crm_image_t *of, const crm_schema_t *schema, crm_pool_t *pool)
{
    size_t               i;
    unsigned             slot;
    crm_status_t         rc;
    const crm_change_t  *change;

    *image = *of;

    if (changes->real == 0) {
        return CRM_OK;
    }

    image->slots = crm_pool_calloc(pool, image->count + 1,
                                   sizeof(crm_value_t));
    if (image->slots == NULL) {
        return CRM_ENOMEM;
    }

    memcpy(image->slots, of->slots, image->count * sizeof(crm_value_t));

    for (i = 0; i < changes->count; i++) {
        change = &changes->items[i];
        slot = crm_schema_find(schema, change->field,
                               crm_str_hash(change->field));

        if (change->same || slot == CRM_SLOT_NONE) {
            continue;
        }

        rc = crm_value_parse(&image->slots[slot], change->json, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* A change that changes nothing yet; NULL without memory. */
static crm_change_t *
changes_add(crm_changes_t *changes, crm_str_t field, crm_span_t old,
    crm_pool_t *pool)
{
    size_t         cap;
    crm_change_t  *items, *change;

    if (changes->count == changes->cap) {
        cap = changes->cap ? changes->cap * 2 : 4;

        items = crm_pool_calloc(pool, cap, sizeof(crm_change_t));
        if (items == NULL) {
            return NULL;
        }

        if (changes->count) {
            memcpy(items, changes->items,
                   changes->count * sizeof(crm_change_t));
        }

        changes->items = items;
        changes->cap = cap;
    }

    change = &changes->items[changes->count++];
    memset(change, 0, sizeof(crm_change_t));
    change->field = field;
    change->old = old;
    change->same = 1;

    return change;
}


/* Who set the field until now is overruled. The list doubles at each power of
 * two. */
static crm_status_t
change_lose(crm_change_t *change, crm_pool_t *pool)
{
    size_t                  n;
    const crm_workflow_t  **losers;

    n = change->losers_count;

    if ((n & (n - 1)) == 0) {
        losers = crm_pool_calloc(pool, n ? n * 2 : 1, sizeof(*losers));
        if (losers == NULL) {
            return CRM_ENOMEM;
        }

        if (n) {
            memcpy(losers, change->losers, n * sizeof(*losers));
        }

        change->losers = losers;
    }

    change->losers[change->losers_count++] = change->rule;

    return CRM_OK;
}
