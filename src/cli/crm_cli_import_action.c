/*
 * Actions of Zoho CRM's rules: those that name an object of their own, and
 * those that say all themselves.
 */

#include "crm_cli_import.h"

#include <string.h>


typedef struct {
    const char   *type;
    int         (*read)(crm_cli_import_item_t *item, json_t *action,
                        json_t *source, const char *path);
    const char   *why_not;          /* without read */
} action_row_t;


static json_t *action_one(crm_cli_import_item_t *item, json_t *source,
    const char *path);
static int action_named(crm_cli_import_item_t *item, json_t *action,
    json_t *source, const char *path);
static int action_tags(crm_cli_import_item_t *item, json_t *action,
    json_t *source, const char *path);
static int action_create(crm_cli_import_item_t *item, json_t *action,
    json_t *source, const char *path);
static void create_field(crm_cli_import_item_t *item, json_t *fields,
    json_t *source, const char *path);
static int action_assign(crm_cli_import_item_t *item, json_t *action,
    json_t *source, const char *path);
static json_t *assign_one(crm_cli_import_item_t *item, json_t *source,
    const char *path);


static const action_row_t  rows[] = {
    { "field_updates", action_named, NULL },
    { "webhooks", action_named, NULL },
    { "tasks", action_named, NULL },
    { "email_notifications", action_named, NULL },
    { "functions", action_named, NULL },
    { "add_tags", action_tags, NULL },
    { "remove_tags", action_tags, NULL },
    { "create_record", action_create, NULL },
    { "assign_owner", action_assign, NULL },
    { "add_meeting", NULL, "meetings are not planned here; a create_record"
                           " of module Events may do" },
    { "schedule_call", NULL, "calls are not planned here; a create_record of"
                             " module Calls may do" },
    { "convert", NULL, "records are not converted here" },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


json_t *
crm_cli_import_actions(crm_cli_import_item_t *item, json_t *list,
    const char *path)
{
    size_t   i;
    json_t  *actions, *source, *action;

    actions = json_array();

    json_array_foreach(list, i, source) {
        action = action_one(item, source,
                            crm_cli_import_at(item->im, "%s[%zu]", path, i));
        if (action) {
            crm_cli_import_append(item->im, actions, action);
        }
    }

    return actions;
}


/* Left out with a note when it cannot be; the rule does the rest. */
static json_t *
action_one(crm_cli_import_item_t *item, json_t *source, const char *path)
{
    size_t             i;
    json_t            *action, *details;
    const char        *type;
    crm_cli_import_t  *im;

    static const char *const  beside[] = {
        "module", "deleted", "editable", "deletable", "sequence_number", NULL
    };

    im = item->im;
    type = crm_cli_import_text(im, source, "type");

    for (i = 0; type && i < ROWS; i++) {
        if (strcmp(rows[i].type, type) == 0) {
            break;
        }
    }

    if (type == NULL || i == ROWS || rows[i].read == NULL) {
        crm_cli_import_note(item, path, "the action %s is left out: %s",
                            type ? type : "without a type",
                            type && i < ROWS ? rows[i].why_not
                            : "this is none that we know");
        json_object_clear(source);
        return NULL;
    }

    details = json_object_get(source, "details");
    if (!json_is_object(details)) {
        (void) crm_cli_import_take(im, source, "details");
        details = source;
    }

    action = json_pack("{s:s}", "type", type);

    if (rows[i].read(item, action, details, path) != 0) {
        json_object_clear(source);
        json_decref(action);
        return NULL;
    }

    if (rows[i].read != action_named) {
        static const char *const  own[] = { "id", "name", NULL };

        crm_cli_import_ignore(im, source, own);
    }

    crm_cli_import_ignore(im, source, beside);

    return action;
}


/* By the id; what it says stands in an object of its own, if we have that. */
static int
action_named(crm_cli_import_item_t *item, json_t *action, json_t *source,
    const char *path)
{
    const char        *id, *name, *given, *type;
    crm_cli_import_t  *im;

    im = item->im;
    type = json_string_value(json_object_get(action, "type"));
    id = crm_cli_import_text(im, source, "id");
    name = crm_cli_import_text(im, source, "name");

    given = id ? json_string_value(json_object_get(im->names,
                     crm_cli_import_at(im, "%s %s", type, id))) : NULL;

    if (given == NULL && name == NULL) {
        crm_cli_import_note(item, path, "the action %s is left out: it has no"
                            " name", type);
        return -1;
    }

    crm_cli_import_put(im, action, "name", json_string(given ? given : name));

    if (given == NULL) {
        crm_cli_import_note(item, path, strcmp(type, "functions") == 0
                            ? "the function \"%s\" is not in the export:"
                            " write a document of kind function with its"
                            " source (what it refers to: %s)"
                            : "\"%s\" is not among what could be imported:"
                            " give import the list of settings/automation/%s"
                            " as well, or write it", name, type);
    }

    return 0;
}


static int
action_tags(crm_cli_import_item_t *item, json_t *action, json_t *source,
    const char *path)
{
    size_t             i;
    json_t            *tags, *tag, *list;
    const char        *name;
    crm_cli_import_t  *im;

    static const char *const  beside[] = { "id", "color_code", NULL };
    static const char *const  own[] = { "module", NULL };

    im = item->im;
    list = json_object_get(source, "tags");
    crm_cli_import_ignore(im, source, own);
    tags = json_array();

    json_array_foreach(list, i, tag) {
        name = json_is_string(tag) ? json_string_value(tag)
                                   : crm_cli_import_text(im, tag, "name");
        if (name) {
            crm_cli_import_append(im, tags, json_string(name));
        }

        crm_cli_import_ignore(im, tag, beside);
    }

    if (json_array_size(list) && json_is_string(json_array_get(list, 0))) {
        (void) crm_cli_import_take(im, source, "tags");
    }

    if (crm_cli_import_flag(im, source, "over_write")) {
        crm_cli_import_note(item, path, "over_write is left out: tags are"
                            " added to those that are there");
    }

    if (json_array_size(tags) == 0) {
        crm_cli_import_note(item, path, "the action is left out: it has no"
                            " tags");
        json_decref(tags);
        return -1;
    }

    crm_cli_import_put(im, action, "tags", tags);

    return 0;
}


static int
action_create(crm_cli_import_item_t *item, json_t *action, json_t *source,
    const char *path)
{
    size_t             i;
    json_t            *fields, *list, *mapping;
    const char        *module;
    crm_cli_import_t  *im;

    im = item->im;
    module = crm_cli_import_api_name(im, source, "module");
    list = json_object_get(source, "field_mappings");
    fields = json_object();

    json_array_foreach(list, i, mapping) {
        create_field(item, fields, mapping,
                     crm_cli_import_at(im, "%s.field_mappings[%zu]", path,
                                       i));
    }

    if (crm_cli_import_take(im, source, "layout")) {
        crm_cli_import_note(item, path, "the layout is left out: the backend"
                            " takes its default one");
    }

    if (module == NULL || json_object_size(fields) == 0) {
        crm_cli_import_note(item, path, "create_record is left out: it has no"
                            " module, or no field that can be filled");
        json_decref(fields);
        return -1;
    }

    crm_cli_import_put(im, action, "module", json_string(module));
    crm_cli_import_put(im, action, "fields", fields);

    return 0;
}


static void
create_field(crm_cli_import_item_t *item, json_t *fields, json_t *source,
    const char *path)
{
    json_t            *value;
    const char        *field, *type;
    crm_cli_import_t  *im;

    im = item->im;
    field = crm_cli_import_api_name(im, source, "field");
    type = crm_cli_import_text(im, source, "type");
    value = crm_cli_import_take(im, source, "value");

    if (field == NULL || value == NULL
        || (type && strcmp(type, "static") != 0
            && strcmp(type, "merge_field") != 0))
    {
        crm_cli_import_note(item, path, "%s is not filled: a value of type %s"
                            " is not taken here", field ? field : "a field",
                            type ? type : "(none)");
        return;
    }

    crm_cli_import_put(im, fields, field, json_incref(value));
}


static int
action_assign(crm_cli_import_item_t *item, json_t *action, json_t *source,
    const char *path)
{
    size_t             i;
    json_t            *list, *to, *one, *entry;
    crm_cli_import_t  *im;

    im = item->im;
    list = json_object_get(source, "assign_to");
    to = json_array();

    json_array_foreach(list, i, entry) {
        one = assign_one(item, entry,
                         crm_cli_import_at(im, "%s.assign_to[%zu]", path, i));
        if (one) {
            crm_cli_import_append(im, to, one);
        }
    }

    if (crm_cli_import_flag(im, source, "notify")) {
        crm_cli_import_put(im, action, "notify", json_true());
    }

    if (json_array_size(to) == 0) {
        crm_cli_import_note(item, path, "assign_owner is left out: there is"
                            " nobody whom it could assign to");
        json_decref(to);
        return -1;
    }

    crm_cli_import_put(im, action, "assign_to", to);

    return 0;
}


/* A user by id, a role or group in turns, a rule by name, a field. */
static json_t *
assign_one(crm_cli_import_item_t *item, json_t *source, const char *path)
{
    json_t            *who;
    const char        *type, *id, *name;
    crm_cli_import_t  *im;

    im = item->im;
    type = crm_cli_import_text(im, source, "type");
    who = json_object_get(source, "resource");

    if (!json_is_object(who)) {
        who = source;
    }

    id = crm_cli_import_text(im, who, "id");
    name = crm_cli_import_text(im, who, "name");

    if (type && strcmp(type, "user") == 0 && id) {
        return json_pack("{s:s, s:s}", "type", "user", "id", id);
    }

    if (type && (strcmp(type, "role") == 0 || strcmp(type, "group") == 0)
        && name)
    {
        return json_pack("{s:s, s:s}", "type", "round_robin", type, name);
    }

    if (type && strcmp(type, "assignment_rule") == 0 && name) {
        return json_pack("{s:s, s:s}", "type", type, "name", name);
    }

    crm_cli_import_note(item, path, "%s \"%s\" is left out: owners here are"
                        " users, roles and groups in turns, assignment rules",
                        type ? type : "somebody", name ? name : id ? id : "");
    json_object_clear(source);

    return NULL;
}
