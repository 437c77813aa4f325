/*
 * kind: backend. Where records are read back, and what authorizes that.
 */

#include "rules/crm_kind.h"

#include "base/crm_limits.h"


static crm_status_t backend_parse(crm_backend_t *backend, const json_t *json,
    const crm_ruleset_t *rules, crm_compile_t *cc);
static crm_status_t backend_url(crm_backend_t *backend, const json_t *json,
    crm_compile_t *cc);
static const char *backend_url_fault(crm_str_t url);
static crm_status_t backend_headers(crm_backend_t *backend, json_t *json,
    crm_compile_t *cc);
static crm_status_t backend_header(crm_backend_header_t *header,
    const char *name, const json_t *value, crm_compile_t *cc);
static int backend_is_name(const char *name);
static int backend_is_secret(crm_str_t text);


/* What the worker and its transport set themselves. */
static const char *const  backend_own_headers[] = {
    "host", "connection", "keep-alive", "content-length",
    "transfer-encoding", "te", "trailer", "upgrade", "expect",
    "accept-encoding", "proxy-connection", "crm-event", "crm-chain",
    "idempotency-key", NULL
};

const crm_key_t  crm_kind_backend_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, 0, 0, 100, NULL, NULL,
      "allowed, and without meaning: there is one backend" },
    { "url", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_URL, NULL, NULL,
      "the API's address, which ends right before /{module}" },
    { "dialect", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "how the API speaks, such as zoho" },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "header names, each with a secret: env:NAME or file:NAME" },
    CRM_KEYS_END
};


/* There is one, whatever its name: a record is read where it was written. */
crm_status_t
crm_kind_backend(crm_build_t *b, const json_t *json)
{
    b->rules->backend = crm_pool_calloc(b->cc.pool, 1,
                                        sizeof(crm_backend_t));

    return b->rules->backend ? backend_parse(b->rules->backend, json,
                                             b->rules, &b->cc) : CRM_ENOMEM;
}


static crm_status_t
backend_parse(crm_backend_t *backend, const json_t *json,
    const crm_ruleset_t *rules, crm_compile_t *cc)
{
    crm_str_t     name;
    crm_status_t  rc, headers;

    memset(backend, 0, sizeof(crm_backend_t));

    rc = backend_url(backend, json, cc);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    name = crm_shape_str(json_object_get(json, "dialect"));
    backend->dialect = crm_ruleset_dialect(rules, name);

    if (backend->dialect == NULL) {
        rc = crm_shape_error(cc, "dialect", "unknown_reference", "zoho",
                             "there is no dialect \"%s\": it is one of"
                             " " CRM_DIALECT_NAMES ", or a document of kind:"
                             " dialect", name.data);
    }

    headers = backend_headers(backend, json_object_get(json, "headers"), cc);

    return headers == CRM_OK ? rc : headers;
}


static crm_status_t
backend_url(crm_backend_t *backend, const json_t *json, crm_compile_t *cc)
{
    crm_str_t    url;
    const char  *fault;

    url = crm_shape_str(json_object_get(json, "url"));
    fault = backend_url_fault(url);

    if (fault) {
        return crm_shape_error(cc, "url", "bad_url", NULL, "%s", fault);
    }

    /* "/{module}" comes behind it */

    while (url.data[url.len - 1] == '/') {
        url.len--;
    }

    backend->url = crm_pool_dup(cc->pool, url);

    return backend->url.data ? CRM_OK : CRM_ENOMEM;
}


static const char *
backend_url_fault(crm_str_t url)
{
    size_t  i, host;

    host = url.len > 8 && memcmp(url.data, "https://", 8) == 0 ? 8
           : url.len > 7 && memcmp(url.data, "http://", 7) == 0 ? 7 : 0;

    if (host == 0) {
        return "url must begin with http:// or https://, and go on with a"
               " host";
    }

    if (strchr("/:?#", url.data[host])) {
        return "url lacks a host";
    }

    for (i = host; i < url.len; i++) {
        if ((unsigned char) url.data[i] <= 0x20
            || (unsigned char) url.data[i] >= 0x7f
            || strchr("\"<>\\^`{|}", url.data[i]))
        {
            return "url holds a character that must be percent-encoded, or"
                   " written as xn-- in a host";
        }

        if (url.data[i] == '@') {
            return "url must not hold a user name or \"@\"; name a header"
                   " with the credentials in headers";
        }

        if (url.data[i] == '?' || url.data[i] == '#') {
            return "url must end with its path, such as"
                   " http://127.0.0.1:8080/crm/v8, without \"?\" and \"#\"";
        }
    }

    return NULL;
}


static crm_status_t
backend_headers(crm_backend_t *backend, json_t *json, crm_compile_t *cc)
{
    json_t        *value;
    const char    *name;
    crm_status_t   rc, all;

    if (json == NULL) {
        return CRM_OK;
    }

    backend->headers = crm_pool_calloc(cc->pool, json_object_size(json) + 1,
                                       sizeof(crm_backend_header_t));
    if (backend->headers == NULL) {
        return CRM_ENOMEM;
    }

    all = CRM_OK;

    json_object_foreach(json, name, value) {
        rc = backend_header(&backend->headers[backend->headers_count], name,
                            value, cc);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }

        if (rc == CRM_OK) {
            backend->headers_count++;
        }
    }

    return all;
}


static crm_status_t
backend_header(crm_backend_header_t *header, const char *name,
    const json_t *value, crm_compile_t *cc)
{
    size_t       i;
    crm_str_t    text;
    const char  *path;

    path = crm_shape_path(cc, "headers", name);
    text = crm_shape_str(value);

    if (!backend_is_name(name)) {
        return crm_shape_error(cc, path, "bad_header", NULL,
                               "\"%s\" is no header name", name);
    }

    for (i = 0; backend_own_headers[i]; i++) {
        if (crm_str_caseeq(crm_strz(name), crm_strz(backend_own_headers[i])))
        {
            return crm_shape_error(cc, path, "bad_header", NULL,
                                   "the header \"%s\" is set by the worker"
                                   " itself", name);
        }
    }

    if (!backend_is_secret(text)) {
        return crm_shape_error(cc, path, "bad_secret", "env:NAME",
                               "a header of the backend is named here, never"
                               " written: env:NAME or file:NAME");
    }

    header->name = crm_pool_dup(cc->pool, crm_strz(name));
    header->secret = crm_pool_dup(cc->pool, text);

    return header->name.data && header->secret.data ? CRM_OK : CRM_ENOMEM;
}


static int
backend_is_name(const char *name)
{
    const char  *p;

    for (p = name; *p; p++) {
        if (!((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z')
              || (*p >= 'A' && *p <= 'Z') || strchr("!#$%&'*+-.^_`|~", *p)))
        {
            return 0;
        }
    }

    return p != name;
}


/* env:NAME, file:NAME: printable, without blanks. */
static int
backend_is_secret(crm_str_t text)
{
    size_t  i, prefix;

    prefix = text.len > 4 && memcmp(text.data, "env:", 4) == 0 ? 4
             : text.len > 5 && memcmp(text.data, "file:", 5) == 0 ? 5 : 0;

    for (i = prefix; i < text.len; i++) {
        if ((unsigned char) text.data[i] <= 0x20 || text.data[i] == 0x7f) {
            return 0;
        }
    }

    return prefix != 0 && text.len <= 200;
}
