/*
 * A leaf while it is compiled: between the left side (crm_criteria_leaf.c) and
 * the right one (crm_criteria_right.c). Private to what compiles criteria.
 */

#ifndef CRM_CRITERIA_LEAF_H
#define CRM_CRITERIA_LEAF_H

#include "rules/crm_shape.h"

#include "base/crm_limits.h"


/*
 * A leaf under construction. Its key ends with the right side as it is written
 * in a rule: the i-th operand from offsets[i] up to a byte before the next.
 */
typedef struct {
    crm_predicate_t   p;
    crm_compile_t    *cc;
    int               fields;       /* type: field */
    int               tokens;       /* type: pre_defined, merge_field */
    size_t            offsets[CRM_MAX_IN_VALUES + 1];
} crm_leaf_t;


extern const crm_key_t   crm_criteria_leaf_keys[];
extern const crm_form_t  crm_criteria_leaf_forms[];

/*
 * The predicate of a leaf as an index into cc->predicates, shared with equal
 * ones. CRM_EINVAL with findings, CRM_ENOMEM.
 */
crm_status_t crm_criteria_leaf(unsigned *predicate, const json_t *json,
    const crm_trail_t *at, crm_compile_t *cc);

/* The slot of a field: json is a name, or the vendor's {"api_name": ...,
 * "id": ...}. CRM_EINVAL with a finding, CRM_ENOMEM. */
crm_status_t crm_criteria_leaf_field(crm_leaf_t *l, unsigned *slot,
    const json_t *json, const crm_trail_t *at);

/*
 * Compiles the right side: fills the operands of l's predicate, whose slot,
 * type, comparator and key are known; may give both sides the type of the
 * other field. CRM_EINVAL with findings, CRM_ENOMEM.
 */
crm_status_t crm_criteria_right(crm_leaf_t *l, const json_t *json,
    const crm_trail_t *at);

#endif
