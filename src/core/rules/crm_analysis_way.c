/*
 * A circle of rules, rule by rule, and what is said of it.
 */

#include "rules/crm_analysis_way.h"


/* A circle that is told names so many rules; longer ones are cut. */
#define WAY_SHOWN  10

/* By what runs in a circle: what it comes to, and what to do about it. */
typedef enum {
    WAY_CHAIN = 0,              /* writes that start rules */
    WAY_TIME,                   /* timers, each of which begins a chain */
    WAY_SCORES                  /* nothing but scores */
} way_sort_t;


static way_sort_t way_sort(const crm_analysis_way_t *way);
static int way_goes_on(const crm_analysis_way_t *way);
static crm_str_t way_path(const crm_analysis_way_t *way, crm_pool_t *pool);
static crm_str_t way_rule(const crm_analysis_rule_t *rule, crm_pool_t *pool);
static crm_str_t way_link(const crm_analysis_link_t *link, crm_str_t rest,
    crm_pool_t *pool);
static const char *way_key(const crm_analysis_rule_t *rule);


static const char *const  alone[] = {
    "this rule can start itself: %s; no rule runs twice in a chain, so it"
    " ends there: leave cascade out, or narrow its criteria",

    "this rule can make itself due again: %s; time begins a new chain, so it"
    " never ends: write no date that is still to come, say repeat: false, or"
    " narrow its criteria",

    "this rule counts what it writes: %s; each write makes it another score:"
    " leave the field out of its criteria"
};

static const char *const  many[] = {
    ("rules can start one another in a circle: %s; no rule runs twice in a"
    " chain, so what comes out depends on who begins: take cascade from one,"
    " or narrow its criteria"),

    ("rules can start one another in a circle: %s; time begins a new chain, so"
    " it never ends: write no date that is still to come, say repeat: false,"
    " or narrow the criteria of one"),

    ("rules count what one another write, in a circle: %s; each write makes it"
    " another score: leave the field of one out of the criteria of another")
};


crm_status_t
crm_analysis_way_init(crm_analysis_way_t *way,
    const crm_analysis_steps_t *steps, size_t max)
{
    memset(way, 0, sizeof(crm_analysis_way_t));
    way->steps = steps;
    way->links = crm_pool_calloc(steps->model->pool, max + 1,
                                 sizeof(crm_analysis_link_t));

    return way->links ? CRM_OK : CRM_ENOMEM;
}


void
crm_analysis_way_before(crm_analysis_way_t *way, crm_analysis_rule_t *rule,
    unsigned effect)
{
    way->links[way->count].rule = rule;
    way->links[way->count++].effect = &rule->effects[effect];
}


crm_status_t
crm_analysis_way_tell(crm_analysis_way_t *way)
{
    size_t                  i;
    crm_str_t               text;
    way_sort_t              sort;
    crm_analysis_model_t   *model;
    crm_analysis_rule_t    *at, *rule;

    model = way->steps->model;
    sort = way_sort(way);
    at = NULL;
    way->told = 0;

    if (sort == WAY_TIME && !way_goes_on(way)) {
        return CRM_DECLINED;
    }

    for (i = way->count; i-- > 0 && at == NULL; ) {
        rule = way->links[i].rule;
        at = rule->object < model->own ? rule : NULL;
    }

    if (at == NULL) {
        return CRM_OK;
    }

    text = way_path(way, model->pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    way->told = 1;
    crm_findings_add(model->findings, CRM_WARNING, at->object, way_key(at), 0,
                     "circle", NULL, (way->count == 1 ? alone : many)[sort],
                     text.data);

    return CRM_OK;
}


static way_sort_t
way_sort(const crm_analysis_way_t *way)
{
    size_t    i;
    unsigned  on;

    for (i = 0, on = 0; i < way->count; i++) {
        on |= way->links[i].rule->on;
    }

    return on & CRM_ANALYSIS_ON_DATE ? WAY_TIME
           : on == CRM_ANALYSIS_ON_COUNT ? WAY_SCORES : WAY_CHAIN;
}


/* Whether one of the dates is a later day, each time. */
static int
way_goes_on(const crm_analysis_way_t *way)
{
    size_t                      i;
    const crm_analysis_link_t  *link, *next;

    for (i = 0; i < way->count; i++) {
        link = &way->links[i];
        next = &way->links[i ? i - 1 : way->count - 1];

        if (next->rule->on == CRM_ANALYSIS_ON_DATE
            && crm_analysis_step_due(way->steps, link->rule, link->effect,
                                     next->rule) == CRM_ANALYSIS_DUE_LATER)
        {
            return 1;
        }
    }

    return 0;
}


/* "A" sets Stage -> "B" sets Due -> "A". The data is NULL without memory. */
static crm_str_t
way_path(const crm_analysis_way_t *way, crm_pool_t *pool)
{
    size_t     i;
    crm_str_t  text;

    text = way_rule(way->links[way->count - 1].rule, pool);

    for (i = 0; i < way->count && text.data; i++) {
        if (i < WAY_SHOWN || i == way->count - 1) {
            text = way_link(&way->links[i], text, pool);

        } else if (i == WAY_SHOWN) {
            text = crm_pool_printf(pool, "... -> %s", text.data);
        }
    }

    return text;
}


static crm_str_t
way_rule(const crm_analysis_rule_t *rule, crm_pool_t *pool)
{
    const char  *kind;

    kind = rule->on == CRM_ANALYSIS_ON_COUNT ? "scoring_rule "
           : rule->on == CRM_ANALYSIS_ON_MATCH ? "escalation_rule " : "";

    return crm_pool_printf(pool, "%s\"%.*s\"", kind, (int) rule->name.len,
                           rule->name.data);
}


static crm_str_t
way_link(const crm_analysis_link_t *link, crm_str_t rest, crm_pool_t *pool)
{
    crm_str_t    rule, what;
    const char  *does;

    rule = way_rule(link->rule, pool);
    what = link->effect->field;
    does = "sets";

    if (what.data == NULL) {
        does = "creates a record of";
        what = link->effect->module->name;

    } else if (what.len == 0) {
        does = "moves";
        what = CRM_STR("the score");
    }

    return rule.data ? crm_pool_printf(pool, "%s %s %.*s -> %s", rule.data,
                                       does, (int) what.len, what.data,
                                       rest.data) : rule;
}


/* Where it can be mended, or what starts the rule. */
static const char *
way_key(const crm_analysis_rule_t *rule)
{
    switch (rule->on) {

    case CRM_ANALYSIS_ON_DATE:
        return "execute_when.details.field";

    case CRM_ANALYSIS_ON_COUNT:
        return "field_rules";

    case CRM_ANALYSIS_ON_MATCH:
        return "entries";

    default:
        return rule->cascade ? "cascade" : "execute_when";
    }
}
