/*
 * The command endpoints: which receivers of webhooks are not well, and which
 * are to be called again.
 */

#include "crm_cli_health.h"
#include "crm_cli_live.h"
#include "crm_cli_print.h"


static crm_cli_exit_t endpoints_list(crm_cli_t *cli, crm_store_t *store);
static json_t *list_json(const crm_cli_health_t *health);
static void list_table(const crm_cli_health_t *health, long long now_ms,
    crm_pool_t *pool);
static crm_cli_exit_t endpoints_enable(crm_cli_t *cli, crm_store_t *store,
    const char *id);


crm_cli_exit_t
crm_cli_endpoints(crm_cli_t *cli)
{
    int          list, enable;
    const char  *what;
    crm_store_t  *store;

    what = cli->opts.args[1];
    list = strcmp(what, "ls") == 0 && cli->opts.nargs == 2;
    enable = strcmp(what, "enable") == 0 && cli->opts.nargs == 3;

    if (!list && !enable) {
        crm_cli_complain("write: crmctl endpoints ls, or crmctl endpoints "
                         "enable ID");
        return CRM_CLI_USAGE;
    }

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    return list ? endpoints_list(cli, store)
                : endpoints_enable(cli, store, cli->opts.args[2]);
}


static crm_cli_exit_t
endpoints_list(crm_cli_t *cli, crm_store_t *store)
{
    int                rc;
    json_t            *value;
    long long          now_ms;
    crm_error_t        err;
    crm_status_t       status;
    crm_cli_health_t   health;

    status = crm_cli_live_now(&now_ms, store, cli->pool, &err);

    if (status == CRM_OK) {
        status = crm_cli_health_read(&health, store, cli->opts.org, cli->pool,
                                     &err);
    }

    if (status != CRM_OK) {
        return crm_cli_live_failed(status, &err);
    }

    if (!cli->opts.json) {
        list_table(&health, now_ms, cli->pool);
        return CRM_CLI_OK;
    }

    value = list_json(&health);
    rc = value ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}


static json_t *
list_json(const crm_cli_health_t *health)
{
    size_t                        i;
    json_t                       *list, *row;
    const crm_cli_health_item_t  *item;

    list = json_array();

    for (i = 0; list && i < health->count; i++) {
        item = &health->items[i];

        row = json_pack("{s:o, s:o, s:o, s:s, s:I, s:I, s:o, s:o}",
                        "id", crm_cli_json_text(item->id),
                        "webhook", item->name[0]
                                   ? crm_cli_json_text(item->name)
                                   : json_null(),
                        "url", crm_cli_json_text(item->url),
                        "state", crm_cli_health_state(item->state),
                        "failures", (json_int_t) item->failures,
                        "since", (json_int_t) item->since_ms,
                        "error", crm_cli_json_text(item->error),
                        "why", item->why[0] ? crm_cli_json_text(item->why)
                                            : json_null());

        if (json_array_append_new(list, row) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list ? json_pack("{s:I, s:I, s:I, s:o}",
                            "failing", (json_int_t) health->failing,
                            "open", (json_int_t) health->open,
                            "disabled", (json_int_t) health->disabled,
                            "endpoints", list)
                : NULL;
}


static void
list_table(const crm_cli_health_t *health, long long now_ms,
    crm_pool_t *pool)
{
    size_t                        i;
    crm_str_t                     since, failures;
    crm_cli_table_t               table;
    const crm_cli_health_item_t  *item;

    crm_cli_table_init(&table, pool, 7);
    crm_cli_table_row(&table, "ID", "WEBHOOK", "ENDPOINT", "STATE", "FAILURES",
                      "SINCE", "ERROR");

    for (i = 0; i < health->count; i++) {
        item = &health->items[i];
        since = CRM_STR("");
        failures = crm_pool_printf(pool, "%lld", item->failures);

        if (item->since_ms > 0) {
            since = crm_pool_printf(pool, "%lld s",
                                    (now_ms - item->since_ms) / 1000);
        }

        crm_cli_table_row(&table, item->id, item->name, item->url,
                          crm_cli_health_state(item->state),
                          failures.data ? failures.data : "?",
                          since.data ? since.data : "?", item->error);
    }

    if (health->count) {
        crm_cli_table_print(&table, stdout);
        putchar('\n');
    }

    printf("%lld webhooks failing, %lld disabled, %lld endpoints left alone\n",
           health->failing, health->disabled, health->open);
}


/* What is known of it goes: it begins anew. */
static crm_cli_exit_t
endpoints_enable(crm_cli_t *cli, crm_store_t *store, const char *id)
{
    crm_str_t      key, index, org;
    long long      gone;
    crm_error_t    err;
    crm_reply_t   *reply;
    crm_status_t   rc;

    org = crm_strz(cli->opts.org);
    key = crm_key_health_of(cli->pool, org, crm_strz(id));
    index = crm_key_health(cli->pool, org);

    if (key.data == NULL || index.data == NULL) {
        return crm_cli_no_memory();
    }

    rc = crm_store_command(store, cli->pool, &reply, &err, 2, CRM_STR("DEL"),
                           key);
    if (rc == CRM_OK) {
        rc = crm_reply_integer(&gone, reply, &err);
    }

    if (rc == CRM_OK) {
        rc = crm_store_command(store, cli->pool, &reply, &err, 3,
                               CRM_STR("ZREM"), index, crm_strz(id));
    }

    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (gone == 0) {
        crm_cli_complain("no endpoint or webhook \"%s\" is failing; crmctl "
                         "endpoints ls shows those that are", id);
        return CRM_CLI_FAILED;
    }

    if (!cli->opts.json) {
        printf("%s is called again\n", id);
    }

    return CRM_CLI_OK;
}
