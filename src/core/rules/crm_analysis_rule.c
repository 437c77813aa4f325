/*
 * A workflow rule as analysis sees it: when it starts. What it writes:
 * crm_analysis_effect.c.
 */

#include "rules/crm_analysis_rule.h"

#include "base/crm_limits.h"
#include "rules/crm_analysis_effect.h"


#define RULE_DEFAULT_SEQUENCE  1000

/* Conditions of two rules, each with those before it, a watch each, a fact. */
#define RULE_MAX_TERMS  (2 * CRM_MAX_CONDITIONS + 3)

typedef struct {
    crm_analysis_term_t  items[RULE_MAX_TERMS];
    size_t               count;
} terms_t;


static void rule_trigger(crm_analysis_rule_t *rule, const json_t *when);
static crm_status_t rule_date(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *details);
static crm_status_t rule_watches(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *criteria);
static crm_status_t rule_watch(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *leaf);
static crm_status_t rule_conditions(crm_analysis_rule_t *rule,
    crm_analysis_model_t *model, const json_t *list);
static void terms_condition(terms_t *terms, const crm_analysis_rule_t *rule,
    unsigned condition, const unsigned *blind, size_t blind_count);
static void terms_watch(terms_t *terms, const crm_analysis_rule_t *rule);
static crm_analysis_term_t *terms_add(terms_t *terms,
    const crm_criteria_t *criteria, int denied);
static size_t blind_slots(const crm_analysis_rule_t *rule, unsigned condition,
    unsigned *slots, size_t max);
static int watch_fits(crm_analysis_model_t *model,
    const crm_analysis_effect_t *effect, const crm_analysis_rule_t *rule);


crm_status_t
crm_analysis_rule_load(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *json)
{
    size_t         i;
    crm_str_t      module, status;
    crm_status_t   rc;
    const json_t  *when, *sequence, *conditions;

    rule->json = json;
    rule->name = crm_shape_str(json_object_get(json, "name"));
    module = crm_shape_str(json_object_get(json, "module"));

    if (rule->name.len == 0 || module.len == 0) {
        return CRM_DECLINED;
    }

    rule->module = crm_analysis_model_module(model, module);
    if (rule->module == NULL) {
        return CRM_ENOMEM;
    }

    status = crm_shape_str(json_object_get(json, "status"));
    rule->live = !crm_str_is(status, "off") && !crm_str_is(status, "shadow");
    rule->cascade = json_is_true(json_object_get(json, "cascade"));

    sequence = json_object_get(json, "sequence");
    rule->sequence = json_is_integer(sequence) ? json_integer_value(sequence)
                                               : RULE_DEFAULT_SEQUENCE;

    when = json_object_get(json, "execute_when");
    rule_trigger(rule, when);

    rc = CRM_OK;
    when = json_object_get(when, "details");

    if (rule->on == CRM_ANALYSIS_ON_FIELD) {
        rule->match_all = json_is_true(json_object_get(when, "match_all"));
        rc = rule_watches(rule, model, json_object_get(when, "criteria"));
    }

    if (rule->on == CRM_ANALYSIS_ON_DATE) {
        rc = rule_date(rule, model, when);
    }

    if (rule->on == CRM_ANALYSIS_ON_SCORE) {
        rule->scores = json_object_get(when, "rules");
    }

    conditions = json_object_get(json, "conditions");

    if (rc != CRM_ENOMEM) {
        rc = rule_conditions(rule, model, conditions);
    }

    if (rc != CRM_ENOMEM) {
        rc = crm_analysis_effect_load(rule, model, conditions);
    }

    /* what no write starts, or not before it is made, writes by itself */

    for (i = 0; i < rule->effects_count
                && !(rule->on & CRM_ANALYSIS_ON_WRITE); i++)
    {
        rule->effects[i].later = 1;
    }

    return rc;
}


int
crm_analysis_rule_meets(crm_analysis_model_t *model,
    const crm_analysis_rule_t *a, unsigned a_condition,
    const crm_analysis_rule_t *b, unsigned b_condition)
{
    terms_t  terms;

    terms.count = 0;
    terms_condition(&terms, a, a_condition, NULL, 0);
    terms_condition(&terms, b, b_condition, NULL, 0);
    terms_watch(&terms, a);
    terms_watch(&terms, b);

    return !crm_analysis_tree_impossible(model->tree, terms.items, terms.count,
                                         &a->module->predicates, NULL);
}


int
crm_analysis_rule_starts(crm_analysis_model_t *model,
    const crm_analysis_rule_t *a, crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b)
{
    size_t                n;
    terms_t               terms;
    unsigned              k, slots[CRM_MAX_ACTIONS];
    crm_analysis_term_t  *term;

    if (effect->module != b->module || !b->live
        || (effect->field.data == NULL ? !(b->on & CRM_ANALYSIS_ON_CREATE)
            : !(b->on & (CRM_ANALYSIS_ON_EDIT | CRM_ANALYSIS_ON_FIELD))))
    {
        return 0;
    }

    if (crm_analysis_effect_fact(model, effect) != CRM_OK
        || ((b->on & CRM_ANALYSIS_ON_FIELD) && !watch_fits(model, effect, b)))
    {
        return 0;
    }

    n = effect->later || effect->field.data == NULL ? 0
        : blind_slots(a, effect->condition, slots, CRM_MAX_ACTIONS);

    for (k = 0; k < b->conditions_count; k++) {
        terms.count = 0;
        terms_condition(&terms, b, k, NULL, 0);

        if (effect->fact) {
            term = terms_add(&terms, NULL, 0);
            term->literal = effect->fact;
        }

        if (n) {
            terms_condition(&terms, a, effect->condition, slots, n);
        }

        if (!crm_analysis_tree_impossible(model->tree, terms.items,
                                          terms.count,
                                          &b->module->predicates, NULL))
        {
            return 1;
        }
    }

    return 0;
}


static void
rule_trigger(crm_analysis_rule_t *rule, const json_t *when)
{
    size_t     i;
    crm_str_t  type;

    static const struct {
        const char  *type;
        unsigned     on;
    } rows[] = {
        { "create", CRM_ANALYSIS_ON_CREATE },
        { "edit", CRM_ANALYSIS_ON_EDIT },
        { "create_or_edit", CRM_ANALYSIS_ON_CREATE | CRM_ANALYSIS_ON_EDIT },
        { "field_update", CRM_ANALYSIS_ON_FIELD },
        { "date_or_datetime", CRM_ANALYSIS_ON_DATE },
        { "score_increase", CRM_ANALYSIS_ON_SCORE },
        { "score_decrease", CRM_ANALYSIS_ON_SCORE },
        { "score_update", CRM_ANALYSIS_ON_SCORE }
    };

    type = crm_shape_str(json_object_get(when, "type"));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (crm_str_is(type, rows[i].type)) {
            rule->on = rows[i].on;
        }
    }
}


static crm_status_t
rule_date(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *details)
{
    crm_status_t    rc;
    crm_workflow_t  dated;

    memset(&dated, 0, sizeof(crm_workflow_t));
    crm_analysis_model_within(model, rule->module);

    rc = crm_date_trigger_parse(&dated, details, &model->cc);

    if (rc == CRM_OK && dated.repeat) {
        rule->date = dated.date;
    }

    return rc;
}


static crm_status_t
rule_watches(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *criteria)
{
    size_t         i, count;
    json_t        *leaf, *group;
    crm_status_t   rc;

    group = json_object_get(criteria, "group");
    count = json_is_array(group) ? json_array_size(group) : 1;
    count = count > CRM_MAX_GROUP ? CRM_MAX_GROUP : count;

    rule->watched = crm_pool_calloc(model->pool, count, sizeof(crm_str_t));
    rule->watches = crm_pool_calloc(model->pool, count,
                                    sizeof(crm_criteria_t));
    if (rule->watched == NULL || rule->watches == NULL) {
        return CRM_ENOMEM;
    }

    if (!json_is_array(group)) {
        return rule_watch(rule, model, criteria);
    }

    json_array_foreach(group, i, leaf) {
        if (i == count) {
            break;
        }

        rc = rule_watch(rule, model, leaf);
        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
rule_watch(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *leaf)
{
    size_t        i;
    crm_str_t     field;
    crm_status_t  rc;

    field = crm_analysis_model_field(json_object_get(leaf, "field"));
    if (field.len == 0) {
        return CRM_OK;
    }

    i = rule->watched_count++;
    rule->watched[i] = field;

    if (crm_criteria_is_any_value(leaf)) {
        return CRM_OK;
    }

    rc = crm_analysis_model_compile(model, rule->module, &rule->watches[i],
                                    leaf);
    if (rc != CRM_OK) {
        memset(&rule->watches[i], 0, sizeof(crm_criteria_t));
    }

    return rc;
}


static crm_status_t
rule_conditions(crm_analysis_rule_t *rule, crm_analysis_model_t *model,
    const json_t *list)
{
    size_t        i;
    json_t       *json;
    crm_status_t  rc;

    rule->conditions_count = json_array_size(list);

    if (rule->conditions_count > CRM_MAX_CONDITIONS) {
        rule->conditions_count = CRM_MAX_CONDITIONS;
    }

    rule->conditions = crm_pool_calloc(model->pool, rule->conditions_count,
                                       sizeof(crm_criteria_t));
    rule->known = crm_pool_calloc(model->pool, rule->conditions_count, 1);

    if (rule->conditions == NULL || rule->known == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < rule->conditions_count; i++) {
        json = json_object_get(json_array_get(list, i), "criteria");

        rc = crm_analysis_model_compile(model, rule->module,
                                        &rule->conditions[i], json);
        if (rc == CRM_ENOMEM) {
            return rc;
        }

        rule->known[i] = rc == CRM_OK;
    }

    return CRM_OK;
}


static void
terms_condition(terms_t *terms, const crm_analysis_rule_t *rule,
    unsigned condition, const unsigned *blind, size_t blind_count)
{
    unsigned              i;
    crm_analysis_term_t  *term;

    for (i = 0; i <= condition; i++) {
        /* where leaves say nothing, a denial says nothing either */

        if (!rule->known[i] || (i < condition && blind)) {
            continue;
        }

        term = terms_add(terms, &rule->conditions[i], i < condition);
        term->blind = blind;
        term->blind_count = blind_count;
    }
}


/* A watched value that the record must have; one of several is a choice that
 * is not followed. */
static void
terms_watch(terms_t *terms, const crm_analysis_rule_t *rule)
{
    if (rule->watched_count == 1 && rule->watches[0].nodes) {
        (void) terms_add(terms, &rule->watches[0], 0);
    }
}


static crm_analysis_term_t *
terms_add(terms_t *terms, const crm_criteria_t *criteria, int denied)
{
    crm_analysis_term_t  *term;

    term = &terms->items[terms->count++];
    memset(term, 0, sizeof(crm_analysis_term_t));
    term->criteria = criteria;
    term->denied = denied;

    return term;
}


/* The fields that a condition of rule writes at once. */
static size_t
blind_slots(const crm_analysis_rule_t *rule, unsigned condition,
    unsigned *slots, size_t max)
{
    size_t        i, n;
    unsigned      slot;
    crm_str_t     field;

    for (i = 0, n = 0; i < rule->effects_count && n < max; i++) {
        field = rule->effects[i].field;

        if (rule->effects[i].condition != condition || field.data == NULL) {
            continue;
        }

        slot = crm_schema_find(&rule->module->schema, field,
                               crm_str_hash(field));
        if (slot != CRM_SLOT_NONE) {
            slots[n++] = slot;
        }
    }

    return n;
}


/* Whether the field that effect writes is watched, and may be as watched. */
static int
watch_fits(crm_analysis_model_t *model, const crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *rule)
{
    size_t   i;
    terms_t  terms;

    for (i = 0; i < rule->watched_count; i++) {
        if (!crm_str_eq(rule->watched[i], effect->field)) {
            continue;
        }

        if (rule->watches[i].nodes == NULL || effect->fact == NULL) {
            return 1;
        }

        terms.count = 0;
        (void) terms_add(&terms, &rule->watches[i], 0);
        terms_add(&terms, NULL, 0)->literal = effect->fact;

        if (!crm_analysis_tree_impossible(model->tree, terms.items,
                                          terms.count,
                                          &rule->module->predicates, NULL))
        {
            return 1;
        }
    }

    return 0;
}
