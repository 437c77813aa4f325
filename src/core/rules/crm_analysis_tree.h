/*
 * Trees of criteria that are to hold together: can a record make all true?
 *
 * What is proven impossible is impossible; what is not may still be. Groups
 * are opened as far as they leave one way only, so that the work grows with
 * the square of a tree's leaves, and it ends when the budget is spent.
 */

#ifndef CRM_ANALYSIS_TREE_H
#define CRM_ANALYSIS_TREE_H

#include "rules/crm_analysis_literal.h"


/* Comparisons of two constants that one call may make. */
#define CRM_ANALYSIS_TREE_STEPS  20000

typedef struct {
    const crm_criteria_t  *criteria;    /* or NULL: literal is meant */
    const crm_predicate_t *literal;
    int                    denied;
    const unsigned        *blind;       /* slots whose leaves say nothing */
    size_t                 blind_count;
} crm_analysis_term_t;

/* Why it is impossible: two leaves, or one that the others leave no value;
 * both NULL when no pair is to blame. */
typedef struct {
    const crm_predicate_t  *one;
    const crm_predicate_t  *other;
    unsigned                at;         /* node of other in its criteria */
} crm_analysis_blame_t;

/* A workspace, used again and again. */
typedef struct crm_analysis_tree_s  crm_analysis_tree_t;


/* New, in pool; NULL without memory. */
crm_analysis_tree_t *crm_analysis_tree_create(crm_pool_t *pool);

/* All that calls have cost so far, and CRM_ENOMEM that sticks. */
unsigned long long crm_analysis_tree_steps(const crm_analysis_tree_t *tree);
crm_status_t crm_analysis_tree_status(const crm_analysis_tree_t *tree);

/*
 * Whether no record makes all terms true (those that are denied: not true).
 * predicates are those that the criteria's nodes name. blame may be NULL.
 */
int crm_analysis_tree_impossible(crm_analysis_tree_t *tree,
    const crm_analysis_term_t *terms, size_t count,
    const crm_predicates_t *predicates, crm_analysis_blame_t *blame);

/* The same for one node of criteria and what is below it. */
int crm_analysis_tree_node_impossible(crm_analysis_tree_t *tree,
    const crm_criteria_t *criteria, unsigned node,
    const crm_predicates_t *predicates, crm_analysis_blame_t *blame);

#endif
