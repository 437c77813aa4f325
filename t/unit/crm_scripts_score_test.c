/*
 * Counting scores anew against a real Redis: score_run, scored, score_page, and
 * the turns that take gives to it.
 *
 * What would break without them: live jobs that wait for a million records, an
 * update that is written twice, updates that nobody takes and that fill Redis.
 */

#include "crm_jobs_own.h"

#include "state/crm_state.h"


#define SCORES  "crm:{t1}:scores"
#define READY   "crm:{t1}:ready:scores"
#define PAGE    "scores:Leads"

static const crm_cmd_class_t  classes[] = {
    { CRM_QUEUE_RECORDS, 100 }, { CRM_QUEUE_FUNCTIONS, 100 },
    { CRM_QUEUE_EMAILS, 100 }, { CRM_QUEUE_WEBHOOKS, 100 },
    { CRM_QUEUE_SCORES, 100 }
};


static int
count_and_end(const crm_take_t *got, crm_queue_t queue)
{
    int     n;
    size_t  i;

    for (i = 0, n = 0; i < got->n_jobs; i++) {
        n += got->jobs[i].queue == queue;
        assert_int_equal(done(got->jobs[i].lease), CRM_SETTLE_OK);
    }

    return n;
}


/* `size` at a time, none of which is held for long: a relay has few. */
static void
turns_are_halved(crm_queue_t live, int size)
{
    int         i, n, rest;
    crm_take_t  got;

    redis("FLUSHALL");

    for (i = 0; i < 30; i++) {
        push(crm_key_queue(pool, ORG, CRM_QUEUE_SCORES).data,
             job(crm_pool_printf(pool, "s%d", i).data, "http://a/"));
    }

    for (i = 0; i < 8; i++) {
        push(crm_key_queue(pool, ORG, live).data,
             job(crm_pool_printf(pool, "j%d", i).data,
                 crm_pool_printf(pool, "http://e%d/", i).data));
    }

    for (rest = 16, n = 0; rest > 0; rest -= (int) got.n_jobs) {
        got = take_from(classes, 5, size < rest ? size : rest, LEASE_MS);
        assert_true(got.n_jobs > 0);
        n += count_and_end(&got, CRM_QUEUE_SCORES);
    }

    assert_int_equal(n, 8);

    /* alone it has all */

    assert_int_equal(take_from(classes, 5, 22, LEASE_MS).n_jobs, 22);
}


static void
it_has_every_other_turn_at_most_while_others_wait(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < 4; i++) {
        turns_are_halved(classes[i].queue, 1);
        turns_are_halved(classes[i].queue, 4);
        turns_are_halved(classes[i].queue, 7);
    }
}


static void
run_begins(crm_triggered_t want)
{
    long long        n;
    crm_error_t      err;
    crm_triggered_t  triggered;

    assert_int_equal(crm_take_trigger(&triggered, &n,
                         run(crm_cmd_score_run(pool, ORG, CRM_STR("Leads"),
                                               CRM_STR(PAGE),
                                               CRM_STR("{\"page\":1}"),
                                               CRM_STR("told"))), &err),
                     CRM_OK);
    assert_int_equal(triggered, want);
}


/* A page of n updates, from number `from` on. */
static crm_settle_t
page(crm_lease_t lease, int from, int n, const char *body)
{
    int                    i;
    crm_cmd_job_t         *jobs;
    crm_cmd_score_page_t   in;

    memset(&in, 0, sizeof(in));
    jobs = crm_pool_calloc(pool, (size_t) n + 1, sizeof(crm_cmd_job_t));

    for (i = 0; i < n; i++) {
        jobs[i].id = crm_pool_printf(pool, "u%d", from + i);
        jobs[i].json = crm_pool_printf(pool, "{\"update\":%d}", from + i);
    }

    in.org = ORG;
    in.lease = lease;
    in.module = CRM_STR("Leads");
    in.told = CRM_STR("running");
    in.body = crm_strz(body);
    in.jobs = jobs;
    in.n_jobs = (size_t) n;

    return settled(crm_cmd_score_page(pool, &in));
}


static crm_job_t
next_job(const char *id)
{
    crm_take_t  got;

    got = take_from(classes, 5, 1, LEASE_MS);
    assert_int_equal(got.n_jobs, 1);
    assert_int_equal(got.jobs[0].queue, CRM_QUEUE_SCORES);
    assert_true(crm_str_is(got.jobs[0].lease.id, id));

    return got.jobs[0];
}


static void
a_page_comes_behind_the_updates_of_the_one_before(void **state)
{
    crm_job_t  got;

    (void) state;

    run_begins(CRM_TRIGGER_OK);
    run_begins(CRM_TRIGGER_RUNNING);

    got = next_job(PAGE);
    assert_int_equal(page(got.lease, 1, 2, "{\"page\":2}"), CRM_SETTLE_OK);
    assert_string_equal(redis_text("HGET", SCORES, "Leads"), "running");

    got = next_job("u1");
    assert_true(crm_str_is(got.body, "{\"update\":1}"));
    assert_int_equal(got.foreign, 0);
    (void) next_job("u2");

    got = next_job(PAGE);
    assert_true(crm_str_is(got.body, "{\"page\":2}"));
    assert_int_equal(page(got.lease, 3, 0, ""), CRM_SETTLE_OK);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:job:" PAGE), 0);
    run_begins(CRM_TRIGGER_OK);
}


static void
a_page_that_was_counted_before_counts_no_more(void **state)
{
    crm_job_t  got;

    (void) state;

    run_begins(CRM_TRIGGER_OK);
    got = next_job(PAGE);
    assert_int_equal(page(got.lease, 1, 2, "{\"page\":2}"), CRM_SETTLE_OK);
    assert_int_equal(page(got.lease, 1, 2, "{\"page\":2}"), CRM_SETTLE_STALE);
    assert_int_equal(redis_int("LLEN", READY), 3);

    /* an update that has not ended is not made a second time */

    (void) next_job("u1");
    (void) next_job("u2");
    got = next_job(PAGE);
    assert_int_equal(page(got.lease, 1, 2, "{\"page\":3}"), CRM_SETTLE_OK);
    assert_int_equal(redis_int("LLEN", READY), 1);
}


static int
time_for_a_page(void)
{
    crm_error_t  err;
    crm_begin_t  begin;

    assert_int_equal(crm_state_begin(&begin,
                         run(crm_cmd_scored(pool, ORG, CRM_STR("Leads"), NULL,
                                            0)), 0, pool, &err), CRM_OK);
    return (int) begin.status;
}


static void
updates_that_do_not_end_hold_up_the_next_page(void **state)
{
    int         i;
    crm_job_t   got;
    crm_take_t  some;

    (void) state;

    assert_int_equal(time_for_a_page(), CRM_BEGIN_OK);
    run_begins(CRM_TRIGGER_OK);
    got = next_job(PAGE);
    assert_int_equal(page(got.lease, 0, CRM_SCORED_WAITING_MAX + 1, "{}"),
                     CRM_SETTLE_OK);
    assert_int_equal(time_for_a_page(), CRM_BEGIN_BUSY);

    /* one that fails has not ended; one that is done, or dead, has */

    some = take_from(classes, 5, 2, LEASE_MS);
    assert_int_equal(retry(some.jobs[0].lease, 60000, ""), CRM_SETTLE_OK);
    assert_int_equal(time_for_a_page(), CRM_BEGIN_BUSY);
    assert_int_equal(dead(some.jobs[1].lease, "x"), CRM_SETTLE_OK);
    assert_int_equal(time_for_a_page(), CRM_BEGIN_OK);

    for (i = 0; i < 10; i++) {
        assert_int_equal(done(take_from(classes, 5, 1, LEASE_MS)
                              .jobs[0].lease), CRM_SETTLE_OK);
    }

    assert_int_equal(time_for_a_page(), CRM_BEGIN_OK);
    assert_int_equal(redis_int("SCARD", "crm:{t1}:scoring:Leads"),
                     CRM_SCORED_WAITING_MAX - 10);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(it_has_every_other_turn_at_most_while_others_wait),
        TEST(a_page_comes_behind_the_updates_of_the_one_before),
        TEST(a_page_that_was_counted_before_counts_no_more),
        TEST(updates_that_do_not_end_hold_up_the_next_page),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
