/*
 * Step 3 (state): the before-image, the record as the backend holds it now. A
 * GET by a subrequest to crm_record_location; its answer is taken by filters
 * of our own, never sent.
 */

#include "ngx_http_crm_module.h"

#include "record/crm_dialect_guard.h"


static ngx_int_t ngx_http_crm_before_get(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_before_list(ngx_http_request_t *r,
    ngx_list_t *headers);
static ngx_int_t ngx_http_crm_before_send(ngx_http_request_t *r,
    ngx_list_t *headers, ngx_http_request_body_t *body,
    const crm_target_t *target);
static ngx_uint_t ngx_http_crm_before_takes(ngx_http_request_t *r,
    crm_str_t name);
static ngx_int_t ngx_http_crm_before_version(ngx_http_crm_ctx_t *ctx,
    ngx_list_t *headers, crm_str_t name);
static ngx_int_t ngx_http_crm_before_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static ngx_int_t ngx_http_crm_before_read(ngx_http_crm_ctx_t *ctx);
static crm_status_t ngx_http_crm_before_one(ngx_http_crm_ctx_t *ctx);
static crm_status_t ngx_http_crm_before_many(ngx_http_crm_ctx_t *ctx);


/* Headers that the GET takes along from the write. */
static const char *const  ngx_http_crm_before_headers[] = {
    "host", "authorization", "cookie", "user-agent", "x-forwarded-for",
    "x-real-ip", "x-crm-org", NULL
};


ngx_int_t
ngx_http_crm_before_step(ngx_http_crm_ctx_t *ctx)
{
    size_t     i;
    ngx_int_t  rc;

    if (ctx->n_stored == 0) {
        return NGX_OK;              /* all of it is created */
    }

    if (ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_NONE) {

        for (i = 0; i < ctx->decoded.count; i++) {

            /* and nothing is known of it */

            ctx->items[i].found = ctx->decoded.items[i].record_id.len != 0;
        }

        return NGX_OK;
    }

    if (ctx->subrequest == NULL) {
        return ctx->snapshot_head.data
               && ngx_http_crm_snapshot_before(ctx) == NGX_OK
               ? NGX_OK : ngx_http_crm_before_get(ctx);
    }

    if (!ctx->before_done) {
        return NGX_AGAIN;
    }

    rc = ngx_http_crm_before_read(ctx);

    return rc == NGX_OK && ctx->inners ? ngx_http_crm_before_get(ctx) : rc;
}


static ngx_int_t
ngx_http_crm_before_get(ngx_http_crm_ctx_t *ctx)
{
    crm_target_t  target;

    if (ctx->inners) {
        switch (ngx_http_crm_composite_group(ctx)) {

        case NGX_OK:
            break;

        case NGX_DONE:
            return NGX_OK;

        default:
            return ngx_http_crm_decide_unavailable(ctx, "out of memory");
        }
    }

    switch (crm_dialect_get(ctx->conf->dialect, &target,
                            ctx->group ? &ctx->group->route : &ctx->route,
                            ctx->group ? &ctx->group->request
                                       : &ctx->decoded, ctx->pool))
    {
    case CRM_OK:
        break;

    case CRM_DECLINED:
        return ngx_http_crm_decide_unavailable(ctx,
                   "the current records cannot be read at once");

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    return ngx_http_crm_before_ask(ctx, &target);
}


/*
 * GET target, by way of crm_record_location. All memory is taken before there
 * is a subrequest: it would go on without what is missing. One that fails half
 * made leaves the connection to nobody.
 */
ngx_int_t
ngx_http_crm_before_ask(ngx_http_crm_ctx_t *ctx, const crm_target_t *target)
{
    u_char                      *p;
    ngx_str_t                    uri, args;
    ngx_list_t                   headers;
    ngx_http_request_t          *r, *sr;
    ngx_http_request_body_t     *body;
    ngx_http_post_subrequest_t  *ps;

    r = ctx->request;
    args = ngx_http_crm_ngx_str(target->query);

    uri.len = ctx->conf->record_location.len + ctx->conf->prefix.len
              + target->path.len;
    uri.data = ngx_pnalloc(r->pool, uri.len);
    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    body = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));

    if (uri.data == NULL || ps == NULL || body == NULL
        || ngx_http_crm_before_list(r, &headers) != NGX_OK
        || ngx_http_crm_before_send(r, &headers, body, target) != NGX_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    p = ngx_cpymem(uri.data, ctx->conf->record_location.data,
                   ctx->conf->record_location.len);
    p = ngx_cpymem(p, ctx->conf->prefix.data, ctx->conf->prefix.len);
    ngx_memcpy(p, target->path.data, target->path.len);

    ps->handler = ngx_http_crm_before_done;
    ps->data = ctx;

    crm_buf_init(&ctx->before_body, ctx->pool, ctx->conf->max_answer);
    ctx->before_status = 0;
    ctx->before_done = 0;
    ctx->before_last = 0;
    ctx->before_overflow = 0;

    if (ngx_http_subrequest(r, &uri, args.len ? &args : NULL, &sr, ps,
                            NGX_HTTP_SUBREQUEST_IN_MEMORY
                            |NGX_HTTP_SUBREQUEST_WAITED)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->subrequest = sr;

    /* the write's own body must not go along */

    sr->request_body = body;
    sr->headers_in.content_length = NULL;
    sr->headers_in.content_length_n = -1;
    sr->headers_in.chunked = 0;
    sr->headers_in.headers = headers;

    if (headers.last == &headers.part) {
        sr->headers_in.headers.last = &sr->headers_in.headers.part;
    }

    if (target->body.data) {
        sr->headers_in.content_length_n = (off_t) target->body.len;
    }

    if (target->method.len) {
        sr->method = NGX_HTTP_POST;
        sr->method_name = ngx_http_crm_ngx_str(target->method);
    }

    return NGX_AGAIN;
}


/* Of backends whose records are read by a POST. */
static ngx_int_t
ngx_http_crm_before_send(ngx_http_request_t *r, ngx_list_t *headers,
    ngx_http_request_body_t *body, const crm_target_t *target)
{
    ngx_buf_t        *b;
    ngx_table_elt_t  *h;

    if (target->body.data == NULL) {
        return NGX_OK;
    }

    b = ngx_calloc_buf(r->pool);
    body->bufs = ngx_alloc_chain_link(r->pool);
    h = ngx_list_push(headers);

    if (b == NULL || body->bufs == NULL || h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    ngx_str_set(&h->key, "Content-Type");
    ngx_str_set(&h->value, "application/json");
    h->lowcase_key = (u_char *) "content-type";
    h->hash = ngx_hash_key(h->lowcase_key, h->key.len);

    b->pos = (u_char *) target->body.data;
    b->last = b->pos + target->body.len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = 1;
    b->last_buf = 1;

    body->bufs->buf = b;
    body->bufs->next = NULL;

    return NGX_OK;
}


/*
 * A list of its own: conditions, ranges and encodings of the write would make
 * the answer something else than the record.
 */
static ngx_int_t
ngx_http_crm_before_list(ngx_http_request_t *r, ngx_list_t *headers)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *to;

    if (ngx_list_init(headers, r->pool, 8, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (ngx_http_crm_before_takes(r, ngx_http_crm_str(&h[i].key))) {
                to = ngx_list_push(headers);
                if (to == NULL) {
                    return NGX_ERROR;
                }

                *to = h[i];
            }
        }
    }

    return NGX_OK;
}


/* One of ours, or one that the dialect names. */
static ngx_uint_t
ngx_http_crm_before_takes(ngx_http_request_t *r, crm_str_t name)
{
    size_t                    k;
    crm_str_t                 own;
    ngx_http_crm_loc_conf_t  *conf;

    for (k = 0; ngx_http_crm_before_headers[k]; k++) {
        if (crm_str_caseeq(crm_strz(ngx_http_crm_before_headers[k]), name)) {
            return 1;
        }
    }

    conf = ngx_http_crm_loc_conf(r);

    for (k = 0; (own = crm_dialect_auth_header(conf->dialect, k)).len; k++) {
        if (crm_str_caseeq(own, name)) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_crm_before_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_crm_ctx_t  *ctx = data;

    if (ctx->before_done || r != ctx->subrequest) {
        return rc;
    }

    ctx->before_done = 1;
    ctx->before_status = r->headers_out.status;

    if (rc != NGX_OK && rc != NGX_DECLINED && rc != NGX_HTTP_NO_CONTENT
        && (ctx->before_status == 0 || rc >= NGX_HTTP_SPECIAL_RESPONSE))
    {
        ctx->before_status = rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : 0;

    } else if (!ctx->before_last) {

        /* cut off: nginx tells by the end that does not come, not by rc */

        ctx->before_status = 0;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_before_read(ngx_http_crm_ctx_t *ctx)
{
    ngx_uint_t   many;
    const char  *fault;

    fault = ngx_http_crm_before_taken(ctx);
    if (fault) {
        return ngx_http_crm_decide_unavailable(ctx, fault);
    }

    many = ctx->group ? ctx->group->request.count > 1
                      : ctx->decoded.count > 1;

    switch (many ? ngx_http_crm_before_many(ctx)
                 : ngx_http_crm_before_one(ctx))
    {
    case CRM_OK:
        return NGX_OK;

    case CRM_ENOMEM:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");

    default:
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "crm state: before-image, status:%ui bytes:%uz",
                      ctx->before_status, ctx->before_body.len);

        return ngx_http_crm_decide_unavailable(ctx,
                   many ? "the current records could not be read"
                        : "the current record could not be read");
    }
}


/* NULL, or why the answer is not whole. */
const char *
ngx_http_crm_before_taken(ngx_http_crm_ctx_t *ctx)
{
    if (ctx->before_overflow) {
        return "the current record is above crm_max_answer";
    }

    return crm_buf_status(&ctx->before_body) == CRM_ENOMEM ? "out of memory"
                                                           : NULL;
}


static crm_status_t
ngx_http_crm_before_one(ngx_http_crm_ctx_t *ctx)
{
    crm_status_t          rc;
    ngx_http_crm_item_t  *item;

    item = &ctx->items[ctx->group ? ctx->group->at[0] : 0];

    rc = crm_dialect_read(ctx->conf->dialect, &item->before,
                          (unsigned) ctx->before_status,
                          crm_buf_view(&ctx->before_body), &ctx->limits,
                          ctx->pool);

    item->found = rc == CRM_OK;

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


static crm_status_t
ngx_http_crm_before_many(ngx_http_crm_ctx_t *ctx)
{
    size_t                i;
    crm_status_t          rc;
    crm_record_t         *records;
    crm_request_t        *request;
    ngx_http_crm_item_t  *item;

    request = ctx->group ? &ctx->group->request : &ctx->decoded;

    records = crm_pool_calloc(ctx->pool, request->count,
                              sizeof(crm_record_t));
    if (records == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_dialect_read_many(ctx->conf->dialect, records, request,
                               (unsigned) ctx->before_status,
                               crm_buf_view(&ctx->before_body), &ctx->limits,
                               ctx->pool);

    for (i = 0; rc == CRM_OK && i < request->count; i++) {
        item = &ctx->items[ctx->group ? ctx->group->at[i] : i];
        item->before = records[i];
        item->found = records[i].object.data != NULL;
    }

    return rc;
}


/* Is r the GET of a before-image? Also behind a redirect of its own. */
ngx_uint_t
ngx_http_crm_before_is(ngx_http_request_t *r)
{
    return r != r->main && r->post_subrequest
           && r->post_subrequest->handler == ngx_http_crm_before_done;
}


/*
 * Whether it is asked for as what it is: a read of that record. By another
 * pass it would be the write itself, without a body, and unjudged.
 *
 * What is sent is method_name. method is for nginx: of this one no cache holds
 * an answer, and a proxy_cache that http sets would tell what the record was.
 */
ngx_uint_t
ngx_http_crm_before_passes(ngx_http_request_t *r)
{
    ngx_str_t  *pass;

    pass = ngx_http_crm_loc_conf(r)->pass;

    if (pass == NULL) {
        r->method = NGX_HTTP_OPTIONS;
        return 1;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "crm before: %V_pass of \"%V\" would send the write where"
                  " the record is to be read: crm_record_location needs"
                  " proxy_pass", pass, &r->uri);

    return 0;
}


/* No length: else nginx would set aside memory for it. */
ngx_int_t
ngx_http_crm_before_header(ngx_http_request_t *r)
{
    crm_str_t            name;
    ngx_http_crm_ctx_t  *ctx;

    r->filter_need_in_memory = 1;
    ngx_http_clear_content_length(r);

    ctx = r->post_subrequest->data;
    name = crm_dialect_guard_asks(ctx->conf->dialect);

    if (name.len && r->upstream) {
        return ngx_http_crm_before_version(ctx,
                   &r->upstream->headers_in.headers, name);
    }

    return NGX_OK;
}


/* A copy: what the subrequest has read is gone when the write goes out. */
static ngx_int_t
ngx_http_crm_before_version(ngx_http_crm_ctx_t *ctx, ngx_list_t *headers,
    crm_str_t name)
{
    crm_str_t  value;

    if (!ngx_http_crm_decode_find(headers, name, &value)) {
        return NGX_OK;
    }

    ctx->before_version = crm_pool_dup(ctx->pool, value);

    return ctx->before_version.data ? NGX_OK : NGX_ERROR;
}


/*
 * Taken here, in front of nginx's own collector, which answers too large a
 * body by dropping the client.
 */
ngx_int_t
ngx_http_crm_before_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t           *b;
    ngx_chain_t         *cl;
    ngx_http_crm_ctx_t  *ctx;

    ctx = r->post_subrequest->data;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            crm_buf_add(&ctx->before_body, (char *) b->pos,
                        (size_t) (b->last - b->pos));
            b->pos = b->last;
        }

        if (b->in_file) {
            b->file_pos = b->file_last;
        }

        if (b->last_in_chain || b->last_buf) {
            ctx->before_last = 1;
        }
    }

    if (crm_buf_status(&ctx->before_body) == CRM_ELIMIT) {
        ctx->before_overflow = 1;
    }

    return NGX_OK;
}
