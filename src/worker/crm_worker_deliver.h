/*
 * Who delivers what: one row a job type.
 *
 * The same types as in the core's table (queue/crm_job_type.c), by the name
 * that stands in the job. A row says in which class its jobs run: a worker
 * takes the classes of which it can deliver something.
 */

#ifndef CRM_WORKER_DELIVER_H
#define CRM_WORKER_DELIVER_H

#include "crm_worker_config.h"
#include "crm_worker_dispatch.h"


#define CRM_WORKER_DELIVER_CLASSES  CRM_QUEUE_COUNT

typedef struct {
    const char   *type;
    crm_queue_t   queue;

    /* Whether this worker was given what it takes; NULL: nothing is needed. */
    int         (*able)(const crm_worker_config_t *config);

    /*
     * Starts the delivery of a parsed job, which lives until done: what is to
     * be cancelled, or NULL with *outcome filled, and done will not be called.
     */
    void       *(*start)(crm_worker_dispatch_tools_t *tools,
                         crm_worker_job_t *job, crm_worker_http_done_pt done,
                         void *data, crm_worker_outcome_t *outcome);

    /* Ends it without calling done. */
    void        (*cancel)(void *call);
} crm_worker_deliverer_t;


/* NULL: nobody knows that type. */
const crm_worker_deliverer_t *crm_worker_deliver_find(crm_str_t type);

/* The classes of which this worker delivers something, and how many. */
size_t crm_worker_deliver_classes(
    crm_queue_t classes[CRM_WORKER_DELIVER_CLASSES],
    const crm_worker_config_t *config);

#endif
