/*
 * invokeurl: a request to wherever the script says, as far as the guard of
 * addresses lets it.
 *
 *     url, type, headers, parameters, body, content-type, files, connection,
 *     detailed, response-format, response-decoding
 *
 * parameters are a query of GET, HEAD and DELETE and a form of the others,
 * unless they are a text: then they are the body. An answer that is a JSON
 * object or list is one for the script, any other a text, whatever its status;
 * with detailed: true it is {"responseCode", "responseText"}, with
 * response-format TEXT a text, with FILE a file, whatever it holds.
 */

#include "crm_worker_effect_call.h"
#include "crm_worker_exchange.h"

#include <curl/curl.h>
#include <stdio.h>


#define URL_LINE  4096

typedef struct {
    const char                  *method;
    crm_buf_t                    url;
    crm_str_t                    body;
    const char                  *type;          /* of the body; NULL: none */
    struct curl_slist           *headers;
    unsigned                     is_form:1;     /* of several parts */
    unsigned                     has_type:1;    /* among the headers */
    unsigned                     has_key:1;
} url_request_t;


static int url_method(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end);
static int url_keys(crm_worker_effect_t *effect, crm_worker_effect_end_t *end);
static int url_body(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end);
static void url_form(crm_buf_t *buf, crm_worker_effect_t *effect,
    crm_span_t map);
static void url_query(crm_buf_t *url, crm_str_t query);
static int url_headers(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end);
static int url_said_headers(crm_worker_effect_t *effect,
    url_request_t *request);
static int url_own_headers(crm_worker_effect_t *effect,
    url_request_t *request);
static int url_header(crm_worker_effect_t *effect, url_request_t *request,
    crm_str_t name, crm_str_t value);
static int url_is_ours(crm_str_t name);
static int url_start(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end);
static crm_span_t url_key(const crm_worker_effect_t *effect,
    const char *name);
static crm_str_t url_text(crm_worker_effect_t *effect, crm_span_t value);


static const char *const  url_methods[] = {
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", NULL
};

static const char *const  url_known[] = {
    "url", "type", "headers", "parameters", "body", "content-type",
    "detailed", "files", "connection", "response-format",
    "response-decoding", NULL
};


int
crm_worker_effect_url(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    int            started;
    url_request_t  request;

    memset(&request, 0, sizeof(request));
    crm_buf_init(&request.url, effect->pool, 0);

    started = url_keys(effect, end)
              && url_method(effect, &request, end)
              && url_body(effect, &request, end)
              && crm_worker_effect_count(effect, end)
              && url_headers(effect, &request, end)
              && url_start(effect, &request, end);

    return started;
}


/* What is misspelt is said to be, not left out. */
static int
url_keys(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    size_t      i, cursor;
    crm_span_t  name, value;

    cursor = 0;

    while (crm_span_next(effect->args[0], &cursor, &name, &value)) {

        for (i = 0; url_known[i]; i++) {
            if (crm_span_is(name, crm_strz(url_known[i]))) {
                break;
            }
        }

        if (url_known[i] == NULL) {
            return crm_worker_effect_throw(effect, end, 0, "invokeurl knows no"
                                           " %.*s here", (int) name.len,
                                           name.data);
        }
    }

    return 1;
}


static int
url_method(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end)
{
    size_t       i;
    crm_str_t    url, type;
    const char  *fragment;

    url = crm_worker_effect_url_option(effect, "url");

    if (url.len == 0) {
        return crm_worker_effect_throw(effect, end, effect->starved,
                                       effect->starved ? "out of memory"
                                       : "invokeurl needs a url");
    }

    /* which is nobody's but a reader's, and would have the parameters */

    fragment = memchr(url.data, '#', url.len);
    crm_buf_str(&request->url, fragment ? crm_str(url.data,
                                              (size_t) (fragment - url.data))
                                        : url);

    type = crm_worker_effect_url_option(effect, "type");
    request->method = type.len ? NULL : "GET";

    for (i = 0; url_methods[i]; i++) {
        if (crm_str_caseeq(type, crm_strz(url_methods[i]))) {
            request->method = url_methods[i];
        }
    }

    return request->method
           ? 1 : crm_worker_effect_throw(effect, end, 0, "invokeurl knows no"
                                         " type %.*s", (int) type.len,
                                         type.data);
}


static int
url_body(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end)
{
    int         bare;
    crm_buf_t   form;
    crm_span_t  body, parameters;

    body = url_key(effect, "body");
    parameters = url_key(effect, "parameters");
    bare = strcmp(request->method, "GET") == 0
           || strcmp(request->method, "HEAD") == 0
           || strcmp(request->method, "DELETE") == 0;

    crm_buf_init(&form, effect->pool, CRM_WORKER_FRAME_MAX);

    if (parameters.type == CRM_JSON_OBJECT) {
        url_form(&form, effect, parameters);

        if (bare) {
            url_query(&request->url, crm_buf_view(&form));

        } else {
            request->body = crm_buf_view(&form);
            request->type = "application/x-www-form-urlencoded";
        }

    } else if (parameters.type == CRM_JSON_STRING) {
        request->body = url_text(effect, parameters);
        request->type = "text/plain";
    }

    if (url_key(effect, "files").type != CRM_JSON_NONE) {
        if (bare) {
            return crm_worker_effect_throw(effect, end, 0, "files go with"
                                           " POST, PUT or PATCH");
        }

        form.len = 0;

        if (!crm_worker_effect_files(effect, &form, parameters,
                                     url_key(effect, "files")))
        {
            return crm_worker_effect_throw(effect, end, 0, "files are a FILE"
                                           " or a LIST of them");
        }

        request->body = crm_buf_view(&form);
        request->type = effect->type.data;
        request->is_form = 1;

    } else if (body.type == CRM_JSON_OBJECT || body.type == CRM_JSON_ARRAY) {
        request->body = crm_span_raw(body);
        request->type = "application/json";

    } else if (body.type == CRM_JSON_STRING) {
        request->body = url_text(effect, body);
        request->type = crm_worker_effect_url_is_json(effect, request->body)
                        ? "application/json" : "text/plain";
    }

    if (request->body.data && strcmp(request->method, "HEAD") == 0) {
        return crm_worker_effect_throw(effect, end, 0, "HEAD has no body");
    }

    return crm_buf_status(&request->url) == CRM_OK
           && crm_buf_status(&form) == CRM_OK
           ? 1 : crm_worker_effect_throw(effect, end, 0,
                                         "what it is given is too large");
}


static void
url_form(crm_buf_t *buf, crm_worker_effect_t *effect, crm_span_t map)
{
    size_t      cursor;
    crm_span_t  name, value;

    cursor = 0;

    while (crm_span_next(map, &cursor, &name, &value)) {
        crm_buf_puts(buf, buf->len ? "&" : "");
        crm_worker_effect_escape(buf, url_text(effect, name));
        crm_buf_putc(buf, '=');
        crm_worker_effect_escape(buf, value.type == CRM_JSON_NULL
                                      ? CRM_STR("") : url_text(effect, value));
    }
}


/* Behind the query that there is. */
static void
url_query(crm_buf_t *url, crm_str_t query)
{
    crm_str_t  had;

    if (query.len == 0) {
        return;
    }

    had = crm_buf_view(url);

    if (had.len == 0 || memchr(had.data, '?', had.len) == NULL) {
        crm_buf_putc(url, '?');

    } else if (strchr("?&", had.data[had.len - 1]) == NULL) {
        crm_buf_putc(url, '&');
    }

    crm_buf_str(url, query);
}


static int
url_headers(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end)
{
    int  fine, lent;

    fine = url_said_headers(effect, request)
           && url_own_headers(effect, request);

    lent = !fine || url_key(effect, "connection").type == CRM_JSON_NONE
           || crm_worker_effect_connection(effect,
                  crm_worker_effect_url_option(effect, "connection"),
                  crm_buf_view(&request->url), &request->headers, end);

    if (fine && lent && !effect->starved) {
        return 1;
    }

    curl_slist_free_all(request->headers);

    return !lent ? 0
           : crm_worker_effect_throw(effect, end, effect->starved,
                 effect->starved ? "out of memory" : "a header of invokeurl"
                 " cannot be sent: its name or value");
}


/* A form of several parts has the one type that says where each ends. */
static int
url_said_headers(crm_worker_effect_t *effect, url_request_t *request)
{
    int         is_type;
    size_t      cursor;
    crm_str_t   text;
    crm_span_t  headers, name, value;

    headers = url_key(effect, "headers");
    cursor = 0;

    if (headers.type != CRM_JSON_OBJECT) {
        return 1;
    }

    while (crm_span_next(headers, &cursor, &name, &value)) {
        text = url_text(effect, name);
        is_type = crm_str_caseeq(text, CRM_STR("Content-Type"));
        request->has_type |= is_type;
        request->has_key |= crm_str_caseeq(text, CRM_STR("Idempotency-Key"));

        if ((!is_type || !request->is_form)
            && !url_header(effect, request, text, url_text(effect, value)))
        {
            return 0;
        }
    }

    return 1;
}


/* Those that the script has not said itself. */
static int
url_own_headers(crm_worker_effect_t *effect, url_request_t *request)
{
    crm_str_t  type;

    type = crm_worker_effect_url_option(effect, "content-type");

    if (request->type && (type.len == 0 || request->is_form)) {
        type = crm_strz(request->type);
    }

    if (request->body.data && type.len
        && (!request->has_type || request->is_form)
        && !url_header(effect, request, CRM_STR("Content-Type"), type))
    {
        return 0;
    }

    return request->has_key || strcmp(request->method, "GET") == 0
           || url_header(effect, request, CRM_STR("Idempotency-Key"),
                         effect->id);
}


/* Nothing that would end the line, and none of those by which connections are
 * steered. */
static int
url_header(crm_worker_effect_t *effect, url_request_t *request,
    crm_str_t name, crm_str_t value)
{
    char                text[URL_LINE];
    struct curl_slist  *headers;

    while (value.len > 0 && strchr(" \t", value.data[0])) {
        value.data++;
        value.len--;
    }

    if (name.len + value.len + 3 > sizeof(text) || url_is_ours(name)
        || !crm_worker_exchange_is_name(name)
        || !crm_worker_exchange_is_value(value))
    {
        return 0;
    }

    (void) snprintf(text, sizeof(text), value.len ? "%.*s: %.*s" : "%.*s;%.*s",
                    (int) name.len, name.data, (int) value.len, value.data);

    headers = curl_slist_append(request->headers, text);

    if (headers == NULL) {
        effect->starved = 1;
        return 0;
    }

    request->headers = headers;

    return 1;
}


static int
url_is_ours(crm_str_t name)
{
    size_t                    i;
    static const char *const  ours[] = {
        "Host", "Content-Length", "Transfer-Encoding", "Connection",
        "Expect", "Upgrade", "TE", "Trailer", "CRM-Chain", NULL
    };

    for (i = 0; ours[i]; i++) {
        if (crm_str_caseeq(name, crm_strz(ours[i]))) {
            return 1;
        }
    }

    return 0;
}


static int
url_start(crm_worker_effect_t *effect, url_request_t *request,
    crm_worker_effect_end_t *end)
{
    crm_worker_outcome_t        outcome;
    crm_worker_http_request_t   http;

    memset(&http, 0, sizeof(http));

    effect->read = crm_worker_effect_url_read;
    crm_worker_answer_init(&effect->answer, effect->pool,
                           CRM_WORKER_EFFECT_ANSWER);

    http.method = request->method;
    http.url = crm_buf_view(&request->url);
    http.body = request->body;
    http.headers = request->headers;
    http.answer = &effect->answer;

    effect->call = crm_worker_http_start(&effect->run->tools->http, &http,
                                         crm_worker_effect_answered, effect,
                                         &outcome);

    return effect->call
           ? 1 : crm_worker_effect_throw(effect, end,
                                         outcome.verdict == CRM_WORKER_FAILED,
                                         "%s", outcome.reason);
}


crm_str_t
crm_worker_effect_url_option(crm_worker_effect_t *effect, const char *name)
{
    return url_text(effect, url_key(effect, name));
}


int
crm_worker_effect_url_is_json(crm_worker_effect_t *effect, crm_str_t text)
{
    crm_span_t   value;
    crm_scan_t   scan;
    crm_error_t  err;

    crm_scan_init(&scan, text, NULL, effect->pool);

    return crm_scan_value(&scan, &value, &err) == CRM_OK
           && crm_scan_end(&scan, &err) == CRM_OK
           && (value.type == CRM_JSON_OBJECT || value.type == CRM_JSON_ARRAY);
}


static crm_span_t
url_key(const crm_worker_effect_t *effect, const char *name)
{
    return crm_span_member(effect->args[0], crm_strz(name));
}


/* A string's text, anything else as it stands; empty for what is not there. */
static crm_str_t
url_text(crm_worker_effect_t *effect, crm_span_t value)
{
    crm_str_t  text;

    if (value.type == CRM_JSON_NONE) {
        return CRM_STR("");
    }

    text = value.type == CRM_JSON_STRING ? crm_span_text(value, effect->pool)
                                         : crm_span_raw(value);

    if (text.data == NULL) {
        effect->starved = 1;
        return CRM_STR("");
    }

    return text;
}
