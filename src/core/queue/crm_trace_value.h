/*
 * Values in a trace document.
 *
 * Traces are kept, and read by more people than records are: what the rules
 * declare as encrypted is told as "***" if it is anything, so that one still
 * sees whether there was something, and where it changed.
 */

#ifndef CRM_TRACE_VALUE_H
#define CRM_TRACE_VALUE_H

#include "rules/crm_criteria.h"


/* The JSON of what a field holds, null for nothing. Without a schema nothing
 * is hidden. */
void crm_trace_value_of(crm_buf_t *buf, const crm_schema_t *schema,
    crm_str_t field, crm_str_t json);

/* ,"left": and ,"right": of a leaf: what its field holds and what that was
 * compared with, and ,"from": the names of fields and tokens that this stands
 * for, if it does not stand in the rule. */
void crm_trace_value_sides(crm_buf_t *buf, const crm_schema_t *schema,
    crm_eval_t *eval, const crm_predicate_t *p);

#endif
