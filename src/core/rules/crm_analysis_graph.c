/*
 * A graph of numbered nodes, and which of them lie on circles together: the
 * algorithm of Tarjan, with a stack of its own instead of recursion.
 */

#include "rules/crm_analysis_graph.h"


/* What the search knows of a node. */
typedef struct {
    unsigned  order;            /* in which it was met, from 1 */
    unsigned  low;              /* the first that it leads back to */
    unsigned  edge;             /* that comes next, + 1 */
    unsigned  above;            /* on the way to it, + 1 */
    unsigned  under;            /* below it on the stack, + 1 */
    int       stacked;
} mark_t;

typedef struct {
    crm_analysis_graph_t  *graph;
    mark_t                *marks;
    unsigned               met;
    unsigned               top;         /* of the stack, + 1 */
    unsigned               components;
} search_t;


static void search_from(search_t *s, unsigned start);
static void search_meet(search_t *s, unsigned node, unsigned above);
static void search_leave(search_t *s, unsigned node);
static crm_status_t graph_grow(crm_pool_t *pool, void *items, unsigned *cap,
    size_t size);


void
crm_analysis_graph_init(crm_analysis_graph_t *graph, crm_pool_t *pool)
{
    memset(graph, 0, sizeof(crm_analysis_graph_t));
    graph->pool = pool;
}


crm_status_t
crm_analysis_graph_node(crm_analysis_graph_t *graph, unsigned *node)
{
    if (graph->nodes == graph->nodes_cap
        && graph_grow(graph->pool, &graph->first, &graph->nodes_cap,
                      sizeof(unsigned)) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    *node = graph->nodes++;
    graph->first[*node] = 0;

    return CRM_OK;
}


crm_status_t
crm_analysis_graph_edge(crm_analysis_graph_t *graph, unsigned from,
    unsigned to)
{
    crm_analysis_edge_t  *edge;

    if (graph->edges_count == graph->edges_cap
        && graph_grow(graph->pool, &graph->edges, &graph->edges_cap,
                      sizeof(crm_analysis_edge_t)) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    edge = &graph->edges[graph->edges_count++];
    edge->to = to;
    edge->next = graph->first[from];
    graph->first[from] = graph->edges_count;

    return CRM_OK;
}


crm_status_t
crm_analysis_graph_components(crm_analysis_graph_t *graph)
{
    unsigned  i;
    search_t  s;

    memset(&s, 0, sizeof(search_t));
    s.graph = graph;
    s.marks = crm_pool_calloc(graph->pool, graph->nodes + 1, sizeof(mark_t));
    graph->component = crm_pool_calloc(graph->pool, graph->nodes + 1,
                                       sizeof(unsigned));
    if (s.marks == NULL || graph->component == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < graph->nodes; i++) {
        if (s.marks[i].order == 0) {
            search_from(&s, i);
        }
    }

    return CRM_OK;
}


static void
search_from(search_t *s, unsigned start)
{
    mark_t                     *m;
    unsigned                    node, to;
    const crm_analysis_edge_t  *edge;

    search_meet(s, start, 0);
    node = start;

    for ( ;; ) {
        m = &s->marks[node];

        if (m->edge) {
            edge = &s->graph->edges[m->edge - 1];
            m->edge = edge->next;
            to = edge->to;

            if (s->marks[to].order == 0) {
                search_meet(s, to, node + 1);
                node = to;

            } else if (s->marks[to].stacked && s->marks[to].order < m->low) {
                m->low = s->marks[to].order;
            }

            continue;
        }

        if (m->low == m->order) {
            search_leave(s, node);
        }

        if (m->above == 0) {
            return;
        }

        node = m->above - 1;

        if (m->low < s->marks[node].low) {
            s->marks[node].low = m->low;
        }
    }
}


static void
search_meet(search_t *s, unsigned node, unsigned above)
{
    mark_t  *m;

    m = &s->marks[node];
    m->order = ++s->met;
    m->low = m->order;
    m->edge = s->graph->first[node];
    m->above = above;
    m->under = s->top;
    m->stacked = 1;
    s->top = node + 1;
}


/* What lies on the stack down to node is one component. */
static void
search_leave(search_t *s, unsigned node)
{
    unsigned  at;

    do {
        at = s->top - 1;
        s->top = s->marks[at].under;
        s->marks[at].stacked = 0;
        s->graph->component[at] = s->components;
    } while (at != node);

    s->components++;
}


/* Doubles the array that items points to. */
static crm_status_t
graph_grow(crm_pool_t *pool, void *items, unsigned *cap, size_t size)
{
    void      *grown, **array;
    unsigned   n;

    array = items;
    n = *cap ? *cap * 2 : 64;

    grown = crm_pool_calloc(pool, n, size);
    if (grown == NULL) {
        return CRM_ENOMEM;
    }

    if (*cap) {
        memcpy(grown, *array, *cap * size);
    }

    *array = grown;
    *cap = n;

    return CRM_OK;
}
