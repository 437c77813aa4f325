/*
 * The command scores: stored records are counted anew, and how far that is.
 */

#include "crm_cli_print.h"
#include "crm_cli_runs.h"

#include "base/crm_ulid.h"
#include "queue/crm_score_page.h"
#include "rules/crm_ruleset.h"
#include "state/crm_take.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>


/* Between two looks. */
#define SCORES_LOOK_MS  500


static crm_cli_exit_t scores_run(crm_cli_t *cli, crm_store_t *store);
static crm_status_t scores_check(crm_cli_t *cli, crm_store_t *store,
    long long *now_ms, crm_error_t *err);
static crm_status_t scores_countable(crm_cli_t *cli,
    const crm_ruleset_t *rules, crm_error_t *err);
static crm_status_t scores_begin(crm_triggered_t *triggered, crm_cli_t *cli,
    crm_store_t *store, long long now_ms, crm_error_t *err);
static crm_cli_exit_t scores_follow(crm_cli_t *cli, crm_store_t *store);
static crm_cli_exit_t scores_status(crm_cli_t *cli, crm_store_t *store);
static crm_status_t scores_read(json_t **rows, crm_cli_t *cli,
    crm_store_t *store, crm_error_t *err);
static crm_status_t scores_row(json_t *rows, crm_cli_t *cli,
    crm_store_t *store, crm_str_t module, crm_error_t *err);
static void scores_table(const json_t *rows, crm_cli_t *cli);
static const char *scores_number(const json_t *row, const char *name,
    crm_cli_t *cli);


crm_cli_exit_t
crm_cli_scores(crm_cli_t *cli)
{
    int           run;
    crm_store_t  *store;

    run = strcmp(cli->opts.args[1], "run") == 0;

    if ((!run && strcmp(cli->opts.args[1], "status") != 0)
        || cli->opts.nargs != (run ? 3 : 2) || (!run && cli->opts.follow))
    {
        crm_cli_complain("write: crmctl scores run MODULE [--follow], or"
                         " crmctl scores status");
        return CRM_CLI_USAGE;
    }

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    return run ? scores_run(cli, store) : scores_status(cli, store);
}


static crm_cli_exit_t
scores_run(crm_cli_t *cli, crm_store_t *store)
{
    long long         now_ms;
    const char       *module;
    crm_error_t       err;
    crm_status_t      rc;
    crm_triggered_t   triggered;

    module = cli->opts.args[2];
    rc = scores_check(cli, store, &now_ms, &err);

    if (rc == CRM_OK) {
        rc = scores_begin(&triggered, cli, store, now_ms, &err);
    }

    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (triggered != CRM_TRIGGER_OK && !cli->opts.follow) {
        crm_cli_complain("records of \"%s\" are being counted: crmctl scores"
                         " status tells how far that is", module);
        return CRM_CLI_FAILED;
    }

    if (!cli->opts.follow) {
        printf("%s: crm-worker counts its records anew; crmctl scores status"
               " tells how far it is\n", module);
        return CRM_CLI_OK;
    }

    return scores_follow(cli, store);
}


/* What the worker would refuse is not begun. */
static crm_status_t
scores_check(crm_cli_t *cli, crm_store_t *store, long long *now_ms,
    crm_error_t *err)
{
    crm_status_t     rc;
    crm_findings_t   findings;
    crm_ruleset_t   *rules;
    crm_cli_live_t   live;

    rc = crm_cli_live_read(&live, store, cli->opts.org, cli->pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    *now_ms = live.now_ms;
    rules = NULL;

    if (live.bundle) {
        crm_findings_init(&findings, cli->pool);
        rules = crm_ruleset_create(live.bundle, live.revision,
                                   crm_host_malloc(), &findings);
        if (rules == NULL) {
            return crm_error_set(err, findings.status == CRM_ENOMEM
                                      ? CRM_ENOMEM : CRM_EINVAL,
                                 CRM_NO_OFFSET, "", "revision %lld does not"
                                 " compile: \"crmctl doctor\" says why",
                                 live.revision);
        }
    }

    rc = scores_countable(cli, rules, err);

    if (rules) {
        crm_ruleset_release(rules);
    }

    return rc;
}


static crm_status_t
scores_countable(crm_cli_t *cli, const crm_ruleset_t *rules, crm_error_t *err)
{
    crm_str_t               name;
    crm_status_t            rc;
    crm_score_run_t         run;
    const crm_module_t     *module;
    const crm_backend_t    *backend;
    const crm_dialect_t    *dialect;
    crm_dialect_request_t   request;

    name = crm_strz(cli->opts.args[2]);
    module = rules ? crm_ruleset_module(rules, name) : NULL;

    if (module == NULL || module->scorings.count == 0) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "no scoring"
                             " rule that is live counts what records of"
                             " \"%s\" are worth", cli->opts.args[2]);
    }

    backend = crm_ruleset_backend(rules);
    dialect = backend && backend->dialect ? backend->dialect
                                          : crm_dialect_default();

    memset(&run, 0, sizeof(crm_score_run_t));
    run.module = name;
    run.cursor = CRM_STR("");

    rc = crm_score_page_ask(&request, &run, module, dialect, cli->pool);

    return rc == CRM_OK || rc == CRM_ENOMEM ? rc
           : crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                           "records of \"%s\" cannot be counted: %s",
                           cli->opts.args[2], crm_score_page_refusal(rc));
}


static crm_status_t
scores_begin(crm_triggered_t *triggered, crm_cli_t *cli, crm_store_t *store,
    long long now_ms, crm_error_t *err)
{
    char               id[CRM_ULID_LEN + 1];
    crm_buf_t          body, told;
    long long          n;
    crm_reply_t       *reply;
    crm_status_t       rc;
    unsigned char      random[CRM_ULID_RANDOM];
    crm_score_run_t    run;

    memset(&run, 0, sizeof(crm_score_run_t));

    if (getrandom(random, sizeof(random), 0) != (ssize_t) sizeof(random)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the system gives no random numbers");
    }

    run.org = crm_strz(cli->opts.org);
    run.module = crm_strz(cli->opts.args[2]);
    run.id = crm_score_run_id(run.module, cli->pool);
    run.run = crm_ulid(id, now_ms, random);
    run.cursor = CRM_STR("");
    run.last = CRM_STR("");
    run.at_ms = now_ms;

    crm_buf_init(&body, cli->pool, 0);
    crm_buf_init(&told, cli->pool, 0);
    crm_score_run_encode(&body, &run);
    crm_score_run_tell(&told, &run, "waiting", now_ms);

    if (run.id.data == NULL || crm_buf_status(&body) != CRM_OK
        || crm_buf_status(&told) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(store, crm_cmd_score_run(cli->pool, run.org,
                                                run.module, run.id,
                                                crm_buf_view(&body),
                                                crm_buf_view(&told)),
                       cli->pool, &reply, err);

    return rc == CRM_OK ? crm_take_trigger(triggered, &n, reply, err) : rc;
}


/* Until it has ended, one way or the other. */
static crm_cli_exit_t
scores_follow(crm_cli_t *cli, crm_store_t *store)
{
    size_t            i;
    json_t           *rows, *row, *found;
    long long         seen, told;
    const char       *state;
    crm_error_t       err;
    crm_status_t      rc;
    struct timespec   wait;

    told = -1;

    for ( ;; ) {
        rc = scores_read(&rows, cli, store, &err);
        if (rc != CRM_OK) {
            return crm_cli_live_failed(rc, &err);
        }

        found = NULL;

        json_array_foreach(rows, i, row) {
            if (strcmp(crm_cli_runs_text(row, "module"), cli->opts.args[2])
                == 0)
            {
                found = row;
            }
        }

        seen = json_integer_value(json_object_get(found, "seen"));
        state = found ? crm_cli_runs_text(found, "state") : "stopped";

        if (seen != told) {
            printf("%lld counted, %lld changed\n", seen,
                   (long long) json_integer_value(
                       json_object_get(found, "changed")));
            (void) fflush(stdout);
            told = seen;
        }

        if (strcmp(state, "done") == 0) {
            json_decref(rows);
            return CRM_CLI_OK;
        }

        if (strcmp(state, "stopped") == 0) {
            crm_cli_complain("it has ended before it was done: crmctl jobs"
                             " ls --state dead says why");
            json_decref(rows);
            return CRM_CLI_FAILED;
        }

        json_decref(rows);

        wait.tv_sec = 0;
        wait.tv_nsec = SCORES_LOOK_MS * 1000000L;
        (void) nanosleep(&wait, NULL);
    }
}


static crm_cli_exit_t
scores_status(crm_cli_t *cli, crm_store_t *store)
{
    int           printed;
    json_t       *rows, *all;
    crm_error_t   err;
    crm_status_t  rc;

    rc = scores_read(&rows, cli, store, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (cli->opts.json) {
        all = json_pack("{s:o}", "scores", rows);
        printed = all ? crm_cli_print_json(all, stdout) : -1;
        json_decref(all);

        return printed == 0 ? CRM_CLI_OK : crm_cli_no_memory();
    }

    if (json_array_size(rows)) {
        scores_table(rows, cli);
    } else {
        printf("none was counted anew\n");
    }

    json_decref(rows);

    return CRM_CLI_OK;
}


/* *rows is new. */
static crm_status_t
scores_read(json_t **rows, crm_cli_t *cli, crm_store_t *store,
    crm_error_t *err)
{
    size_t         i;
    crm_str_t      key;
    crm_reply_t   *reply;
    crm_status_t   rc;

    *rows = json_array();
    key = crm_key_scores(cli->pool, crm_strz(cli->opts.org));

    if (*rows == NULL || key.data == NULL) {
        json_decref(*rows);
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, cli->pool, &reply, err, 2,
                           CRM_STR("HKEYS"), key);

    if (rc == CRM_OK && reply->type != CRM_REPLY_ARRAY) {
        rc = crm_reply_misshapen("HKEYS", err);
    }

    for (i = 0; rc == CRM_OK && i < reply->count; i++) {
        rc = scores_row(*rows, cli, store, reply->elements[i].str, err);
    }

    if (rc != CRM_OK) {
        json_decref(*rows);
        *rows = NULL;
    }

    return rc;
}


/* What is not done, and has no job any more, has stopped: the job is asked for
 * first, since what is told last is told as it goes. */
static crm_status_t
scores_row(json_t *rows, crm_cli_t *cli, crm_store_t *store,
    crm_str_t module, crm_error_t *err)
{
    int            goes_on;
    json_t        *row;
    crm_str_t      job, key;
    crm_reply_t   *reply;
    crm_status_t   rc;

    key = crm_key_scores(cli->pool, crm_strz(cli->opts.org));
    job = crm_key_job(cli->pool, crm_strz(cli->opts.org),
                      crm_score_run_id(module, cli->pool));

    if (key.data == NULL || job.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, cli->pool, &reply, err, 2,
                           CRM_STR("EXISTS"), job);
    if (rc != CRM_OK) {
        return rc;
    }

    goes_on = reply->type == CRM_REPLY_INTEGER && reply->integer != 0;

    rc = crm_store_command(store, cli->pool, &reply, err, 3,
                           CRM_STR("HGET"), key, module);
    if (rc != CRM_OK) {
        return rc;
    }

    row = reply->type == CRM_REPLY_STRING
          ? json_loadb(reply->str.data, reply->str.len, 0, NULL) : NULL;

    if (!json_is_object(row)) {
        json_decref(row);
        return crm_reply_misshapen("HGET", err);
    }

    if (!goes_on && strcmp(crm_cli_runs_text(row, "state"), "done") != 0
        && json_object_set_new(row, "state", json_string("stopped")) != 0)
    {
        json_decref(row);
        return CRM_ENOMEM;
    }

    if (json_object_set_new(row, "module",
                            json_stringn(module.data, module.len)) != 0)
    {
        json_decref(row);
        return CRM_ENOMEM;
    }

    return json_array_append_new(rows, row) == 0 ? CRM_OK : CRM_ENOMEM;
}


static void
scores_table(const json_t *rows, crm_cli_t *cli)
{
    char             began[CRM_CLI_RUNS_TIME], told[CRM_CLI_RUNS_TIME];
    size_t           i;
    json_t          *row;
    crm_cli_table_t  table;

    crm_cli_table_init(&table, cli->pool, 7);
    crm_cli_table_row(&table, "MODULE", "STATE", "COUNTED", "CHANGED",
                      "UNKNOWN", "BEGAN", "LAST");

    json_array_foreach((json_t *) rows, i, row) {
        crm_cli_runs_time(began,
                          json_integer_value(json_object_get(row, "began")));
        crm_cli_runs_time(told,
                          json_integer_value(json_object_get(row, "told")));
        crm_cli_table_row(&table, crm_cli_runs_text(row, "module"),
                          crm_cli_runs_text(row, "state"),
                          scores_number(row, "seen", cli),
                          scores_number(row, "changed", cli),
                          scores_number(row, "unknown", cli), began, told);
    }

    crm_cli_table_print(&table, stdout);
}


static const char *
scores_number(const json_t *row, const char *name, crm_cli_t *cli)
{
    crm_str_t  text;

    text = crm_pool_printf(cli->pool, "%lld", (long long) json_integer_value(
                               json_object_get(row, name)));

    return text.data ? text.data : "";
}
