/*
 * The fields of one record, sought by name.
 */

#include "record/crm_finder.h"

#include <stdlib.h>


/* So many looks are cheaper than an order, whatever the record; then so many
 * for each of its fields. */
#define FINDER_FEW       64
#define FINDER_PER_FIELD  8


static crm_status_t finder_index(crm_finder_t *finder);
static int finder_cmp(const void *one, const void *two);


void
crm_finder_init(crm_finder_t *finder, const crm_record_t *record,
    crm_pool_t *pool)
{
    finder->record = record;
    finder->index = NULL;
    finder->next = 0;
    finder->budget = record ? FINDER_FEW + record->count * FINDER_PER_FIELD
                            : 0;
    finder->pool = pool;
}


crm_status_t
crm_finder_find(crm_finder_t *finder, const crm_field_t *name,
    const crm_field_t **found)
{
    size_t               i, k, count;
    const crm_field_t   *field, **in;

    *found = NULL;
    count = finder->record ? finder->record->count : 0;
    k = finder->next;

    for (i = 0; finder->index == NULL && i < count; i++, k++) {

        if (finder->budget == 0) {
            if (finder_index(finder) != CRM_OK) {
                return CRM_ENOMEM;
            }
            break;
        }

        finder->budget--;
        k = k < count ? k : 0;
        field = &finder->record->fields[k];

        if (field->hash == name->hash && crm_str_eq(field->name, name->name)) {
            finder->next = k + 1;
            *found = field;
            return CRM_OK;
        }
    }

    if (finder->index) {
        in = bsearch(&name, finder->index, count, sizeof(*in), finder_cmp);
        *found = in ? *in : NULL;
    }

    return CRM_OK;
}


static crm_status_t
finder_index(crm_finder_t *finder)
{
    size_t               i;
    const crm_field_t  **index;

    index = crm_pool_alloc(finder->pool, finder->record->count
                                         * sizeof(*index));
    if (index == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < finder->record->count; i++) {
        index[i] = &finder->record->fields[i];
    }

    qsort(index, finder->record->count, sizeof(*index), finder_cmp);
    finder->index = index;

    return CRM_OK;
}


static int
finder_cmp(const void *one, const void *two)
{
    const crm_field_t  *a, *b;

    a = *(const crm_field_t *const *) one;
    b = *(const crm_field_t *const *) two;

    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }

    return crm_str_cmp(a->name, b->name);
}
