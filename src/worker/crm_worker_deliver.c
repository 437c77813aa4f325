/*
 * Who delivers what: one row a job type.
 */

#include "crm_worker_deliver.h"

#include "crm_worker_timer.h"
#include "crm_worker_function.h"
#include "crm_worker_record.h"
#include "crm_worker_mail.h"
#include "crm_worker_score.h"
#include "crm_worker_tick.h"
#include "crm_worker_webhook.h"

#include <time.h>


static void *deliver_webhook(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);
static void  deliver_cancel_http(void *call);


static const crm_worker_deliverer_t  rows[] = {
    { "webhooks", CRM_QUEUE_WEBHOOKS, NULL, deliver_webhook,
      deliver_cancel_http },
    { "field_updates", CRM_QUEUE_RECORDS, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
    { "tasks", CRM_QUEUE_RECORDS, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
    { "create_record", CRM_QUEUE_RECORDS, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
    { "assign_owner", CRM_QUEUE_RECORDS, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
    { "add_tags", CRM_QUEUE_RECORDS, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
    { "remove_tags", CRM_QUEUE_RECORDS, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
    { "score_events", CRM_QUEUE_RECORDS, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
    { "email_notifications", CRM_QUEUE_EMAILS, crm_worker_mail_able,
      crm_worker_mail_start, crm_worker_mail_cancel },
    { "functions", CRM_QUEUE_FUNCTIONS, NULL, crm_worker_function_start,
      crm_worker_function_cancel },
    { "schedules", CRM_QUEUE_FUNCTIONS, NULL, crm_worker_tick_start,
      crm_worker_tick_cancel },
    { "dates", CRM_QUEUE_FUNCTIONS, NULL, crm_worker_timer_start,
      crm_worker_timer_cancel },
    { "escalations", CRM_QUEUE_FUNCTIONS, NULL, crm_worker_timer_start,
      crm_worker_timer_cancel },
    { "scores", CRM_QUEUE_SCORES, crm_worker_record_able,
      crm_worker_score_start, crm_worker_score_cancel },
    { "score_updates", CRM_QUEUE_SCORES, crm_worker_record_able,
      crm_worker_record_start, crm_worker_record_cancel },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


const crm_worker_deliverer_t *
crm_worker_deliver_find(crm_str_t type)
{
    size_t  i;

    for (i = 0; i < ROWS; i++) {
        if (crm_str_is(type, rows[i].type)) {
            return &rows[i];
        }
    }

    return NULL;
}


size_t
crm_worker_deliver_classes(crm_queue_t classes[CRM_WORKER_DELIVER_CLASSES],
    const crm_worker_config_t *config)
{
    size_t  i, k, n;

    n = 0;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].able != NULL && !rows[i].able(config)) {
            continue;
        }

        for (k = 0; k < n && classes[k] != rows[i].queue; k++) {
            /* void */
        }

        if (k == n) {
            classes[n++] = rows[i].queue;
        }
    }

    return n;
}


static void *
deliver_webhook(crm_worker_dispatch_tools_t *tools, crm_worker_job_t *job,
    crm_worker_http_done_pt done, void *data, crm_worker_outcome_t *outcome)
{
    return crm_worker_webhook_start(&tools->http, &tools->secrets, job,
                                    (int64_t) time(NULL), done, data,
                                    outcome);
}


static void
deliver_cancel_http(void *call)
{
    crm_worker_http_cancel(call);
}
