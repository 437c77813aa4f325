/*
 * Sameness of values whose field is declared.
 */

#include "record/crm_value_typed.h"

#include "record/crm_moment.h"


static int typed_number(const crm_value_t *value, crm_decimal_t *decimal);
static int typed_boolean(const crm_value_t *value, int *truth);
static int typed_moment(const crm_value_t *value, const crm_zone_t *zone,
    crm_moment_t *moment);
static crm_status_t typed_sets(const crm_value_t *a, const crm_value_t *b,
    crm_pool_t *pool, int *same);
static crm_value_t *typed_members(const crm_value_t *value, size_t *count,
    crm_pool_t *pool);
static crm_status_t typed_within(const crm_value_t *some, size_t some_count,
    const crm_value_t *all, size_t all_count, crm_pool_t *pool, int *within);


crm_status_t
crm_value_typed_same(const crm_value_t *a, const crm_value_t *b,
    crm_field_type_t type, const crm_zone_t *zone, crm_pool_t *pool,
    int *same)
{
    int            truth[2];
    crm_moment_t   moment[2];
    crm_decimal_t  decimal[2];

    *same = 0;

    if (a->type <= CRM_VALUE_EMPTY || b->type <= CRM_VALUE_EMPTY) {
        return CRM_OK;
    }

    switch (type) {

    case CRM_FIELD_NUMBER:
        *same = typed_number(a, &decimal[0]) && typed_number(b, &decimal[1])
                && crm_decimal_cmp(&decimal[0], &decimal[1]) == 0;
        return CRM_OK;

    case CRM_FIELD_BOOLEAN:
        *same = typed_boolean(a, &truth[0]) && typed_boolean(b, &truth[1])
                && truth[0] == truth[1];
        return CRM_OK;

    case CRM_FIELD_DATE:
    case CRM_FIELD_DATETIME:
        *same = typed_moment(a, zone, &moment[0])
                && typed_moment(b, zone, &moment[1])
                && moment[0].timed == moment[1].timed
                && crm_moment_cmp(&moment[0], &moment[1]) == 0;
        return CRM_OK;

    case CRM_FIELD_MULTIPICK:
        return typed_sets(a, b, pool, same);

    default:
        return CRM_OK;
    }
}


static int
typed_number(const crm_value_t *value, crm_decimal_t *decimal)
{
    return (value->type == CRM_VALUE_NUMBER || value->type == CRM_VALUE_TEXT)
           && crm_decimal_parse(decimal, value->text) == CRM_OK;
}


static int
typed_boolean(const crm_value_t *value, int *truth)
{
    if (value->type == CRM_VALUE_BOOL) {
        *truth = value->truth != 0;
        return 1;
    }

    if (value->type != CRM_VALUE_TEXT) {
        return 0;
    }

    *truth = crm_str_caseeq(value->text, CRM_STR("true"));

    return *truth || crm_str_caseeq(value->text, CRM_STR("false"));
}


static int
typed_moment(const crm_value_t *value, const crm_zone_t *zone,
    crm_moment_t *moment)
{
    return value->type == CRM_VALUE_TEXT
           && crm_moment_parse(moment, value->text, zone) == CRM_OK;
}


static crm_status_t
typed_sets(const crm_value_t *a, const crm_value_t *b, crm_pool_t *pool,
    int *same)
{
    size_t        count_a, count_b;
    crm_value_t  *x, *y;
    crm_status_t  rc;

    if (a->type != CRM_VALUE_LIST && b->type != CRM_VALUE_LIST) {
        return CRM_OK;
    }

    x = typed_members(a, &count_a, pool);
    y = typed_members(b, &count_b, pool);

    if (x == NULL || y == NULL) {
        return CRM_ENOMEM;
    }

    if (count_a > CRM_VALUE_MAX_SET || count_b > CRM_VALUE_MAX_SET) {
        return CRM_OK;
    }

    rc = typed_within(x, count_a, y, count_b, pool, same);

    return rc == CRM_OK && *same
           ? typed_within(y, count_b, x, count_a, pool, same) : rc;
}


/* What a list holds, or the one value that is no list; one more than may be
 * compared says that there are too many. NULL without memory. */
static crm_value_t *
typed_members(const crm_value_t *value, size_t *count, crm_pool_t *pool)
{
    size_t        cursor;
    crm_span_t    span;
    crm_value_t  *members;

    *count = 0;
    cursor = 0;

    members = crm_pool_calloc(pool, CRM_VALUE_MAX_SET + 1,
                              sizeof(crm_value_t));
    if (members == NULL) {
        return NULL;
    }

    if (value->type != CRM_VALUE_LIST) {
        members[(*count)++] = *value;
        return members;
    }

    while (*count <= CRM_VALUE_MAX_SET
           && crm_span_next(value->span, &cursor, NULL, &span))
    {
        if (crm_value_from_span(&members[(*count)++], span, pool) != CRM_OK) {
            return NULL;
        }
    }

    return members;
}


/* Is each of some the same as one of all? */
static crm_status_t
typed_within(const crm_value_t *some, size_t some_count,
    const crm_value_t *all, size_t all_count, crm_pool_t *pool, int *within)
{
    size_t        i, k;
    crm_status_t  rc;

    *within = 1;

    for (i = 0; i < some_count && *within; i++) {
        *within = 0;

        for (k = 0; k < all_count && !*within; k++) {
            rc = crm_value_same(&some[i], &all[k], pool, within);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}
