/*
 * A late owner.
 */

#include "crm_worker_record_owner.h"

#include "crm_worker_recover.h"


static crm_status_t  owner_read(crm_str_t *owner, crm_worker_job_t *job,
    const crm_worker_answer_t *answer);


crm_worker_http_call_t *
crm_worker_record_owner_ask(crm_worker_dispatch_tools_t *tools,
    const crm_worker_job_t *job, const crm_worker_backend_t *backend,
    crm_worker_answer_t *answer, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    crm_str_t  path;

    path = crm_dialect_record_path(backend->dialect, job->module,
                                   job->record_id, job->pool);

    if (path.data == NULL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return NULL;
    }

    return crm_worker_backend_get(backend, &tools->http, &tools->secrets, path,
                                  tools->http.timeout_ms, answer, done, data,
                                  outcome);
}


int
crm_worker_record_owner_set(crm_worker_record_job_t *record,
    crm_worker_job_t *job, const crm_worker_answer_t *answer,
    crm_worker_outcome_t *outcome)
{
    crm_str_t     text;
    crm_status_t  rc;

    rc = owner_read(&text, job, answer);

    if (rc != CRM_OK && rc != CRM_DECLINED && rc != CRM_ENOMEM) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_BAD_ANSWER, "the record whose owner"
                               " is asked for cannot be read");
        outcome->status = (int) answer->status;
        return 0;
    }

    job->rendered = text.data ? crm_worker_record_render(job, text)
                              : CRM_STR_NULL;

    if (rc == CRM_ENOMEM || job->rendered.data == NULL) {
        job->rendered = CRM_STR("");
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return 0;
    }

    record->late_owner = 0;
    record->write.owner = text;

    return 1;
}


/* Empty: a record that is gone, or has nobody, leaves it to the backend. data
 * is NULL without memory. */
static crm_status_t
owner_read(crm_str_t *owner, crm_worker_job_t *job,
    const crm_worker_answer_t *answer)
{
    crm_span_t             value;
    crm_record_t           stored;
    crm_status_t           rc;
    const crm_field_t     *field;
    crm_worker_backend_t   backend;

    *owner = CRM_STR("");

    crm_worker_recover_backend(job->owner, &backend);

    rc = crm_dialect_read_back(backend.dialect, &stored, answer->status,
                               crm_buf_view(&answer->body), NULL, job->pool);

    if (rc != CRM_OK) {
        return rc;
    }

    field = crm_record_field(&stored,
                             crm_dialect_owner_field(backend.dialect));

    if (field != NULL) {
        value = field->value.type == CRM_JSON_OBJECT
                ? crm_span_member(field->value, CRM_STR("id"))
                : field->value;

        if (value.type == CRM_JSON_STRING) {
            *owner = crm_span_text(value, job->pool);
        }
    }

    return CRM_OK;
}
