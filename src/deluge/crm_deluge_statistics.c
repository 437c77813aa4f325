/*
 * Functions of the numbers in a LIST or a COLLECTION.
 */

#include "crm_deluge_run.h"


static crm_status_t statistics_ordered(crm_deluge_call_t *call,
    int descending, crm_deluge_list_t *list);
static crm_status_t statistics_at(crm_deluge_call_t *call, int descending);


/* What is looked at: its values. */
static crm_status_t
statistics_of(crm_deluge_call_t *call, crm_deluge_list_t *list)
{
    size_t                     at;
    crm_status_t               rc;
    const crm_deluge_value_t  *held;
    const crm_deluge_entry_t  *entry;

    memset(list, 0, sizeof(crm_deluge_list_t));
    held = crm_deluge_inside(&call->args[0]);
    rc = CRM_OK;

    if (held->type == CRM_DELUGE_LIST) {
        *list = *held->u.list;
    }

    for (at = 0; held->type == CRM_DELUGE_MAP && rc == CRM_OK
                 && (entry = crm_deluge_map_next(held->u.map, &at)) != NULL;
         /* void */)
    {
        rc = crm_deluge_list_push(list, entry->value, call->run->pool);
    }

    return crm_deluge_check(call->run, call->place, rc);
}


/* The largest, or the smallest; null of none. */
static crm_status_t
statistics_best(crm_deluge_call_t *call, int sign)
{
    int                order;
    size_t             i;
    crm_status_t       rc;
    crm_deluge_list_t  list;

    rc = statistics_of(call, &list);

    for (i = 0; i < list.count && rc == CRM_OK; i++) {

        if (i == 0) {
            *call->result = list.items[0];

        } else if (crm_deluge_compare(&order, &list.items[i], call->result)
                   != CRM_OK)
        {
            return crm_deluge_throw(call->run, call->place,
                       "the %s holds what has no order",
                       crm_deluge_type_name(call->args[0].type));

        } else if (order * sign > 0) {
            *call->result = list.items[i];
        }
    }

    return rc;
}


static crm_status_t
statistics_largest(crm_deluge_call_t *call)
{
    return statistics_best(call, 1);
}


static crm_status_t
statistics_smallest(crm_deluge_call_t *call)
{
    return statistics_best(call, -1);
}


static crm_status_t
statistics_not_a_number(crm_deluge_call_t *call, const crm_deluge_value_t *v)
{
    return crm_deluge_throw(call->run, call->place,
               "the %s holds %s, not numbers alone",
               crm_deluge_type_name(call->args[0].type),
               crm_deluge_type_name(v->type));
}


static crm_status_t
statistics_sum(crm_deluge_call_t *call)
{
    size_t             i;
    crm_status_t       rc;
    crm_deluge_list_t  list;

    rc = statistics_of(call, &list);
    *call->result = crm_deluge_number(0);

    for (i = 0; i < list.count && rc == CRM_OK; i++) {

        if (list.items[i].type != CRM_DELUGE_NUMBER
            && list.items[i].type != CRM_DELUGE_DECIMAL)
        {
            return statistics_not_a_number(call, &list.items[i]);
        }

        rc = crm_deluge_arithmetic(call->run, '+', call->place, call->result,
                                   &list.items[i], call->result);
    }

    return rc;
}


/* 0 of none. */
static crm_status_t
statistics_average(crm_deluge_call_t *call)
{
    crm_status_t        rc;
    crm_deluge_list_t   list;
    crm_deluge_value_t  count;

    rc = statistics_sum(call);

    if (rc == CRM_OK) {
        rc = statistics_of(call, &list);
    }

    if (rc == CRM_OK && list.count) {
        count = crm_deluge_number((long long) list.count);

        rc = crm_deluge_arithmetic(call->run, '/', call->place, call->result,
                                   &count, call->result);
    }

    return rc;
}


/* The one in the middle, or what lies between the two; null of none. */
static crm_status_t
statistics_median(crm_deluge_call_t *call)
{
    crm_status_t        rc;
    crm_deluge_list_t   list;
    crm_deluge_value_t  two;

    rc = statistics_ordered(call, 0, &list);

    if (rc != CRM_OK || list.count == 0) {
        return rc;
    }

    *call->result = list.items[list.count / 2];

    if (list.count % 2) {
        return CRM_OK;
    }

    two = crm_deluge_number(2);

    rc = crm_deluge_arithmetic(call->run, '+', call->place, call->result,
                               &list.items[list.count / 2 - 1], call->result);

    return rc == CRM_OK
           ? crm_deluge_arithmetic(call->run, '/', call->place, call->result,
                                   &two, call->result) : rc;
}


static crm_status_t
statistics_nth_largest(crm_deluge_call_t *call)
{
    return statistics_at(call, 1);
}


static crm_status_t
statistics_nth_smallest(crm_deluge_call_t *call)
{
    return statistics_at(call, 0);
}


/* percentile(n), 0 < n <= 100: the value that so many hundredths are at most,
 * by the nearest rank. */
static crm_status_t
statistics_percentile(crm_deluge_call_t *call)
{
    long long             n;
    crm_status_t          rc;
    crm_deluge_list_t     list;
    crm_deluge_decimal_t  part;

    rc = statistics_ordered(call, 0, &list);
    if (rc != CRM_OK) {
        return rc;
    }

    (void) crm_deluge_to_decimal(&part, &call->args[1]);

    if (crm_deluge_decimal_cmp(part, crm_deluge_decimal(0)) <= 0
        || crm_deluge_decimal_cmp(part, crm_deluge_decimal(100)) > 0
        || crm_deluge_decimal_mul(&part, part,
               crm_deluge_decimal((long long) list.count)) != CRM_OK
        || crm_deluge_decimal_div(&part, part, crm_deluge_decimal(100))
           != CRM_OK
        || !crm_deluge_decimal_whole(
               crm_deluge_decimal_round(part, 0, CRM_DELUGE_ROUND_UP), &n))
    {
        return crm_deluge_throw(call->run, call->place,
                   "a percentile is more than 0 and at most 100");
    }

    if (list.count) {
        *call->result = list.items[n < 1 ? 0 : n - 1];
    }

    return CRM_OK;
}


/* Below it, and equal to it. */
static crm_status_t
statistics_count(crm_deluge_call_t *call, crm_deluge_list_t *list,
    size_t *below, size_t *equal)
{
    int           order;
    crm_status_t  rc;

    rc = statistics_ordered(call, 0, list);

    *equal = 0;

    for (*below = 0; rc == CRM_OK && *below + *equal < list->count; /* void */)
    {
        (void) crm_deluge_compare(&order, &list->items[*below + *equal],
                                  &call->args[1]);

        if (order > 0) {
            break;
        }

        *below += order < 0;
        *equal += order == 0;
    }

    return rc;
}


/* rank(value[, ascending]): 1 is the largest, or the smallest. */
static crm_status_t
statistics_rank(crm_deluge_call_t *call)
{
    size_t             below, equal;
    crm_status_t       rc;
    crm_deluge_list_t  list;

    rc = statistics_count(call, &list, &below, &equal);
    if (rc != CRM_OK) {
        return rc;
    }

    if (equal == 0) {
        return crm_deluge_throw(call->run, call->place,
                   "the %s does not hold the number that is to be ranked",
                   crm_deluge_type_name(call->args[0].type));
    }

    *call->result = crm_deluge_number((long long)
        (call->count > 2 && call->args[2].u.boolean
         ? below + 1 : list.count - below - equal + 1));

    return CRM_OK;
}


/* low's rank, and what lies between it and that of the one above it. */
static crm_status_t
statistics_between(crm_deluge_decimal_t *share, const crm_deluge_list_t *list,
    size_t below, const crm_deluge_value_t *v)
{
    size_t                rank;
    crm_status_t          rc;
    crm_deluge_decimal_t  low, high, part;

    (void) crm_deluge_to_decimal(&low, &list->items[below - 1]);
    (void) crm_deluge_to_decimal(&high, &list->items[below]);
    (void) crm_deluge_to_decimal(&part, v);

    for (rank = below - 1; rank && crm_deluge_equal(&list->items[rank - 1],
                                                    &list->items[below - 1]);
         rank--)
    {
        /* void */
    }

    rc = crm_deluge_decimal_sub(&part, part, low);

    if (rc == CRM_OK) {
        rc = crm_deluge_decimal_sub(&high, high, low);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_decimal_div(&part, part, high);
    }

    if (rc == CRM_OK) {
        rc = crm_deluge_decimal_mul(&part, part,
                 crm_deluge_decimal((long long) (below - rank)));
    }

    return rc != CRM_OK ? rc
           : crm_deluge_decimal_add(share,
                 crm_deluge_decimal((long long) rank), part);
}


/* percentRank(value): the share of the others that is below it, 0 to 1; of a
 * value between two, what lies between theirs. */
static crm_status_t
statistics_percent_rank(crm_deluge_call_t *call)
{
    size_t                below, equal;
    crm_status_t          rc;
    crm_deluge_list_t     list;
    crm_deluge_decimal_t  share;

    rc = statistics_count(call, &list, &below, &equal);
    if (rc != CRM_OK) {
        return rc;
    }

    if (equal == 0 && (below == 0 || below == list.count)) {
        return crm_deluge_throw(call->run, call->place,
                   "the number lies outside of those that the %s holds",
                   crm_deluge_type_name(call->args[0].type));
    }

    share = crm_deluge_decimal((long long) below);

    if (equal == 0
        && statistics_between(&share, &list, below, &call->args[1]) != CRM_OK)
    {
        return crm_deluge_throw(call->run, call->place,
                                "the numbers are too long to be compared");
    }

    if (list.count > 1) {
        rc = crm_deluge_decimal_div(&share, share,
                 crm_deluge_decimal((long long) list.count - 1));
    } else {
        share = crm_deluge_decimal(1);
    }

    return rc == CRM_OK
           && crm_deluge_from_decimal(call->result, share, call->run->pool)
              == CRM_OK ? CRM_OK : crm_deluge_memory(call->run, call->place);
}


const crm_deluge_builtin_t  crm_deluge_statistics_builtins[] = {
    { "largest", CRM_DELUGE_ON_SERIES, 0, "", statistics_largest },
    { "smallest", CRM_DELUGE_ON_SERIES, 0, "", statistics_smallest },
    { "sum", CRM_DELUGE_ON_SERIES, 0, "", statistics_sum },
    { "average", CRM_DELUGE_ON_SERIES, 0, "", statistics_average },
    { "median", CRM_DELUGE_ON_SERIES, 0, "", statistics_median },
    { "nthLargest", CRM_DELUGE_ON_SERIES, 1, "n", statistics_nth_largest },
    { "nthSmallest", CRM_DELUGE_ON_SERIES, 1, "n", statistics_nth_smallest },
    { "percentile", CRM_DELUGE_ON_SERIES, 1, "d", statistics_percentile },
    { "percentRank", CRM_DELUGE_ON_SERIES, 1, "d", statistics_percent_rank },
    { "rank", CRM_DELUGE_ON_SERIES, 1, "db", statistics_rank },
    { NULL, 0, 0, NULL, NULL }
};


/* A list of its own, in order; texts that are numbers are such. */
static crm_status_t
statistics_ordered(crm_deluge_call_t *call, int descending,
    crm_deluge_list_t *list)
{
    size_t                i;
    crm_status_t          rc;
    crm_deluge_list_t     from;
    crm_deluge_value_t   *v;
    crm_deluge_decimal_t  d;

    rc = statistics_of(call, &from);

    if (rc == CRM_OK) {
        rc = crm_deluge_check(call->run, call->place,
                 crm_deluge_list_copy(list, &from, call->run->pool));
    }

    for (i = 0; rc == CRM_OK && i < list->count; i++) {
        v = &list->items[i];

        if (v->type == CRM_DELUGE_NUMBER || v->type == CRM_DELUGE_DECIMAL) {
            continue;
        }

        if (v->type != CRM_DELUGE_TEXT
            || crm_deluge_decimal_parse(&d, v->u.text) != CRM_OK)
        {
            return statistics_not_a_number(call, v);
        }

        if (crm_deluge_from_decimal(v, d, call->run->pool) != CRM_OK) {
            return crm_deluge_memory(call->run, call->place);
        }
    }

    return rc != CRM_OK ? rc
           : crm_deluge_check(call->run, call->place,
                 crm_deluge_list_sort(list, descending, call->run->pool));
}


/* The n-th from 1 on. */
static crm_status_t
statistics_at(crm_deluge_call_t *call, int descending)
{
    long long          n;
    crm_status_t       rc;
    crm_deluge_list_t  list;

    rc = statistics_ordered(call, descending, &list);
    if (rc != CRM_OK) {
        return rc;
    }

    n = call->args[1].u.number;

    if (n < 1 || (size_t) n > list.count) {
        return crm_deluge_throw(call->run, call->place,
                   "there is no number %lld: the %s holds %zu, the first is 1",
                   n, crm_deluge_type_name(call->args[0].type), list.count);
    }

    *call->result = list.items[n - 1];

    return CRM_OK;
}
