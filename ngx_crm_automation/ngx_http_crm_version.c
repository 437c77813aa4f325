/*
 * Step 5 (transform): what makes a write depend on the record as it was read
 * for it. The backend refuses it when somebody has written in between, by a
 * way that is not ours.
 */

#include "ngx_http_crm_module.h"


/* NGX_ERROR: no memory. */
ngx_int_t
ngx_http_crm_version_take(ngx_http_crm_ctx_t *ctx)
{
    if (!ctx->before_done || ctx->decoded.count != 1 || ctx->inners
        || ctx->decoded.resolve || !ctx->items[0].found)
    {
        return NGX_OK;
    }

    return crm_dialect_guard(ctx->conf->dialect, &ctx->guard, &ctx->route,
                             &ctx->decoded.items[0], &ctx->items[0].before,
                             ctx->before_version, ctx->pool) == CRM_ENOMEM
           ? NGX_ERROR : NGX_OK;
}


/* In front of the record's members: no edit stands before them. */
ngx_int_t
ngx_http_crm_version_body(ngx_http_crm_ctx_t *ctx, crm_str_t *forwarded)
{
    size_t               at;
    crm_buf_t            buf;
    const crm_record_t  *record;

    if (ctx->guard.place != CRM_GUARD_BODY) {
        return NGX_OK;
    }

    record = ctx->decoded.items[0].record;
    at = (size_t) (record->object.data - ctx->decoded.text.data) + 1;

    crm_buf_init(&buf, ctx->pool, 0);
    crm_buf_add(&buf, forwarded->data, at);
    crm_buf_json(&buf, ctx->guard.name);
    crm_buf_putc(&buf, ':');
    crm_buf_str(&buf, ctx->guard.value);
    crm_buf_puts(&buf, record->count || ctx->items[0].event.transform.changes
                                            .real ? "," : "");
    crm_buf_add(&buf, forwarded->data + at, forwarded->len - at);

    *forwarded = crm_buf_view(&buf);

    return crm_buf_status(&buf) == CRM_OK ? NGX_OK : NGX_ERROR;
}


/* Variables that hold the target may have been read: then it stays. */
ngx_int_t
ngx_http_crm_version_query(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t            parts[3], query;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->guard.place != CRM_GUARD_QUERY || !ngx_http_crm_target_fixed(r))
    {
        return NGX_OK;
    }

    parts[0] = ngx_http_crm_str(&r->args);
    parts[1] = r->args.len ? CRM_STR("&") : CRM_STR("");
    parts[2] = ctx->guard.value;

    query = crm_pool_concat(ctx->pool, parts, 3);

    return query.data ? ngx_http_crm_target_query(ctx, query) : NGX_ERROR;
}


/* One that the client sends itself stays. */
ngx_int_t
ngx_http_crm_version_header(ngx_http_crm_ctx_t *ctx)
{
    const char           *names[2];
    ngx_http_request_t   *r;
    ngx_http_crm_name_t   name;

    r = ctx->request;

    if (ctx->guard.place != CRM_GUARD_HEADER) {
        return NGX_OK;
    }

    names[0] = ctx->guard.name.data;
    names[1] = NULL;

    if (ngx_http_crm_transform_has(r, names)) {
        return NGX_OK;
    }

    name.text = ngx_http_crm_ngx_str(ctx->guard.name);
    name.hash = 0;

    name.lowcase = ngx_pnalloc(r->pool, name.text.len + 1);
    if (name.lowcase == NULL) {
        return NGX_ERROR;
    }

    ngx_strlow(name.lowcase, name.text.data, name.text.len);
    name.lowcase[name.text.len] = '\0';

    return ngx_http_crm_transform_push(r, &name, ctx->guard.value)
           ? NGX_OK : NGX_ERROR;
}
