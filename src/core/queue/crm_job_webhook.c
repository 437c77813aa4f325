/*
 * Webhooks: an action's request, rendered.
 */

#include "queue/crm_job.h"

#include "base/crm_limits.h"
#include "base/crm_time.h"
#include "base/crm_url.h"


static const char *webhook_refusal(crm_str_t url, crm_str_t body);
static int webhook_has_type(const crm_webhook_t *webhook);
static crm_status_t webhook_params(crm_buf_t *buf, const crm_param_t *params,
    size_t count, const crm_job_source_t *source, int headers);
static crm_status_t webhook_body(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_job_source_t *source, int *has_body);
static void webhook_default(crm_buf_t *buf, const crm_job_source_t *source);


crm_status_t
crm_job_webhook(crm_buf_t *buf, const crm_job_source_t *source)
{
    int                   has_body;
    crm_buf_t             url, body;
    const char           *refusal;
    crm_pool_t           *pool;
    crm_status_t          rc;
    const crm_webhook_t  *webhook;

    pool = source->pool;
    webhook = source->action->u.webhook;

    crm_buf_init(&url, pool, 0);
    rc = crm_template_render(&webhook->url, &url, CRM_ESCAPE_URL,
                             &source->merge, pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&body, pool, 0);
    rc = webhook_body(&body, webhook, source, &has_body);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_puts(buf, "\"name\":");
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

    rc = webhook_params(buf, webhook->headers, webhook->headers_count, source,
                        1);
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
    crm_buf_puts(buf, webhook->allow_http ? ",\"allow_http\":true"
                                          : ",\"allow_http\":false");

    if (webhook->retry_schedule.len) {
        crm_buf_puts(buf, ",\"retry_schedule\":");
        crm_buf_json(buf, webhook->retry_schedule);
    }

    return crm_buf_status(buf);
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
    const crm_job_source_t *source, int headers)
{
    size_t        i;
    crm_buf_t     value;
    crm_status_t  rc;

    for (i = 0; i < count; i++) {
        crm_buf_init(&value, source->pool, 0);

        rc = crm_template_render(&params[i].value, &value,
                                 headers ? CRM_ESCAPE_HEADER
                                         : CRM_ESCAPE_NONE, &source->merge,
                                 source->pool, NULL);
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
    const crm_job_source_t *source, int *has_body)
{
    *has_body = 1;

    switch (webhook->body_type) {

    case CRM_BODY_RAW:
        return crm_template_render(&webhook->body, buf, webhook->body_escape,
                                   &source->merge, source->pool, NULL);

    case CRM_BODY_FORM:
        return webhook_params(buf, webhook->params, webhook->params_count,
                              source, 0);

    case CRM_BODY_DEFAULT:
        webhook_default(buf, source);
        return crm_buf_status(buf);

    default:
        *has_body = 0;
        return CRM_OK;
    }
}


/* The event itself, in the shape that Standard Webhooks proposes. */
static void
webhook_default(crm_buf_t *buf, const crm_job_source_t *source)
{
    char                time[CRM_TIME_ISO_LEN + 1];
    const crm_event_t  *event;
    const crm_write_t  *w;

    event = source->event;
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
    crm_buf_json(buf, source->fired->rule->name);
    crm_buf_puts(buf, ",\"record\":");
    crm_buf_str(buf, source->record);
    crm_buf_puts(buf, ",\"before\":");
    if (w->before) {
        crm_buf_str(buf, crm_record_raw(w->before));
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, "}}");
}
