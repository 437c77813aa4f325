/*
 * What a guarded location must have, and what its proxying must keep to: known
 * only when all directives are merged, and told at `nginx -t`.
 */

#include "ngx_http_crm_module.h"


extern ngx_module_t  ngx_http_proxy_module;


/* The configuration of each begins with that of the upstream. All but the
 * first may be missing in nginx, so that they are looked up by name. */
static const char *const  ngx_http_crm_guard_passes[] = {
    "ngx_http_proxy_module", "ngx_http_fastcgi_module",
    "ngx_http_uwsgi_module", "ngx_http_scgi_module", "ngx_http_grpc_module",
    NULL
};


static char *ngx_http_crm_guard_prefix(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *conf, ngx_http_core_loc_conf_t *clcf);
static char *ngx_http_crm_guard_proxy(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *conf, ngx_http_core_loc_conf_t *clcf);
static char *ngx_http_crm_guard_pass(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *conf, ngx_http_core_loc_conf_t *clcf,
    ngx_http_upstream_conf_t *u);
static void ngx_http_crm_guard_hold(ngx_conf_t *cf);
static ngx_http_upstream_conf_t *ngx_http_crm_guard_upstream(ngx_conf_t *cf,
    const char *name);
static ngx_int_t ngx_http_crm_guard_literal_org(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *conf);


/* A merged location that guards: everything that it needs, and that proxying
 * keeps our promises. */
char *
ngx_http_crm_guard_check(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf)
{
    char                      *rv;
    ngx_http_core_loc_conf_t  *clcf;
    ngx_http_crm_main_conf_t  *mcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == NULL) {

        /* nobody is asked here, but what an "if" holds goes to the handler of
         * the location around it */

        if (clcf->noname) {
            ngx_http_crm_guard_hold(cf);
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

    if (conf->record_source != NGX_HTTP_CRM_SOURCE_NONE
        && conf->record_location.len == 0)
    {
        return ngx_http_crm_conf_error(cf, "crm_automation needs"
                   " crm_record_location in location \"%V\", an internal"
                   " location where the current record is read",
                   &clcf->name);
    }

    if (conf->record_source == NGX_HTTP_CRM_SOURCE_SNAPSHOT
        && (conf->lock_open || conf->rules_open))
    {
        return ngx_http_crm_conf_error(cf, "crm_on_error open lets writes pass"
                   " that crm_record_source snapshot would not see in location"
                   " \"%V\"; use one of them", &clcf->name);
    }

    rv = ngx_http_crm_guard_prefix(cf, conf, clcf);
    if (rv == NGX_CONF_OK) {
        rv = ngx_http_crm_guard_proxy(cf, conf, clcf);
    }

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    mcf->guarded++;

    return ngx_http_crm_guard_literal_org(cf, conf) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* crm_prefix, or the location's own literal prefix. */
static char *
ngx_http_crm_guard_prefix(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf,
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
ngx_http_crm_guard_proxy(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf,
    ngx_http_core_loc_conf_t *clcf)
{
    char                      *rv;
    const char *const         *name;
    ngx_http_upstream_conf_t  *u, *proxy;

    if (conf->commit_wait >= clcf->send_timeout) {
        return ngx_http_crm_conf_error(cf, "crm_commit_wait (%Mms) must be"
                   " below send_timeout (%Mms) in location \"%V\"",
                   conf->commit_wait, clcf->send_timeout, &clcf->name);
    }

    proxy = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);

    for (name = ngx_http_crm_guard_passes; *name; name++) {
        u = ngx_http_crm_guard_upstream(cf, *name);

        /* what proxy_pass with variables passes to is not known here; of the
         * others a timeout that is inherited means nothing without a pass */

        if (u && (u == proxy || u->upstream)) {
            rv = ngx_http_crm_guard_pass(cf, conf, clcf, u);

            if (rv != NGX_CONF_OK) {
                return rv;
            }
        }
    }

    ngx_http_crm_guard_hold(cf);

    return NGX_CONF_OK;
}


static char *
ngx_http_crm_guard_pass(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf,
    ngx_http_core_loc_conf_t *clcf, ngx_http_upstream_conf_t *u)
{
    if (u->next_upstream & NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT) {
        return ngx_http_crm_conf_error(cf, "%V_next_upstream"
                   " non_idempotent would send a write twice in location"
                   " \"%V\", which crm_automation guards", &u->module,
                   &clcf->name);
    }

    if (u->read_timeout > conf->backend_max_time) {
        return ngx_http_crm_conf_error(cf, "%V_read_timeout (%Mms) must"
                   " not be above crm_backend_max_time (%Mms) in location"
                   " \"%V\": a write may take no longer than its lease",
                   &u->module, u->read_timeout, conf->backend_max_time,
                   &clcf->name);
    }

    if (!u->pass_request_body) {
        return ngx_http_crm_conf_error(cf, "%V_pass_request_body off keeps"
                   " the judged body from the backend in location \"%V\"",
                   &u->module, &clcf->name);
    }

#if (NGX_HTTP_CACHE)

    if (u->cache) {
        return ngx_http_crm_conf_error(cf, "%V_cache would answer with what"
                   " was, writes and recovery's reads too, in location"
                   " \"%V\", which crm_automation guards; write %V_cache off"
                   " there", &u->module, &clcf->name, &u->module);
    }

#endif

    return NGX_CONF_OK;
}


/*
 * By their parameters the others tell the backend a method and a target of the
 * request as the client wrote it, $request_method and $request_uri: in a
 * subrequest still those of the write.
 */
ngx_str_t *
ngx_http_crm_guard_foreign(ngx_conf_t *cf)
{
    const char *const         *name;
    ngx_http_upstream_conf_t  *u;

    for (name = ngx_http_crm_guard_passes + 1; *name; name++) {
        u = ngx_http_crm_guard_upstream(cf, *name);

        if (u && u->upstream) {
            return &u->module;
        }
    }

    return NULL;
}


/* A client that goes away must not take the write along, a backend's header
 * must not send us elsewhere. */
static void
ngx_http_crm_guard_hold(ngx_conf_t *cf)
{
    const char *const         *name;
    ngx_http_upstream_conf_t  *u;

    for (name = ngx_http_crm_guard_passes; *name; name++) {
        u = ngx_http_crm_guard_upstream(cf, *name);

        if (u) {
            u->ignore_client_abort = 1;
            u->ignore_headers |= NGX_HTTP_UPSTREAM_IGN_XA_REDIRECT;
        }
    }
}


static ngx_http_upstream_conf_t *
ngx_http_crm_guard_upstream(ngx_conf_t *cf, const char *name)
{
    ngx_uint_t             i;
    ngx_module_t          *module;
    ngx_http_conf_ctx_t   *ctx;

    ctx = cf->ctx;

    for (i = 0; cf->cycle->modules[i]; i++) {
        module = cf->cycle->modules[i];

        if (module->type == NGX_HTTP_MODULE
            && ngx_strcmp(module->name, name) == 0)
        {
            return ctx->loc_conf[module->ctx_index];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_crm_guard_literal_org(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf)
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
