/*
 * POST /crm_api/functions/{name}/execute, and the vendor's
 * v8/functions/{name}/actions/execute: a function runs, and what it returns is
 * the answer.
 *
 *     script ask: a job ▶ a worker runs it ▶ GET answer:JOB, again and again
 *
 * The job goes on when nobody waits any more: 504 says that its end is not
 * known, not that there is none.
 */

#include "ngx_http_crm_service.h"

#include "base/crm_limits.h"
#include "queue/crm_job.h"


/* A function has 30 s; what comes before and behind it, the rest. */
#define NGX_HTTP_CRM_EXECUTE_WAIT_MS      35000
#define NGX_HTTP_CRM_EXECUTE_LOOK_MIN_MS  10
#define NGX_HTTP_CRM_EXECUTE_LOOK_MAX_MS  200

typedef struct {
    ngx_uint_t   queued;        /* the job lies in Redis */
    crm_str_t    answer;        /* or empty: there is none yet */
} ngx_http_crm_execute_t;


static ngx_int_t ngx_http_crm_execute_start(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_execute_arguments(ngx_http_crm_ctx_t *ctx,
    crm_span_t *arguments, const crm_function_t *function);
static ngx_int_t ngx_http_crm_execute_refuse(ngx_http_crm_ctx_t *ctx,
    const char *fmt, crm_str_t name);
static crm_str_t ngx_http_crm_execute_text(ngx_http_crm_ctx_t *ctx);
static crm_str_t ngx_http_crm_execute_job(ngx_http_crm_ctx_t *ctx,
    const crm_function_t *function, crm_span_t arguments);
static void ngx_http_crm_execute_asked(void *data, const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_execute_look(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_execute_seen(void *data, const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_execute_late(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_execute_answer(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_execute_good(ngx_http_crm_ctx_t *ctx, crm_buf_t *buf,
    crm_span_t root);
static void ngx_http_crm_execute_bad(ngx_http_crm_ctx_t *ctx, crm_buf_t *buf,
    crm_span_t root);
static crm_str_t ngx_http_crm_execute_raw(crm_span_t root, crm_str_t name);
static void ngx_http_crm_execute_lines(crm_buf_t *buf, crm_str_t log);


/* ctx->api, where it is the vendor's path of one; NGX_ERROR: no memory. The
 * dialect has said that it is a path of the vendor's which writes no record: of
 * those but this one ends so. */
ngx_int_t
ngx_http_crm_service_vendor(ngx_http_crm_ctx_t *ctx)
{
    u_char                   *p, *last, *end;
    crm_str_t                 segments[3];
    ngx_str_t                *uri;
    ngx_http_crm_api_call_t  *call;

    uri = &ctx->request->uri;

    if (ctx->request->method != NGX_HTTP_POST || !ctx->conf->process_api
        || ctx->mode == NGX_HTTP_CRM_SHADOW || ctx->chained
        || !crm_dialect_has(ctx->conf->dialect, CRM_WAY_FUNCTIONS)
        || uri->len < sizeof("/actions/execute") - 1)
    {
        return NGX_OK;
    }

    last = uri->data + uri->len - (sizeof("/actions/execute") - 1);

    if (ngx_memcmp(last, "/actions/execute", sizeof("/actions/execute") - 1)
        != 0)
    {
        return NGX_OK;
    }

    for (p = last; p > uri->data && p[-1] != '/'; p--) { /* void */ }

    end = p;

    if (p == last || (size_t) (end - uri->data) < sizeof("/functions/") - 1
        || ngx_memcmp(end - (sizeof("/functions/") - 1), "/functions/",
                      sizeof("/functions/") - 1) != 0)
    {
        return NGX_OK;
    }

    call = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_crm_api_call_t));
    if (call == NULL) {
        return NGX_ERROR;
    }

    segments[0] = CRM_STR("functions");
    segments[1] = crm_str((char *) p, (size_t) (last - p));
    segments[2] = CRM_STR("execute");

    call->service = ngx_http_crm_service_find(segments, 3);
    call->module = segments[1];
    call->record_id = segments[2];
    call->method = CRM_STR("POST");
    call->vendor = 1;

    ctx->api = call;

    return NGX_OK;
}


ngx_int_t
ngx_http_crm_service_execute(ngx_http_crm_ctx_t *ctx)
{
    ngx_http_crm_execute_t  *e;

    if (ctx->execute == NULL) {
        return ngx_http_crm_execute_start(ctx);
    }

    e = ctx->execute;

    if (ctx->command || ctx->wait.timer_set) {
        return NGX_AGAIN;
    }

    if (ctx->failure) {
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);
    }

    return e->answer.len ? ngx_http_crm_execute_answer(ctx)
                         : ngx_http_crm_execute_look(ctx);
}


static ngx_int_t
ngx_http_crm_execute_start(ngx_http_crm_ctx_t *ctx)
{
    crm_str_t              job;
    ngx_int_t              rc;
    crm_span_t             arguments;
    const crm_function_t  *function;

    function = crm_ruleset_function(ctx->rules, ctx->api->module);

    if (function == NULL || !crm_str_is(ctx->api->record_id, "execute")) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_RELATED,
                   "the rules have no function of that name");
    }

    rc = ngx_http_crm_execute_arguments(ctx, &arguments, function);
    if (rc != NGX_OK) {
        return rc;
    }

    ctx->execute = crm_pool_calloc(ctx->pool, 1,
                                   sizeof(ngx_http_crm_execute_t));
    job = ngx_http_crm_execute_job(ctx, function, arguments);

    if (ctx->execute == NULL || job.data == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (job.len > CRM_MAX_JOB_BYTES) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_SIZE,
                                          "the arguments are too large");
    }

    ctx->failure = NULL;
    ctx->give_up = ngx_current_msec + NGX_HTTP_CRM_EXECUTE_WAIT_MS;
    ctx->pause = NGX_HTTP_CRM_EXECUTE_LOOK_MIN_MS;

    return ngx_http_crm_service_send(ctx,
               crm_cmd_ask(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                           ctx->event_id, job),
               ngx_http_crm_execute_asked, ctx);
}


/* An object of the function's parameters, each of them. */
static ngx_int_t
ngx_http_crm_execute_arguments(ngx_http_crm_ctx_t *ctx, crm_span_t *arguments,
    const crm_function_t *function)
{
    size_t        i, cursor;
    crm_str_t     text;
    crm_scan_t    scan;
    crm_span_t    root, name, value;
    crm_error_t   err;
    crm_status_t  rc;

    text = ngx_http_crm_execute_text(ctx);
    crm_scan_init(&scan, text, &ctx->limits, ctx->pool);

    rc = text.data ? crm_scan_value(&scan, &root, &err) : CRM_ENOMEM;

    if (rc == CRM_ENOMEM) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (rc != CRM_OK || crm_scan_end(&scan, &err) != CRM_OK
        || root.type != CRM_JSON_OBJECT)
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                   "send {\"arguments\":{...}}, a JSON object");
    }

    *arguments = crm_span_member(root, CRM_STR("arguments"));

    if (arguments->type == CRM_JSON_NONE) {
        crm_scan_init(&scan, CRM_STR("{}"), NULL, ctx->pool);
        (void) crm_scan_value(&scan, arguments, &err);
    }

    if (arguments->type != CRM_JSON_OBJECT) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                                          "arguments must be an object");
    }

    for (i = 0; i < function->parameters_count; i++) {
        if (crm_span_member(*arguments, function->parameters[i].name).type
            == CRM_JSON_NONE)
        {
            return ngx_http_crm_execute_refuse(ctx,
                       "the argument \"%.*s\" is missing",
                       function->parameters[i].name);
        }
    }

    cursor = 0;

    while (crm_span_next(*arguments, &cursor, &name, &value)) {
        for (i = 0; i < function->parameters_count; i++) {
            if (crm_span_is(name, function->parameters[i].name)) {
                break;
            }
        }

        if (i == function->parameters_count) {
            return ngx_http_crm_execute_refuse(ctx,
                       "the function has no parameter \"%.*s\"",
                       crm_span_text(name, ctx->pool));
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_execute_refuse(ngx_http_crm_ctx_t *ctx, const char *fmt,
    crm_str_t name)
{
    crm_str_t  text;

    text = crm_pool_printf(ctx->pool, fmt,
                           (int) (name.len < 100 ? name.len : 100),
                           name.data ? name.data : "");

    return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
               text.data ? text.data : "an argument does not fit");
}


/* The body; of the vendor's API also the parameter arguments. Without data: no
 * memory. */
static crm_str_t
ngx_http_crm_execute_text(ngx_http_crm_ctx_t *ctx)
{
    u_char     *src, *dst;
    ngx_str_t   sent;
    crm_str_t   parts[3];

    if (ctx->body.len) {
        return ctx->body;
    }

    if (ctx->api->vendor
        && ngx_http_arg(ctx->request, (u_char *) "arguments", 9, &sent)
           == NGX_OK)
    {
        dst = ngx_pnalloc(ctx->request->pool, sent.len + 1);

        if (dst == NULL) {
            return CRM_STR_NULL;
        }

        parts[1].data = (char *) dst;
        src = sent.data;
        ngx_unescape_uri(&dst, &src, sent.len, 0);
        parts[1].len = (size_t) (dst - (u_char *) parts[1].data);
        parts[0] = CRM_STR("{\"arguments\":");
        parts[2] = CRM_STR("}");

        return crm_pool_concat(ctx->pool, parts, 3);
    }

    return CRM_STR("{}");
}


/* Without data: no memory. */
static crm_str_t
ngx_http_crm_execute_job(ngx_http_crm_ctx_t *ctx,
    const crm_function_t *function, crm_span_t arguments)
{
    crm_buf_t       buf;
    crm_job_head_t  head;

    head.type = "functions";
    head.id = ctx->event_id;
    head.event = ctx->event_id;
    head.org = ngx_http_crm_str(&ctx->org->name);
    head.module = CRM_STR("");
    head.record_id = CRM_STR("");
    head.rule = CRM_STR("");

    crm_buf_init(&buf, ctx->pool, 0);
    crm_job_begin(&buf, &head);
    crm_buf_puts(&buf, ",\"revision\":");
    crm_buf_int(&buf, crm_ruleset_revision(ctx->rules));
    crm_buf_puts(&buf, ",\"action\":{\"name\":");
    crm_buf_json(&buf, function->name);
    crm_buf_puts(&buf, ",\"arguments\":");
    crm_buf_str(&buf, crm_span_raw(arguments));
    crm_buf_puts(&buf, "},\"asked\":true,\"actor\":{\"id\":");
    crm_buf_json(&buf, ctx->actor.id);
    crm_buf_puts(&buf, "},\"chain\":{\"id\":");
    crm_buf_json(&buf, ctx->event_id);
    crm_buf_puts(&buf, ",\"depth\":0,\"fired\":[],\"cascade\":false,"
                       "\"ignore_lock\":false},\"late\":[],\"attempt\":0,"
                       "\"enqueued_at\":");
    crm_buf_int(&buf, ngx_http_crm_now_ms());
    crm_buf_putc(&buf, '}');

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR_NULL;
}


static void
ngx_http_crm_execute_asked(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t      *ctx = data;
    ngx_http_crm_execute_t  *e;

    e = ctx->execute;
    ctx->command = NULL;
    e->queued = reply && reply->type == CRM_REPLY_ARRAY && reply->count == 1
                && reply->elements[0].type == CRM_REPLY_STRING
                && crm_str_is(reply->elements[0].str, "ok");

    if (reply == NULL) {
        ctx->failure = "Redis did not answer: whether the function runs is not"
                       " known";

    } else if (!e->queued) {
        ctx->failure = "Redis did not take the job";
    }

    ngx_http_crm_request_resume(ctx);
}


static ngx_int_t
ngx_http_crm_execute_look(ngx_http_crm_ctx_t *ctx)
{
    if ((ngx_msec_int_t) (ctx->give_up - ngx_current_msec) <= 0) {
        return ngx_http_crm_execute_late(ctx);
    }

    return ngx_http_crm_service_send(ctx,
               crm_cmd_answer(ctx->pool, ngx_http_crm_str(&ctx->org->name),
                              ctx->event_id),
               ngx_http_crm_execute_seen, ctx);
}


/* What is not there yet is looked for again, after a pause. */
static void
ngx_http_crm_execute_seen(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_ctx_t      *ctx = data;
    ngx_http_crm_execute_t  *e;

    e = ctx->execute;
    ctx->command = NULL;

    if (reply && reply->type == CRM_REPLY_STRING && reply->str.len) {
        e->answer = crm_pool_dup(ctx->pool, reply->str);

        if (e->answer.data == NULL) {
            ctx->failure = "out of memory";
        }

    } else {
        ngx_http_crm_request_wait(ctx, ctx->pause);
        ctx->pause = ngx_min(ctx->pause * 2,
                             NGX_HTTP_CRM_EXECUTE_LOOK_MAX_MS);
        return;
    }

    ngx_http_crm_request_resume(ctx);
}


static ngx_int_t
ngx_http_crm_execute_late(ngx_http_crm_ctx_t *ctx)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, ctx->pool, 0);
    crm_buf_puts(&buf, "{\"code\":\"REQUEST_TIMEOUT\","
                       "\"details\":{\"job\":");
    crm_buf_json(&buf, ctx->event_id);
    crm_buf_puts(&buf, "},\"message\":\"the function has not ended in time; it"
                       " goes on, and crmctl function log tells how it ended"
                       "\",\"status\":\"error\"}");

    if (crm_buf_status(&buf) != CRM_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->called.status = NGX_HTTP_GATEWAY_TIME_OUT;
    ctx->called.answer = crm_buf_view(&buf);
    ctx->answered = 1;

    return ngx_http_crm_answer(ctx);
}


static ngx_int_t
ngx_http_crm_execute_answer(ngx_http_crm_ctx_t *ctx)
{
    crm_buf_t                buf;
    crm_scan_t               scan;
    crm_span_t               root;
    crm_error_t              err;
    ngx_http_crm_execute_t  *e;

    e = ctx->execute;
    crm_buf_init(&buf, ctx->pool, 0);
    crm_scan_init(&scan, e->answer, NULL, ctx->pool);

    if (crm_scan_value(&scan, &root, &err) != CRM_OK
        || root.type != CRM_JSON_OBJECT)
    {
        return ngx_http_crm_decide_unavailable(ctx,
                   "Redis gave an answer that is none");
    }

    if (crm_span_is(crm_span_member(root, CRM_STR("status")),
                    CRM_STR("done")))
    {
        ngx_http_crm_execute_good(ctx, &buf, root);
        ctx->called.status = NGX_HTTP_OK;

    } else {
        ngx_http_crm_execute_bad(ctx, &buf, root);
        ctx->called.status = ctx->api->vendor ? NGX_HTTP_BAD_REQUEST : 422;
    }

    if (crm_buf_status(&buf) != CRM_OK) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->called.answer = crm_buf_view(&buf);
    ctx->answered = 1;
    ctx->decision = NGX_HTTP_CRM_ALLOWED;

    return ngx_http_crm_answer(ctx);
}


/* The vendor's output is a text, whatever was returned. */
static void
ngx_http_crm_execute_good(ngx_http_crm_ctx_t *ctx, crm_buf_t *buf,
    crm_span_t root)
{
    crm_span_t  result;

    result = crm_span_member(root, CRM_STR("result"));

    if (!ctx->api->vendor) {
        crm_buf_puts(buf, "{\"result\":");
        crm_buf_str(buf, ngx_http_crm_execute_raw(root, CRM_STR("result")));
        crm_buf_puts(buf, ",\"log\":");
        ngx_http_crm_execute_lines(buf,
            crm_span_text(crm_span_member(root, CRM_STR("log")), ctx->pool));
        crm_buf_putc(buf, '}');
        return;
    }

    crm_buf_puts(buf, "{\"code\":\"success\",\"details\":{\"output\":");

    if (result.type == CRM_JSON_STRING || result.type == CRM_JSON_NULL
        || result.type == CRM_JSON_NONE)
    {
        crm_buf_str(buf, ngx_http_crm_execute_raw(root, CRM_STR("result")));
    } else {
        crm_buf_json(buf, crm_span_raw(result));
    }

    crm_buf_puts(buf, ",\"output_type\":\"string\",\"id\":");
    crm_buf_json(buf, ctx->event_id);
    crm_buf_puts(buf, "},\"message\":\"function executed successfully\"}");
}


static void
ngx_http_crm_execute_bad(ngx_http_crm_ctx_t *ctx, crm_buf_t *buf,
    crm_span_t root)
{
    if (ctx->api->vendor) {
        crm_buf_puts(buf, "{\"code\":\"FUNCTION_FAILED\","
                          "\"details\":{\"line\":");
        crm_buf_str(buf, ngx_http_crm_execute_raw(root, CRM_STR("line")));
        crm_buf_puts(buf, "},\"message\":");
        crm_buf_str(buf, ngx_http_crm_execute_raw(root, CRM_STR("reason")));
        crm_buf_puts(buf, ",\"status\":\"error\"}");
        return;
    }

    crm_buf_puts(buf, "{\"type\":\"about:blank\",\"title\":\"The function"
                      " failed\",\"status\":422,\"detail\":");
    crm_buf_str(buf, ngx_http_crm_execute_raw(root, CRM_STR("reason")));
    crm_buf_puts(buf, ",\"code\":\"FUNCTION_FAILED\",\"line\":");
    crm_buf_str(buf, ngx_http_crm_execute_raw(root, CRM_STR("line")));
    crm_buf_puts(buf, ",\"log\":");
    ngx_http_crm_execute_lines(buf,
        crm_span_text(crm_span_member(root, CRM_STR("log")), ctx->pool));
    crm_buf_putc(buf, '}');
}


/* As it stands there, or null. */
static crm_str_t
ngx_http_crm_execute_raw(crm_span_t root, crm_str_t name)
{
    crm_span_t  member;

    member = crm_span_member(root, name);

    return member.type == CRM_JSON_NONE ? CRM_STR("null")
                                        : crm_span_raw(member);
}


static void
ngx_http_crm_execute_lines(crm_buf_t *buf, crm_str_t log)
{
    size_t       n;
    const char  *end;

    crm_buf_putc(buf, '[');

    for (n = 0; log.data && log.len; n++) {
        end = memchr(log.data, '\n', log.len);
        end = end ? end : log.data + log.len;

        crm_buf_puts(buf, n ? "," : "");
        crm_buf_json(buf, crm_str(log.data, (size_t) (end - log.data)));

        log.len -= (size_t) (end - log.data);
        log.data = end;

        if (log.len) {
            log.data++;
            log.len--;
        }
    }

    crm_buf_putc(buf, ']');
}
