/*
 * Operands and the comparators that test them: one row a comparator.
 *
 * What the comparators say of empty and unknown values follows the table of
 * evaluation rules: an empty field equals ${EMPTY}, differs from every value,
 * is in no list and in no order; what is unknown is CRM_MAYBE throughout.
 */

#include "rules/crm_criteria.h"


#define TYPES_ANY      0u
#define BIT(type)      (1u << (type))
#define TYPES_ORDERED  (BIT(CRM_FIELD_ANY) | BIT(CRM_FIELD_NUMBER)          \
                        | BIT(CRM_FIELD_DATE) | BIT(CRM_FIELD_DATETIME))
#define TYPES_LISTED   (BIT(CRM_FIELD_ANY) | BIT(CRM_FIELD_TEXT)            \
                        | BIT(CRM_FIELD_PICKLIST) | BIT(CRM_FIELD_NUMBER)   \
                        | BIT(CRM_FIELD_DATE) | BIT(CRM_FIELD_DATETIME)     \
                        | BIT(CRM_FIELD_LOOKUP))
#define TYPES_EQUAL    (TYPES_LISTED | BIT(CRM_FIELD_TEXTAREA)              \
                        | BIT(CRM_FIELD_BOOLEAN) | BIT(CRM_FIELD_MULTIPICK) \
                        | BIT(CRM_FIELD_OTHER))


static crm_truth_t test_equal(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_not_equal(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_greater_than(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_greater_equal(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_less_than(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_less_equal(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_between(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_in(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);
static crm_truth_t test_not_in(const crm_operand_t *left,
    const crm_predicate_t *p, int *oom, crm_pool_t *pool);

static crm_truth_t operand_equal(const crm_operand_t *left,
    const crm_operand_t *right, int *oom, crm_pool_t *pool);
static crm_truth_t operand_order(const crm_operand_t *left,
    const crm_predicate_t *p, unsigned right, int *order);
static crm_str_t operand_text_key(crm_str_t folded, crm_pool_t *pool);
static crm_str_t operand_number_key(const crm_decimal_t *d,
    crm_pool_t *pool);
static crm_str_t lookup_name(const crm_operand_t *operand, crm_pool_t *pool);


static const crm_comparator_t  rows[] = {

    { "equal",         1, 1,   TYPES_EQUAL,   1, 1, test_equal },
    { "not_equal",     1, 1,   TYPES_EQUAL,   1, 0, test_not_equal },
    { "greater_than",  1, 1,   TYPES_ORDERED, 0, 0, test_greater_than },
    { "greater_equal", 1, 1,   TYPES_ORDERED, 0, 0, test_greater_equal },
    { "less_than",     1, 1,   TYPES_ORDERED, 0, 0, test_less_than },
    { "less_equal",    1, 1,   TYPES_ORDERED, 0, 0, test_less_equal },
    { "between",       2, 2,   TYPES_ORDERED, 0, 0, test_between },
    { "in",            1, 100, TYPES_LISTED,  0, 1, test_in },
    { "not_in",        1, 100, TYPES_LISTED,  0, 0, test_not_in },
};


const crm_comparator_t *
crm_comparator_find(crm_str_t name)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (crm_str_is(name, rows[i].name)) {
            return &rows[i];
        }
    }

    return NULL;
}


const crm_comparator_t *
crm_comparator_rows(size_t *count)
{
    *count = sizeof(rows) / sizeof(rows[0]);

    return rows;
}


crm_status_t
crm_operand_init(crm_operand_t *operand, const crm_value_t *value,
    crm_pool_t *pool)
{
    memset(operand, 0, sizeof(crm_operand_t));
    operand->value = *value;

    switch (value->type) {

    case CRM_VALUE_NUMBER:
    case CRM_VALUE_TEXT:
        operand->numeric = crm_decimal_parse(&operand->decimal, value->text)
                           == CRM_OK;

        if (value->type == CRM_VALUE_NUMBER) {
            operand->folded = value->text;
            break;
        }

        /* fall through */

    case CRM_VALUE_OBJECT:
        operand->folded = crm_value_fold(value->text, pool);
        if (operand->folded.data == NULL && value->text.len) {
            return CRM_ENOMEM;
        }
        break;

    default:
        break;
    }

    return CRM_OK;
}


int
crm_operand_keys(const crm_operand_t *operand, crm_str_t keys[2],
    crm_pool_t *pool)
{
    int        n;
    crm_str_t  name, folded;

    n = 0;

    switch (operand->value.type) {

    case CRM_VALUE_EMPTY:
        keys[n++] = CRM_STR("e");
        break;

    case CRM_VALUE_BOOL:
        keys[n++] = operand->value.truth ? CRM_STR("ttrue")
                                         : CRM_STR("tfalse");
        break;

    case CRM_VALUE_NUMBER:
        keys[n++] = operand_number_key(&operand->decimal, pool);
        break;

    case CRM_VALUE_TEXT:
        keys[n++] = operand->numeric
                    ? operand_number_key(&operand->decimal, pool)
                    : operand_text_key(operand->folded, pool);
        break;

    case CRM_VALUE_OBJECT:
        if (operand->value.text.data) {
            crm_value_t    id;
            crm_operand_t  by_id;

            memset(&id, 0, sizeof(crm_value_t));
            id.type = CRM_VALUE_TEXT;
            id.text = operand->value.text;

            if (crm_operand_init(&by_id, &id, pool) != CRM_OK) {
                return -1;
            }

            keys[n++] = by_id.numeric
                        ? operand_number_key(&by_id.decimal, pool)
                        : operand_text_key(by_id.folded, pool);
        }

        name = lookup_name(operand, pool);
        if (name.data) {
            crm_decimal_t  d;

            folded = crm_value_fold(name, pool);
            if (folded.data == NULL && name.len) {
                return -1;
            }

            keys[n++] = crm_decimal_parse(&d, name) == CRM_OK
                        ? operand_number_key(&d, pool)
                        : operand_text_key(folded, pool);
        }
        break;

    default:
        break;
    }

    if ((n > 0 && keys[0].data == NULL) || (n > 1 && keys[1].data == NULL)) {
        return -1;
    }

    return n;
}


static crm_truth_t
test_equal(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    return operand_equal(left, &p->operands[0], oom, pool);
}


static crm_truth_t
test_not_equal(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    crm_truth_t  t;

    t = operand_equal(left, &p->operands[0], oom, pool);

    return t == CRM_MAYBE ? t : !t;
}


static crm_truth_t
test_greater_than(const crm_operand_t *left, const crm_predicate_t *p,
    int *oom, crm_pool_t *pool)
{
    int          order;
    crm_truth_t  t;

    (void) oom;
    (void) pool;

    t = operand_order(left, p, 0, &order);

    return t == CRM_TRUE ? order > 0 : t;
}


static crm_truth_t
test_greater_equal(const crm_operand_t *left, const crm_predicate_t *p,
    int *oom, crm_pool_t *pool)
{
    int          order;
    crm_truth_t  t;

    (void) oom;
    (void) pool;

    t = operand_order(left, p, 0, &order);

    return t == CRM_TRUE ? order >= 0 : t;
}


static crm_truth_t
test_less_than(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    int          order;
    crm_truth_t  t;

    (void) oom;
    (void) pool;

    t = operand_order(left, p, 0, &order);

    return t == CRM_TRUE ? order < 0 : t;
}


static crm_truth_t
test_less_equal(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    int          order;
    crm_truth_t  t;

    (void) oom;
    (void) pool;

    t = operand_order(left, p, 0, &order);

    return t == CRM_TRUE ? order <= 0 : t;
}


/* Inclusive at both ends. */
static crm_truth_t
test_between(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    int          order;
    crm_truth_t  t;

    (void) oom;
    (void) pool;

    t = operand_order(left, p, 0, &order);
    if (t != CRM_TRUE || order < 0) {
        return t == CRM_TRUE ? CRM_FALSE : t;
    }

    t = operand_order(left, p, 1, &order);

    return t == CRM_TRUE ? order <= 0 : t;
}


static crm_truth_t
test_in(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    unsigned     i;
    crm_truth_t  t, all;

    all = CRM_FALSE;

    for (i = 0; i < p->count; i++) {
        t = operand_equal(left, &p->operands[i], oom, pool);

        if (t == CRM_TRUE) {
            return t;
        }
        if (t == CRM_MAYBE) {
            all = t;
        }
    }

    return all;
}


static crm_truth_t
test_not_in(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    crm_truth_t  t;

    t = test_in(left, p, oom, pool);

    return t == CRM_MAYBE ? t : !t;
}


/*
 * A number and a text that reads as one are compared as decimals; a lookup by
 * its id, or by its name when the rule gives text; a boolean also with the
 * texts "true" and "false".
 */
static crm_truth_t
operand_equal(const crm_operand_t *left, const crm_operand_t *right, int *oom,
    crm_pool_t *pool)
{
    int                same;
    crm_str_t          name;
    crm_value_type_t   l, r;

    l = left->value.type;
    r = right->value.type;

    if (l == CRM_VALUE_UNKNOWN) {
        return CRM_MAYBE;
    }

    if (l == CRM_VALUE_EMPTY || r == CRM_VALUE_EMPTY) {
        return l == r;
    }

    if ((l == CRM_VALUE_NUMBER || r == CRM_VALUE_NUMBER)
        && left->numeric && right->numeric)
    {
        return crm_decimal_cmp(&left->decimal, &right->decimal) == 0;
    }

    if (l == CRM_VALUE_BOOL || r == CRM_VALUE_BOOL) {
        const crm_operand_t  *flag, *other;

        flag = l == CRM_VALUE_BOOL ? left : right;
        other = l == CRM_VALUE_BOOL ? right : left;

        if (other->value.type == CRM_VALUE_BOOL) {
            return flag->value.truth == other->value.truth;
        }

        return other->value.type == CRM_VALUE_TEXT
               && crm_str_is(other->folded,
                             flag->value.truth ? "true" : "false");
    }

    if (l == CRM_VALUE_LIST || r == CRM_VALUE_LIST) {
        if (crm_value_same(&left->value, &right->value, pool, &same)
            != CRM_OK)
        {
            *oom = 1;
            return CRM_MAYBE;
        }

        return same;
    }

    if (left->folded.data && right->folded.data
        && crm_str_eq(left->folded, right->folded))
    {
        return CRM_TRUE;
    }

    if (l != CRM_VALUE_OBJECT || r != CRM_VALUE_TEXT) {
        return CRM_FALSE;
    }

    name = lookup_name(left, pool);
    if (name.data == NULL) {
        return CRM_FALSE;
    }

    name = crm_value_fold(name, pool);
    if (name.data == NULL) {
        *oom = 1;
        return CRM_MAYBE;
    }

    return crm_str_eq(name, right->folded);
}


/*
 * CRM_TRUE with *order set; CRM_FALSE for an empty field, which is in no
 * order; CRM_MAYBE when the two cannot be compared, so that a lock holds.
 */
static crm_truth_t
operand_order(const crm_operand_t *left, const crm_predicate_t *p,
    unsigned right, int *order)
{
    const crm_operand_t  *r;

    r = &p->operands[right];

    switch (left->value.type) {

    case CRM_VALUE_UNKNOWN:
        return CRM_MAYBE;

    case CRM_VALUE_EMPTY:
        return CRM_FALSE;

    case CRM_VALUE_NUMBER:
    case CRM_VALUE_TEXT:
        break;

    default:
        return CRM_MAYBE;
    }

    if (left->numeric && r->numeric) {
        *order = crm_decimal_cmp(&left->decimal, &r->decimal);
        return CRM_TRUE;
    }

    if (p->type == CRM_FIELD_NUMBER || left->value.type == CRM_VALUE_NUMBER
        || r->value.type == CRM_VALUE_NUMBER)
    {
        return CRM_MAYBE;
    }

    *order = crm_str_cmp(left->folded, r->folded);

    return CRM_TRUE;
}


static crm_str_t
operand_text_key(crm_str_t folded, crm_pool_t *pool)
{
    char  *p;

    p = crm_pool_alloc(pool, folded.len + 1);
    if (p == NULL) {
        return CRM_STR_NULL;
    }

    p[0] = 't';
    if (folded.len) {
        memcpy(p + 1, folded.data, folded.len);
    }

    return crm_str(p, folded.len + 1);
}


/* "n", sign, exponent, digits: the same for 1, 1.0 and 10e-1. */
static crm_str_t
operand_number_key(const crm_decimal_t *d, crm_pool_t *pool)
{
    size_t      i, n;
    char       *p;
    crm_str_t   head;

    if (d->sign == 0) {
        return CRM_STR("n0");
    }

    head = crm_pool_printf(pool, "n%c%lld:", d->sign < 0 ? '-' : '+',
                           d->exponent);
    if (head.data == NULL) {
        return head;
    }

    p = crm_pool_alloc(pool, head.len + d->digits);
    if (p == NULL) {
        return CRM_STR_NULL;
    }

    memcpy(p, head.data, head.len);

    for (i = 0, n = 0; i < d->text.len && n < d->digits; i++) {
        char  c = d->text.data[i];

        if (c >= '0' && c <= '9' && (n > 0 || c != '0')) {
            p[head.len + n++] = c;
        }
    }

    return crm_str(p, head.len + n);
}


static crm_str_t
lookup_name(const crm_operand_t *operand, crm_pool_t *pool)
{
    crm_span_t  name;

    name = crm_span_member(operand->value.span, CRM_STR("name"));

    return name.type == CRM_JSON_STRING ? crm_span_text(name, pool)
                                        : CRM_STR_NULL;
}
