/*
 * The kinds that name an action: field_update, webhook.
 */

#include "rules/crm_kind.h"

#include "base/crm_limits.h"


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
    { "mode", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "inline: merged into the write itself" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_field_update(crm_build_t *b, const json_t *json)
{
    crm_str_t            name;
    crm_map_entry_t     *entry;
    crm_named_update_t  *named;

    named = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_named_update_t));
    name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "name")));

    if (named == NULL || name.data == NULL
        || crm_kind_in_module(b, json_object_get(json, "module")) == NULL)
    {
        return CRM_ENOMEM;
    }

    named->module = crm_strz(b->cc.module);

    entry = crm_map_add(&b->rules->library.field_updates, name);
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = named;

    return crm_field_update_parse(&named->update, json, "", &b->cc);
}


crm_status_t
crm_kind_webhook(crm_build_t *b, const json_t *json)
{
    crm_str_t         name;
    crm_status_t      rc;
    crm_webhook_t    *webhook;
    crm_map_entry_t  *entry;

    name = crm_shape_str(json_object_get(json, "name"));
    webhook = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_webhook_t));

    if (webhook == NULL
        || crm_kind_in_module(b, json_object_get(json, "module")) == NULL)
    {
        return CRM_ENOMEM;
    }

    if (name.len) {
        name = crm_pool_dup(b->cc.pool, name);
        entry = name.data ? crm_map_add(&b->rules->library.webhooks, name)
                          : NULL;
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        /* there even if it is wrong: one mistake, one finding */

        entry->value = webhook;
        webhook->module = crm_strz(b->cc.module);
    }

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
