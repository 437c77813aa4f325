/*
 * The jobs of schedules. They would fail by two schedules of one tick, or by a
 * schedule that begins anew when nothing but an argument has changed.
 */

#include "crm_rules_make.h"
#include "queue/crm_job_schedule.h"


#define FUNCTION                                                              \
    "{'kind':'variable','api_name':'batch','type':'integer','value':7},"      \
    "{'kind':'function','name':'F','source':'info a;','arguments':["          \
    "{'name':'n','type':'integer'},{'name':'day','type':'date'}]}"
#define PLAN(start, more)                                                     \
    FUNCTION ",{'kind':'schedule','name':'S','function':'F','arguments':{"    \
    "'n':'${!Variables.batch}','day':'${TODAY}'},'start':'" start "',"        \
    "'frequency':'daily'" more "}"


static crm_str_t
spec(const char *objects, crm_pool_t *pool)
{
    crm_str_t       text;
    crm_ruleset_t  *rules;

    rules = crm_make_rules(objects);
    text = crm_job_schedule_spec(crm_ruleset_schedule(rules, CRM_STR("S")),
                                 crm_ruleset_zone(rules), pool);
    crm_ruleset_release(rules);

    return text;
}


static void
it_begins_anew_with_other_times_alone(void **state)
{
    crm_str_t    one;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    one = spec(PLAN("2026-12-01T02:00", ""), pool);

    assert_true(crm_str_eq(one, spec(PLAN("2026-12-01T02:00",
                                          ",'misfire':'skip','runs_now':9"),
                                     pool)));
    assert_false(crm_str_eq(one, spec(PLAN("2026-12-01T02:01", ""), pool)));
    assert_false(crm_str_eq(one, spec(PLAN("2026-12-01T02:00",
                                           ",'end':{'after_runs':3}"),
                                      pool)));
    crm_pool_destroy(pool);
}


static void
a_run_is_a_call_without_a_record(void **state)
{
    char                     id[CRM_SCHEDULE_ID_LEN + 1];
    char                     other[CRM_SCHEDULE_ID_LEN + 1];
    json_t                  *job;
    crm_buf_t                buf;
    crm_pool_t              *pool;
    crm_ruleset_t           *rules;
    crm_job_schedule_run_t   run;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(PLAN("2026-12-01T02:00", ""));

    run.org = CRM_STR("acme");
    run.id = crm_job_schedule_id(id, CRM_STR("S"));
    run.run = CRM_STR("x:1");
    run.due_ms = 1796086800000LL;
    run.now_ms = 1796086801000LL;
    run.by_hand = 0;

    assert_int_equal(run.id.len, CRM_SCHEDULE_ID_LEN);
    crm_job_schedule_id(other, CRM_STR("s"));
    assert_string_not_equal(id, other);

    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_job_schedule_run(&buf,
                         crm_ruleset_schedule(rules, CRM_STR("S")), rules,
                         &run, pool), CRM_OK);
    job = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(job);

    assert_string_equal(json_string_value(json_object_get(job, "type")),
                        "functions");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(
                         json_object_get(job, "action"), "arguments"), "n")),
                     7);
    assert_string_equal(json_string_value(json_object_get(json_object_get(
                            json_object_get(job, "action"), "arguments"),
                            "day")), "2026-12-01");
    assert_true(json_is_null(json_object_get(job, "record")));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(job,
                         "schedule"), "due")), 1796086800000LL);

    json_decref(job);
    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(it_begins_anew_with_other_times_alone),
        cmocka_unit_test(a_run_is_a_call_without_a_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
