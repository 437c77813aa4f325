/*
 * kind: variable. A typed value with a name.
 */

#include "rules/crm_variable.h"

#include <stdlib.h>

#include "rules/crm_kind.h"


#define VARIABLE_PREFIX  "Variables."
#define VARIABLE_MAX     255            /* the vendor's */

typedef enum {
    VARIABLE_TEXT = 0,
    VARIABLE_INTEGER,
    VARIABLE_FLOAT,
    VARIABLE_BOOLEAN,
    VARIABLE_DATE
} variable_type_t;


static variable_type_t variable_type(const json_t *json);
static crm_status_t variable_check(const json_t *value, variable_type_t type,
    crm_compile_t *cc);
static int variable_is_name(crm_str_t name);


static const char *const  variable_types[] = {
    "text", "integer", "float", "boolean", "date", NULL
};

const crm_key_t  crm_kind_variable_keys[] = {
    CRM_KEYS_HEAD,
    { "api_name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "x in ${!Variables.x}" },
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL, "for people" },
    { "type", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, variable_types, NULL,
      "what its value is" },
    { "value", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what it stands for; null is no value" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_variable(crm_build_t *b, const json_t *json)
{
    crm_status_t      rc;
    crm_variable_t   *variable;
    crm_map_entry_t  *entry;

    variable = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_variable_t));
    if (variable == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_variable_parse(variable, json, &b->cc);
    if (rc == CRM_ENOMEM || variable->name.len == 0) {
        return rc;
    }

    /* there even if its value is wrong: one mistake, one finding */

    entry = crm_map_add(&b->rules->names.variables, variable->name);
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = variable;

    return rc;
}


crm_status_t
crm_variable_parse(crm_variable_t *variable, const json_t *json,
    crm_compile_t *cc)
{
    char          *text;
    crm_str_t      name;
    const json_t  *value;

    memset(variable, 0, sizeof(crm_variable_t));

    name = crm_shape_str(json_object_get(json, "api_name"));

    if (!variable_is_name(name)) {
        return crm_shape_error(cc, "api_name", "wrong_value", NULL,
                               "api_name \"%s\" must be of letters, digits"
                               " and _", name.data);
    }

    variable->name = crm_pool_dup(cc->pool, name);
    if (variable->name.data == NULL) {
        return CRM_ENOMEM;
    }

    value = json_object_get(json, "value");
    variable->type = crm_strz(variable_types[variable_type(json)]);

    if (variable_check(value, variable_type(json), cc) != CRM_OK) {
        return CRM_EINVAL;
    }

    text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT
                             | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_ENOMEM;
    }

    variable->json = crm_pool_dup(cc->pool, crm_strz(text));
    free(text);

    if (variable->json.data == NULL) {
        return CRM_ENOMEM;
    }

    variable->text = json_is_null(value) ? CRM_STR("") : variable->json;

    if (json_is_string(value)) {
        variable->text = crm_pool_dup(cc->pool, crm_shape_str(value));
    }

    return variable->text.data ? CRM_OK : CRM_ENOMEM;
}


int
crm_variable_fits(const crm_variable_t *variable, crm_span_t value,
    crm_pool_t *pool)
{
    long long  day;
    crm_str_t  text;

    text = value.type == CRM_JSON_STRING ? crm_span_text(value, pool)
                                         : CRM_STR_NULL;

    switch (value.type) {

    case CRM_JSON_NULL:
        return 1;

    case CRM_JSON_TRUE:
    case CRM_JSON_FALSE:
        return crm_str_is(variable->type, "boolean");

    case CRM_JSON_NUMBER:
        return crm_str_is(variable->type, "float")
               || (crm_str_is(variable->type, "integer")
                   && memchr(value.data, '.', value.len) == NULL
                   && memchr(value.data, 'e', value.len) == NULL
                   && memchr(value.data, 'E', value.len) == NULL);

    case CRM_JSON_STRING:
        return text.data != NULL
               && (crm_str_is(variable->type, "date")
                   ? text.len == CRM_DATE_LEN
                     && crm_date_read(&day, text) == CRM_OK
                   : crm_str_is(variable->type, "text")
                     && text.len <= VARIABLE_MAX);

    default:
        return 0;
    }
}


int
crm_variable_name(crm_str_t text, crm_str_t *name)
{
    size_t  len;

    len = strlen(VARIABLE_PREFIX);

    if (text.len < len || memcmp(text.data, VARIABLE_PREFIX, len) != 0) {
        return 0;
    }

    *name = crm_str(text.data + len, text.len - len);

    return 1;
}


int
crm_variable_is(crm_str_t text, crm_str_t *name)
{
    return text.len > 4 && memcmp(text.data, "${!", 3) == 0
           && memchr(text.data, '}', text.len) == text.data + text.len - 1
           && crm_variable_name(crm_str(text.data + 3, text.len - 4), name);
}


const crm_variable_t *
crm_variable_find(crm_str_t name, const char *path, crm_compile_t *cc)
{
    const crm_map_entry_t  *entry;

    entry = cc->names ? crm_map_find(&cc->names->variables, name) : NULL;

    if (entry) {
        return entry->value;
    }

    if (cc->names) {
        (void) crm_shape_reference(cc, path, &cc->names->variables,
                                   "variable", name);

    } else {
        (void) crm_shape_error(cc, path, "unknown_reference", NULL,
                               "there are no variables here");
    }

    return NULL;
}


static variable_type_t
variable_type(const json_t *json)
{
    size_t      i;
    crm_str_t   type;

    type = crm_shape_str(json_object_get(json, "type"));

    for (i = 0; variable_types[i]; i++) {
        if (crm_str_is(type, variable_types[i])) {
            return (variable_type_t) i;
        }
    }

    return VARIABLE_TEXT;
}


/* null is a variable without a value, whatever its type. */
static crm_status_t
variable_check(const json_t *value, variable_type_t type, crm_compile_t *cc)
{
    int           ok;
    long long     day;
    crm_str_t     text;
    const char   *must;

    text = crm_shape_str(value);

    switch (type) {

    case VARIABLE_INTEGER:
        ok = json_is_integer(value);
        must = "a whole number";
        break;

    case VARIABLE_FLOAT:
        ok = json_is_number(value);
        must = "a number";
        break;

    case VARIABLE_BOOLEAN:
        ok = json_is_boolean(value);
        must = "true or false";
        break;

    case VARIABLE_DATE:
        ok = text.len == CRM_DATE_LEN && crm_date_read(&day, text) == CRM_OK;
        must = "a date such as 2026-12-31";
        break;

    default: /* VARIABLE_TEXT */
        ok = json_is_string(value) && text.len <= VARIABLE_MAX
             && strlen(text.data) == text.len;
        must = "text of at most 255 bytes";
        break;
    }

    if (ok || json_is_null(value)) {
        return CRM_OK;
    }

    return crm_shape_error(cc, "value", "wrong_type", NULL,
                           "the value of a variable of type %s must be %s",
                           variable_types[type], must);
}


static int
variable_is_name(crm_str_t name)
{
    size_t  i;

    for (i = 0; i < name.len; i++) {
        char  c = name.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9') || c == '_'))
        {
            return 0;
        }
    }

    return 1;
}
