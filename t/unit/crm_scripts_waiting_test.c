/*
 * Jobs that wait for their time, against a real Redis: commit stores them,
 * promote lets them out, render and cancel say what they came to.
 *
 * What would break without them: an action done twice, years too early, or
 * lost, because a commit was repeated or two workers had it.
 */

#include "crm_jobs_own.h"

#include "state/crm_state.h"


/* A webhook that waits until due_ms, committed for an event of its own. */
static void
commit_waiting(const char *event, const char *id, long long due_ms)
{
    crm_error_t       err;
    crm_commit_t      commit;
    crm_cmd_job_t     waiting;
    crm_cmd_commit_t  in;

    memset(&in, 0, sizeof(in));
    memset(&waiting, 0, sizeof(waiting));
    waiting.queue = CRM_QUEUE_WEBHOOKS;
    waiting.id = crm_strz(id);
    waiting.json = CRM_STR("{\"waits\":{},\"n\":1.50}");
    waiting.due_ms = due_ms;
    waiting.receiver = CRM_STR("https://a.example:443");
    in.org = ORG;
    in.event = crm_strz(event);
    in.jobs = &waiting;
    in.n_jobs = 1;
    assert_int_equal(crm_state_commit(&commit, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);
}


static void
a_waiting_job_is_let_out_at_its_time(void **state)
{
    crm_take_t      got;
    crm_promoted_t  promoted;

    (void) state;

    commit_waiting("E1", "w1", 4102444800000LL);
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:delayed", "w1"),
                        "4102444800000");
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:own", QUEUE), 0);

    promoted = promote();
    assert_int_equal(promoted.ready, 0);
    assert_true(promoted.next_ms > 0);

    redis("ZADD", "crm:{t1}:delayed", "1", "w1");
    assert_int_equal(promote().ready, 1);

    got = take(1);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(got.jobs[0].foreign, 0);
    assert_true(crm_str_is(got.jobs[0].body,
                           "{\"waits\":{},\"n\":1.50}"));

    /* its receiver is that of others */

    push(QUEUE, job("j1", "https://A.example/x"));
    take(0);

    assert_string_equal(redis_text("HGET", "crm:{t1}:job:w1", "endpoint"),
                        redis_text("HGET", "crm:{t1}:job:j1", "endpoint"));
}


/* The first answer was lost, or recovery was faster. */
static void
a_waiting_job_is_committed_once(void **state)
{
    (void) state;

    commit_waiting("E1", "w1", 4102444800000LL);
    commit_waiting("E1", "w1", 4102444800000LL);
    commit_waiting("E2", "w1", 5);
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:delayed", "w1"),
                        "4102444800000");
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:delayed"), 1);

    redis("ZADD", "crm:{t1}:delayed", "1", "w1");
    promote();
    take(1);
    commit_waiting("E3", "w1", 5);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:delayed"), 0);
}


static void
a_waiting_job_is_rendered_or_cancelled_by_who_holds_it(void **state)
{
    crm_lease_t  lease;

    (void) state;

    commit_waiting("E1", "w1", 1);
    promote();
    lease = take_from(webhooks, 1, 1, 0).jobs[0].lease;

    assert_int_equal(settled(crm_cmd_render(pool, ORG, lease, CRM_STR("b"))),
                     CRM_SETTLE_OK);
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:w1", "body"), "b");

    /* another has it by now */

    reap();
    assert_int_equal(settled(crm_cmd_render(pool, ORG, lease, CRM_STR("c"))),
                     CRM_SETTLE_STALE);
    assert_int_equal(settled(crm_cmd_cancel(pool, ORG, lease, CRM_STR("t"))),
                     CRM_SETTLE_STALE);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:trace"), 0);

    lease = take(1).jobs[0].lease;
    assert_int_equal(settled(crm_cmd_cancel(pool, ORG, lease, CRM_STR("t"))),
                     CRM_SETTLE_OK);
    assert_int_equal(settled(crm_cmd_cancel(pool, ORG, lease, CRM_STR("t"))),
                     CRM_SETTLE_OK);
    assert_int_equal(redis_int("XLEN", "crm:{t1}:trace"), 1);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:w1", "crm:{t1}:lease",
                               "crm:{t1}:inflight"), 0);
}


/* What a scheduled webhook of that option becomes when it is due. */
static crm_str_t
ordered(const char *id)
{
    return crm_pool_printf(pool, "{\"v\":1,\"id\":\"%s\",\"org\":\"t1\","
                           "\"type\":\"webhooks\",\"module\":\"M\","
                           "\"record_id\":\"1\",\"action\":{\"name\":\"n\","
                           "\"url\":\"https://a.example/\",\"ordered\":true"
                           "}}", id);
}


static void
waiting_webhooks_of_a_record_keep_their_order(void **state)
{
    crm_take_t    got;
    crm_lease_t   first, second;

    (void) state;

    commit_waiting("E1", "w1", 1);
    commit_waiting("E2", "w2", 2);
    promote();
    first = take_from(webhooks, 1, 1, 0).jobs[0].lease;
    second = take_from(webhooks, 1, 1, 0).jobs[0].lease;

    assert_int_equal(settled(crm_cmd_render(pool, ORG, first, ordered("w1"))),
                     CRM_SETTLE_OK);
    assert_int_equal(settled(crm_cmd_render(pool, ORG, second,
                                            ordered("w2"))),
                     CRM_SETTLE_BEHIND);
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:w2", "state"),
                        "waiting");
    assert_string_equal(redis_text("HGET", "crm:{t1}:inflight",
                                   redis_text("HGET", "crm:{t1}:job:w1",
                                              "endpoint")), "1");
    assert_int_equal(take_from(webhooks, 1, 1, 0).n_jobs, 0);

    /* one that comes in by the entrance meanwhile is behind both */

    redis("SADD", "crm:{t1}:own", "w3");
    push(QUEUE, ordered("w3").data);
    assert_int_equal(take_from(webhooks, 1, 1, 0).n_jobs, 0);

    assert_int_equal(done(first), CRM_SETTLE_OK);
    got = take_from(webhooks, 1, 2, 0);
    assert_int_equal(got.n_jobs, 1);
    assert_string_equal(got.jobs[0].lease.id.data, "w2");
    assert_true(crm_str_eq(got.jobs[0].body, ordered("w2")));

    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
    got = take_from(webhooks, 1, 2, 0);
    assert_int_equal(got.n_jobs, 1);
    assert_string_equal(got.jobs[0].lease.id.data, "w3");
    assert_int_equal(done(got.jobs[0].lease), CRM_SETTLE_OK);
}


/* A write of its own, that has its intent, moves the timer; -1: takes it
 * away. */
static void
commit_timer(const char *event, const char *id, long long due_ms)
{
    crm_error_t       err;
    crm_commit_t      commit;
    crm_cmd_job_t     timer;
    crm_cmd_commit_t  in;

    memset(&in, 0, sizeof(in));
    memset(&timer, 0, sizeof(timer));
    timer.queue = CRM_QUEUE_FUNCTIONS;
    timer.id = crm_strz(id);
    timer.json = crm_pool_printf(pool, "of %s", event);
    timer.due_ms = due_ms;
    timer.receiver = CRM_STR("move");
    in.org = ORG;
    in.event = crm_strz(event);
    in.jobs = &timer;
    in.n_jobs = 1;
    redis("HSET", crm_pool_printf(pool, "crm:{t1}:intent:%s", event).data,
          "state", "prepared");
    assert_int_equal(crm_state_commit(&commit, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);
    assert_int_equal(commit.status, CRM_COMMIT_OK);
}


/* It has come, and a worker has it. */
static crm_lease_t
timer_taken(long long lease_ms)
{
    crm_take_t  got;

    static const crm_cmd_class_t  functions[] = {
        { CRM_QUEUE_FUNCTIONS, 1 }
    };

    promote();
    got = take_from(functions, 1, 1, lease_ms);
    assert_int_equal(got.n_jobs, 1);
    return got.jobs[0].lease;
}


/* The worker that has looked at it says when it is due next. */
static crm_settle_t
timer_waits(crm_lease_t lease, long long due_ms)
{
    crm_cmd_timer_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.lease = lease;
    in.due_ms = due_ms;
    in.body = CRM_STR("of the worker");
    in.trace = CRM_STR("");
    in.record.module = CRM_STR("M");
    in.record.id = CRM_STR("1");
    return settled(crm_cmd_timer(pool, &in));
}


#define FAR     "4102444800000"
#define FARTHER "4102444900000"


static void
a_timer_goes_by_the_last_write_that_moved_it(void **state)
{
    crm_lease_t  lease;

    (void) state;

    /* moved while a worker looks at it: so it waits */

    commit_timer("E1", "date:1", 1);
    lease = timer_taken(LEASE_MS);
    commit_timer("E2", "date:1", 4102444800000LL);
    assert_int_equal(timer_waits(lease, 4102444900000LL), CRM_SETTLE_OK);
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:delayed", "date:1"),
                        FAR);
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:date:1", "body"),
                        "of E2");

    /* taken away while a worker fails to look at it, made again after that */

    commit_timer("E3", "date:1", 1);
    lease = timer_taken(LEASE_MS);
    commit_timer("E4", "date:1", -1);
    assert_int_equal(retry(lease, 3600000, ""), CRM_SETTLE_OK);
    commit_timer("E5", "date:1", 1);
    lease = timer_taken(LEASE_MS);
    assert_int_equal(timer_waits(lease, 4102444900000LL), CRM_SETTLE_OK);
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:delayed", "date:1"),
                        FARTHER);
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:date:1", "body"),
                        "of the worker");
}


static void
a_timer_that_dies_waits_where_a_write_has_moved_it(void **state)
{
    crm_lease_t  lease;

    (void) state;

    commit_timer("E1", "date:1", 1);
    lease = timer_taken(LEASE_MS);
    commit_timer("E2", "date:1", 4102444800000LL);
    assert_int_equal(dead(lease, "backend_error"), CRM_SETTLE_OK);
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:delayed", "date:1"),
                        FAR);
    assert_string_equal(redis_text("HGET", "crm:{t1}:job:date:1", "body"),
                        "of E2");
    assert_int_equal(redis_int("LLEN", DEAD), 1);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:lease"), 0);

    /* of a worker that dies with it each time as well */

    commit_timer("E3", "date:1", 1);
    timer_taken(0);
    redis("HSET", "crm:{t1}:job:date:1", "deliveries", "5");
    commit_timer("E4", "date:1", 4102444900000LL);
    assert_int_equal(reap().dead, 1);
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:delayed", "date:1"),
                        FARTHER);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:lease"), 0);

    /* one that no write has moved, or that one has taken away, is gone */

    commit_timer("E5", "date:1", 1);
    lease = timer_taken(LEASE_MS);
    commit_timer("E6", "date:1", -1);
    assert_int_equal(dead(lease, "backend_error"), CRM_SETTLE_OK);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:date:1",
                               "crm:{t1}:delayed"), 0);
}


static void
a_full_redis_takes_what_waits_and_lets_it_go(void **state)
{
    crm_lease_t  lease;

    (void) state;

    redis_fill();
    commit_waiting("E1", "w1", 1);
    commit_waiting("E2", "w2", 1);
    assert_int_equal(promote().ready, 2);

    lease = take(1).jobs[0].lease;
    assert_int_equal(settled(crm_cmd_render(pool, ORG, lease, CRM_STR("b"))),
                     CRM_SETTLE_OK);
    lease = take(1).jobs[0].lease;
    assert_int_equal(settled(crm_cmd_cancel(pool, ORG, lease, CRM_STR("t"))),
                     CRM_SETTLE_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(a_waiting_job_is_let_out_at_its_time),
        TEST(a_waiting_job_is_committed_once),
        TEST(a_waiting_job_is_rendered_or_cancelled_by_who_holds_it),
        TEST(waiting_webhooks_of_a_record_keep_their_order),
        TEST(a_timer_goes_by_the_last_write_that_moved_it),
        TEST(a_timer_that_dies_waits_where_a_write_has_moved_it),
        TEST(a_full_redis_takes_what_waits_and_lets_it_go),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
