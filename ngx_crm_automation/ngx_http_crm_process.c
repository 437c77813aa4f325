/*
 * What there is one of in each worker process: the connection to Redis, the
 * organisations, and the clock that polls them.
 *
 *     init ▶ (read the state file ▶) poll ▶ poll a second later ▶ … ▶ exit
 */

#include "ngx_http_crm_rules.h"


#define NGX_HTTP_CRM_POLL_MS  1000


static ngx_http_crm_process_t *ngx_http_crm_process_create(
    ngx_http_crm_main_conf_t *conf, ngx_cycle_t *cycle);
static ngx_int_t ngx_http_crm_process_name(ngx_http_crm_process_t *process);
static void ngx_http_crm_process_poll(ngx_event_t *ev);


/* In the master process, whose errors are seen where nginx is started. */
ngx_int_t
ngx_http_crm_process_prepare(ngx_cycle_t *cycle)
{
    ngx_http_crm_main_conf_t  *conf;

    if (ngx_get_conf(cycle->conf_ctx, ngx_http_module) == NULL) {
        return NGX_OK;
    }

    conf = ngx_http_cycle_get_module_main_conf(cycle,
                                            ngx_http_crm_automation_module);

    if (conf == NULL || conf->state_file.len == 0) {
        return NGX_OK;
    }

    return ngx_http_crm_file_prepare(cycle, &conf->state_file);
}


ngx_int_t
ngx_http_crm_process_init(ngx_cycle_t *cycle)
{
    ngx_http_crm_main_conf_t  *conf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    if (ngx_get_conf(cycle->conf_ctx, ngx_http_module) == NULL) {
        return NGX_OK;
    }

    conf = ngx_http_cycle_get_module_main_conf(cycle,
                                            ngx_http_crm_automation_module);

    if (conf == NULL || !conf->redis_set) {
        return NGX_OK;
    }

    conf->process = ngx_http_crm_process_create(conf, cycle);

    return conf->process ? NGX_OK : NGX_ERROR;
}


/* Before nginx looks for sockets that were left open. */
void
ngx_http_crm_process_exit(ngx_cycle_t *cycle)
{
    ngx_uint_t                 i;
    ngx_http_crm_org_t       **orgs;
    ngx_http_crm_process_t    *process;
    ngx_http_crm_main_conf_t  *conf;

    if (ngx_get_conf(cycle->conf_ctx, ngx_http_module) == NULL) {
        return;
    }

    conf = ngx_http_cycle_get_module_main_conf(cycle,
                                            ngx_http_crm_automation_module);

    if (conf == NULL || conf->process == NULL) {
        return;
    }

    process = conf->process;
    conf->process = NULL;

    if (process->poll.timer_set) {
        ngx_del_timer(&process->poll);
    }

    ngx_http_crm_redis_destroy(process->redis);
    process->redis = NULL;

    ngx_http_crm_zone_leave(process);

    orgs = process->orgs.elts;

    for (i = 0; i < process->orgs.nelts; i++) {
        ngx_http_crm_rules_free(orgs[i]);
    }

    ngx_http_crm_pool_trim();
}


static ngx_http_crm_process_t *
ngx_http_crm_process_create(ngx_http_crm_main_conf_t *conf,
    ngx_cycle_t *cycle)
{
    ngx_str_t               *names;
    ngx_uint_t               i;
    ngx_http_crm_process_t  *process;

    process = ngx_pcalloc(cycle->pool, sizeof(ngx_http_crm_process_t));
    if (process == NULL) {
        return NULL;
    }

    process->conf = conf;
    process->log = cycle->log;
    process->pool = cycle->pool;

    if (ngx_array_init(&process->orgs, cycle->pool, 4,
                       sizeof(ngx_http_crm_org_t *)) != NGX_OK
        || ngx_http_crm_process_name(process) != NGX_OK)
    {
        return NULL;
    }

    process->slot = ngx_http_crm_zone_join(conf);

    process->redis = ngx_http_crm_redis_create(&conf->redis, cycle->log);
    if (process->redis == NULL) {
        return NULL;
    }

    names = conf->orgs.elts;

    for (i = 0; i < conf->orgs.nelts; i++) {
        if (ngx_http_crm_rules_org(process, &names[i], 1) == NULL) {
            return NULL;
        }
    }

    process->poll.handler = ngx_http_crm_process_poll;
    process->poll.data = process;
    process->poll.log = cycle->log;
    process->poll.cancelable = 1;

    ngx_add_timer(&process->poll, NGX_HTTP_CRM_POLL_MS);

    return process;
}


static ngx_int_t
ngx_http_crm_process_name(ngx_http_crm_process_t *process)
{
    u_char  *p;

    p = ngx_pnalloc(process->pool, ngx_cycle->hostname.len + 1
                                   + NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    process->name.data = p;
    process->name.len = ngx_sprintf(p, "%V:%P", &ngx_cycle->hostname, ngx_pid)
                        - p;

    return NGX_OK;
}


/*
 * Organisations that a variable named and that do not exist are forgotten, so
 * that names which clients make up cannot fill the table.
 */
static void
ngx_http_crm_process_poll(ngx_event_t *ev)
{
    ngx_uint_t                i, waiting;
    ngx_http_crm_org_t      **orgs, *org;
    ngx_http_crm_process_t   *process = ev->data;

    orgs = process->orgs.elts;
    i = 0;
    waiting = 0;

    while (i < process->orgs.nelts) {
        org = orgs[i];

        if (!org->literal && org->known && !org->listed && !org->polling
            && !org->loading && !org->load && !org->saving && !org->from_file
            && org->requests == 0)
        {
            orgs[i] = orgs[--process->orgs.nelts];
            ngx_http_crm_rules_free(org);
            continue;
        }

        waiting |= !ngx_queue_empty(&org->waiting);

        ngx_http_crm_rules_poll(org);
        i++;
    }

    /* who exits still owes an answer to those who wait for rules */

    if (!ngx_exiting || waiting) {
        ngx_add_timer(&process->poll, NGX_HTTP_CRM_POLL_MS);
    }
}
