/*
 * The scripts of recovery against a real Redis: recover, reclaim, postpone,
 * undetermined, and commit and abort under a claim.
 *
 * What would break without them: a write that is settled twice or never, one
 * that is settled while it still runs, a record that nobody can write any
 * more, a mark that a late settlement takes away.
 */

#include "crm_redis_own.h"

#include "state/crm_recover.h"
#include "state/crm_state.h"


#define LEASE_MS  60000
#define CLAIM_MS  30000

static const crm_record_name_t  leads_1 = {
    { "Leads", 5 }, { "1", 1 }
};


static crm_begin_status_t
begin(const char *event, size_t n_records, const char *doc)
{
    crm_begin_t      begin;
    crm_error_t      err;
    crm_cmd_begin_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.lease_ttl_ms = LEASE_MS;
    in.max_time_ms = LEASE_MS;
    in.records = &leads_1;
    in.n_records = n_records;
    in.doc = crm_strz(doc);
    assert_int_equal(crm_state_begin(&begin, run(crm_cmd_begin(pool, &in)),
                                     n_records, pool, &err), CRM_OK);
    return begin.status;
}


static crm_prepare_status_t
prepare(const char *event)
{
    crm_error_t           err;
    crm_cmd_prepare_t     in;
    crm_prepare_status_t  status;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.doc = CRM_STR("{}");
    in.lease_ttl_ms = LEASE_MS;
    in.max_time_ms = LEASE_MS;
    in.records = &leads_1;
    in.n_records = 1;
    assert_int_equal(crm_state_prepare(&status,
                                       run(crm_cmd_prepare(pool, &in)), &err),
                     CRM_OK);
    return status;
}


/* Of one that takes turns, and creates in a module with a process. */
static void
begin_creating(const char *event, const char *modules)
{
    crm_begin_t      begin;
    crm_error_t      err;
    crm_cmd_begin_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.lease_ttl_ms = LEASE_MS;
    in.max_time_ms = LEASE_MS;
    in.doc = CRM_STR("");
    in.created = crm_strz(modules);
    assert_int_equal(crm_state_begin(&begin, run(crm_cmd_begin(pool, &in)), 0,
                                     pool, &err), CRM_OK);
    assert_int_equal(begin.status, CRM_BEGIN_OK);
}


/* As if crm_backend_max_time had passed. */
static void
make_due(const char *event)
{
    redis("ZADD", "crm:{t1}:intents", "XX", "1000", event);
}


/* An update of Leads/1 whose outcome nobody saw. */
static void
begin_in_doubt(const char *event)
{
    assert_int_equal(begin(event, 1, "{\"d\":1}"), CRM_BEGIN_OK);
    make_due(event);
}


static crm_recover_t
recover(void)
{
    crm_error_t    err;
    crm_recover_t  recover;

    assert_int_equal(crm_recover_parse(&recover, run(crm_cmd_recover(pool, ORG,
                                       CRM_RECOVER_CLAIMS_MAX, CLAIM_MS)),
                                       pool, &err), CRM_OK);
    return recover;
}


static crm_claim_t
claim(const char *event)
{
    crm_recover_t  r;

    r = recover();
    assert_int_equal(r.n_claims, 1);
    assert_true(crm_str_is(r.claims[0].event, event));
    return r.claims[0];
}


static crm_commit_status_t
commit(const char *event, long long fence, crm_change_op_t op,
    const char *value)
{
    crm_error_t        err;
    crm_commit_t       commit;
    crm_cmd_job_t      job;
    crm_cmd_commit_t   in;
    crm_cmd_change_t   change;
    crm_cmd_outcome_t  record;

    memset(&in, 0, sizeof(in));
    memset(&record, 0, sizeof(record));
    memset(&job, 0, sizeof(job));
    job.queue = CRM_QUEUE_WEBHOOKS;
    job.id = CRM_STR("j1");
    job.json = CRM_STR("{\"id\":\"j1\"}");
    change.op = op;
    change.field = CRM_STR("lock");
    change.value = crm_strz(value);
    record.name = leads_1;
    record.changes = &change;
    record.n_changes = 1;
    in.org = ORG;
    in.event = crm_strz(event);
    in.jobs = &job;
    in.n_jobs = 1;
    in.records = &record;
    in.n_records = 1;
    in.fence = fence;
    assert_int_equal(crm_state_commit(&commit, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);
    return commit.status;
}

#define commit_one(event, fence)  commit(event, fence, CRM_CHANGE_SET, "[1]")


static crm_abort_status_t
abort_one(const char *event, long long fence)
{
    crm_error_t         err;
    crm_cmd_abort_t     in;
    crm_abort_status_t  status;

    in.org = ORG;
    in.event = crm_strz(event);
    in.records = &leads_1;
    in.n_records = 1;
    in.fence = fence;
    assert_int_equal(crm_state_abort(&status, run(crm_cmd_abort(pool, &in)),
                                     &err), CRM_OK);
    return status;
}


static crm_recover_status_t
put(const char *event, long long fence, long long delay_ms)
{
    crm_cmd_t             *cmd;
    crm_error_t            err;
    crm_cmd_claimed_t      in;
    crm_recover_status_t   status;

    in.org = ORG;
    in.event = crm_strz(event);
    in.fence = fence;
    in.records = &leads_1;
    in.n_records = 1;
    in.reason = CRM_STR("nobody knows");
    cmd = delay_ms ? crm_cmd_postpone(pool, &in, delay_ms)
                   : crm_cmd_undetermined(pool, &in);
    assert_int_equal(crm_recover_status(&status, run(cmd), &err), CRM_OK);
    return status;
}

#define postpone(event, fence, ms)  put(event, fence, ms)
#define undetermined(event, fence)  put(event, fence, 0)


static void
a_write_is_left_alone_while_it_may_still_run(void **state)
{
    crm_recover_t  r;

    (void) state;

    r = recover();
    assert_int_equal(r.next_ms, -1);

    begin("E1", 1, "{}");
    begin("E2", 0, "");
    r = recover();

    assert_int_equal(r.n_claims, 0);
    assert_int_equal(r.dropped, 0);
    assert_in_range(r.next_ms, LEASE_MS / 2, LEASE_MS);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:intents"), 2);
}


static void
a_claim_brings_what_settling_needs_and_keeps_the_lease(void **state)
{
    crm_claim_t  c;

    (void) state;

    begin_in_doubt("E1");
    redis("PEXPIRE", "crm:{t1}:busy:Leads/1", "10000");
    c = claim("E1");

    assert_int_equal(c.fence, 1);
    assert_false(c.lapsed);
    assert_true(crm_str_is(c.doc, "{\"d\":1}"));
    assert_int_equal(c.max_time_ms, LEASE_MS);
    assert_true(c.begun_ms > 1600000000000LL);
    assert_int_equal(c.n_records, 1);
    assert_true(crm_str_is(c.records[0].module, "Leads"));
    assert_true(crm_str_is(c.records[0].id, "1"));
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E1");
    assert_true(redis_int("PTTL", "crm:{t1}:busy:Leads/1") > CLAIM_MS);

    /* one worker's at a time */

    assert_int_equal(recover().n_claims, 0);
}


static void
a_claim_that_dies_comes_due_again_and_its_fence_is_void(void **state)
{
    crm_claim_t  first, second;

    (void) state;

    begin_in_doubt("E1");
    first = claim("E1");
    make_due("E1");
    second = claim("E1");

    assert_int_equal(second.fence, first.fence + 1);
    assert_int_equal(postpone("E1", first.fence, 1000), CRM_RECOVER_STALE);
    assert_int_equal(undetermined("E1", first.fence), CRM_RECOVER_STALE);
    assert_int_equal(abort_one("E1", first.fence), CRM_ABORT_STALE);
    assert_int_equal(commit_one("E1", first.fence), CRM_COMMIT_STALE);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:queue:webhooks",
                               "crm:{t1}:settled:E1"), 0);
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E1");

    assert_int_equal(commit_one("E1", second.fence), CRM_COMMIT_OK);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:webhooks"), 1);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intents",
                     "crm:{t1}:intent:E1", "crm:{t1}:busy:Leads/1"), 0);

    /* what the first still does about it changes nothing */

    assert_int_equal(commit_one("E1", first.fence), CRM_COMMIT_DONE);
    assert_int_equal(abort_one("E1", first.fence), CRM_ABORT_COMMITTED);
    assert_int_equal(undetermined("E1", first.fence), CRM_RECOVER_STALE);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:undetermined"), 0);
}


static void
a_lease_that_ran_out_is_taken_anew_and_told(void **state)
{
    crm_claim_t  c;

    (void) state;

    begin_in_doubt("E1");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    c = claim("E1");

    assert_true(c.lapsed);
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E1");
    assert_int_equal(begin("E2", 1, ""), CRM_BEGIN_BUSY);
}


static void
another_write_of_the_record_goes_first(void **state)
{
    crm_recover_t  r;

    (void) state;

    begin_in_doubt("E1");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    assert_int_equal(begin("E2", 1, ""), CRM_BEGIN_OK);
    r = recover();

    assert_int_equal(r.n_claims, 0);
    assert_int_equal(r.blocked, 1);
    assert_in_range(r.next_ms, 1, 2000);
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E2");
    assert_int_equal(redis_int("HEXISTS", "crm:{t1}:intent:E1", "fence"), 0);

    abort_one("E2", 0);
    make_due("E1");
    assert_true(claim("E1").lapsed);
}


static void
what_was_never_prepared_is_dropped(void **state)
{
    (void) state;

    assert_int_equal(begin("E1", 1, ""), CRM_BEGIN_OK);
    make_due("E1");

    assert_int_equal(recover().dropped, 1);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intents",
                     "crm:{t1}:intent:E1", "crm:{t1}:busy:Leads/1"), 0);

    /* and must not be forwarded by whoever was that slow */

    assert_int_equal(prepare("E1"), CRM_PREPARE_LOST);
    assert_int_equal(begin("E1", 1, "{}"), CRM_BEGIN_SETTLED);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1"), 0);
}


static void
what_is_dropped_creates_nothing_any_more(void **state)
{
    (void) state;

    begin_creating("E1", "Leads/Deals");
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:creates:Leads"), 1);
    make_due("E1");

    assert_int_equal(recover().dropped, 1);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:creates:Leads",
                               "crm:{t1}:creates:Deals"), 0);
}


static void
what_recovery_has_claimed_is_not_forwarded_any_more(void **state)
{
    (void) state;

    begin_in_doubt("E1");
    claim("E1");
    assert_int_equal(prepare("E1"), CRM_PREPARE_LOST);
    assert_int_equal(begin("E1", 1, "{}"), CRM_BEGIN_SETTLED);

    begin("E2", 0, "{}");
    make_due("E2");
    claim("E2");
    assert_int_equal(begin("E2", 0, "{}"), CRM_BEGIN_SETTLED);
}


static crm_recover_status_t
reclaim(const char *event, long long fence)
{
    crm_error_t            err;
    crm_cmd_claimed_t      in;
    crm_recover_status_t   status;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.fence = fence;
    in.records = &leads_1;
    in.n_records = 1;
    assert_int_equal(crm_recover_status(&status,
                                        run(crm_cmd_reclaim(pool, &in,
                                                            CLAIM_MS)), &err),
                     CRM_OK);
    return status;
}


static void
a_claim_is_renewed_by_who_has_it(void **state)
{
    crm_claim_t  first, second;

    (void) state;

    begin_in_doubt("E1");
    first = claim("E1");
    make_due("E1");
    redis("PEXPIRE", "crm:{t1}:busy:Leads/1", "10000");

    assert_int_equal(reclaim("E1", first.fence), CRM_RECOVER_OK);
    assert_int_equal(recover().n_claims, 0);
    assert_true(redis_int("PTTL", "crm:{t1}:busy:Leads/1") > CLAIM_MS);

    /* not what another has claimed, nor a record that another write holds,
       nor what is settled */

    make_due("E1");
    second = claim("E1");
    make_due("E1");
    assert_int_equal(reclaim("E1", first.fence), CRM_RECOVER_STALE);

    redis("SET", "crm:{t1}:busy:Leads/1", "E2", "PX", "5000");
    assert_int_equal(reclaim("E1", second.fence), CRM_RECOVER_OK);
    assert_in_range(redis_int("PTTL", "crm:{t1}:busy:Leads/1"), 1, 5000);

    assert_int_equal(commit_one("E1", second.fence), CRM_COMMIT_LATE);
    assert_int_equal(reclaim("E1", second.fence), CRM_RECOVER_STALE);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:intents"), 0);
}


static void
postponed_it_holds_its_record_for_a_while_and_comes_again(void **state)
{
    crm_claim_t    c;
    crm_recover_t  r;

    (void) state;

    begin_in_doubt("E1");
    c = claim("E1");
    assert_int_equal(postpone("E1", c.fence, 5000), CRM_RECOVER_OK);

    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E1");
    assert_in_range(redis_int("PTTL", "crm:{t1}:busy:Leads/1"), 5001, 15000);
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "reason"),
                        "nobody knows");
    r = recover();
    assert_int_equal(r.n_claims, 0);
    assert_in_range(r.next_ms, 1, 5000);

    make_due("E1");
    c = claim("E1");
    assert_int_equal(c.fence, 2);
    assert_false(c.lapsed);

    /* a backend that answers nobody holds nobody up */

    assert_int_equal(postpone("E1", c.fence, 60000), CRM_RECOVER_OK);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1"), 0);

    make_due("E1");
    c = claim("E1");
    assert_true(c.lapsed);

    /* nor does it take a record that another holds */

    redis("SET", "crm:{t1}:busy:Leads/1", "E2", "PX", "60000");
    assert_int_equal(postpone("E1", c.fence, 1000), CRM_RECOVER_OK);
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E2");
}


static void
undetermined_it_is_listed_for_good_and_holds_nothing_up(void **state)
{
    crm_claim_t  c;

    (void) state;

    begin_in_doubt("E1");
    c = claim("E1");
    assert_int_equal(undetermined("E1", c.fence), CRM_RECOVER_OK);

    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intents",
                               "crm:{t1}:busy:Leads/1"), 0);
    assert_string_equal(redis_list("ZRANGE", "crm:{t1}:undetermined", "0",
                                   "-1"), "E1");
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "state"),
                        "undetermined");
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "reason"),
                        "nobody knows");
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "doc"),
                        "{\"d\":1}");
    assert_int_equal(recover().next_ms, -1);
    assert_int_equal(undetermined("E1", c.fence), CRM_RECOVER_STALE);
    assert_int_equal(commit_one("E1", c.fence), CRM_COMMIT_STALE);
}


/* nginx knew the outcome all along and reached Redis only now. */
static void
an_outcome_that_comes_late_ends_what_was_undetermined(void **state)
{
    (void) state;

    begin_in_doubt("E1");
    undetermined("E1", claim("E1").fence);
    assert_int_equal(commit_one("E1", 0), CRM_COMMIT_LATE);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:webhooks"), 1);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:undetermined",
                               "crm:{t1}:intent:E1"), 0);

    begin_in_doubt("E2");
    undetermined("E2", claim("E2").fence);
    assert_int_equal(abort_one("E2", 0), CRM_ABORT_OK);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:undetermined",
                               "crm:{t1}:intent:E2"), 0);
}


static void
an_outcome_that_comes_during_a_claim_wins(void **state)
{
    crm_claim_t  c;

    (void) state;

    begin_in_doubt("E1");
    c = claim("E1");
    assert_int_equal(commit_one("E1", 0), CRM_COMMIT_OK);
    assert_int_equal(abort_one("E1", c.fence), CRM_ABORT_COMMITTED);
    assert_int_equal(postpone("E1", c.fence, 1000), CRM_RECOVER_STALE);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intents"), 0);
}


static void
what_was_not_committed_ends_and_a_late_outcome_is_late(void **state)
{
    crm_claim_t  c;

    (void) state;

    begin_in_doubt("E1");
    c = claim("E1");
    assert_int_equal(abort_one("E1", c.fence), CRM_ABORT_OK);

    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intents",
                     "crm:{t1}:intent:E1", "crm:{t1}:busy:Leads/1"), 0);
    assert_string_equal(redis_text("GET", "crm:{t1}:settled:E1"), "aborted");
    assert_int_equal(abort_one("E1", c.fence), CRM_ABORT_STALE);
    assert_int_equal(begin("E1", 1, "{}"), CRM_BEGIN_SETTLED);
    assert_int_equal(commit_one("E1", 0), CRM_COMMIT_LATE);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:record:Leads/1"), 0);
}


static void
marks_can_be_added_to_those_that_others_left(void **state)
{
    (void) state;

    redis("HSET", "crm:{t1}:record:Leads/1", "lock", "[\"a/b\",\"c\"]");
    begin_in_doubt("E1");
    assert_int_equal(commit("E1", claim("E1").fence, CRM_CHANGE_ADD,
                            "[\"c\",\"d\"]"), CRM_COMMIT_OK);
    assert_int_equal(begin("E2", 1, ""), CRM_BEGIN_OK);
    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1", "lock"),
                        "[\"a\\/b\",\"c\",\"d\"]");
    abort_one("E2", 0);

    /* to none, and to something that is no list */

    redis("DEL", "crm:{t1}:record:Leads/1");
    begin_in_doubt("E3");
    commit("E3", claim("E3").fence, CRM_CHANGE_ADD, "[\"d\"]");
    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1", "lock"),
                        "[\"d\"]");

    begin_in_doubt("E4");
    redis("HSET", "crm:{t1}:record:Leads/1", "lock", "{broken");
    commit("E4", claim("E4").fence, CRM_CHANGE_ADD, "[\"e\"]");
    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1", "lock"),
                        "[\"e\"]");
}


/* Hands and half restored backups: nothing of it may stop the rest. */
static void
what_hands_have_left_behind_stops_nothing(void **state)
{
    crm_recover_t  r;

    (void) state;

    redis("ZADD", "crm:{t1}:intents", "1", "GONE", "2", "ODD", "3", "SAID",
          "4", "DONE");
    redis("HSET", "crm:{t1}:intent:ODD", "doc", "x", "records", "{\"a\":[1");
    redis("HSET", "crm:{t1}:intent:SAID", "state", "undetermined", "doc", "y",
          "records", "[1,\"Leads/9\"]");
    redis("HSET", "crm:{t1}:intent:DONE", "state", "prepared", "doc", "z",
          "records", "[\"Leads/8\"]");
    redis("SET", "crm:{t1}:settled:DONE", "committed");
    redis("SET", "crm:{t1}:busy:Leads/8", "DONE");
    begin_in_doubt("E1");

    r = recover();
    assert_int_equal(r.dropped, 0);
    assert_int_equal(r.n_claims, 2);
    assert_true(crm_str_is(r.claims[0].event, "ODD"));
    assert_true(crm_str_is(r.claims[0].doc, "x"));
    assert_int_equal(r.claims[0].n_records, 0);
    assert_int_equal(r.claims[0].begun_ms, 0);
    assert_true(crm_str_is(r.claims[1].event, "E1"));

    assert_string_equal(redis_list("ZRANGE", "crm:{t1}:undetermined", "0",
                                   "-1"), "SAID");
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:intents"), 2);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intent:DONE",
                               "crm:{t1}:busy:Leads/8"), 0);
    assert_int_equal(undetermined("ODD", r.claims[0].fence), CRM_RECOVER_OK);
}


static void
many_are_claimed_a_few_at_a_time_the_oldest_first(void **state)
{
    int            i;
    char           event[16], doc[1024];
    crm_recover_t  r;

    (void) state;

    memset(doc, 'x', sizeof(doc) - 1);
    doc[sizeof(doc) - 1] = '\0';

    for (i = 0; i < CRM_RECOVER_CLAIMS_MAX + 5; i++) {
        (void) snprintf(event, sizeof(event), "E%d", i);
        begin(event, 0, doc);
        redis("ZADD", "crm:{t1}:intents",
              crm_pool_printf(pool, "%d", 100 - i).data, event);
    }

    r = recover();
    assert_int_equal(r.n_claims, CRM_RECOVER_CLAIMS_MAX);
    assert_true(crm_str_is(r.claims[0].event, "E24"));
    assert_int_equal(r.next_ms, 0);

    r = recover();
    assert_int_equal(r.n_claims, 5);
    assert_in_range(r.next_ms, 1, CLAIM_MS);
}


static void
a_full_redis_lets_recovery_settle(void **state)
{
    (void) state;

    begin_in_doubt("E1");
    begin("E2", 0, "{}");
    begin("E3", 0, "{}");
    begin("E4", 0, "{}");
    make_due("E2");
    make_due("E3");
    make_due("E4");
    redis_fill();

    assert_int_equal(recover().n_claims, 4);
    assert_int_equal(commit_one("E1", 1), CRM_COMMIT_OK);
    assert_int_equal(undetermined("E2", 1), CRM_RECOVER_OK);
    assert_int_equal(postpone("E3", 1, 1000), CRM_RECOVER_OK);
    assert_int_equal(abort_one("E4", 1), CRM_ABORT_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(a_write_is_left_alone_while_it_may_still_run),
        TEST(a_claim_brings_what_settling_needs_and_keeps_the_lease),
        TEST(a_claim_that_dies_comes_due_again_and_its_fence_is_void),
        TEST(a_lease_that_ran_out_is_taken_anew_and_told),
        TEST(another_write_of_the_record_goes_first),
        TEST(what_was_never_prepared_is_dropped),
        TEST(what_is_dropped_creates_nothing_any_more),
        TEST(what_recovery_has_claimed_is_not_forwarded_any_more),
        TEST(a_claim_is_renewed_by_who_has_it),
        TEST(postponed_it_holds_its_record_for_a_while_and_comes_again),
        TEST(undetermined_it_is_listed_for_good_and_holds_nothing_up),
        TEST(an_outcome_that_comes_late_ends_what_was_undetermined),
        TEST(an_outcome_that_comes_during_a_claim_wins),
        TEST(what_was_not_committed_ends_and_a_late_outcome_is_late),
        TEST(marks_can_be_added_to_those_that_others_left),
        TEST(what_hands_have_left_behind_stops_nothing),
        TEST(many_are_claimed_a_few_at_a_time_the_oldest_first),
        TEST(a_full_redis_lets_recovery_settle),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
