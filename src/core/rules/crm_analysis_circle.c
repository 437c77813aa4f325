/*
 * Rules that can start one another in a circle.
 *
 * First roughly and fast: rules, and between them what they write and what
 * starts them, as a graph; only rules that lie on a circle of it can be on a
 * circle at all. Among these the shortest circle is looked for, and now it is
 * asked of each step whether what the one leaves behind can match the other.
 */

#include "rules/crm_analysis_circle.h"

#include "rules/crm_analysis_graph.h"


/* A circle that is told names so many rules; longer ones are cut. */
#define CIRCLE_SHOWN  10

typedef struct {
    crm_analysis_model_t   *model;
    crm_analysis_graph_t    graph;
    crm_map_t               events;     /* what happens, to node + 1 */
    crm_analysis_rule_t   **rules;      /* that cascade: by node, or NULL */
    crm_analysis_rule_t   **list;       /* the same, one behind another */
    unsigned               *nodes;      /* of list */
    size_t                  count;
    size_t                 *members;    /* by component: of list, + 1 */
    size_t                 *next;       /* of the same component, + 1 */
    size_t                 *seen;       /* by node: in which search, + 1 */
    unsigned               *from;       /* by node: found from which */
    unsigned               *by;         /* by node: through which effect */
    unsigned               *queue;
    unsigned long           pairs;
    size_t                  told;
} circle_t;


static crm_status_t circle_rules(circle_t *c);
static crm_status_t circle_rule(circle_t *c, crm_analysis_rule_t *rule);
static crm_status_t circle_starts(circle_t *c, crm_analysis_rule_t *rule,
    unsigned node);
static crm_status_t circle_event(circle_t *c, char sort,
    const crm_analysis_module_t *module, crm_str_t field, unsigned *node);
static crm_status_t circle_components(circle_t *c);
static crm_status_t circle_search(circle_t *c);
static crm_status_t circle_from(circle_t *c, size_t start);
static int circle_step(circle_t *c, unsigned from, unsigned to);
static int effect_settles(const crm_analysis_effect_t *effect);
static crm_status_t circle_tell(circle_t *c, unsigned last, unsigned start,
    unsigned effect);
static crm_str_t circle_link(circle_t *c, unsigned node, unsigned effect,
    crm_str_t rest);


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

    rc = circle_components(&c);
    if (rc == CRM_OK) {
        rc = circle_search(&c);
    }

    return rc == CRM_OK ? crm_analysis_tree_status(model->tree) : rc;
}


/* Rules without cascade start nothing, and are on no circle. */
static crm_status_t
circle_rules(circle_t *c)
{
    size_t                 i;
    crm_status_t           rc;
    crm_analysis_rule_t   *rule;

    c->list = crm_pool_calloc(c->model->pool, c->model->rules_count + 1,
                              sizeof(crm_analysis_rule_t *));
    c->nodes = crm_pool_calloc(c->model->pool, c->model->rules_count + 1,
                               sizeof(unsigned));
    if (c->list == NULL || c->nodes == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < c->model->rules_count; i++) {
        rule = c->model->rules[i];

        if (rule->cascade && rule->live && rule->on && rule->effects_count) {
            rc = circle_rule(c, rule);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


/* A node for the rule, and edges to what it makes happen. */
static crm_status_t
circle_rule(circle_t *c, crm_analysis_rule_t *rule)
{
    size_t                        i;
    unsigned                      node, event;
    crm_status_t                  rc;
    const crm_analysis_effect_t  *effect;

    rc = crm_analysis_graph_node(&c->graph, &node);

    for (i = 0; i < rule->effects_count && rc == CRM_OK; i++) {
        effect = &rule->effects[i];

        rc = circle_event(c, effect->field.data ? 'f' : 'c', effect->module,
                          effect->field, &event);
        if (rc == CRM_OK) {
            rc = crm_analysis_graph_edge(&c->graph, node, event);
        }

        /* a change of a field is an edit */

        if (rc == CRM_OK && effect->field.data) {
            rc = circle_event(c, 'e', effect->module, CRM_STR(""), &event);
        }

        if (rc == CRM_OK) {
            rc = crm_analysis_graph_edge(&c->graph, node, event);
        }
    }

    if (rc == CRM_OK) {
        rc = circle_starts(c, rule, node);
    }

    c->list[c->count] = rule;
    c->nodes[c->count++] = node;

    return rc;
}


/* Edges from what starts the rule. */
static crm_status_t
circle_starts(circle_t *c, crm_analysis_rule_t *rule, unsigned node)
{
    size_t        i;
    unsigned      event;
    crm_status_t  rc;

    rc = CRM_OK;

    if (rule->on & CRM_ANALYSIS_ON_CREATE) {
        rc = circle_event(c, 'c', rule->module, CRM_STR_NULL, &event);
        if (rc == CRM_OK) {
            rc = crm_analysis_graph_edge(&c->graph, event, node);
        }
    }

    if ((rule->on & CRM_ANALYSIS_ON_EDIT) && rc == CRM_OK) {
        rc = circle_event(c, 'e', rule->module, CRM_STR(""), &event);
        if (rc == CRM_OK) {
            rc = crm_analysis_graph_edge(&c->graph, event, node);
        }
    }

    for (i = 0; i < rule->watched_count && rc == CRM_OK; i++) {
        rc = circle_event(c, 'f', rule->module, rule->watched[i], &event);
        if (rc == CRM_OK) {
            rc = crm_analysis_graph_edge(&c->graph, event, node);
        }
    }

    return rc;
}


static crm_status_t
circle_event(circle_t *c, char sort, const crm_analysis_module_t *module,
    crm_str_t field, unsigned *node)
{
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

    if (entry->value) {
        *node = (unsigned) ((uintptr_t) entry->value - 1);
        return CRM_OK;
    }

    rc = crm_analysis_graph_node(&c->graph, node);
    entry->value = (void *) ((uintptr_t) *node + 1);

    return rc;
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

    if (c->rules == NULL || c->members == NULL || c->next == NULL
        || c->seen == NULL || c->from == NULL || c->by == NULL
        || c->queue == NULL)
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
                             0, "analysis_limit", NULL, "too many rules with"
                             " cascade write what starts others: some circles"
                             " may not be told");
            return CRM_OK;
        }

        if (!c->list[i]->reported) {
            rc = circle_from(c, i);
        }
    }

    return rc;
}


/* The shortest way from a rule back to it, rule by rule in their order. */
static crm_status_t
circle_from(circle_t *c, size_t start)
{
    int       effect;
    size_t    i, head, tail;
    unsigned  node, to;

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
                return circle_tell(c, node, to, (unsigned) effect);
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
    size_t                  i;
    crm_analysis_rule_t    *a, *b;
    crm_analysis_effect_t  *effect;

    a = c->rules[from];
    b = c->rules[to];

    for (i = 0; i < a->effects_count; i++) {
        effect = &a->effects[i];

        if ((a != b || !effect_settles(effect))
            && crm_analysis_rule_starts(c->model, a, effect, b))
        {
            return (int) i;
        }
    }

    return -1;
}


/*
 * Whether what a rule writes is the same the second time, which is no change
 * and starts nothing: a constant, a copy, a text that knows neither the time
 * nor what the field was.
 */
static int
effect_settles(const crm_analysis_effect_t *effect)
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


static crm_status_t
circle_tell(circle_t *c, unsigned last, unsigned start, unsigned effect)
{
    size_t                 n;
    unsigned               node;
    crm_str_t              text;
    crm_analysis_rule_t   *at;

    c->rules[start]->reported = 1;
    at = c->rules[start]->object < c->model->own ? c->rules[start] : NULL;
    text = crm_pool_printf(c->model->pool, "\"%.*s\"",
                           (int) c->rules[start]->name.len,
                           c->rules[start]->name.data);

    for (node = last, n = 0; text.data; node = c->from[node]) {
        c->rules[node]->reported = 1;

        if (at == NULL && c->rules[node]->object < c->model->own) {
            at = c->rules[node];
        }

        if (n < CIRCLE_SHOWN || node == start) {
            text = circle_link(c, node, effect, text);

        } else if (n == CIRCLE_SHOWN) {
            text = crm_pool_printf(c->model->pool, "... -> %s", text.data);
        }

        if (node == start) {
            break;
        }

        effect = c->by[node];
        n++;
    }

    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    if (at == NULL) {
        return CRM_OK;
    }

    c->told++;
    crm_findings_add(c->model->findings, CRM_WARNING, at->object, "cascade",
                     0, "circle", NULL, last == start
                     ? "this rule can start itself: %s; no rule runs twice in"
                     " a chain, so it ends there: leave cascade out, or"
                     " narrow its criteria"
                     : "rules can start one another in a circle: %s; no rule"
                     " runs twice in a chain, so what comes out depends on"
                     " who begins: take cascade from one, or narrow its"
                     " criteria", text.data);

    return CRM_OK;
}


/* "A" sets Stage -> rest */
static crm_str_t
circle_link(circle_t *c, unsigned node, unsigned effect, crm_str_t rest)
{
    const crm_analysis_rule_t    *rule;
    const crm_analysis_effect_t  *e;

    rule = c->rules[node];
    e = &rule->effects[effect];

    return crm_pool_printf(c->model->pool, "\"%.*s\" %s %.*s -> %s",
                           (int) rule->name.len, rule->name.data,
                           e->field.data ? "sets" : "creates a record of",
                           (int) (e->field.data ? e->field.len
                                  : e->module->name.len),
                           e->field.data ? e->field.data
                           : e->module->name.data, rest.data);
}
