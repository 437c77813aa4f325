/*
 * An event that has happened to a record, told to nginx.
 */

#define _GNU_SOURCE      /* memmem() */

#include "crm_worker_record_event.h"

#include "record/crm_dialect_kind.h"

#include <string.h>


/* What knows no such call says so: a CRM, or an nginx that is older. */
#define EVENT_UNKNOWN_CALL  "INVALID_URL_PATTERN"


crm_status_t
crm_worker_record_event(crm_dialect_request_t *request,
    const crm_worker_record_job_t *record, const crm_worker_job_t *job)
{
    crm_buf_t  path, body;

    static const crm_dialect_header_t  header = {
        { "CRM-Call", sizeof("CRM-Call") - 1 },
        { "scores", sizeof("scores") - 1 }
    };

    memset(request, 0, sizeof(crm_dialect_request_t));
    crm_buf_init(&path, job->pool, 0);
    crm_buf_init(&body, job->pool, 0);

    crm_dialect_encode(&path, record->write.module);
    crm_buf_putc(&path, '/');
    crm_dialect_encode(&path, record->write.record_id);

    crm_buf_puts(&body, "{\"event\":");
    crm_buf_json(&body, record->happened);
    crm_buf_puts(&body, ",\"id\":");
    crm_buf_json(&body, job->lease.id);
    crm_buf_putc(&body, '}');

    request->method = "POST";
    request->path = crm_buf_view(&path);
    request->body = crm_buf_view(&body);
    request->headers = &header;
    request->headers_count = 1;

    return crm_buf_status(&path) == CRM_OK ? crm_buf_status(&body)
                                           : crm_buf_status(&path);
}


int
crm_worker_record_uncounted(const crm_worker_answer_t *answer)
{
    crm_str_t  body;

    body = crm_buf_view(&answer->body);

    return (answer->status == 400 || answer->status == 404)
           && answer->event.len
           && (body.len == 0
               || memmem(body.data, body.len, EVENT_UNKNOWN_CALL,
                         sizeof(EVENT_UNKNOWN_CALL) - 1) == NULL);
}
