/*
 * Connections: credentials that a script names and never sees.
 *
 * "connection: NAME" is the file NAME.connection below --secrets, of one line:
 * scheme, host and port of whom it is for, and nobody else is sent it, a blank,
 * and a header.
 *
 *     https://api.example.com Authorization: Bearer 8f3c...
 */

#include "crm_worker_effect_call.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdlib.h>


static int connection_fits(crm_str_t origin, crm_str_t url);
static int connection_header(struct curl_slist **headers, crm_str_t header);


int
crm_worker_effect_connection(crm_worker_effect_t *effect, crm_str_t name,
    crm_str_t url, struct curl_slist **headers, crm_worker_effect_end_t *end)
{
    const char   *blank;
    crm_str_t     file, text, origin;
    crm_error_t   err;

    if (effect->run->job->foreign) {
        return crm_worker_effect_throw(effect, end, 0, "a job that no commit"
                                       " wrote may use no connection");
    }

    file = crm_pool_printf(effect->pool, "file:%.*s.connection",
                           (int) name.len, name.data);

    if (file.data == NULL) {
        return crm_worker_effect_throw(effect, end, 1, "out of memory");
    }

    if (crm_worker_secret_text(&text, &effect->run->tools->secrets, file,
                               &err) != CRM_OK)
    {
        return crm_worker_effect_throw(effect, end, 0, "connection: %s",
                                       err.text);
    }

    blank = memchr(text.data, ' ', text.len);
    origin = crm_str(text.data, blank ? (size_t) (blank - text.data) : 0);

    if (!connection_fits(origin, url)) {
        return crm_worker_effect_throw(effect, end, 0, "the connection %.*s is"
                                       " for another address", (int) name.len,
                                       name.data);
    }

    return connection_header(headers, crm_str(blank + 1, text.len - origin.len
                                                         - 1))
           ? 1 : crm_worker_effect_throw(effect, end, 0, "the connection %.*s"
                     " holds no header behind the address", (int) name.len,
                     name.data);
}


/* Behind it comes the path, or nothing. */
static int
connection_fits(crm_str_t origin, crm_str_t url)
{
    if (origin.len == 0 || url.len < origin.len
        || memcmp(origin.data, url.data, origin.len) != 0
        || memchr(origin.data, '@', origin.len) != NULL)
    {
        return 0;
    }

    return url.len == origin.len || url.data[origin.len] == '/'
           || url.data[origin.len] == '?';
}


static int
connection_header(struct curl_slist **headers, crm_str_t header)
{
    char               *line;
    struct curl_slist  *longer;

    if (header.len == 0 || memchr(header.data, ':', header.len) == NULL) {
        return 0;
    }

    line = malloc(header.len + 1);
    if (line == NULL) {
        return 0;
    }

    memcpy(line, header.data, header.len);
    line[header.len] = '\0';
    longer = curl_slist_append(*headers, line);
    OPENSSL_cleanse(line, header.len);
    free(line);

    if (longer == NULL) {
        return 0;
    }

    *headers = longer;

    return 1;
}
