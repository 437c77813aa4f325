/*
 * What the worker's scripts know of endpoints, against a real Redis: rates,
 * breakers, disabled webhooks, order, room of classes.
 *
 * What would break without them: a receiver overrun by a mass update, one that
 * is down called all day, one that said 410 called again, updates of a record
 * that arrive in the wrong order, mail that waits for a slow webhook.
 */

#include "crm_jobs_own.h"


#define HEALTH   "crm:{t1}:health"
#define HOUR_MS  3600000LL


static long long
now_ms(void)
{
    crm_reply_t  *time;

    time = redis("TIME");
    return strtoll(time->elements[0].str.data, NULL, 10) * 1000
           + strtoll(time->elements[1].str.data, NULL, 10) / 1000;
}


static const char *
number(long long n)
{
    return crm_pool_printf(pool, "%lld", n).data;
}


/* The health key of the one entry of that kind, or NULL. */
static const char *
health(const char *kind)
{
    size_t        i;
    const char   *key;
    crm_reply_t  *all;

    all = redis("ZRANGE", HEALTH, "0", "-1");

    for (i = 0; i < all->count; i++) {
        key = crm_pool_printf(pool, HEALTH ":%s",
                              all->elements[i].str.data).data;
        if (redis_int("EXISTS", key)
            && strcmp(redis_text("HGET", key, "kind"), kind) == 0)
        {
            return key;
        }
    }

    return NULL;
}


static void
push_many(int n, const char *name, const char *url)
{
    int  i;

    for (i = 0; i < n; i++) {
        push(QUEUE, job(crm_pool_printf(pool, "%s%d", name, i).data, url));
    }
}


/* One job pushed, taken and failed; what was told of it. */
static const char *
fails(const char *id, const char *url, crm_health_t health)
{
    crm_take_t  got;

    push(QUEUE, job(id, url));
    got = take(1);
    assert_int_equal(got.n_jobs, 1);
    retry_of(got.jobs[0].lease, 60000, "", health);

    return crm_pool_dup(pool, told).data;
}


static void
open_breaker(const char *url)
{
    int          i;
    const char  *note;

    for (i = 1; i <= 10; i++) {
        note = fails(crm_pool_printf(pool, "down%d", i).data, url,
                     CRM_HEALTH_DOWN);
        assert_string_equal(note, i < 10 ? "" : "breaker_open");
    }
}


static void
an_endpoint_gets_no_more_than_its_rate_and_others_do_not_wait(void **state)
{
    int         n;
    size_t      i;
    crm_take_t  got;

    (void) state;

    push_many(60, "a", "http://a.example/");
    push_many(3, "b", "http://b.example/");
    n = 0;

    do {
        got = take_at_rate(webhooks, 1, 100, LEASE_MS, 10);

        for (i = 0; i < got.n_jobs; i++) {
            n += got.jobs[i].lease.id.data[0] == 'b';
            done(got.jobs[i].lease);
        }
    } while (got.n_jobs > 0);

    assert_int_equal(n, 3);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:ring:webhooks"), 1);
    assert_in_range(got.wait_ms, 1, 100);
}


static void
a_rested_endpoint_gets_twice_its_rate_at_once(void **state)
{
    int         i, n;
    crm_take_t  got;

    (void) state;

    push_many(30, "a", "http://a.example/");
    n = 0;

    for (i = 0; i < 40; i++) {
        got = take_at_rate(webhooks, 1, 1, LEASE_MS, 10);
        if (got.n_jobs == 0) {
            break;
        }
        done(got.jobs[0].lease);
        n++;
    }

    /* what the calls themselves took may have earned some more */
    assert_in_range(n, 20, 29);
    assert_in_range(got.wait_ms, 1, 100);
    assert_int_equal(take_at_rate(webhooks, 1, 1, LEASE_MS, 0).n_jobs, 1);

    redis("ZADD", "crm:{t1}:rate", "1", redis_text("LINDEX",
          "crm:{t1}:ring:webhooks", "0"));
    reap();
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:rate"), 0);
}


/* By the clock before the step the bucket is full in a day, the breaker open
 * until then. */
static void
a_clock_that_steps_back_holds_no_endpoint_up(void **state)
{
    long long    now;
    crm_take_t   got;
    const char  *tomorrow, *endpoint;

    (void) state;

    now = strtoll(redis("TIME")->elements[0].str.data, NULL, 10);
    tomorrow = crm_pool_printf(pool, "%lld", (now + 86400) * 1000).data;

    push_many(2, "a", "http://a.example/");
    take(0);
    endpoint = redis_text("LINDEX", "crm:{t1}:ring:webhooks", "0");
    redis("ZADD", "crm:{t1}:rate", tomorrow, endpoint);
    got = take_at_rate(webhooks, 1, 1, LEASE_MS, 10);
    assert_int_equal(got.n_jobs, 0);
    assert_in_range(got.wait_ms, 1, 2000);

    redis("DEL", "crm:{t1}:rate");
    redis("ZADD", "crm:{t1}:health", "1", endpoint);
    redis("HSET", crm_pool_printf(pool, "crm:{t1}:health:%s", endpoint).data,
          "open_until", tomorrow);
    assert_int_equal(take(2).n_jobs, 1);
}


static void
a_class_gets_no_more_than_its_room(void **state)
{
    crm_take_t             got;
    const crm_cmd_class_t  classes[] = {
        { CRM_QUEUE_WEBHOOKS, 2 }, { CRM_QUEUE_EMAILS, 5 }
    };

    (void) state;

    push_many(4, "a", "http://a.example/");
    push("crm:{t1}:queue:emails", job("m1", ""));
    got = take_from(classes, 2, 10, LEASE_MS);

    assert_int_equal(got.n_jobs, 3);
    assert_int_equal(redis_int("LLEN", redis("KEYS",
                     "crm:{t1}:ready:webhooks:*")->elements[0].str.data), 2);
}


static void
a_breaker_opens_when_most_of_ten_have_failed(void **state)
{
    (void) state;

    open_breaker("http://a.example/");
    push(QUEUE, job("j1", "http://a.example/"));
    push(QUEUE, job("other", "http://b.example/"));

    assert_true(crm_str_is(take(10).jobs[0].lease.id, "other"));
    assert_int_equal(take(10).n_jobs, 0);
    assert_string_equal(redis_text("HGET", health("endpoint"), "url"),
                        "http://a.example");
    assert_string_equal(redis_text("HGET", health("endpoint"), "trips"), "1");
}


static void
half_open_lets_one_job_through(void **state)
{
    crm_take_t  got;

    (void) state;

    open_breaker("http://a.example/");
    push_many(5, "j", "http://a.example/");
    redis("HSET", health("endpoint"), "open_until", "1");

    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(take(10).n_jobs, 0);

    retry_of(got.jobs[0].lease, 60000, "", CRM_HEALTH_DOWN);
    assert_int_equal(take(10).n_jobs, 0);
    assert_string_equal(redis_text("HGET", health("endpoint"), "trips"), "2");

    redis("HSET", health("endpoint"), "open_until", "1");
    done(take(10).jobs[0].lease);
    assert_null(health("endpoint"));
    assert_int_equal(take(10).n_jobs, 3);
}


static void
refusals_and_our_own_failures_open_no_breaker(void **state)
{
    int  i;

    (void) state;

    for (i = 0; i < 15; i++) {
        fails(crm_pool_printf(pool, "a%d", i).data, "http://a.example/",
              CRM_HEALTH_ANSWERED);
        fails(crm_pool_printf(pool, "b%d", i).data, "http://b.example/",
              CRM_HEALTH_UNKNOWN);
    }

    assert_null(health("endpoint"));
    assert_int_equal(redis_int("ZCARD", HEALTH), 1);
}


static void
an_endpoint_that_works_half_the_time_keeps_its_breaker_shut(void **state)
{
    int  i;

    (void) state;

    fails("first", "http://a.example/", CRM_HEALTH_DOWN);

    for (i = 0; i < 8; i++) {
        push(QUEUE, job(number(i), "http://a.example/"));
        done(take(1).jobs[0].lease);
        fails(crm_pool_printf(pool, "x%d", i).data, "http://a.example/",
              CRM_HEALTH_DOWN);
    }

    assert_int_equal(redis_int("HEXISTS", health("endpoint"), "open_until"),
                     0);
}


static void
old_samples_do_not_count(void **state)
{
    int          i;
    const char  *key;

    (void) state;

    for (i = 0; i < 9; i++) {
        fails(number(i), "http://a.example/", CRM_HEALTH_DOWN);
    }

    key = health("endpoint");
    for (i = 0; i < 10; i++) {
        if (redis_int("HEXISTS", key, number(i))) {
            redis("HSET", key, number(i), crm_pool_printf(pool, "%lld:9:9",
                  now_ms() / 30000 - 10).data);
        }
    }

    assert_string_equal(fails("late", "http://a.example/", CRM_HEALTH_DOWN),
                        "");
}


static void
a_webhook_that_is_gone_is_disabled_and_others_are_not(void **state)
{
    crm_take_t  got;

    (void) state;

    push(QUEUE, job("j1", "http://a.example/x"));
    push(QUEUE, job("j2", "http://a.example/y?z"));
    push(QUEUE, job("j3", "http://b.example/x"));
    got = take(1);
    dead_of(got.jobs[0].lease, "status_410", CRM_HEALTH_GONE);
    assert_true(crm_str_is(told, "disabled"));
    assert_string_equal(redis_text("HGET", health("webhook"), "why"), "gone");

    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "j3"));
    assert_non_null(strstr(redis_text("LINDEX", DEAD, "-1"),
                           "endpoint_disabled: it answered 410"));
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:j2"), 0);

    /* our own of the same name is another one than a stranger's */
    redis("SADD", "crm:{t1}:own", "j4");
    push(QUEUE, job("j4", "http://a.example/x"));
    assert_int_equal(take(10).n_jobs, 1);

    redis("DEL", health("webhook"));
    push(QUEUE, job("j5", "http://a.example/x"));
    assert_int_equal(take(10).n_jobs, 1);
}


static void
many_jobs_of_a_disabled_webhook_end_bit_by_bit(void **state)
{
    int         calls;
    crm_take_t  got;

    (void) state;

    push(QUEUE, job("gone", "http://a.example/"));
    dead_of(take(1).jobs[0].lease, "status_410", CRM_HEALTH_GONE);
    push_many(90, "a", "http://a.example/");
    push_many(90, "b", "http://a.example/");
    take(0);
    take(0);
    calls = 0;

    do {
        got = take(1);
        assert_int_equal(got.n_jobs, 0);
        calls++;
    } while (got.wait_ms >= 0);

    assert_int_equal(calls, 2);
    assert_int_equal(redis_int("LLEN", DEAD), 181);
}


static void
five_days_of_failure_disable_and_people_are_told_before(void **state)
{
    size_t       i;
    char         id[8];
    const char  *key;

    static const struct {
        int          hours;
        const char  *note;
    } steps[] = {
        { 59, "" }, { 61, "failing_50" }, { 62, "" }, { 85, "failing_70" },
        { 109, "failing_90" }, { 119, "" }, { 121, "disabled" }
    };

    (void) state;

    fails("j0", "http://a.example/", CRM_HEALTH_ANSWERED);
    key = health("webhook");

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        snprintf(id, sizeof(id), "t%d", (int) i);
        redis("HSET", key, "since", number(now_ms() - steps[i].hours
                                                      * HOUR_MS));
        redis("HDEL", key, "told_at");
        assert_string_equal(fails(id, "http://a.example/", CRM_HEALTH_DOWN),
                            steps[i].note);
    }

    assert_string_equal(redis_text("HGET", key, "why"), "failing");
    assert_in_range(redis_int("TTL", key), 29 * 86400, 30 * 86400);
    push(QUEUE, job("end", "http://a.example/"));
    assert_int_equal(take(1).n_jobs, 0);
}


static void
people_are_told_once_an_hour_at_most(void **state)
{
    (void) state;

    fails("j0", "http://a.example/", CRM_HEALTH_DOWN);
    redis("HSET", health("webhook"), "since", number(now_ms() - 61 * HOUR_MS));
    assert_string_equal(fails("j1", "http://a.example/", CRM_HEALTH_DOWN),
                        "failing_50");
    redis("HSET", health("webhook"), "since", number(now_ms() - 90 * HOUR_MS));
    assert_string_equal(fails("j2", "http://a.example/", CRM_HEALTH_DOWN), "");
}


static void
a_success_ends_the_run_of_failures(void **state)
{
    (void) state;

    fails("j0", "http://a.example/", CRM_HEALTH_DOWN);
    redis("HSET", health("webhook"), "since", number(now_ms()
                                                     - 200 * HOUR_MS));
    push(QUEUE, job("j1", "http://a.example/"));
    done(take(1).jobs[0].lease);

    assert_null(health("webhook"));
    assert_string_equal(fails("j2", "http://a.example/", CRM_HEALTH_DOWN), "");
}


/* A job of a record that keeps its order. */
static const char *
ordered(const char *id, const char *record)
{
    return crm_pool_printf(pool, "{\"v\":1,\"id\":\"%s\",\"type\":\"webhooks\","
                           "\"org\":\"t1\",\"module\":\"Deals\","
                           "\"record_id\":\"%s\",\"action\":{\"name\":\"w\","
                           "\"url\":\"http://a.example/\",\"ordered\":true}}",
                           id, record).data;
}


static void
an_ordered_webhook_waits_for_the_one_before_it(void **state)
{
    crm_take_t  got;

    (void) state;

    push(QUEUE, ordered("a1", "A"));
    push(QUEUE, ordered("a2", "A"));
    push(QUEUE, ordered("b1", "B"));
    push(QUEUE, ordered("a3", "A"));
    got = take(10);

    assert_int_equal(got.n_jobs, 2);
    assert_true(crm_str_is(got.jobs[0].lease.id, "a1"));
    assert_true(crm_str_is(got.jobs[1].lease.id, "b1"));

    /* one that failed holds up its own record and no other */
    retry(got.jobs[0].lease, 60000, "");
    done(got.jobs[1].lease);
    push(QUEUE, ordered("b2", "B"));
    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "b2"));

    redis("ZADD", "crm:{t1}:delayed", "1", "a1");
    promote();
    got = take(10);
    assert_true(crm_str_is(got.jobs[0].lease.id, "a1"));
    dead(got.jobs[0].lease, "status_500");

    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "a2"));
    done(got.jobs[0].lease);
    done(take(1).jobs[0].lease);
    assert_int_equal(redis("KEYS", "crm:{t1}:order:*")->count, 1);
}


static void
what_a_hand_removed_holds_up_no_order(void **state)
{
    crm_take_t  got;

    (void) state;

    push(QUEUE, ordered("a1", "A"));
    push(QUEUE, ordered("a2", "A"));
    take(0);
    redis("DEL", "crm:{t1}:job:a1");
    push(QUEUE, ordered("a3", "A"));

    got = take(10);
    assert_int_equal(got.n_jobs, 1);
    assert_true(crm_str_is(got.jobs[0].lease.id, "a2"));
}


static void
a_crash_loop_holds_up_no_order(void **state)
{
    int  i;

    (void) state;

    push(QUEUE, ordered("a1", "A"));
    push(QUEUE, ordered("a2", "A"));

    for (i = 0; i < 5; i++) {
        take_from(webhooks, 1, 1, 0);
        reap();
    }

    assert_true(crm_str_is(take(10).jobs[0].lease.id, "a2"));
}


static void
each_job_has_a_larger_number_than_the_one_before(void **state)
{
    crm_take_t  got;

    (void) state;

    push_many(3, "a", "http://a.example/");
    got = take(3);

    assert_int_equal(got.jobs[0].sequence, 1);
    assert_int_equal(got.jobs[1].sequence, 2);
    assert_int_equal(got.jobs[2].sequence, 3);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(an_endpoint_gets_no_more_than_its_rate_and_others_do_not_wait),
        TEST(a_rested_endpoint_gets_twice_its_rate_at_once),
        TEST(a_clock_that_steps_back_holds_no_endpoint_up),
        TEST(a_class_gets_no_more_than_its_room),
        TEST(a_breaker_opens_when_most_of_ten_have_failed),
        TEST(half_open_lets_one_job_through),
        TEST(refusals_and_our_own_failures_open_no_breaker),
        TEST(an_endpoint_that_works_half_the_time_keeps_its_breaker_shut),
        TEST(old_samples_do_not_count),
        TEST(a_webhook_that_is_gone_is_disabled_and_others_are_not),
        TEST(many_jobs_of_a_disabled_webhook_end_bit_by_bit),
        TEST(five_days_of_failure_disable_and_people_are_told_before),
        TEST(people_are_told_once_an_hour_at_most),
        TEST(a_success_ends_the_run_of_failures),
        TEST(an_ordered_webhook_waits_for_the_one_before_it),
        TEST(what_a_hand_removed_holds_up_no_order),
        TEST(a_crash_loop_holds_up_no_order),
        TEST(each_job_has_a_larger_number_than_the_one_before),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
