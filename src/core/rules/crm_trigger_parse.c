/*
 * The triggers that no write starts: a date that a record holds, and a score.
 */

#include "rules/crm_rule.h"

#include "rules/crm_reference.h"


static crm_status_t date_field(crm_date_trigger_t *date, const json_t *json,
    crm_compile_t *cc);
static crm_status_t date_time(crm_date_trigger_t *date, const json_t *json,
    crm_compile_t *cc);
static crm_status_t score_rules(crm_score_trigger_t *score,
    const json_t *json, crm_compile_t *cc);


static const char *const  recur_words[] = {
    "once", "monthly", "yearly", NULL
};

static const char *const  period_words[] = {
    "hours", "days", "business_days", "weeks", "months", "years", NULL
};

static const char *const  score_words[] = {
    "All_Rules", "Selective_Rules", NULL
};

#define TRIGGER_PERIODS                                                       \
    (CRM_PERIODS_DAYS | CRM_PERIOD_BIT(CRM_PERIOD_HOURS))

#define TRIGGER_MAX_RULES  1000     /* the vendor's */

const crm_key_t  crm_date_trigger_keys[] = {
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "the field with the date" },
    { "unit", CRM_KEY_INTEGER, 0, 0, 0, NULL, NULL,
      "how many periods after it; below 0: before it; default 0" },
    { "period", CRM_KEY_TEXT, 0, 0, 0, period_words, NULL,
      "of what; default days" },
    { "execute_at", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the time of that day, such as \"09:00\"; default \"00:00\"" },
    { "recur_cycle", CRM_KEY_WORD, 0, 0, 0, recur_words, NULL,
      "once (default), or again each month or year" },
    { "repeat", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "true (default): each time; false: once a record" },
    CRM_KEYS_END
};

const crm_key_t  crm_score_trigger_keys[] = {
    { "type", CRM_KEY_WORD, 0, 0, 0, score_words, NULL,
      "All_Rules (default), or Selective_Rules: those in rules" },
    { "rules", CRM_KEY_TEXTS, 0, 1, TRIGGER_MAX_RULES, NULL, NULL,
      "names of scoring rules" },
    CRM_KEYS_END
};


crm_status_t
crm_date_trigger_parse(crm_workflow_t *rule, const json_t *details,
    crm_compile_t *cc)
{
    size_t               i;
    const char          *path;
    crm_status_t         rc, all;
    crm_date_trigger_t  *date;

    path = "execute_when.details";

    if (!json_is_object(details)) {
        return crm_shape_error(cc, "execute_when", "missing_key", "details",
                               "a date_or_datetime trigger lacks \"details\""
                               " with the field that holds the date");
    }

    all = crm_shape_check(details, crm_date_trigger_keys, path, path, cc);
    if (all != CRM_OK) {
        return all;
    }

    date = crm_pool_calloc(cc->pool, 1, sizeof(crm_date_trigger_t));
    if (date == NULL) {
        return CRM_ENOMEM;
    }

    rule->date = date;
    rule->repeat = !json_is_false(json_object_get(details, "repeat"));

    all = date_field(date, json_object_get(details, "field"), cc);

    rc = crm_duration_read(&date->offset, details, TRIGGER_PERIODS, 1, path,
                           cc);
    if (rc != CRM_OK) {
        all = all == CRM_ENOMEM ? all : rc;
    }

    rc = date_time(date, json_object_get(details, "execute_at"), cc);
    if (rc != CRM_OK) {
        all = all == CRM_ENOMEM ? all : rc;
    }

    for (i = 0; recur_words[i]; i++) {
        if (crm_str_is(crm_shape_str(json_object_get(details, "recur_cycle")),
                       recur_words[i]))
        {
            date->recur = (crm_recur_t) i;
        }
    }

    return all;
}


static crm_status_t
date_field(crm_date_trigger_t *date, const json_t *json, crm_compile_t *cc)
{
    unsigned      slot;
    const char   *path;
    crm_status_t  rc;

    path = "execute_when.details.field";

    rc = crm_shape_copy(&date->field, json, cc->pool);

    if (rc == CRM_OK) {
        rc = crm_shape_field(cc, date->field, path);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    slot = crm_schema_find(cc->schema, date->field, crm_str_hash(date->field));

    if (slot == CRM_SLOT_NONE || cc->schema->types[slot] == CRM_FIELD_ANY
        || cc->schema->types[slot] == CRM_FIELD_DATE
        || cc->schema->types[slot] == CRM_FIELD_DATETIME)
    {
        return CRM_OK;
    }

    return crm_shape_error(cc, path, "wrong_type", NULL,
                           "\"%s\" is a field of type %s, and not of date or"
                           " datetime", date->field.data,
                           crm_schema_type_name(cc->schema, slot));
}


/* "09:00" */
static crm_status_t
date_time(crm_date_trigger_t *date, const json_t *json, crm_compile_t *cc)
{
    int        hour, minute;
    crm_str_t  t;

    if (json == NULL) {
        return CRM_OK;
    }

    t = crm_shape_str(json);

    if (t.len == 5 && t.data[2] == ':'
        && t.data[0] >= '0' && t.data[0] <= '2'
        && t.data[1] >= '0' && t.data[1] <= '9'
        && t.data[3] >= '0' && t.data[3] <= '5'
        && t.data[4] >= '0' && t.data[4] <= '9')
    {
        hour = (t.data[0] - '0') * 10 + t.data[1] - '0';
        minute = (t.data[3] - '0') * 10 + t.data[4] - '0';

        if (hour < 24) {
            date->at_minute = hour * 60 + minute;
            date->at_given = 1;
            return CRM_OK;
        }
    }

    return crm_shape_error(cc, "execute_when.details.execute_at",
                           "wrong_value", NULL,
                           "execute_at must be a time of the day, such as"
                           " \"09:00\"");
}


crm_status_t
crm_score_trigger_parse(crm_workflow_t *rule, const json_t *details,
    crm_compile_t *cc)
{
    const char           *path;
    crm_status_t          rc;
    crm_score_trigger_t  *score;

    path = "execute_when.details";

    score = crm_pool_calloc(cc->pool, 1, sizeof(crm_score_trigger_t));
    if (score == NULL) {
        return CRM_ENOMEM;
    }

    rule->score = score;
    rc = CRM_OK;

    if (details && !json_is_null(details)) {
        rc = crm_shape_check(details, crm_score_trigger_keys, path, path, cc);
    }

    if (rc == CRM_OK) {
        rc = score_rules(score, details, cc);
    }

    return rc;
}


static crm_status_t
score_rules(crm_score_trigger_t *score, const json_t *json, crm_compile_t *cc)
{
    int            selective;
    size_t         i;
    json_t        *item;
    const char    *path;
    crm_status_t   rc, all;
    const json_t  *rules;

    path = "execute_when.details";
    rules = json_object_get(json, "rules");
    selective = crm_str_is(crm_shape_str(json_object_get(json, "type")),
                           score_words[1]);

    if (selective != (rules != NULL)) {
        return crm_shape_error(cc, path, selective ? "missing_key"
                               : "wrong_value", selective ? "rules" : NULL,
                               selective ? "Selective_Rules lacks \"rules\""
                               " with the names of scoring rules"
                               : "\"rules\" go with type: Selective_Rules");
    }

    score->rules_count = json_array_size(rules);
    score->rules = crm_pool_calloc(cc->pool, score->rules_count + 1,
                                   sizeof(crm_str_t));
    if (score->rules == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) rules, i, item) {
        rc = crm_shape_copy(&score->rules[i], item, cc->pool);

        if (rc == CRM_OK) {
            rc = crm_reference_check(cc,
                                     crm_shape_index(cc,
                                                 "execute_when.details.rules",
                                                 i),
                                     "scoring_rule", score->rules[i]);
        }
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all;
}
