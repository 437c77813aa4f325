/*
 * kind: record_locking. Which records of a CRM module are locked, for whom,
 * and against what.
 */

#include "rules/crm_kind.h"

#include "base/crm_limits.h"


static const char *const  lock_types[] = {
    "automatic", "manual", "both", NULL
};

static const char *const  locked_for[] = {
    "all_profiles", "all_profiles_except_excluded_profiles", NULL
};

static const char *const  restricted[] = {
    "update", "delete", "change_owner", "tags", "convert", NULL
};

static const crm_key_t  rule_keys[] = {
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what a refused client is told" },
    { "lock_existing_records", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "also lock stored records that no rule has judged yet" },
    { "criteria", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_criteria_forms, "which records are locked" },
    CRM_KEYS_END
};

static const crm_form_t  rule_forms[] = {
    { "locking rule", rule_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_locking_keys[] = {
    CRM_KEYS_HEAD,
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records are locked" },
    { "lock_type", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, lock_types, NULL,
      "automatic: by rules; manual: by people; both" },
    { "locking_rules", CRM_KEY_LIST, 0, 0, CRM_MAX_LOCK_RULES, NULL,
      rule_forms, "which records are locked by themselves" },
    { "locked_for", CRM_KEY_WORD, 0, 0, 0, locked_for, NULL,
      "whom a lock stops" },
    { "lock_excluded_profiles", CRM_KEY_TEXTS, 0, 0, CRM_MAX_LOCK_PROFILES,
      NULL, NULL, "profiles that no lock stops" },
    { "excluded_fields", CRM_KEY_TEXTS, 0, 0, CRM_MAX_LOCK_FIELDS, NULL,
      NULL, "fields that may be written nevertheless" },
    { "restricted_actions", CRM_KEY_TEXTS, 0, 0, 0, restricted, NULL,
      "what a lock stops; update always, which is the default" },
    CRM_KEYS_END
};


static void locking_profiles(crm_build_t *b, const json_t *json);
static crm_status_t locking_rules(crm_locking_t *locking, const json_t *json,
    crm_compile_t *cc);
static crm_status_t locking_restricted(crm_locking_t *locking,
    const json_t *json, crm_compile_t *cc);


crm_status_t
crm_kind_locking(crm_build_t *b, const json_t *json)
{
    crm_module_t   *module;
    crm_locking_t  *locking;

    locking = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_locking_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

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
            && crm_map_find(&b->rules->names.profiles, crm_shape_str(name))
               == NULL)
        {
            (void) crm_shape_reference(&b->cc, path, &b->rules->names.profiles,
                                       "profile", crm_shape_str(name));
        }
    }
}


crm_status_t
crm_locking_parse(crm_locking_t *locking, const json_t *json,
    crm_compile_t *cc)
{
    size_t         i;
    crm_str_t      type;
    crm_status_t   rc, rules;
    const json_t  *profiles;

    memset(locking, 0, sizeof(crm_locking_t));

    rc = crm_shape_check(json, crm_locking_keys, "a record_locking", "", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    type = crm_shape_str(json_object_get(json, "lock_type"));

    locking->by_hand = !crm_str_is(type, "automatic");

    if (!crm_str_is(type, "manual")
        && json_array_size(json_object_get(json, "locking_rules")) == 0)
    {
        rc = crm_shape_error(cc, "", "missing_key", "locking_rules",
                             "lock_type \"%s\" needs locking_rules",
                             type.data);
    }

    profiles = json_object_get(json, "lock_excluded_profiles");

    if (crm_str_is(crm_shape_str(json_object_get(json, "locked_for")),
                   "all_profiles_except_excluded_profiles"))
    {
        if (crm_shape_texts(&locking->profiles, &locking->profiles_count,
                            profiles, cc->pool) != CRM_OK)
        {
            return CRM_ENOMEM;
        }

    } else if (json_array_size(profiles)) {
        crm_findings_add(cc->findings, CRM_WARNING, cc->object,
                         "lock_excluded_profiles", 1, "no_effect", NULL,
                         "lock_excluded_profiles has no effect unless"
                         " locked_for is"
                         " all_profiles_except_excluded_profiles");
    }

    if (crm_shape_texts(&locking->fields, &locking->fields_count,
                        json_object_get(json, "excluded_fields"), cc->pool)
        != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    for (i = 0; i < locking->fields_count; i++) {
        if (crm_shape_field(cc, locking->fields[i],
                            crm_shape_index(cc, "excluded_fields", i))
            != CRM_OK)
        {
            rc = CRM_EINVAL;
        }
    }

    if (locking_restricted(locking, json_object_get(json,
                                                    "restricted_actions"), cc)
        != CRM_OK)
    {
        rc = CRM_EINVAL;
    }

    rules = locking_rules(locking, json_object_get(json, "locking_rules"),
                          cc);

    if (!crm_str_is(type, "manual") || locking->rules_count == 0) {
        return rules == CRM_OK ? rc : rules;
    }

    crm_findings_add(cc->findings, CRM_WARNING, cc->object, "locking_rules", 1,
                     "no_effect", NULL,
                     "locking_rules have no effect with lock_type \"manual\";"
                     " write \"both\" for locks of either kind");
    locking->rules_count = 0;

    return rules == CRM_OK ? rc : rules;
}


static crm_status_t
locking_rules(crm_locking_t *locking, const json_t *json, crm_compile_t *cc)
{
    size_t            i, k;
    json_t           *item;
    const char       *path;
    crm_status_t      rc, all;
    crm_lock_rule_t  *rule;

    if (json_array_size(json) == 0) {
        return CRM_OK;
    }

    locking->rules = crm_pool_calloc(cc->pool, json_array_size(json),
                                     sizeof(crm_lock_rule_t));
    if (locking->rules == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rule = &locking->rules[locking->rules_count];
        path = crm_shape_index(cc, "locking_rules", i);

        rc = crm_shape_check(item, rule_keys, "a locking rule", path, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
        if (rc != CRM_OK) {
            continue;
        }

        rule->existing = json_is_true(json_object_get(item,
                                                "lock_existing_records"));
        rule->name = crm_pool_dup(cc->pool,
                                  crm_shape_str(json_object_get(item,
                                                                "name")));
        if (rule->name.data == NULL) {
            return CRM_ENOMEM;
        }

        for (k = 0; k < locking->rules_count; k++) {
            if (crm_str_eq(locking->rules[k].name, rule->name)) {
                all = crm_shape_error(cc, crm_shape_path(cc, path, "name"),
                                      "duplicate_name", NULL,
                                      "there are two locking rules \"%s\"",
                                      rule->name.data);
            }
        }

        rc = crm_criteria_compile(&rule->criteria,
                                  json_object_get(item, "criteria"),
                                  crm_shape_path(cc, path, "criteria"), cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }

        locking->rules_count++;
    }

    return all;
}


static crm_status_t
locking_restricted(crm_locking_t *locking, const json_t *json,
    crm_compile_t *cc)
{
    size_t        i, k;
    json_t       *item;
    const char   *near;
    crm_status_t  rc;

    rc = CRM_OK;
    locking->restricted = CRM_RESTRICT_UPDATE;

    json_array_foreach((json_t *) json, i, item) {
        for (k = 0; restricted[k]; k++) {
            if (crm_str_is(crm_shape_str(item), restricted[k])) {
                locking->restricted |= 1u << k;
                break;
            }
        }

        if (restricted[k] == NULL) {
            near = crm_shape_nearest(json_string_value(item), restricted);
            rc = crm_shape_error(cc, crm_shape_index(cc, "restricted_actions",
                                                     i),
                                 "unknown_word", near,
                                 "restricted_actions holds update, delete,"
                                 " change_owner, tags, convert, not \"%s\"",
                                 json_string_value(item));
        }
    }

    return rc;
}
