/*
 * Whom a party stands for.
 */

#include "rules/crm_who.h"

#include "rules/crm_kind.h"


static crm_status_t who_listed(crm_who_t *who, const crm_ruleset_t *rules,
    const crm_str_t *ids, size_t count, crm_pool_t *pool);
static crm_status_t who_with(crm_who_t *who, const crm_ruleset_t *rules,
    crm_party_type_t type, crm_str_t name, crm_pool_t *pool);
static crm_status_t who_group(crm_who_t *who, const crm_ruleset_t *rules,
    crm_str_t name, crm_pool_t *pool);


int
crm_who_is_inactive(const crm_ruleset_t *rules, crm_str_t id)
{
    const crm_user_t       *user;
    const crm_map_entry_t  *entry;

    entry = id.len ? crm_map_find(&rules->names.users, id) : NULL;
    user = entry ? entry->value : NULL;

    return user && !user->active;
}


crm_status_t
crm_who(crm_who_t *who, const crm_ruleset_t *rules, const crm_party_t *party,
    crm_pool_t *pool)
{
    crm_party_type_t  type;

    memset(who, 0, sizeof(crm_who_t));

    type = party->type == CRM_PARTY_ROUND_ROBIN ? party->of : party->type;

    switch (type) {

    case CRM_PARTY_USER:
        return party->type == CRM_PARTY_USER
               ? who_listed(who, rules, &party->name, 1, pool)
               : who_listed(who, rules, party->users, party->users_count,
                            pool);

    case CRM_PARTY_GROUP:
        return who_group(who, rules, party->name, pool);

    case CRM_PARTY_ROLE:
    case CRM_PARTY_PROFILE:
        return party->name.len ? who_with(who, rules, type, party->name, pool)
               : CRM_OK;

    default:
        return CRM_OK;
    }
}


static crm_status_t
who_listed(crm_who_t *who, const crm_ruleset_t *rules, const crm_str_t *ids,
    size_t count, crm_pool_t *pool)
{
    size_t  i;

    who->ids = crm_pool_calloc(pool, count + 1, sizeof(crm_str_t));
    if (who->ids == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < count; i++) {
        if (!crm_who_is_inactive(rules, ids[i])) {
            who->ids[who->count++] = ids[i];
        }
    }

    return CRM_OK;
}


/* All of a role, or of a profile. */
static crm_status_t
who_with(crm_who_t *who, const crm_ruleset_t *rules, crm_party_type_t type,
    crm_str_t name, crm_pool_t *pool)
{
    size_t             i;
    const crm_map_t   *users;
    const crm_user_t  *user;

    users = &rules->names.users;

    who->ids = crm_pool_calloc(pool, users->count + 1, sizeof(crm_str_t));
    if (who->ids == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < users->count; i++) {
        user = users->entries[i].value;

        if (user && user->active
            && crm_str_eq(type == CRM_PARTY_ROLE ? user->role : user->profile,
                          name))
        {
            who->ids[who->count++] = users->entries[i].key;
        }
    }

    return CRM_OK;
}


static crm_status_t
who_group(crm_who_t *who, const crm_ruleset_t *rules, crm_str_t name,
    crm_pool_t *pool)
{
    const crm_group_t      *group;
    const crm_map_entry_t  *entry;

    entry = crm_map_find(&rules->names.groups, name);
    group = entry ? entry->value : NULL;

    return group ? who_listed(who, rules, group->members,
                              group->members_count, pool) : CRM_OK;
}
