/*
 * What the predicates of a CRM module demand, and how likely a record meets
 * each: of the constants that rules compare a field with, records are taken to
 * hold each as often as rules name it.
 */

#include "rules/crm_index_parts.h"

#include <stdlib.h>


/* As if so many more constants were named by nobody: a demand that stands
 * alone on its field is not met by every record. */
#define UNNAMED  4


/* Keys and how often each is demanded. */
typedef struct {
    uint64_t  key;
    uint32_t  count;
} named_t;

typedef struct {
    crm_demands_t  *demands;
    named_t        *named;          /* open addressing */
    uint64_t        mask;
    uint32_t       *total;          /* by slot, twice: values, members */
} weigh_t;


static crm_status_t demands_keys(crm_demands_t *d, size_t *all);
static crm_status_t need_keys(crm_demands_t *d, const crm_predicate_t *p,
    crm_need_t *need);
static crm_status_t need_bounds(crm_demands_t *d, const crm_predicate_t *p,
    crm_need_t *need);
static crm_status_t bounds_add(crm_bounds_t *bounds, uint64_t place,
    crm_pool_t *temp);
static crm_status_t demands_weigh(crm_demands_t *d, size_t all);
static named_t *weigh_named(const weigh_t *w, uint64_t key);
static void need_chance(const weigh_t *w, const crm_predicate_t *p,
    crm_need_t *need);
static void need_chance_range(const weigh_t *w, crm_need_t *need);
static size_t bounds_below(const crm_bounds_t *bounds, uint64_t place);
static int place_cmp(const void *a, const void *b);


crm_demands_t *
crm_demands_create(const crm_predicates_t *predicates, unsigned slots,
    crm_pool_t *temp)
{
    size_t          all;
    crm_demands_t  *d;

    d = crm_pool_calloc(temp, 1, sizeof(crm_demands_t));
    if (d == NULL) {
        return NULL;
    }

    d->predicates = predicates;
    d->temp = temp;
    d->slots = slots;
    d->needs = crm_pool_calloc(temp, predicates->count + 1,
                               sizeof(crm_need_t));
    d->scales = crm_pool_calloc(temp, (size_t) slots * CRM_SCALES + 1,
                                sizeof(crm_bounds_t));
    d->scale_of = crm_pool_alloc(temp, ((size_t) slots * CRM_SCALES + 1)
                                       * sizeof(uint32_t));

    if (d->needs == NULL || d->scales == NULL || d->scale_of == NULL) {
        return NULL;
    }

    memset(d->scale_of, 0xff, (size_t) slots * CRM_SCALES * sizeof(uint32_t));

    return demands_keys(d, &all) == CRM_OK && demands_weigh(d, all) == CRM_OK
           ? d : NULL;
}


/* Keys and bounds of all predicates. */
static crm_status_t
demands_keys(crm_demands_t *d, size_t *all)
{
    unsigned                i;
    crm_need_t             *need;
    crm_status_t            rc;
    const crm_predicate_t  *p;

    *all = 0;

    for (i = 0; i < d->predicates->count; i++) {
        p = d->predicates->items[i];
        need = &d->needs[i];

        crm_demand_of(&need->demand, p);

        rc = need->demand.type == CRM_DEMAND_RANGE ? need_bounds(d, p, need)
             : need->demand.type != CRM_DEMAND_NONE ? need_keys(d, p, need)
             : CRM_OK;

        if (rc != CRM_OK) {
            return rc;
        }

        *all += need->keys_count;
    }

    return CRM_OK;
}


static crm_status_t
need_keys(crm_demands_t *d, const crm_predicate_t *p, crm_need_t *need)
{
    int       k, n, member;
    unsigned  i;
    uint64_t  keys[2];

    need->keys = crm_pool_alloc(d->temp, 2 * p->count * sizeof(uint64_t));
    if (need->keys == NULL) {
        return CRM_ENOMEM;
    }

    member = need->demand.type != CRM_DEMAND_EQUAL;

    for (i = 0; i < p->count; i++) {
        n = crm_operand_wide_keys(&p->operands[i], keys, d->temp);
        if (n < 0) {
            return CRM_ENOMEM;
        }

        if (n == 0) {                       /* a list equals a list */
            need->demand.type = CRM_DEMAND_NONE;
            need->keys_count = 0;
            return CRM_OK;
        }

        for (k = 0; k < n; k++) {
            need->keys[need->keys_count++] = crm_index_key(keys[k], p->slot,
                                                           member);
        }
    }

    return CRM_OK;
}


static crm_status_t
need_bounds(crm_demands_t *d, const crm_predicate_t *p, crm_need_t *need)
{
    uint32_t      *scale;
    crm_bounds_t  *bounds;

    scale = &d->scale_of[(size_t) p->slot * CRM_SCALES + need->demand.scale];

    if (*scale == CRM_INDEX_NONE) {
        *scale = d->scales_count++;
        d->scales[*scale].slot = p->slot;
        d->scales[*scale].scale = need->demand.scale;
    }

    need->scale = *scale;
    bounds = &d->scales[*scale];

    if (need->demand.low != 0
        && bounds_add(bounds, need->demand.low, d->temp) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    return need->demand.high == (uint64_t) -1 ? CRM_OK
           : bounds_add(bounds, need->demand.high, d->temp);
}


static crm_status_t
bounds_add(crm_bounds_t *bounds, uint64_t place, crm_pool_t *temp)
{
    size_t     cap;
    uint64_t  *grown;

    if (bounds->count == bounds->cap) {
        cap = bounds->cap ? bounds->cap * 2 : 16;

        grown = crm_pool_alloc(temp, cap * sizeof(uint64_t));
        if (grown == NULL) {
            return CRM_ENOMEM;
        }

        if (bounds->count) {
            memcpy(grown, bounds->bounds, bounds->count * sizeof(uint64_t));
        }

        bounds->bounds = grown;
        bounds->cap = cap;
    }

    bounds->bounds[bounds->count++] = place;

    return CRM_OK;
}


static crm_status_t
demands_weigh(crm_demands_t *d, size_t all)
{
    size_t       cap;
    unsigned     i, k;
    weigh_t      w;
    crm_need_t  *need;

    for (i = 0; i < d->scales_count; i++) {
        if (d->scales[i].count > 1) {
            qsort(d->scales[i].bounds, d->scales[i].count, sizeof(uint64_t),
                  place_cmp);
        }
    }

    for (cap = 8; cap < all * 2; cap *= 2) { /* void */ }

    w.demands = d;
    w.mask = cap - 1;
    w.named = crm_pool_calloc(d->temp, cap, sizeof(named_t));
    w.total = crm_pool_calloc(d->temp, (size_t) d->slots * 2 + 1,
                              sizeof(uint32_t));

    if (w.named == NULL || w.total == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < d->predicates->count; i++) {
        need = &d->needs[i];

        for (k = 0; k < need->keys_count; k++) {
            weigh_named(&w, need->keys[k])->count
                += d->predicates->items[i]->uses;
        }

        w.total[d->predicates->items[i]->slot * 2
                + (need->demand.type != CRM_DEMAND_EQUAL)]
            += need->keys_count * d->predicates->items[i]->uses;
    }

    for (i = 0; i < d->predicates->count; i++) {
        need_chance(&w, d->predicates->items[i], &d->needs[i]);
    }

    return CRM_OK;
}


static named_t *
weigh_named(const weigh_t *w, uint64_t key)
{
    uint64_t  i;

    for (i = key & w->mask; w->named[i].count && w->named[i].key != key;
         i = (i + 1) & w->mask)
    {
        /* void */
    }

    w->named[i].key = key;

    return &w->named[i];
}


/* Of all members that a set must hold, the rarest is enough to file under. */
static void
need_chance(const weigh_t *w, const crm_predicate_t *p, crm_need_t *need)
{
    unsigned  k, rarest;
    uint64_t  sum, count, least;

    if (need->demand.type == CRM_DEMAND_RANGE) {
        need_chance_range(w, need);
        return;
    }

    sum = 0;
    least = (uint64_t) -1;
    rarest = 0;

    for (k = 0; k < need->keys_count; k++) {
        count = weigh_named(w, need->keys[k])->count;
        sum += count;

        if (count < least) {
            least = count;
            rarest = k;
        }
    }

    if (need->demand.type == CRM_DEMAND_ALL && p->count == need->keys_count) {
        need->keys[0] = need->keys[rarest];
        need->keys_count = 1;
        sum = least;
    }

    need->chance = sum * CRM_CHANCE_ALL
                   / (w->total[p->slot * 2
                               + (need->demand.type != CRM_DEMAND_EQUAL)]
                      + UNNAMED);
}


static void
need_chance_range(const weigh_t *w, crm_need_t *need)
{
    size_t               inside;
    const crm_bounds_t  *bounds;

    bounds = &w->demands->scales[need->scale];

    inside = need->demand.high == (uint64_t) -1 ? bounds->count
             : bounds_below(bounds, need->demand.high + 1);
    inside -= bounds_below(bounds, need->demand.low);

    need->chance = (inside + 1) * CRM_CHANCE_ALL
                   / (bounds->count + UNNAMED);
}


/* How many are less than place. */
static size_t
bounds_below(const crm_bounds_t *bounds, uint64_t place)
{
    size_t  low, high, middle;

    low = 0;
    high = bounds->count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (bounds->bounds[middle] < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    return low;
}


static int
place_cmp(const void *a, const void *b)
{
    uint64_t  x = *(const uint64_t *) a, y = *(const uint64_t *) b;

    return (x > y) - (x < y);
}
