/*
 * A job that this worker holds.
 */

#include "crm_worker_job.h"

#include "base/crm_limits.h"

#include <stddef.h>
#include <string.h>


/* Its record and before-image beside it, each of the largest allowed. */
#define JOB_MAX_NODES  (4 * CRM_MAX_NODES)


/* What only logs show may be missing or odd. */
static const struct {
    const char  *name;
    size_t       offset;
} job_labels[] = {
    { "type",      offsetof(crm_worker_job_t, type) },
    { "module",    offsetof(crm_worker_job_t, module) },
    { "record_id", offsetof(crm_worker_job_t, record_id) },
    { "rule",      offsetof(crm_worker_job_t, rule) },
    { "event",     offsetof(crm_worker_job_t, event) },
};

#define JOB_LABELS  (sizeof(job_labels) / sizeof(job_labels[0]))


static crm_status_t  job_members(crm_worker_job_t *job);
static crm_status_t  job_action(crm_worker_job_t *job);
static crm_status_t  job_label(crm_worker_job_t *job, crm_span_t name,
    crm_span_t value);
static long long  job_time(crm_span_t span);


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

    if (job_members(job) != CRM_OK) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    if (job->action.type != CRM_JSON_OBJECT) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "action must be an object");
    }

    return CRM_OK;
}


/* One walk over the text, and one over the action in it: a body of a megabyte
 * is passed twice, not once for each of its neighbours that is asked for. */
static crm_status_t
job_members(crm_worker_job_t *job)
{
    size_t      i, cursor;
    crm_span_t  name, value;

    for (i = 0; i < JOB_LABELS; i++) {
        *(crm_str_t *) ((char *) job + job_labels[i].offset) = CRM_STR("");
    }

    memset(&job->action, 0, sizeof(crm_span_t));
    job->waits = 0;
    job->enqueued_ms = 0;
    cursor = 0;

    while (crm_span_next(job->root, &cursor, &name, &value)) {
        if (crm_span_is(name, CRM_STR("action"))) {
            job->action = value;

        } else if (crm_span_is(name, CRM_STR("waits"))) {
            job->waits = 1;

        } else if (crm_span_is(name, CRM_STR("enqueued_at"))) {
            job->enqueued_ms = job_time(value);

        } else if (value.type == CRM_JSON_STRING
                   && job_label(job, name, value) != CRM_OK)
        {
            return CRM_ENOMEM;
        }
    }

    return job_action(job);
}


static crm_status_t
job_action(crm_worker_job_t *job)
{
    size_t                    cursor, n;
    crm_span_t                name, value;
    crm_worker_job_member_t  *members;

    cursor = 0;
    job->members = NULL;
    job->n_members = 0;

    if (job->action.type != CRM_JSON_OBJECT) {
        return CRM_OK;
    }

    for (n = 0; crm_span_next(job->action, &cursor, &name, &value); n++) {
        if ((n & (n - 1)) == 0) {       /* full: twice as many */
            members = crm_pool_alloc(job->pool, (n ? n * 2 : 1)
                                     * sizeof(crm_worker_job_member_t));
            if (members == NULL) {
                return CRM_ENOMEM;
            }

            if (n > 0) {
                memcpy(members, job->members,
                       n * sizeof(crm_worker_job_member_t));
            }

            job->members = members;
        }

        job->members[n].name = name;
        job->members[n].value = value;
    }

    job->n_members = n;

    return CRM_OK;
}


crm_span_t
crm_worker_job_member(const crm_worker_job_t *job, const char *member)
{
    size_t      i;
    crm_str_t   name;
    crm_span_t  none;

    name = crm_strz(member);

    for (i = 0; i < job->n_members; i++) {
        if (crm_span_is(job->members[i].name, name)) {
            return job->members[i].value;
        }
    }

    memset(&none, 0, sizeof(crm_span_t));

    return none;
}


crm_status_t
crm_worker_job_text(crm_str_t *text, const crm_worker_job_t *job,
    const char *member, crm_error_t *err)
{
    crm_span_t  span;

    span = crm_worker_job_member(job, member);

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


static crm_status_t
job_label(crm_worker_job_t *job, crm_span_t name, crm_span_t value)
{
    size_t      i;
    crm_str_t  *text;

    for (i = 0; i < JOB_LABELS; i++) {
        if (crm_span_is(name, crm_strz(job_labels[i].name))) {
            text = (crm_str_t *) ((char *) job + job_labels[i].offset);
            *text = crm_span_text(value, job->pool);

            return text->data ? CRM_OK : CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


/* Of 13 digits in our days; anything else is as good as none. */
static long long
job_time(crm_span_t span)
{
    size_t     i;
    long long  ms;

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
