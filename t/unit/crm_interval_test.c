/*
 * Two business days, a month, 4 hours. It would fail if a month after January
 * ended in March, or if a day were 24 hours where clocks change.
 */

#include "crm_test.h"

#include "base/crm_interval.h"
#include "base/crm_time.h"


static crm_zone_change_t  paris_changes[] = {
    { 0, 3600 }, { 1774746000, 7200 }, { 1792890000, 3600 },
};

static const crm_zone_t  paris = {
    { "Europe/Paris", 12 }, { "test", 4 }, paris_changes, 3
};


typedef struct {
    const char    *from;
    long long      unit;
    crm_period_t   period;
    const char    *to;
} row_t;


static void
calendar_and_clock_are_told_apart(void **state)
{
    char             text[CRM_TIME_ISO_LEN + 1];
    size_t           i;
    long long        ms;
    crm_hours_t      hours;
    crm_interval_t   interval;

    static const row_t  rows[] = {
        /* the night of 23 hours: Saturday 12:00 to Sunday 12:00 */
        { "2026-03-28T11:00:00Z", 1, CRM_PERIOD_DAYS,
          "2026-03-29T10:00:00.000Z" },
        { "2026-03-28T11:00:00Z", 24, CRM_PERIOD_HOURS,
          "2026-03-29T11:00:00.000Z" },
        { "2026-03-29T10:00:00Z", -1, CRM_PERIOD_DAYS,
          "2026-03-28T11:00:00.000Z" },
        /* the one of 25 */
        { "2026-10-24T10:00:00Z", 1, CRM_PERIOD_DAYS,
          "2026-10-25T11:00:00.000Z" },
        { "2026-10-24T10:00:00Z", 1440, CRM_PERIOD_MINUTES,
          "2026-10-25T10:00:00.000Z" },
        { "2026-10-19T10:00:00.25Z", 1, CRM_PERIOD_WEEKS,
          "2026-10-26T11:00:00.250Z" },
        /* 02:30 does not exist on March 29 */
        { "2026-03-28T01:30:00Z", 1, CRM_PERIOD_DAYS,
          "2026-03-29T01:30:00.000Z" },
        /* the end of February, and of years */
        { "2027-01-31T08:00:00Z", 1, CRM_PERIOD_MONTHS,
          "2027-02-28T08:00:00.000Z" },
        { "2028-01-31T08:00:00Z", 1, CRM_PERIOD_MONTHS,
          "2028-02-29T08:00:00.000Z" },
        { "2028-02-29T08:00:00Z", 1, CRM_PERIOD_YEARS,
          "2029-02-28T08:00:00.000Z" },
        { "2026-03-31T08:00:00Z", -1, CRM_PERIOD_MONTHS,
          "2026-02-28T09:00:00.000Z" },
        { "2026-11-30T08:00:00Z", 14, CRM_PERIOD_MONTHS,
          "2028-01-30T08:00:00.000Z" },
        { "2027-01-15T08:00:00Z", -13, CRM_PERIOD_MONTHS,
          "2025-12-15T08:00:00.000Z" },
        /* Friday to Tuesday; half past midnight in Paris is Saturday there */
        { "2026-11-20T08:00:00Z", 2, CRM_PERIOD_BUSINESS_DAYS,
          "2026-11-24T08:00:00.000Z" },
        { "2026-11-20T23:30:00Z", 1, CRM_PERIOD_BUSINESS_DAYS,
          "2026-11-22T23:30:00.000Z" },
        { "2026-11-20T22:00:00Z", 2, CRM_PERIOD_BUSINESS_HOURS,
          "2026-11-23T00:00:00.000Z" },
        { "2026-11-20T20:00:00Z", -2, CRM_PERIOD_BUSINESS_HOURS,
          "2026-11-20T20:00:00.000Z" },
    };

    (void) state;
    crm_hours_init(&hours);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        interval.unit = rows[i].unit;
        interval.period = rows[i].period;

        assert_int_equal(crm_time_parse(&ms, crm_strz(rows[i].from)), CRM_OK);
        ms = crm_interval_add(&interval, ms, &paris, &hours);
        assert_str(crm_time_iso(text, ms), rows[i].to);
    }
}


static void
before_1970_seconds_are_whole_too(void **state)
{
    crm_hours_t      hours;
    crm_interval_t   day = { 1, CRM_PERIOD_DAYS };

    (void) state;
    crm_hours_init(&hours);

    assert_int_equal(crm_interval_add(&day, -1, NULL, &hours), 86399999);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(calendar_and_clock_are_told_apart),
    cmocka_unit_test(before_1970_seconds_are_whole_too),
};

CRM_TEST_MAIN(tests)
