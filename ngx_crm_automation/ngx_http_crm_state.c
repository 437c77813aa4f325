/*
 * Step 3 (state): the lease on the record, what Redis knows of it, how the
 * backend holds it now, and the intent that must be durable before the
 * backend sees the write.
 *
 *     update, delete:  begin (lease) ▶ GET before-image ▶ judge ▶ prepare
 *     create:          judge ▶ begin, the intent in it
 */

#include "ngx_http_crm_module.h"

#include "state/crm_state.h"


/* Between two looks at a lease that another write holds. */
#define NGX_HTTP_CRM_BUSY_MIN_MS  10
#define NGX_HTTP_CRM_BUSY_MAX_MS  100

/* A lease outlives the longest write by this. */
#define NGX_HTTP_CRM_LEASE_GRACE_MS  10000


static ngx_int_t ngx_http_crm_state_send(ngx_http_crm_ctx_t *ctx,
    crm_cmd_t *cmd, ngx_http_crm_reply_pt handler);
static crm_cmd_t *ngx_http_crm_state_begin_cmd(ngx_http_crm_ctx_t *ctx,
    crm_str_t doc);
static void ngx_http_crm_state_begin_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_state_prepare_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_state_peek_handler(void *data,
    const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_state_intent(ngx_http_crm_ctx_t *ctx,
    crm_str_t *doc);
static ngx_int_t ngx_http_crm_state_busy(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_state_get(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_state_get_headers(ngx_http_request_t *r,
    ngx_http_request_t *sr);
static ngx_int_t ngx_http_crm_state_get_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static ngx_int_t ngx_http_crm_state_read(ngx_http_crm_ctx_t *ctx);


/* What a step that waits for Redis is told when it is resumed. */
typedef enum {
    STATE_ASK = 0,
    STATE_WAITING,
    STATE_OK,
    STATE_BUSY,
    STATE_FAILED
} ngx_http_crm_state_e;


/* Headers that a GET of the current record takes along from the write. */
static const char *const  ngx_http_crm_state_headers[] = {
    "host", "authorization", "cookie", "user-agent", "x-forwarded-for",
    "x-real-ip", "x-crm-org", NULL
};


/* A create has no record to lease yet: see ngx_http_crm_state_prepare(). */
ngx_int_t
ngx_http_crm_state_begin(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t   keys[2];
    crm_cmd_t  *cmd;

    if (ctx->route.operation == CRM_OP_CREATE) {
        return NGX_OK;
    }

    switch (ctx->answer_state) {

    case STATE_ASK:
        break;

    case STATE_OK:
        ctx->answer_state = STATE_ASK;
        return NGX_OK;

    case STATE_BUSY:
        return ngx_http_crm_state_busy(ctx);

    case STATE_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    default: /* STATE_WAITING */
        return NGX_AGAIN;
    }

    if (ctx->mode == NGX_HTTP_CRM_SHADOW) {
        keys[0] = CRM_STR("HGETALL");
        keys[1] = crm_key_record(ctx->pool,
                                 ngx_http_crm_str(&ctx->org->name),
                                 ctx->record_name);
        cmd = keys[1].data ? crm_cmd_plain(ctx->pool, keys, 2) : NULL;

        return ngx_http_crm_state_send(ctx, cmd,
                                       ngx_http_crm_state_peek_handler);
    }

    cmd = ngx_http_crm_state_begin_cmd(ctx, CRM_STR_NULL);

    return ngx_http_crm_state_send(ctx, cmd,
                                   ngx_http_crm_state_begin_handler);
}


ngx_int_t
ngx_http_crm_state_before(ngx_http_crm_ctx_t *ctx)
{
    if (ctx->route.operation == CRM_OP_CREATE) {
        return NGX_OK;
    }

    if (ctx->conf->record_source == NGX_HTTP_CRM_SOURCE_NONE) {
        ctx->found = 1;             /* and nothing is known of it */
        return NGX_OK;
    }

    if (ctx->subrequest == NULL) {
        return ngx_http_crm_state_get(ctx);
    }

    if (!ctx->before_done) {
        return NGX_AGAIN;
    }

    return ngx_http_crm_state_read(ctx);
}


/*
 * The intent is complete: with the before-image from the backend it is a
 * script of its own; on a create it is the first that Redis hears.
 */
ngx_int_t
ngx_http_crm_state_prepare(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t           doc;
    crm_cmd_t          *cmd;
    crm_cmd_prepare_t   prepare;

    switch (ctx->answer_state) {

    case STATE_ASK:
        break;

    case STATE_OK:
        return NGX_OK;

    case STATE_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    default: /* STATE_WAITING; a create has nobody to be busy with */
        return NGX_AGAIN;
    }

    if (ngx_http_crm_state_intent(ctx, &doc) != NGX_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ctx->route.operation == CRM_OP_CREATE) {
        cmd = ngx_http_crm_state_begin_cmd(ctx, doc);
        return ngx_http_crm_state_send(ctx, cmd,
                                       ngx_http_crm_state_begin_handler);
    }

    prepare.org = ngx_http_crm_str(&ctx->org->name);
    prepare.event = ctx->event_id;
    prepare.doc = doc;
    prepare.lease_ttl_ms = (long long) ctx->conf->backend_max_time
                           + NGX_HTTP_CRM_LEASE_GRACE_MS;
    prepare.records = &ctx->record_name;
    prepare.n_records = 1;

    cmd = crm_cmd_prepare(ctx->pool, &prepare);

    return ngx_http_crm_state_send(ctx, cmd,
                                   ngx_http_crm_state_prepare_handler);
}


static ngx_int_t
ngx_http_crm_state_send(ngx_http_crm_ctx_t *ctx, crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler)
{
    if (ctx->process == NULL || cmd == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->store_since = ngx_current_msec;
    ctx->command = ngx_http_crm_redis_command(ctx->process->redis, cmd,
                                              handler, ctx);
    if (ctx->command == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (cmd->script) {
        ctx->begun = 1;
    }

    ctx->answer_state = STATE_WAITING;

    return NGX_AGAIN;
}


static crm_cmd_t *
ngx_http_crm_state_begin_cmd(ngx_http_crm_ctx_t *ctx, crm_str_t doc)
{
    crm_cmd_begin_t  begin;

    begin.org = ngx_http_crm_str(&ctx->org->name);
    begin.event = ctx->event_id;
    begin.epoch = ngx_http_crm_str(&ctx->org->epoch);
    begin.lease_ttl_ms = (long long) ctx->conf->backend_max_time
                         + NGX_HTTP_CRM_LEASE_GRACE_MS;
    begin.records = &ctx->record_name;
    begin.n_records = ctx->route.operation == CRM_OP_CREATE ? 0 : 1;
    begin.doc = doc;

    return crm_cmd_begin(ctx->pool, &begin);
}


static void
ngx_http_crm_state_begin_handler(void *data, const crm_reply_t *reply)
{
    crm_error_t          err;
    crm_begin_t          begin;
    crm_status_t         rc;
    ngx_http_crm_ctx_t  *ctx = data;

    /* what Redis never saw needs no abort, which it would not see either */

    if (reply == NULL && !ngx_http_crm_redis_was_sent(ctx->command)) {
        ctx->begun = 0;
    }

    ctx->command = NULL;
    ctx->answer_state = STATE_FAILED;
    ctx->failure = "Redis did not answer";

    if (reply) {
        rc = crm_state_begin(&begin, reply,
                             ctx->route.operation == CRM_OP_CREATE ? 0 : 1,
                             ctx->pool, &err);

        if (rc != CRM_OK) {
            ctx->failure = "Redis gave an answer that is none";
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "crm state: begin: %s", rc == CRM_ENOMEM
                          ? "out of memory" : err.text);

        } else if (begin.status == CRM_BEGIN_OK) {
            ctx->answer_state = STATE_OK;

            if (begin.n_states) {
                ctx->state = begin.states[0];
            }

        } else if (begin.status == CRM_BEGIN_BUSY) {
            ctx->answer_state = STATE_BUSY;
            ctx->begun = 0;

        } else if (begin.status == CRM_BEGIN_EPOCH) {
            ctx->failure = "Redis is not the one that held our state";
            ctx->begun = 0;
            ngx_http_crm_rules_poll(ctx->org);

        } else {
            ctx->failure = "the event has ended already";
        }
    }

    ngx_http_crm_request_resume(ctx);
}


static void
ngx_http_crm_state_prepare_handler(void *data, const crm_reply_t *reply)
{
    crm_error_t            err;
    ngx_http_crm_ctx_t    *ctx = data;
    crm_prepare_status_t   status;

    ctx->command = NULL;
    ctx->answer_state = STATE_FAILED;
    ctx->failure = "Redis did not answer";

    if (reply) {
        if (crm_state_prepare(&status, reply, &err) != CRM_OK) {
            ctx->failure = "Redis gave an answer that is none";
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "crm state: prepare: %s", err.text);

        } else if (status == CRM_PREPARE_OK) {
            ctx->answer_state = STATE_OK;

        } else {
            ctx->failure = "the lease on the record was lost";
        }
    }

    ngx_http_crm_request_resume(ctx);
}


/* In shadow the record's hash is read, and nothing is leased. */
static void
ngx_http_crm_state_peek_handler(void *data, const crm_reply_t *reply)
{
    crm_begin_t          begin;
    crm_error_t          err;
    crm_reply_t          whole, *elements;
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;
    ctx->answer_state = STATE_FAILED;
    ctx->failure = "Redis did not answer";

    if (reply && reply->type == CRM_REPLY_ARRAY) {
        elements = crm_pool_calloc(ctx->pool, reply->count + 2,
                                   sizeof(crm_reply_t));
        if (elements) {
            elements[0].type = CRM_REPLY_STRING;
            elements[0].str = CRM_STR("ok");
            elements[1].type = CRM_REPLY_INTEGER;
            elements[1].integer = (long long) reply->count / 2;
            ngx_memcpy(&elements[2], reply->elements,
                       reply->count * sizeof(crm_reply_t));

            ngx_memzero(&whole, sizeof(crm_reply_t));
            whole.type = CRM_REPLY_ARRAY;
            whole.count = reply->count + 2;
            whole.elements = elements;

            if (crm_state_begin(&begin, &whole, 1, ctx->pool, &err)
                == CRM_OK)
            {
                ctx->state = begin.states[0];
                ctx->answer_state = STATE_OK;
            }
        }
    }

    ngx_http_crm_request_resume(ctx);
}


static ngx_int_t
ngx_http_crm_state_intent(ngx_http_crm_ctx_t *ctx, crm_str_t *doc)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, ctx->pool, 0);

    if (crm_event_intent(&ctx->event, &buf) != CRM_OK) {
        return NGX_ERROR;
    }

    *doc = crm_buf_view(&buf);

    return NGX_OK;
}


/* Another write holds the record: look again, for crm_lease_wait at most. */
static ngx_int_t
ngx_http_crm_state_busy(ngx_http_crm_ctx_t *ctx)
{
    ngx_msec_int_t  left;

    if (ctx->give_up == 0) {
        ctx->give_up = ngx_current_msec + ctx->conf->lease_wait;
        ctx->pause = NGX_HTTP_CRM_BUSY_MIN_MS;
    }

    left = (ngx_msec_int_t) (ctx->give_up - ngx_current_msec);

    if (left <= 0) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
                   "another write of this record is under way; try again");
    }

    ctx->answer_state = STATE_ASK;
    ngx_http_crm_request_wait(ctx, ngx_min(ctx->pause, (ngx_msec_t) left));
    ctx->pause = ngx_min(ctx->pause * 2, NGX_HTTP_CRM_BUSY_MAX_MS);

    return NGX_AGAIN;
}


/* GET the record as it is, by way of crm_record_location. */
static ngx_int_t
ngx_http_crm_state_get(ngx_http_crm_ctx_t *ctx)
{
    u_char                      *p;
    ngx_str_t                    uri;
    ngx_http_request_t          *r, *sr;
    ngx_http_post_subrequest_t  *ps;

    r = ctx->request;

    uri.len = ctx->conf->record_location.len + ctx->conf->prefix.len
              + ctx->route.get_path.len;
    uri.data = ngx_pnalloc(r->pool, uri.len);
    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));

    if (uri.data == NULL || ps == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_cpymem(uri.data, ctx->conf->record_location.data,
                   ctx->conf->record_location.len);
    p = ngx_cpymem(p, ctx->conf->prefix.data, ctx->conf->prefix.len);
    ngx_memcpy(p, ctx->route.get_path.data, ctx->route.get_path.len);

    ps->handler = ngx_http_crm_state_get_done;
    ps->data = ctx;

    crm_buf_init(&ctx->before_body, ctx->pool, ctx->conf->max_answer);

    if (ngx_http_subrequest(r, &uri, NULL, &sr, ps,
                            NGX_HTTP_SUBREQUEST_IN_MEMORY
                            |NGX_HTTP_SUBREQUEST_WAITED)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->subrequest = sr;

    /* the write's own body must not go along */

    sr->request_body = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));

    if (sr->request_body == NULL
        || ngx_http_crm_state_get_headers(r, sr) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_AGAIN;
}


/*
 * A list of its own: conditions, ranges and encodings of the write would make
 * the answer something else than the record.
 */
static ngx_int_t
ngx_http_crm_state_get_headers(ngx_http_request_t *r, ngx_http_request_t *sr)
{
    size_t            k;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *to;

    if (ngx_list_init(&sr->headers_in.headers, r->pool, 8,
                      sizeof(ngx_table_elt_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    sr->headers_in.content_length = NULL;
    sr->headers_in.content_length_n = -1;
    sr->headers_in.chunked = 0;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            for (k = 0; ngx_http_crm_state_headers[k]; k++) {
                if (ngx_strlen(ngx_http_crm_state_headers[k]) == h[i].key.len
                    && ngx_strncasecmp(h[i].key.data,
                                   (u_char *) ngx_http_crm_state_headers[k],
                                   h[i].key.len) == 0)
                {
                    to = ngx_list_push(&sr->headers_in.headers);
                    if (to == NULL) {
                        return NGX_ERROR;
                    }

                    *to = h[i];
                }
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_state_get_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_crm_ctx_t  *ctx = data;

    if (ctx->before_done) {
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
ngx_http_crm_state_read(ngx_http_crm_ctx_t *ctx)
{
    if (ctx->before_overflow) {
        return ngx_http_crm_decide_unavailable(ctx,
                   "the current record is above crm_max_answer");
    }

    if (crm_buf_status(&ctx->before_body) == CRM_ENOMEM) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    switch (crm_dialect_read(ctx->conf->dialect, &ctx->before,
                             (unsigned) ctx->before_status,
                             crm_buf_view(&ctx->before_body), &ctx->limits,
                             ctx->pool))
    {
    case CRM_OK:
        ctx->found = 1;
        return NGX_OK;

    case CRM_DECLINED:
        return NGX_OK;

    default:
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "crm state: before-image, status:%ui bytes:%uz",
                      ctx->before_status, ctx->before_body.len);

        return ngx_http_crm_decide_unavailable(ctx,
                   "the current record could not be read");
    }
}


/* Is r the GET of a before-image? Also behind a redirect of its own. */
ngx_uint_t
ngx_http_crm_state_is_before(ngx_http_request_t *r)
{
    return r != r->main && r->post_subrequest
           && r->post_subrequest->handler == ngx_http_crm_state_get_done;
}


/* No length: else nginx would set aside memory for it. */
ngx_int_t
ngx_http_crm_state_before_header(ngx_http_request_t *r)
{
    r->filter_need_in_memory = 1;
    ngx_http_clear_content_length(r);

    return NGX_OK;
}


/*
 * Taken here, in front of nginx's own collector, which answers too large a
 * body by dropping the client.
 */
ngx_int_t
ngx_http_crm_state_before_body(ngx_http_request_t *r, ngx_chain_t *in)
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
