/*
 * Setters that need more than a slot, and every message that `nginx -t` can
 * give. None of it asks the network for more than nginx itself does.
 */

#include "ngx_http_crm_module.h"


extern ngx_module_t  ngx_http_proxy_module;

/* What a zone must hold besides nginx's own bookkeeping. */
#define NGX_HTTP_CRM_ZONE_MIN  (sizeof(ngx_http_crm_zone_t) + 8 * 4096)


static char *ngx_http_crm_conf_address(ngx_conf_t *cf,
    ngx_http_crm_redis_conf_t *redis);
static char *ngx_http_crm_conf_password(ngx_conf_t *cf,
    ngx_http_crm_redis_conf_t *redis, ngx_str_t *file);
static ngx_int_t ngx_http_crm_conf_complex(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **to);
static const char *ngx_http_crm_conf_client(ngx_str_t *text);
static char *ngx_http_crm_conf_prefix(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *conf, ngx_http_core_loc_conf_t *clcf);
static char *ngx_http_crm_conf_proxy(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *conf, ngx_http_core_loc_conf_t *clcf);
static void ngx_http_crm_conf_hold(ngx_conf_t *cf);
static ngx_int_t ngx_http_crm_conf_literal_org(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *conf);
static char *ngx_http_crm_conf_error(ngx_conf_t *cf, const char *fmt, ...);


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

    mcf->redis_set = 1;

    return ngx_http_crm_conf_address(cf, &mcf->redis);
}


/* A name is looked up here and now: the event loop must never do so. */
static char *
ngx_http_crm_conf_address(ngx_conf_t *cf, ngx_http_crm_redis_conf_t *redis)
{
    u_char      text[NGX_SOCKADDR_STRLEN];
    size_t      n;
    ngx_url_t   u;

    if (redis->url.path.data) {
        return NGX_CONF_OK;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));
    u.host.data = (u_char *) redis->url.host.data;
    u.host.len = redis->url.host.len;
    u.url = u.host;
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
    u_char     text[1024];
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

    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) {
        n--;
    }

    if (n <= 0 || n == (ssize_t) sizeof(text)) {
        return ngx_http_crm_conf_error(cf, "crm_redis: password_file \"%V\""
                   " must hold one line of at most 1000 bytes", file);
    }

    redis->password.data = ngx_pnalloc(cf->pool, n);
    if (redis->password.data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(redis->password.data, text, n);
    redis->password.len = n;

    return NGX_CONF_OK;
}


char *
ngx_http_crm_conf_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ssize_t                    size;
    ngx_str_t                 *value, s;
    ngx_http_crm_main_conf_t  *mcf = conf;

    if (mcf->zone_size) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "size=", 5) != 0) {
        return ngx_http_crm_conf_error(cf, "crm_zone: unknown parameter"
                                       " \"%V\"; write size=1m", &value[1]);
    }

    s.data = value[1].data + 5;
    s.len = value[1].len - 5;
    size = ngx_parse_size(&s);

    if (size == NGX_ERROR || size < (ssize_t) NGX_HTTP_CRM_ZONE_MIN) {
        return ngx_http_crm_conf_error(cf, "crm_zone: \"%V\" is no size of at"
                   " least %uzk; write size=1m", &value[1],
                   NGX_HTTP_CRM_ZONE_MIN / 1024 + 1);
    }

    mcf->zone_size = (size_t) size;

    return NGX_CONF_OK;
}


char *
ngx_http_crm_conf_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    const char               *client;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->mode != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "on") != 0
        && ngx_strcmp(value[1].data, "off") != 0
        && ngx_strcmp(value[1].data, "shadow") != 0
        && ngx_http_script_variables_count(&value[1]) == 0)
    {
        return ngx_http_crm_conf_error(cf, "crm_automation: \"%V\" is none of"
                   " on, off, shadow or a variable", &value[1]);
    }

    client = ngx_http_crm_conf_client(&value[1]);
    if (client) {
        return ngx_http_crm_conf_error(cf, "crm_automation: \"%V\" is what"
                   " the client says (%s); a client must not switch its own"
                   " guard off", &value[1], client);
    }

    if (ngx_http_crm_conf_complex(cf, &value[1], &lcf->mode) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* "off" is no guard at all, and then needs none of what a guard needs */

    if (ngx_strcmp(value[1].data, "off") == 0) {
        lcf->mode = NULL;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_crm_conf_org(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    const char               *client;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->org != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_script_variables_count(&value[1]) == 0
        && !crm_org_valid(ngx_http_crm_str(&value[1])))
    {
        return ngx_http_crm_conf_error(cf, "crm_org: \"%V\" is no name; it"
                   " has 1 to 64 letters, digits, \"_\", \".\" and \"-\"",
                   &value[1]);
    }

    client = ngx_http_crm_conf_client(&value[1]);
    if (client) {
        return ngx_http_crm_conf_error(cf, "crm_org: \"%V\" is what the"
                   " client says (%s); set it from what authenticates your"
                   " users", &value[1], client);
    }

    return ngx_http_crm_conf_complex(cf, &value[1], &lcf->org) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_crm_conf_user(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value, s;
    ngx_int_t                 rc;
    ngx_uint_t                i;
    ngx_cidr_t               *cidr;
    const char               *client;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->user != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_strncmp(value[i].data, "trusted=", 8) != 0) {
            return ngx_http_crm_conf_error(cf, "crm_user: unknown parameter"
                                           " \"%V\"; it takes trusted=CIDR",
                                           &value[i]);
        }

        if (lcf->user_trusted == NULL) {
            lcf->user_trusted = ngx_array_create(cf->pool, 2,
                                                 sizeof(ngx_cidr_t));
        }

        cidr = lcf->user_trusted ? ngx_array_push(lcf->user_trusted) : NULL;
        if (cidr == NULL) {
            return NGX_CONF_ERROR;
        }

        s.data = value[i].data + 8;
        s.len = value[i].len - 8;
        rc = ngx_ptocidr(&s, cidr);

        if (rc == NGX_ERROR) {
            return ngx_http_crm_conf_error(cf, "crm_user: \"%V\" is no"
                       " address range; write trusted=127.0.0.1 or"
                       " trusted=10.0.0.0/8", &value[i]);
        }

        if (rc == NGX_DONE) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "crm_user: low address"
                               " bits of \"%V\" are meaningless", &value[i]);
        }
    }

    client = ngx_http_crm_conf_client(&value[1]);

    if (client && lcf->user_trusted == NULL) {
        return ngx_http_crm_conf_error(cf, "crm_user: \"%V\" is what the"
                   " client says (%s); name the peers that may say it with"
                   " trusted=CIDR, or set it from what authenticates your"
                   " users", &value[1], client);
    }

    return ngx_http_crm_conf_complex(cf, &value[1], &lcf->user) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_crm_conf_dialect(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->dialect != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;
    lcf->dialect = crm_dialect_find(ngx_http_crm_str(&value[1]));

    if (lcf->dialect == NULL) {
        return ngx_http_crm_conf_error(cf, "crm_dialect: there is no dialect"
                                       " \"%V\"; this version knows zoho",
                                       &value[1]);
    }

    return NGX_CONF_OK;
}


/* crm_prefix and crm_record_location. */
char *
ngx_http_crm_conf_path(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value, *field;

    field = (ngx_str_t *) ((char *) conf + cmd->offset);

    if (field->data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0 || value[1].data[0] != '/'
        || ngx_strlchr(value[1].data, value[1].data + value[1].len, '?'))
    {
        return ngx_http_crm_conf_error(cf, "%V: \"%V\" is no path; it begins"
                                       " with \"/\" and has no query",
                                       &value[0], &value[1]);
    }

    *field = value[1];

    return NGX_CONF_OK;
}


char *
ngx_http_crm_conf_source(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->record_source != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "backend") == 0) {
        lcf->record_source = NGX_HTTP_CRM_SOURCE_BACKEND;

    } else if (ngx_strcmp(value[1].data, "none") == 0) {
        lcf->record_source = NGX_HTTP_CRM_SOURCE_NONE;

    } else {
        return ngx_http_crm_conf_error(cf, "crm_record_source: \"%V\" is"
                   " neither backend nor none", &value[1]);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_crm_conf_on_error(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                     *word;
    ngx_str_t                *value;
    ngx_uint_t                i, lock, rules, open;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->lock_open != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    lcf->lock_open = 0;
    lcf->rules_open = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        word = (char *) value[i].data;
        lock = 1;
        rules = 1;

        if (ngx_strncmp(word, "lock=", 5) == 0) {
            rules = 0;
            word += 5;

        } else if (ngx_strncmp(word, "rules=", 6) == 0) {
            lock = 0;
            word += 6;
        }

        open = ngx_strcmp(word, "open") == 0;

        if (!open && ngx_strcmp(word, "closed") != 0) {
            return ngx_http_crm_conf_error(cf, "crm_on_error: \"%V\" is"
                       " neither open nor closed, nor lock= or rules= with"
                       " one of them", &value[i]);
        }

        if (lock) {
            lcf->lock_open = open;
        }

        if (rules) {
            lcf->rules_open = open;
        }
    }

    return NGX_CONF_OK;
}


/* A number from 1 on. */
char *
ngx_http_crm_conf_limit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t    n;
    ngx_str_t   *value;
    ngx_uint_t  *field;

    field = (ngx_uint_t *) ((char *) conf + cmd->offset);

    if (*field != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    n = ngx_atoi(value[1].data, value[1].len);

    if (n < 1 || n > 10000000) {
        return ngx_http_crm_conf_error(cf, "%V: \"%V\" is no number from 1 to"
                                       " 10000000", &value[0], &value[1]);
    }

    *field = (ngx_uint_t) n;

    return NGX_CONF_OK;
}


/* A merged location that guards: everything that it needs, and that proxying
 * keeps our promises. */
char *
ngx_http_crm_conf_guarded(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf)
{
    char                      *rv;
    ngx_http_core_loc_conf_t  *clcf;
    ngx_http_crm_main_conf_t  *mcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == NULL) {

        /* nobody is asked here, but what an "if" holds goes to the handler of
         * the location around it */

        if (clcf->noname) {
            ngx_http_crm_conf_hold(cf);
        }

        return NGX_CONF_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                            ngx_http_crm_automation_module);

    if (!mcf->redis_set) {
        return ngx_http_crm_conf_error(cf, "crm_automation needs crm_redis;"
                   " write crm_redis unix:/run/redis/redis.sock in http");
    }

    if (conf->org == NULL) {
        return ngx_http_crm_conf_error(cf, "crm_automation needs crm_org in"
                   " location \"%V\"; write crm_org acme", &clcf->name);
    }

    if (conf->dialect == NULL) {
        return ngx_http_crm_conf_error(cf, "crm_automation needs crm_dialect"
                   " in location \"%V\"; write crm_dialect zoho",
                   &clcf->name);
    }

    if (conf->record_source == NGX_HTTP_CRM_SOURCE_BACKEND
        && conf->record_location.len == 0)
    {
        return ngx_http_crm_conf_error(cf, "crm_automation needs"
                   " crm_record_location in location \"%V\", an internal"
                   " location where the current record is read",
                   &clcf->name);
    }

    rv = ngx_http_crm_conf_prefix(cf, conf, clcf);
    if (rv == NGX_CONF_OK) {
        rv = ngx_http_crm_conf_proxy(cf, conf, clcf);
    }

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    mcf->guarded++;

    return ngx_http_crm_conf_literal_org(cf, conf) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* crm_prefix, or the location's own literal prefix. */
static char *
ngx_http_crm_conf_prefix(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf,
    ngx_http_core_loc_conf_t *clcf)
{
    u_char  *p;

    if (conf->prefix.len) {
        if (conf->prefix.data[conf->prefix.len - 1] != '/') {
            return ngx_http_crm_conf_error(cf, "crm_prefix: \"%V\" must end"
                                           " with \"/\"", &conf->prefix);
        }

        return NGX_CONF_OK;
    }

    if (clcf->named || clcf->noname || clcf->name.len == 0
        || clcf->name.data[0] != '/'
#if (NGX_PCRE)
        || clcf->regex
#endif
        )
    {
        return ngx_http_crm_conf_error(cf, "crm_automation needs crm_prefix"
                   " in location \"%V\", which is no literal prefix: the path"
                   " in front of the API's own", &clcf->name);
    }

    conf->prefix = clcf->name;

    if (clcf->name.data[clcf->name.len - 1] == '/') {
        return NGX_CONF_OK;
    }

    p = ngx_pnalloc(cf->pool, clcf->name.len + 1);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(p, clcf->name.data, clcf->name.len);
    p[clcf->name.len] = '/';
    conf->prefix.data = p;
    conf->prefix.len = clcf->name.len + 1;

    return NGX_CONF_OK;
}


/* What would send a write twice, or let recovery begin while it still runs,
 * is refused. */
static char *
ngx_http_crm_conf_proxy(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf,
    ngx_http_core_loc_conf_t *clcf)
{
    ngx_http_upstream_conf_t  *u;

    /* its configuration begins with that of the upstream */

    u = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);

    if (conf->commit_wait >= clcf->send_timeout) {
        return ngx_http_crm_conf_error(cf, "crm_commit_wait (%Mms) must be"
                   " below send_timeout (%Mms) in location \"%V\"",
                   conf->commit_wait, clcf->send_timeout, &clcf->name);
    }

    if (u == NULL) {
        return NGX_CONF_OK;
    }

    if (u->next_upstream & NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT) {
        return ngx_http_crm_conf_error(cf, "proxy_next_upstream"
                   " non_idempotent would send a write twice in location"
                   " \"%V\", which crm_automation guards", &clcf->name);
    }

    if (u->read_timeout > conf->backend_max_time) {
        return ngx_http_crm_conf_error(cf, "proxy_read_timeout (%Mms) must"
                   " not be above crm_backend_max_time (%Mms) in location"
                   " \"%V\": a write may take no longer than its lease",
                   u->read_timeout, conf->backend_max_time, &clcf->name);
    }

    if (!u->pass_request_body) {
        return ngx_http_crm_conf_error(cf, "proxy_pass_request_body off keeps"
                   " the judged body from the backend in location \"%V\"",
                   &clcf->name);
    }

    ngx_http_crm_conf_hold(cf);

    return NGX_CONF_OK;
}


/* A client that goes away must not take the write along, a backend's header
 * must not send us elsewhere. */
static void
ngx_http_crm_conf_hold(ngx_conf_t *cf)
{
    ngx_http_upstream_conf_t  *u;

    u = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);

    if (u) {
        u->ignore_client_abort = 1;
        u->ignore_headers |= NGX_HTTP_UPSTREAM_IGN_XA_REDIRECT;
    }
}


static ngx_int_t
ngx_http_crm_conf_literal_org(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf)
{
    ngx_str_t                 *name;
    ngx_uint_t                 i;
    ngx_http_crm_main_conf_t  *mcf;

    if (conf->org->lengths) {
        return NGX_OK;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                            ngx_http_crm_automation_module);
    name = mcf->orgs.elts;

    for (i = 0; i < mcf->orgs.nelts; i++) {
        if (name[i].len == conf->org->value.len
            && ngx_memcmp(name[i].data, conf->org->value.data, name[i].len)
               == 0)
        {
            return NGX_OK;
        }
    }

    name = ngx_array_push(&mcf->orgs);
    if (name == NULL) {
        return NGX_ERROR;
    }

    *name = conf->org->value;

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_conf_complex(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **to)
{
    ngx_http_compile_complex_value_t  ccv;

    *to = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*to == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));
    ccv.cf = cf;
    ccv.value = text;
    ccv.complex_value = *to;

    return ngx_http_compile_complex_value(&ccv);
}


/* The kind of variable in text that a client fills as it likes, or NULL. */
static const char *
ngx_http_crm_conf_client(ngx_str_t *text)
{
    u_char  *p, *last;
    size_t   i, n;

    static const char *const  kinds[] = { "http_", "arg_", "cookie_", NULL };

    last = text->data + text->len;

    for (p = text->data; p < last; p++) {
        if (*p != '$') {
            continue;
        }

        p++;
        if (p < last && *p == '{') {
            p++;
        }

        for (i = 0; kinds[i]; i++) {
            n = ngx_strlen(kinds[i]);

            if ((size_t) (last - p) > n
                && ngx_strncasecmp(p, (u_char *) kinds[i], n) == 0)
            {
                return i == 0 ? "a header" : i == 1 ? "a query argument"
                                           : "a cookie";
            }
        }
    }

    return NULL;
}


static char *
ngx_http_crm_conf_error(ngx_conf_t *cf, const char *fmt, ...)
{
    u_char   text[NGX_MAX_CONF_ERRSTR], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text) - 1, fmt, args);
    va_end(args);

    *p = '\0';

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", text);

    return NGX_CONF_ERROR;
}
