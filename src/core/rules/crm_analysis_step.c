/*
 * From rule to rule.
 *
 * A write of automation starts rules if its rule says cascade. Whoever writes,
 * scores are counted, timers move and escalations begin and end; a rule that
 * waits for a score hears of what is merged into the write itself, too. What
 * an escalation does starts no rule and does not begin it anew; a date that
 * has come begins a chain of its own.
 */

#include "rules/crm_analysis_step.h"

#include "rules/crm_analysis_effect.h"
#include "rules/crm_analysis_rule.h"


static crm_status_t steps_moving(crm_analysis_steps_t *steps,
    const crm_analysis_rule_t *rule);
static void steps_leaves(const crm_analysis_steps_t *steps,
    crm_analysis_rule_t *escalation, const crm_analysis_rule_t *rule);
static int step_date(const crm_analysis_steps_t *steps,
    const crm_analysis_rule_t *a, const crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b);
static int step_score(const crm_analysis_rule_t *a,
    const crm_analysis_effect_t *effect, const crm_analysis_rule_t *b);
static int step_match(const crm_analysis_steps_t *steps,
    crm_analysis_effect_t *effect, const crm_analysis_rule_t *b);
static size_t step_fits(const crm_analysis_steps_t *steps,
    crm_analysis_effect_t *effect, const crm_analysis_rule_t *b);
static int step_settles(const crm_analysis_effect_t *effect);
static int step_watches(const crm_analysis_rule_t *rule,
    const crm_analysis_effect_t *effect);
static int step_still(const crm_analysis_steps_t *steps,
    const crm_analysis_rule_t *a, const json_t *value);
static crm_str_t step_key(const crm_analysis_steps_t *steps,
    const crm_analysis_module_t *module, crm_str_t field);


crm_status_t
crm_analysis_steps_init(crm_analysis_steps_t *steps,
    crm_analysis_model_t *model, crm_analysis_rule_t **rules, size_t count)
{
    size_t        i, k;
    crm_status_t  rc;

    steps->model = model;
    crm_map_init(&steps->moving, model->pool);

    for (i = 0; i < count; i++) {
        rc = steps_moving(steps, rules[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    for (i = 0; i < count; i++) {
        for (k = 0; k < count && rules[i]->on == CRM_ANALYSIS_ON_MATCH; k++) {
            steps_leaves(steps, rules[i], rules[k]);
        }
    }

    return CRM_OK;
}


static crm_status_t
steps_moving(crm_analysis_steps_t *steps, const crm_analysis_rule_t *rule)
{
    size_t                        i;
    crm_str_t                     key;
    const crm_analysis_effect_t  *effect;

    for (i = 0; i < rule->effects_count; i++) {
        effect = &rule->effects[i];

        if (effect->field.data == NULL
            || !crm_analysis_due_moves(effect->value))
        {
            continue;
        }

        key = step_key(steps, effect->module, effect->field);

        if (key.data == NULL || crm_map_add(&steps->moving, key) == NULL) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


/* Somebody who escalates has to let go, or nothing begins again. */
static void
steps_leaves(const crm_analysis_steps_t *steps,
    crm_analysis_rule_t *escalation, const crm_analysis_rule_t *rule)
{
    size_t                  i;
    crm_analysis_effect_t  *effect;

    for (i = 0; i < rule->effects_count && !escalation->leaves; i++) {
        effect = &rule->effects[i];

        if (effect->field.len && effect->module == escalation->module
            && step_watches(escalation, effect)
            && (effect->constant == NULL
                || step_fits(steps, effect, escalation)
                   < escalation->conditions_count))
        {
            escalation->leaves = 1;
        }
    }

    /* its last action is a new owner */

    for (i = 0; i < escalation->watched_count; i++) {
        escalation->leaves |= crm_str_is(escalation->watched[i], "Owner");
    }
}


crm_analysis_reach_t
crm_analysis_step_reach(const crm_analysis_rule_t *rule,
    const crm_analysis_effect_t *effect)
{
    if (rule->on == CRM_ANALYSIS_ON_COUNT) {
        return rule->reach;
    }

    /* an owner is set by a write of its own, and what is merged into the write
     * itself starts nothing: all rules see that one as it came */

    if (!effect->later && !effect->first_wins) {
        return CRM_ANALYSIS_REACH_SCORE;
    }

    return rule->cascade ? CRM_ANALYSIS_REACH_ALL : CRM_ANALYSIS_REACH_NONE;
}


int
crm_analysis_step(const crm_analysis_steps_t *steps,
    const crm_analysis_rule_t *a, crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b)
{
    if (effect->module != b->module || !b->live) {
        return 0;
    }

    switch (b->on) {

    case CRM_ANALYSIS_ON_DATE:
        return step_date(steps, a, effect, b);

    case CRM_ANALYSIS_ON_SCORE:
        return step_score(a, effect, b);

    case CRM_ANALYSIS_ON_COUNT:
        return a->on != CRM_ANALYSIS_ON_MATCH
               && crm_analysis_step_reach(a, effect) == b->reach
               && (effect->field.data == NULL || step_watches(b, effect));

    case CRM_ANALYSIS_ON_MATCH:
        return a->on != CRM_ANALYSIS_ON_MATCH && step_match(steps, effect, b);

    default:
        return crm_analysis_step_reach(a, effect) == CRM_ANALYSIS_REACH_ALL
               && (a != b || !step_settles(effect))
               && crm_analysis_rule_starts(steps->model, a, effect, b);
    }
}


static int
step_date(const crm_analysis_steps_t *steps, const crm_analysis_rule_t *a,
    const crm_analysis_effect_t *effect, const crm_analysis_rule_t *b)
{
    switch (crm_analysis_step_due(steps, a, effect, b)) {

    case CRM_ANALYSIS_DUE_LATER:
        return 1;

    case CRM_ANALYSIS_DUE_TODAY:
        return a->date == NULL || a->date->at_minute < b->date->at_minute;

    default:
        return 0;
    }
}


crm_analysis_due_t
crm_analysis_step_due(const crm_analysis_steps_t *steps,
    const crm_analysis_rule_t *a, const crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b)
{
    crm_str_t      field;
    const json_t  *value;

    if (b->date == NULL || !b->live) {
        return CRM_ANALYSIS_DUE_NEVER;
    }

    field = b->date->field;

    if (effect->field.data) {
        return crm_str_eq(field, effect->field)
               ? crm_analysis_due(b->date, effect->value,
                                  step_still(steps, a, effect->value))
               : CRM_ANALYSIS_DUE_NEVER;
    }

    value = json_object_get(effect->value, field.data);

    if (value) {
        return crm_analysis_due(b->date, value, step_still(steps, a, value));
    }

    /* what comes of itself with a new record: a task's is days from now */

    if (effect->value == NULL) {
        return crm_str_is(field, "Due_Date") ? CRM_ANALYSIS_DUE_LATER
                                             : CRM_ANALYSIS_DUE_NEVER;
    }

    return crm_str_is(field, "Created_Time")
           || crm_str_is(field, "Modified_Time")
           ? crm_analysis_due_created(b->date) : CRM_ANALYSIS_DUE_NEVER;
}


/* The sum, and it is one of those that b waits for. */
static int
step_score(const crm_analysis_rule_t *a, const crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b)
{
    size_t   i;
    json_t  *name;

    if (a->on != CRM_ANALYSIS_ON_COUNT || effect != a->effects
        || a->reach == CRM_ANALYSIS_REACH_NONE)
    {
        return 0;
    }

    json_array_foreach((json_t *) b->scores, i, name) {
        if (crm_str_eq(crm_shape_str(name), a->name)) {
            return 1;
        }
    }

    return b->scores == NULL;
}


/* The record begins to match: a new one, or again. */
static int
step_match(const crm_analysis_steps_t *steps, crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b)
{
    if (effect->field.data == NULL) {
        return 1;
    }

    return b->leaves && step_watches(b, effect)
           && step_fits(steps, effect, b) > 0;
}


/* How many of b's conditions can be true once effect is there. */
static size_t
step_fits(const crm_analysis_steps_t *steps, crm_analysis_effect_t *effect,
    const crm_analysis_rule_t *b)
{
    size_t               i, n;
    crm_analysis_term_t  terms[2];

    /* without memory the tree says so in the end */

    if (crm_analysis_effect_fact(steps->model, effect) != CRM_OK
        || effect->fact == NULL)
    {
        return b->conditions_count;
    }

    memset(terms, 0, sizeof(terms));
    terms[1].literal = effect->fact;

    for (i = 0, n = 0; i < b->conditions_count; i++) {
        terms[0].criteria = &b->conditions[i];
        n += !crm_analysis_tree_impossible(steps->model->tree, terms, 2,
                                           &b->module->predicates, NULL);
    }

    return n;
}


/*
 * Whether what a rule writes is the same the second time, which is no change
 * and starts nothing: a constant, a copy, a text that knows neither the time
 * nor what the field was.
 */
static int
step_settles(const crm_analysis_effect_t *effect)
{
    crm_str_t    merge;
    const char  *p;

    if (effect->field.data == NULL) {
        return 0;
    }

    merge = crm_shape_str(json_object_get(effect->value, "merge"));
    if (merge.data == NULL) {
        return 1;
    }

    for (p = merge.data; (p = strstr(p, "${")) != NULL; p += 2) {
        if (strncmp(p, "${NOW", 5) == 0) {
            return 0;
        }
    }

    return strstr(merge.data, effect->field.data) == NULL;
}


static int
step_watches(const crm_analysis_rule_t *rule,
    const crm_analysis_effect_t *effect)
{
    size_t  i;

    for (i = 0; i < rule->watched_count; i++) {
        if (crm_str_eq(rule->watched[i], effect->field)) {
            return 1;
        }
    }

    return 0;
}


/* Whether value copies a field that no rule moves with the time. */
static int
step_still(const crm_analysis_steps_t *steps, const crm_analysis_rule_t *a,
    const json_t *value)
{
    crm_str_t    merge, field, key;
    const char  *p;

    field = crm_analysis_model_field(json_object_get(value, "field"));
    merge = crm_shape_str(json_is_string(value) ? value
                          : json_object_get(value, "merge"));

    if (field.len == 0 && merge.data) {
        p = strstr(merge.data, "${!");
        p = p ? strchr(p, '.') : NULL;
        field = p ? crm_str(p + 1, strcspn(p + 1, ".|}")) : field;
    }

    key = step_key(steps, a->module, field);

    return key.data && crm_map_find(&steps->moving, key) == NULL;
}


/* The data is NULL without memory. */
static crm_str_t
step_key(const crm_analysis_steps_t *steps,
    const crm_analysis_module_t *module, crm_str_t field)
{
    return crm_pool_printf(steps->model->pool, "%s %.*s", module->name.data,
                           (int) field.len, field.data ? field.data : "");
}
