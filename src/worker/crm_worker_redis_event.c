/*
 * hiredis' events on libuv.
 */

#include "crm_worker_redis_event.h"

#include <stdlib.h>


/*
 * hiredis' socket; outlives its context until libuv has let go of it. What is
 * sent in a turn of the loop is written at its end, in one piece; the loop
 * waits for room only when it did not fit.
 */
typedef struct {
    uv_poll_t                  poll;
    uv_prepare_t               turn;    /* before the loop waits, each time */
    redisAsyncContext         *context;
    crm_worker_redis_read_pt   read;
    int                        events;
    unsigned                   handles; /* that libuv still has */
    unsigned                   unwritten:1;
    unsigned                   writing:1;
} event_socket_t;


static void  event_poll(uv_poll_t *poll, int status, int events);
static void  event_on_turn(uv_prepare_t *turn);
static void  event_watch(void *data, int events, int on);
static void  event_add_read(void *data);
static void  event_del_read(void *data);
static void  event_add_write(void *data);
static void  event_del_write(void *data);
static void  event_cleanup(void *data);
static void  event_closed(uv_handle_t *handle);


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

    uv_prepare_init(&loop->uv, &sock->turn);
    uv_prepare_start(&sock->turn, event_on_turn);
    sock->turn.data = sock;
    sock->poll.data = sock;
    sock->context = context;
    sock->read = read;
    sock->handles = 2;

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


/* It began before those that send from a callback of the same kind, and
 * therefore comes behind them. */
static void
event_on_turn(uv_prepare_t *turn)
{
    event_socket_t  *sock;

    sock = turn->data;

    if (sock->unwritten && sock->context != NULL) {
        sock->unwritten = 0;
        sock->writing = 1;
        redisAsyncHandleWrite(sock->context);
        sock->writing = 0;
    }
}


/* hiredis says the same again and again, and libuv would tell the kernel. */
static void
event_watch(void *data, int events, int on)
{
    int              asked;
    event_socket_t  *sock;

    sock = data;
    asked = on ? sock->events | events : sock->events & ~events;

    if (asked == sock->events) {
        return;
    }

    sock->events = asked;

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


/* To learn of the connection, or for what is left over, it has to wait. */
static void
event_add_write(void *data)
{
    event_socket_t  *sock;

    sock = data;

    if (sock->writing || !(sock->context->c.flags & REDIS_CONNECTED)) {
        event_watch(data, UV_WRITABLE, 1);
    } else {
        sock->unwritten = 1;
    }
}


static void
event_del_write(void *data)
{
    event_socket_t  *sock;

    sock = data;
    sock->unwritten = 0;
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
        uv_close((uv_handle_t *) &sock->poll, event_closed);
        uv_close((uv_handle_t *) &sock->turn, event_closed);
    }
}


static void
event_closed(uv_handle_t *handle)
{
    event_socket_t  *sock;

    sock = handle->data;

    if (--sock->handles == 0) {
        free(sock);
    }
}
