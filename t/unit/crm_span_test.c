/*
 * Spans are read again and again after the scanner has checked them. It would
 * fail by decoding a name differently from the scanner, or by stopping a walk
 * at a bracket that stands in a string.
 */

#include "crm_test.h"

#include "record/crm_scan.h"


static crm_span_t
span_of(const char *text, crm_pool_t *pool)
{
    crm_scan_t  scan;
    crm_span_t  span;

    crm_scan_init(&scan, crm_strz(text), NULL, pool);

    assert_int_equal(crm_scan_value(&scan, &span, NULL), CRM_OK);
    assert_int_equal(crm_scan_end(&scan, NULL), CRM_OK);

    return span;
}


static void
a_string_is_decoded_and_borrowed_where_it_can_be(void **state)
{
    size_t       i;
    crm_str_t    text;
    crm_span_t   span;
    crm_pool_t  *pool;

    static const char *const  rows[][2] = {
        { "\"\"", "" },
        { "\"plain\"", "plain" },
        { "\"\xc3\xa4\"", "\xc3\xa4" },
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
        { "\"a\\u0041\\u00e4\\u20ac\\ud83d\\ude00z\"",
          "aA\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z" },
        { "\"\\u0001\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
          "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf" },
        { "\"\\ud800\\udc00\\udbff\\udfff\"",
          "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
        { "\"\\\\u0041\"", "\\u0041" }
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        span = span_of(rows[i][0], pool);
        text = crm_span_text(span, pool);

        assert_str(text, rows[i][1]);
        assert_row(crm_span_is(span, text), rows[i][0]);
        assert_row((text.data == rows[i][0] + 1)
                   == (strchr(rows[i][0], '\\') == NULL), rows[i][0]);
    }

    crm_pool_destroy(pool);
}


static void
a_name_is_compared_through_its_escapes(void **state)
{
    crm_pool_t  *pool;
    crm_span_t   stage;

    (void) state;

    pool = crm_test_pool();

    stage = span_of("\"St\\u0061ge\"", pool);

    assert_true(crm_span_is(stage, CRM_STR("Stage")));
    assert_false(crm_span_is(stage, CRM_STR("Stag")));
    assert_false(crm_span_is(stage, CRM_STR("Stages")));
    assert_false(crm_span_is(stage, CRM_STR("Stbge")));
    assert_false(crm_span_is(stage, CRM_STR("")));

    stage = span_of("\"\\u20ac\"", pool);

    assert_true(crm_span_is(stage, CRM_STR("\xe2\x82\xac")));
    assert_false(crm_span_is(stage, CRM_STR("\xe2\x82")));
    assert_false(crm_span_is(span_of("5", pool), CRM_STR("5")));

    crm_pool_destroy(pool);
}


static void
members_are_found_and_walked_in_order(void **state)
{
    size_t       cursor;
    crm_pool_t  *pool;
    crm_span_t   object, name, value;

    (void) state;

    pool = crm_test_pool();

    object = span_of("{ \"a\" : \"}]\\\"{\" , \"b\":[ {\"x\":\"]\"}, 2 ],\n"
                     "\"\\u0063\":{\"a\":9},\"n\":null ,\"t\":true,\"f\":false"
                     ",\"d\":-1.5}", pool);

    assert_str(crm_span_raw(crm_span_member(object, CRM_STR("a"))),
               "\"}]\\\"{\"");
    assert_str(crm_span_raw(crm_span_member(object, CRM_STR("b"))),
               "[ {\"x\":\"]\"}, 2 ]");
    assert_str(crm_span_raw(crm_span_member(object, CRM_STR("c"))),
               "{\"a\":9}");
    assert_int_equal(crm_span_member(object, CRM_STR("n")).type,
                     CRM_JSON_NULL);
    assert_int_equal(crm_span_member(object, CRM_STR("t")).type,
                     CRM_JSON_TRUE);
    assert_int_equal(crm_span_member(object, CRM_STR("f")).type,
                     CRM_JSON_FALSE);
    assert_str(crm_span_raw(crm_span_member(object, CRM_STR("d"))), "-1.5");
    assert_int_equal(crm_span_member(object, CRM_STR("x")).type,
                     CRM_JSON_NONE);

    cursor = 0;
    assert_true(crm_span_next(object, &cursor, &name, &value));
    assert_str(crm_span_raw(name), "\"a\"");
    assert_true(crm_span_next(object, &cursor, NULL, &value));
    assert_int_equal(value.type, CRM_JSON_ARRAY);
    assert_true(crm_span_next(object, &cursor, &name, &value));
    assert_str(crm_span_raw(name), "\"\\u0063\"");

    crm_pool_destroy(pool);
}


static void
what_is_empty_or_no_container_has_nothing(void **state)
{
    size_t       i, cursor;
    crm_span_t   none, name, value;
    crm_pool_t  *pool;

    static const char *const  rows[] = {
        "[]", "{}", "[ \n ]", "{ \t}", "1", "\"[1]\"", "null"
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cursor = 0;
        assert_row(!crm_span_next(span_of(rows[i], pool), &cursor, &name,
                                  &value), rows[i]);
        assert_row(crm_span_member(span_of(rows[i], pool), CRM_STR("a")).type
                   == CRM_JSON_NONE, rows[i]);
    }

    memset(&none, 0, sizeof(crm_span_t));
    cursor = 0;
    assert_false(crm_span_next(none, &cursor, &name, &value));
    assert_int_equal(crm_span_member(none, CRM_STR("a")).type,
                     CRM_JSON_NONE);

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_string_is_decoded_and_borrowed_where_it_can_be),
    cmocka_unit_test(a_name_is_compared_through_its_escapes),
    cmocka_unit_test(members_are_found_and_walked_in_order),
    cmocka_unit_test(what_is_empty_or_no_container_has_nothing)
};


CRM_TEST_MAIN(tests)
