/*
 * Webhooks: job to request.
 */

#include "crm_worker_webhook.h"

#include "base/crm_buf.h"
#include "base/crm_limits.h"

#include "crm_worker_exchange.h"
#include "crm_worker_log.h"

#include <string.h>
#include <strings.h>


static const char *const  webhook_methods[] = {
    "POST", "GET", "PUT", "DELETE", "PATCH"
};

/* Headers that are ours or the connection's: a rule's own are left out. A
 * name that ends in "-" stands for all that begin so. */
static const char *const  webhook_reserved[] = {
    "webhook-", "idempotency-key", "host", "content-length",
    "transfer-encoding", "connection", "keep-alive", "te", "trailer",
    "upgrade", "expect", "proxy-"
};


static crm_status_t  webhook_request(crm_worker_http_request_t *request,
    crm_worker_job_t *job, crm_error_t *err);
static crm_status_t  webhook_method(const char **method,
    crm_worker_job_t *job, crm_error_t *err);
static crm_status_t  webhook_headers(crm_worker_http_request_t *request,
    crm_worker_job_t *job, crm_error_t *err);
static crm_status_t  webhook_header(crm_worker_http_request_t *request,
    crm_worker_job_t *job, crm_span_t name, crm_span_t value,
    crm_error_t *err);
static int           webhook_is_reserved(crm_str_t name);
static int           webhook_has(const crm_worker_http_request_t *request,
    const char *name);
static crm_status_t  webhook_add(crm_worker_http_request_t *request,
    crm_pool_t *pool, const char *name, crm_str_t value);
static crm_status_t  webhook_add_int(crm_worker_http_request_t *request,
    crm_pool_t *pool, const char *name, long long value);
static int           webhook_own(crm_worker_http_request_t *request,
    crm_worker_job_t *job, int64_t now_s);
static int           webhook_sign(crm_worker_http_request_t *request,
    crm_worker_secrets_t *secrets, crm_worker_job_t *job, int64_t now_s,
    crm_worker_outcome_t *outcome);


crm_worker_http_call_t *
crm_worker_webhook_start(const crm_worker_http_t *http,
    crm_worker_secrets_t *secrets, crm_worker_job_t *job, int64_t now_s,
    crm_worker_http_done_pt done, void *data, crm_worker_outcome_t *outcome)
{
    crm_error_t                err;
    crm_status_t               rc;
    crm_worker_http_request_t  request;

    memset(&request, 0, sizeof(request));

    request.org = job->org;
    rc = webhook_request(&request, job, &err);

    if (rc != CRM_OK) {
        curl_slist_free_all(request.headers);

        if (rc == CRM_ENOMEM) {
            crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                                   CRM_WORKER_NO_MEMORY, NULL);
        } else {
            crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                                   CRM_WORKER_MALFORMED_JOB, err.text);
        }

        return NULL;
    }

    if (request.body.len > CRM_WARN_WEBHOOK_BODY && job->attempts == 0) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "webhook: a body above %d bytes, "
                       "which many receivers refuse, org:%s job:%s "
                       "rule:\"%.*s\" bytes:%zu", CRM_WARN_WEBHOOK_BODY,
                       job->org.data, job->lease.id.data,
                       (int) job->rule.len, job->rule.data, request.body.len);
    }

    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                           NULL);

    if (!webhook_own(&request, job, now_s)
        || !webhook_sign(&request, secrets, job, now_s, outcome))
    {
        curl_slist_free_all(request.headers);
        return NULL;
    }

    return crm_worker_http_start(http, &request, done, data, outcome);
}


/* What the rule asked for. */
static crm_status_t
webhook_request(crm_worker_http_request_t *request, crm_worker_job_t *job,
    crm_error_t *err)
{
    crm_status_t  rc;

    rc = crm_worker_job_text(&request->url, job, "url", err);

    if (rc == CRM_DECLINED) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "action.url is missing");
    }

    if (rc != CRM_OK) {
        return rc;
    }

    rc = webhook_method(&request->method, job, err);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_worker_job_text(&request->body, job, "body", err);
    if (rc != CRM_OK && rc != CRM_DECLINED) {
        return rc;
    }

    if (request->body.len > CRM_MAX_WEBHOOK_BODY) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "action.body is larger than %d bytes",
                             CRM_MAX_WEBHOOK_BODY);
    }

    request->allow_http =
        crm_worker_job_member(job, "allow_http").type == CRM_JSON_TRUE;

    return webhook_headers(request, job, err);
}


static crm_status_t
webhook_method(const char **method, crm_worker_job_t *job, crm_error_t *err)
{
    unsigned      i;
    crm_str_t     text;
    crm_status_t  rc;

    rc = crm_worker_job_text(&text, job, "method", err);

    if (rc == CRM_DECLINED) {
        text = CRM_STR("POST");

    } else if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0;
         i < sizeof(webhook_methods) / sizeof(webhook_methods[0]);
         i++)
    {
        if (crm_str_is(text, webhook_methods[i])) {
            *method = webhook_methods[i];
            return CRM_OK;
        }
    }

    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "action.method must be POST, GET, PUT, DELETE or "
                         "PATCH");
}


static crm_status_t
webhook_headers(crm_worker_http_request_t *request, crm_worker_job_t *job,
    crm_error_t *err)
{
    size_t        cursor;
    unsigned      n;
    crm_span_t    headers, name, value;
    crm_status_t  rc;

    headers = crm_worker_job_member(job, "headers");

    if (headers.type == CRM_JSON_NONE || headers.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (headers.type != CRM_JSON_OBJECT) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "action.headers must be an object");
    }

    cursor = 0;

    for (n = 0; crm_span_next(headers, &cursor, &name, &value); n++) {
        if (n == CRM_WORKER_WEBHOOK_MAX_HEADERS) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "action.headers has more than %d members",
                                 CRM_WORKER_WEBHOOK_MAX_HEADERS);
        }

        rc = webhook_header(request, job, name, value, err);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
webhook_header(crm_worker_http_request_t *request, crm_worker_job_t *job,
    crm_span_t name, crm_span_t value, crm_error_t *err)
{
    crm_str_t  key, text;

    if (value.type != CRM_JSON_STRING) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "a member of action.headers is no text");
    }

    key = crm_span_text(name, job->pool);
    text = crm_span_text(value, job->pool);

    if (key.data == NULL || text.data == NULL) {
        return CRM_ENOMEM;
    }

    if (!crm_worker_exchange_is_name(key)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "a name in action.headers is no header name");
    }

    if (text.len > CRM_WORKER_WEBHOOK_MAX_HEADER
        || !crm_worker_exchange_is_value(text))
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "a value in action.headers holds a control "
                             "character or more than %d bytes",
                             CRM_WORKER_WEBHOOK_MAX_HEADER);
    }

    if (webhook_is_reserved(key)) {
        return CRM_OK;
    }

    key = crm_pool_dup(job->pool, key);

    return key.data ? webhook_add(request, job->pool, key.data, text)
                    : CRM_ENOMEM;
}


static int
webhook_is_reserved(crm_str_t name)
{
    size_t    len;
    unsigned  i;

    for (i = 0;
         i < sizeof(webhook_reserved) / sizeof(webhook_reserved[0]);
         i++)
    {
        len = strlen(webhook_reserved[i]);

        if (webhook_reserved[i][len - 1] == '-'
            ? name.len >= len
              && strncasecmp(name.data, webhook_reserved[i], len) == 0
            : crm_str_caseeq(name, crm_strz(webhook_reserved[i])))
        {
            return 1;
        }
    }

    return 0;
}


static int
webhook_has(const crm_worker_http_request_t *request, const char *name)
{
    size_t                    len;
    const struct curl_slist  *header;

    len = strlen(name);

    for (header = request->headers; header; header = header->next) {
        if (strncasecmp(header->data, name, len) == 0
            && (header->data[len] == ':' || header->data[len] == ';'))
        {
            return 1;
        }
    }

    return 0;
}


/* "Name;" is an empty header. */
static crm_status_t
webhook_add(crm_worker_http_request_t *request, crm_pool_t *pool,
    const char *name, crm_str_t value)
{
    size_t              i;
    crm_str_t           line, parts[3];
    struct curl_slist  *longer;

    for (i = 0; i < value.len && strchr(" \t", value.data[i]); i++) {
        /* void */
    }

    parts[0] = crm_strz(name);
    parts[1] = i == value.len ? CRM_STR(";") : CRM_STR(": ");
    parts[2] = i == value.len ? CRM_STR("") : value;

    line = crm_pool_concat(pool, parts, 3);

    longer = line.data ? curl_slist_append(request->headers, line.data) : NULL;
    if (longer == NULL) {
        return CRM_ENOMEM;
    }

    request->headers = longer;

    return CRM_OK;
}


static crm_status_t
webhook_add_int(crm_worker_http_request_t *request, crm_pool_t *pool,
    const char *name, long long value)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_int(&buf, value);

    return crm_buf_status(&buf) == CRM_OK
           ? webhook_add(request, pool, name, crm_buf_view(&buf))
           : CRM_ENOMEM;
}


static int
webhook_own(crm_worker_http_request_t *request, crm_worker_job_t *job,
    int64_t now_s)
{
    size_t              i;
    const char         *type;
    crm_str_t           id;
    crm_pool_t         *pool;
    struct curl_slist  *longer;

    pool = job->pool;
    id = job->lease.id;

    if (webhook_add(request, pool, "webhook-id", id) != CRM_OK
        || webhook_add_int(request, pool, "webhook-timestamp", now_s)
           != CRM_OK
        || webhook_add_int(request, pool, "webhook-sequence", job->sequence)
           != CRM_OK
        || (job->enqueued_ms > 0
            && webhook_add_int(request, pool, "webhook-event-timestamp",
                               job->enqueued_ms / 1000) != CRM_OK)
        || webhook_add(request, pool, "idempotency-key", id) != CRM_OK
        || (!webhook_has(request, "user-agent")
            && webhook_add(request, pool, "user-agent",
                           CRM_STR("crm-worker/" CRM_WORKER_CONFIG_VERSION))
               != CRM_OK))
    {
        return 0;
    }

    if (request->body.data != NULL && !webhook_has(request, "content-type")) {
        for (i = 0; i < request->body.len
                    && strchr(" \t\r\n", request->body.data[i]); i++)
        {
            /* void */
        }

        type = i < request->body.len && strchr("{[", request->body.data[i])
               ? "content-type: application/json"
               : "content-type: text/plain; charset=utf-8";

        longer = curl_slist_append(request->headers, type);
        if (longer == NULL) {
            return 0;
        }

        request->headers = longer;
    }

    return 1;
}


/* 0: not to be sent, and *outcome says why. */
static int
webhook_sign(crm_worker_http_request_t *request,
    crm_worker_secrets_t *secrets, crm_worker_job_t *job, int64_t now_s,
    crm_worker_outcome_t *outcome)
{
    crm_str_t                      name, value;
    crm_error_t                    err;
    crm_status_t                   rc;
    const crm_worker_sign_keys_t  *keys;

    rc = crm_worker_job_text(&name, job, "secret", &err);

    if (rc == CRM_DECLINED) {
        return 1;
    }

    if (rc == CRM_ENOMEM) {
        return 0;
    }

    if (rc != CRM_OK) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, err.text);
        return 0;
    }

    if (job->foreign) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_FOREIGN_SECRET,
                               "a job that no commit wrote may use no secret");
        return 0;
    }

    if (crm_worker_secret_get(&keys, secrets, job->org, name, &err) != CRM_OK) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_SECRET_ERROR, err.text);
        return 0;
    }

    rc = crm_worker_sign_value(&value, keys, job->lease.id, now_s,
                               request->body, job->pool);
    if (rc == CRM_EINVAL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB,
                               "its id holds a \".\"");
        return 0;
    }

    if (rc == CRM_DECLINED) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_SECRET_ERROR,
                               "each of its keys has come to its end");
        return 0;
    }

    return rc == CRM_OK
           && webhook_add(request, job->pool, "webhook-signature", value)
              == CRM_OK;
}
