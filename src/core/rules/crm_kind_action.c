/*
 * The kinds that name an action, and what actions are made of.
 *
 * Each is in the library before it is parsed: it is there even if it is wrong,
 * so that one mistake is one finding, and not another wherever it is used.
 */

#include "rules/crm_kind.h"

#include "base/crm_limits.h"


static crm_status_t action_add(crm_build_t *b, crm_map_t *names,
    const json_t *json, size_t size, void **value);
static crm_status_t webhook_secret_own(crm_build_t *b,
    const crm_webhook_t *webhook);


const crm_key_t  crm_kind_field_update_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how rules refer to it" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records it changes" },
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


/* A new value of size bytes under json's name among names; of its module too,
 * if it has one. */
static crm_status_t
action_add(crm_build_t *b, crm_map_t *names, const json_t *json, size_t size,
    void **value)
{
    crm_str_t         name;
    crm_map_entry_t  *entry;

    *value = crm_pool_calloc(b->cc.pool, 1, size);
    if (*value == NULL) {
        return CRM_ENOMEM;
    }

    if (json_object_get(json, "module")
        && crm_kind_in_module(b, json_object_get(json, "module")) == NULL)
    {
        return CRM_ENOMEM;
    }

    name = crm_shape_str(json_object_get(json, "name"));
    if (name.len == 0) {
        return CRM_OK;              /* the shape will tell */
    }

    name = crm_pool_dup(b->cc.pool, name);
    entry = name.data ? crm_map_add(names, name) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = *value;

    return CRM_OK;
}


crm_status_t
crm_kind_field_update(crm_build_t *b, const json_t *json)
{
    void                *value;
    crm_named_update_t  *named;

    if (action_add(b, &b->rules->library.field_updates, json,
                   sizeof(crm_named_update_t), &value) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    named = value;
    named->module = crm_strz(b->cc.module);

    return crm_field_update_parse(&named->update, json, "", &b->cc);
}


crm_status_t
crm_kind_webhook(crm_build_t *b, const json_t *json)
{
    void           *value;
    crm_status_t    rc;
    crm_webhook_t  *webhook;

    if (action_add(b, &b->rules->library.webhooks, json,
                   sizeof(crm_webhook_t), &value) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    webhook = value;
    webhook->module = crm_strz(b->cc.module);

    rc = crm_webhook_parse(webhook, json, &b->cc);

    return rc == CRM_OK ? webhook_secret_own(b, webhook) : rc;
}


/* What authorizes us at the backend must not reach whoever names a webhook;
 * crm-worker refuses it too. */
static crm_status_t
webhook_secret_own(crm_build_t *b, const crm_webhook_t *webhook)
{
    size_t                i;
    const crm_backend_t  *backend;

    backend = b->rules->backend;

    for (i = 0; backend && i < backend->headers_count; i++) {
        if (crm_str_eq(webhook->secret, backend->headers[i].secret)) {
            return crm_shape_error(&b->cc, "secret", "bad_secret", NULL,
                                   "\"%.*s\" is what the backend is asked"
                                   " with; name a secret of the webhook's"
                                   " own", (int) webhook->secret.len,
                                   webhook->secret.data);
        }
    }

    return CRM_OK;
}


/* A template has no module but that whose fields it merges. */
crm_status_t
crm_kind_email_template(crm_build_t *b, const json_t *json)
{
    int         known;
    void       *value;
    json_t     *name;
    crm_str_t   module;

    if (action_add(b, &b->rules->library.templates, json,
                   sizeof(crm_email_template_t), &value) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    module = crm_email_template_module(json);

    if (module.len) {
        name = json_stringn(module.data, module.len);
        known = name && crm_kind_in_module(b, name) != NULL;
        json_decref(name);

        if (!known) {
            return CRM_ENOMEM;
        }
    }

    return crm_email_template_parse(value, json, &b->cc);
}


crm_status_t
crm_kind_email_notification(crm_build_t *b, const json_t *json)
{
    void         *value;
    crm_email_t  *email;

    if (action_add(b, &b->rules->library.emails, json, sizeof(crm_email_t),
                   &value) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    email = value;
    email->module = crm_strz(b->cc.module);

    return crm_email_parse(email, json, &b->rules->library, &b->cc);
}


crm_status_t
crm_kind_task(crm_build_t *b, const json_t *json)
{
    void        *value;
    crm_task_t  *task;

    if (action_add(b, &b->rules->library.tasks, json, sizeof(crm_task_t),
                   &value) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    task = value;
    task->module = crm_strz(b->cc.module);

    return crm_task_parse(task, json, &b->cc);
}


crm_status_t
crm_kind_function(crm_build_t *b, const json_t *json)
{
    void  *value;

    if (action_add(b, &b->rules->library.functions, json,
                   sizeof(crm_function_t), &value) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    return crm_function_parse(value, json, &b->cc);
}


const crm_function_t *
crm_ruleset_function(const crm_ruleset_t *rules, crm_str_t name)
{
    crm_map_entry_t  *entry;

    entry = crm_map_find(&rules->library.functions, name);

    return entry ? entry->value : NULL;
}


crm_status_t
crm_kind_schedule(crm_build_t *b, const json_t *json)
{
    void  *value;

    if (action_add(b, &b->rules->schedules, json, sizeof(crm_schedule_t),
                   &value) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    return crm_schedule_parse(value, json, &b->rules->library, &b->cc);
}


const crm_schedule_t *
crm_ruleset_schedule(const crm_ruleset_t *rules, crm_str_t name)
{
    crm_map_entry_t  *entry;

    entry = crm_map_find(&rules->schedules, name);

    return entry ? entry->value : NULL;
}


size_t
crm_ruleset_schedules(const crm_ruleset_t *rules)
{
    return rules->schedules.count;
}


const crm_schedule_t *
crm_ruleset_schedule_at(const crm_ruleset_t *rules, size_t i)
{
    return rules->schedules.entries[i].value;
}
