/*
 * Webhooks: a job of type "webhooks" becomes a signed request.
 *
 * action is {name, url, method, headers: {}, body: "text"|null, secret:
 * "env:X"|null, allow_http}. The request carries the headers of Standard
 * Webhooks 1.0.0 and the job's id as Idempotency-Key, the same on every
 * attempt.
 */

#ifndef CRM_WORKER_WEBHOOK_H
#define CRM_WORKER_WEBHOOK_H

#include "crm_worker_http.h"
#include "crm_worker_job.h"
#include "crm_worker_secret.h"


/* A header's value that is longer is refused by common servers. */
#define CRM_WORKER_WEBHOOK_MAX_HEADER   4096
#define CRM_WORKER_WEBHOOK_MAX_HEADERS  64


/*
 * Starts the delivery of a parsed job, which lives until done. NULL with
 * *outcome filled when it cannot begin; done will not be called then.
 */
crm_worker_http_call_t *crm_worker_webhook_start(
    const crm_worker_http_t *http, crm_worker_secrets_t *secrets,
    crm_worker_job_t *job, int64_t now_s, crm_worker_http_done_pt done,
    void *data, crm_worker_outcome_t *outcome);

#endif
