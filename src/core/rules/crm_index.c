/*
 * Which rules can match this record: rules filed under a predicate that must
 * hold for them.
 *
 * By slot a map from an operand's key to the positions of rules filed there.
 * Two operands that can be equal share a key (crm_operand_keys), so a look-up
 * may name a rule too many, never one too few.
 */

#include "rules/crm_index.h"

#include <stdlib.h>


/* Positions of rules, ascending. */
typedef struct {
    unsigned  *items;
    size_t     count;
    size_t     cap;
} postings_t;

struct crm_index_s {
    crm_map_t   *slots;             /* by slot: key to postings_t */
    unsigned     slots_count;
    postings_t   always;
    size_t       total;             /* rules that the positions count */
    size_t       count;             /* rules filed */
};

/* What is under construction. */
typedef struct {
    crm_index_t              *index;
    crm_workflow_t *const    *rules;
    const crm_predicates_t   *predicates;
    crm_pool_t               *pool;
    crm_map_t                *popular;      /* by slot: key to how often */
} build_t;


static crm_status_t index_count(build_t *b, const crm_criteria_t *criteria);
static crm_status_t index_file(build_t *b, size_t position);
static crm_status_t index_cost(build_t *b, const crm_predicate_t *p,
    size_t *cost);
static const crm_predicate_t *index_demand(build_t *b,
    const crm_criteria_t *criteria, unsigned *at);
static crm_status_t index_cheapest(build_t *b, const crm_criteria_t *criteria,
    const crm_predicate_t **best);
static crm_status_t index_add(build_t *b, const crm_predicate_t *p,
    size_t position);
static crm_status_t postings_add(postings_t *postings, size_t position,
    crm_pool_t *pool);
static void postings_collect(const postings_t *postings, uint8_t *seen,
    unsigned *list, size_t *n);
static int position_cmp(const void *a, const void *b);


crm_index_t *
crm_index_create(crm_workflow_t *const *rules, size_t count,
    int (*wanted)(const crm_workflow_t *rule),
    const crm_predicates_t *predicates, unsigned slots, crm_pool_t *pool)
{
    size_t        i, k;
    build_t       b;
    crm_index_t  *index;

    index = crm_pool_calloc(pool, 1, sizeof(crm_index_t));
    if (index == NULL) {
        return NULL;
    }

    index->total = count;
    index->slots_count = slots;
    index->slots = crm_pool_calloc(pool, slots + 1, sizeof(crm_map_t));

    b.index = index;
    b.rules = rules;
    b.predicates = predicates;
    b.pool = pool;
    b.popular = crm_pool_calloc(pool, slots + 1, sizeof(crm_map_t));

    if (index->slots == NULL || b.popular == NULL) {
        return NULL;
    }

    for (i = 0; i < slots; i++) {
        crm_map_init(&index->slots[i], pool);
        crm_map_init(&b.popular[i], pool);
    }

    for (i = 0; i < count; i++) {
        if (!wanted(rules[i])) {
            continue;
        }

        for (k = 0; k < rules[i]->conditions_count; k++) {
            if (index_count(&b, &rules[i]->conditions[k].criteria)
                != CRM_OK)
            {
                return NULL;
            }
        }
    }

    for (i = 0; i < count; i++) {
        if (wanted(rules[i]) && index_file(&b, i) != CRM_OK) {
            return NULL;
        }
    }

    return index;
}


size_t
crm_index_count(const crm_index_t *index)
{
    return index->count;
}


crm_status_t
crm_index_candidates(const crm_index_t *index, crm_eval_t *eval,
    const unsigned **positions, size_t *count)
{
    int                   k, keys_count;
    size_t                n;
    uint8_t              *seen;
    unsigned              slot, *list;
    crm_str_t             keys[2];
    crm_map_entry_t      *entry;
    const crm_operand_t  *operand;

    list = crm_pool_alloc(eval->pool, (index->count + 1) * sizeof(unsigned));
    seen = crm_pool_calloc(eval->pool, index->total + 1, 1);
    if (list == NULL || seen == NULL) {
        return CRM_ENOMEM;
    }

    n = 0;
    postings_collect(&index->always, seen, list, &n);

    for (slot = 0; slot < index->slots_count; slot++) {
        if (index->slots[slot].count == 0) {
            continue;
        }

        operand = crm_eval_operand(eval, slot);
        if (operand == NULL) {
            return CRM_ENOMEM;
        }

        keys_count = crm_operand_keys(operand, keys, eval->pool);
        if (keys_count < 0) {
            return CRM_ENOMEM;
        }

        for (k = 0; k < keys_count; k++) {
            entry = crm_map_find(&index->slots[slot], keys[k]);
            if (entry) {
                postings_collect(entry->value, seen, list, &n);
            }
        }
    }

    if (n > 1) {
        qsort(list, n, sizeof(unsigned), position_cmp);
    }

    *positions = list;
    *count = n;

    return CRM_OK;
}


/* Notes which constants the rules demand, and how often. */
static crm_status_t
index_count(build_t *b, const crm_criteria_t *criteria)
{
    int                     k, n;
    unsigned                at, i;
    crm_str_t               keys[2];
    crm_map_entry_t        *entry;
    const crm_predicate_t  *p;

    at = 0;

    while ((p = index_demand(b, criteria, &at)) != NULL) {
        for (i = 0; i < p->count; i++) {
            n = crm_operand_keys(&p->operands[i], keys, b->pool);
            if (n < 0) {
                return CRM_ENOMEM;
            }

            for (k = 0; k < n; k++) {
                entry = crm_map_add(&b->popular[p->slot], keys[k]);
                if (entry == NULL) {
                    return CRM_ENOMEM;
                }

                entry->value = (void *) ((uintptr_t) entry->value + 1);
            }
        }
    }

    return CRM_OK;
}


/* A rule is filed once for each condition, or with those always looked at. */
static crm_status_t
index_file(build_t *b, size_t position)
{
    size_t                  k;
    const crm_workflow_t   *rule;
    const crm_predicate_t  *p[16];

    rule = b->rules[position];
    b->index->count++;

    for (k = 0; k < rule->conditions_count; k++) {
        if (k == sizeof(p) / sizeof(p[0])) {
            return postings_add(&b->index->always, position, b->pool);
        }

        if (index_cheapest(b, &rule->conditions[k].criteria, &p[k])
            != CRM_OK)
        {
            return CRM_ENOMEM;
        }

        if (p[k] == NULL) {
            return postings_add(&b->index->always, position, b->pool);
        }
    }

    for (k = 0; k < rule->conditions_count; k++) {
        if (index_add(b, p[k], position) != CRM_OK) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


/*
 * The next predicate from node *at on that must hold if the criteria do: the
 * only leaf, or a leaf directly below an AND at the root.
 */
static const crm_predicate_t *
index_demand(build_t *b, const crm_criteria_t *criteria, unsigned *at)
{
    unsigned                i;
    const crm_node_t       *nodes;
    const crm_predicate_t  *p;

    nodes = criteria->nodes;

    if (nodes == NULL || nodes[0].type == CRM_NODE_OR) {
        return NULL;
    }

    i = *at;
    if (i == 0 && nodes[0].type == CRM_NODE_AND) {
        i = 1;
    }

    while (i < criteria->count) {
        *at = nodes[i].next;

        if (nodes[i].type == CRM_NODE_LEAF) {
            p = b->predicates->items[nodes[i].predicate];

            if (p->indexed) {
                return p;
            }
        }

        i = *at;
    }

    return NULL;
}


static crm_status_t
index_cheapest(build_t *b, const crm_criteria_t *criteria,
    const crm_predicate_t **best)
{
    size_t                  cost, least;
    unsigned                at;
    const crm_predicate_t  *p;

    at = 0;
    least = (size_t) -1;
    *best = NULL;

    while ((p = index_demand(b, criteria, &at)) != NULL) {
        if (index_cost(b, p, &cost) != CRM_OK) {
            return CRM_ENOMEM;
        }

        if (cost < least) {
            least = cost;
            *best = p;
        }
    }

    return CRM_OK;
}


/* How many demands share p's constants; without end for what has no key. */
static crm_status_t
index_cost(build_t *b, const crm_predicate_t *p, size_t *cost)
{
    int               k, n;
    unsigned          i;
    crm_str_t         keys[2];
    crm_map_entry_t  *entry;

    *cost = 0;

    for (i = 0; i < p->count; i++) {
        n = crm_operand_keys(&p->operands[i], keys, b->pool);
        if (n < 0) {
            return CRM_ENOMEM;
        }

        if (n == 0) {
            *cost = (size_t) -1;
            return CRM_OK;
        }

        for (k = 0; k < n; k++) {
            entry = crm_map_find(&b->popular[p->slot], keys[k]);
            *cost += entry ? (uintptr_t) entry->value : 0;
        }
    }

    return CRM_OK;
}


static crm_status_t
index_add(build_t *b, const crm_predicate_t *p, size_t position)
{
    int               k, n;
    unsigned          i;
    crm_str_t         keys[2];
    crm_map_entry_t  *entry;

    for (i = 0; i < p->count; i++) {
        n = crm_operand_keys(&p->operands[i], keys, b->pool);
        if (n < 0) {
            return CRM_ENOMEM;
        }

        for (k = 0; k < n; k++) {
            entry = crm_map_add(&b->index->slots[p->slot], keys[k]);
            if (entry == NULL) {
                return CRM_ENOMEM;
            }

            if (entry->value == NULL) {
                entry->value = crm_pool_calloc(b->pool, 1,
                                               sizeof(postings_t));
                if (entry->value == NULL) {
                    return CRM_ENOMEM;
                }
            }

            if (postings_add(entry->value, position, b->pool) != CRM_OK) {
                return CRM_ENOMEM;
            }
        }
    }

    return CRM_OK;
}


static crm_status_t
postings_add(postings_t *postings, size_t position, crm_pool_t *pool)
{
    size_t     cap;
    unsigned  *items;

    if (postings->count
        && postings->items[postings->count - 1] == position)
    {
        return CRM_OK;
    }

    if (postings->count == postings->cap) {
        cap = postings->cap ? postings->cap * 2 : 2;

        items = crm_pool_alloc(pool, cap * sizeof(unsigned));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (postings->count) {
            memcpy(items, postings->items,
                   postings->count * sizeof(unsigned));
        }

        postings->items = items;
        postings->cap = cap;
    }

    postings->items[postings->count++] = (unsigned) position;

    return CRM_OK;
}


static void
postings_collect(const postings_t *postings, uint8_t *seen, unsigned *list,
    size_t *n)
{
    size_t  i;

    for (i = 0; i < postings->count; i++) {
        if (!seen[postings->items[i]]) {
            seen[postings->items[i]] = 1;
            list[(*n)++] = postings->items[i];
        }
    }
}


static int
position_cmp(const void *a, const void *b)
{
    unsigned  x = *(const unsigned *) a, y = *(const unsigned *) b;

    return (x > y) - (x < y);
}
