/*
 * One HTTP request at a time.
 */

#include "crm_cli_http.h"
#include "base/crm_buf.h"

#include <curl/curl.h>


static crm_status_t http_headers(struct curl_slist **list,
    const crm_cli_http_t *request, crm_pool_t *pool);
static CURLcode http_run(CURL *easy, const crm_cli_http_t *request,
    const char *url, struct curl_slist *headers, crm_buf_t *body, char *why);
static size_t http_body(char *data, size_t size, size_t n, void *user);


crm_status_t
crm_cli_http(crm_cli_http_answer_t *answer, const crm_cli_http_t *request,
    crm_pool_t *pool, crm_error_t *err)
{
    long                status;
    char                why[CURL_ERROR_SIZE];
    CURL               *easy;
    CURLcode            code;
    crm_buf_t           body;
    crm_str_t           url;
    crm_status_t        rc;
    struct curl_slist  *headers;

    memset(answer, 0, sizeof(crm_cli_http_answer_t));
    crm_buf_init(&body, pool, CRM_CLI_HTTP_MAX_BODY);
    why[0] = '\0';
    headers = NULL;

    url = crm_pool_dup(pool, request->url);
    easy = url.data ? curl_easy_init() : NULL;
    rc = easy ? http_headers(&headers, request, pool) : CRM_ENOMEM;

    if (rc == CRM_OK) {
        code = http_run(easy, request, url.data, headers, &body, why);
        (void) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);

        if (code == CURLE_OUT_OF_MEMORY) {
            rc = CRM_ENOMEM;

        } else if (crm_buf_status(&body) != CRM_OK) {
            rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                               "%s answers with more than %d MB", url.data,
                               CRM_CLI_HTTP_MAX_BODY / 1024 / 1024);
        } else if (code != CURLE_OK) {
            rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                               "%s does not answer: %s", url.data,
                               why[0] ? why : curl_easy_strerror(code));
        } else {
            answer->status = (unsigned) status;
            crm_buf_putc(&body, '\0');
            rc = crm_buf_status(&body);
            answer->body = crm_str(body.data, rc == CRM_OK ? body.len - 1
                                                           : 0);
        }
    }

    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);

    return rc;
}


static crm_status_t
http_headers(struct curl_slist **list, const crm_cli_http_t *request,
    crm_pool_t *pool)
{
    size_t              i;
    crm_str_t           line;
    struct curl_slist  *more;

    for (i = 0; i <= request->headers_count; i++) {
        if (i < request->headers_count) {
            line = crm_pool_dup(pool, request->headers[i]);

        } else if (request->body.data) {
            line = CRM_STR("Content-Type: application/json");

        } else {
            break;
        }

        more = line.data ? curl_slist_append(*list, line.data) : NULL;
        if (more == NULL) {
            return CRM_ENOMEM;
        }

        *list = more;
    }

    return CRM_OK;
}


static CURLcode
http_run(CURL *easy, const crm_cli_http_t *request, const char *url,
    struct curl_slist *headers, crm_buf_t *body, char *why)
{
#define SET(option, value)                                                    \
    if (curl_easy_setopt(easy, option, value) != CURLE_OK)                    \
        return CURLE_OUT_OF_MEMORY

    SET(CURLOPT_ERRORBUFFER, why);
    SET(CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TIMEOUT_MS, request->timeout_ms ? request->timeout_ms
                            : (long) CRM_CLI_HTTP_TIMEOUT_MS);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_WRITEFUNCTION, http_body);
    SET(CURLOPT_WRITEDATA, body);

    if (request->body.data) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body.len);
        SET(CURLOPT_POSTFIELDS, request->body.data);
    }

    SET(CURLOPT_CUSTOMREQUEST, request->method);

#undef SET

    return curl_easy_perform(easy);
}


static size_t
http_body(char *data, size_t size, size_t n, void *user)
{
    crm_buf_t  *body;

    body = user;
    crm_buf_add(body, data, size * n);

    return crm_buf_status(body) == CRM_OK ? size * n : 0;
}
