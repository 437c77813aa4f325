/*
 * libcurl's multi socket interface on libuv.
 */

#include "crm_worker_loop.h"

#include <stdlib.h>


/* Idle connections of one peer. */
#define LOOP_IDLE  64L

/* Libcurl that found no memory has not said when it is to be called again. */
#define LOOP_AGAIN_MS  100

/* What children that were killed take to be gone, at most. */
#define LOOP_CHILDREN_MS  1000


/* A socket of libcurl's; lives until libuv has let go of it. */
typedef struct {
    uv_poll_t           poll;
    crm_worker_loop_t  *loop;
    curl_socket_t       fd;
} loop_socket_t;


static int   loop_on_socket(CURL *easy, curl_socket_t fd, int what,
    void *data, void *socket_data);
static int   loop_on_timer(CURLM *multi, long timeout_ms, void *data);
static void  loop_poll(uv_poll_t *poll, int status, int events);
static void  loop_timeout(uv_timer_t *timer);
static void  loop_act(crm_worker_loop_t *loop, curl_socket_t fd, int events);
static void  loop_socket_close(loop_socket_t *sock);
static void  loop_socket_free(uv_handle_t *handle);
static void  loop_end_children(crm_worker_loop_t *loop);
static void  loop_quiet_handle(uv_handle_t *handle, void *data);
static void  loop_count_child(uv_handle_t *handle, void *data);
static void  loop_waited(uv_timer_t *timer);
static void  loop_close_handle(uv_handle_t *handle, void *data);


crm_status_t
crm_worker_loop_init(crm_worker_loop_t *loop, crm_error_t *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "libcurl cannot be initialized");
    }

    if (uv_loop_init(&loop->uv) != 0) {
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "the event loop cannot be created");
    }

    uv_timer_init(&loop->uv, &loop->curl_timer);
    loop->curl_timer.data = loop;
    loop->multi = curl_multi_init();

    if (loop->multi == NULL) {
        crm_worker_loop_close(loop);
        return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "libcurl cannot be initialized");
    }

    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, loop_on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, loop_on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, LOOP_IDLE);

    return CRM_OK;
}


void
crm_worker_loop_run(crm_worker_loop_t *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}


void
crm_worker_loop_stop(crm_worker_loop_t *loop)
{
    uv_stop(&loop->uv);
}


int
crm_worker_loop_close(crm_worker_loop_t *loop)
{
    int  closed;

    if (loop->multi != NULL) {
        curl_multi_cleanup(loop->multi);
        loop->multi = NULL;
    }

    loop_end_children(loop);
    uv_walk(&loop->uv, loop_close_handle, NULL);

    /* a look-up that hangs in its thread is left to the end of the process */
    while (uv_run(&loop->uv, UV_RUN_NOWAIT) != 0
           && uv_loop_alive(&loop->uv) && uv_backend_timeout(&loop->uv) == 0)
    {
        /* void */
    }

    closed = uv_loop_close(&loop->uv) == 0;
    curl_global_cleanup();

    return closed;
}


/* Of functions that were killed: each is gone, and its memory given back,
 * before the loop ends. Nothing else is called any more. */
static void
loop_end_children(crm_worker_loop_t *loop)
{
    unsigned  children, late;

    late = 0;
    uv_walk(&loop->uv, loop_quiet_handle, NULL);
    loop->curl_timer.data = &late;
    uv_timer_start(&loop->curl_timer, loop_waited, LOOP_CHILDREN_MS, 0);

    for ( ;; ) {
        children = 0;
        uv_walk(&loop->uv, loop_count_child, &children);

        if (children == 0 || late) {
            return;
        }

        (void) uv_run(&loop->uv, UV_RUN_ONCE);
    }
}


static void
loop_quiet_handle(uv_handle_t *handle, void *data)
{
    (void) data;

    if (handle->type == UV_TIMER) {
        (void) uv_timer_stop((uv_timer_t *) handle);

    } else if (handle->type == UV_SIGNAL) {
        (void) uv_signal_stop((uv_signal_t *) handle);

    } else if (handle->type == UV_POLL && !uv_is_closing(handle)) {
        (void) uv_poll_stop((uv_poll_t *) handle);
    }
}


static void
loop_count_child(uv_handle_t *handle, void *data)
{
    unsigned  *children = data;

    if (handle->type == UV_PROCESS && uv_is_active(handle)) {
        (*children)++;
    }
}


static void
loop_waited(uv_timer_t *timer)
{
    unsigned  *late = timer->data;

    *late = 1;
}


crm_status_t
crm_worker_loop_add(crm_worker_loop_t *loop,
    crm_worker_loop_transfer_t *transfer)
{
    if (curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer)
        != CURLE_OK
        || curl_multi_add_handle(loop->multi, transfer->easy) != CURLM_OK)
    {
        return CRM_ENOMEM;
    }

    return CRM_OK;
}


void
crm_worker_loop_remove(crm_worker_loop_t *loop,
    crm_worker_loop_transfer_t *transfer)
{
    curl_multi_remove_handle(loop->multi, transfer->easy);
}


/* libcurl wants to know when fd is ready for what, or never again. */
static int
loop_on_socket(CURL *easy, curl_socket_t fd, int what, void *data,
    void *socket_data)
{
    int                 events;
    loop_socket_t      *sock;
    crm_worker_loop_t  *loop;

    (void) easy;

    loop = data;
    sock = socket_data;

    if (what == CURL_POLL_REMOVE) {
        if (sock != NULL) {
            curl_multi_assign(loop->multi, fd, NULL);
            loop_socket_close(sock);
        }

        return 0;
    }

    if (sock == NULL) {
        sock = calloc(1, sizeof(loop_socket_t));
        if (sock == NULL) {
            return 0;       /* the transfer will time out */
        }

        sock->loop = loop;
        sock->fd = fd;

        if (uv_poll_init_socket(&loop->uv, &sock->poll, fd) != 0) {
            free(sock);
            return 0;
        }

        sock->poll.data = sock;
        curl_multi_assign(loop->multi, fd, sock);
    }

    events = (what != CURL_POLL_OUT ? UV_READABLE : 0)
             | (what != CURL_POLL_IN ? UV_WRITABLE : 0);
    uv_poll_start(&sock->poll, events, loop_poll);

    return 0;
}


static int
loop_on_timer(CURLM *multi, long timeout_ms, void *data)
{
    crm_worker_loop_t  *loop;

    (void) multi;

    loop = data;

    if (timeout_ms < 0) {
        uv_timer_stop(&loop->curl_timer);
        return 0;
    }

    /* libcurl must not be entered from within: 0 comes after this callback */
    uv_timer_start(&loop->curl_timer, loop_timeout, (uint64_t) timeout_ms, 0);

    return 0;
}


static void
loop_poll(uv_poll_t *poll, int status, int events)
{
    int             flags;
    loop_socket_t  *sock;

    sock = poll->data;

    flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0)
            | (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0)
            | (status < 0 ? CURL_CSELECT_ERR : 0);

    loop_act(sock->loop, sock->fd, flags);
}


static void
loop_timeout(uv_timer_t *timer)
{
    loop_act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}


static void
loop_act(crm_worker_loop_t *loop, curl_socket_t fd, int events)
{
    int                          left;
    CURLMsg                     *message;
    CURLcode                     code;
    crm_worker_loop_transfer_t  *transfer;

    if (curl_multi_socket_action(loop->multi, fd, events, &left) != CURLM_OK)
    {
        uv_timer_start(&loop->curl_timer, loop_timeout, LOOP_AGAIN_MS, 0);
    }

    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }

        /* the message dies with the handle's removal */
        code = message->data.result;
        transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                          (char **) &transfer);

        if (!transfer->stays) {
            curl_multi_remove_handle(loop->multi, transfer->easy);
        }

        transfer->done(transfer->data, code);
    }
}


static void
loop_socket_close(loop_socket_t *sock)
{
    uv_poll_stop(&sock->poll);
    uv_close((uv_handle_t *) &sock->poll, loop_socket_free);
}


static void
loop_socket_free(uv_handle_t *handle)
{
    free(handle->data);
}


static void
loop_close_handle(uv_handle_t *handle, void *data)
{
    (void) data;

    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}
