/*
 * The names met in objects that are still open.
 */

#include "record/crm_scan_key.h"

#include <stdlib.h>


#define KEY_FIRST   64

/* Marks of the hashes met: a name whose mark is new was not met before. Few
 * names need few, up to 8 the bits of one word. */
#define KEY_MARKS       8192
#define KEY_SOME_MARKS  512
#define KEY_SOME        64
#define KEY_FEW         8

/* Comparisons a name, on average: beyond, sorting is cheaper. */
#define KEY_BUDGET  64


static const crm_scan_key_t *key_twice_few(const crm_scan_key_t *keys,
    size_t count);
static const crm_scan_key_t *key_twice_many(crm_scan_key_t *keys,
    size_t count);
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
crm_scan_key_push(crm_scan_t *scan, const crm_span_t *name)
{
    crm_str_t  text;

    text = crm_span_text(*name, scan->pool);

    if (text.data == NULL
        || (scan->keys_count == scan->keys_cap
            && crm_scan_key_room(scan) != CRM_OK))
    {
        return CRM_ENOMEM;
    }

    (void) crm_scan_key_add(scan, text,
                            (uint32_t) (name->data - scan->start));

    return CRM_OK;
}


const crm_scan_key_t *
crm_scan_key_twice(crm_scan_key_t *keys, size_t count)
{
    return count <= KEY_FEW ? key_twice_few(keys, count)
                            : key_twice_many(keys, count);
}


static const crm_scan_key_t *
key_twice_few(const crm_scan_key_t *keys, size_t count)
{
    size_t    i;
    uint64_t  bit, met;

    met = 0;

    for (i = 0; i < count; i++) {
        bit = (uint64_t) 1 << keys[i].hash % 64;

        if ((met & bit) && key_met(keys, i)) {
            return &keys[i];
        }

        met |= bit;
    }

    return NULL;
}


static const crm_scan_key_t *
key_twice_many(crm_scan_key_t *keys, size_t count)
{
    size_t    i, budget;
    uint8_t   met[KEY_MARKS], *mark;
    uint32_t  marks;

    marks = count <= KEY_SOME ? KEY_SOME_MARKS : KEY_MARKS;
    memset(met, 0, marks);
    budget = count * KEY_BUDGET;

    for (i = 0; i < count; i++) {
        mark = &met[keys[i].hash & (marks - 1)];

        if (*mark == 0) {
            *mark = 1;
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
