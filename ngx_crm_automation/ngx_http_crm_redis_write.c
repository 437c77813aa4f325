/*
 * What goes out: commands as bytes, and those of one turn of the event loop in
 * one write.
 *
 * hiredis is given no bytes: it would copy them into a buffer of its own,
 * which grows by copying too.
 */

#include "ngx_http_crm_redis_link.h"

#include <sys/uio.h>


/* Commands a write. */
#define REDIS_WRITE_PIECES  64


static u_char *redis_write_length(u_char *p, u_char type, size_t n);
static int redis_write_gather(ngx_http_crm_redis_t *redis,
    struct iovec *pieces, size_t *size);
static void redis_write_advance(ngx_http_crm_redis_t *redis, size_t sent);
static ngx_http_crm_command_t *redis_write_next(
    const ngx_http_crm_command_t *command);


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

    p = redis_write_length((u_char *) text, '*', (size_t) cmd->argc);

    for (i = 0; i < cmd->argc; i++) {
        p = redis_write_length(p, '$', cmd->argvlen[i]);
        p = ngx_cpymem(p, cmd->argv[i], cmd->argvlen[i]);
        *p++ = CR;
        *p++ = LF;
    }

    return (size_t) (p - (u_char *) text);
}


void
ngx_http_crm_redis_write_add(ngx_http_crm_command_t *command)
{
    if (command->redis->unwritten == NULL) {
        command->redis->unwritten = command;
        command->redis->written = 0;
    }
}


/* Only the end of a connection takes away what is not written. */
void
ngx_http_crm_redis_write_drop(ngx_http_crm_command_t *command)
{
    if (command->redis->unwritten == command) {
        command->redis->unwritten = redis_write_next(command);
        command->redis->written = 0;
    }
}


void
ngx_http_crm_redis_write(ngx_http_crm_redis_t *redis)
{
    int           n;
    size_t        size;
    ssize_t       sent;
    ngx_err_t     err;
    struct iovec  pieces[REDIS_WRITE_PIECES];

    while (redis->unwritten) {
        n = redis_write_gather(redis, pieces, &size);
        sent = writev(redis->connection->fd, pieces, n);
        err = sent < 0 ? ngx_errno : 0;

        if (sent > 0) {
            redis_write_advance(redis, (size_t) sent);
        }

        if (err == NGX_EAGAIN || (sent > 0 && (size_t) sent < size)) {
            ngx_http_crm_redis_want_write(redis);
            return;
        }

        if (err && err != NGX_EINTR) {
            ngx_http_crm_redis_retire(redis, strerror(err));
            return;
        }
    }

    ngx_http_crm_redis_unwant_write(redis);
}


static u_char *
redis_write_length(u_char *p, u_char type, size_t n)
{
    size_t  i, rest, digits;

    digits = 1;

    for (rest = n; rest >= 10; rest /= 10) {
        digits++;
    }

    *p++ = type;

    for (i = digits; i > 0; i--) {
        p[i - 1] = (u_char) ('0' + n % 10);
        n /= 10;
    }

    p += digits;
    *p++ = CR;
    *p++ = LF;

    return p;
}


/* Returns how many pieces, of size bytes together. */
static int
redis_write_gather(ngx_http_crm_redis_t *redis, struct iovec *pieces,
    size_t *size)
{
    int                      n;
    size_t                   from;
    ngx_http_crm_command_t  *command;

    n = 0;
    *size = 0;
    from = redis->written;

    for (command = redis->unwritten;
         command && n < REDIS_WRITE_PIECES;
         command = redis_write_next(command))
    {
        pieces[n].iov_base = (char *) command->text + from;
        pieces[n].iov_len = command->len - from;
        *size += pieces[n].iov_len;
        from = 0;
        n++;
    }

    return n;
}


static void
redis_write_advance(ngx_http_crm_redis_t *redis, size_t sent)
{
    redis->written += sent;

    while (redis->unwritten && redis->written >= redis->unwritten->len) {
        redis->written -= redis->unwritten->len;
        redis->unwritten = redis_write_next(redis->unwritten);
    }
}


static ngx_http_crm_command_t *
redis_write_next(const ngx_http_crm_command_t *command)
{
    ngx_queue_t  *q;

    q = ngx_queue_next(&command->queue);

    return q == ngx_queue_sentinel(&command->redis->sent)
           ? NULL : ngx_queue_data(q, ngx_http_crm_command_t, queue);
}
