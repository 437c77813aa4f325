/*
 * Tables of keys as JSON Schema.
 */

#include "crm_cli_schema.h"

#include <stdio.h>
#include <string.h>


#define SCHEMA_NAME  100

/* What comes before the name of a form, so that a form may be called as a kind
 * is. */
#define SCHEMA_FORM  "map-"


static void schema_key(crm_cli_schema_t *s, json_t *object,
    const crm_key_t *key, const char *kind);
static json_t *schema_value(crm_cli_schema_t *s, const crm_key_t *key);
static json_t *schema_text(crm_cli_schema_t *s, const crm_key_t *key);
static json_t *schema_integer(crm_cli_schema_t *s, const crm_key_t *key);
static json_t *schema_list(crm_cli_schema_t *s, const crm_key_t *key);
static json_t *schema_any(crm_cli_schema_t *s, const crm_key_t *key);
static json_t *schema_or_null(crm_cli_schema_t *s, json_t *value);

static json_t *forms_schema(crm_cli_schema_t *s, const crm_form_t *forms);
static json_t *forms_by_type(crm_cli_schema_t *s, const crm_form_t *forms);
static void forms_beside(crm_cli_schema_t *s, json_t *object,
    const crm_key_t *key);
static json_t *forms_of_type(crm_cli_schema_t *s, const crm_form_t *forms,
    const char *type);
static json_t *forms_types(crm_cli_schema_t *s, const crm_form_t *forms);
static int forms_are_typed(const crm_form_t *forms);
static int forms_say_type(const crm_form_t *forms);
static json_t *form_ref(crm_cli_schema_t *s, const crm_form_t *form);
static int form_is_for(const crm_form_t *form, const char *type);


json_t *
crm_cli_schema_keys(crm_cli_schema_t *s, const crm_key_t *keys,
    const char *about, const char *kind)
{
    json_t           *object, *required;
    const crm_key_t  *key;

    required = json_array();
    object = json_pack("{s:s, s:b, s:{}}", "type", "object",
                       "additionalProperties", 0, "properties");

    if (about) {
        crm_cli_schema_put(s, object, "description", json_string(about));
    }

    for (key = keys; key->name; key++) {
        schema_key(s, object, key, kind);

        if (key->flags & CRM_KEY_REQUIRED) {
            crm_cli_schema_append(s, required, json_string(key->name));
        }
    }

    if (json_array_size(required)) {
        crm_cli_schema_put(s, object, "required", json_incref(required));
    }

    json_decref(required);

    return object;
}


static void
schema_key(crm_cli_schema_t *s, json_t *object, const crm_key_t *key,
    const char *kind)
{
    json_t  *value;

    value = kind && strcmp(key->name, "kind") == 0
            ? json_pack("{s:s}", "const", kind) : schema_value(s, key);

    if (key->flags & CRM_KEY_NULLABLE) {
        value = schema_or_null(s, value);
    }

    if (json_object_get(value, "$ref")) {

        /* nothing counts that stands beside a $ref */

        value = json_pack("{s:[o]}", "allOf", value);
    }

    crm_cli_schema_put(s, value, "description",
                       json_string(key->about ? key->about : ""));
    crm_cli_schema_put(s, json_object_get(object, "properties"), key->name,
                       value);

    if (key->forms && forms_are_typed(key->forms)
        && !forms_say_type(key->forms))
    {
        forms_beside(s, object, key);
    }
}


static json_t *
schema_value(crm_cli_schema_t *s, const crm_key_t *key)
{
    switch (key->type) {

    case CRM_KEY_TEXT:
    case CRM_KEY_STRING:
    case CRM_KEY_WORD:
        return schema_text(s, key);

    case CRM_KEY_BOOL:
        return json_pack("{s:s}", "type", "boolean");

    case CRM_KEY_INTEGER:
        return schema_integer(s, key);

    case CRM_KEY_OBJECT:
        return key->forms ? forms_schema(s, key->forms)
                          : json_pack("{s:s}", "type", "object");

    case CRM_KEY_LIST:
    case CRM_KEY_TEXTS:
        return schema_list(s, key);

    default: /* CRM_KEY_ANY */
        return schema_any(s, key);
    }
}


/* Lengths are bytes there and characters here: what is too long here is too
 * long there as well. */
static json_t *
schema_text(crm_cli_schema_t *s, const crm_key_t *key)
{
    json_t  *value;

    if (key->words) {
        return json_pack("{s:o}", "enum", crm_cli_schema_words(s, key->words));
    }

    value = json_pack("{s:s}", "type", "string");

    if (key->type == CRM_KEY_TEXT) {
        crm_cli_schema_put(s, value, "minLength", json_integer(1));
    }

    if (key->max) {
        crm_cli_schema_put(s, value, "maxLength", json_integer(key->max));
    }

    return value;
}


static json_t *
schema_integer(crm_cli_schema_t *s, const crm_key_t *key)
{
    json_t  *value;

    value = json_pack("{s:s}", "type", "integer");

    if (key->min || key->max) {
        crm_cli_schema_put(s, value, "minimum", json_integer(key->min));
        crm_cli_schema_put(s, value, "maximum", json_integer(key->max));
    }

    return value;
}


static json_t *
schema_list(crm_cli_schema_t *s, const crm_key_t *key)
{
    json_t  *value, *items;

    items = key->forms ? forms_schema(s, key->forms)
            : key->type == CRM_KEY_LIST ? json_object()
            : key->words ? json_pack("{s:o}", "enum",
                                     crm_cli_schema_words(s, key->words))
            : json_pack("{s:s, s:i}", "type", "string", "minLength", 1);

    value = json_pack("{s:s}", "type", "array");
    crm_cli_schema_put(s, value, "items", items);

    if (key->min) {
        crm_cli_schema_put(s, value, "minItems", json_integer(key->min));
    }

    if (key->max) {
        crm_cli_schema_put(s, value, "maxItems", json_integer(key->max));
    }

    return value;
}


/* Any value, or one of the forms, or a text in its place. */
static json_t *
schema_any(crm_cli_schema_t *s, const crm_key_t *key)
{
    json_t  *any, *text;

    if (key->forms == NULL) {
        return json_object();
    }

    if (!(key->flags & CRM_KEY_OR_TEXT)) {
        return forms_schema(s, key->forms);
    }

    text = key->words
           ? json_pack("{s:o}", "enum", crm_cli_schema_words(s, key->words))
           : json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
    any = json_array();

    crm_cli_schema_append(s, any, text);
    crm_cli_schema_append(s, any, forms_schema(s, key->forms));

    return json_pack("{s:o}", "anyOf", any);
}


static json_t *
schema_or_null(crm_cli_schema_t *s, json_t *value)
{
    json_t  *any;

    if (json_object_size(value) == 0) {
        return value;               /* takes anything */
    }

    any = json_array();

    crm_cli_schema_append(s, any, json_pack("{s:s}", "type", "null"));
    crm_cli_schema_append(s, any, value);

    return json_pack("{s:o}", "anyOf", any);
}


static json_t *
forms_schema(crm_cli_schema_t *s, const crm_form_t *forms)
{
    return forms_are_typed(forms) && forms_say_type(forms)
           ? forms_by_type(s, forms) : forms_of_type(s, forms, NULL);
}


/* "type" within the map says which form it has. */
static json_t *
forms_by_type(crm_cli_schema_t *s, const crm_form_t *forms)
{
    size_t       i;
    json_t      *types, *type, *branches;
    const char  *name;

    types = forms_types(s, forms);
    branches = json_array();

    json_array_foreach(types, i, type) {
        name = json_string_value(type);

        crm_cli_schema_append(s, branches,
            json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:o}",
                      "if", "properties", "type", "const", name,
                      "required", "type",
                      "then", forms_of_type(s, forms, name)));
    }

    return json_pack("{s:s, s:[s], s:{s:{s:o}}, s:o}", "type", "object",
                     "required", "type", "properties", "type", "enum", types,
                     "allOf", branches);
}


/* "type" beside the map says which form it has. */
static void
forms_beside(crm_cli_schema_t *s, json_t *object, const crm_key_t *key)
{
    size_t       i;
    json_t      *types, *type, *branches, *then;
    const char  *name;

    types = forms_types(s, key->forms);
    branches = json_object_get(object, "allOf");

    if (branches == NULL) {
        branches = json_array();
        crm_cli_schema_put(s, object, "allOf", branches);
    }

    json_array_foreach(types, i, type) {
        name = json_string_value(type);
        then = forms_of_type(s, key->forms, name);

        if (key->flags & CRM_KEY_NULLABLE) {
            then = schema_or_null(s, then);
        }

        crm_cli_schema_append(s, branches,
            json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:{s:{s:o}}}",
                      "if", "properties", "type", "const", name,
                      "required", "type",
                      "then", "properties", key->name, then));
    }

    json_decref(types);
}


/* One of the forms for a type, of all for NULL. */
static json_t *
forms_of_type(crm_cli_schema_t *s, const crm_form_t *forms, const char *type)
{
    json_t  *any, *only;

    any = json_array();

    for ( /* void */ ; forms->name; forms++) {
        if (type == NULL || form_is_for(forms, type)) {
            crm_cli_schema_append(s, any, form_ref(s, forms));
        }
    }

    if (json_array_size(any) != 1) {
        return json_pack("{s:o}", "anyOf", any);
    }

    only = json_incref(json_array_get(any, 0));
    json_decref(any);

    return only;
}


/* New: all types of the forms, each once. */
static json_t *
forms_types(crm_cli_schema_t *s, const crm_form_t *forms)
{
    json_t             *types;
    const char *const  *word;
    const crm_form_t   *form, *before;

    types = json_array();

    for (form = forms; form->name; form++) {
        for (word = form->types; *word; word++) {
            for (before = forms; before != form; before++) {
                if (form_is_for(before, *word)) {
                    break;
                }
            }

            if (before == form) {
                crm_cli_schema_append(s, types, json_string(*word));
            }
        }
    }

    return types;
}


static int
forms_are_typed(const crm_form_t *forms)
{
    for ( /* void */ ; forms->name; forms++) {
        if (forms->types == NULL) {
            return 0;
        }
    }

    return 1;
}


static int
forms_say_type(const crm_form_t *forms)
{
    const crm_key_t  *key;

    for (key = forms->keys; key->name; key++) {
        if (strcmp(key->name, "type") == 0) {
            return 1;
        }
    }

    return 0;
}


/* A form is defined once; it may lead back to itself. */
static json_t *
form_ref(crm_cli_schema_t *s, const crm_form_t *form)
{
    char    name[SCHEMA_NAME];
    char   *p;
    json_t *hold;

    (void) snprintf(name, sizeof(name), SCHEMA_FORM "%s", form->name);

    for (p = name; *p; p++) {
        if (*p == ' ') {
            *p = '-';
        }
    }

    if (json_object_get(s->definitions, name) == NULL && !s->failed) {
        hold = json_object();
        crm_cli_schema_put(s, s->definitions, name, hold);

        crm_cli_schema_put(s, s->definitions, name,
                           crm_cli_schema_keys(s, form->keys, form->name,
                                               NULL));
    }

    return crm_cli_schema_ref(s, name);
}


static int
form_is_for(const crm_form_t *form, const char *type)
{
    const char *const  *word;

    for (word = form->types; word && *word; word++) {
        if (strcmp(*word, type) == 0) {
            return 1;
        }
    }

    return form->types == NULL;
}


json_t *
crm_cli_schema_ref(crm_cli_schema_t *s, const char *name)
{
    char     ref[SCHEMA_NAME + 20];
    json_t  *value;

    (void) snprintf(ref, sizeof(ref), "#/definitions/%s", name);

    value = json_pack("{s:s}", "$ref", ref);
    s->failed |= value == NULL;

    return value;
}


json_t *
crm_cli_schema_words(crm_cli_schema_t *s, const char *const *words)
{
    json_t  *list;

    list = json_array();

    for ( /* void */ ; *words; words++) {
        crm_cli_schema_append(s, list, json_string(*words));
    }

    return list;
}


void
crm_cli_schema_put(crm_cli_schema_t *s, json_t *object, const char *name,
    json_t *value)
{
    if (json_object_set_new(object, name, value) != 0) {
        s->failed = 1;
    }
}


void
crm_cli_schema_append(crm_cli_schema_t *s, json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) != 0) {
        s->failed = 1;
    }
}
