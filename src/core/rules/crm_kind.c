/*
 * The kinds of documents: a row each, and what each adds to a rule set.
 */

#include "rules/crm_kind.h"

#include "base/crm_limits.h"
#include "rules/crm_field.h"
#include "rules/crm_people.h"


static crm_status_t kind_module(crm_build_t *b, const json_t *json);
static crm_status_t kind_backend(crm_build_t *b, const json_t *json);
static crm_status_t kind_field_update(crm_build_t *b, const json_t *json);
static crm_status_t kind_webhook(crm_build_t *b, const json_t *json);
static crm_status_t kind_workflow(crm_build_t *b, const json_t *json);
static crm_status_t kind_locking(crm_build_t *b, const json_t *json);
static crm_status_t webhook_secret_own(crm_build_t *b,
    const crm_webhook_t *webhook);
static crm_status_t workflow_id(crm_build_t *b, const crm_workflow_t *rule);

static crm_status_t module_field(crm_build_t *b, crm_schema_t *schema,
    const json_t *json, size_t i);
static void locking_profiles(crm_build_t *b, const json_t *json);
static crm_module_t *kind_module_of(crm_build_t *b, const json_t *json);
static void kind_unknown(crm_build_t *b, const char *name);


static const crm_key_t  module_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL },
    { "fields", CRM_KEY_LIST, CRM_KEY_REQUIRED, 0, 0, NULL },
    CRM_KEYS_END
};

static const crm_key_t  module_field_keys[] = {
    { "api_name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL },
    { "data_type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "return_type", CRM_KEY_TEXT, 0, 0, 0, NULL },
    { "encrypted", CRM_KEY_BOOL, 0, 0, 0, NULL },
    CRM_KEYS_END
};

static const crm_key_t  backend_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL },
    { "url", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_URL, NULL },
    { "dialect", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL },
    CRM_KEYS_END
};

/* In the order of the rule language. */
static const crm_kind_t  kinds[] = {
    { "organization", NULL, 0, crm_people_organization,
      crm_people_organization_keys },
    { "profile", "name", 0, crm_people_profile, crm_people_profile_keys },
    { "role", "name", 0, crm_people_role, crm_people_role_keys },
    { "user", "id", 1, crm_people_user, crm_people_user_keys },
    { "module", "name", 0, kind_module, module_keys },
    { "backend", NULL, 0, kind_backend, backend_keys },
    { "workflow_rule", "name", 3, kind_workflow, NULL },
    { "field_update", "name", 2, kind_field_update, NULL },
    { "webhook", "name", 2, kind_webhook, NULL },
    { "record_locking", "module", 3, kind_locking, NULL },
};

#define KINDS  (sizeof(kinds) / sizeof(kinds[0]))


const crm_kind_t *
crm_kind_find(const json_t *json, crm_build_t *b)
{
    size_t         i;
    const json_t  *kind;

    kind = json_object_get(json, "kind");

    for (i = 0; json_is_string(kind) && i < KINDS; i++) {
        if (strcmp(json_string_value(kind), kinds[i].name) == 0) {
            return &kinds[i];
        }
    }

    if (b == NULL) {
        return NULL;
    }

    if (!json_is_object(json)) {
        (void) crm_shape_error(&b->cc, "", "wrong_type", NULL,
                               "a document must be a map that begins with"
                               " \"kind\"");

    } else if (!json_is_string(kind)) {
        (void) crm_shape_error(&b->cc, kind ? "kind" : "", "missing_key",
                               "kind", "a document lacks \"kind\", such as"
                               " kind: workflow_rule");

    } else {
        kind_unknown(b, json_string_value(kind));
    }

    return NULL;
}


crm_str_t
crm_ruleset_identity(const json_t *object)
{
    const crm_kind_t  *kind;

    kind = crm_kind_find(object, NULL);

    if (kind == NULL) {
        return CRM_STR_NULL;
    }

    if (kind->identity == NULL) {
        return CRM_STR("");
    }

    return crm_shape_str(json_object_get(object, kind->identity));
}


int
crm_ruleset_kind_order(const json_t *object)
{
    const crm_kind_t  *kind;

    kind = crm_kind_find(object, NULL);

    return kind ? (int) (kind - kinds) : -1;
}


static crm_status_t
kind_module(crm_build_t *b, const json_t *json)
{
    size_t         i;
    json_t        *field;
    crm_status_t   rc, all;
    crm_module_t  *module;

    module = kind_module_of(b, json_object_get(json, "name"));
    if (module == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach(json_object_get(json, "fields"), i, field) {
        rc = module_field(b, &module->schema, field, i);
        if (rc == CRM_ENOMEM) {
            return rc;
        }
        if (rc != CRM_OK) {
            all = rc;
        }
    }

    module->schema.declared = 1;

    return all;
}


static crm_status_t
module_field(crm_build_t *b, crm_schema_t *schema, const json_t *json, size_t i)
{
    unsigned           slot;
    crm_str_t          name;
    const char        *path, *type_name;
    crm_status_t       rc;
    crm_field_type_t   field_type;

    path = crm_shape_index(&b->cc, "fields", i);

    rc = crm_shape_check(json, module_field_keys, "a field", path, &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_field_declared(&field_type, &type_name, json, path, &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "api_name")));
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_schema_find(schema, name, crm_str_hash(name)) != CRM_SLOT_NONE) {
        return crm_shape_error(&b->cc, crm_shape_path(&b->cc, path,
                                                      "api_name"),
                               "duplicate_name", NULL,
                               "field \"%s\" is declared twice", name.data);
    }

    slot = crm_schema_slot(schema, name);
    if (slot == CRM_SLOT_NONE) {
        return CRM_ENOMEM;
    }

    crm_schema_declare(schema, slot, field_type, type_name);

    return CRM_OK;
}


/* There is one, whatever its name: a record is read where it was written. */
static crm_status_t
kind_backend(crm_build_t *b, const json_t *json)
{
    b->rules->backend = crm_pool_calloc(b->cc.pool, 1,
                                        sizeof(crm_backend_t));

    return b->rules->backend ? crm_backend_parse(b->rules->backend, json,
                                                 &b->cc) : CRM_ENOMEM;
}


static crm_status_t
kind_field_update(crm_build_t *b, const json_t *json)
{
    crm_str_t            name;
    crm_status_t         rc;
    crm_map_entry_t     *entry;
    crm_named_update_t  *named;

    static const crm_key_t  own[] = {
        { "kind", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
        { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL },
        { "description", CRM_KEY_STRING, CRM_KEY_NULLABLE, 0, 0, NULL },
        { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME,
          NULL },
        { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
        { "value", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL },
        { "mode", CRM_KEY_ANY, 0, 0, 0, NULL },
        CRM_KEYS_END
    };

    rc = crm_shape_check(json, own, "a field_update", "", &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    named = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_named_update_t));
    name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "name")));

    if (named == NULL || name.data == NULL
        || kind_module_of(b, json_object_get(json, "module")) == NULL)
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


static crm_status_t
kind_webhook(crm_build_t *b, const json_t *json)
{
    crm_str_t         name;
    crm_status_t      rc;
    crm_webhook_t    *webhook;
    crm_map_entry_t  *entry;

    name = crm_shape_str(json_object_get(json, "name"));
    webhook = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_webhook_t));

    if (webhook == NULL
        || kind_module_of(b, json_object_get(json, "module")) == NULL)
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


static crm_status_t
kind_workflow(crm_build_t *b, const json_t *json)
{
    crm_status_t      rc;
    crm_module_t     *module;
    crm_workflow_t   *rule, **list;

    rule = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_workflow_t));
    module = kind_module_of(b, json_object_get(json, "module"));

    if (rule == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_workflow_parse(rule, json, &b->rules->library, &b->cc);
    if (rc == CRM_OK) {
        rc = workflow_id(b, rule);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    /* grows at powers of two */

    if ((module->workflows_count & (module->workflows_count - 1)) == 0) {
        list = crm_pool_calloc(b->cc.pool, module->workflows_count
                               ? module->workflows_count * 2 : 1,
                               sizeof(crm_workflow_t *));
        if (list == NULL) {
            return CRM_ENOMEM;
        }

        if (module->workflows_count) {
            memcpy(list, module->workflows,
                   module->workflows_count * sizeof(crm_workflow_t *));
        }

        module->workflows = list;
    }

    module->workflows[module->workflows_count++] = rule;

    return CRM_OK;
}


/*
 * Job ids and the memory of repeat: false are made of a rule's id, which is
 * its name unless it has one: two rules of one id would share them.
 */
static crm_status_t
workflow_id(crm_build_t *b, const crm_workflow_t *rule)
{
    crm_str_t              key;
    crm_map_entry_t       *entry;
    const crm_workflow_t  *other;

    key = crm_pool_printf(b->cc.pool, "id %s", rule->id.data);
    entry = key.data ? crm_map_add(&b->identities, key) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    other = entry->value;

    /* of one name is a finding already */

    if (other && !crm_str_eq(other->name, rule->name)) {
        return crm_shape_error(&b->cc, rule->id.data == rule->name.data
                               ? "name" : "id", "duplicate_name", NULL,
                               "the workflow_rule \"%s\" has the id \"%s\""
                               " too", other->name.data, rule->id.data);
    }

    entry->value = (void *) rule;

    return CRM_OK;
}


static crm_status_t
kind_locking(crm_build_t *b, const json_t *json)
{
    crm_module_t   *module;
    crm_locking_t  *locking;

    locking = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_locking_t));
    module = kind_module_of(b, json_object_get(json, "module"));

    if (locking == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    locking_profiles(b, json);
    module->locking = locking;

    return crm_locking_parse(locking, json, &b->cc);
}


static void
locking_profiles(crm_build_t *b, const json_t *json)
{
    size_t       i;
    json_t      *name;
    const char  *path;

    json_array_foreach(json_object_get(json, "lock_excluded_profiles"), i,
                       name)
    {
        path = crm_shape_index(&b->cc, "lock_excluded_profiles", i);

        if (json_is_string(name)
            && crm_map_find(&b->rules->profiles, crm_shape_str(name)) == NULL)
        {
            (void) crm_shape_reference(&b->cc, path, &b->rules->profiles,
                                       "profile", crm_shape_str(name));
        }
    }
}


/* The module that a document is about; cc is set to it. */
static crm_module_t *
kind_module_of(crm_build_t *b, const json_t *json)
{
    crm_str_t         name;
    crm_module_t     *module;
    crm_map_entry_t  *entry;

    name = crm_pool_dup(b->cc.pool, crm_shape_str(json));
    entry = name.data ? crm_map_add(&b->rules->modules, name) : NULL;

    if (entry == NULL) {
        return NULL;
    }

    module = entry->value;

    if (module == NULL) {
        module = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_module_t));
        if (module == NULL) {
            return NULL;
        }

        module->name = name;
        crm_schema_init(&module->schema, b->cc.pool);
        crm_predicates_init(&module->predicates, b->cc.pool);
        entry->value = module;
    }

    b->cc.schema = &module->schema;
    b->cc.predicates = &module->predicates;
    b->cc.module = module->name.data;

    return module;
}


static void
kind_unknown(crm_build_t *b, const char *name)
{
    size_t       i;
    const char  *names[KINDS + 1], *near;

    for (i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
    }
    names[KINDS] = NULL;

    near = crm_shape_nearest(name, names);

    (void) crm_shape_error(&b->cc, "kind", "unknown_kind", near, near
                           ? "unknown kind \"%s\", did you mean \"%s\"?"
                           : "unknown kind \"%s\"; this version knows"
                           " organization, profile, role, user, module,"
                           " backend, workflow_rule, field_update, webhook"
                           " and record_locking", name, near);
}
