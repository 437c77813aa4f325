/*
 * Pointers in a row, in a pool.
 */

#include "base/crm_array.h"

#include <stdlib.h>


crm_status_t
crm_array_push(crm_array_t *array, void *item, crm_pool_t *pool)
{
    void  **items;

    /* grows at powers of two */

    if ((array->count & (array->count - 1)) == 0) {
        items = crm_pool_calloc(pool, array->count ? array->count * 2 : 1,
                                sizeof(void *));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (array->count) {
            memcpy(items, array->items, array->count * sizeof(void *));
        }

        array->items = items;
    }

    array->items[array->count++] = item;

    return CRM_OK;
}


void
crm_array_sort(crm_array_t *array, int (*cmp)(const void *, const void *))
{
    if (array->count > 1) {
        qsort(array->items, array->count, sizeof(void *), cmp);
    }
}
