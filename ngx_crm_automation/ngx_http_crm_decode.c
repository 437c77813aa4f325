/*
 * Step 2 (decode): what is asked, of which records, and who asks.
 *
 * The target that is judged is the one that the client wrote: proxy_pass
 * without a path forwards just that, and the dialect refuses a write whose
 * target is not canonical, so that nginx, we and the backend mean the same.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_decode_target(ngx_http_request_t *r,
    const ngx_str_t *prefix, crm_str_t *target, crm_str_t *query);
static ngx_uint_t ngx_http_crm_decode_same(ngx_http_request_t *r,
    crm_str_t target, crm_str_t query);
static void ngx_http_crm_decode_source(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_decode_is_form(const ngx_table_elt_t *type);
static ngx_uint_t ngx_http_crm_decode_idle(ngx_http_crm_ctx_t *ctx);
static int ngx_http_crm_decode_ask(void *host, crm_str_t name,
    crm_str_t *value);
static int ngx_http_crm_decode_answer(void *host, crm_str_t name,
    crm_str_t *value);


/* NGX_OK: a write to judge; NGX_DECLINED: passes; NGX_ERROR: refused. */
ngx_int_t
ngx_http_crm_decode_route(ngx_http_crm_ctx_t *ctx, crm_route_t *route,
    crm_refusal_t *refusal)
{
    crm_ask_t            ask;
    crm_str_t            target, query;
    ngx_table_elt_t     *type;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ngx_http_crm_decode_target(r, &ctx->conf->prefix, &target, &query)
        != NGX_OK)
    {
        if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS))) {
            refusal->kind = CRM_REFUSE_TARGET;
            refusal->offset = CRM_NO_OFFSET;
            refusal->reason = CRM_STR("a write's target must begin with the"
                                      " location's path, just as it stands");
            return NGX_ERROR;
        }

        /* a read passes wherever it goes, but for a query that overrides it */

        target = CRM_STR("");
    }

    type = ctx->headers.first[NGX_HTTP_CRM_HEADER_CONTENT_TYPE];

    ask.method = ngx_http_crm_str(&r->method_name);
    ask.target = target;
    ask.query = query;
    ask.content_type = type ? ngx_http_crm_str(&type->value) : CRM_STR_NULL;
    ask.header = ngx_http_crm_decode_ask;
    ask.answer = ngx_http_crm_decode_answer;
    ask.host = r;
    ask.external = ctx->external;

    switch (crm_dialect_ask(ctx->conf->dialect, route, &ask, ctx->pool,
                            refusal))
    {

    case CRM_OK:
        if (ngx_http_crm_decode_same(r, target, query)) {
            return NGX_OK;
        }

        refusal->kind = CRM_REFUSE_TARGET;
        refusal->offset = CRM_NO_OFFSET;
        refusal->reason = CRM_STR("the configuration rewrites this target"
                                  " to another one, which cannot be judged");
        return NGX_ERROR;

    case CRM_DECLINED:
        return NGX_DECLINED;

    case CRM_EINVAL:

        /* the reason may borrow from the dialect's own storage */

        refusal->reason = crm_pool_dup(ctx->pool, refusal->reason);
        return refusal->reason.data ? NGX_ERROR : NGX_ABORT;

    default:
        return NGX_ABORT;
    }
}


/*
 * A backend that follows one of these would do another thing than we judge; or,
 * with X-External, to another record: what the path names is not its id.
 */
ngx_int_t
ngx_http_crm_decode_override(ngx_http_crm_ctx_t *ctx)
{
    size_t                i;
    const crm_dialect_t  *dialect;

    static const struct {
        ngx_http_crm_header_e  n;
        crm_str_t              name;
    }
    overrides[] = {
        { NGX_HTTP_CRM_HEADER_HTTP_METHOD_OVERRIDE,
          { "x-http-method-override", sizeof("x-http-method-override") - 1 } },
        { NGX_HTTP_CRM_HEADER_HTTP_METHOD,
          { "x-http-method", sizeof("x-http-method") - 1 } },
        { NGX_HTTP_CRM_HEADER_METHOD_OVERRIDE,
          { "x-method-override", sizeof("x-method-override") - 1 } }
    };

    dialect = ctx->conf->dialect;

    for (i = 0; i < sizeof(overrides) / sizeof(overrides[0]); i++) {
        if (ctx->headers.first[overrides[i].n]
            && (ngx_http_crm_header_twice(ctx, overrides[i].n)
                || !crm_dialect_overrides(dialect, overrides[i].name)))
        {
            return NGX_ERROR;
        }
    }

    ctx->external = ctx->headers.first[NGX_HTTP_CRM_HEADER_EXTERNAL] != NULL;

    return ctx->external
           && (ngx_http_crm_header_twice(ctx, NGX_HTTP_CRM_HEADER_EXTERNAL)
               || !crm_external_known(dialect)) ? NGX_ERROR : NGX_OK;
}


/* A part of a body is no record: what a backend would make of it with the part
 * that it has, nobody here can tell. */
ngx_int_t
ngx_http_crm_decode_part(const ngx_http_crm_ctx_t *ctx)
{
    return ctx->headers.first[NGX_HTTP_CRM_HEADER_CONTENT_RANGE]
           || ctx->headers.first[NGX_HTTP_CRM_HEADER_RANGE]
           ? NGX_ERROR : NGX_OK;
}


/* What a dialect asks of the client's headers, and of the backend's. A name is
 * as long as any that a dialect file may hold. */
static int
ngx_http_crm_decode_ask(void *host, crm_str_t name, crm_str_t *value)
{
    ngx_http_request_t  *r = host;

    return ngx_http_crm_decode_find(&r->headers_in.headers, name, value);
}


static int
ngx_http_crm_decode_answer(void *host, crm_str_t name, crm_str_t *value)
{
    ngx_http_request_t  *r = host;

    return r->upstream
           && ngx_http_crm_decode_find(&r->upstream->headers_in.headers, name,
                                       value);
}


/* The first header of that name, in any case, that is not void: hash 0. */
int
ngx_http_crm_decode_find(ngx_list_t *headers, crm_str_t name,
    crm_str_t *value)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &headers->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash && crm_str_caseeq(ngx_http_crm_str(&h[i].key),
                                            name))
            {
                *value = ngx_http_crm_str(&h[i].value);
                return 1;
            }
        }
    }

    return 0;
}


ngx_int_t
ngx_http_crm_decode_step(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ctx->api && ctx->api->service) {
        return ngx_http_crm_service_step(ctx);
    }

    if (ctx->decorates) {
        return ngx_http_crm_decorate_step(ctx);
    }

    rc = ngx_http_crm_external_step(ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ctx->decoded.set.len ? NGX_OK : ngx_http_crm_decode_read(ctx);

    if (rc == NGX_OK && ctx->decoded.set.len) {
        rc = ngx_http_crm_set_step(ctx);
    }

    if (rc != NGX_OK || ctx->call) {
        return rc;
    }

    if (ctx->route.targets == CRM_TARGETS_INNER) {
        rc = ngx_http_crm_composite_decode(ctx);
        if (rc != NGX_OK) {
            return rc;
        }

    } else if (ctx->decoded.all) {
        return ngx_http_crm_action_unnamed(ctx);
    }

    if (ngx_http_crm_bulk_init(ctx) != NGX_OK) {
        ctx->decoded.count = 0;
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_crm_decode_actor(ctx);
    ngx_http_crm_decode_source(ctx);

    if (ctx->inners) {
        return NGX_OK;
    }

    if (ngx_http_crm_decode_idle(ctx)) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    ctx->event_id = ngx_http_crm_event_id(ctx->pool);

    return ctx->event_id.data ? ngx_http_crm_bulk_module(ctx)
                              : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* The body, into items. */
ngx_int_t
ngx_http_crm_decode_read(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_crm_decode_type(ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->call) {
        return ngx_http_crm_call_decode(ctx);
    }

    switch (crm_dialect_decode(ctx->conf->dialect, &ctx->decoded, &ctx->route,
                               ctx->body, &ctx->limits,
                               ctx->conf->max_records, ctx->pool,
                               &ctx->refusal))
    {
    case CRM_OK:
        return NGX_OK;

    case CRM_DECLINED:
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);

    case CRM_EINVAL:
    case CRM_ELIMIT:
        ctx->decoded.count = 0;
        return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);

    default:
        ctx->decoded.count = 0;
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


/* Whether the body is of a kind that can be judged. */
ngx_int_t
ngx_http_crm_decode_type(ngx_http_crm_ctx_t *ctx)
{
    crm_status_t      rc;
    ngx_table_elt_t  *type, *encoding;

    type = ctx->headers.first[NGX_HTTP_CRM_HEADER_CONTENT_TYPE];
    encoding = ctx->headers.first[NGX_HTTP_CRM_HEADER_CONTENT_ENCODING];

    if (ngx_http_crm_header_twice(ctx, NGX_HTTP_CRM_HEADER_CONTENT_TYPE)
        || ngx_http_crm_header_twice(ctx,
                                     NGX_HTTP_CRM_HEADER_CONTENT_ENCODING))
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TYPE,
                   "Content-Type and Content-Encoding may be sent once");
    }

    if (ctx->route.unseen && ngx_http_crm_decode_is_form(type)) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TYPE,
                   "a form could override the method");
    }

    if (ctx->api == NULL && (ctx->route.has_body || ctx->body.len)) {
        rc = crm_dialect_type(ctx->conf->dialect,
                              type ? ngx_http_crm_str(&type->value)
                                   : CRM_STR_NULL,
                              encoding ? ngx_http_crm_str(&encoding->value)
                                       : CRM_STR_NULL,
                              &ctx->refusal);

        if (rc == CRM_DECLINED) {
            return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
        }

        if (rc != CRM_OK) {
            return ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);
        }
    }

    return NGX_OK;
}


/* Only rules that a client must ask for are concerned, and it did not; and it
 * can go on as it came. */
static ngx_uint_t
ngx_http_crm_decode_idle(ngx_http_crm_ctx_t *ctx)
{
    return ctx->module && !ctx->chained && !ctx->reworded
           && crm_module_concerns(ctx->module, ctx->route.operation)
           && !crm_module_judges(ctx->module, ctx->route.operation,
                                 ctx->decoded.options.apply);
}


static ngx_uint_t
ngx_http_crm_decode_is_form(const ngx_table_elt_t *type)
{
    static u_char  form[] = "application/x-www-form-urlencoded";

    return type
           && ngx_strlcasestrn(type->value.data,
                               type->value.data + type->value.len, form,
                               sizeof(form) - 2) != NULL;
}


/* Nobody acts when nobody may say who: crm_user ... trusted=. */
void
ngx_http_crm_decode_actor(ngx_http_crm_ctx_t *ctx)
{
    ngx_str_t                 id;
    ngx_http_request_t       *r;
    ngx_http_crm_loc_conf_t  *conf;

    r = ctx->request;
    conf = ctx->conf;
    ngx_str_null(&id);

    if (ctx->api && ctx->api->named) {
        id = ctx->api->user;

    } else if (conf->user
        && (conf->user_trusted == NULL
            || ngx_cidr_match(r->connection->sockaddr, conf->user_trusted)
               == NGX_OK)
        && ngx_http_complex_value(r, conf->user, &id) != NGX_OK)
    {
        ngx_str_null(&id);
    }

    ctx->actor = crm_ruleset_actor(ctx->rules, ngx_http_crm_str(&id));
}


/* An import starts those rules alone that say so. */
static void
ngx_http_crm_decode_source(ngx_http_crm_ctx_t *ctx)
{
    ngx_table_elt_t  *h;

    h = ctx->headers.first[NGX_HTTP_CRM_HEADER_SOURCE];

    ctx->import = h && h->value.len == 6
                  && ngx_strncasecmp(h->value.data, (u_char *) "import", 6)
                     == 0;
}


/* The raw target behind the location's prefix, and its query. */
static ngx_int_t
ngx_http_crm_decode_target(ngx_http_request_t *r, const ngx_str_t *prefix,
    crm_str_t *target, crm_str_t *query)
{
    u_char     *p, *mark;
    ngx_str_t   raw;

    raw = r->unparsed_uri;

    mark = ngx_strlchr(raw.data, raw.data + raw.len, '?');

    if (mark) {
        *query = crm_str((char *) mark + 1,
                         (size_t) (raw.data + raw.len - mark - 1));
        raw.len = (size_t) (mark - raw.data);

    } else {
        *query = CRM_STR_NULL;
    }

    if (raw.len < prefix->len
        || ngx_memcmp(raw.data, prefix->data, prefix->len) != 0)
    {
        return NGX_DECLINED;
    }

    p = raw.data + prefix->len;
    *target = crm_str((char *) p, (size_t) (raw.data + raw.len - p));

    return NGX_OK;
}


/*
 * Does the backend see what we judge? A rewrite may change what stands in
 * front of the API's own path, nothing else. The target has no escapes here,
 * so that raw and decoded are the same.
 */
static ngx_uint_t
ngx_http_crm_decode_same(ngx_http_request_t *r, crm_str_t target,
    crm_str_t query)
{
    u_char  *tail;

    if (r->valid_unparsed_uri) {
        return 1;
    }

    if (r->uri.len <= target.len || r->args.len != query.len
        || (query.len && ngx_memcmp(r->args.data, query.data, query.len)))
    {
        return 0;
    }

    tail = r->uri.data + r->uri.len - target.len;

    return tail[-1] == '/' && ngx_memcmp(tail, target.data, target.len) == 0;
}
