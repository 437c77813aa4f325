/*
 * Pointers in a row, in a pool. Grows; never forgets.
 */

#ifndef CRM_ARRAY_H
#define CRM_ARRAY_H

#include "base/crm_pool.h"


/* Zeroed, it is empty. */
typedef struct {
    void    **items;
    size_t    count;
} crm_array_t;


/* Adds item (borrowed) behind the others; always with the same pool. CRM_OK
 * or CRM_ENOMEM. */
crm_status_t crm_array_push(crm_array_t *array, void *item, crm_pool_t *pool);

/* Brings the items into an order; cmp as of qsort(), of pointers to items. */
void crm_array_sort(crm_array_t *array, int (*cmp)(const void *, const void *));

#endif
