/*
 * Literals: a predicate that is to be true, or is not to be, and whether two
 * of them can ever hold together.
 */

#ifndef CRM_ANALYSIS_LITERAL_H
#define CRM_ANALYSIS_LITERAL_H

#include "rules/crm_analysis_value.h"


/* The comparators, in the order of their table of names. */
typedef enum {
    CRM_ANALYSIS_EQUAL = 0,
    CRM_ANALYSIS_NOT_EQUAL,
    CRM_ANALYSIS_IN,
    CRM_ANALYSIS_NOT_IN,
    CRM_ANALYSIS_LIKE,
    CRM_ANALYSIS_NOT_LIKE,
    CRM_ANALYSIS_CONTAINS,
    CRM_ANALYSIS_NOT_CONTAINS,
    CRM_ANALYSIS_INCLUDE_ALL,
    CRM_ANALYSIS_EXCLUDE_ANY,
    CRM_ANALYSIS_INCLUDE_ANY,
    CRM_ANALYSIS_EXCLUDE_ALL,
    CRM_ANALYSIS_BETWEEN,       /* from here on denied as they are */
    CRM_ANALYSIS_NOT_BETWEEN,
    CRM_ANALYSIS_STARTS_WITH,
    CRM_ANALYSIS_ENDS_WITH,
    CRM_ANALYSIS_ORDER,         /* the four orders follow */
    CRM_ANALYSIS_UNKNOWN = CRM_ANALYSIS_ORDER + 4
} crm_analysis_op_t;

typedef struct {
    const crm_predicate_t  *p;
    crm_analysis_op_t       op;         /* p's, or its opposite if denied */
    int                     denied;     /* and op has no opposite */
    int                     flipped;    /* op is the opposite of p's */
} crm_analysis_literal_t;


/* What p says, or that it is not true. */
crm_analysis_literal_t crm_analysis_literal(const crm_predicate_t *p,
    int denied);

/* Whether no record makes both true; 0 also for what cannot be told. */
int crm_analysis_literal_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b);

/* Whether it alone is never true: between bounds that are reversed. */
int crm_analysis_literal_is_void(const crm_analysis_literal_t *literal);

/* Whether it names the few values that the field may have: then the values
 * are the operands of its predicate. */
int crm_analysis_literal_is_finite(const crm_analysis_literal_t *literal);

/* Whether no value that equals operand makes literal true. */
int crm_analysis_literal_excludes(const crm_analysis_literal_t *literal,
    const crm_operand_t *operand);

/* "Amount greater_than 5", for people; what is long is cut. The data is NULL
 * without memory. */
crm_str_t crm_analysis_literal_text(const crm_predicate_t *p,
    const crm_schema_t *schema, crm_pool_t *pool);

#endif
