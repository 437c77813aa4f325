/*
 * HTTP requests to addresses that somebody else named, or, *trusted*, that
 * the operator did.
 *
 *   start -> target parsed -> name resolved -> every address judged
 *         -> an idle connection of the peer's, or libcurl dials one of those
 *            addresses -> request and answer -> done
 *
 * No redirect is followed, no answer decompressed, no proxy used; a connection
 * is used again for the same organisation, host, port and addresses alone,
 * which are looked up and judged each time (crm_worker_peer.h). Without
 * somebody who reads the answer its status decides; of its body at most 64 KiB
 * are read and none is kept.
 */

#ifndef CRM_WORKER_HTTP_H
#define CRM_WORKER_HTTP_H

#include "crm_worker_answer.h"
#include "crm_worker_guard.h"
#include "crm_worker_loop.h"
#include "crm_worker_outcome.h"
#include "crm_worker_peer.h"

#include "base/crm_str.h"


#define CRM_WORKER_HTTP_CONNECT_MS       5000
#define CRM_WORKER_HTTP_IDLE_MS          10000  /* without a byte */
#define CRM_WORKER_HTTP_MAX_ANSWER       (64 * 1024)


typedef struct {
    crm_worker_loop_t         *loop;
    const crm_worker_guard_t  *guard;
    crm_worker_peers_t        *peers;
    const char                *ca_file;     /* NULL: the system's */
    int64_t                    timeout_ms;  /* of a whole request */
} crm_worker_http_t;

typedef struct {
    const char          *method;    /* upper case */
    crm_str_t            url;
    crm_str_t            body;      /* data NULL: none */
    struct curl_slist   *headers;   /* taken by crm_worker_http_start() */
    int                  allow_http;
    int                  trusted;   /* its address is not judged */
    crm_str_t            org;       /* empty: its connection is its own */
    crm_worker_answer_t *answer;    /* NULL: nobody reads it */
} crm_worker_http_request_t;

typedef struct crm_worker_http_call_s  crm_worker_http_call_t;

/* Called once, from the loop; the call is gone when it returns. */
typedef void (*crm_worker_http_done_pt)(void *data,
    const crm_worker_outcome_t *outcome);


/*
 * Starts a request. body and answer live until done; all else is copied. NULL
 * with *outcome filled when it cannot begin: done will not be called.
 *
 * With an answer to be read, the outcome is delivered when all of it has come,
 * whatever its status, else failed.
 */
crm_worker_http_call_t *crm_worker_http_start(const crm_worker_http_t *http,
    const crm_worker_http_request_t *request, crm_worker_http_done_pt done,
    void *data, crm_worker_outcome_t *outcome);

/* Ends it without calling done. */
void crm_worker_http_cancel(crm_worker_http_call_t *call);

#endif
