/*
 * GET /crm_api/processes: which nginx processes run, and with which revision,
 * so that who has applied rules can wait until all have them.
 */

#include "ngx_http_crm_service.h"

#include "base/crm_buf.h"
#include "record/crm_scan.h"


/* The year 9999. */
#define PROCESSES_MAX_TIME_S  253402300799LL


typedef enum {
    PROCESSES_TIME = 0,
    PROCESSES_ALL,
    PROCESSES_FAILED,
    PROCESSES_DONE
} ngx_http_crm_processes_e;


static crm_cmd_t *ngx_http_crm_processes_cmd(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_processes_reply(void *data,
    const crm_reply_t *reply);
static const char *ngx_http_crm_processes_time(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply);
static const char *ngx_http_crm_processes_write(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply);


ngx_int_t
ngx_http_crm_service_processes(ngx_http_crm_ctx_t *ctx)
{
    switch (ctx->call_state) {

    case PROCESSES_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    case PROCESSES_DONE:
        return ngx_http_crm_service_answer(ctx, ctx->called.answer);

    default:
        return ctx->command ? NGX_AGAIN
               : ngx_http_crm_service_send(ctx,
                                           ngx_http_crm_processes_cmd(ctx),
                                           ngx_http_crm_processes_reply, ctx);
    }
}


static crm_cmd_t *
ngx_http_crm_processes_cmd(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t  args[2];

    if (ctx->call_state == PROCESSES_TIME) {
        args[0] = CRM_STR("TIME");
        return crm_cmd_plain(ctx->pool, args, 1);
    }

    args[0] = CRM_STR("HGETALL");
    args[1] = crm_key_processes(ctx->pool, ngx_http_crm_str(&ctx->org->name));

    return args[1].data ? crm_cmd_plain(ctx->pool, args, 2) : NULL;
}


static void
ngx_http_crm_processes_reply(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;

    if (reply == NULL) {
        ctx->failure = "Redis did not answer";

    } else if (ctx->call_state == PROCESSES_TIME) {
        ctx->failure = ngx_http_crm_processes_time(ctx, reply);

    } else {
        ctx->failure = ngx_http_crm_processes_write(ctx, reply);
    }

    if (ctx->failure) {
        ctx->call_state = PROCESSES_FAILED;
    } else {
        ctx->call_state = ctx->call_state == PROCESSES_TIME ? PROCESSES_ALL
                                                            : PROCESSES_DONE;
    }

    ngx_http_crm_request_resume(ctx);
}


/* Of Redis, as the documents have it: [seconds, microseconds]. */
static const char *
ngx_http_crm_processes_time(ngx_http_crm_ctx_t *ctx, const crm_reply_t *reply)
{
    long long    s, us;
    crm_error_t  err;

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 2
        || crm_reply_integer(&s, &reply->elements[0], &err) != CRM_OK
        || crm_reply_integer(&us, &reply->elements[1], &err) != CRM_OK
        || s < 0 || s > PROCESSES_MAX_TIME_S || us < 0 || us >= 1000000)
    {
        return "Redis gave an answer that is none";
    }

    ctx->called.answer = crm_pool_printf(ctx->pool, "%lld",
                                         s * 1000 + us / 1000);

    return ctx->called.answer.data ? NULL : "out of memory";
}


/* [host:pid, doc, ...]; what is no document of a process is left out. */
static const char *
ngx_http_crm_processes_write(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply)
{
    size_t      i, n;
    crm_buf_t   buf;

    if (reply->type != CRM_REPLY_ARRAY) {
        return "Redis gave an answer that is none";
    }

    crm_buf_init(&buf, ctx->pool, 0);
    crm_buf_puts(&buf, "{\"now\":");
    crm_buf_str(&buf, ctx->called.answer);
    crm_buf_puts(&buf, ",\"processes\":{");

    for (i = 0, n = 0; i + 1 < reply->count; i += 2) {
        if (reply->elements[i].type != CRM_REPLY_STRING
            || reply->elements[i + 1].type != CRM_REPLY_STRING
            || !ngx_http_crm_service_object(ctx, reply->elements[i + 1].str))
        {
            continue;
        }

        crm_buf_puts(&buf, n++ ? "," : "");
        crm_buf_json(&buf, reply->elements[i].str);
        crm_buf_putc(&buf, ':');
        crm_buf_str(&buf, reply->elements[i + 1].str);
    }

    crm_buf_puts(&buf, "}}");
    ctx->called.answer = crm_buf_view(&buf);

    return crm_buf_status(&buf) == CRM_OK ? NULL : "out of memory";
}
