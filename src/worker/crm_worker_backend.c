/*
 * Reads of the backend.
 */

#include "crm_worker_backend.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>


static crm_str_t  backend_url(crm_pool_t *pool, crm_str_t base,
    crm_str_t path);
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
    crm_worker_http_t          own;
    crm_worker_http_request_t  request;

    memset(&request, 0, sizeof(request));

    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                           NULL);

    request.method = "GET";
    request.trusted = 1;
    request.answer = answer;
    request.url = backend_url(answer->pool, backend->url, path);

    if (request.url.data == NULL
        || !backend_headers(&request.headers, backend, secrets, outcome))
    {
        curl_slist_free_all(request.headers);
        return NULL;
    }

    own = *http;
    own.timeout_ms = timeout_ms;

    return crm_worker_http_start(&own, &request, done, data, outcome);
}


static crm_str_t
backend_url(crm_pool_t *pool, crm_str_t base, crm_str_t path)
{
    crm_str_t  parts[3];

    while (base.len > 0 && base.data[base.len - 1] == '/') {
        base.len--;
    }

    parts[0] = base;
    parts[1] = CRM_STR("/");
    parts[2] = path;

    return crm_pool_concat(pool, parts, 3);
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
