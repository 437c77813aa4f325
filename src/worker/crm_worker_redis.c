/*
 * A connection to Redis: commands, deadlines, NOSCRIPT, replies.
 */

#include "crm_worker_redis.h"

#include "crm_worker_redis_event.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* Arrays in one another: our scripts' replies have two levels. */
#define REDIS_MAX_DEPTH  8

/* How often deadlines are looked at. */
#define REDIS_TICK_MS    250


typedef struct redis_request_s  redis_request_t;

struct redis_request_s {
    redis_request_t           *next;        /* the next one sent */
    crm_worker_redis_t        *redis;
    crm_pool_t                *pool;
    const crm_cmd_t           *cmd;
    crm_worker_redis_done_pt   done;
    void                      *data;
    int64_t                    deadline_ms;
    int                        as_eval;
};

struct crm_worker_redis_s {
    uv_timer_t                   timer;
    crm_worker_loop_t           *loop;
    crm_worker_redis_closed_pt   closed;
    void                        *data;
    redisAsyncContext           *context;   /* NULL: lost */
    redis_request_t             *first;     /* under way, oldest first */
    redis_request_t             *last;
    char                         why[160];
};


static redisAsyncContext *redis_dial(const char *path,
    const struct sockaddr_storage *addr);
static void  redis_connected(const redisAsyncContext *context, int status);
static void  redis_disconnected(const redisAsyncContext *context, int status);
static redisAsyncContext *redis_lost(crm_worker_redis_t *redis,
    const char *why);
static void  redis_tick(uv_timer_t *timer);
static void  redis_read(redisAsyncContext *context);

static crm_status_t  redis_send(crm_worker_redis_t *redis,
    redis_request_t *request, const crm_cmd_t *cmd);
static void  redis_reply(redisAsyncContext *context, void *raw,
    void *privdata);
static int   redis_convert(crm_reply_t *to, const redisReply *from,
    crm_pool_t *pool, unsigned depth);
static void  redis_free_handle(uv_handle_t *handle);


crm_worker_redis_t *
crm_worker_redis_open(crm_worker_loop_t *loop, const char *path,
    const struct sockaddr_storage *addr, crm_worker_redis_closed_pt closed,
    void *data, crm_error_t *err)
{
    redisAsyncContext   *context;
    crm_worker_redis_t  *redis;

    redis = calloc(1, sizeof(crm_worker_redis_t));
    context = redis ? redis_dial(path, addr) : NULL;

    if (context == NULL) {
        free(redis);
        crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "", "out of memory");
        return NULL;
    }

    context->data = redis;

    if (context->err || !crm_worker_redis_event(loop, context, redis_read)) {
        crm_error_set(err, CRM_DECLINED, CRM_NO_OFFSET, "", "%s",
                      context->err ? context->errstr
                                   : "its socket is refused");
        redisAsyncFree(context);
        free(redis);
        return NULL;
    }

    redis->loop = loop;
    redis->closed = closed;
    redis->data = data;
    redis->context = context;

    redisAsyncSetConnectCallback(context, redis_connected);
    redisAsyncSetDisconnectCallback(context, redis_disconnected);

    uv_timer_init(&loop->uv, &redis->timer);
    redis->timer.data = redis;
    uv_timer_start(&redis->timer, redis_tick, REDIS_TICK_MS, REDIS_TICK_MS);

    return redis;
}


void
crm_worker_redis_close(crm_worker_redis_t *redis)
{
    redisAsyncContext  *context;

    context = redis->context;
    redis->context = NULL;
    uv_close((uv_handle_t *) &redis->timer, redis_free_handle);

    if (context != NULL) {
        redisAsyncFree(context);
    }
}


crm_status_t
crm_worker_redis_send(crm_worker_redis_t *redis, crm_pool_t *pool,
    const crm_cmd_t *cmd, crm_worker_redis_done_pt done, void *data)
{
    crm_status_t      rc;
    redis_request_t  *request;

    request = cmd ? crm_pool_calloc(pool, 1, sizeof(redis_request_t)) : NULL;

    if (request == NULL) {
        crm_pool_destroy(pool);
        return CRM_ENOMEM;
    }

    request->redis = redis;
    request->pool = pool;
    request->cmd = cmd;
    request->done = done;
    request->data = data;

    rc = redis_send(redis, request, cmd);
    if (rc != CRM_OK) {
        crm_pool_destroy(pool);
    }

    return rc;
}


static redisAsyncContext *
redis_dial(const char *path, const struct sockaddr_storage *addr)
{
    int                         port;
    char                        text[INET6_ADDRSTRLEN];
    const void                 *bytes;
    const struct sockaddr_in   *in4;
    const struct sockaddr_in6  *in6;

    if (path != NULL) {
        return redisAsyncConnectUnix(path);
    }

    in4 = (const struct sockaddr_in *) addr;
    in6 = (const struct sockaddr_in6 *) addr;

    if (addr->ss_family == AF_INET) {
        bytes = &in4->sin_addr;
        port = ntohs(in4->sin_port);
    } else {
        bytes = &in6->sin6_addr;
        port = ntohs(in6->sin6_port);
    }

    if (inet_ntop(addr->ss_family, bytes, text, sizeof(text)) == NULL) {
        return NULL;
    }

    return redisAsyncConnect(text, port);
}


/* After a failure hiredis frees the context when this returns. */
static void
redis_connected(const redisAsyncContext *context, int status)
{
    crm_worker_redis_t  *redis;

    redis = context->data;

    if (status != REDIS_OK && redis->context == context) {
        (void) redis_lost(redis, context->errstr);
    }
}


static void
redis_disconnected(const redisAsyncContext *context, int status)
{
    crm_worker_redis_t  *redis;

    redis = context->data;

    if (redis->context == context) {
        (void) redis_lost(redis, status == REDIS_OK ? "closed"
                                                    : context->errstr);
    }
}


/* Tells from the timer, when nothing of hiredis is on the stack any more.
 * Returns the context, which the caller may have to free. */
static redisAsyncContext *
redis_lost(crm_worker_redis_t *redis, const char *why)
{
    redisAsyncContext  *context;

    context = redis->context;
    redis->context = NULL;

    snprintf(redis->why, sizeof(redis->why), "%s", why);
    uv_timer_start(&redis->timer, redis_tick, 0, 0);

    return context;
}


static void
redis_tick(uv_timer_t *timer)
{
    crm_worker_redis_t  *redis;

    redis = timer->data;

    if (redis->context != NULL && redis->first != NULL
        && redis->first->deadline_ms <= crm_worker_loop_now(redis->loop))
    {
        redisAsyncFree(redis_lost(redis, "no answer in time"));
    }

    if (redis->context == NULL) {
        redis->closed(redis->data, redis->why);
        uv_close((uv_handle_t *) timer, redis_free_handle);
    }
}


/* A reply that never ends. */
static void
redis_read(redisAsyncContext *context)
{
    if (context->c.reader->len > CRM_REPLY_MAX_BYTES) {
        redisAsyncFree(redis_lost(context->data, "a reply is too large"));
    }
}


/* Sends cmd, the request's own or its form as EVAL. */
static crm_status_t
redis_send(crm_worker_redis_t *redis, redis_request_t *request,
    const crm_cmd_t *cmd)
{
    if (redis->context == NULL
        || redisAsyncCommandArgv(redis->context, redis_reply, request,
                                 cmd->argc, cmd->argv, cmd->argvlen)
           != REDIS_OK)
    {
        return CRM_DECLINED;
    }

    request->next = NULL;
    request->deadline_ms = crm_worker_loop_now(redis->loop)
                           + CRM_WORKER_REDIS_TIMEOUT_MS;

    if (redis->last != NULL) {
        redis->last->next = request;
    } else {
        redis->first = request;
    }

    redis->last = request;

    return CRM_OK;
}


/* Replies come in the order of their commands, and so do their ends. */
static void
redis_reply(redisAsyncContext *context, void *raw, void *privdata)
{
    crm_cmd_t           *eval;
    crm_reply_t          reply;
    redis_request_t     *request;
    crm_worker_redis_t  *redis;

    request = privdata;
    redis = request->redis;

    redis->first = request->next;
    if (redis->first == NULL) {
        redis->last = NULL;
    }

    if (raw == NULL || !redis_convert(&reply, raw, request->pool, 0)) {
        if (raw != NULL && redis->context == context) {
            redisAsyncFree(redis_lost(redis, "a reply makes no sense"));
        }

        request->done(request->data, NULL, request->pool);
        crm_pool_destroy(request->pool);
        return;
    }

    if (request->cmd->script != NULL && !request->as_eval
        && crm_reply_noscript(&reply))
    {
        request->as_eval = 1;
        eval = crm_cmd_eval(request->pool, request->cmd);

        if (eval != NULL && redis_send(redis, request, eval) == CRM_OK) {
            return;
        }
    }

    request->done(request->data, &reply, request->pool);
    crm_pool_destroy(request->pool);
}


/* Copies, since strings then are the pool's like all others. 0: no memory,
 * or a reply that no honest server gives. */
static int
redis_convert(crm_reply_t *to, const redisReply *from, crm_pool_t *pool,
    unsigned depth)
{
    size_t  i;

    memset(to, 0, sizeof(crm_reply_t));

    switch (from->type) {

    case REDIS_REPLY_NIL:
        to->type = CRM_REPLY_NIL;
        return 1;

    case REDIS_REPLY_INTEGER:
        to->type = CRM_REPLY_INTEGER;
        to->integer = from->integer;
        return 1;

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
        to->type = from->type == REDIS_REPLY_STRING ? CRM_REPLY_STRING
                   : from->type == REDIS_REPLY_STATUS ? CRM_REPLY_STATUS
                   : CRM_REPLY_ERROR;
        to->str = crm_pool_dup(pool, crm_str(from->str, (size_t) from->len));
        return to->str.data != NULL;

    case REDIS_REPLY_ARRAY:
        if (depth == REDIS_MAX_DEPTH) {
            return 0;
        }

        to->type = CRM_REPLY_ARRAY;
        to->count = from->elements;
        to->elements = crm_pool_calloc(pool, from->elements + 1,
                                       sizeof(crm_reply_t));
        if (to->elements == NULL) {
            return 0;
        }

        for (i = 0; i < from->elements; i++) {
            if (!redis_convert(&to->elements[i], from->element[i], pool,
                               depth + 1))
            {
                return 0;
            }
        }

        return 1;

    default:
        return 0;
    }
}


/* The handle stands first in what holds it. */
static void
redis_free_handle(uv_handle_t *handle)
{
    free(handle->data);
}
