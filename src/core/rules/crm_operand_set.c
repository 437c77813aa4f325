/*
 * Operands as sets: which constants are members of a list.
 *
 * A client chooses how many members a list has, and rules may ask for each of
 * a hundred constants: the members are filed once a record, by the keys under
 * which equal operands file, and looked up by halves. A table of hashes would
 * let the client choose collisions.
 */

#include "rules/crm_criteria.h"

#include <stdlib.h>

#include "base/crm_limits.h"


typedef struct {
    crm_str_t        key;
    crm_operand_t   *item;
} set_entry_t;

struct crm_operand_set_s {
    crm_operand_t   *items;         /* in the list's order */
    size_t           count;
    set_entry_t     *entries;       /* by key */
    size_t           entries_count;
    int              unknown;       /* too many to be compared */
};


static crm_operand_set_t *set_of(crm_eval_t *eval, crm_operand_t *operand);
static crm_status_t set_fill(crm_operand_set_t *set, crm_operand_t *operand,
    crm_pool_t *pool);
static crm_status_t set_file(crm_operand_set_t *set, crm_pool_t *pool);
static int set_has(crm_eval_t *eval, const crm_operand_set_t *set,
    crm_operand_t *item, int left, crm_field_type_t type);
static int set_has_key(crm_eval_t *eval, const crm_operand_set_t *set,
    crm_str_t key, crm_operand_t *item, int left, crm_field_type_t type);
static crm_truth_t set_count(crm_eval_t *eval, const crm_operand_set_t *set,
    crm_operand_t *operand, crm_field_type_t type, size_t *all,
    size_t *found);
static int set_wanted(crm_eval_t *eval, const crm_predicate_t *p,
    crm_operand_t *item);
static int set_cmp(const void *one, const void *two);


crm_truth_t
crm_operand_overlap(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, size_t *all, size_t *found)
{
    unsigned            i;
    crm_truth_t         t;
    crm_operand_set_t  *set;

    *all = 0;
    *found = 0;

    if (left->value.type == CRM_VALUE_UNKNOWN) {
        return CRM_MAYBE;
    }

    set = set_of(eval, left);
    t = set && !set->unknown ? CRM_TRUE : CRM_MAYBE;

    for (i = 0; t == CRM_TRUE && i < p->count; i++) {
        t = set_count(eval, set, &p->operands[i], p->type, all, found);
    }

    return t;
}


crm_truth_t
crm_operand_same_set(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p)
{
    size_t              i, all, found;
    crm_truth_t         t;
    crm_operand_set_t  *set;

    if (p->operands[0].is_empty) {
        return left->value.type == CRM_VALUE_UNKNOWN
               ? CRM_MAYBE : left->value.type == CRM_VALUE_EMPTY;
    }

    t = crm_operand_overlap(eval, left, p, &all, &found);
    if (t != CRM_TRUE || all != found) {
        return t == CRM_TRUE ? CRM_FALSE : t;
    }

    set = set_of(eval, left);

    for (i = 0; i < set->count; i++) {
        if (!set_wanted(eval, p, &set->items[i])) {
            return eval->status == CRM_OK ? CRM_FALSE : CRM_MAYBE;
        }
    }

    return CRM_TRUE;
}


crm_status_t
crm_operand_members(crm_eval_t *eval, crm_operand_t *operand,
    crm_operand_t **items, size_t *count)
{
    crm_operand_set_t  *set;

    set = set_of(eval, operand);
    if (set == NULL) {
        return CRM_ENOMEM;
    }

    *items = set->items;
    *count = set->count;

    return set->unknown ? CRM_ELIMIT : CRM_OK;
}


/* The members of operand, made once; NULL without memory. */
static crm_operand_set_t *
set_of(crm_eval_t *eval, crm_operand_t *operand)
{
    crm_operand_set_t  *set;

    if (operand->u.set) {
        return operand->u.set;
    }

    set = crm_pool_calloc(eval->pool, 1, sizeof(crm_operand_set_t));

    if (set == NULL || set_fill(set, operand, eval->pool) != CRM_OK
        || set_file(set, eval->pool) != CRM_OK)
    {
        eval->status = CRM_ENOMEM;
        return NULL;
    }

    operand->u.set = set;

    return set;
}


static crm_status_t
set_fill(crm_operand_set_t *set, crm_operand_t *operand, crm_pool_t *pool)
{
    size_t        n, cursor;
    crm_span_t    span;
    crm_value_t   value;

    if (operand->value.type == CRM_VALUE_EMPTY) {
        return CRM_OK;
    }

    if (operand->value.type != CRM_VALUE_LIST) {
        set->items = operand;
        set->count = 1;
        return CRM_OK;
    }

    for (n = 0, cursor = 0;
         crm_span_next(operand->value.span, &cursor, NULL, &span); n++)
    {
        /* counted */
    }

    if (n > CRM_MAX_SET) {
        set->unknown = 1;
        return CRM_OK;
    }

    set->items = crm_pool_alloc(pool, (n + 1) * sizeof(crm_operand_t));
    if (set->items == NULL) {
        return CRM_ENOMEM;
    }

    for (cursor = 0;
         crm_span_next(operand->value.span, &cursor, NULL, &span); )
    {
        if (crm_value_from_span(&value, span, pool) != CRM_OK
            || crm_operand_init(&set->items[set->count], &value, pool)
               != CRM_OK)
        {
            return CRM_ENOMEM;
        }

        set->count += value.type != CRM_VALUE_EMPTY;
    }

    return CRM_OK;
}


static crm_status_t
set_file(crm_operand_set_t *set, crm_pool_t *pool)
{
    int            k, n;
    size_t         i;
    crm_str_t      keys[2];
    set_entry_t   *entry;

    set->entries = crm_pool_alloc(pool, (set->count * 2 + 1)
                                        * sizeof(set_entry_t));
    if (set->entries == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < set->count; i++) {
        n = crm_operand_keys(&set->items[i], keys, pool);
        if (n < 0) {
            return CRM_ENOMEM;
        }

        for (k = 0; k < n; k++) {
            entry = &set->entries[set->entries_count++];
            entry->key = keys[k];
            entry->item = &set->items[i];
        }
    }

    qsort(set->entries, set->entries_count, sizeof(set_entry_t), set_cmp);

    return CRM_OK;
}


/* Counts a constant, or the members of what an operand stands for: constants
 * belong to all records, and nothing is noted in them. */
static crm_truth_t
set_count(crm_eval_t *eval, const crm_operand_set_t *set,
    crm_operand_t *operand, crm_field_type_t type, size_t *all,
    size_t *found)
{
    size_t              i;
    crm_operand_t      *right;
    crm_operand_set_t  *members;

    if (operand->source == CRM_OPERAND_VALUE) {
        (*all)++;
        *found += (size_t) set_has(eval, set, operand, 0, type);

        return eval->status == CRM_OK ? CRM_TRUE : CRM_MAYBE;
    }

    right = crm_eval_right(eval, operand);

    if (right == NULL || right->value.type == CRM_VALUE_UNKNOWN) {
        return CRM_MAYBE;
    }

    members = set_of(eval, right);

    if (members && members->unknown) {
        return CRM_MAYBE;
    }

    for (i = 0; members && i < members->count; i++) {
        (*all)++;
        *found += (size_t) set_has(eval, set, &members->items[i], 0, type);
    }

    return eval->status == CRM_OK ? CRM_TRUE : CRM_MAYBE;
}


/* left: item is of the left side, and set of the right one; a lookup on the
 * left equals the name on the right, but not the other way round. */
static int
set_has(crm_eval_t *eval, const crm_operand_set_t *set, crm_operand_t *item,
    int left, crm_field_type_t type)
{
    int        k, n;
    crm_str_t  keys[2];

    n = crm_operand_keys(item, keys, eval->pool);

    if (n < 0) {
        eval->status = CRM_ENOMEM;
        return 0;
    }

    for (k = 0; k < n; k++) {
        if (set_has_key(eval, set, keys[k], item, left, type)) {
            return 1;
        }
    }

    return 0;
}


/* Of the members filed under key, is one equal to item? */
static int
set_has_key(crm_eval_t *eval, const crm_operand_set_t *set, crm_str_t key,
    crm_operand_t *item, int left, crm_field_type_t type)
{
    size_t          low, high, middle;
    crm_operand_t  *member;

    low = 0;
    high = set->entries_count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (crm_str_cmp(set->entries[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    for ( /* void */ ; low < set->entries_count
                       && crm_str_eq(set->entries[low].key, key); low++)
    {
        member = set->entries[low].item;

        if (crm_operand_alike(eval, left ? item : member,
                              left ? member : item, type, 0)
            == CRM_TRUE)
        {
            return 1;
        }
    }

    return 0;
}


/* Whether one of p's operands, or a member of one, is equal to item. */
static int
set_wanted(crm_eval_t *eval, const crm_predicate_t *p, crm_operand_t *item)
{
    unsigned            i;
    crm_operand_t      *right;
    crm_operand_set_t  *members;

    for (i = 0; i < p->count; i++) {
        right = &p->operands[i];

        if (right->source == CRM_OPERAND_VALUE) {
            if (crm_operand_alike(eval, item, right, p->type, 0) == CRM_TRUE) {
                return 1;
            }

            continue;
        }

        right = crm_eval_right(eval, right);
        members = right ? set_of(eval, right) : NULL;

        if (members && set_has(eval, members, item, 1, p->type)) {
            return 1;
        }
    }

    return 0;
}


static int
set_cmp(const void *one, const void *two)
{
    return crm_str_cmp(((const set_entry_t *) one)->key,
                       ((const set_entry_t *) two)->key);
}
