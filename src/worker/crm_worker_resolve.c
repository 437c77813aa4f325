/*
 * Names to addresses. getaddrinfo() runs in libuv's threads and cannot be
 * stopped there: after a timeout its object waits for it alone.
 */

#include "crm_worker_resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>


#define RESOLVE_LOCAL  "127.0.0.1"


struct crm_worker_resolve_s {
    uv_getaddrinfo_t              request;
    uv_timer_t                    timer;
    crm_worker_resolve_done_pt    done;         /* NULL: told, or cancelled */
    void                         *data;
    crm_worker_resolve_status_t   status;
    crm_worker_resolve_list_t     list;
    unsigned                      in_thread:1;
    unsigned                      closed:1;     /* the timer's handle */
};


static int   resolve_literal(crm_worker_resolve_t *resolve, const char *host,
    unsigned port);
static int   resolve_plain(crm_worker_resolve_list_t *list, const char *host,
    unsigned port);
static int   resolve_is_local(const char *host);
static void  resolve_copy(crm_worker_resolve_list_t *list,
    const struct addrinfo *info);
static void  resolve_answer(uv_getaddrinfo_t *request, int status,
    struct addrinfo *info);
static void  resolve_timeout(uv_timer_t *timer);
static void  resolve_tell(crm_worker_resolve_t *resolve);
static void  resolve_closed(uv_handle_t *handle);
static void  resolve_release(crm_worker_resolve_t *resolve);


crm_worker_resolve_t *
crm_worker_resolve_start(crm_worker_loop_t *loop, const char *host,
    unsigned port, crm_worker_resolve_done_pt done, void *data)
{
    char                   service[8];
    uint64_t               wait_ms;
    struct addrinfo        hints;
    crm_worker_resolve_t  *resolve;

    resolve = calloc(1, sizeof(crm_worker_resolve_t));
    if (resolve == NULL) {
        return NULL;
    }

    resolve->done = done;
    resolve->data = data;
    resolve->status = CRM_WORKER_RESOLVE_TIMEOUT;
    wait_ms = CRM_WORKER_RESOLVE_TIMEOUT_MS;

    port &= 0xffff;
    uv_timer_init(&loop->uv, &resolve->timer);
    resolve->timer.data = resolve;

    if (resolve_literal(resolve, host, port)) {
        wait_ms = 0;

    } else {
        snprintf(service, sizeof(service), "%u", port);
        memset(&hints, 0, sizeof(hints));
        hints.ai_socktype = SOCK_STREAM;
        resolve->request.data = resolve;

        if (uv_getaddrinfo(&loop->uv, &resolve->request, resolve_answer, host,
                           service, &hints)
            == 0)
        {
            resolve->in_thread = 1;

        } else {
            resolve->status = CRM_WORKER_RESOLVE_NONE;
            wait_ms = 0;
        }
    }

    uv_timer_start(&resolve->timer, resolve_timeout, wait_ms, 0);

    return resolve;
}


void
crm_worker_resolve_cancel(crm_worker_resolve_t *resolve)
{
    resolve->done = NULL;

    if (resolve->in_thread) {
        (void) uv_cancel((uv_req_t *) &resolve->request);
    }

    uv_close((uv_handle_t *) &resolve->timer, resolve_closed);
}


int
crm_worker_resolve_pin(struct curl_slist **pinned, const char *host,
    unsigned port, const crm_worker_resolve_list_t *list)
{
    char         text[300 + CRM_WORKER_RESOLVE_MAX * (INET6_ADDRSTRLEN + 4)];
    char         addr[INET6_ADDRSTRLEN];
    size_t       len;
    unsigned     i;
    const void  *bytes;

    *pinned = NULL;

    if (inet_pton(AF_INET, host, addr) == 1
        || inet_pton(AF_INET6, host, addr) == 1)
    {
        return 1;
    }

    /* the plus lets libcurl forget it after a minute */
    len = (size_t) snprintf(text, sizeof(text), "+%s:%u", host, port);

    for (i = 0; i < list->count; i++) {
        bytes = list->addrs[i].ss_family == AF_INET
          ? (const void *)
            &((const struct sockaddr_in *) &list->addrs[i])->sin_addr
          : (const void *)
            &((const struct sockaddr_in6 *) &list->addrs[i])->sin6_addr;

        if (inet_ntop(list->addrs[i].ss_family, bytes, addr, sizeof(addr))
            == NULL)
        {
            return 0;
        }

        len += (size_t) snprintf(text + len, sizeof(text) - len, "%s%s",
                                 i ? "," : ":", addr);
    }

    *pinned = curl_slist_append(NULL, text);

    return *pinned != NULL;
}


/* Needs no thread, so that no slow name can hold a literal address up. */
static int
resolve_literal(crm_worker_resolve_t *resolve, const char *host,
    unsigned port)
{
    char              service[8];
    struct addrinfo  hints, *info;

    if (resolve_is_local(host)) {
        host = RESOLVE_LOCAL;
    }

    if (resolve_plain(&resolve->list, host, port)) {
        resolve->status = CRM_WORKER_RESOLVE_OK;
        return 1;
    }

    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;

    snprintf(service, sizeof(service), "%u", port);

    if (getaddrinfo(host, service, &hints, &info) != 0) {
        return 0;
    }

    resolve_copy(&resolve->list, info);
    freeaddrinfo(info);
    resolve->status = CRM_WORKER_RESOLVE_OK;

    return 1;
}


/* As almost everybody writes it; getaddrinfo() knows the other forms. */
static int
resolve_plain(crm_worker_resolve_list_t *list, const char *host,
    unsigned port)
{
    struct sockaddr_in   *in4;
    struct sockaddr_in6  *in6;

    in4 = (struct sockaddr_in *) &list->addrs[0];
    in6 = (struct sockaddr_in6 *) &list->addrs[0];

    if (inet_pton(AF_INET, host, &in4->sin_addr) == 1) {
        in4->sin_family = AF_INET;
        in4->sin_port = htons((uint16_t) port);

    } else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t) port);

    } else {
        return 0;
    }

    list->count = 1;

    return 1;
}


static int
resolve_is_local(const char *host)
{
    size_t  len;

    static const char  local[] = "localhost";

    len = strlen(host);

    if (len > 0 && host[len - 1] == '.') {
        len--;
    }

    if (len < sizeof(local) - 1) {
        return 0;
    }

    host += len - (sizeof(local) - 1);

    return strncasecmp(host, local, sizeof(local) - 1) == 0
           && (len == sizeof(local) - 1 || host[-1] == '.');
}


static void
resolve_copy(crm_worker_resolve_list_t *list, const struct addrinfo *info)
{
    for ( /* void */ ; info; info = info->ai_next) {
        if (info->ai_family != AF_INET && info->ai_family != AF_INET6) {
            continue;
        }

        if (list->count == CRM_WORKER_RESOLVE_MAX) {
            break;
        }

        memcpy(&list->addrs[list->count++], info->ai_addr, info->ai_addrlen);
    }
}


static void
resolve_answer(uv_getaddrinfo_t *request, int status, struct addrinfo *info)
{
    crm_worker_resolve_t  *resolve;

    resolve = request->data;
    resolve->in_thread = 0;

    if (resolve->done == NULL) {
        uv_freeaddrinfo(info);
        resolve_release(resolve);
        return;
    }

    if (status == 0) {
        resolve_copy(&resolve->list, info);
    }

    uv_freeaddrinfo(info);
    resolve->status = resolve->list.count ? CRM_WORKER_RESOLVE_OK
                                          : CRM_WORKER_RESOLVE_NONE;
    resolve_tell(resolve);
}


/* Time is up, or there was nothing to wait for. */
static void
resolve_timeout(uv_timer_t *timer)
{
    resolve_tell(timer->data);
}


static void
resolve_tell(crm_worker_resolve_t *resolve)
{
    crm_worker_resolve_done_pt  done;

    done = resolve->done;
    resolve->done = NULL;

    done(resolve->data, resolve->status, &resolve->list);

    crm_worker_resolve_cancel(resolve);
}


static void
resolve_closed(uv_handle_t *handle)
{
    crm_worker_resolve_t  *resolve;

    resolve = handle->data;
    resolve->closed = 1;
    resolve_release(resolve);
}


static void
resolve_release(crm_worker_resolve_t *resolve)
{
    if (resolve->closed && !resolve->in_thread) {
        free(resolve);
    }
}
