/*
 * Instants as text. It would fail in a leap year, before 1970, or at the end
 * of a century.
 */

#include "crm_test.h"

#include <limits.h>
#include <time.h>

#include "base/crm_time.h"


static void
known_instants_are_written(void **state)
{
    size_t  i;
    char    text[CRM_TIME_ISO_LEN + 1];

    static const struct {
        long long    ms;
        const char  *text;
    } rows[] = {
        { 0, "1970-01-01T00:00:00.000Z" },
        { 1, "1970-01-01T00:00:00.001Z" },
        { -1, "1969-12-31T23:59:59.999Z" },
        { 951782399999, "2000-02-28T23:59:59.999Z" },
        { 951782400000, "2000-02-29T00:00:00.000Z" },
        { 951868800000, "2000-03-01T00:00:00.000Z" },
        { 4107542400000, "2100-03-01T00:00:00.000Z" },
        { 4107456000000, "2100-02-28T00:00:00.000Z" },
        { 1795305600000, "2026-11-22T00:00:00.000Z" },
        { LLONG_MIN, "0000-01-01T00:00:00.000Z" },
        { LLONG_MAX, "9999-12-31T23:59:59.999Z" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_str(crm_time_iso(text, rows[i].ms), rows[i].text);
        assert_string_equal(text, rows[i].text);
    }
}


static void
every_day_of_three_centuries_is_the_c_librarys(void **state)
{
    char        text[CRM_TIME_ISO_LEN + 1], expected[40];
    time_t      t;
    struct tm   tm;

    (void) state;

    for (t = -86400LL * 365 * 130; t < 86400LL * 365 * 180;
         t += 86400 + 3599)
    {
        assert_non_null(gmtime_r(&t, &tm));
        (void) strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.000Z",
                        &tm);
        assert_str(crm_time_iso(text, (long long) t * 1000), expected);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(known_instants_are_written),
    cmocka_unit_test(every_day_of_three_centuries_is_the_c_librarys)
};


CRM_TEST_MAIN(tests)
