/*
 * What follows for a field's value from being equal to a constant.
 *
 * Each answer is about all values that can equal the constant: the number 7
 * and the text "7.0", a lookup by its id or its name. "Never" and "surely" are
 * claims; where the language leaves room there is none, so that nobody is told
 * of a mistake that is none. All operands are constants of the rules.
 */

#ifndef CRM_ANALYSIS_VALUE_H
#define CRM_ANALYSIS_VALUE_H

#include "rules/crm_criteria.h"


/* How a predicate compares with a bound. */
typedef enum {
    CRM_ANALYSIS_GREATER = 0,
    CRM_ANALYSIS_GREATER_EQUAL,
    CRM_ANALYSIS_LESS,
    CRM_ANALYSIS_LESS_EQUAL
} crm_analysis_order_t;

/* How both sides are read: as in crm_predicate_t. */
typedef struct {
    crm_field_type_t  type;
    int               timed;
} crm_analysis_reading_t;


/* Whether operand is a constant that is neither a list nor a map. */
int crm_analysis_value_plain(const crm_operand_t *operand);

/* Whether two operands stand for the same, whatever the record holds. */
int crm_analysis_value_same(const crm_operand_t *a, const crm_operand_t *b,
    crm_analysis_reading_t as);

/* Whether no value is equal to both. */
int crm_analysis_value_apart(const crm_operand_t *a, const crm_operand_t *b,
    crm_analysis_reading_t as);

/* Whether what equals value never, or always, is in that order with bound. */
int crm_analysis_value_never(const crm_operand_t *value,
    crm_analysis_order_t order, const crm_operand_t *bound,
    crm_analysis_reading_t as);
int crm_analysis_value_surely(const crm_operand_t *value,
    crm_analysis_order_t order, const crm_operand_t *bound,
    crm_analysis_reading_t as);

/* Whether cmp, <0, 0 or >0, is what order asks for. */
int crm_analysis_order_holds(crm_analysis_order_t order, int cmp);

#endif
