/*
 * Rules that can start one another in a circle.
 *
 * First roughly and fast: rules, and between them what they write and what
 * starts them, as a graph; only rules that lie on a circle of it can be on a
 * circle at all. Among these the shortest circle is looked for, and now it is
 * asked of each step whether what the one leaves behind can start the other.
 */

#include "rules/crm_analysis_circle.h"

#include "rules/crm_analysis_graph.h"
#include "rules/crm_analysis_life.h"
#include "rules/crm_analysis_way.h"


typedef struct {
    crm_analysis_model_t   *model;
    crm_analysis_graph_t    graph;
    crm_map_t               events;     /* what happens, to node + 1 */
    crm_analysis_steps_t    steps;
    crm_analysis_way_t      way;        /* that is being looked at */
    crm_analysis_rule_t   **rules;      /* by node, or NULL */
    crm_analysis_rule_t   **list;       /* the same, one behind another */
    unsigned               *nodes;      /* of list */
    size_t                  count;
    size_t                 *members;    /* by component: of list, + 1 */
    size_t                 *next;       /* of the same component, + 1 */
    size_t                 *seen;       /* by node: in which search, + 1 */
    unsigned               *from;       /* by node: found from which */
    unsigned               *by;         /* by node: through which effect */
    unsigned               *queue;
    uint8_t                *reported;   /* by object: in a circle */
    unsigned long           pairs;
    size_t                  told;
} circle_t;


static crm_status_t circle_rules(circle_t *c);
static crm_status_t circle_leads(circle_t *c, const crm_analysis_rule_t *rule,
    unsigned node);
static crm_status_t circle_effect(circle_t *c,
    const crm_analysis_rule_t *rule, const crm_analysis_effect_t *effect,
    unsigned node);
static crm_status_t circle_starts(circle_t *c,
    const crm_analysis_rule_t *rule, unsigned node);
static crm_status_t circle_edge(circle_t *c, unsigned node, int starts,
    char sort, const crm_analysis_module_t *module, crm_str_t field);
static crm_status_t circle_components(circle_t *c);
static crm_status_t circle_search(circle_t *c);
static crm_status_t circle_from(circle_t *c, size_t start);
static int circle_step(circle_t *c, unsigned from, unsigned to);
static crm_status_t circle_close(circle_t *c, unsigned last, unsigned start,
    unsigned effect);


crm_status_t
crm_analysis_circle_find(crm_analysis_model_t *model)
{
    circle_t      c;
    crm_status_t  rc;

    memset(&c, 0, sizeof(circle_t));
    c.model = model;
    crm_map_init(&c.events, model->pool);
    crm_analysis_graph_init(&c.graph, model->pool);

    rc = circle_rules(&c);
    if (rc != CRM_OK || c.count == 0) {
        return rc;
    }

    rc = crm_analysis_steps_init(&c.steps, model, c.list, c.count);
    if (rc == CRM_OK) {
        rc = circle_components(&c);
    }
    if (rc == CRM_OK) {
        rc = circle_search(&c);
    }

    return rc == CRM_OK ? crm_analysis_tree_status(model->tree) : rc;
}


/* Those that write something, each with a node. */
static crm_status_t
circle_rules(circle_t *c)
{
    size_t                 i, n;
    crm_status_t           rc;
    crm_analysis_rule_t   *rule, *life;

    rc = crm_analysis_life_load(c->model, &life, &n);
    if (rc != CRM_OK) {
        return rc;
    }

    n += c->model->rules_count;
    c->list = crm_pool_calloc(c->model->pool, n + 1,
                              sizeof(crm_analysis_rule_t *));
    c->nodes = crm_pool_calloc(c->model->pool, n + 1, sizeof(unsigned));
    if (c->list == NULL || c->nodes == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n && rc == CRM_OK; i++) {
        rule = i < c->model->rules_count ? c->model->rules[i]
               : &life[i - c->model->rules_count];

        if (!rule->live || rule->on == 0 || rule->effects_count == 0) {
            continue;
        }

        c->list[c->count] = rule;
        rc = crm_analysis_graph_node(&c->graph, &c->nodes[c->count]);

        if (rc == CRM_OK) {
            rc = circle_leads(c, rule, c->nodes[c->count]);
        }
        if (rc == CRM_OK) {
            rc = circle_starts(c, rule, c->nodes[c->count]);
        }

        c->count++;
    }

    return rc;
}


/* Edges to what the rule makes happen. */
static crm_status_t
circle_leads(circle_t *c, const crm_analysis_rule_t *rule, unsigned node)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; i < rule->effects_count && rc == CRM_OK; i++) {
        rc = circle_effect(c, rule, &rule->effects[i], node);
    }

    if (rc == CRM_OK && rule->on == CRM_ANALYSIS_ON_COUNT
        && rule->reach >= CRM_ANALYSIS_REACH_SCORE)
    {
        rc = circle_edge(c, node, 0, 's', rule->module, rule->name);
        if (rc == CRM_OK) {
            rc = circle_edge(c, node, 0, 's', rule->module, CRM_STR(""));
        }
    }

    return rc;
}


/*
 * Events: f a field and e any field is changed, c a record is created by a
 * write that starts rules; w and n the same by any write; 0 to 2 by one that
 * reaches so far; s a score moves.
 */
static crm_status_t
circle_effect(circle_t *c, const crm_analysis_rule_t *rule,
    const crm_analysis_effect_t *effect, unsigned node)
{
    int                    field;
    crm_str_t              name;
    crm_status_t           rc;
    crm_analysis_reach_t   reach;

    field = effect->field.data != NULL;
    name = field ? effect->field : CRM_STR("");
    reach = crm_analysis_step_reach(rule, effect);

    rc = circle_edge(c, node, 0, field ? 'w' : 'n', effect->module, name);
    if (rc == CRM_OK) {
        rc = circle_edge(c, node, 0, (char) ('0' + (int) reach),
                         effect->module, name);
    }

    if (reach != CRM_ANALYSIS_REACH_ALL || rc != CRM_OK) {
        return rc;
    }

    rc = circle_edge(c, node, 0, field ? 'f' : 'c', effect->module, name);

    /* a change of a field is an edit */

    return rc == CRM_OK && field
           ? circle_edge(c, node, 0, 'e', effect->module, CRM_STR("")) : rc;
}


/* Edges from what starts the rule. */
static crm_status_t
circle_starts(circle_t *c, const crm_analysis_rule_t *rule, unsigned node)
{
    size_t        i;
    char          sort;
    json_t       *name;
    crm_status_t  rc;

    static const struct {
        unsigned  on;
        char      sort;
    } rows[] = {
        { CRM_ANALYSIS_ON_CREATE, 'c' },
        { CRM_ANALYSIS_ON_EDIT, 'e' },
        { CRM_ANALYSIS_ON_DATE | CRM_ANALYSIS_ON_MATCH, 'n' },
    };

    rc = CRM_OK;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && rc == CRM_OK; i++) {
        if (rule->on & rows[i].on) {
            rc = circle_edge(c, node, 1, rows[i].sort, rule->module,
                             CRM_STR(""));
        }
    }

    sort = rule->on == CRM_ANALYSIS_ON_FIELD ? 'f'
           : rule->on == CRM_ANALYSIS_ON_MATCH ? 'w'
           : (char) ('0' + (int) rule->reach);

    for (i = 0; i < rule->watched_count && rc == CRM_OK; i++) {
        rc = circle_edge(c, node, 1, sort, rule->module, rule->watched[i]);
    }

    if (rule->on == CRM_ANALYSIS_ON_COUNT && rc == CRM_OK) {
        rc = circle_edge(c, node, 1, sort, rule->module, CRM_STR(""));
    }

    if (rule->date && rc == CRM_OK) {
        rc = circle_edge(c, node, 1, 'w', rule->module, rule->date->field);
    }

    json_array_foreach((json_t *) rule->scores, i, name) {
        if (rc == CRM_OK) {
            rc = circle_edge(c, node, 1, 's', rule->module,
                             crm_shape_str(name));
        }
    }

    if (rule->on == CRM_ANALYSIS_ON_SCORE && rule->scores == NULL
        && rc == CRM_OK)
    {
        rc = circle_edge(c, node, 1, 's', rule->module, CRM_STR(""));
    }

    return rc;
}


/* Between a rule and what happens: starts, or else is started by, it. */
static crm_status_t
circle_edge(circle_t *c, unsigned node, int starts, char sort,
    const crm_analysis_module_t *module, crm_str_t field)
{
    unsigned          event;
    crm_str_t         key;
    crm_status_t      rc;
    crm_map_entry_t  *entry;

    key = crm_pool_printf(c->model->pool, "%c%s %.*s", sort,
                          module->name.data, (int) field.len,
                          field.data ? field.data : "");
    entry = key.data ? crm_map_add(&c->events, key) : NULL;
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    if (entry->value == NULL) {
        rc = crm_analysis_graph_node(&c->graph, &event);
        if (rc != CRM_OK) {
            return rc;
        }

        entry->value = (void *) ((uintptr_t) event + 1);
    }

    event = (unsigned) ((uintptr_t) entry->value - 1);

    return starts ? crm_analysis_graph_edge(&c->graph, event, node)
                  : crm_analysis_graph_edge(&c->graph, node, event);
}


static crm_status_t
circle_components(circle_t *c)
{
    size_t       i;
    unsigned     component, nodes;
    crm_pool_t  *pool;

    pool = c->model->pool;
    nodes = c->graph.nodes;

    if (crm_analysis_graph_components(&c->graph) != CRM_OK) {
        return CRM_ENOMEM;
    }

    c->rules = crm_pool_calloc(pool, nodes, sizeof(crm_analysis_rule_t *));
    c->members = crm_pool_calloc(pool, nodes, sizeof(size_t));
    c->next = crm_pool_calloc(pool, c->count, sizeof(size_t));
    c->seen = crm_pool_calloc(pool, nodes, sizeof(size_t));
    c->from = crm_pool_calloc(pool, nodes, sizeof(unsigned));
    c->by = crm_pool_calloc(pool, nodes, sizeof(unsigned));
    c->queue = crm_pool_calloc(pool, c->count + 1, sizeof(unsigned));
    c->reported = crm_pool_calloc(pool,
                                  json_array_size(c->model->objects) + 1, 1);

    if (crm_analysis_way_init(&c->way, &c->steps, c->count) != CRM_OK
        || c->rules == NULL || c->members == NULL || c->next == NULL
        || c->seen == NULL || c->from == NULL || c->by == NULL
        || c->queue == NULL || c->reported == NULL)
    {
        return CRM_ENOMEM;
    }

    for (i = c->count; i-- > 0; ) {
        component = c->graph.component[c->nodes[i]];
        c->rules[c->nodes[i]] = c->list[i];
        c->next[i] = c->members[component];
        c->members[component] = i + 1;
    }

    return CRM_OK;
}


static crm_status_t
circle_search(circle_t *c)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; i < c->count && rc == CRM_OK; i++) {
        if (c->told == CRM_ANALYSIS_CIRCLE_TOLD
            || c->pairs > CRM_ANALYSIS_CIRCLE_PAIRS)
        {
            crm_findings_add(c->model->findings, CRM_HINT, CRM_NO_OBJECT, "",
                             0, "analysis_limit", NULL, "too many rules write"
                             " what starts others: some circles may not be"
                             " told");
            return CRM_OK;
        }

        if (!c->reported[c->list[i]->object]) {
            rc = circle_from(c, i);
        }
    }

    return rc;
}


/* The shortest way from a rule back to it, rule by rule in their order. */
static crm_status_t
circle_from(circle_t *c, size_t start)
{
    int           effect;
    size_t        i, head, tail;
    unsigned      node, to;
    crm_status_t  rc;

    c->queue[0] = c->nodes[start];

    for (head = 0, tail = 1; head < tail; head++) {
        node = c->queue[head];

        for (i = c->members[c->graph.component[node]]; i; i = c->next[i - 1])
        {
            to = c->nodes[i - 1];

            if (++c->pairs > CRM_ANALYSIS_CIRCLE_PAIRS) {
                return CRM_OK;
            }

            effect = c->seen[to] == start + 1 ? -1 : circle_step(c, node, to);
            if (effect < 0) {
                continue;
            }

            if (to == c->nodes[start]) {
                rc = circle_close(c, node, to, (unsigned) effect);
                if (rc != CRM_DECLINED) {
                    return rc;
                }
            }

            c->seen[to] = start + 1;
            c->from[to] = node;
            c->by[to] = (unsigned) effect;
            c->queue[tail++] = to;
        }
    }

    return CRM_OK;
}


/* Which effect of a rule can start another, or -1. */
static int
circle_step(circle_t *c, unsigned from, unsigned to)
{
    size_t                i;
    crm_analysis_rule_t  *a;

    a = c->rules[from];

    for (i = 0; i < a->effects_count; i++) {
        if (crm_analysis_step(&c->steps, a, &a->effects[i], c->rules[to])) {
            return (int) i;
        }
    }

    return -1;
}


/* CRM_DECLINED: a circle that comes to an end by itself. */
static crm_status_t
circle_close(circle_t *c, unsigned last, unsigned start, unsigned effect)
{
    size_t        i;
    unsigned      node;
    crm_status_t  rc;

    c->way.count = 0;

    for (node = last; /* void */ ; node = c->from[node]) {
        crm_analysis_way_before(&c->way, c->rules[node], effect);

        if (node == start) {
            break;
        }

        effect = c->by[node];
    }

    rc = crm_analysis_way_tell(&c->way);

    if (rc == CRM_DECLINED) {
        return rc;
    }

    for (i = 0; i < c->way.count; i++) {
        c->reported[c->way.links[i].rule->object] = 1;
    }

    c->told += c->way.told;

    return rc;
}
