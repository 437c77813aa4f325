/*
 * Bodies, jobs and keys are written into buffers. It would fail by cutting a
 * text silently, or by a JSON string that is none.
 */

#include "crm_test.h"

#include <limits.h>

#include <jansson.h>


static void
what_is_added_is_there(void **state)
{
    size_t       i;
    crm_buf_t    buf;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    assert_str(crm_buf_view(&buf), "");

    crm_buf_puts(&buf, "a");
    crm_buf_putc(&buf, 'b');
    crm_buf_str(&buf, CRM_STR("cd"));
    crm_buf_str(&buf, CRM_STR_NULL);
    crm_buf_add(&buf, "efg", 2);
    crm_buf_int(&buf, -42);
    assert_str(crm_buf_view(&buf), "abcdef-42");

    for (i = 0; i < 10000; i++) {
        crm_buf_puts(&buf, "0123456789");
    }

    assert_int_equal(crm_buf_view(&buf).len, 100009);
    assert_memory_equal(crm_buf_view(&buf).data + 99999, "0123456789", 10);
    assert_int_equal(crm_buf_status(&buf), CRM_OK);

    crm_pool_destroy(pool);
}


static void
numbers_are_written_to_their_ends(void **state)
{
    char         expected[50];
    crm_buf_t    buf;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    crm_buf_int(&buf, LLONG_MIN);
    crm_buf_int(&buf, LLONG_MAX);

    (void) snprintf(expected, sizeof(expected), "%lld%lld", LLONG_MIN,
                    LLONG_MAX);
    assert_str(crm_buf_view(&buf), expected);

    crm_pool_destroy(pool);
}


static void
the_ceiling_sticks_and_is_told_once(void **state)
{
    crm_buf_t    buf;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 10);

    crm_buf_puts(&buf, "0123456789");
    assert_int_equal(crm_buf_status(&buf), CRM_OK);

    crm_buf_puts(&buf, "x");
    assert_int_equal(crm_buf_status(&buf), CRM_ELIMIT);

    crm_buf_puts(&buf, "");
    assert_int_equal(crm_buf_status(&buf), CRM_ELIMIT);
    assert_str(crm_buf_view(&buf), "0123456789");

    crm_pool_destroy(pool);
}


static void
a_json_string_is_read_back_as_it_was(void **state)
{
    char         text[130];
    int          i;
    json_t      *tree;
    crm_buf_t    buf;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 128; i++) {
        text[i] = (char) i;
    }
    memcpy(text + 128, "\xc3\xa4", 2);

    crm_buf_json(&buf, crm_str(text, sizeof(text)));

    tree = json_loadb(buf.data, buf.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                      NULL);
    assert_non_null(tree);
    assert_int_equal(json_string_length(tree), sizeof(text));
    assert_memory_equal(json_string_value(tree), text, sizeof(text));
    json_decref(tree);

    crm_buf_init(&buf, pool, 0);
    crm_buf_json_text(&buf, CRM_STR("a\"b\\c\nd\re\tf\x01"));
    assert_str(crm_buf_view(&buf), "a\\\"b\\\\c\\nd\\re\\tf\\u0001");

    crm_pool_destroy(pool);
}


/* What is written must fit exactly where its ceiling says so. */
static void
an_escape_may_stand_anywhere_in_a_text_of_any_length(void **state)
{
    char         text[50], expected[60];
    size_t       at, len;
    crm_buf_t    buf;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    for (len = 1; len < sizeof(text); len++) {
        for (at = 0; at < len; at++) {
            memset(text, 'x', len);
            text[at] = '\n';

            (void) snprintf(expected, sizeof(expected), "%.*s\\n%.*s",
                            (int) at, text, (int) (len - at - 1),
                            text + at + 1);

            crm_buf_init(&buf, pool, len + 1);
            crm_buf_json_text(&buf, crm_str(text, len));
            assert_int_equal(crm_buf_status(&buf), CRM_OK);
            assert_str(crm_buf_view(&buf), expected);

            crm_buf_init(&buf, pool, len);
            crm_buf_json_text(&buf, crm_str(text, len));
            assert_int_equal(crm_buf_status(&buf), CRM_ELIMIT);

            crm_buf_init(&buf, pool, 0);
            crm_buf_reserve(&buf, 1000);
            crm_buf_json_text(&buf, crm_str(text, len));
            assert_str(crm_buf_view(&buf), expected);
        }
    }

    crm_pool_destroy(pool);
}


static void
texts_are_a_json_list(void **state)
{
    crm_buf_t    buf;
    crm_pool_t  *pool;

    const crm_str_t  texts[] = { CRM_STR("a"), CRM_STR("b\"c"), CRM_STR("") };

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    crm_buf_json_list(&buf, NULL, 0);
    crm_buf_json_list(&buf, texts, 1);
    crm_buf_json_list(&buf, texts, 3);
    assert_str(crm_buf_view(&buf), "[][\"a\"][\"a\",\"b\\\"c\",\"\"]");

    crm_pool_destroy(pool);
}


static crm_status_t
starving_buf(crm_pool_t *pool, void *data)
{
    int        i;
    crm_buf_t  buf;

    (void) data;

    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 1000; i++) {
        crm_buf_json(&buf, CRM_STR("some \"text\""));
    }

    return crm_buf_status(&buf);
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_buf, NULL);
}


static void
what_a_buffer_holds_is_copied_once_something_is_added(void **state)
{
    crm_buf_t          buf;
    crm_pool_t        *pool;
    static const char  text[] = "held";

    (void) state;

    pool = crm_test_pool();
    crm_buf_hold(&buf, pool, CRM_STR(text));

    assert_ptr_equal(crm_buf_view(&buf).data, text);
    assert_str(crm_buf_view(&buf), "held");

    crm_buf_puts(&buf, " on");
    assert_str(crm_buf_view(&buf), "held on");
    assert_string_equal(text, "held");

    crm_buf_hold(&buf, pool, CRM_STR_NULL);
    assert_int_equal(crm_buf_view(&buf).len, 0);
    crm_buf_putc(&buf, 'x');
    assert_str(crm_buf_view(&buf), "x");

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(what_is_added_is_there),
    cmocka_unit_test(numbers_are_written_to_their_ends),
    cmocka_unit_test(the_ceiling_sticks_and_is_told_once),
    cmocka_unit_test(a_json_string_is_read_back_as_it_was),
    cmocka_unit_test(an_escape_may_stand_anywhere_in_a_text_of_any_length),
    cmocka_unit_test(texts_are_a_json_list),
    cmocka_unit_test(what_a_buffer_holds_is_copied_once_something_is_added),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
