/*
 * The bundle of a revision, from Redis in slices: what a hundred thousand
 * rules take would keep the event loop, and all requests behind it on the
 * connection, as one reply. It ends shorter than a slice, or its length is
 * asked for and it is fetched again from its start.
 */

#include "ngx_http_crm_rules.h"


#define FETCH_SLICE  (256 * 1024)


static void ngx_http_crm_fetch_next(ngx_http_crm_org_t *org);
static void ngx_http_crm_fetch_length(ngx_http_crm_org_t *org);
static crm_cmd_t *ngx_http_crm_fetch_cmd(const ngx_http_crm_org_t *org,
    crm_pool_t *pool, ngx_uint_t length);
static void ngx_http_crm_fetch_slice_handler(void *data,
    const crm_reply_t *reply);
static void ngx_http_crm_fetch_length_handler(void *data,
    const crm_reply_t *reply);
static ngx_int_t ngx_http_crm_fetch_room(ngx_http_crm_org_t *org,
    size_t size);
static ngx_http_crm_load_t *ngx_http_crm_fetch_end(ngx_http_crm_org_t *org);
static void ngx_http_crm_fetch_give_up(ngx_http_crm_org_t *org);


void
ngx_http_crm_rules_fetch(ngx_http_crm_org_t *org, long long revision)
{
    org->fetch = ngx_http_crm_load_create(org);

    if (org->fetch) {
        org->fetch->file.revision = revision;
        org->fetch->accepted = org->accepted;
        org->loading = revision;

        ngx_http_crm_fetch_next(org);
    }
}


static void
ngx_http_crm_fetch_next(ngx_http_crm_org_t *org)
{
    crm_cmd_t   *cmd;
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);
    cmd = pool ? ngx_http_crm_fetch_cmd(org, pool, 0) : NULL;

    if (cmd == NULL
        || ngx_http_crm_redis_command(org->process->redis, cmd,
               ngx_http_crm_fetch_slice_handler, org) == NULL)
    {
        ngx_http_crm_load_free(ngx_http_crm_fetch_end(org));
    }

    crm_pool_destroy(pool);
}


static void
ngx_http_crm_fetch_length(ngx_http_crm_org_t *org)
{
    crm_cmd_t   *cmd;
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);
    cmd = pool ? ngx_http_crm_fetch_cmd(org, pool, 1) : NULL;

    if (cmd == NULL
        || ngx_http_crm_redis_command(org->process->redis, cmd,
               ngx_http_crm_fetch_length_handler, org) == NULL)
    {
        ngx_http_crm_load_free(ngx_http_crm_fetch_end(org));
    }

    crm_pool_destroy(pool);
}


static crm_cmd_t *
ngx_http_crm_fetch_cmd(const ngx_http_crm_org_t *org, crm_pool_t *pool,
    ngx_uint_t length)
{
    size_t     i, n;
    crm_str_t  args[4];
    long long  at;

    at = (long long) org->fetch->len;

    args[0] = length ? CRM_STR("STRLEN") : CRM_STR("GETRANGE");
    args[1] = crm_key_rules(pool, ngx_http_crm_str(&org->name), org->loading);
    args[2] = crm_pool_printf(pool, "%lld", at);
    args[3] = crm_pool_printf(pool, "%lld", at + FETCH_SLICE - 1);

    n = length ? 2 : 4;

    for (i = 0; i < n; i++) {
        if (args[i].data == NULL) {
            return NULL;
        }
    }

    return crm_cmd_plain(pool, args, n);
}


static void
ngx_http_crm_fetch_slice_handler(void *data, const crm_reply_t *reply)
{
    size_t                due;
    long long             revision;
    ngx_http_crm_org_t   *org = data;
    ngx_http_crm_load_t  *load;

    load = org->fetch;
    revision = org->loading;

    if (reply == NULL || reply->type != CRM_REPLY_STRING
        || load->accepted != org->accepted)
    {
        /* no answer, or none that says what Redis holds, or of another Redis
         * than the one that is trusted now: the next poll asks */

        ngx_http_crm_fetch_give_up(org);
        return;
    }

    if (load->text == NULL && reply->str.len == 0) {
        ngx_http_crm_load_free(ngx_http_crm_fetch_end(org));
        ngx_http_crm_rules_reject(org, revision, "the bundle is not there");
        return;
    }

    if (load->text == NULL && reply->str.len == FETCH_SLICE) {
        ngx_http_crm_fetch_length(org);
        return;
    }

    if (load->text == NULL
        && ngx_http_crm_fetch_room(org, reply->str.len) != NGX_OK)
    {
        return;
    }

    due = ngx_min(load->size - load->len, FETCH_SLICE);

    if (reply->str.len != due) {
        ngx_http_crm_fetch_give_up(org);
        return;
    }

    ngx_memcpy(load->text + load->len, reply->str.data, due);
    load->len += due;

    if (load->len < load->size) {
        ngx_http_crm_fetch_next(org);
        return;
    }

    ngx_http_crm_rules_fetched(ngx_http_crm_fetch_end(org));
}


static void
ngx_http_crm_fetch_length_handler(void *data, const crm_reply_t *reply)
{
    long long            revision;
    ngx_http_crm_org_t  *org = data;

    if (reply == NULL || reply->type != CRM_REPLY_INTEGER
        || reply->integer < FETCH_SLICE
        || org->fetch->accepted != org->accepted)
    {
        ngx_http_crm_fetch_give_up(org);
        return;
    }

    if (reply->integer > CRM_REPLY_MAX_BYTES) {
        revision = org->loading;
        ngx_http_crm_load_free(ngx_http_crm_fetch_end(org));
        ngx_http_crm_rules_reject(org, revision,
                                  "the bundle has more than 128 MB");
        return;
    }

    if (ngx_http_crm_fetch_room(org, (size_t) reply->integer) == NGX_OK) {
        ngx_http_crm_fetch_next(org);
    }
}


/* Without memory the next poll asks again. */
static ngx_int_t
ngx_http_crm_fetch_room(ngx_http_crm_org_t *org, size_t size)
{
    org->fetch->size = size;
    org->fetch->text = ngx_alloc(size + 1, org->process->log);

    if (org->fetch->text == NULL) {
        ngx_http_crm_load_free(ngx_http_crm_fetch_end(org));
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* What was fetched, which is the caller's now. */
static ngx_http_crm_load_t *
ngx_http_crm_fetch_end(ngx_http_crm_org_t *org)
{
    ngx_http_crm_load_t  *load;

    load = org->fetch;
    org->fetch = NULL;
    org->loading = 0;

    return load;
}


static void
ngx_http_crm_fetch_give_up(ngx_http_crm_org_t *org)
{
    ngx_http_crm_load_free(ngx_http_crm_fetch_end(org));
    ngx_http_crm_saved_use(org);
}
