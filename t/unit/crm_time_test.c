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


static void
what_is_written_is_read_in_every_zone(void **state)
{
    size_t     i;
    long long  ms;
    char       text[CRM_TIME_ISO_LEN + 1];

    static const struct {
        const char  *text;
        long long    ms;
    } rows[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "1969-12-31T23:59:59Z", -1000 },
        { "2026-11-22T00:08:11+00:00", 1795306091000 },
        { "2026-11-22T01:08:11+01:00", 1795306091000 },
        { "2026-11-21T19:08:11-0500", 1795306091000 },
        { "2026-11-22T05:38:11+05:30", 1795306091000 },
        { "2026-11-22T00:08:11.04Z", 1795306091040 },
        { "2026-11-22T00:08:11.0429999+00:00", 1795306091042 },
        { "2024-02-29T00:00:00Z", 1709164800000 },
        { "2000-02-29T00:00:00Z", 951782400000 },
        { "0000-01-01T00:00:00Z", -62167219200000 },
        { "9999-12-31T23:59:59.999Z", 253402300799999 },
        { "2016-12-31T23:59:60Z", 1483228800000 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_time_parse(&ms, crm_strz(rows[i].text)) == CRM_OK,
                   rows[i].text);
        assert_row(ms == rows[i].ms, rows[i].text);
    }

    for (ms = -62167219200000; ms < 253402300799999; ms += 86399999777) {
        long long  read;

        assert_int_equal(crm_time_parse(&read, crm_time_iso(text, ms)),
                         CRM_OK);
        assert_true(read == ms);
    }
}


static void
what_is_no_instant_is_not_read(void **state)
{
    size_t     i, len;
    char      *exact;
    long long  ms;

    static const char *const  rows[] = {
        "", "2", "2026", "2026-11-22", "2026-11-22T00:08", "2026-11-22T00:08Z",
        "2026-11-22T00:08:11", "2026-11-22 00:08:11Z", "2026-11-22T00:08:11z",
        "2026-11-22T00:08:11ZZ", "2026-11-22T00:08:11Z ",
        "2026-11-22T00:08:11+", "2026-11-22T00:08:11+1",
        "2026-11-22T00:08:11+01", "2026-11-22T00:08:11+1:00",
        "2026-11-22T00:08:11+01:0", "2026-11-22T00:08:11+01:000",
        "2026-11-22T00:08:11+24:00", "2026-11-22T00:08:11+01:60",
        "2026-11-22T00:08:11.Z", "2026-11-22T00:08:11.+01:00",
        "2026-11-22T00:08:11,5Z", "2026-00-22T00:08:11Z",
        "2026-13-22T00:08:11Z", "2026-11-00T00:08:11Z",
        "2026-11-31T00:08:11Z", "2026-02-29T00:08:11Z",
        "1900-02-29T00:08:11Z", "2026-11-22T24:00:00Z",
        "2026-11-22T00:60:11Z", "2026-11-22T00:08:61Z",
        "-026-11-22T00:08:11Z", "2O26-11-22T00:08:11Z",
        "2026-11-22T-1:08:11Z", " 2026-11-22T00:08:11Z",
    };

    (void) state;

    assert_int_equal(crm_time_parse(&ms, CRM_STR_NULL), CRM_DECLINED);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        len = strlen(rows[i]);
        exact = crm_test_exact(rows[i], len);
        assert_row(crm_time_parse(&ms, crm_str(exact, len)) == CRM_DECLINED,
                   rows[i]);
        free(exact);
    }

    /* nor any beginning of one */

    for (len = 0; len < 25; len++) {
        exact = crm_test_exact("2026-11-22T00:08:11+01:00", len);
        assert_int_equal(crm_time_parse(&ms, crm_str(exact, len)),
                         CRM_DECLINED);
        free(exact);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(known_instants_are_written),
    cmocka_unit_test(every_day_of_three_centuries_is_the_c_librarys),
    cmocka_unit_test(what_is_written_is_read_in_every_zone),
    cmocka_unit_test(what_is_no_instant_is_not_read)
};


CRM_TEST_MAIN(tests)
