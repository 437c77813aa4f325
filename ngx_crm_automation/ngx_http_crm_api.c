/*
 * crm_api: calls on records by paths of our own, the same for every dialect.
 *
 *     /crm_api/locks/Deals/42 ──▶ who? may he? ──▶ {guarded}/Deals/42
 *
 * What is asked is kept by the request, which goes on inside nginx to the
 * record's own path: so every call runs in the guarded location, with its
 * dialect, organisation, rules and record location (ngx_http_crm_call.c).
 */

#include "ngx_http_crm_module.h"

#include "base/crm_limits.h"
#include "record/crm_dialect_kind.h"


/* Of a path: {what}/{module}/{id}, and perhaps what of it. */
#define NGX_HTTP_CRM_API_SEGMENTS  4

/* Of a text in a path: the id of a user, 100 characters of up to four bytes,
 * each of them escaped. */
#define NGX_HTTP_CRM_API_TEXT      1200

typedef struct {
    const char  *name;          /* the first segment */
    const char  *topic;
    const char  *methods;       /* that it has */
    ngx_uint_t   mask;
    ngx_uint_t   lists;         /* what it lists, where there is no record */
    const char  *last;          /* the fourth segment, or NULL */
} ngx_http_crm_api_row_t;

static crm_str_t ngx_http_crm_api_last(ngx_str_t *uri);
static ngx_int_t ngx_http_crm_api_who(ngx_http_request_t *r,
    ngx_http_crm_api_call_t *call);
static ngx_int_t ngx_http_crm_api_path(ngx_http_request_t *r,
    ngx_http_crm_api_call_t *call, const ngx_http_crm_api_row_t **row);
static ngx_int_t ngx_http_crm_api_names(ngx_http_crm_api_call_t *call,
    const crm_str_t *segments, size_t n);
static ngx_int_t ngx_http_crm_api_text(ngx_http_request_t *r,
    ngx_http_crm_api_call_t *call, const crm_str_t *segments);
static ngx_uint_t ngx_http_crm_api_is_json(ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_api_go(ngx_http_request_t *r,
    ngx_http_crm_api_call_t *call);
static ngx_table_elt_t *ngx_http_crm_api_push(ngx_http_request_t *r,
    const char *name, const char *value);
static void ngx_http_crm_api_cleanup(void *data);


static const ngx_http_crm_api_row_t  ngx_http_crm_api_rows[] = {
    { "locks", "lock", "GET, HEAD, POST, DELETE",
      NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_POST|NGX_HTTP_DELETE, 0, NULL },
    { "blueprint", "blueprint", "GET, HEAD, PUT",
      NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_PUT, 0, NULL },
    { "approvals", "approvals", "GET, HEAD, POST",
      NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_POST,
      NGX_HTTP_GET|NGX_HTTP_HEAD, NULL },
    { "why", "why", "GET, HEAD", NGX_HTTP_GET|NGX_HTTP_HEAD, 0, NULL },
    { "scores", "scores", "GET, HEAD, PUT",
      NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_PUT, 0, NULL },
    { "scores", "scores", "POST", NGX_HTTP_POST, 0, "events" },
    { NULL, NULL, NULL, 0, 0, NULL }
};

/* What r goes on with behind crm_api, or NULL. A page for an error that came in
 * between is none of its. */
ngx_http_crm_api_call_t *
ngx_http_crm_api_call(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    if (!r->internal || r->error_page || r->err_status) {
        return NULL;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_crm_api_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


/*
 * ctx->api, where crm-worker tells of an event: POST {module}/{id} of the
 * guarded location with CRM-Call: scores, as crm_api would send it on. That it
 * may is seen by its CRM-Chain, once the body is there. Whatever else says so
 * is the write that it looks like. NGX_ERROR: no memory.
 */
ngx_int_t
ngx_http_crm_api_signed(ngx_http_crm_ctx_t *ctx)
{
    ngx_str_t                 uri;
    crm_str_t                 segments[3];
    ngx_http_request_t       *r;
    ngx_http_crm_api_call_t  *call;

    r = ctx->request;
    uri = r->uri;

    if (ctx->api || !ctx->chained || !crm_str_is(ctx->chain_call, "scores")
        || r->method != NGX_HTTP_POST || uri.len != r->unparsed_uri.len
        || ngx_memcmp(uri.data, r->unparsed_uri.data, uri.len) != 0)
    {
        return NGX_OK;
    }

    call = ngx_pcalloc(r->pool, sizeof(ngx_http_crm_api_call_t));
    if (call == NULL) {
        return NGX_ERROR;
    }

    segments[2] = ngx_http_crm_api_last(&uri);
    segments[1] = ngx_http_crm_api_last(&uri);

    if (ngx_http_crm_api_names(call, segments, 3) == NGX_OK) {
        call->topic = CRM_STR("scores");
        call->method = CRM_STR("POST");
        ctx->api = call;
    }

    return NGX_OK;
}


/* The last segment, which it takes away. */
static crm_str_t
ngx_http_crm_api_last(ngx_str_t *uri)
{
    size_t  n;

    for (n = 0; n < uri->len && uri->data[uri->len - n - 1] != '/'; n++) {
        /* void */
    }

    uri->len -= n;

    if (uri->len) {
        uri->len--;
    }

    return crm_str((char *) uri->data + uri->len + 1, n);
}


ngx_int_t
ngx_http_crm_api_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_uint_t                     reads, mask;
    const char                    *methods;
    ngx_http_crm_api_call_t       *call;
    ngx_http_crm_loc_conf_t       *conf;
    const ngx_http_crm_api_row_t  *row;

    row = NULL;

    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }

    conf = ngx_http_crm_loc_conf(r);

    call = ngx_pcalloc(r->pool, sizeof(ngx_http_crm_api_call_t));
    if (call == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_crm_api_who(r, call);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_crm_api_path(r, call, &row);
    if (rc == NGX_DECLINED) {
        return ngx_http_crm_api_problem(r, NGX_HTTP_NOT_FOUND,
                   "a call is locks, blueprint, approvals, scores or why,"
                   " then /{module}/{id}; scores/{module}/{id}/events;"
                   " or approvals, rules, processes,"
                   " events/{event}, events/{module}/{id},"
                   " functions/{name}/execute, users/{id}/presence");
    }
    if (rc != NGX_OK) {
        return rc;
    }

    if (row == NULL) {
        mask = ngx_http_crm_service_mask(call->service, &methods);
    } else {
        mask = call->module.len ? row->mask : row->lists;
        methods = call->module.len ? row->methods : "GET, HEAD";
    }

    if (!(r->method & mask)) {
        if (ngx_http_crm_api_push(r, "Allow", methods) == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_crm_api_problem(r, NGX_HTTP_NOT_ALLOWED,
                                        "see the header Allow");
    }

    reads = (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) != 0;

    if (!reads && !conf->api->write) {
        return ngx_http_crm_api_problem(r, NGX_HTTP_FORBIDDEN,
                   "crm_api has no write=on here: it only tells");
    }

    if ((r->method & (NGX_HTTP_POST|NGX_HTTP_PUT))
        && !ngx_http_crm_api_is_json(r))
    {
        return ngx_http_crm_api_problem(r, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                   "send the header Content-Type: application/json");
    }

    call->method = reads ? CRM_STR("GET") : ngx_http_crm_str(&r->method_name);

    return ngx_http_crm_api_go(r, call);
}


/* NGX_OK, or answered. */
static ngx_int_t
ngx_http_crm_api_who(ngx_http_request_t *r, ngx_http_crm_api_call_t *call)
{
    ngx_str_t                  sent;
    ngx_http_crm_loc_conf_t   *conf;
    ngx_http_crm_api_token_t  *token;

    static const char *const  names[] = { "authorization", NULL };

    conf = ngx_http_crm_loc_conf(r);

    if (conf->api_tokens == NULL) {
        return NGX_OK;
    }

    token = NULL;

    if (r->headers_in.authorization) {
        sent = r->headers_in.authorization->value;

        if (sent.len > 7
            && ngx_strncasecmp(sent.data, (u_char *) "bearer ", 7) == 0)
        {
            sent.data += 7;
            sent.len -= 7;
            token = ngx_http_crm_api_token_find(conf->api_tokens, &sent);
        }
    }

    if (token == NULL) {
        if (ngx_http_crm_api_push(r, "WWW-Authenticate", "Bearer") == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_crm_api_problem(r, NGX_HTTP_UNAUTHORIZED,
                   "send the header Authorization: Bearer TOKEN with one of"
                   " the tokens of crm_api_token_file");
    }

    call->user = token->user;
    call->named = 1;

    /* a token of ours is not for the backend to see */

    r->headers_in.authorization = NULL;

    return ngx_http_crm_transform_drop(r, names, 0) == NGX_OK
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* NGX_DECLINED: it names no call. */
static ngx_int_t
ngx_http_crm_api_path(ngx_http_request_t *r, ngx_http_crm_api_call_t *call,
    const ngx_http_crm_api_row_t **row)
{
    size_t                     n;
    u_char                    *p, *end, *last;
    crm_str_t                  segments[NGX_HTTP_CRM_API_SEGMENTS];
    ngx_str_t                  raw;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    raw = r->unparsed_uri;

    last = ngx_strlchr(raw.data, raw.data + raw.len, '?');
    last = last ? last : raw.data + raw.len;

    if ((size_t) (last - raw.data) < clcf->name.len
        || ngx_memcmp(raw.data, clcf->name.data, clcf->name.len) != 0)
    {
        return NGX_DECLINED;
    }

    p = raw.data + clcf->name.len;

    if (p < last && *p == '/') {
        p++;
    }

    for (n = 0; n < NGX_HTTP_CRM_API_SEGMENTS && p <= last; n++, p = end + 1) {
        end = ngx_strlchr(p, last, '/');
        end = end ? end : last;
        segments[n] = crm_str((char *) p, (size_t) (end - p));
    }

    if (p <= last) {
        return NGX_DECLINED;
    }

    call->service = ngx_http_crm_service_find(segments, n);

    if (call->service) {
        return ngx_http_crm_service_text(call->service)
               ? ngx_http_crm_api_text(r, call, segments)
               : ngx_http_crm_api_names(call, segments, n);
    }

    *row = ngx_http_crm_api_rows;

    while ((*row)->name
           && (!crm_str_is(segments[0], (*row)->name)
               || (n == NGX_HTTP_CRM_API_SEGMENTS) != ((*row)->last != NULL)
               || ((*row)->last && !crm_str_is(segments[3], (*row)->last))))
    {
        (*row)++;
    }

    if ((*row)->name == NULL || !crm_call_known(crm_strz((*row)->topic))) {
        return NGX_DECLINED;
    }

    if (n < 3 && (n != 1 || !(*row)->lists)) {
        return NGX_DECLINED;
    }

    call->topic = crm_strz((*row)->topic);

    return ngx_http_crm_api_names(call, segments, n);
}


/* A module, or an event, and the id of a record, as far as the path goes on. */
static ngx_int_t
ngx_http_crm_api_names(ngx_http_crm_api_call_t *call,
    const crm_str_t *segments, size_t n)
{
    size_t  i;

    if (n > 1 && (segments[1].len == 0
                  || segments[1].len > CRM_MAX_MODULE_NAME))
    {
        return NGX_DECLINED;
    }

    for (i = 0; n > 1 && i < segments[1].len; i++) {
        u_char  c = (u_char) segments[1].data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-'))
        {
            return NGX_DECLINED;
        }
    }

    if (n > 2 && !crm_dialect_is_id(segments[2])) {
        return NGX_DECLINED;
    }

    call->module = n > 1 ? segments[1] : CRM_STR("");
    call->record_id = n > 2 ? segments[2] : CRM_STR("");

    return NGX_OK;
}


/* {what}/{any text}/{what of it}: the text as it is meant. What is no such text
 * is looked for, and not found. */
static ngx_int_t
ngx_http_crm_api_text(ngx_http_request_t *r, ngx_http_crm_api_call_t *call,
    const crm_str_t *segments)
{
    u_char     *p, *last;
    ngx_int_t   c;
    ngx_str_t   text;

    if (segments[1].len == 0 || segments[1].len > NGX_HTTP_CRM_API_TEXT) {
        return NGX_DECLINED;
    }

    text.data = ngx_pnalloc(r->pool, segments[1].len);
    if (text.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text.len = 0;
    p = (u_char *) segments[1].data;
    last = p + segments[1].len;

    while (p < last) {
        c = *p++;

        if (c == '%') {
            c = last - p < 2 ? NGX_ERROR : ngx_hextoi(p, 2);
            p += 2;
        }

        if (c == NGX_ERROR) {
            return NGX_DECLINED;
        }

        text.data[text.len++] = (u_char) c;
    }

    call->module = ngx_http_crm_str(&text);
    call->record_id = segments[2];

    return NGX_OK;
}


static ngx_uint_t
ngx_http_crm_api_is_json(ngx_http_request_t *r)
{
    size_t      n;
    ngx_str_t  *type;

    static u_char  json[] = "application/json";

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    type = &r->headers_in.content_type->value;
    n = sizeof(json) - 1;

    return type->len >= n && ngx_strncasecmp(type->data, json, n) == 0
           && (type->len == n || type->data[n] == ';' || type->data[n] == ' ');
}


static ngx_int_t
ngx_http_crm_api_go(ngx_http_request_t *r, ngx_http_crm_api_call_t *call)
{
    u_char                   *p;
    crm_str_t                 module, id;
    ngx_str_t                 uri;
    ngx_pool_cleanup_t       *cln;
    ngx_http_crm_loc_conf_t  *conf;

    conf = ngx_http_crm_loc_conf(r);

    if (call->service) {
        module = CRM_STR("crm_api");
        id = CRM_STR("0");

    } else if (call->module.len == 0) {
        module = CRM_STR("actions");    /* as the vendor's list */
        id = call->topic;

    } else {
        module = call->module;
        id = call->record_id;
    }

    uri.len = conf->api->guarded.len + module.len + id.len + 2;
    uri.data = ngx_pnalloc(r->pool, uri.len);
    cln = ngx_pool_cleanup_add(r->pool, 0);

    if (uri.data == NULL || cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_cpymem(uri.data, conf->api->guarded.data, conf->api->guarded.len);
    *p++ = '/';
    p = ngx_cpymem(p, module.data, module.len);
    *p++ = '/';
    ngx_memcpy(p, id.data, id.len);

    cln->handler = ngx_http_crm_api_cleanup;
    cln->data = call;

    return ngx_http_internal_redirect(r, &uri,
                                      call->service || call->module.len == 0
                                      ? &r->args : NULL);
}


static ngx_table_elt_t *
ngx_http_crm_api_push(ngx_http_request_t *r, const char *name,
    const char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value.data = (u_char *) value;
    h->value.len = ngx_strlen(value);

    return h;
}


/* The request keeps what was asked until it ends; nothing is to be ended. */
static void
ngx_http_crm_api_cleanup(void *data)
{
    (void) data;
}
