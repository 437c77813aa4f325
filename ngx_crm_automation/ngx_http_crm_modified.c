/*
 * Step 4 (decide), behind the guards: If-Unmodified-Since, where the stored
 * record is at hand. It only ever refuses: what it does not understand, or
 * cannot compare, the backend is left to judge.
 */

#include "ngx_http_crm_module.h"

#include "record/crm_moment.h"


static ngx_int_t ngx_http_crm_modified_since(const ngx_str_t *text,
    crm_moment_t *since);
static ngx_int_t ngx_http_crm_modified_stored(ngx_http_crm_ctx_t *ctx,
    crm_moment_t *stored);


/* Of one record: of several, the header says not which it means. */
ngx_int_t
ngx_http_crm_modified_check(ngx_http_crm_ctx_t *ctx)
{
    crm_moment_t  since, stored;

    if (ctx->inners || ctx->decoded.count != 1 || !ctx->items[0].found
        || ngx_http_crm_modified_since(
               &ctx->request->headers_in.if_unmodified_since->value, &since)
           != NGX_OK
        || ngx_http_crm_modified_stored(ctx, &stored) != NGX_OK
        || crm_moment_cmp(&stored, &since) <= 0)
    {
        return NGX_OK;
    }

    ngx_memzero(&ctx->refusal, sizeof(crm_refusal_t));
    ctx->refusal.record_id = ctx->decoded.items[0].record_id;
    ctx->refusal.stored = &ctx->items[0].before;

    return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_MODIFIED,
               "the record has been modified since If-Unmodified-Since; read"
               " it again");
}


/* 2026-03-27T16:30:00+01:00, as the vendor has it, or as HTTP has it. */
static ngx_int_t
ngx_http_crm_modified_since(const ngx_str_t *text, crm_moment_t *since)
{
    time_t  t;

    if (crm_moment_parse(since, ngx_http_crm_str(text), NULL) == CRM_OK) {
        return since->timed ? NGX_OK : NGX_DECLINED;
    }

    t = ngx_parse_http_time(text->data, text->len);
    if (t == NGX_ERROR) {
        return NGX_DECLINED;
    }

    *since = crm_moment_of_us((long long) t * 1000000, NULL);

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_modified_stored(ngx_http_crm_ctx_t *ctx, crm_moment_t *stored)
{
    crm_str_t           name, text;
    const crm_field_t  *field;

    name = crm_dialect_version_field(ctx->conf->dialect);
    field = name.len ? crm_record_field(&ctx->items[0].before, name) : NULL;

    if (field == NULL || field->value.type != CRM_JSON_STRING) {
        return NGX_DECLINED;
    }

    text = crm_span_text(field->value, ctx->pool);

    return text.data && crm_moment_parse(stored, text, NULL) == CRM_OK
           && stored->timed ? NGX_OK : NGX_DECLINED;
}
