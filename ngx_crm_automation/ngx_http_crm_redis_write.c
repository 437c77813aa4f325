/*
 * What goes out: commands as bytes, and those of one turn of the event loop in
 * one write.
 *
 * hiredis is given no bytes: it would copy them into a buffer of its own,
 * which grows by copying too. Nor are large arguments copied whose memory lasts
 * long enough.
 */

#include "ngx_http_crm_redis_link.h"


/* A write. */
#define REDIS_WRITE_PIECES  64

/* An argument of that many bytes is worth a piece of its own. */
#define REDIS_WRITE_LARGE  4096


static ngx_uint_t redis_write_lent(const crm_cmd_t *cmd, int i,
    const crm_pool_t *pool);
static struct iovec *redis_write_piece(struct iovec *piece, void *from,
    size_t len);
static ngx_inline u_char *redis_write_length(u_char *p, u_char type,
    size_t n);
static u_char *redis_write_number(u_char *p, size_t n);
static int redis_write_gather(ngx_http_crm_redis_t *redis,
    struct iovec *pieces, size_t *size);
static void redis_write_advance(ngx_http_crm_redis_t *redis, size_t sent);
static ngx_http_crm_command_t *redis_write_next(
    const ngx_http_crm_command_t *command);


size_t
ngx_http_crm_redis_size(ngx_http_crm_text_t *text, const crm_cmd_t *cmd,
    const crm_pool_t *pool)
{
    int     i;
    size_t  size;

    text->count = 1;
    size = sizeof(struct iovec) + 1 + NGX_INT64_LEN + 2;

    for (i = 0; i < cmd->argc; i++) {
        size += 1 + NGX_INT64_LEN + 2 + cmd->argvlen[i] + 2;
    }

    if (size < REDIS_WRITE_LARGE) {
        return size;
    }

    for (i = 0; i < cmd->argc; i++) {
        if (redis_write_lent(cmd, i, pool)) {
            text->count += 2;
            size -= cmd->argvlen[i] - 2 * sizeof(struct iovec);
        }
    }

    return size;
}


/*
 * The pieces, and behind them what is copied. hiredis prints each length with
 * sprintf(), which a commit of forty arguments feels.
 */
void
ngx_http_crm_redis_format(ngx_http_crm_text_t *text, void *room,
    const crm_cmd_t *cmd, const crm_pool_t *pool)
{
    int            i;
    u_char        *p, *from;
    struct iovec  *piece;

    piece = room;
    text->pieces = piece;
    text->len = 0;

    from = (u_char *) (piece + text->count);
    p = redis_write_length(from, '*', (size_t) cmd->argc);

    for (i = 0; i < cmd->argc; i++) {
        p = redis_write_length(p, '$', cmd->argvlen[i]);

        if (text->count > 1 && redis_write_lent(cmd, i, pool)) {
            text->len += (size_t) (p - from) + cmd->argvlen[i];
            piece = redis_write_piece(piece, from, (size_t) (p - from));
            piece = redis_write_piece(piece, (char *) cmd->argv[i],
                                      cmd->argvlen[i]);
            from = p;

        } else {
            p = ngx_cpymem(p, cmd->argv[i], cmd->argvlen[i]);
        }

        *p++ = CR;
        *p++ = LF;
    }

    text->len += (size_t) (p - from);
    (void) redis_write_piece(piece, from, (size_t) (p - from));
}


static ngx_uint_t
redis_write_lent(const crm_cmd_t *cmd, int i, const crm_pool_t *pool)
{
    return pool && cmd->argvlen[i] >= REDIS_WRITE_LARGE
           && crm_pool_holds(pool, cmd->argv[i]);
}


static struct iovec *
redis_write_piece(struct iovec *piece, void *from, size_t len)
{
    piece->iov_base = from;
    piece->iov_len = len;

    return piece + 1;
}


void
ngx_http_crm_redis_write_add(ngx_http_crm_command_t *command)
{
    if (command->redis->unwritten == NULL) {
        command->redis->unwritten = command;
        command->redis->written = 0;
    }

    ngx_http_crm_redis_post(command->redis);
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


/* Most arguments are shorter than a hundred bytes. */
static ngx_inline u_char *
redis_write_length(u_char *p, u_char type, size_t n)
{
    *p++ = type;

    if (n >= 100) {
        p = redis_write_number(p, n);

    } else {

        if (n >= 10) {
            *p++ = (u_char) ('0' + n / 10);
        }

        *p++ = (u_char) ('0' + n % 10);
    }

    *p++ = CR;
    *p++ = LF;

    return p;
}


static u_char *
redis_write_number(u_char *p, size_t n)
{
    char       digits[CRM_STR_INT_LEN];
    crm_str_t  text;

    text = crm_str_int(digits, (long long) n);

    return ngx_cpymem(p, text.data, text.len);
}


/* Returns how many pieces, of size bytes together. */
static int
redis_write_gather(ngx_http_crm_redis_t *redis, struct iovec *pieces,
    size_t *size)
{
    int                      n;
    size_t                   from;
    ngx_uint_t               i;
    struct iovec            *piece;
    ngx_http_crm_command_t  *command;

    n = 0;
    *size = 0;
    from = redis->written;

    for (command = redis->unwritten; command;
         command = redis_write_next(command))
    {
        for (i = 0; i < command->text.count; i++) {
            piece = &command->text.pieces[i];

            if (from >= piece->iov_len) {
                from -= piece->iov_len;
                continue;
            }

            if (n == REDIS_WRITE_PIECES) {
                return n;
            }

            pieces[n].iov_base = (char *) piece->iov_base + from;
            pieces[n].iov_len = piece->iov_len - from;
            *size += pieces[n++].iov_len;
            from = 0;
        }
    }

    return n;
}


static void
redis_write_advance(ngx_http_crm_redis_t *redis, size_t sent)
{
    redis->written += sent;

    while (redis->unwritten
           && redis->written >= redis->unwritten->text.len)
    {
        redis->written -= redis->unwritten->text.len;
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
