/*
 * A job: what a worker is to do, complete and immutable.
 */

#include "queue/crm_job.h"

#include "base/crm_digest.h"
#include "base/crm_limits.h"
#include "base/crm_time.h"
#include "base/crm_url.h"


static void job_head(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id);
static void job_tail(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired);
static const char *webhook_refusal(crm_str_t url, crm_str_t body);
static int webhook_has_type(const crm_webhook_t *webhook);
static crm_status_t webhook_params(crm_buf_t *buf, const crm_param_t *params,
    size_t count, const crm_merge_t *merge, crm_pool_t *pool, int headers);
static crm_status_t webhook_body(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_event_t *event, const crm_fired_t *fired,
    const crm_merge_t *merge, int *has_body);
static void webhook_default(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired);


crm_str_t
crm_job_id(char id[CRM_JOB_ID_LEN + 1], const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action)
{
    int            i;
    char           numbers[3][CRM_STR_INT_LEN];
    crm_str_t      parts[11];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = event->write->event;
    parts[2] = fired->rule->id;
    parts[4] = crm_str_int(numbers[0],
                           crm_ruleset_revision(event->write->rules));
    parts[6] = crm_str_int(numbers[1], fired->condition->seq);
    parts[8] = crm_str_int(numbers[2], action->seq);
    parts[10] = event->record_id;

    for (i = 1; i < 11; i += 2) {
        parts[i] = CRM_STR("\n");
    }

    crm_digest_sha256(digest, parts, 11);
    crm_digest_base32(id, CRM_JOB_ID_LEN, digest);
    id[CRM_JOB_ID_LEN] = '\0';

    return crm_str(id, CRM_JOB_ID_LEN);
}


crm_status_t
crm_job_webhook(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id)
{
    int                   has_body;
    crm_buf_t             url, body;
    const char           *refusal;
    crm_pool_t           *pool;
    crm_merge_t           merge;
    crm_status_t          rc;
    const crm_webhook_t  *webhook;

    pool = event->write->pool;
    webhook = action->u.webhook;

    merge.module = event->write->module->name;
    merge.record_id = event->record_id;
    merge.record = &event->record;
    merge.before = event->write->before;
    merge.scope = &event->write->scope;

    crm_buf_init(&url, pool, 0);
    rc = crm_template_render(&webhook->url, &url, CRM_ESCAPE_URL, &merge,
                             pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&body, pool, 0);
    rc = webhook_body(&body, webhook, event, fired, &merge, &has_body);
    if (rc != CRM_OK) {
        return rc;
    }

    job_head(buf, event, fired, action, id);

    crm_buf_puts(buf, ",\"action\":{\"name\":");
    crm_buf_json(buf, webhook->name);
    crm_buf_puts(buf, ",\"url\":");
    crm_buf_json(buf, crm_buf_view(&url));
    crm_buf_puts(buf, ",\"method\":");
    crm_buf_json(buf, webhook->method);
    crm_buf_puts(buf, ",\"headers\":{");

    if (has_body && !webhook_has_type(webhook)) {
        crm_buf_puts(buf, "\"Content-Type\":");
        crm_buf_json(buf, webhook->body_mime);
        crm_buf_puts(buf, webhook->headers_count ? "," : "");
    }

    rc = webhook_params(buf, webhook->headers, webhook->headers_count, &merge,
                        pool, 1);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_puts(buf, "},\"body\":");

    refusal = webhook_refusal(crm_buf_view(&url), crm_buf_view(&body));

    if (refusal) {
        crm_buf_puts(buf, "null,\"refused\":");
        crm_buf_json(buf, crm_strz(refusal));

    } else if (has_body) {
        crm_buf_json(buf, crm_buf_view(&body));

    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"secret\":");
    if (webhook->secret.len) {
        crm_buf_json(buf, webhook->secret);
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, webhook->ordered ? ",\"ordered\":true"
                                       : ",\"ordered\":false");
    crm_buf_puts(buf, webhook->allow_http ? ",\"allow_http\":true}"
                                          : ",\"allow_http\":false}");

    job_tail(buf, event, fired);

    return crm_buf_status(buf);
}


static void
job_head(crm_buf_t *buf, const crm_event_t *event, const crm_fired_t *fired,
    const crm_action_t *action, crm_str_t id)
{
    crm_buf_puts(buf, "{\"v\":1,\"id\":");
    crm_buf_json(buf, id);
    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, event->write->event);
    crm_buf_puts(buf, ",\"type\":");
    crm_buf_json(buf, crm_strz(action->type));
    crm_buf_puts(buf, ",\"org\":");
    crm_buf_json(buf, event->write->org);
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, event->write->module->name);
    crm_buf_puts(buf, ",\"record_id\":");
    crm_buf_json(buf, event->record_id);
    crm_buf_puts(buf, ",\"rule\":");
    crm_buf_json(buf, fired->rule->id);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(event->write->rules));
}


static void
job_tail(crm_buf_t *buf, const crm_event_t *event, const crm_fired_t *fired)
{
    const crm_write_t  *w;

    w = event->write;

    crm_buf_puts(buf, ",\"record\":");
    crm_buf_str(buf, event->record_json);
    crm_buf_puts(buf, ",\"before\":");
    if (w->before) {
        crm_buf_str(buf, crm_record_raw(w->before));
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, ",\"actor\":{\"id\":");
    crm_buf_json(buf, w->actor.id);
    crm_buf_puts(buf, "},\"chain\":{\"id\":");
    crm_buf_json(buf, w->event);
    crm_buf_puts(buf, ",\"depth\":0,\"fired\":[");
    crm_buf_json(buf, fired->rule->id);
    crm_buf_puts(buf, fired->rule->cascade ? "],\"cascade\":true"
                                           : "],\"cascade\":false");
    crm_buf_puts(buf, fired->rule->ignore_lock ? ",\"ignore_lock\":true}"
                                               : ",\"ignore_lock\":false}");
    crm_buf_puts(buf, ",\"late\":[],\"attempt\":0,\"enqueued_at\":");
    crm_buf_int(buf, w->now_ms);
    crm_buf_putc(buf, '}');
}


/* Why it must not be sent, or NULL: the worker ends such a job, visibly. */
static const char *
webhook_refusal(crm_str_t url, crm_str_t body)
{
    if (body.len > CRM_MAX_WEBHOOK_BODY) {
        return "the body is above the limit of 256 KiB";
    }

    /* escaping leaves dots alone */

    if (crm_url_climbs(url)) {
        return "a value makes a step of the url's path \".\" or \"..\", which"
               " would lead to another path than the rule's";
    }

    return NULL;
}


/* A Content-Type of the rule's own: two would be one too many. */
static int
webhook_has_type(const crm_webhook_t *webhook)
{
    size_t  i;

    for (i = 0; i < webhook->headers_count; i++) {
        if (crm_str_caseeq(webhook->headers[i].name,
                           CRM_STR("content-type")))
        {
            return 1;
        }
    }

    return 0;
}


/* Headers as members of a JSON object, or a form's name=value pairs. */
static crm_status_t
webhook_params(crm_buf_t *buf, const crm_param_t *params, size_t count,
    const crm_merge_t *merge, crm_pool_t *pool, int headers)
{
    size_t        i;
    crm_buf_t     value;
    crm_status_t  rc;

    for (i = 0; i < count; i++) {
        crm_buf_init(&value, pool, 0);

        rc = crm_template_render(&params[i].value, &value,
                                 headers ? CRM_ESCAPE_HEADER
                                         : CRM_ESCAPE_NONE, merge, pool,
                                 NULL);
        if (rc != CRM_OK) {
            return rc;
        }

        if (headers) {
            crm_buf_puts(buf, i ? "," : "");
            crm_buf_json(buf, params[i].name);
            crm_buf_putc(buf, ':');
            crm_buf_json(buf, crm_buf_view(&value));
            continue;
        }

        crm_buf_puts(buf, i ? "&" : "");
        crm_template_escape(buf, CRM_ESCAPE_URL, params[i].name);
        crm_buf_putc(buf, '=');
        crm_template_escape(buf, CRM_ESCAPE_URL, crm_buf_view(&value));
    }

    return crm_buf_status(buf);
}


static crm_status_t
webhook_body(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_event_t *event, const crm_fired_t *fired,
    const crm_merge_t *merge, int *has_body)
{
    *has_body = 1;

    switch (webhook->body_type) {

    case CRM_BODY_RAW:
        return crm_template_render(&webhook->body, buf, webhook->body_escape,
                                   merge, event->write->pool, NULL);

    case CRM_BODY_FORM:
        return webhook_params(buf, webhook->params, webhook->params_count,
                              merge, event->write->pool, 0);

    case CRM_BODY_DEFAULT:
        webhook_default(buf, event, fired);
        return crm_buf_status(buf);

    default:
        *has_body = 0;
        return CRM_OK;
    }
}


/* The event itself, in the shape that Standard Webhooks proposes. */
static void
webhook_default(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired)
{
    char                time[CRM_TIME_ISO_LEN + 1];
    const crm_write_t  *w;

    w = event->write;

    crm_buf_puts(buf, "{\"type\":\"");
    crm_buf_json_text(buf, w->module->name);
    crm_buf_putc(buf, '.');
    crm_buf_puts(buf, crm_operation_name(w->operation));
    crm_buf_puts(buf, "\",\"timestamp\":");
    crm_buf_json(buf, crm_time_iso(time, w->now_ms));
    crm_buf_puts(buf, ",\"data\":{\"event\":");
    crm_buf_json(buf, w->event);
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, w->module->name);
    crm_buf_puts(buf, ",\"record_id\":");
    crm_buf_json(buf, event->record_id);
    crm_buf_puts(buf, ",\"rule\":");
    crm_buf_json(buf, fired->rule->name);
    crm_buf_puts(buf, ",\"record\":");
    crm_buf_str(buf, event->record_json);
    crm_buf_puts(buf, ",\"before\":");
    if (w->before) {
        crm_buf_str(buf, crm_record_raw(w->before));
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, "}}");
}
