/*
 * The jobs of an organisation, wherever they are: at the entrance, ready, with
 * a worker, delayed, dead. Read command by command while workers go on: one
 * look, not one moment.
 */

#ifndef CRM_CLI_JOBS_H
#define CRM_CLI_JOBS_H

#include <jansson.h>

#include "crm_cli_options.h"
#include "crm_store.h"


/* Looked at: of each entrance from its head, of the dead from the newest. */
#define CRM_CLI_JOBS_ENTRANCE  1000
#define CRM_CLI_JOBS_DEAD      10000

/* Kept of those that match: more is nothing to read. */
#define CRM_CLI_JOBS_MAX       1000

/* Strings in the pool; empty for what is not known. */
typedef struct {
    const char  *id;
    const char  *state;         /* waiting ready leased delayed dead */
    const char  *class;         /* webhooks emails records functions */
    const char  *type;
    const char  *rule;
    const char  *record;        /* MODULE/ID */
    const char  *endpoint;      /* of a webhook: its URL's origin */
    const char  *error;         /* of the last attempt, or why it is dead */
    long long    attempts;
    long long    at_ms;         /* since when it is there, or is dead */
    long long    due_ms;        /* of a delayed one; 0: not said */
    json_t      *job;           /* as it was read; NULL unless asked for */
} crm_cli_job_t;

typedef struct {
    const char  *id;            /* NULL: any; so too below */
    const char  *state;
    const char  *class;
    const char  *rule;
    const char  *record;
    const char  *endpoint;
    long long    since_ms;      /* 0: any */
    int          whole;         /* keep what was read */
} crm_cli_jobs_want_t;

typedef struct {
    crm_cli_job_t  *items;
    size_t          count;
    size_t          matched;    /* more than count: not all were kept */
    size_t          by_state[5];
} crm_cli_jobs_t;


/* The names of by_state, and of what --state takes. */
extern const char *const  crm_cli_job_states[];

/* CRM_EINVAL with *err, or CRM_ENOMEM. */
crm_status_t crm_cli_jobs_read(crm_cli_jobs_t *jobs,
    const crm_cli_jobs_want_t *want, crm_store_t *store, const char *org,
    crm_pool_t *pool, crm_error_t *err);

/* Lets go of what items hold besides the pool. */
void crm_cli_jobs_clean(crm_cli_jobs_t *jobs);

#endif
