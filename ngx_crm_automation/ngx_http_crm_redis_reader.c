/*
 * What is taken from Redis, looked at before hiredis builds it: nothing that
 * nobody asked for (hiredis would end the process), no reply of more elements
 * or bytes than an honest one has. The connection is given up then.
 */

#include "ngx_http_crm_redis_link.h"


/* In one reply, all lists of it together: what is known of a record is the
 * longest honest one, and has two elements a rule. */
#define REDIS_REPLY_ELEMENTS  (256 * 1024)

#if (HIREDIS_MAJOR > 0)
typedef size_t  redis_count_t;
#else
typedef int     redis_count_t;
#endif


static ngx_int_t redis_reader_admit(const redisReadTask *task);
static void *redis_reader_string(const redisReadTask *task, char *str,
    size_t len);
static void *redis_reader_array(const redisReadTask *task, redis_count_t n);
static void *redis_reader_integer(const redisReadTask *task, long long n);
static void *redis_reader_nil(const redisReadTask *task);


/* hiredis' own, and ours in front of them. */
static redisReplyObjectFunctions  redis_reader_default;
static redisReplyObjectFunctions  redis_reader_functions;


void
ngx_http_crm_redis_guard(ngx_http_crm_redis_t *redis)
{
    redisReader  *reader;

    reader = redis->context->c.reader;

    if (redis_reader_default.createString == NULL) {
        redis_reader_default = *reader->fn;

        /* what else there is in later versions no Redis sends unasked */

        redis_reader_functions = *reader->fn;
        redis_reader_functions.createString = redis_reader_string;
        redis_reader_functions.createArray = redis_reader_array;
        redis_reader_functions.createInteger = redis_reader_integer;
        redis_reader_functions.createNil = redis_reader_nil;
    }

    reader->fn = &redis_reader_functions;
    reader->privdata = redis;

    redis->expected = 0;
    redis->elements = 0;
    redis->refused = NULL;
}


/* What has come of a reply that is not whole yet. */
ngx_uint_t
ngx_http_crm_redis_too_large(const ngx_http_crm_redis_t *redis)
{
    return redis->context->c.reader->len > CRM_REPLY_MAX_BYTES;
}


static ngx_int_t
redis_reader_admit(const redisReadTask *task)
{
    ngx_http_crm_redis_t  *redis;

    redis = task->privdata;

    if (task->parent) {
        return NGX_OK;
    }

    if (redis->expected == 0) {
        redis->refused = "it answered what nobody had asked";
        return NGX_ERROR;
    }

    redis->expected--;
    redis->elements = 0;

    return NGX_OK;
}


static void *
redis_reader_string(const redisReadTask *task, char *str, size_t len)
{
    return redis_reader_admit(task) == NGX_OK
           ? redis_reader_default.createString(task, str, len) : NULL;
}


static void *
redis_reader_array(const redisReadTask *task, redis_count_t n)
{
    ngx_http_crm_redis_t  *redis;

    redis = task->privdata;

    if (redis_reader_admit(task) != NGX_OK) {
        return NULL;
    }

    if ((long long) n < 0
        || (size_t) n > REDIS_REPLY_ELEMENTS - redis->elements)
    {
        redis->refused = "it answered with too long a list";
        return NULL;
    }

    redis->elements += (size_t) n;

    return redis_reader_default.createArray(task, n);
}


static void *
redis_reader_integer(const redisReadTask *task, long long n)
{
    return redis_reader_admit(task) == NGX_OK
           ? redis_reader_default.createInteger(task, n) : NULL;
}


static void *
redis_reader_nil(const redisReadTask *task)
{
    return redis_reader_admit(task) == NGX_OK
           ? redis_reader_default.createNil(task) : NULL;
}
