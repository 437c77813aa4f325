/*
 * What was noted of runs: documents of a stream, the newest first.
 */

#ifndef CRM_CLI_RUNS_H
#define CRM_CLI_RUNS_H

#include <jansson.h>

#include "crm_cli.h"
#include "crm_cli_live.h"


/* Of one listing. */
#define CRM_CLI_RUNS_MOST  1000

/* "2026-11-22 02:00:00 UTC" and a zero byte; empty for 0. */
#define CRM_CLI_RUNS_TIME  24

/* Whether a document is listed. */
typedef int (*crm_cli_runs_pt)(void *data, const json_t *doc);


/*
 * Reads those of the stream at key that are wanted, at most so many. *list is
 * new: an array. CRM_EINVAL with *err; CRM_ENOMEM.
 */
crm_status_t crm_cli_runs_read(json_t **list, crm_store_t *store,
    crm_str_t key, size_t most, crm_cli_runs_pt wanted, void *data,
    crm_pool_t *pool, crm_error_t *err);

/* A member as text, or "". */
const char *crm_cli_runs_text(const json_t *doc, const char *name);

/* ms for people; returns text. */
const char *crm_cli_runs_time(char text[CRM_CLI_RUNS_TIME], long long ms);

#endif
