/*
 * From bytes to a rule set: parsed and compiled by a thread, so that the event
 * loop never waits, and swapped in by one pointer.
 * A bundle that does not compile is told of and the last good one stays.
 */

#include "ngx_http_crm_rules.h"


static void ngx_http_crm_rules_compile(void *data, ngx_log_t *log);
static void ngx_http_crm_rules_compiled(ngx_event_t *ev);


/* Takes load, whose text is the bundle. */
void
ngx_http_crm_rules_fetched(ngx_http_crm_load_t *load)
{
    ngx_http_crm_org_t  *org;

    org = load->org;
    load->file.bundle = crm_str(load->text, load->len);

    if (ngx_http_crm_load_post(load, ngx_http_crm_rules_compile,
                               ngx_http_crm_rules_compiled) != NGX_OK)
    {
        ngx_http_crm_load_free(load);
        return;
    }

    org->load = load;
    org->loading = load->file.revision;
}


/* In a thread. */
static void
ngx_http_crm_rules_compile(void *data, ngx_log_t *log)
{
    ngx_http_crm_load_t  **load = data;

    (void) log;

    ngx_http_crm_load_compile(*load);
}


/* Back on the event loop. */
static void
ngx_http_crm_rules_compiled(ngx_event_t *ev)
{
    crm_ruleset_t        *rules;
    ngx_http_crm_org_t   *org;
    ngx_http_crm_load_t  *load = ev->data;

    org = load->org;
    org->load = NULL;
    org->loading = 0;

    if (load->accepted != org->accepted) {
        ngx_http_crm_load_free(load);
        ngx_http_crm_rules_poll(org);
        return;
    }

    if (load->rc == NGX_AGAIN) {
        ngx_log_error(NGX_LOG_ERR, org->process->log, 0,
                      "crm rules: no memory for revision %L of organisation"
                      " \"%V\", the next poll tries again",
                      (int64_t) load->file.revision, &org->name);
        ngx_http_crm_load_free(load);
        ngx_http_crm_saved_use(org);
        return;
    }

    if (load->rules == NULL) {
        ngx_http_crm_rules_reject(org, load->file.revision, load->error);
        ngx_http_crm_load_free(load);

    } else {
        rules = load->rules;
        load->rules = NULL;

        ngx_http_crm_rules_install(org, rules, load->file.revision);
        org->again = 0;

        ngx_log_error(NGX_LOG_NOTICE, org->process->log, 0,
                      "crm rules: organisation \"%V\" runs revision %L",
                      &org->name, (int64_t) org->revision);

        ngx_http_crm_saved_keep(load);
    }

    ngx_http_crm_rules_wake(org);
    ngx_http_crm_rules_poll(org);
}


/* From now on they judge; requests under way keep those they began with. */
void
ngx_http_crm_rules_install(ngx_http_crm_org_t *org, crm_ruleset_t *rules,
    long long revision)
{
    ngx_http_crm_rules_release(org->process, org->rules);
    ngx_http_crm_rules_release(org->process, org->saved);

    org->rules = rules;
    org->saved = NULL;
    org->revision = revision;
    org->loaded_at_ms = ngx_http_crm_now_ms();
    org->rejected = 0;
    org->told_none = 0;
    org->from_file = 0;

    ngx_http_crm_zone_revision(org->process, org->revision);
}


void
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

    /* a process that has none takes the last good one of the state file */

    ngx_http_crm_saved_use(org);
}


ngx_http_crm_load_t *
ngx_http_crm_load_create(ngx_http_crm_org_t *org)
{
    ngx_pool_t           *pool;
    ngx_http_crm_load_t  *load;

    pool = ngx_create_pool(4096, org->process->log);
    if (pool == NULL) {
        return NULL;
    }

    load = ngx_pcalloc(pool, sizeof(ngx_http_crm_load_t));
    if (load == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    load->pool = pool;
    load->org = org;

    return load;
}


/* The same one may be given again when it is done. */
ngx_int_t
ngx_http_crm_load_post(ngx_http_crm_load_t *load,
    void (*run)(void *data, ngx_log_t *log), void (*done)(ngx_event_t *ev))
{
    ngx_thread_task_t  *task;

    if (load->task == NULL) {
        load->task = ngx_thread_task_alloc(load->pool,
                                           sizeof(ngx_http_crm_load_t *));
        if (load->task == NULL) {
            return NGX_ERROR;
        }
    }

    task = load->task;
    *(ngx_http_crm_load_t **) task->ctx = load;

    task->handler = run;
    task->event.handler = done;
    task->event.data = load;

    return ngx_thread_task_post(load->org->process->conf->thread_pool, task);
}


void
ngx_http_crm_load_compile(ngx_http_crm_load_t *load)
{
    json_t          *bundle;
    crm_pool_t      *pool;
    json_error_t     err;
    crm_findings_t   findings;

    load->rc = NGX_AGAIN;           /* until there is another reason */

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    bundle = json_loadb(load->file.bundle.data, load->file.bundle.len,
                        JSON_REJECT_DUPLICATES, &err);

    if (bundle) {
        crm_findings_init(&findings, pool);

        load->rules = crm_ruleset_create(bundle, load->file.revision,
                                         crm_host_malloc(), &findings);
        if (load->rules) {
            load->rc = NGX_OK;

        } else if (findings.count) {
            load->rc = NGX_ERROR;
            (void) snprintf(load->error, sizeof(load->error), "%s",
                            findings.items[0].message);
        }

    } else if (json_error_code(&err) != json_error_out_of_memory) {
        load->rc = NGX_ERROR;
        (void) snprintf(load->error, sizeof(load->error),
                        "the bundle is no JSON: %s", err.text);
    }

    json_decref(bundle);
    crm_pool_destroy(pool);
}
