/*
 * Rule sets of a process, shared by their files and nobody else:
 * ngx_http_crm_rules.c (organisations, and the step of a request),
 * ngx_http_crm_rules_poll.c (what Redis says is current), ..._fetch.c (its
 * bytes), ..._load.c (from bytes to a rule set, in a thread), ..._end.c (its
 * end, in a thread), ..._saved.c (the state file, in a
 * thread) and ..._file.c (its reading and writing, which blocks).
 */

#ifndef NGX_HTTP_CRM_RULES_H
#define NGX_HTTP_CRM_RULES_H

#include "ngx_http_crm_module.h"

#include "state/crm_state.h"
#include "state/crm_state_file.h"


#define NGX_HTTP_CRM_ERROR_LEN  400


/*
 * What a thread is given and gives back; the event loop does not look at it
 * in between. Whoever holds one ends it with ngx_http_crm_load_free().
 */
struct ngx_http_crm_load_s {
    ngx_http_crm_org_t  *org;
    ngx_thread_task_t   *task;          /* in the pool */
    ngx_pool_t          *pool;
    u_char              *path;          /* of the state file, or NULL */
    char                *text;          /* malloc'ed */
    size_t               len;
    size_t               size;          /* that len is to become */
    crm_state_file_t     file;          /* its bundle lies in text */
    crm_ruleset_t       *rules;
    ngx_uint_t           accepted;      /* org->accepted, when it was begun */
    ngx_int_t            rc;
    char                 error[NGX_HTTP_CRM_ERROR_LEN];
};


/* ngx_http_crm_rules.c */
void ngx_http_crm_rules_wake(ngx_http_crm_org_t *org);
ngx_int_t ngx_http_crm_rules_copy(ngx_str_t *to, crm_str_t from,
    ngx_log_t *log);

/* ngx_http_crm_rules_fetch.c: asks Redis for a revision, which is run then. */
void ngx_http_crm_rules_fetch(ngx_http_crm_org_t *org, long long revision);

/* ngx_http_crm_rules_load.c: takes a bundle and runs it; a rule set that is
 * ready is installed; what will not do is told once. */
void ngx_http_crm_rules_fetched(ngx_http_crm_load_t *load);
void ngx_http_crm_rules_install(ngx_http_crm_org_t *org,
    crm_ruleset_t *rules, long long revision);
void ngx_http_crm_rules_reject(ngx_http_crm_org_t *org, long long revision,
    const char *error);

ngx_http_crm_load_t *ngx_http_crm_load_create(ngx_http_crm_org_t *org);
ngx_int_t ngx_http_crm_load_post(ngx_http_crm_load_t *load,
    void (*run)(void *data, ngx_log_t *log), void (*done)(ngx_event_t *ev));
/* In a thread: load->file.bundle becomes load->rules, or load->error. */
void ngx_http_crm_load_compile(ngx_http_crm_load_t *load);

/* ngx_http_crm_rules_end.c; the memory goes in a thread. */
void ngx_http_crm_load_free(ngx_http_crm_load_t *load);

/* ngx_http_crm_rules_saved.c: crm_state_file. Reads it, then polls; falls back
 * on it when Redis has not answered; takes load, which Redis has given, and
 * sees to it that the file holds it. */
void ngx_http_crm_saved_read(ngx_http_crm_org_t *org);
void ngx_http_crm_saved_use(ngx_http_crm_org_t *org);
void ngx_http_crm_saved_keep(ngx_http_crm_load_t *load);
void ngx_http_crm_saved_write(ngx_http_crm_org_t *org);

/*
 * ngx_http_crm_rules_file.c: for threads. NGX_OK; NGX_DECLINED: there is no
 * file, or somebody else is writing it; NGX_ERROR: error says why not. What
 * was read is malloc'ed.
 */
ngx_int_t ngx_http_crm_file_read(const u_char *path, char **text,
    size_t *len, char error[NGX_HTTP_CRM_ERROR_LEN]);
ngx_int_t ngx_http_crm_file_write(const u_char *path, const char *text,
    size_t len, char error[NGX_HTTP_CRM_ERROR_LEN]);

/* In the master process: can the worker processes write there? */
ngx_int_t ngx_http_crm_file_prepare(ngx_cycle_t *cycle,
    const ngx_str_t *path);

#endif
