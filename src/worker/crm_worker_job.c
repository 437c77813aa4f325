/*
 * A job that this worker holds.
 */

#include "crm_worker_job.h"

#include "base/crm_limits.h"


/* Its record and before-image beside it, each of the largest allowed. */
#define JOB_MAX_NODES  (4 * CRM_MAX_NODES)


static long long  job_time(crm_span_t root);
static crm_status_t  job_label(crm_str_t *text, const crm_worker_job_t *job,
    crm_span_t root, const char *name);


crm_worker_job_t *
crm_worker_job_create(crm_str_t org, const crm_job_t *leased)
{
    crm_pool_t        *pool;
    crm_worker_job_t  *job;

    pool = crm_pool_create(crm_host_malloc(), 0);
    job = pool ? crm_pool_calloc(pool, 1, sizeof(crm_worker_job_t)) : NULL;

    if (job == NULL) {
        crm_pool_destroy(pool);
        return NULL;
    }

    job->pool = pool;
    job->org = crm_pool_dup(pool, org);
    job->lease.id = crm_pool_dup(pool, leased->lease.id);
    job->lease.fence = leased->lease.fence;
    job->attempts = leased->attempts;
    job->foreign = leased->foreign;
    job->queue = leased->queue;
    job->parts_queue = leased->queue;
    job->sequence = leased->sequence;
    job->rendered = CRM_STR("");
    job->body = crm_pool_dup(pool, leased->body);

    if (job->org.data == NULL || job->lease.id.data == NULL
        || job->body.data == NULL)
    {
        crm_pool_destroy(pool);
        return NULL;
    }

    return job;
}


void
crm_worker_job_destroy(crm_worker_job_t *job)
{
    crm_pool_destroy(job->pool);
}


crm_status_t
crm_worker_job_parse(crm_worker_job_t *job, crm_error_t *err)
{
    crm_scan_t         scan;
    crm_span_t         root;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    limits.max_nodes = JOB_MAX_NODES;
    limits.max_depth = CRM_MAX_DEPTH;

    crm_scan_init(&scan, job->body, &limits, job->pool);

    rc = crm_scan_value(&scan, &root, err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, err);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (root.type != CRM_JSON_OBJECT) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "a job is an object");
    }

    job->root = root;
    job->action = crm_span_member(root, CRM_STR("action"));

    if (job->action.type != CRM_JSON_OBJECT) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "action must be an object");
    }

    job->waits = crm_span_member(root, CRM_STR("waits")).type
                 != CRM_JSON_NONE;

    if (job_label(&job->type, job, root, "type") != CRM_OK
        || job_label(&job->module, job, root, "module") != CRM_OK
        || job_label(&job->record_id, job, root, "record_id") != CRM_OK
        || job_label(&job->rule, job, root, "rule") != CRM_OK
        || job_label(&job->event, job, root, "event") != CRM_OK)
    {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    job->enqueued_ms = job_time(root);

    return CRM_OK;
}


crm_status_t
crm_worker_job_text(crm_str_t *text, const crm_worker_job_t *job,
    const char *member, crm_error_t *err)
{
    crm_span_t  span;

    span = crm_span_member(job->action, crm_strz(member));

    if (span.type == CRM_JSON_NONE || span.type == CRM_JSON_NULL) {
        return CRM_DECLINED;
    }

    if (span.type != CRM_JSON_STRING) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "action.%s must be a text", member);
    }

    *text = crm_span_text(span, job->pool);

    return text->data ? CRM_OK
                      : crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                                      "out of memory");
}


/* Of 13 digits in our days; anything else is as good as none. */
static long long
job_time(crm_span_t root)
{
    size_t      i;
    long long   ms;
    crm_span_t  span;

    span = crm_span_member(root, CRM_STR("enqueued_at"));
    ms = 0;

    if (span.type != CRM_JSON_NUMBER || span.len > 15) {
        return 0;
    }

    for (i = 0; i < span.len; i++) {
        if (span.data[i] < '0' || span.data[i] > '9') {
            return 0;
        }

        ms = ms * 10 + (span.data[i] - '0');
    }

    return ms;
}


/* What only logs show may be missing or odd. */
static crm_status_t
job_label(crm_str_t *text, const crm_worker_job_t *job, crm_span_t root,
    const char *name)
{
    crm_span_t  span;

    span = crm_span_member(root, crm_strz(name));
    *text = span.type == CRM_JSON_STRING ? crm_span_text(span, job->pool)
                                         : CRM_STR("");

    return text->data ? CRM_OK : CRM_ENOMEM;
}
