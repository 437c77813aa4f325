/*
 * GET and PUT /crm_api/users/{id}/presence: whether a user is online, which
 * assignment rules may ask. Users are, until somebody says that they are not.
 */

#include "ngx_http_crm_service.h"

#include "base/crm_buf.h"
#include "rules/crm_who.h"


typedef enum {
    PRESENCE_ASK = 0,
    PRESENCE_FAILED,
    PRESENCE_DONE
} ngx_http_crm_presence_e;


static ngx_int_t ngx_http_crm_presence_ask(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_presence_sent(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t *online);
static crm_cmd_t *ngx_http_crm_presence_cmd(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t sets, ngx_uint_t online);
static ngx_int_t ngx_http_crm_presence_text(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t online);
static void ngx_http_crm_presence_reply(void *data, const crm_reply_t *reply);


ngx_int_t
ngx_http_crm_service_presence(ngx_http_crm_ctx_t *ctx)
{
    switch (ctx->call_state) {

    case PRESENCE_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    case PRESENCE_DONE:
        return ngx_http_crm_service_answer(ctx, ctx->called.answer);

    default:
        return ctx->command ? NGX_AGAIN : ngx_http_crm_presence_ask(ctx);
    }
}


static ngx_int_t
ngx_http_crm_presence_ask(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t   user;
    ngx_int_t   rc;
    ngx_uint_t  sets, online;

    user = ctx->api->module;
    sets = ctx->request->method == NGX_HTTP_PUT;
    online = 1;

    if (!crm_str_is(ctx->api->record_id, "presence")) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ROUTE,
                   "of a user there is the presence: users/{id}/presence");
    }

    if (crm_who_active(ctx->rules, user) == NULL) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_RECORD,
                   "the rules have no active user of that id");
    }

    if (sets && !crm_str_eq(user, ctx->actor.id)
        && ngx_http_crm_service_permits(ctx) == 0)
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_PERMISSION,
                   "the presence of others takes a profile with the permission"
                   " manage_workflow or modules_customization");
    }

    if (sets) {
        rc = ngx_http_crm_presence_sent(ctx, &online);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_crm_service_send(ctx,
               ngx_http_crm_presence_text(ctx, online) == NGX_OK
               ? ngx_http_crm_presence_cmd(ctx, sets, online) : NULL,
               ngx_http_crm_presence_reply, ctx);
}


/* {"online": true}; NGX_OK, or answered. */
static ngx_int_t
ngx_http_crm_presence_sent(ngx_http_crm_ctx_t *ctx, ngx_uint_t *online)
{
    crm_error_t         err;
    crm_record_t        sent;
    crm_status_t        rc;
    const crm_field_t  *field;

    rc = crm_record_parse(&sent, ctx->body, &ctx->limits, ctx->pool, &err);

    if (rc == CRM_ENOMEM) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    field = rc == CRM_OK && sent.count == 1
            ? crm_record_field(&sent, CRM_STR("online")) : NULL;

    if (field == NULL || (field->value.type != CRM_JSON_TRUE
                          && field->value.type != CRM_JSON_FALSE))
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                   "send {\"online\": true} or {\"online\": false}");
    }

    *online = field->value.type == CRM_JSON_TRUE;

    return NGX_OK;
}


static crm_cmd_t *
ngx_http_crm_presence_cmd(ngx_http_crm_ctx_t *ctx, ngx_uint_t sets,
    ngx_uint_t online)
{
    crm_str_t  args[4];

    args[0] = !sets ? CRM_STR("HGET") : online ? CRM_STR("HDEL")
                                               : CRM_STR("HSET");
    args[1] = crm_key_presence(ctx->pool, ngx_http_crm_str(&ctx->org->name));
    args[2] = ctx->api->module;
    args[3] = CRM_STR("0");

    return args[1].data ? crm_cmd_plain(ctx->pool, args,
                                        sets && !online ? 4 : 3) : NULL;
}


static ngx_int_t
ngx_http_crm_presence_text(ngx_http_crm_ctx_t *ctx, ngx_uint_t online)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, ctx->pool, 0);
    crm_buf_puts(&buf, "{\"user\":");
    crm_buf_json(&buf, ctx->api->module);
    crm_buf_puts(&buf, online ? ",\"online\":true}" : ",\"online\":false}");
    ctx->called.answer = crm_buf_view(&buf);

    return crm_buf_status(&buf) == CRM_OK ? NGX_OK : NGX_ERROR;
}


/* A number of who sets it; of who asks "0", or nothing of who is online. */
static void
ngx_http_crm_presence_reply(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;
    ctx->call_state = PRESENCE_DONE;

    if (reply == NULL) {
        ctx->failure = "Redis did not answer";

    } else if (ctx->request->method == NGX_HTTP_PUT
               ? reply->type != CRM_REPLY_INTEGER
               : reply->type != CRM_REPLY_STRING
                 && reply->type != CRM_REPLY_NIL)
    {
        ctx->failure = "Redis gave an answer that is none";

    } else if (reply->type == CRM_REPLY_STRING
               && crm_str_is(reply->str, "0")
               && ngx_http_crm_presence_text(ctx, 0) != NGX_OK)
    {
        ctx->failure = "out of memory";

    } else {
        ctx->failure = NULL;
    }

    if (ctx->failure) {
        ctx->call_state = PRESENCE_FAILED;
    }

    ngx_http_crm_request_resume(ctx);
}
