/*
 * $crm_decision and the others, for logs and headers.
 */

#include "ngx_http_crm_module.h"


typedef enum {
    VARIABLE_DECISION = 0,
    VARIABLE_RULE,
    VARIABLE_RULES_MATCHED,
    VARIABLE_REVISION,
    VARIABLE_EVENT_ID,
    VARIABLE_MODULE,
    VARIABLE_RECORD_ID,
    VARIABLE_OPERATION,
    VARIABLE_EVAL_TIME,
    VARIABLE_STORE_TIME
} ngx_http_crm_variable_e;


static ngx_int_t ngx_http_crm_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static crm_str_t ngx_http_crm_variable_rule(const ngx_http_crm_ctx_t *ctx);
static size_t ngx_http_crm_variable_fired(const ngx_http_crm_ctx_t *ctx);
static crm_str_t ngx_http_crm_variable_record(const ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_variable_printf(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, const char *fmt, ...);
static void ngx_http_crm_variable_text(ngx_http_variable_value_t *v,
    crm_str_t s);


#define NGX_HTTP_CRM_VARIABLE(name, which)                                    \
    { ngx_string(name), NULL, ngx_http_crm_variable, which,                   \
      NGX_HTTP_VAR_NOCACHEABLE, 0 }

static ngx_http_variable_t  ngx_http_crm_variables[] = {
    NGX_HTTP_CRM_VARIABLE("crm_decision", VARIABLE_DECISION),
    NGX_HTTP_CRM_VARIABLE("crm_rule", VARIABLE_RULE),
    NGX_HTTP_CRM_VARIABLE("crm_rules_matched", VARIABLE_RULES_MATCHED),
    NGX_HTTP_CRM_VARIABLE("crm_revision", VARIABLE_REVISION),
    NGX_HTTP_CRM_VARIABLE("crm_event_id", VARIABLE_EVENT_ID),
    NGX_HTTP_CRM_VARIABLE("crm_module", VARIABLE_MODULE),
    NGX_HTTP_CRM_VARIABLE("crm_record_id", VARIABLE_RECORD_ID),
    NGX_HTTP_CRM_VARIABLE("crm_operation", VARIABLE_OPERATION),
    NGX_HTTP_CRM_VARIABLE("crm_eval_time", VARIABLE_EVAL_TIME),
    NGX_HTTP_CRM_VARIABLE("crm_store_time", VARIABLE_STORE_TIME),
      ngx_http_null_variable
};


const char *
ngx_http_crm_decision_name(ngx_uint_t decision)
{
    static const char *const  names[] = {
        "pass", "allowed", "refused_lock", "refused_approval",
        "refused_blueprint", "refused_validation", "refused_request",
        "shadow", "error"
    };

    return names[decision];
}


ngx_int_t
ngx_http_crm_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_crm_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_crm_ctx_t  *ctx;

    ctx = ngx_http_crm_request_ctx(r->main);

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case VARIABLE_DECISION:
        ngx_http_crm_variable_text(v,
            crm_strz(ngx_http_crm_decision_name(ctx->decision)));
        return NGX_OK;

    case VARIABLE_RULE:
        ngx_http_crm_variable_text(v, ngx_http_crm_variable_rule(ctx));
        return NGX_OK;

    case VARIABLE_RULES_MATCHED:
        return ngx_http_crm_variable_printf(r, v, "%uz",
                                        ngx_http_crm_variable_fired(ctx));

    case VARIABLE_REVISION:
        if (ctx->rules == NULL) {
            v->not_found = 1;
            return NGX_OK;
        }

        return ngx_http_crm_variable_printf(r, v, "%L",
                                (int64_t) crm_ruleset_revision(ctx->rules));

    case VARIABLE_EVENT_ID:
        ngx_http_crm_variable_text(v, ctx->event_id);
        return NGX_OK;

    case VARIABLE_MODULE:
        ngx_http_crm_variable_text(v, ctx->route.module);
        return NGX_OK;

    case VARIABLE_RECORD_ID:
        ngx_http_crm_variable_text(v, ngx_http_crm_variable_record(ctx));
        return NGX_OK;

    case VARIABLE_OPERATION:
        if (ctx->route.operation == CRM_OP_NONE && !ctx->route.action.len) {
            v->not_found = 1;
            return NGX_OK;
        }

        ngx_http_crm_variable_text(v, ctx->route.action.len
            ? ctx->route.action
            : crm_strz(crm_operation_name(ctx->route.operation)));
        return NGX_OK;

    case VARIABLE_STORE_TIME:
        return ngx_http_crm_variable_printf(r, v, "%M.%03M",
                                            ctx->store_ms / 1000,
                                            ctx->store_ms % 1000);

    default: /* VARIABLE_EVAL_TIME: seconds, too short for milliseconds */
        return ngx_http_crm_variable_printf(r, v, "%L.%06L",
                                      (int64_t) (ctx->eval_us / 1000000),
                                      (int64_t) (ctx->eval_us % 1000000));
    }
}


/* The rule that refused the first of its records that was refused. */
static crm_str_t
ngx_http_crm_variable_rule(const ngx_http_crm_ctx_t *ctx)
{
    size_t  i;

    for (i = 0; i < ctx->decoded.count; i++) {
        if (ctx->items[i].event.verdict.kind != CRM_REFUSE_NONE) {
            return ctx->items[i].event.verdict.rule;
        }
    }

    return CRM_STR_NULL;
}


static size_t
ngx_http_crm_variable_fired(const ngx_http_crm_ctx_t *ctx)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < ctx->decoded.count; i++) {
        n += ctx->items[i].event.transform.fired_count;
    }

    return n;
}


/* One of several is none of them. */
static crm_str_t
ngx_http_crm_variable_record(const ngx_http_crm_ctx_t *ctx)
{
    if (ctx->decoded.count > 1) {
        return CRM_STR_NULL;
    }

    if (ctx->items[0].event.record_id.len) {
        return ctx->items[0].event.record_id;
    }

    return ctx->decoded.count ? ctx->decoded.items[0].record_id
                              : ctx->route.record_id;
}


static ngx_int_t
ngx_http_crm_variable_printf(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    p = ngx_pnalloc(r->pool, 2 * NGX_INT64_LEN + 2);
    if (p == NULL) {
        return NGX_ERROR;
    }

    va_start(args, fmt);
    v->len = (unsigned) (ngx_vslprintf(p, p + 2 * NGX_INT64_LEN + 2, fmt,
                                       args) - p);
    va_end(args);

    v->data = p;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static void
ngx_http_crm_variable_text(ngx_http_variable_value_t *v, crm_str_t s)
{
    if (s.len == 0) {
        v->not_found = 1;
        return;
    }

    v->data = (u_char *) s.data;
    v->len = (unsigned) s.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
}
