/*
 * CURLOPT_CONNECT_ONLY on libuv.
 *
 * Between CURLMSG_DONE and its removal from the multi handle libcurl neither
 * watches the socket nor closes it. It is closed by the removal, before which
 * libuv lets go of it: the next socket may have its number.
 */

#include "crm_worker_connection.h"

#include <stdlib.h>


/* The buffer that libcurl allots when it dials, and needs for no transfer of
 * ours; then, by the same option, the most that it reads for us at once. */
#define CONNECTION_OWN   1024L
#define CONNECTION_READ  16384L


struct crm_worker_connection_s {
    uv_poll_t                         poll;
    uv_timer_t                        timer;
    crm_worker_loop_t                *loop;
    crm_worker_loop_transfer_t        transfer;
    crm_worker_connection_dialed_pt   dialed;
    crm_worker_connection_ready_pt    ready;
    void                             *data;
    int64_t                           since_ms;
    int                               events;   /* that poll waits for */
    unsigned                          handles;  /* that libuv still has */
    unsigned                          polls:1;
};


static void  connection_dialed(void *data, CURLcode code);
static int   connection_open(crm_worker_connection_t *connection);
static void  connection_ready(uv_poll_t *poll, int status, int events);
static void  connection_late(uv_timer_t *timer);
static void  connection_closed(uv_handle_t *handle);


crm_worker_connection_t *
crm_worker_connection_dial(crm_worker_loop_t *loop, CURL *easy,
    crm_worker_connection_dialed_pt dialed, void *data)
{
    crm_worker_connection_t  *connection;

    connection = calloc(1, sizeof(crm_worker_connection_t));
    if (connection == NULL) {
        curl_easy_cleanup(easy);
        return NULL;
    }

    connection->loop = loop;
    connection->dialed = dialed;
    connection->data = data;
    connection->transfer.easy = easy;
    connection->transfer.done = connection_dialed;
    connection->transfer.data = connection;
    connection->transfer.stays = 1;

    if (curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK
        || curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, CONNECTION_OWN)
           != CURLE_OK
        || crm_worker_loop_add(loop, &connection->transfer) != CRM_OK)
    {
        curl_easy_cleanup(easy);
        free(connection);
        return NULL;
    }

    uv_timer_init(&loop->uv, &connection->timer);
    connection->timer.data = connection;
    connection->handles = 1;

    return connection;
}


CURL *
crm_worker_connection_easy(const crm_worker_connection_t *connection)
{
    return connection->transfer.easy;
}


int64_t
crm_worker_connection_since(const crm_worker_connection_t *connection)
{
    return connection->since_ms;
}


void
crm_worker_connection_use(crm_worker_connection_t *connection,
    crm_worker_connection_ready_pt ready, void *data)
{
    connection->ready = ready;
    connection->data = data;
}


int
crm_worker_connection_watch(crm_worker_connection_t *connection,
    int writable)
{
    int  events;

    events = UV_READABLE | (writable ? UV_WRITABLE : 0);

    if (events == connection->events) {
        return 1;
    }

    connection->events = events;

    return uv_poll_start(&connection->poll, events, connection_ready) == 0;
}


void
crm_worker_connection_wake(crm_worker_connection_t *connection,
    int64_t in_ms)
{
    if (in_ms < 0) {
        uv_timer_stop(&connection->timer);
        return;
    }

    uv_timer_start(&connection->timer, connection_late, (uint64_t) in_ms, 0);
}


CURLcode
crm_worker_connection_send(crm_worker_connection_t *connection,
    crm_str_t bytes, size_t *n)
{
    *n = 0;

    return curl_easy_send(connection->transfer.easy, bytes.data, bytes.len,
                          n);
}


CURLcode
crm_worker_connection_recv(crm_worker_connection_t *connection, char *to,
    size_t size, size_t *n)
{
    *n = 0;

    return curl_easy_recv(connection->transfer.easy, to, size, n);
}


void
crm_worker_connection_close(crm_worker_connection_t *connection)
{
    if (connection->polls) {
        uv_poll_stop(&connection->poll);
        uv_close((uv_handle_t *) &connection->poll, connection_closed);
    }

    uv_close((uv_handle_t *) &connection->timer, connection_closed);

    crm_worker_loop_remove(connection->loop, &connection->transfer);
    curl_easy_cleanup(connection->transfer.easy);
}


static void
connection_dialed(void *data, CURLcode code)
{
    crm_worker_connection_t  *connection;

    connection = data;
    connection->since_ms = crm_worker_loop_now(connection->loop);

    if (code == CURLE_OK && !connection_open(connection)) {
        code = CURLE_COULDNT_CONNECT;
    }

    connection->dialed(connection->data, code);
}


/* 0: libuv does not take the socket. */
static int
connection_open(crm_worker_connection_t *connection)
{
    curl_socket_t  fd;

    if (curl_easy_getinfo(connection->transfer.easy, CURLINFO_ACTIVESOCKET,
                          &fd)
        != CURLE_OK
        || curl_easy_setopt(connection->transfer.easy, CURLOPT_BUFFERSIZE,
                            CONNECTION_READ)
           != CURLE_OK
        || fd == CURL_SOCKET_BAD
        || uv_poll_init_socket(&connection->loop->uv, &connection->poll, fd)
           != 0)
    {
        return 0;
    }

    connection->poll.data = connection;
    connection->polls = 1;
    connection->handles++;

    return crm_worker_connection_watch(connection, 0);
}


/* An error of the socket is found by using it. */
static void
connection_ready(uv_poll_t *poll, int status, int events)
{
    crm_worker_connection_t  *connection;

    (void) status;
    (void) events;

    connection = poll->data;
    connection->ready(connection->data, 0);
}


static void
connection_late(uv_timer_t *timer)
{
    crm_worker_connection_t  *connection;

    connection = timer->data;
    connection->ready(connection->data, 1);
}


static void
connection_closed(uv_handle_t *handle)
{
    crm_worker_connection_t  *connection;

    connection = handle->data;

    if (--connection->handles == 0) {
        free(connection);
    }
}
