/*
 * JSON values as YAML that crm_cli_yaml.h reads back as the same values.
 */

#ifndef CRM_CLI_EMIT_H
#define CRM_CLI_EMIT_H

#include <jansson.h>
#include <stdio.h>


/*
 * Prints object as a block mapping at the left margin. Text that could be
 * read as something else is quoted, text of several lines becomes a block. 0,
 * or -1 when there is no memory.
 */
int crm_cli_emit(const json_t *object, FILE *out);

#endif
