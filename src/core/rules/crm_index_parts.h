/*
 * An index from within: between crm_demands.c, which weighs what predicates
 * demand, crm_index_build.c, which files, and crm_index.c, which looks up.
 */

#ifndef CRM_INDEX_PARTS_H
#define CRM_INDEX_PARTS_H

#include "rules/crm_index.h"


#define CRM_INDEX_NONE   ((uint32_t) -1)

/* Ranges that end highest are noted for so many neighbours at once. */
#define CRM_INDEX_BLOCK  16


/* ---- demands of a module's predicates ---- */

/* A chance is of this many. */
#define CRM_CHANCE_ALL   ((uint64_t) 1 << 24)

typedef struct {
    crm_demand_t  demand;       /* NONE also where no key files it */
    uint64_t      chance;       /* that a record meets it, guessed */
    uint64_t     *keys;         /* of EQUAL, ANY and ALL: to be filed under */
    unsigned      keys_count;
    uint32_t      scale;        /* of RANGE: place in scales */
} crm_need_t;

typedef struct {
    unsigned      slot;
    crm_scale_t   scale;
    uint64_t     *bounds;       /* ascending, once all are there */
    size_t        count;
    size_t        cap;
} crm_bounds_t;

struct crm_demands_s {
    const crm_predicates_t  *predicates;
    crm_pool_t              *temp;
    crm_need_t              *needs;         /* by predicate */
    unsigned                 slots;
    uint32_t                *scale_of;      /* by slot and scale: place */
    crm_bounds_t            *scales;
    uint32_t                 scales_count;
};

/* The key under which constants of a field file; members of sets apart. */
static inline uint64_t
crm_index_key(uint64_t key, unsigned slot, int member)
{
    key = (key ^ ((uint64_t) slot * 2 + (member != 0) + 1))
          * 0x9e3779b97f4a7c15ULL;

    return key ^ key >> 32;
}


/* ---- an index ---- */

/* A rule, and what else must hold before it is a candidate: a range, and a
 * predicate. Rules filed under one key, or always looked at, stand by their
 * ranges' scales and low ends. */
typedef struct {
    uint64_t  low;
    uint64_t  high;
    uint32_t  scale;            /* place in scales; their number: none */
    uint32_t  predicate;        /* that must be true, or NONE */
    uint32_t  position;
} crm_filed_t;

typedef struct {
    uint64_t  key;
    uint32_t  first;            /* place in filed */
    uint32_t  count;            /* 0: free */
} crm_bucket_t;

/* Rules filed under ranges of one scale, by their low ends. */
typedef struct {
    unsigned       slot;
    crm_scale_t    scale;
    uint32_t       first;       /* place in filed */
    uint32_t       count;
    uint64_t      *low;
    uint64_t      *high;
    uint64_t      *highest;     /* of each CRM_INDEX_BLOCK */
    uint64_t      *highest_of;  /* of CRM_INDEX_BLOCK of those */
} crm_ranges_t;

struct crm_index_s {
    size_t         total;       /* rules that positions count */
    size_t         count;       /* rules filed */
    crm_filed_t   *filed;
    uint32_t       always;      /* that many at its start */
    crm_bucket_t  *buckets;     /* open addressing by key */
    uint64_t       mask;
    unsigned      *equal;       /* slots with keys of values */
    unsigned       equal_count;
    unsigned      *member;      /* slots with keys of members */
    unsigned       member_count;
    crm_ranges_t  *scales;      /* count may be 0 */
    uint32_t       scales_count;
};

#endif
