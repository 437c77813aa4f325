/*
 * Step 1 (request): the body as one piece of memory.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_body_gather(ngx_http_crm_ctx_t *ctx,
    size_t size);


/* Step BODY, second half: the body is here, in one piece or not. */
ngx_int_t
ngx_http_crm_body_take(ngx_http_crm_ctx_t *ctx)
{
    off_t                size;
    ngx_buf_t           *b;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = ctx->request;
    size = 0;

    ctx->body = CRM_STR("");

    if (r->request_body == NULL || (ctx->route.unseen && !ctx->chained)) {
        return NGX_OK;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    if (size > (off_t) ctx->conf->max_body) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_SIZE,
                   "the body is above crm_max_body");
    }

    if (size == 0) {
        return NGX_OK;
    }

    cl = r->request_body->bufs;
    b = cl->buf;

    if (cl->next == NULL && !b->in_file) {
        ctx->body = crm_str((char *) b->pos, (size_t) size);
        return NGX_OK;
    }

    return ngx_http_crm_body_gather(ctx, (size_t) size);
}


/*
 * Several buffers, or a temporary file: into one piece. The file was written
 * a moment ago by this process, so that reading it is a copy from the page
 * cache; a client_body_buffer_size of crm_max_body avoids even that.
 */
static ngx_int_t
ngx_http_crm_body_gather(ngx_http_crm_ctx_t *ctx, size_t size)
{
    char                *p;
    size_t               n;
    ssize_t              got;
    ngx_buf_t           *b;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = ctx->request;

    p = crm_pool_alloc(ctx->pool, size);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->body = crm_str(p, size);

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;
        n = (size_t) ngx_buf_size(b);

        if (!b->in_file) {
            if (n) {
                p = (char *) ngx_cpymem(p, b->pos, n);
            }

            continue;
        }

        while (n) {
            got = ngx_read_file(b->file, (u_char *) p, n,
                                b->file_last - (off_t) n);
            if (got <= 0) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            p += got;
            n -= (size_t) got;
        }
    }

    return NGX_OK;
}
