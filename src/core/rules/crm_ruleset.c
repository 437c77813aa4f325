/*
 * The compiled rules of one organisation: immutable, counted.
 *
 * A bundle is compiled in passes over its documents (crm_kind.h); then the
 * rules are brought into their order and filed.
 */

#include "rules/crm_assignment.h"
#include "rules/crm_scoring.h"
#include "rules/crm_kind.h"

#include <stdlib.h>

#include "rules/crm_approval.h"
#include "rules/crm_blueprint.h"
#include "rules/crm_index.h"
#include "rules/crm_people.h"
#include "rules/crm_validation.h"
#include "rules/crm_zone_json.h"


/* A rule set of a hundred thousand rules takes some 200 MB. */
#define RULESET_MAX_BYTES  ((size_t) 1024 * 1024 * 1024)


typedef struct {
    json_t            *json;
    const crm_kind_t  *kind;        /* or NULL */
} document_t;


static crm_status_t build_all(crm_build_t *b, const json_t *bundle,
    const crm_host_t *host);
static crm_status_t build_zone(crm_build_t *b, const json_t *bundle);
static crm_status_t build_objects(crm_build_t *b, const json_t *bundle);
static crm_status_t build_pass(crm_build_t *b, const json_t *objects,
    document_t *documents, crm_kind_pass_t pass);
static crm_status_t build_links(crm_build_t *b, size_t count,
    const document_t *documents);
static crm_status_t build_identity(crm_build_t *b, const json_t *json,
    const crm_kind_t *kind);
static crm_status_t build_object(crm_build_t *b, const json_t *json,
    const crm_kind_t *kind);
static crm_status_t build_finish(crm_build_t *b);
static crm_status_t build_indexes(crm_build_t *b, crm_module_t *m);
static int workflow_cmp(const void *a, const void *b);
static int validation_cmp(const void *a, const void *b);
static int approval_cmp(const void *a, const void *b);
static int blueprint_cmp(const void *a, const void *b);
static int wanted_create(const crm_workflow_t *rule);
static int wanted_update(const crm_workflow_t *rule);
static int wanted_delete(const crm_workflow_t *rule);


crm_ruleset_t *
crm_ruleset_create(const json_t *bundle, long long revision,
    const crm_host_t *host, crm_findings_t *findings)
{
    crm_build_t     b;
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
    crm_map_init(&rules->names.users, pool);
    crm_map_init(&rules->names.profiles, pool);
    crm_map_init(&rules->names.roles, pool);
    crm_map_init(&rules->names.groups, pool);
    crm_map_init(&rules->names.variables, pool);
    crm_hours_init(&rules->hours);
    crm_map_init(&rules->library.webhooks, pool);
    crm_map_init(&rules->library.field_updates, pool);
    crm_map_init(&rules->library.templates, pool);
    crm_map_init(&rules->library.emails, pool);
    crm_map_init(&rules->library.tasks, pool);
    crm_map_init(&rules->library.functions, pool);
    crm_map_init(&rules->schedules, pool);
    crm_map_init(&rules->dialects, pool);
    rules->library.modules = &rules->modules;

    memset(&b, 0, sizeof(crm_build_t));
    b.rules = rules;
    b.findings = findings;
    b.cc.pool = pool;
    b.cc.findings = findings;
    b.cc.object = CRM_NO_OBJECT;
    b.cc.names = &rules->names;

    rc = build_all(&b, bundle, host);

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


int
crm_ruleset_shared(const crm_ruleset_t *rules)
{
    return rules->refs > 1;
}


long long
crm_ruleset_revision(const crm_ruleset_t *rules)
{
    return rules->revision;
}


const crm_zone_t *
crm_ruleset_zone(const crm_ruleset_t *rules)
{
    return &rules->zone;
}


const crm_module_t *
crm_ruleset_module(const crm_ruleset_t *rules, crm_str_t name)
{
    crm_map_entry_t  *entry;

    entry = crm_map_find(&rules->modules, name);

    return entry ? entry->value : NULL;
}


const crm_hours_t *
crm_ruleset_hours(const crm_ruleset_t *rules)
{
    return &rules->hours;
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


const crm_dialect_t *
crm_ruleset_dialect(const crm_ruleset_t *rules, crm_str_t name)
{
    crm_map_entry_t  *entry;

    entry = rules ? crm_map_find(&rules->dialects, name) : NULL;

    return entry ? entry->value : crm_dialect_find(name);
}


const crm_backend_t *
crm_ruleset_backend(const crm_ruleset_t *rules)
{
    return rules->backend;
}


crm_actor_t
crm_ruleset_actor(const crm_ruleset_t *rules, crm_str_t id)
{
    crm_user_t           *user;
    crm_actor_t       actor;
    crm_map_entry_t  *entry;

    memset(&actor, 0, sizeof(crm_actor_t));
    actor.id = id;

    entry = id.len ? crm_map_find(&rules->names.users, id) : NULL;
    user = entry ? entry->value : NULL;

    if (user && user->active) {
        actor.profile = user->profile;
        actor.role = user->role;
        actor.name = user->name;
    }

    return actor;
}


const crm_names_t *
crm_ruleset_names(const crm_ruleset_t *rules)
{
    return &rules->names;
}


size_t
crm_ruleset_active_users(const crm_ruleset_t *rules)
{
    size_t             i, n;
    const crm_user_t  *user;

    n = 0;

    for (i = 0; i < rules->names.users.count; i++) {
        user = rules->names.users.entries[i].value;
        n += user->active != 0;
    }

    return n;
}


static crm_status_t
build_all(crm_build_t *b, const json_t *bundle, const crm_host_t *host)
{
    crm_status_t  rc;

    b->temp = crm_pool_create(host, RULESET_MAX_BYTES);
    b->cc.scratch = crm_pool_create(host, RULESET_MAX_BYTES);

    rc = b->temp && b->cc.scratch ? CRM_OK : CRM_ENOMEM;

    if (rc == CRM_OK) {
        crm_map_init(&b->identities, b->temp);
        b->cc.identities = &b->identities;
        rc = build_zone(b, bundle);
    }

    if (rc != CRM_ENOMEM) {
        rc = build_objects(b, bundle);
    }

    if (rc == CRM_OK && b->findings->errors == 0) {
        rc = build_finish(b);
    }

    crm_pool_destroy(b->cc.scratch);
    crm_pool_destroy(b->temp);

    return rc;
}


/* Days are those of the organisation's zone, for constants too. */
static crm_status_t
build_zone(crm_build_t *b, const json_t *bundle)
{
    json_t        *json;
    crm_status_t   rc;

    b->cc.zone = &b->rules->zone;
    json = json_object_get(bundle, "time_zone");

    if (json == NULL || json_is_null(json)) {
        return CRM_OK;
    }

    rc = crm_zone_json_decode(&b->rules->zone, json, b->cc.pool);

    return rc != CRM_EINVAL ? rc
           : crm_shape_error(&b->cc, "", "bad_bundle", NULL,
                             "the bundle's time_zone is no table of offsets");
}


static crm_status_t
build_objects(crm_build_t *b, const json_t *bundle)
{
    int             pass;
    json_t         *objects;
    document_t     *documents;
    crm_status_t    rc;

    objects = json_object_get(bundle, "objects");

    if (json_integer_value(json_object_get(bundle, "v")) != 1
        || !json_is_array(objects))
    {
        return crm_shape_error(&b->cc, "", "bad_bundle", NULL,
                               "this is no bundle of version 1");
    }

    documents = crm_pool_calloc(b->temp, json_array_size(objects) + 1,
                                sizeof(document_t));
    if (documents == NULL) {
        return CRM_ENOMEM;
    }

    for (pass = 0; pass < CRM_KIND_PASSES; pass++) {
        rc = build_pass(b, objects, documents, (crm_kind_pass_t) pass);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return build_links(b, json_array_size(objects), documents);
}


/* The documents of a pass; the first pass finds out what all of them are. */
static crm_status_t
build_pass(crm_build_t *b, const json_t *objects, document_t *documents,
    crm_kind_pass_t pass)
{
    size_t        i;
    json_t       *entry;
    document_t   *d;
    crm_status_t  rc;

    json_array_foreach((json_t *) objects, i, entry) {
        d = &documents[i];
        b->cc.object = i;
        rc = CRM_OK;

        if (pass == 0) {
            d->json = json_object_get(entry, "object");
            d->kind = crm_kind_find(d->json, b);
        }

        if (d->kind == NULL) {
            continue;
        }

        if (pass == 0) {
            rc = build_identity(b, d->json, d->kind);
        }

        if (rc != CRM_ENOMEM && d->kind->pass == pass) {
            rc = build_object(b, d->json, d->kind);
            crm_pool_reset(b->cc.scratch);
        }

        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    return CRM_OK;
}


/* What needs every document: who reports to whom. */
static crm_status_t
build_links(crm_build_t *b, size_t count, const document_t *documents)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        b->cc.object = i;

        if (documents[i].kind && documents[i].kind->compile == crm_people_role
            && crm_people_links(b, documents[i].json) == CRM_ENOMEM)
        {
            return CRM_ENOMEM;
        }
    }

    b->cc.object = CRM_NO_OBJECT;

    return CRM_OK;
}


/* Two objects of one kind and name are one too many. */
static crm_status_t
build_identity(crm_build_t *b, const json_t *json, const crm_kind_t *kind)
{
    crm_str_t         id, key, parts[3];
    crm_map_entry_t  *entry;

    id = crm_kind_identity(kind, json);
    if (id.data == NULL) {
        return CRM_OK;              /* the shape will tell */
    }

    parts[0] = crm_strz(kind->name);
    parts[1] = CRM_STR(" ");
    parts[2] = id;

    key = crm_pool_concat(b->temp, parts, 3);
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
build_object(crm_build_t *b, const json_t *json, const crm_kind_t *kind)
{
    crm_status_t  rc;

    b->cc.schema = NULL;
    b->cc.predicates = NULL;
    b->cc.module = NULL;

    if (!(kind->flags & CRM_KIND_OWN_CHECK)) {
        rc = crm_shape_check(json, kind->keys, kind->name, "", &b->cc);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = kind->compile(b, json);

    if (rc == CRM_OK && (kind->flags & CRM_KIND_NO_RUN_TIME)) {
        crm_shape_no_run_time(&b->cc, "kind", kind->name);
    }

    return rc;
}


/* Rules in their order, then filed by the operation that can start them. */
static crm_status_t
build_finish(crm_build_t *b)
{
    size_t          i, k;
    crm_module_t   *m;

    for (i = 0; i < b->rules->modules.count; i++) {
        m = b->rules->modules.entries[i].value;

        crm_array_sort(&m->validations, validation_cmp);
        crm_array_sort(&m->scorings, crm_scoring_cmp);
        crm_array_sort(&m->assignments, crm_assignment_cmp);
        crm_array_sort(&m->approvals, approval_cmp);
        crm_array_sort(&m->blueprints, blueprint_cmp);

        if (m->workflows_count == 0) {
            continue;
        }

        qsort(m->workflows, m->workflows_count, sizeof(crm_workflow_t *),
              workflow_cmp);

        for (k = 0; k < m->workflows_count; k++) {
            if (!m->workflows[k]->repeat) {
                m->reads_once = 1;
            }

            m->dates += m->workflows[k]->trigger == CRM_TRIGGER_DATE;
            m->scored += m->workflows[k]->score != NULL;
        }

        if (build_indexes(b, m) != CRM_OK) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


/* Creates and updates share one, if the same rules look at both. */
static crm_status_t
build_indexes(crm_build_t *b, crm_module_t *m)
{
    size_t          i, differ;
    crm_demands_t  *demands;

    demands = crm_demands_create(&m->predicates, m->schema.count, b->temp);
    if (demands == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0, differ = 0; i < m->workflows_count; i++) {
        differ += wanted_create(m->workflows[i])
                  != wanted_update(m->workflows[i]);
    }

    m->create = crm_index_create(m->workflows, m->workflows_count,
                                 wanted_create, demands, b->cc.pool);
    m->update = differ == 0 ? m->create
                : crm_index_create(m->workflows, m->workflows_count,
                                   wanted_update, demands, b->cc.pool);
    m->remove = crm_index_create(m->workflows, m->workflows_count,
                                 wanted_delete, demands, b->cc.pool);

    if (m->create == NULL || m->update == NULL || m->remove == NULL) {
        return CRM_ENOMEM;
    }

    m->create = crm_index_count(m->create) ? m->create : NULL;
    m->update = crm_index_count(m->update) ? m->update : NULL;
    m->remove = crm_index_count(m->remove) ? m->remove : NULL;

    return CRM_OK;
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
validation_cmp(const void *a, const void *b)
{
    const crm_validation_t  *x = *(crm_validation_t *const *) a;
    const crm_validation_t  *y = *(crm_validation_t *const *) b;

    return crm_str_cmp(x->name, y->name);
}


static int
approval_cmp(const void *a, const void *b)
{
    const crm_approval_t  *x = *(crm_approval_t *const *) a;
    const crm_approval_t  *y = *(crm_approval_t *const *) b;

    if (x->sequence != y->sequence) {
        return x->sequence < y->sequence ? -1 : 1;
    }

    return crm_str_cmp(x->name, y->name);
}


static int
blueprint_cmp(const void *a, const void *b)
{
    const crm_blueprint_t  *x = *(crm_blueprint_t *const *) a;
    const crm_blueprint_t  *y = *(crm_blueprint_t *const *) b;

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
           && (rule->trigger == CRM_TRIGGER_EDIT
               || rule->trigger == CRM_TRIGGER_CREATE_OR_EDIT
               || rule->trigger == CRM_TRIGGER_FIELD_UPDATE);
}


static int
wanted_delete(const crm_workflow_t *rule)
{
    return rule->status != CRM_STATUS_OFF
           && rule->trigger == CRM_TRIGGER_DELETE;
}
