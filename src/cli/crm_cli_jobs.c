/*
 * The command jobs: what is to be delivered, and what never was.
 */

#include "crm_cli_jobs.h"

#include "crm_cli_live.h"
#include "crm_cli_print.h"

#include <string.h>


static crm_cli_exit_t jobs_list(crm_cli_t *cli, const crm_cli_jobs_t *jobs,
    long long now_ms);
static json_t *list_json(const crm_cli_jobs_t *jobs);
static json_t *item_json(const crm_cli_job_t *job);
static void list_table(const crm_cli_jobs_t *jobs, long long now_ms,
    crm_pool_t *pool);
static crm_cli_exit_t jobs_show(crm_cli_t *cli, const crm_cli_jobs_t *jobs);
static const char *jobs_age(long long from_ms, long long to_ms,
    crm_pool_t *pool);


crm_cli_exit_t
crm_cli_jobs(crm_cli_t *cli)
{
    int                   show;
    long long             now_ms;
    const char           *what;
    crm_error_t           err;
    crm_store_t          *store;
    crm_status_t          rc;
    crm_cli_exit_t        status;
    crm_cli_jobs_t        jobs;
    crm_cli_jobs_want_t   want;

    what = cli->opts.args[1];

    if (strcmp(what, "retry") == 0 || strcmp(what, "drop") == 0) {
        return crm_cli_jobs_change(cli);
    }

    show = strcmp(what, "show") == 0 && cli->opts.nargs == 3;

    if ((!show && (strcmp(what, "ls") != 0 || cli->opts.nargs != 2))
        || cli->opts.yes || cli->opts.rate)
    {
        crm_cli_complain("write: crmctl jobs ls, crmctl jobs show ID, or "
                         "crmctl jobs retry|drop with an ID or filters");
        return CRM_CLI_USAGE;
    }

    status = crm_cli_jobs_begin(&want, &store, &now_ms, cli);
    if (status != CRM_CLI_OK) {
        return status;
    }

    rc = crm_cli_jobs_read(&jobs, &want, show, store, cli->opts.org,
                           cli->pool, &err);

    if (rc != CRM_OK) {
        status = crm_cli_live_failed(rc, &err);

    } else {
        status = show ? jobs_show(cli, &jobs) : jobs_list(cli, &jobs, now_ms);
    }

    crm_cli_jobs_clean(&jobs);

    return status;
}


static crm_cli_exit_t
jobs_list(crm_cli_t *cli, const crm_cli_jobs_t *jobs, long long now_ms)
{
    int      rc;
    json_t  *value;

    if (!cli->opts.json) {
        list_table(jobs, now_ms, cli->pool);
        return CRM_CLI_OK;
    }

    value = list_json(jobs);
    rc = value ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}


static json_t *
list_json(const crm_cli_jobs_t *jobs)
{
    size_t   i;
    json_t  *list, *counts;

    list = json_array();
    counts = json_object();

    for (i = 0; list && i < jobs->count; i++) {
        if (json_array_append_new(list, item_json(&jobs->items[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }

    for (i = 0; counts && crm_cli_job_states[i]; i++) {
        if (json_object_set_new(counts, crm_cli_job_states[i],
                                json_integer((json_int_t)
                                             jobs->by_state[i]))
            != 0)
        {
            json_decref(counts);
            counts = NULL;
        }
    }

    if (list == NULL || counts == NULL) {
        json_decref(list);
        json_decref(counts);
        return NULL;
    }

    return json_pack("{s:I, s:o, s:o}", "matched",
                     (json_int_t) jobs->matched, "states", counts, "jobs",
                     list);
}


static json_t *
item_json(const crm_cli_job_t *job)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I,"
                     " s:o}", "id", crm_cli_json_text(job->id),
                     "state", job->state, "class", job->class,
                     "type", crm_cli_json_text(job->type),
                     "rule", crm_cli_json_text(job->rule),
                     "record", crm_cli_json_text(job->record),
                     "endpoint", crm_cli_json_text(job->endpoint),
                     "attempts", (json_int_t) job->attempts,
                     "at", (json_int_t) job->at_ms,
                     "due", (json_int_t) job->due_ms,
                     "error", crm_cli_json_text(job->error));
}


static void
list_table(const crm_cli_jobs_t *jobs, long long now_ms, crm_pool_t *pool)
{
    size_t                i;
    crm_str_t             attempts;
    crm_cli_table_t       table;
    const crm_cli_job_t  *job;

    crm_cli_table_init(&table, pool, 8);
    crm_cli_table_row(&table, "ID", "STATE", "TYPE", "RULE", "RECORD",
                      "ATTEMPTS", "AGE", "ERROR");

    for (i = 0; i < jobs->count; i++) {
        job = &jobs->items[i];
        attempts = crm_pool_printf(pool, "%lld", job->attempts);

        crm_cli_table_row(&table, job->id, job->state, job->type, job->rule,
                          job->record, attempts.data ? attempts.data : "?",
                          jobs_age(job->at_ms, now_ms, pool), job->error);
    }

    if (jobs->count) {
        crm_cli_table_print(&table, stdout);
        putchar('\n');
    }

    if (jobs->matched > jobs->count) {
        printf("the first %lu of %lu; narrow it down with --state, --class, "
               "--rule, --record, --endpoint, --reason, --since, --until\n",
               (unsigned long) jobs->count, (unsigned long) jobs->matched);
    }

    for (i = 0; crm_cli_job_states[i]; i++) {
        printf("%s%lu %s", i ? ", " : "", (unsigned long) jobs->by_state[i],
               crm_cli_job_states[i]);
    }

    putchar('\n');
}


/* Where it stands, and the job itself. */
static crm_cli_exit_t
jobs_show(crm_cli_t *cli, const crm_cli_jobs_t *jobs)
{
    int      rc;
    json_t  *value;

    if (jobs->count == 0) {
        crm_cli_complain("no job \"%s\" is at an entrance, under way, delayed "
                         "or among the newest %d dead", cli->opts.args[2],
                         CRM_CLI_JOBS_DEAD);
        return CRM_CLI_FAILED;
    }

    value = item_json(&jobs->items[0]);

    rc = value
         && json_object_set(value, "job", jobs->items[0].job
                                          ? jobs->items[0].job
                                          : json_null()) == 0
         ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}


static const char *
jobs_age(long long from_ms, long long to_ms, crm_pool_t *pool)
{
    crm_str_t  text;

    if (from_ms == 0) {
        return "";
    }

    text = crm_pool_printf(pool, "%lld s", (to_ms - from_ms) / 1000);

    return text.data ? text.data : "?";
}
