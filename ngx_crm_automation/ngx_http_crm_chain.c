/*
 * The chain: writes of automation's own, which the worker sends like anybody
 * and signs with the header CRM-Chain (state/crm_chain.h).
 *
 *     take (headers) ▶ body, decode ▶ verify ▶ script chain ▶ begin ...
 *
 * A signed write is judged as the user automation, starts only the rules that
 * its chain allows, and is followed from intent to commit whether or not its
 * module has rules: that is how a job whose worker was lost learns that it has
 * been done.
 */

#include "ngx_http_crm_module.h"

#include "state/crm_state.h"

#include <sys/stat.h>


typedef enum {
    CHAIN_ASK = 0,
    CHAIN_WAITING,
    CHAIN_ANSWERED,
    CHAIN_FAILED
} ngx_http_crm_chain_e;


static ngx_int_t ngx_http_crm_chain_verify(ngx_http_crm_ctx_t *ctx);
static ngx_int_t ngx_http_crm_chain_send(ngx_http_crm_ctx_t *ctx);
static void ngx_http_crm_chain_handler(void *data, const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_chain_answered(ngx_http_crm_ctx_t *ctx);
static ngx_uint_t ngx_http_crm_chain_named(const ngx_table_elt_t *h,
    const char *name);
static char *ngx_http_crm_chain_read(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text);


/* crm_chain_key_file FILE */
char *
ngx_http_crm_conf_chain_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                     *rv;
    ngx_str_t                *value, text;
    crm_error_t               err;
    crm_chain_keys_t         *keys;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->chain_keys != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;
    ngx_str_null(&text);

    rv = ngx_http_crm_chain_read(cf, &value[1], &text);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    keys = ngx_pcalloc(cf->pool, sizeof(crm_chain_keys_t));
    if (keys == NULL) {
        return NGX_CONF_ERROR;
    }

    if (crm_chain_keys_parse(keys, ngx_http_crm_str(&text), &err)
        != CRM_OK)
    {
        return ngx_http_crm_conf_error(cf, "crm_chain_key_file: \"%V\": %s",
                                       &value[1], err.text);
    }

    lcf->chain_keys = keys;

    return NGX_CONF_OK;
}


/* Keeps the headers, which are nobody's but ours and go no further. */
ngx_int_t
ngx_http_crm_chain_take(ngx_http_crm_ctx_t *ctx)
{
    ngx_uint_t           i;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    ngx_http_request_t  *r;

    r = ctx->request;
    part = ctx->headers.own ? &r->headers_in.headers.part : NULL;

    for ( /* void */ ; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (ngx_http_crm_chain_named(&h[i], "call")) {
                ctx->chain_call = ngx_http_crm_str(&h[i].value);
            }

            if (!ngx_http_crm_chain_named(&h[i], "chain")) {
                continue;
            }

            /* two of them are none that anybody has signed */

            ctx->chain_header = ctx->chained ? CRM_STR("")
                                : ngx_http_crm_str(&h[i].value);
            ctx->chained = 1;
        }
    }

    return ngx_http_crm_transform_strip(ctx);
}


/* The step: who says that automation writes must prove it, once. */
ngx_int_t
ngx_http_crm_chain_step(ngx_http_crm_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (!ctx->chained) {
        return NGX_OK;
    }

    switch (ctx->chain_state) {

    case CHAIN_ASK:
        rc = ngx_http_crm_chain_verify(ctx);

        return rc != NGX_OK || ctx->mode == NGX_HTTP_CRM_SHADOW
               ? rc : ngx_http_crm_chain_send(ctx);

    case CHAIN_ANSWERED:
        return ngx_http_crm_chain_answered(ctx);

    case CHAIN_FAILED:
        return ngx_http_crm_decide_unavailable(ctx, ctx->failure);

    default: /* CHAIN_WAITING */
        return NGX_AGAIN;
    }
}


static ngx_int_t
ngx_http_crm_chain_verify(ngx_http_crm_ctx_t *ctx)
{
    const char                *why;
    ngx_http_request_t        *r;
    crm_chain_grant_t         *grant;

    static const crm_chain_keys_t  none;

    r = ctx->request;

    grant = crm_pool_calloc(ctx->pool, 1, sizeof(crm_chain_grant_t));
    if (grant == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    grant->org = ngx_http_crm_str(&ctx->org->name);
    grant->method = ngx_http_crm_str(&r->method_name);
    grant->target = ngx_http_crm_str(&r->unparsed_uri);
    grant->body = ctx->body;

    switch (crm_chain_verify(grant, ctx->chain_header,
                             ctx->conf->chain_keys ? ctx->conf->chain_keys
                                                   : &none,
                             ngx_http_crm_now_ms(), ctx->pool, &why))
    {
    case CRM_OK:
        break;

    case CRM_EINVAL:
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "crm chain: refused: %s", why);

        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_CHAIN, why);

    default:
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->grant = grant;

    ngx_memzero(&ctx->actor, sizeof(crm_actor_t));
    ctx->actor.id = CRM_AUTOMATION;

    return NGX_OK;
}


static ngx_int_t
ngx_http_crm_chain_send(ngx_http_crm_ctx_t *ctx)
{
    crm_cmd_t  *cmd;

    cmd = crm_cmd_chain(ctx->pool, ctx->grant->org, ctx->grant->job,
                        ctx->event_id, ctx->grant->expires_ms);

    ctx->store_since = ngx_current_msec;
    ctx->command = cmd ? ngx_http_crm_redis_command(ctx->process->redis, cmd,
                             ngx_http_crm_chain_handler, ctx)
                       : NULL;

    if (ctx->command == NULL) {
        return ngx_http_crm_decide_unavailable(ctx, "out of memory");
    }

    ctx->chain_state = CHAIN_WAITING;

    return NGX_AGAIN;
}


static void
ngx_http_crm_chain_handler(void *data, const crm_reply_t *reply)
{
    crm_error_t          err;
    crm_chain_status_t   status;
    ngx_http_crm_ctx_t  *ctx = data;

    ctx->command = NULL;
    ctx->chain_state = CHAIN_FAILED;
    ctx->failure = "Redis did not answer";

    if (reply) {
        if (crm_state_chain(&status, reply, &err) == CRM_OK) {
            ctx->chain_status = status;
            ctx->chain_state = CHAIN_ANSWERED;

        } else {
            ctx->failure = "Redis gave an answer that is none";
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "crm chain: %s", err.text);
        }
    }

    ngx_http_crm_request_resume(ctx);
}


static ngx_int_t
ngx_http_crm_chain_answered(ngx_http_crm_ctx_t *ctx)
{
    switch (ctx->chain_status) {

    case CRM_CHAIN_ACCEPTED:
        return NGX_OK;

    case CRM_CHAIN_USED:
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_CHAIN,
                   "CRM-Chain has been used already");

    case CRM_CHAIN_DONE:

        /* ..._decide_send() tells the worker so by CRM-Event-State */

        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
                   "the job has been written already");

    default: /* CRM_CHAIN_PENDING */
        return ngx_http_crm_decide_refuse(ctx, CRM_REFUSE_BUSY,
                   "what became of the job's last attempt is not known yet;"
                   " try again");
    }
}


/* CRM-{name}. To many a backend an underscore in a header's name is a
 * hyphen. */
static ngx_uint_t
ngx_http_crm_chain_named(const ngx_table_elt_t *h, const char *name)
{
    size_t  len;

    len = ngx_strlen(name);

    return h->key.len == sizeof("CRM-") - 1 + len
           && ngx_strncasecmp(h->key.data, (u_char *) "crm", 3) == 0
           && (h->key.data[3] == '-' || h->key.data[3] == '_')
           && ngx_strncasecmp(h->key.data + 4, (u_char *) name, len) == 0;
}


/* Whoever reads the key writes what he likes: it is for few to read. */
static char *
ngx_http_crm_chain_read(ngx_conf_t *cf, ngx_str_t *file, ngx_str_t *text)
{
    size_t           size;
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    if (ngx_conf_full_name(cf->cycle, file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(file->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "crm_chain_key_file: \"%V\" cannot be opened; make"
                           " one with \"openssl rand -hex 32\", readable by"
                           " its owner alone", file);
        return NGX_CONF_ERROR;
    }

    size = CRM_CHAIN_FILE_MAX + 1;
    text->data = ngx_pnalloc(cf->pool, size);

    if (text->data == NULL || ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        (void) ngx_close_file(fd);
        return NGX_CONF_ERROR;
    }

    n = ngx_is_file(&fi) ? ngx_read_fd(fd, text->data, size) : -1;
    (void) ngx_close_file(fd);

    if (fi.st_mode & (S_IROTH|S_IWOTH)) {
        return ngx_http_crm_conf_error(cf, "crm_chain_key_file: \"%V\" may be"
                   " read or written by everybody, who could then write as"
                   " automation; chmod 600 it", file);
    }

    if (n < 0 || (size_t) n == size) {
        return ngx_http_crm_conf_error(cf, "crm_chain_key_file: \"%V\" is no"
                   " file of at most %d bytes that can be read", file,
                   CRM_CHAIN_FILE_MAX);
    }

    text->len = (size_t) n;

    return NGX_CONF_OK;
}
