/*
 * Requests to the backend: reads of one record, or a list of them, and writes.
 *
 * The base URL is the operator's (--backend) or stands in the rules (kind:
 * backend), whose headers name secrets; {base}/{path} is read with them. The
 * address is configuration and not judged as that of a webhook is. No redirect
 * is followed; nothing compressed is asked for.
 */

#ifndef CRM_WORKER_BACKEND_H
#define CRM_WORKER_BACKEND_H

#include "crm_worker_http.h"
#include "crm_worker_secret.h"

#include "rules/crm_rule.h"


/* Of an answer: a record is refused by nginx above a megabyte, and a list of
 * candidates asks for a few fields of each. */
#define CRM_WORKER_BACKEND_MAX_ANSWER   (1024 * 1024)


/* Borrows from the configuration and the rules. */
typedef struct {
    crm_str_t                    url;       /* null: none is configured */
    const crm_backend_header_t  *headers;
    size_t                       n_headers;
    const crm_dialect_t         *dialect;
} crm_worker_backend_t;

/* A header of ours. */
typedef struct {
    crm_str_t  name;
    crm_str_t  value;
} crm_worker_backend_line_t;

typedef struct {
    const char                       *method;
    crm_str_t                         url;      /* crm_worker_backend_url() */
    crm_str_t                         body;     /* JSON; data NULL: none */
    const crm_worker_backend_line_t  *lines;
    size_t                            n_lines;
} crm_worker_backend_request_t;


/*
 * Starts GET {url}/{path} within timeout_ms; path begins without a slash and
 * holds what may stand in a target. As crm_worker_http_start(): answer lives
 * until done. A secret that cannot be had is an outcome.
 */
crm_worker_http_call_t *crm_worker_backend_get(
    const crm_worker_backend_t *backend, const crm_worker_http_t *http,
    crm_worker_secrets_t *secrets, crm_str_t path, int64_t timeout_ms,
    crm_worker_answer_t *answer, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);

/* {url}/{path} in pool, or a string without data; and what of it is sent as
 * the target: its path and query. */
crm_str_t crm_worker_backend_url(const crm_worker_backend_t *backend,
    crm_str_t path, crm_pool_t *pool);
crm_str_t crm_worker_backend_target(crm_str_t url);

/* The same for any request; body lives until done, too. */
crm_worker_http_call_t *crm_worker_backend_send(
    const crm_worker_backend_t *backend, const crm_worker_http_t *http,
    crm_worker_secrets_t *secrets,
    const crm_worker_backend_request_t *request, int64_t timeout_ms,
    crm_worker_answer_t *answer, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome);

#endif
