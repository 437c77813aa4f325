/*
 * hiredis on nginx' events.
 */

#include "ngx_http_crm_redis_link.h"


static void redis_push(ngx_http_crm_redis_t *redis);
static void redis_read_handler(ngx_event_t *ev);
static void redis_read_greeting(ngx_http_crm_redis_t *redis);
static void redis_read(ngx_http_crm_redis_t *redis);
static void redis_write_handler(ngx_event_t *ev);
static void redis_add_read(void *data);
static void redis_del_read(void *data);
static void redis_add_write(void *data);
static void redis_del_write(void *data);
static void redis_cleanup(void *data);


/* The descriptor of a fresh context, on nginx' events. */
ngx_int_t
ngx_http_crm_redis_attach(ngx_http_crm_redis_t *redis)
{
    ngx_connection_t   *c;
    redisAsyncContext  *ac;

    ac = redis->context;

    c = ngx_get_connection(ac->c.fd, redis->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->log = redis->log;
    c->data = redis;
    c->read->handler = redis_read_handler;
    c->read->log = redis->log;
    c->write->handler = redis_write_handler;
    c->write->log = redis->log;

    ngx_http_crm_redis_guard(redis);

    redis->connection = c;
    redis->reading = 0;
    redis->writing = 0;

    ac->data = redis;
    ac->ev.data = redis;
    ac->ev.addRead = redis_add_read;
    ac->ev.delRead = redis_del_read;
    ac->ev.addWrite = redis_add_write;
    ac->ev.delWrite = redis_del_write;
    ac->ev.cleanup = redis_cleanup;

    return NGX_OK;
}


void
ngx_http_crm_redis_flush(ngx_event_t *ev)
{
    ngx_http_crm_redis_t  *redis;

    redis = ev->data;

    if (redis->context) {
        redis_push(redis);
    }
}


/* The greeting is hiredis' own to write. */
static void
redis_push(ngx_http_crm_redis_t *redis)
{
    if (redis->step == NGX_HTTP_CRM_REDIS_UP) {
        ngx_http_crm_redis_write(redis);
        return;
    }

    redis->flushing = 1;
    redisAsyncHandleWrite(redis->context);
    redis->flushing = 0;
}


static void
redis_read_handler(ngx_event_t *ev)
{
    ngx_connection_t      *c;
    ngx_http_crm_redis_t  *redis;

    c = ev->data;
    redis = c->data;

    if (redis->context == NULL) {
        return;
    }

    if (redis->step == NGX_HTTP_CRM_REDIS_UP) {
        redis_read(redis);

    } else {
        redis_read_greeting(redis);
    }

    if (redis->context && ngx_http_crm_redis_too_large(redis)) {
        ngx_http_crm_redis_retire(redis, "it answered with too many bytes");
    }
}


/* hiredis may still hold replies when it calls for the last one: what waits
 * goes out behind it, when nothing is expected of hiredis any more. */
static void
redis_read_greeting(ngx_http_crm_redis_t *redis)
{
    redisAsyncHandleRead(redis->context);

    if (redis->step == NGX_HTTP_CRM_REDIS_UP) {
        ngx_http_crm_redis_ready(redis);
    }
}


/*
 * Commands are known in their order here: of hiredis the bytes are read and the
 * replies parsed, without a list of its own of who waits.
 */
static void
redis_read(ngx_http_crm_redis_t *redis)
{
    void               *object;
    redisContext       *c;
    redisAsyncContext  *ac;

    ac = redis->context;
    c = &ac->c;

    if (redisBufferRead(c) != REDIS_OK) {
        ngx_http_crm_redis_retire(redis, c->errstr);
        return;
    }

    while (redis->context == ac) {

        if (redisReaderGetReply(c->reader, &object) != REDIS_OK) {
            ngx_http_crm_redis_retire(redis, redis->refused ? redis->refused
                                             : c->reader->errstr);
            return;
        }

        if (object == NULL) {
            return;
        }

        ngx_http_crm_redis_answer(redis, ngx_http_crm_redis_reply(object));
    }
}


static void
redis_write_handler(ngx_event_t *ev)
{
    ngx_connection_t      *c;
    ngx_http_crm_redis_t  *redis;

    c = ev->data;
    redis = c->data;

    if (redis->context) {
        redis_push(redis);
    }
}


/*
 * Level-triggered: hiredis reads 16k a call, so an edge would leave the rest
 * of a larger reply lying.
 */
static void
redis_add_read(void *data)
{
    ngx_http_crm_redis_t  *redis = data;

    if (!redis->reading && redis->connection
        && ngx_add_event(redis->connection->read, NGX_READ_EVENT,
                         NGX_LEVEL_EVENT) == NGX_OK)
    {
        redis->reading = 1;
    }
}


static void
redis_del_read(void *data)
{
    ngx_http_crm_redis_t  *redis = data;

    if (redis->reading && redis->connection) {
        (void) ngx_del_event(redis->connection->read, NGX_READ_EVENT, 0);
        redis->reading = 0;
    }
}


void
ngx_http_crm_redis_post(ngx_http_crm_redis_t *redis)
{
    if (!redis->writing && !redis->flush.posted) {
        ngx_post_event(&redis->flush, &ngx_posted_events);
    }
}


/*
 * Once connected, what is to be written is written at the end of this turn of
 * the loop, for all requests together; the kernel is asked only when it could
 * not take all of it.
 */
static void
redis_add_write(void *data)
{
    ngx_http_crm_redis_t  *redis = data;

    if (redis->connection == NULL || redis->writing) {
        return;
    }

    if (redis->step != NGX_HTTP_CRM_REDIS_CONNECTING && !redis->flushing) {
        ngx_http_crm_redis_post(redis);
        return;
    }

    ngx_http_crm_redis_want_write(redis);
}


static void
redis_del_write(void *data)
{
    ngx_http_crm_redis_unwant_write(data);
}


void
ngx_http_crm_redis_want_write(ngx_http_crm_redis_t *redis)
{
    if (!redis->writing
        && ngx_add_event(redis->connection->write, NGX_WRITE_EVENT,
                         NGX_LEVEL_EVENT) == NGX_OK)
    {
        redis->writing = 1;
    }
}


void
ngx_http_crm_redis_unwant_write(ngx_http_crm_redis_t *redis)
{
    if (redis->writing && redis->connection) {
        (void) ngx_del_event(redis->connection->write, NGX_WRITE_EVENT, 0);
        redis->writing = 0;
    }
}


/* hiredis closes the descriptor itself: nginx must not do so again. */
static void
redis_cleanup(void *data)
{
    ngx_connection_t      *c;
    ngx_http_crm_redis_t  *redis = data;

    redis_del_read(redis);
    redis_del_write(redis);

    if (redis->flush.posted) {
        ngx_delete_posted_event(&redis->flush);
    }

    c = redis->connection;
    redis->connection = NULL;

    if (c == NULL) {
        return;
    }

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;
}
