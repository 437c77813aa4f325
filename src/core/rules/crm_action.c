/*
 * The actions of a condition: one row a type.
 *
 * An action stands in a rule by name (a document of its own holds it) or, for
 * those types that allow it, inline.
 */

#include "rules/crm_rule.h"

#include <stdlib.h>


typedef struct {
    const char       *type;
    crm_action_id_t   id;
    unsigned          not_on;       /* bits 1 << crm_trigger_t */
    crm_status_t    (*parse)(crm_action_t *action, const json_t *json,
                             const char *path, const crm_library_t *library,
                             crm_compile_t *cc);
} action_row_t;


static crm_status_t action_field_update(crm_action_t *action,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc);
static crm_status_t action_webhook(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t update_value(crm_field_update_t *update,
    const json_t *json, const char *path, crm_compile_t *cc);
static crm_status_t update_static(crm_field_update_t *update,
    const json_t *json, const char *path, crm_compile_t *cc);


static const action_row_t  rows[] = {
    { "field_updates", CRM_ACTION_FIELD_UPDATE,
      1u << CRM_TRIGGER_DELETE, action_field_update },
    { "webhooks", CRM_ACTION_WEBHOOK, 0, action_webhook },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))

static const char *const  update_modes[] = { "inline", NULL };

static const crm_key_t  named_keys[] = {
    { "type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what is to be done" },
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the document that says the rest" },
    CRM_KEYS_END
};

static const crm_key_t  update_keys[] = {
    { "type", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL, "what is to be done" },
    { "kind", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "of a document of its own" },
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL, "for people" },
    { "description", CRM_KEY_STRING, CRM_KEY_NULLABLE, 0, 0, NULL, NULL,
      "a note for people; nothing reads it" },
    { "module", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL, "the rule's own module" },
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the field to write" },
    { "value", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "its new value, { merge: TEXT } or { field: OTHER }" },
    { "mode", CRM_KEY_WORD, 0, 0, 0, update_modes, NULL,
      "inline: merged into the write itself" },
    CRM_KEYS_END
};

static const char *const  update_types[] = { "field_updates", NULL };
static const char *const  named_types[] = {
    "field_updates", "webhooks", NULL
};

const crm_form_t  crm_action_forms[] = {
    { "field update", update_keys, update_types },
    { "named action", named_keys, named_types },
    CRM_FORMS_END
};

/* Fields that the backend alone writes. */
static const char *const  system_fields[] = {
    "id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", NULL
};


crm_status_t
crm_action_parse(crm_action_t *action, const json_t *json, const char *path,
    crm_trigger_t trigger, const crm_library_t *library, crm_compile_t *cc)
{
    size_t       i;
    crm_str_t    type;
    const char  *names[ROWS + 1], *near;

    if (!json_is_object(json)) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "an action must be a map with a \"type\"");
    }

    type = crm_shape_str(json_object_get(json, "type"));
    if (type.len == 0) {
        return crm_shape_error(cc, path, "missing_key", "type",
                               "an action lacks \"type\"");
    }

    for (i = 0; i < ROWS; i++) {
        if (!crm_str_is(type, rows[i].type)) {
            names[i] = rows[i].type;
            continue;
        }

        if (rows[i].not_on & (1u << trigger)) {
            return crm_shape_error(cc, path, "wrong_action", NULL,
                                   "%s cannot be used in a rule that runs on"
                                   " delete", rows[i].type);
        }

        action->id = rows[i].id;
        action->type = rows[i].type;

        return rows[i].parse(action, json, path, library, cc);
    }

    names[ROWS] = NULL;
    near = crm_shape_nearest(type.data, names);

    return crm_shape_error(cc, crm_shape_path(cc, path, "type"),
                           "unknown_action", near, near
                           ? "unknown action type \"%s\", did you mean"
                           " \"%s\"?" : "unknown action type \"%s\"; use"
                           " field_updates or webhooks", type.data, near);
}


crm_status_t
crm_field_update_parse(crm_field_update_t *update, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    size_t        i;
    const char   *at;
    crm_status_t  rc;

    memset(update, 0, sizeof(crm_field_update_t));

    rc = crm_shape_check(json, update_keys, "a field update", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    update->field = crm_pool_dup(cc->pool,
                                 crm_shape_str(json_object_get(json,
                                                               "field")));
    if (update->field.data == NULL) {
        return CRM_ENOMEM;
    }

    at = crm_shape_path(cc, path, "field");

    for (i = 0; system_fields[i]; i++) {
        if (crm_str_is(update->field, system_fields[i])) {
            return crm_shape_error(cc, at, "wrong_value", NULL,
                                   "\"%s\" is written by the backend alone",
                                   system_fields[i]);
        }
    }

    if (crm_shape_field(cc, update->field, at) != CRM_OK) {
        return CRM_EINVAL;
    }

    return update_value(update, json_object_get(json, "value"),
                        crm_shape_path(cc, path, "value"), cc);
}


/* Inline with "field" and "value", or by the name of a field_update. */
static crm_status_t
action_field_update(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc)
{
    crm_str_t                  name;
    crm_status_t               rc;
    crm_map_entry_t           *entry;
    const crm_named_update_t  *named;

    if (json_object_get(json, "field") || json_object_get(json, "value")) {
        return crm_field_update_parse(&action->u.update, json, path, cc);
    }

    rc = crm_shape_check(json, named_keys, "an action", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    name = crm_shape_str(json_object_get(json, "name"));
    path = crm_shape_path(cc, path, "name");

    entry = crm_map_find(&library->field_updates, name);
    if (entry == NULL) {
        return crm_shape_reference(cc, path, &library->field_updates,
                                   "field_update", name);
    }

    named = entry->value;

    if (!crm_str_is(named->module, cc->module)) {
        return crm_shape_error(cc, path, "wrong_module", NULL,
                               "field_update \"%s\" is for module %s, not"
                               " for %s", name.data, named->module.data,
                               cc->module);
    }

    action->u.update = named->update;

    return CRM_OK;
}


static crm_status_t
action_webhook(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_str_t         name;
    crm_status_t      rc;
    crm_map_entry_t  *entry;

    rc = crm_shape_check(json, named_keys, "an action", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    name = crm_shape_str(json_object_get(json, "name"));
    path = crm_shape_path(cc, path, "name");

    entry = crm_map_find(&library->webhooks, name);
    if (entry == NULL) {
        return crm_shape_reference(cc, path, &library->webhooks, "webhook",
                                   name);
    }

    action->u.webhook = entry->value;

    if (!crm_str_is(action->u.webhook->module, cc->module)) {
        return crm_shape_error(cc, path, "wrong_module", NULL,
                               "webhook \"%s\" is for module %s, not for %s",
                               name.data, action->u.webhook->module.data,
                               cc->module);
    }

    return CRM_OK;
}


/* A value, { merge: text }, or { field: Other_Field }. */
static crm_status_t
update_value(crm_field_update_t *update, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    crm_str_t      text;
    const json_t  *merge, *other;

    merge = json_object_get(json, "merge");
    other = json_object_get(json, "field");

    if (json_object_size(json) != 1 || (merge == NULL && other == NULL)) {
        update->source = CRM_UPDATE_STATIC;
        return update_static(update, json, path, cc);
    }

    text = crm_pool_dup(cc->pool, crm_shape_str(merge ? merge : other));
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    if (text.len == 0) {
        return crm_shape_error(cc, crm_shape_path(cc, path,
                                                  merge ? "merge" : "field"),
                               "wrong_type", NULL, "%s must be text",
                               merge ? "merge" : "field");
    }

    if (merge) {
        update->source = CRM_UPDATE_MERGE;
        return crm_template_compile(&update->merge, text,
                                    crm_shape_path(cc, path, "merge"), cc);
    }

    update->source = CRM_UPDATE_FIELD;
    update->other = text;

    return crm_shape_field(cc, text, crm_shape_path(cc, path, "field"));
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
