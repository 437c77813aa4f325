/*
 * kind: workflow_rule. When it runs, and what it does when it matches.
 */

#include "rules/crm_rule.h"

#include "base/crm_limits.h"


#define DEFAULT_SEQUENCE  1000

/* In the order of crm_workflow_keys, when_keys and condition_keys. */
enum {
    RULE_KIND = 0, RULE_DESCRIPTION, RULE_NAME, RULE_ID, RULE_MODULE,
    RULE_STATUS, RULE_SEQUENCE, RULE_WHEN, RULE_CONDITIONS, RULE_CASCADE,
    RULE_IGNORE_LOCK, RULE_ON_IMPORT, RULE_KEYS
};
enum { WHEN_TYPE = 0, WHEN_DETAILS, WHEN_KEYS };
enum { DO_CRITERIA = 0, DO_INSTANT, DO_SCHEDULED, DO_KEYS };

typedef struct {
    const char      *name;
    crm_trigger_t    trigger;
    crm_status_t   (*parse)(crm_workflow_t *rule, const json_t *details,
                            crm_compile_t *cc);
} trigger_row_t;


static crm_status_t trigger_plain(crm_workflow_t *rule, const json_t *details,
    crm_compile_t *cc);
static crm_status_t trigger_edit(crm_workflow_t *rule, const json_t *details,
    crm_compile_t *cc);
static int workflow_whole(const json_t **values);
static crm_status_t workflow_trigger(crm_workflow_t *rule,
    const json_t *json, crm_compile_t *cc);
static crm_status_t workflow_conditions(crm_workflow_t *rule,
    const json_t *json, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t workflow_condition(crm_condition_t *condition,
    const json_t *json, const crm_trail_t *at, crm_trigger_t trigger,
    const crm_library_t *library, crm_compile_t *cc);


static const trigger_row_t  triggers[] = {
    { "create", CRM_TRIGGER_CREATE, trigger_plain },
    { "edit", CRM_TRIGGER_EDIT, trigger_edit },
    { "create_or_edit", CRM_TRIGGER_CREATE_OR_EDIT, trigger_edit },
    { "delete", CRM_TRIGGER_DELETE, trigger_plain },
    { "field_update", CRM_TRIGGER_FIELD_UPDATE, crm_watch_parse },
    { "date_or_datetime", CRM_TRIGGER_DATE, crm_date_trigger_parse },
    { "score_increase", CRM_TRIGGER_SCORE_INCREASE, crm_score_trigger_parse },
    { "score_decrease", CRM_TRIGGER_SCORE_DECREASE, crm_score_trigger_parse },
    { "score_update", CRM_TRIGGER_SCORE_UPDATE, crm_score_trigger_parse },
};

#define TRIGGERS  (sizeof(triggers) / sizeof(triggers[0]))

static const char *const  trigger_names[] = {
    "create", "edit", "create_or_edit", "delete", "field_update",
    "date_or_datetime", "score_increase", "score_decrease", "score_update",
    NULL
};

static const char *const  statuses[] = { "on", "shadow", "off", NULL };

static const crm_key_t  no_details[] = {
    CRM_KEYS_END
};

static const crm_key_t  edit_details[] = {
    { "repeat", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "true (default): each time; false: once a record" },
    CRM_KEYS_END
};

static const char *const  plain_types[] = { "create", "delete", NULL };
static const char *const  edit_types[] = { "edit", "create_or_edit", NULL };
static const char *const  field_types[] = { "field_update", NULL };
static const char *const  date_types[] = { "date_or_datetime", NULL };
static const char *const  score_types[] = {
    "score_increase", "score_decrease", "score_update", NULL
};

static const crm_form_t  details_forms[] = {
    { "no details", no_details, plain_types },
    { "edit details", edit_details, edit_types },
    { "field_update details", crm_watch_keys, field_types },
    { "date_or_datetime details", crm_date_trigger_keys, date_types },
    { "score details", crm_score_trigger_keys, score_types },
    CRM_FORMS_END
};

static const crm_key_t  when_keys[] = {
    { "type", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, trigger_names, NULL,
      "the kind of write" },
    { "details", CRM_KEY_OBJECT, CRM_KEY_NULLABLE, 0, 0, NULL, details_forms,
      "more about it; depends on type" },
    CRM_KEYS_END
};

static const crm_form_t  when_forms[] = {
    { "execute_when", when_keys, NULL },
    CRM_FORMS_END
};

static const crm_key_t  condition_keys[] = {
    { "criteria", CRM_KEY_ANY, CRM_KEY_NULLABLE, 0, 0, NULL,
      crm_criteria_forms, "which records; null: every record" },
    { "instant_actions", CRM_KEY_LIST, 0, 1, CRM_MAX_ACTIONS, NULL,
      crm_action_forms, "what is done at once" },
    { "scheduled_actions", CRM_KEY_LIST, 0, 1, CRM_MAX_SCHEDULED, NULL,
      crm_scheduled_forms, "what is done later, each block after its time" },
    CRM_KEYS_END
};

static const crm_form_t  condition_forms[] = {
    { "condition", condition_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_workflow_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "the rule's name, unique among workflow rules" },
    { "id", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "what job ids and the memory of repeat: false are made of" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records it watches" },
    { "status", CRM_KEY_WORD, 0, 0, 0, statuses, NULL,
      "on (default), shadow: judged and traced only, or off" },
    { "sequence", CRM_KEY_INTEGER, 0, 0, 1000000, NULL, NULL,
      "its place among the rules, default 1000; then by name" },
    { "execute_when", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL,
      when_forms, "what starts it" },
    { "conditions", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_MAX_CONDITIONS,
      NULL, condition_forms, "the first that matches counts, and no other" },
    { "cascade", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether its effects may start other rules; default false" },
    { "ignore_lock", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether its effects may write a locked record; default false" },
    { "run_on_import", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether it runs for imported records; default false" },
    CRM_KEYS_END
};


crm_status_t
crm_workflow_parse(crm_workflow_t *rule, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_str_t      id, status;
    crm_trail_t    at;
    crm_status_t   rc, when, shape;
    const json_t  *values[RULE_KEYS];

    memset(rule, 0, sizeof(crm_workflow_t));
    at = crm_trail("");

    shape = crm_shape_read(json, crm_workflow_keys, "a workflow_rule", &at,
                           cc, values);

    /* one wrong key must not hide what is wrong below the others */

    if (shape != CRM_OK && !workflow_whole(values)) {
        return shape;
    }

    rule->name = crm_pool_dup(cc->pool, crm_shape_str(values[RULE_NAME]));
    id = crm_shape_str(values[RULE_ID]);
    rule->id = id.len ? crm_pool_dup(cc->pool, id) : rule->name;

    if (rule->name.data == NULL || rule->id.data == NULL) {
        return CRM_ENOMEM;
    }

    status = crm_shape_str(values[RULE_STATUS]);
    rule->status = crm_str_is(status, "off") ? CRM_STATUS_OFF
                   : crm_str_is(status, "shadow") ? CRM_STATUS_SHADOW
                   : CRM_STATUS_ON;

    rule->sequence = values[RULE_SEQUENCE]
                     ? json_integer_value(values[RULE_SEQUENCE])
                     : DEFAULT_SEQUENCE;

    rule->cascade = json_is_true(values[RULE_CASCADE]);
    rule->ignore_lock = json_is_true(values[RULE_IGNORE_LOCK]);
    rule->run_on_import = json_is_true(values[RULE_ON_IMPORT]);

    when = workflow_trigger(rule, values[RULE_WHEN], cc);
    if (when == CRM_ENOMEM) {
        return when;
    }

    rc = workflow_conditions(rule, values[RULE_CONDITIONS], library, cc);
    rc = rc == CRM_OK ? when : rc;

    return rc == CRM_OK ? shape : rc;
}


/* Whether the parts that are looked into are there. */
static int
workflow_whole(const json_t **values)
{
    size_t  conditions;

    conditions = json_array_size(values[RULE_CONDITIONS]);

    return json_is_string(values[RULE_NAME])
           && json_is_string(values[RULE_MODULE])
           && json_is_object(values[RULE_WHEN])
           && conditions > 0 && conditions <= CRM_MAX_CONDITIONS;
}


static crm_status_t
workflow_trigger(crm_workflow_t *rule, const json_t *json, crm_compile_t *cc)
{
    size_t         i;
    crm_str_t      type;
    crm_trail_t    at;
    crm_status_t   rc;
    const json_t  *values[WHEN_KEYS];

    at = crm_trail("execute_when");

    rc = crm_shape_read(json, when_keys, "execute_when", &at, cc, values);
    if (rc != CRM_OK) {
        return rc;
    }

    type = crm_shape_str(values[WHEN_TYPE]);

    for (i = 0; i < TRIGGERS - 1; i++) {
        if (crm_str_is(type, triggers[i].name)) {
            break;
        }
    }

    rule->trigger = triggers[i].trigger;
    rule->repeat = 1;

    return triggers[i].parse(rule, values[WHEN_DETAILS], cc);
}


static crm_status_t
trigger_plain(crm_workflow_t *rule, const json_t *details, crm_compile_t *cc)
{
    (void) rule;

    if (details == NULL || json_is_null(details)) {
        return CRM_OK;
    }

    return crm_shape_check(details, no_details, "execute_when.details",
                           "execute_when.details", cc);
}


static crm_status_t
trigger_edit(crm_workflow_t *rule, const json_t *details, crm_compile_t *cc)
{
    crm_status_t  rc;

    if (details == NULL || json_is_null(details)) {
        return CRM_OK;
    }

    rc = crm_shape_check(details, edit_details, "execute_when.details",
                         "execute_when.details", cc);

    rule->repeat = !json_is_false(json_object_get(details, "repeat"));

    return rc;
}


static crm_status_t
workflow_conditions(crm_workflow_t *rule, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_trail_t   list, at;
    crm_status_t  rc, all;

    rule->conditions_count = json_array_size(json);
    rule->conditions = crm_pool_calloc(cc->pool, rule->conditions_count,
                                       sizeof(crm_condition_t));
    if (rule->conditions == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;
    list = crm_trail("conditions");

    json_array_foreach((json_t *) json, i, item) {
        at = crm_trail_index(&list, i);
        rule->conditions[i].seq = (unsigned) i + 1;

        rc = workflow_condition(&rule->conditions[i], item, &at,
                                rule->trigger, library, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
workflow_condition(crm_condition_t *condition, const json_t *json,
    const crm_trail_t *at, crm_trigger_t trigger,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_trail_t    criteria;
    crm_status_t   rc, actions, later;
    const json_t  *values[DO_KEYS];

    rc = crm_shape_read(json, condition_keys, "a condition", at, cc, values);
    if (rc != CRM_OK) {
        return rc;
    }

    if (values[DO_INSTANT] == NULL && values[DO_SCHEDULED] == NULL) {
        return crm_shape_error(cc, crm_trail_path(cc, at), "missing_key",
                               "instant_actions",
                               "a condition lacks \"instant_actions\" (or"
                               " \"scheduled_actions\"): without them it does"
                               " nothing");
    }

    criteria = crm_trail_key(at, "criteria");

    rc = crm_criteria_compile_at(&condition->criteria, values[DO_CRITERIA],
                                 &criteria, cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    actions = crm_action_list(&condition->actions, &condition->actions_count,
                              values[DO_INSTANT],
                              crm_trail_path_key(cc, at, "instant_actions"),
                              trigger, library, cc);

    if (actions == CRM_ENOMEM || values[DO_SCHEDULED] == NULL) {
        return actions != CRM_OK ? actions : rc;
    }

    later = crm_scheduled_parse(condition, values[DO_SCHEDULED],
                                crm_trail_path_key(cc, at,
                                                   "scheduled_actions"),
                                trigger, library, cc);

    return later != CRM_OK ? later : actions != CRM_OK ? actions : rc;
}
