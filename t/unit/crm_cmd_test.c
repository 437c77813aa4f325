/*
 * Commands as arrays: the arguments that each script expects at the places
 * where it expects them, bytes of any kind, and memory that ends anywhere.
 * That the scripts understand them is shown in crm_scripts_*_test.c.
 */

#include "crm_test.h"

#include "state/crm_cmd.h"


#define ORG  CRM_STR("o")

static crm_pool_t  *pool;


static int
start(void **state)
{
    (void) state;
    pool = crm_pool_create(crm_host_malloc(), 0);
    return pool == NULL;
}


static int
end(void **state)
{
    (void) state;
    crm_pool_destroy(pool);
    return 0;
}


static void
assert_args(const crm_cmd_t *cmd, const char *const *want, int n)
{
    int  i;

    assert_non_null(cmd);
    assert_int_equal(cmd->argc, n);
    for (i = 0; i < n; i++) {
        assert_int_equal(cmd->argvlen[i], strlen(want[i]));
        assert_memory_equal(cmd->argv[i], want[i], cmd->argvlen[i]);
    }
}

#define assert_cmd(cmd, ...) \
    assert_args(cmd, (const char *[]) { __VA_ARGS__ }, \
                (int) (sizeof((const char *[]) { __VA_ARGS__ }) \
                       / sizeof(char *)))


static void
a_plain_command_is_its_arguments(void **state)
{
    crm_cmd_t  *cmd;
    crm_str_t   args[3] = { CRM_STR("SET"), { "k\0k", 3 }, CRM_STR_NULL };

    (void) state;

    cmd = crm_cmd_plain(pool, args, 3);
    assert_int_equal(cmd->argc, 3);
    assert_null(cmd->script);
    assert_int_equal(cmd->argvlen[1], 3);
    assert_memory_equal(cmd->argv[1], "k\0k", 3);
    assert_int_equal(cmd->argvlen[2], 0);
    assert_non_null(cmd->argv[2]);
}


static void
begin_lists_its_records_as_keys_and_as_json(void **state)
{
    crm_cmd_t           *cmd;
    crm_cmd_begin_t      in;
    crm_record_name_t    records[2] = {
        { CRM_STR("A"), CRM_STR("1") }, { CRM_STR("B"), CRM_STR("\"2") }
    };
    const crm_script_t  *script;

    (void) state;

    script = crm_script(CRM_SCRIPT_BEGIN);
    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = CRM_STR("E");
    in.epoch = CRM_STR("P");
    in.lease_ttl_ms = 130000;
    in.max_time_ms = 120000;
    in.records = records;
    in.n_records = 2;
    cmd = crm_cmd_begin(pool, &in);

    assert_ptr_equal(cmd->script, script);
    assert_cmd(cmd, "EVALSHA", script->sha1, "8", "crm:{o}:epoch",
               "crm:{o}:intents", "crm:{o}:intent:E", "crm:{o}:settled:E",
               "crm:{o}:busy:A/1", "crm:{o}:record:A/1", "crm:{o}:busy:B/\"2",
               "crm:{o}:record:B/\"2", "E", "P", "130000",
               "[\"A/1\",\"B/\\\"2\"]", "", "2", "120000");

    in.n_records = 1;
    in.snapshot = CRM_STR("head\n");
    assert_cmd(crm_cmd_begin(pool, &in), "EVALSHA", script->sha1, "6",
               "crm:{o}:epoch", "crm:{o}:intents", "crm:{o}:intent:E",
               "crm:{o}:settled:E", "crm:{o}:busy:A/1", "crm:{o}:record:A/1",
               "E", "P", "130000", "[\"A/1\"]", "", "1", "120000", "head\n");
}


static void
prepare_names_the_hash_of_each_record_for_its_marks(void **state)
{
    crm_str_t           marks[2];
    crm_cmd_prepare_t   in;
    crm_record_name_t   records[2] = {
        { CRM_STR("A"), CRM_STR("1") }, { CRM_STR("B"), CRM_STR("2") }
    };

    (void) state;

    in.org = ORG;
    in.event = CRM_STR("E");
    in.doc = CRM_STR("{}");
    in.lease_ttl_ms = 130000;
    in.max_time_ms = 120000;
    in.records = records;
    in.n_records = 2;
    marks[0] = CRM_STR("[\"closed\"]");
    marks[1] = CRM_STR_NULL;
    in.marks = marks;

    assert_cmd(crm_cmd_prepare(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_PREPARE)->sha1, "7", "crm:{o}:intents",
               "crm:{o}:intent:E", "crm:{o}:settled:E", "crm:{o}:busy:A/1",
               "crm:{o}:record:A/1", "crm:{o}:busy:B/2", "crm:{o}:record:B/2",
               "E", "{}", "130000", "2", "120000", "[\"closed\"]", "");
}


static void
commit_lists_jobs_and_changes(void **state)
{
    crm_cmd_job_t      job = { .queue = CRM_QUEUE_RECORDS, .id = CRM_STR("j"),
                               .json = CRM_STR("{}") };
    crm_str_t          traces[2] = { CRM_STR("{t}"), CRM_STR("{u}") };
    crm_cmd_commit_t   in;
    crm_cmd_change_t   changes[4] = {
        { CRM_CHANGE_SET, CRM_STR("lock"), CRM_STR("[]") },
        { CRM_CHANGE_DEL, CRM_STR("once:x"), CRM_STR_NULL },
        { CRM_CHANGE_DROP, CRM_STR_NULL, CRM_STR_NULL },
        { CRM_CHANGE_ADD, CRM_STR("lock"), CRM_STR("[1]") }
    };
    crm_cmd_outcome_t  records[2] = {
        { { CRM_STR("A"), CRM_STR("1") }, 0, changes, 4 },
        { { CRM_STR("B"), CRM_STR("2") }, 1, NULL, 0 }
    };

    (void) state;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = CRM_STR("E");
    in.traces = traces;
    in.n_traces = 2;
    in.jobs = &job;
    in.n_jobs = 1;
    in.records = records;
    in.n_records = 2;
    in.fence = 0;

    assert_cmd(crm_cmd_commit(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_COMMIT)->sha1, "11",
               "crm:{o}:intents", "crm:{o}:intent:E", "crm:{o}:settled:E",
               "crm:{o}:undetermined", "crm:{o}:own",
               "crm:{o}:trace", "crm:{o}:busy:A/1", "crm:{o}:record:A/1",
               "crm:{o}:busy:B/2", "crm:{o}:record:B/2",
               "crm:{o}:queue:records",
               "E", "", "2", "{t}", "{u}", "1", "0", "j", "{}", "2", "0", "4",
               "set", "lock", "[]", "del", "once:x", "", "drop", "", "", "add",
               "lock", "[1]", "1", "0");
}


/* What waits needs no entrance: it stands behind all else. */
static void
commit_puts_what_waits_behind(void **state)
{
    crm_cmd_job_t      jobs[2] = {
        { .queue = CRM_QUEUE_WEBHOOKS, .id = CRM_STR("w"),
          .json = CRM_STR("{w}"), .due_ms = 99,
          .receiver = CRM_STR("https://h") },
        { .queue = CRM_QUEUE_RECORDS, .id = CRM_STR("j"),
          .json = CRM_STR("{}") }
    };
    crm_cmd_commit_t   in;
    crm_cmd_outcome_t  record = { { CRM_STR("A"), CRM_STR("1") }, 0, NULL, 0 };

    (void) state;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = CRM_STR("E");
    in.jobs = jobs;
    in.n_jobs = 2;
    in.records = &record;
    in.n_records = 1;

    assert_cmd(crm_cmd_commit(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_COMMIT)->sha1, "10",
               "crm:{o}:intents", "crm:{o}:intent:E", "crm:{o}:settled:E",
               "crm:{o}:undetermined", "crm:{o}:own",
               "crm:{o}:trace", "crm:{o}:busy:A/1",
               "crm:{o}:record:A/1", "crm:{o}:delayed",
               "crm:{o}:queue:records",
               "E", "", "0", "1", "0", "j", "{}", "1", "0", "0",
               "webhooks", "w", "{w}", "99", "https://h");
}


/* Counted from the last key, in the order in which jobs name them. */
static void
commit_names_the_entrances_that_jobs_go_to(void **state)
{
    crm_cmd_job_t      jobs[4] = {
        { .queue = CRM_QUEUE_EMAILS, .id = CRM_STR("a") },
        { .queue = CRM_QUEUE_FUNCTIONS, .id = CRM_STR("b") },
        { .queue = CRM_QUEUE_EMAILS, .id = CRM_STR("c") },
        { .queue = CRM_QUEUE_WEBHOOKS, .id = CRM_STR("d") }
    };
    crm_cmd_commit_t   in;

    (void) state;

    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = CRM_STR("E");
    in.jobs = jobs;
    in.n_jobs = 4;

    assert_cmd(crm_cmd_commit(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_COMMIT)->sha1, "9",
               "crm:{o}:intents", "crm:{o}:intent:E", "crm:{o}:settled:E",
               "crm:{o}:undetermined", "crm:{o}:own", "crm:{o}:trace",
               "crm:{o}:queue:webhooks", "crm:{o}:queue:functions",
               "crm:{o}:queue:emails",
               "E", "", "0", "4", "0", "a", "", "1", "b", "", "0", "c", "",
               "2", "d", "", "0");
}


static void
recovery_names_its_claim(void **state)
{
    char                reason[600];
    crm_cmd_t          *cmd;
    crm_cmd_abort_t     abort;
    crm_cmd_commit_t    commit;
    crm_cmd_claimed_t   in;
    crm_record_name_t   record = { CRM_STR("A"), CRM_STR("1") };

    (void) state;

    assert_cmd(crm_cmd_recover(pool, ORG, 20, 30000), "EVALSHA",
               crm_script(CRM_SCRIPT_RECOVER)->sha1, "2", "crm:{o}:intents",
               "crm:{o}:undetermined", "20", "30000", "40000", "8388608");

    in.org = ORG;
    in.event = CRM_STR("E");
    in.fence = 3;
    in.records = &record;
    in.n_records = 1;
    in.reason = CRM_STR("why");

    assert_cmd(crm_cmd_postpone(pool, &in, 5000), "EVALSHA",
               crm_script(CRM_SCRIPT_POSTPONE)->sha1, "3", "crm:{o}:intents",
               "crm:{o}:intent:E", "crm:{o}:busy:A/1", "E", "3", "why",
               "5000");
    assert_cmd(crm_cmd_undetermined(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_UNDETERMINED)->sha1, "4",
               "crm:{o}:intents", "crm:{o}:intent:E", "crm:{o}:undetermined",
               "crm:{o}:busy:A/1", "E", "3", "why");

    assert_cmd(crm_cmd_reclaim(pool, &in, 30000), "EVALSHA",
               crm_script(CRM_SCRIPT_RECLAIM)->sha1, "3", "crm:{o}:intents",
               "crm:{o}:intent:E", "crm:{o}:busy:A/1", "E", "3", "30000",
               "40000");

    /* text that was cut in the middle, and too long a one */

    in.reason = CRM_STR("\303\274 \303");
    assert_string_equal(crm_cmd_postpone(pool, &in, 5000)->argv[8],
                        "\303\274 ?");
    memset(reason, 'r', sizeof(reason));
    in.reason = crm_str(reason, sizeof(reason));
    assert_int_equal(crm_cmd_undetermined(pool, &in)->argvlen[9], 500);

    abort.org = ORG;
    abort.event = CRM_STR("E");
    abort.records = &record;
    abort.n_records = 1;
    abort.fence = 3;
    assert_cmd(crm_cmd_abort(pool, &abort), "EVALSHA",
               crm_script(CRM_SCRIPT_ABORT)->sha1, "6", "crm:{o}:intents",
               "crm:{o}:intent:E", "crm:{o}:settled:E",
               "crm:{o}:undetermined", "crm:{o}:busy:A/1", "crm:{o}:record:A/1",
               "E", "3");

    memset(&commit, 0, sizeof(commit));
    commit.org = ORG;
    commit.event = CRM_STR("E");
    commit.fence = 3;
    cmd = crm_cmd_commit(pool, &commit);
    assert_true(crm_str_is(crm_str(cmd->argv[10], cmd->argvlen[10]), "3"));
}


static void
the_worker_names_the_classes_it_runs(void **state)
{
    crm_cmd_take_t   in;
    crm_cmd_class_t  classes[] = {
        { CRM_QUEUE_FUNCTIONS, 7 }, { CRM_QUEUE_WEBHOOKS, 3 }
    };

    (void) state;

    in.org = ORG;
    in.pulled = NULL;
    in.classes = classes;
    in.n_classes = 2;
    in.max_jobs = 10;
    in.max_move = 100;
    in.lease_ttl_ms = 60000;
    in.endpoint_limit = 4;
    in.endpoint_rate = 10;

    assert_cmd(crm_cmd_take(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_TAKE)->sha1, "11", "crm:{o}:lease",
               "crm:{o}:delayed", "crm:{o}:dead", "crm:{o}:inflight",
               "crm:{o}:own", "crm:{o}:turn", "crm:{o}:pulls",
               "crm:{o}:queue:functions", "crm:{o}:ready:functions",
               "crm:{o}:queue:webhooks", "crm:{o}:ring:webhooks", "10",
               "100", "60000", "4", "10", "20", "", "", "0", "functions",
               "7", "webhooks", "3");
}


static void
a_script_that_redis_forgot_goes_out_in_full(void **state)
{
    crm_cmd_t           *cmd, *eval;
    const crm_script_t  *script;

    (void) state;

    script = crm_script(CRM_SCRIPT_RULES);
    cmd = crm_cmd_rules(pool, ORG, CRM_STR("h:1"), CRM_STR("{}"),
                        CRM_STR("e"));
    eval = crm_cmd_eval(pool, cmd);

    assert_cmd(eval, "EVAL", script->source, "6", "crm:{o}:epoch",
               "crm:{o}:revision", "crm:{o}:processes", "crm:{o}:intents",
               "crm:{o}:epoch:accepted", "crm:{o}:undetermined", "h:1", "{}",
               "e");
    assert_null(eval->script);
    assert_string_equal(cmd->argv[0], "EVALSHA");
}


static void
every_script_is_whole(void **state)
{
    int                  i;
    const crm_script_t  *script;

    (void) state;

    for (i = 0; i < CRM_SCRIPT_COUNT; i++) {
        script = crm_script((crm_script_id_t) i);
        assert_int_equal(strlen(script->sha1), 40);
        assert_int_equal(strlen(script->source), script->source_len);
        assert_int_equal(strncmp(script->source, "#!lua", 5), 0);
        assert_null(strstr(script->source, "-- include"));
    }
}


static crm_status_t
build_begin(crm_pool_t *tight, void *data)
{
    return crm_cmd_begin(tight, data) ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
build_eval(crm_pool_t *tight, void *data)
{
    return crm_cmd_eval(tight, data) ? CRM_OK : CRM_ENOMEM;
}


static void
without_memory_there_is_no_command(void **state)
{
    char               id[9000];
    crm_cmd_begin_t    in;
    crm_record_name_t  record;

    (void) state;

    memset(id, 'x', sizeof(id));
    record.module = CRM_STR("A");
    record.id = crm_str(id, sizeof(id));
    memset(&in, 0, sizeof(in));
    in.org = ORG;
    in.event = CRM_STR("E");
    in.records = &record;
    in.n_records = 1;

    crm_test_starve(build_begin, &in);
    crm_test_starve(build_eval, crm_cmd_begin(pool, &in));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_plain_command_is_its_arguments),
        cmocka_unit_test(begin_lists_its_records_as_keys_and_as_json),
        cmocka_unit_test(prepare_names_the_hash_of_each_record_for_its_marks),
        cmocka_unit_test(commit_lists_jobs_and_changes),
        cmocka_unit_test(commit_names_the_entrances_that_jobs_go_to),
        cmocka_unit_test(commit_puts_what_waits_behind),
        cmocka_unit_test(recovery_names_its_claim),
        cmocka_unit_test(the_worker_names_the_classes_it_runs),
        cmocka_unit_test(a_script_that_redis_forgot_goes_out_in_full),
        cmocka_unit_test(every_script_is_whole),
        cmocka_unit_test(without_memory_there_is_no_command),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, start, end);
}
