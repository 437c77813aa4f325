/*
 * Whom parties stand for, near a record and a request.
 *
 * Every type comes down to one of four: a user, everybody of a role, of a
 * profile, of a group. Membership asks the one user who is meant; only
 * listing goes over all of them.
 */

#include "rules/crm_who.h"

#include "base/crm_limits.h"
#include "rules/crm_kind.h"


static crm_party_t near_party(const crm_ruleset_t *rules,
    const crm_party_t *party, const crm_who_near_t *near);
static crm_str_t near_role(const crm_ruleset_t *rules, crm_str_t owner,
    long long levels);
static int near_is(const crm_ruleset_t *rules, const crm_party_t *party,
    const crm_user_t *user, crm_str_t id);
static int near_listed(const crm_str_t *ids, size_t count, crm_str_t id);
static crm_status_t near_add(crm_map_t *ids, const crm_ruleset_t *rules,
    const crm_who_t *some);


const crm_user_t *
crm_who_active(const crm_ruleset_t *rules, crm_str_t id)
{
    const crm_user_t       *user;
    const crm_map_entry_t  *entry;

    entry = id.len ? crm_map_find(&rules->names.users, id) : NULL;
    user = entry ? entry->value : NULL;

    return user && user->active ? user : NULL;
}


int
crm_who_may(const crm_ruleset_t *rules, crm_str_t id, unsigned permits)
{
    const crm_user_t       *user;
    const crm_profile_t    *profile;
    const crm_map_entry_t  *entry;

    user = crm_who_active(rules, id);
    entry = user ? crm_map_find(&rules->names.profiles, user->profile) : NULL;
    profile = entry ? entry->value : NULL;

    return profile && (profile->permits & permits) == permits;
}


crm_str_t
crm_who_above(const crm_ruleset_t *rules, crm_str_t role, long long levels)
{
    const crm_role_t       *r;
    const crm_map_entry_t  *entry;

    if (levels < 0 || levels > CRM_MAX_ROLE_DEPTH) {
        return CRM_STR("");
    }

    for ( /* void */ ; levels && role.len; levels--) {
        entry = crm_map_find(&rules->names.roles, role);
        r = entry ? entry->value : NULL;
        role = r ? r->reports_to : CRM_STR("");
    }

    return role;
}


crm_status_t
crm_who_all(crm_who_t *who, const crm_ruleset_t *rules,
    const crm_party_t *parties, size_t count, const crm_who_near_t *near,
    crm_pool_t *pool)
{
    size_t        i;
    crm_map_t     ids;
    crm_who_t     some;
    crm_party_t   party;
    crm_status_t  rc;

    memset(who, 0, sizeof(crm_who_t));
    crm_map_init(&ids, pool);

    for (i = 0; i < count; i++) {
        party = near_party(rules, &parties[i], near);

        rc = crm_who(&some, rules, &party, pool);
        if (rc == CRM_OK) {
            rc = near_add(&ids, rules, &some);
        }
        if (rc != CRM_OK) {
            return rc;
        }
    }

    who->ids = crm_pool_calloc(pool, ids.count + 1, sizeof(crm_str_t));
    if (who->ids == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < ids.count; i++) {
        who->ids[who->count++] = ids.entries[i].key;
    }

    return CRM_OK;
}


int
crm_who_is(const crm_ruleset_t *rules, const crm_party_t *parties,
    size_t count, const crm_who_near_t *near, crm_str_t id)
{
    size_t             i;
    crm_party_t        party;
    const crm_user_t  *user;

    user = crm_who_active(rules, id);

    for (i = 0; user && i < count; i++) {
        party = near_party(rules, &parties[i], near);

        if (near_is(rules, &party, user, id)) {
            return 1;
        }
    }

    return 0;
}


/* What a record or a request says of a party: a user, or a role. */
static crm_party_t
near_party(const crm_ruleset_t *rules, const crm_party_t *party,
    const crm_who_near_t *near)
{
    crm_party_t  meant;

    meant = *party;

    switch (party->type) {

    case CRM_PARTY_OWNER:
        meant.type = CRM_PARTY_USER;
        meant.name = near->owner;
        break;

    case CRM_PARTY_CURRENT_USER:
        meant.type = CRM_PARTY_USER;
        meant.name = near->actor;
        break;

    case CRM_PARTY_FIELD:
        meant.type = CRM_PARTY_USER;
        meant.name = near->field ? near->field(near->data, party->name)
                     : CRM_STR("");
        break;

    case CRM_PARTY_MANAGER:
        meant.type = CRM_PARTY_ROLE;
        meant.name = near_role(rules, near->owner, 1);
        break;

    case CRM_PARTY_ROLE_HIERARCHY:
        meant.type = CRM_PARTY_ROLE;
        meant.name = near_role(rules, near->owner, party->levels);
        break;

    default:
        break;
    }

    return meant;
}


/* Who has left still has a place in the hierarchy: those above decide. */
static crm_str_t
near_role(const crm_ruleset_t *rules, crm_str_t owner, long long levels)
{
    const crm_user_t       *user;
    const crm_map_entry_t  *entry;

    entry = owner.len ? crm_map_find(&rules->names.users, owner) : NULL;
    user = entry ? entry->value : NULL;

    return user ? crm_who_above(rules, user->role, levels) : CRM_STR("");
}


static int
near_is(const crm_ruleset_t *rules, const crm_party_t *party,
    const crm_user_t *user, crm_str_t id)
{
    crm_party_type_t        type;
    const crm_group_t      *group;
    const crm_map_entry_t  *entry;

    type = party->type == CRM_PARTY_ROUND_ROBIN ? party->of : party->type;

    switch (type) {

    case CRM_PARTY_USER:
        return party->type == CRM_PARTY_USER
               ? crm_str_eq(party->name, id)
               : near_listed(party->users, party->users_count, id);

    case CRM_PARTY_ROLE:
        return party->name.len && crm_str_eq(user->role, party->name);

    case CRM_PARTY_PROFILE:
        return party->name.len && crm_str_eq(user->profile, party->name);

    case CRM_PARTY_GROUP:
        entry = crm_map_find(&rules->names.groups, party->name);
        group = entry ? entry->value : NULL;

        return group && near_listed(group->members, group->members_count, id);

    default:
        return 0;
    }
}


static int
near_listed(const crm_str_t *ids, size_t count, crm_str_t id)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        if (crm_str_eq(ids[i], id)) {
            return 1;
        }
    }

    return 0;
}


/* Those whom the rules know, each once. */
static crm_status_t
near_add(crm_map_t *ids, const crm_ruleset_t *rules, const crm_who_t *some)
{
    size_t  i;

    for (i = 0; i < some->count; i++) {
        if (crm_who_active(rules, some->ids[i])
            && crm_map_add(ids, some->ids[i]) == NULL)
        {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}
