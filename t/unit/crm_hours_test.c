/*
 * Business hours and business days. It would fail if work were done on a
 * holiday, or if the hour that a day lacks or has twice were miscounted.
 */

#include "crm_test.h"

#include "base/crm_hours.h"


/* Paris in 2026: summer from March 29, 01:00 UTC, to October 25, 01:00 UTC. */
static crm_zone_change_t  paris_changes[] = {
    { 0, 3600 }, { 1774746000, 7200 }, { 1792890000, 3600 },
};

static const crm_zone_t  paris = {
    { "Europe/Paris", 12 }, { "test", 4 }, paris_changes, 3
};


static long long
day(const char *text)
{
    long long  days;

    assert_int_equal(crm_date_read(&days, crm_strz(text)), CRM_OK);

    return days;
}


/* The UTC second at which clocks in Paris show a day's time. */
static long long
at(const char *date, int hour, int minute)
{
    return crm_zone_utc(&paris, day(date) * CRM_DATE_DAY_S + hour * 3600
                                + minute * 60);
}


/* Monday to Friday, 9 to 18, on Friday to 17; closed on three days. */
static void
office(crm_hours_t *hours)
{
    int               i;
    static long long  holidays[3];

    crm_hours_init(hours);

    for (i = 0; i < 5; i++) {
        hours->week[i].from_s = 9 * 3600;
        hours->week[i].to_s = (i == 4 ? 17 : 18) * 3600;
    }

    holidays[0] = day("2026-05-01");
    holidays[1] = day("2026-12-25");
    holidays[2] = day("2027-01-01");
    hours->holidays = holidays;
    hours->holidays_count = 3;
}


static void
business_days_pass_over_weekends_and_holidays(void **state)
{
    size_t       i;
    char         text[CRM_DATE_LEN + 1];
    crm_hours_t  hours;

    static const struct {
        const char  *from;
        long long    n;
        const char  *to;
    } rows[] = {
        { "2026-11-20", 1, "2026-11-23" },      /* a Friday */
        { "2026-11-21", 1, "2026-11-23" },
        { "2026-11-22", 0, "2026-11-23" },
        { "2026-11-23", 0, "2026-11-23" },
        { "2026-11-23", -1, "2026-11-20" },
        { "2026-11-21", -1, "2026-11-20" },
        { "2026-11-20", 5, "2026-11-27" },
        { "2026-12-24", 1, "2026-12-28" },      /* Christmas is a Friday */
        { "2026-12-25", 0, "2026-12-28" },
        { "2026-12-24", 5, "2027-01-04" },      /* and New Year's Day */
        { "2027-01-04", -5, "2026-12-24" },
        { "2026-04-30", 1, "2026-05-04" },      /* May 1 is a Friday */
        { "2028-02-28", 1, "2028-02-29" },
        { "2027-02-26", 1, "2027-03-01" },
    };

    (void) state;
    office(&hours);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_str(crm_date_text(text, crm_hours_add_days(&hours,
                                           day(rows[i].from), rows[i].n)),
                   rows[i].to);
    }
}


static void
only_hours_of_work_count(void **state)
{
    crm_hours_t  h;

    (void) state;
    office(&h);

    assert_int_equal(crm_hours_add(&h, &paris, at("2026-11-23", 10, 30),
                                   4 * 3600), at("2026-11-23", 14, 30));
    /* what is left of a day is taken first, its end counts as that day */
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-11-23", 16, 0),
                                   2 * 3600), at("2026-11-23", 18, 0));
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-11-23", 16, 0),
                                   2 * 3600 + 1),
                     at("2026-11-24", 9, 0) + 1);
    /* Friday evening, Saturday and the early morning wait */
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-11-20", 20, 0), 3600),
                     at("2026-11-23", 10, 0));
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-11-21", 12, 0), 0),
                     at("2026-11-23", 9, 0));
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-11-23", 3, 0), 60),
                     at("2026-11-23", 9, 1));
    /* Christmas is a Friday of 8 hours that nobody works */
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-12-24", 17, 0),
                                   2 * 3600), at("2026-12-28", 10, 0));
}


static void
days_of_23_and_25_hours_are_worked_as_they_pass(void **state)
{
    int          i;
    crm_hours_t  h;

    (void) state;
    crm_hours_init(&h);

    for (i = 0; i < 7; i++) {
        h.week[i].to_s = (int) CRM_DATE_DAY_S;
    }

    /* around the clock, work is time */
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-03-28", 12, 0),
                                   24 * 3600), at("2026-03-29", 13, 0));
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-10-24", 12, 0),
                                   24 * 3600), at("2026-10-25", 11, 0));

    /* from midnight to 4 there are 3 hours, and 5 */
    for (i = 0; i < 7; i++) {
        h.week[i].to_s = 4 * 3600;
    }

    assert_int_equal(crm_hours_add(&h, &paris, at("2026-03-29", 0, 0),
                                   3 * 3600), at("2026-03-29", 4, 0));
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-03-29", 0, 0),
                                   4 * 3600), at("2026-03-30", 1, 0));
    assert_int_equal(crm_hours_add(&h, &paris, at("2026-10-25", 0, 0),
                                   5 * 3600), at("2026-10-25", 4, 0));
}


static void
weeks_without_work_come_to_an_end(void **state)
{
    int          i;
    crm_hours_t  h;

    (void) state;
    crm_hours_init(&h);

    for (i = 0; i < 7; i++) {
        h.week[i].to_s = 0;
    }

    assert_int_equal(crm_hours_add_days(&h, day("2026-11-22"), 3),
                     day("2026-11-22"));
    assert_int_equal(crm_hours_add(&h, NULL, 1000, 3600), 1000);

    crm_hours_init(&h);
    assert_true(crm_hours_add_days(&h, 0, 9000000000LL)
                == crm_hours_add_days(&h, 0, CRM_HOURS_MAX_DAYS));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(business_days_pass_over_weekends_and_holidays),
    cmocka_unit_test(only_hours_of_work_count),
    cmocka_unit_test(days_of_23_and_25_hours_are_worked_as_they_pass),
    cmocka_unit_test(weeks_without_work_come_to_an_end),
};

CRM_TEST_MAIN(tests)
