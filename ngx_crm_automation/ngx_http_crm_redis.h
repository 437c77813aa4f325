/*
 * One pipelined connection to Redis a process, on nginx events.
 *
 * Commands of one turn of the event loop leave in one write. Each has the same
 * deadline, from the moment it is given; a connection whose oldest command is
 * past it is dropped, since a late answer would be taken for the next one's.
 * While there is no connection, commands wait for one until their deadline.
 * Whatever happens, each handler is called once: with the reply, or with NULL.
 */

#ifndef NGX_HTTP_CRM_REDIS_H
#define NGX_HTTP_CRM_REDIS_H

#include "ngx_http_crm_bridge.h"

#include <sys/uio.h>

#include "state/crm_cmd.h"
#include "state/crm_redis_url.h"
#include "state/crm_reply.h"


typedef struct ngx_http_crm_redis_s    ngx_http_crm_redis_t;
typedef struct ngx_http_crm_command_s  ngx_http_crm_command_t;

/* A command as bytes, one piece behind the other. */
typedef struct {
    struct iovec  *pieces;
    ngx_uint_t     count;
    size_t         len;         /* of all */
} ngx_http_crm_text_t;

/* reply is NULL when there was none; it ends with the call. */
typedef void (*ngx_http_crm_reply_pt)(void *data, const crm_reply_t *reply);


typedef enum {
    NGX_HTTP_CRM_DURABILITY_UNKNOWN = 0,
    NGX_HTTP_CRM_DURABILITY_MEMORY,     /* no append only file */
    NGX_HTTP_CRM_DURABILITY_STANDARD,   /* appendfsync everysec or no */
    NGX_HTTP_CRM_DURABILITY_STRICT      /* appendfsync always */
} ngx_http_crm_durability_e;

/* What crm_redis says; lives in the configuration. */
typedef struct {
    crm_redis_url_t   url;
    ngx_str_t         address;      /* numeric, of a TCP address */
    ngx_str_t         password;     /* may be empty */
    ngx_msec_t        timeout;
    ngx_flag_t        allow_memory; /* "volatile" */
} ngx_http_crm_redis_conf_t;


/* Connects in the background. Borrows conf. NULL without memory. */
ngx_http_crm_redis_t *ngx_http_crm_redis_create(
    const ngx_http_crm_redis_conf_t *conf, ngx_log_t *log);

/* Ends all: handlers are called with NULL. */
void ngx_http_crm_redis_destroy(ngx_http_crm_redis_t *redis);

ngx_uint_t ngx_http_crm_redis_up(const ngx_http_crm_redis_t *redis);
ngx_uint_t ngx_http_crm_redis_errors(const ngx_http_crm_redis_t *redis);
ngx_http_crm_durability_e ngx_http_crm_redis_durability(
    const ngx_http_crm_redis_t *redis);


/*
 * How much room a command takes, in how many pieces; and the command in that
 * room, aligned for any object. For what is to be sent more than once. Large
 * arguments that lie in pool (or NULL) are not copied: with more than one piece
 * who has the text keeps the pool.
 */
size_t ngx_http_crm_redis_size(ngx_http_crm_text_t *text,
    const crm_cmd_t *cmd, const crm_pool_t *pool);
void ngx_http_crm_redis_format(ngx_http_crm_text_t *text, void *room,
    const crm_cmd_t *cmd, const crm_pool_t *pool);

/*
 * Sends a command that was formatted; its bytes must stay until the handler
 * has been called. NULL, and the handler is not called, without memory.
 */
ngx_http_crm_command_t *ngx_http_crm_redis_send(ngx_http_crm_redis_t *redis,
    const ngx_http_crm_text_t *text, const crm_script_t *script,
    ngx_http_crm_reply_pt handler, void *data);

/* The same for a command of the core. */
ngx_http_crm_command_t *ngx_http_crm_redis_command(
    ngx_http_crm_redis_t *redis, const crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler, void *data);

/* The same; what is large in pool is sent from there, and the pool is kept
 * until then. */
ngx_http_crm_command_t *ngx_http_crm_redis_lend(ngx_http_crm_redis_t *redis,
    const crm_cmd_t *cmd, crm_pool_t *pool, ngx_http_crm_reply_pt handler,
    void *data);

/* Whether Redis may have seen it; for handlers that are told of no reply. */
ngx_uint_t ngx_http_crm_redis_was_sent(const ngx_http_crm_command_t *command);

/* The handler must not be called any more: who waited is gone. */
void ngx_http_crm_redis_forget(ngx_http_crm_command_t *command);

#endif
