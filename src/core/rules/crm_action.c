/*
 * The actions of a rule: one row a type.
 *
 * An action stands in a rule by name (a document of its own holds it) or, for
 * those types that allow it, inline.
 */

#include "rules/crm_action.h"


typedef struct {
    const char       *type;
    crm_action_id_t   id;
    unsigned          not_on;       /* bits 1 << crm_trigger_t */
    crm_status_t    (*parse)(crm_action_t *action, const json_t *json,
                             const char *path, const crm_library_t *library,
                             crm_compile_t *cc);
} action_row_t;


static const action_row_t *action_row(const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t action_field_update(crm_action_t *action,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc);
static crm_status_t action_webhook(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t action_email(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t action_task(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t action_create(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t action_assign(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t action_function(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t action_tags(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc);


#define ON_DELETE  (1u << CRM_TRIGGER_DELETE)

static const action_row_t  rows[] = {
    { "field_updates", CRM_ACTION_FIELD_UPDATE, ON_DELETE,
      action_field_update },
    { "webhooks", CRM_ACTION_WEBHOOK, 0, action_webhook },
    { "email_notifications", CRM_ACTION_EMAIL, 0, action_email },
    { "tasks", CRM_ACTION_TASK, 0, action_task },
    { "create_record", CRM_ACTION_CREATE_RECORD, 0, action_create },
    { "assign_owner", CRM_ACTION_ASSIGN_OWNER, ON_DELETE, action_assign },
    { "functions", CRM_ACTION_FUNCTION, 0, action_function },
    { "add_tags", CRM_ACTION_ADD_TAGS, ON_DELETE, action_tags },
    { "remove_tags", CRM_ACTION_REMOVE_TAGS, ON_DELETE, action_tags },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))

static const crm_key_t  named_keys[] = {
    { "type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what is to be done" },
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the document that says the rest" },
    CRM_KEYS_END
};

const crm_key_t  crm_function_call_keys[] = {
    { "type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "what is to be done" },
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the document that says the rest" },
    { "arguments", CRM_KEY_OBJECT, CRM_KEY_NULLABLE, 0, 0, NULL, NULL,
      "what the function is called with; may merge fields" },
    CRM_KEYS_END
};

static const char *const  named_types[] = {
    "field_updates", "webhooks", "email_notifications", "tasks", NULL
};
static const char *const  update_types[] = { "field_updates", NULL };
static const char *const  create_types[] = { "create_record", NULL };
static const char *const  assign_types[] = { "assign_owner", NULL };
static const char *const  call_types[] = { "functions", NULL };
static const char *const  tags_types[] = { "add_tags", "remove_tags", NULL };

const crm_form_t  crm_action_forms[] = {
    { "field update", crm_field_update_keys, update_types },
    { "named action", named_keys, named_types },
    { "new record", crm_create_keys, create_types },
    { "owner", crm_assign_keys, assign_types },
    { "call", crm_function_call_keys, call_types },
    { "tags", crm_tags_keys, tags_types },
    CRM_FORMS_END
};


crm_status_t
crm_action_parse(crm_action_t *action, const json_t *json, const char *path,
    crm_trigger_t trigger, const crm_library_t *library, crm_compile_t *cc)
{
    crm_status_t         rc;
    const action_row_t  *row;

    row = action_row(json, path, cc);
    if (row == NULL) {
        return CRM_EINVAL;
    }

    if (row->not_on & (1u << trigger)) {
        return crm_shape_error(cc, path, "wrong_action", NULL,
                               "%s cannot be used in a rule that runs on"
                               " delete", row->type);
    }

    action->id = row->id;
    action->type = row->type;

    rc = row->parse(action, json, path, library, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (action->id == CRM_ACTION_FIELD_UPDATE
        && (action->u.update.async || trigger >= CRM_TRIGGER_DATE))
    {
        action->id = CRM_ACTION_ASYNC_UPDATE;
    }

    if (!crm_action_runs(action->id)) {
        crm_shape_no_run_time(cc, path, action->id == CRM_ACTION_ASYNC_UPDATE
                              ? "a field update of mode async" : row->type);
    }

    return CRM_OK;
}


crm_status_t
crm_action_list(crm_action_t **actions, size_t *count, const json_t *json,
    const char *path, crm_trigger_t trigger, const crm_library_t *library,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_status_t  rc, all;

    *count = json_array_size(json);
    *actions = NULL;

    if (*count == 0) {
        return CRM_OK;
    }

    *actions = crm_pool_calloc(cc->pool, *count, sizeof(crm_action_t));
    if (*actions == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        (*actions)[i].seq = (unsigned) i + 1;

        rc = crm_action_parse(&(*actions)[i], item,
                              crm_shape_index(cc, path, i), trigger, library,
                              cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static const action_row_t *
action_row(const json_t *json, const char *path, crm_compile_t *cc)
{
    size_t       i;
    crm_str_t    type;
    const char  *names[ROWS + 1], *near;

    if (!json_is_object(json)) {
        (void) crm_shape_error(cc, path, "wrong_type", NULL,
                               "an action must be a map with a \"type\"");
        return NULL;
    }

    type = crm_shape_str(json_object_get(json, "type"));
    if (type.len == 0) {
        (void) crm_shape_error(cc, path, "missing_key", "type",
                               "an action lacks \"type\"");
        return NULL;
    }

    for (i = 0; i < ROWS; i++) {
        if (crm_str_is(type, rows[i].type)) {
            return &rows[i];
        }

        names[i] = rows[i].type;
    }

    names[ROWS] = NULL;
    near = crm_shape_nearest(type.data, names);

    (void) crm_shape_error(cc, crm_shape_path(cc, path, "type"),
                           "unknown_action", near, near
                           ? "unknown action type \"%.64s\", did you mean"
                           " \"%s\"?" : "unknown action type \"%.64s\"; use"
                           " field_updates, webhooks, email_notifications,"
                           " tasks, create_record, assign_owner, functions,"
                           " add_tags or remove_tags", type.data, near);

    return NULL;
}


static crm_status_t
action_named(void **value, const json_t *json, const char *path,
    const crm_map_t *names, const char *kind, crm_compile_t *cc)
{
    crm_str_t         name;
    crm_map_entry_t  *entry;

    name = crm_shape_str(json_object_get(json, "name"));

    entry = crm_map_find(names, name);
    if (entry == NULL) {
        return crm_shape_reference(cc, crm_shape_path(cc, path, "name"),
                                   names, kind, name);
    }

    *value = entry->value;

    return CRM_OK;
}


/* What a name stands for must be of the rule's own CRM module. */
static crm_status_t
action_module(const json_t *json, const char *path, crm_str_t module,
    const char *kind, crm_compile_t *cc)
{
    if (crm_str_is(module, cc->module)) {
        return CRM_OK;
    }

    return crm_shape_error(cc, crm_shape_path(cc, path, "name"),
                           "wrong_module", NULL,
                           "%s \"%s\" is for module %.*s, not for %s", kind,
                           json_string_value(json_object_get(json, "name")),
                           (int) module.len, module.data, cc->module);
}


/* Inline with "field" and "value", or by the name of a field_update. */
static crm_status_t
action_field_update(crm_action_t *action, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc)
{
    void                      *value;
    crm_status_t               rc;
    const crm_named_update_t  *named;

    if (json_object_get(json, "field") || json_object_get(json, "value")) {
        rc = crm_field_update_parse(&action->u.update, json, path, cc);

        return rc != CRM_OK ? rc
               : crm_field_update_check(&action->u.update,
                                        crm_shape_path(cc, path, "field"),
                                        library, cc);
    }

    rc = crm_shape_check(json, named_keys, "an action", path, cc);

    if (rc == CRM_OK) {
        rc = action_named(&value, json, path, &library->field_updates,
                          "field_update", cc);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    named = value;
    action->u.update = named->update;

    rc = crm_field_update_check(&action->u.update,
                                crm_shape_path(cc, path, "name"), library, cc);

    return rc != CRM_OK ? rc
           : action_module(json, path, named->module, "field_update", cc);
}


static crm_status_t
action_webhook(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    void          *value;
    crm_status_t   rc;

    rc = crm_shape_check(json, named_keys, "an action", path, cc);

    if (rc == CRM_OK) {
        rc = action_named(&value, json, path, &library->webhooks, "webhook",
                          cc);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    action->u.webhook = value;

    return action_module(json, path, action->u.webhook->module, "webhook",
                         cc);
}


static crm_status_t
action_email(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    void          *value;
    crm_status_t   rc;

    rc = crm_shape_check(json, named_keys, "an action", path, cc);

    if (rc == CRM_OK) {
        rc = action_named(&value, json, path, &library->emails,
                          "email_notification", cc);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    action->u.email = value;

    return action_module(json, path, action->u.email->module,
                         "email_notification", cc);
}


static crm_status_t
action_task(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    void          *value;
    crm_status_t   rc;

    rc = crm_shape_check(json, named_keys, "an action", path, cc);

    if (rc == CRM_OK) {
        rc = action_named(&value, json, path, &library->tasks, "task", cc);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    action->u.task = value;

    return action_module(json, path, action->u.task->module, "task", cc);
}


static crm_status_t
action_create(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_create_t  *create;

    create = crm_pool_calloc(cc->pool, 1, sizeof(crm_create_t));
    action->u.create = create;

    return create ? crm_create_parse(create, json, path, library, cc)
                  : CRM_ENOMEM;
}


static crm_status_t
action_assign(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_assign_t  *assign;

    (void) library;

    assign = crm_pool_calloc(cc->pool, 1, sizeof(crm_assign_t));
    action->u.assign = assign;

    return assign ? crm_assign_parse(assign, json, path, cc) : CRM_ENOMEM;
}


static crm_status_t
action_function(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    void          *value;
    crm_function_call_t    *call;
    crm_status_t   rc;

    rc = crm_shape_check(json, crm_function_call_keys, "an action", path, cc);

    if (rc == CRM_OK) {
        rc = action_named(&value, json, path, &library->functions, "function",
                          cc);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    call = crm_pool_calloc(cc->pool, 1, sizeof(crm_function_call_t));
    action->u.call = call;

    return call ? crm_function_call_parse(call, value,
                                 json_object_get(json, "arguments"),
                                 crm_shape_path(cc, path, "arguments"), cc)
                : CRM_ENOMEM;
}


static crm_status_t
action_tags(crm_action_t *action, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_tags_t  *tags;

    (void) library;

    tags = crm_pool_calloc(cc->pool, 1, sizeof(crm_tags_t));
    action->u.tags = tags;

    return tags ? crm_tags_parse(tags, json, path, cc) : CRM_ENOMEM;
}
