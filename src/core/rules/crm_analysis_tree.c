/*
 * Trees of criteria that are to hold together: can a record make all true?
 *
 * Leaves that must hold are collected and compared with one another. A group
 * that leaves a choice waits; a branch of it that clashes with what is there
 * falls away, and when one is left it must hold as well. No branch left: it is
 * impossible.
 */

#include "rules/crm_analysis_tree.h"


/* Criteria are at most so deep: groups, or brackets of a pattern. */
#define TREE_MAX_DEPTH  64

typedef struct {
    crm_analysis_literal_t  literal;
    unsigned                node;
} fact_t;

typedef struct {
    const crm_analysis_term_t  *term;
    unsigned                    node;
    int                         denied;
    int                         settled;
} choice_t;

typedef struct {
    void    *items;
    size_t   size;
    size_t   count;
    size_t   cap;
} list_t;

struct crm_analysis_tree_s {
    crm_pool_t              *pool;
    const crm_predicates_t  *predicates;
    list_t                   facts;
    list_t                   choices;
    unsigned                 steps;         /* of this call */
    unsigned long long       all_steps;
    crm_status_t             status;
    crm_analysis_blame_t     blame;
};


static int tree_solve(crm_analysis_tree_t *t, size_t from, unsigned depth);
static int tree_settle(crm_analysis_tree_t *t, size_t at, unsigned depth,
    int *progress);
static int tree_branch(crm_analysis_tree_t *t, const choice_t *choice,
    unsigned node, unsigned depth);
static int tree_add(crm_analysis_tree_t *t, const crm_analysis_term_t *term,
    unsigned node, int denied, unsigned depth);
static int tree_leaf(crm_analysis_tree_t *t, const crm_analysis_term_t *term,
    unsigned node, const crm_predicate_t *p, int denied);
static int tree_fact(crm_analysis_tree_t *t, const fact_t *fact);
static int tree_finite(crm_analysis_tree_t *t, const fact_t *fact);
static int tree_excluded(crm_analysis_tree_t *t, const fact_t *fact,
    const crm_operand_t *value);
static void *list_push(crm_analysis_tree_t *t, list_t *list);


crm_analysis_tree_t *
crm_analysis_tree_create(crm_pool_t *pool)
{
    crm_analysis_tree_t  *t;

    t = crm_pool_calloc(pool, 1, sizeof(crm_analysis_tree_t));
    if (t) {
        t->pool = pool;
        t->facts.size = sizeof(fact_t);
        t->choices.size = sizeof(choice_t);
    }

    return t;
}


unsigned long long
crm_analysis_tree_steps(const crm_analysis_tree_t *tree)
{
    return tree->all_steps;
}


crm_status_t
crm_analysis_tree_status(const crm_analysis_tree_t *tree)
{
    return tree->status;
}


int
crm_analysis_tree_impossible(crm_analysis_tree_t *t,
    const crm_analysis_term_t *terms, size_t count,
    const crm_predicates_t *predicates, crm_analysis_blame_t *blame)
{
    int     impossible;
    size_t  i;

    t->predicates = predicates;
    t->facts.count = 0;
    t->choices.count = 0;
    t->steps = 0;
    memset(&t->blame, 0, sizeof(crm_analysis_blame_t));

    for (i = 0, impossible = 0; i < count && !impossible; i++) {
        impossible = terms[i].criteria == NULL
                     ? tree_leaf(t, &terms[i], 0, terms[i].literal,
                                 terms[i].denied)
                     : terms[i].criteria->nodes == NULL ? terms[i].denied
                     : tree_add(t, &terms[i], 0, terms[i].denied, 0);
    }

    impossible = impossible || tree_solve(t, 0, 0);
    t->all_steps += t->steps;

    if (blame) {
        *blame = t->blame;
    }

    return impossible && t->status == CRM_OK;
}


int
crm_analysis_tree_node_impossible(crm_analysis_tree_t *t,
    const crm_criteria_t *criteria, unsigned node,
    const crm_predicates_t *predicates, crm_analysis_blame_t *blame)
{
    int                  impossible;
    crm_analysis_term_t  term;

    memset(&term, 0, sizeof(crm_analysis_term_t));
    term.criteria = criteria;

    t->predicates = predicates;
    t->facts.count = 0;
    t->choices.count = 0;
    t->steps = 0;
    memset(&t->blame, 0, sizeof(crm_analysis_blame_t));

    impossible = tree_add(t, &term, node, 0, 0) || tree_solve(t, 0, 0);
    t->all_steps += t->steps;
    *blame = t->blame;

    return impossible && t->status == CRM_OK;
}


/* Settles choices from the given one on until nothing new follows. */
static int
tree_solve(crm_analysis_tree_t *t, size_t from, unsigned depth)
{
    int     progress;
    size_t  i;

    do {
        progress = 0;

        for (i = from; i < t->choices.count; i++) {
            if (tree_settle(t, i, depth, &progress)) {
                return 1;
            }
        }
    } while (progress && t->steps < CRM_ANALYSIS_TREE_STEPS);

    return 0;
}


/* Whether no branch is left; the only one that is joins the facts. */
static int
tree_settle(crm_analysis_tree_t *t, size_t at, unsigned depth, int *progress)
{
    unsigned                i, end, left, only;
    choice_t                choice;
    crm_analysis_blame_t    blame;
    const crm_node_t       *nodes;

    choice = ((choice_t *) t->choices.items)[at];

    if (choice.settled || depth >= TREE_MAX_DEPTH
        || t->steps >= CRM_ANALYSIS_TREE_STEPS)
    {
        return 0;
    }

    nodes = choice.term->criteria->nodes;
    end = nodes[choice.node].next;
    left = 0;
    only = 0;
    blame = t->blame;

    for (i = choice.node + 1; i < end && left < 2; i = nodes[i].next) {
        if (!tree_branch(t, &choice, i, depth)) {
            left++;
            only = i;
        }
    }

    if (left == 0) {
        return 1;
    }

    t->blame = blame;

    if (left > 1 || i < end) {
        return 0;
    }

    ((choice_t *) t->choices.items)[at].settled = 1;
    *progress = 1;

    return tree_add(t, choice.term, only, choice.denied, depth);
}


/* Whether a branch cannot hold beside the facts, which stay as they are. */
static int
tree_branch(crm_analysis_tree_t *t, const choice_t *choice, unsigned node,
    unsigned depth)
{
    int     impossible;
    size_t  facts, choices;

    facts = t->facts.count;
    choices = t->choices.count;

    impossible = tree_add(t, choice->term, node, choice->denied, depth + 1)
                 || tree_solve(t, choices, depth + 1);

    t->facts.count = facts;
    t->choices.count = choices;

    return impossible;
}


/* A node that must hold, or must not; whether it cannot. */
static int
tree_add(crm_analysis_tree_t *t, const crm_analysis_term_t *term,
    unsigned node, int denied, unsigned depth)
{
    unsigned           i;
    choice_t          *choice;
    const crm_node_t  *nodes;

    nodes = term->criteria->nodes;

    if (nodes[node].type == CRM_NODE_LEAF) {
        return tree_leaf(t, term, node,
                         t->predicates->items[nodes[node].predicate], denied);
    }

    if (depth >= TREE_MAX_DEPTH || t->steps >= CRM_ANALYSIS_TREE_STEPS) {
        return 0;
    }

    if ((nodes[node].type == CRM_NODE_AND) == !denied) {
        for (i = node + 1; i < nodes[node].next; i = nodes[i].next) {
            if (tree_add(t, term, i, denied, depth + 1)) {
                return 1;
            }
        }

        return 0;
    }

    choice = list_push(t, &t->choices);
    if (choice == NULL) {
        return 0;
    }

    choice->term = term;
    choice->node = node;
    choice->denied = denied;
    choice->settled = 0;

    return 0;
}


static int
tree_leaf(crm_analysis_tree_t *t, const crm_analysis_term_t *term,
    unsigned node, const crm_predicate_t *p, int denied)
{
    size_t   i;
    fact_t  *fact;

    for (i = 0; i < term->blind_count; i++) {
        if (term->blind[i] == p->slot) {
            return 0;
        }
    }

    fact = list_push(t, &t->facts);
    if (fact == NULL) {
        return 0;
    }

    fact->literal = crm_analysis_literal(p, denied);
    fact->node = node;

    return tree_fact(t, fact);
}


/* Whether the newest fact clashes with those before it. */
static int
tree_fact(crm_analysis_tree_t *t, const fact_t *fact)
{
    int            several;
    size_t         i;
    const fact_t  *other;

    several = 0;

    if (crm_analysis_literal_is_void(&fact->literal)) {
        t->blame.one = fact->literal.p;
        t->blame.other = NULL;
        t->blame.at = fact->node;
        return 1;
    }

    for (i = 0; i + 1 < t->facts.count; i++) {
        if (t->steps >= CRM_ANALYSIS_TREE_STEPS) {
            return 0;
        }

        t->steps++;
        other = (const fact_t *) t->facts.items + i;

        if (other->literal.p->slot != fact->literal.p->slot) {
            continue;
        }

        several++;
        t->steps += other->literal.p->count * fact->literal.p->count;

        if (crm_analysis_literal_clash(&other->literal, &fact->literal)) {
            t->blame.one = other->literal.p;
            t->blame.other = fact->literal.p;
            t->blame.at = fact->node;
            return 1;
        }
    }

    return several > 1 && tree_finite(t, fact);
}


/* Whether a leaf that names the field's few values is left without one by
 * all the others together. */
static int
tree_finite(crm_analysis_tree_t *t, const fact_t *fact)
{
    size_t         i;
    unsigned       k;
    const fact_t  *finite;

    for (i = 0; i < t->facts.count; i++) {
        finite = (const fact_t *) t->facts.items + i;

        if (finite->literal.p->slot != fact->literal.p->slot
            || !crm_analysis_literal_is_finite(&finite->literal))
        {
            continue;
        }

        for (k = 0; k < finite->literal.p->count; k++) {
            if (!tree_excluded(t, finite, &finite->literal.p->operands[k])) {
                break;
            }
        }

        if (k == finite->literal.p->count) {
            t->blame.one = finite->literal.p;
            t->blame.other = NULL;
            t->blame.at = finite->node;
            return 1;
        }
    }

    return 0;
}


static int
tree_excluded(crm_analysis_tree_t *t, const fact_t *fact,
    const crm_operand_t *value)
{
    size_t         i;
    const fact_t  *other;

    for (i = 0; i < t->facts.count; i++) {
        other = (const fact_t *) t->facts.items + i;

        if (other == fact
            || other->literal.p->slot != fact->literal.p->slot)
        {
            continue;
        }

        t->steps += other->literal.p->count;

        if (crm_analysis_literal_excludes(&other->literal, value)) {
            return 1;
        }
    }

    return 0;
}


static void *
list_push(crm_analysis_tree_t *t, list_t *list)
{
    void    *items;
    size_t   cap;

    if (list->count == list->cap) {
        cap = list->cap ? list->cap * 2 : 64;

        items = crm_pool_calloc(t->pool, cap, list->size);
        if (items == NULL) {
            t->status = CRM_ENOMEM;
            return NULL;
        }

        if (list->count) {
            memcpy(items, list->items, list->count * list->size);
        }

        list->items = items;
        list->cap = cap;
    }

    return (char *) list->items + list->size * list->count++;
}
