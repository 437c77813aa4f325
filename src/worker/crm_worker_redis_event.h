/*
 * hiredis' events on libuv: its socket is watched for what it waits for.
 *
 * Private to crm_worker_redis.c.
 */

#ifndef CRM_WORKER_REDIS_EVENT_H
#define CRM_WORKER_REDIS_EVENT_H

#include "crm_worker_loop.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>


/* Something may have come in, and replies that were whole have been told. */
typedef void (*crm_worker_redis_read_pt)(redisAsyncContext *context);


/* From now on, until hiredis closes its socket. 0: it cannot be watched. */
int crm_worker_redis_event(crm_worker_loop_t *loop,
    redisAsyncContext *context, crm_worker_redis_read_pt read);

#endif
