/*
 * A walk over the jobs of an organisation, wherever they are: at the entrance,
 * ready, with a worker, delayed, dead. Command by command, while workers go
 * on: one look, not one moment.
 */

#ifndef CRM_CLI_JOBS_WALK_H
#define CRM_CLI_JOBS_WALK_H

#include "crm_cli_job.h"


/* Looked at unless all is set: of each entrance from its head, of the dead
 * from the newest. */
#define CRM_CLI_JOBS_ENTRANCE  1000
#define CRM_CLI_JOBS_DEAD      10000

typedef struct {
    crm_store_t                *store;
    crm_str_t                   org;
    const crm_cli_jobs_want_t  *want;
    int                         all;    /* the dead from the oldest */

    /* Of each job that is wanted. It lives until the next one that has a hash
       of its own, or else until its slice has ended; job->job during the
       call. */
    crm_status_t              (*job)(void *data, const crm_cli_job_t *job,
        crm_error_t *err);

    /* A slice, the jobs of a command, has ended; NULL: never mind. *removed:
       how many of its elements were taken out of their list. */
    crm_status_t              (*slice)(void *data, long long *removed,
        crm_error_t *err);

    void                       *data;
} crm_cli_jobs_walk_t;


/* CRM_EINVAL with *err, CRM_ENOMEM, or what job or slice returned. */
crm_status_t crm_cli_jobs_walk(const crm_cli_jobs_walk_t *walk,
    crm_error_t *err);

#endif
