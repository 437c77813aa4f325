/*
 * Step 7 (capture): the upstream's own status, and a bounded copy of its
 * answer. The header is held back until the outcome is durable.
 *
 *     upstream        header filter       body filter        Redis
 *     2xx ──────────▶ held
 *     body ─────────────────────────────▶ copied
 *     last ─────────────────────────────▶ outcome ─────────▶ commit
 *                     header, body ◀───────────────────────── answered
 *
 * 4xx releases intent and lease; whatever else may or may not have been done,
 * and its intent stays for recovery.
 */

#include "ngx_http_crm_module.h"


static ngx_int_t ngx_http_crm_capture_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_capture_body(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_crm_capture_decorate(ngx_http_crm_ctx_t *ctx,
    ngx_chain_t *in);
static void ngx_http_crm_capture_status(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t status);
static ngx_int_t ngx_http_crm_capture_copy(ngx_http_crm_ctx_t *ctx,
    ngx_chain_t *in, ngx_chain_t **rest);
static void ngx_http_crm_capture_outcome(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_capture_broken(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_capture_lost(ngx_http_crm_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_int_t ngx_http_crm_capture_drop(ngx_http_request_t *r,
    ngx_chain_t *in);
static void ngx_http_crm_capture_eat(ngx_chain_t *in);
static ngx_int_t ngx_http_crm_capture_release(ngx_http_crm_ctx_t *ctx,
    ngx_chain_t *rest);
static ngx_int_t ngx_http_crm_capture_mark(ngx_http_crm_ctx_t *ctx);


static ngx_http_output_header_filter_pt  ngx_http_crm_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_crm_next_body_filter;


ngx_int_t
ngx_http_crm_capture_init(ngx_conf_t *cf)
{
    (void) cf;

    ngx_http_crm_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_crm_capture_header;

    ngx_http_crm_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_crm_capture_body;

    return NGX_OK;
}


/*
 * nginx answers with something else than the upstream did (error_page and its
 * like): only the upstream's own status tells what became of the write.
 */
void
ngx_http_crm_capture_redirected(ngx_http_crm_ctx_t *ctx)
{
    ngx_uint_t                  n;
    ngx_http_request_t         *r;
    ngx_http_upstream_state_t  *states;

    if (ctx->settled) {
        return;
    }

    r = ctx->request;
    n = r->upstream_states ? r->upstream_states->nelts : 0;
    states = n ? r->upstream_states->elts : NULL;

    ngx_http_crm_capture_status(ctx, n ? states[n - 1].status : 0);
}


static ngx_int_t
ngx_http_crm_capture_header(ngx_http_request_t *r)
{
    ngx_uint_t           status;
    ngx_http_crm_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_crm_before_is(r)
               ? ngx_http_crm_before_header(r)
               : ngx_http_crm_next_header_filter(r);
    }

    ctx = ngx_http_crm_request_ctx(r);

    if (ctx && ctx->decorates && ngx_http_crm_decorate_header(ctx) == NGX_OK) {
        return NGX_OK;
    }

    if (ctx == NULL || ctx->step != NGX_HTTP_CRM_STEP_PROXIED) {
        return ngx_http_crm_next_header_filter(r);
    }

    if (!ctx->settled) {
        status = r->upstream ? r->upstream->headers_in.status_n : 0;

        if (ngx_http_get_module_ctx(r, ngx_http_crm_automation_module) == NULL)
        {
            ngx_http_crm_capture_redirected(ctx);

        } else if (status == r->headers_out.status
                   && ctx->route.operation != CRM_OP_ACTION
                   && ((status >= 200 && status < 300)
                       || (status == 400 && ctx->cut)))
        {
            ctx->held = 1;
            r->filter_need_in_memory = 1;
            r->allow_ranges = 0;        /* the whole of it is read here */

            return NGX_OK;

        } else {
            ngx_http_crm_capture_status(ctx, status);
        }
    }

    if (ngx_http_crm_capture_mark(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_crm_next_header_filter(r);
}


static ngx_int_t
ngx_http_crm_capture_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t         *rest;
    ngx_http_crm_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_crm_before_is(r)
               ? ngx_http_crm_before_body(r, in)
               : ngx_http_crm_next_body_filter(r, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_crm_automation_module);

    if (ctx && ctx->replaced && ctx->released) {
        return ngx_http_crm_capture_drop(r, in);
    }

    if (ctx && ngx_http_crm_decorate_holds(ctx)) {
        return ngx_http_crm_capture_decorate(ctx, in);
    }

    if (ctx == NULL || !ctx->held || ctx->released) {
        return ngx_http_crm_next_body_filter(r, in);
    }

    rest = NULL;

    if (!ctx->last && ngx_http_crm_capture_copy(ctx, in, &rest) != NGX_OK) {
        ngx_http_crm_capture_unknown(ctx, r->connection->log,
                                     "the answer is above crm_max_answer");

        if (ctx->cut) {
            return ngx_http_crm_capture_lost(ctx, in);
        }

        return ngx_http_crm_capture_release(ctx, rest);
    }

    if (!ctx->last) {

        /* the upstream is let go when it has ended, well or not */

        return r->upstream->peer.connection
               ? NGX_OK : ngx_http_crm_capture_broken(ctx);
    }

    if (!ctx->settled) {
        ngx_http_crm_capture_outcome(ctx);

        if (ctx->cut && ctx->unknown) {
            return ngx_http_crm_capture_lost(ctx, NULL);
        }
    }

    if (ctx->outcome && !ctx->pending) {
        if (!ctx->wait.timer_set) {
            /* the timer is set once, with the commit */
            ctx->pending = 1;

        } else {
            r->buffered |= NGX_HTTP_CRM_BUFFERED;
            return NGX_AGAIN;
        }
    }

    return ngx_http_crm_capture_release(ctx, NULL);
}


/* Of a record that is read: held until it is whole, or too large. */
static ngx_int_t
ngx_http_crm_capture_decorate(ngx_http_crm_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_int_t     rc;
    ngx_chain_t  *rest;

    rest = NULL;
    rc = ngx_http_crm_capture_copy(ctx, in, &rest);

    if (rc == NGX_OK && !ctx->last
        && ctx->request->upstream->peer.connection)
    {
        return NGX_OK;
    }

    ngx_http_crm_decorate_answer(ctx);

    return ngx_http_crm_capture_release(ctx, rest);
}


/* An answer whose body does not matter. */
static void
ngx_http_crm_capture_status(ngx_http_crm_ctx_t *ctx, ngx_uint_t status)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->upstream == NULL || !r->upstream->request_sent) {

        /* nobody has seen the write: no server could be reached */

        ngx_http_crm_enqueue_abort(ctx);
        return;
    }

    if (ctx->route.operation == CRM_OP_ACTION) {
        ngx_http_crm_action_done(ctx, status);
        return;
    }

    if (status >= 400
        && ngx_http_crm_merge_outcome(ctx, status, CRM_STR(""))
           == NGX_HTTP_CRM_MERGE_REFUSED)
    {
        ngx_http_crm_enqueue_abort(ctx);
        return;
    }

    ngx_http_crm_capture_unknown(ctx, r->connection->log,
                                 "the backend gave no answer that says");
}


/* NGX_DECLINED: above the limit, *rest is what was not copied. */
static ngx_int_t
ngx_http_crm_capture_copy(ngx_http_crm_ctx_t *ctx, ngx_chain_t *in,
    ngx_chain_t **rest)
{
    ngx_buf_t  *b;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;

        if (ngx_buf_in_memory(b)) {
            crm_buf_add(&ctx->answer, (char *) b->pos,
                        (size_t) (b->last - b->pos));

            if (crm_buf_status(&ctx->answer) != CRM_OK) {
                *rest = in;
                return NGX_DECLINED;
            }

            b->pos = b->last;
        }

        if (b->last_buf) {
            ctx->last = 1;
        }
    }

    return NGX_OK;
}


/* The answer is complete: what does it say? */
static void
ngx_http_crm_capture_outcome(ngx_http_crm_ctx_t *ctx)
{
    ngx_log_t            *log;
    ngx_uint_t            status;
    ngx_http_crm_merge_e  all;

    log = ctx->request->connection->log;
    status = ctx->request->upstream->headers_in.status_n;

    all = ngx_http_crm_merge_outcome(ctx, status, crm_buf_view(&ctx->answer));

    /* no memory is no answer; one that speaks of the whole request stays */

    if (ctx->cut && all != NGX_HTTP_CRM_MERGE_UNKNOWN
        && ngx_http_crm_merge_answer(ctx) == NGX_ERROR)
    {
        all = NGX_HTTP_CRM_MERGE_UNKNOWN;
    }

    switch (all) {

    case NGX_HTTP_CRM_MERGE_UNKNOWN:
        ngx_http_crm_capture_unknown(ctx, log, "the backend's answer says not"
                                               " what became of this record");
        return;

    case NGX_HTTP_CRM_MERGE_NAMELESS:
        ngx_http_crm_capture_unknown(ctx, log, "the backend's answer names no"
                                               " record");
        return;

    case NGX_HTTP_CRM_MERGE_REFUSED:
        ngx_http_crm_enqueue_abort(ctx);
        return;

    default:
        break;
    }

    if (ctx->call) {
        ngx_http_crm_merge_replace(ctx, ctx->called.status,
                                   CRM_STR("application/json"),
                                   ctx->called.answer);
    }

    if (ngx_http_crm_enqueue_commit(ctx, status) != NGX_OK) {

        /* the intent is durable: recovery does what we could not */

        ctx->pending = 1;
        ctx->settled = 1;
    }
}


/* The intent stays, for recovery. log: the request's own is gone at its end. */
void
ngx_http_crm_capture_unknown(ngx_http_crm_ctx_t *ctx, ngx_log_t *log,
    const char *why)
{
    ctx->settled = 1;
    ctx->unknown = 1;

    ngx_http_crm_zone_unknown(ngx_http_crm_main_conf(ctx->request));

    ngx_log_error(NGX_LOG_ERR, log, 0,
                  "crm capture: outcome unknown, event:%*s: %s",
                  ctx->event_id.len, ctx->event_id.data, why);
}


/* The answer ended before its end. Nothing of it has gone out: the client is
 * told, instead of being cut off like this. */
static ngx_int_t
ngx_http_crm_capture_broken(ngx_http_crm_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    ngx_http_crm_capture_unknown(ctx, r->connection->log,
                                 "the backend's answer broke off");

    if (ctx->cut) {
        return ngx_http_crm_capture_lost(ctx, NULL);
    }

    ctx->released = 1;

    return ngx_http_filter_finalize_request(r,
                                            &ngx_http_crm_automation_module,
                                            NGX_HTTP_BAD_GATEWAY);
}


/* Records were refused, and there is no answer to lay their refusals in. */
static ngx_int_t
ngx_http_crm_capture_lost(ngx_http_crm_ctx_t *ctx, ngx_chain_t *in)
{
    if (ngx_http_crm_merge_unknown(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_crm_capture_eat(in);

    return ngx_http_crm_capture_release(ctx, NULL);
}


/* What the backend still sends, when the answer is another one. */
static ngx_int_t
ngx_http_crm_capture_drop(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_crm_capture_eat(in);

    return r->buffered || r->connection->buffered
           ? ngx_http_crm_next_body_filter(r, NULL) : NGX_OK;
}


static void
ngx_http_crm_capture_eat(ngx_chain_t *in)
{
    for ( /* void */ ; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }
}


/* Header and body that were held back, and what follows them. */
static ngx_int_t
ngx_http_crm_capture_release(ngx_http_crm_ctx_t *ctx, ngx_chain_t *rest)
{
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_chain_t          out;
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->released = 1;
    r->buffered &= ~NGX_HTTP_CRM_BUFFERED;

    if (ctx->wait.timer_set) {
        ngx_del_timer(&ctx->wait);
    }

    if (ngx_http_crm_capture_mark(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_crm_next_header_filter(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    out.buf = b;
    out.next = rest;

    b->pos = (u_char *) ctx->answer.data;
    b->last = b->pos + ctx->answer.len;
    b->memory = ctx->answer.len != 0;
    b->last_buf = ctx->last;
    b->last_in_chain = rest == NULL;

    if (!b->memory && !b->last_buf) {
        return rest ? ngx_http_crm_next_body_filter(r, rest) : NGX_OK;
    }

    return ngx_http_crm_next_body_filter(r, &out);
}


/*
 * CRM-Event on every judged answer, and whether it is still to be settled: a
 * success whose actions are not in Redis says so, whoever calls it one.
 */
static ngx_int_t
ngx_http_crm_capture_mark(ngx_http_crm_ctx_t *ctx)
{
    ngx_uint_t        status;
    ngx_table_elt_t  *h;

    status = ctx->request->headers_out.status;

    if (ctx->decorates) {
        return NGX_OK;              /* nobody has judged anything */
    }

    if (ctx->unknown && status >= 200 && status < 300) {
        ctx->pending = 1;
    }

    h = ngx_list_push(&ctx->request->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
    ngx_str_set(&h->key, "CRM-Event");
    h->value = ngx_http_crm_ngx_str(ctx->event_id);

    if (!ctx->pending) {
        return NGX_OK;
    }

    h = ngx_list_push(&ctx->request->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
    ngx_str_set(&h->key, "CRM-Event-State");
    ngx_str_set(&h->value, "pending");

    return NGX_OK;
}
