/*
 * From a job to its end: the type chooses a deliverer, the outcome one of the
 * scripts done, retry and dead.
 *
 *   run -> delivering -> settling -> finished
 *                          |  ^
 *            no reply from v  | Redis is back
 *                       unsettled
 *
 * An outcome is kept until Redis has taken it. If the lease was lost in the
 * meantime, Redis says stale: the job is another worker's.
 */

#ifndef CRM_WORKER_DISPATCH_H
#define CRM_WORKER_DISPATCH_H

#include "crm_worker_config.h"
#include "crm_worker_http.h"
#include "crm_worker_job.h"
#include "crm_worker_link.h"
#include "crm_worker_secret.h"


typedef struct crm_worker_dispatch_s  crm_worker_dispatch_t;

/* The job is settled, or another's; the callee destroys it. */
typedef void (*crm_worker_dispatch_finished_pt)(void *data,
    crm_worker_job_t *job);

/* What a dispatcher works with; all borrowed, and may change in place. */
typedef struct {
    crm_worker_loop_t          *loop;
    crm_worker_link_t          *link;
    crm_worker_http_t           http;
    crm_worker_secrets_t        secrets;
    const crm_retry_t          *retry;
    const crm_worker_config_t  *config;
} crm_worker_dispatch_tools_t;


crm_worker_dispatch_t *crm_worker_dispatch_create(
    crm_worker_dispatch_tools_t *tools,
    crm_worker_dispatch_finished_pt finished, void *data);

/* No job may be under way any more. */
void crm_worker_dispatch_destroy(crm_worker_dispatch_t *dispatch);

/*
 * Runs job, of which the caller keeps the list but not the fate: finished is
 * called from the loop. Returns CRM_ENOMEM, and nothing was begun.
 */
crm_status_t crm_worker_dispatch_run(crm_worker_dispatch_t *dispatch,
    crm_worker_job_t *job);

/* Ends the delivery and settles nothing: the lease is lost, or time is up.
 * finished is called from within, unless Redis has been asked already. */
void crm_worker_dispatch_abandon(crm_worker_job_t *job);

#endif
