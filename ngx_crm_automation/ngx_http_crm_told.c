/*
 * Traces that nobody waits for: what a location in shadow would have done, and
 * who was refused, and why. The answer does not depend on them: one that cannot
 * be written is counted, no more.
 */

#include "ngx_http_crm_module.h"


/*
 * Of an organisation each worker process tells a request of many records at
 * once, and then ten refusals a minute: who is refused a million times must not
 * push the traces of others out of the stream, which holds about ten thousand.
 */
#define NGX_HTTP_CRM_TOLD_AT_ONCE   100
#define NGX_HTTP_CRM_TOLD_PAUSE_MS  6000

/* A longer one leaves out what the client wanted to write, which may be as
 * large as a body. */
#define NGX_HTTP_CRM_TOLD_BYTES     4096

/* What one takes while it is written, its command included. */
#define NGX_HTTP_CRM_TOLD_MEMORY    (64 * 1024)


static ngx_uint_t ngx_http_crm_told_room(ngx_http_crm_org_t *org);
static ngx_int_t ngx_http_crm_told_one(ngx_http_crm_ctx_t *ctx,
    const crm_event_t *event);
static crm_status_t ngx_http_crm_told_write(const crm_event_t *event,
    crm_buf_t *buf, crm_trace_t *trace, crm_pool_t *pool);
static void ngx_http_crm_told_handler(void *data, const crm_reply_t *reply);


/* The verdict, and what rules would have done. */
void
ngx_http_crm_told_shadow(ngx_http_crm_ctx_t *ctx, const crm_event_t *event)
{
    crm_buf_t     buf;
    crm_cmd_t    *cmd;
    crm_trace_t   trace;

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "crm decide: shadow, would be %s, rules matched: %uz",
                  event->verdict.kind == CRM_REFUSE_NONE ? "allowed"
                                                         : "refused",
                  event->transform.fired_count);

    ngx_memzero(&trace, sizeof(crm_trace_t));
    trace.shadow = 1;
    trace.duration_us = ctx->eval_us;

    crm_buf_init(&buf, ctx->pool, 0);

    if (crm_event_trace(event, &buf, &trace) != CRM_OK) {
        return;
    }

    cmd = crm_cmd_trace(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                        crm_buf_view(&buf));

    (void) ngx_http_crm_redis_command(ctx->process->redis, cmd, NULL, NULL);
}


/* The records that a guard has refused, each by itself. */
void
ngx_http_crm_told_refused(ngx_http_crm_ctx_t *ctx)
{
    size_t              i;
    const crm_event_t  *event;

    for (i = 0; i < ctx->decoded.count; i++) {
        event = &ctx->items[i].event;

        if (event->verdict.kind == CRM_REFUSE_NONE
            || event->verdict.gate == NULL)
        {
            continue;
        }

        if (!ngx_http_crm_told_room(ctx->org)
            || ngx_http_crm_told_one(ctx, event) != NGX_OK)
        {
            ngx_http_crm_zone_untold(ctx->process->conf);
        }
    }
}


/* Takes the room of one, if there is any. */
static ngx_uint_t
ngx_http_crm_told_room(ngx_http_crm_org_t *org)
{
    ngx_uint_t  n;

    if (org->refusals == 0 && org->refusals_at == 0) {
        org->refusals = NGX_HTTP_CRM_TOLD_AT_ONCE;
        org->refusals_at = ngx_current_msec;
    }

    n = (ngx_current_msec - org->refusals_at) / NGX_HTTP_CRM_TOLD_PAUSE_MS;

    if (n) {
        org->refusals = ngx_min(org->refusals + n, NGX_HTTP_CRM_TOLD_AT_ONCE);
        org->refusals_at += n * NGX_HTTP_CRM_TOLD_PAUSE_MS;
    }

    if (org->refusals == 0) {
        return 0;
    }

    org->refusals--;

    return 1;
}


/* Its memory is not the request's: that may have come to its limit, and the
 * refusal is still to be answered. */
static ngx_int_t
ngx_http_crm_told_one(ngx_http_crm_ctx_t *ctx, const crm_event_t *event)
{
    ngx_int_t     rc;
    crm_buf_t     buf;
    crm_cmd_t    *cmd;
    crm_pool_t   *pool;
    crm_trace_t   trace;

    if (ctx->process->redis == NULL) {
        return NGX_ERROR;
    }

    pool = crm_pool_create(crm_host_malloc(), NGX_HTTP_CRM_TOLD_MEMORY);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&trace, sizeof(crm_trace_t));
    trace.duration_us = ctx->eval_us;
    rc = NGX_ERROR;

    if (ngx_http_crm_told_write(event, &buf, &trace, pool) == CRM_OK) {
        cmd = crm_cmd_trace(pool, ngx_http_crm_str(&ctx->org->name),
                            crm_buf_view(&buf));

        if (ngx_http_crm_redis_command(ctx->process->redis, cmd,
                                       ngx_http_crm_told_handler,
                                       ctx->process->conf))
        {
            rc = NGX_OK;
        }
    }

    crm_pool_destroy(pool);

    return rc;
}


static crm_status_t
ngx_http_crm_told_write(const crm_event_t *event, crm_buf_t *buf,
    crm_trace_t *trace, crm_pool_t *pool)
{
    crm_status_t  rc;

    crm_buf_init(buf, pool, NGX_HTTP_CRM_TOLD_BYTES);
    rc = crm_event_trace(event, buf, trace);

    if (rc != CRM_OK) {
        trace->brief = 1;
        crm_buf_init(buf, pool, NGX_HTTP_CRM_TOLD_BYTES);
        rc = crm_event_trace(event, buf, trace);
    }

    return rc;
}


/* data outlives every request. Full, or lost on its way: it is not told. */
static void
ngx_http_crm_told_handler(void *data, const crm_reply_t *reply)
{
    if (reply == NULL || reply->type != CRM_REPLY_STRING) {
        ngx_http_crm_zone_untold(data);
    }
}
