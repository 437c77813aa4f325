/*
 * Step 1 (request): the conductor. Runs the steps of a write in order, and
 * again from where it stood when what it waited for has come.
 *
 *     rules, body, decode, chain, resolve, assign, begin, before, judge,
 *     prepare, forward ▶ proxy_pass
 *
 * A create needs neither lease nor before-image, so its begin comes behind
 * judge and carries the whole intent, unless it takes turns (see the steps
 * themselves). A step returns NGX_OK (done, go on), NGX_AGAIN (waiting;
 * somebody will resume us), NGX_DECLINED (none of our business, let it pass) or
 * NGX_DONE (answered).
 */

#include "ngx_http_crm_module.h"


typedef ngx_int_t (*ngx_http_crm_step_pt)(ngx_http_crm_ctx_t *ctx);


static ngx_int_t ngx_http_crm_request_judge(ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_request_harmless(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_request_call(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_request_redirected(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_request_reads(ngx_http_request_t *r);
static ngx_http_crm_mode_e ngx_http_crm_request_mode(ngx_http_request_t *r,
    ngx_http_crm_loc_conf_t *conf);
static ngx_http_crm_ctx_t *ngx_http_crm_request_create(ngx_http_request_t *r,
    ngx_http_crm_loc_conf_t *conf);
static ngx_int_t ngx_http_crm_request_run(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_request_body(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_request_body_handler(ngx_http_request_t *r);
static void ngx_http_crm_request_cleanup(void *data);
static void ngx_http_crm_request_wait_handler(ngx_event_t *ev);


/* By ngx_http_crm_step_e. */
static const ngx_http_crm_step_pt  ngx_http_crm_steps[] = {
    ngx_http_crm_rules_step,
    ngx_http_crm_request_body,
    ngx_http_crm_decode_step,
    ngx_http_crm_chain_step,
    ngx_http_crm_resolve_step,
    ngx_http_crm_assign_step,
    ngx_http_crm_state_begin,
    ngx_http_crm_before_step,
    ngx_http_crm_decide_step,
    ngx_http_crm_state_prepare,
    ngx_http_crm_transform_step
};


/*
 * Precontent: behind all that authenticates and limits. A redirect inside
 * nginx (error_page, try_files) comes by again and is told by its context,
 * whatever method it has been given meanwhile.
 */
ngx_int_t
ngx_http_crm_request_handler(ngx_http_request_t *r)
{
    ngx_http_crm_ctx_t  *ctx;

    if (ngx_http_crm_before_is(r)) {
        return ngx_http_crm_before_passes(r) ? NGX_DECLINED
                                             : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (r != r->main || r->post_action) {

        /* reads, ours among them; a write of a subrequest (mirror, a script)
         * or behind the answer (post_action) would go unjudged */

        return ngx_http_crm_request_reads(r)
               || ngx_http_crm_request_mode(r, ngx_http_crm_loc_conf(r))
                  == NGX_HTTP_CRM_OFF
               ? NGX_DECLINED : NGX_HTTP_FORBIDDEN;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_crm_automation_module);

    if (ctx) {
        return ctx->step < NGX_HTTP_CRM_STEP_PROXIED
               ? ngx_http_crm_request_run(ctx) : NGX_DECLINED;
    }

    ctx = ngx_http_crm_request_ctx(r);

    return ctx ? ngx_http_crm_request_redirected(ctx)
               : ngx_http_crm_request_judge(r);
}


/* A request that we see for the first time. */
static ngx_int_t
ngx_http_crm_request_judge(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_crm_ctx_t       *ctx;
    ngx_http_crm_mode_e       mode;
    ngx_http_crm_loc_conf_t  *conf;
    ngx_http_crm_api_call_t  *api;

    conf = ngx_http_crm_loc_conf(r);

    if (conf->api) {
        return NGX_DECLINED;
    }

    api = ngx_http_crm_api_call(r);
    mode = ngx_http_crm_request_mode(r, conf);

    if (api && (mode == NGX_HTTP_CRM_OFF || conf->dialect == NULL
                || conf->org == NULL))
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "crm api: \"%V\" of guarded= is not guarded", &r->uri);

        return NGX_HTTP_NOT_FOUND;
    }

    if (mode == NGX_HTTP_CRM_OFF) {
        return NGX_DECLINED;
    }

    if (conf->dialect == NULL || conf->org == NULL) {

        /* no handler stands here (see ..._guard_check()), files at most */

        return ngx_http_crm_request_reads(r) ? NGX_DECLINED
                                             : NGX_HTTP_NOT_ALLOWED;
    }

    ctx = ngx_http_crm_request_create(r, conf);
    if (ctx == NULL) {

        /* nothing would tell a named location of an error_page that this
         * write has not been judged: none is asked */

        r->error_page = 1;

        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->mode = mode;

    ngx_http_crm_header_read(ctx);

    if (ngx_http_crm_chain_take(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_crm_decode_override(ctx) != NGX_OK) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TARGET,
                   "a header that overrides the method or the record is not"
                   " accepted; send the method and the record's own id");
    }

    ctx->api = api;

    if (api) {
        return ngx_http_crm_request_call(ctx);
    }

    if (ngx_http_crm_api_signed(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->api) {
        return ngx_http_crm_request_call(ctx);
    }

    rc = ngx_http_crm_decode_route(ctx, &ctx->route, &ctx->refusal);

    if (rc == NGX_DECLINED) {

        /* what has been found out by then is no route */

        ngx_memzero(&ctx->route, sizeof(crm_route_t));
        ngx_memzero(&ctx->refusal, sizeof(crm_refusal_t));

        return ngx_http_crm_request_harmless(ctx);
    }

    if (rc != NGX_OK) {
        return rc == NGX_ABORT
               ? NGX_HTTP_INTERNAL_SERVER_ERROR
               : ngx_http_crm_decide_refuse(ctx, ctx->refusal.kind, NULL);
    }

    if (ctx->route.operation == CRM_OP_NONE && ctx->route.call) {

        /* asks: a range of the answer is nothing to us */

    } else if (ngx_http_crm_decode_part(ctx) != NGX_OK) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BODY,
                   "a write is sent whole, without Range or Content-Range");
    }

    return ngx_http_crm_request_run(ctx);
}


/* What writes no record, as the dialect has it. */
static ngx_int_t
ngx_http_crm_request_harmless(ngx_http_crm_ctx_t *ctx)
{
    if (ngx_http_crm_service_vendor(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->api) {
        return ngx_http_crm_request_call(ctx);
    }

    return ctx->conf->decorate && ngx_http_crm_decorate_route(ctx)
           ? ngx_http_crm_request_run(ctx)
           : ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
}


/* By crm_api, which has said of which record it is, if of any. */
static ngx_int_t
ngx_http_crm_request_call(ngx_http_crm_ctx_t *ctx)
{
    crm_route_t  route;

    ngx_memzero(&route, sizeof(crm_route_t));

    if (ctx->api->service) {
        ctx->route = route;
        return ngx_http_crm_request_run(ctx);
    }

    switch (ngx_http_crm_call_route(ctx, &route)) {

    case NGX_OK:
        ctx->route = route;
        return ngx_http_crm_request_run(ctx);

    case NGX_DECLINED:
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_RECORD,
                   "the dialect of the guarded location knows no record of"
                   " that module and id");

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


/*
 * Behind error_page or try_files. A named location keeps method and body: what
 * is proxied there would be the write once more, and nobody would follow its
 * outcome. What was refused, or could not be judged, stays here as well.
 */
static ngx_int_t
ngx_http_crm_request_redirected(ngx_http_crm_ctx_t *ctx)
{
    ngx_uint_t           over;
    ngx_http_request_t  *r;

    r = ctx->request;
    over = r->content_handler == NULL || ngx_http_crm_request_reads(r);

    if (ctx->step == NGX_HTTP_CRM_STEP_PROXIED) {

        if (!over && !ctx->settled
            && (r->upstream == NULL || !r->upstream->request_sent))
        {
            /* judged, and seen by nobody yet: this is the way it goes */

            ngx_http_set_ctx(r, ctx, ngx_http_crm_automation_module);
            return NGX_DECLINED;
        }

        ngx_http_crm_capture_redirected(ctx);

        if (over) {
            return NGX_DECLINED;
        }

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "crm request: a write is not sent twice, event:%*s",
                      ctx->event_id.len, ctx->event_id.data);

        return NGX_HTTP_BAD_GATEWAY;
    }

    if (ctx->step < NGX_HTTP_CRM_STEP_PROXIED) {

        /* an error of ours, as a status */

        ctx->step = NGX_HTTP_CRM_STEP_ENDED;
        ctx->decision = NGX_HTTP_CRM_ERROR;

        if (ctx->begun && !ctx->settled) {
            ngx_http_crm_enqueue_abort(ctx);
        }
    }

    if (over) {
        return NGX_DECLINED;
    }

    return ctx->decision == NGX_HTTP_CRM_PASS
           || ctx->decision == NGX_HTTP_CRM_SHADOWED || ctx->unprotected
           ? ngx_http_crm_request_judge(r) : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_uint_t
ngx_http_crm_request_reads(ngx_http_request_t *r)
{
    return (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS)) != 0;
}


/* The context of r, also behind a redirect that has forgotten it. */
ngx_http_crm_ctx_t *
ngx_http_crm_request_ctx(ngx_http_request_t *r)
{
    ngx_http_crm_ctx_t  *ctx;
    ngx_pool_cleanup_t  *cln;

    ctx = ngx_http_get_module_ctx(r, ngx_http_crm_automation_module);

    if (ctx || (!r->internal && !r->filter_finalize)) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_crm_request_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


/* What ctx waited for has come: on with it, in a fresh turn of the loop. */
void
ngx_http_crm_request_resume(ngx_http_crm_ctx_t *ctx)
{
    ngx_connection_t  *c;

    if (ctx->store_since) {
        ctx->store_ms += ngx_current_msec - ctx->store_since;
        ctx->store_since = 0;
    }

    c = ctx->request->connection;
    ngx_post_event(c->write, &ngx_posted_events);
}


void
ngx_http_crm_request_wait(ngx_http_crm_ctx_t *ctx, ngx_msec_t msec)
{
    ctx->wait.handler = ngx_http_crm_request_wait_handler;
    ctx->wait.data = ctx;
    ctx->wait.log = ctx->request->connection->log;

    ngx_add_timer(&ctx->wait, msec);
}


static ngx_http_crm_mode_e
ngx_http_crm_request_mode(ngx_http_request_t *r,
    ngx_http_crm_loc_conf_t *conf)
{
    ngx_str_t  value;

    if (conf->mode == NULL) {
        return NGX_HTTP_CRM_OFF;
    }

    if (ngx_http_complex_value(r, conf->mode, &value) != NGX_OK) {
        return NGX_HTTP_CRM_ON;
    }

    if (value.len == 3 && ngx_strncmp(value.data, "off", 3) == 0) {
        return NGX_HTTP_CRM_OFF;
    }

    if (value.len == 6 && ngx_strncmp(value.data, "shadow", 6) == 0) {
        return NGX_HTTP_CRM_SHADOW;
    }

    /* a variable that says nothing we know must not open the gate */

    return NGX_HTTP_CRM_ON;
}


static ngx_http_crm_ctx_t *
ngx_http_crm_request_create(ngx_http_request_t *r,
    ngx_http_crm_loc_conf_t *conf)
{
    crm_pool_t                *pool;
    ngx_http_crm_ctx_t        *ctx;
    ngx_pool_cleanup_t        *cln;
    ngx_http_crm_main_conf_t  *mcf;

    mcf = ngx_http_crm_main_conf(r);

    /* of a request: its body, before-image and answer, and what they become */

    pool = ngx_http_crm_request_pool(r, (conf->max_body + conf->max_answer)
                                        * 16 + 16 * 1024 * 1024);
    ctx = pool ? crm_pool_calloc(pool, 1, sizeof(ngx_http_crm_ctx_t)) : NULL;
    if (ctx == NULL) {
        return NULL;
    }

    ctx->pool = pool;

    /* most requests have one record, and many are answered before it is read */

    if (ngx_http_crm_bulk_room(ctx, 1) != NGX_OK) {
        return NULL;
    }

    /* behind the pool's: the last that is added is the first that runs */

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    ctx->request = r;
    ctx->decision = NGX_HTTP_CRM_ERROR;     /* until there is another */
    ctx->conf = conf;
    ctx->process = mcf->process;
    ctx->limits.max_nodes = conf->max_nodes;
    ctx->limits.max_depth = conf->max_depth;

    cln->handler = ngx_http_crm_request_cleanup;
    cln->data = ctx;

    ngx_http_set_ctx(r, ctx, ngx_http_crm_automation_module);

    return ctx;
}


static ngx_int_t
ngx_http_crm_request_run(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    while (ctx->step < NGX_HTTP_CRM_STEP_PROXIED) {
        rc = ngx_http_crm_steps[ctx->step](ctx);

        switch (rc) {

        case NGX_OK:
            ctx->step++;
            continue;

        case NGX_AGAIN:
            if (ctx->body_read) {
                r->read_event_handler = ngx_http_test_reading;
                r->write_event_handler = ngx_http_core_run_phases;
            }

            return NGX_AGAIN;

        case NGX_DECLINED:
            break;

        default: /* NGX_DONE: answered, or an error that nginx answers */
            return rc;
        }

        break;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    return NGX_DECLINED;
}


/* The body must be here before any subrequest and any Redis command. */
static ngx_int_t
ngx_http_crm_request_body(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->body_read) {
        return ngx_http_crm_body_take(ctx);
    }

    if (!ctx->route.unseen
        && r->headers_in.content_length_n > (off_t) ctx->conf->max_body)
    {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_SIZE,
                   "the body is above crm_max_body");
    }

    rc = ngx_http_read_client_request_body(r,
                                          ngx_http_crm_request_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_crm_request_body_handler(ngx_http_request_t *r)
{
    ngx_http_crm_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_crm_automation_module);

    ctx->body_read = 1;
    r->preserve_body = 1;

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


/* The request ends: whatever still points to it must let go. */
static void
ngx_http_crm_request_cleanup(void *data)
{
    ngx_http_request_t  *r;
    ngx_http_crm_ctx_t  *ctx = data;

    ngx_http_crm_redis_forget(ctx->command);
    ctx->command = NULL;

    if (ctx->wait.timer_set) {
        ngx_del_timer(&ctx->wait);
    }

    if (ctx->waiting) {
        ngx_queue_remove(&ctx->queue);
        ctx->waiting = 0;
    }

    ngx_http_crm_enqueue_detach(ctx);

    r = ctx->request;

    if (!ctx->begun || ctx->settled) {
        /* void */

    } else if (ctx->step < NGX_HTTP_CRM_STEP_PROXIED || r->upstream == NULL
               || !r->upstream->request_sent)
    {
        /* died before the backend could see it: nothing is to follow */

        ngx_http_crm_enqueue_abort(ctx);

    } else {
        ngx_http_crm_capture_unknown(ctx, ctx->process->log,
                                     "the request ended before its answer");
    }

    if (ctx->rules) {
        ngx_http_crm_rules_release(ctx->process, ctx->rules);
        ctx->rules = NULL;
    }

    if (ctx->org) {
        ctx->org->requests--;
        ctx->org = NULL;
    }
}


static void
ngx_http_crm_request_wait_handler(ngx_event_t *ev)
{
    ngx_http_crm_ctx_t  *ctx = ev->data;

    ngx_http_crm_request_resume(ctx);
}
