/*
 * Variables: ${!Variables.discount_limit}, a value that many rules share.
 *
 * What a variable stands for is known when rules are compiled: it becomes a
 * constant of theirs.
 */

#ifndef CRM_VARIABLE_H
#define CRM_VARIABLE_H

#include "record/crm_scan.h"
#include "rules/crm_names.h"
#include "rules/crm_shape.h"


/* Whether text, "Variables.x", names a variable; name is then "x". */
int crm_variable_name(crm_str_t text, crm_str_t *name);

/* Whether text is "${!Variables.x}" and nothing else; name is then "x". */
int crm_variable_is(crm_str_t text, crm_str_t *name);

/* Whether value, JSON, may be the variable's: of its type, or null. */
int crm_variable_fits(const crm_variable_t *variable, crm_span_t value,
    crm_pool_t *pool);

/* The variable of that name, or NULL with a finding at path. */
const crm_variable_t *crm_variable_find(crm_str_t name, const char *path,
    crm_compile_t *cc);

/* Fills variable from a document of kind variable, whose shape is checked.
 * CRM_EINVAL with findings, CRM_ENOMEM. */
crm_status_t crm_variable_parse(crm_variable_t *variable, const json_t *json,
    crm_compile_t *cc);

#endif
