/*
 * The kinds that say who there is: organization, profile, role, user,
 * group.
 */

#include "rules/crm_people.h"

#include "base/crm_limits.h"
#include "rules/crm_party.h"


static crm_status_t people_sender(crm_build_t *b, const json_t *json);
static crm_status_t people_permits(crm_build_t *b, crm_profile_t *profile,
    const json_t *json);
static crm_status_t people_members(crm_build_t *b, crm_group_t *group,
    const json_t *json);
static crm_status_t people_circle(crm_build_t *b, const json_t *json);
static crm_status_t people_reference(crm_build_t *b, const crm_map_t *names,
    const json_t *json, const char *key, const char *what);


/* By the bits of CRM_PERMIT_..., the lowest first. */
static const char *const  permissions[] = {
    "manage_workflow", "modules_customization", "blueprint_override", NULL
};

static const char *const  user_statuses[] = { "active", "inactive", NULL };

const crm_key_t  crm_people_organization_keys[] = {
    CRM_KEYS_HEAD,
    { "time_zone", CRM_KEY_TEXT, 0, 0, 64, NULL, NULL,
      "a name of the zone data, such as Europe/Paris; default UTC" },
    { "mail_from", CRM_KEY_TEXT, 0, 0, CRM_MAX_ADDRESS, NULL, NULL,
      "the address that mails of notify come from" },
    CRM_KEYS_END
};

const crm_key_t  crm_people_profile_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how users and locks refer to it" },
    { "permissions", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "what its users may change" },
    CRM_KEYS_END
};

const crm_key_t  crm_people_role_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how users and rules refer to it" },
    { "reports_to", CRM_KEY_TEXT, CRM_KEY_NULLABLE, 0, 100, NULL, NULL,
      "the role above it, or null" },
    CRM_KEYS_END
};

const crm_key_t  crm_people_user_keys[] = {
    CRM_KEYS_HEAD,
    { "id", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what the directive crm_user yields; digits go in quotes" },
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL, "for people" },
    { "email", CRM_KEY_TEXT, 0, 0, 254, NULL, NULL, "where mail goes" },
    { "profile", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "a profile by name" },
    { "role", CRM_KEY_TEXT, CRM_KEY_NULLABLE, 0, 100, NULL, NULL,
      "a role by name, or null" },
    { "status", CRM_KEY_WORD, 0, 0, 0, user_statuses, NULL,
      "active (default), or inactive: without rights" },
    CRM_KEYS_END
};

const crm_key_t  crm_people_group_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what rules call it" },
    { "members", CRM_KEY_TEXTS, CRM_KEY_REQUIRED, 1, CRM_MAX_MEMBERS, NULL,
      NULL, "ids of users" },
    CRM_KEYS_END
};


crm_status_t
crm_people_organization(crm_build_t *b, const json_t *json)
{
    crm_str_t  zone;

    zone = crm_shape_str(json_object_get(json, "time_zone"));

    if (zone.len && !crm_str_is(zone, "UTC")
        && !crm_str_eq(zone, b->rules->zone.name))
    {
        crm_findings_add(b->findings, CRM_WARNING, b->cc.object, "time_zone",
                         0, "no_zone_table", NULL,
                         "these rules came without the table of \"%s\", so"
                         " that days are those of UTC; apply them again",
                         zone.data);
    }

    return people_sender(b, json_object_get(json, "mail_from"));
}


static crm_status_t
people_sender(crm_build_t *b, const json_t *json)
{
    crm_str_t  *from;

    from = &b->rules->names.mail_from;
    *from = CRM_STR("");

    if (json == NULL) {
        return CRM_OK;
    }

    if (crm_shape_copy(from, json, b->cc.pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return crm_party_is_address(*from) ? CRM_OK
           : crm_shape_error(&b->cc, "mail_from", "bad_address", NULL,
                             "\"%.*s\" is no address; write it as"
                             " crm@example.test, alone",
                             (int) from->len, from->data);
}


crm_status_t
crm_people_profile(crm_build_t *b, const json_t *json)
{
    crm_profile_t    *profile;
    crm_map_entry_t  *entry;

    profile = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_profile_t));
    if (profile == NULL) {
        return CRM_ENOMEM;
    }

    profile->name = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "name")));
    entry = profile->name.data ? crm_map_add(&b->rules->names.profiles,
                                             profile->name) : NULL;
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = profile;

    return people_permits(b, profile, json_object_get(json, "permissions"));
}


/* The vendor knows many more; what nobody looks at is told, and harmless. */
static crm_status_t
people_permits(crm_build_t *b, crm_profile_t *profile, const json_t *json)
{
    size_t       i, k;
    json_t      *item;
    const char  *word, *path;

    json_array_foreach((json_t *) json, i, item) {
        word = json_string_value(item);

        for (k = 0; permissions[k] && strcmp(word, permissions[k]); k++) {
            /* void */
        }

        if (permissions[k]) {
            profile->permits |= 1u << k;
            continue;
        }

        path = crm_shape_index(&b->cc, "permissions", i);

        crm_findings_add(b->findings, CRM_WARNING, b->cc.object, path, 0,
                         "unknown_permission",
                         crm_shape_nearest(word, permissions),
                         "\"%.100s\" permits nothing here; these do:"
                         " manage_workflow, modules_customization,"
                         " blueprint_override", word);
    }

    return b->findings->status;
}


crm_status_t
crm_people_role(crm_build_t *b, const json_t *json)
{
    crm_role_t       *role;
    crm_map_entry_t  *entry;

    role = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_role_t));
    if (role == NULL) {
        return CRM_ENOMEM;
    }

    role->name = crm_pool_dup(b->cc.pool,
                    crm_shape_str(json_object_get(json, "name")));
    role->reports_to = crm_pool_dup(b->cc.pool,
                    crm_shape_str(json_object_get(json, "reports_to")));
    entry = role->name.data && role->reports_to.data
            ? crm_map_add(&b->rules->names.roles, role->name) : NULL;

    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = role;

    return CRM_OK;
}


crm_status_t
crm_people_user(crm_build_t *b, const json_t *json)
{
    crm_user_t       *user;
    crm_str_t         id;
    crm_status_t      rc, role;
    crm_map_entry_t  *entry;

    rc = people_reference(b, &b->rules->names.profiles, json, "profile",
                          "profile");
    role = people_reference(b, &b->rules->names.roles, json, "role", "role");

    if (rc != CRM_OK || role != CRM_OK) {
        return CRM_EINVAL;
    }

    user = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_user_t));
    id = crm_pool_dup(b->cc.pool, crm_shape_str(json_object_get(json, "id")));
    entry = id.data ? crm_map_add(&b->rules->names.users, id) : NULL;

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
    user->email = crm_pool_dup(b->cc.pool,
                        crm_shape_str(json_object_get(json, "email")));

    return user->profile.data && user->role.data && user->name.data
           && user->email.data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_people_group(crm_build_t *b, const json_t *json)
{
    crm_group_t      *group;
    crm_map_entry_t  *entry;

    group = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_group_t));
    if (group == NULL) {
        return CRM_ENOMEM;
    }

    group->name = crm_pool_dup(b->cc.pool,
                    crm_shape_str(json_object_get(json, "name")));
    entry = group->name.data ? crm_map_add(&b->rules->names.groups,
                                           group->name) : NULL;
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = group;

    return people_members(b, group, json_object_get(json, "members"));
}


static crm_status_t
people_members(crm_build_t *b, crm_group_t *group, const json_t *json)
{
    size_t        i, k;
    json_t       *item;
    crm_str_t     id;
    crm_status_t  rc;

    group->members = crm_pool_calloc(b->cc.pool, json_array_size(json),
                                     sizeof(crm_str_t));
    if (group->members == NULL) {
        return CRM_ENOMEM;
    }

    rc = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        const char  *path = crm_shape_index(&b->cc, "members", i);

        id = crm_pool_dup(b->cc.pool, crm_shape_str(item));
        if (id.data == NULL) {
            return CRM_ENOMEM;
        }

        if (crm_map_find(&b->rules->names.users, id) == NULL) {
            rc = crm_shape_reference(&b->cc, path, &b->rules->names.users,
                                     "user", id);
        }

        for (k = 0; k < group->members_count; k++) {
            if (crm_str_eq(group->members[k], id)) {
                rc = crm_shape_error(&b->cc, path, "duplicate_name", NULL,
                                     "user \"%s\" is a member twice",
                                     id.data);
            }
        }

        group->members[group->members_count++] = id;
    }

    return rc;
}


crm_status_t
crm_people_links(crm_build_t *b, const json_t *json)
{
    crm_status_t  rc;

    rc = people_reference(b, &b->rules->names.roles, json, "reports_to",
                          "role");

    return rc == CRM_OK ? people_circle(b, json) : rc;
}


/* Who climbs the hierarchy must come to an end. */
static crm_status_t
people_circle(crm_build_t *b, const json_t *json)
{
    int                     depth;
    crm_str_t               name;
    const crm_role_t       *role;
    const crm_map_entry_t  *entry;

    name = crm_shape_str(json_object_get(json, "name"));
    entry = name.len ? crm_map_find(&b->rules->names.roles, name) : NULL;

    for (depth = 0; entry; depth++) {
        role = entry->value;

        if (depth && crm_str_eq(role->name, name)) {
            return crm_shape_error(&b->cc, "reports_to", "circle", NULL,
                                   "role \"%s\" reports to itself in the"
                                   " end; one of the roles above it must"
                                   " report to nobody", name.data);
        }

        if (depth == CRM_MAX_ROLE_DEPTH) {
            return crm_shape_error(&b->cc, "reports_to", "limit_exceeded",
                                   NULL, "there are more than %d roles above"
                                   " \"%s\", or a circle of roles",
                                   CRM_MAX_ROLE_DEPTH, name.data);
        }

        entry = role->reports_to.len
                ? crm_map_find(&b->rules->names.roles, role->reports_to)
                : NULL;
    }

    return CRM_OK;
}


static crm_status_t
people_reference(crm_build_t *b, const crm_map_t *names, const json_t *json,
    const char *key, const char *what)
{
    crm_str_t  name;

    name = crm_shape_str(json_object_get(json, key));

    if (name.len == 0 || crm_map_find(names, name)) {
        return CRM_OK;
    }

    return crm_shape_reference(&b->cc, key, names, what, name);
}
