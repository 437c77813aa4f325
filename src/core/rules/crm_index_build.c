/*
 * Filing rules: of what each condition demands the rarest, and the index that
 * comes of it.
 */

#include "rules/crm_index_parts.h"

#include <stdlib.h>

#include "base/crm_limits.h"


/* A condition that would be filed in more places is looked at always. */
#define MAX_PLACES  (4 * CRM_MAX_IN_VALUES)

/* No demand: worse than any. */
#define CHANCE_NONE  ((uint64_t) -1)

/* A rule, where it is to be filed. */
typedef struct {
    enum { TO_ALWAYS = 0, TO_KEY, TO_RANGE }  to;
    uint32_t     scale;
    uint64_t     low;           /* or the key */
    uint64_t     high;
    crm_filed_t  filed;
} filing_t;

typedef struct {
    crm_index_t           *index;
    const crm_demands_t   *demands;
    crm_pool_t            *pool;
    filing_t              *filings;
    size_t                 count;
    size_t                 cap;
    const crm_criteria_t  *criteria;    /* of the condition at hand */
    unsigned               needs[MAX_PLACES];   /* predicates to file under */
    unsigned               needs_count;
} build_t;


static crm_status_t build_rule(build_t *b, const crm_workflow_t *rule,
    uint32_t position);
static uint64_t build_needs(build_t *b, unsigned node);
static uint64_t build_needs_and(build_t *b, unsigned node);
static uint64_t build_needs_or(build_t *b, unsigned node);
static crm_status_t build_condition(build_t *b, uint32_t position);
static void build_besides(build_t *b, unsigned filed, crm_filed_t *entry);
static crm_status_t build_filing(build_t *b, const filing_t *filing);
static crm_status_t build_index(build_t *b);
static crm_status_t build_keys(build_t *b, size_t first, size_t last);
static crm_status_t build_slots(build_t *b);
static crm_status_t build_ranges(build_t *b, size_t first, size_t last);
static int filing_cmp(const void *a, const void *b);


crm_index_t *
crm_index_create(crm_workflow_t *const *rules, size_t count,
    int (*wanted)(const crm_workflow_t *rule), const crm_demands_t *demands,
    crm_pool_t *pool)
{
    size_t        i;
    build_t       b;
    crm_index_t  *index;

    index = crm_pool_calloc(pool, 1, sizeof(crm_index_t));
    if (index == NULL) {
        return NULL;
    }

    index->total = count;

    b.index = index;
    b.demands = demands;
    b.pool = pool;
    b.filings = NULL;
    b.count = 0;
    b.cap = 0;

    for (i = 0; i < count; i++) {
        if (wanted(rules[i])) {
            if (build_rule(&b, rules[i], (uint32_t) i) != CRM_OK) {
                return NULL;
            }

            index->count++;
        }
    }

    return build_index(&b) == CRM_OK ? index : NULL;
}


/* Once for each condition, or with those always looked at. */
static crm_status_t
build_rule(build_t *b, const crm_workflow_t *rule, uint32_t position)
{
    size_t    k, began;
    filing_t  filing;

    began = b->count;

    for (k = 0; k < rule->conditions_count; k++) {
        b->criteria = &rule->conditions[k].criteria;
        b->needs_count = 0;

        if (b->criteria->nodes == NULL
            || build_needs(b, 0) == CHANCE_NONE)
        {
            memset(&filing, 0, sizeof(filing_t));
            filing.to = TO_ALWAYS;
            filing.filed.position = position;
            filing.filed.scale = b->demands->scales_count;
            filing.filed.predicate = CRM_INDEX_NONE;

            if (rule->conditions_count == 1) {
                build_besides(b, CRM_INDEX_NONE, &filing.filed);
            }

            b->count = began;

            return build_filing(b, &filing);
        }

        if (build_condition(b, position) != CRM_OK) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


/*
 * Adds predicates to b->needs, one of which is true whenever what stands at
 * node is; returns the chance that one is, or CHANCE_NONE. Depth is bounded as
 * that of crm_eval_criteria().
 */
static uint64_t
build_needs(build_t *b, unsigned node)
{
    const crm_node_t  *n;
    const crm_need_t  *need;

    n = &b->criteria->nodes[node];

    if (n->type != CRM_NODE_LEAF) {
        return n->type == CRM_NODE_AND ? build_needs_and(b, node)
                                       : build_needs_or(b, node);
    }

    need = &b->demands->needs[n->predicate];

    if (need->demand.type == CRM_DEMAND_NONE
        || b->needs_count == MAX_PLACES)
    {
        return CHANCE_NONE;
    }

    b->needs[b->needs_count++] = n->predicate;

    return need->chance;
}


/* The best member's; the others' are taken back. */
static uint64_t
build_needs_and(build_t *b, unsigned node)
{
    unsigned           i, start, best, mark;
    uint64_t           chance, least;
    const crm_node_t  *nodes;

    nodes = b->criteria->nodes;
    start = b->needs_count;
    best = 0;
    least = CHANCE_NONE;

    for (i = node + 1; i < nodes[node].next; i = nodes[i].next) {
        mark = b->needs_count;
        chance = build_needs(b, i);

        if (chance < least) {
            least = chance;
            best = b->needs_count - mark;

            memmove(b->needs + start, b->needs + mark,
                    best * sizeof(unsigned));
        }

        b->needs_count = start + best;
    }

    return least;
}


/* All members', if each has one. */
static uint64_t
build_needs_or(build_t *b, unsigned node)
{
    unsigned           i;
    uint64_t           chance, sum;
    const crm_node_t  *nodes;

    nodes = b->criteria->nodes;
    sum = 0;

    for (i = node + 1; i < nodes[node].next; i = nodes[i].next) {
        chance = build_needs(b, i);

        if (chance == CHANCE_NONE) {
            return chance;
        }

        sum += chance;
    }

    return nodes[node].next == node + 1 ? CHANCE_NONE : sum;
}


/* A filing for each of b->needs, and each of its keys. */
static crm_status_t
build_condition(build_t *b, uint32_t position)
{
    unsigned           i, k;
    filing_t           filing;
    const crm_need_t  *need;

    for (i = 0; i < b->needs_count; i++) {
        need = &b->demands->needs[b->needs[i]];

        memset(&filing, 0, sizeof(filing_t));
        filing.filed.position = position;
        build_besides(b, b->needs[i], &filing.filed);

        if (need->demand.type == CRM_DEMAND_RANGE) {
            filing.to = TO_RANGE;
            filing.scale = need->scale;
            filing.low = need->demand.low;
            filing.high = need->demand.high;

            if (build_filing(b, &filing) != CRM_OK) {
                return CRM_ENOMEM;
            }

            continue;
        }

        filing.to = TO_KEY;

        for (k = 0; k < need->keys_count; k++) {
            filing.low = need->keys[k];

            if (build_filing(b, &filing) != CRM_OK) {
                return CRM_ENOMEM;
            }
        }
    }

    return CRM_OK;
}


/*
 * What else must hold of the condition: the rarest of its other ranges, and of
 * its other leaves the one that most rules share, whose result is known by
 * then as a rule. Leaves of an AND at the root, or a leaf alone.
 */
static void
build_besides(build_t *b, unsigned filed, crm_filed_t *entry)
{
    unsigned                i, uses;
    uint64_t                chance;
    const crm_node_t       *nodes;
    const crm_need_t       *need;
    const crm_predicate_t  *p;

    entry->scale = b->demands->scales_count;
    entry->low = 0;
    entry->high = 0;
    entry->predicate = CRM_INDEX_NONE;

    nodes = b->criteria->nodes;
    chance = CHANCE_NONE;
    uses = 1;

    if (nodes == NULL || nodes[0].type == CRM_NODE_OR) {
        return;
    }

    for (i = nodes[0].type == CRM_NODE_AND; i < b->criteria->count;
         i = nodes[i].next)
    {
        if (nodes[i].type != CRM_NODE_LEAF || nodes[i].predicate == filed) {
            continue;
        }

        need = &b->demands->needs[nodes[i].predicate];
        p = b->demands->predicates->items[nodes[i].predicate];

        if (need->demand.type == CRM_DEMAND_RANGE && need->chance < chance) {
            chance = need->chance;
            entry->scale = need->scale;
            entry->low = need->demand.low;
            entry->high = need->demand.high;

        } else if (p->uses > uses) {
            uses = p->uses;
            entry->predicate = nodes[i].predicate;
        }
    }
}


static crm_status_t
build_filing(build_t *b, const filing_t *filing)
{
    size_t     cap;
    filing_t  *grown;

    if (b->count == b->cap) {
        cap = b->cap ? b->cap * 2 : 64;

        grown = crm_pool_alloc(b->demands->temp, cap * sizeof(filing_t));
        if (grown == NULL) {
            return CRM_ENOMEM;
        }

        if (b->count) {
            memcpy(grown, b->filings, b->count * sizeof(filing_t));
        }

        b->filings = grown;
        b->cap = cap;
    }

    b->filings[b->count++] = *filing;

    return CRM_OK;
}


static crm_status_t
build_index(build_t *b)
{
    size_t        i, keys, ranges;
    crm_index_t  *index;

    index = b->index;

    index->filed = crm_pool_alloc(b->pool, (b->count + 1)
                                           * sizeof(crm_filed_t));
    if (index->filed == NULL) {
        return CRM_ENOMEM;
    }

    if (b->count > 1) {
        qsort(b->filings, b->count, sizeof(filing_t), filing_cmp);
    }

    for (i = 0; i < b->count; i++) {
        index->filed[i] = b->filings[i].filed;
    }

    for (keys = 0; keys < b->count && b->filings[keys].to == TO_ALWAYS;
         keys++) { /* void */ }

    for (ranges = keys; ranges < b->count && b->filings[ranges].to == TO_KEY;
         ranges++) { /* void */ }

    index->always = (uint32_t) keys;

    return build_keys(b, keys, ranges) == CRM_OK
           && build_slots(b) == CRM_OK
           ? build_ranges(b, ranges, b->count) : CRM_ENOMEM;
}


static crm_status_t
build_keys(build_t *b, size_t first, size_t last)
{
    size_t         i, cap;
    uint64_t       k;
    crm_index_t   *index;
    crm_bucket_t  *bucket;

    index = b->index;

    for (cap = 8; cap < (last - first) * 2; cap *= 2) { /* void */ }

    index->mask = cap - 1;
    index->buckets = crm_pool_calloc(b->pool, cap, sizeof(crm_bucket_t));
    if (index->buckets == NULL) {
        return CRM_ENOMEM;
    }

    bucket = NULL;

    for (i = first; i < last; i++) {
        if (bucket == NULL || bucket->key != b->filings[i].low) {
            k = b->filings[i].low & index->mask;

            while (index->buckets[k].count) {
                k = (k + 1) & index->mask;
            }

            bucket = &index->buckets[k];
            bucket->key = b->filings[i].low;
            bucket->first = (uint32_t) i;
        }

        bucket->count++;
    }

    return CRM_OK;
}


/* The fields whose values, or whose members, are to be looked up. */
static crm_status_t
build_slots(build_t *b)
{
    size_t                  i;
    unsigned                slots, slot, *list;
    uint8_t                *filed;
    crm_index_t            *index;
    const crm_need_t       *need;
    const crm_demands_t    *d;

    d = b->demands;
    index = b->index;
    slots = d->slots;

    filed = crm_pool_calloc(d->temp, 2 * (size_t) slots + 1, 1);
    list = crm_pool_calloc(b->pool, 2 * (size_t) slots + 1,
                           sizeof(unsigned));
    if (filed == NULL || list == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < d->predicates->count; i++) {
        need = &d->needs[i];

        if (need->keys_count) {
            filed[d->predicates->items[i]->slot
                  + (need->demand.type != CRM_DEMAND_EQUAL) * slots] = 1;
        }
    }

    index->equal = list;
    index->member = list + slots;

    for (slot = 0; slot < slots; slot++) {
        if (filed[slot]) {
            index->equal[index->equal_count++] = slot;
        }
        if (filed[slots + slot]) {
            index->member[index->member_count++] = slot;
        }
    }

    return CRM_OK;
}


static crm_status_t
build_ranges(build_t *b, size_t first, size_t last)
{
    size_t         i, n, blocks;
    crm_index_t   *index;
    crm_ranges_t  *r;

    index = b->index;
    index->scales_count = b->demands->scales_count;
    index->scales = crm_pool_calloc(b->pool, index->scales_count + 1,
                                    sizeof(crm_ranges_t));
    if (index->scales == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < index->scales_count; i++) {
        index->scales[i].slot = b->demands->scales[i].slot;
        index->scales[i].scale = b->demands->scales[i].scale;
    }

    for (i = first; i < last; i++) {
        r = &index->scales[b->filings[i].scale];
        r->first = r->count++ ? r->first : (uint32_t) i;
    }

    for (r = index->scales; r < index->scales + index->scales_count; r++) {
        blocks = r->count / CRM_INDEX_BLOCK + 1;

        r->low = crm_pool_alloc(b->pool, (r->count + 1) * sizeof(uint64_t));
        r->high = crm_pool_alloc(b->pool, (r->count + 1) * sizeof(uint64_t));
        r->highest = crm_pool_calloc(b->pool, blocks, sizeof(uint64_t));
        r->highest_of = crm_pool_calloc(b->pool, blocks / CRM_INDEX_BLOCK + 1,
                                        sizeof(uint64_t));

        if (r->low == NULL || r->high == NULL || r->highest == NULL
            || r->highest_of == NULL)
        {
            return CRM_ENOMEM;
        }

        for (i = 0; i < r->count; i++) {
            r->low[i] = b->filings[r->first + i].low;
            r->high[i] = b->filings[r->first + i].high;

            n = i / CRM_INDEX_BLOCK;
            r->highest[n] = r->high[i] > r->highest[n] ? r->high[i]
                                                       : r->highest[n];
            n /= CRM_INDEX_BLOCK;
            r->highest_of[n] = r->high[i] > r->highest_of[n]
                               ? r->high[i] : r->highest_of[n];
        }
    }

    return CRM_OK;
}


/* Where they are filed; of one key by the other range that is noted, of one
 * scale by the low end, with those that end highest first. */
static int
filing_cmp(const void *a, const void *b)
{
    const filing_t  *x = a, *y = b;

    if (x->to != y->to) {
        return x->to < y->to ? -1 : 1;
    }

    if (x->scale != y->scale) {
        return x->scale < y->scale ? -1 : 1;
    }

    if (x->low != y->low) {
        return x->low < y->low ? -1 : 1;
    }

    if (x->high != y->high) {
        return x->high > y->high ? -1 : 1;
    }

    if (x->to != TO_RANGE && x->filed.scale != y->filed.scale) {
        return x->filed.scale < y->filed.scale ? -1 : 1;
    }

    if (x->to != TO_RANGE && x->filed.low != y->filed.low) {
        return x->filed.low < y->filed.low ? -1 : 1;
    }

    return (x->filed.position > y->filed.position)
           - (x->filed.position < y->filed.position);
}
