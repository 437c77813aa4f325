/*
 * Which rules can match this record: looking up.
 *
 * By each field's value, by the members of its set, and by its place on the
 * scales that rules ask for.
 */

#include "rules/crm_index_parts.h"

#include <stdlib.h>


/* Up to so many candidates are brought into order as they come. */
#define FEW  24

/*
 * Where the record lies on a scale: low ends up to begin and high ends from
 * end on are met. Both are its place; or, where it may lie anywhere, all are
 * met; or, until it is known and where it is nowhere, none.
 */
typedef struct {
    uint64_t     begin;
    uint64_t     end;
    crm_place_t  known;             /* 0: not looked at yet */
} place_t;

typedef struct {
    const crm_index_t  *index;
    crm_eval_t         *eval;
    place_t            *places;     /* by scale, and one that is anywhere */
    uint64_t           *seen;       /* bits by position */
    unsigned           *list;
    size_t              count;
    size_t              cap;
} find_t;


static crm_status_t find_values(find_t *f);
static crm_status_t find_members(find_t *f);
static crm_status_t find_keys(find_t *f, unsigned slot,
    crm_operand_t *operand, int member);
static crm_status_t find_ranges(find_t *f);
static crm_status_t find_range(find_t *f, const crm_ranges_t *r,
    uint64_t place);
static size_t range_begun(const crm_ranges_t *r, uint64_t place);
static crm_status_t find_places(find_t *f);
static crm_status_t find_place(find_t *f, uint32_t scale);
static crm_status_t find_take(find_t *f, const crm_filed_t *filed,
    size_t count, int by_low);
static inline int find_asks(find_t *f, uint32_t predicate);
static crm_status_t find_add(find_t *f, uint32_t position);
static void find_order(find_t *f);


size_t
crm_index_count(const crm_index_t *index)
{
    return index->count;
}


crm_status_t
crm_index_candidates(const crm_index_t *index, crm_eval_t *eval,
    const unsigned **positions, size_t *count)
{
    find_t  f;

    f.index = index;
    f.eval = eval;
    f.count = 0;
    f.cap = index->count < 2 * FEW ? index->count + 1 : 2 * FEW;

    f.seen = crm_pool_calloc(eval->pool, index->total / 64 + 1,
                             sizeof(uint64_t));
    f.list = crm_pool_alloc(eval->pool, f.cap * sizeof(unsigned));

    if (f.seen == NULL || f.list == NULL || find_places(&f) != CRM_OK
        || find_take(&f, index->filed, index->always, 1) != CRM_OK
        || find_values(&f) != CRM_OK
        || find_members(&f) != CRM_OK
        || find_ranges(&f) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    find_order(&f);

    *positions = f.list;
    *count = f.count;

    return eval->status;
}


static crm_status_t
find_values(find_t *f)
{
    unsigned        i;
    crm_operand_t  *operand;

    for (i = 0; i < f->index->equal_count; i++) {
        operand = crm_eval_operand(f->eval, f->index->equal[i]);

        if (operand == NULL
            || find_keys(f, f->index->equal[i], operand, 0) != CRM_OK)
        {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static crm_status_t
find_members(find_t *f)
{
    size_t          k, n;
    unsigned        i;
    crm_status_t    rc;
    crm_operand_t  *operand, *items;

    for (i = 0; i < f->index->member_count; i++) {
        operand = crm_eval_operand(f->eval, f->index->member[i]);
        if (operand == NULL) {
            return CRM_ENOMEM;
        }

        if (operand->value.type == CRM_VALUE_UNKNOWN) {
            continue;
        }

        rc = crm_operand_members(f->eval, operand, &items, &n);

        if (rc == CRM_ELIMIT) {
            continue;
        }

        for (k = 0; rc == CRM_OK && k < n; k++) {
            rc = find_keys(f, f->index->member[i], &items[k], 1);
        }

        if (rc != CRM_OK) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static crm_status_t
find_keys(find_t *f, unsigned slot, crm_operand_t *operand, int member)
{
    int                  n;
    uint64_t             k, key, keys[2];
    const crm_index_t   *index;
    const crm_bucket_t  *bucket;

    index = f->index;

    n = crm_operand_wide_keys(operand, keys, f->eval->pool);
    if (n < 0) {
        return CRM_ENOMEM;
    }

    while (n-- > 0) {
        key = crm_index_key(keys[n], slot, member);

        for (k = key & index->mask; index->buckets[k].count;
             k = (k + 1) & index->mask)
        {
            bucket = &index->buckets[k];

            if (bucket->key == key) {
                if (find_take(f, index->filed + bucket->first, bucket->count,
                              1) != CRM_OK)
                {
                    return CRM_ENOMEM;
                }

                break;
            }
        }
    }

    return CRM_OK;
}


static crm_status_t
find_ranges(find_t *f)
{
    uint32_t             i;
    crm_status_t         rc;
    const place_t       *place;
    const crm_ranges_t  *r;

    for (i = 0; i < f->index->scales_count; i++) {
        r = &f->index->scales[i];

        if (r->count == 0) {
            continue;
        }

        if (find_place(f, i) != CRM_OK) {
            return CRM_ENOMEM;
        }

        place = &f->places[i];
        rc = place->known == CRM_PLACE_KNOWN ? find_range(f, r, place->begin)
             : place->known == CRM_PLACE_ANYWHERE
               ? find_take(f, f->index->filed + r->first, r->count, 0)
             : CRM_OK;

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* Of those that begin at place or before it the ones that do not end before
 * it; whole blocks of those that do are passed over. */
static crm_status_t
find_range(find_t *f, const crm_ranges_t *r, uint64_t place)
{
    size_t              i, run, begun;
    const crm_filed_t  *filed;

    filed = f->index->filed + r->first;
    begun = range_begun(r, place);

    for (i = 0; i < begun; i++) {

        if (i % CRM_INDEX_BLOCK == 0) {
            if (i % (CRM_INDEX_BLOCK * CRM_INDEX_BLOCK) == 0
                && r->highest_of[i / CRM_INDEX_BLOCK / CRM_INDEX_BLOCK]
                   < place)
            {
                i += CRM_INDEX_BLOCK * CRM_INDEX_BLOCK - 1;
                continue;
            }

            if (r->highest[i / CRM_INDEX_BLOCK] < place) {
                i += CRM_INDEX_BLOCK - 1;
                continue;
            }
        }

        for (run = i; run < begun && r->high[run] >= place; run++) {
            /* void */
        }

        if (run > i) {
            if (find_take(f, filed + i, run - i, 0) != CRM_OK) {
                return CRM_ENOMEM;
            }

            i = run - 1;
        }
    }

    return CRM_OK;
}


/* How many begin at place or before it. */
static size_t
range_begun(const crm_ranges_t *r, uint64_t place)
{
    size_t  low, high, middle;

    low = 0;
    high = r->count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (r->low[middle] <= place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    return low;
}


/* Where the record lies nobody has asked yet. */
static crm_status_t
find_places(find_t *f)
{
    uint32_t  i, n;

    n = f->index->scales_count;

    f->places = crm_pool_calloc(f->eval->pool, n + 1, sizeof(place_t));
    if (f->places == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n; i++) {
        f->places[i].end = (uint64_t) -1;
    }

    f->places[n].begin = (uint64_t) -1;
    f->places[n].known = CRM_PLACE_ANYWHERE;

    return CRM_OK;
}


/* Where it lies on one scale, found once. */
static crm_status_t
find_place(find_t *f, uint32_t scale)
{
    uint64_t             at;
    place_t             *place;
    crm_operand_t       *operand;
    const crm_ranges_t  *r;

    place = &f->places[scale];

    if (place->known != 0) {
        return CRM_OK;
    }

    r = &f->index->scales[scale];

    operand = crm_eval_operand(f->eval, r->slot);
    if (operand == NULL) {
        return CRM_ENOMEM;
    }

    place->known = crm_demand_place(&at, operand, r->scale, f->eval->scope);

    if (place->known == CRM_PLACE_KNOWN) {
        place->begin = at;
        place->end = at;

    } else if (place->known == CRM_PLACE_ANYWHERE) {
        place->begin = (uint64_t) -1;
        place->end = 0;
    }

    return CRM_OK;
}


/* Those of filed of which all else that is noted holds, too. by_low: those of
 * one scale stand together, by their low ends. */
static crm_status_t
find_take(find_t *f, const crm_filed_t *filed, size_t count, int by_low)
{
    uint32_t            scale;
    const place_t      *place;
    const crm_filed_t  *last;

    last = filed + count;

    while (filed < last) {

        scale = filed->scale;
        place = &f->places[scale];

        if (place->begin < filed->low || place->end > filed->high) {

            if (place->known == 0) {
                if (find_place(f, scale) != CRM_OK) {
                    return CRM_ENOMEM;
                }

                continue;
            }

            if (by_low && place->begin < filed->low) {
                while (++filed < last && filed->scale == scale) {
                    /* these begin no lower */
                }

            } else {
                filed++;
            }

            continue;
        }

        if (find_asks(f, filed->predicate)
            && find_add(f, filed->position) != CRM_OK)
        {
            return CRM_ENOMEM;
        }

        filed++;
    }

    return CRM_OK;
}


/* Whether a predicate holds, or none is to be asked. */
static inline int
find_asks(find_t *f, uint32_t predicate)
{
    int  known;

    if (predicate == CRM_INDEX_NONE) {
        return 1;
    }

    known = crm_eval_known(f->eval, predicate);

    return known == CRM_TRUE
           || (known < 0 && crm_eval_test(f->eval, predicate) == CRM_TRUE);
}


static crm_status_t
find_add(find_t *f, uint32_t position)
{
    size_t     cap;
    uint64_t   bit;
    unsigned  *grown;

    bit = (uint64_t) 1 << position % 64;

    if (f->seen[position / 64] & bit) {
        return CRM_OK;
    }

    f->seen[position / 64] |= bit;

    if (f->count == f->cap) {
        cap = f->cap * 2;

        grown = crm_pool_alloc(f->eval->pool, cap * sizeof(unsigned));
        if (grown == NULL) {
            return CRM_ENOMEM;
        }

        memcpy(grown, f->list, f->count * sizeof(unsigned));
        f->list = grown;
        f->cap = cap;
    }

    f->list[f->count++] = position;

    return CRM_OK;
}


/* Few are sorted as a hand of cards is; of many the bits tell. */
static void
find_order(find_t *f)
{
    size_t    i, k, n;
    uint64_t  bits;
    unsigned  position;

    if (f->count > FEW) {
        for (i = 0, n = 0; n < f->count; i++) {
            for (bits = f->seen[i]; bits; bits &= bits - 1) {
                f->list[n++] = (unsigned) (i * 64)
                               + (unsigned) __builtin_ctzll(bits);
            }
        }

        return;
    }

    for (i = 1; i < f->count; i++) {
        position = f->list[i];

        for (k = i; k > 0 && f->list[k - 1] > position; k--) {
            f->list[k] = f->list[k - 1];
        }

        f->list[k] = position;
    }
}
