/*
 * The command schedules: when they run, which runs have failed, one by hand.
 */

#include "crm_cli_print.h"
#include "crm_cli_runs.h"

#include "queue/crm_job_schedule.h"
#include "rules/crm_zone_json.h"
#include "state/crm_take.h"

#include <stdlib.h>
#include <string.h>


/* What is known of a schedule, as its hash has it. */
static const char *const  fields[] = {
    "due", "runs", "last_at", "last_status", "last_run", "over"
};

#define FIELDS  (sizeof(fields) / sizeof(fields[0]))


static crm_cli_exit_t schedules_list(crm_cli_t *cli, crm_store_t *store);
static crm_status_t schedules_read(json_t *list, crm_store_t *store,
    const crm_reply_t *names, crm_cli_t *cli, crm_error_t *err);
static json_t *schedules_row(crm_str_t name, const crm_reply_t *values);
static void schedules_table(const json_t *list, crm_pool_t *pool);
static crm_cli_exit_t schedules_failed(crm_cli_t *cli, crm_store_t *store);
static int schedules_is_failure(void *data, const json_t *doc);
static crm_cli_exit_t schedules_run(crm_cli_t *cli, crm_store_t *store,
    const char *name);
static crm_status_t schedules_day(crm_str_t *day, crm_cli_t *cli,
    crm_store_t *store, crm_error_t *err);
static crm_cli_exit_t schedules_told(crm_triggered_t triggered, long long n,
    const char *name);
static crm_cli_exit_t schedules_print(json_t *value);


crm_cli_exit_t
crm_cli_schedules(crm_cli_t *cli)
{
    int           run;
    const char   *what;
    crm_store_t  *store;

    what = cli->opts.args[1];
    run = strcmp(what, "run") == 0;

    if ((!run && strcmp(what, "ls") != 0 && strcmp(what, "failed") != 0)
        || cli->opts.nargs != (run ? 3 : 2))
    {
        crm_cli_complain("write: crmctl schedules ls, crmctl schedules "
                         "failed, or crmctl schedules run NAME");
        return CRM_CLI_USAGE;
    }

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    return run ? schedules_run(cli, store, cli->opts.args[2])
           : strcmp(what, "ls") == 0 ? schedules_list(cli, store)
                                     : schedules_failed(cli, store);
}


static crm_cli_exit_t
schedules_list(crm_cli_t *cli, crm_store_t *store)
{
    json_t        *list;
    crm_str_t      key;
    crm_error_t    err;
    crm_reply_t   *reply;
    crm_status_t   rc;

    list = json_array();
    key = crm_key_schedules(cli->pool, crm_strz(cli->opts.org));

    if (list == NULL || key.data == NULL) {
        json_decref(list);
        return crm_cli_no_memory();
    }

    rc = crm_store_command(store, cli->pool, &reply, &err, 2,
                           CRM_STR("HGETALL"), key);
    if (rc == CRM_OK) {
        rc = schedules_read(list, store, reply, cli, &err);
    }

    if (rc != CRM_OK) {
        json_decref(list);
        return crm_cli_live_failed(rc, &err);
    }

    if (cli->opts.json) {
        return schedules_print(json_pack("{s:o}", "schedules", list));
    }

    schedules_table(list, cli->pool);
    json_decref(list);

    return CRM_CLI_OK;
}


static crm_status_t
schedules_read(json_t *list, crm_store_t *store, const crm_reply_t *names,
    crm_cli_t *cli, crm_error_t *err)
{
    size_t         i;
    crm_str_t      id, key;
    crm_reply_t   *reply;
    crm_status_t   rc;

    for (i = 0; names->type == CRM_REPLY_ARRAY && i + 1 < names->count;
         i += 2)
    {
        id = names->elements[i].str;

        if (crm_str_is(id, "revision")) {
            continue;
        }

        key = crm_key_schedule(cli->pool, crm_strz(cli->opts.org), id);
        if (key.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_store_command(store, cli->pool, &reply, err, 2 + FIELDS,
                               CRM_STR("HMGET"), key, crm_strz(fields[0]),
                               crm_strz(fields[1]), crm_strz(fields[2]),
                               crm_strz(fields[3]), crm_strz(fields[4]),
                               crm_strz(fields[5]));
        if (rc != CRM_OK) {
            return rc;
        }

        if (reply->type != CRM_REPLY_ARRAY || reply->count != FIELDS) {
            return crm_reply_misshapen("HMGET", err);
        }

        if (json_array_append_new(list,
                                  schedules_row(names->elements[i + 1].str,
                                                reply))
            != 0)
        {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static json_t *
schedules_row(crm_str_t name, const crm_reply_t *values)
{
    size_t      i;
    json_t     *row;
    crm_str_t   text;

    row = json_object();

    if (row == NULL
        || json_object_set_new(row, "name", json_stringn(name.data, name.len))
           != 0)
    {
        json_decref(row);
        return NULL;
    }

    for (i = 0; i < FIELDS; i++) {
        text = values->elements[i].type == CRM_REPLY_STRING
               ? values->elements[i].str : CRM_STR("");

        if (json_object_set_new(row, fields[i],
                                strcmp(fields[i], "last_status") == 0
                                || strcmp(fields[i], "last_run") == 0
                                ? json_stringn(text.data, text.len)
                                : text.len == 0 ? json_null()
                                : json_integer(strtoll(text.data, NULL, 10)))
            != 0)
        {
            json_decref(row);
            return NULL;
        }
    }

    return row;
}


static void
schedules_table(const json_t *list, crm_pool_t *pool)
{
    char             next[CRM_CLI_RUNS_TIME], last[CRM_CLI_RUNS_TIME];
    size_t           i;
    json_t          *row;
    crm_str_t        runs;
    crm_cli_table_t  table;

    crm_cli_table_init(&table, pool, 5);
    crm_cli_table_row(&table, "SCHEDULE", "NEXT", "RUNS", "LAST", "ENDED");

    json_array_foreach((json_t *) list, i, row) {
        runs = crm_pool_printf(pool, "%lld", (long long)
                   json_integer_value(json_object_get(row, "runs")));

        crm_cli_runs_time(next,
                          json_integer_value(json_object_get(row, "due")));
        crm_cli_runs_time(last,
                          json_integer_value(json_object_get(row,
                                                             "last_at")));
        crm_cli_table_row(&table, crm_cli_runs_text(row, "name"),
                          next[0] ? next : "over", runs.data ? runs.data : "?",
                          last, crm_cli_runs_text(row, "last_status"));
    }

    if (json_array_size(list)) {
        crm_cli_table_print(&table, stdout);
    } else {
        printf("no worker has seen a schedule yet\n");
    }
}


static crm_cli_exit_t
schedules_failed(crm_cli_t *cli, crm_store_t *store)
{
    char             at[CRM_CLI_RUNS_TIME], due[CRM_CLI_RUNS_TIME];
    size_t           i;
    json_t          *list, *row;
    crm_error_t      err;
    crm_status_t     rc;
    crm_cli_table_t  table;

    rc = crm_cli_runs_read(&list, store,
                           crm_key_scheduled(cli->pool,
                                             crm_strz(cli->opts.org)),
                           CRM_CLI_RUNS_MOST, schedules_is_failure, NULL,
                           cli->pool, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (cli->opts.json) {
        return schedules_print(json_pack("{s:o}", "failed", list));
    }

    crm_cli_table_init(&table, cli->pool, 5);
    crm_cli_table_row(&table, "SCHEDULE", "DUE", "AT", "STATUS", "REASON");

    json_array_foreach(list, i, row) {
        crm_cli_runs_time(due,
                          json_integer_value(json_object_get(row, "due")));
        crm_cli_runs_time(at, json_integer_value(json_object_get(row, "at")));
        crm_cli_table_row(&table, crm_cli_runs_text(row, "schedule"), due, at,
                          crm_cli_runs_text(row, "status"),
                          crm_cli_runs_text(row, "reason"));
    }

    if (json_array_size(list)) {
        crm_cli_table_print(&table, stdout);
    } else {
        printf("none has failed\n");
    }

    json_decref(list);

    return CRM_CLI_OK;
}


static int
schedules_is_failure(void *data, const json_t *doc)
{
    (void) data;

    return strcmp(crm_cli_runs_text(doc, "status"), "done") != 0;
}


static crm_cli_exit_t
schedules_run(crm_cli_t *cli, crm_store_t *store, const char *name)
{
    char              id[CRM_SCHEDULE_ID_LEN + 1];
    crm_str_t         day, org;
    crm_buf_t         tick;
    long long         n;
    crm_error_t       err;
    crm_reply_t      *reply;
    crm_status_t      rc;
    crm_triggered_t   triggered;

    org = crm_strz(cli->opts.org);
    rc = schedules_day(&day, cli, store, &err);

    if (rc == CRM_OK) {
        crm_buf_init(&tick, cli->pool, 0);
        crm_job_schedule_tick(&tick, crm_strz(name), org,
                                 crm_job_schedule_id(id, crm_strz(name)), 0);
        rc = crm_buf_status(&tick);
    }

    if (rc == CRM_OK) {
        rc = crm_store_run(store, crm_cmd_trigger(cli->pool, org,
                                                  crm_strz(id),
                                                  crm_buf_view(&tick), day),
                           cli->pool, &reply, &err);
    }

    if (rc == CRM_OK) {
        rc = crm_take_trigger(&triggered, &n, reply, &err);
    }

    return rc == CRM_OK ? schedules_told(triggered, n, name)
                        : crm_cli_live_failed(rc, &err);
}


/* By the organisation's clocks. */
static crm_status_t
schedules_day(crm_str_t *day, crm_cli_t *cli, crm_store_t *store,
    crm_error_t *err)
{
    char             text[CRM_DATE_LEN + 1];
    crm_zone_t       zone;
    const json_t    *json;
    crm_status_t     rc;
    crm_cli_live_t   live;

    rc = crm_cli_live_read(&live, store, cli->opts.org, cli->pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(&zone, 0, sizeof(crm_zone_t));
    json = json_object_get(live.bundle, "time_zone");

    if (json_is_object(json)) {
        rc = crm_zone_json_decode(&zone, json, cli->pool);
        if (rc != CRM_OK) {
            return rc == CRM_ENOMEM ? rc
                   : crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                   "the rules have no time zone that can be"
                                   " read");
        }
    }

    (void) crm_date_text(text, crm_zone_day(&zone, live.now_ms / 1000));
    *day = crm_pool_printf(cli->pool, "%.4s%.2s%.2s", text, text + 5,
                           text + 8);

    return day->data ? CRM_OK : CRM_ENOMEM;
}


static crm_cli_exit_t
schedules_told(crm_triggered_t triggered, long long n, const char *name)
{
    switch (triggered) {

    case CRM_TRIGGER_OK:
        printf("%s begins; the %lld. time today by hand\n", name, n);
        return CRM_CLI_OK;

    case CRM_TRIGGER_LIMIT:
        crm_cli_complain("\"%s\" may be run by hand %lld times a day, and was:"
                         " try again tomorrow, or raise its runs_now", name,
                         n);
        return CRM_CLI_FAILED;

    case CRM_TRIGGER_RUNNING:
        crm_cli_complain("\"%s\" is running: wait for its end, or give it "
                         "overlap: queue", name);
        return CRM_CLI_FAILED;

    default:
        crm_cli_complain("no worker has seen a schedule \"%s\" that is on; "
                         "crmctl schedules ls lists them", name);
        return CRM_CLI_FAILED;
    }
}


static crm_cli_exit_t
schedules_print(json_t *value)
{
    int  rc;

    rc = value ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}
