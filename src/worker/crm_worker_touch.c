/*
 * What a delivery came to, as an event of scoring rules.
 */

#include "crm_worker_touch.h"

#include "base/crm_digest.h"
#include "queue/crm_job.h"
#include "state/crm_chain.h"
#include "transform/crm_call_score.h"

#include <time.h>


typedef struct {
    crm_queue_t  queue;
    const char  *delivered;
    const char  *failed;
} touch_row_t;


static const char *touch_event(const crm_worker_end_t *end);
static crm_status_t touch_id(crm_str_t *id, const crm_worker_job_t *job,
    const char *event);
static void  touch_body(crm_buf_t *buf, const crm_worker_job_t *job,
    crm_str_t id, const char *event, const crm_chain_t *chain);


static const touch_row_t  rows[] = {
    { CRM_QUEUE_WEBHOOKS, "webhook_delivered", "webhook_failed" },
    { CRM_QUEUE_EMAILS, "email_sent", "email_bounced" },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


crm_status_t
crm_worker_touch(crm_worker_end_t *end, const crm_ruleset_t *rules)
{
    crm_buf_t            buf;
    crm_chain_t          chain;
    const char          *event;
    crm_status_t         rc;
    crm_cmd_part_t      *part;
    crm_worker_job_t    *job;
    const crm_module_t  *module;

    job = end->job;
    event = touch_event(end);

    if (event == NULL || rules == NULL || job->foreign || job->parts_count
        || job->record_id.len == 0)
    {
        return CRM_OK;
    }

    module = crm_ruleset_module(rules, job->module);

    if (module == NULL || !crm_call_score_counts(module, crm_strz(event))) {
        return CRM_OK;
    }

    /* rules that wait for the score may start, but none that led here */

    rc = crm_chain_decode(&chain, crm_span_member(job->root,
                                                  CRM_STR("chain")),
                          job->pool);

    if (rc == CRM_EINVAL) {
        memset(&chain, 0, sizeof(crm_chain_t));
        chain.id = job->lease.id;
        rc = CRM_OK;
    }

    chain.cascade = 1;
    chain.ignore_lock = 1;
    chain.transition = CRM_STR("");
    chain.stay = CRM_STR("");

    part = crm_pool_calloc(job->pool, 1, sizeof(crm_cmd_part_t));

    if (rc == CRM_OK) {
        rc = part ? touch_id(&part->id, job, event) : CRM_ENOMEM;
    }

    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&buf, job->pool, 0);
    touch_body(&buf, job, part->id, event, &chain);

    part->body = crm_buf_view(&buf);

    if (crm_buf_status(&buf) == CRM_OK) {
        job->parts = part;
        job->parts_count = 1;
        job->parts_queue = CRM_QUEUE_RECORDS;
    }

    return crm_buf_status(&buf);
}


/* NULL: it goes on, or nobody was asked to take it. */
static const char *
touch_event(const crm_worker_end_t *end)
{
    size_t                       i;
    const crm_worker_outcome_t  *outcome;

    outcome = &end->outcome;

    for (i = 0; i < ROWS; i++) {
        if (end->job->queue != rows[i].queue) {
            continue;
        }

        if (outcome->verdict == CRM_WORKER_DELIVERED) {
            return rows[i].delivered;
        }

        return !end->again
               && (outcome->verdict == CRM_WORKER_FAILED || outcome->status)
               ? rows[i].failed : NULL;
    }

    return NULL;
}


/* The same for the same end of the same job. */
static crm_status_t
touch_id(crm_str_t *id, const crm_worker_job_t *job, const char *event)
{
    char           text[CRM_JOB_ID_LEN + 1];
    crm_str_t      parts[3];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = job->lease.id;
    parts[1] = CRM_STR("\n");
    parts[2] = crm_strz(event);

    crm_digest_sha256(digest, parts, 3);
    crm_digest_base32(text, CRM_JOB_ID_LEN, digest);

    *id = crm_pool_dup(job->pool, crm_str(text, CRM_JOB_ID_LEN));

    return id->data ? CRM_OK : CRM_ENOMEM;
}


static void
touch_body(crm_buf_t *buf, const crm_worker_job_t *job, crm_str_t id,
    const char *event, const crm_chain_t *chain)
{
    crm_job_head_t  head;

    head.type = "score_events";
    head.id = id;
    head.event = job->event;
    head.org = job->org;
    head.module = job->module;
    head.record_id = job->record_id;
    head.rule = job->rule;

    crm_job_begin(buf, &head);
    crm_buf_puts(buf, ",\"part_of\":");
    crm_buf_json(buf, job->lease.id);
    crm_buf_puts(buf, ",\"action\":{\"name\":");
    crm_buf_json(buf, crm_strz(event));
    crm_buf_puts(buf, "},\"chain\":");
    crm_chain_encode(buf, chain);
    crm_buf_puts(buf, ",\"enqueued_at\":");
    crm_buf_int(buf, (long long) time(NULL) * 1000);
    crm_buf_putc(buf, '}');
}
