/*
 * The compiled rules of one organisation: immutable, counted.
 *
 * A bundle is compiled in passes, since documents come in any order: schemas
 * and people, then named actions, then the rules that refer to them. Kinds are
 * rows of one table; the order of its rows is the order of the language.
 */

#include "rules/crm_ruleset.h"

#include <stdlib.h>

#include "base/crm_limits.h"
#include "rules/crm_index.h"


/* A rule set of a hundred thousand rules takes some 200 MB. */
#define RULESET_MAX_BYTES  ((size_t) 1024 * 1024 * 1024)

typedef struct {
    crm_str_t  profile;
    crm_str_t  role;
    crm_str_t  name;
    int        active;
} user_t;

struct crm_ruleset_s {
    crm_pool_t      *pool;
    unsigned         refs;
    long long        revision;
    crm_map_t        modules;       /* name to crm_module_t */
    crm_map_t        users;         /* id to user_t */
    crm_map_t        profiles;
    crm_map_t        roles;
    crm_library_t    library;
};

/* What is under construction. */
typedef struct {
    crm_ruleset_t   *rules;
    crm_findings_t  *findings;
    crm_map_t        identities;    /* "kind name" to index + 1 */
    crm_compile_t    cc;
} build_t;

typedef crm_status_t (*kind_pt)(build_t *b, const json_t *json);

typedef struct {
    const char       *name;
    const char       *identity;     /* key that names an object, or NULL */
    int               pass;
    kind_pt           compile;
    const crm_key_t  *keys;         /* checked before compile, or NULL */
} kind_row_t;


static crm_status_t build_objects(build_t *b, const json_t *bundle);
static crm_status_t build_identity(build_t *b, const json_t *json,
    const kind_row_t *kind);
static crm_status_t build_object(build_t *b, const json_t *json,
    const kind_row_t *kind);
static crm_status_t build_finish(build_t *b);
static const kind_row_t *build_kind(build_t *b, const json_t *json);
static crm_status_t build_unknown_kind(build_t *b, const char *name);
static crm_module_t *build_module(build_t *b, const json_t *json);

static crm_status_t kind_organization(build_t *b, const json_t *json);
static crm_status_t kind_named(build_t *b, const json_t *json,
    crm_map_t *names);
static crm_status_t kind_profile(build_t *b, const json_t *json);
static crm_status_t kind_role(build_t *b, const json_t *json);
static crm_status_t kind_role_links(build_t *b, const json_t *json);
static crm_status_t kind_user(build_t *b, const json_t *json);
static crm_status_t kind_module(build_t *b, const json_t *json);
static crm_status_t kind_backend(build_t *b, const json_t *json);
static crm_status_t kind_field_update(build_t *b, const json_t *json);
static crm_status_t kind_webhook(build_t *b, const json_t *json);
static crm_status_t kind_workflow(build_t *b, const json_t *json);
static crm_status_t kind_locking(build_t *b, const json_t *json);

static crm_status_t named_reference(build_t *b, const crm_map_t *names,
    const json_t *json, const char *key, const char *what);
static crm_status_t module_field(build_t *b, crm_schema_t *schema,
    const json_t *json, size_t i);
static void locking_profiles(build_t *b, const json_t *json);
static int workflow_cmp(const void *a, const void *b);
static int wanted_create(const crm_workflow_t *rule);
static int wanted_update(const crm_workflow_t *rule);
static int wanted_delete(const crm_workflow_t *rule);


#define KEYS_HEAD                                                             \
    { "kind", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },                   \
    { "description", CRM_KEY_STRING, CRM_KEY_NULLABLE, 0, 0, NULL }
#define KEYS_END  { NULL, CRM_KEY_ANY, 0, 0, 0, NULL }

static const char *const  user_statuses[] = { "active", "inactive", NULL };

static const crm_key_t  organization_keys[] = {
    KEYS_HEAD,
    { "time_zone", CRM_KEY_TEXT, 0, 0, 64, NULL },
    KEYS_END
};

static const crm_key_t  profile_keys[] = {
    KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL },
    { "permissions", CRM_KEY_TEXTS, 0, 0, 0, NULL },
    KEYS_END
};

static const crm_key_t  role_keys[] = {
    KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL },
    { "reports_to", CRM_KEY_TEXT, CRM_KEY_NULLABLE, 0, 100, NULL },
    KEYS_END
};

static const crm_key_t  user_keys[] = {
    KEYS_HEAD,
    { "id", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL },
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL },
    { "email", CRM_KEY_TEXT, 0, 0, 254, NULL },
    { "profile", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL },
    { "role", CRM_KEY_TEXT, CRM_KEY_NULLABLE, 0, 100, NULL },
    { "status", CRM_KEY_WORD, 0, 0, 0, user_statuses },
    KEYS_END
};

static const crm_key_t  module_keys[] = {
    KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL },
    { "fields", CRM_KEY_LIST, CRM_KEY_REQUIRED, 0, 0, NULL },
    KEYS_END
};

static const crm_key_t  module_field_keys[] = {
    { "api_name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL },
    { "data_type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
    KEYS_END
};

static const crm_key_t  backend_keys[] = {
    KEYS_HEAD,
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL },
    { "url", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_URL, NULL },
    { "dialect", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL },
    KEYS_END
};

#define PASSES  4

/* In the order of the rule language. */
static const kind_row_t  kinds[] = {
    { "organization", NULL, 0, kind_organization, organization_keys },
    { "profile", "name", 0, kind_profile, profile_keys },
    { "role", "name", 0, kind_role, role_keys },
    { "user", "id", 1, kind_user, user_keys },
    { "module", "name", 0, kind_module, module_keys },
    { "backend", "name", 0, kind_backend, backend_keys },
    { "workflow_rule", "name", 3, kind_workflow, NULL },
    { "field_update", "name", 2, kind_field_update, NULL },
    { "webhook", "name", 2, kind_webhook, NULL },
    { "record_locking", "module", 3, kind_locking, NULL },
};

#define KINDS  (sizeof(kinds) / sizeof(kinds[0]))


crm_ruleset_t *
crm_ruleset_create(const json_t *bundle, long long revision,
    const crm_host_t *host, crm_findings_t *findings)
{
    build_t         b;
    crm_pool_t     *pool;
    crm_status_t    rc;
    crm_ruleset_t  *rules;

    pool = crm_pool_create(host, RULESET_MAX_BYTES);
    rules = pool ? crm_pool_calloc(pool, 1, sizeof(crm_ruleset_t)) : NULL;

    if (rules == NULL) {
        crm_pool_destroy(pool);
        findings->status = CRM_ENOMEM;
        return NULL;
    }

    rules->pool = pool;
    rules->refs = 1;
    rules->revision = revision;
    crm_map_init(&rules->modules, pool);
    crm_map_init(&rules->users, pool);
    crm_map_init(&rules->profiles, pool);
    crm_map_init(&rules->roles, pool);
    crm_map_init(&rules->library.webhooks, pool);
    crm_map_init(&rules->library.field_updates, pool);

    memset(&b, 0, sizeof(build_t));
    b.rules = rules;
    b.findings = findings;
    b.cc.pool = pool;
    b.cc.findings = findings;
    b.cc.object = CRM_NO_OBJECT;
    crm_map_init(&b.identities, pool);

    rc = build_objects(&b, bundle);

    if (rc == CRM_OK && findings->errors == 0) {
        rc = build_finish(&b);
    }

    if (rc == CRM_ENOMEM) {
        findings->status = CRM_ENOMEM;
    }

    if (rc != CRM_OK || findings->errors || findings->status != CRM_OK) {
        crm_pool_destroy(pool);
        return NULL;
    }

    return rules;
}


void
crm_ruleset_retain(crm_ruleset_t *rules)
{
    rules->refs++;
}


void
crm_ruleset_release(crm_ruleset_t *rules)
{
    if (rules && --rules->refs == 0) {
        crm_pool_destroy(rules->pool);
    }
}


long long
crm_ruleset_revision(const crm_ruleset_t *rules)
{
    return rules->revision;
}


const crm_module_t *
crm_ruleset_module(const crm_ruleset_t *rules, crm_str_t name)
{
    crm_map_entry_t  *entry;

    entry = crm_map_find(&rules->modules, name);

    return entry ? entry->value : NULL;
}


size_t
crm_ruleset_modules(const crm_ruleset_t *rules)
{
    return rules->modules.count;
}


const crm_module_t *
crm_ruleset_module_at(const crm_ruleset_t *rules, size_t i)
{
    return rules->modules.entries[i].value;
}


crm_actor_t
crm_ruleset_actor(const crm_ruleset_t *rules, crm_str_t id)
{
    user_t           *user;
    crm_actor_t       actor;
    crm_map_entry_t  *entry;

    memset(&actor, 0, sizeof(crm_actor_t));
    actor.id = id;

    entry = id.len ? crm_map_find(&rules->users, id) : NULL;
    user = entry ? entry->value : NULL;

    if (user && user->active) {
        actor.profile = user->profile;
        actor.role = user->role;
        actor.name = user->name;
    }

    return actor;
}


crm_str_t
crm_ruleset_identity(const json_t *object)
{
    int  i;

    i = crm_ruleset_kind_order(object);

    if (i < 0) {
        return CRM_STR_NULL;
    }

    if (kinds[i].identity == NULL
        || (strcmp(kinds[i].name, "backend") == 0
            && json_object_get(object, "name") == NULL))
    {
        return CRM_STR("");
    }

    return crm_shape_str(json_object_get(object, kinds[i].identity));
}


int
crm_ruleset_kind_order(const json_t *object)
{
    size_t     i;
    crm_str_t  kind;

    kind = crm_shape_str(json_object_get(object, "kind"));

    for (i = 0; i < KINDS; i++) {
        if (crm_str_is(kind, kinds[i].name)) {
            return (int) i;
        }
    }

    return -1;
}


int
crm_module_concerns(const crm_module_t *module, crm_operation_t operation)
{
    switch (operation) {

    case CRM_OP_CREATE:
        return module->create != NULL || module->locking != NULL;

    case CRM_OP_UPDATE:
        return module->update != NULL || module->locking != NULL;

    case CRM_OP_DELETE:
        return module->remove != NULL || module->locking != NULL;

    default:
        return 0;
    }
}


static crm_status_t
build_objects(build_t *b, const json_t *bundle)
{
    int                 pass;
    size_t              i;
    json_t             *entry, *objects, *json;
    crm_status_t        rc;
    const kind_row_t   *kind;

    objects = json_object_get(bundle, "objects");

    if (json_integer_value(json_object_get(bundle, "v")) != 1
        || !json_is_array(objects))
    {
        return crm_shape_error(&b->cc, "", "bad_bundle", NULL,
                               "this is no bundle of version 1");
    }

    for (pass = 0; pass < PASSES; pass++) {
        json_array_foreach(objects, i, entry) {
            json = json_object_get(entry, "object");
            b->cc.object = i;

            kind = pass == 0 ? build_kind(b, json)
                             : crm_ruleset_kind_order(json) < 0 ? NULL
                               : &kinds[crm_ruleset_kind_order(json)];
            if (kind == NULL) {
                continue;
            }

            rc = pass == 0 ? build_identity(b, json, kind) : CRM_OK;

            if (rc != CRM_ENOMEM && kind->pass == pass) {
                rc = build_object(b, json, kind);
            }

            if (rc == CRM_ENOMEM) {
                return rc;
            }
        }
    }

    json_array_foreach(objects, i, entry) {
        json = json_object_get(entry, "object");
        b->cc.object = i;

        if (crm_str_is(crm_shape_str(json_object_get(json, "kind")), "role")
            && kind_role_links(b, json) == CRM_ENOMEM)
        {
            return CRM_ENOMEM;
        }
    }

    b->cc.object = CRM_NO_OBJECT;

    return CRM_OK;
}


/* Two objects of one kind and name are one too many. */
static crm_status_t
build_identity(build_t *b, const json_t *json, const kind_row_t *kind)
{
    crm_str_t         id, key;
    crm_map_entry_t  *entry;

    id = crm_ruleset_identity(json);
    if (id.data == NULL) {
        return CRM_OK;              /* the shape will tell */
    }

    key = crm_pool_printf(b->cc.pool, "%s %.*s", kind->name, (int) id.len,
                          id.data);
    entry = key.data ? crm_map_add(&b->identities, key) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    if (entry->value) {
        return crm_shape_error(&b->cc, kind->identity && id.len
                               ? kind->identity : "", "duplicate_name", NULL,
                               id.len ? "there are two of kind %s \"%.*s\""
                               : "there are two of kind %s", kind->name,
                               (int) id.len, id.data);
    }

    entry->value = (void *) (uintptr_t) (b->cc.object + 1);

    return CRM_OK;
}


static crm_status_t
build_object(build_t *b, const json_t *json, const kind_row_t *kind)
{
    crm_status_t  rc;

    b->cc.schema = NULL;
    b->cc.predicates = NULL;
    b->cc.module = NULL;

    if (kind->keys) {
        rc = crm_shape_check(json, kind->keys, kind->name, "", &b->cc);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return kind->compile(b, json);
}


static const kind_row_t *
build_kind(build_t *b, const json_t *json)
{
    int            i;
    const json_t  *kind;

    if (!json_is_object(json)) {
        (void) crm_shape_error(&b->cc, "", "wrong_type", NULL,
                               "a document must be a map that begins with"
                               " \"kind\"");
        return NULL;
    }

    kind = json_object_get(json, "kind");

    if (!json_is_string(kind)) {
        (void) crm_shape_error(&b->cc, kind ? "kind" : "", "missing_key",
                               "kind", "a document lacks \"kind\", such as"
                               " kind: workflow_rule");
        return NULL;
    }

    i = crm_ruleset_kind_order(json);
    if (i < 0) {
        (void) build_unknown_kind(b, json_string_value(kind));
        return NULL;
    }

    return &kinds[i];
}


static crm_status_t
build_unknown_kind(build_t *b, const char *name)
{
    size_t       i;
    const char  *names[KINDS + 1], *near;

    for (i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
    }
    names[KINDS] = NULL;

    near = crm_shape_nearest(name, names);

    return crm_shape_error(&b->cc, "kind", "unknown_kind", near, near
                           ? "unknown kind \"%s\", did you mean \"%s\"?"
                           : "unknown kind \"%s\"; this version knows"
                           " organization, profile, role, user, module,"
                           " backend, workflow_rule, field_update, webhook"
                           " and record_locking", name, near);
}


/* The module that a document is about; cc is set to it. */
static crm_module_t *
build_module(build_t *b, const json_t *json)
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


/* Rules in their order, then filed by the operation that can start them. */
static crm_status_t
build_finish(build_t *b)
{
    size_t          i, k;
    unsigned        slots;
    crm_module_t   *m;

    for (i = 0; i < b->rules->modules.count; i++) {
        m = b->rules->modules.entries[i].value;

        if (m->workflows_count == 0) {
            continue;
        }

        qsort(m->workflows, m->workflows_count, sizeof(crm_workflow_t *),
              workflow_cmp);

        for (k = 0; k < m->workflows_count; k++) {
            if (!m->workflows[k]->repeat) {
                m->reads_once = 1;
            }
        }

        slots = m->schema.count;

        m->create = crm_index_create(m->workflows, m->workflows_count,
                                     wanted_create, &m->predicates, slots,
                                     b->cc.pool);
        m->update = crm_index_create(m->workflows, m->workflows_count,
                                     wanted_update, &m->predicates, slots,
                                     b->cc.pool);
        m->remove = crm_index_create(m->workflows, m->workflows_count,
                                     wanted_delete, &m->predicates, slots,
                                     b->cc.pool);

        if (m->create == NULL || m->update == NULL || m->remove == NULL) {
            return CRM_ENOMEM;
        }

        m->create = crm_index_count(m->create) ? m->create : NULL;
        m->update = crm_index_count(m->update) ? m->update : NULL;
        m->remove = crm_index_count(m->remove) ? m->remove : NULL;
    }

    return CRM_OK;
}


/* ---- kinds ---- */

static crm_status_t
kind_organization(build_t *b, const json_t *json)
{
    crm_str_t  zone;

    zone = crm_shape_str(json_object_get(json, "time_zone"));

    if (zone.len && !crm_str_is(zone, "UTC")) {
        crm_findings_add(b->findings, CRM_WARNING, b->cc.object, "time_zone",
                         0, "no_run_time", NULL,
                         "nothing in this version depends on the time zone"
                         " \"%s\"", zone.data);
    }

    return CRM_OK;
}


static crm_status_t
kind_named(build_t *b, const json_t *json, crm_map_t *names)
{
    crm_str_t         name;
    crm_map_entry_t  *entry;

    name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "name")));
    entry = name.data ? crm_map_add(names, name) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = (void *) name.data;

    return CRM_OK;
}


static crm_status_t
kind_profile(build_t *b, const json_t *json)
{
    return kind_named(b, json, &b->rules->profiles);
}


static crm_status_t
kind_role(build_t *b, const json_t *json)
{
    return kind_named(b, json, &b->rules->roles);
}


/* Roles may report to roles that stand behind them. */
static crm_status_t
kind_role_links(build_t *b, const json_t *json)
{
    return named_reference(b, &b->rules->roles, json, "reports_to", "role");
}


static crm_status_t
kind_user(build_t *b, const json_t *json)
{
    user_t           *user;
    crm_str_t         id;
    crm_status_t      rc, role;
    crm_map_entry_t  *entry;

    rc = named_reference(b, &b->rules->profiles, json, "profile", "profile");
    role = named_reference(b, &b->rules->roles, json, "role", "role");

    if (rc != CRM_OK || role != CRM_OK) {
        return CRM_EINVAL;
    }

    user = crm_pool_calloc(b->cc.pool, 1, sizeof(user_t));
    id = crm_pool_dup(b->cc.pool, crm_shape_str(json_object_get(json, "id")));
    entry = id.data ? crm_map_add(&b->rules->users, id) : NULL;

    if (user == NULL || entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = user;

    user->active = !crm_str_is(crm_shape_str(json_object_get(json, "status")),
                               "inactive");
    user->profile = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "profile")));
    user->role = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "role")));
    user->name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "name")));

    return user->profile.data && user->role.data && user->name.data
           ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
kind_module(build_t *b, const json_t *json)
{
    size_t         i;
    json_t        *field;
    crm_status_t   rc, all;
    crm_module_t  *module;

    module = build_module(b, json_object_get(json, "name"));
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
module_field(build_t *b, crm_schema_t *schema, const json_t *json, size_t i)
{
    unsigned           slot;
    crm_str_t          name, type;
    const char        *path, *near;
    crm_status_t       rc;
    crm_field_type_t   field_type;

    path = crm_shape_index(&b->cc, "fields", i);

    rc = crm_shape_check(json, module_field_keys, "a field", path, &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    type = crm_shape_str(json_object_get(json, "data_type"));

    if (crm_schema_type(&field_type, type) != CRM_OK) {
        near = crm_shape_nearest(type.data, crm_schema_type_names());
        return crm_shape_error(&b->cc, crm_shape_path(&b->cc, path,
                                                      "data_type"),
                               "unknown_type", near, near
                               ? "unknown data_type \"%s\", did you mean"
                               " \"%s\"?" : "unknown data_type \"%s\"",
                               type.data, near);
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

    schema->types[slot] = field_type;

    return CRM_OK;
}


static crm_status_t
kind_backend(build_t *b, const json_t *json)
{
    json_t       *value;
    crm_str_t     url, text;
    const char   *name;

    url = crm_shape_str(json_object_get(json, "url"));

    if (strncmp(url.data, "http://", 7) && strncmp(url.data, "https://", 8)) {
        return crm_shape_error(&b->cc, "url", "bad_url", NULL,
                               "url must begin with http:// or https://");
    }

    if (crm_dialect_find(crm_shape_str(json_object_get(json, "dialect")))
        == NULL)
    {
        return crm_shape_error(&b->cc, "dialect", "unknown_reference", "zoho",
                               "there is no dialect \"%s\"",
                               json_string_value(json_object_get(json,
                                                              "dialect")));
    }

    json_object_foreach(json_object_get(json, "headers"), name, value) {
        text = crm_shape_str(value);

        if (text.data == NULL
            || (strncmp(text.data, "env:", 4) && strncmp(text.data, "file:",
                                                         5)))
        {
            return crm_shape_error(&b->cc, crm_shape_path(&b->cc, "headers",
                                                          name),
                                   "bad_secret", "env:NAME",
                                   "a header of the backend is named here,"
                                   " never written: env:NAME or file:NAME");
        }
    }

    return CRM_OK;
}


static crm_status_t
kind_field_update(build_t *b, const json_t *json)
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
        KEYS_END
    };

    rc = crm_shape_check(json, own, "a field_update", "", &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    named = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_named_update_t));
    name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "name")));

    if (named == NULL || name.data == NULL
        || build_module(b, json_object_get(json, "module")) == NULL)
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
kind_webhook(build_t *b, const json_t *json)
{
    crm_str_t         name;
    crm_webhook_t    *webhook;
    crm_map_entry_t  *entry;

    name = crm_shape_str(json_object_get(json, "name"));
    webhook = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_webhook_t));

    if (webhook == NULL
        || build_module(b, json_object_get(json, "module")) == NULL)
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

    return crm_webhook_parse(webhook, json, &b->cc);
}


static crm_status_t
kind_workflow(build_t *b, const json_t *json)
{
    crm_status_t      rc;
    crm_module_t     *module;
    crm_workflow_t   *rule, **list;

    rule = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_workflow_t));
    module = build_module(b, json_object_get(json, "module"));

    if (rule == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_workflow_parse(rule, json, &b->rules->library, &b->cc);
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


static crm_status_t
kind_locking(build_t *b, const json_t *json)
{
    crm_module_t   *module;
    crm_locking_t  *locking;

    locking = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_locking_t));
    module = build_module(b, json_object_get(json, "module"));

    if (locking == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    locking_profiles(b, json);
    module->locking = locking;

    return crm_locking_parse(locking, json, &b->cc);
}


/* ---- helpers ---- */

static crm_status_t
named_reference(build_t *b, const crm_map_t *names, const json_t *json,
    const char *key, const char *what)
{
    size_t      i;
    unsigned    d, best;
    crm_str_t   name, near;

    name = crm_shape_str(json_object_get(json, key));

    if (name.len == 0 || crm_map_find(names, name)) {
        return CRM_OK;
    }

    near = CRM_STR_NULL;
    best = 4;

    for (i = 0; i < names->count; i++) {
        d = crm_str_distance(name, names->entries[i].key, 3);
        if (d < best) {
            best = d;
            near = names->entries[i].key;
        }
    }

    return crm_shape_error(&b->cc, key, "unknown_reference", near.data,
                           near.data ? "there is no %s \"%s\", did you mean"
                           " \"%s\"?" : "there is no %s \"%s\"", what,
                           name.data, near.data);
}


static void
locking_profiles(build_t *b, const json_t *json)
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
            (void) crm_shape_error(&b->cc, path, "unknown_reference", NULL,
                                   "there is no profile \"%s\"",
                                   json_string_value(name));
        }
    }
}


static int
workflow_cmp(const void *a, const void *b)
{
    const crm_workflow_t  *x = *(crm_workflow_t *const *) a;
    const crm_workflow_t  *y = *(crm_workflow_t *const *) b;

    if (x->sequence != y->sequence) {
        return x->sequence < y->sequence ? -1 : 1;
    }

    return crm_str_cmp(x->name, y->name);
}


static int
wanted_create(const crm_workflow_t *rule)
{
    return rule->status != CRM_STATUS_OFF
           && (rule->trigger == CRM_TRIGGER_CREATE
               || rule->trigger == CRM_TRIGGER_CREATE_OR_EDIT);
}


static int
wanted_update(const crm_workflow_t *rule)
{
    return rule->status != CRM_STATUS_OFF
           && rule->trigger != CRM_TRIGGER_CREATE
           && rule->trigger != CRM_TRIGGER_DELETE;
}


static int
wanted_delete(const crm_workflow_t *rule)
{
    return rule->status != CRM_STATUS_OFF
           && rule->trigger == CRM_TRIGGER_DELETE;
}
