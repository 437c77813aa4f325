/*
 * The connection to Redis: looked for, greeted, lost, looked for again.
 *
 *     down ──timer──▶ connecting ──connected──▶ greeting ──all answered──▶ up
 *      ▲                  │                         │                      │
 *      └──────────────────┴──────── lost ───────────┴──────────────────────┘
 *
 * Greeting: who we are, what Redis keeps, and the scripts. A Redis that would
 * forget or evict what we entrust to it is not used.
 */

#include "ngx_http_crm_redis_link.h"


static void redis_greet(ngx_http_crm_redis_t *redis);
static ngx_int_t redis_greeting(ngx_http_crm_redis_t *redis,
    redisCallbackFn *handler, const crm_script_t *script, int argc,
    const char **argv, const size_t *argvlen);
static void redis_lost(ngx_http_crm_redis_t *redis);
static void redis_log_lost(ngx_http_crm_redis_t *redis, const char *why);
static void redis_on_connect(const redisAsyncContext *ac, int status);
static void redis_on_disconnect(const redisAsyncContext *ac, int status);
static void redis_on_ok(redisAsyncContext *ac, void *reply, void *data);
static void redis_on_script(redisAsyncContext *ac, void *reply, void *data);
static void redis_on_info(redisAsyncContext *ac, void *reply, void *data);
static void redis_on_fsync(redisAsyncContext *ac, void *reply, void *data);
static void redis_greeted(ngx_http_crm_redis_t *redis);


/* What a request may send; the greeting loads them. */
static const crm_script_id_t  scripts[] = {
    CRM_SCRIPT_BEGIN, CRM_SCRIPT_PREPARE, CRM_SCRIPT_COMMIT,
    CRM_SCRIPT_ABORT, CRM_SCRIPT_RULES, CRM_SCRIPT_CHAIN,
    CRM_SCRIPT_LOCK, CRM_SCRIPT_UNLOCK
};


void
ngx_http_crm_redis_connect(ngx_http_crm_redis_t *redis)
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
    redis->step = NGX_HTTP_CRM_REDIS_CONNECTING;

    if (ngx_http_crm_redis_attach(redis) != NGX_OK
        || redisAsyncSetDisconnectCallback(ac, redis_on_disconnect)
           != REDIS_OK
        || redisAsyncSetConnectCallback(ac, redis_on_connect) != REDIS_OK)
    {
        redis->context = NULL;
        redisAsyncFree(ac);
        redis_lost(redis);
        return;
    }

    /* a connect that hangs ends with the usual deadline */

    ngx_add_timer(&redis->reconnect, conf->timeout);
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

    redis->step = NGX_HTTP_CRM_REDIS_GREETING;
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
        redis_log_lost(redis, redis->refused ? redis->refused
                              : status == REDIS_OK ? "closed" : ac->errstr);
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

        if (redis_greeting(redis, redis_on_ok, NULL, n, argv, lens)
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

        if (redis_greeting(redis, redis_on_ok, NULL, 2, argv, lens)
            != NGX_OK)
        {
            return;
        }
    }

    argv[0] = "INFO";
    lens[0] = 4;

    if (redis_greeting(redis, redis_on_info, NULL, 1, argv, lens) != NGX_OK) {
        return;
    }

    argv[0] = "CONFIG";
    lens[0] = 6;
    argv[1] = "GET";
    lens[1] = 3;
    argv[2] = "appendfsync";
    lens[2] = 11;

    if (redis_greeting(redis, redis_on_fsync, NULL, 3, argv, lens)
        != NGX_OK)
    {
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

        if (redis_greeting(redis, redis_on_script, script, 3, argv, lens)
            != NGX_OK)
        {
            return;
        }
    }
}


static ngx_int_t
redis_greeting(ngx_http_crm_redis_t *redis, redisCallbackFn *handler,
    const crm_script_t *script, int argc, const char **argv,
    const size_t *argvlen)
{
    if (redisAsyncCommandArgv(redis->context, handler, (void *) script, argc,
                              argv, argvlen) != REDIS_OK)
    {
        /* not from here: hiredis goes on with the context behind onConnect */

        ngx_add_timer(&redis->reconnect, 1);
        return NGX_ERROR;
    }

    redis->greetings++;
    redis->expected++;

    return NGX_OK;
}


/* AUTH and SELECT. */
static void
redis_on_ok(redisAsyncContext *ac, void *data, void *privdata)
{
    const crm_reply_t     *reply;
    ngx_http_crm_redis_t  *redis;

    (void) privdata;

    reply = ngx_http_crm_redis_reply(data);
    redis = ac->data;

    if (reply == NULL || redis->context != ac) {
        return;
    }

    if (reply->type != CRM_REPLY_STATUS) {
        ngx_http_crm_redis_retire(redis, reply->type == CRM_REPLY_ERROR
                                         ? reply->str.data
                                         : "it answered AUTH or SELECT with"
                                           " something else than OK");
        return;
    }

    redis_greeted(redis);
}


/* Redis names a script as we do, or it has got another one. */
static void
redis_on_script(redisAsyncContext *ac, void *data, void *privdata)
{
    const crm_reply_t     *reply;
    const crm_script_t    *script;
    ngx_http_crm_redis_t  *redis;

    reply = ngx_http_crm_redis_reply(data);
    script = privdata;
    redis = ac->data;

    if (reply == NULL || redis->context != ac) {
        return;
    }

    if (reply->type != CRM_REPLY_STRING
        || !crm_str_is(reply->str, script->sha1))
    {
        ngx_http_crm_redis_retire(redis, reply->type == CRM_REPLY_ERROR
                                         ? reply->str.data
                                         : "it does not load our scripts");
        return;
    }

    redis_greeted(redis);
}


/* An evicting Redis would lose leases first, one without AOF everything. */
static void
redis_on_info(redisAsyncContext *ac, void *data, void *privdata)
{
    const char            *text;
    const crm_reply_t     *reply;
    ngx_http_crm_redis_t  *redis;

    (void) privdata;

    reply = ngx_http_crm_redis_reply(data);
    redis = ac->data;

    if (reply == NULL || redis->context != ac) {
        return;
    }

    if (reply->type != CRM_REPLY_STRING) {
        ngx_http_crm_redis_retire(redis, reply->type == CRM_REPLY_ERROR
                            ? reply->str.data : "INFO answered no text");
        return;
    }

    text = reply->str.data;

    if (ngx_strstr(text, "loading:1")) {
        ngx_http_crm_redis_retire(redis, "it is loading its data");
        return;
    }

    if (ngx_strstr(text, "role:slave")
        && ngx_strstr(text, "slave_read_only:1"))
    {
        ngx_http_crm_redis_retire(redis, "it is a replica, which takes no"
                                  " writes");
        return;
    }

    if (ngx_strstr(text, "maxmemory_policy:") == NULL) {
        ngx_http_crm_redis_retire(redis, "INFO does not tell what it is");
        return;
    }

    if (ngx_strstr(text, "maxmemory_policy:noeviction") == NULL) {
        ngx_http_crm_redis_retire(redis, "its maxmemory-policy is not"
                                  " noeviction, so it would drop leases and"
                                  " jobs");
        return;
    }

    redis->durability = ngx_strstr(text, "aof_enabled:1")
                        ? NGX_HTTP_CRM_DURABILITY_STANDARD
                        : NGX_HTTP_CRM_DURABILITY_MEMORY;

    if (redis->durability == NGX_HTTP_CRM_DURABILITY_MEMORY
        && !redis->conf->allow_memory)
    {
        ngx_http_crm_redis_retire(redis, "it keeps nothing on disk; set"
                                  " \"appendonly yes\" there, or say"
                                  " \"volatile\" in crm_redis");
        return;
    }

    redis_greeted(redis);
}


/* CONFIG may be forbidden: then the durability is the weaker one. */
static void
redis_on_fsync(redisAsyncContext *ac, void *data, void *privdata)
{
    const crm_reply_t     *reply;
    ngx_http_crm_redis_t  *redis;

    (void) privdata;

    reply = ngx_http_crm_redis_reply(data);
    redis = ac->data;

    if (reply == NULL || redis->context != ac) {
        return;
    }

    if (redis->durability == NGX_HTTP_CRM_DURABILITY_STANDARD
        && reply->type == CRM_REPLY_ARRAY && reply->count == 2
        && reply->elements[1].type == CRM_REPLY_STRING
        && crm_str_is(reply->elements[1].str, "always"))
    {
        redis->durability = NGX_HTTP_CRM_DURABILITY_STRICT;
    }

    redis_greeted(redis);
}


static void
redis_greeted(ngx_http_crm_redis_t *redis)
{
    ngx_uint_t  level;

    if (--redis->greetings) {
        return;
    }

    redis->step = NGX_HTTP_CRM_REDIS_UP;
    redis->backoff = NGX_HTTP_CRM_REDIS_BACKOFF_MIN_MS;

    if (redis->reconnect.timer_set) {
        ngx_del_timer(&redis->reconnect);
    }

    level = redis->told ? NGX_LOG_NOTICE : NGX_LOG_INFO;

    ngx_log_error(level, redis->log, 0,
                  "crm state: connected to %s", redis->conf->url.text.data);
    redis->told = 0;
}


/* Gives a connection up, from inside its callbacks or from outside. */
void
ngx_http_crm_redis_retire(ngx_http_crm_redis_t *redis, const char *why)
{
    redisAsyncContext  *ac;

    redis_log_lost(redis, why);

    ac = redis->context;
    redis->context = NULL;

    if (ac) {
        redisAsyncFree(ac);
    }

    redis_lost(redis);
}


static void
redis_lost(ngx_http_crm_redis_t *redis)
{
    redis->step = NGX_HTTP_CRM_REDIS_DOWN;
    ngx_http_crm_redis_gone(redis);

    if (redis->closing || ngx_terminate) {
        return;
    }

    if (ngx_exiting && ngx_queue_empty(&redis->waiting)
        && ngx_queue_empty(&redis->sent))
    {
        return;
    }

    ngx_add_timer(&redis->reconnect, redis->backoff);

    redis->backoff = ngx_min(redis->backoff * 2,
                             NGX_HTTP_CRM_REDIS_BACKOFF_MAX_MS);
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


/* Either it is time to try again, or an attempt took too long. */
void
ngx_http_crm_redis_reconnect(ngx_event_t *ev)
{
    ngx_http_crm_redis_t  *redis;

    redis = ev->data;

    if (redis->step != NGX_HTTP_CRM_REDIS_DOWN) {
        ngx_http_crm_redis_retire(redis, "no connection within the timeout");
        return;
    }

    ngx_http_crm_redis_connect(redis);
}
