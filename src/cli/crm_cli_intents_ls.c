/*
 * The command intents: which writes have begun and not ended.
 */

#include "crm_cli_intents.h"
#include "crm_cli_live.h"
#include "crm_cli_print.h"


#define INTENTS_MAX_LISTED  1000


static crm_cli_exit_t intents_list(crm_cli_t *cli);
static json_t *list_json(const crm_cli_intents_t *intents, long long now_ms);
static void list_table(const crm_cli_intents_t *intents, long long now_ms,
    crm_pool_t *pool);
static const char *age(long long since_ms, long long now_ms,
    crm_pool_t *pool);


crm_cli_exit_t
crm_cli_intents(crm_cli_t *cli)
{
    const char                *what;
    static const char *const   words[] = { "ls", "settle", NULL };

    what = cli->opts.args[1];

    if (strcmp(what, "ls") == 0 && cli->opts.nargs == 2) {
        return intents_list(cli);
    }

    if (strcmp(what, "settle") == 0 && cli->opts.nargs == 4) {
        return crm_cli_settle(cli);
    }

    if (strcmp(what, "ls") == 0 || strcmp(what, "settle") == 0) {
        crm_cli_complain("write: crmctl intents ls, or crmctl intents settle "
                         "EVENT committed|dropped");

    } else if (crm_cli_nearest(what, words)) {
        crm_cli_complain("intents takes ls or settle, not \"%s\": did you "
                         "mean \"%s\"?", what, crm_cli_nearest(what, words));
    } else {
        crm_cli_complain("intents takes ls or settle, not \"%s\"", what);
    }

    return CRM_CLI_USAGE;
}


static crm_cli_exit_t
intents_list(crm_cli_t *cli)
{
    int                 rc;
    json_t             *value;
    long long           now_ms;
    crm_error_t         err;
    crm_store_t        *store;
    crm_status_t        status;
    crm_cli_intents_t   intents;

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    status = crm_cli_live_now(&now_ms, store, cli->pool, &err);

    if (status == CRM_OK) {
        status = crm_cli_intents_read(&intents, store, cli->opts.org, now_ms,
                                      INTENTS_MAX_LISTED, cli->pool, &err);
    }

    if (status != CRM_OK) {
        return crm_cli_live_failed(status, &err);
    }

    if (!cli->opts.json) {
        list_table(&intents, now_ms, cli->pool);
        return CRM_CLI_OK;
    }

    value = list_json(&intents, now_ms);
    rc = value ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}


static json_t *
list_json(const crm_cli_intents_t *intents, long long now_ms)
{
    size_t                   i;
    json_t                  *list, *item;
    const crm_cli_intent_t  *intent;

    list = json_array();

    for (i = 0; list && i < intents->count; i++) {
        intent = &intents->items[i];

        item = json_pack("{s:o, s:o, s:s, s:o, s:I, s:I, s:o}",
                         "event", crm_cli_json_text(intent->event),
                         "state", crm_cli_json_text(intent->state),
                         "operation", intent->operation,
                         "record", crm_cli_json_text(intent->record),
                         "begun", (json_int_t) intent->begun_ms,
                         "age_ms", (json_int_t) (intent->begun_ms
                                         ? now_ms - intent->begun_ms : 0),
                         "reason", crm_cli_json_text(intent->reason));

        if (json_array_append_new(list, item) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list ? json_pack("{s:I, s:I, s:o}",
                            "pending", (json_int_t) intents->pending,
                            "undetermined",
                            (json_int_t) intents->undetermined,
                            "intents", list)
                : NULL;
}


static void
list_table(const crm_cli_intents_t *intents, long long now_ms,
    crm_pool_t *pool)
{
    size_t                   i;
    crm_cli_table_t          table;
    const crm_cli_intent_t  *intent;

    crm_cli_table_init(&table, pool, 6);
    crm_cli_table_row(&table, "EVENT", "STATE", "OPERATION", "RECORD", "AGE",
                      "REASON");

    for (i = 0; i < intents->count; i++) {
        intent = &intents->items[i];

        crm_cli_table_row(&table, intent->event, intent->state,
                          intent->operation, intent->record,
                          age(intent->begun_ms, now_ms, pool),
                          intent->reason);
    }

    if (intents->count) {
        crm_cli_table_print(&table, stdout);
        putchar('\n');
    }

    printf("%lld undetermined, %lld pending\n", intents->undetermined,
           intents->pending);
}


static const char *
age(long long since_ms, long long now_ms, crm_pool_t *pool)
{
    crm_str_t  text;

    if (since_ms == 0 || now_ms < since_ms) {
        return "";
    }

    text = crm_pool_printf(pool, "%lld s", (now_ms - since_ms) / 1000);

    return text.data ? text.data : "?";
}
