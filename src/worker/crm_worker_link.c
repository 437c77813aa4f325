/*
 * The link to Redis: greeting and backoff.
 */

#include "crm_worker_link.h"

#include "crm_worker_resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define LINK_MAX_PASSWORD  512


/* What is said before the link is ready; a step may be unnecessary. */
typedef enum {
    LINK_AUTH = 0,
    LINK_SELECT,
    LINK_INFO
} link_step_t;

struct crm_worker_link_s {
    uv_timer_t                 timer;       /* backoff */
    crm_worker_loop_t         *loop;
    crm_pool_t                *pool;
    crm_redis_url_t            url;
    crm_str_t                  password_file;
    crm_worker_link_event_pt   event;
    void                      *data;

    crm_worker_resolve_t      *resolve;
    crm_worker_redis_t        *redis;
    struct sockaddr_storage    peer;
    int64_t                    wait_ms;
    link_step_t                step;
    unsigned                   ready:1;
    unsigned                   has_peer:1;
};


static int   link_copy(crm_worker_link_t *link, const crm_redis_url_t *url,
    crm_str_t password_file);
static int   link_dup(crm_pool_t *pool, crm_str_t *to, crm_str_t from);
static void  link_connect(uv_timer_t *timer);
static void  link_resolved(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list);
static void  link_open(crm_worker_link_t *link, const char *path);
static void  link_greet(crm_worker_link_t *link);
static size_t  link_words(crm_worker_link_t *link, crm_str_t *args,
    crm_pool_t *pool);
static int   link_password(crm_worker_link_t *link, crm_str_t *password,
    crm_pool_t *pool);
static void  link_greeted(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static int   link_fit(crm_worker_link_t *link, const crm_reply_t *info);
static void  link_closed(void *data, const char *text);
static void  link_down(crm_worker_link_t *link, crm_worker_link_event_t event,
    const char *text);
static void  link_free(uv_handle_t *handle);


crm_worker_link_t *
crm_worker_link_create(crm_worker_loop_t *loop, const crm_redis_url_t *url,
    crm_str_t password_file, crm_worker_link_event_pt event, void *data)
{
    crm_worker_link_t  *link;

    link = calloc(1, sizeof(crm_worker_link_t));
    if (link == NULL) {
        return NULL;
    }

    link->pool = crm_pool_create(crm_host_malloc(), 0);

    if (link->pool == NULL || !link_copy(link, url, password_file)) {
        crm_pool_destroy(link->pool);
        free(link);
        return NULL;
    }

    link->loop = loop;
    link->event = event;
    link->data = data;
    link->wait_ms = CRM_WORKER_LINK_WAIT_MS;

    uv_timer_init(&loop->uv, &link->timer);
    link->timer.data = link;
    uv_timer_start(&link->timer, link_connect, 0, 0);

    return link;
}


void
crm_worker_link_destroy(crm_worker_link_t *link)
{
    crm_worker_redis_t  *redis;

    link->ready = 0;

    if (link->resolve != NULL) {
        crm_worker_resolve_cancel(link->resolve);
        link->resolve = NULL;
    }

    redis = link->redis;
    link->redis = NULL;

    if (redis != NULL) {
        crm_worker_redis_close(redis);
    }

    uv_close((uv_handle_t *) &link->timer, link_free);
}


int
crm_worker_link_ready(const crm_worker_link_t *link)
{
    return link->ready;
}


int
crm_worker_link_peer(const crm_worker_link_t *link,
    struct sockaddr_storage *peer)
{
    *peer = link->peer;

    return link->has_peer;
}


crm_status_t
crm_worker_link_send(crm_worker_link_t *link, crm_pool_t *pool,
    const crm_cmd_t *cmd, crm_worker_redis_done_pt done, void *data)
{
    if (!link->ready) {
        crm_pool_destroy(pool);
        return CRM_DECLINED;
    }

    return crm_worker_redis_send(link->redis, pool, cmd, done, data);
}


static int
link_copy(crm_worker_link_t *link, const crm_redis_url_t *url,
    crm_str_t password_file)
{
    link->url = *url;

    return link_dup(link->pool, &link->url.path, url->path)
           && link_dup(link->pool, &link->url.host, url->host)
           && link_dup(link->pool, &link->url.user, url->user)
           && link_dup(link->pool, &link->password_file, password_file);
}


/* The null string stays one. */
static int
link_dup(crm_pool_t *pool, crm_str_t *to, crm_str_t from)
{
    *to = from.data ? crm_pool_dup(pool, from) : CRM_STR_NULL;

    return from.data == NULL || to->data != NULL;
}


static void
link_connect(uv_timer_t *timer)
{
    crm_worker_link_t  *link;

    link = timer->data;

    if (link->url.path.data != NULL) {
        link_open(link, link->url.path.data);
        return;
    }

    link->resolve = crm_worker_resolve_start(link->loop, link->url.host.data,
                                             (unsigned) link->url.port,
                                             link_resolved, link);
    if (link->resolve == NULL) {
        link_down(link, CRM_WORKER_LINK_DOWN, "out of memory");
    }
}


/* hiredis would look the name up itself, and block. */
static void
link_resolved(void *data, crm_worker_resolve_status_t status,
    const crm_worker_resolve_list_t *list)
{
    crm_worker_link_t  *link;

    link = data;
    link->resolve = NULL;

    if (status != CRM_WORKER_RESOLVE_OK) {
        link_down(link, CRM_WORKER_LINK_DOWN, "its name does not resolve");
        return;
    }

    link->peer = list->addrs[0];
    link->has_peer = 1;
    link_open(link, NULL);
}


/* Words may be sent before the connection stands. */
static void
link_open(crm_worker_link_t *link, const char *path)
{
    crm_error_t  err;

    link->redis = crm_worker_redis_open(link->loop, path, &link->peer,
                                        link_closed, link, &err);
    if (link->redis == NULL) {
        link_down(link, CRM_WORKER_LINK_DOWN, err.text);
        return;
    }

    link->step = link->password_file.data ? LINK_AUTH : LINK_SELECT;
    link_greet(link);
}


static void
link_greet(crm_worker_link_t *link)
{
    size_t       n;
    crm_str_t    args[3];
    crm_pool_t  *pool;

    if (link->step == LINK_SELECT && link->url.db == 0) {
        link->step = LINK_INFO;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        link_down(link, CRM_WORKER_LINK_DOWN, "out of memory");
        return;
    }

    n = link_words(link, args, pool);
    if (n == 0) {
        crm_pool_destroy(pool);
        link_down(link, CRM_WORKER_LINK_DOWN,
                  "the file of --redis-password-file cannot be read");
        return;
    }

    if (crm_worker_redis_send(link->redis, pool, crm_cmd_plain(pool, args, n),
                              link_greeted, link)
        == CRM_ENOMEM)
    {
        link_down(link, CRM_WORKER_LINK_DOWN, "out of memory");
    }
}


static size_t
link_words(crm_worker_link_t *link, crm_str_t *args, crm_pool_t *pool)
{
    size_t  n;

    n = 0;

    switch (link->step) {

    case LINK_AUTH:
        args[n++] = CRM_STR("AUTH");

        if (link->url.user.data != NULL) {
            args[n++] = link->url.user;
        }

        return link_password(link, &args[n], pool) ? n + 1 : 0;

    case LINK_SELECT:
        args[n++] = CRM_STR("SELECT");
        args[n] = crm_pool_printf(pool, "%d", link->url.db);
        return args[n].data ? n + 1 : 0;

    default:
        args[n++] = CRM_STR("INFO");
        args[n++] = CRM_STR("memory");
        return n;
    }
}


/* Read at each connection, so that it may be changed. */
static int
link_password(crm_worker_link_t *link, crm_str_t *password, crm_pool_t *pool)
{
    char   text[LINK_MAX_PASSWORD], *line;
    FILE  *in;

    in = fopen(link->password_file.data, "re");
    if (in == NULL) {
        return 0;
    }

    line = fgets(text, sizeof(text), in);
    fclose(in);

    if (line == NULL) {
        return 0;
    }

    *password = crm_pool_dup(pool, crm_str(text, strcspn(text, "\r\n")));

    return password->data != NULL;
}


static void
link_greeted(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    char                text[160];
    crm_worker_link_t  *link;

    (void) pool;

    link = data;

    if (reply == NULL || link->redis == NULL) {
        return;             /* lost: link_closed() is to come, or came */
    }

    if (reply->type == CRM_REPLY_ERROR) {
        snprintf(text, sizeof(text), "%.*s",
                 (int) (reply->str.len > 128 ? 128 : reply->str.len),
                 reply->str.data);
        link_down(link, CRM_WORKER_LINK_DOWN, text);
        return;
    }

    if (link->step != LINK_INFO) {
        link->step++;
        link_greet(link);
        return;
    }

    if (link_fit(link, reply)) {
        link->ready = 1;
        link->wait_ms = CRM_WORKER_LINK_WAIT_MS;
        link->event(link->data, CRM_WORKER_LINK_READY, "");
    }
}


/* Would this Redis keep what it is given? */
static int
link_fit(crm_worker_link_t *link, const crm_reply_t *info)
{
    char         text[200];
    size_t       len;
    const char  *policy;

    static const char  key[] = "maxmemory_policy:";

    /* the copy in the pool ends in a zero byte */
    policy = info->type == CRM_REPLY_STRING ? strstr(info->str.data, key)
                                            : NULL;
    if (policy == NULL) {
        link_down(link, CRM_WORKER_LINK_DOWN,
                  "INFO does not tell maxmemory_policy");
        return 0;
    }

    policy += sizeof(key) - 1;
    len = strcspn(policy, "\r\n");

    if (crm_str_is(crm_str(policy, len), "noeviction")) {
        return 1;
    }

    snprintf(text, sizeof(text), "its maxmemory-policy is %.*s, which would "
             "drop jobs and leases; set maxmemory-policy noeviction",
             (int) (len > 40 ? 40 : len), policy);
    link_down(link, CRM_WORKER_LINK_UNFIT, text);

    return 0;
}


static void
link_closed(void *data, const char *text)
{
    crm_worker_link_t  *link;

    link = data;
    link->redis = NULL;
    link_down(link, CRM_WORKER_LINK_DOWN, text);
}


/* Gives the connection up, tells, and tries again after a while. */
static void
link_down(crm_worker_link_t *link, crm_worker_link_event_t event,
    const char *text)
{
    uint64_t             half;
    crm_worker_redis_t  *redis;

    link->ready = 0;
    redis = link->redis;
    link->redis = NULL;

    if (redis != NULL) {
        crm_worker_redis_close(redis);
    }

    /* between half and all of it, lest all workers come back at once */
    half = (uint64_t) link->wait_ms / 2;
    uv_timer_start(&link->timer, link_connect,
                   half + uv_hrtime() % (half + 1), 0);

    link->wait_ms *= 2;
    if (link->wait_ms > CRM_WORKER_LINK_WAIT_MAX_MS) {
        link->wait_ms = CRM_WORKER_LINK_WAIT_MAX_MS;
    }

    link->event(link->data, event, text);
}


static void
link_free(uv_handle_t *handle)
{
    crm_worker_link_t  *link;

    link = handle->data;
    crm_pool_destroy(link->pool);
    free(link);
}
