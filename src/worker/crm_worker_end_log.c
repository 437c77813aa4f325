/*
 * What the log says of a job's end.
 */

#include "crm_worker_end_log.h"

#include "crm_worker_log.h"

#include <stdio.h>


void
crm_worker_end_log(const crm_worker_end_t *end)
{
    char                     retry[48];
    const char              *what;
    crm_worker_job_t        *job;
    crm_worker_log_level_t   level;

    job = end->job;
    retry[0] = '\0';

    if (end->outcome.verdict == CRM_WORKER_DELIVERED) {
        what = "delivered";
        level = CRM_WORKER_LOG_INFO;

    } else if (end->outcome.verdict == CRM_WORKER_SPLIT) {
        what = "split";
        level = CRM_WORKER_LOG_INFO;

    } else if (end->outcome.busy_ms > 0) {
        what = "busy";
        level = CRM_WORKER_LOG_INFO;
        snprintf(retry, sizeof(retry), " retry_in_ms:%lld",
                 (long long) end->delay_ms);

    } else if (end->again) {
        what = "failed";
        level = CRM_WORKER_LOG_WARN;
        snprintf(retry, sizeof(retry), " retry_in_ms:%lld",
                 (long long) end->delay_ms);

    } else {
        what = "dead";
        level = CRM_WORKER_LOG_ERROR;
    }

    crm_worker_log(level, "dispatch: %s, org:%s job:%s type:\"%.*s\" "
                   "rule:\"%.*s\" record:\"%.*s/%.*s\" attempt:%lld "
                   "reason:\"%s\"%s", what, job->org.data,
                   job->lease.id.data,
                   (int) job->type.len, job->type.data,
                   (int) job->rule.len, job->rule.data,
                   (int) job->module.len, job->module.data,
                   (int) job->record_id.len, job->record_id.data,
                   job->attempts + 1, end->outcome.reason, retry);
}


void
crm_worker_end_log_endpoint(const crm_worker_end_t *end, crm_str_t note)
{
    crm_str_t          name;
    crm_error_t        err;
    crm_worker_job_t  *job;

    job = end->job;

    if (crm_worker_job_text(&name, job, "name", &err) != CRM_OK) {
        name = CRM_STR("");
    }

    crm_worker_log(crm_str_is(note, "disabled") ? CRM_WORKER_LOG_ERROR
                                                : CRM_WORKER_LOG_WARN,
                   "dispatch: endpoint %.*s, org:%s webhook:\"%.*s\" job:%s "
                   "event:\"%.*s\" attempt:%lld reason:\"%s\"",
                   (int) note.len, note.data, job->org.data,
                   (int) name.len, name.data, job->lease.id.data,
                   (int) job->event.len, job->event.data, job->attempts + 1,
                   end->outcome.reason);
}


void
crm_worker_end_log_stale(const crm_worker_end_t *end)
{
    crm_worker_log(CRM_WORKER_LOG_WARN, "dispatch: stale, the lease is "
                   "another worker's, org:%s job:%s", end->job->org.data,
                   end->job->lease.id.data);
}
