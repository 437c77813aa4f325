/*
 * The command approvals: what waits for whom, and a person's decision.
 *
 * A decision starts actions and is judged over the stored record: nginx does
 * that, so that it goes through --server alone.
 */

#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "crm_cli_server.h"
#include "base/crm_buf.h"
#include "base/crm_time.h"
#include "state/crm_waits.h"


#define APPROVALS_MAX_PAGES  1000

typedef struct {
    crm_cli_t  *cli;
    json_t     *list;
    int         more;
    int         failed;
} approvals_t;


static crm_cli_exit_t approvals_list(crm_cli_t *cli);
static crm_cli_exit_t approvals_server(approvals_t *a);
static crm_cli_exit_t approvals_here(approvals_t *a);
static crm_status_t approvals_page(crm_waits_t *waits, approvals_t *a,
    crm_store_t *store, const crm_waits_at_t *at, crm_error_t *err);
static void approvals_add(approvals_t *a, const crm_waits_record_t *record);
static json_t *approvals_asked(const json_t *state);
static crm_cli_exit_t approvals_print(const approvals_t *a);
static const char *approvals_names(const approvals_t *a,
    const json_t *approvers);
static crm_cli_exit_t approvals_decide(crm_cli_t *cli, const char *action);


crm_cli_exit_t
crm_cli_approvals(crm_cli_t *cli)
{
    const char  *what, *near;

    static const char *const  words[] = { "ls", "approve", "reject", NULL };

    what = cli->opts.args[1];

    if (strcmp(what, "ls") == 0 && cli->opts.nargs == 2) {
        return approvals_list(cli);
    }

    if ((strcmp(what, "approve") == 0 || strcmp(what, "reject") == 0)
        && cli->opts.nargs == 3)
    {
        return approvals_decide(cli, what);
    }

    near = crm_cli_nearest(what, words);

    if (near && strcmp(near, what) == 0) {
        crm_cli_complain("write: crmctl approvals ls, or crmctl approvals"
                         " approve|reject MODULE/ID --server URL");
    } else {
        crm_cli_complain("approvals takes ls, approve or reject, not \"%s\""
                         "%s%s%s", what, near ? ": did you mean " : "",
                         near ? near : "", near ? "?" : "");
    }

    return CRM_CLI_USAGE;
}


static crm_cli_exit_t
approvals_list(crm_cli_t *cli)
{
    approvals_t      a;
    crm_cli_exit_t   rc;

    memset(&a, 0, sizeof(approvals_t));
    a.cli = cli;
    a.list = json_array();

    if (a.list == NULL) {
        return crm_cli_no_memory();
    }

    rc = cli->opts.server ? approvals_server(&a) : approvals_here(&a);
    if (rc == CRM_CLI_OK) {
        rc = a.failed ? crm_cli_no_memory() : approvals_print(&a);
    }

    json_decref(a.list);

    return rc;
}


/* Page by page, as the token's user sees them. */
static crm_cli_exit_t
approvals_server(approvals_t *a)
{
    int              pages;
    json_t          *answer;
    crm_str_t        path;
    const char      *next;
    crm_cli_exit_t   rc;

    path = CRM_STR("approvals");

    for (pages = 0; pages < APPROVALS_MAX_PAGES; pages++) {
        rc = crm_cli_server(&answer, a->cli, "GET", path, NULL);
        if (rc != CRM_CLI_OK) {
            return rc;
        }

        if (json_array_extend(a->list, json_object_get(answer, "data")) != 0
            && json_array_size(json_object_get(answer, "data")))
        {
            a->failed = 1;
        }

        next = json_string_value(json_object_get(answer, "next"));
        path = next ? crm_pool_printf(a->cli->pool, "approvals?cursor=%s",
                                      next) : CRM_STR_NULL;
        json_decref(answer);

        if (path.data == NULL) {
            return CRM_CLI_OK;
        }
    }

    a->more = 1;

    return CRM_CLI_OK;
}


static crm_cli_exit_t
approvals_here(approvals_t *a)
{
    int              pages;
    crm_error_t      err;
    crm_store_t     *store;
    crm_waits_t      waits;
    crm_status_t     rc;
    crm_waits_at_t   at;

    store = crm_cli_live_open(a->cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = crm_waits_at(&at, CRM_STR(""), a->cli->pool);
    waits.more = 1;

    for (pages = 0; rc == CRM_OK && waits.more && !a->failed; pages++) {
        if (pages == APPROVALS_MAX_PAGES) {
            a->more = 1;
            break;
        }

        rc = approvals_page(&waits, a, store, &at, &err);
        at = waits.last;
    }

    return rc == CRM_OK ? CRM_CLI_OK : crm_cli_live_failed(rc, &err);
}


static crm_status_t
approvals_page(crm_waits_t *waits, approvals_t *a, crm_store_t *store,
    const crm_waits_at_t *at, crm_error_t *err)
{
    size_t         i;
    crm_cmd_t     *cmd;
    crm_reply_t   *reply;
    crm_status_t   rc;

    cmd = crm_waits_cmd(a->cli->pool, crm_strz(a->cli->opts.org), at);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(store, cmd, a->cli->pool, &reply, err);
    if (rc == CRM_OK) {
        rc = crm_waits_parse(waits, reply, a->cli->pool, err);
    }

    for (i = 0; rc == CRM_OK && i < waits->n_records; i++) {
        approvals_add(a, &waits->records[i]);
    }

    return rc;
}


/* What nobody can read is left out. */
static void
approvals_add(approvals_t *a, const crm_waits_record_t *record)
{
    json_t      *state, *item;
    const char  *word;

    state = json_loadb(record->state.data, record->state.len, 0, NULL);
    word = json_string_value(json_object_get(state, "state"));

    if (word == NULL || strcmp(word, "waiting") != 0) {
        json_decref(state);
        return;
    }

    item = json_pack("{s:s%, s:s%, s:O?, s:O?, s:o?, s:O?, s:O?}",
                     "module", record->module.data, record->module.len,
                     "id", record->id.data, record->id.len,
                     "process", json_object_get(state, "process"),
                     "level", json_object_get(state, "level"),
                     "approvers", approvals_asked(state),
                     "submitted_by", json_object_get(state, "submitter"),
                     "at", json_object_get(state, "at"));

    if (item == NULL || json_array_append_new(a->list, item) != 0) {
        a->failed = 1;
    }

    json_decref(state);
}


/* New: those of the level where it is. */
static json_t *
approvals_asked(const json_t *state)
{
    long long  level;

    level = json_integer_value(json_object_get(state, "level"));

    return level > 0
           ? json_incref(json_array_get(json_object_get(state, "approvers"),
                                        (size_t) level - 1)) : NULL;
}


static crm_cli_exit_t
approvals_print(const approvals_t *a)
{
    char              at[CRM_TIME_ISO_LEN + 1];
    size_t            i;
    json_t           *item, *value;
    const char       *process, *by, *since;
    crm_str_t         record, level;
    crm_cli_table_t   table;

    if (a->cli->opts.json) {
        item = json_pack("{s:O, s:b}", "data", a->list, "more", a->more);
        i = item && crm_cli_print_json(item, stdout) == 0;
        json_decref(item);
        return i ? CRM_CLI_OK : crm_cli_no_memory();
    }

    crm_cli_table_init(&table, a->cli->pool, 6);
    crm_cli_table_row(&table, "RECORD", "PROCESS", "LEVEL", "ASKED",
                      "SUBMITTED BY", "SINCE");

    json_array_foreach(a->list, i, item) {
        process = json_string_value(json_object_get(item, "process"));
        by = json_string_value(json_object_get(item, "submitted_by"));
        value = json_object_get(item, "at");
        since = json_is_integer(value)
                ? crm_time_iso(at, json_integer_value(value)).data
                : json_string_value(value);
        record = crm_pool_printf(a->cli->pool, "%s/%s",
                     json_string_value(json_object_get(item, "module")),
                     json_string_value(json_object_get(item, "id")));
        level = crm_pool_printf(a->cli->pool, "%lld",
                    json_integer_value(json_object_get(item, "level")));

        crm_cli_table_row(&table, record.data ? record.data : "?",
                          process ? process : "",
                          level.data ? level.data : "?",
                          approvals_names(a, json_object_get(item,
                                                             "approvers")),
                          by ? by : "", since ? since : "");
    }

    if (json_array_size(a->list)) {
        crm_cli_table_print(&table, stdout);
    } else {
        printf("nothing waits for an approval\n");
    }

    if (a->more) {
        printf("and more than these %zu\n", json_array_size(a->list));
    }

    return CRM_CLI_OK;
}


static const char *
approvals_names(const approvals_t *a, const json_t *approvers)
{
    size_t         i;
    const char    *id;
    crm_buf_t      buf;
    const json_t  *one;

    crm_buf_init(&buf, a->cli->pool, 0);

    json_array_foreach((json_t *) approvers, i, one) {
        id = json_string_value(json_is_object(one)
                               ? json_object_get(one, "id") : one);
        crm_buf_puts(&buf, i ? ", " : "");
        crm_buf_puts(&buf, id ? id : "?");
    }

    crm_buf_putc(&buf, '\0');

    return crm_buf_status(&buf) == CRM_OK ? buf.data : "?";
}


static crm_cli_exit_t
approvals_decide(crm_cli_t *cli, const char *action)
{
    json_t          *answer, *body;
    crm_str_t        module, id, path;
    crm_cli_exit_t   rc;

    rc = crm_cli_server_record(&module, &id, "approvals", cli->opts.args[2]);
    if (rc != CRM_CLI_OK) {
        return rc;
    }

    if (cli->opts.server == NULL) {
        crm_cli_complain("a decision is a person's, and starts what the"
                         " process says: give --server URL --token-file FILE,"
                         " so that nginx makes it");
        return CRM_CLI_USAGE;
    }

    path = crm_cli_server_path(cli, "approvals", module, id);
    body = json_pack("{s:s, s:s}", "action", action, "comments",
                     cli->opts.comments ? cli->opts.comments : "");

    if (path.data == NULL || body == NULL) {
        json_decref(body);
        return crm_cli_no_memory();
    }

    rc = crm_cli_server(&answer, cli, "POST", path, body);
    json_decref(body);

    if (rc != CRM_CLI_OK) {
        return rc;
    }

    if (cli->opts.json) {
        rc = crm_cli_print_json(answer ? answer : json_null(), stdout) == 0
             ? CRM_CLI_OK : crm_cli_no_memory();
    } else {
        printf("%s: %sd\n", cli->opts.args[2],
               strcmp(action, "reject") == 0 ? "rejecte" : "approve");
    }

    json_decref(answer);

    return rc;
}
