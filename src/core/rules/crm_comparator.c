/*
 * The comparators: one row each, and two for those that mean something else
 * where a field holds a set.
 *
 * What the comparators say of empty and unknown values follows the table of
 * evaluation rules: an empty field equals ${EMPTY}, differs from every value,
 * is in no list and in no order and contains nothing, so that each negation is
 * true of it; what is unknown is CRM_MAYBE throughout.
 */

#include "rules/crm_criteria.h"


#define BIT(type)      (1u << (type))
#define TYPES_TEXT     (BIT(CRM_FIELD_ANY) | BIT(CRM_FIELD_TEXT)            \
                        | BIT(CRM_FIELD_TEXTAREA))
#define TYPES_ORDERED  (BIT(CRM_FIELD_ANY) | BIT(CRM_FIELD_NUMBER)          \
                        | BIT(CRM_FIELD_DATE) | BIT(CRM_FIELD_DATETIME))
#define TYPES_LISTED   (TYPES_ORDERED | BIT(CRM_FIELD_TEXT)                 \
                        | BIT(CRM_FIELD_PICKLIST) | BIT(CRM_FIELD_LOOKUP))
#define TYPES_DIFFER   (TYPES_LISTED | BIT(CRM_FIELD_TEXTAREA)              \
                        | BIT(CRM_FIELD_BOOLEAN) | BIT(CRM_FIELD_OTHER))
#define TYPES_EQUAL    (TYPES_DIFFER | BIT(CRM_FIELD_ENCRYPTED))
#define TYPES_SET      BIT(CRM_FIELD_MULTIPICK)
#define TYPES_MEMBERS  (BIT(CRM_FIELD_ANY) | TYPES_SET)

#define EMPTY  CRM_COMPARES_EMPTY
#define EQUAL  CRM_COMPARES_EQUAL
#define ORDER  CRM_COMPARES_ORDER
#define TEXT   CRM_COMPARES_TEXT
#define BARE   CRM_COMPARES_BARE
#define ABOVE  CRM_COMPARES_ABOVE
#define BELOW  CRM_COMPARES_BELOW
#define START  CRM_COMPARES_PREFIX
#define ANY    CRM_COMPARES_ANY
#define ALL    CRM_COMPARES_ALL

#define TEST(name)                                                            \
    static crm_truth_t                                                        \
    name(crm_eval_t *eval, crm_operand_t *left, const crm_predicate_t *p)


static crm_truth_t opposite(crm_truth_t t);

TEST(test_equal);
TEST(test_not_equal);
TEST(test_same_set);
TEST(test_not_same_set);
TEST(test_like);
TEST(test_not_like);
TEST(test_contains);
TEST(test_not_contains);
TEST(test_starts_with);
TEST(test_ends_with);
TEST(test_greater_than);
TEST(test_greater_equal);
TEST(test_less_than);
TEST(test_less_equal);
TEST(test_between);
TEST(test_not_between);
TEST(test_in);
TEST(test_not_in);
TEST(test_include_all);
TEST(test_include_any);
TEST(test_exclude_all);
TEST(test_exclude_any);


static const crm_comparator_t  rows[] = {

    { "equal",         1, 1,   TYPES_EQUAL,   EMPTY|EQUAL, test_equal },
    { "not_equal",     1, 1,   TYPES_DIFFER,  EMPTY,       test_not_equal },
    { "equal",         1, 100, TYPES_SET,     EMPTY|BARE|ALL,
                                                           test_same_set },
    { "not_equal",     1, 100, TYPES_SET,     EMPTY|BARE,  test_not_same_set },
    { "like",          1, 1,   TYPES_TEXT,    TEXT,        test_like },
    { "not_like",      1, 1,   TYPES_TEXT,    TEXT,        test_not_like },
    { "contains",      1, 1,   TYPES_TEXT | BIT(CRM_FIELD_PICKLIST),
                                              TEXT,        test_contains },
    { "not_contains",  1, 1,   TYPES_TEXT,    TEXT,        test_not_contains },
    { "starts_with",   1, 1,   TYPES_TEXT,    TEXT|START,  test_starts_with },
    { "ends_with",     1, 1,   TYPES_TEXT,    TEXT,        test_ends_with },
    { "greater_than",  1, 1,   TYPES_ORDERED, ORDER|ABOVE, test_greater_than },
    { "greater_equal", 1, 1,   TYPES_ORDERED, ORDER|ABOVE, test_greater_equal },
    { "less_than",     1, 1,   TYPES_ORDERED, ORDER|BELOW, test_less_than },
    { "less_equal",    1, 1,   TYPES_ORDERED, ORDER|BELOW, test_less_equal },
    { "between",       2, 2,   TYPES_ORDERED, ORDER|ABOVE|BELOW,
                                                           test_between },
    { "not_between",   2, 2,   TYPES_ORDERED, ORDER,       test_not_between },
    { "in",            1, 100, TYPES_LISTED,  EQUAL,       test_in },
    { "not_in",        1, 100, TYPES_LISTED,  0,           test_not_in },
    { "include_all",   1, 100, TYPES_MEMBERS, BARE|ALL,    test_include_all },
    { "include_any",   1, 100, TYPES_MEMBERS, BARE|ANY,    test_include_any },
    { "exclude_all",   1, 100, TYPES_MEMBERS, BARE,        test_exclude_all },
    { "exclude_any",   1, 100, TYPES_MEMBERS, BARE,        test_exclude_any },
};

const char *const  crm_comparator_names[] = {
    "equal", "not_equal", "like", "not_like", "contains", "not_contains",
    "starts_with", "ends_with", "greater_than", "greater_equal", "less_than",
    "less_equal", "between", "not_between", "in", "not_in", "include_all",
    "include_any", "exclude_all", "exclude_any", NULL
};


const crm_comparator_t *
crm_comparator_find(crm_str_t name, crm_field_type_t type)
{
    size_t                   i;
    const crm_comparator_t  *first;

    first = NULL;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (name.len == 0 || rows[i].name[0] != name.data[0]
            || !crm_str_is(name, rows[i].name))
        {
            continue;
        }

        if (rows[i].types & BIT(type)) {
            return &rows[i];
        }

        first = first ? first : &rows[i];
    }

    return first;
}


const crm_comparator_t *
crm_comparator_rows(size_t *count)
{
    *count = sizeof(rows) / sizeof(rows[0]);

    return rows;
}


static crm_truth_t
opposite(crm_truth_t t)
{
    return t == CRM_MAYBE ? t : !t;
}


TEST(test_equal)
{
    return crm_operand_differs(left, p, 0)
           ? CRM_FALSE : crm_operand_equal(eval, left, p, 0);
}


TEST(test_not_equal)
{
    return crm_operand_differs(left, p, 0)
           ? CRM_TRUE : opposite(crm_operand_equal(eval, left, p, 0));
}


TEST(test_same_set)
{
    return crm_operand_same_set(eval, left, p);
}


TEST(test_not_same_set)
{
    return opposite(crm_operand_same_set(eval, left, p));
}


TEST(test_like)
{
    return crm_operand_text(eval, left, p, CRM_TEXT_LIKE);
}


TEST(test_not_like)
{
    return opposite(crm_operand_text(eval, left, p, CRM_TEXT_LIKE));
}


TEST(test_contains)
{
    return crm_operand_text(eval, left, p, CRM_TEXT_CONTAINS);
}


TEST(test_not_contains)
{
    return opposite(crm_operand_text(eval, left, p, CRM_TEXT_CONTAINS));
}


TEST(test_starts_with)
{
    return crm_operand_text(eval, left, p, CRM_TEXT_STARTS);
}


TEST(test_ends_with)
{
    return crm_operand_text(eval, left, p, CRM_TEXT_ENDS);
}


TEST(test_greater_than)
{
    int          order;
    crm_truth_t  t;

    t = crm_operand_order(eval, left, p, 0, &order);

    return t == CRM_TRUE ? order > 0 : t;
}


TEST(test_greater_equal)
{
    int          order;
    crm_truth_t  t;

    t = crm_operand_order(eval, left, p, 0, &order);

    return t == CRM_TRUE ? order >= 0 : t;
}


TEST(test_less_than)
{
    int          order;
    crm_truth_t  t;

    t = crm_operand_order(eval, left, p, 0, &order);

    return t == CRM_TRUE ? order < 0 : t;
}


TEST(test_less_equal)
{
    int          order;
    crm_truth_t  t;

    t = crm_operand_order(eval, left, p, 0, &order);

    return t == CRM_TRUE ? order <= 0 : t;
}


/* Inclusive at both ends: greater_equal the one and less_equal the other. */
TEST(test_between)
{
    int          order;
    crm_truth_t  low, high;

    low = crm_operand_order(eval, left, p, 0, &order);
    low = low == CRM_TRUE ? order >= 0 : low;

    if (low == CRM_FALSE) {
        return low;
    }

    high = crm_operand_order(eval, left, p, 1, &order);
    high = high == CRM_TRUE ? order <= 0 : high;

    return high == CRM_FALSE ? high : low == CRM_MAYBE ? low : high;
}


TEST(test_not_between)
{
    return opposite(test_between(eval, left, p));
}


TEST(test_in)
{
    unsigned     i;
    crm_truth_t  t, all;

    all = CRM_FALSE;

    for (i = 0; i < p->count; i++) {
        if (crm_operand_differs(left, p, i)) {
            continue;
        }

        t = crm_operand_equal(eval, left, p, i);

        if (t == CRM_TRUE) {
            return t;
        }
        if (t == CRM_MAYBE) {
            all = t;
        }
    }

    return all;
}


TEST(test_not_in)
{
    return opposite(test_in(eval, left, p));
}


TEST(test_include_all)
{
    size_t       all, found;
    crm_truth_t  t;

    t = crm_operand_overlap(eval, left, p, &all, &found);

    return t == CRM_TRUE ? left->value.type != CRM_VALUE_EMPTY && found == all
                         : t;
}


TEST(test_include_any)
{
    size_t       all, found;
    crm_truth_t  t;

    t = crm_operand_overlap(eval, left, p, &all, &found);

    return t == CRM_TRUE ? found > 0 : t;
}


/* None of them. */
TEST(test_exclude_all)
{
    return opposite(test_include_any(eval, left, p));
}


/* Not all of them. */
TEST(test_exclude_any)
{
    return opposite(test_include_all(eval, left, p));
}
