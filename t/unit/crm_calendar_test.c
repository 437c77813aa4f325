/*
 * The table of a zone, made of this machine's zone data. It would fail if a
 * change were missed, or were a second off.
 */

#include "crm_test.h"

#include <stdlib.h>
#include <time.h>

#include "crm_calendar.h"


static void
known_changes_are_found_to_the_second(void **state)
{
    size_t       i;
    crm_pool_t  *pool;
    crm_zone_t   zone;

    static const struct {
        const char  *name;
        long long    at_s;
        int          before;
        int          after;
    } rows[] = {
        { "Europe/Paris", 1774746000, 3600, 7200 },
        { "Europe/Paris", 1792890000, 7200, 3600 },
        { "America/New_York", 1772953200, -18000, -14400 },
        { "America/St_Johns", 2152157400, -12600, -9000 },
        { "America/Sao_Paulo", 1392516000, -7200, -10800 },
        { "Australia/Lord_Howe", 1775314800, 39600, 37800 },
        { "Asia/Kolkata", 1774746000, 19800, 19800 },
        { "UTC", 1774746000, 0, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_row(crm_calendar_zone(&zone, crm_strz(rows[i].name), pool)
                   == CRM_OK, rows[i].name);
        assert_row(crm_zone_valid(&zone), rows[i].name);
        assert_row(crm_zone_offset(&zone, rows[i].at_s - 1) == rows[i].before,
                   rows[i].name);
        assert_row(crm_zone_offset(&zone, rows[i].at_s) == rows[i].after,
                   rows[i].name);
        assert_str(zone.name, rows[i].name);
        assert_true(zone.tzdata.len > 0);

        crm_pool_destroy(pool);
    }
}


static void
what_is_no_zone_is_declined(void **state)
{
    size_t       i;
    crm_pool_t  *pool;
    crm_zone_t   zone;

    static const char *const  rows[] = {
        "", "Europe", "Europe/Pariss", "../../../etc/passwd", "/etc/passwd",
        "tzdata.zi", "zone.tab", "Europe/../Europe/Paris", "CET-1CEST", "a b",
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_calendar_zone(&zone, crm_strz(rows[i]), pool)
                   == CRM_DECLINED, rows[i]);
    }

    crm_pool_destroy(pool);
}


static void
the_process_keeps_its_own_zone(void **state)
{
    crm_pool_t  *pool;
    crm_zone_t   zone;

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
    assert_int_equal(crm_calendar_zone(&zone, CRM_STR("Europe/Paris"), pool),
                     CRM_OK);
    assert_string_equal(getenv("TZ"), "Asia/Tokyo");
    assert_int_equal(timezone, -9 * 3600);

    assert_int_equal(unsetenv("TZ"), 0);
    assert_int_equal(crm_calendar_zone(&zone, CRM_STR("Europe/Paris"), pool),
                     CRM_OK);
    assert_null(getenv("TZ"));

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(known_changes_are_found_to_the_second),
    cmocka_unit_test(what_is_no_zone_is_declined),
    cmocka_unit_test(the_process_keeps_its_own_zone),
};

CRM_TEST_MAIN(tests)
