/*
 * One difference as people read it.
 */

#ifndef CRM_CLI_SHOW_VALUE_H
#define CRM_CLI_SHOW_VALUE_H

#include <stdio.h>

#include "crm_cli_difference.h"


/*
 * Prints difference, indented below its object: on one line if that is short,
 * else old above new; text of several lines by the lines that differ. CRM_OK
 * or CRM_ENOMEM.
 */
crm_status_t crm_cli_show_value(const crm_cli_difference_t *difference,
    crm_pool_t *pool, FILE *out);

#endif
