/*
 * One job as people are shown it, wherever it lies, and whether it is one of
 * those that they asked for.
 */

#ifndef CRM_CLI_JOB_H
#define CRM_CLI_JOB_H

#include <jansson.h>

#include "crm_store.h"


/* Empty strings for what is not known. */
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
    int          scheduled;     /* delayed by its rule, not by a failure */
    json_t      *job;           /* as it was read, or NULL: no JSON */

    crm_str_t          list;    /* where its element lies; empty: it has a
                                   key of its own */
    crm_cmd_element_t  element;
} crm_cli_job_t;

typedef struct {
    const char  *id;            /* NULL: any; so too below */
    const char  *state;
    const char  *class;
    const char  *rule;
    const char  *record;
    const char  *endpoint;
    const char  *reason;        /* what the error begins with */
    long long    since_ms;      /* 0: any */
    long long    until_ms;      /* 0: any */
} crm_cli_jobs_want_t;


/* The names of states, in the order of by_state; ended by NULL. */
extern const char *const  crm_cli_job_states[];


/*
 * Fill *job from an element of an entrance, one of the dead, or a job kept in
 * Redis: what crm_cmd_look() gives for crm_cli_job_fields. Strings are in pool;
 * job->job is the caller's to let go of. CRM_ENOMEM; of the last, CRM_DECLINED:
 * it is not there any more.
 */
crm_status_t crm_cli_job_entrance(crm_cli_job_t *job, crm_str_t element,
    crm_queue_t queue, crm_pool_t *pool);
crm_status_t crm_cli_job_dead(crm_cli_job_t *job, crm_str_t element,
    crm_pool_t *pool);

#define CRM_CLI_JOB_FIELDS  7

extern const char *const  crm_cli_job_fields[CRM_CLI_JOB_FIELDS];

crm_status_t crm_cli_job_hash(crm_cli_job_t *job, crm_str_t id,
    const crm_reply_t *fields, crm_pool_t *pool);


int crm_cli_job_is_wanted(const crm_cli_job_t *job,
    const crm_cli_jobs_want_t *want);

#endif
