/*
 * Which rules judge: per process, one counted rule set an organisation.
 *
 * Once a second each process tells Redis who it is and asks which revision is
 * current. A new one is fetched, parsed and compiled by a thread, so that the
 * event loop never waits, and then swapped in by one pointer: a request keeps
 * the set that it began with. A bundle that does not compile is reported and
 * the last good one stays.
 *
 *     unknown ──answer──▶ known ──revision──▶ loading ──thread──▶ loaded
 */

#include "ngx_http_crm_module.h"

#include "state/crm_state.h"


/* Organisations named by variables; each costs a poll a second. */
#define NGX_HTTP_CRM_MAX_ORGS  1024

#define NGX_HTTP_CRM_ERROR_LEN  400


/* A bundle on its way through the thread. */
typedef struct {
    ngx_http_crm_org_t  *org;
    ngx_pool_t          *pool;
    char                *text;
    size_t               len;
    long long            revision;
    crm_ruleset_t       *rules;
    char                 error[NGX_HTTP_CRM_ERROR_LEN];
} ngx_http_crm_load_t;


static ngx_int_t ngx_http_crm_rules_find(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_rules_wait(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_rules_misspelt(const ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_rules_wake(ngx_http_crm_org_t *org);
static crm_cmd_t *ngx_http_crm_rules_poll_cmd(ngx_http_crm_org_t *org,
    crm_pool_t *pool);
static void ngx_http_crm_rules_poll_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_rules_listed_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_rules_answer(ngx_http_crm_org_t *org,
    const crm_rules_t *answer);
static ngx_int_t ngx_http_crm_rules_epoch(ngx_http_crm_org_t *org,
    const crm_rules_t *answer);
static void ngx_http_crm_rules_fetch(ngx_http_crm_org_t *org,
    long long revision);
static void ngx_http_crm_rules_fetch_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_rules_compile(void *data, ngx_log_t *log);
static void ngx_http_crm_rules_compiled(ngx_event_t *ev);
static void ngx_http_crm_rules_reject(ngx_http_crm_org_t *org,
    long long revision, const char *error);
static ngx_int_t ngx_http_crm_rules_copy(ngx_str_t *to, crm_str_t from,
    ngx_log_t *log);


/* The organisation of that name, asked about from now on; NULL: too many. */
ngx_http_crm_org_t *
ngx_http_crm_rules_org(ngx_http_crm_process_t *process, ngx_str_t *name)
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
    ngx_queue_init(&org->waiting);

    *slot = org;

    return org;
}


void
ngx_http_crm_rules_free(ngx_http_crm_org_t *org)
{
    crm_ruleset_release(org->rules);
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

    if (!org->known) {
        return ngx_http_crm_rules_wait(ctx);
    }

    if (!org->literal && !org->listed) {
        ctx->org = NULL;
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_ORG,
                   "there is no such organisation");
    }

    if (!org->epoch_ok) {
        return ngx_http_crm_decide_unavailable(ctx,
                   "Redis is not the one that held our state");
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
    ctx->module = crm_ruleset_module(ctx->rules, ctx->route.module);

    if (ctx->module == NULL && ngx_http_crm_rules_misspelt(ctx)) {
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_TARGET,
                   "the module's name has letters in the other case");
    }

    if (ctx->module == NULL
        || !crm_module_concerns(ctx->module, ctx->route.operation))
    {
        return ngx_http_crm_decide_pass(ctx, NGX_HTTP_CRM_PASS);
    }

    return NGX_OK;
}


/* A backend that takes deals for Deals must not be a way around the rules. */
static ngx_uint_t
ngx_http_crm_rules_misspelt(const ngx_http_crm_ctx_t *ctx)
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


/* Says who we are and asks what is current. */
void
ngx_http_crm_rules_poll(ngx_http_crm_org_t *org)
{
    crm_str_t    args[3];
    crm_cmd_t   *cmd;
    crm_pool_t  *pool;

    if (org->polling) {
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    if (!org->literal && !org->listed) {
        args[0] = CRM_STR("SISMEMBER");
        args[1] = CRM_KEY_ORGS;
        args[2] = ngx_http_crm_str(&org->name);
        cmd = crm_cmd_plain(pool, args, 3);

        if (cmd && ngx_http_crm_redis_command(org->process->redis, cmd,
                       ngx_http_crm_rules_listed_handler, org))
        {
            org->polling = 1;
        }

    } else {
        cmd = ngx_http_crm_rules_poll_cmd(org, pool);

        if (cmd && ngx_http_crm_redis_command(org->process->redis, cmd,
                       ngx_http_crm_rules_poll_handler, org))
        {
            org->polling = 1;
        }
    }

    crm_pool_destroy(pool);
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

    ctx->org = ngx_http_crm_rules_org(ctx->process, &name);

    if (ctx->org == NULL) {
        return ngx_http_crm_decide_unavailable(ctx,
                   "too many organisations in one process");
    }

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


static void
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


static crm_cmd_t *
ngx_http_crm_rules_poll_cmd(ngx_http_crm_org_t *org, crm_pool_t *pool)
{
    crm_buf_t  doc;

    crm_buf_init(&doc, pool, 0);
    crm_buf_puts(&doc, "{\"revision\":");
    crm_buf_int(&doc, org->revision);
    crm_buf_puts(&doc, ",\"loaded_at\":");
    crm_buf_int(&doc, org->loaded_at_ms);
    crm_buf_puts(&doc, ",\"rejected\":");

    if (org->rejected) {
        crm_buf_puts(&doc, "{\"revision\":");
        crm_buf_int(&doc, org->rejected);
        crm_buf_puts(&doc, ",\"error\":");
        crm_buf_json(&doc, ngx_http_crm_str(&org->reject_error));
        crm_buf_putc(&doc, '}');

    } else {
        crm_buf_puts(&doc, "null");
    }

    crm_buf_putc(&doc, '}');

    if (crm_buf_status(&doc) != CRM_OK) {
        return NULL;
    }

    return crm_cmd_rules(pool, ngx_http_crm_str(&org->name),
                         ngx_http_crm_str(&org->process->name),
                         crm_buf_view(&doc));
}


static void
ngx_http_crm_rules_poll_handler(void *data, const crm_reply_t *reply)
{
    crm_pool_t          *pool;
    crm_error_t          err;
    crm_rules_t          answer;
    crm_status_t         rc;
    ngx_http_crm_org_t  *org = data;

    org->polling = 0;
    ngx_http_crm_zone_redis_errors(org->process);

    if (reply == NULL) {
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    rc = crm_state_rules(&answer, reply, pool, &err);

    if (rc == CRM_OK) {
        ngx_http_crm_rules_answer(org, &answer);

    } else if (rc == CRM_EINVAL) {
        ngx_log_error(NGX_LOG_ERR, org->process->log, 0,
                      "crm rules: %s", err.text);
    }

    crm_pool_destroy(pool);
}


static void
ngx_http_crm_rules_listed_handler(void *data, const crm_reply_t *reply)
{
    ngx_http_crm_org_t  *org = data;

    org->polling = 0;

    if (reply == NULL || reply->type != CRM_REPLY_INTEGER) {
        return;
    }

    if (reply->integer == 1) {
        org->listed = 1;
        ngx_http_crm_rules_poll(org);
        return;
    }

    org->known = 1;
    ngx_http_crm_rules_wake(org);
}


static void
ngx_http_crm_rules_answer(ngx_http_crm_org_t *org, const crm_rules_t *answer)
{
    org->intents = (ngx_uint_t) answer->intents;
    org->none = answer->revision == 0;

    if (ngx_http_crm_rules_epoch(org, answer) == NGX_OK
        && answer->revision != 0
        && answer->revision != org->revision
        && answer->revision != org->rejected
        && !org->loading)
    {
        ngx_http_crm_rules_fetch(org, answer->revision);
    }

    org->known = 1;

    if (!org->loading) {
        ngx_http_crm_rules_wake(org);
    }
}


/*
 * The first epoch that comes with a revision is the one we trust. Another one
 * later, or none, means that Redis has lost what we entrusted to it.
 */
static ngx_int_t
ngx_http_crm_rules_epoch(ngx_http_crm_org_t *org, const crm_rules_t *answer)
{
    if (org->epoch.len == 0 && answer->revision == 0) {
        return NGX_OK;
    }

    if (org->epoch.len == 0 && answer->epoch.len
        && ngx_http_crm_rules_copy(&org->epoch, answer->epoch,
                                   org->process->log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (org->epoch.len
        && crm_str_eq(ngx_http_crm_str(&org->epoch), answer->epoch))
    {
        if (!org->epoch_ok) {
            ngx_log_error(NGX_LOG_NOTICE, org->process->log, 0,
                          "crm rules: organisation \"%V\" has its epoch back",
                          &org->name);
        }

        org->epoch_ok = 1;
        return NGX_OK;
    }

    if (org->epoch_ok) {
        ngx_log_error(NGX_LOG_ALERT, org->process->log, 0,
                      "crm rules: the epoch of organisation \"%V\" is %s:"
                      " guarded modules are closed", &org->name,
                      answer->epoch.len ? "another" : "missing");
    }

    org->epoch_ok = 0;

    return NGX_DECLINED;
}


static void
ngx_http_crm_rules_fetch(ngx_http_crm_org_t *org, long long revision)
{
    crm_str_t    args[2];
    crm_cmd_t   *cmd;
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    args[0] = CRM_STR("GET");
    args[1] = crm_key_rules(pool, ngx_http_crm_str(&org->name), revision);
    cmd = args[1].data ? crm_cmd_plain(pool, args, 2) : NULL;

    if (cmd && ngx_http_crm_redis_command(org->process->redis, cmd,
                   ngx_http_crm_rules_fetch_handler, org))
    {
        org->loading = revision;
    }

    crm_pool_destroy(pool);
}


static void
ngx_http_crm_rules_fetch_handler(void *data, const crm_reply_t *reply)
{
    long long             revision;
    ngx_pool_t           *pool;
    ngx_thread_task_t    *task;
    ngx_http_crm_org_t   *org = data;
    ngx_http_crm_load_t  *load;

    revision = org->loading;
    org->loading = 0;

    if (reply == NULL) {
        return;
    }

    if (reply->type != CRM_REPLY_STRING) {
        ngx_http_crm_rules_reject(org, revision, "the bundle is not there");
        return;
    }

    pool = ngx_create_pool(1024, org->process->log);
    if (pool == NULL) {
        return;
    }

    task = ngx_thread_task_alloc(pool, sizeof(ngx_http_crm_load_t));
    load = task ? task->ctx : NULL;

    if (load) {
        load->text = ngx_palloc(pool, reply->str.len + 1);
    }

    if (load == NULL || load->text == NULL) {
        ngx_destroy_pool(pool);
        return;
    }

    ngx_memcpy(load->text, reply->str.data, reply->str.len);
    load->len = reply->str.len;
    load->org = org;
    load->pool = pool;
    load->revision = revision;

    task->handler = ngx_http_crm_rules_compile;
    task->event.handler = ngx_http_crm_rules_compiled;
    task->event.data = load;

    org->loading = revision;

    if (ngx_thread_task_post(org->process->conf->thread_pool, task)
        != NGX_OK)
    {
        org->loading = 0;
        ngx_destroy_pool(pool);
    }
}


/* In a thread: touches load alone. */
static void
ngx_http_crm_rules_compile(void *data, ngx_log_t *log)
{
    json_t                *bundle;
    crm_pool_t            *pool;
    json_error_t           err;
    crm_findings_t         findings;
    ngx_http_crm_load_t   *load = data;

    (void) log;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        (void) snprintf(load->error, sizeof(load->error), "out of memory");
        return;
    }

    bundle = json_loadb(load->text, load->len, JSON_REJECT_DUPLICATES, &err);

    if (bundle == NULL) {
        (void) snprintf(load->error, sizeof(load->error),
                        "the bundle is no JSON: %s", err.text);
        crm_pool_destroy(pool);
        return;
    }

    crm_findings_init(&findings, pool);

    load->rules = crm_ruleset_create(bundle, load->revision,
                                     crm_host_malloc(), &findings);

    if (load->rules == NULL) {
        (void) snprintf(load->error, sizeof(load->error), "%s",
                        findings.count ? findings.items[0].message
                                       : "out of memory");
    }

    json_decref(bundle);
    crm_pool_destroy(pool);
}


/* Back on the event loop. */
static void
ngx_http_crm_rules_compiled(ngx_event_t *ev)
{
    ngx_http_crm_org_t   *org;
    ngx_http_crm_load_t  *load = ev->data;

    org = load->org;
    org->loading = 0;

    if (load->rules == NULL) {
        ngx_http_crm_rules_reject(org, load->revision, load->error);

    } else {
        crm_ruleset_release(org->rules);

        org->rules = load->rules;
        org->revision = load->revision;
        org->loaded_at_ms = ngx_http_crm_now_ms();
        org->rejected = 0;
        org->told_none = 0;

        ngx_http_crm_zone_revision(org->process, org->revision);

        ngx_log_error(NGX_LOG_NOTICE, org->process->log, 0,
                      "crm rules: organisation \"%V\" runs revision %L",
                      &org->name, (int64_t) org->revision);
    }

    ngx_destroy_pool(load->pool);

    ngx_http_crm_rules_wake(org);
    ngx_http_crm_rules_poll(org);
}


static void
ngx_http_crm_rules_reject(ngx_http_crm_org_t *org, long long revision,
    const char *error)
{
    ngx_log_error(NGX_LOG_ERR, org->process->log, 0,
                  "crm rules: organisation \"%V\" refuses revision %L and"
                  " keeps %L: %s", &org->name, (int64_t) revision,
                  (int64_t) org->revision, error);

    if (org->reject_error.data) {
        ngx_free(org->reject_error.data);
        ngx_str_null(&org->reject_error);
    }

    org->rejected = revision;
    (void) ngx_http_crm_rules_copy(&org->reject_error, crm_strz(error),
                                   org->process->log);
}


static ngx_int_t
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
