/*
 * The kind business_hours. It would fail if a week were read as another, or if
 * hours that nobody can mean were taken.
 */

#include "crm_rules_make.h"


#define HOURS(more)  "{'kind':'business_hours'" more "}"
#define DAYS(days)   HOURS(",'type':'custom','days':{" days "}")


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { HOURS(""), "", "missing_key", "lacks \"type\"", "type" },
        { HOURS(",'type':'24x7'"), "type", "unknown_word",
          "24_by_7, 24_by_5, custom", NULL },
        { HOURS(",'type':'24_by_5','week_starts_on':'mondy'"),
          "week_starts_on", "unknown_word", "monday, tuesday", "monday" },
        { HOURS(",'type':'24_by_5','holidy':[]"), "holidy", "unknown_key",
          "did you mean \"holidays\"?", "holidays" },
        { HOURS(",'type':'custom'"), "", "missing_key", "needs days",
          "days" },
        { DAYS(""), "days", "missing_key", "needs days", "days" },
        { DAYS("'munday':['09:00','18:00']"), "days.munday", "unknown_key",
          "did you mean \"monday\"?", "monday" },
        { DAYS("'monday':'09:00'"), "days.monday", "wrong_type",
          "must be a list", NULL },
        { DAYS("'monday':['09:00']"), "days.monday", "too_few",
          "at least 2", NULL },
        { DAYS("'monday':['09:00','18:00','19:00']"), "days.monday",
          "limit_exceeded", "at most 2", NULL },
        { DAYS("'monday':['9:00','18:00']"), "days.monday[0]",
          "wrong_value", "\"9:00\" is no time of day", NULL },
        { DAYS("'monday':['09:00','24:01']"), "days.monday[1]",
          "wrong_value", "from 00:00 to 24:00", NULL },
        { DAYS("'monday':['09:60','24:00']"), "days.monday[0]",
          "wrong_value", "\"09:60\"", NULL },
        { DAYS("'friday':['18:00','09:00']"), "days.friday", "wrong_value",
          "must end after they begin", NULL },
        { HOURS(",'type':'24_by_7','holidays':['2026-12-25','2026-02-29']"),
          "holidays[1]", "wrong_value", "a date that exists", NULL },
        { HOURS(",'type':'24_by_7','holidays':['2026-12-25T00:00']"),
          "holidays[0]", "wrong_value", "such as 2026-12-25", NULL },
        { HOURS(",'type':'24_by_7'") "," HOURS(",'type':'24_by_7'"), "",
          "duplicate_name", "two of kind business_hours", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
a_week_is_as_it_is_written(void **state)
{
    crm_ruleset_t      *rules;
    const crm_hours_t  *h;

    (void) state;

    rules = crm_make_rules(HOURS(",'week_starts_on':'sunday','type':'custom',"
                                 "'days':{'friday':['09:00','17:30'],"
                                 "'monday':['00:00','24:00']},"
                                 "'holidays':['2027-01-01','2026-12-25']"));
    h = crm_ruleset_hours(rules);

    assert_int_equal(h->week_start, 6);
    assert_int_equal(h->week[0].from_s, 0);
    assert_int_equal(h->week[0].to_s, 86400);
    assert_int_equal(h->week[1].to_s, 0);
    assert_int_equal(h->week[4].from_s, 32400);
    assert_int_equal(h->week[4].to_s, 63000);
    assert_int_equal(h->holidays_count, 2);
    assert_true(h->holidays[0] < h->holidays[1]);
    assert_false(crm_hours_is_work(h, h->holidays[0]));

    crm_ruleset_release(rules);

    rules = crm_make_rules(HOURS(",'type':'24_by_5'"));
    h = crm_ruleset_hours(rules);
    assert_int_equal(h->week_start, 0);
    assert_int_equal(h->week[4].to_s, 86400);
    assert_int_equal(h->week[5].to_s, 0);
    crm_ruleset_release(rules);

    rules = crm_make_rules(HOURS(",'type':'24_by_7'"));
    assert_int_equal(crm_ruleset_hours(rules)->week[6].to_s, 86400);
    crm_ruleset_release(rules);

    rules = crm_make_rules("{'kind':'organization'}");
    assert_int_equal(crm_ruleset_hours(rules)->week[4].to_s, 86400);
    assert_int_equal(crm_ruleset_hours(rules)->week[6].to_s, 0);
    crm_ruleset_release(rules);
}


/* 2026-11-22 is a Sunday: the first day of a week, or its last. */
static void
the_start_of_the_week_is_the_organisations(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *hours;
        const char  *fired;
    } rows[] = {
        { "", "this week," },
        { HOURS(",'type':'24_by_7'") ",", "this week," },
        { HOURS(",'type':'24_by_7','week_starts_on':'sunday'") ",", "" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char  text[600];

        (void) snprintf(text, sizeof(text), "%s%s", rows[i].hours,
                        "{'kind':'workflow_rule','name':'this week',"
                        "'module':'M','execute_when':{'type':'edit'},"
                        "'conditions':[{'criteria':{'field':'D','comparator':"
                        "'greater_equal','value':'${STARTOF:week}','type':"
                        "'pre_defined'},'instant_actions':[{'type':"
                        "'field_updates','field':'A','value':1}]}]}");

        rules = crm_make_rules(text);
        pool = crm_test_pool();

        assert_string_equal(crm_make_fired(crm_make_write(pool, rules, "M",
                                "{'B':1}", "{'D':'2026-11-18','B':0}")),
                            rows[i].fired);

        crm_pool_destroy(pool);
        crm_ruleset_release(rules);
    }
}


static void
days_without_custom_are_said_to_do_nothing(void **state)
{
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    (void) state;
    pool = crm_test_pool();

    rules = crm_make_try(pool, &findings,
                         HOURS(",'type':'24_by_7','days':{}"));
    assert_non_null(rules);
    assert_non_null(crm_make_found(&findings, "days", "no_effect"));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_week_is_as_it_is_written),
    cmocka_unit_test(the_start_of_the_week_is_the_organisations),
    cmocka_unit_test(days_without_custom_are_said_to_do_nothing),
};

CRM_TEST_MAIN(tests)
