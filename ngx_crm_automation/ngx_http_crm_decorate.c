/*
 * crm_decorate: who reads a record sees in it what holds it.
 *
 *     GET v8/Deals/1 ▶ HGETALL record ▶ proxy ▶ answer, held ▶ laid in ▶ client
 *
 * Reading goes on whatever fails here: without rules, without Redis, of an
 * answer that is none or too large, the backend's own goes out as it came.
 */

#include "ngx_http_crm_module.h"

#include "record/crm_dialect_kind.h"
#include "transform/crm_decorate.h"


typedef enum {
    DECORATE_ROUTED = 1,        /* of ctx->decorates; 0: it is no such GET */
    DECORATE_ASKED,
    DECORATE_FAILED,
    DECORATE_KNOWN,
    DECORATE_PROXIED,
    DECORATE_HELD,
    DECORATE_OVER
} ngx_http_crm_decorate_e;


static ngx_int_t ngx_http_crm_decorate_path(ngx_http_crm_ctx_t *ctx,
    crm_str_t path);
static ngx_int_t ngx_http_crm_decorate_ask(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_decorate_reply(void *data, const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_decorate_request(ngx_http_crm_ctx_t *ctx);
static crm_status_t ngx_http_crm_decorate_text(ngx_http_crm_ctx_t *ctx,
    crm_str_t *text);


/*
 * Whether the request reads one record whole: {version}/{module}/{id} of a
 * dialect that has it, without a query that picks fields.
 */
ngx_uint_t
ngx_http_crm_decorate_route(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t            path;
    ngx_str_t            fields;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        || !crm_dialect_has(ctx->conf->dialect, CRM_WAY_DECORATE)
        || ngx_http_arg(r, (u_char *) "fields", 6, &fields) == NGX_OK)
    {
        return 0;
    }

    path = ngx_http_crm_str(&r->uri);

    if (path.len <= ctx->conf->prefix.len
        || ngx_memcmp(path.data, ctx->conf->prefix.data,
                      ctx->conf->prefix.len) != 0)
    {
        return 0;
    }

    path.data += ctx->conf->prefix.len;
    path.len -= ctx->conf->prefix.len;

    return ngx_http_crm_decorate_path(ctx, path) == NGX_OK;
}


static ngx_int_t
ngx_http_crm_decorate_path(ngx_http_crm_ctx_t *ctx, crm_str_t path)
{
    size_t      n;
    crm_str_t   parts[3];
    const char  *p, *end, *last;

    p = path.data;
    last = p + path.len;

    for (n = 0; n < 3 && p <= last; n++, p = end + 1) {
        end = memchr(p, '/', (size_t) (last - p));
        end = end ? end : last;
        parts[n] = crm_str(p, (size_t) (end - p));
    }

    if (n < 3 || p <= last || parts[0].len < 2 || parts[0].data[0] != 'v'
        || parts[1].len == 0 || !crm_dialect_is_id(parts[2]))
    {
        return NGX_DECLINED;
    }

    ctx->route.module = parts[1];
    ctx->route.record_id = parts[2];
    ctx->decorates = DECORATE_ROUTED;

    return NGX_OK;
}


/* Behind the rule set, which may be none. NGX_OK, or it passes as it is. */
ngx_int_t
ngx_http_crm_decorate_rules(ngx_http_crm_ctx_t *ctx)
{
    ngx_http_crm_org_t  *org;

    org = ctx->org;

    if (!org->known || !org->epoch_ok || org->rules == NULL) {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    crm_ruleset_retain(org->rules);
    ctx->rules = org->rules;
    ctx->module = crm_ruleset_module(ctx->rules, ctx->route.module);

    return crm_decorate_concerns(ctx->module)
           ? NGX_OK : ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
}


/* Step DECODE. */
ngx_int_t
ngx_http_crm_decorate_step(ngx_http_crm_ctx_t *ctx)
{
    switch (ctx->decorates) {

    case DECORATE_ROUTED:
        if (ngx_http_crm_decorate_ask(ctx) == NGX_OK) {
            return NGX_AGAIN;
        }

        break;

    case DECORATE_ASKED:
        return NGX_AGAIN;

    case DECORATE_KNOWN:
        if (ngx_http_crm_decorate_request(ctx) != NGX_OK) {
            break;
        }

        ctx->decorates = DECORATE_PROXIED;
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);

    default: /* DECORATE_FAILED */
        break;
    }

    ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                  "crm decorate: what is known of record \"%*s/%*s\" cannot be"
                  " read, it is answered as the backend has it",
                  ctx->route.module.len, ctx->route.module.data,
                  ctx->route.record_id.len, ctx->route.record_id.data);

    ctx->decorates = DECORATE_OVER;

    return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
}


static ngx_int_t
ngx_http_crm_decorate_ask(ngx_http_crm_ctx_t *ctx)
{
    crm_cmd_t          *cmd;
    crm_str_t           keys[2];
    crm_item_t         *item;
    crm_record_name_t   name;

    item = crm_pool_calloc(ctx->pool, 1, sizeof(crm_item_t));
    ctx->event_id = CRM_STR("");

    if (item == NULL) {
        return NGX_ERROR;
    }

    item->operation = CRM_OP_ACTION;
    ctx->route.operation = CRM_OP_ACTION;
    item->module = ctx->route.module;
    item->record_id = ctx->route.record_id;
    ctx->decoded.items = item;
    ctx->decoded.count = 1;

    ngx_http_crm_decode_actor(ctx);

    ngx_memzero(&name, sizeof(crm_record_name_t));
    name.module = ctx->route.module;
    name.id = ctx->route.record_id;

    keys[0] = CRM_STR("HGETALL");
    keys[1] = crm_key_record(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                             name);

    cmd = keys[1].data ? crm_cmd_plain(ctx->pool, keys, 2) : NULL;
    ctx->command = cmd ? ngx_http_crm_redis_command(ctx->process->redis, cmd,
                             ngx_http_crm_decorate_reply, ctx) : NULL;
    if (ctx->command == NULL) {
        return NGX_ERROR;
    }

    ctx->decorates = DECORATE_ASKED;
    ctx->store_since = ngx_current_msec;

    return NGX_OK;
}


static void
ngx_http_crm_decorate_reply(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;
    ctx->decorates = reply && ngx_http_crm_state_peeked(ctx, reply) == NGX_OK
                     ? DECORATE_KNOWN : DECORATE_FAILED;

    ngx_http_crm_request_resume(ctx);
}


/* What makes the answer another one than the whole record, in plain JSON. */
static ngx_int_t
ngx_http_crm_decorate_request(ngx_http_crm_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    static const char *const  names[] = {
        "accept-encoding", "range", "if-range", "if-none-match",
        "if-modified-since", NULL
    };

    r = ctx->request;

    if (ngx_http_crm_transform_drop(r, names, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    r->headers_in.range = NULL;
    r->headers_in.if_range = NULL;
    r->headers_in.if_none_match = NULL;
    r->headers_in.if_modified_since = NULL;

    return NGX_OK;
}


/* NGX_OK: the header is held back; NGX_DECLINED: it goes on. */
ngx_int_t
ngx_http_crm_decorate_header(ngx_http_crm_ctx_t *ctx)
{
    ngx_str_t           *type;
    ngx_http_request_t  *r;

    static u_char  json[] = "application/json";

    r = ctx->request;
    type = &r->headers_out.content_type;

    if (ctx->decorates != DECORATE_PROXIED) {
        return NGX_DECLINED;
    }

    ctx->decorates = DECORATE_OVER;

    /* behind error_page or X-Accel-Redirect it is no answer of that backend,
     * and nobody would hear of its body */

    if (r->headers_out.status != NGX_HTTP_OK || r->upstream == NULL
        || ngx_http_get_module_ctx(r, ngx_http_crm_automation_module) != ctx
        || type->len < sizeof(json) - 1
        || ngx_strncasecmp(type->data, json, sizeof(json) - 1) != 0
        || (r->headers_out.content_encoding
            && r->headers_out.content_encoding->value.len)
        || r->headers_out.content_length_n
           > (off_t) ctx->conf->max_answer)
    {
        return NGX_DECLINED;
    }

    ngx_http_clear_etag(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_accept_ranges(r);

    r->allow_ranges = 0;

    if (r->header_only || r->method == NGX_HTTP_HEAD) {

        /* of a GET it would be another one */

        ngx_http_clear_content_length(r);
        return NGX_DECLINED;
    }

    ctx->decorates = DECORATE_HELD;
    r->filter_need_in_memory = 1;

    crm_buf_init(&ctx->answer, ctx->pool, ctx->conf->max_answer);

    return NGX_OK;
}


ngx_uint_t
ngx_http_crm_decorate_holds(const ngx_http_crm_ctx_t *ctx)
{
    return ctx->decorates == DECORATE_HELD;
}


/* ctx->answer is over: with last set, whole; from here on it goes out. */
void
ngx_http_crm_decorate_answer(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t     text;
    crm_status_t  rc;

    ctx->decorates = DECORATE_OVER;

    if (!ctx->last) {
        return;
    }

    rc = ngx_http_crm_decorate_text(ctx, &text);

    if (rc == CRM_OK) {
        ngx_http_crm_merge_replace(ctx, NGX_HTTP_OK,
                                   CRM_STR("application/json;charset=UTF-8"),
                                   text);
        return;
    }

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "crm decorate: the backend's answer is not that of one"
                  " record \"%*s/%*s\", it stays as it is",
                  ctx->route.module.len, ctx->route.module.data,
                  ctx->route.record_id.len, ctx->route.record_id.data);
}


static crm_status_t
ngx_http_crm_decorate_text(ngx_http_crm_ctx_t *ctx, crm_str_t *text)
{
    crm_str_t             body;
    crm_write_t          *w;
    crm_status_t          rc;
    ngx_http_crm_item_t  *item;

    item = &ctx->items[0];
    w = &item->write;
    body = crm_buf_view(&ctx->answer);

    rc = crm_dialect_read_back(ctx->conf->dialect, &item->before, NGX_HTTP_OK,
                               body, &ctx->limits, ctx->pool);

    if (rc != CRM_OK) {
        return rc;
    }

    item->found = 1;
    rc = ngx_http_crm_decide_fill(ctx, 0);

    return rc == CRM_OK ? crm_decorate(text, body, w) : rc;
}
