/*
 * The directive crm_redis: an address, resolved at configuration time, and what
 * is to be said there. None of it asks the network for more than nginx itself
 * does.
 */

#include "ngx_http_crm_module.h"


static char *ngx_http_crm_conf_address(ngx_conf_t *cf,
    ngx_http_crm_redis_conf_t *redis);
static char *ngx_http_crm_conf_password(ngx_conf_t *cf,
    ngx_http_crm_redis_conf_t *redis, ngx_str_t *file);


char *
ngx_http_crm_conf_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                      *rv;
    ngx_str_t                 *value, s;
    ngx_uint_t                 i;
    crm_pool_t                *pool;
    crm_error_t                err;
    ngx_http_crm_main_conf_t  *mcf = conf;

    if (mcf->redis_set) {
        return "is duplicate";
    }

    value = cf->args->elts;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return NGX_CONF_ERROR;
    }

    if (crm_redis_url_parse(&mcf->redis.url, ngx_http_crm_str(&value[1]),
                            pool, &err) != CRM_OK)
    {
        crm_pool_destroy(pool);
        return ngx_http_crm_conf_error(cf, "crm_redis: %s", err.text);
    }

    /* into memory that lives as long as the configuration */

    crm_pool_destroy(pool);
    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return NGX_CONF_ERROR;
    }

    {
        ngx_pool_cleanup_t  *cln = ngx_pool_cleanup_add(cf->pool, 0);

        if (cln == NULL) {
            crm_pool_destroy(pool);
            return NGX_CONF_ERROR;
        }

        cln->handler = (ngx_pool_cleanup_pt) crm_pool_destroy;
        cln->data = pool;
    }

    if (crm_redis_url_parse(&mcf->redis.url, ngx_http_crm_str(&value[1]),
                            pool, &err) != CRM_OK)
    {
        return NGX_CONF_ERROR;
    }

    mcf->redis.timeout = 500;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "timeout=", 8) == 0) {
            s.data = value[i].data + 8;
            s.len = value[i].len - 8;
            mcf->redis.timeout = ngx_parse_time(&s, 0);

            if (mcf->redis.timeout == (ngx_msec_t) NGX_ERROR
                || mcf->redis.timeout == 0)
            {
                return ngx_http_crm_conf_error(cf, "crm_redis: \"%V\" is no"
                                               " time; write timeout=500ms",
                                               &value[i]);
            }

        } else if (ngx_strncmp(value[i].data, "password_file=", 14) == 0) {
            s.data = value[i].data + 14;
            s.len = value[i].len - 14;

            rv = ngx_http_crm_conf_password(cf, &mcf->redis, &s);
            if (rv != NGX_CONF_OK) {
                return rv;
            }

        } else if (ngx_strcmp(value[i].data, "volatile") == 0) {
            mcf->redis.allow_memory = 1;

        } else {
            return ngx_http_crm_conf_error(cf, "crm_redis: unknown parameter"
                       " \"%V\"; it takes timeout=, password_file= and"
                       " volatile", &value[i]);
        }
    }

    if (mcf->redis.url.user.data && mcf->redis.password.len == 0) {
        return ngx_http_crm_conf_error(cf, "crm_redis: who is \"%*s\"? give"
                   " password_file=, without which nobody logs in",
                   mcf->redis.url.user.len, mcf->redis.url.user.data);
    }

    mcf->redis_set = 1;

    return ngx_http_crm_conf_address(cf, &mcf->redis);
}


/* A name is looked up here and now: the event loop must never do so. */
static char *
ngx_http_crm_conf_address(ngx_conf_t *cf, ngx_http_crm_redis_conf_t *redis)
{
    u_char      text[NGX_SOCKADDR_STRLEN], *p;
    size_t      n;
    ngx_url_t   u;

    if (redis->url.path.data) {
        return NGX_CONF_OK;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));
    u.url.data = (u_char *) redis->url.host.data;
    u.url.len = redis->url.host.len;

    if (ngx_strlchr(u.url.data, u.url.data + u.url.len, ':')) {
        u.url.len += 2;             /* an address of IPv6 */
        u.url.data = ngx_pnalloc(cf->pool, u.url.len);
        if (u.url.data == NULL) {
            return NGX_CONF_ERROR;
        }

        p = ngx_sprintf(u.url.data, "[%*s]", redis->url.host.len,
                        redis->url.host.data);
        u.url.len = (size_t) (p - u.url.data);
    }

    u.default_port = (in_port_t) redis->url.port;
    u.no_port = 0;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK || u.naddrs == 0) {
        return ngx_http_crm_conf_error(cf, "crm_redis: host \"%V\" %s",
                                       &u.url, u.err ? u.err : "not found");
    }

    n = ngx_sock_ntop(u.addrs[0].sockaddr, u.addrs[0].socklen, text,
                      NGX_SOCKADDR_STRLEN, 0);

    redis->address.data = ngx_pnalloc(cf->pool, n + 1);
    if (redis->address.data == NULL) {
        return NGX_CONF_ERROR;
    }

    /* nginx writes [::1], hiredis wants ::1 */

    if (n > 2 && text[0] == '[') {
        n -= 2;
        ngx_memmove(text, text + 1, n);
    }

    ngx_memcpy(redis->address.data, text, n);
    redis->address.data[n] = '\0';
    redis->address.len = n;

    return NGX_CONF_OK;
}


/* The first line of a file; a password never stands in the configuration. */
static char *
ngx_http_crm_conf_password(ngx_conf_t *cf, ngx_http_crm_redis_conf_t *redis,
    ngx_str_t *file)
{
    u_char     text[1024], *end;
    ssize_t    n;
    ngx_fd_t   fd;

    if (ngx_conf_full_name(cf->cycle, file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(file->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    if (fd == NGX_INVALID_FILE) {
        return ngx_http_crm_conf_error(cf, "crm_redis: password_file \"%V\""
                                       " cannot be opened (%d)", file,
                                       (int) ngx_errno);
    }

    n = ngx_read_fd(fd, text, sizeof(text));
    (void) ngx_close_file(fd);

    end = n > 0 ? ngx_strlchr(text, text + n, '\n') : NULL;

    if (end) {
        n = end - text;
    }

    if (n > 0 && text[n - 1] == '\r') {
        n--;
    }

    if (n <= 0 || n == (ssize_t) sizeof(text)) {
        return ngx_http_crm_conf_error(cf, "crm_redis: password_file \"%V\""
                   " must begin with a line of at most 1000 bytes", file);
    }

    redis->password.data = ngx_pnalloc(cf->pool, n);
    if (redis->password.data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(redis->password.data, text, n);
    redis->password.len = n;

    return NGX_CONF_OK;
}
