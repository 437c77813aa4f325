/*
 * The fields of one record, sought by name.
 */

#include "record/crm_finder.h"

#include <stdlib.h>


/* So many looks are cheaper than an order, whatever the record; then so many
 * for each of its fields. */
#define FINDER_FEW       64
#define FINDER_PER_FIELD  8


static const crm_field_t *finder_look(crm_finder_t *finder,
    const crm_field_t *name, size_t from, size_t end);
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
    size_t               count;
    const crm_field_t  **in;

    *found = NULL;
    count = finder->record ? finder->record->count : 0;

    if (count == 0) {
        return CRM_OK;
    }

    if (finder->budget) {
        *found = finder_look(finder, name, finder->next, count);

        if (*found == NULL) {
            *found = finder_look(finder, name, 0, finder->next);
        }

        return CRM_OK;
    }

    if (finder->index == NULL && finder_index(finder) != CRM_OK) {
        return CRM_ENOMEM;
    }

    in = bsearch(&name, finder->index, count, sizeof(*in), finder_cmp);
    *found = in ? *in : NULL;

    return CRM_OK;
}


static const crm_field_t *
finder_look(crm_finder_t *finder, const crm_field_t *name, size_t from,
    size_t end)
{
    size_t              looked;
    const crm_field_t  *field, *first, *last;

    first = finder->record->fields + from;
    last = finder->record->fields + end;

    for (field = first; field < last; field++) {
        if (field->hash == name->hash && crm_str_eq(field->name, name->name)) {
            finder->next = (size_t) (field + 1 - finder->record->fields);
            break;
        }
    }

    looked = (size_t) (field - first);
    finder->budget -= looked < finder->budget ? looked : finder->budget;

    return field < last ? field : NULL;
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
