/*
 * Job types: one row an action that a worker carries out.
 *
 * What has no row is checked and stored, and a warning says that nobody acts
 * upon it (crm_action_runs()): the row takes the warning away. The worker has
 * a table of its own, by the job's type: crm_worker_deliver.c.
 */

#ifndef CRM_JOB_TYPE_H
#define CRM_JOB_TYPE_H

#include "queue/crm_job.h"


typedef struct {
    crm_action_id_t   id;
    crm_queue_t       queue;        /* the entrance, and the class it runs in */
    crm_status_t    (*action)(crm_buf_t *buf, const crm_job_source_t *source);
} crm_job_type_t;


/* NULL: part of the write itself, or nobody carries it out yet. */
const crm_job_type_t *crm_job_type(crm_action_id_t id);

#endif
