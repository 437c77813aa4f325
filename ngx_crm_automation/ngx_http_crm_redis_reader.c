/*
 * What Redis answers, as the core reads it: built while hiredis parses, in the
 * pool of the reply that is coming in.
 *
 * Looked at before it is built: nothing that nobody asked for (hiredis would
 * end the process), no reply of more elements or bytes than an honest one has.
 * The connection is given up then.
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

/* A whole reply; of what is in a list hiredis sees the crm_reply_t. */
typedef struct {
    int          type;          /* hiredis looks at it: REDIS_REPLY_... */
    crm_reply_t  reply;
} redis_root_t;


static ngx_int_t redis_reader_admit(const redisReadTask *task);
static void *redis_reader_build(const redisReadTask *task,
    const crm_reply_t *reply);
static crm_reply_t *redis_reader_parent(const redisReadTask *task);
static void *redis_reader_string(const redisReadTask *task, char *str,
    size_t len);
static void *redis_reader_array(const redisReadTask *task, redis_count_t n);
static void *redis_reader_integer(const redisReadTask *task, long long n);
static void *redis_reader_nil(const redisReadTask *task);
#if (HIREDIS_MAJOR > 0)
static void *redis_reader_double(const redisReadTask *task, double n,
    char *str, size_t len);
static void *redis_reader_bool(const redisReadTask *task, int n);
#endif
static void redis_reader_free(void *object);


static redisReplyObjectFunctions  redis_reader_functions = {
    .createString = redis_reader_string,
    .createArray = redis_reader_array,
    .createInteger = redis_reader_integer,
    .createNil = redis_reader_nil,
#if (HIREDIS_MAJOR > 0)
    .createDouble = redis_reader_double,
    .createBool = redis_reader_bool,
#endif
    .freeObject = redis_reader_free
};


void
ngx_http_crm_redis_guard(ngx_http_crm_redis_t *redis)
{
    redisReader  *reader;

    reader = redis->context->c.reader;

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


const crm_reply_t *
ngx_http_crm_redis_reply(const void *object)
{
    return object ? &((const redis_root_t *) object)->reply : NULL;
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
    crm_pool_reset(redis->replies);

    return NGX_OK;
}


/* Where the reply belongs: a list has room for all its elements. NULL without
 * memory, which ends the connection. */
static void *
redis_reader_build(const redisReadTask *task, const crm_reply_t *reply)
{
    redis_root_t          *root;
    crm_reply_t           *to;
    ngx_http_crm_redis_t  *redis;

    if (task->parent) {
        to = &redis_reader_parent(task)->elements[task->idx];
        *to = *reply;
        return to;
    }

    redis = task->privdata;

    root = crm_pool_alloc(redis->replies, sizeof(redis_root_t));
    if (root) {
        root->type = task->type;
        root->reply = *reply;
    }

    return root;
}


static crm_reply_t *
redis_reader_parent(const redisReadTask *task)
{
    redis_root_t         *root;
    const redisReadTask  *parent;

    parent = task->parent;
    root = parent->obj;

    return parent->parent ? parent->obj : &root->reply;
}


/* The bytes are hiredis' until more come in. */
static void *
redis_reader_string(const redisReadTask *task, char *str, size_t len)
{
    crm_reply_t            reply;
    ngx_http_crm_redis_t  *redis;

    redis = task->privdata;

    if (redis_reader_admit(task) != NGX_OK) {
        return NULL;
    }

    ngx_memzero(&reply, sizeof(crm_reply_t));

    reply.type = task->type == REDIS_REPLY_ERROR ? CRM_REPLY_ERROR
                 : task->type == REDIS_REPLY_STATUS ? CRM_REPLY_STATUS
                 : CRM_REPLY_STRING;
    reply.str = crm_pool_dup(redis->replies, crm_str(str, len));

    return reply.str.data ? redis_reader_build(task, &reply) : NULL;
}


static void *
redis_reader_array(const redisReadTask *task, redis_count_t n)
{
    crm_reply_t            reply;
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

    ngx_memzero(&reply, sizeof(crm_reply_t));

    reply.type = CRM_REPLY_ARRAY;
    reply.count = (size_t) n;
    reply.elements = crm_pool_calloc(redis->replies, reply.count,
                                     sizeof(crm_reply_t));

    return reply.elements ? redis_reader_build(task, &reply) : NULL;
}


static void *
redis_reader_integer(const redisReadTask *task, long long n)
{
    crm_reply_t  reply;

    if (redis_reader_admit(task) != NGX_OK) {
        return NULL;
    }

    ngx_memzero(&reply, sizeof(crm_reply_t));

    reply.type = CRM_REPLY_INTEGER;
    reply.integer = n;

    return redis_reader_build(task, &reply);
}


static void *
redis_reader_nil(const redisReadTask *task)
{
    crm_reply_t  reply;

    if (redis_reader_admit(task) != NGX_OK) {
        return NULL;
    }

    ngx_memzero(&reply, sizeof(crm_reply_t));

    return redis_reader_build(task, &reply);
}


#if (HIREDIS_MAJOR > 0)

/* Of a protocol that we have not asked for. */

static void *
redis_reader_double(const redisReadTask *task, double n, char *str,
    size_t len)
{
    ngx_http_crm_redis_t  *redis;

    (void) n;
    (void) str;
    (void) len;

    redis = task->privdata;
    redis->refused = "it answered with a double";

    return NULL;
}


static void *
redis_reader_bool(const redisReadTask *task, int n)
{
    ngx_http_crm_redis_t  *redis;

    (void) n;

    redis = task->privdata;
    redis->refused = "it answered with a boolean";

    return NULL;
}

#endif


/* All of a reply goes at once, with its pool. */
static void
redis_reader_free(void *object)
{
    (void) object;
}
