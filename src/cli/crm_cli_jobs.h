/*
 * Jobs as crmctl jobs lists and shows them: those that match, at most so many
 * of them kept.
 */

#ifndef CRM_CLI_JOBS_H
#define CRM_CLI_JOBS_H

#include "crm_cli.h"
#include "crm_cli_jobs_walk.h"


/* Kept of those that match: more is nothing to read. */
#define CRM_CLI_JOBS_MAX  1000

typedef struct {
    crm_cli_job_t  *items;
    size_t          count;
    size_t          matched;    /* more than count: not all were kept */
    size_t          by_state[5];
} crm_cli_jobs_t;


/* whole: keep what was read, too. CRM_EINVAL with *err, or CRM_ENOMEM. */
crm_status_t crm_cli_jobs_read(crm_cli_jobs_t *jobs,
    const crm_cli_jobs_want_t *want, int whole, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err);

/* Lets go of what items hold besides the pool. */
void crm_cli_jobs_clean(crm_cli_jobs_t *jobs);

/* What was asked for, a connection that ends with cli->pool, and Redis time.
 * Anything but CRM_CLI_OK after a sentence. */
crm_cli_exit_t crm_cli_jobs_begin(crm_cli_jobs_want_t *want,
    crm_store_t **store, long long *now_ms, crm_cli_t *cli);

/* jobs retry|drop, called by crm_cli_jobs(). */
crm_cli_exit_t crm_cli_jobs_change(crm_cli_t *cli);

#endif
