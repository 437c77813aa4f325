/*
 * The comparators: one row each.
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


static crm_truth_t
test_equal(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    return crm_operand_equal(left, p, 0, oom, pool);
}


static crm_truth_t
test_not_equal(const crm_operand_t *left, const crm_predicate_t *p, int *oom,
    crm_pool_t *pool)
{
    crm_truth_t  t;

    t = crm_operand_equal(left, p, 0, oom, pool);

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

    t = crm_operand_order(left, p, 0, &order);

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

    t = crm_operand_order(left, p, 0, &order);

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

    t = crm_operand_order(left, p, 0, &order);

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

    t = crm_operand_order(left, p, 0, &order);

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

    t = crm_operand_order(left, p, 0, &order);
    if (t != CRM_TRUE || order < 0) {
        return t == CRM_TRUE ? CRM_FALSE : t;
    }

    t = crm_operand_order(left, p, 1, &order);

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
        t = crm_operand_equal(left, p, i, oom, pool);

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
