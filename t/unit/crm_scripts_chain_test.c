/*
 * Scripts chain and turn, in a Redis: an attempt counts once, a job is written
 * once, a turn is taken once.
 */

#include "crm_test.h"

#include "crm_jobs_own.h"
#include "state/crm_state.h"


static crm_chain_status_t
attempt(const char *event, long long expires_ms)
{
    crm_error_t         err;
    crm_chain_status_t  status;

    assert_int_equal(crm_state_chain(&status,
                         run(crm_cmd_chain(pool, ORG, CRM_STR("j"),
                                           crm_strz(event), expires_ms)),
                         &err), CRM_OK);
    return status;
}


static void
redis_set(const char *key, const char *value)
{
    const char  *words[3];

    words[0] = "SET";
    words[1] = key;
    words[2] = value;
    (void) run_args(words, 3);
}


static const char *
redis_get(const char *key)
{
    const char   *words[2];
    crm_reply_t  *reply;

    words[0] = "GET";
    words[1] = key;
    reply = run_args(words, 2);

    return reply->type == CRM_REPLY_STRING ? crm_pool_dup(pool,
                                                 reply->str).data : "";
}


static void
an_attempt_counts_once(void **state)
{
    (void) state;

    assert_int_equal(attempt("e1", 1000), CRM_CHAIN_ACCEPTED);
    assert_int_equal(attempt("e1", 1000), CRM_CHAIN_ACCEPTED);
    assert_int_equal(attempt("e2", 1000), CRM_CHAIN_USED);
    assert_int_equal(attempt("e2", 999), CRM_CHAIN_USED);
    assert_int_equal(attempt("e2", 1001), CRM_CHAIN_ACCEPTED);
    assert_int_equal(attempt("e1", 1000), CRM_CHAIN_USED);
}


static void
what_was_committed_is_done(void **state)
{
    (void) state;

    assert_int_equal(attempt("e1", 1000), CRM_CHAIN_ACCEPTED);
    redis_set("crm:{t1}:settled:e1", "committed");
    assert_int_equal(attempt("e2", 2000), CRM_CHAIN_DONE);
    assert_int_equal(attempt("e3", 3000), CRM_CHAIN_DONE);
}


static void
what_is_in_doubt_is_waited_for(void **state)
{
    (void) state;

    assert_int_equal(attempt("e1", 1000), CRM_CHAIN_ACCEPTED);
    redis_set("crm:{t1}:intent:e1", "x");
    assert_int_equal(attempt("e2", 2000), CRM_CHAIN_PENDING);

    redis_set("crm:{t1}:settled:e1", "aborted");
    assert_int_equal(attempt("e2", 2000), CRM_CHAIN_ACCEPTED);
}


/* nginx was killed between chain and begin, or hangs there. */
static void
what_has_not_begun_cannot_begin_any_more(void **state)
{
    (void) state;

    assert_int_equal(attempt("e1", 1000), CRM_CHAIN_ACCEPTED);
    assert_string_equal(redis_get("crm:{t1}:settled:e1"), "");
    assert_int_equal(attempt("e2", 2000), CRM_CHAIN_ACCEPTED);
    assert_string_equal(redis_get("crm:{t1}:settled:e1"), "aborted");
}


static crm_settle_t
turn(crm_lease_t lease, long long count, long long *n)
{
    crm_error_t   err;
    crm_settle_t  settle;

    *n = -1;
    assert_int_equal(crm_take_turn(&settle, n, count,
                         run(crm_cmd_turn(pool, ORG, lease, CRM_STR("r"),
                                          count)), &err), CRM_OK);
    return settle;
}


static void
a_job_takes_one_turn_however_often_it_asks(void **state)
{
    long long  n;
    crm_job_t  a, b, c;

    (void) state;

    a = taken("a");
    b = taken("b");
    c = taken("c");

    assert_int_equal(turn(a.lease, 2, &n), CRM_SETTLE_OK);
    assert_int_equal(n, 0);
    assert_int_equal(turn(a.lease, 2, &n), CRM_SETTLE_OK);
    assert_int_equal(n, 0);
    assert_int_equal(turn(b.lease, 2, &n), CRM_SETTLE_OK);
    assert_int_equal(n, 1);
    assert_int_equal(turn(c.lease, 2, &n), CRM_SETTLE_OK);
    assert_int_equal(n, 0);

    c.lease.fence++;
    assert_int_equal(turn(c.lease, 2, &n), CRM_SETTLE_STALE);
    assert_int_equal(n, -1);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        TEST(an_attempt_counts_once),
        TEST(what_was_committed_is_done),
        TEST(what_is_in_doubt_is_waited_for),
        TEST(what_has_not_begun_cannot_begin_any_more),
        TEST(a_job_takes_one_turn_however_often_it_asks),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
