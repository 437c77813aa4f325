/*
 * hiredis' events on libuv.
 */

#include "crm_worker_redis_event.h"

#include <stdlib.h>


/* hiredis' socket; outlives its context until libuv has let go of it. */
typedef struct {
    uv_poll_t                  poll;
    redisAsyncContext         *context;
    crm_worker_redis_read_pt   read;
    int                        events;
} event_socket_t;


static void  event_poll(uv_poll_t *poll, int status, int events);
static void  event_watch(void *data, int events, int on);
static void  event_add_read(void *data);
static void  event_del_read(void *data);
static void  event_add_write(void *data);
static void  event_del_write(void *data);
static void  event_cleanup(void *data);
static void  event_free(uv_handle_t *handle);


int
crm_worker_redis_event(crm_worker_loop_t *loop, redisAsyncContext *context,
    crm_worker_redis_read_pt read)
{
    event_socket_t  *sock;

    sock = calloc(1, sizeof(event_socket_t));
    if (sock == NULL) {
        return 0;
    }

    if (uv_poll_init_socket(&loop->uv, &sock->poll, context->c.fd) != 0) {
        free(sock);
        return 0;
    }

    sock->poll.data = sock;
    sock->context = context;
    sock->read = read;

    context->ev.data = sock;
    context->ev.addRead = event_add_read;
    context->ev.delRead = event_del_read;
    context->ev.addWrite = event_add_write;
    context->ev.delWrite = event_del_write;
    context->ev.cleanup = event_cleanup;

    return 1;
}


/* An error of the socket is found by using it; hiredis reports it then. */
static void
event_poll(uv_poll_t *poll, int status, int events)
{
    event_socket_t  *sock;

    sock = poll->data;

    if (sock->context != NULL && (status < 0 || (events & UV_WRITABLE))) {
        redisAsyncHandleWrite(sock->context);
    }

    if (sock->context != NULL && (status < 0 || (events & UV_READABLE))) {
        redisAsyncHandleRead(sock->context);
    }

    if (sock->context != NULL) {
        sock->read(sock->context);
    }
}


static void
event_watch(void *data, int events, int on)
{
    event_socket_t  *sock;

    sock = data;
    sock->events = on ? sock->events | events : sock->events & ~events;

    if (sock->events != 0) {
        uv_poll_start(&sock->poll, sock->events, event_poll);
    } else {
        uv_poll_stop(&sock->poll);
    }
}


static void
event_add_read(void *data)
{
    event_watch(data, UV_READABLE, 1);
}


static void
event_del_read(void *data)
{
    event_watch(data, UV_READABLE, 0);
}


static void
event_add_write(void *data)
{
    event_watch(data, UV_WRITABLE, 1);
}


static void
event_del_write(void *data)
{
    event_watch(data, UV_WRITABLE, 0);
}


/* hiredis is about to close the socket. */
static void
event_cleanup(void *data)
{
    event_socket_t  *sock;

    sock = data;

    if (sock->context != NULL) {
        sock->context = NULL;
        uv_poll_stop(&sock->poll);
        uv_close((uv_handle_t *) &sock->poll, event_free);
    }
}


/* The handle stands first in what holds it. */
static void
event_free(uv_handle_t *handle)
{
    free(handle->data);
}
