/*
 * Criteria compare text without regard to case, in every script. It would
 * fail by folding one code point to several (straße is not strasse here), or
 * by writing behind the memory it asked for.
 */

#include "crm_test.h"

#include <utf8proc.h>

#include "record/crm_value.h"


static void
letters_of_every_script_fold(void **state)
{
    size_t       i;
    crm_pool_t  *pool;

    static const char *const  rows[][2] = {
        { "", "" }, { "abc 123", "abc 123" }, { "ABC xYz", "abc xyz" },
        { "\xc3\x84\xc3\x96\xc3\x9c", "\xc3\xa4\xc3\xb6\xc3\xbc" },
        { "\xd0\x9f\xd1\x80\xd0\x98", "\xd0\xbf\xd1\x80\xd0\xb8" },
        { "\xce\xa3\xcf\x83\xcf\x82", "\xcf\x83\xcf\x83\xcf\x83" },
        { "stra\xc3\x9f" "E", "stra\xc3\x9f" "e" },
        { "\xe1\xba\x9e", "\xc3\x9f" },                /* capital sharp s */
        { "\xe2\x84\xaa", "k" },                       /* kelvin */
        { "\xc5\xbf", "s" },                           /* long s */
        { "\xc8\xba", "\xe2\xb1\xa5" },                /* grows by a byte */
        { "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" },    /* deseret */
        { "\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad\xe6\x96\x87" }
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_str(crm_value_fold(crm_strz(rows[i][0]), pool), rows[i][1]);
    }

    assert_str(crm_value_fold(CRM_STR_NULL, pool), "");

    crm_pool_destroy(pool);
}


static void
what_is_folded_is_borrowed(void **state)
{
    size_t       i;
    crm_str_t    text;
    crm_pool_t  *pool;

    static const char *const  rows[] = {
        "", "plain", "with \xc3\xa4 in it", "\xe4\xb8\xad", "\xff\xfe"
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        text = crm_value_fold(crm_strz(rows[i]), pool);
        assert_row(text.data == rows[i], rows[i]);
        assert_row(text.len == strlen(rows[i]), rows[i]);
    }

    crm_pool_destroy(pool);
}


static void
bytes_that_are_no_text_stay(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_str(crm_value_fold(CRM_STR("A\xff" "B\xc3"), pool),
               "a\xff" "b\xc3");
    assert_str(crm_value_fold(CRM_STR("\xed\xa0\x80" "A"), pool),
               "\xed\xa0\x80" "a");

    crm_pool_destroy(pool);
}


static void
folding_twice_is_folding_once_for_every_code_point(void **state)
{
    char              text[8];
    crm_str_t         once, twice;
    crm_pool_t       *pool;
    utf8proc_int32_t  point;
    utf8proc_ssize_t  n;

    (void) state;

    pool = crm_test_pool();

    for (point = 1; point <= 0x10ffff; point++) {
        if (point >= 0xd800 && point <= 0xdfff) {
            continue;
        }

        n = utf8proc_encode_char(point, (utf8proc_uint8_t *) text);

        once = crm_value_fold(crm_str(text, (size_t) n), pool);
        assert_non_null(once.data);
        assert_in_range(once.len, 1, 4);

        twice = crm_value_fold(once, pool);
        if (!crm_str_eq(once, twice)) {
            fail_msg("U+%04X", (unsigned) point);
        }
    }

    crm_pool_destroy(pool);
}


static void
a_text_that_grows_has_room(void **state)
{
    size_t       i;
    crm_str_t    text;
    crm_buf_t    buf;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 20000; i++) {
        crm_buf_puts(&buf, "\xc8\xba");
    }

    text = crm_value_fold(crm_buf_view(&buf), pool);
    assert_int_equal(text.len, 60000);

    for (i = 0; i < 20000; i++) {
        assert_memory_equal(text.data + 3 * i, "\xe2\xb1\xa5", 3);
    }

    crm_pool_destroy(pool);
}


static crm_status_t
starving_fold(crm_pool_t *pool, void *data)
{
    crm_str_t  text;

    (void) data;

    text = crm_value_fold(CRM_STR("\xc3\x84" "BC"), pool);

    return text.data ? CRM_OK : CRM_ENOMEM;
}


static void
memory_may_run_out(void **state)
{
    (void) state;

    crm_test_starve(starving_fold, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(letters_of_every_script_fold),
    cmocka_unit_test(what_is_folded_is_borrowed),
    cmocka_unit_test(bytes_that_are_no_text_stay),
    cmocka_unit_test(folding_twice_is_folding_once_for_every_code_point),
    cmocka_unit_test(a_text_that_grows_has_room),
    cmocka_unit_test(memory_may_run_out)
};


CRM_TEST_MAIN(tests)
