/*
 * Every answer of our own: a refusal, what a call has come to, what each record
 * of a request was refused for.
 */

#include "ngx_http_crm_module.h"


static void ngx_http_crm_answer_read(ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_answer_send(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_answer_body(ngx_http_crm_ctx_t *ctx,
    crm_str_t *type, crm_str_t *body);
static ngx_int_t ngx_http_crm_answer_headers(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_answer_header(ngx_http_request_t *r,
    const char *name, crm_str_t value);


/* Sends ctx->refusal in the dialect's own words. */
ngx_int_t
ngx_http_crm_answer(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;
    ctx->step = NGX_HTTP_CRM_STEP_ENDED;

    ngx_http_crm_zone_count(ngx_http_crm_main_conf(r), ctx->decision);

    if (ctx->refusal.kind == CRM_REFUSE_SIZE
        || !ngx_http_crm_answer_unread(r))
    {
        return ngx_http_crm_answer_send(ctx);
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_crm_answer_read);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


/*
 * An HTTP/2 stream that ends while its body is still on the way is reset, and
 * many a client then drops the answer: such a body is read first.
 */
ngx_uint_t
ngx_http_crm_answer_unread(ngx_http_request_t *r)
{
#if (NGX_HTTP_V2)
    return r->stream && !r->stream->in_closed && r->request_body == NULL;
#else
    (void) r;

    return 0;
#endif
}


static void
ngx_http_crm_answer_read(ngx_http_request_t *r)
{
    ngx_int_t            rc;
    ngx_http_crm_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_crm_automation_module);
    rc = ngx_http_crm_answer_send(ctx);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_crm_answer_send(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t            type, view;
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_chain_t          out;
    ngx_http_request_t  *r;

    r = ctx->request;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_crm_answer_body(ctx, &type, &view) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_type = ngx_http_crm_ngx_str(type);
    r->headers_out.content_type_len = type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.content_length_n = (off_t) view.len;

    /* If-Match and its like speak of records, not of what we say of them */

    r->disable_not_modified = 1;

    if (ngx_http_crm_answer_headers(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = (u_char *) view.data;
    b->last = b->pos + view.len;
    b->memory = view.len != 0;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    rc = ngx_http_send_header(r);

    if (rc != NGX_ERROR && rc <= NGX_OK && !r->header_only) {
        rc = ngx_http_output_filter(r, &out);
    }

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* One refusal for all of the request, or one for each of its records. */
static ngx_int_t
ngx_http_crm_answer_body(ngx_http_crm_ctx_t *ctx, crm_str_t *type,
    crm_str_t *body)
{
    unsigned   status;
    crm_buf_t  buf;

    if (ctx->answered) {
        *type = CRM_STR("application/json");
        *body = ctx->called.answer;
        status = ctx->called.status;

    } else if (ctx->all_refused) {
        status = 0;

        if (crm_dialect_merge(ctx->conf->dialect, body, type, &status,
                              &ctx->decoded, CRM_STR(""), NULL,
                              &ctx->limits, ctx->pool) != CRM_OK)
        {
            return NGX_ERROR;
        }

    } else {
        crm_buf_init(&buf, ctx->pool, 0);
        status = crm_dialect_refuse(ctx->conf->dialect, &buf, type,
                                    &ctx->refusal);
        *body = crm_buf_view(&buf);

        if (crm_buf_status(&buf) != CRM_OK) {
            return NGX_ERROR;
        }
    }

    ctx->request->headers_out.status = status;

    return NGX_OK;
}


/* Those of the dialect, and ours. */
static ngx_int_t
ngx_http_crm_answer_headers(ngx_http_crm_ctx_t *ctx)
{
    char                 after[NGX_INT_T_LEN + 1];
    size_t               i;
    crm_str_t            name, value;
    crm_status_t         told;
    ngx_http_request_t  *r;

    r = ctx->request;

    for (i = 0; (told = crm_dialect_refuse_header(ctx->conf->dialect, i,
                            &name, &value, &ctx->refusal, ctx->pool))
                == CRM_OK; i++)
    {
        if (ngx_http_crm_answer_header(r, name.data, value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (told != CRM_DECLINED) {
        return NGX_ERROR;
    }

    if (ctx->refusal.retry_after_s) {
        (void) ngx_snprintf((u_char *) after, sizeof(after), "%ui%Z",
                            (ngx_uint_t) ctx->refusal.retry_after_s);

        if (ngx_http_crm_answer_header(r, "Retry-After", crm_strz(after))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_http_crm_answer_header(r, "CRM-Event", ctx->event_id) != NGX_OK
        || (ctx->refusal.rule.len
            && ngx_http_crm_answer_header(r, "CRM-Rule", ctx->refusal.rule)
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    if (ctx->pending
        && ngx_http_crm_answer_header(r, "CRM-Event-State",
                                      CRM_STR("pending")) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ctx->chain_status == CRM_CHAIN_DONE
           ? ngx_http_crm_answer_header(r, "CRM-Event-State",
                                        CRM_STR("committed"))
           : NGX_OK;
}


/* A rule's name may hold any text; a header may not: what is no visible ASCII
 * becomes a percent sign and its number. */
static ngx_int_t
ngx_http_crm_answer_header(ngx_http_request_t *r, const char *name,
    crm_str_t value)
{
    u_char           *p;
    size_t            i;
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    p = ngx_pnalloc(r->pool, value.len * 3 + 1);
    if (h == NULL || p == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value.data = p;

    for (i = 0; i < value.len; i++) {
        u_char  c = (u_char) value.data[i];

        if (c < 0x20 || c > 0x7e || c == '%') {
            p = ngx_sprintf(p, "%%%02Xd", (int) c);
        } else {
            *p++ = c;
        }
    }

    h->value.len = (size_t) (p - h->value.data);

    return NGX_OK;
}
