/*
 * The worker's link to Redis: one connection, made again whenever it is lost.
 *
 *   idle -> resolve -> connect -> AUTH -> SELECT -> INFO -> ready
 *     ^                                                       |
 *     +------------- backoff <-- any failure, any time <------+
 *
 * A Redis that may evict keys (maxmemory-policy other than noeviction) would
 * drop leases first: it is refused.
 */

#ifndef CRM_WORKER_LINK_H
#define CRM_WORKER_LINK_H

#include "crm_worker_redis.h"

#include "state/crm_redis_url.h"


/* Waits before the next connection: doubled from the first to the last. */
#define CRM_WORKER_LINK_WAIT_MS      200
#define CRM_WORKER_LINK_WAIT_MAX_MS  5000


typedef struct crm_worker_link_s  crm_worker_link_t;

typedef enum {
    CRM_WORKER_LINK_READY = 0,
    CRM_WORKER_LINK_DOWN,       /* tries again by itself */
    CRM_WORKER_LINK_UNFIT       /* a server that must not be used; so too */
} crm_worker_link_event_t;

/* text says what happened, for the log. Called from the loop alone. */
typedef void (*crm_worker_link_event_pt)(void *data,
    crm_worker_link_event_t event, const char *text);


/*
 * Connects from the loop; event is called at each change of state. url and
 * password_file (null: none) are copied. NULL without memory.
 */
crm_worker_link_t *crm_worker_link_create(crm_worker_loop_t *loop,
    const crm_redis_url_t *url, crm_str_t password_file,
    crm_worker_link_event_pt event, void *data);

/* Commands under way end without a reply; event is not called any more. */
void crm_worker_link_destroy(crm_worker_link_t *link);

int crm_worker_link_ready(const crm_worker_link_t *link);

/* The address that it was connected to last; 0 for a unix socket. */
int crm_worker_link_peer(const crm_worker_link_t *link,
    struct sockaddr_storage *peer);

/* As crm_worker_redis_send(); CRM_DECLINED while the link is not ready. */
crm_status_t crm_worker_link_send(crm_worker_link_t *link, crm_pool_t *pool,
    const crm_cmd_t *cmd, crm_worker_redis_done_pt done, void *data);

#endif
