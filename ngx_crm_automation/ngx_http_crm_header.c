/*
 * Step 1 (request): which of the client's headers matter to us.
 *
 * Some twenty do, and hardly anybody sends more than two of them: the list is
 * walked once, when the request is seen for the first time. An entry stays
 * where it is, whatever becomes of the list.
 *
 * To many a backend an underscore in a header's name is a hyphen; nginx lets
 * them through with underscores_in_headers.
 */

#include "ngx_http_crm_module.h"


static ngx_uint_t ngx_http_crm_header_which(const ngx_table_elt_t *h);
static ngx_uint_t ngx_http_crm_header_same(const ngx_table_elt_t *h,
    const ngx_str_t *name);


/* By ngx_http_crm_header_e, shorter ones first. */
static const ngx_str_t  ngx_http_crm_header_names[] = {
    ngx_string("range"),
    ngx_string("digest"),
    ngx_string("x-external"),
    ngx_string("content-md5"),
    ngx_string("repr-digest"),
    ngx_string("content-type"),
    ngx_string("content-range"),
    ngx_string("x-http-method"),
    ngx_string("content-digest"),
    ngx_string("http2-settings"),
    ngx_string("accept-encoding"),
    ngx_string("idempotency-key"),
    ngx_string("content-encoding"),
    ngx_string("x-method-override"),
    ngx_string("x-automation-source"),
    ngx_string("x-http-method-override")
};


void
ngx_http_crm_header_read(ngx_http_crm_ctx_t *ctx)
{
    ngx_uint_t               i, n;
    ngx_list_part_t         *part;
    ngx_table_elt_t         *h;
    ngx_http_crm_headers_t  *headers;

    headers = &ctx->headers;

    for (part = &ctx->request->headers_in.headers.part; part;
         part = part->next)
    {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            n = ngx_http_crm_header_which(&h[i]);

            if (n == NGX_HTTP_CRM_HEADERS) {
                headers->own |= ngx_http_crm_header_is_own(&h[i]);

            } else if (headers->first[n] == NULL) {
                headers->first[n] = &h[i];

            } else {
                headers->twice |= (ngx_uint_t) 1 << n;
            }
        }
    }
}


ngx_uint_t
ngx_http_crm_header_twice(const ngx_http_crm_ctx_t *ctx,
    ngx_http_crm_header_e n)
{
    return (ctx->headers.twice >> n) & 1;
}


/* CRM-*; to many a backend CRM_* is the same. */
ngx_uint_t
ngx_http_crm_header_is_own(const ngx_table_elt_t *h)
{
    return h->key.len >= 4
           && (h->key.data[3] == '-' || h->key.data[3] == '_')
           && ngx_strncasecmp(h->key.data, (u_char *) "crm", 3) == 0;
}


static ngx_uint_t
ngx_http_crm_header_which(const ngx_table_elt_t *h)
{
    ngx_uint_t        n;
    const ngx_str_t  *name;

    for (n = 0; n < NGX_HTTP_CRM_HEADERS; n++) {
        name = &ngx_http_crm_header_names[n];

        if (name->len > h->key.len) {
            break;
        }

        if (name->len == h->key.len && ngx_http_crm_header_same(h, name)) {
            return n;
        }
    }

    return NGX_HTTP_CRM_HEADERS;
}


/* From the end, since many begin alike. */
static ngx_uint_t
ngx_http_crm_header_same(const ngx_table_elt_t *h, const ngx_str_t *name)
{
    u_char  c;
    size_t  i;

    for (i = name->len; i-- > 0; /* void */) {
        c = h->key.data[i] == '_' ? '-' : ngx_tolower(h->key.data[i]);

        if (c != name->data[i]) {
            return 0;
        }
    }

    return 1;
}
