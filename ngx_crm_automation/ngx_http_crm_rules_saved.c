/*
 * crm_state_file: the last good rule set of each organisation, on disk. Read
 * before Redis is asked for the first time, written when Redis has given a
 * revision; both by a thread.
 *
 * The file's epoch is remembered like one that Redis told: a Redis that was
 * emptied while nginx was down is noticed. Its rules judge only when Redis has
 * not answered, and until it does.
 */

#include "ngx_http_crm_rules.h"


static void ngx_http_crm_saved_read_thread(void *data, ngx_log_t *log);
static void ngx_http_crm_saved_read_done(ngx_event_t *ev);
static void ngx_http_crm_saved_take(ngx_http_crm_org_t *org,
    ngx_http_crm_load_t *load);
static void ngx_http_crm_saved_write_thread(void *data, ngx_log_t *log);
static void ngx_http_crm_saved_write_done(ngx_event_t *ev);
static ngx_int_t ngx_http_crm_saved_path(ngx_http_crm_load_t *load);


/* The first thing about an organisation; the first poll follows. */
void
ngx_http_crm_saved_read(ngx_http_crm_org_t *org)
{
    ngx_http_crm_load_t  *load;

    load = ngx_http_crm_load_create(org);

    if (load && ngx_http_crm_saved_path(load) == NGX_OK
        && ngx_http_crm_load_post(load, ngx_http_crm_saved_read_thread,
                                  ngx_http_crm_saved_read_done) == NGX_OK)
    {
        org->load = load;
        org->starting = 1;
        return;
    }

    ngx_http_crm_load_free(load);
    ngx_http_crm_rules_poll(org);
}


static void
ngx_http_crm_saved_read_thread(void *data, ngx_log_t *log)
{
    crm_error_t           err;
    ngx_http_crm_load_t  *load;

    (void) log;

    load = *(ngx_http_crm_load_t **) data;

    load->rc = ngx_http_crm_file_read(load->path, &load->text, &load->len,
                                      load->error);
    if (load->rc != NGX_OK) {
        return;
    }

    if (crm_state_file_parse(&load->file, crm_str(load->text, load->len),
                             ngx_http_crm_str(&load->org->name), &err)
        != CRM_OK)
    {
        (void) snprintf(load->error, sizeof(load->error), "%s", err.text);
        load->file.epoch = CRM_STR_NULL;
        load->rc = NGX_ERROR;
        return;
    }

    ngx_http_crm_load_compile(load);
}


/* Back on the event loop: now Redis may say what is current. */
static void
ngx_http_crm_saved_read_done(ngx_event_t *ev)
{
    ngx_http_crm_org_t   *org;
    ngx_http_crm_load_t  *load = ev->data;

    org = load->org;
    org->load = NULL;
    org->starting = 0;

    ngx_http_crm_saved_take(org, load);
    ngx_http_crm_load_free(load);

    ngx_http_crm_rules_poll(org);
}


static void
ngx_http_crm_saved_take(ngx_http_crm_org_t *org, ngx_http_crm_load_t *load)
{
    if (load->file.epoch.len
        && ngx_http_crm_rules_copy(&org->epoch, load->file.epoch,
                                   org->process->log) != NGX_OK)
    {
        return;
    }

    if (load->rules) {
        org->saved = load->rules;
        org->saved_revision = load->file.revision;
        load->rules = NULL;
        return;
    }

    if (load->rc == NGX_DECLINED) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, org->process->log, 0,
                  "crm rules: the state file \"%s\" is not used: %s",
                  load->path, load->rc == NGX_AGAIN ? "out of memory"
                                                    : load->error);
}


/* Redis does not tell what is current, or what it tells will not do. */
void
ngx_http_crm_saved_use(ngx_http_crm_org_t *org)
{
    crm_ruleset_t  *rules;

    if (org->saved == NULL || org->rules || org->loading || !org->epoch_ok) {
        return;
    }

    rules = org->saved;
    org->saved = NULL;

    ngx_http_crm_rules_install(org, rules, org->saved_revision);

    org->from_file = 1;
    org->known = 1;

    ngx_log_error(NGX_LOG_NOTICE, org->process->log, 0,
                  "crm rules: organisation \"%V\" runs revision %L from the"
                  " state file, since Redis has none that will do",
                  &org->name, (int64_t) org->revision);

    ngx_http_crm_rules_wake(org);
}


/* Takes load, whose bundle Redis has given and which runs. */
void
ngx_http_crm_saved_keep(ngx_http_crm_load_t *load)
{
    ngx_str_t            epoch;
    ngx_http_crm_org_t  *org;

    org = load->org;

    if (ngx_http_crm_saved_path(load) != NGX_OK) {
        ngx_http_crm_load_free(load);
        return;
    }

    epoch.len = org->epoch.len;
    epoch.data = ngx_pstrdup(load->pool, &org->epoch);

    if (epoch.data == NULL) {
        ngx_http_crm_load_free(load);
        return;
    }

    load->file.org = ngx_http_crm_str(&org->name);
    load->file.epoch = ngx_http_crm_str(&epoch);

    /* an older one that is not written yet needs not be any more; one that a
     * thread has is ended when it comes back */

    if (!org->saving) {
        ngx_http_crm_load_free(org->save);
    }

    org->save = load;
    ngx_http_crm_saved_write(org);
}


/* With each poll, until the file holds it. */
void
ngx_http_crm_saved_write(ngx_http_crm_org_t *org)
{
    if (org->save && !org->saving
        && ngx_http_crm_load_post(org->save, ngx_http_crm_saved_write_thread,
                                  ngx_http_crm_saved_write_done) == NGX_OK)
    {
        org->saving = 1;
    }
}


static void
ngx_http_crm_saved_write_thread(void *data, ngx_log_t *log)
{
    crm_buf_t             buf;
    crm_pool_t           *pool;
    ngx_http_crm_load_t  *load;

    (void) log;

    load = *(ngx_http_crm_load_t **) data;
    load->rc = NGX_ERROR;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        (void) snprintf(load->error, sizeof(load->error), "out of memory");
        return;
    }

    crm_buf_init(&buf, pool, 0);

    if (crm_state_file_print(&buf, &load->file) == CRM_OK) {
        load->rc = ngx_http_crm_file_write(load->path, buf.data, buf.len,
                                           load->error);
    } else {
        (void) snprintf(load->error, sizeof(load->error), "%s",
                        crm_buf_status(&buf) == CRM_OK
                        ? "the epoch is no line of text" : "out of memory");
    }

    crm_pool_destroy(pool);
}


static void
ngx_http_crm_saved_write_done(ngx_event_t *ev)
{
    ngx_http_crm_org_t   *org;
    ngx_http_crm_load_t  *load = ev->data;

    org = load->org;
    org->saving = 0;

    if (load->rc == NGX_ERROR && !org->told_file) {
        org->told_file = 1;
        ngx_log_error(NGX_LOG_ERR, org->process->log, 0,
                      "crm rules: the state file \"%s\" is not written: %s",
                      load->path, load->error);
    }

    if (load != org->save) {

        /* a newer revision has come meanwhile */

        ngx_http_crm_load_free(load);
        ngx_http_crm_saved_write(org);
        return;
    }

    if (load->rc == NGX_OK) {
        org->save = NULL;
        org->told_file = 0;
        ngx_http_crm_load_free(load);
    }
}


/* NGX_DECLINED: there is to be no file. */
static ngx_int_t
ngx_http_crm_saved_path(ngx_http_crm_load_t *load)
{
    ngx_str_t           *path;
    ngx_http_crm_org_t  *org;

    org = load->org;
    path = &org->process->conf->state_file;

    if (path->len == 0) {
        return NGX_DECLINED;
    }

    load->path = ngx_pnalloc(load->pool, path->len + 1 + org->name.len + 1);
    if (load->path == NULL) {
        return NGX_ERROR;
    }

    *ngx_sprintf(load->path, "%V.%V", path, &org->name) = '\0';

    return NGX_OK;
}
