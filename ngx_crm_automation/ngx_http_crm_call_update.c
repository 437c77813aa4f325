/*
 * Calls that come to an update of the record: how the guarded location's own
 * dialect writes it, and reads it.
 *
 * A transition is judged; from there on it is the update that its fields come
 * to, with its method, target and body in place of the client's, through the
 * same gates, to the backend and back. What the client is told is the call's.
 */

#include "ngx_http_crm_module.h"

#include "record/crm_dialect_write.h"


static ngx_int_t ngx_http_crm_call_target(ngx_http_crm_ctx_t *ctx,
    crm_dialect_request_t *request, crm_span_t fields, crm_str_t base,
    crm_str_t *target);
static ngx_uint_t ngx_http_crm_call_reaches(ngx_http_crm_ctx_t *ctx,
    crm_str_t target);
static crm_status_t ngx_http_crm_call_ask(ngx_http_crm_ctx_t *ctx,
    crm_route_t *route, const crm_dialect_request_t *request,
    crm_str_t target);
static ngx_int_t ngx_http_crm_call_replace(ngx_http_crm_ctx_t *ctx,
    const crm_dialect_request_t *request, crm_str_t target);
static crm_str_t ngx_http_crm_call_front(ngx_http_crm_ctx_t *ctx);
static int ngx_http_crm_call_header(void *host, crm_str_t name,
    crm_str_t *value);


/*
 * Of a request of crm_api: the route of an update of its record, as the
 * dialect has it, made a call's; of a list there is no more to it.
 * NGX_DECLINED: the dialect has none; NGX_ERROR: no memory.
 */
ngx_int_t
ngx_http_crm_call_route(ngx_http_crm_ctx_t *ctx, crm_route_t *route)
{
    crm_str_t               base, target;
    ngx_int_t               rc;
    crm_span_t              fields;
    crm_value_t             value;
    ngx_http_request_t     *r;
    crm_dialect_request_t   request;

    if (ctx->api->module.len == 0) {
        route->operation = CRM_OP_NONE;
        route->action = ctx->api->topic;
        route->call = 1;
        return NGX_OK;
    }

    r = ctx->request;
    ctx->route.module = ctx->api->module;
    ctx->route.record_id = ctx->api->record_id;

    /* what stands between the location's prefix and /{module}: "v8/" */

    base = ngx_http_crm_str(&r->uri);

    if (base.len < ctx->conf->prefix.len
        + ctx->api->module.len + 1 + ctx->api->record_id.len
        || ngx_memcmp(base.data, ctx->conf->prefix.data,
                      ctx->conf->prefix.len) != 0)
    {
        return NGX_DECLINED;
    }

    base.data += ctx->conf->prefix.len;
    base.len -= ctx->conf->prefix.len + ctx->api->module.len + 1
                + ctx->api->record_id.len;

    if (crm_value_parse(&value, CRM_STR("{}"), ctx->pool) != CRM_OK) {
        return NGX_ERROR;
    }

    fields = value.span;

    rc = ngx_http_crm_call_target(ctx, &request, fields, base, &target);
    if (rc != NGX_OK) {
        return rc;
    }

    switch (ngx_http_crm_call_ask(ctx, route, &request, target)) {

    case CRM_OK:
        break;

    case CRM_ENOMEM:
        return NGX_ERROR;

    default:
        return NGX_DECLINED;
    }

    if (!crm_str_eq(route->module, ctx->api->module)
        || !crm_str_eq(route->record_id, ctx->api->record_id))
    {
        return NGX_DECLINED;
    }

    route->operation = CRM_OP_ACTION;
    route->action = ctx->api->topic;
    route->does = CRM_RESTRICT_UPDATE;
    route->targets = CRM_TARGETS_PATH;
    route->call = 1;
    route->workflow = 1;

    return NGX_OK;
}


/* NGX_OK: ctx holds the update that the call came to. */
ngx_int_t
ngx_http_crm_call_update(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t               base, path, target;
    ngx_int_t               rc;
    crm_value_t             value;
    crm_route_t             route;
    crm_dialect_request_t   request;

    if (crm_value_parse(&value, ctx->called.update, ctx->pool) != CRM_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    path = crm_dialect_record_path(ctx->conf->dialect, ctx->route.module,
                                   ctx->route.record_id, ctx->pool);
    base = ctx->route.get_path;

    if (path.data == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    base.len = base.len > path.len ? base.len - path.len : 0;

    rc = ngx_http_crm_call_target(ctx, &request, value.span, base, &target);

    if (rc == NGX_DECLINED) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_UNCONFIGURED,
                   "the dialect of this location has no way to write a"
                   " record");
    }

    if (rc == NGX_OK && !ngx_http_crm_call_reaches(ctx, target)) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_UNCONFIGURED,
                   "proxy_pass of the guarded location has variables, which"
                   " may hold the target of this call; the update that it"
                   " comes to has another one: ask crm_api, or name the server"
                   " without variables");
    }

    if (rc != NGX_OK
        || ngx_http_crm_call_ask(ctx, &route, &request, target) != CRM_OK
        || crm_dialect_decode(ctx->conf->dialect, &ctx->decoded, &route,
                              request.body, &ctx->limits, 1, ctx->pool,
                              &ctx->refusal) != CRM_OK
        || ctx->decoded.count != 1)
    {
        ctx->decoded.count = 0;
        return ngx_http_crm_decide_unavailable(ctx,
                   "the record's update could not be written");
    }

    if (ctx->decoded.items[0].record_id.len == 0) {
        ctx->decoded.items[0].record_id = ctx->route.record_id;
    }

    ctx->route = route;
    ctx->body = request.body;
    ctx->remade = 1;

    return ngx_http_crm_call_replace(ctx, &request, target);
}


static ngx_int_t
ngx_http_crm_call_target(ngx_http_crm_ctx_t *ctx,
    crm_dialect_request_t *request, crm_span_t fields, crm_str_t base,
    crm_str_t *target)
{
    crm_str_t            parts[2];
    crm_dialect_write_t  write;

    ngx_memzero(&write, sizeof(crm_dialect_write_t));

    write.kind = CRM_WRITE_UPDATE;
    write.module = ctx->route.module;
    write.record_id = ctx->route.record_id;
    write.fields = fields;
    write.cascade = 1;

    switch (crm_dialect_write(ctx->conf->dialect, request, &write,
                              ctx->pool))
    {
    case CRM_OK:
        break;

    case CRM_DECLINED:
        return NGX_DECLINED;

    default:
        return NGX_ERROR;
    }

    parts[0] = base;
    parts[1] = request->path;
    *target = crm_pool_concat(ctx->pool, parts, 2);

    return target->data ? NGX_OK : NGX_ERROR;
}


/* Whether the update gets to its own target: what variables of proxy_pass hold
 * of the client's, the captures of a location among them, stays as it is. */
static ngx_uint_t
ngx_http_crm_call_reaches(ngx_http_crm_ctx_t *ctx, crm_str_t target)
{
    crm_str_t            front;
    ngx_http_request_t  *r;

    r = ctx->request;
    front = ngx_http_crm_call_front(ctx);

    return ngx_http_crm_target_fixed(r)
           || (r->uri.len == front.len + target.len
               && ngx_memcmp(r->uri.data, front.data, front.len) == 0
               && ngx_memcmp(r->uri.data + front.len, target.data, target.len)
                  == 0);
}


static crm_status_t
ngx_http_crm_call_ask(ngx_http_crm_ctx_t *ctx, crm_route_t *route,
    const crm_dialect_request_t *request, crm_str_t target)
{
    crm_ask_t      *ask;
    crm_refusal_t   refusal;

    ask = crm_pool_calloc(ctx->pool, 1, sizeof(crm_ask_t));
    if (ask == NULL) {
        return CRM_ENOMEM;
    }

    ask->method = crm_strz(request->method);
    ask->target = target;
    ask->content_type = CRM_STR("application/json");
    ask->header = ngx_http_crm_call_header;
    ask->host = ctx->request;

    return crm_dialect_ask(ctx->conf->dialect, route, ask, ctx->pool,
                           &refusal);
}


/* None: the request is of our own making. */
static int
ngx_http_crm_call_header(void *host, crm_str_t name, crm_str_t *value)
{
    (void) host;
    (void) name;
    (void) value;

    return 0;
}


/* What the backend is sent is no longer what the client wrote. */
static ngx_int_t
ngx_http_crm_call_replace(ngx_http_crm_ctx_t *ctx,
    const crm_dialect_request_t *request, crm_str_t target)
{
    size_t               i;
    crm_str_t            parts[2], whole;
    ngx_http_request_t  *r;

    static const struct {
        const char  *name;
        ngx_uint_t   method;
    } methods[] = {
        { "PUT", NGX_HTTP_PUT },
        { "PATCH", NGX_HTTP_PATCH },
        { "POST", NGX_HTTP_POST },
        { NULL, NGX_HTTP_UNKNOWN }
    };

    r = ctx->request;

    parts[0] = ngx_http_crm_call_front(ctx);
    parts[1] = target;
    whole = crm_pool_concat(ctx->pool, parts, 2);

    if (whole.data == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    for (i = 0; methods[i].name; i++) {
        if (ngx_strcmp(methods[i].name, request->method) == 0) {
            break;
        }
    }

    r->method = methods[i].method;
    r->method_name = ngx_http_crm_ngx_str(crm_strz(request->method));
    ngx_http_crm_target_whole(r, whole);

    if (r->request_body == NULL) {
        r->request_body = ngx_pcalloc(r->pool,
                                      sizeof(ngx_http_request_body_t));
    }

    return r->request_body ? NGX_OK
           : ngx_http_crm_decide_unavailable(ctx, "out of memory");
}


/* What stands in front of the API's own path, behind a rewrite too: then the
 * decoded path goes out, of which the client's own is the end. */
static crm_str_t
ngx_http_crm_call_front(ngx_http_crm_ctx_t *ctx)
{
    size_t               n;
    u_char              *mark;
    ngx_str_t           *raw;
    ngx_http_request_t  *r;

    r = ctx->request;
    raw = &r->unparsed_uri;

    if (ctx->api || r->valid_unparsed_uri) {
        return ngx_http_crm_str(&ctx->conf->prefix);
    }

    mark = ngx_strlchr(raw->data, raw->data + raw->len, '?');
    n = (mark ? (size_t) (mark - raw->data) : raw->len)
        - ctx->conf->prefix.len;

    return crm_str((char *) r->uri.data, r->uri.len - n);
}
