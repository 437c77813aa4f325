/*
 * What people do with jobs, against a real Redis: revive, hasten, drop,
 * discard.
 *
 * What would break without them: a worker that slept through a job's death
 * ends the one that lives again, lists that move lose a neighbour, a full
 * Redis cannot be emptied by hand.
 */

#include "crm_jobs_own.h"


static crm_changed_t
changed(const crm_cmd_t *cmd)
{
    crm_error_t    err;
    crm_changed_t  what;

    assert_int_equal(crm_take_changed(&what, 1, run(cmd), &err), CRM_OK);
    return what;
}


static crm_changed_t
revived(long long place, const char *text)
{
    crm_cmd_pace_t     pace = { 0, 0 };
    crm_cmd_element_t  element = { place, crm_strz(text) };

    return changed(crm_cmd_revive(pool, ORG, pace, &element, 1));
}


static crm_changed_t
discarded(const char *list, long long place, const char *text)
{
    crm_cmd_element_t  element = { place, crm_strz(text) };

    return changed(crm_cmd_discard(pool, ORG, crm_strz(list), &element, 1));
}


static crm_changed_t
dropped(const char *id)
{
    crm_str_t  name = crm_strz(id);

    return changed(crm_cmd_drop(pool, ORG, &name, 1));
}


static crm_changed_t
hastened(const char *id, long long first_ms)
{
    crm_str_t       name = crm_strz(id);
    crm_cmd_pace_t  pace = { first_ms, 1 };

    return changed(crm_cmd_hasten(pool, ORG, pace, &name, 1));
}


static void
a_job_that_lives_again_is_nobodys_before(void **state)
{
    crm_job_t    old;
    crm_take_t   got;
    const char  *element;

    (void) state;

    old = taken("j1");
    assert_int_equal(dead(old.lease, "status_500"), CRM_SETTLE_OK);
    element = redis_text("LINDEX", DEAD, "0");
    assert_int_equal(revived(0, element), CRM_CHANGED);
    assert_int_equal(revived(0, element), CRM_CHANGED_ALIVE);

    got = take(1);
    assert_int_equal(got.n_jobs, 1);
    assert_true(got.jobs[0].lease.fence > old.lease.fence);
    assert_int_equal(got.jobs[0].foreign, old.foreign);
    assert_int_equal(got.jobs[0].sequence, old.sequence);
    assert_int_equal(got.jobs[0].attempts, 0);
    assert_true(crm_str_eq(got.jobs[0].body, old.body));
    assert_int_equal(done(old.lease), CRM_SETTLE_STALE);
    assert_int_equal(dead(old.lease, "late"), CRM_SETTLE_STALE);
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    assert_int_equal(revived(0, element), CRM_CHANGED_GONE);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:j1"), 0);
}


/* In another one its worker would refuse it. */
static void
a_job_of_any_class_lives_again_in_its_own(void **state)
{
    size_t       i;
    const char  *element;

    static const char *const  classes[] = {
        "webhooks", "emails", "records", "functions", "scores"
    };

    (void) state;

    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        element = crm_pool_printf(pool, "{\"job\":{\"v\":1,\"id\":\"%s\","
                                  "\"type\":\"x\",\"org\":\"t1\","
                                  "\"action\":{}},\"reason\":\"r\","
                                  "\"at\":1,\"attempts\":1,\"class\":\"%s\","
                                  "\"foreign\":false,\"id\":\"%s\"}",
                                  classes[i], classes[i], classes[i]).data;
        push(DEAD, element);
        assert_int_equal(revived(0, element), CRM_CHANGED);
        assert_string_equal(redis_text("HGET",
                                       crm_pool_printf(pool, "crm:{t1}:job:%s",
                                                       classes[i]).data,
                                       "class"), classes[i]);
    }
}


static void
our_own_stay_ours(void **state)
{
    (void) state;

    redis("SADD", "crm:{t1}:own", "j1");
    assert_int_equal(dead(taken("j1").lease, "x"), CRM_SETTLE_OK);
    assert_int_equal(revived(0, redis_text("LINDEX", DEAD, "0")),
                     CRM_CHANGED);
    assert_int_equal(take(1).jobs[0].foreign, 0);
}


static void
an_element_that_has_moved_is_found(void **state)
{
    (void) state;

    redis("RPUSH", DEAD, "a", "b", "c", "d");
    assert_int_equal(discarded(DEAD, 3, "b"), CRM_CHANGED);
    assert_int_equal(discarded(DEAD, 1, "b"), CRM_CHANGED_GONE);
    assert_int_equal(discarded(DEAD, 9, "d"), CRM_CHANGED);
    assert_string_equal(redis_list("LRANGE", DEAD, "0", "-1"), "a c");
}


static void
what_never_was_a_job_stays(void **state)
{
    size_t       i;
    const char  *elements[] = {
        "no JSON", "{}", "[]", "{\"job\":\"text\",\"reason\":\"x\"}",
        "{\"job\":{},\"reason\":\"x\"}",
        "{\"job\":{\"v\":1,\"type\":\"webhooks\",\"org\":\"other\","
        "\"action\":{}},\"reason\":\"x\"}",
        "{\"reason\":\"x\",\"job\":{\"v\":1,\"type\":\"webhooks\",\"org\":"
        "\"t1\",\"action\":{}}}",
    };

    (void) state;

    for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        redis("DEL", DEAD);
        push(DEAD, elements[i]);
        assert_int_equal(revived(0, elements[i]), CRM_CHANGED_NO_JOB);
        assert_int_equal(redis_int("LLEN", DEAD), 1);
    }
}


/* The words that end a body, within it, and within the reason. */
static void
a_body_comes_out_as_it_went_in(void **state)
{
    crm_job_t    old;
    crm_take_t   got;

    (void) state;

    push(QUEUE, "{\"v\":1,\"type\":\"webhooks\",\"org\":\"t1\",\"n\":19.990,"
                "\"job\":1,\"reason\":\",\\\"reason\\\":\\\"\",\"x\":"
                "{\"a\":1,\"reason\":\"y\"},\"action\":{}}");
    old = take(1).jobs[0];
    assert_int_equal(dead(old.lease, "a \",\"reason\":\"b"), CRM_SETTLE_OK);
    assert_int_equal(revived(0, redis_text("LINDEX", DEAD, "0")),
                     CRM_CHANGED);
    got = take(1);
    assert_true(crm_str_eq(got.jobs[0].body, old.body));
    assert_true(crm_str_eq(got.jobs[0].lease.id, old.lease.id));
}


static void
what_a_worker_holds_is_not_dropped(void **state)
{
    crm_lease_t  lease;

    (void) state;

    lease = taken("j1").lease;
    assert_int_equal(dropped("j1"), CRM_CHANGED_ALIVE);
    assert_int_equal(hastened("j1", 0), CRM_CHANGED_GONE);
    assert_int_equal(retry(lease, 1000000, ""), CRM_SETTLE_OK);
    assert_int_equal(promote().ready, 0);
    assert_int_equal(hastened("j1", 0), CRM_CHANGED);
    assert_int_equal(promote().ready, 1);
    assert_int_equal(dropped("j1"), CRM_CHANGED);
    assert_int_equal(dropped("j1"), CRM_CHANGED_GONE);
    assert_int_equal(take(1).n_jobs, 0);

    push(QUEUE, job("j1", "http://a.example/"));
    assert_int_equal(take(1).duplicates, 1);
}


static void
a_full_redis_can_be_emptied(void **state)
{
    const char  *text;

    (void) state;

    text = job("j2", "http://a.example/");
    assert_int_equal(dead(taken("j1").lease, "x"), CRM_SETTLE_OK);
    push(QUEUE, text);
    push(DEAD, "x");
    assert_int_equal(hastened("j9", 0), CRM_CHANGED_GONE);
    redis_fill();

    assert_int_equal(revived(0, redis_text("LINDEX", DEAD, "0")),
                     CRM_CHANGED);
    assert_int_equal(dropped("j1"), CRM_CHANGED);
    assert_int_equal(discarded(QUEUE, 0, text), CRM_CHANGED);
    assert_int_equal(discarded(DEAD, 0, "x"), CRM_CHANGED);
    assert_int_equal(hastened("j1", 0), CRM_CHANGED_GONE);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(a_job_that_lives_again_is_nobodys_before),
        TEST(a_job_of_any_class_lives_again_in_its_own),
        TEST(our_own_stay_ours),
        TEST(an_element_that_has_moved_is_found),
        TEST(what_never_was_a_job_stays),
        TEST(a_body_comes_out_as_it_went_in),
        TEST(what_a_worker_holds_is_not_dropped),
        TEST(a_full_redis_can_be_emptied),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
