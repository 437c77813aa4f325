/*
 * Blocking Redis over hiredis, 0.14.1 and 1.x.
 *
 * hiredis' own timeout counts anew for every read, and it reads without limit;
 * both are ours: each command has one deadline, and a reply a ceiling.
 */

#include "crm_store.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>


#define STORE_MAX_ARGS      64
#define STORE_MAX_PASSWORD  512


struct crm_store_s {
    redisContext     *context;      /* NULL once it has failed */
    long              timeout_ms;
    crm_pool_t       *pool;         /* the store itself lies in it */
    crm_redis_url_t   url;
    char              lost[128];    /* why context is NULL */
};


static crm_status_t  store_connect(crm_store_t *store, crm_error_t *err);
static crm_status_t  store_auth(crm_store_t *store, const char *password_file,
    crm_error_t *err);
static crm_status_t  store_password(const char *name, char *line,
    size_t size, crm_error_t *err);
static crm_status_t  store_select(crm_store_t *store, crm_error_t *err);
static crm_status_t  store_plain(crm_store_t *store, const crm_str_t *args,
    size_t n, crm_error_t *err);
static crm_status_t  store_send(crm_store_t *store, const crm_cmd_t *cmd,
    crm_pool_t *pool, crm_reply_t **reply, crm_error_t *err);
static crm_status_t  store_receive(crm_store_t *store, redisReply **reply,
    crm_error_t *err);
static crm_status_t  store_read(crm_store_t *store, long long deadline_ms,
    size_t *bytes, crm_error_t *err);
static crm_status_t  store_view(crm_reply_t *view, const redisReply *reply,
    crm_pool_t *pool);
static crm_status_t  store_view_array(crm_reply_t *view,
    const redisReply *reply, crm_pool_t *pool);
static crm_status_t  store_lost(crm_store_t *store, const char *why,
    crm_error_t *err);
static long long     store_now_ms(void);


crm_status_t
crm_store_open(crm_store_t **out, crm_str_t url, const crm_store_opts_t *opts,
    crm_error_t *err)
{
    crm_pool_t    *pool;
    crm_store_t   *store;
    crm_status_t   rc;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    store = crm_pool_calloc(pool, 1, sizeof(crm_store_t));
    if (store == NULL) {
        crm_pool_destroy(pool);
        return CRM_ENOMEM;
    }

    store->pool = pool;
    store->timeout_ms = opts && opts->timeout_ms > 0
                        ? opts->timeout_ms : CRM_STORE_TIMEOUT_MS;

    rc = crm_redis_url_parse(&store->url, url, pool, err);
    if (rc == CRM_OK) {
        rc = store_connect(store, err);
    }
    if (rc == CRM_OK) {
        rc = store_auth(store, opts ? opts->password_file : NULL, err);
    }
    if (rc == CRM_OK) {
        rc = store_select(store, err);
    }

    if (rc != CRM_OK) {
        crm_store_close(store);
        return rc;
    }

    *out = store;

    return CRM_OK;
}


void
crm_store_close(crm_store_t *store)
{
    if (store == NULL) {
        return;
    }

    if (store->context) {
        redisFree(store->context);
    }

    crm_pool_destroy(store->pool);
}


crm_status_t
crm_store_run(crm_store_t *store, const crm_cmd_t *cmd, crm_pool_t *pool,
    crm_reply_t **reply, crm_error_t *err)
{
    crm_status_t  rc;

    *reply = NULL;

    rc = store_send(store, cmd, pool, reply, err);
    if (rc != CRM_OK) {
        return rc;
    }

    if (cmd->script && crm_reply_noscript(*reply)) {
        cmd = crm_cmd_eval(pool, cmd);
        if (cmd == NULL) {
            return CRM_ENOMEM;
        }

        rc = store_send(store, cmd, pool, reply, err);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if ((*reply)->type == CRM_REPLY_ERROR) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "Redis at %s: %.180s", store->url.text.data,
                             (*reply)->str.data);
    }

    return CRM_OK;
}


crm_status_t
crm_store_command(crm_store_t *store, crm_pool_t *pool, crm_reply_t **reply,
    crm_error_t *err, int n, ...)
{
    int         i;
    va_list     list;
    crm_str_t   args[STORE_MAX_ARGS];
    crm_cmd_t  *cmd;

    *reply = NULL;

    if (n < 1 || n > STORE_MAX_ARGS) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "a command has 1 to %d arguments",
                             STORE_MAX_ARGS);
    }

    va_start(list, n);
    for (i = 0; i < n; i++) {
        args[i] = va_arg(list, crm_str_t);
    }
    va_end(list);

    cmd = crm_cmd_plain(pool, args, (size_t) n);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    return crm_store_run(store, cmd, pool, reply, err);
}


static crm_status_t
store_connect(crm_store_t *store, crm_error_t *err)
{
    crm_status_t      rc;
    redisContext     *c;
    struct timeval    tv;
    crm_redis_url_t  *url;

    url = &store->url;
    tv.tv_sec = store->timeout_ms / 1000;
    tv.tv_usec = (store->timeout_ms % 1000) * 1000;

    c = url->path.data
        ? redisConnectUnixWithTimeout(url->path.data, tv)
        : redisConnectWithTimeout(url->host.data, url->port, tv);

    if (c == NULL) {
        return CRM_ENOMEM;
    }

    if (c->err) {
        rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                           "no connection to Redis at %s: %s",
                           url->text.data, c->errstr);
        redisFree(c);
        return rc;
    }

    store->context = c;

    /* Reads have our own deadline; this one is for writes. */
    if (redisSetTimeout(c, tv) != REDIS_OK) {
        return store_lost(store, "its timeout could not be set", err);
    }

    return CRM_OK;
}


static crm_status_t
store_auth(crm_store_t *store, const char *password_file, crm_error_t *err)
{
    char          line[STORE_MAX_PASSWORD];
    crm_str_t     args[3];
    crm_status_t  rc;

    if (password_file == NULL) {
        if (store->url.user.data == NULL) {
            return CRM_OK;
        }

        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s names a user: give a password file too",
                             store->url.text.data);
    }

    rc = store_password(password_file, line, sizeof(line), err);
    if (rc != CRM_OK) {
        return rc;
    }

    args[0] = CRM_STR("AUTH");

    if (store->url.user.data) {
        args[1] = store->url.user;
        args[2] = crm_strz(line);
        return store_plain(store, args, 3, err);
    }

    args[1] = crm_strz(line);

    return store_plain(store, args, 2, err);
}


static crm_status_t
store_password(const char *name, char *line, size_t size, crm_error_t *err)
{
    FILE  *file;

    file = fopen(name, "re");
    if (file == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, name,
                             "the password file cannot be opened: %s",
                             strerror(errno));
    }

    if (fgets(line, (int) size, file) == NULL) {
        line[0] = '\0';
    }

    fclose(file);
    line[strcspn(line, "\r\n")] = '\0';

    if (line[0] == '\0') {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, name,
                             "the first line of the password file is empty");
    }

    return CRM_OK;
}


static crm_status_t
store_select(crm_store_t *store, crm_error_t *err)
{
    crm_str_t  args[2];

    if (store->url.db == 0) {
        return CRM_OK;
    }

    args[0] = CRM_STR("SELECT");
    args[1] = crm_pool_printf(store->pool, "%d", store->url.db);
    if (args[1].data == NULL) {
        return CRM_ENOMEM;
    }

    return store_plain(store, args, 2, err);
}


/* A command of which only the error matters. */
static crm_status_t
store_plain(crm_store_t *store, const crm_str_t *args, size_t n,
    crm_error_t *err)
{
    crm_cmd_t    *cmd;
    crm_reply_t  *reply;

    cmd = crm_cmd_plain(store->pool, args, n);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    return crm_store_run(store, cmd, store->pool, &reply, err);
}


static crm_status_t
store_send(crm_store_t *store, const crm_cmd_t *cmd, crm_pool_t *pool,
    crm_reply_t **out, crm_error_t *err)
{
    redisReply    *reply;
    crm_status_t   rc;

    *out = NULL;
    reply = NULL;

    if (store->context == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the connection to Redis at %s is gone: %s",
                             store->url.text.data, store->lost);
    }

    if (redisAppendCommandArgv(store->context, cmd->argc, cmd->argv,
                               cmd->argvlen)
        != REDIS_OK)
    {
        return store_lost(store, store->context->errstr, err);
    }

    rc = store_receive(store, &reply, err);
    if (rc != CRM_OK) {
        return rc;
    }

    *out = crm_pool_calloc(pool, 1, sizeof(crm_reply_t));
    rc = *out ? store_view(*out, reply, pool) : CRM_ENOMEM;
    freeReplyObject(reply);

    if (rc != CRM_OK) {
        *out = NULL;
    }

    return rc;
}


static crm_status_t
store_receive(crm_store_t *store, redisReply **reply, crm_error_t *err)
{
    int            done;
    void          *object;
    size_t         bytes;
    long long      deadline_ms;
    crm_status_t   rc;
    redisContext  *c;

    c = store->context;
    deadline_ms = store_now_ms() + store->timeout_ms;
    bytes = 0;
    object = NULL;

    do {
        if (redisBufferWrite(c, &done) != REDIS_OK) {
            return store_lost(store, c->errstr, err);
        }
    } while (!done);

    for ( ;; ) {
        if (redisGetReplyFromReader(c, &object) != REDIS_OK) {
            return store_lost(store, c->errstr, err);
        }

        if (object) {
            *reply = object;
            return CRM_OK;
        }

        rc = store_read(store, deadline_ms, &bytes, err);
        if (rc != CRM_OK) {
            return rc;
        }
    }
}


/* Waits for some bytes and gives them to the reader. */
static crm_status_t
store_read(crm_store_t *store, long long deadline_ms, size_t *bytes,
    crm_error_t *err)
{
    int            n;
    size_t         before;
    long long      left_ms;
    redisContext  *c;
    struct pollfd  pfd;

    c = store->context;
    pfd.fd = c->fd;
    pfd.events = POLLIN;

    do {
        left_ms = deadline_ms - store_now_ms();
        n = left_ms > 0 ? poll(&pfd, 1, (int) left_ms) : 0;
    } while (n < 0 && errno == EINTR);

    if (n == 0) {
        return store_lost(store, "no answer in time", err);
    }

    if (n < 0) {
        return store_lost(store, strerror(errno), err);
    }

    before = c->reader->len;

    if (redisBufferRead(c) != REDIS_OK) {
        return store_lost(store, c->errstr, err);
    }

    *bytes += c->reader->len - before;

    if (*bytes > CRM_REPLY_MAX_BYTES) {
        return store_lost(store, "the answer is too large", err);
    }

    return CRM_OK;
}


static crm_status_t
store_view(crm_reply_t *view, const redisReply *reply, crm_pool_t *pool)
{
    switch (reply->type) {

    case REDIS_REPLY_NIL:
        view->type = CRM_REPLY_NIL;
        return CRM_OK;

    case REDIS_REPLY_INTEGER:
        view->type = CRM_REPLY_INTEGER;
        view->integer = reply->integer;
        return CRM_OK;

    case REDIS_REPLY_ARRAY:
        return store_view_array(view, reply, pool);

    case REDIS_REPLY_STRING:
        view->type = CRM_REPLY_STRING;
        break;

    case REDIS_REPLY_STATUS:
        view->type = CRM_REPLY_STATUS;
        break;

    case REDIS_REPLY_ERROR:
        view->type = CRM_REPLY_ERROR;
        break;

    default:
        /* RESP3 only, which we never ask for. */
        view->type = CRM_REPLY_ERROR;
        view->str = CRM_STR("ERR an answer of unknown type");
        return CRM_OK;
    }

    view->str = crm_pool_dup(pool, crm_str(reply->str, (size_t) reply->len));

    return view->str.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
store_view_array(crm_reply_t *view, const redisReply *reply, crm_pool_t *pool)
{
    size_t        i;
    crm_status_t  rc;

    view->type = CRM_REPLY_ARRAY;
    view->count = reply->elements;
    view->elements = crm_pool_calloc(pool, view->count, sizeof(crm_reply_t));
    if (view->elements == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < view->count; i++) {
        rc = store_view(&view->elements[i], reply->element[i], pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
store_lost(crm_store_t *store, const char *why, crm_error_t *err)
{
    snprintf(store->lost, sizeof(store->lost), "%s",
             why[0] ? why : "it was closed");
    redisFree(store->context);
    store->context = NULL;

    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                         "Redis at %s: %s", store->url.text.data,
                         store->lost);
}


static long long
store_now_ms(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (long long) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
