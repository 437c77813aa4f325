/*
 * The fields of one record, sought by name one after the other.
 *
 * Records of one thing list their fields in much the same order, so the search
 * goes on behind what was found last. A client chooses the names and their
 * number: when looking has cost too much, the fields are put in order once.
 */

#ifndef CRM_FINDER_H
#define CRM_FINDER_H

#include "record/crm_record.h"


typedef struct {
    const crm_record_t   *record;
    const crm_field_t   **index;    /* by hash and name; NULL: not made */
    size_t                next;     /* where the search goes on */
    size_t                budget;   /* looks that are left until it is made;
                                       the last may go on to the end */
    crm_pool_t           *pool;
} crm_finder_t;


/* record NULL has no fields. */
void crm_finder_init(crm_finder_t *finder, const crm_record_t *record,
    crm_pool_t *pool);

/* The field of that name, hash included, or NULL. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_finder_find(crm_finder_t *finder, const crm_field_t *name,
    const crm_field_t **found);

#endif
