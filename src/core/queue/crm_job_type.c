/*
 * Job types: one row an action that a worker carries out.
 */

#include "queue/crm_job_type.h"


static const crm_job_type_t  rows[] = {
    { CRM_ACTION_WEBHOOK, CRM_QUEUE_WEBHOOKS, crm_job_webhook },
    { CRM_ACTION_ASYNC_UPDATE, CRM_QUEUE_RECORDS, crm_job_update },
    { CRM_ACTION_TASK, CRM_QUEUE_RECORDS, crm_job_task },
    { CRM_ACTION_CREATE_RECORD, CRM_QUEUE_RECORDS, crm_job_create },
    { CRM_ACTION_ASSIGN_OWNER, CRM_QUEUE_RECORDS, crm_job_owner },
    { CRM_ACTION_ADD_TAGS, CRM_QUEUE_RECORDS, crm_job_tags },
    { CRM_ACTION_REMOVE_TAGS, CRM_QUEUE_RECORDS, crm_job_tags },
    { CRM_ACTION_EMAIL, CRM_QUEUE_EMAILS, crm_job_email },
    { CRM_ACTION_FUNCTION, CRM_QUEUE_FUNCTIONS, crm_job_function },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


const crm_job_type_t *
crm_job_type(crm_action_id_t id)
{
    size_t  i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].id == id) {
            return &rows[i];
        }
    }

    return NULL;
}


int
crm_action_runs(crm_action_id_t id)
{
    return id == CRM_ACTION_FIELD_UPDATE || crm_job_type(id) != NULL;
}
