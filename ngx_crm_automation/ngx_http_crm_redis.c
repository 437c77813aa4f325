/*
 * Commands to Redis: one pipelined connection a process, a deadline each.
 *
 * What is given while there is no connection waits; what was sent is answered
 * in order. A command ends by its handler being called, whatever happens.
 */

#include "ngx_http_crm_redis_link.h"


static ngx_http_crm_command_t *redis_create(ngx_http_crm_redis_t *redis,
    size_t more);
static ngx_http_crm_command_t *redis_enter(ngx_http_crm_command_t *command);
static void redis_end(ngx_queue_t *commands);

static void redis_submit(ngx_http_crm_command_t *command);
static ngx_int_t redis_reload(ngx_http_crm_command_t *command);
static void redis_finish(ngx_http_crm_command_t *command,
    const crm_reply_t *reply);

static void redis_arm(ngx_http_crm_redis_t *redis);
static void redis_deadline_handler(ngx_event_t *ev);


ngx_http_crm_redis_t *
ngx_http_crm_redis_create(const ngx_http_crm_redis_conf_t *conf,
    ngx_log_t *log)
{
    ngx_http_crm_redis_t  *redis;

    redis = ngx_calloc(sizeof(ngx_http_crm_redis_t), log);
    if (redis == NULL) {
        return NULL;
    }

    redis->replies = crm_pool_create(crm_host_malloc(), 0);
    if (redis->replies == NULL) {
        ngx_free(redis);
        return NULL;
    }

    redis->conf = conf;
    redis->log = log;
    redis->backoff = NGX_HTTP_CRM_REDIS_BACKOFF_MIN_MS;
    ngx_queue_init(&redis->waiting);
    ngx_queue_init(&redis->sent);

    /* pending commands keep an exiting process alive, reconnecting does not */

    redis->deadline.handler = redis_deadline_handler;
    redis->deadline.data = redis;
    redis->deadline.log = log;

    redis->reconnect.handler = ngx_http_crm_redis_reconnect;
    redis->reconnect.data = redis;
    redis->reconnect.log = log;
    redis->reconnect.cancelable = 1;

    redis->flush.handler = ngx_http_crm_redis_flush;
    redis->flush.data = redis;
    redis->flush.log = log;

    ngx_http_crm_redis_connect(redis);

    return redis;
}


void
ngx_http_crm_redis_destroy(ngx_http_crm_redis_t *redis)
{
    if (redis == NULL) {
        return;
    }

    redis->closing = 1;
    redis->step = NGX_HTTP_CRM_REDIS_DOWN;

    if (redis->context) {
        redisAsyncFree(redis->context);
    }

    redis_end(&redis->sent);
    redis_end(&redis->waiting);

    if (redis->deadline.timer_set) {
        ngx_del_timer(&redis->deadline);
    }

    if (redis->reconnect.timer_set) {
        ngx_del_timer(&redis->reconnect);
    }

    crm_pool_destroy(redis->replies);
    ngx_free(redis);
}


ngx_uint_t
ngx_http_crm_redis_up(const ngx_http_crm_redis_t *redis)
{
    return redis->step == NGX_HTTP_CRM_REDIS_UP;
}


ngx_uint_t
ngx_http_crm_redis_errors(const ngx_http_crm_redis_t *redis)
{
    return redis->errors;
}


ngx_http_crm_durability_e
ngx_http_crm_redis_durability(const ngx_http_crm_redis_t *redis)
{
    return redis->durability;
}


ngx_http_crm_command_t *
ngx_http_crm_redis_command(ngx_http_crm_redis_t *redis, const crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler, void *data)
{
    return ngx_http_crm_redis_lend(redis, cmd, NULL, handler, data);
}


ngx_http_crm_command_t *
ngx_http_crm_redis_lend(ngx_http_crm_redis_t *redis, const crm_cmd_t *cmd,
    crm_pool_t *pool, ngx_http_crm_reply_pt handler, void *data)
{
    size_t                   size;
    ngx_http_crm_text_t      text;
    ngx_http_crm_command_t  *command;

    if (cmd == NULL) {
        return NULL;
    }

    size = ngx_http_crm_redis_size(&text, cmd, pool);

    command = redis_create(redis, size);
    if (command == NULL) {
        return NULL;
    }

    ngx_http_crm_redis_format(&text, command + 1, cmd, pool);
    command->text = text;

    if (text.count > 1) {
        command->pool = pool;
        crm_pool_keep(pool);
    }

    command->script = cmd->script;
    command->handler = handler;
    command->data = data;

    return redis_enter(command);
}


ngx_http_crm_command_t *
ngx_http_crm_redis_send(ngx_http_crm_redis_t *redis,
    const ngx_http_crm_text_t *text, const crm_script_t *script,
    ngx_http_crm_reply_pt handler, void *data)
{
    ngx_http_crm_command_t  *command;

    command = redis_create(redis, 0);
    if (command == NULL) {
        return NULL;
    }

    command->text = *text;
    command->script = script;
    command->handler = handler;
    command->data = data;

    return redis_enter(command);
}


ngx_uint_t
ngx_http_crm_redis_was_sent(const ngx_http_crm_command_t *command)
{
    return command->sent;
}


void
ngx_http_crm_redis_forget(ngx_http_crm_command_t *command)
{
    if (command) {
        command->handler = NULL;
        command->data = NULL;
    }
}


/* There is a connection: what has waited for one goes out. */
void
ngx_http_crm_redis_ready(ngx_http_crm_redis_t *redis)
{
    ngx_queue_t             *q;
    ngx_http_crm_command_t  *command;

    while (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        command = ngx_queue_data(q, ngx_http_crm_command_t, queue);
        ngx_queue_remove(q);
        redis_submit(command);
    }

    redis_arm(redis);
}


/* There is none any more: what was sent on it is answered by nobody. */
void
ngx_http_crm_redis_gone(ngx_http_crm_redis_t *redis)
{
    redis_end(&redis->sent);
}


/* Handlers may send again: that waits. */
static void
redis_end(ngx_queue_t *commands)
{
    ngx_queue_t             *q;
    ngx_http_crm_command_t  *command;

    while (!ngx_queue_empty(commands)) {
        q = ngx_queue_head(commands);
        command = ngx_queue_data(q, ngx_http_crm_command_t, queue);
        redis_finish(command, NULL);
    }
}


/* A command with room for more bytes behind it. */
static ngx_http_crm_command_t *
redis_create(ngx_http_crm_redis_t *redis, size_t more)
{
    ngx_http_crm_command_t  *command;

    command = ngx_http_crm_block_alloc(sizeof(ngx_http_crm_command_t) + more,
                                       redis->log);
    if (command == NULL) {
        return NULL;
    }

    ngx_memzero(command, sizeof(ngx_http_crm_command_t));
    command->redis = redis;
    command->deadline = ngx_current_msec + redis->conf->timeout;

    return command;
}


/* On its way, or waiting for one. */
static ngx_http_crm_command_t *
redis_enter(ngx_http_crm_command_t *command)
{
    ngx_http_crm_redis_t  *redis;

    redis = command->redis;

    if (redis->step != NGX_HTTP_CRM_REDIS_UP) {
        ngx_queue_insert_tail(&redis->waiting, &command->queue);

        /* an exiting process stops looking for Redis until it is needed */

        if (redis->context == NULL && !redis->reconnect.timer_set
            && !redis->closing)
        {
            ngx_add_timer(&redis->reconnect, redis->backoff);
        }

    } else {
        redis_submit(command);
    }

    redis_arm(redis);

    return command;
}


static void
redis_submit(ngx_http_crm_command_t *command)
{
    ngx_http_crm_redis_t  *redis;

    redis = command->redis;
    redis->expected++;

    ngx_queue_insert_tail(&redis->sent, &command->queue);
    ngx_http_crm_redis_write_add(command);
    command->sent = 1;
}


/* The oldest command is answered. A handler may end the connection. */
void
ngx_http_crm_redis_answer(ngx_http_crm_redis_t *redis,
    const crm_reply_t *reply)
{
    ngx_uint_t               readonly;
    ngx_queue_t             *q;
    redisAsyncContext       *ac;
    ngx_http_crm_command_t  *command;

    ac = redis->context;
    q = ngx_queue_head(&redis->sent);
    command = ngx_queue_data(q, ngx_http_crm_command_t, queue);

    if (command == redis->unwritten) {
        ngx_http_crm_redis_retire(redis, "it answered what was not asked");
        return;
    }

    if (crm_reply_noscript(reply) && command->script && !command->reloaded
        && redis_reload(command) == NGX_OK)
    {
        return;
    }

    readonly = crm_reply_is_error(reply, "READONLY");

    redis_finish(command, reply);

    /* it has become a replica: the address may lead to another one by now */

    if (readonly && redis->context == ac) {
        ngx_http_crm_redis_retire(redis, "it takes no writes any more");
    }
}


/* Somebody flushed the scripts: load this one and send the command again. */
static ngx_int_t
redis_reload(ngx_http_crm_command_t *command)
{
    crm_cmd_t               *cmd;
    crm_str_t                args[3];
    ngx_http_crm_redis_t    *redis;
    ngx_http_crm_command_t  *load;

    redis = command->redis;
    command->reloaded = 1;

    args[0] = CRM_STR("SCRIPT");
    args[1] = CRM_STR("LOAD");
    args[2] = crm_str(command->script->source, command->script->source_len);

    cmd = crm_cmd_plain(redis->replies, args, 3);
    load = ngx_http_crm_redis_command(redis, cmd, NULL, NULL);

    if (load == NULL) {
        return NGX_ERROR;
    }

    load->deadline = command->deadline;
    ngx_queue_remove(&command->queue);
    redis_submit(command);

    return NGX_OK;
}


/* Unlinked and freed behind the call: a handler may send again. */
static void
redis_finish(ngx_http_crm_command_t *command, const crm_reply_t *reply)
{
    ngx_http_crm_redis_t  *redis;

    redis = command->redis;

    ngx_http_crm_redis_write_drop(command);
    ngx_queue_remove(&command->queue);

    /* one that was forgotten may have been answered well */

    if (command->handler
        && (reply == NULL || reply->type == CRM_REPLY_ERROR))
    {
        redis->errors++;
    }

    if (command->handler) {
        command->handler(command->data, reply);
    }

    crm_pool_destroy(command->pool);
    ngx_http_crm_block_free(command);

    redis_arm(redis);
}


/* One timer for all: deadlines come in the order in which commands came. */
static void
redis_arm(ngx_http_crm_redis_t *redis)
{
    ngx_msec_t               left;
    ngx_queue_t             *q;
    ngx_http_crm_command_t  *oldest, *command;

    oldest = NULL;

    if (!ngx_queue_empty(&redis->sent)) {
        q = ngx_queue_head(&redis->sent);
        oldest = ngx_queue_data(q, ngx_http_crm_command_t, queue);
    }

    if (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        command = ngx_queue_data(q, ngx_http_crm_command_t, queue);

        if (oldest == NULL
            || (ngx_msec_int_t) (command->deadline - oldest->deadline) < 0)
        {
            oldest = command;
        }
    }

    /* with nobody to watch it stays set, and an exit does not wait for it */

    redis->deadline.cancelable = (oldest == NULL);

    if (oldest == NULL) {
        return;
    }

    if (redis->deadline.timer_set) {
        /* too early is harmless: it fires, finds nothing, is set again */
        return;
    }

    left = oldest->deadline - ngx_current_msec;
    if ((ngx_msec_int_t) left < 1) {
        left = 1;
    }

    ngx_add_timer(&redis->deadline, left);
}


static void
redis_deadline_handler(ngx_event_t *ev)
{
    ngx_queue_t             *q;
    ngx_http_crm_redis_t    *redis;
    ngx_http_crm_command_t  *command;

    redis = ev->data;

    while (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        command = ngx_queue_data(q, ngx_http_crm_command_t, queue);

        if ((ngx_msec_int_t) (command->deadline - ngx_current_msec) > 0) {
            break;
        }

        redis_finish(command, NULL);
    }

    if (!ngx_queue_empty(&redis->sent)) {
        q = ngx_queue_head(&redis->sent);
        command = ngx_queue_data(q, ngx_http_crm_command_t, queue);

        if ((ngx_msec_int_t) (command->deadline - ngx_current_msec) <= 0) {
            ngx_http_crm_redis_retire(redis, "no answer within the timeout");
        }
    }

    redis_arm(redis);
}
