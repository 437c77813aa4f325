/*
 * Webhooks: an action's request, rendered.
 */

#include "queue/crm_job.h"

#include "base/crm_limits.h"
#include "base/crm_time.h"
#include "rules/crm_webhook_text.h"


static const char *webhook_refusal(int climbs, crm_str_t body);
static crm_status_t webhook_body(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_job_source_t *source);
static crm_status_t webhook_form(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_job_source_t *source);
static void webhook_default(crm_buf_t *buf, const crm_job_source_t *source);


crm_status_t
crm_job_webhook(crm_buf_t *buf, const crm_job_source_t *source)
{
    int                   climbs;
    crm_buf_t             body;
    const char           *refusal;
    crm_status_t          rc;
    const crm_webhook_t  *webhook;

    webhook = source->action->u.webhook;

    rc = crm_webhook_text_head(buf, webhook, &source->merge, source->pool,
                               &climbs);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&body, source->pool, 0);
    rc = webhook_body(&body, webhook, source);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_puts(buf, ",\"body\":");

    refusal = webhook_refusal(climbs, crm_buf_view(&body));

    if (refusal) {
        crm_buf_puts(buf, "null,\"refused\":");
        crm_buf_json(buf, crm_strz(refusal));

    } else if (webhook->body_type == CRM_BODY_NONE) {
        crm_buf_puts(buf, "null");

    } else {
        crm_buf_json(buf, crm_buf_view(&body));
    }

    crm_buf_str(buf, webhook->tail);

    return crm_buf_status(buf);
}


/* Why it must not be sent, or NULL: the worker ends such a job, visibly. */
static const char *
webhook_refusal(int climbs, crm_str_t body)
{
    if (body.len > CRM_MAX_WEBHOOK_BODY) {
        return "the body is above the limit of 256 KiB";
    }

    if (climbs) {
        return "a value makes a step of the url's path \".\" or \"..\", which"
               " would lead to another path than the rule's";
    }

    return NULL;
}


static crm_status_t
webhook_body(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_job_source_t *source)
{
    switch (webhook->body_type) {

    case CRM_BODY_RAW:
        return crm_template_render(&webhook->body, buf, webhook->body_escape,
                                   &source->merge, source->pool, NULL);

    case CRM_BODY_FORM:
        return webhook_form(buf, webhook, source);

    case CRM_BODY_DEFAULT:
        webhook_default(buf, source);
        return crm_buf_status(buf);

    default:
        return CRM_OK;
    }
}


static crm_status_t
webhook_form(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_job_source_t *source)
{
    size_t              i;
    crm_buf_t           value;
    crm_status_t        rc;
    const crm_param_t  *param;

    for (i = 0; i < webhook->params_count; i++) {
        param = &webhook->params[i];
        crm_buf_init(&value, source->pool, 0);

        rc = crm_template_render(&param->value, &value, CRM_ESCAPE_NONE,
                                 &source->merge, source->pool, NULL);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_puts(buf, i ? "&" : "");
        crm_template_escape(buf, CRM_ESCAPE_URL, param->name);
        crm_buf_putc(buf, '=');
        crm_template_escape(buf, CRM_ESCAPE_URL, crm_buf_view(&value));
    }

    return crm_buf_status(buf);
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
