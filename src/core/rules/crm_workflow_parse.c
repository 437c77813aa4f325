/*
 * kind: workflow_rule. When it runs, and what it does when it matches.
 */

#include "rules/crm_rule.h"

#include "base/crm_limits.h"


#define DEFAULT_SEQUENCE  1000

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
static crm_status_t trigger_field(crm_workflow_t *rule, const json_t *details,
    crm_compile_t *cc);
static int workflow_whole(const json_t *json);
static crm_status_t workflow_trigger(crm_workflow_t *rule,
    const json_t *json, crm_compile_t *cc);
static crm_status_t workflow_watch(crm_watch_t *watch, const json_t *leaf,
    const char *path, crm_compile_t *cc);
static crm_status_t workflow_conditions(crm_workflow_t *rule,
    const json_t *json, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t workflow_condition(crm_condition_t *condition,
    const json_t *json, const char *path, crm_trigger_t trigger,
    const crm_library_t *library, crm_compile_t *cc);


static const trigger_row_t  triggers[] = {
    { "create", CRM_TRIGGER_CREATE, trigger_plain },
    { "edit", CRM_TRIGGER_EDIT, trigger_edit },
    { "create_or_edit", CRM_TRIGGER_CREATE_OR_EDIT, trigger_edit },
    { "delete", CRM_TRIGGER_DELETE, trigger_plain },
    { "field_update", CRM_TRIGGER_FIELD_UPDATE, trigger_field },
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

static const crm_key_t  field_details[] = {
    { "repeat", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "true (default): each time; false: once a record" },
    { "match_all", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "whether all watched fields must change; default false" },
    { "criteria", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_criteria_forms, "the watched fields: a leaf, or a group of them" },
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
    { "field_update details", field_details, field_types },
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
    const json_t  *sequence;
    crm_status_t   rc, when, shape;

    memset(rule, 0, sizeof(crm_workflow_t));

    shape = crm_shape_check(json, crm_workflow_keys, "a workflow_rule", "",
                            cc);

    /* one wrong key must not hide what is wrong below the others */

    if (shape != CRM_OK && !workflow_whole(json)) {
        return shape;
    }

    rule->name = crm_pool_dup(cc->pool,
                              crm_shape_str(json_object_get(json, "name")));
    id = crm_shape_str(json_object_get(json, "id"));
    rule->id = id.len ? crm_pool_dup(cc->pool, id) : rule->name;

    if (rule->name.data == NULL || rule->id.data == NULL) {
        return CRM_ENOMEM;
    }

    status = crm_shape_str(json_object_get(json, "status"));
    rule->status = crm_str_is(status, "off") ? CRM_STATUS_OFF
                   : crm_str_is(status, "shadow") ? CRM_STATUS_SHADOW
                   : CRM_STATUS_ON;

    sequence = json_object_get(json, "sequence");
    rule->sequence = sequence ? json_integer_value(sequence)
                              : DEFAULT_SEQUENCE;

    rule->cascade = json_is_true(json_object_get(json, "cascade"));
    rule->ignore_lock = json_is_true(json_object_get(json, "ignore_lock"));
    rule->run_on_import = json_is_true(json_object_get(json,
                                                       "run_on_import"));

    when = workflow_trigger(rule, json_object_get(json, "execute_when"), cc);
    if (when == CRM_ENOMEM) {
        return when;
    }

    rc = workflow_conditions(rule, json_object_get(json, "conditions"),
                             library, cc);
    rc = rc == CRM_OK ? when : rc;

    return rc == CRM_OK ? shape : rc;
}


/* Whether the parts that are looked into are there. */
static int
workflow_whole(const json_t *json)
{
    size_t  conditions;

    conditions = json_array_size(json_object_get(json, "conditions"));

    return json_is_string(json_object_get(json, "name"))
           && json_is_string(json_object_get(json, "module"))
           && json_is_object(json_object_get(json, "execute_when"))
           && conditions > 0 && conditions <= CRM_MAX_CONDITIONS;
}


static crm_status_t
workflow_trigger(crm_workflow_t *rule, const json_t *json, crm_compile_t *cc)
{
    size_t         i;
    crm_str_t      type;
    crm_status_t   rc;

    rc = crm_shape_check(json, when_keys, "execute_when", "execute_when", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    type = crm_shape_str(json_object_get(json, "type"));

    for (i = 0; i < TRIGGERS - 1; i++) {
        if (crm_str_is(type, triggers[i].name)) {
            break;
        }
    }

    rule->trigger = triggers[i].trigger;
    rule->repeat = 1;

    return triggers[i].parse(rule, json_object_get(json, "details"), cc);
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
trigger_field(crm_workflow_t *rule, const json_t *details, crm_compile_t *cc)
{
    size_t        i, count;
    json_t       *criteria, *group, *leaf;
    const char   *path;
    crm_status_t  rc, all;

    path = "execute_when.details";

    if (details == NULL || json_is_null(details)) {
        return crm_shape_error(cc, "execute_when", "missing_key", "details",
                               "a field_update trigger lacks \"details\" with"
                               " the criteria of the fields to watch");
    }

    rc = crm_shape_check(details, field_details, path, path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rule->repeat = !json_is_false(json_object_get(details, "repeat"));
    rule->match_all = json_is_true(json_object_get(details, "match_all"));

    criteria = json_object_get(details, "criteria");
    path = "execute_when.details.criteria";

    group = json_object_get(criteria, "group");
    count = json_is_array(group) ? json_array_size(group) : 1;

    if (count == 0 || count > CRM_MAX_GROUP) {
        return crm_shape_error(cc, path, "limit_exceeded", NULL,
                               "a field_update trigger watches 1 to %d"
                               " fields", CRM_MAX_GROUP);
    }

    rule->watch = crm_pool_calloc(cc->pool, count, sizeof(crm_watch_t));
    if (rule->watch == NULL) {
        return CRM_ENOMEM;
    }

    rule->watch_count = count;

    if (!json_is_array(group)) {
        return workflow_watch(&rule->watch[0], criteria, path, cc);
    }

    all = CRM_OK;
    path = crm_shape_path(cc, path, "group");

    json_array_foreach(group, i, leaf) {
        rc = workflow_watch(&rule->watch[i], leaf,
                            crm_shape_index(cc, path, i), cc);
        if (rc == CRM_ENOMEM) {
            return rc;
        }
        if (rc != CRM_OK) {
            all = rc;
        }
    }

    return all;
}


/* One watched field: a leaf, whose value may be ${ANYVALUE}. */
static crm_status_t
workflow_watch(crm_watch_t *watch, const json_t *leaf, const char *path,
    crm_compile_t *cc)
{
    json_t          *any;
    crm_status_t     rc;
    crm_criteria_t   criteria;

    if (!json_is_object(leaf) || json_object_get(leaf, "group")) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "a watched field is a leaf: field, comparator,"
                               " value");
    }

    watch->any_value = crm_criteria_is_any_value(leaf);

    if (!watch->any_value) {
        rc = crm_criteria_compile(&criteria, leaf, path, cc);

    } else {
        /* ${ANYVALUE} is no constant: the field is all that counts */

        any = json_pack("{s:O, s:s, s:s}", "field",
                        json_object_get(leaf, "field")
                        ? json_object_get(leaf, "field") : json_null(),
                        "comparator", "equal", "value", "${EMPTY}");
        if (any == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_criteria_compile(&criteria, any, path, cc);
        json_decref(any);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    watch->predicate = criteria.nodes[0].predicate;
    watch->slot = cc->predicates->items[watch->predicate]->slot;

    return CRM_OK;
}


static crm_status_t
workflow_conditions(crm_workflow_t *rule, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    const char   *path;
    crm_status_t  rc, all;

    rule->conditions_count = json_array_size(json);
    rule->conditions = crm_pool_calloc(cc->pool, rule->conditions_count,
                                       sizeof(crm_condition_t));
    if (rule->conditions == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        path = crm_shape_index(cc, "conditions", i);
        rule->conditions[i].seq = (unsigned) i + 1;

        rc = workflow_condition(&rule->conditions[i], item, path,
                                rule->trigger, library, cc);
        if (rc == CRM_ENOMEM) {
            return rc;
        }

        if (rc != CRM_OK) {
            all = rc;
        }
    }

    return all;
}


static crm_status_t
workflow_condition(crm_condition_t *condition, const json_t *json,
    const char *path, crm_trigger_t trigger, const crm_library_t *library,
    crm_compile_t *cc)
{
    crm_status_t  rc, actions, later;

    rc = crm_shape_check(json, condition_keys, "a condition", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (json_object_get(json, "instant_actions") == NULL
        && json_object_get(json, "scheduled_actions") == NULL)
    {
        return crm_shape_error(cc, path, "missing_key", "instant_actions",
                               "a condition lacks \"instant_actions\" (or"
                               " \"scheduled_actions\"): without them it does"
                               " nothing");
    }

    rc = crm_criteria_compile(&condition->criteria,
                              json_object_get(json, "criteria"),
                              crm_shape_path(cc, path, "criteria"), cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    actions = crm_action_list(&condition->actions, &condition->actions_count,
                              json_object_get(json, "instant_actions"),
                              crm_shape_path(cc, path, "instant_actions"),
                              trigger, library, cc);
    if (actions == CRM_ENOMEM) {
        return actions;
    }

    later = crm_scheduled_parse(condition,
                                json_object_get(json, "scheduled_actions"),
                                crm_shape_path(cc, path, "scheduled_actions"),
                                trigger, library, cc);

    return later != CRM_OK ? later : actions != CRM_OK ? actions : rc;
}
