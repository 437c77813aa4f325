/*
 * The command function log: how functions ended, and what they told.
 */

#include "crm_cli_print.h"
#include "crm_cli_runs.h"

#include <string.h>


/* Of each at most 50 KB. */
#define FUNCTION_LOGS  100


static int log_wanted(void *data, const json_t *doc);
static void log_print(const json_t *doc);


crm_cli_exit_t
crm_cli_function_log(crm_cli_t *cli)
{
    int             rc;
    size_t          i;
    json_t         *list, *doc;
    crm_error_t     err;
    crm_store_t    *store;
    crm_status_t    status;
    crm_cli_exit_t  use;

    if (cli->opts.nargs > 3) {
        crm_cli_complain("function log takes one NAME, or none for all");
        return CRM_CLI_USAGE;
    }

    use = crm_cli_check_server("function log", cli);
    if (use != CRM_CLI_OK) {
        return use;
    }

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    status = crm_cli_runs_read(&list, store,
                               crm_key_runs(cli->pool,
                                            crm_strz(cli->opts.org)),
                               FUNCTION_LOGS, log_wanted,
                               (void *) cli->opts.args[2], cli->pool, &err);
    if (status != CRM_OK) {
        return crm_cli_live_failed(status, &err);
    }

    if (cli->opts.json) {
        list = json_pack("{s:o}", "runs", list);
        rc = list ? crm_cli_print_json(list, stdout) : -1;
        json_decref(list);
        return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
    }

    json_array_foreach(list, i, doc) {
        log_print(doc);
    }

    if (json_array_size(list) == 0) {
        printf("no run is noted\n");
    }

    json_decref(list);

    return CRM_CLI_OK;
}


static int
log_wanted(void *data, const json_t *doc)
{
    const char  *name = data;

    return name == NULL
           || strcmp(name, crm_cli_runs_text(doc, "function")) == 0
           || strcmp(name, crm_cli_runs_text(doc, "job")) == 0;
}


static void
log_print(const json_t *doc)
{
    char         at[CRM_CLI_RUNS_TIME];
    size_t       n;
    const char  *line;

    crm_cli_runs_time(at, json_integer_value(json_object_get(doc, "at")));

    printf("%s  ", at);
    crm_cli_print_text(crm_cli_runs_text(doc, "function"), stdout);
    printf("  ");
    crm_cli_print_text(crm_cli_runs_text(doc, "status"), stdout);
    printf(", ");
    crm_cli_print_text(crm_cli_runs_text(doc, "reason"), stdout);
    printf("  job ");
    crm_cli_print_text(crm_cli_runs_text(doc, "job"), stdout);
    putchar('\n');

    for (line = crm_cli_runs_text(doc, "log"); *line; line += n) {
        n = strcspn(line, "\n");
        fputs("    ", stdout);
        crm_cli_print_str(crm_str(line, n), stdout);
        putchar('\n');
        n += line[n] == '\n';
    }
}
