/*
 * When schedules run, by tables. They would fail by a run that is an hour off
 * after clocks were changed, twice on a day, or on none.
 */

#include "crm_test.h"

#include "base/crm_time.h"
#include "crm_calendar.h"
#include "crm_recurrence.h"


#define ROWS  8

#define ONCE   CRM_RECURRENCE_ONCE
#define HOUR   CRM_RECURRENCE_HOUR
#define DAY    CRM_RECURRENCE_DAY
#define WEEK   CRM_RECURRENCE_WEEK
#define MONTH  CRM_RECURRENCE_MONTH
#define YEAR   CRM_RECURRENCE_YEAR


typedef struct {
    const char               *what;
    const char               *zone;
    const char               *start;        /* with an offset */
    crm_recurrence_period_t   period;
    unsigned                  every;
    int                       on_day;
    int                       on_month;
    const char               *until;        /* or NULL */
    const char               *after;        /* the virtual clock's start */
    const char               *next[ROWS];   /* in UTC, as the clock goes on */
} row_t;


static const row_t  rows[] = {
    { "once", "Europe/Berlin", "2026-12-01T02:00:00+01:00", ONCE, 1, -1, -1,
      NULL, "2026-01-01T00:00:00Z", { "2026-12-01T01:00:00.000Z", "" } },
    { "once, and over", "Europe/Berlin", "2026-12-01T02:00:00+01:00", ONCE, 1,
      -1, -1, NULL, "2026-12-01T01:00:00Z", { "" } },
    { "daily over the day of 23 hours", "Europe/Berlin",
      "2026-03-27T02:30:00+01:00", DAY, 1, -1, -1, NULL,
      "2026-03-27T00:00:00Z",
      { "2026-03-27T01:30:00.000Z", "2026-03-28T01:30:00.000Z",
        "2026-03-29T01:30:00.000Z", "2026-03-30T00:30:00.000Z" } },
    { "daily over the day of 25 hours", "Europe/Berlin",
      "2026-10-24T02:30:00+02:00", DAY, 1, -1, -1, NULL,
      "2026-10-24T00:00:00Z",
      { "2026-10-24T00:30:00.000Z", "2026-10-25T00:30:00.000Z",
        "2026-10-26T01:30:00.000Z" } },
    { "daily at nine stays at nine in New York", "America/New_York",
      "2026-03-07T09:00:00-05:00", DAY, 1, -1, -1, NULL,
      "2026-03-07T00:00:00Z",
      { "2026-03-07T14:00:00.000Z", "2026-03-08T13:00:00.000Z",
        "2026-03-09T13:00:00.000Z" } },
    { "hours pass, whatever clocks show", "Europe/Berlin",
      "2026-10-25T01:00:00+02:00", HOUR, 1, -1, -1, NULL,
      "2026-10-24T23:00:00Z",
      { "2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z",
        "2026-10-25T02:00:00.000Z" } },
    { "every third hour of an earlier start", NULL, "2026-01-01T00:30:00Z",
      HOUR, 3, -1, -1, NULL, "2027-01-01T00:00:00Z",
      { "2027-01-01T00:30:00.000Z", "2027-01-01T03:30:00.000Z" } },
    { "every second day across a leap day", NULL, "2028-02-27T12:00:00Z", DAY,
      2, -1, -1, NULL, "2028-02-26T00:00:00Z",
      { "2028-02-27T12:00:00.000Z", "2028-02-29T12:00:00.000Z",
        "2028-03-02T12:00:00.000Z" } },
    { "weekly on the start's day", "Europe/Berlin",
      "2026-10-18T08:00:00+02:00", WEEK, 1, -1, -1, NULL,
      "2026-10-17T00:00:00Z",
      { "2026-10-18T06:00:00.000Z", "2026-10-25T07:00:00.000Z",
        "2026-11-01T07:00:00.000Z" } },
    { "every second week, on a Friday behind the start", NULL,
      "2026-12-01T10:00:00Z", WEEK, 2, 4, -1, NULL, "2026-12-01T10:00:00Z",
      { "2026-12-04T10:00:00.000Z", "2026-12-18T10:00:00.000Z",
        "2027-01-01T10:00:00.000Z" } },
    { "on a Monday before the start: the week after next", NULL,
      "2026-12-01T10:00:00Z", WEEK, 2, 0, -1, NULL, "2026-12-01T00:00:00Z",
      { "2026-12-14T10:00:00.000Z" } },
    { "monthly on the 31st, in a leap year", NULL, "2028-01-31T06:00:00Z",
      MONTH, 1, -1, -1, NULL, "2028-01-01T00:00:00Z",
      { "2028-01-31T06:00:00.000Z", "2028-02-29T06:00:00.000Z",
        "2028-03-31T06:00:00.000Z", "2028-04-30T06:00:00.000Z",
        "2028-05-31T06:00:00.000Z" } },
    { "monthly on the 30th, in no leap year", NULL, "2027-01-15T06:00:00Z",
      MONTH, 1, 30, -1, NULL, "2027-01-01T00:00:00Z",
      { "2027-01-30T06:00:00.000Z", "2027-02-28T06:00:00.000Z",
        "2027-03-30T06:00:00.000Z" } },
    { "the 15th of every third month", NULL, "2026-12-20T06:00:00Z", MONTH, 3,
      15, -1, NULL, "2026-12-20T06:00:00Z",
      { "2027-03-15T06:00:00.000Z", "2027-06-15T06:00:00.000Z" } },
    { "yearly on February 29", NULL, "2028-02-29T06:00:00Z", YEAR, 1, -1, -1,
      NULL, "2028-01-01T00:00:00Z",
      { "2028-02-29T06:00:00.000Z", "2029-02-28T06:00:00.000Z",
        "2030-02-28T06:00:00.000Z", "2031-02-28T06:00:00.000Z",
        "2032-02-29T06:00:00.000Z" } },
    { "yearly on another day", "Europe/Berlin", "2026-11-22T12:00:00+01:00",
      YEAR, 1, 1, 7, NULL, "2026-11-22T12:00:00Z",
      { "2027-07-01T10:00:00.000Z", "2028-07-01T10:00:00.000Z" } },
    { "2100 is no leap year", NULL, "2096-02-29T06:00:00Z", YEAR, 4, -1, -1,
      NULL, "2096-03-01T00:00:00Z", { "2100-02-28T06:00:00.000Z", "" } },
    { "up to a last day", NULL, "2026-12-01T06:00:00Z", DAY, 1, -1, -1,
      "2026-12-02T23:59:59Z", "2026-12-01T00:00:00Z",
      { "2026-12-01T06:00:00.000Z", "2026-12-02T06:00:00.000Z", "" } },
    { "half an hour is left out on Lord Howe", "Australia/Lord_Howe",
      "2026-10-03T02:15:00+10:30", DAY, 1, -1, -1, NULL,
      "2026-10-02T00:00:00Z",
      { "2026-10-02T15:45:00.000Z", "2026-10-03T15:45:00.000Z",
        "2026-10-04T15:15:00.000Z" } },
};


static long long
at(const char *text)
{
    long long  ms;

    assert_row(crm_time_parse(&ms, crm_strz(text)) == CRM_OK, text);

    return ms / 1000;
}


static void
each_run_is_at_its_time(void **state)
{
    char                    text[CRM_TIME_ISO_LEN + 1];
    size_t                  i, k;
    long long               now;
    crm_pool_t             *pool;
    crm_zone_t              zone;
    crm_recurrence_t        r;
    crm_recurrence_span_t   span;

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        memset(&r, 0, sizeof(r));
        r.start_s = at(rows[i].start);
        r.period = rows[i].period;
        r.every = rows[i].every;
        r.on_day = rows[i].on_day;
        r.on_month = rows[i].on_month;
        r.has_until = rows[i].until != NULL;
        r.until_s = rows[i].until ? at(rows[i].until) : 0;

        assert_row(rows[i].zone == NULL
                   || crm_calendar_zone(&zone, crm_strz(rows[i].zone), pool)
                      == CRM_OK, rows[i].what);

        now = at(rows[i].after);

        for (k = 0; k < ROWS && rows[i].next[k]; k++) {
            assert_int_equal(crm_recurrence_span(&span, &r, rows[i].zone
                                                 ? &zone : NULL, now, now),
                             CRM_OK);
            assert_row(span.count == 0, rows[i].what);

            if (span.next_s < 0) {
                assert_row(rows[i].next[k][0] == '\0', rows[i].what);
                break;
            }

            crm_time_iso(text, span.next_s * 1000);
            assert_string_equal(text, rows[i].next[k]);
            now = span.next_s;
        }

        crm_pool_destroy(pool);
    }
}


/* A virtual clock over four years, a leap year among them: as many runs as
 * days, each at nine by the clocks there. */
static void
none_is_missed_and_none_comes_twice(void **state)
{
    size_t                  n;
    long long               now, end, day;
    crm_pool_t             *pool;
    crm_zone_t              zone;
    crm_recurrence_t        r;
    crm_recurrence_span_t   span;

    (void) state;

    pool = crm_test_pool();
    assert_int_equal(crm_calendar_zone(&zone, CRM_STR("Europe/Berlin"), pool),
                     CRM_OK);

    memset(&r, 0, sizeof(r));
    r.start_s = at("2026-11-01T09:00:00+01:00");
    r.period = DAY;
    r.every = 1;
    r.on_day = r.on_month = -1;

    now = at("2026-11-01T00:00:00+01:00");
    end = at("2030-11-01T00:00:00+01:00");
    day = crm_zone_day(&zone, now) - 1;

    for (n = 0; now < end; n++) {
        assert_int_equal(crm_recurrence_span(&span, &r, &zone, now, now),
                         CRM_OK);
        now = span.next_s;

        assert_int_equal(crm_zone_day(&zone, now), day + 1 + (long long) n);
        assert_int_equal((now + crm_zone_offset(&zone, now)) % 86400,
                         9 * 3600);
    }

    assert_int_equal(n, 4 * 365 + 1 + 1);

    assert_int_equal(crm_recurrence_span(&span, &r, &zone,
                                         at("2026-11-01T09:00:00+01:00"),
                                         at("2030-11-01T08:59:59+01:00")),
                     CRM_OK);
    assert_int_equal(span.count, 4 * 365);
    assert_int_equal(span.last_s, at("2030-10-31T09:00:00+01:00"));
    assert_int_equal(span.next_s, at("2030-11-01T09:00:00+01:00"));

    crm_pool_destroy(pool);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(each_run_is_at_its_time),
        cmocka_unit_test(none_is_missed_and_none_comes_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
