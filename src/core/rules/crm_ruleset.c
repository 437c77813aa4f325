/*
 * The compiled rules of one organisation: immutable, counted.
 */

#include "rules/crm_ruleset_build.h"


crm_ruleset_t *
crm_ruleset_create(const json_t *bundle, long long revision,
    const crm_host_t *host, crm_findings_t *findings)
{
    crm_build_t     b;
    crm_pool_t     *pool;
    crm_status_t    rc;
    crm_ruleset_t  *rules;

    pool = crm_pool_create(host, CRM_RULESET_MAX_BYTES);
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

    rc = crm_ruleset_build(&b, bundle, host);

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
