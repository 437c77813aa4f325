/*
 * Dates and points in time, and zones as tables. They would fail on the days
 * of 23 and of 25 hours, or where a day and a point in time meet.
 */

#include "crm_test.h"

#include "record/crm_moment.h"


/* Paris around 2026; the table's last year, which repeats, has two changes. */
static crm_zone_change_t  paris_changes[] = {
    { 0, 3600 },
    { 1774746000, 7200 },       /* 2026-03-29T01:00:00Z */
    { 1792890000, 3600 },       /* 2026-10-25T01:00:00Z */
    { 4109878800, 7200 },       /* 2100-03-28T01:00:00Z */
    { 4128627600, 3600 },       /* 2100-10-31T01:00:00Z */
};

static const crm_zone_t  paris = {
    { "Europe/Paris", 12 }, { "2025b", 5 }, paris_changes,
    sizeof(paris_changes) / sizeof(paris_changes[0])
};


static crm_moment_t
moment(const char *text)
{
    crm_moment_t  m;

    assert_row(crm_moment_parse(&m, crm_strz(text), &paris) == CRM_OK, text);

    return m;
}


static void
what_is_written_is_read(void **state)
{
    size_t        i;
    crm_moment_t  m;
    char          text[CRM_MOMENT_LEN + 1];

    static const struct {
        const char  *given;
        const char  *written;
    } rows[] = {
        { "2026-03-27", "2026-03-27" },
        { "2026-03-27T16:30:00+01:00", "2026-03-27T16:30:00+01:00" },
        { "2026-03-27T15:30:00Z", "2026-03-27T16:30:00+01:00" },
        { "2026-03-27t15:30:00z", "2026-03-27T16:30:00+01:00" },
        { "2026-03-27 16:30", "2026-03-27T16:30:00+01:00" },
        { "2026-03-27T16:30", "2026-03-27T16:30:00+01:00" },
        { "2026-03-27T16:30:59.25", "2026-03-27T16:30:59.250000+01:00" },
        { "2026-03-27T16:30:00.123456789", "2026-03-27T16:30:00.123456+01:00" },
        { "2026-03-27T10:30:00-0500", "2026-03-27T16:30:00+01:00" },
        { "2026-03-27T23:30:00Z", "2026-03-28T00:30:00+01:00" },
        { "2026-12-31T23:59:60Z", "2027-01-01T01:00:00+01:00" },
        { "1969-12-31T23:59:59.5Z", "1970-01-01T00:59:59.500000+01:00" },
    };

    static const char *const  wrong[] = {
        "", "soon", "2026-02-30", "2026-03-27T", "2026-03-27T16",
        "2026-03-27T24:00", "2026-03-27T16:60", "2026-03-27T16:30:61",
        "2026-03-27T16:30:00.", "2026-03-27T16:30:00+", "2026-03-27T16:30x",
        "2026-03-27T16:30:00+01", "2026-03-27T16:30:00+01:0",
        "2026-03-27T16:30:00+01:000", "2026-03-27T16:30:00Zz",
        "2026-03-27x16:30", "2026-03-27T16:30:00 +01:00", "2026-03-271",
        "2026-03-27T1630", "2026-03-27T16:30:", "2026-03-27T16:30:5",
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        m = moment(rows[i].given);
        assert_str(crm_moment_text(text, &m, &paris), rows[i].written);
    }

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_row(crm_moment_parse(&m, crm_strz(wrong[i]), &paris)
                   == CRM_DECLINED, wrong[i]);
    }
}


static void
clocks_that_are_put_forward_or_back_are_known(void **state)
{
    size_t        i;
    crm_moment_t  m;
    char          text[CRM_MOMENT_LEN + 1];

    static const struct {
        const char  *local;
        const char  *is;
    } rows[] = {
        { "2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00" },
        { "2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00" },
        { "2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00" },
        { "2026-10-25T01:59:59", "2026-10-25T01:59:59+02:00" },
        { "2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00" },
        { "2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00" },
        { "2200-07-01T12:00:00", "2200-07-01T12:00:00+02:00" },
        { "2400-02-29T12:00:00", "2400-02-29T12:00:00+01:00" },
        { "1900-07-01T12:00:00", "1900-07-01T12:00:00+01:00" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        m = moment(rows[i].local);
        assert_str(crm_moment_text(text, &m, &paris), rows[i].is);
    }

    assert_int_equal(moment("2026-03-30T00:00").us
                     - moment("2026-03-29T00:00").us, 23 * 3600 * 1000000LL);
    assert_int_equal(moment("2026-10-26T00:00").us
                     - moment("2026-10-25T00:00").us, 25 * 3600 * 1000000LL);
}


static void
days_and_points_in_time_are_compared_as_days(void **state)
{
    size_t        i;
    crm_moment_t  a, b;

    static const struct {
        const char  *a;
        const char  *b;
        int          order;
    } rows[] = {
        { "2026-03-27", "2026-03-27", 0 },
        { "2026-03-27", "2026-03-28", -1 },
        { "2026-03-27T16:30:00+01:00", "2026-03-27T15:30:00Z", 0 },
        { "2026-03-27T16:30:00.000001Z", "2026-03-27T16:30:00Z", 1 },
        { "2026-03-27T22:59:59Z", "2026-03-27", 0 },
        { "2026-03-27T23:00:00Z", "2026-03-27", 1 },
        { "2026-03-27", "2026-03-26T22:59:59Z", 1 },
        { "2026-03-27", "2026-03-26T23:00:00Z", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        a = moment(rows[i].a);
        b = moment(rows[i].b);
        assert_row(crm_moment_cmp(&a, &b) == rows[i].order, rows[i].a);
        assert_row(crm_moment_cmp(&b, &a) == -rows[i].order, rows[i].a);
    }
}


static void
a_table_that_cannot_be_is_refused(void **state)
{
    crm_zone_t         zone;
    crm_zone_change_t  changes[] = { { 0, 0 }, { 10, 3600 } };

    (void) state;

    memset(&zone, 0, sizeof(crm_zone_t));
    assert_true(crm_zone_valid(&zone));
    assert_int_equal(crm_zone_offset(&zone, 5), 0);
    assert_int_equal(crm_zone_offset(NULL, 5), 0);

    zone.changes = changes;
    zone.count = 2;
    assert_true(crm_zone_valid(&zone));

    changes[1].at_s = 0;
    assert_false(crm_zone_valid(&zone));

    changes[1].at_s = 10;
    changes[1].offset_s = 27 * 3600;
    assert_false(crm_zone_valid(&zone));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(what_is_written_is_read),
    cmocka_unit_test(clocks_that_are_put_forward_or_back_are_known),
    cmocka_unit_test(days_and_points_in_time_are_compared_as_days),
    cmocka_unit_test(a_table_that_cannot_be_is_refused),
};

CRM_TEST_MAIN(tests)
