/*
 * The kinds that say who there is: organization, profile, role, user.
 */

#include "rules/crm_people.h"


static crm_status_t people_named(crm_build_t *b, const json_t *json,
    crm_map_t *names);
static crm_status_t people_reference(crm_build_t *b, const crm_map_t *names,
    const json_t *json, const char *key, const char *what);


static const char *const  user_statuses[] = { "active", "inactive", NULL };

const crm_key_t  crm_people_organization_keys[] = {
    CRM_KEYS_HEAD,
    { "time_zone", CRM_KEY_TEXT, 0, 0, 64, NULL, NULL,
      "a name of the zone data, such as Europe/Paris; default UTC" },
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

    return CRM_OK;
}


static crm_status_t
people_named(crm_build_t *b, const json_t *json, crm_map_t *names)
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


crm_status_t
crm_people_profile(crm_build_t *b, const json_t *json)
{
    return people_named(b, json, &b->rules->profiles);
}


crm_status_t
crm_people_role(crm_build_t *b, const json_t *json)
{
    return people_named(b, json, &b->rules->roles);
}


crm_status_t
crm_people_user(crm_build_t *b, const json_t *json)
{
    crm_user_t           *user;
    crm_str_t         id;
    crm_status_t      rc, role;
    crm_map_entry_t  *entry;

    rc = people_reference(b, &b->rules->profiles, json, "profile", "profile");
    role = people_reference(b, &b->rules->roles, json, "role", "role");

    if (rc != CRM_OK || role != CRM_OK) {
        return CRM_EINVAL;
    }

    user = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_user_t));
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


crm_status_t
crm_people_links(crm_build_t *b, const json_t *json)
{
    if (!crm_str_is(crm_shape_str(json_object_get(json, "kind")), "role")) {
        return CRM_OK;
    }

    return people_reference(b, &b->rules->roles, json, "reports_to", "role");
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
