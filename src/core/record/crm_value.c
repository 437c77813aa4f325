/*
 * Typed values: what a field holds, and whether two hold the same.
 *
 * Values recurse no deeper than the text they were read from was allowed to
 * nest. The members of two objects are compared after sorting: a client
 * chooses their names and their number.
 */

#include "record/crm_value.h"

#include "base/crm_plain.h"

#include <stdlib.h>


typedef struct {
    crm_str_t   name;
    crm_span_t  value;
} value_member_t;


static int value_is_plain(crm_str_t text);
static crm_status_t value_object(crm_value_t *value, crm_pool_t *pool);
static int value_is_empty(crm_span_t span);
static int value_same_number(const crm_value_t *a, const crm_value_t *b);
static int value_same_id(const crm_value_t *object, const crm_value_t *id);
static crm_status_t value_same_lists(crm_span_t a, crm_span_t b,
    crm_pool_t *pool, int *same);
static crm_status_t value_same_objects(const crm_value_t *a,
    const crm_value_t *b, crm_pool_t *pool, int *same);
static crm_status_t value_same_spans(crm_span_t a, crm_span_t b,
    crm_pool_t *pool, int *same);
static value_member_t *value_members(crm_span_t object, size_t *count,
    crm_pool_t *pool);
static int value_member_cmp(const void *one, const void *two);


crm_status_t
crm_value_from_span(crm_value_t *value, crm_span_t span, crm_pool_t *pool)
{
    memset(value, 0, sizeof(crm_value_t));
    value->span = span;

    switch (span.type) {

    case CRM_JSON_FALSE:
    case CRM_JSON_TRUE:
        value->type = CRM_VALUE_BOOL;
        value->truth = span.type == CRM_JSON_TRUE;
        return CRM_OK;

    case CRM_JSON_NUMBER:
        value->type = CRM_VALUE_NUMBER;
        value->text = crm_span_raw(span);
        return CRM_OK;

    case CRM_JSON_STRING:
        value->type = span.len == 2 ? CRM_VALUE_EMPTY : CRM_VALUE_TEXT;
        value->text = crm_span_text(span, pool);
        return value->text.data ? CRM_OK : CRM_ENOMEM;

    case CRM_JSON_ARRAY:
        value->type = value_is_empty(span) ? CRM_VALUE_EMPTY
                                           : CRM_VALUE_LIST;
        return CRM_OK;

    case CRM_JSON_OBJECT:
        return value_object(value, pool);

    default:
        value->type = CRM_VALUE_EMPTY;
        return CRM_OK;
    }
}


int
crm_value_other_empty(crm_span_t span)
{
    switch (span.type) {

    case CRM_JSON_NONE:
    case CRM_JSON_NULL:
        return 1;

    case CRM_JSON_ARRAY:
        return value_is_empty(span);

    default:
        return 0;
    }
}


crm_status_t
crm_value_parse(crm_value_t *value, crm_str_t text, crm_pool_t *pool)
{
    crm_scan_t    scan;
    crm_span_t    span;
    crm_status_t  rc;

    if (value_is_plain(text)) {
        span.data = text.data;
        span.len = text.len;
        span.type = CRM_JSON_STRING;
        span.escaped = 0;

        return crm_value_from_span(value, span, pool);
    }

    crm_scan_init(&scan, text, NULL, pool);

    rc = crm_scan_value(&scan, &span, NULL);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? CRM_ENOMEM : CRM_EINVAL;
    }

    return crm_value_from_span(value, span, pool);
}


/* A string and nothing else, as most values of rules are. */
static int
value_is_plain(crm_str_t text)
{
    return text.len >= 2 && text.data[0] == '"'
           && text.data[text.len - 1] == '"'
           && crm_plain_whole(crm_str(text.data + 1, text.len - 2));
}


crm_status_t
crm_value_same(const crm_value_t *a, const crm_value_t *b, crm_pool_t *pool,
    int *same)
{
    *same = 0;

    if (a->type != b->type) {
        *same = value_same_id(a, b) || value_same_id(b, a);
        return CRM_OK;
    }

    switch (a->type) {

    case CRM_VALUE_EMPTY:
        *same = 1;
        return CRM_OK;

    case CRM_VALUE_BOOL:
        *same = !a->truth == !b->truth;
        return CRM_OK;

    case CRM_VALUE_NUMBER:
        *same = value_same_number(a, b);
        return CRM_OK;

    case CRM_VALUE_TEXT:
        *same = crm_str_eq(a->text, b->text);
        return CRM_OK;

    case CRM_VALUE_LIST:
        return value_same_lists(a->span, b->span, pool, same);

    case CRM_VALUE_OBJECT:
        return value_same_objects(a, b, pool, same);

    default:
        return CRM_OK;
    }
}


int
crm_value_is_reference(const crm_value_t *value)
{
    size_t      i, cursor;
    crm_span_t  name, member;

    static const char *const  describing[] = {
        "id", "name", "email", "module", "api_name", "display_label",
        "full_name", "first_name", "last_name", NULL
    };

    if (value->type != CRM_VALUE_OBJECT || value->text.data == NULL) {
        return 0;
    }

    cursor = 0;

    while (crm_span_next(value->span, &cursor, &name, &member)) {

        for (i = 0; describing[i]; i++) {
            if (crm_span_is(name, crm_strz(describing[i]))) {
                break;
            }
        }

        if (describing[i] == NULL) {
            return 0;
        }
    }

    return 1;
}


static crm_status_t
value_object(crm_value_t *value, crm_pool_t *pool)
{
    crm_span_t  id;

    value->type = CRM_VALUE_OBJECT;

    id = crm_span_member(value->span, CRM_STR("id"));

    if (id.type == CRM_JSON_STRING || id.type == CRM_JSON_NUMBER) {
        value->text = crm_span_text(id, pool);

        if (value->text.data == NULL) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static int
value_is_empty(crm_span_t span)
{
    size_t      cursor;
    crm_span_t  value;

    cursor = 0;

    return !crm_span_next(span, &cursor, NULL, &value);
}


static int
value_same_number(const crm_value_t *a, const crm_value_t *b)
{
    crm_decimal_t  x, y;

    if (crm_str_eq(a->text, b->text)) {
        return 1;
    }

    return crm_decimal_parse(&x, a->text) == CRM_OK
           && crm_decimal_parse(&y, b->text) == CRM_OK
           && crm_decimal_cmp(&x, &y) == 0;
}


/* Whether object is a lookup of the bare id. */
static int
value_same_id(const crm_value_t *object, const crm_value_t *id)
{
    return (id->type == CRM_VALUE_TEXT || id->type == CRM_VALUE_NUMBER)
           && crm_value_is_reference(object)
           && crm_str_eq(object->text, id->text);
}


static crm_status_t
value_same_lists(crm_span_t a, crm_span_t b, crm_pool_t *pool, int *same)
{
    int           more_a, more_b;
    size_t        at_a, at_b;
    crm_span_t    x, y;
    crm_status_t  rc;

    at_a = 0;
    at_b = 0;

    for ( ;; ) {
        more_a = crm_span_next(a, &at_a, NULL, &x);
        more_b = crm_span_next(b, &at_b, NULL, &y);

        if (!more_a || !more_b) {
            *same = more_a == more_b;
            return CRM_OK;
        }

        rc = value_same_spans(x, y, pool, same);
        if (rc != CRM_OK || !*same) {
            return rc;
        }
    }
}


/*
 * Two references are compared by id alone, since names beside it are the
 * backend's. Anything else, a row of a subform for one, is compared member by
 * member, or a change inside it would be none.
 */
static crm_status_t
value_same_objects(const crm_value_t *a, const crm_value_t *b,
    crm_pool_t *pool, int *same)
{
    int              order;
    size_t           i, j, count_a, count_b;
    crm_span_t       none;
    crm_status_t     rc;
    value_member_t  *x, *y;

    if (crm_value_is_reference(a) && crm_value_is_reference(b)) {
        *same = crm_str_eq(a->text, b->text);
        return CRM_OK;
    }

    x = value_members(a->span, &count_a, pool);
    y = value_members(b->span, &count_b, pool);

    if (x == NULL || y == NULL) {
        return CRM_ENOMEM;
    }

    memset(&none, 0, sizeof(crm_span_t));
    *same = 1;

    for (i = 0, j = 0; *same && (i < count_a || j < count_b); /* void */ ) {

        order = i == count_a ? 1
                : j == count_b ? -1 : crm_str_cmp(x[i].name, y[j].name);

        /* a member that one of them lacks is null there */

        rc = value_same_spans(order <= 0 ? x[i].value : none,
                              order >= 0 ? y[j].value : none, pool, same);
        if (rc != CRM_OK) {
            return rc;
        }

        i += order <= 0;
        j += order >= 0;
    }

    return CRM_OK;
}


static crm_status_t
value_same_spans(crm_span_t a, crm_span_t b, crm_pool_t *pool, int *same)
{
    crm_value_t  x, y;

    if (crm_value_from_span(&x, a, pool) != CRM_OK
        || crm_value_from_span(&y, b, pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    return crm_value_same(&x, &y, pool, same);
}


/* The members in order of their names, or NULL without memory. */
static value_member_t *
value_members(crm_span_t object, size_t *count, crm_pool_t *pool)
{
    size_t           i, cursor;
    crm_span_t       name, value;
    value_member_t  *members;

    *count = 0;
    cursor = 0;

    while (crm_span_next(object, &cursor, &name, &value)) {
        (*count)++;
    }

    members = crm_pool_calloc(pool, *count, sizeof(value_member_t));
    if (members == NULL) {
        return NULL;
    }

    cursor = 0;

    for (i = 0; crm_span_next(object, &cursor, &name, &value); i++) {
        members[i].name = crm_span_text(name, pool);
        members[i].value = value;

        if (members[i].name.data == NULL) {
            return NULL;
        }
    }

    qsort(members, *count, sizeof(value_member_t), value_member_cmp);

    return members;
}


static int
value_member_cmp(const void *one, const void *two)
{
    return crm_str_cmp(((const value_member_t *) one)->name,
                       ((const value_member_t *) two)->name);
}
