/*
 * Pointers in a row, in a pool.
 */

#include "base/crm_array.h"


crm_status_t
crm_array_push(crm_array_t *list, void *item, crm_pool_t *pool)
{
    void  **items;

    /* grows at powers of two */

    if ((list->count & (list->count - 1)) == 0) {
        items = crm_pool_calloc(pool, list->count ? list->count * 2 : 1,
                                sizeof(void *));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (list->count) {
            memcpy(items, list->items, list->count * sizeof(void *));
        }

        list->items = items;
    }

    list->items[list->count++] = item;

    return CRM_OK;
}
