/*
 * One request over a connection, and its answer.
 */

#ifndef CRM_WORKER_EXCHANGE_H
#define CRM_WORKER_EXCHANGE_H

#include "crm_worker_connection.h"
#include "crm_worker_target.h"
#include "crm_worker_wire.h"

#include "base/crm_buf.h"


/* Called once, maybe before crm_worker_exchange_start() returns: what ended
 * it, CURLE_OK when the answer is whole. */
typedef void (*crm_worker_exchange_done_pt)(void *data, CURLcode code);

typedef struct {
    crm_worker_loop_t            *loop;
    crm_worker_connection_t      *connection;
    crm_str_t                     first;    /* goes out before body */
    crm_str_t                     body;
    int64_t                       deadline_ms;  /* by crm_worker_loop_now() */
    int64_t                       idle_ms;  /* without a byte */
    crm_worker_wire_t             wire;     /* initialized */
    crm_worker_exchange_done_pt   done;
    void                         *data;

    /* its own, zeroed by the one who starts it */
    size_t                        sent;     /* of first and body */
    size_t                        received;
    int64_t                       moved_ms; /* when the last byte did */
    unsigned                      failed:1; /* to send */
} crm_worker_exchange_t;


/* What a header may be named (a token of RFC 9110), and what it may hold: no
 * line ends in it, and no other control character. */
int crm_worker_exchange_is_name(crm_str_t name);
int crm_worker_exchange_is_value(crm_str_t value);

/*
 * Adds the head of a request: method, where, headers, and the length of a
 * body if it has_body. In headers, as with libcurl, "Name;" is an empty header
 * and "Name:" stands for none. *Accept* is added where they have none. 0
 * without memory.
 */
int crm_worker_exchange_head(crm_buf_t *out, const char *method,
    const crm_worker_target_t *target, const struct curl_slist *headers,
    int has_body, size_t body_len);

/* All that it is told is borrowed until done. */
void crm_worker_exchange_start(crm_worker_exchange_t *exchange);

/* After CURLE_OK: whether the connection is good for another one. */
int crm_worker_exchange_keeps(const crm_worker_exchange_t *exchange);

#endif
