/*
 * Calls that ask Redis, and are answered with what it says: why a record is as
 * it is, which records wait for an approval.
 */

#include "ngx_http_crm_module.h"

#include "decide/crm_held.h"
#include "transform/crm_call_approvals.h"


/* While the reply is there. NULL, or what failed. */
typedef const char *(*ngx_http_crm_call_write_pt)(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply);


static void ngx_http_crm_call_told(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply, ngx_http_crm_call_write_pt write);
static void ngx_http_crm_call_why_handler(void *data,
    const crm_reply_t *reply);
static const char *ngx_http_crm_call_why_write(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply);
static void ngx_http_crm_call_list_handler(void *data,
    const crm_reply_t *reply);
static const char *ngx_http_crm_call_list_write(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply);


/* Of a record that the CRM has no more, too: what is left of it is told. */
ngx_int_t
ngx_http_crm_call_why(ngx_http_crm_ctx_t *ctx)
{
    crm_cmd_t  *cmd;

    cmd = crm_holds_cmd(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                        ctx->names[0]);

    return ngx_http_crm_call_send(ctx, cmd, ngx_http_crm_call_why_handler);
}


static void
ngx_http_crm_call_why_handler(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_call_told(data, reply, ngx_http_crm_call_why_write);
}


static void
ngx_http_crm_call_told(ngx_http_crm_ctx_t *ctx, const crm_reply_t *reply,
    ngx_http_crm_call_write_pt write)
{
    ctx->command = NULL;
    ctx->failure = reply ? write(ctx, reply) : "Redis did not answer";

    ngx_http_crm_call_heard(ctx);
}


static const char *
ngx_http_crm_call_why_write(ngx_http_crm_ctx_t *ctx, const crm_reply_t *reply)
{
    crm_buf_t           buf;
    crm_held_t          held;
    crm_error_t         err;
    crm_holds_t         holds;
    crm_status_t        rc;
    const crm_write_t  *w;

    rc = crm_holds_parse(&holds, reply, ctx->pool, &err);

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? "out of memory"
               : "Redis gave an answer that is none";
    }

    w = &ctx->items[0].write;
    ngx_memzero(&held, sizeof(crm_held_t));

    held.rules = ctx->rules;
    held.record = ctx->names[0];
    held.user = ctx->actor.id;
    held.dialect = w->dialect;
    held.stored = w->before;
    held.gone = w->before == NULL;
    held.absent_is_null = w->absent_is_null;
    held.holds = &holds;

    crm_buf_init(&buf, ctx->pool, 0);

    if (crm_held_write(&held, &buf, ctx->pool) != CRM_OK) {
        return "out of memory";
    }

    ctx->called.status = NGX_HTTP_OK;
    ctx->called.answer = crm_buf_view(&buf);

    return NULL;
}


ngx_int_t
ngx_http_crm_call_list(ngx_http_crm_ctx_t *ctx)
{
    crm_waits_at_t  at;

    if (ctx->actor.id.len == 0) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_PERMISSION,
                   "nobody is known to ask here; sign in as a user");
    }

    if (crm_call_approvals_at(&at, ctx->call, ctx->pool) != CRM_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    return ngx_http_crm_call_send(ctx,
               crm_waits_cmd(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                             &at),
               ngx_http_crm_call_list_handler);
}


static void
ngx_http_crm_call_list_handler(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_call_told(data, reply, ngx_http_crm_call_list_write);
}


static const char *
ngx_http_crm_call_list_write(ngx_http_crm_ctx_t *ctx, const crm_reply_t *reply)
{
    crm_error_t   err;
    crm_waits_t   waits;
    crm_status_t  rc;

    rc = crm_waits_parse(&waits, reply, ctx->pool, &err);

    if (rc == CRM_OK) {
        rc = crm_call_approvals_answer(&ctx->called, ctx->call, ctx->rules,
                                       ctx->actor, &waits, ctx->pool);
    }

    return rc == CRM_OK ? NULL
           : rc == CRM_ENOMEM ? "out of memory"
           : "Redis gave an answer that is none";
}
