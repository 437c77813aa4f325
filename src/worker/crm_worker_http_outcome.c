/*
 * Answer to outcome.
 */

#include "crm_worker_http_call.h"

#include <errno.h>
#include <stdio.h>


static void    http_outcome_status(const crm_worker_wire_t *wire,
    crm_worker_verdict_t verdict, crm_worker_outcome_t *outcome);
static void    http_outcome_read(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome);
static crm_health_t  http_health(int status);
static const char *http_class(crm_worker_http_call_t *call, CURLcode code);


void
crm_worker_http_outcome(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome)
{
    const crm_worker_wire_t  *wire;

    wire = &call->exchange.wire;
    call->dialed |= call->exchange.sent > 0;    /* there was a connection */

    /* it was given the address, and had no memory to read it */
    if (code == CURLE_COULDNT_RESOLVE_HOST) {
        code = CURLE_OUT_OF_MEMORY;
    }

    if (call->blocked) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_BLOCKED_ADDRESS, NULL);
        return;
    }

    if (call->answer != NULL) {
        http_outcome_read(call, code, outcome);
        return;
    }

    if (!crm_worker_wire_answered(wire)) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               http_class(call, code), NULL);

        if (code != CURLE_OUT_OF_MEMORY || call->dialed) {
            outcome->health = CRM_HEALTH_DOWN;
        }

        return;
    }

    http_outcome_status(wire, wire->status < 300 ? CRM_WORKER_DELIVERED
                              : wire->status == 410 ? CRM_WORKER_REFUSED
                              : CRM_WORKER_FAILED, outcome);
    outcome->health = http_health(outcome->status);
}


static void
http_outcome_status(const crm_worker_wire_t *wire,
    crm_worker_verdict_t verdict, crm_worker_outcome_t *outcome)
{
    char  reason[32];

    snprintf(reason, sizeof(reason), "status_%d", wire->status);
    crm_worker_outcome_set(outcome, verdict, reason, NULL);
    outcome->status = wire->status;

    if (wire->retry_after_s > 0) {
        outcome->retry_after_s = wire->retry_after_s;
    }
}


/* Of an answer. An endpoint that is busy is as good as one that is down; one
 * that refuses this request may be well. */
static crm_health_t
http_health(int status)
{
    if (status == 410) {
        return CRM_HEALTH_GONE;
    }

    return status >= 500 || status == 408 || status == 429
           ? CRM_HEALTH_DOWN : CRM_HEALTH_ANSWERED;
}


/* To a reader half an answer is none. */
static void
http_outcome_read(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome)
{
    if (code != CURLE_OK) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               http_class(call, code),
                               call->answer->too_large
                               ? "it is larger than what is read" : NULL);
        return;
    }

    call->answer->status = (unsigned) call->exchange.wire.status;
    call->answer->complete = 1;
    http_outcome_status(&call->exchange.wire, CRM_WORKER_DELIVERED, outcome);
}


static const char *
http_class(crm_worker_http_call_t *call, CURLcode code)
{
    long  os_errno;

    switch (code) {

    case CURLE_COULDNT_CONNECT:
        os_errno = 0;
        curl_easy_getinfo(crm_worker_connection_easy(call->connection),
                          CURLINFO_OS_ERRNO, &os_errno);

        return os_errno == ECONNREFUSED ? CRM_WORKER_CONNECTION_REFUSED
               : os_errno == ETIMEDOUT ? CRM_WORKER_TIMEOUT
               : CRM_WORKER_CONNECT_ERROR;

    case CURLE_OPERATION_TIMEDOUT:
        return CRM_WORKER_TIMEOUT;

    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return CRM_WORKER_TLS_ERROR;

    case CURLE_OUT_OF_MEMORY:
        return CRM_WORKER_NO_MEMORY;

    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return CRM_WORKER_CONNECTION_LOST;

    default:
        return CRM_WORKER_BAD_ANSWER;
    }
}
