/*
 * Which rules judge: per process, one counted rule set an organisation. A
 * request keeps the set that it began with; ngx_http_crm_rules_poll.c and
 * ngx_http_crm_rules_load.c replace it behind its back.
 */

#include "ngx_http_crm_rules.h"


/* Organisations named by variables; each costs a poll a second. */
#define NGX_HTTP_CRM_MAX_ORGS  1024


static ngx_int_t ngx_http_crm_rules_find(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_rules_concern(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_rules_foreign(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_rules_wait(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_rules_is_misspelt(
    const ngx_http_crm_ctx_t *ctx);


/* The organisation of that name, asked about from now on; NULL: too many.
 * literal: the configuration names it. */
ngx_http_crm_org_t *
ngx_http_crm_rules_org(ngx_http_crm_process_t *process, ngx_str_t *name,
    ngx_uint_t literal)
{
    ngx_uint_t            i;
    ngx_http_crm_org_t  **orgs, **slot, *org;

    orgs = process->orgs.elts;

    for (i = 0; i < process->orgs.nelts; i++) {
        if (orgs[i]->name.len == name->len
            && ngx_memcmp(orgs[i]->name.data, name->data, name->len) == 0)
        {
            return orgs[i];
        }
    }

    if (process->orgs.nelts == NGX_HTTP_CRM_MAX_ORGS) {
        return NULL;
    }

    org = ngx_calloc(sizeof(ngx_http_crm_org_t), process->log);
    if (org == NULL) {
        return NULL;
    }

    slot = ngx_array_push(&process->orgs);

    if (slot == NULL
        || ngx_http_crm_rules_copy(&org->name, ngx_http_crm_str(name),
                                   process->log) != NGX_OK)
    {
        if (slot) {
            process->orgs.nelts--;
        }
        ngx_free(org);
        return NULL;
    }

    org->process = process;
    org->epoch_ok = 1;
    org->literal = literal;
    ngx_queue_init(&org->waiting);

    *slot = org;

    ngx_http_crm_saved_read(org);

    return org;
}


void
ngx_http_crm_rules_free(ngx_http_crm_org_t *org)
{
    /* of tasks whose threads have ended, and nobody takes the result */

    ngx_http_crm_load_free(org->fetch);
    ngx_http_crm_load_free(org->load);
    ngx_http_crm_load_free(org->save);

    ngx_http_crm_rules_release(org->process, org->rules);
    ngx_http_crm_rules_release(org->process, org->saved);
    ngx_free(org->name.data);

    if (org->epoch.data) {
        ngx_free(org->epoch.data);
    }

    if (org->reject_error.data) {
        ngx_free(org->reject_error.data);
    }

    ngx_free(org);
}


/* The step: a rule set for this request, and whether it concerns it at all. */
ngx_int_t
ngx_http_crm_rules_step(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_crm_org_t  *org;

    if (ctx->waiting) {
        ngx_queue_remove(&ctx->queue);
        ctx->waiting = 0;
    }

    if (ctx->org == NULL) {
        rc = ngx_http_crm_rules_find(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    org = ctx->org;

    if (ctx->decorates) {
        return ngx_http_crm_decorate_rules(ctx);
    }

    if (!org->known) {
        return ngx_http_crm_rules_wait(ctx);
    }

    if (!org->literal && !org->listed && !org->from_file) {
        org->requests--;
        ctx->org = NULL;

        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ORG,
                   "there is no such organisation");
    }

    if (!org->epoch_ok && (org->rules == NULL || ctx->api)) {
        return ngx_http_crm_rules_foreign(ctx);
    }

    if (org->rules == NULL && !org->none) {

        /* there are rules, but none could be loaded yet */

        return ngx_http_crm_rules_wait(ctx);
    }

    if (ctx->wait.timer_set) {
        ngx_del_timer(&ctx->wait);
    }

    if (org->rules == NULL) {
        if (!org->told_none) {
            org->told_none = 1;
            ngx_log_error(NGX_LOG_WARN, ctx->process->log, 0,
                          "crm rules: organisation \"%V\" has no rules,"
                          " writes pass; apply some with crmctl", &org->name);
        }

        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    ctx->give_up = 0;
    crm_ruleset_retain(org->rules);
    ctx->rules = org->rules;

    rc = ngx_http_crm_rules_concern(ctx);

    return rc == NGX_OK && !org->epoch_ok ? ngx_http_crm_rules_foreign(ctx)
                                          : rc;
}


/* NGX_OK: on with it, for it takes what Redis knows. */
static ngx_int_t
ngx_http_crm_rules_concern(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ctx->api && ctx->api->service) {
        return ngx_http_crm_service_begin(ctx);
    }

    if (ctx->route.module.len) {
        ctx->module = crm_ruleset_module(ctx->rules, ctx->route.module);
    }

    if (ctx->route.call) {
        rc = ngx_http_crm_call_rules(ctx);
        if (rc != NGX_OK || ctx->call) {
            return rc;
        }
    }

    if (ctx->module == NULL && ctx->route.module.len) {
        rc = ngx_http_crm_rules_misspelt(ctx);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ctx->route.operation == CRM_OP_ACTION) {
        return ngx_http_crm_action_rules(ctx);
    }

    if (ctx->chained) {

        /* followed to its end, rules or not: ngx_http_crm_chain.c */

        if (ctx->module == NULL) {
            ctx->module = crm_module_none(ctx->route.module, ctx->pool);
        }

        return ctx->module ? NGX_OK
               : ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ctx->route.module.len == 0) {
        return NGX_OK;              /* the records say: ..._bulk_module() */
    }

    if (ctx->module == NULL
        || (ctx->route.resolve && !ngx_http_crm_resolve_concerns(ctx->module))
        || (ctx->route.operation != CRM_OP_NONE
            && !crm_module_concerns(ctx->module, ctx->route.operation)))
    {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_rules_foreign(ngx_http_crm_ctx_t *ctx)
{
    return ngx_http_crm_decide_unavailable(ctx,
               "Redis is not the one that held our state");
}


/* A backend that takes deals for Deals must not be a way around the rules. */
ngx_int_t
ngx_http_crm_rules_misspelt(ngx_http_crm_ctx_t *ctx)
{
    return ngx_http_crm_rules_is_misspelt(ctx)
           ? ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TARGET,
                 "the module's name has letters in the other case")
           : NGX_OK;
}


static ngx_uint_t
ngx_http_crm_rules_is_misspelt(const ngx_http_crm_ctx_t *ctx)
{
    size_t  i;

    for (i = 0; i < crm_ruleset_modules(ctx->rules); i++) {
        if (crm_str_caseeq(crm_ruleset_module_at(ctx->rules, i)->name,
                           ctx->route.module))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_crm_rules_find(ngx_http_crm_ctx_t *ctx)
{
    ngx_str_t  name;

    ngx_str_null(&name);

    if (ctx->process == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    if (ngx_http_complex_value(ctx->request, ctx->conf->org, &name) != NGX_OK
        || !crm_org_valid(ngx_http_crm_str(&name)))
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ORG,
                   "there is no such organisation");
    }

    ctx->org = ngx_http_crm_rules_org(ctx->process, &name, 0);

    if (ctx->org == NULL) {
        return ngx_http_crm_decide_unavailable(ctx,
                   "too many organisations in one process");
    }

    ctx->org->requests++;

    if (!ctx->org->known) {
        ngx_http_crm_rules_poll(ctx->org);
    }

    return NGX_OK;
}


/* For the first answer or the first rule set, crm_rules_wait at most. */
static ngx_int_t
ngx_http_crm_rules_wait(ngx_http_crm_ctx_t *ctx)
{
    ngx_msec_int_t  left;

    if (ctx->give_up == 0) {
        ctx->give_up = ngx_current_msec + ctx->conf->rules_wait;
    }

    left = (ngx_msec_int_t) (ctx->give_up - ngx_current_msec);

    if (left <= 0) {
        return ngx_http_crm_decide_unavailable(ctx,
                   "no rule set could be loaded yet");
    }

    ngx_queue_insert_tail(&ctx->org->waiting, &ctx->queue);
    ctx->waiting = 1;

    if (!ctx->wait.timer_set) {
        ngx_http_crm_request_wait(ctx, (ngx_msec_t) left);
    }

    if (!ctx->body_read) {
        ctx->request->read_event_handler = ngx_http_block_reading;
        ctx->request->write_event_handler = ngx_http_core_run_phases;
    }

    return NGX_AGAIN;
}


void
ngx_http_crm_rules_wake(ngx_http_crm_org_t *org)
{
    ngx_queue_t         *q;
    ngx_http_crm_ctx_t  *ctx;

    for (q = ngx_queue_head(&org->waiting);
         q != ngx_queue_sentinel(&org->waiting);
         q = ngx_queue_next(q))
    {
        ctx = ngx_queue_data(q, ngx_http_crm_ctx_t, queue);
        ngx_http_crm_request_resume(ctx);
    }
}


ngx_int_t
ngx_http_crm_rules_copy(ngx_str_t *to, crm_str_t from, ngx_log_t *log)
{
    to->data = ngx_alloc(from.len + 1, log);
    if (to->data == NULL) {
        to->len = 0;
        return NGX_ERROR;
    }

    ngx_memcpy(to->data, from.data, from.len);
    to->data[from.len] = '\0';
    to->len = from.len;

    return NGX_OK;
}
