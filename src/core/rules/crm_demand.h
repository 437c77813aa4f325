/*
 * What a predicate demands of its field, in a form that files: that it equals
 * one of some constants, that it is a set which holds them, or that it lies in
 * a range.
 *
 * A demand may let pass what the predicate would not; it never keeps out what
 * the predicate is true of. So whoever goes by demands finds candidates, and
 * asks the predicates themselves then.
 */

#ifndef CRM_DEMAND_H
#define CRM_DEMAND_H

#include "rules/crm_criteria.h"


typedef enum {
    CRM_DEMAND_NONE = 0,        /* none that files */
    CRM_DEMAND_EQUAL,           /* the field equals an operand */
    CRM_DEMAND_ANY,             /* it holds one of the operands */
    CRM_DEMAND_ALL,             /* it holds all of them */
    CRM_DEMAND_RANGE            /* its place on scale is from low to high */
} crm_demand_type_t;

/* What a field's value has a place on; larger values have no smaller place. */
typedef enum {
    CRM_SCALE_NUMBER = 0,       /* sign, exponent and 15 digits */
    CRM_SCALE_TEXT,             /* the first eight bytes, folded */
    CRM_SCALE_DAY,              /* in the organisation's zone */
    CRM_SCALE_AHEAD,            /* days from today on */
    CRM_SCALES
} crm_scale_t;

typedef struct {
    crm_demand_type_t  type;
    crm_scale_t        scale;
    uint64_t           low;
    uint64_t           high;
} crm_demand_t;

typedef enum {
    CRM_PLACE_NONE = 1,         /* whatever demands a range, it is not met */
    CRM_PLACE_ANYWHERE,         /* there is no telling */
    CRM_PLACE_KNOWN
} crm_place_t;


void crm_demand_of(crm_demand_t *demand, const crm_predicate_t *p);

/* Where a field's value lies on a scale; *place is set when that is known.
 * scope may be NULL: nobody knows what day it is. */
crm_place_t crm_demand_place(uint64_t *place, crm_operand_t *value,
    crm_scale_t scale, const crm_scope_t *scope);

#endif
