/*
 * Typed values: what a field holds.
 *
 * null, absence, "" and [] are all one value, CRM_VALUE_EMPTY. What could not
 * be learnt (a field that a gate reads and the before-image lacks) is
 * CRM_VALUE_UNKNOWN, which is not empty.
 */

#ifndef CRM_VALUE_H
#define CRM_VALUE_H

#include "record/crm_decimal.h"
#include "record/crm_scan.h"


typedef enum {
    CRM_VALUE_UNKNOWN = 0,
    CRM_VALUE_EMPTY,
    CRM_VALUE_BOOL,
    CRM_VALUE_NUMBER,
    CRM_VALUE_TEXT,
    CRM_VALUE_LIST,
    CRM_VALUE_OBJECT            /* lookups: {"id":"1","name":"Ann"} */
} crm_value_type_t;


typedef struct {
    crm_value_type_t  type;
    int               truth;    /* of CRM_VALUE_BOOL */
    crm_str_t         text;     /* TEXT: decoded; NUMBER: as written;
                                   OBJECT: its "id" decoded, if it has one */
    crm_span_t        span;     /* where it stands, if it stands anywhere */
} crm_value_t;


/*
 * What span says; borrows from it and from pool. A span of CRM_JSON_NONE is
 * CRM_VALUE_EMPTY. Returns CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_value_from_span(crm_value_t *value, crm_span_t span,
    crm_pool_t *pool);

/* The same of a span that is no string; only crm_value_span_empty() calls
 * it. */
int crm_value_other_empty(crm_span_t span);

/* Whether span is CRM_VALUE_EMPTY, without decoding it. */
static inline int
crm_value_span_empty(crm_span_t span)
{
    return span.type == CRM_JSON_STRING ? span.len == 2
                                        : crm_value_other_empty(span);
}


/* Whether value is an object with an id and nothing but what describes the one
 * that it names: a lookup, and no row of a subform. */
int crm_value_is_reference(const crm_value_t *value);

/*
 * text folded for comparison without regard to case: Unicode simple case
 * folding. Borrows text when it is folded already. data is NULL without
 * memory.
 */
crm_str_t crm_value_fold(crm_str_t text, crm_pool_t *pool);

/*
 * Whether two values are the same, as "did this field change" asks: text by
 * its characters (case counts), numbers as decimals, lookups by id (a lookup
 * given as a bare id is the same as {"id": ...}), lists in order, objects by
 * member in any order, one that is missing being null. A lookup is an object
 * with an id and nothing else but names; an object with other members (a row
 * of a subform) is compared whole, its id like the rest. UNKNOWN is the same
 * as nothing, not even UNKNOWN.
 * Returns CRM_OK with *same set, or CRM_ENOMEM.
 */
crm_status_t crm_value_same(const crm_value_t *a, const crm_value_t *b,
    crm_pool_t *pool, int *same);

/*
 * A value of the rules (parsed by jansson, numbers kept as text) is given as
 * JSON text and read with crm_value_parse(), so that one reader serves both.
 * text must be valid JSON and outlive value. CRM_EINVAL, CRM_ENOMEM.
 */
crm_status_t crm_value_parse(crm_value_t *value, crm_str_t text,
    crm_pool_t *pool);

#endif
