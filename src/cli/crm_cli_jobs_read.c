/*
 * Jobs that match, at most so many of them kept.
 */

#include "crm_cli_jobs.h"

#include <string.h>


typedef struct {
    crm_cli_jobs_t  *jobs;
    crm_pool_t      *pool;
    int              whole;
} reading_t;


static crm_status_t read_job(void *data, const crm_cli_job_t *job,
    crm_error_t *err);
static int read_keep(reading_t *r, crm_cli_job_t *kept);


crm_status_t
crm_cli_jobs_read(crm_cli_jobs_t *jobs, const crm_cli_jobs_want_t *want,
    int whole, crm_store_t *store, const char *org, crm_pool_t *pool,
    crm_error_t *err)
{
    reading_t            r;
    crm_cli_jobs_walk_t  walk;

    memset(jobs, 0, sizeof(crm_cli_jobs_t));
    jobs->items = crm_pool_calloc(pool, CRM_CLI_JOBS_MAX,
                                  sizeof(crm_cli_job_t));
    if (jobs->items == NULL) {
        return CRM_ENOMEM;
    }

    r.jobs = jobs;
    r.pool = pool;
    r.whole = whole;

    memset(&walk, 0, sizeof(walk));
    walk.store = store;
    walk.org = crm_strz(org);
    walk.want = want;
    walk.job = read_job;
    walk.data = &r;

    return crm_cli_jobs_walk(&walk, err);
}


void
crm_cli_jobs_clean(crm_cli_jobs_t *jobs)
{
    size_t  i;

    for (i = 0; i < jobs->count; i++) {
        json_decref(jobs->items[i].job);
    }
}


static crm_status_t
read_job(void *data, const crm_cli_job_t *job, crm_error_t *err)
{
    size_t          i;
    reading_t      *r;
    crm_cli_job_t  *kept;

    (void) err;

    r = data;
    r->jobs->matched++;

    for (i = 0; crm_cli_job_states[i]; i++) {
        r->jobs->by_state[i] += strcmp(job->state, crm_cli_job_states[i])
                                == 0;
    }

    if (r->jobs->count == CRM_CLI_JOBS_MAX) {
        return CRM_OK;
    }

    kept = &r->jobs->items[r->jobs->count];
    *kept = *job;
    kept->job = NULL;

    if (!read_keep(r, kept)) {
        return CRM_ENOMEM;
    }

    kept->job = r->whole ? json_incref(job->job) : NULL;
    r->jobs->count++;

    return CRM_OK;
}


/* Its strings end with the walk's slice. */
static int
read_keep(reading_t *r, crm_cli_job_t *kept)
{
    size_t       i;
    const char **strings[] = {
        &kept->id, &kept->state, &kept->class, &kept->type, &kept->rule,
        &kept->record, &kept->endpoint, &kept->error
    };

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        *strings[i] = crm_pool_dup(r->pool, crm_strz(*strings[i])).data;

        if (*strings[i] == NULL) {
            return 0;
        }
    }

    return 1;
}
