/*
 * Services of crm_api, shared by their files and nobody else:
 * ngx_http_crm_service.c (who may), ..._service_rules.c (GET and PUT rules),
 * ..._service_edit.c (their change, judged in a thread and stored),
 * ..._service_processes.c (who runs them), ..._service_events.c (traces),
 * ..._service_presence.c (who is online).
 */

#ifndef NGX_HTTP_CRM_SERVICE_H
#define NGX_HTTP_CRM_SERVICE_H

#include "ngx_http_crm_module.h"


/* What a service does instead of the steps from DECODE on; it is called again
 * whenever the request is resumed, and returns what a step returns. */
typedef ngx_int_t (*ngx_http_crm_service_pt)(ngx_http_crm_ctx_t *ctx);

struct ngx_http_crm_service_s {
    const char               *name;         /* the first segment */
    size_t                    segments;
    const char               *methods;
    ngx_uint_t                mask;
    unsigned                  permits;      /* one of them; 0: any user */
    ngx_uint_t                text;         /* its second segment is any text,
                                             * percent-encoded */
    ngx_http_crm_service_pt   run;
};

/* The rules on their way out, or in. */
typedef struct {
    ngx_http_crm_ctx_t       *ctx;          /* NULL: the request has ended */
    ngx_http_crm_process_t   *process;
    ngx_http_crm_org_t       *org;
    ngx_pool_t               *pool;
    ngx_thread_task_t        *task;         /* in the pool */
    ngx_uint_t                state;        /* of ..._service_rules.c */
    ngx_uint_t                threaded;     /* a thread has it */
    long long                 revision;
    crm_str_t                 note;         /* what the history says of it */
    char                     *text;         /* malloc'ed: head, bundle */
    size_t                    head;
    size_t                    len;          /* of both, so far */
    size_t                    size;         /* that len is to become */
    crm_edit_ask_t            ask;
    crm_edit_t                edit;
    crm_pool_t               *core;         /* of edit, or NULL */
    crm_status_t              rc;
} ngx_http_crm_sheet_t;


/* ngx_http_crm_service.c */
unsigned ngx_http_crm_service_permits(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_service_send(ngx_http_crm_ctx_t *ctx, crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler, void *data);
ngx_int_t ngx_http_crm_service_answer(ngx_http_crm_ctx_t *ctx,
    crm_str_t text);
ngx_uint_t ngx_http_crm_service_object(ngx_http_crm_ctx_t *ctx, crm_str_t doc);

/* ngx_http_crm_service_execute.c */
ngx_int_t ngx_http_crm_service_execute(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_service_rules.c */
ngx_int_t ngx_http_crm_service_rules(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_service_edit.c: sheet holds what is live. NGX_OK: a thread
 * judges what ctx has sent, and resumes it; then: what became of it. */
ngx_int_t ngx_http_crm_service_judge(ngx_http_crm_sheet_t *sheet);
ngx_int_t ngx_http_crm_service_judged(ngx_http_crm_sheet_t *sheet);
ngx_int_t ngx_http_crm_service_stored(ngx_http_crm_sheet_t *sheet);
crm_cmd_t *ngx_http_crm_service_publish(ngx_http_crm_sheet_t *sheet);
void ngx_http_crm_service_end(ngx_http_crm_sheet_t *sheet);

/* ngx_http_crm_service_processes.c, ngx_http_crm_service_events.c */
ngx_int_t ngx_http_crm_service_processes(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_service_events(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_service_presence.c */
ngx_int_t ngx_http_crm_service_presence(ngx_http_crm_ctx_t *ctx);

#endif
