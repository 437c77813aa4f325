/*
 * Redis addresses.
 */

#include "state/crm_redis_url.h"


#define URL_MAX_DB    65535
#define URL_MAX_PATH  107       /* sun_path, less its zero byte */


static crm_status_t  url_unix(crm_redis_url_t *url, crm_str_t rest,
    crm_pool_t *pool, crm_error_t *err);
static crm_status_t  url_tcp(crm_redis_url_t *url, crm_str_t rest,
    crm_pool_t *pool, crm_error_t *err);
static crm_status_t  url_user(crm_redis_url_t *url, crm_str_t *rest,
    crm_pool_t *pool, crm_error_t *err);
static crm_status_t  url_host(crm_redis_url_t *url, crm_str_t rest,
    crm_pool_t *pool, crm_error_t *err);
static int           url_number(int *n, crm_str_t s, int max);
static size_t        url_find(crm_str_t s, char c);
static crm_str_t     url_from(crm_str_t s, size_t at);
static crm_status_t  url_wrong(crm_str_t text, const char *why,
    crm_error_t *err);


crm_status_t
crm_redis_url_parse(crm_redis_url_t *url, crm_str_t text, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t  i;

    memset(url, 0, sizeof(crm_redis_url_t));
    url->port = CRM_REDIS_PORT;

    for (i = 0; i < text.len; i++) {
        if ((unsigned char) text.data[i] <= ' ' || text.data[i] == 0x7f) {
            return url_wrong(CRM_STR("the address"),
                             "it must not hold blanks", err);
        }
    }

    url->text = crm_pool_dup(pool, text);
    if (url->text.data == NULL) {
        return CRM_ENOMEM;
    }

    if (text.len > 5 && memcmp(text.data, "unix:", 5) == 0) {
        return url_unix(url, url_from(text, 5), pool, err);
    }

    if (text.len > 8 && memcmp(text.data, "redis://", 8) == 0) {
        return url_tcp(url, url_from(text, 8), pool, err);
    }

    return url_wrong(text, "it begins with neither unix: nor redis://", err);
}


/* PATH or PATH:/DB. A path may hold colons; only the last ":/" that a number
 * follows is a database. */
static crm_status_t
url_unix(crm_redis_url_t *url, crm_str_t rest, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t     i;
    crm_str_t  path;

    path = rest;

    for (i = rest.len; i-- > 1; ) {
        if (rest.data[i] == '/' && rest.data[i - 1] == ':') {
            if (!url_number(&url->db, url_from(rest, i + 1), URL_MAX_DB)) {
                return url_wrong(url->text, "the database after :/ must be a "
                                 "number", err);
            }

            path.len = i - 1;
            break;
        }
    }

    if (path.len == 0 || path.data[0] != '/') {
        return url_wrong(url->text, "the path must begin with /", err);
    }

    if (path.len > URL_MAX_PATH) {
        return url_wrong(url->text, "a socket's path has 107 bytes at most",
                         err);
    }

    url->path = crm_pool_dup(pool, path);

    return url->path.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
url_tcp(crm_redis_url_t *url, crm_str_t rest, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t        slash;
    crm_str_t     db;
    crm_status_t  rc;

    rc = url_user(url, &rest, pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    slash = url_find(rest, '/');
    if (slash < rest.len) {
        db = url_from(rest, slash + 1);
        if (db.len && !url_number(&url->db, db, URL_MAX_DB)) {
            return url_wrong(url->text, "the database must be a number", err);
        }
    }

    return url_host(url, crm_str(rest.data, slash), pool, err);
}


/* USER@, if there is one. The text with a password in it is never shown. */
static crm_status_t
url_user(crm_redis_url_t *url, crm_str_t *rest, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t     at;
    crm_str_t  user;

    at = url_find(*rest, '@');
    if (at == rest->len) {
        return CRM_OK;
    }

    user = crm_str(rest->data, at);

    if (url_find(user, ':') < user.len) {
        return url_wrong(CRM_STR("the address"),
                         "a password must not stand in it: give a "
                         "password file", err);
    }

    if (user.len == 0) {
        return url_wrong(url->text, "the user before @ is empty", err);
    }

    url->user = crm_pool_dup(pool, user);
    if (url->user.data == NULL) {
        return CRM_ENOMEM;
    }

    *rest = url_from(*rest, at + 1);

    return CRM_OK;
}


/* NAME, 192.0.2.1 or [2001:db8::1], then perhaps :PORT. */
static crm_status_t
url_host(crm_redis_url_t *url, crm_str_t rest, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t     end;
    crm_str_t  host;

    if (rest.len && rest.data[0] == '[') {
        end = url_find(rest, ']');
        if (end == rest.len) {
            return url_wrong(url->text, "the ] of the host is missing", err);
        }

        host = crm_str(rest.data + 1, end - 1);
        rest = url_from(rest, end + 1);

    } else {
        end = url_find(rest, ':');
        host = crm_str(rest.data, end);
        rest = url_from(rest, end);
    }

    if (host.len == 0) {
        return url_wrong(url->text, "the host is missing", err);
    }

    if (rest.len
        && (rest.data[0] != ':'
            || !url_number(&url->port, url_from(rest, 1), 65535)
            || url->port == 0))
    {
        return url_wrong(url->text, "the port must be a number from 1 to "
                         "65535", err);
    }

    url->host = crm_pool_dup(pool, host);

    return url->host.data ? CRM_OK : CRM_ENOMEM;
}


static int
url_number(int *n, crm_str_t s, int max)
{
    int     value;
    size_t  i;

    if (s.len == 0 || s.len > 5) {
        return 0;
    }

    value = 0;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return 0;
        }

        value = value * 10 + (s.data[i] - '0');
    }

    if (value > max) {
        return 0;
    }

    *n = value;

    return 1;
}


/* Where c stands first, or s.len. */
static size_t
url_find(crm_str_t s, char c)
{
    const char  *p;

    p = s.len ? memchr(s.data, c, s.len) : NULL;

    return p ? (size_t) (p - s.data) : s.len;
}


static crm_str_t
url_from(crm_str_t s, size_t at)
{
    return crm_str(s.data + at, s.len - at);
}


static crm_status_t
url_wrong(crm_str_t text, const char *why, crm_error_t *err)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "%.*s is no Redis address: %s; write "
                         "unix:PATH[:/DB] or redis://[USER@]HOST[:PORT][/DB]",
                         (int) (text.len < 100 ? text.len : 100), text.data,
                         why);
}
