/*
 * kind: escalation_rule. Who hears of a record that is too old.
 */

#include "rules/crm_escalation.h"

#include "base/crm_digest.h"
#include "base/crm_limits.h"
#include "rules/crm_kind.h"
#include "rules/crm_notice.h"

#include <stdlib.h>


#define ESCALATION_AGE  "Created_Time"

/* Of a version: enough that no two of a rule are the same. */
#define ESCALATION_VERSION_LEN  10


static crm_status_t escalation_version(crm_escalation_t *escalation,
    const json_t *json, crm_pool_t *pool);
static crm_status_t escalation_take(crm_escalation_level_t *level,
    const crm_escalation_t *escalation, unsigned n, const char *path,
    crm_compile_t *cc);
static crm_status_t escalation_age(crm_escalation_t *escalation,
    const json_t *json, crm_compile_t *cc);
static crm_status_t escalation_entry(crm_escalation_t *escalation,
    crm_escalation_entry_t *entry, const json_t *json, const char *path,
    const crm_library_t *library, crm_compile_t *cc);
static crm_status_t escalation_level(crm_escalation_level_t *level,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc);
static void escalation_business(crm_interval_t *after);
static crm_status_t escalation_order(const crm_escalation_entry_t *entry,
    size_t i, const char *path, crm_compile_t *cc);


static const crm_key_t  escalation_level_keys[] = {
    { "after", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_duration_forms, "how old the record is then" },
    { "to", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_party_superiors, "who is told, and takes over" },
    { "actions", CRM_KEY_LIST, 0, 0, CRM_MAX_ACTIONS, NULL, crm_action_forms,
      "what else is done" },
    CRM_KEYS_END
};

static const crm_form_t  escalation_level_forms[] = {
    { "escalation level", escalation_level_keys, NULL },
    CRM_FORMS_END
};

static const crm_key_t  escalation_entry_keys[] = {
    { "criteria", CRM_KEY_ANY, CRM_KEY_REQUIRED | CRM_KEY_NULLABLE, 0, 0,
      NULL, crm_criteria_forms, "for which records, as long as they match" },
    { "business_hours", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether only hours and days of work count" },
    { "levels", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_LEVELS, NULL,
      escalation_level_forms, "one after the other" },
    CRM_KEYS_END
};

static const crm_form_t  escalation_entry_forms[] = {
    { "escalation entry", escalation_entry_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_escalation_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what traces call it" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records grow old" },
    { "age_from", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the date that age is counted from; default: " ESCALATION_AGE },
    { "entries", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_ENTRIES, NULL,
      escalation_entry_forms, "the first that matches wins" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_escalation(crm_build_t *b, const json_t *json)
{
    crm_status_t       rc;
    crm_module_t      *module;
    crm_escalation_t  *escalation;

    escalation = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_escalation_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

    if (escalation == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_escalation_parse(escalation, json, &b->rules->library, &b->cc);

    if (rc == CRM_OK && escalation->business && !b->rules->has_hours) {
        rc = crm_shape_error(&b->cc, "", "unknown_reference", NULL,
                             "business_hours: true needs a document of kind"
                             " business_hours");
    }

    if (rc == CRM_OK && module->escalation) {
        rc = crm_shape_error(&b->cc, "module", "limit_exceeded", NULL,
                             "module %s has the escalation_rule \"%s\""
                             " already, and one may be active", b->cc.module,
                             module->escalation->name.data);
    }

    if (rc == CRM_OK) {
        module->escalation = escalation;
    }

    return rc;
}


crm_status_t
crm_escalation_parse(crm_escalation_t *escalation, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t         i;
    json_t        *item;
    crm_status_t   rc, all;
    const json_t  *entries;

    memset(escalation, 0, sizeof(crm_escalation_t));
    entries = json_object_get(json, "entries");

    escalation->entries = crm_pool_calloc(cc->pool, json_array_size(entries),
                                          sizeof(crm_escalation_entry_t));
    if (escalation->entries == NULL
        || crm_shape_copy(&escalation->name, json_object_get(json, "name"),
                          cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    escalation->entries_count = json_array_size(entries);

    if (escalation_version(escalation, json, cc->pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    all = escalation_age(escalation, json_object_get(json, "age_from"), cc);
    if (all == CRM_ENOMEM) {
        return all;
    }

    json_array_foreach((json_t *) entries, i, item) {
        rc = escalation_entry(escalation, &escalation->entries[i], item,
                              crm_shape_index(cc, "entries", i), library, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


/* What levels and their times follow from: a description does not change it. */
static crm_status_t
escalation_version(crm_escalation_t *escalation, const json_t *json,
    crm_pool_t *pool)
{
    char           text[ESCALATION_VERSION_LEN + 1], *entries;
    crm_str_t      parts[3];
    unsigned char  digest[CRM_DIGEST_LEN];

    entries = json_dumps(json_object_get(json, "entries"),
                         JSON_COMPACT | JSON_SORT_KEYS);
    if (entries == NULL) {
        return CRM_ENOMEM;
    }

    parts[0] = crm_shape_str(json_object_get(json, "age_from"));
    parts[1] = CRM_STR("\n");
    parts[2] = crm_strz(entries);

    crm_digest_sha256(digest, parts, 3);
    free(entries);

    crm_digest_base32(text, ESCALATION_VERSION_LEN, digest);
    escalation->version = crm_pool_dup(pool,
                                       crm_str(text, ESCALATION_VERSION_LEN));

    return escalation->version.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
escalation_age(crm_escalation_t *escalation, const json_t *json,
    crm_compile_t *cc)
{
    crm_str_t          name;
    crm_field_type_t   type;

    name = json ? crm_pool_dup(cc->pool, crm_shape_str(json))
                : CRM_STR(ESCALATION_AGE);
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_shape_field(cc, name, json ? "age_from" : "") != CRM_OK) {
        return CRM_EINVAL;
    }

    escalation->age_from = crm_schema_slot(cc->schema, name);
    if (escalation->age_from == CRM_SLOT_NONE) {
        return CRM_ENOMEM;
    }

    type = cc->schema->types[escalation->age_from];

    if (type != CRM_FIELD_ANY && type != CRM_FIELD_DATE
        && type != CRM_FIELD_DATETIME)
    {
        return crm_shape_error(cc, json ? "age_from" : "", "wrong_value",
                               NULL, "age is counted from a date, which a"
                               " field of type %s does not hold",
                               crm_schema_type_name(cc->schema,
                                                    escalation->age_from));
    }

    return CRM_OK;
}


static crm_status_t
escalation_entry(crm_escalation_t *escalation, crm_escalation_entry_t *entry,
    const json_t *json, const char *path, const crm_library_t *library,
    crm_compile_t *cc)
{
    size_t         i;
    json_t        *item;
    const char    *at;
    crm_status_t   rc, all;
    const json_t  *levels;

    rc = crm_shape_check(json, escalation_entry_keys, "an entry", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    all = crm_criteria_compile(&entry->criteria,
                               json_object_get(json, "criteria"),
                               crm_shape_path(cc, path, "criteria"), cc);
    levels = json_object_get(json, "levels");
    entry->levels = crm_pool_calloc(cc->pool, json_array_size(levels),
                                    sizeof(crm_escalation_level_t));

    if (all == CRM_ENOMEM || entry->levels == NULL) {
        return CRM_ENOMEM;
    }

    path = crm_shape_path(cc, path, "levels");

    json_array_foreach((json_t *) levels, i, item) {
        at = crm_shape_index(cc, path, i);
        rc = escalation_level(&entry->levels[i], item, at, library, cc);

        if (rc == CRM_OK) {
            rc = escalation_take(&entry->levels[i], escalation,
                                 (unsigned) i + 1,
                                 crm_shape_path(cc, at, "to"), cc);
        }

        if (rc == CRM_OK
            && json_is_true(json_object_get(json, "business_hours")))
        {
            escalation->business = 1;
            escalation_business(&entry->levels[i].after);
        }

        if (rc == CRM_OK) {
            rc = escalation_order(entry, i, crm_shape_path(cc, at, "after"),
                                  cc);
        }
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }

        entry->levels_count++;
    }

    return all;
}


static crm_status_t
escalation_level(crm_escalation_level_t *level, const json_t *json,
    const char *path, const crm_library_t *library, crm_compile_t *cc)
{
    crm_status_t  rc, party, actions;

    rc = crm_shape_check(json, escalation_level_keys, "a level", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_duration_parse(&level->after, json_object_get(json, "after"),
                            CRM_PERIODS_ALL, "after",
                            crm_shape_path(cc, path, "after"), cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    party = crm_party_parse(&level->to, json_object_get(json, "to"),
                            crm_party_superiors, "to",
                            crm_shape_path(cc, path, "to"), cc);
    if (party == CRM_ENOMEM) {
        return party;
    }

    actions = crm_action_list(&level->actions, &level->actions_count,
                              json_object_get(json, "actions"),
                              crm_shape_path(cc, path, "actions"),
                              CRM_TRIGGER_DATE, library, cc);

    return actions == CRM_ENOMEM ? actions
           : rc != CRM_OK ? rc : party != CRM_OK ? party : actions;
}


/* The last action of a level: who it is for becomes the owner, and is told. */
static crm_status_t
escalation_take(crm_escalation_level_t *level,
    const crm_escalation_t *escalation, unsigned n, const char *path,
    crm_compile_t *cc)
{
    size_t         count;
    crm_str_t      why;
    crm_email_t   *tell;
    crm_action_t  *actions;

    count = level->actions_count;
    actions = crm_pool_calloc(cc->pool, count + 1, sizeof(crm_action_t));
    tell = crm_pool_calloc(cc->pool, 1, sizeof(crm_email_t));
    why = crm_pool_printf(cc->pool, "waits for too long: level %u of the"
                          " escalation rule \"%s\" made you its owner.", n,
                          escalation->name.data);

    if (actions == NULL || tell == NULL || why.data == NULL
        || crm_notice(tell, "Overdue", why, path, cc) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (count) {
        memcpy(actions, level->actions, count * sizeof(crm_action_t));
    }

    level->take.to = &level->to;
    level->take.to_count = 1;
    level->take.tell = tell;

    actions[count].id = CRM_ACTION_ASSIGN_OWNER;
    actions[count].type = "assign_owner";
    actions[count].seq = (unsigned) count + 1;
    actions[count].u.assign = &level->take;

    level->actions = actions;
    level->actions_count = count + 1;

    return CRM_OK;
}


static void
escalation_business(crm_interval_t *after)
{
    if (after->period == CRM_PERIOD_HOURS) {
        after->period = CRM_PERIOD_BUSINESS_HOURS;

    } else if (after->period == CRM_PERIOD_DAYS) {
        after->period = CRM_PERIOD_BUSINESS_DAYS;
    }
}


/* A level that comes before the one above it is a slip. */
static crm_status_t
escalation_order(const crm_escalation_entry_t *entry, size_t i,
    const char *path, crm_compile_t *cc)
{
    const crm_interval_t  *after, *before;

    if (i == 0) {
        return CRM_OK;
    }

    after = &entry->levels[i].after;
    before = &entry->levels[i - 1].after;

    if (after->period != before->period || after->unit > before->unit) {
        return CRM_OK;
    }

    return crm_shape_error(cc, path, "wrong_value", NULL,
                           "level %zu must come later than level %zu, which"
                           " comes after %lld", i + 1, i, before->unit);
}
