/*
 * Event ids. It would fail by an order that is not the order of time, or by
 * randomness that is lost on the way.
 */

#include "crm_test.h"

#include "base/crm_ulid.h"


static void
time_and_randomness_stand_where_they_belong(void **state)
{
    char           text[CRM_ULID_LEN + 1];
    unsigned char  random[CRM_ULID_RANDOM];

    (void) state;

    memset(random, 0, sizeof(random));
    assert_str(crm_ulid(text, 0, random), "00000000000000000000000000");

    memset(random, 0xff, sizeof(random));
    assert_str(crm_ulid(text, 0xffffffffffffLL, random),
               "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");

    /* the example of the ULID specification */

    assert_memory_equal(crm_ulid(text, 1469918176385LL, random).data,
                        "01ARYZ6S41ZZZZZZZZZZZZZZZZ", 27);
}


static void
every_random_bit_counts(void **state)
{
    int            bit;
    char           text[CRM_ULID_LEN + 1], zero[CRM_ULID_LEN + 1];
    unsigned char  random[CRM_ULID_RANDOM];

    (void) state;

    memset(random, 0, sizeof(random));
    crm_ulid(zero, 5, random);

    for (bit = 0; bit < 80; bit++) {
        memset(random, 0, sizeof(random));
        random[bit / 8] = (unsigned char) (1 << bit % 8);

        crm_ulid(text, 5, random);
        assert_string_not_equal(text, zero);
        assert_memory_equal(text, zero, 10);
    }
}


static void
later_ids_sort_behind(void **state)
{
    char           a[CRM_ULID_LEN + 1], b[CRM_ULID_LEN + 1];
    long long      ms;
    unsigned char  low[CRM_ULID_RANDOM], high[CRM_ULID_RANDOM];

    (void) state;

    memset(low, 0, sizeof(low));
    memset(high, 0xff, sizeof(high));

    for (ms = 1; ms < 0xffffffffffffLL / 3; ms = ms * 3 + 1) {
        crm_ulid(a, ms, high);
        crm_ulid(b, ms + 1, low);
        assert_true(strcmp(a, b) < 0);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(time_and_randomness_stand_where_they_belong),
    cmocka_unit_test(every_random_bit_counts),
    cmocka_unit_test(later_ids_sort_behind)
};


CRM_TEST_MAIN(tests)
