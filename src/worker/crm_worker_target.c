/*
 * URLs, by libcurl's own parser.
 */

#include "crm_worker_target.h"

#include "base/crm_limits.h"

#include <string.h>


/* What RFC 1035 lets a name have. */
#define TARGET_MAX_HOST  253


static crm_status_t  target_read(crm_worker_target_t *target,
    crm_str_t text, size_t max_bytes, crm_error_t *err);
static crm_status_t  target_scheme(crm_worker_target_t *target,
    crm_error_t *err);
static crm_status_t  target_user(crm_worker_target_t *target,
    crm_error_t *err);
static crm_status_t  target_host(crm_worker_target_t *target,
    crm_error_t *err);
static crm_status_t  target_port(crm_worker_target_t *target,
    crm_error_t *err);
static crm_status_t  target_part(char **text,
    const crm_worker_target_t *target, CURLUPart part, unsigned flags,
    const char *lacking, crm_error_t *err);
static crm_status_t  target_failed(CURLUcode code, const char *text,
    crm_error_t *err);
static crm_status_t  target_error(crm_error_t *err, const char *text);


crm_status_t
crm_worker_target_parse(crm_worker_target_t *target, crm_str_t text,
    size_t max_bytes, crm_error_t *err)
{
    crm_status_t  rc;

    rc = target_read(target, text, max_bytes, err);

    if (rc == CRM_OK) {
        rc = target_scheme(target, err);
    }

    if (rc == CRM_OK) {
        rc = target_user(target, err);
    }

    if (rc == CRM_OK) {
        rc = target_host(target, err);
    }

    if (rc == CRM_OK) {
        rc = target_port(target, err);
    }

    if (rc != CRM_OK) {
        crm_worker_target_clean(target);
    }

    return rc;
}


crm_status_t
crm_worker_target_parse_any(crm_worker_target_t *target, crm_str_t text,
    crm_error_t *err)
{
    crm_status_t  rc;

    rc = target_read(target, text, CRM_MAX_URL, err);

    if (rc == CRM_OK) {
        rc = target_host(target, err);
    }

    if (rc == CRM_OK) {
        rc = target_port(target, err);
    }

    if (rc != CRM_OK) {
        crm_worker_target_clean(target);
    }

    return rc;
}


void
crm_worker_target_clean(crm_worker_target_t *target)
{
    curl_url_cleanup(target->url);
    curl_free(target->host);
    target->url = NULL;
    target->host = NULL;
}


static crm_status_t
target_read(crm_worker_target_t *target, crm_str_t text, size_t max_bytes,
    crm_error_t *err)
{
    char       copy[CRM_WORKER_TARGET_MAX_OWN + 1];
    size_t     i;
    CURLUcode  code;

    memset(target, 0, sizeof(crm_worker_target_t));

    if (text.len > max_bytes || text.len >= sizeof(copy)) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "action.url",
                             "the URL is longer than %lu bytes",
                             (unsigned long) max_bytes);
    }

    for (i = 0; i < text.len; i++) {
        if ((unsigned char) text.data[i] <= ' ' || text.data[i] == 0x7f) {
            return target_error(err, "the URL holds a blank or control "
                                     "character");
        }
    }

    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';

    target->url = curl_url();

    code = target->url ? curl_url_set(target->url, CURLUPART_URL, copy,
                                      CURLU_NON_SUPPORT_SCHEME)
                       : CURLUE_OUT_OF_MEMORY;

    return code == CURLUE_OK ? CRM_OK
           : target_failed(code, "the URL is malformed", err);
}


static crm_status_t
target_scheme(crm_worker_target_t *target, crm_error_t *err)
{
    int            http;
    char          *scheme;
    crm_status_t   rc;

    rc = target_part(&scheme, target, CURLUPART_SCHEME, 0,
                     "the URL has no scheme", err);
    if (rc != CRM_OK) {
        return rc;
    }

    http = strcmp(scheme, "http") == 0;
    target->https = strcmp(scheme, "https") == 0;
    curl_free(scheme);

    if (!http && !target->https) {
        return target_error(err, "the URL is neither http nor https");
    }

    return CRM_OK;
}


static crm_status_t
target_user(crm_worker_target_t *target, crm_error_t *err)
{
    char          *text;
    unsigned       i;
    crm_error_t    none;
    crm_status_t   rc;

    static const CURLUPart  parts[] = {
        CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS
    };

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        rc = target_part(&text, target, parts[i], 0, "", &none);
        curl_free(text);

        if (rc != CRM_EINVAL) {
            return rc == CRM_OK
                   ? target_error(err, "the URL holds a user or password")
                   : target_failed(CURLUE_OUT_OF_MEMORY, "", err);
        }
    }

    return CRM_OK;
}


/* Sets the host again as it will be looked up: ASCII, no dot at the end. */
static crm_status_t
target_host(crm_worker_target_t *target, crm_error_t *err)
{
    char          *host;
    size_t         len;
    CURLUcode      code;
    crm_status_t   rc;

    rc = target_part(&host, target, CURLUPART_HOST, 0,
                     "the URL has no host, or one that is no name", err);
    if (rc != CRM_OK) {
        return rc;
    }

    target->host = host;
    len = strlen(host);

    if (len > 0 && host[len - 1] == '.') {
        host[--len] = '\0';
    }

    if (len == 0 || len > TARGET_MAX_HOST) {
        return target_error(err, "the URL's host is empty or longer than 253 "
                                 "characters");
    }

    if (host[0] == '[') {
        memmove(host, host + 1, len - 1);
        host[len - 2] = '\0';
        return CRM_OK;
    }

    if (strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789._-")
        != len)
    {
        return target_error(err, "the URL's host is no ASCII name; an "
                                 "international one is written as xn--");
    }

    code = curl_url_set(target->url, CURLUPART_HOST, host, 0);

    return code == CURLUE_OK ? CRM_OK
           : target_failed(code, "the URL's host is no name", err);
}


static crm_status_t
target_port(crm_worker_target_t *target, crm_error_t *err)
{
    char          *text;
    unsigned       port;
    const char    *digit;
    crm_status_t   rc;

    rc = target_part(&text, target, CURLUPART_PORT, CURLU_DEFAULT_PORT,
                     "the URL has no port", err);
    if (rc != CRM_OK) {
        return rc;
    }

    /* libcurl has seen to it that these are digits, and not many */
    port = 0;

    for (digit = text; *digit >= '0' && *digit <= '9' && port < 65536; digit++)
    {
        port = port * 10 + (unsigned) (*digit - '0');
    }

    curl_free(text);

    if (port < 1 || port > 65535) {
        return target_error(err, "the URL's port is out of range");
    }

    target->port = port;

    return CRM_OK;
}


/* CRM_EINVAL and what is lacking: there is none, and *text is NULL. */
static crm_status_t
target_part(char **text, const crm_worker_target_t *target, CURLUPart part,
    unsigned flags, const char *lacking, crm_error_t *err)
{
    CURLUcode  code;

    *text = NULL;
    code = curl_url_get(target->url, part, text, flags);

    return code == CURLUE_OK ? CRM_OK : target_failed(code, lacking, err);
}


/* What memory lacks for is no fault of the URL's. */
static crm_status_t
target_failed(CURLUcode code, const char *text, crm_error_t *err)
{
    if (code == CURLUE_OUT_OF_MEMORY) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    return target_error(err, text);
}


static crm_status_t
target_error(crm_error_t *err, const char *text)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "action.url", "%s",
                         text);
}
