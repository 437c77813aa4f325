/*
 * How the jobs of an organisation stand: what waits, what is at work, what
 * has failed for good.
 */

#ifndef CRM_CLI_QUEUES_H
#define CRM_CLI_QUEUES_H

#include "crm_store.h"
#include "state/crm_keys.h"


typedef struct {
    long long  waiting;             /* in the entrance, or ready */
    long long  leased;              /* a worker has it */
    long long  oldest_ms;           /* age of the oldest that waits, or 0 */
} crm_cli_queue_t;

typedef struct {
    crm_cli_queue_t  queues[CRM_QUEUE_COUNT];
    long long        delayed;       /* runs again, or for the first, later */
    long long        dead;
} crm_cli_queues_t;


/* CRM_EINVAL with *err, or CRM_ENOMEM. */
crm_status_t crm_cli_queues_read(crm_cli_queues_t *queues, crm_store_t *store,
    const char *org, long long now_ms, crm_pool_t *pool, crm_error_t *err);

#endif
