/*
 * Whether a field changed decides what rules fire and what a lock refuses. It
 * would fail by calling a change none (a lock is passed) or an echo a change
 * (a client that sends back what it read is refused).
 */

#include "crm_test.h"

#include "record/crm_value.h"


static crm_value_t
value_of(const char *text, crm_pool_t *pool)
{
    crm_value_t  value;

    assert_row(crm_value_parse(&value, crm_strz(text), pool) == CRM_OK,
               text);

    return value;
}


static int
same(const char *a, const char *b)
{
    int           one, two;
    crm_pool_t   *pool;
    crm_value_t   x, y;

    pool = crm_test_pool();

    x = value_of(a, pool);
    y = value_of(b, pool);

    assert_int_equal(crm_value_same(&x, &y, pool, &one), CRM_OK);
    assert_int_equal(crm_value_same(&y, &x, pool, &two), CRM_OK);
    assert_int_equal(one, two);

    crm_pool_destroy(pool);

    return one;
}


static void
every_json_type_has_its_value(void **state)
{
    crm_span_t    none;
    crm_pool_t   *pool;
    crm_value_t   value;

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(value_of("null", pool).type, CRM_VALUE_EMPTY);
    assert_int_equal(value_of("\"\"", pool).type, CRM_VALUE_EMPTY);
    assert_int_equal(value_of("[]", pool).type, CRM_VALUE_EMPTY);
    assert_int_equal(value_of("[ ]", pool).type, CRM_VALUE_EMPTY);
    assert_int_equal(value_of("\" \"", pool).type, CRM_VALUE_TEXT);
    assert_int_equal(value_of("[null]", pool).type, CRM_VALUE_LIST);
    assert_int_equal(value_of("{}", pool).type, CRM_VALUE_OBJECT);

    assert_int_equal(value_of("true", pool).type, CRM_VALUE_BOOL);
    assert_int_equal(value_of("true", pool).truth, 1);
    assert_int_equal(value_of("false", pool).type, CRM_VALUE_BOOL);
    assert_int_equal(value_of("false", pool).truth, 0);

    assert_int_equal(value_of("19.990", pool).type, CRM_VALUE_NUMBER);
    assert_str(value_of("19.990", pool).text, "19.990");
    assert_str(value_of("\"\\u0041\"", pool).text, "A");

    assert_str(value_of("{\"name\":\"Ann\",\"id\":\"1\"}", pool).text, "1");
    assert_str(value_of("{\"\\u0069d\":4876876000000068001}", pool).text,
               "4876876000000068001");
    assert_null(value_of("{\"id\":null}", pool).text.data);
    assert_null(value_of("{\"id\":{\"id\":1}}", pool).text.data);

    memset(&none, 0, sizeof(crm_span_t));
    assert_int_equal(crm_value_from_span(&value, none, pool), CRM_OK);
    assert_int_equal(value.type, CRM_VALUE_EMPTY);

    crm_pool_destroy(pool);
}


static void
a_text_that_is_no_json_has_no_value(void **state)
{
    crm_pool_t   *pool;
    crm_value_t   value;

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(crm_value_parse(&value, CRM_STR(""), pool), CRM_EINVAL);
    assert_int_equal(crm_value_parse(&value, CRM_STR("1 2"), pool),
                     CRM_EINVAL);
    assert_int_equal(crm_value_parse(&value, CRM_STR("x"), pool),
                     CRM_EINVAL);

    crm_pool_destroy(pool);
}


static void
the_same_is_the_same_however_it_is_written(void **state)
{
    size_t  i;

    static const char *const  rows[][2] = {
        { "null", "\"\"" }, { "[]", "null" }, { "\"\"", "[ ]" },
        { "true", "true" }, { "false", "false" },
        { "1", "1.0" }, { "19.99", "1999e-2" }, { "-0", "0" },
        { "\"Stage\"", "\"St\\u0061ge\"" },
        { "[1,2]", "[1.0, 2]" }, { "[null]", "[\"\"]" },
        { "{\"id\":\"1\",\"name\":\"Ann\"}", "{\"id\":\"1\"}" },
        { "{\"id\":\"1\",\"name\":\"Ann\",\"email\":\"a@x\"}",
          "{\"id\":\"1\",\"name\":\"Bob\"}" },
        { "{\"id\":\"1\",\"name\":\"Ann\"}", "\"1\"" },
        { "{\"id\":\"1\"}", "1" }, { "{\"id\":1}", "\"1\"" },
        { "{\"a\":1,\"b\":2}", "{ \"b\":2.0, \"a\":1 }" },
        { "{\"a\":1,\"b\":null}", "{\"a\":1}" },
        { "{\"a\":[]}", "{}" }, { "{\"a\":null,\"b\":1}", "{\"b\":1}" },
        { "{\"a\":{\"b\":{\"c\":\"\\u0064\"}}}",
          "{\"\\u0061\":{\"b\":{\"c\":\"d\"}}}" },
        { "[{\"id\":\"1\",\"qty\":2}]", "[{\"qty\":2,\"id\":\"1\"}]" },
        { "[{\"name\":\"hot\",\"id\":\"5\"}]", "[{\"id\":\"5\"}]" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(same(rows[i][0], rows[i][1]), rows[i][0]);
    }
}


static void
a_change_is_a_change(void **state)
{
    size_t  i;

    static const char *const  rows[][2] = {
        { "null", "0" }, { "null", "false" }, { "\"\"", "\" \"" },
        { "null", "{}" }, { "null", "[null]" },
        { "true", "false" }, { "true", "1" }, { "true", "\"true\"" },
        { "1", "2" }, { "1", "\"1\"" }, { "19.99", "19.991" },
        { "4876876000000068001", "4876876000000068002" },
        { "\"a\"", "\"A\"" }, { "\"a\"", "\"a \"" }, { "\"a\"", "\"\"" },
        { "[1,2]", "[2,1]" }, { "[1]", "[1,1]" }, { "[1]", "1" },
        { "[1,2,3]", "[1,2]" },
        { "{\"id\":\"1\"}", "{\"id\":\"2\"}" }, { "{\"id\":\"1\"}", "\"2\"" },
        { "{\"id\":\"1\"}", "\"01\"" }, { "{\"id\":\"1\"}", "null" },
        { "{\"id\":\"1\"}", "{\"name\":\"Ann\"}" },
        { "{\"id\":\"1\",\"qty\":2}", "\"1\"" },
        { "{\"a\":1}", "{\"b\":1}" }, { "{\"a\":1}", "{\"a\":1,\"b\":2}" },
        { "{\"a\":1}", "{\"A\":1}" },

        /* the row of a subform: its id is the same, what it holds is not */

        { "[{\"id\":\"1\",\"qty\":2}]", "[{\"id\":\"1\",\"qty\":3}]" },
        { "{\"id\":\"1\",\"qty\":2}", "{\"id\":\"1\",\"qty\":3}" },
        { "[{\"id\":\"1\",\"qty\":2}]", "[{\"id\":\"1\"}]" },
        { "[{\"id\":\"1\",\"x\":{\"id\":\"7\"}}]",
          "[{\"id\":\"1\",\"x\":{\"id\":\"8\"}}]" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(!same(rows[i][0], rows[i][1]), rows[i][0]);
    }
}


static void
the_unknown_is_the_same_as_nothing(void **state)
{
    int           result;
    crm_pool_t   *pool;
    crm_value_t   unknown, value;

    (void) state;

    pool = crm_test_pool();

    memset(&unknown, 0, sizeof(crm_value_t));
    unknown.type = CRM_VALUE_UNKNOWN;

    result = 1;
    assert_int_equal(crm_value_same(&unknown, &unknown, pool, &result),
                     CRM_OK);
    assert_int_equal(result, 0);

    value = value_of("null", pool);
    result = 1;
    assert_int_equal(crm_value_same(&unknown, &value, pool, &result),
                     CRM_OK);
    assert_int_equal(result, 0);

    crm_pool_destroy(pool);
}


static void
many_members_are_compared_in_bounded_time(void **state)
{
    int           result;
    size_t        i;
    crm_buf_t     a, b;
    crm_pool_t   *pool;
    crm_value_t   x, y;

    (void) state;

    /* pairs would be 900 million comparisons */

    pool = crm_test_pool();
    crm_buf_init(&a, pool, 0);
    crm_buf_init(&b, pool, 0);

    for (i = 0; i < 30000; i++) {
        crm_buf_puts(&a, i ? ",\"k" : "{\"k");
        crm_buf_int(&a, (long long) i);
        crm_buf_puts(&a, "\":1");

        crm_buf_puts(&b, i ? ",\"k" : "{\"k");
        crm_buf_int(&b, (long long) (29999 - i));
        crm_buf_puts(&b, "\":1.0");
    }

    crm_buf_putc(&a, '}');
    crm_buf_putc(&b, '}');

    assert_int_equal(crm_value_parse(&x, crm_buf_view(&a), pool), CRM_OK);
    assert_int_equal(crm_value_parse(&y, crm_buf_view(&b), pool), CRM_OK);
    assert_int_equal(crm_value_same(&x, &y, pool, &result), CRM_OK);
    assert_int_equal(result, 1);

    crm_pool_destroy(pool);
}


static crm_status_t
starving_same(crm_pool_t *pool, void *data)
{
    int           result;
    crm_value_t   x, y;
    crm_status_t  rc;

    (void) data;

    rc = crm_value_parse(&x, CRM_STR("{\"id\":\"\\u0031\",\"l\":[{\"a\":"
                                     "\"\\u0041\",\"\\u0062\":[1]}]}"), pool);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_value_parse(&y, CRM_STR("{\"l\":[{\"a\":\"A\",\"b\":[1.0]}],"
                                     "\"id\":\"1\"}"), pool);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_value_same(&x, &y, pool, &result);
    assert_true(rc != CRM_OK || result == 1);

    return rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_same, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_json_type_has_its_value),
    cmocka_unit_test(a_text_that_is_no_json_has_no_value),
    cmocka_unit_test(the_same_is_the_same_however_it_is_written),
    cmocka_unit_test(a_change_is_a_change),
    cmocka_unit_test(the_unknown_is_the_same_as_nothing),
    cmocka_unit_test(many_members_are_compared_in_bounded_time),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
