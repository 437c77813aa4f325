/*
 * The names met in objects that are still open.
 */

#include "record/crm_scan_key.h"

#include <stdlib.h>


#define KEY_FIRST   64

/* Marks of the hashes met: a name whose mark is new was not met before. Few
 * names need few. */
#define KEY_MARKS      8192
#define KEY_FEW_MARKS  64
#define KEY_FEW        8

/* Comparisons a name, on average: beyond, sorting is cheaper. */
#define KEY_BUDGET  64


static int key_met(const crm_scan_key_t *keys, size_t i);
static const crm_scan_key_t *key_twice_sorted(crm_scan_key_t *keys,
    size_t count);
static int key_eq(const crm_scan_key_t *a, const crm_scan_key_t *b);
static int key_cmp(const void *one, const void *two);


crm_status_t
crm_scan_key_room(crm_scan_t *scan)
{
    size_t           cap;
    crm_scan_key_t  *keys;

    cap = scan->keys_cap ? scan->keys_cap * 2 : KEY_FIRST;

    keys = crm_pool_alloc(scan->pool, cap * sizeof(crm_scan_key_t));
    if (keys == NULL) {
        return CRM_ENOMEM;
    }

    if (scan->keys_count) {
        memcpy(keys, scan->keys, scan->keys_count * sizeof(crm_scan_key_t));
    }

    scan->keys = keys;
    scan->keys_cap = cap;

    return CRM_OK;
}


crm_status_t
crm_scan_key_text(const crm_scan_t *scan, crm_span_t name, crm_str_t *text)
{
    *text = crm_span_text(name, scan->pool);

    return text->data ? CRM_OK : CRM_ENOMEM;
}


const crm_scan_key_t *
crm_scan_key_twice(crm_scan_key_t *keys, size_t count)
{
    size_t    i, budget;
    uint32_t  bit, marks;
    uint64_t  met[KEY_MARKS / 64];

    marks = count <= KEY_FEW ? KEY_FEW_MARKS : KEY_MARKS;
    memset(met, 0, marks / 8);
    budget = count * KEY_BUDGET;

    for (i = 0; i < count; i++) {
        bit = keys[i].hash & (marks - 1);

        if ((met[bit / 64] >> bit % 64 & 1) == 0) {
            met[bit / 64] |= (uint64_t) 1 << bit % 64;
            continue;
        }

        if (i > budget) {
            return key_twice_sorted(keys, count);
        }

        budget -= i;

        if (key_met(keys, i)) {
            return &keys[i];
        }
    }

    return NULL;
}


/* Whether a key before the i-th is the same. */
static int
key_met(const crm_scan_key_t *keys, size_t i)
{
    size_t    j;
    uint32_t  hash;

    hash = keys[i].hash;

    for (j = 0; j < i; j++) {
        if (keys[j].hash == hash && key_eq(&keys[j], &keys[i])) {
            return 1;
        }
    }

    return 0;
}


static const crm_scan_key_t *
key_twice_sorted(crm_scan_key_t *keys, size_t count)
{
    size_t                 i;
    const crm_scan_key_t  *first;

    qsort(keys, count, sizeof(crm_scan_key_t), key_cmp);

    first = NULL;

    for (i = 1; i < count; i++) {
        if (key_eq(&keys[i - 1], &keys[i])
            && (first == NULL || keys[i].at < first->at))
        {
            first = &keys[i];
        }
    }

    return first;
}


static int
key_eq(const crm_scan_key_t *a, const crm_scan_key_t *b)
{
    return a->hash == b->hash && a->len == b->len
           && memcmp(a->data, b->data, a->len) == 0;
}


static int
key_cmp(const void *one, const void *two)
{
    int                    rc;
    const crm_scan_key_t  *a, *b;

    a = one;
    b = two;

    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }

    if (a->len != b->len) {
        return a->len < b->len ? -1 : 1;
    }

    rc = memcmp(a->data, b->data, a->len);
    if (rc != 0) {
        return rc;
    }

    return (a->at > b->at) - (a->at < b->at);
}
