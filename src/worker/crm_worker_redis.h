/*
 * A connection to Redis: hiredis on the loop. Nothing else in the worker
 * knows hiredis; crm_worker_link.h opens connections and keeps one.
 *
 * A command has a deadline of five seconds. When it passes, or Redis sends
 * what makes no sense, the connection is closed, since a late answer would be
 * taken for the next command's; every command under way then ends without a
 * reply.
 */

#ifndef CRM_WORKER_REDIS_H
#define CRM_WORKER_REDIS_H

#include "crm_worker_loop.h"

#include "base/crm_pool.h"
#include "state/crm_cmd.h"
#include "state/crm_reply.h"

#include <sys/socket.h>


#define CRM_WORKER_REDIS_TIMEOUT_MS  5000


typedef struct crm_worker_redis_s  crm_worker_redis_t;

/*
 * A command's end. reply is NULL when the connection was lost: Redis may or
 * may not have run it. reply and pool live until the callback returns; an
 * error of Redis is a reply.
 */
typedef void (*crm_worker_redis_done_pt)(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);

/* The connection failed or was lost, and *redis is gone; text says why. */
typedef void (*crm_worker_redis_closed_pt)(void *data, const char *text);


/*
 * Starts to connect, to the unix socket path or, if that is NULL, to addr.
 * Commands may be sent at once. NULL with a sentence when nothing was begun.
 */
crm_worker_redis_t *crm_worker_redis_open(crm_worker_loop_t *loop,
    const char *path, const struct sockaddr_storage *addr,
    crm_worker_redis_closed_pt closed, void *data, crm_error_t *err);

/* Commands under way end without a reply, at the latest when the callback
 * that this is called from returns; closed will not be called. */
void crm_worker_redis_close(crm_worker_redis_t *redis);

/*
 * Sends cmd, which was built in pool; the pool is taken in any case and
 * destroyed after done was called. What cmd borrows from elsewhere lives until
 * then. CRM_DECLINED when the connection is lost, CRM_ENOMEM also for a cmd of
 * NULL: done will not be called then.
 */
crm_status_t crm_worker_redis_send(crm_worker_redis_t *redis,
    crm_pool_t *pool, const crm_cmd_t *cmd, crm_worker_redis_done_pt done,
    void *data);

#endif
