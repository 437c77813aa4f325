/*
 * Strings with a length: compared by bytes, hashed for tables.
 */

#include "crm_test.h"

#include <limits.h>


static void
strings_are_equal_by_length_and_bytes(void **state)
{
    (void) state;

    assert_true(crm_str_eq(CRM_STR("a\0b"), CRM_STR("a\0b")));
    assert_false(crm_str_eq(CRM_STR("a\0b"), CRM_STR("a\0c")));
    assert_false(crm_str_eq(CRM_STR("a"), CRM_STR("ab")));
    assert_true(crm_str_eq(CRM_STR_NULL, CRM_STR("")));
    assert_true(crm_str_is(CRM_STR("abc"), "abc"));
    assert_false(crm_str_is(CRM_STR("abc"), "abcd"));
    assert_int_equal(crm_strz(NULL).len, 0);
    assert_null(crm_strz(NULL).data);
}


static void
case_is_ignored_in_ascii_alone(void **state)
{
    (void) state;

    assert_true(crm_str_caseeq(CRM_STR("Content-Type"),
                               CRM_STR("cONTENT-tYPE")));
    assert_false(crm_str_caseeq(CRM_STR("a"), CRM_STR("ab")));
    assert_false(crm_str_caseeq(CRM_STR("@"), CRM_STR("`")));
    assert_false(crm_str_caseeq(CRM_STR("["), CRM_STR("{")));
    assert_false(crm_str_caseeq(CRM_STR("\xc3\x84"), CRM_STR("\xc3\xa4")));
}


static void
the_order_is_bytewise_and_a_prefix_comes_first(void **state)
{
    size_t  i, j;

    static const char *const  rows[] = {
        "", "A", "AB", "B", "a", "aa", "b", "\x80", "\xff"
    };

    (void) state;

    for (i = 0; i < 9; i++) {
        for (j = 0; j < 9; j++) {
            assert_int_equal(crm_str_cmp(crm_strz(rows[i]),
                                         crm_strz(rows[j])) < 0, i < j);
            assert_int_equal(crm_str_cmp(crm_strz(rows[i]),
                                         crm_strz(rows[j])) > 0, i > j);
        }
    }
}


static void
a_number_has_its_digits(void **state)
{
    int           sign;
    char          want[40], text[CRM_STR_INT_LEN];
    size_t        i;
    long long     n, near;
    crm_str_t     got;
    const long long  others[] = { 0, LLONG_MAX, LLONG_MIN };

    (void) state;

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        (void) snprintf(want, sizeof(want), "%lld", others[i]);
        got = crm_str_int(text, others[i]);
        assert_true(crm_str_is(got, want));
    }

    /* around each power of ten, where the number of digits changes */

    for (n = 1; n < LLONG_MAX / 10; n *= 10) {
        for (near = n - 11; near <= n + 11; near++) {
            for (sign = -1; sign < 2; sign += 2) {
                (void) snprintf(want, sizeof(want), "%lld", sign * near);
                got = crm_str_int(text, sign * near);
                assert_true(crm_str_is(got, want));
            }
        }
    }
}


static void
every_byte_and_the_length_count_in_a_hash(void **state)
{
    char      text[40], *copy;
    size_t    len, i;
    uint32_t  hash;

    (void) state;

    memset(text, 'x', sizeof(text));

    for (len = 0; len < sizeof(text); len++) {

        /* exact memory: it must not read behind the end */

        copy = crm_test_exact(text, len);
        hash = crm_str_hash(crm_str(copy, len));
        assert_int_equal(crm_str_hash(crm_str(text, len)), hash);

        for (i = 0; i < len; i++) {
            copy[i] = 'y';
            assert_int_not_equal(crm_str_hash(crm_str(copy, len)), hash);
            copy[i] = 'x';
        }

        assert_int_not_equal(crm_str_hash(crm_str(text, len + 1)), hash);
        free(copy);
    }

    assert_int_equal(crm_str_hash(CRM_STR_NULL), crm_str_hash(CRM_STR("")));
}


static void
names_spread_over_a_table(void **state)
{
    char      name[40];
    int       i;
    size_t    taken;
    uint8_t   slots[4096];

    (void) state;

    memset(slots, 0, sizeof(slots));
    taken = 0;

    for (i = 0; i < 2048; i++) {
        (void) snprintf(name, sizeof(name), "Field_Name_%d", i);
        slots[crm_str_hash(crm_strz(name)) % sizeof(slots)] = 1;
    }

    for (i = 0; i < (int) sizeof(slots); i++) {
        taken += slots[i];
    }

    /* of random numbers it would be some 1612 */

    assert_in_range(taken, 1500, 2048);
}


static void
a_distance_counts_edits_up_to_its_limit(void **state)
{
    char  text[70];

    (void) state;

    memset(text, 'a', sizeof(text));

    assert_int_equal(crm_str_distance(CRM_STR("Stage"), CRM_STR("Stage"), 3),
                     0);
    assert_int_equal(crm_str_distance(CRM_STR("stage"), CRM_STR("STAGE"), 3),
                     0);
    assert_int_equal(crm_str_distance(CRM_STR("Stage"), CRM_STR("Satge"), 3),
                     2);
    assert_int_equal(crm_str_distance(CRM_STR("Stage"), CRM_STR("Stag"), 3),
                     1);
    assert_int_equal(crm_str_distance(CRM_STR(""), CRM_STR("ab"), 3), 2);
    assert_int_equal(crm_str_distance(CRM_STR("kitten"), CRM_STR("sitting"),
                                      5), 3);
    assert_int_equal(crm_str_distance(CRM_STR("kitten"), CRM_STR("sitting"),
                                      2), 3);
    assert_int_equal(crm_str_distance(crm_str(text, 65), crm_str(text, 65),
                                      3), 4);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(strings_are_equal_by_length_and_bytes),
    cmocka_unit_test(case_is_ignored_in_ascii_alone),
    cmocka_unit_test(the_order_is_bytewise_and_a_prefix_comes_first),
    cmocka_unit_test(a_number_has_its_digits),
    cmocka_unit_test(every_byte_and_the_length_count_in_a_hash),
    cmocka_unit_test(names_spread_over_a_table),
    cmocka_unit_test(a_distance_counts_edits_up_to_its_limit)
};


CRM_TEST_MAIN(tests)
