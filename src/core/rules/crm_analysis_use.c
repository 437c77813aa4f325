/*
 * Named actions, templates and functions that nothing uses.
 *
 * Uses are looked for in all documents alike, whatever their kind: an action
 * of a type with a name, and the keys that name an object of another kind.
 */

#include "rules/crm_analysis_use.h"


/* Documents are read from files that are at most so deep. */
#define USE_MAX_DEPTH  64

typedef struct {
    const char  *word;          /* an action's type, or a key */
    const char  *kind;          /* that its name, or value, is of */
} use_row_t;

static const use_row_t  types[] = {
    { "field_updates", "field_update" },
    { "webhooks", "webhook" },
    { "email_notifications", "email_notification" },
    { "tasks", "task" },
    { "functions", "function" },
    { NULL, NULL }
};

static const use_row_t  keys[] = {
    { "template", "email_template" },
    { "function", "function" },
    { "task", "task" },
    { NULL, NULL }
};

static const char *const  kinds[] = {
    "field_update", "webhook", "email_template", "email_notification", "task",
    "function"
};

#define KINDS  (sizeof(kinds) / sizeof(kinds[0]))


static crm_status_t use_walk(crm_analysis_model_t *model, crm_map_t *used,
    const json_t *json, unsigned depth);
static crm_status_t use_object(crm_analysis_model_t *model, crm_map_t *used,
    const json_t *json);
static crm_status_t use_add(crm_analysis_model_t *model, crm_map_t *used,
    const char *kind, const json_t *name);
static crm_status_t use_judge(crm_analysis_model_t *model,
    const crm_map_t *used, size_t object, const json_t *json);


crm_status_t
crm_analysis_use_find(crm_analysis_model_t *model)
{
    size_t        i;
    json_t       *item;
    crm_map_t     used;
    crm_status_t  rc;

    crm_map_init(&used, model->pool);

    json_array_foreach(model->objects, i, item) {
        rc = use_walk(model, &used, json_object_get(item, "object"), 0);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    json_array_foreach(model->objects, i, item) {
        if (i == model->own) {
            break;
        }

        rc = use_judge(model, &used, i, json_object_get(item, "object"));
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
use_walk(crm_analysis_model_t *model, crm_map_t *used, const json_t *json,
    unsigned depth)
{
    size_t        i;
    json_t       *value;
    const char   *key;
    crm_status_t  rc;

    if (depth > USE_MAX_DEPTH) {
        return CRM_OK;
    }

    rc = json_is_object(json) ? use_object(model, used, json) : CRM_OK;

    json_object_foreach((json_t *) json, key, value) {
        if (rc == CRM_OK && (json_is_object(value) || json_is_array(value))) {
            rc = use_walk(model, used, value, depth + 1);
        }
    }

    json_array_foreach((json_t *) json, i, value) {
        if (rc == CRM_OK && (json_is_object(value) || json_is_array(value))) {
            rc = use_walk(model, used, value, depth + 1);
        }
    }

    return rc;
}


static crm_status_t
use_object(crm_analysis_model_t *model, crm_map_t *used, const json_t *json)
{
    crm_str_t         type;
    crm_status_t      rc;
    const use_row_t  *row;

    type = crm_shape_str(json_object_get(json, "type"));

    for (row = types; row->word; row++) {
        if (crm_str_is(type, row->word)) {
            return use_add(model, used, row->kind,
                           json_object_get(json, "name"));
        }
    }

    for (row = keys, rc = CRM_OK; row->word && rc == CRM_OK; row++) {
        rc = use_add(model, used, row->kind, json_object_get(json,
                                                             row->word));
    }

    return rc;
}


static crm_status_t
use_add(crm_analysis_model_t *model, crm_map_t *used, const char *kind,
    const json_t *name)
{
    crm_str_t         key;
    crm_map_entry_t  *entry;

    if (!json_is_string(name)) {
        return CRM_OK;
    }

    key = crm_pool_printf(model->pool, "%s %s", kind, json_string_value(name));
    entry = key.data ? crm_map_add(used, key) : NULL;
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = entry;

    return CRM_OK;
}


static crm_status_t
use_judge(crm_analysis_model_t *model, const crm_map_t *used, size_t object,
    const json_t *json)
{
    size_t     i;
    crm_str_t  key, kind, name;

    kind = crm_shape_str(json_object_get(json, "kind"));
    name = crm_shape_str(json_object_get(json, "name"));

    for (i = 0; i < KINDS && !crm_str_is(kind, kinds[i]); i++) {
        /* searched */
    }

    if (i == KINDS || name.len == 0) {
        return CRM_OK;
    }

    key = crm_pool_printf(model->pool, "%s %s", kinds[i], name.data);
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_map_find(used, key) == NULL) {
        crm_findings_add(model->findings, CRM_HINT, object, "name", 0,
                         "unused", NULL, "nothing uses the %s \"%s\"",
                         kinds[i], name.data);
    }

    return CRM_OK;
}
