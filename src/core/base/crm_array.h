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
crm_status_t crm_array_push(crm_array_t *list, void *item, crm_pool_t *pool);

#endif
