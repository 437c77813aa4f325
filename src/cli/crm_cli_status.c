/*
 * The command status: what is live, who runs it, what waits.
 */

#include "crm_cli.h"
#include "crm_cli_counts.h"
#include "crm_cli_health.h"
#include "crm_cli_intents.h"
#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "crm_cli_queues.h"


typedef struct {
    crm_cli_live_t       live;
    crm_cli_processes_t  processes;
    crm_cli_queues_t     queues;
    crm_cli_intents_t    intents;
    crm_cli_health_t     health;
    crm_counts_t         counts;
} status_t;


static crm_status_t status_read(status_t *status, crm_store_t *store,
    crm_cli_t *cli, crm_error_t *err);
static json_t *status_json(const status_t *status, const char *org);
static json_t *processes_json(const crm_cli_processes_t *processes);
static json_t *queues_json(const crm_cli_queues_t *queues);
static void status_table(const status_t *status, crm_cli_t *cli);
static void processes_table(const crm_cli_processes_t *processes,
    crm_pool_t *pool);
static void queues_table(const crm_cli_queues_t *queues, crm_pool_t *pool);
static const char *number(long long n, crm_pool_t *pool);


crm_cli_exit_t
crm_cli_status(crm_cli_t *cli)
{
    int            done;
    json_t        *value;
    status_t       status;
    crm_error_t    err;
    crm_store_t   *store;
    crm_status_t   rc;

    store = crm_cli_live_open(cli);
    if (store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = status_read(&status, store, cli, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (cli->opts.json) {
        value = status_json(&status, cli->opts.org);
        done = value ? crm_cli_print_json(value, stdout) : -1;
        json_decref(value);

    } else {
        done = 0;
        status_table(&status, cli);
    }

    return done == 0 ? CRM_CLI_OK : crm_cli_no_memory();
}


static crm_status_t
status_read(status_t *status, crm_store_t *store, crm_cli_t *cli,
    crm_error_t *err)
{
    const char    *org;
    crm_pool_t    *pool;
    crm_status_t   rc;

    org = cli->opts.org;
    pool = cli->pool;

    rc = crm_cli_live_read(&status->live, store, org, pool, err);

    if (rc == CRM_OK) {
        rc = crm_cli_live_processes(&status->processes, store, org, pool, err);
    }

    if (rc == CRM_OK) {
        rc = crm_cli_queues_read(&status->queues, store, org,
                                 status->live.now_ms, pool, err);
    }

    if (rc == CRM_OK) {
        rc = crm_cli_intents_read(&status->intents, store, org,
                                  status->live.now_ms, 0, pool, err);
    }

    if (rc == CRM_OK) {
        rc = crm_cli_health_read(&status->health, store, org, pool, err);
    }

    if (rc == CRM_OK) {
        rc = crm_cli_counts_read(&status->counts, store, org, pool, err);
    }

    return rc;
}


static json_t *
status_json(const status_t *status, const char *org)
{
    return json_pack("{s:s, s:I, s:o, s:o, s:I, s:I, s:I,"
                     "s:o, s:{s:I, s:I, s:I}}",
                     "org", org,
                     "revision", (json_int_t) status->live.revision,
                     "processes", processes_json(&status->processes),
                     "queues", queues_json(&status->queues),
                     "delayed", (json_int_t) status->queues.delayed,
                     "dead", (json_int_t) status->queues.dead,
                     "undetermined",
                     (json_int_t) status->intents.undetermined,
                     "attempts", crm_cli_counts_json(&status->counts),
                     "endpoints",
                     "failing", (json_int_t) status->health.failing,
                     "open", (json_int_t) status->health.open,
                     "disabled", (json_int_t) status->health.disabled);
}


static json_t *
processes_json(const crm_cli_processes_t *processes)
{
    size_t                    i;
    json_t                   *list, *item, *rejected;
    const crm_cli_process_t  *p;

    list = json_array();

    for (i = 0; list && i < processes->count; i++) {
        p = &processes->items[i];

        rejected = p->rejected
                   ? json_pack("{s:I, s:o}",
                               "revision", (json_int_t) p->rejected,
                               "error", crm_cli_json_text(p->error))
                   : json_null();

        item = json_pack("{s:o, s:I, s:I, s:I, s:o}",
                         "host", crm_cli_json_text(p->host),
                         "pid", (json_int_t) p->pid,
                         "revision", (json_int_t) p->revision,
                         "loaded_at", (json_int_t) p->loaded_at,
                         "rejected", rejected);

        if (json_array_append_new(list, item) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static json_t *
queues_json(const crm_cli_queues_t *queues)
{
    int                     i;
    json_t                 *map, *item;
    const crm_cli_queue_t  *q;

    map = json_object();

    for (i = 0; map && i < CRM_QUEUE_COUNT; i++) {
        q = &queues->queues[i];

        item = json_pack("{s:I, s:I, s:I}",
                         "waiting", (json_int_t) q->waiting,
                         "leased", (json_int_t) q->leased,
                         "oldest_ms", (json_int_t) q->oldest_ms);

        if (json_object_set_new(map, crm_queue_name((crm_queue_t) i), item)
            != 0)
        {
            json_decref(map);
            return NULL;
        }
    }

    return map;
}


static void
status_table(const status_t *status, crm_cli_t *cli)
{
    if (status->live.revision == 0) {
        printf("organisation %s: no rules were ever applied\n",
               cli->opts.org);
    } else {
        printf("organisation %s: revision %lld\n", cli->opts.org,
               status->live.revision);
    }

    if (status->processes.count) {
        putchar('\n');
        processes_table(&status->processes, cli->pool);

    } else {
        printf("no nginx process runs\n");
    }

    putchar('\n');
    queues_table(&status->queues, cli->pool);
    crm_cli_counts_table(&status->counts, cli->pool);

    printf("\ndelayed %lld, dead %lld, undetermined %lld\n",
           status->queues.delayed, status->queues.dead,
           status->intents.undetermined);

    if (status->health.count) {
        printf("webhooks failing %lld, disabled %lld; endpoints left alone "
               "%lld\n", status->health.failing, status->health.disabled,
               status->health.open);
    }
}


static void
processes_table(const crm_cli_processes_t *processes, crm_pool_t *pool)
{
    size_t                    i;
    crm_str_t                 refused;
    crm_cli_table_t           table;
    const crm_cli_process_t  *p;

    crm_cli_table_init(&table, pool, 4);
    crm_cli_table_row(&table, "HOST", "PID", "REVISION", "REFUSED");

    for (i = 0; i < processes->count; i++) {
        p = &processes->items[i];
        refused = CRM_STR("");

        if (p->rejected) {
            refused = crm_pool_printf(pool, "%lld: %s", p->rejected,
                                      p->error);
        }

        crm_cli_table_row(&table, p->host, number(p->pid, pool),
                          number(p->revision, pool),
                          refused.data ? refused.data : "?");
    }

    crm_cli_table_print(&table, stdout);
}


static void
queues_table(const crm_cli_queues_t *queues, crm_pool_t *pool)
{
    int                     i;
    crm_str_t               age;
    crm_cli_table_t         table;
    const crm_cli_queue_t  *q;

    crm_cli_table_init(&table, pool, 4);
    crm_cli_table_row(&table, "QUEUE", "WAITING", "LEASED", "OLDEST");

    for (i = 0; i < CRM_QUEUE_COUNT; i++) {
        q = &queues->queues[i];
        age = CRM_STR("");

        if (q->oldest_ms) {
            age = crm_pool_printf(pool, "%lld.%03lld s", q->oldest_ms / 1000,
                                  q->oldest_ms % 1000);
        }

        crm_cli_table_row(&table, crm_queue_name((crm_queue_t) i),
                          number(q->waiting, pool), number(q->leased, pool),
                          age.data ? age.data : "?");
    }

    crm_cli_table_print(&table, stdout);
}


static const char *
number(long long n, crm_pool_t *pool)
{
    crm_str_t  text;

    text = crm_pool_printf(pool, "%lld", n);

    return text.data ? text.data : "?";
}
