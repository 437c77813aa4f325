/*
 * The one loop of crm-worker: libuv drives sockets and timers, and libcurl's
 * multi handle on top of them.
 *
 * Nothing here blocks. Everything runs on the loop's thread; callbacks are
 * called from crm_worker_loop_run() alone, never from the functions below.
 */

#ifndef CRM_WORKER_LOOP_H
#define CRM_WORKER_LOOP_H

#include "base/crm_status.h"

#include <curl/curl.h>
#include <uv.h>


typedef struct {
    uv_loop_t    uv;
    uv_timer_t   curl_timer;
    CURLM       *multi;
} crm_worker_loop_t;

/* A transfer's end: called once, after which the easy handle is out of the
 * loop, unless it stays, and still the caller's. */
typedef void (*crm_worker_loop_done_pt)(void *data, CURLcode code);

typedef struct {
    CURL                     *easy;
    crm_worker_loop_done_pt   done;
    void                     *data;
    int                       stays;    /* CURLOPT_CONNECT_ONLY: until it is
                                           removed, its connection is open */
} crm_worker_loop_transfer_t;


/* One for each process; libcurl is made ready with the first. */
crm_status_t crm_worker_loop_init(crm_worker_loop_t *loop, crm_error_t *err);

/* Until crm_worker_loop_stop(). */
void crm_worker_loop_run(crm_worker_loop_t *loop);
void crm_worker_loop_stop(crm_worker_loop_t *loop);

/*
 * All transfers must be gone, and handles of others gone, closing or of no more
 * use; children that were killed are waited for. 0: a thread is still at work,
 * and the loop must stay where it is until the process has ended.
 */
int crm_worker_loop_close(crm_worker_loop_t *loop);

/*
 * Starts a transfer; *transfer is borrowed until done or remove. CRM_ENOMEM
 * when libcurl does not take it.
 */
crm_status_t crm_worker_loop_add(crm_worker_loop_t *loop,
    crm_worker_loop_transfer_t *transfer);

/* Ends it without calling done. */
void crm_worker_loop_remove(crm_worker_loop_t *loop,
    crm_worker_loop_transfer_t *transfer);

/* Milliseconds of a clock that never steps. */
static inline int64_t
crm_worker_loop_now(const crm_worker_loop_t *loop)
{
    return (int64_t) uv_now(&loop->uv);
}

#endif
