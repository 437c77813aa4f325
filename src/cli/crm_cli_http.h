/*
 * One HTTP request at a time: to nginx, or to the CRM behind it.
 */

#ifndef CRM_CLI_HTTP_H
#define CRM_CLI_HTTP_H

#include "crm_cli.h"


/* An answer beyond this is none. */
#define CRM_CLI_HTTP_MAX_BODY  (64 * 1024 * 1024)

#define CRM_CLI_HTTP_TIMEOUT_MS  30000

typedef struct {
    const char   *method;
    crm_str_t     url;
    crm_str_t    *headers;          /* "Name: value" */
    size_t        headers_count;
    crm_str_t     body;             /* JSON; data NULL: none */
    long          timeout_ms;       /* 0: the default */
} crm_cli_http_t;

typedef struct {
    unsigned      status;
    crm_str_t     body;             /* zero-terminated */
} crm_cli_http_answer_t;


/*
 * Asks, follows no redirection. CRM_OK whatever the status; CRM_EINVAL with
 * *err: there was no answer; CRM_ENOMEM.
 */
crm_status_t crm_cli_http(crm_cli_http_answer_t *answer,
    const crm_cli_http_t *request, crm_pool_t *pool, crm_error_t *err);

#endif
