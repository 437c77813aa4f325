/*
 * When a delivery is tried again. A schedule that is wrong hammers endpoints
 * that are down, or gives webhooks up that a weekend would have healed.
 */

#include "crm_test.h"

#include "base/crm_retry.h"


#define SECOND  1000LL
#define HOUR    (3600 * SECOND)
#define LEAST   0
#define MIDDLE  (UINT32_MAX / 2)
#define MOST    UINT32_MAX


/* The delay, or -1 when there is none. */
static long long
next(const crm_retry_t *retry, unsigned attempts, int status, long long after,
    uint32_t random)
{
    int64_t              delay_ms;
    crm_retry_failure_t  failure;

    failure.attempts = attempts;
    failure.status = status;
    failure.retry_after_s = after;
    failure.random = random;

    return crm_retry_next(&delay_ms, retry, &failure) == CRM_OK ? delay_ms
                                                                : -1;
}


/* Within a thousandth: the spread is computed in floating point. */
static void
assert_near(long long actual, long long expected)
{
    if (actual < expected - expected / 1000 - 1
        || actual > expected + expected / 1000 + 1)
    {
        fail_msg("%lld is not about %lld", actual, expected);
    }
}


static void
the_schedule_is_that_of_standard_webhooks(void **state)
{
    unsigned     i;
    crm_retry_t  retry;

    static const long long  steps[] = {
        5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400
    };

    (void) state;
    crm_retry_default(&retry);

    for (i = 0; i < 9; i++) {
        assert_near(next(&retry, i + 1, 500, -1, MIDDLE), steps[i] * SECOND);
    }
}


static void
a_schedule_may_be_written(void **state)
{
    size_t       i;
    char         many[33 * 2 + 1];
    crm_retry_t  retry;

    static const char *const  wrong[] = {
        "", ",", "5s,", ",5s", "25h", "5x", "5s 5m", "5s;5m", "-5s",
        "s", "5.5s", "1000000000s"
    };

    (void) state;

    assert_int_equal(crm_retry_parse(&retry, CRM_STR("500ms,5s,7m,24h")),
                     CRM_OK);
    assert_near(next(&retry, 1, 500, -1, MIDDLE), 500);
    assert_near(next(&retry, 3, 500, -1, MIDDLE), 420 * SECOND);
    assert_near(next(&retry, 4, 429, -1, MIDDLE), 24 * HOUR);
    assert_int_equal(next(&retry, 5, 500, -1, MIDDLE), -1);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_row(crm_retry_parse(&retry, crm_strz(wrong[i])) == CRM_EINVAL,
                   wrong[i]);
    }

    assert_int_equal(retry.count, 4);

    for (i = 0; i < 33; i++) {
        memcpy(many + i * 2, "1,", 2);
    }

    assert_int_equal(crm_retry_parse(&retry, crm_str(many, 33 * 2 - 1)),
                     CRM_EINVAL);
    assert_int_equal(crm_retry_parse(&retry, crm_str(many, 32 * 2 - 1)),
                     CRM_OK);
    assert_int_equal(retry.count, 32);
}


static void
after_ten_attempts_it_ends(void **state)
{
    crm_retry_t  retry;

    (void) state;
    crm_retry_default(&retry);

    assert_true(next(&retry, 9, 500, -1, MIDDLE) > 0);
    assert_int_equal(next(&retry, 10, 500, -1, MIDDLE), -1);
    assert_int_equal(next(&retry, 11, 0, -1, MIDDLE), -1);
    assert_int_equal(next(&retry, 4000000000U, 0, -1, MIDDLE), -1);
}


static void
a_delay_is_spread_by_a_fifth(void **state)
{
    crm_retry_t  retry;

    (void) state;
    crm_retry_default(&retry);

    assert_near(next(&retry, 2, 500, -1, LEAST), 240 * SECOND);
    assert_near(next(&retry, 2, 500, -1, MOST), 360 * SECOND);
    assert_near(next(&retry, 2, 0, -1, UINT32_MAX / 4), 270 * SECOND);
}


static void
no_delay_is_longer_than_a_day(void **state)
{
    crm_retry_t  retry;

    (void) state;
    crm_retry_default(&retry);

    assert_int_equal(next(&retry, 9, 500, -1, MOST), 24 * HOUR);
    assert_int_equal(next(&retry, 1, 503, 86400, MIDDLE), 24 * HOUR);
    assert_int_equal(next(&retry, 1, 503, 86401, MIDDLE), 24 * HOUR);
    assert_int_equal(next(&retry, 1, 503, INT64_MAX, MIDDLE), 24 * HOUR);
}


static void
a_busy_endpoint_is_left_alone_for_a_minute(void **state)
{
    size_t       i;
    crm_retry_t  retry;

    static const int  busy[] = { 429, 502, 503, 504 };
    static const int  other[] = { 0, 301, 400, 404, 428, 500, 501, 505 };

    (void) state;
    crm_retry_default(&retry);

    for (i = 0; i < 4; i++) {
        assert_int_equal(next(&retry, 1, busy[i], -1, MIDDLE), 60 * SECOND);
    }

    for (i = 0; i < 8; i++) {
        assert_near(next(&retry, 1, other[i], -1, MIDDLE), 5 * SECOND);
    }

    assert_near(next(&retry, 2, 503, -1, MIDDLE), 300 * SECOND);
}


static void
what_the_endpoint_asks_for_is_the_least(void **state)
{
    crm_retry_t  retry;

    (void) state;
    crm_retry_default(&retry);

    assert_int_equal(next(&retry, 1, 503, 120, LEAST), 120 * SECOND);
    assert_int_equal(next(&retry, 1, 500, 7, LEAST), 7 * SECOND);
    assert_int_equal(next(&retry, 1, 200, 3600, MOST), HOUR);
}


static void
and_never_less_than_the_step(void **state)
{
    crm_retry_t  retry;

    (void) state;
    crm_retry_default(&retry);

    assert_int_equal(next(&retry, 2, 500, 0, LEAST), 300 * SECOND);
    assert_int_equal(next(&retry, 2, 500, 1, LEAST), 300 * SECOND);
    assert_near(next(&retry, 2, 500, 1, MOST), 360 * SECOND);
}


static void
a_410_is_never_tried_again(void **state)
{
    crm_retry_t  retry;

    (void) state;
    crm_retry_default(&retry);

    assert_int_equal(next(&retry, 1, 410, -1, MIDDLE), -1);
    assert_int_equal(next(&retry, 1, 410, 60, MIDDLE), -1);
}


static void
a_schedule_of_ones_own_is_taken_as_written(void **state)
{
    crm_retry_t  retry;

    (void) state;
    retry.count = 2;
    retry.busy_ms = 0;
    retry.steps_ms[0] = 0;
    retry.steps_ms[1] = 200;

    assert_int_equal(next(&retry, 1, 503, -1, MOST), 0);
    assert_near(next(&retry, 2, 503, -1, MIDDLE), 200);
    assert_int_equal(next(&retry, 2, 503, 2, MIDDLE), 2 * SECOND);
    assert_int_equal(next(&retry, 3, 503, -1, MIDDLE), -1);

    retry.count = 0;
    assert_int_equal(next(&retry, 1, 500, -1, MIDDLE), -1);
}


static void
before_the_first_attempt_there_is_nothing_to_repeat(void **state)
{
    crm_retry_t  retry;

    (void) state;
    crm_retry_default(&retry);

    assert_int_equal(next(&retry, 0, 500, -1, MIDDLE), -1);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(the_schedule_is_that_of_standard_webhooks),
    cmocka_unit_test(a_schedule_may_be_written),
    cmocka_unit_test(after_ten_attempts_it_ends),
    cmocka_unit_test(a_delay_is_spread_by_a_fifth),
    cmocka_unit_test(no_delay_is_longer_than_a_day),
    cmocka_unit_test(a_busy_endpoint_is_left_alone_for_a_minute),
    cmocka_unit_test(what_the_endpoint_asks_for_is_the_least),
    cmocka_unit_test(and_never_less_than_the_step),
    cmocka_unit_test(a_410_is_never_tried_again),
    cmocka_unit_test(a_schedule_of_ones_own_is_taken_as_written),
    cmocka_unit_test(before_the_first_attempt_there_is_nothing_to_repeat)
};

CRM_TEST_MAIN(tests)
