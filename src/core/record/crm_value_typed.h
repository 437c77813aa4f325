/*
 * Sameness of values whose field is declared: what the type says is one value,
 * however it is written.
 */

#ifndef CRM_VALUE_TYPED_H
#define CRM_VALUE_TYPED_H

#include "base/crm_zone.h"
#include "record/crm_schema.h"
#include "record/crm_value.h"


/* Lists of more members are compared in their order, whatever they hold. */
#define CRM_VALUE_MAX_SET  100


/*
 * Whether two values that crm_value_same() tells apart are the same after all,
 * in a field declared
 *   number               text that reads as a number is that number;
 *   boolean              the texts true and false, in any case, are booleans;
 *   date, datetime       two days are the same day, two points in time the
 *                        same point; one of each never is;
 *   multi-select         members count, not their order, nor how often; one
 *                        value is a set of one.
 * Text of other fields keeps to its letters. zone may be NULL: UTC. CRM_OK
 * with *same set, or CRM_ENOMEM.
 */
crm_status_t crm_value_typed_same(const crm_value_t *a, const crm_value_t *b,
    crm_field_type_t type, const crm_zone_t *zone, crm_pool_t *pool,
    int *same);

#endif
