/*
 * Who: recipients of mail, and users whom a record or a task is given to.
 */

#include "rules/crm_party.h"

#include "base/crm_limits.h"
#include "rules/crm_reference.h"


typedef struct {
    const char        *name;
    crm_party_type_t   type;
    const char        *key;         /* that says who, or NULL */
    crm_status_t     (*parse)(crm_party_t *party, const json_t *json,
                              const char *path, crm_compile_t *cc);
} party_row_t;


static const party_row_t *party_row(const json_t *json,
    const crm_form_t *forms, const crm_key_t **keys, const char *what,
    const char *path, crm_compile_t *cc);
static void party_unknown(crm_str_t type, const crm_form_t *forms,
    const char *what, const char *path, crm_compile_t *cc);
static crm_status_t party_address(crm_party_t *party, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t party_named(crm_party_t *party, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t party_field(crm_party_t *party, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t party_robin(crm_party_t *party, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t party_levels(crm_party_t *party, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t party_users(crm_party_t *party, const json_t *json,
    const char *path, crm_compile_t *cc);


#define PARTY_TYPE                                                            \
    { "type", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,               \
      "who is meant" }

static const crm_key_t  address_keys[] = {
    PARTY_TYPE,
    { "email", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_ADDRESS, NULL, NULL,
      "the address" },
    CRM_KEYS_END
};

static const crm_key_t  user_keys[] = {
    PARTY_TYPE,
    { "id", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "the user's id" },
    CRM_KEYS_END
};

static const crm_key_t  name_keys[] = {
    PARTY_TYPE,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "its name" },
    CRM_KEYS_END
};

static const crm_key_t  field_keys[] = {
    PARTY_TYPE,
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "the field of the record that says who" },
    CRM_KEYS_END
};

static const crm_key_t  bare_keys[] = {
    PARTY_TYPE,
    CRM_KEYS_END
};

#define ROBIN_KEYS                                                            \
    PARTY_TYPE,                                                               \
    { "group", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,                           \
      "the group whose members take turns" },                                 \
    { "role", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,                            \
      "or the role whose users do" },                                         \
    { "users", CRM_KEY_TEXTS, 0, 1, CRM_MAX_PARTIES, NULL, NULL,              \
      "or the ids of those who do" }

static const crm_key_t  robin_keys[] = {
    ROBIN_KEYS,
    CRM_KEYS_END
};

static const char *const  availabilities[] = { "any", "online", NULL };

static const crm_key_t  pool_keys[] = {
    ROBIN_KEYS,
    { "availability", CRM_KEY_WORD, 0, 0, 0, availabilities, NULL,
      "any, which is the default, or those alone who are online" },
    { "threshold", CRM_KEY_INTEGER, 0, 0, CRM_MAX_THRESHOLD, NULL, NULL,
      "records of the module that one of them gets a day at most" },
    CRM_KEYS_END
};

static const crm_key_t  levels_keys[] = {
    PARTY_TYPE,
    { "levels", CRM_KEY_INTEGER, 0, 1, CRM_MAX_ROLE_DEPTH, NULL, NULL,
      "so many roles above the owner's; default: 1" },
    CRM_KEYS_END
};

/* By crm_party_type_t; then other names of the same. */
static const party_row_t  rows[] = {
    { "address", CRM_PARTY_ADDRESS, "email", party_address },
    { "user", CRM_PARTY_USER, "id", party_named },
    { "role", CRM_PARTY_ROLE, "name", party_named },
    { "group", CRM_PARTY_GROUP, "name", party_named },
    { "profile", CRM_PARTY_PROFILE, "name", party_named },
    { "record_owner", CRM_PARTY_OWNER, NULL, NULL },
    { "current_user", CRM_PARTY_CURRENT_USER, NULL, NULL },
    { "field", CRM_PARTY_FIELD, "field", party_field },
    { "round_robin", CRM_PARTY_ROUND_ROBIN, NULL, party_robin },
    { "assignment_rule", CRM_PARTY_ASSIGNMENT_RULE, "name", party_named },
    { "manager", CRM_PARTY_MANAGER, NULL, NULL },
    { "role_hierarchy", CRM_PARTY_ROLE_HIERARCHY, NULL, party_levels },
    { "owner", CRM_PARTY_OWNER, NULL, NULL },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))

static const char *const  address_types[] = { "address", NULL };
static const char *const  user_types[] = { "user", NULL };
static const char *const  field_types[] = { "field", NULL };
static const char *const  robin_types[] = { "round_robin", NULL };
static const char *const  rule_types[] = { "assignment_rule", NULL };
static const char *const  several_types[] = {
    "role", "group", "profile", NULL
};
static const char *const  known_types[] = {
    "record_owner", "current_user", NULL
};
static const char *const  actor_types[] = { "current_user", NULL };
static const char *const  above_types[] = { "role", "group", NULL };
static const char *const  related_types[] = {
    "owner", "record_owner", "manager", NULL
};
static const char *const  manager_types[] = { "manager", NULL };
static const char *const  levels_types[] = { "role_hierarchy", NULL };

const crm_form_t  crm_party_recipients[] = {
    { "address", address_keys, address_types },
    { "user by id", user_keys, user_types },
    { "people by name", name_keys, several_types },
    { "known user", bare_keys, known_types },
    { "user near the record", bare_keys, manager_types },
    { "roles above", levels_keys, levels_types },
    { "user in a field", field_keys, field_types },
    CRM_FORMS_END
};

const crm_form_t  crm_party_doers[] = {
    { "user by id", user_keys, user_types },
    { "known user", bare_keys, known_types },
    { "user in a field", field_keys, field_types },
    CRM_FORMS_END
};

const crm_form_t  crm_party_owners[] = {
    { "user by id", user_keys, user_types },
    { "known user", bare_keys, actor_types },
    { "user in a field", field_keys, field_types },
    { "round robin", robin_keys, robin_types },
    { "people by name", name_keys, rule_types },
    CRM_FORMS_END
};

const crm_form_t  crm_party_superiors[] = {
    { "user by id", user_keys, user_types },
    { "role or group", name_keys, above_types },
    { "user near the record", bare_keys, related_types },
    { "roles above", levels_keys, levels_types },
    CRM_FORMS_END
};

const crm_form_t  crm_party_performers[] = {
    { "user by id", user_keys, user_types },
    { "people by name", name_keys, several_types },
    { "user near the record", bare_keys, related_types },
    { "roles above", levels_keys, levels_types },
    { "user in a field", field_keys, field_types },
    CRM_FORMS_END
};

const crm_form_t  crm_party_assignees[] = {
    { "user by id", user_keys, user_types },
    { "taking turns", pool_keys, robin_types },
    CRM_FORMS_END
};


crm_status_t
crm_party_parse(crm_party_t *party, const json_t *json,
    const crm_form_t *forms, const char *what, const char *path,
    crm_compile_t *cc)
{
    crm_status_t        rc;
    const crm_key_t    *keys;
    const party_row_t  *row;

    memset(party, 0, sizeof(crm_party_t));

    row = party_row(json, forms, &keys, what, path, cc);
    if (row == NULL) {
        return CRM_EINVAL;
    }

    rc = crm_shape_check(json, keys, what, path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    party->type = row->type;

    if (row->key) {
        rc = crm_shape_copy(&party->name, json_object_get(json, row->key),
                            cc->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        path = crm_shape_path(cc, path, row->key);
    }

    return row->parse ? row->parse(party, json, path, cc) : CRM_OK;
}


crm_status_t
crm_party_list(crm_party_t **parties, size_t *count, const json_t *json,
    const crm_form_t *forms, const char *what, const char *path,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_status_t  rc, all;

    *count = json_array_size(json);
    *parties = crm_pool_calloc(cc->pool, *count + 1, sizeof(crm_party_t));
    if (*parties == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rc = crm_party_parse(&(*parties)[i], item, forms, what,
                             crm_shape_index(cc, path, i), cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


int
crm_party_is_address(crm_str_t text)
{
    size_t         i, at;
    unsigned char  c;

    at = 0;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (c <= 0x20 || c >= 0x7f || strchr("()<>[]:;,\\\"", c)) {
            return 0;
        }

        if (c == '@') {
            if (at || i == 0) {
                return 0;
            }
            at = i;
        }
    }

    return at && at + 1 < text.len && text.len <= CRM_MAX_ADDRESS
           && text.data[at + 1] != '.' && text.data[text.len - 1] != '.';
}


static const party_row_t *
party_row(const json_t *json, const crm_form_t *forms, const crm_key_t **keys,
    const char *what, const char *path, crm_compile_t *cc)
{
    size_t             i;
    crm_str_t          type;
    const crm_form_t  *form;

    type = crm_shape_str(json_object_get(json, "type"));

    if (type.len == 0) {
        (void) crm_shape_error(cc, path, json_is_object(json) ? "missing_key"
                               : "wrong_type", "type",
                               "%s must be a map with a \"type\", such as"
                               " { type: user, id: ... }", what);
        return NULL;
    }

    for (form = forms; form->name; form++) {
        for (i = 0; form->types[i]; i++) {
            if (crm_str_is(type, form->types[i])) {
                *keys = form->keys;
                break;
            }
        }

        if (form->types[i]) {
            break;
        }
    }

    for (i = 0; form->name && i < ROWS; i++) {
        if (crm_str_is(type, rows[i].name)) {
            return &rows[i];
        }
    }

    party_unknown(type, forms, what, crm_shape_path(cc, path, "type"), cc);

    return NULL;
}


static void
party_unknown(crm_str_t type, const crm_form_t *forms, const char *what,
    const char *path, crm_compile_t *cc)
{
    size_t       i, n;
    crm_buf_t    list;
    const char  *names[ROWS + 1], *near;

    crm_buf_init(&list, cc->pool, 0);

    for (n = 0; forms->name; forms++) {
        for (i = 0; forms->types[i] && n < ROWS; i++) {
            crm_buf_puts(&list, n ? ", " : "");
            crm_buf_puts(&list, forms->types[i]);
            names[n++] = forms->types[i];
        }
    }

    names[n] = NULL;
    crm_buf_putc(&list, '\0');

    if (crm_buf_status(&list) != CRM_OK) {
        cc->findings->status = CRM_ENOMEM;
        return;
    }

    near = crm_shape_nearest(type.data, names);

    (void) crm_shape_error(cc, path, "unknown_word", near,
                           "the type of %s must be one of: %s", what,
                           list.data);
}


static crm_status_t
party_address(crm_party_t *party, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    (void) json;

    if (crm_party_is_address(party->name)) {
        return CRM_OK;
    }

    return crm_shape_error(cc, path, "bad_address", NULL,
                           "\"%.*s\" is no address; write it as"
                           " ann@example.test, alone", (int) party->name.len,
                           party->name.data);
}


static crm_status_t
party_named(crm_party_t *party, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    (void) json;

    return crm_reference_check(cc, path, rows[party->type].name,
                               party->name);
}


static crm_status_t
party_field(crm_party_t *party, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    (void) json;

    return crm_shape_field(cc, party->name, path);
}


static crm_status_t
party_robin(crm_party_t *party, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_status_t   rc;
    const json_t  *group, *role, *users, *threshold;

    threshold = json_object_get(json, "threshold");
    party->limited = threshold != NULL;
    party->threshold = json_integer_value(threshold);
    party->online = crm_str_is(crm_shape_str(json_object_get(json,
                                   "availability")), "online");
    group = json_object_get(json, "group");
    role = json_object_get(json, "role");
    users = json_object_get(json, "users");

    if ((group != NULL) + (role != NULL) + (users != NULL) != 1) {
        return crm_shape_error(cc, path, "missing_key", "group",
                               "a round_robin goes over one of: group, role,"
                               " users");
    }

    if (users) {
        party->of = CRM_PARTY_USER;
        return party_users(party, users, crm_shape_path(cc, path, "users"),
                           cc);
    }

    party->of = group ? CRM_PARTY_GROUP : CRM_PARTY_ROLE;

    rc = crm_shape_copy(&party->name, group ? group : role, cc->pool);

    return rc == CRM_OK ? crm_reference_check(cc, crm_shape_path(cc, path,
                                              rows[party->of].name),
                                              rows[party->of].name,
                                              party->name) : rc;
}


static crm_status_t
party_levels(crm_party_t *party, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    const json_t  *levels;

    (void) path;
    (void) cc;

    levels = json_object_get(json, "levels");
    party->levels = levels ? json_integer_value(levels) : 1;

    return CRM_OK;
}


static crm_status_t
party_users(crm_party_t *party, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_status_t  rc, all;

    party->users_count = json_array_size(json);
    party->users = crm_pool_calloc(cc->pool, party->users_count + 1,
                                   sizeof(crm_str_t));
    if (party->users == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rc = crm_shape_copy(&party->users[i], item, cc->pool);

        if (rc == CRM_OK) {
            rc = crm_reference_check(cc, crm_shape_index(cc, path, i), "user",
                                     party->users[i]);
        }
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}
