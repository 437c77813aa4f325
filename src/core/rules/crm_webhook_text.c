/*
 * A webhook as its jobs tell it, but for the body.
 */

#include "rules/crm_webhook_text.h"

#include "base/crm_url.h"


static int webhook_is_same(const crm_webhook_t *webhook);
static int webhook_has_type(const crm_webhook_t *webhook);
static crm_status_t webhook_headers(crm_buf_t *buf,
    const crm_webhook_t *webhook, const crm_merge_t *merge, crm_pool_t *pool);
static void webhook_tail(crm_buf_t *buf, const crm_webhook_t *webhook);


crm_status_t
crm_webhook_text_head(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_merge_t *merge, crm_pool_t *pool, int *climbs)
{
    crm_buf_t     url;
    crm_status_t  rc;

    *climbs = 0;

    if (webhook->head.data) {
        crm_buf_str(buf, webhook->head);
        return CRM_OK;
    }

    crm_buf_init(&url, pool, 0);
    rc = crm_template_render(&webhook->url, &url, CRM_ESCAPE_URL, merge, pool,
                             NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    /* escaping leaves dots alone */

    *climbs = crm_url_climbs(crm_buf_view(&url));

    crm_buf_puts(buf, "\"name\":");
    crm_buf_json(buf, webhook->name);
    crm_buf_puts(buf, ",\"url\":");
    crm_buf_json(buf, crm_buf_view(&url));
    crm_buf_puts(buf, ",\"method\":");
    crm_buf_json(buf, webhook->method);
    crm_buf_puts(buf, ",\"headers\":{");

    rc = webhook_headers(buf, webhook, merge, pool);
    crm_buf_putc(buf, '}');

    return rc == CRM_OK ? crm_buf_status(buf) : rc;
}


static crm_status_t
webhook_headers(crm_buf_t *buf, const crm_webhook_t *webhook,
    const crm_merge_t *merge, crm_pool_t *pool)
{
    size_t        i;
    crm_buf_t     value;
    crm_status_t  rc;

    if (webhook->body_type != CRM_BODY_NONE && !webhook_has_type(webhook)) {
        crm_buf_puts(buf, "\"Content-Type\":");
        crm_buf_json(buf, webhook->body_mime);
        crm_buf_puts(buf, webhook->headers_count ? "," : "");
    }

    for (i = 0; i < webhook->headers_count; i++) {
        crm_buf_init(&value, pool, 0);

        rc = crm_template_render(&webhook->headers[i].value, &value,
                                 CRM_ESCAPE_HEADER, merge, pool, NULL);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json(buf, webhook->headers[i].name);
        crm_buf_putc(buf, ':');
        crm_buf_json(buf, crm_buf_view(&value));
    }

    return CRM_OK;
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


crm_status_t
crm_webhook_text_keep(crm_webhook_t *webhook, crm_pool_t *pool)
{
    int           climbs;
    crm_buf_t     buf;
    crm_status_t  rc;

    if (webhook_is_same(webhook)) {
        crm_buf_init(&buf, pool, 0);

        rc = crm_webhook_text_head(&buf, webhook, NULL, pool, &climbs);
        if (rc != CRM_OK) {
            return rc;
        }

        if (!climbs) {
            webhook->head = crm_buf_view(&buf);
        }
    }

    crm_buf_init(&buf, pool, 0);
    webhook_tail(&buf, webhook);
    webhook->tail = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* Is nothing of a record in its url and headers? */
static int
webhook_is_same(const crm_webhook_t *webhook)
{
    size_t  i;

    for (i = 0; i < webhook->headers_count; i++) {
        if (!crm_template_is_literal(&webhook->headers[i].value)) {
            return 0;
        }
    }

    return crm_template_is_literal(&webhook->url);
}


static void
webhook_tail(crm_buf_t *buf, const crm_webhook_t *webhook)
{
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
}
