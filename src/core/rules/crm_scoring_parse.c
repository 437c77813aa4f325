/*
 * kind: scoring_rule. How much a record is worth.
 */

#include "rules/crm_scoring.h"

#include "base/crm_limits.h"
#include "rules/crm_kind.h"


#define SCORE_MAX  1000000


static crm_status_t scoring_fields(crm_scoring_t *scoring,
    const json_t *json, crm_compile_t *cc);
static crm_status_t scoring_field(crm_scoring_t *scoring,
    const char *key, const json_t *json, crm_compile_t *cc);
static crm_status_t scoring_rules(crm_scoring_t *scoring, const json_t *json,
    crm_compile_t *cc);
static crm_status_t scoring_touches(crm_scoring_t *scoring,
    const json_t *json, crm_compile_t *cc);
static crm_status_t scoring_touch(crm_score_touch_t *touch,
    const json_t *json, const char *path, crm_compile_t *cc);
static int scoring_is_event(crm_str_t event);


static const crm_key_t  scoring_rule_keys[] = {
    { "score", CRM_KEY_INTEGER, CRM_KEY_REQUIRED, -SCORE_MAX, SCORE_MAX, NULL,
      NULL, "points to add; below 0: to take away" },
    { "criteria", CRM_KEY_ANY, CRM_KEY_REQUIRED | CRM_KEY_NULLABLE, 0, 0,
      NULL, crm_criteria_forms, "for which records" },
    CRM_KEYS_END
};

static const crm_form_t  scoring_rule_forms[] = {
    { "scored criteria", scoring_rule_keys, NULL },
    CRM_FORMS_END
};

static const crm_key_t  scoring_touch_keys[] = {
    { "event", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what happened, such as email_opened" },
    { "score", CRM_KEY_INTEGER, CRM_KEY_REQUIRED, -SCORE_MAX, SCORE_MAX, NULL,
      NULL, "points to add each time; below 0: to take away" },
    CRM_KEYS_END
};

static const crm_form_t  scoring_touch_forms[] = {
    { "touch point", scoring_touch_keys, NULL },
    CRM_FORMS_END
};

/* By crm_score_field_t. */
static const crm_key_t  scoring_field_keys[] = {
    { "score", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the field for the score" },
    { "positive", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field for all points above 0" },
    { "negative", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field for all points below 0" },
    { "touch_point", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field for the points of events" },
    { "touch_point_positive", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field for those above 0" },
    { "touch_point_negative", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field for those below 0" },
    CRM_KEYS_END
};

static const crm_form_t  scoring_field_forms[] = {
    { "fields of a score", scoring_field_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_scoring_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_SCORING_NAME, NULL,
      NULL, "what score triggers call it" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records are scored" },
    { "write_to", CRM_KEY_OBJECT, 0, 0, 0, NULL, scoring_field_forms,
      "the fields that take the score; without it Redis keeps it" },
    { "field_rules", CRM_KEY_LIST, 0, 0, CRM_MAX_SCORE_RULES, NULL,
      scoring_rule_forms, "points for what a record is" },
    { "touch_point_rules", CRM_KEY_LIST, 0, 0, CRM_MAX_SCORE_TOUCHES, NULL,
      scoring_touch_forms, "points for what happened to it" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_scoring(crm_build_t *b, const json_t *json)
{
    crm_status_t    rc;
    crm_module_t   *module;
    crm_scoring_t  *scoring;

    scoring = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_scoring_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

    if (scoring == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_scoring_parse(scoring, json, &b->cc);

    return rc == CRM_OK ? crm_array_push(&module->scorings, scoring,
                                        b->cc.pool) : rc;
}


int
crm_scoring_cmp(const void *a, const void *b)
{
    const crm_scoring_t  *x = *(crm_scoring_t *const *) a;
    const crm_scoring_t  *y = *(crm_scoring_t *const *) b;

    return crm_str_cmp(x->name, y->name);
}


crm_status_t
crm_scoring_parse(crm_scoring_t *scoring, const json_t *json,
    crm_compile_t *cc)
{
    crm_status_t   rc, fields, touch;
    const json_t  *rules, *touches;

    memset(scoring, 0, sizeof(crm_scoring_t));

    scoring->name = crm_pool_dup(cc->pool,
                                 crm_shape_str(json_object_get(json,
                                                               "name")));
    if (scoring->name.data == NULL) {
        return CRM_ENOMEM;
    }

    rules = json_object_get(json, "field_rules");
    touches = json_object_get(json, "touch_point_rules");

    if (json_array_size(rules) == 0 && json_array_size(touches) == 0) {
        return crm_shape_error(cc, "", "missing_key", "field_rules",
                               "a scoring_rule needs field_rules or"
                               " touch_point_rules");
    }

    fields = scoring_fields(scoring, json_object_get(json, "write_to"), cc);
    rc = fields != CRM_ENOMEM ? scoring_rules(scoring, rules, cc) : fields;
    touch = rc != CRM_ENOMEM ? scoring_touches(scoring, touches, cc) : rc;

    return touch == CRM_ENOMEM || fields == CRM_OK
           ? (touch == CRM_OK ? rc : touch) : fields;
}


static crm_status_t
scoring_fields(crm_scoring_t *scoring, const json_t *json, crm_compile_t *cc)
{
    const char    *key;
    json_t        *value;
    crm_status_t   rc, all;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, scoring_field_keys, "write_to", "write_to",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    all = CRM_OK;

    json_object_foreach((json_t *) json, key, value) {
        rc = scoring_field(scoring, key, value, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}


static crm_status_t
scoring_field(crm_scoring_t *scoring, const char *key, const json_t *json,
    crm_compile_t *cc)
{
    size_t       i, k;
    unsigned     slot;
    crm_str_t    name;
    const char  *path;

    path = crm_shape_path(cc, "write_to", key);

    name = crm_pool_dup(cc->pool, crm_shape_str(json));
    if (name.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_shape_field(cc, name, path) != CRM_OK) {
        return CRM_EINVAL;
    }

    slot = crm_schema_find(cc->schema, name, crm_str_hash(name));

    if (slot != CRM_SLOT_NONE && cc->schema->types[slot] != CRM_FIELD_ANY
        && cc->schema->types[slot] != CRM_FIELD_NUMBER)
    {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "a score is a number, which a field of type"
                               " %s does not hold",
                               crm_schema_type_name(cc->schema, slot));
    }

    for (i = 0, k = 0; i < CRM_SCORE_FIELDS; i++) {
        if (crm_str_eq(scoring->fields[i], name)) {
            return crm_shape_error(cc, path, "duplicate_name", NULL,
                                   "field \"%s\" takes another score of this"
                                   " rule already", name.data);
        }

        if (strcmp(scoring_field_keys[i].name, key) == 0) {
            k = i;
        }
    }

    scoring->fields[k] = name;

    return CRM_OK;
}


static crm_status_t
scoring_rules(crm_scoring_t *scoring, const json_t *json, crm_compile_t *cc)
{
    size_t             i;
    json_t            *item;
    const char        *path;
    crm_status_t       rc, all;
    crm_score_rule_t  *rule;

    scoring->rules = crm_pool_calloc(cc->pool, json_array_size(json) + 1,
                                     sizeof(crm_score_rule_t));
    if (scoring->rules == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rule = &scoring->rules[i];
        path = crm_shape_index(cc, "field_rules", i);

        rc = crm_shape_check(item, scoring_rule_keys, "a field rule", path,
                             cc);

        if (rc == CRM_OK) {
            rule->score = json_integer_value(json_object_get(item, "score"));
            rc = crm_criteria_compile(&rule->criteria,
                                      json_object_get(item, "criteria"),
                                      crm_shape_path(cc, path, "criteria"),
                                      cc);
        }

        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    scoring->rules_count = json_array_size(json);

    return all;
}


static crm_status_t
scoring_touches(crm_scoring_t *scoring, const json_t *json,
    crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_status_t  rc, all;

    scoring->touches = crm_pool_calloc(cc->pool, json_array_size(json) + 1,
                                       sizeof(crm_score_touch_t));
    if (scoring->touches == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        rc = scoring_touch(&scoring->touches[i], item,
                           crm_shape_index(cc, "touch_point_rules", i), cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    scoring->touches_count = json_array_size(json);

    return all;
}


static crm_status_t
scoring_touch(crm_score_touch_t *touch, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_shape_check(json, scoring_touch_keys, "a touch point", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    touch->score = json_integer_value(json_object_get(json, "score"));

    if (crm_shape_copy(&touch->event, json_object_get(json, "event"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    return scoring_is_event(touch->event)
           ? CRM_OK
           : crm_shape_error(cc, crm_shape_path(cc, path, "event"),
                             "wrong_value", NULL,
                             "an event is written in small letters, digits"
                             " and _, such as email_opened, not \"%s\"",
                             touch->event.data);
}


static int
scoring_is_event(crm_str_t event)
{
    size_t  i;

    for (i = 0; i < event.len; i++) {
        char  c = event.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
            return 0;
        }
    }

    return 1;
}
