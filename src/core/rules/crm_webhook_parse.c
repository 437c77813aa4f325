/*
 * kind: webhook. What to call, and with what, when a rule says so.
 */

#include "rules/crm_rule.h"

#include "base/crm_limits.h"
#include "base/crm_retry.h"
#include "base/crm_url.h"
#include "rules/crm_webhook_text.h"


#define WEBHOOK_MAX_HEADERS  50


static const char *const  methods[] = {
    "POST", "GET", "PUT", "DELETE", "PATCH", NULL
};

static const char *const  body_types[] = { "raw", "form_data", NULL };

static const char *const  body_formats[] = {
    "JSON", "XML", "HTML", "Text", NULL
};

static const crm_key_t  body_keys[] = {
    { "type", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, body_types, NULL,
      "raw: content as it is; form_data: parameters" },
    { "format", CRM_KEY_WORD, 0, 0, 0, body_formats, NULL,
      "of a raw body, JSON by default: how merged values are escaped" },
    { "content", CRM_KEY_STRING, 0, 0, CRM_MAX_WEBHOOK_BODY, NULL, NULL,
      "of a raw body: its text, with merge fields" },
    { "parameters", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "of form_data: names, each with a text" },
    CRM_KEYS_END
};

static const crm_form_t  body_forms[] = {
    { "webhook body", body_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_webhook_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "how rules refer to it" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records it tells of" },
    { "url", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_URL, NULL, NULL,
      "where to; merge fields may stand behind the host" },
    { "http_method", CRM_KEY_WORD, 0, 0, 0, methods, NULL,
      "POST by default; GET and DELETE have no body" },
    { "headers", CRM_KEY_OBJECT, CRM_KEY_NULLABLE, 0, 0, NULL, NULL,
      "header names, each with a text" },
    { "body", CRM_KEY_OBJECT, CRM_KEY_NULLABLE, 0, 0, NULL, body_forms,
      "what is sent; default: the record as JSON" },
    { "secret", CRM_KEY_TEXT, CRM_KEY_NULLABLE, 0, 200, NULL, NULL,
      "what signs it: env:NAME or file:NAME, never the secret itself" },
    { "ordered", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "true: per record, first in first out; default false" },
    { "retry_schedule", CRM_KEY_TEXT, 0, 0, 200, NULL, NULL,
      "waits before each next attempt, such as 5s,5m,2h; default: the"
      " worker's" },
    { "allow_http", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "true: http:// to public addresses too; default false" },
    CRM_KEYS_END
};

/* Headers that are the worker's own, and those that frame the request. */
static const char *const  own_headers[] = {
    "host", "content-length", "transfer-encoding", "connection", "te",
    "upgrade", "expect", "webhook-id", "webhook-timestamp",
    "webhook-signature", "idempotency-key", NULL
};


static crm_status_t webhook_url(crm_webhook_t *webhook, const json_t *json,
    crm_compile_t *cc);
static crm_status_t webhook_headers(crm_webhook_t *webhook,
    const json_t *json, crm_compile_t *cc);
static crm_status_t webhook_header_name(const char *name, const char *path,
    crm_compile_t *cc);
static crm_status_t webhook_header_text(const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t webhook_body(crm_webhook_t *webhook, const json_t *json,
    crm_compile_t *cc);
static crm_status_t webhook_raw(crm_webhook_t *webhook, const json_t *json,
    crm_compile_t *cc);
static crm_status_t webhook_secret(crm_webhook_t *webhook, const json_t *json,
    crm_compile_t *cc);
static crm_status_t webhook_schedule(crm_webhook_t *webhook,
    const json_t *json, crm_compile_t *cc);
static crm_status_t webhook_params(crm_param_t **params, size_t *count,
    const json_t *json, const char *path, crm_compile_t *cc);


crm_status_t
crm_webhook_parse(crm_webhook_t *webhook, const json_t *json,
    crm_compile_t *cc)
{
    size_t        i;
    crm_status_t  rc, all;

    static crm_status_t  (*const steps[])(crm_webhook_t *, const json_t *,
                                          crm_compile_t *) = {
        webhook_url, webhook_headers, webhook_body, webhook_secret,
        webhook_schedule
    };

    memset(webhook, 0, sizeof(crm_webhook_t));

    rc = crm_shape_check(json, crm_webhook_keys, "a webhook", "", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    webhook->ordered = json_is_true(json_object_get(json, "ordered"));
    webhook->allow_http = json_is_true(json_object_get(json, "allow_http"));

    if (crm_shape_copy(&webhook->name, json_object_get(json, "name"),
                       cc->pool)
        || crm_shape_copy(&webhook->module, json_object_get(json, "module"),
                          cc->pool)
        || crm_shape_copy(&webhook->method,
                          json_object_get(json, "http_method"), cc->pool))
    {
        return CRM_ENOMEM;
    }

    if (webhook->method.len == 0) {
        webhook->method = CRM_STR("POST");
    }

    all = CRM_OK;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rc = steps[i](webhook, json, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    if (all == CRM_OK) {
        all = crm_webhook_asks(webhook, cc->pool);
    }

    return all == CRM_OK ? crm_webhook_text_keep(webhook, cc->pool) : all;
}


/* Scheme and host must stand there as they are: nobody's record chooses whom
 * the worker calls. */
static crm_status_t
webhook_url(crm_webhook_t *webhook, const json_t *json, crm_compile_t *cc)
{
    size_t     i, host;
    crm_str_t  url;

    if (crm_shape_copy(&url, json_object_get(json, "url"), cc->pool)
        != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    host = url.len > 8 && memcmp(url.data, "https://", 8) == 0 ? 8
           : url.len > 7 && memcmp(url.data, "http://", 7) == 0 ? 7 : 0;

    if (host == 0) {
        return crm_shape_error(cc, "url", "bad_url", NULL,
                               "url must begin with https:// or http://");
    }

    for (i = host; i < url.len && strchr("/?#", url.data[i]) == NULL; i++) {
        if (strchr("$@\\{}", url.data[i])) {
            return crm_shape_error(cc, "url", "bad_url", NULL,
                                   "the host in url must be a plain name or"
                                   " address, without user names and merge"
                                   " fields");
        }

        if ((unsigned char) url.data[i] > 0x7f) {
            return crm_shape_error(cc, "url", "bad_url", NULL,
                                   "the host in url must be ASCII; write an"
                                   " international name as xn--");
        }
    }

    if (i == host) {
        return crm_shape_error(cc, "url", "bad_url", NULL,
                               "url lacks a host");
    }

    webhook->receiver = crm_str(url.data, i);

    for (i = 0; i < url.len; i++) {
        if ((unsigned char) url.data[i] <= 0x20 || url.data[i] == 0x7f) {
            return crm_shape_error(cc, "url", "bad_url", NULL,
                                   "url holds a space or control character"
                                   " at byte %zu; write it as %%20", i);
        }
    }

    if (crm_url_climbs(url)) {
        return crm_shape_error(cc, "url", "bad_url", NULL,
                               "url holds a step \".\" or \"..\"; write the"
                               " path that it leads to");
    }

    return crm_template_compile(&webhook->url, url, "url", cc);
}


static crm_status_t
webhook_headers(crm_webhook_t *webhook, const json_t *json, crm_compile_t *cc)
{
    size_t         i;
    const char    *path;
    crm_str_t      name;
    crm_status_t   rc;

    json = json_object_get(json, "headers");

    rc = webhook_params(&webhook->headers, &webhook->headers_count, json,
                        "headers", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < webhook->headers_count; i++) {
        name = webhook->headers[i].name;
        path = crm_shape_path(cc, "headers", name.data);

        if (webhook_header_name(name.data, path, cc) != CRM_OK
            || webhook_header_text(json_object_get(json, name.data), path, cc)
               != CRM_OK)
        {
            rc = CRM_EINVAL;
        }
    }

    return rc;
}


static crm_status_t
webhook_header_name(const char *name, const char *path, crm_compile_t *cc)
{
    size_t       i;
    const char  *p;

    for (p = name; *p || p == name; p++) {
        if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z')
            || (*p >= 'A' && *p <= 'Z')
            || (*p && strchr("!#$%&'*+-.^_`|~", *p)))
        {
            continue;
        }

        return crm_shape_error(cc, path, "bad_header", NULL,
                               "\"%s\" is no header name", name);
    }

    for (i = 0; own_headers[i]; i++) {
        if (crm_str_caseeq(crm_strz(name), crm_strz(own_headers[i]))) {
            return crm_shape_error(cc, path, "bad_header", NULL,
                                   "the header \"%s\" is set by the worker"
                                   " itself", name);
        }
    }

    return CRM_OK;
}


/* Merged values lose their control characters; what stands here must have
 * none, or one header would become two. */
static crm_status_t
webhook_header_text(const json_t *json, const char *path, crm_compile_t *cc)
{
    size_t     i;
    crm_str_t  text;

    text = crm_shape_str(json);

    for (i = 0; i < text.len; i++) {
        if ((unsigned char) text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return crm_shape_error(cc, path, "bad_header", NULL,
                                   "a header's value must not hold a line"
                                   " break or control character");
        }
    }

    return CRM_OK;
}


static crm_status_t
webhook_body(crm_webhook_t *webhook, const json_t *json, crm_compile_t *cc)
{
    int            has_body;
    crm_status_t   rc;
    const json_t  *body, *params;

    body = json_object_get(json, "body");
    has_body = !crm_str_is(webhook->method, "GET")
               && !crm_str_is(webhook->method, "DELETE");

    if (body == NULL || json_is_null(body)) {
        webhook->body_type = has_body ? CRM_BODY_DEFAULT : CRM_BODY_NONE;
        webhook->body_mime = CRM_STR("application/json");
        return CRM_OK;
    }

    rc = crm_shape_check(body, body_keys, "a webhook's body", "body", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (!has_body) {
        return crm_shape_error(cc, "body", "wrong_value", NULL,
                               "a %s has no body; put values into the url",
                               webhook->method.data);
    }

    if (crm_str_is(crm_shape_str(json_object_get(body, "type")), "raw")) {
        return webhook_raw(webhook, body, cc);
    }

    params = json_object_get(body, "parameters");
    if (params == NULL) {
        return crm_shape_error(cc, "body", "missing_key", "parameters",
                               "a body of type form_data lacks"
                               " \"parameters\"");
    }

    webhook->body_type = CRM_BODY_FORM;
    webhook->body_escape = CRM_ESCAPE_URL;
    webhook->body_mime = CRM_STR("application/x-www-form-urlencoded");

    return webhook_params(&webhook->params, &webhook->params_count, params,
                          "body.parameters", cc);
}


static crm_status_t
webhook_raw(crm_webhook_t *webhook, const json_t *json, crm_compile_t *cc)
{
    size_t         i;
    crm_str_t      format, content;
    const json_t  *text;

    static const struct {
        const char    *name;
        crm_escape_t   escape;
        const char    *mime;
    } formats[] = {
        { "JSON", CRM_ESCAPE_JSON, "application/json" },
        { "XML", CRM_ESCAPE_XML, "application/xml" },
        { "HTML", CRM_ESCAPE_XML, "text/html; charset=utf-8" },
        { "Text", CRM_ESCAPE_NONE, "text/plain; charset=utf-8" },
    };

    text = json_object_get(json, "content");
    if (text == NULL) {
        return crm_shape_error(cc, "body", "missing_key", "content",
                               "a raw body lacks \"content\"");
    }

    format = crm_shape_str(json_object_get(json, "format"));

    for (i = 0; i < 3; i++) {
        if (crm_str_is(format, formats[i].name)) {
            break;
        }
    }

    if (format.len == 0) {
        i = 0;
    }

    webhook->body_type = CRM_BODY_RAW;
    webhook->body_escape = formats[i].escape;
    webhook->body_mime = crm_strz(formats[i].mime);

    if (crm_shape_copy(&content, text, cc->pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return crm_template_compile(&webhook->body, content, "body.content", cc);
}


static crm_status_t
webhook_secret(crm_webhook_t *webhook, const json_t *json, crm_compile_t *cc)
{
    if (crm_shape_copy(&webhook->secret, json_object_get(json, "secret"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (webhook->secret.len == 0
        || (webhook->secret.len > 4
            && memcmp(webhook->secret.data, "env:", 4) == 0)
        || (webhook->secret.len > 5
            && memcmp(webhook->secret.data, "file:", 5) == 0))
    {
        return CRM_OK;
    }

    return crm_shape_error(cc, "secret", "bad_secret", "env:NAME",
                           "a secret is named here, never written: env:NAME"
                           " or file:NAME");
}


/* Kept as it was written: the worker reads it. */
static crm_status_t
webhook_schedule(crm_webhook_t *webhook, const json_t *json,
    crm_compile_t *cc)
{
    crm_retry_t  retry;

    if (crm_shape_copy(&webhook->retry_schedule,
                       json_object_get(json, "retry_schedule"), cc->pool)
        != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (webhook->retry_schedule.len == 0
        || crm_retry_parse(&retry, webhook->retry_schedule) == CRM_OK)
    {
        return CRM_OK;
    }

    return crm_shape_error(cc, "retry_schedule", "wrong_value", NULL,
                           "retry_schedule must be up to 32 times up to 24h,"
                           " such as 5s,5m,2h");
}


static crm_status_t
webhook_params(crm_param_t **params, size_t *count, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    size_t         i;
    json_t        *value;
    crm_str_t      text;
    const char    *name, *at;
    crm_status_t   rc, all;

    i = json_object_size(json);
    if (i == 0) {
        return CRM_OK;
    }

    if (i > WEBHOOK_MAX_HEADERS) {
        return crm_shape_error(cc, path, "limit_exceeded", NULL,
                               "%s has more than %d members", path,
                               WEBHOOK_MAX_HEADERS);
    }

    *params = crm_pool_calloc(cc->pool, i, sizeof(crm_param_t));
    if (*params == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;
    i = 0;

    json_object_foreach((json_t *) json, name, value) {
        at = crm_shape_path(cc, path, name);

        if (!json_is_string(value)) {
            all = crm_shape_error(cc, at, "wrong_type", NULL,
                                  "%s must be text", name);
            continue;
        }

        (*params)[i].name = crm_pool_dup(cc->pool, crm_strz(name));

        if ((*params)[i].name.data == NULL
            || crm_shape_copy(&text, value, cc->pool) != CRM_OK)
        {
            return CRM_ENOMEM;
        }

        rc = crm_template_compile(&(*params)[i++].value, text, at, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    *count = i;

    return all;
}
