/*
 * A graph of numbered nodes, and which of them lie on circles together.
 */

#ifndef CRM_ANALYSIS_GRAPH_H
#define CRM_ANALYSIS_GRAPH_H

#include "base/crm_pool.h"


typedef struct {
    unsigned  to;
    unsigned  next;             /* of the same node, + 1 */
} crm_analysis_edge_t;

typedef struct {
    crm_pool_t           *pool;
    unsigned              nodes;
    unsigned             *first;        /* by node: edge + 1 */
    unsigned              nodes_cap;
    crm_analysis_edge_t  *edges;
    unsigned              edges_count;
    unsigned              edges_cap;
    unsigned             *component;    /* by node, once it was asked for */
} crm_analysis_graph_t;


void crm_analysis_graph_init(crm_analysis_graph_t *graph, crm_pool_t *pool);

/* A new node's number, and an edge. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_graph_node(crm_analysis_graph_t *graph,
    unsigned *node);
crm_status_t crm_analysis_graph_edge(crm_analysis_graph_t *graph,
    unsigned from, unsigned to);

/* Numbers components so that two nodes have one number if, and only if, each
 * can be reached from the other. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_analysis_graph_components(crm_analysis_graph_t *graph);

#endif
