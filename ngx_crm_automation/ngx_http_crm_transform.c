/*
 * Step 5 (transform): the request as it goes to the backend.
 *
 * A body that no rule changes is not touched. Headers are rebuilt as a list of
 * their own: nginx's proxy forwards the list as it stands, entries that were
 * voided included.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_transform_body(ngx_http_request_t *r,
    crm_str_t body);
static ngx_int_t ngx_http_crm_transform_headers(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t changed);
static ngx_uint_t ngx_http_crm_transform_named(const ngx_table_elt_t *h,
    const char *const *names);
static ngx_uint_t ngx_http_crm_transform_untrue(
    const ngx_http_crm_ctx_t *ctx, ngx_uint_t changed);


static ngx_http_crm_name_t  ngx_http_crm_name_event =
    ngx_http_crm_name("CRM-Event", "crm-event");

static ngx_http_crm_name_t  ngx_http_crm_name_key =
    ngx_http_crm_name("Idempotency-Key", "idempotency-key");

static ngx_http_crm_name_t  ngx_http_crm_name_encoding =
    ngx_http_crm_name("Accept-Encoding", "accept-encoding");

static ngx_http_crm_name_t  ngx_http_crm_name_length =
    ngx_http_crm_name("Content-Length", "content-length");

/* Encodings, since we read the answer. */
static const char *const  ngx_http_crm_always[] = {
    "accept-encoding", NULL
};

/* Digests of a body that is another one now. */
static const char *const  ngx_http_crm_digests[] = {
    "accept-encoding", "content-md5", "digest", "content-digest",
    "repr-digest", NULL
};

/* Of the connection to us alone: a backend that speaks HTTP/2 in clear text
 * could take it for an offer. */
static const char *const  ngx_http_crm_hop[] = { "http2-settings", NULL };


ngx_int_t
ngx_http_crm_transform_step(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t            forwarded;
    ngx_uint_t           changed;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ngx_http_crm_version_take(ctx) != NGX_OK
        || ngx_http_crm_bulk_forward(ctx, &forwarded) != NGX_OK
        || ngx_http_crm_version_body(ctx, &forwarded) != NGX_OK
        || ngx_http_crm_version_query(ctx) != NGX_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    changed = ctx->remade || ctx->reworded
              || forwarded.data != ctx->decoded.text.data;

    if (changed && crm_dialect_body(ctx->conf->dialect, &ctx->route,
                                    &forwarded, forwarded, ctx->pool)
                   != CRM_OK)
    {
        return ngx_http_crm_decide_unavailable(ctx, "the changed body cannot"
                                               " be written");
    }

    if ((changed && ngx_http_crm_transform_body(r, forwarded) != NGX_OK)
        || ngx_http_crm_transform_headers(ctx, changed) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_crm_transform_once(r);

    crm_buf_init(&ctx->answer, ctx->pool, ctx->conf->max_answer);

    ngx_http_crm_zone_count(ngx_http_crm_main_conf(r), ctx->decision);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "crm transform: forwarded, records:%uz bytes:%uz",
                   ctx->decoded.count, forwarded.len);

    return NGX_OK;
}


/*
 * A write is never sent twice. nginx itself sees to that for methods that it
 * takes for unsafe; PUT and DELETE it would send again. The method that goes
 * out is the name, which stays.
 */
void
ngx_http_crm_transform_once(ngx_http_request_t *r)
{
    if (r->method & (NGX_HTTP_PUT|NGX_HTTP_DELETE)) {
        r->method = NGX_HTTP_PATCH;
    }
}


/* The client's own CRM-* headers are nobody's word; nor is what it says to
 * nginx of the connection the backend's business. */
ngx_int_t
ngx_http_crm_transform_strip(ngx_http_crm_ctx_t *ctx)
{
    return ctx->headers.own
           || ctx->headers.first[NGX_HTTP_CRM_HEADER_HTTP2_SETTINGS]
           ? ngx_http_crm_transform_drop(ctx->request, ngx_http_crm_hop, 1)
           : NGX_OK;
}


static ngx_int_t
ngx_http_crm_transform_body(ngx_http_request_t *r, crm_str_t body)
{
    char             *text;
    ngx_buf_t        *b;
    ngx_chain_t      *cl;
    ngx_table_elt_t  *h;

    b = ngx_calloc_buf(r->pool);
    cl = ngx_alloc_chain_link(r->pool);
    text = ngx_pnalloc(r->pool, CRM_STR_INT_LEN);

    if (b == NULL || cl == NULL || text == NULL || r->request_body == NULL) {
        return NGX_ERROR;
    }

    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = 1;
    b->last_buf = 1;

    cl->buf = b;
    cl->next = NULL;

    r->request_body->bufs = cl;
    r->request_body->buf = NULL;

    r->headers_in.content_length_n = (off_t) body.len;
    r->headers_in.chunked = 0;

    /* proxy_pass reads the number, the fastcgi family the text */

    h = r->headers_in.content_length;

    if (h == NULL) {
        h = ngx_http_crm_transform_push(r, &ngx_http_crm_name_length,
                                        CRM_STR_NULL);
        if (h == NULL) {
            return NGX_ERROR;
        }

        r->headers_in.content_length = h;
    }

    h->value = ngx_http_crm_ngx_str(crm_str_int(text, (long long) body.len));

    return NGX_OK;
}


/* Who is who at the backend: CRM-Event, and a key against doing it twice. */
static ngx_int_t
ngx_http_crm_transform_headers(ngx_http_crm_ctx_t *ctx, ngx_uint_t changed)
{
    ngx_uint_t           keyed;
    ngx_http_request_t  *r;

    static const char *const  key[] = { "idempotency-key", NULL };

    r = ctx->request;

    if (ngx_http_crm_transform_untrue(ctx, changed)
        && ngx_http_crm_transform_drop(r, changed ? ngx_http_crm_digests
                                                  : ngx_http_crm_always, 0)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    keyed = ctx->headers.first[NGX_HTTP_CRM_HEADER_IDEMPOTENCY_KEY]
            && ngx_http_crm_transform_has(r, key);

    if (ngx_http_crm_transform_push(r, &ngx_http_crm_name_event,
                                    ctx->event_id) == NULL
        || ngx_http_crm_transform_push(r, &ngx_http_crm_name_encoding,
                                       CRM_STR("identity")) == NULL
        || (!keyed
            && ngx_http_crm_transform_push(r, &ngx_http_crm_name_key,
                                           ctx->event_id) == NULL))
    {
        return NGX_ERROR;
    }

    return ngx_http_crm_version_header(ctx);
}


/* Whether the client sent any that does not hold for what goes out. */
static ngx_uint_t
ngx_http_crm_transform_untrue(const ngx_http_crm_ctx_t *ctx,
    ngx_uint_t changed)
{
    ngx_table_elt_t *const  *first;

    first = ctx->headers.first;

    return first[NGX_HTTP_CRM_HEADER_ACCEPT_ENCODING]
           || (changed
               && (first[NGX_HTTP_CRM_HEADER_CONTENT_MD5]
                   || first[NGX_HTTP_CRM_HEADER_DIGEST]
                   || first[NGX_HTTP_CRM_HEADER_CONTENT_DIGEST]
                   || first[NGX_HTTP_CRM_HEADER_REPR_DIGEST]));
}


/* The name's text stays where it is. */
ngx_table_elt_t *
ngx_http_crm_transform_push(ngx_http_request_t *r, ngx_http_crm_name_t *name,
    crm_str_t value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NULL;
    }

    if (name->hash == 0) {
        name->hash = ngx_hash_key(name->lowcase, name->text.len);
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->key = name->text;
    h->lowcase_key = name->lowcase;
    h->hash = name->hash;
    h->value = ngx_http_crm_ngx_str(value);

    return h;
}


ngx_uint_t
ngx_http_crm_transform_has(ngx_http_request_t *r, const char *const *names)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (ngx_http_crm_transform_named(&h[i], names)) {
                return 1;
            }
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_crm_transform_named(const ngx_table_elt_t *h,
    const char *const *names)
{
    for ( /* void */ ; *names; names++) {
        if (ngx_strlen(*names) == h->key.len
            && ngx_strncasecmp(h->key.data, (u_char *) *names, h->key.len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* The list without headers of these names and, if own, without CRM-*. */
ngx_int_t
ngx_http_crm_transform_drop(ngx_http_request_t *r, const char *const *names,
    ngx_uint_t own)
{
    ngx_list_t        list;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *to;

    if (ngx_list_init(&list, r->pool, 20, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (ngx_http_crm_transform_named(&h[i], names)
                || (own && ngx_http_crm_header_is_own(&h[i])))
            {
                continue;
            }

            to = ngx_list_push(&list);
            if (to == NULL) {
                return NGX_ERROR;
            }

            *to = h[i];
        }
    }

    /* an empty first part's list moves as a whole; last points into list */

    r->headers_in.headers = list;

    if (list.last == &list.part) {
        r->headers_in.headers.last = &r->headers_in.headers.part;
    }

    return NGX_OK;
}
