/*
 * Tells the service manager how the worker does.
 */

#include "crm_worker_notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


#define NOTIFY_STATUS_MS  1000
#define NOTIFY_STATUS     200

struct crm_worker_notify_s {
    uv_timer_t                    status_timer;
    uv_timer_t                    watchdog_timer;
    struct sockaddr_un            address;
    socklen_t                     address_len;
    int                           fd;
    crm_worker_notify_status_pt   status;
    void                         *data;
    char                          said[NOTIFY_STATUS];  /* last */
    unsigned                      closing;      /* timers not yet closed */
    unsigned                      ready:1;
};


static int   notify_address(crm_worker_notify_t *notify, const char *path);
static uint64_t  notify_watchdog_ms(void);
static void  notify_on_status(uv_timer_t *timer);
static void  notify_on_watchdog(uv_timer_t *timer);
static void  notify_send(crm_worker_notify_t *notify, const char *text);
static void  notify_closed(uv_handle_t *handle);


crm_worker_notify_t *
crm_worker_notify_create(crm_worker_loop_t *loop,
    crm_worker_notify_status_pt status, void *data)
{
    uint64_t              watchdog_ms;
    const char           *path;
    crm_worker_notify_t  *notify;

    path = getenv("NOTIFY_SOCKET");
    notify = path ? calloc(1, sizeof(crm_worker_notify_t)) : NULL;

    if (notify == NULL) {
        return NULL;
    }

    notify->fd = -1;

    if (notify_address(notify, path)) {
        notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                            0);
    }

    if (notify->fd < 0) {
        free(notify);
        return NULL;
    }

    notify->status = status;
    notify->data = data;

    uv_timer_init(&loop->uv, &notify->status_timer);
    uv_timer_init(&loop->uv, &notify->watchdog_timer);
    notify->status_timer.data = notify;
    notify->watchdog_timer.data = notify;

    uv_timer_start(&notify->status_timer, notify_on_status, 0,
                   NOTIFY_STATUS_MS);
    uv_unref((uv_handle_t *) &notify->status_timer);

    watchdog_ms = notify_watchdog_ms();

    if (watchdog_ms > 0) {
        uv_timer_start(&notify->watchdog_timer, notify_on_watchdog, 0,
                       watchdog_ms);
        uv_unref((uv_handle_t *) &notify->watchdog_timer);
    }

    return notify;
}


void
crm_worker_notify_destroy(crm_worker_notify_t *notify)
{
    if (notify == NULL) {
        return;
    }

    (void) close(notify->fd);
    notify->closing = 2;
    uv_close((uv_handle_t *) &notify->status_timer, notify_closed);
    uv_close((uv_handle_t *) &notify->watchdog_timer, notify_closed);
}


void
crm_worker_notify_ready(crm_worker_notify_t *notify)
{
    if (notify != NULL && !notify->ready) {
        notify->ready = 1;
        notify_send(notify, "READY=1");
    }
}


void
crm_worker_notify_stopping(crm_worker_notify_t *notify)
{
    if (notify != NULL) {
        notify_send(notify, "STOPPING=1");
    }
}


/* A path, or with "@" in front a name without a file. */
static int
notify_address(crm_worker_notify_t *notify, const char *path)
{
    size_t  len;

    len = strlen(path);

    if ((path[0] != '/' && path[0] != '@') || len < 2
        || len >= sizeof(notify->address.sun_path))
    {
        return 0;
    }

    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, path, len);

    if (path[0] == '@') {
        notify->address.sun_path[0] = '\0';
    }

    notify->address_len =
        (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len);

    return 1;
}


/* Half of what the manager waits; 0: it does not watch this process. */
static uint64_t
notify_watchdog_ms(void)
{
    char                *end, own[24];
    const char          *pid, *usec;
    unsigned long long   n;

    pid = getenv("WATCHDOG_PID");
    usec = getenv("WATCHDOG_USEC");
    snprintf(own, sizeof(own), "%ld", (long) getpid());

    if (usec == NULL || (pid != NULL && strcmp(pid, own) != 0)) {
        return 0;
    }

    n = strtoull(usec, &end, 10);

    if (*end != '\0' || n == 0) {
        return 0;
    }

    return n < 2000 ? 1 : (uint64_t) (n / 2000);
}


static void
notify_on_status(uv_timer_t *timer)
{
    char                  text[NOTIFY_STATUS], line[NOTIFY_STATUS + 8];
    crm_worker_notify_t  *notify;

    notify = timer->data;
    text[0] = '\0';
    notify->status(notify->data, text, sizeof(text));

    if (strcmp(text, notify->said) == 0) {
        return;
    }

    memcpy(notify->said, text, sizeof(text));
    snprintf(line, sizeof(line), "STATUS=%s", text);
    notify_send(notify, line);
}


static void
notify_on_watchdog(uv_timer_t *timer)
{
    notify_send(timer->data, "WATCHDOG=1");
}


/* A manager that does not listen is its own matter. */
static void
notify_send(crm_worker_notify_t *notify, const char *text)
{
    (void) sendto(notify->fd, text, strlen(text), MSG_NOSIGNAL,
                  (const struct sockaddr *) &notify->address,
                  notify->address_len);
}


static void
notify_closed(uv_handle_t *handle)
{
    crm_worker_notify_t  *notify;

    notify = handle->data;

    if (--notify->closing == 0) {
        free(notify);
    }
}
