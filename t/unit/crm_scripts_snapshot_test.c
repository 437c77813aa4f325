/*
 * The scripts of a write and the snapshots of its records, against a real
 * Redis. What would break without them: a record judged by what it was before
 * a write whose outcome nobody knows, or by what another Redis held.
 */

#include "crm_redis_own.h"

#include "state/crm_state.h"


#define KEY  "crm:{t1}:snapshot:Leads/1"

static const crm_record_name_t  names[] = {
    { { "Leads", 5 }, { "1", 1 } },
    { { "Leads", 5 }, { "2", 1 } }
};


static crm_begin_t
begin(const char *event, size_t n, crm_str_t head)
{
    crm_begin_t      begin;
    crm_error_t      err;
    crm_cmd_begin_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.lease_ttl_ms = 60000;
    in.max_time_ms = 50000;
    in.records = names;
    in.n_records = n;
    in.doc = CRM_STR("");
    in.snapshot = head;
    assert_int_equal(crm_state_begin(&begin, run(crm_cmd_begin(pool, &in)), n,
                                     pool, &err), CRM_OK);
    assert_int_equal(begin.status, CRM_BEGIN_OK);

    return begin;
}


static void
prepare(const char *event)
{
    crm_error_t           err;
    crm_cmd_prepare_t     in;
    crm_prepare_status_t  status;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.doc = CRM_STR("{}");
    in.lease_ttl_ms = 60000;
    in.max_time_ms = 50000;
    in.records = names;
    in.n_records = 1;
    assert_int_equal(crm_state_prepare(&status,
                                       run(crm_cmd_prepare(pool, &in)), &err),
                     CRM_OK);
    assert_int_equal(status, CRM_PREPARE_OK);
}


static crm_commit_status_t
commit(const char *event, const char *snapshot)
{
    crm_error_t        err;
    crm_commit_t       commit;
    crm_cmd_commit_t   in;
    crm_cmd_change_t   change;
    crm_cmd_outcome_t  record;

    memset(&in, 0, sizeof(in));
    memset(&record, 0, sizeof(record));
    change.op = CRM_CHANGE_KEEP;
    change.field = CRM_STR("60");
    change.value = crm_strz(snapshot);
    record.name = names[0];
    record.changes = &change;
    record.n_changes = 1;
    in.org = ORG;
    in.event = crm_strz(event);
    in.records = &record;
    in.n_records = 1;
    assert_int_equal(crm_state_commit(&commit, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);
    return commit.status;
}


static void
a_commit_keeps_what_the_next_begin_brings(void **state)
{
    crm_begin_t  known;

    (void) state;

    begin("E1", 1, CRM_STR("h\n"));
    prepare("E1");
    assert_int_equal(commit("E1", "h\n{\"a\":1}"), CRM_COMMIT_OK);
    assert_in_range(redis_int("TTL", KEY), 1, 60);

    known = begin("E2", 2, CRM_STR("h\n"));
    assert_string_equal(known.states[0].snapshot.data, "{\"a\":1}");
    assert_int_equal(known.states[1].snapshot.len, 0);
}


static void
one_of_another_head_is_none(void **state)
{
    (void) state;

    redis("SET", KEY, "h\n{}");
    assert_int_equal(begin("E1", 1, CRM_STR("g\n")).states[0].snapshot.len,
                     0);
    redis("SET", KEY, "h");
    assert_int_equal(begin("E1", 1, CRM_STR("h\n")).states[0].snapshot.len,
                     0);
}


static void
begin_leaves_alone_what_it_is_not_asked_for(void **state)
{
    crm_begin_t  known;

    (void) state;

    redis("SET", KEY, "h\n{}");
    known = begin("E1", 1, CRM_STR_NULL);

    assert_int_equal(known.states[0].snapshot.len, 0);
    assert_int_equal(redis_int("EXISTS", KEY), 1);
}


static void
begin_drops_them_for_what_only_the_backend_knows(void **state)
{
    (void) state;

    redis("SET", KEY, "h\n{}");
    begin("E1", 2, CRM_STR(""));

    assert_int_equal(redis_int("EXISTS", KEY), 0);
}


static void
the_backend_sees_no_write_of_a_record_that_is_still_kept(void **state)
{
    (void) state;

    redis("SET", KEY, "h\n{}");
    begin("E1", 1, CRM_STR_NULL);
    prepare("E1");

    assert_int_equal(redis_int("EXISTS", KEY), 0);
}


static void
a_late_commit_keeps_none_and_drops_what_there_is(void **state)
{
    (void) state;

    begin("E1", 1, CRM_STR("h\n"));
    prepare("E1");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    redis("SET", KEY, "h\nof another");

    assert_int_equal(commit("E1", "h\n{}"), CRM_COMMIT_LATE);
    assert_int_equal(redis_int("EXISTS", KEY), 0);
}


/* A reply has its bounds: what is above them is read from the backend. */
static void
a_reply_brings_no_more_than_a_megabyte(void **state)
{
    char         *text;
    crm_begin_t   known;

    (void) state;

    text = crm_pool_alloc(pool, 600 * 1024 + 1);
    assert_non_null(text);
    memset(text, 'x', 600 * 1024);
    memcpy(text, "h\n", 2);
    text[600 * 1024] = '\0';

    redis("SET", KEY, text);
    redis("SET", "crm:{t1}:snapshot:Leads/2", text);
    known = begin("E1", 2, CRM_STR("h\n"));

    assert_int_equal(known.states[0].snapshot.len, 600 * 1024 - 2);
    assert_int_equal(known.states[1].snapshot.len, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(a_commit_keeps_what_the_next_begin_brings),
        TEST(one_of_another_head_is_none),
        TEST(begin_leaves_alone_what_it_is_not_asked_for),
        TEST(begin_drops_them_for_what_only_the_backend_knows),
        TEST(the_backend_sees_no_write_of_a_record_that_is_still_kept),
        TEST(a_late_commit_keeps_none_and_drops_what_there_is),
        TEST(a_reply_brings_no_more_than_a_megabyte),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
