/*
 * The scripts of a write against a real Redis: begin, prepare, commit, abort,
 * and rules and publish, which every process and crmctl run.
 *
 * What would break without them: two writes on one record at once, a job
 * pushed twice or not at all, a mark written by a write that lost its lease,
 * a lease nobody gives back.
 */

#include "crm_redis_own.h"

#include "state/crm_state.h"


#define LEASE_MS     60000
#define MAX_TIME_MS  50000

static const crm_record_name_t  leads_1 = {
    { "Leads", 5 }, { "1", 1 }
};

static const crm_record_name_t  two[] = {
    { { "Leads", 5 }, { "1", 1 } },
    { { "Deals", 5 }, { "7", 1 } }
};


static crm_begin_t
begin_records(const char *event, const crm_record_name_t *records, size_t n,
    const char *doc)
{
    crm_begin_t      begin;
    crm_error_t      err;
    crm_cmd_begin_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.lease_ttl_ms = LEASE_MS;
    in.max_time_ms = MAX_TIME_MS;
    in.records = records;
    in.n_records = n;
    in.doc = crm_strz(doc);
    assert_int_equal(crm_state_begin(&begin, run(crm_cmd_begin(pool, &in)), n,
                                     pool, &err), CRM_OK);
    return begin;
}

#define begin_one(event)  begin_records(event, &leads_1, 1, "")


/* How long after its begin an intent is recovery's. */
static long long
due_after(const char *event)
{
    const char  *key;

    key = crm_pool_printf(pool, "crm:{t1}:intent:%s", event).data;

    return atoll(redis_text("ZSCORE", "crm:{t1}:intents", event))
           - atoll(redis_text("HGET", key, "begun"));
}


/* What Leads/1 is known by, besides what made it so. */
static const char *
record_kept(void)
{
    redis("HDEL", "crm:{t1}:record:Leads/1", "lock_by");

    return redis_list("HGETALL", "crm:{t1}:record:Leads/1");
}


static crm_prepare_status_t
prepare_marked(const char *event, const char *doc, const char *marks)
{
    crm_str_t             list;
    crm_error_t           err;
    crm_cmd_prepare_t     in;
    crm_prepare_status_t  status;

    list = crm_strz(marks);
    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = crm_strz(event);
    in.doc = crm_strz(doc);
    in.lease_ttl_ms = LEASE_MS;
    in.max_time_ms = MAX_TIME_MS;
    in.records = &leads_1;
    in.n_records = 1;
    in.marks = &list;
    assert_int_equal(crm_state_prepare(&status,
                                       run(crm_cmd_prepare(pool, &in)), &err),
                     CRM_OK);
    return status;
}

#define prepare(event, doc)  prepare_marked(event, doc, "")


/* One webhook job j1 and one mail j2, and the lock mark of Leads/1. */
static crm_commit_t
commit_how(const char *event, int alone)
{
    crm_str_t          trace;
    crm_error_t        err;
    crm_commit_t       commit;
    crm_cmd_job_t      jobs[2];
    crm_cmd_commit_t   in;
    crm_cmd_change_t   changes[2];
    crm_cmd_outcome_t  record;

    memset(&in, 0, sizeof(in));
    memset(&record, 0, sizeof(record));
    memset(jobs, 0, sizeof(jobs));
    jobs[0].queue = CRM_QUEUE_WEBHOOKS;
    jobs[0].id = CRM_STR("j1");
    jobs[0].json = CRM_STR("{\"id\":\"j1\"}");
    jobs[1].queue = CRM_QUEUE_EMAILS;
    jobs[1].id = CRM_STR("j2");
    jobs[1].json = CRM_STR("{\"id\":\"j2\"}");
    changes[0].op = CRM_CHANGE_SET;
    changes[0].field = CRM_STR("lock");
    changes[0].value = CRM_STR("[\"closed\"]");
    changes[1].op = CRM_CHANGE_DEL;
    changes[1].field = CRM_STR("once:old");
    changes[1].value = CRM_STR_NULL;
    record.name = leads_1;
    record.changes = changes;
    record.n_changes = 2;
    in.org = ORG;
    in.event = crm_strz(event);
    trace = CRM_STR("{\"t\":1}");
    in.traces = &trace;
    in.n_traces = 1;
    in.jobs = jobs;
    in.n_jobs = 2;
    in.records = &record;
    in.n_records = 1;
    in.alone = alone;
    assert_int_equal(crm_state_commit(&commit, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);
    return commit;
}

#define commit(event)        commit_how(event, 0)
#define commit_alone(event)  commit_how(event, 1)


static crm_abort_status_t
abort_records(const char *event, const crm_record_name_t *records, size_t n)
{
    crm_error_t         err;
    crm_cmd_abort_t     in;
    crm_abort_status_t  status;

    in.org = ORG;
    in.event = crm_strz(event);
    in.records = records;
    in.n_records = n;
    in.fence = 0;
    assert_int_equal(crm_state_abort(&status, run(crm_cmd_abort(pool, &in)),
                                     &err), CRM_OK);
    return status;
}

#define abort_one(event)  abort_records(event, &leads_1, 1)


static void
begin_leases_every_record_and_writes_the_intent(void **state)
{
    crm_begin_t  begin;

    (void) state;

    begin = begin_records("E1", two, 2, "");

    assert_int_equal(begin.status, CRM_BEGIN_OK);
    assert_int_equal(begin.n_states, 2);
    assert_int_equal(begin.states[1].n_locks, 0);
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E1");
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Deals/7"), "E1");
    assert_true(redis_int("PTTL", "crm:{t1}:busy:Deals/7") > LEASE_MS / 2);
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "records"),
                        "[\"Leads/1\",\"Deals/7\"]");
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "state"),
                        "begun");
    assert_string_equal(redis_list("ZRANGE", "crm:{t1}:intents", "0", "-1"),
                        "E1");
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "max_time"),
                        "50000");
    assert_int_equal(due_after("E1"), MAX_TIME_MS);
}


static void
begin_with_a_doc_needs_no_prepare(void **state)
{
    (void) state;

    begin_records("E1", &leads_1, 1, "{\"d\":1}");

    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "state"),
                        "prepared");
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "doc"),
                        "{\"d\":1}");
}


static void
begin_of_a_create_has_no_record(void **state)
{
    (void) state;

    assert_int_equal(begin_records("E1", NULL, 0, "").status, CRM_BEGIN_OK);
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "records"),
                        "[]");
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1"), 0);
}


static void
begin_tells_marks_and_once_names(void **state)
{
    crm_begin_t  begin;

    (void) state;

    redis("HSET", "crm:{t1}:record:Deals/7", "lock", "[\"a\",\"b \\\"c\\\"\"]",
          "once:greet", "1", "approval", "later");
    begin = begin_records("E1", two, 2, "");

    assert_int_equal(begin.states[0].n_locks, 0);
    assert_int_equal(begin.states[1].n_locks, 2);
    assert_true(crm_state_has_lock(&begin.states[1], CRM_STR("b \"c\"")));
    assert_false(crm_state_has_lock(&begin.states[1], CRM_STR("c")));
    assert_true(crm_state_has_once(&begin.states[1], CRM_STR("greet")));
    assert_false(crm_state_has_once(&begin.states[1], CRM_STR("gree")));
}


static void
begin_twice_by_one_event_is_one_begin(void **state)
{
    (void) state;

    begin_one("E1");
    prepare("E1", "{\"doc\":1}");
    redis("ZADD", "crm:{t1}:intents", "1", "E1");

    assert_int_equal(begin_one("E1").status, CRM_BEGIN_OK);
    assert_string_not_equal(redis_text("ZSCORE", "crm:{t1}:intents", "E1"),
                            "1");
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "doc"),
                        "{\"doc\":1}");
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:intents"), 1);
}


static void
a_record_that_another_event_holds_is_busy_and_nothing_changes(void **state)
{
    crm_begin_t  begin;

    (void) state;

    begin_records("E1", &two[1], 1, "");
    begin = begin_records("E2", two, 2, "");

    assert_int_equal(begin.status, CRM_BEGIN_BUSY);
    assert_in_range(begin.pttl_ms, 1, LEASE_MS);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1"), 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intent:E2"), 0);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:intents"), 1);
}


static void
begin_refuses_another_epoch(void **state)
{
    crm_begin_t      begin;
    crm_error_t      err;
    crm_cmd_begin_t  in;

    (void) state;

    redis("SET", "crm:{t1}:epoch", "NEW");
    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = CRM_STR("E1");
    in.epoch = CRM_STR("OLD");
    in.lease_ttl_ms = LEASE_MS;
    in.records = &leads_1;
    in.n_records = 1;
    assert_int_equal(crm_state_begin(&begin, run(crm_cmd_begin(pool, &in)), 1,
                                     pool, &err), CRM_OK);

    assert_int_equal(begin.status, CRM_BEGIN_EPOCH);
    assert_true(crm_str_is(begin.epoch, "NEW"));
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1"), 0);

    redis("DEL", "crm:{t1}:epoch");
    assert_int_equal(crm_state_begin(&begin, run(crm_cmd_begin(pool, &in)), 1,
                                     pool, &err), CRM_OK);
    assert_int_equal(begin.status, CRM_BEGIN_EPOCH);
    assert_int_equal(begin.epoch.len, 0);
}


static void
a_begin_that_its_abort_overtook_is_refused(void **state)
{
    crm_begin_t  begin;

    (void) state;

    assert_int_equal(abort_one("E1"), CRM_ABORT_OK);
    begin = begin_one("E1");

    assert_int_equal(begin.status, CRM_BEGIN_SETTLED);
    assert_false(begin.committed);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1"), 0);
}


static void
a_begin_after_commit_is_refused_as_committed(void **state)
{
    crm_begin_t  begin;

    (void) state;

    begin_one("E1");
    commit("E1");
    begin = begin_one("E1");

    assert_int_equal(begin.status, CRM_BEGIN_SETTLED);
    assert_true(begin.committed);
}


static void
prepare_completes_the_intent_and_renews_the_lease(void **state)
{
    (void) state;

    begin_one("E1");
    redis("PEXPIRE", "crm:{t1}:busy:Leads/1", "20000");

    assert_int_equal(prepare("E1", "{\"doc\":1}"), CRM_PREPARE_OK);
    assert_int_equal(prepare("E1", "{\"doc\":1}"), CRM_PREPARE_OK);
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "state"),
                        "prepared");
    assert_true(redis_int("PTTL", "crm:{t1}:busy:Leads/1") > 20000);

    /* recovery waits for the backend from here on */

    redis("ZADD", "crm:{t1}:intents", "1", "E1");
    assert_int_equal(prepare("E1", "{\"doc\":1}"), CRM_PREPARE_OK);
    assert_true(due_after("E1") >= MAX_TIME_MS);
}


static void
a_late_prepare_is_lost(void **state)
{
    (void) state;

    assert_int_equal(prepare("E1", "{}"), CRM_PREPARE_LOST);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intent:E1"), 0);

    begin_one("E1");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    begin_one("E2");
    assert_int_equal(prepare("E1", "{}"), CRM_PREPARE_LOST);
    assert_string_equal(redis_text("HGET", "crm:{t1}:intent:E1", "state"),
                        "begun");

    begin_records("E3", NULL, 0, "");
    redis("SET", "crm:{t1}:settled:E2", "aborted");
    assert_int_equal(prepare("E2", "{}"), CRM_PREPARE_LOST);
}


static void
commit_pushes_jobs_writes_state_and_ends_the_intent(void **state)
{
    crm_commit_t  done;

    (void) state;

    redis("HSET", "crm:{t1}:record:Leads/1", "once:old", "1");
    begin_one("E1");
    prepare("E1", "{}");
    done = commit("E1");

    assert_int_equal(done.status, CRM_COMMIT_OK);
    assert_int_equal(done.pushed, 2);
    assert_string_equal(redis_list("LRANGE", "crm:{t1}:queue:webhooks", "0",
                                   "-1"), "{\"id\":\"j1\"}");
    assert_string_equal(redis_list("LRANGE", "crm:{t1}:queue:emails", "0",
                                   "-1"), "{\"id\":\"j2\"}");
    assert_int_equal(redis_int("SCARD", "crm:{t1}:own"), 2);
    assert_int_equal(redis_int("XLEN", "crm:{t1}:trace"), 1);
    assert_string_equal(record_kept(), "lock [\"closed\"]");
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1",
                               "crm:{t1}:intent:E1", "crm:{t1}:intents"), 0);
    assert_string_equal(redis_text("GET", "crm:{t1}:settled:E1"), "committed");
    assert_in_range(redis_int("TTL", "crm:{t1}:settled:E1"), 604000, 604800);
}


static void
commit_twice_pushes_once(void **state)
{
    crm_commit_t  again;

    (void) state;

    begin_one("E1");
    commit("E1");
    again = commit("E1");

    assert_int_equal(again.status, CRM_COMMIT_DONE);
    assert_int_equal(again.pushed, 0);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:webhooks"), 1);
    assert_int_equal(redis_int("XLEN", "crm:{t1}:trace"), 1);
}


static void
commit_after_recovery_committed_does_nothing(void **state)
{
    (void) state;

    begin_one("E1");
    redis("SET", "crm:{t1}:settled:E1", "committed");
    redis("DEL", "crm:{t1}:intent:E1");

    assert_int_equal(commit("E1").status, CRM_COMMIT_DONE);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:webhooks"), 0);
}


static void
commit_after_recovery_gave_up_pushes_but_writes_no_state(void **state)
{
    crm_commit_t  late;

    (void) state;

    begin_one("E1");
    redis("DEL", "crm:{t1}:intent:E1", "crm:{t1}:busy:Leads/1");
    redis("SET", "crm:{t1}:settled:E1", "aborted");
    late = commit("E1");

    assert_int_equal(late.status, CRM_COMMIT_LATE);
    assert_int_equal(late.pushed, 2);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:record:Leads/1"), 0);
    assert_string_equal(redis_text("GET", "crm:{t1}:settled:E1"), "committed");
    assert_int_equal(commit("E1").status, CRM_COMMIT_DONE);
}


static void
commit_after_a_lost_lease_leaves_the_next_holder_alone(void **state)
{
    (void) state;

    begin_one("E1");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    begin_one("E2");

    assert_int_equal(commit("E1").status, CRM_COMMIT_LATE);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:webhooks"), 1);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:record:Leads/1"), 0);
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E2");
    assert_string_equal(redis_list("ZRANGE", "crm:{t1}:intents", "0", "-1"),
                        "E2");
}


static void
commit_of_what_no_backend_did_needs_its_lease(void **state)
{
    (void) state;

    begin_one("E1");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    begin_one("E2");

    assert_int_equal(commit_alone("E1").status, CRM_COMMIT_LAPSED);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:webhooks"), 0);
    assert_int_equal(redis_int("XLEN", "crm:{t1}:trace"), 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:record:Leads/1"), 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:intent:E1"), 0);
    assert_string_equal(redis_text("GET", "crm:{t1}:settled:E1"), "aborted");
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E2");
    assert_string_equal(redis_list("ZRANGE", "crm:{t1}:intents", "0", "-1"),
                        "E2");
    assert_int_equal(commit_alone("E1").status, CRM_COMMIT_LAPSED);

    assert_int_equal(commit_alone("E2").status, CRM_COMMIT_OK);
    assert_int_equal(commit_alone("E2").status, CRM_COMMIT_DONE);
    assert_int_equal(redis_int("LLEN", "crm:{t1}:queue:webhooks"), 1);
}


static void
commit_of_a_create_writes_the_state_of_the_new_record(void **state)
{
    crm_error_t        err;
    crm_commit_t       done;
    crm_cmd_commit_t   in;
    crm_cmd_change_t   change;
    crm_cmd_outcome_t  record;

    (void) state;

    begin_records("E1", NULL, 0, "{}");
    memset(&in, 0, sizeof(in));
    memset(&record, 0, sizeof(record));
    change.op = CRM_CHANGE_SET;
    change.field = CRM_STR("once:greet");
    change.value = CRM_STR("1");
    record.name = leads_1;
    record.created = 1;
    record.changes = &change;
    record.n_changes = 1;
    in.org = ORG;
    in.event = CRM_STR("E1");
    in.records = &record;
    in.n_records = 1;
    assert_int_equal(crm_state_commit(&done, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);

    assert_int_equal(done.status, CRM_COMMIT_OK);
    assert_string_equal(redis_list("HGETALL", "crm:{t1}:record:Leads/1"),
                        "once:greet 1");
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:trace"), 0);
}


/* Commits an entry into a process, and that the record leaves another one. */
static crm_commit_status_t
commit_entry(const char *event, crm_change_op_t op)
{
    crm_error_t        err;
    crm_commit_t       done;
    crm_cmd_commit_t   in;
    crm_cmd_change_t   changes[3];
    crm_cmd_outcome_t  record;

    memset(&in, 0, sizeof(in));
    memset(&record, 0, sizeof(record));
    changes[0].op = op;
    changes[0].field = CRM_STR("approval");
    changes[0].value = crm_strz(event);
    changes[1].op = CRM_CHANGE_RANK;
    changes[1].field = CRM_STR("approvals");
    changes[1].value = CRM_STR("17");
    changes[2].op = CRM_CHANGE_RANK;
    changes[2].field = CRM_STR("others");
    changes[2].value = CRM_STR_NULL;
    record.name = leads_1;
    record.changes = changes;
    record.n_changes = 3;
    in.org = ORG;
    in.event = crm_strz(event);
    in.records = &record;
    in.n_records = 1;
    assert_int_equal(crm_state_commit(&done, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);
    return done.status;
}


static void
commit_enters_a_process_and_lists_the_record(void **state)
{
    (void) state;

    redis("ZADD", "crm:{t1}:others", "3", "Leads/1");
    redis("HSET", "crm:{t1}:record:Leads/1", "approval", "old");
    begin_one("E1");
    assert_int_equal(commit_entry("E1", CRM_CHANGE_ENTER), CRM_COMMIT_OK);

    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1",
                                   "approval"), "E1");
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:approvals", "Leads/1"),
                        "17");
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:others"), 0);

    begin_one("E2");
    assert_int_equal(commit_entry("E2", CRM_CHANGE_FILL), CRM_COMMIT_OK);
    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1",
                                   "approval"), "E1");
}


static void
a_late_commit_enters_only_what_is_in_no_process(void **state)
{
    (void) state;

    redis("ZADD", "crm:{t1}:others", "3", "Leads/1");
    begin_one("E1");
    begin_one("E2");
    redis("DEL", "crm:{t1}:busy:Leads/1");

    assert_int_equal(commit_entry("E1", CRM_CHANGE_ENTER), CRM_COMMIT_LATE);
    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1",
                                   "approval"), "E1");
    assert_string_equal(redis_text("ZSCORE", "crm:{t1}:others", "Leads/1"),
                        "3");

    begin_one("E3");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    assert_int_equal(commit_entry("E3", CRM_CHANGE_ENTER), CRM_COMMIT_LATE);
    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1",
                                   "approval"), "E1");
}


static void
commit_of_a_delete_drops_what_was_known(void **state)
{
    crm_error_t        err;
    crm_commit_t       done;
    crm_cmd_commit_t   in;
    crm_cmd_change_t   change;
    crm_cmd_outcome_t  records[2];

    (void) state;

    redis("HSET", "crm:{t1}:record:Leads/1", "lock", "[]");
    redis("HSET", "crm:{t1}:record:Deals/7", "lock", "[]");
    begin_records("E1", two, 2, "{}");
    memset(&in, 0, sizeof(in));
    memset(records, 0, sizeof(records));
    memset(&change, 0, sizeof(change));
    change.op = CRM_CHANGE_DROP;
    records[0].name = two[0];
    records[1].name = two[1];
    records[1].changes = &change;
    records[1].n_changes = 1;
    in.org = ORG;
    in.event = CRM_STR("E1");
    in.records = records;
    in.n_records = 2;
    assert_int_equal(crm_state_commit(&done, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);

    assert_int_equal(redis_int("EXISTS", "crm:{t1}:record:Leads/1"), 1);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:record:Deals/7"), 0);
    assert_int_equal(redis_int("EXISTS", "crm:{t1}:busy:Leads/1",
                               "crm:{t1}:busy:Deals/7"), 0);
}


static void
abort_ends_intent_and_lease_and_leaves_no_trace(void **state)
{
    (void) state;

    begin_records("E1", two, 2, "");
    assert_int_equal(abort_records("E1", two, 2), CRM_ABORT_OK);

    assert_int_equal(redis_int("DBSIZE"), 0);
    assert_int_equal(begin_one("E2").status, CRM_BEGIN_OK);
}


static void
abort_twice_is_one_abort(void **state)
{
    (void) state;

    begin_one("E1");
    abort_one("E1");
    assert_int_equal(abort_one("E1"), CRM_ABORT_OK);
    assert_string_equal(redis_text("GET", "crm:{t1}:settled:E1"), "aborted");
}


static void
abort_leaves_the_lease_of_another_event(void **state)
{
    (void) state;

    begin_one("E2");
    abort_one("E1");

    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E2");
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:intents"), 1);
}


static void
abort_after_commit_changes_nothing(void **state)
{
    (void) state;

    begin_one("E1");
    commit("E1");

    assert_int_equal(abort_one("E1"), CRM_ABORT_COMMITTED);
    assert_string_equal(redis_text("GET", "crm:{t1}:settled:E1"), "committed");
}


/* The outcome of event, whose one change is op on lock. */
static crm_commit_status_t
commit_lock(const char *event, crm_change_op_t op)
{
    crm_error_t        err;
    crm_commit_t       done;
    crm_cmd_commit_t   in;
    crm_cmd_change_t   change;
    crm_cmd_outcome_t  record;

    memset(&in, 0, sizeof(in));
    memset(&record, 0, sizeof(record));
    change.op = op;
    change.field = CRM_STR("lock");
    change.value = CRM_STR("[\"l\"]");
    record.name = leads_1;
    record.changes = &change;
    record.n_changes = 1;
    in.org = ORG;
    in.event = crm_strz(event);
    in.records = &record;
    in.n_records = 1;
    assert_int_equal(crm_state_commit(&done, run(crm_cmd_commit(pool, &in)),
                                      &err), CRM_OK);
    return done.status;
}


static void
what_locked_a_record_is_known_until_it_does_not(void **state)
{
    const char  *by;

    (void) state;

    begin_one("E1");
    assert_int_equal(commit_lock("E1", CRM_CHANGE_SET), CRM_COMMIT_OK);
    by = redis_text("HGET", "crm:{t1}:record:Leads/1", "lock_by");
    assert_non_null(strstr(by, "\"event\":\"E1\""));
    assert_non_null(strstr(by, "\"at\":1"));

    /* the same rules once more: since the first time */

    begin_one("E2");
    assert_int_equal(commit_lock("E2", CRM_CHANGE_SET), CRM_COMMIT_OK);
    assert_string_equal(redis_text("HGET", "crm:{t1}:record:Leads/1",
                                   "lock_by"), by);

    begin_one("E3");
    assert_int_equal(commit_lock("E3", CRM_CHANGE_DEL), CRM_COMMIT_OK);
    assert_int_equal(redis_int("HLEN", "crm:{t1}:record:Leads/1"), 0);
}


static void
a_write_in_doubt_leaves_its_marks(void **state)
{
    crm_begin_t  begin;

    (void) state;

    begin_one("E1");
    assert_int_equal(prepare_marked("E1", "{}", "[\"l\"]"), CRM_PREPARE_OK);
    assert_int_equal(prepare_marked("E1", "{}", "[\"l\"]"), CRM_PREPARE_OK);
    redis("DEL", "crm:{t1}:busy:Leads/1");          /* nobody told */
    assert_int_equal(prepare_marked("E1", "{}", "[\"m\"]"), CRM_PREPARE_LOST);
    begin = begin_one("E2");

    assert_int_equal(begin.states[0].n_locks, 1);
    assert_true(crm_state_has_lock(&begin.states[0], CRM_STR("l")));
    prepare("E2", "{}");
    assert_string_equal(redis_list("HGETALL", "crm:{t1}:record:Leads/1"),
                        "maybe:E1 [\"l\"]");
}


static void
an_exact_commit_ends_the_marks_of_all_that_were_in_doubt(void **state)
{
    (void) state;

    redis("HSET", "crm:{t1}:record:Leads/1", "maybe:E0", "[\"x\"]", "once:r",
          "1");
    begin_one("E1");
    prepare_marked("E1", "{}", "[\"l\"]");
    assert_int_equal(commit_lock("E1", CRM_CHANGE_SET), CRM_COMMIT_OK);
    assert_string_equal(record_kept(), "once:r 1 lock [\"l\"]");

    redis("HSET", "crm:{t1}:record:Leads/1", "maybe:E0", "[\"x\"]");
    begin_one("E2");
    assert_int_equal(commit_lock("E2", CRM_CHANGE_DEL), CRM_COMMIT_OK);
    assert_string_equal(redis_list("HGETALL", "crm:{t1}:record:Leads/1"),
                        "once:r 1");
}


static void
a_commit_that_adds_a_mark_ends_its_own_doubt_only(void **state)
{
    (void) state;

    redis("HSET", "crm:{t1}:record:Leads/1", "maybe:E0", "[\"x\"]");
    begin_one("E1");
    prepare_marked("E1", "{}", "[\"l\"]");
    assert_int_equal(commit_lock("E1", CRM_CHANGE_ADD), CRM_COMMIT_OK);

    assert_string_equal(record_kept(), "maybe:E0 [\"x\"] lock [\"l\"]");
}


static void
a_late_commit_leaves_its_marks_in_doubt(void **state)
{
    (void) state;

    begin_one("E1");
    prepare_marked("E1", "{}", "[\"l\"]");
    redis("DEL", "crm:{t1}:busy:Leads/1");
    assert_int_equal(commit_lock("E1", CRM_CHANGE_SET), CRM_COMMIT_LATE);

    assert_string_equal(redis_list("HGETALL", "crm:{t1}:record:Leads/1"),
                        "maybe:E1 [\"l\"]");
}


static void
abort_takes_its_own_marks_back(void **state)
{
    (void) state;

    redis("HSET", "crm:{t1}:record:Leads/1", "lock", "[]", "maybe:E0", "[]");
    begin_one("E1");
    prepare_marked("E1", "{}", "[\"l\"]");
    redis("SET", "crm:{t1}:busy:Leads/1", "E2");    /* even without the lease */
    assert_int_equal(abort_one("E1"), CRM_ABORT_OK);

    assert_string_equal(redis_list("HGETALL", "crm:{t1}:record:Leads/1"),
                        "lock [] maybe:E0 []");
    assert_string_equal(redis_text("GET", "crm:{t1}:busy:Leads/1"), "E2");
}


static void
a_full_redis_refuses_begin_and_prepare_but_lets_writes_end(void **state)
{
    crm_error_t         err;
    crm_reply_t        *reply;
    crm_cmd_begin_t     in;
    crm_cmd_prepare_t   prep;

    (void) state;

    begin_one("E1");
    begin_records("E2", NULL, 0, "");
    redis_fill();

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = CRM_STR("E3");
    in.lease_ttl_ms = LEASE_MS;
    assert_int_equal(crm_store_run(store, crm_cmd_begin(pool, &in), pool,
                                   &reply, &err), CRM_EINVAL);
    assert_true(crm_reply_is_error(reply, "OOM"));
    assert_non_null(strstr(err.text, redis_url));

    memset(&prep, 0, sizeof(prep));
    prep.org = ORG;
    prep.event = CRM_STR("E1");
    prep.lease_ttl_ms = LEASE_MS;
    assert_int_equal(crm_store_run(store, crm_cmd_prepare(pool, &prep), pool,
                                   &reply, &err), CRM_EINVAL);
    assert_true(crm_reply_is_error(reply, "OOM"));

    assert_int_equal(commit("E1").status, CRM_COMMIT_OK);
    assert_int_equal(abort_records("E2", NULL, 0), CRM_ABORT_OK);
    assert_int_equal(redis_int("ZCARD", "crm:{t1}:intents"), 0);
}


static crm_rules_t
rules(const char *process, const char *doc)
{
    crm_error_t   err;
    crm_rules_t   rules;
    crm_reply_t  *reply;

    reply = run(crm_cmd_rules(pool, ORG, crm_strz(process), crm_strz(doc),
                              CRM_STR("OLD")));
    assert_int_equal(crm_state_rules(&rules, reply, pool, &err), CRM_OK);
    return rules;
}


static void
rules_tells_what_is_current(void **state)
{
    crm_rules_t  now;

    (void) state;

    now = rules("h:1", "{\"revision\":0}");
    assert_int_equal(now.revision, 0);
    assert_int_equal(now.epoch.len, 0);
    assert_true(now.now_ms > 1600000000000LL);

    redis("SET", "crm:{t1}:epoch", "EP");
    redis("SET", "crm:{t1}:revision", "12");
    begin_records("E1", NULL, 0, "");       /* refused: wrong epoch */
    redis("ZADD", "crm:{t1}:intents", "1", "X");
    redis("ZADD", "crm:{t1}:undetermined", "1", "Y", "2", "Z");
    now = rules("h:1", "{\"revision\":12}");
    assert_int_equal(now.revision, 12);
    assert_true(crm_str_is(now.epoch, "EP"));
    assert_int_equal(now.intents, 1);
    assert_int_equal(now.undetermined, 2);
}


static void
rules_tells_which_epoch_was_accepted_for_the_remembered_one(void **state)
{
    crm_rules_t  now;

    (void) state;

    redis("SET", "crm:{t1}:epoch", "EP");
    redis("HSET", "crm:{t1}:epoch:accepted", "OTHER", "EP");
    now = rules("h:1", "{}");
    assert_int_equal(now.accepted.len, 0);

    redis("HSET", "crm:{t1}:epoch:accepted", "OLD", "EP");
    now = rules("h:1", "{}");
    assert_true(crm_str_is(now.accepted, "EP"));
}


static void
rules_keeps_the_living_and_forgets_the_dead(void **state)
{
    const char   *doc;
    crm_rules_t   now;

    (void) state;

    redis("HSET", "crm:{t1}:processes", "old:1",
          "{\"revision\":1,\"seen_ms\":1000}", "odd:2", "no JSON");
    rules("h:1", "{}");
    now = rules("h:2", " {\"rejected\":{\"error\":\"}\"}} ");
    doc = redis_text("HGET", "crm:{t1}:processes", "h:2");

    assert_int_equal(redis_int("HLEN", "crm:{t1}:processes"), 2);
    assert_string_equal(crm_pool_printf(pool, "{\"rejected\":{\"error\":\"}\"}"
                                        ",\"seen_ms\":%lld}",
                                        now.now_ms).data, doc);
    doc = redis_text("HGET", "crm:{t1}:processes", "h:1");
    assert_int_equal(strncmp(doc, "{\"seen_ms\":", 11), 0);
}


static void
rules_refuses_what_is_no_object_and_works_when_redis_is_full(void **state)
{
    crm_error_t   err;
    crm_reply_t  *reply;

    (void) state;

    assert_int_equal(crm_store_run(store, crm_cmd_rules(pool, ORG,
                                   CRM_STR("h:1"), CRM_STR("[]"),
                                   CRM_STR("")), pool,
                                   &reply, &err), CRM_EINVAL);
    redis_fill();
    rules("h:1", "{}");
}


static crm_publish_t
publish(long long expected, const char *bundle)
{
    crm_error_t        err;
    crm_publish_t      publish;
    crm_cmd_publish_t  in;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.expected = expected;
    in.bundle = crm_strz(bundle);
    in.meta = CRM_STR("{\"author\":\"a\"}");
    in.epoch = CRM_STR("EPOCH");
    assert_int_equal(crm_state_publish(&publish,
                                       run(crm_cmd_publish(pool, &in)), pool,
                                       &err), CRM_OK);
    return publish;
}


static void
publish_stores_the_next_revision(void **state)
{
    crm_publish_t  first, second;

    (void) state;

    first = publish(0, "{\"v\":1}");
    redis("SET", "crm:{t1}:epoch", "KEPT");
    second = publish(1, "{\"v\":1,\"x\":2}");

    assert_false(first.conflict);
    assert_int_equal(first.revision, 1);
    assert_true(crm_str_is(first.epoch, "EPOCH"));
    assert_int_equal(second.revision, 2);
    assert_true(crm_str_is(second.epoch, "KEPT"));
    assert_string_equal(redis_text("GET", "crm:{t1}:rules:1"), "{\"v\":1}");
    assert_string_equal(redis_text("GET", "crm:{t1}:revision"), "2");
    assert_int_equal(redis_int("HLEN", "crm:{t1}:revisions"), 2);
}


static void
publish_refuses_when_somebody_was_faster(void **state)
{
    crm_publish_t  lost;

    (void) state;

    publish(0, "mine");
    lost = publish(0, "yours");

    assert_true(lost.conflict);
    assert_int_equal(lost.revision, 1);
    assert_string_equal(redis_text("GET", "crm:{t1}:rules:1"), "mine");
    assert_false(publish(0, "mine").conflict);
    assert_string_equal(redis_text("GET", "crm:{t1}:revision"), "1");
}


static void
scripts_survive_a_flush_of_the_script_cache(void **state)
{
    (void) state;

    begin_one("E1");
    redis("SCRIPT", "FLUSH");

    assert_int_equal(begin_one("E1").status, CRM_BEGIN_OK);
    assert_int_equal(commit("E1").status, CRM_COMMIT_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(begin_leases_every_record_and_writes_the_intent),
        TEST(begin_with_a_doc_needs_no_prepare),
        TEST(begin_of_a_create_has_no_record),
        TEST(begin_tells_marks_and_once_names),
        TEST(begin_twice_by_one_event_is_one_begin),
        TEST(a_record_that_another_event_holds_is_busy_and_nothing_changes),
        TEST(begin_refuses_another_epoch),
        TEST(a_begin_that_its_abort_overtook_is_refused),
        TEST(a_begin_after_commit_is_refused_as_committed),
        TEST(prepare_completes_the_intent_and_renews_the_lease),
        TEST(a_late_prepare_is_lost),
        TEST(commit_pushes_jobs_writes_state_and_ends_the_intent),
        TEST(commit_twice_pushes_once),
        TEST(commit_after_recovery_committed_does_nothing),
        TEST(commit_after_recovery_gave_up_pushes_but_writes_no_state),
        TEST(commit_after_a_lost_lease_leaves_the_next_holder_alone),
        TEST(commit_of_what_no_backend_did_needs_its_lease),
        TEST(commit_of_a_create_writes_the_state_of_the_new_record),
        TEST(commit_enters_a_process_and_lists_the_record),
        TEST(a_late_commit_enters_only_what_is_in_no_process),
        TEST(commit_of_a_delete_drops_what_was_known),
        TEST(abort_ends_intent_and_lease_and_leaves_no_trace),
        TEST(abort_twice_is_one_abort),
        TEST(abort_leaves_the_lease_of_another_event),
        TEST(abort_after_commit_changes_nothing),
        TEST(what_locked_a_record_is_known_until_it_does_not),
        TEST(a_write_in_doubt_leaves_its_marks),
        TEST(an_exact_commit_ends_the_marks_of_all_that_were_in_doubt),
        TEST(a_commit_that_adds_a_mark_ends_its_own_doubt_only),
        TEST(a_late_commit_leaves_its_marks_in_doubt),
        TEST(abort_takes_its_own_marks_back),
        TEST(a_full_redis_refuses_begin_and_prepare_but_lets_writes_end),
        TEST(rules_tells_what_is_current),
        TEST(rules_tells_which_epoch_was_accepted_for_the_remembered_one),
        TEST(rules_keeps_the_living_and_forgets_the_dead),
        TEST(rules_refuses_what_is_no_object_and_works_when_redis_is_full),
        TEST(publish_stores_the_next_revision),
        TEST(publish_refuses_when_somebody_was_faster),
        TEST(scripts_survive_a_flush_of_the_script_cache),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, redis_start, redis_stop);
}
