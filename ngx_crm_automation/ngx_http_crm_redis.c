/*
 * One pipelined connection to Redis a process, on nginx events: the one file
 * of the glue that knows hiredis.
 *
 *     down ──timer──▶ connecting ──connected──▶ greeting ──all answered──▶ up
 *      ▲                  │                         │                      │
 *      └──────────────────┴──────── lost ───────────┴──────────────────────┘
 *
 * Greeting: who we are, what Redis keeps, and the scripts. A Redis that would
 * forget or evict what we entrust to it is not used.
 */

#include "ngx_http_crm_redis.h"

#include <hiredis/hiredis.h>
#include <hiredis/async.h>


#define REDIS_BACKOFF_MIN_MS  50
#define REDIS_BACKOFF_MAX_MS  1000

/* Arrays inside one another in a reply: ours have two. */
#define REDIS_REPLY_DEPTH     8


typedef enum {
    REDIS_DOWN = 0,
    REDIS_CONNECTING,
    REDIS_GREETING,
    REDIS_UP
} redis_step_e;

struct ngx_http_crm_redis_s {
    const ngx_http_crm_redis_conf_t  *conf;
    ngx_log_t                        *log;
    redisAsyncContext                *context;
    ngx_connection_t                 *connection;
    redis_step_e                      step;
    ngx_uint_t                        greetings;    /* not yet answered */
    ngx_uint_t                        told;         /* of the last failure */
    ngx_uint_t                        errors;
    ngx_msec_t                        backoff;
    ngx_http_crm_durability_e         durability;
    crm_pool_t                       *replies;      /* of the one being read */
    ngx_queue_t                       waiting;      /* for a connection */
    ngx_queue_t                       sent;         /* in order */
    ngx_event_t                       deadline;     /* of the oldest command */
    ngx_event_t                       reconnect;
    ngx_event_t                       flush;
    unsigned                          flushing:1;
    unsigned                          reading:1;
    unsigned                          writing:1;    /* events are registered */
    unsigned                          closing:1;
};

struct ngx_http_crm_command_s {
    ngx_queue_t               queue;
    ngx_http_crm_redis_t     *redis;
    const char               *text;
    size_t                    len;
    const crm_script_t       *script;
    ngx_http_crm_reply_pt     handler;
    void                     *data;
    ngx_msec_t                deadline;
    unsigned                  reloaded:1;   /* NOSCRIPT was answered once */
    unsigned                  sent:1;       /* Redis may have seen it */
};


static ngx_http_crm_command_t *redis_create(ngx_http_crm_redis_t *redis,
    size_t more);
static ngx_http_crm_command_t *redis_enter(ngx_http_crm_command_t *command);
static u_char *redis_length(u_char *p, u_char type, size_t n);
static void redis_connect(ngx_http_crm_redis_t *redis);
static ngx_int_t redis_attach(ngx_http_crm_redis_t *redis);
static void redis_greet(ngx_http_crm_redis_t *redis);
static ngx_int_t redis_greeting(ngx_http_crm_redis_t *redis,
    redisCallbackFn *handler, int argc, const char **argv,
    const size_t *argvlen);
static void redis_retire(ngx_http_crm_redis_t *redis, const char *why);
static void redis_lost(ngx_http_crm_redis_t *redis);
static void redis_log_lost(ngx_http_crm_redis_t *redis, const char *why);

static void redis_on_connect(const redisAsyncContext *ac, int status);
static void redis_on_disconnect(const redisAsyncContext *ac, int status);
static void redis_on_greeting(redisAsyncContext *ac, void *reply, void *data);
static void redis_on_info(redisAsyncContext *ac, void *reply, void *data);
static void redis_on_fsync(redisAsyncContext *ac, void *reply, void *data);
static void redis_on_reply(redisAsyncContext *ac, void *reply, void *data);
static void redis_greeted(ngx_http_crm_redis_t *redis);

static ngx_int_t redis_submit(ngx_http_crm_command_t *command);
static ngx_int_t redis_reload(ngx_http_crm_command_t *command);
static void redis_finish(ngx_http_crm_command_t *command,
    const crm_reply_t *reply);
static void redis_answer(ngx_http_crm_command_t *command, redisReply *reply);
static crm_status_t redis_reply(crm_reply_t *to, const redisReply *from,
    crm_pool_t *pool, int depth);

static void redis_arm(ngx_http_crm_redis_t *redis);
static void redis_deadline_handler(ngx_event_t *ev);
static void redis_reconnect_handler(ngx_event_t *ev);
static void redis_flush_handler(ngx_event_t *ev);
static void redis_read_handler(ngx_event_t *ev);
static void redis_write_handler(ngx_event_t *ev);

static void redis_add_read(void *data);
static void redis_del_read(void *data);
static void redis_add_write(void *data);
static void redis_del_write(void *data);
static void redis_cleanup(void *data);


/* What a request may send; the greeting loads them. */
static const crm_script_id_t  scripts[] = {
    CRM_SCRIPT_BEGIN, CRM_SCRIPT_PREPARE, CRM_SCRIPT_COMMIT,
    CRM_SCRIPT_ABORT, CRM_SCRIPT_RULES
};


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
    redis->backoff = REDIS_BACKOFF_MIN_MS;
    ngx_queue_init(&redis->waiting);
    ngx_queue_init(&redis->sent);

    /* pending commands keep an exiting process alive, reconnecting does not */

    redis->deadline.handler = redis_deadline_handler;
    redis->deadline.data = redis;
    redis->deadline.log = log;

    redis->reconnect.handler = redis_reconnect_handler;
    redis->reconnect.data = redis;
    redis->reconnect.log = log;
    redis->reconnect.cancelable = 1;

    redis->flush.handler = redis_flush_handler;
    redis->flush.data = redis;
    redis->flush.log = log;

    redis_connect(redis);

    return redis;
}


void
ngx_http_crm_redis_destroy(ngx_http_crm_redis_t *redis)
{
    ngx_queue_t             *q;
    ngx_http_crm_command_t  *command;

    if (redis == NULL) {
        return;
    }

    redis->closing = 1;

    if (redis->context) {
        redisAsyncFree(redis->context);
    }

    while (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        command = ngx_queue_data(q, ngx_http_crm_command_t, queue);
        redis_finish(command, NULL);
    }

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
    return redis->step == REDIS_UP;
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


size_t
ngx_http_crm_redis_size(const crm_cmd_t *cmd)
{
    int     i;
    size_t  size;

    size = 1 + NGX_INT64_LEN + 2;

    for (i = 0; i < cmd->argc; i++) {
        size += 1 + NGX_INT64_LEN + 2 + cmd->argvlen[i] + 2;
    }

    return size;
}


/* hiredis prints each length with sprintf(), which a commit of forty arguments
 * feels. */
size_t
ngx_http_crm_redis_format(const crm_cmd_t *cmd, char *text)
{
    int      i;
    u_char  *p;

    p = redis_length((u_char *) text, '*', (size_t) cmd->argc);

    for (i = 0; i < cmd->argc; i++) {
        p = redis_length(p, '$', cmd->argvlen[i]);
        p = ngx_cpymem(p, cmd->argv[i], cmd->argvlen[i]);
        *p++ = CR;
        *p++ = LF;
    }

    return (size_t) (p - (u_char *) text);
}


ngx_http_crm_command_t *
ngx_http_crm_redis_command(ngx_http_crm_redis_t *redis, const crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler, void *data)
{
    char                    *text;
    ngx_http_crm_command_t  *command;

    command = cmd ? redis_create(redis, ngx_http_crm_redis_size(cmd)) : NULL;
    if (command == NULL) {
        return NULL;
    }

    text = (char *) (command + 1);

    command->text = text;
    command->len = ngx_http_crm_redis_format(cmd, text);
    command->script = cmd->script;
    command->handler = handler;
    command->data = data;

    return redis_enter(command);
}


ngx_http_crm_command_t *
ngx_http_crm_redis_send(ngx_http_crm_redis_t *redis, const char *text,
    size_t len, const crm_script_t *script, ngx_http_crm_reply_pt handler,
    void *data)
{
    ngx_http_crm_command_t  *command;

    command = redis_create(redis, 0);
    if (command == NULL) {
        return NULL;
    }

    command->text = text;
    command->len = len;
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


/* A command with room for more bytes behind it. */
static ngx_http_crm_command_t *
redis_create(ngx_http_crm_redis_t *redis, size_t more)
{
    ngx_http_crm_command_t  *command;

    command = ngx_alloc(sizeof(ngx_http_crm_command_t) + more, redis->log);
    if (command == NULL) {
        return NULL;
    }

    ngx_memzero(command, sizeof(ngx_http_crm_command_t));
    command->redis = redis;
    command->deadline = ngx_current_msec + redis->conf->timeout;

    return command;
}


/* On its way, or waiting for one; NULL, and gone, without memory. */
static ngx_http_crm_command_t *
redis_enter(ngx_http_crm_command_t *command)
{
    ngx_http_crm_redis_t  *redis;

    redis = command->redis;

    if (redis->step != REDIS_UP) {
        ngx_queue_insert_tail(&redis->waiting, &command->queue);

        /* an exiting process stops looking for Redis until it is needed */

        if (redis->context == NULL && !redis->reconnect.timer_set
            && !redis->closing)
        {
            ngx_add_timer(&redis->reconnect, redis->backoff);
        }

    } else if (redis_submit(command) != NGX_OK) {
        ngx_free(command);
        return NULL;
    }

    redis_arm(redis);

    return command;
}


static u_char *
redis_length(u_char *p, u_char type, size_t n)
{
    u_char  digits[NGX_INT64_LEN];
    size_t  i;

    i = sizeof(digits);

    do {
        digits[--i] = (u_char) ('0' + n % 10);
        n /= 10;
    } while (n);

    *p++ = type;
    p = ngx_cpymem(p, digits + i, sizeof(digits) - i);
    *p++ = CR;
    *p++ = LF;

    return p;
}


static void
redis_connect(ngx_http_crm_redis_t *redis)
{
    redisAsyncContext                *ac;
    const ngx_http_crm_redis_conf_t  *conf;

    conf = redis->conf;

    ac = conf->url.path.data
         ? redisAsyncConnectUnix(conf->url.path.data)
         : redisAsyncConnect((char *) conf->address.data, conf->url.port);

    if (ac == NULL) {
        redis_log_lost(redis, "no memory");
        redis_lost(redis);
        return;
    }

    if (ac->err) {
        redis_log_lost(redis, ac->errstr);
        redisAsyncFree(ac);
        redis_lost(redis);
        return;
    }

    redis->context = ac;
    redis->step = REDIS_CONNECTING;

    if (redis_attach(redis) != NGX_OK) {
        redis->context = NULL;
        redisAsyncFree(ac);
        redis_lost(redis);
        return;
    }

    /* a connect that hangs ends with the usual deadline */

    ngx_add_timer(&redis->reconnect, conf->timeout);
}


static ngx_int_t
redis_attach(ngx_http_crm_redis_t *redis)
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

    if (redisAsyncSetDisconnectCallback(ac, redis_on_disconnect) != REDIS_OK
        || redisAsyncSetConnectCallback(ac, redis_on_connect) != REDIS_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
redis_on_connect(const redisAsyncContext *ac, int status)
{
    ngx_http_crm_redis_t  *redis;

    redis = ac->data;

    if (status != REDIS_OK) {

        /* hiredis frees the context and calls nobody else */

        redis_log_lost(redis, ac->errstr);
        redis->context = NULL;
        redis_lost(redis);
        return;
    }

    redis->step = REDIS_GREETING;
    redis_greet(redis);
}


static void
redis_on_disconnect(const redisAsyncContext *ac, int status)
{
    ngx_http_crm_redis_t  *redis;

    redis = ac->data;

    if (redis->context != ac) {
        return;
    }

    if (!redis->closing) {
        redis_log_lost(redis, status == REDIS_OK ? "closed" : ac->errstr);
    }

    redis->context = NULL;
    redis_lost(redis);
}


/* AUTH, SELECT, what Redis keeps, and our scripts: one pipeline. */
static void
redis_greet(ngx_http_crm_redis_t *redis)
{
    int                               n;
    char                              db[NGX_INT_T_LEN + 1];
    size_t                            i, lens[3];
    const char                       *argv[3];
    const crm_script_t               *script;
    const ngx_http_crm_redis_conf_t  *conf;

    conf = redis->conf;
    redis->greetings = 0;

    if (conf->password.len) {
        n = 0;
        argv[n] = "AUTH";
        lens[n++] = 4;

        if (conf->url.user.data) {
            argv[n] = conf->url.user.data;
            lens[n++] = conf->url.user.len;
        }

        argv[n] = (char *) conf->password.data;
        lens[n++] = conf->password.len;

        if (redis_greeting(redis, redis_on_greeting, n, argv, lens)
            != NGX_OK)
        {
            return;
        }
    }

    if (conf->url.db) {
        argv[0] = "SELECT";
        lens[0] = 6;
        argv[1] = db;
        lens[1] = ngx_sprintf((u_char *) db, "%d", conf->url.db)
                  - (u_char *) db;

        if (redis_greeting(redis, redis_on_greeting, 2, argv, lens)
            != NGX_OK)
        {
            return;
        }
    }

    argv[0] = "INFO";
    lens[0] = 4;

    if (redis_greeting(redis, redis_on_info, 1, argv, lens) != NGX_OK) {
        return;
    }

    argv[0] = "CONFIG";
    lens[0] = 6;
    argv[1] = "GET";
    lens[1] = 3;
    argv[2] = "appendfsync";
    lens[2] = 11;

    if (redis_greeting(redis, redis_on_fsync, 3, argv, lens) != NGX_OK) {
        return;
    }

    for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        script = crm_script(scripts[i]);

        argv[0] = "SCRIPT";
        lens[0] = 6;
        argv[1] = "LOAD";
        lens[1] = 4;
        argv[2] = script->source;
        lens[2] = script->source_len;

        if (redis_greeting(redis, redis_on_greeting, 3, argv, lens)
            != NGX_OK)
        {
            return;
        }
    }
}


static ngx_int_t
redis_greeting(ngx_http_crm_redis_t *redis, redisCallbackFn *handler,
    int argc, const char **argv, const size_t *argvlen)
{
    if (redisAsyncCommandArgv(redis->context, handler, redis, argc, argv,
                              argvlen) != REDIS_OK)
    {
        /* not from here: hiredis goes on with the context behind onConnect */

        ngx_add_timer(&redis->reconnect, 1);
        return NGX_ERROR;
    }

    redis->greetings++;

    return NGX_OK;
}


static void
redis_on_greeting(redisAsyncContext *ac, void *data, void *privdata)
{
    redisReply            *reply;
    ngx_http_crm_redis_t  *redis;

    reply = data;
    redis = privdata;

    if (reply == NULL || redis->context != ac) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        redis_retire(redis, reply->str);
        return;
    }

    redis_greeted(redis);
}


/* An evicting Redis would lose leases first, one without AOF everything. */
static void
redis_on_info(redisAsyncContext *ac, void *data, void *privdata)
{
    char                  *text;
    redisReply            *reply;
    ngx_http_crm_redis_t  *redis;

    reply = data;
    redis = privdata;

    if (reply == NULL || redis->context != ac) {
        return;
    }

    if (reply->type != REDIS_REPLY_STRING) {
        redis_retire(redis, reply->type == REDIS_REPLY_ERROR
                            ? reply->str : "INFO answered no text");
        return;
    }

    text = reply->str;

    if (ngx_strstr(text, "loading:1")) {
        redis_retire(redis, "it is loading its data");
        return;
    }

    if (ngx_strstr(text, "maxmemory_policy:")
        && ngx_strstr(text, "maxmemory_policy:noeviction") == NULL)
    {
        redis_retire(redis, "its maxmemory-policy is not noeviction, so it"
                            " would drop leases and jobs");
        return;
    }

    redis->durability = ngx_strstr(text, "aof_enabled:1")
                        ? NGX_HTTP_CRM_DURABILITY_STANDARD
                        : NGX_HTTP_CRM_DURABILITY_MEMORY;

    if (redis->durability == NGX_HTTP_CRM_DURABILITY_MEMORY
        && !redis->conf->allow_memory)
    {
        redis_retire(redis, "it keeps nothing on disk; set \"appendonly yes\""
                            " there, or say \"volatile\" in crm_redis");
        return;
    }

    redis_greeted(redis);
}


/* CONFIG may be forbidden: then the durability is the weaker one. */
static void
redis_on_fsync(redisAsyncContext *ac, void *data, void *privdata)
{
    redisReply            *reply;
    ngx_http_crm_redis_t  *redis;

    reply = data;
    redis = privdata;

    if (reply == NULL || redis->context != ac) {
        return;
    }

    if (redis->durability == NGX_HTTP_CRM_DURABILITY_STANDARD
        && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2
        && reply->element[1]->type == REDIS_REPLY_STRING
        && ngx_strcmp(reply->element[1]->str, "always") == 0)
    {
        redis->durability = NGX_HTTP_CRM_DURABILITY_STRICT;
    }

    redis_greeted(redis);
}


static void
redis_greeted(ngx_http_crm_redis_t *redis)
{
    ngx_uint_t               level;
    ngx_queue_t             *q;
    ngx_http_crm_command_t  *command;

    if (--redis->greetings) {
        return;
    }

    redis->step = REDIS_UP;
    redis->backoff = REDIS_BACKOFF_MIN_MS;

    if (redis->reconnect.timer_set) {
        ngx_del_timer(&redis->reconnect);
    }

    level = redis->told ? NGX_LOG_NOTICE : NGX_LOG_INFO;

    ngx_log_error(level, redis->log, 0,
                  "crm state: connected to %s", redis->conf->url.text.data);
    redis->told = 0;

    while (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        command = ngx_queue_data(q, ngx_http_crm_command_t, queue);
        ngx_queue_remove(q);

        if (redis_submit(command) != NGX_OK) {
            ngx_queue_insert_head(&redis->waiting, q);
            redis_finish(command, NULL);
        }

        if (redis->step != REDIS_UP) {
            return;
        }
    }

    redis_arm(redis);
}


/* Gives a connection up, from inside its callbacks or from outside. */
static void
redis_retire(ngx_http_crm_redis_t *redis, const char *why)
{
    redisAsyncContext  *ac;

    redis_log_lost(redis, why);

    /* handlers that are answered with NULL now may send again: that waits */

    ac = redis->context;
    redis->step = REDIS_DOWN;
    redis->context = NULL;

    if (ac) {
        redisAsyncFree(ac);
    }

    redis_lost(redis);
}


/* What was sent has been answered with NULL by hiredis; what waits, waits. */
static void
redis_lost(ngx_http_crm_redis_t *redis)
{
    redis->step = REDIS_DOWN;

    if (redis->closing || ngx_terminate) {
        return;
    }

    if (ngx_exiting && ngx_queue_empty(&redis->waiting)
        && ngx_queue_empty(&redis->sent))
    {
        return;
    }

    ngx_add_timer(&redis->reconnect, redis->backoff);

    redis->backoff = ngx_min(redis->backoff * 2, REDIS_BACKOFF_MAX_MS);
}


/* Once for each time that Redis went away, not for each attempt. */
static void
redis_log_lost(ngx_http_crm_redis_t *redis, const char *why)
{
    ngx_uint_t  level;

    redis->errors++;
    level = redis->told ? NGX_LOG_INFO : NGX_LOG_ERR;

    ngx_log_error(level, redis->log, 0,
                  "crm state: no connection to %s: %s",
                  redis->conf->url.text.data, why);

    redis->told = 1;
}


static ngx_int_t
redis_submit(ngx_http_crm_command_t *command)
{
    ngx_http_crm_redis_t  *redis;

    redis = command->redis;

    if (redisAsyncFormattedCommand(redis->context, redis_on_reply, command,
                                   command->text, command->len) != REDIS_OK)
    {
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(&redis->sent, &command->queue);
    command->sent = 1;

    return NGX_OK;
}


static void
redis_on_reply(redisAsyncContext *ac, void *data, void *privdata)
{
    redisReply              *reply;
    ngx_http_crm_command_t  *command;

    reply = data;
    command = privdata;

    if (reply && reply->type == REDIS_REPLY_ERROR && command->script
        && !command->reloaded && command->redis->context == ac
        && ngx_strncmp(reply->str, "NOSCRIPT", 8) == 0)
    {
        if (redis_reload(command) == NGX_OK) {
            return;
        }
    }

    if (reply == NULL) {

        /* hiredis is about to free the connection and tells us one by one */

        if (command->redis->context == ac) {
            command->redis->step = REDIS_DOWN;
        }

        redis_finish(command, NULL);
        return;
    }

    redis_answer(command, reply);
}


/* Somebody flushed the scripts: load this one and send the command again. */
static ngx_int_t
redis_reload(ngx_http_crm_command_t *command)
{
    size_t                 lens[3];
    const char            *argv[3];
    ngx_http_crm_redis_t  *redis;

    redis = command->redis;
    command->reloaded = 1;

    argv[0] = "SCRIPT";
    lens[0] = 6;
    argv[1] = "LOAD";
    lens[1] = 4;
    argv[2] = command->script->source;
    lens[2] = command->script->source_len;

    if (redisAsyncCommandArgv(redis->context, NULL, NULL, 3, argv, lens)
        != REDIS_OK)
    {
        return NGX_ERROR;
    }

    ngx_queue_remove(&command->queue);

    if (redis_submit(command) != NGX_OK) {
        ngx_queue_insert_tail(&redis->sent, &command->queue);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
redis_answer(ngx_http_crm_command_t *command, redisReply *reply)
{
    crm_pool_t   *pool;
    crm_reply_t   to;

    pool = command->redis->replies;

    if (command->handler == NULL) {
        redis_finish(command, NULL);
        return;
    }

    if (redis_reply(&to, reply, pool, 0) != CRM_OK) {
        ngx_log_error(NGX_LOG_ERR, command->redis->log, 0,
                      "crm state: a reply could not be read");
        redis_finish(command, NULL);

    } else {
        redis_finish(command, &to);
    }

    crm_pool_reset(pool);
}


static crm_status_t
redis_reply(crm_reply_t *to, const redisReply *from, crm_pool_t *pool,
    int depth)
{
    size_t        i;
    crm_status_t  rc;

    ngx_memzero(to, sizeof(crm_reply_t));

    switch (from->type) {

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
        to->type = from->type == REDIS_REPLY_STRING ? CRM_REPLY_STRING
                   : from->type == REDIS_REPLY_STATUS ? CRM_REPLY_STATUS
                   : CRM_REPLY_ERROR;
        to->str = crm_str(from->str, from->len);
        return CRM_OK;

    case REDIS_REPLY_INTEGER:
        to->type = CRM_REPLY_INTEGER;
        to->integer = from->integer;
        return CRM_OK;

    case REDIS_REPLY_NIL:
        return CRM_OK;

    case REDIS_REPLY_ARRAY:
        break;

    default:
        return CRM_EINVAL;
    }

    if (depth == REDIS_REPLY_DEPTH) {
        return CRM_ELIMIT;
    }

    to->type = CRM_REPLY_ARRAY;
    to->count = from->elements;
    to->elements = crm_pool_calloc(pool, from->elements + 1,
                                   sizeof(crm_reply_t));
    if (to->elements == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < from->elements; i++) {
        rc = redis_reply(&to->elements[i], from->element[i], pool, depth + 1);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* Unlinked and freed behind the call: a handler may send again. */
static void
redis_finish(ngx_http_crm_command_t *command, const crm_reply_t *reply)
{
    ngx_http_crm_redis_t  *redis;

    redis = command->redis;

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

    ngx_free(command);

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

    if (oldest == NULL) {
        if (redis->deadline.timer_set) {
            ngx_del_timer(&redis->deadline);
        }
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
            redis_retire(redis, "no answer within the timeout");
        }
    }

    redis_arm(redis);
}


/* Either it is time to try again, or an attempt took too long. */
static void
redis_reconnect_handler(ngx_event_t *ev)
{
    ngx_http_crm_redis_t  *redis;

    redis = ev->data;

    if (redis->step != REDIS_DOWN) {
        redis_retire(redis, "no connection within the timeout");
        return;
    }

    redis_connect(redis);
}


static void
redis_flush_handler(ngx_event_t *ev)
{
    ngx_http_crm_redis_t  *redis;

    redis = ev->data;

    if (redis->context == NULL) {
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

    if (redis->context) {
        redisAsyncHandleRead(redis->context);
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
        redis->flushing = 1;
        redisAsyncHandleWrite(redis->context);
        redis->flushing = 0;
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

    if (redis->step != REDIS_CONNECTING && !redis->flushing) {
        if (!redis->flush.posted) {
            ngx_post_event(&redis->flush, &ngx_posted_events);
        }
        return;
    }

    if (ngx_add_event(redis->connection->write, NGX_WRITE_EVENT,
                      NGX_LEVEL_EVENT) == NGX_OK)
    {
        redis->writing = 1;
    }
}


static void
redis_del_write(void *data)
{
    ngx_http_crm_redis_t  *redis = data;

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
