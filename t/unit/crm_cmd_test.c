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
    in.records = records;
    in.n_records = 2;
    cmd = crm_cmd_begin(pool, &in);

    assert_ptr_equal(cmd->script, script);
    assert_cmd(cmd, "EVALSHA", script->sha1, "8", "crm:{o}:epoch",
               "crm:{o}:intents", "crm:{o}:intent:E", "crm:{o}:settled:E",
               "crm:{o}:busy:A/1", "crm:{o}:record:A/1", "crm:{o}:busy:B/\"2",
               "crm:{o}:record:B/\"2", "E", "P", "130000",
               "[\"A/1\",\"B/\\\"2\"]", "", "2");
}


static void
commit_lists_jobs_and_changes(void **state)
{
    crm_cmd_job_t      job = { CRM_QUEUE_RECORDS, CRM_STR("j"), CRM_STR("{}") };
    crm_cmd_commit_t   in;
    crm_cmd_change_t   changes[3] = {
        { CRM_CHANGE_SET, CRM_STR("lock"), CRM_STR("[]") },
        { CRM_CHANGE_DEL, CRM_STR("once:x"), CRM_STR_NULL },
        { CRM_CHANGE_DROP, CRM_STR_NULL, CRM_STR_NULL }
    };
    crm_cmd_outcome_t  records[2] = {
        { { CRM_STR("A"), CRM_STR("1") }, 0, changes, 3 },
        { { CRM_STR("B"), CRM_STR("2") }, 1, NULL, 0 }
    };

    (void) state;

    in.org = ORG;
    in.event = CRM_STR("E");
    in.trace = CRM_STR("{t}");
    in.jobs = &job;
    in.n_jobs = 1;
    in.records = records;
    in.n_records = 2;

    assert_cmd(crm_cmd_commit(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_COMMIT)->sha1, "13",
               "crm:{o}:intents", "crm:{o}:intent:E", "crm:{o}:settled:E",
               "crm:{o}:own", "crm:{o}:trace", "crm:{o}:queue:webhooks",
               "crm:{o}:queue:emails", "crm:{o}:queue:records",
               "crm:{o}:queue:functions", "crm:{o}:busy:A/1",
               "crm:{o}:record:A/1", "crm:{o}:busy:B/2", "crm:{o}:record:B/2",
               "E", "{t}", "1", "3", "j", "{}", "2", "0", "3", "set", "lock",
               "[]", "del", "once:x", "", "drop", "", "", "1", "0");
}


static void
the_worker_names_the_classes_it_runs(void **state)
{
    crm_queue_t      classes[] = { CRM_QUEUE_FUNCTIONS, CRM_QUEUE_WEBHOOKS };
    crm_cmd_take_t   in;

    (void) state;

    in.org = ORG;
    in.classes = classes;
    in.n_classes = 2;
    in.max_jobs = 10;
    in.max_move = 100;
    in.lease_ttl_ms = 60000;
    in.endpoint_limit = 4;

    assert_cmd(crm_cmd_take(pool, &in), "EVALSHA",
               crm_script(CRM_SCRIPT_TAKE)->sha1, "8", "crm:{o}:lease",
               "crm:{o}:delayed", "crm:{o}:dead", "crm:{o}:inflight",
               "crm:{o}:own", "crm:{o}:turn", "crm:{o}:queue:functions",
               "crm:{o}:queue:webhooks", "10", "100", "60000", "4",
               "functions", "webhooks");
}


static void
a_script_that_redis_forgot_goes_out_in_full(void **state)
{
    crm_cmd_t           *cmd, *eval;
    const crm_script_t  *script;

    (void) state;

    script = crm_script(CRM_SCRIPT_RULES);
    cmd = crm_cmd_rules(pool, ORG, CRM_STR("h:1"), CRM_STR("{}"));
    eval = crm_cmd_eval(pool, cmd);

    assert_cmd(eval, "EVAL", script->source, "4", "crm:{o}:epoch",
               "crm:{o}:revision", "crm:{o}:processes", "crm:{o}:intents",
               "h:1", "{}");
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
        cmocka_unit_test(commit_lists_jobs_and_changes),
        cmocka_unit_test(the_worker_names_the_classes_it_runs),
        cmocka_unit_test(a_script_that_redis_forgot_goes_out_in_full),
        cmocka_unit_test(every_script_is_whole),
        cmocka_unit_test(without_memory_there_is_no_command),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, start, end);
}
