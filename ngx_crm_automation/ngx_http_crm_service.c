/*
 * What crm_api offers beside calls on records: the rules, and what was told of
 * events.
 *
 *     /crm_api/rules ──▶ who? ──▶ {guarded}/crm_api ──▶ may he? ──▶ answer
 *
 * These, too, run in the guarded location: it says whose organisation this is
 * and, without tokens, who acts. A service is a row here and a file of its own,
 * which takes the place of the steps from DECODE on.
 */

#include "ngx_http_crm_service.h"

#include "record/crm_scan.h"
#include "rules/crm_who.h"


static ngx_uint_t ngx_http_crm_service_may(ngx_http_crm_ctx_t *ctx);


/* By the first segment and how many there are. */
static const ngx_http_crm_service_t  ngx_http_crm_services[] = {
    { "rules", 1, "GET, HEAD, PUT",
      NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_PUT,
      CRM_PERMIT_WORKFLOW|CRM_PERMIT_MODULES, 0,
      ngx_http_crm_service_rules },
    { "processes", 1, "GET, HEAD", NGX_HTTP_GET|NGX_HTTP_HEAD,
      CRM_PERMIT_WORKFLOW|CRM_PERMIT_MODULES, 0,
      ngx_http_crm_service_processes },
    { "events", 2, "GET, HEAD", NGX_HTTP_GET|NGX_HTTP_HEAD, 0, 0,
      ngx_http_crm_service_events },
    { "events", 3, "GET, HEAD", NGX_HTTP_GET|NGX_HTTP_HEAD, 0, 0,
      ngx_http_crm_service_events },
    { "functions", 3, "POST", NGX_HTTP_POST, 0, 0,
      ngx_http_crm_service_execute },
    { "users", 3, "GET, HEAD, PUT",
      NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_PUT, 0, 1,
      ngx_http_crm_service_presence },
    { NULL, 0, NULL, 0, 0, 0, NULL }
};


/* NULL: it names none. */
const ngx_http_crm_service_t *
ngx_http_crm_service_find(const crm_str_t *segments, size_t n)
{
    const ngx_http_crm_service_t  *s;

    for (s = ngx_http_crm_services; s->name; s++) {
        if (n == s->segments && crm_str_is(segments[0], s->name)) {
            return s;
        }
    }

    return NULL;
}


/* The methods that it has, and their names. */
ngx_uint_t
ngx_http_crm_service_mask(const ngx_http_crm_service_t *service,
    const char **methods)
{
    *methods = service->methods;

    return service->mask;
}


ngx_uint_t
ngx_http_crm_service_text(const ngx_http_crm_service_t *service)
{
    return service->text;
}


/* Behind the rule set, before the body is read: NGX_OK, or answered. */
ngx_int_t
ngx_http_crm_service_begin(ngx_http_crm_ctx_t *ctx)
{
    if (ctx->api->vendor
        && crm_ruleset_function(ctx->rules, ctx->api->module) == NULL)
    {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    ngx_http_crm_decode_actor(ctx);

    ctx->event_id = ngx_http_crm_event_id(ctx->pool);

    if (ctx->event_id.data == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    return ngx_http_crm_service_may(ctx)
           ? NGX_OK
           : ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_PERMISSION,
                 ctx->api->service->permits
                 ? "this takes a user of the rules whose profile has the"
                   " permission manage_workflow or modules_customization"
                 : "this takes a user whom the rules know");
}


/* Step DECODE, and each time that it waits in it. */
ngx_int_t
ngx_http_crm_service_step(ngx_http_crm_ctx_t *ctx)
{
    return ctx->api->service->run(ctx);
}


static ngx_uint_t
ngx_http_crm_service_may(ngx_http_crm_ctx_t *ctx)
{
    unsigned  permits;

    permits = ctx->api->service->permits;

    if (permits == 0) {
        return crm_who_active(ctx->rules, ctx->actor.id) != NULL;
    }

    return ngx_http_crm_service_permits(ctx) != 0;
}


/* Those of the rights that rules take that who acts has. */
unsigned
ngx_http_crm_service_permits(ngx_http_crm_ctx_t *ctx)
{
    unsigned  has;

    has = 0;

    if (crm_who_may(ctx->rules, ctx->actor.id, CRM_PERMIT_WORKFLOW)) {
        has |= CRM_PERMIT_WORKFLOW;
    }

    if (crm_who_may(ctx->rules, ctx->actor.id, CRM_PERMIT_MODULES)) {
        has |= CRM_PERMIT_MODULES;
    }

    return has;
}


/* NGX_AGAIN: handler will hear of it, with data. */
ngx_int_t
ngx_http_crm_service_send(ngx_http_crm_ctx_t *ctx, crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler, void *data)
{
    if (cmd == NULL || ctx->process == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->store_since = ngx_current_msec;
    ctx->command = ngx_http_crm_redis_command(ctx->process->redis, cmd,
                                              handler, data);

    return ctx->command ? NGX_AGAIN
           : ngx_http_crm_decide_unavailable(ctx, "out of memory");
}


/* 200 with text, JSON that stays until the request ends. */
ngx_int_t
ngx_http_crm_service_answer(ngx_http_crm_ctx_t *ctx, crm_str_t text)
{
    ctx->called.status = NGX_HTTP_OK;
    ctx->called.answer = text;
    ctx->answered = 1;
    ctx->decision = NGX_HTTP_CRM_ALLOWED;

    return ngx_http_crm_answer(ctx);
}


/* Whether doc, of Redis, can stand in an answer: one JSON object. */
ngx_uint_t
ngx_http_crm_service_object(ngx_http_crm_ctx_t *ctx, crm_str_t doc)
{
    crm_scan_t   scan;
    crm_span_t   root;
    crm_error_t  err;

    crm_scan_init(&scan, doc, &ctx->limits, ctx->pool);

    return crm_scan_value(&scan, &root, &err) == CRM_OK
           && crm_scan_end(&scan, &err) == CRM_OK
           && root.type == CRM_JSON_OBJECT;
}
