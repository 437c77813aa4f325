/*
 * Webhooks' jobs moved out of their entrance before they are taken: many come
 * in one answer that no script has touched, and are read here.
 */

#ifndef CRM_WORKER_PULL_H
#define CRM_WORKER_PULL_H

#include "crm_worker_fetch.h"


/* So many are pulled at first, and then twice as many each time. */
#define CRM_WORKER_PULL_FEW    4

/* Takes that read the entrance themselves after one that could not use what
 * was pulled. */
#define CRM_WORKER_PULL_ASIDE  8


typedef struct crm_worker_pull_s  crm_worker_pull_t;

typedef enum {
    CRM_WORKER_PULL_OK = 0,
    CRM_WORKER_PULL_NONE,           /* nothing was moved: Redis is full, or they
                                       are large */
    CRM_WORKER_PULL_AWAY            /* it did not answer, or with nonsense */
} crm_worker_pull_status_t;

/* pull is the callee's, NULL if the status is not OK. Called from the loop. */
typedef void (*crm_worker_pull_done_pt)(crm_worker_org_t *org,
    crm_worker_pull_status_t status, crm_worker_pull_t *pull);

struct crm_worker_pull_s {
    crm_pool_t               *pool;
    crm_worker_org_t         *org;
    crm_worker_pull_done_pt   done;
    crm_cmd_pulled_t          pulled;   /* for take */
    crm_worker_job_t        **jobs;     /* one an element, if
                                           pulled.elements */
};


/* How many elements are to be pulled now, of so many that have room; 0: take
 * is to read them. */
size_t crm_worker_pull_wanted(const crm_worker_org_t *org, size_t room);

/* Whether it has begun: then done is called. */
int crm_worker_pull_start(crm_worker_org_t *org, size_t max,
    crm_worker_pull_done_pt done);

/* What became of it; NULL: take went without one. */
void crm_worker_pull_learn(crm_worker_org_t *org,
    const crm_worker_pull_t *pull, const crm_take_t *take);

/* And its jobs, but for those that are NULL by now. pull may be NULL. */
void crm_worker_pull_destroy(crm_worker_pull_t *pull);

#endif
