/*
 * When a rule is due for the date in a record: each unit before and after it,
 * each period, over a leap year and both changes of the clocks, by a clock that
 * walks. It would fail if a reminder came on March 3 for February 31, twice, or
 * an hour off in summer.
 */

#include "crm_test.h"

#include "base/crm_time.h"
#include "rules/crm_date_trigger.h"


static crm_zone_change_t  paris_changes[] = {
    { 0, 3600 }, { 1774746000, 7200 }, { 1792890000, 3600 },
    { 1806195600, 7200 }, { 1824944400, 3600 },
    { 1837645200, 7200 }, { 1856394000, 3600 },
};

static const crm_zone_t  paris = {
    { "Europe/Paris", 12 }, { "test", 4 }, paris_changes, 7
};

static const crm_zone_t  utc = {
    { "UTC", 3 }, { "test", 4 }, NULL, 0
};

typedef struct {
    const char    *base;            /* in the record */
    long long      unit;
    crm_period_t   period;
    int            at;              /* minute; -1: none is given */
    crm_recur_t    recur;
    const char    *now;
    const char    *last;            /* NULL: none */
    const char    *next;
} row_t;

#define ONCE     CRM_RECUR_ONCE
#define MONTHLY  CRM_RECUR_MONTHLY
#define YEARLY   CRM_RECUR_YEARLY


static crm_moment_t
moment(const char *text, const crm_zone_t *zone)
{
    crm_moment_t  m;

    assert_int_equal(crm_moment_parse(&m, crm_strz(text), zone), CRM_OK);

    return m;
}


static long long
ms_of(const char *text)
{
    return moment(text, NULL).us / 1000;
}


static void
is_at(int has, long long ms, const char *expected, const row_t *row)
{
    char  text[CRM_TIME_ISO_LEN + 1];

    if (expected == NULL) {
        if (has) {
            fail_msg("%s %lld: nothing was expected", row->base, row->unit);
        }

        return;
    }

    if (!has || ms != ms_of(expected)) {
        crm_time_iso(text, ms);
        fail_msg("%s %lld (%d) at %s: %s, expected %s", row->base, row->unit,
                 (int) row->period, row->now, has ? text : "none", expected);
    }
}


static void
each_unit_and_period(void **state)
{
    size_t              i;
    crm_hours_t         hours;
    crm_moment_t        base;
    crm_date_times_t    times;
    crm_date_trigger_t  trigger;

    static const row_t  rows[] = {
        /* two days before, at nine by the clocks there: winter, summer */
        { "2026-03-10", -2, CRM_PERIOD_DAYS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-08T08:00:00Z" },
        { "2026-03-31", -2, CRM_PERIOD_DAYS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-29T07:00:00Z" },
        { "2026-03-31", -3, CRM_PERIOD_DAYS, 540, ONCE,
          "2026-03-28T08:00:00Z", "2026-03-28T08:00:00Z", NULL },
        { "2026-10-25", 0, CRM_PERIOD_DAYS, 540, ONCE,
          "2026-10-25T07:59:59Z", NULL, "2026-10-25T08:00:00Z" },
        /* midnight, where nobody says when */
        { "2026-10-25", 0, CRM_PERIOD_DAYS, -1, ONCE,
          "2026-10-01T00:00:00Z", NULL, "2026-10-24T22:00:00Z" },
        { "2026-10-25", 1, CRM_PERIOD_DAYS, -1, ONCE,
          "2026-10-01T00:00:00Z", NULL, "2026-10-25T23:00:00Z" },
        /* 02:30 does not exist on March 29, and is twice on October 25 */
        { "2026-03-29", 0, CRM_PERIOD_DAYS, 150, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-29T01:30:00Z" },
        { "2026-10-25", 0, CRM_PERIOD_DAYS, 150, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-10-25T00:30:00Z" },
        { "2026-03-27", 1, CRM_PERIOD_BUSINESS_DAYS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-30T07:00:00Z" },
        { "2026-03-30", -1, CRM_PERIOD_BUSINESS_DAYS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-27T08:00:00Z" },
        { "2026-03-24", 1, CRM_PERIOD_WEEKS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-31T07:00:00Z" },
        { "2028-03-31", -1, CRM_PERIOD_MONTHS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2028-02-29T08:00:00Z" },
        { "2027-01-31", 1, CRM_PERIOD_MONTHS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2027-02-28T08:00:00Z" },
        { "2028-02-29", -1, CRM_PERIOD_YEARS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2027-02-28T08:00:00Z" },
        { "2028-02-29", 4, CRM_PERIOD_YEARS, 540, ONCE,
          "2031-03-01T00:00:00Z", NULL, "2032-02-29T08:00:00Z" },
        { "2026-03-29", 3, CRM_PERIOD_HOURS, -1, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-29T02:00:00Z" },
        /* a point in time: from there, or of its day */
        { "2026-03-28T22:30:00Z", 12, CRM_PERIOD_HOURS, -1, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-29T10:30:00Z" },
        { "2026-03-28T11:00:00Z", 1, CRM_PERIOD_DAYS, -1, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-29T10:00:00Z" },
        { "2026-03-28T23:30:00Z", 0, CRM_PERIOD_DAYS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-29T07:00:00Z" },
        { "2026-03-28T23:30:00Z", -36, CRM_PERIOD_HOURS, 540, ONCE,
          "2026-03-01T00:00:00Z", NULL, "2026-03-27T11:30:00Z" },
        /* it comes again, on the last day of what is too short */
        { "2026-01-31", 0, CRM_PERIOD_DAYS, 540, MONTHLY,
          "2026-02-28T08:00:00Z", "2026-02-28T08:00:00Z",
          "2026-03-31T07:00:00Z" },
        { "2026-01-31", 0, CRM_PERIOD_DAYS, 540, MONTHLY,
          "2028-02-28T12:00:00Z", "2028-01-31T08:00:00Z",
          "2028-02-29T08:00:00Z" },
        { "2026-01-31", 1, CRM_PERIOD_DAYS, 540, MONTHLY,
          "2026-02-28T12:00:00Z", "2026-02-01T08:00:00Z",
          "2026-03-01T08:00:00Z" },
        { "2024-02-29", 0, CRM_PERIOD_DAYS, 540, YEARLY,
          "2026-03-01T00:00:00Z", "2026-02-28T08:00:00Z",
          "2027-02-28T08:00:00Z" },
        { "2024-02-29", 0, CRM_PERIOD_DAYS, 540, YEARLY,
          "2027-12-31T00:00:00Z", "2027-02-28T08:00:00Z",
          "2028-02-29T08:00:00Z" },
        { "1960-07-14", -1, CRM_PERIOD_WEEKS, 540, YEARLY,
          "2026-07-07T06:59:59Z", "2025-07-07T08:00:00Z",
          "2026-07-07T07:00:00Z" },
        { "2026-01-15T10:00:00Z", 0, CRM_PERIOD_DAYS, -1, MONTHLY,
          "2026-04-01T00:00:00Z", "2026-03-15T10:00:00Z",
          "2026-04-15T09:00:00Z" },
    };

    (void) state;

    crm_hours_init(&hours);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&trigger, 0, sizeof(trigger));
        trigger.offset.unit = rows[i].unit;
        trigger.offset.period = rows[i].period;
        trigger.at_given = rows[i].at >= 0;
        trigger.at_minute = rows[i].at >= 0 ? rows[i].at : 0;
        trigger.recur = rows[i].recur;

        base = moment(rows[i].base, &paris);

        crm_date_trigger_times(&times, &trigger, &base, ms_of(rows[i].now),
                               &paris, &hours);

        is_at(times.has_last, times.last_ms, rows[i].last, &rows[i]);
        is_at(times.has_next, times.next_ms, rows[i].next, &rows[i]);
    }
}


/* A clock that walks in steps of an hour through a leap year and the one in
 * front of it: each time is seen once, as the next and then as the last. */
static void
walk(crm_recur_t recur, long long unit, crm_period_t period,
    const crm_zone_t *zone, size_t expected)
{
    size_t              n;
    long long           now, next;
    crm_hours_t         hours;
    crm_moment_t        base;
    crm_date_times_t    times;
    crm_date_trigger_t  trigger;

    memset(&trigger, 0, sizeof(trigger));
    trigger.offset.unit = unit;
    trigger.offset.period = period;
    trigger.at_given = 1;
    trigger.at_minute = 150;
    trigger.recur = recur;

    crm_hours_init(&hours);
    base = moment("2026-12-31", zone);
    next = -1;
    n = 0;

    for (now = ms_of("2027-02-10T00:00:00Z");
         now < ms_of("2029-02-10T00:00:00Z"); now += 3600000)
    {
        crm_date_trigger_times(&times, &trigger, &base, now, zone, &hours);

        assert_true(!times.has_last || times.last_ms <= now);
        assert_true(!times.has_next || times.next_ms > now);

        if (next >= 0 && next <= now) {
            assert_true(times.has_last);
            assert_true(times.last_ms == next);
            n++;

        } else if (next >= 0) {
            assert_true(times.next_ms == next);
        }

        next = times.has_next ? times.next_ms : -1;
    }

    assert_int_equal(n, expected);
}


static void
a_clock_that_walks_sees_each_time_once(void **state)
{
    static const crm_period_t  periods[] = {
        CRM_PERIOD_HOURS, CRM_PERIOD_DAYS, CRM_PERIOD_BUSINESS_DAYS,
        CRM_PERIOD_WEEKS, CRM_PERIOD_MONTHS, CRM_PERIOD_YEARS
    };

    size_t     i;
    long long  unit;

    (void) state;

    for (i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        for (unit = -1; unit <= 1; unit++) {
            walk(CRM_RECUR_MONTHLY, unit, periods[i], &paris,
                 periods[i] == CRM_PERIOD_YEARS && unit == 1 ? 14 : 24);
            walk(CRM_RECUR_YEARLY, unit, periods[i], &utc,
                 2);
        }
    }

    walk(CRM_RECUR_ONCE, 3, CRM_PERIOD_MONTHS, &paris, 1);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(each_unit_and_period),
    cmocka_unit_test(a_clock_that_walks_sees_each_time_once),
};

CRM_TEST_MAIN(tests)
