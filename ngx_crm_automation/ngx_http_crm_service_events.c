/*
 * GET /crm_api/events/{event} and events/{module}/{id}[?cursor=]: what the
 * stream of traces tells of an event, or of the last events of a record.
 */

#include "ngx_http_crm_service.h"

#include "state/crm_told.h"


static ngx_int_t ngx_http_crm_events_start(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_events_reply(void *data, const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_events_answer(ngx_http_crm_ctx_t *ctx);


ngx_int_t
ngx_http_crm_service_events(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ctx->told == NULL) {
        rc = ngx_http_crm_events_start(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ctx->command) {
        return NGX_AGAIN;
    }

    if (ctx->failure) {
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);
    }

    if (ctx->told->ended) {
        return ngx_http_crm_events_answer(ctx);
    }

    return ngx_http_crm_service_send(ctx,
               crm_told_cmd(ctx->told, ngx_http_crm_str(&ctx->org->name),
                            ctx->pool),
               ngx_http_crm_events_reply, ctx);
}


static ngx_int_t
ngx_http_crm_events_start(ngx_http_crm_ctx_t *ctx)
{
    ngx_str_t    cursor;
    crm_told_t  *told;

    told = crm_pool_calloc(ctx->pool, 1, sizeof(crm_told_t));
    if (told == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ctx->api->record_id.len) {
        told->module = ctx->api->module;
        told->record_id = ctx->api->record_id;
    } else {
        told->event = ctx->api->module;
    }

    if (ngx_http_arg(ctx->request, (u_char *) "cursor", 6, &cursor)
        == NGX_OK)
    {
        told->last = ngx_http_crm_str(&cursor);

        if (!crm_told_is_place(told->last)) {
            return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                       "cursor= takes what \"next\" of an answer has given");
        }
    }

    ctx->failure = NULL;
    ctx->told = told;

    return NGX_OK;
}


static void
ngx_http_crm_events_reply(void *data, const crm_reply_t *reply)
{
    crm_error_t          err;
    crm_status_t         rc;
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;

    if (reply == NULL) {
        ctx->failure = "Redis did not answer";

    } else {
        rc = crm_told_take(ctx->told, reply, ctx->pool, &err);

        if (rc != CRM_OK) {
            ctx->failure = rc == CRM_ENOMEM ? "out of memory"
                           : "Redis gave an answer that is none";
        }
    }

    ngx_http_crm_request_resume(ctx);
}


static ngx_int_t
ngx_http_crm_events_answer(ngx_http_crm_ctx_t *ctx)
{
    crm_buf_t  buf;

    if (ctx->told->event.len && ctx->told->count == 0) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_RELATED,
                   "nothing is told of that event: its write was refused or is"
                   " not settled, or it is older than the traces that are"
                   " kept");
    }

    crm_buf_init(&buf, ctx->pool, 0);
    crm_told_write(ctx->told, &buf);

    return crm_buf_status(&buf) == CRM_OK
           ? ngx_http_crm_service_answer(ctx, crm_buf_view(&buf))
           : ngx_http_crm_decide_unavailable(ctx, "out of memory");
}
