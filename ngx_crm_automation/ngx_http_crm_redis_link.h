/*
 * The connection to Redis, shared by its five files and nobody else:
 * ngx_http_crm_redis.c (commands), ngx_http_crm_redis_link.c (connecting,
 * greeting, losing), ngx_http_crm_redis_event.c (hiredis on nginx' events),
 * ngx_http_crm_redis_write.c (what goes out) and ngx_http_crm_redis_reader.c
 * (what comes in).
 */

#ifndef NGX_HTTP_CRM_REDIS_LINK_H
#define NGX_HTTP_CRM_REDIS_LINK_H

#include "ngx_http_crm_redis.h"

#include <hiredis/hiredis.h>
#include <hiredis/async.h>


#define NGX_HTTP_CRM_REDIS_BACKOFF_MIN_MS  50
#define NGX_HTTP_CRM_REDIS_BACKOFF_MAX_MS  1000


typedef enum {
    NGX_HTTP_CRM_REDIS_DOWN = 0,
    NGX_HTTP_CRM_REDIS_CONNECTING,
    NGX_HTTP_CRM_REDIS_GREETING,
    NGX_HTTP_CRM_REDIS_UP
} ngx_http_crm_redis_step_e;

struct ngx_http_crm_command_s {
    ngx_queue_t               queue;
    ngx_http_crm_redis_t     *redis;
    ngx_http_crm_text_t       text;
    crm_pool_t               *pool;         /* that lends some, or NULL */
    const crm_script_t       *script;
    ngx_http_crm_reply_pt     handler;
    void                     *data;
    ngx_msec_t                deadline;
    unsigned                  reloaded:1;   /* NOSCRIPT was answered once */
    unsigned                  sent:1;       /* Redis may have seen it */
};

struct ngx_http_crm_redis_s {
    const ngx_http_crm_redis_conf_t  *conf;
    ngx_log_t                        *log;
    redisAsyncContext                *context;
    ngx_connection_t                 *connection;
    ngx_http_crm_redis_step_e         step;
    ngx_uint_t                        greetings;    /* not yet answered */
    ngx_uint_t                        expected;     /* replies, all in all */
    size_t                            elements;     /* of the one coming in */
    const char                       *refused;      /* why it was given up */
    ngx_uint_t                        told;         /* of the last failure */
    ngx_uint_t                        errors;
    ngx_msec_t                        backoff;
    ngx_http_crm_durability_e         durability;
    crm_pool_t                       *replies;      /* of the one being read */
    ngx_queue_t                       waiting;      /* for a connection */
    ngx_queue_t                       sent;         /* in order */
    ngx_http_crm_command_t           *unwritten;    /* the first in sent */
    size_t                            written;      /* bytes of that one */
    ngx_event_t                       deadline;     /* of the oldest command */
    ngx_event_t                       reconnect;
    ngx_event_t                       flush;
    unsigned                          flushing:1;
    unsigned                          reading:1;
    unsigned                          writing:1;    /* events are registered */
    unsigned                          closing:1;
};


/* ngx_http_crm_redis_link.c: looks for Redis, and gives a connection up, from
 * inside its callbacks or from outside */
void ngx_http_crm_redis_connect(ngx_http_crm_redis_t *redis);
void ngx_http_crm_redis_retire(ngx_http_crm_redis_t *redis, const char *why);
void ngx_http_crm_redis_reconnect(ngx_event_t *ev);

/* ngx_http_crm_redis_event.c */
ngx_int_t ngx_http_crm_redis_attach(ngx_http_crm_redis_t *redis);
void ngx_http_crm_redis_flush(ngx_event_t *ev);
void ngx_http_crm_redis_post(ngx_http_crm_redis_t *redis);
void ngx_http_crm_redis_want_write(ngx_http_crm_redis_t *redis);
void ngx_http_crm_redis_unwant_write(ngx_http_crm_redis_t *redis);

/* ngx_http_crm_redis_write.c: what is in sent and not written goes out; it is
 * the last there, or it is not there any more */
void ngx_http_crm_redis_write(ngx_http_crm_redis_t *redis);
void ngx_http_crm_redis_write_add(ngx_http_crm_command_t *command);
void ngx_http_crm_redis_write_drop(ngx_http_crm_command_t *command);

/* ngx_http_crm_redis_reader.c: of a fresh context; every command counts in
 * redis->expected. What hiredis hands out is an object of ours; NULL stays
 * NULL */
void ngx_http_crm_redis_guard(ngx_http_crm_redis_t *redis);
ngx_uint_t ngx_http_crm_redis_too_large(const ngx_http_crm_redis_t *redis);
const crm_reply_t *ngx_http_crm_redis_reply(const void *object);

/* ngx_http_crm_redis.c: greeted, what waited may go out; what was sent has got
 * a reply; or gets none, the connection is lost */
void ngx_http_crm_redis_ready(ngx_http_crm_redis_t *redis);
void ngx_http_crm_redis_answer(ngx_http_crm_redis_t *redis,
    const crm_reply_t *reply);
void ngx_http_crm_redis_gone(ngx_http_crm_redis_t *redis);

#endif
