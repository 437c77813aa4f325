/*
 * What the workers have counted of deliveries.
 */

#include "crm_cli_counts.h"

#include "crm_cli_print.h"

#include <string.h>


/* What "most" means where people read how old deliveries were. */
#define COUNTS_MOST  95

#define COUNTS_ALL   (CRM_QUEUE_COUNT * CRM_COUNT_COUNT)


static json_t *counts_class(const long long *n);
static json_t *counts_within(const long long *n);
static const char *counts_most(const long long *n, crm_pool_t *pool);
static const char *counts_number(long long n, crm_pool_t *pool);


crm_status_t
crm_cli_counts_read(crm_counts_t *counts, crm_store_t *store, const char *org,
    crm_pool_t *pool, crm_error_t *err)
{
    size_t         i;
    long long     *n;
    crm_cmd_t     *cmd;
    crm_str_t      args[2 + COUNTS_ALL];
    crm_reply_t   *reply;
    crm_status_t   rc;

    memset(counts, 0, sizeof(crm_counts_t));
    args[0] = CRM_STR("HMGET");
    args[1] = crm_key_stats(pool, crm_strz(org));

    for (i = 0; i < COUNTS_ALL; i++) {
        args[2 + i] = crm_count_name(pool,
                                     (crm_queue_t) (i / CRM_COUNT_COUNT),
                                     i % CRM_COUNT_COUNT);
        if (args[1].data == NULL || args[2 + i].data == NULL) {
            return CRM_ENOMEM;
        }
    }

    cmd = crm_cmd_plain(pool, args, 2 + COUNTS_ALL);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(store, cmd, pool, &reply, err);

    if (rc == CRM_OK && (reply->type != CRM_REPLY_ARRAY
                         || reply->count != COUNTS_ALL))
    {
        rc = crm_reply_misshapen("HMGET", err);
    }

    for (i = 0; rc == CRM_OK && i < COUNTS_ALL; i++) {
        n = &counts->n[i / CRM_COUNT_COUNT][i % CRM_COUNT_COUNT];
        rc = crm_reply_integer(n, &reply->elements[i], err);
        rc = rc == CRM_DECLINED ? CRM_OK : rc;
    }

    return rc;
}


json_t *
crm_cli_counts_json(const crm_counts_t *counts)
{
    int      i;
    json_t  *map;

    map = json_object();

    for (i = 0; map && i < CRM_QUEUE_COUNT; i++) {
        if (json_object_set_new(map, crm_queue_name((crm_queue_t) i),
                                counts_class(counts->n[i]))
            != 0)
        {
            json_decref(map);
            return NULL;
        }
    }

    return map;
}


static json_t *
counts_class(const long long *n)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}",
                     "delivered", (json_int_t) n[CRM_COUNT_DELIVERED],
                     "failed", (json_int_t) n[CRM_COUNT_FAILED],
                     "busy", (json_int_t) n[CRM_COUNT_BUSY],
                     "dead", (json_int_t) n[CRM_COUNT_DEAD],
                     "age_ms", (json_int_t) n[CRM_COUNT_AGE_MS],
                     "within_ms", counts_within(n));
}


/* As Prometheus counts: each bound with all that came before it. */
static json_t *
counts_within(const long long *n)
{
    char        name[32];
    json_t     *map;
    unsigned    i;
    long long   sum;

    map = json_object();

    for (sum = 0, i = 0; map && i <= CRM_COUNT_BOUNDS; i++) {
        sum += n[CRM_COUNT_WITHIN + i];

        if (i < CRM_COUNT_BOUNDS) {
            snprintf(name, sizeof(name), "%lld", crm_count_bounds_ms[i]);
        } else {
            snprintf(name, sizeof(name), "all");
        }

        if (json_object_set_new(map, name, json_integer((json_int_t) sum))
            != 0)
        {
            json_decref(map);
            return NULL;
        }
    }

    return map;
}


void
crm_cli_counts_table(const crm_counts_t *counts, crm_pool_t *pool)
{
    int               i, rows;
    unsigned          k;
    long long         all;
    const long long  *n;
    crm_cli_table_t   table;

    rows = 0;
    crm_cli_table_init(&table, pool, 6);
    crm_cli_table_row(&table, "ATTEMPTS", "DELIVERED", "FAILED", "BUSY",
                      "DEAD", "95% WITHIN");

    for (i = 0; i < CRM_QUEUE_COUNT; i++) {
        n = counts->n[i];

        for (all = 0, k = 0; k < CRM_COUNT_AGE_MS; k++) {
            all += n[k];
        }

        if (all == 0) {
            continue;
        }

        rows++;
        crm_cli_table_row(&table, crm_queue_name((crm_queue_t) i),
                          counts_number(n[CRM_COUNT_DELIVERED], pool),
                          counts_number(n[CRM_COUNT_FAILED], pool),
                          counts_number(n[CRM_COUNT_BUSY], pool),
                          counts_number(n[CRM_COUNT_DEAD], pool),
                          counts_most(n, pool));
    }

    if (rows) {
        putchar('\n');
        crm_cli_table_print(&table, stdout);
    }
}


/* The first bound that most of those whose event is known kept. */
static const char *
counts_most(const long long *n, crm_pool_t *pool)
{
    unsigned    i;
    crm_str_t   text;
    long long   sum, all;

    for (all = 0, i = 0; i <= CRM_COUNT_BOUNDS; i++) {
        all += n[CRM_COUNT_WITHIN + i];
    }

    if (all == 0) {
        return "";
    }

    for (sum = 0, i = 0; i < CRM_COUNT_BOUNDS; i++) {
        sum += n[CRM_COUNT_WITHIN + i];

        if (sum * 100 >= all * COUNTS_MOST) {
            text = crm_pool_printf(pool, "%lld s",
                                   crm_count_bounds_ms[i] / 1000);
            return text.data ? text.data : "?";
        }
    }

    return "more";
}


static const char *
counts_number(long long n, crm_pool_t *pool)
{
    crm_str_t  text;

    text = crm_pool_printf(pool, "%lld", n);

    return text.data ? text.data : "?";
}
