/*
 * Civil days. They would fail at the end of February, of a quarter, of a year,
 * or by a week that begins on the wrong day.
 */

#include "crm_test.h"

#include <time.h>

#include "base/crm_date.h"


static long long
day(const char *text)
{
    long long  days;

    assert_row(crm_date_read(&days, crm_strz(text)) == CRM_OK, text);

    return days;
}


static void
every_day_of_three_centuries_is_the_c_librarys(void **state)
{
    time_t      t;
    struct tm   tm;
    long long   days;
    crm_date_t  date;

    (void) state;

    for (days = -365 * 130; days < 365 * 180; days++) {
        t = (time_t) (days * CRM_DATE_DAY_S);
        assert_non_null(gmtime_r(&t, &tm));

        date = crm_date_civil(days);

        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
        assert_int_equal(crm_date_weekday(days), (tm.tm_wday + 6) % 7);
        assert_int_equal(crm_date_days(date.year, date.month, date.day),
                         days);
    }
}


static void
a_date_that_does_not_exist_is_none(void **state)
{
    size_t     i;
    long long  days;

    static const char *const  rows[] = {
        "", "2026", "2026-3-27", "2026-03-2", "2026/03/27", "2026-00-01",
        "2026-13-01", "2026-02-29", "2100-02-29", "2026-04-31", "2026-01-00",
        "2026-01-32", "x026-01-01", "2026-0a-01", "-026-01-01", " 2026-01-01",
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_date_read(&days, crm_strz(rows[i])) == CRM_DECLINED,
                   rows[i]);
    }

    assert_int_equal(day("1970-01-01"), 0);
    assert_int_equal(day("2000-02-29") + 1, day("2000-03-01"));
    assert_int_equal(day("0000-01-01"), -719528);
}


static void
a_day_lies_in_its_week_month_quarter_and_year(void **state)
{
    size_t  i;
    char    text[CRM_DATE_LEN + 1];

    static const struct {
        const char       *day;
        crm_date_span_t   span;
        int               week_start;
        const char       *first;
        const char       *last;
    } rows[] = {
        { "2026-11-22", CRM_DATE_WEEK, 0, "2026-11-16", "2026-11-22" },
        { "2026-11-22", CRM_DATE_WEEK, 6, "2026-11-22", "2026-11-28" },
        { "2026-11-23", CRM_DATE_WEEK, 0, "2026-11-23", "2026-11-29" },
        { "2026-11-23", CRM_DATE_WEEK, 5, "2026-11-21", "2026-11-27" },
        { "2027-01-01", CRM_DATE_WEEK, 0, "2026-12-28", "2027-01-03" },
        { "2026-02-28", CRM_DATE_MONTH, 0, "2026-02-01", "2026-02-28" },
        { "2028-02-01", CRM_DATE_MONTH, 0, "2028-02-01", "2028-02-29" },
        { "2026-04-30", CRM_DATE_MONTH, 0, "2026-04-01", "2026-04-30" },
        { "2026-03-31", CRM_DATE_QUARTER, 0, "2026-01-01", "2026-03-31" },
        { "2026-04-01", CRM_DATE_QUARTER, 0, "2026-04-01", "2026-06-30" },
        { "2026-12-31", CRM_DATE_QUARTER, 0, "2026-10-01", "2026-12-31" },
        { "2026-08-15", CRM_DATE_YEAR, 0, "2026-01-01", "2026-12-31" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_str(crm_date_text(text, crm_date_first(day(rows[i].day),
                                 rows[i].span, rows[i].week_start)),
                   rows[i].first);
        assert_str(crm_date_text(text, crm_date_last(day(rows[i].day),
                                 rows[i].span, rows[i].week_start)),
                   rows[i].last);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_day_of_three_centuries_is_the_c_librarys),
    cmocka_unit_test(a_date_that_does_not_exist_is_none),
    cmocka_unit_test(a_day_lies_in_its_week_month_quarter_and_year),
};

CRM_TEST_MAIN(tests)
