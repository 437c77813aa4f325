/*
 * Which values are one value in a field of a declared type. It would fail by
 * a rule that runs though nobody changed anything, or, worse, by a change of a
 * locked record that counts as none.
 */

#include "crm_rules_make.h"

#include "record/crm_value_typed.h"


static int
same(crm_pool_t *pool, const char *a, const char *b, crm_field_type_t type)
{
    int          one, two;
    crm_value_t  x, y;

    assert_int_equal(crm_value_parse(&x, crm_make_text(pool, a), pool),
                     CRM_OK);
    assert_int_equal(crm_value_parse(&y, crm_make_text(pool, b), pool),
                     CRM_OK);
    assert_int_equal(crm_value_typed_same(&x, &y, type, NULL, pool, &one),
                     CRM_OK);
    assert_int_equal(crm_value_typed_same(&y, &x, type, NULL, pool, &two),
                     CRM_OK);
    assert_row(one == two, a);

    return one;
}


static void
a_type_says_what_is_one_value(void **state)
{
    size_t       i;
    crm_pool_t  *pool;

    static const struct {
        crm_field_type_t   type;
        const char        *a;
        const char        *b;
        int                same;
    } rows[] = {
        { CRM_FIELD_NUMBER, "1", "'1'", 1 },
        { CRM_FIELD_NUMBER, "1.0", "'1'", 1 },
        { CRM_FIELD_NUMBER, "'1.0'", "'1'", 1 },
        { CRM_FIELD_NUMBER, "-0", "'0.00'", 1 },
        { CRM_FIELD_NUMBER, "1e2", "'100'", 1 },
        { CRM_FIELD_NUMBER, "0.1", "'0.10000000000000000001'", 0 },
        { CRM_FIELD_NUMBER, "4150868000000225013", "'4150868000000225014'",
          0 },
        { CRM_FIELD_NUMBER, "1", "'x'", 0 },
        { CRM_FIELD_NUMBER, "1", "true", 0 },
        { CRM_FIELD_NUMBER, "0", "null", 0 },
        { CRM_FIELD_NUMBER, "1", "[1]", 0 },

        { CRM_FIELD_BOOLEAN, "true", "'true'", 1 },
        { CRM_FIELD_BOOLEAN, "false", "'False'", 1 },
        { CRM_FIELD_BOOLEAN, "true", "'false'", 0 },
        { CRM_FIELD_BOOLEAN, "false", "null", 0 },
        { CRM_FIELD_BOOLEAN, "true", "1", 0 },
        { CRM_FIELD_BOOLEAN, "'x'", "'y'", 0 },

        { CRM_FIELD_DATETIME, "'2026-03-27T16:30:00+01:00'",
          "'2026-03-27T15:30:00Z'", 1 },
        { CRM_FIELD_DATETIME, "'2026-03-27T16:30:00+01:00'",
          "'2026-03-27T15:30:01Z'", 0 },
        { CRM_FIELD_DATETIME, "'2026-03-27T00:00:00Z'", "'2026-03-27'", 0 },
        { CRM_FIELD_DATETIME, "'2026-03-27T15:30:00Z'", "'soon'", 0 },
        { CRM_FIELD_DATE, "'2026-03-27'", "'2026-03-28'", 0 },
        { CRM_FIELD_DATE, "'2026-03-27'", "'2026-03-27T10:00:00Z'", 0 },

        { CRM_FIELD_MULTIPICK, "['a','b']", "['b','a']", 1 },
        { CRM_FIELD_MULTIPICK, "['a','b','a']", "['b','a']", 1 },
        { CRM_FIELD_MULTIPICK, "['a']", "'a'", 1 },
        { CRM_FIELD_MULTIPICK, "['a','b']", "['a']", 0 },
        { CRM_FIELD_MULTIPICK, "['a','b']", "['b','c']", 0 },
        { CRM_FIELD_MULTIPICK, "['a']", "['A']", 0 },
        { CRM_FIELD_MULTIPICK, "['a']", "'b'", 0 },
        { CRM_FIELD_MULTIPICK, "['a']", "[]", 0 },
        { CRM_FIELD_MULTIPICK, "[{'id':'1','name':'x'},{'id':'2'}]",
          "[{'id':'2'},{'id':'1'}]", 1 },
        { CRM_FIELD_MULTIPICK, "'a'", "'b'", 0 },

        /* others keep to their letters */

        { CRM_FIELD_TEXT, "'1'", "1", 0 },
        { CRM_FIELD_TEXT, "'true'", "true", 0 },
        { CRM_FIELD_TEXT, "'a'", "'A'", 0 },
        { CRM_FIELD_PICKLIST, "'Won'", "'won'", 0 },
        { CRM_FIELD_LOOKUP, "'1.0'", "1", 0 },
        { CRM_FIELD_ENCRYPTED, "'1'", "1", 0 },
        { CRM_FIELD_ANY, "['a','b']", "['b','a']", 0 },
        { CRM_FIELD_ANY, "1", "'1'", 0 },
        { CRM_FIELD_ANY, "'2026-03-27T16:30:00+01:00'",
          "'2026-03-27T15:30:00Z'", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        if (same(pool, rows[i].a, rows[i].b, rows[i].type) != rows[i].same) {
            fail_msg("%s and %s as type %d", rows[i].a, rows[i].b,
                     rows[i].type);
        }

        crm_pool_destroy(pool);
    }
}


/* Nobody makes us compare a million pairs. */
static void
large_lists_keep_to_their_order(void **state)
{
    int          k;
    size_t       i, n;
    crm_buf_t    up, down;
    crm_pool_t  *pool;

    (void) state;

    for (k = 0; k < 2; k++) {
        pool = crm_test_pool();
        n = CRM_VALUE_MAX_SET + (size_t) k;

        crm_buf_init(&up, pool, 0);
        crm_buf_init(&down, pool, 0);

        for (i = 0; i < n; i++) {
            crm_buf_puts(&up, i ? "," : "[");
            crm_buf_int(&up, (long long) i);
            crm_buf_puts(&down, i ? "," : "[");
            crm_buf_int(&down, (long long) (n - 1 - i));
        }

        crm_buf_puts(&up, "]");
        crm_buf_putc(&up, '\0');
        crm_buf_puts(&down, "]");
        crm_buf_putc(&down, '\0');

        assert_int_equal(same(pool, up.data, down.data, CRM_FIELD_MULTIPICK),
                         k == 0);

        crm_pool_destroy(pool);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_type_says_what_is_one_value),
    cmocka_unit_test(large_lists_keep_to_their_order),
};

CRM_TEST_MAIN(tests)
