/*
 * A field and its new value: a constant, text with merge fields, or the value
 * of another field.
 */

#include "rules/crm_rule.h"

#include <stdlib.h>

#include "base/crm_limits.h"
#include "rules/crm_variable.h"


static crm_status_t update_related(crm_field_update_t *update,
    const json_t *json, const char *path, crm_compile_t *cc);
static crm_status_t update_variable(crm_field_update_t *update,
    crm_str_t name, const char *path, crm_compile_t *cc);
static crm_status_t update_text(crm_field_update_t *update,
    const json_t *json, const char *key, const char *path, crm_compile_t *cc);
static crm_status_t update_static(crm_field_update_t *update,
    const json_t *json, const char *path, crm_compile_t *cc);


const char *const  crm_field_update_modes[] = { "inline", "async", NULL };

static const crm_key_t  related_keys[] = {
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the lookup field" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records it names" },
    CRM_KEYS_END
};

const crm_form_t  crm_field_update_related[] = {
    { "related record", related_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_field_update_keys[] = {
    { "type", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "what is to be done" },
    { "kind", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "of a document of its own" },
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "for people" },
    { "description", CRM_KEY_STRING, CRM_KEY_NULLABLE, 0, 0, NULL, NULL,
      "a note for people; nothing reads it" },
    { "module", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the rule's own module" },
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the field to write" },
    { "value", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "its new value, { merge: TEXT } or { field: OTHER }" },
    { "related", CRM_KEY_OBJECT, 0, 0, 0, NULL, crm_field_update_related,
      "the record that a lookup field names, instead of this one" },
    { "mode", CRM_KEY_WORD, 0, 0, 0, crm_field_update_modes, NULL,
      "inline (default): merged into the write itself, or async" },
    CRM_KEYS_END
};

/* Fields that the backend alone writes. */
static const char *const  system_fields[] = {
    "id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", NULL
};


crm_status_t
crm_field_update_parse(crm_field_update_t *update, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    crm_status_t  rc;

    memset(update, 0, sizeof(crm_field_update_t));

    rc = crm_shape_check(json, crm_field_update_keys, "a field update", path,
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    update->async = crm_str_is(crm_shape_str(json_object_get(json, "mode")),
                               "async");

    if (crm_shape_copy(&update->field, json_object_get(json, "field"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    rc = json_object_get(json, "related")
         ? update_related(update, json, path, cc)
         : crm_field_update_field(update->field,
                                  crm_shape_path(cc, path, "field"), cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_field_update_value(update, json_object_get(json, "value"), 0,
                                crm_shape_path(cc, path, "value"), cc);

    return rc == CRM_OK ? crm_field_update_asks(update, cc->pool) : rc;
}


/* Another record is written by the worker. Whether its module has the field is
 * known to who knows all modules: crm_field_update_check(). */
static crm_status_t
update_related(crm_field_update_t *update, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    crm_status_t   rc;
    crm_compile_t  target;
    const json_t  *related;

    related = json_object_get(json, "related");

    if (json_object_get(json, "mode") && !update->async) {
        return crm_shape_error(cc, crm_shape_path(cc, path, "mode"),
                               "wrong_value", "async",
                               "another record is not a part of this write;"
                               " leave mode out, or write async");
    }

    update->async = 1;

    target = *cc;
    target.schema = NULL;

    rc = crm_field_update_field(update->field,
                                crm_shape_path(cc, path, "field"), &target);
    path = crm_shape_path(cc, path, "related");

    if (rc == CRM_OK) {
        rc = crm_shape_check(related, related_keys, "a related record", path,
                             cc);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_shape_copy(&update->related, json_object_get(related, "field"),
                       cc->pool) != CRM_OK
        || crm_shape_copy(&update->related_module,
                          json_object_get(related, "module"), cc->pool)
           != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    return crm_shape_field(cc, update->related,
                           crm_shape_path(cc, path, "field"));
}


crm_status_t
crm_field_update_check(const crm_field_update_t *update, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_compile_t           target;
    crm_module_t           *module;
    const crm_map_entry_t  *entry;

    if (update->related.len == 0) {
        return CRM_OK;
    }

    entry = crm_map_find(library->modules, update->related_module);
    module = entry ? entry->value : NULL;

    target = *cc;
    target.module = update->related_module.data;
    target.schema = module ? &module->schema : NULL;

    return crm_field_update_field(update->field, path, &target);
}


crm_status_t
crm_field_update_field(crm_str_t name, const char *path, crm_compile_t *cc)
{
    size_t  i;

    for (i = 0; system_fields[i]; i++) {
        if (crm_str_is(name, system_fields[i])) {
            return crm_shape_error(cc, path, "wrong_value", NULL,
                                   "\"%s\" is written by the backend alone",
                                   system_fields[i]);
        }
    }

    return crm_shape_field(cc, name, path);
}


/* A value, { merge: text }, or { field: Other_Field }. */
crm_status_t
crm_field_update_value(crm_field_update_t *update, const json_t *json,
    int texts_merge, const char *path, crm_compile_t *cc)
{
    crm_str_t  name;

    if (json_object_size(json) == 1 && json_object_get(json, "merge")) {
        return update_text(update, json, "merge", path, cc);
    }

    if (json_object_size(json) == 1 && json_object_get(json, "field")) {
        return update_text(update, json, "field", path, cc);
    }

    if (crm_variable_is(crm_shape_str(json), &name)) {
        return update_variable(update, name, path, cc);
    }

    if (texts_merge && json_is_string(json)
        && !crm_str_is(crm_shape_str(json), "${EMPTY}")
        && strstr(json_string_value(json), "${"))
    {
        update->source = CRM_UPDATE_MERGE;
        return crm_template_parse(&update->merge, json, path, cc);
    }

    update->source = CRM_UPDATE_STATIC;

    return update_static(update, json, path, cc);
}


/* Of the variable's type: a number stays one. */
static crm_status_t
update_variable(crm_field_update_t *update, crm_str_t name, const char *path,
    crm_compile_t *cc)
{
    const crm_variable_t  *variable;

    variable = crm_variable_find(name, path, cc);
    if (variable == NULL || variable->json.data == NULL) {
        return CRM_EINVAL;
    }

    update->source = CRM_UPDATE_STATIC;
    update->json = variable->json;

    return CRM_OK;
}


static crm_status_t
update_text(crm_field_update_t *update, const json_t *json, const char *key,
    const char *path, crm_compile_t *cc)
{
    crm_str_t  text;

    path = crm_shape_path(cc, path, key);

    if (crm_shape_copy(&text, json_object_get(json, key), cc->pool)
        != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (text.len == 0) {
        return crm_shape_error(cc, path, "wrong_type", NULL, "%s must be text",
                               key);
    }

    if (strcmp(key, "merge") == 0) {
        update->source = CRM_UPDATE_MERGE;
        return crm_template_compile(&update->merge, text, path, cc);
    }

    update->source = CRM_UPDATE_FIELD;
    update->other = text;

    return crm_shape_field(cc, text, path);
}


static crm_status_t
update_static(crm_field_update_t *update, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    char          *text;
    crm_str_t      given;
    crm_value_t    value;
    crm_status_t   rc;

    given = crm_shape_str(json);

    if (crm_str_is(given, "${EMPTY}")) {
        update->json = CRM_STR("null");
        return CRM_OK;
    }

    if (given.len > 2 && memcmp(given.data, "${", 2) == 0) {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "a value with merge fields is written"
                               " { merge: \"%s\" }", given.data);
    }

    text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT
                            | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_ENOMEM;
    }

    update->json = crm_pool_dup(cc->pool, crm_strz(text));
    free(text);

    if (update->json.data == NULL) {
        return CRM_ENOMEM;
    }

    /* read now as it is at run time, where it could but refuse the write */

    rc = crm_value_parse(&value, update->json, cc->pool);

    return rc != CRM_EINVAL ? rc
           : crm_shape_error(cc, path, "wrong_value", NULL,
                             "the value cannot be written into a record");
}
