/*
 * A request under way: of crm_worker_http.c and its outcome alone.
 */

#ifndef CRM_WORKER_HTTP_CALL_H
#define CRM_WORKER_HTTP_CALL_H

#include "crm_worker_exchange.h"
#include "crm_worker_http.h"
#include "crm_worker_resolve.h"
#include "crm_worker_target.h"


struct crm_worker_http_call_s {
    crm_worker_http_t            http;
    crm_worker_target_t          target;
    crm_worker_resolve_t        *resolve;       /* looking up */
    crm_worker_peer_t           *peer;          /* NULL: called only now */
    crm_worker_connection_t     *connection;    /* dialing, or in use */
    crm_worker_connection_t     *kept;          /* good for another */
    crm_worker_exchange_t        exchange;
    crm_pool_t                  *pool;          /* of what goes out */
    int64_t                      deadline_ms;
    struct curl_slist           *headers;
    struct curl_slist           *pinned;
    crm_worker_http_done_pt      done;
    void                        *data;
    crm_str_t                    org;
    crm_str_t                    body;
    crm_worker_answer_t         *answer;        /* NULL: nobody reads it */
    char                        *ca_file;       /* NULL: the system's */
    char                         method[16];
    size_t                       answer_bytes;
    unsigned                     allow_http:1;
    unsigned                     trusted:1;
    unsigned                     has_body:1;
    unsigned                     blocked:1;     /* by http_socket() */
    unsigned                     dialed:1;
    unsigned                     again:1;       /* the connection was idle */
};


/*
 * What the end of its connection, or of its exchange, comes to. Once the
 * endpoint has answered, its status counts: a body that is too long, too slow
 * or cut short changes nothing about what it said.
 */
void crm_worker_http_outcome(crm_worker_http_call_t *call, CURLcode code,
    crm_worker_outcome_t *outcome);

#endif
