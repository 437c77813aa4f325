/*
 * Tables of keys as JSON Schema.
 *
 * Between the command (crm_cli_schema.c) and the making of single maps
 * (crm_cli_schema_map.c). Private to the two. A schema is built without looking
 * at each allocation: failed sticks.
 */

#ifndef CRM_CLI_SCHEMA_H
#define CRM_CLI_SCHEMA_H

#include <jansson.h>

#include "rules/crm_key.h"


typedef struct {
    json_t  *definitions;       /* kinds by name, forms as map-NAME */
    int      failed;            /* without memory */
} crm_cli_schema_t;


/*
 * New: a map of these keys and no others. kind is what "kind" must be, or NULL.
 * The forms that keys lead to are defined.
 */
json_t *crm_cli_schema_keys(crm_cli_schema_t *s, const crm_key_t *keys,
    const char *about, const char *kind);

/* New: {"$ref": "#/definitions/NAME"}. */
json_t *crm_cli_schema_ref(crm_cli_schema_t *s, const char *name);

/* New: a list of words, which are ended by NULL. */
json_t *crm_cli_schema_words(crm_cli_schema_t *s, const char *const *words);

/* Both take value over; NULL sets failed. */
void crm_cli_schema_put(crm_cli_schema_t *s, json_t *object,
    const char *name, json_t *value);
void crm_cli_schema_append(crm_cli_schema_t *s, json_t *list, json_t *value);

#endif
