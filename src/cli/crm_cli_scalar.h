/*
 * What a plain scalar means: JSON's grammar, and nothing else.
 */

#ifndef CRM_CLI_SCALAR_H
#define CRM_CLI_SCALAR_H

#include <jansson.h>

#include "base/crm_str.h"


typedef enum {
    CRM_CLI_TEXT = 0,
    CRM_CLI_NULL,           /* null, ~ or nothing */
    CRM_CLI_TRUE,
    CRM_CLI_FALSE,
    CRM_CLI_INTEGER,
    CRM_CLI_REAL
} crm_cli_scalar_t;


crm_cli_scalar_t crm_cli_scalar_kind(crm_str_t text);

/*
 * The value of a plain scalar: new, or NULL without memory. *why is set to
 * NULL, or, for a number that does not keep its digits, to the reason; the
 * value is then a number near it.
 */
json_t *crm_cli_scalar_value(crm_str_t text, const char **why);

#endif
