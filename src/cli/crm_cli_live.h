/*
 * What is live: the current revision of an organisation in Redis, and the
 * nginx processes that run it.
 */

#ifndef CRM_CLI_LIVE_H
#define CRM_CLI_LIVE_H

#include <jansson.h>

#include "crm_cli.h"
#include "crm_cli_revision.h"


/* A process that has not been heard of for longer is gone: they report once a
 * second. */
#define CRM_CLI_PROCESS_GONE_MS  5000

typedef struct {
    long long    revision;          /* 0: no rules were ever applied */
    const char  *epoch;             /* "" when Redis has none */
    json_t      *bundle;            /* ends with the pool; NULL: none */
    char         sha256[CRM_CLI_SHA256_LEN + 1];    /* of its stored text */
    long long    now_ms;            /* Redis time */
} crm_cli_live_t;

typedef struct {
    const char  *host;
    long long    pid;
    long long    revision;          /* 0: none loaded yet */
    long long    loaded_at;
    long long    seen_ms;
    long long    rejected;          /* revision that it refused, or 0 */
    const char  *error;             /* why, or "" */
    const char  *epoch;             /* that it remembers, or "" */
    int          epoch_ok;          /* 0: Redis has another one */
    const char  *dialects;          /* that are files, JSON: [[name, sum]] */
} crm_cli_process_t;

typedef struct {
    crm_cli_process_t  *items;      /* by host, then pid */
    size_t              count;
    long long           now_ms;
} crm_cli_processes_t;


/*
 * A connection as the options say, or NULL after a sentence on stderr; ends
 * with cli->pool.
 */
crm_store_t *crm_cli_live_open(crm_cli_t *cli);

/* The same, for those who say it themselves. */
crm_status_t crm_cli_live_connect(crm_store_t **store, crm_cli_t *cli,
    crm_error_t *err);

/* The current revision without its bundle. CRM_EINVAL with *err, or
 * CRM_ENOMEM. */
crm_status_t crm_cli_live_look(crm_cli_live_t *live, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err);

/* The same with its bundle. */
crm_status_t crm_cli_live_read(crm_cli_live_t *live, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err);

/* A process that may come back within a moment: a host that restarts. */
#define CRM_CLI_PROCESS_AWAY_MS  60000

/* Reads any revision, of which live is the current one; that there is none, or
 * what is wrong with it, is said. CRM_CLI_OK or CRM_CLI_FAILED. */
crm_cli_exit_t crm_cli_live_revision(crm_cli_revision_t *revision,
    long long number, const crm_cli_live_t *live, crm_store_t *store,
    crm_cli_t *cli);

/* Warns when a revision has another digest than the history notes. */
void crm_cli_live_check(long long number, const char *sha256,
    crm_store_t *store, crm_cli_t *cli);

/* Says that the organisation has no rules, and which name may be meant.
 * CRM_CLI_FAILED. */
crm_cli_exit_t crm_cli_live_none(crm_store_t *store, crm_cli_t *cli);

/* The processes that live, or that were seen within so long. */
crm_status_t crm_cli_live_processes(crm_cli_processes_t *processes,
    crm_store_t *store, const char *org, crm_pool_t *pool, crm_error_t *err);
crm_status_t crm_cli_live_processes_since(crm_cli_processes_t *processes,
    crm_store_t *store, const char *org, long long gone_ms, crm_pool_t *pool,
    crm_error_t *err);

/* Those of docs, "host:pid" to what the process says of itself, that were seen
 * within so long of processes->now_ms, which is set. */
crm_status_t crm_cli_live_processes_of(crm_cli_processes_t *processes,
    json_t *docs, long long gone_ms, crm_pool_t *pool);

/* Redis time in milliseconds. */
crm_status_t crm_cli_live_now(long long *now_ms, crm_store_t *store,
    crm_pool_t *pool, crm_error_t *err);

/* Prints err as what went wrong with Redis; returns CRM_CLI_FAILED. */
crm_cli_exit_t crm_cli_live_failed(crm_status_t rc, const crm_error_t *err);

#endif
