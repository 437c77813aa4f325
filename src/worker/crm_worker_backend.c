/*
 * Requests to the backend.
 */

#include "crm_worker_backend.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>


static int  backend_climbs(crm_str_t url);
static int  backend_headers(struct curl_slist **list,
    const crm_worker_backend_t *backend, crm_worker_secrets_t *secrets,
    crm_worker_outcome_t *outcome);
static int  backend_header(struct curl_slist **list, crm_str_t name,
    crm_str_t value);


crm_worker_http_call_t *
crm_worker_backend_get(const crm_worker_backend_t *backend,
    const crm_worker_http_t *http, crm_worker_secrets_t *secrets,
    crm_str_t path, int64_t timeout_ms, crm_worker_answer_t *answer,
    crm_worker_http_done_pt done, void *data, crm_worker_outcome_t *outcome)
{
    crm_worker_backend_request_t  request;

    memset(&request, 0, sizeof(request));

    request.method = "GET";
    request.url = crm_worker_backend_url(backend, path, answer->pool);

    return crm_worker_backend_send(backend, http, secrets, &request,
                                   timeout_ms, answer, done, data, outcome);
}


crm_str_t
crm_worker_backend_url(const crm_worker_backend_t *backend, crm_str_t path,
    crm_pool_t *pool)
{
    crm_str_t  parts[3];

    parts[0] = backend->url;
    parts[1] = CRM_STR("/");
    parts[2] = path;

    while (parts[0].len > 0 && parts[0].data[parts[0].len - 1] == '/') {
        parts[0].len--;
    }

    return crm_pool_concat(pool, parts, 3);
}


crm_str_t
crm_worker_backend_target(crm_str_t url)
{
    size_t  i, slashes;

    slashes = 0;

    for (i = 0; i < url.len; i++) {
        if (url.data[i] == '/' && ++slashes == 3) {
            return crm_str(url.data + i, url.len - i);
        }
    }

    return CRM_STR("/");
}


crm_worker_http_call_t *
crm_worker_backend_send(const crm_worker_backend_t *backend,
    const crm_worker_http_t *http, crm_worker_secrets_t *secrets,
    const crm_worker_backend_request_t *request, int64_t timeout_ms,
    crm_worker_answer_t *answer, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    size_t                     i;
    crm_worker_http_t          own;
    crm_worker_http_request_t  call;

    memset(&call, 0, sizeof(call));

    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                           NULL);

    call.method = request->method;
    call.trusted = 1;
    call.answer = answer;
    call.url = request->url;
    call.body = request->body;

    if (call.url.data != NULL && backend_climbs(call.url)) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, "a name or an id"
                               " may not be . or .., which would lead out of"
                               " the guarded location");
        goto failed;
    }

    if (call.url.data == NULL
        || !backend_headers(&call.headers, backend, secrets, outcome))
    {
        goto failed;
    }

    for (i = 0; i < request->n_lines; i++) {
        if (!backend_header(&call.headers, request->lines[i].name,
                            request->lines[i].value))
        {
            goto failed;
        }
    }

    own = *http;
    own.timeout_ms = timeout_ms;

    return crm_worker_http_start(&own, &call, done, data, outcome);

failed:

    curl_slist_free_all(call.headers);

    return NULL;
}


/* Whether a part of its path is one that clients and servers take away. */
static int
backend_climbs(crm_str_t url)
{
    size_t     i, from;
    crm_str_t  path, part;

    path = crm_worker_backend_target(url);
    from = 0;

    for (i = 0; i <= path.len; i++) {

        if (i < path.len && path.data[i] != '/' && path.data[i] != '?') {
            continue;
        }

        part = crm_str(path.data + from, i - from);

        if (crm_str_is(part, ".") || crm_str_is(part, "..")) {
            return 1;
        }

        if (i < path.len && path.data[i] == '?') {
            return 0;
        }

        from = i + 1;
    }

    return 0;
}


static int
backend_headers(struct curl_slist **list, const crm_worker_backend_t *backend,
    crm_worker_secrets_t *secrets, crm_worker_outcome_t *outcome)
{
    size_t        i;
    crm_str_t     value;
    crm_error_t   err;
    crm_status_t  rc;

    if (!backend_header(list, CRM_STR("Accept"), CRM_STR("application/json"))
        || !backend_header(list, CRM_STR("Accept-Encoding"),
                           CRM_STR("identity")))
    {
        return 0;
    }

    for (i = 0; i < backend->n_headers; i++) {
        rc = crm_worker_secret_text(&value, secrets,
                                    backend->headers[i].secret, &err);
        if (rc != CRM_OK) {
            crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                                   CRM_WORKER_SECRET_ERROR, err.text);
            return 0;
        }

        if (!backend_header(list, backend->headers[i].name, value)) {
            return 0;
        }
    }

    return 1;
}


/* libcurl keeps a copy; ours held a secret and is overwritten. */
static int
backend_header(struct curl_slist **list, crm_str_t name, crm_str_t value)
{
    char               *line;
    size_t              len;
    struct curl_slist  *longer;

    len = name.len + 2 + value.len;
    line = malloc(len + 1);

    if (line == NULL) {
        return 0;
    }

    memcpy(line, name.data, name.len);
    memcpy(line + name.len, ": ", 2);
    memcpy(line + name.len + 2, value.data, value.len);
    line[len] = '\0';

    longer = curl_slist_append(*list, line);

    OPENSSL_cleanse(line, len);
    free(line);

    if (longer == NULL) {
        return 0;
    }

    *list = longer;

    return 1;
}
