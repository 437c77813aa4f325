/*
 * A connection that libcurl has made, TLS included, and that we speak over.
 *
 *   dial -> dialed -> send, recv, ready ... -> close
 *
 * The loop watches its socket once, from dialed to close, whatever requests
 * go over it, and while none does: a peer that ends it, or speaks unasked, is
 * seen at once.
 */

#ifndef CRM_WORKER_CONNECTION_H
#define CRM_WORKER_CONNECTION_H

#include "crm_worker_loop.h"

#include "base/crm_str.h"


typedef struct crm_worker_connection_s  crm_worker_connection_t;

/* Called from the loop, once; with an error it is still to be closed. */
typedef void (*crm_worker_connection_dialed_pt)(void *data, CURLcode code);

/* There may be something to be read, or room to write, or, *late*, the time
 * has come that crm_worker_connection_wake() named. */
typedef void (*crm_worker_connection_ready_pt)(void *data, int late);


/*
 * easy is told all about where to; it is taken, and cleaned up if this fails.
 * NULL without memory.
 */
crm_worker_connection_t *crm_worker_connection_dial(crm_worker_loop_t *loop,
    CURL *easy, crm_worker_connection_dialed_pt dialed, void *data);

/* Its handle, for what it knows of how dialing went. */
CURL *crm_worker_connection_easy(const crm_worker_connection_t *connection);

/* When it was dialed, by crm_worker_loop_now(). */
int64_t crm_worker_connection_since(
    const crm_worker_connection_t *connection);

/* Who is called from now on. */
void crm_worker_connection_use(crm_worker_connection_t *connection,
    crm_worker_connection_ready_pt ready, void *data);

/* Whether room to write is waited for too. 0: it cannot be. */
int crm_worker_connection_watch(crm_worker_connection_t *connection,
    int writable);

/* Late in so many milliseconds, once; negative: never. */
void crm_worker_connection_wake(crm_worker_connection_t *connection,
    int64_t in_ms);

/*
 * What goes at once; *n may be less than asked for. CURLE_AGAIN: nothing now.
 * To read, CURLE_OK with *n 0 is the end.
 */
CURLcode crm_worker_connection_send(crm_worker_connection_t *connection,
    crm_str_t bytes, size_t *n);
CURLcode crm_worker_connection_recv(crm_worker_connection_t *connection,
    char *to, size_t size, size_t *n);

/* At any time. Nothing is called any more; the socket is closed. */
void crm_worker_connection_close(crm_worker_connection_t *connection);

#endif
