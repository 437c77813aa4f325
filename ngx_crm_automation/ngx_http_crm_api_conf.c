/*
 * crm_api and crm_api_token_file as the configuration has them, with a message
 * for each wrong use.
 */

#include "ngx_http_crm_module.h"


static char *ngx_http_crm_conf_api_option(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_crm_api_conf_t *api);
static char *ngx_http_crm_conf_api_guarded(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_crm_api_conf_t *api);
static char *ngx_http_crm_api_alone(ngx_conf_t *cf);


char *
ngx_http_crm_conf_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                      *rv;
    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_crm_api_conf_t   *api;
    ngx_http_crm_loc_conf_t   *lcf = conf;
    ngx_http_core_loc_conf_t  *clcf;

    (void) cmd;

    if (lcf->api) {
        return "is duplicate";
    }

    api = ngx_pcalloc(cf->pool, sizeof(ngx_http_crm_api_conf_t));
    if (api == NULL) {
        return NGX_CONF_ERROR;
    }

    api->write = NGX_CONF_UNSET;
    api->open = NGX_CONF_UNSET;
    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        rv = ngx_http_crm_conf_api_option(cf, &value[i], api);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->name.len == 0 || clcf->name.data[0] != '/'
#if (NGX_PCRE)
        || clcf->regex
#endif
        || clcf->exact_match)
    {
        return ngx_http_crm_conf_error(cf, "crm_api: it stands in a location"
                   " with a literal prefix, as \"location /crm_api/\"");
    }

    if (clcf->handler) {
        return ngx_http_crm_api_alone(cf);
    }

    if (api->guarded.len == 0) {
        return ngx_http_crm_conf_error(cf, "crm_api: guarded= is missing: the"
                   " path of a guarded location right before the module, as"
                   " \"guarded=/crm/v8\"");
    }

    if (api->guarded.len >= clcf->name.len
        && ngx_memcmp(api->guarded.data, clcf->name.data, clcf->name.len) == 0)
    {
        return ngx_http_crm_conf_error(cf, "crm_api: guarded=%V lies in this"
                   " very location; name the one that guards the CRM",
                   &api->guarded);
    }

    ngx_conf_init_value(api->write, 0);
    ngx_conf_init_value(api->open, 0);

    lcf->api = api;
    clcf->handler = ngx_http_crm_api_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_crm_conf_api_option(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_crm_api_conf_t *api)
{
    if (ngx_strcmp(value->data, "write=on") == 0
        || ngx_strcmp(value->data, "write=off") == 0)
    {
        if (api->write != NGX_CONF_UNSET) {
            return ngx_http_crm_conf_error(cf, "crm_api: write= is given"
                                           " twice");
        }

        api->write = value->len == sizeof("write=on") - 1;

        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value->data, "auth=none") == 0) {
        api->open = 1;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "guarded=", 8) == 0) {
        return ngx_http_crm_conf_api_guarded(cf, value, api);
    }

    return ngx_http_crm_conf_error(cf, "crm_api: \"%V\" is none of write=on,"
                                   " write=off, guarded=/PATH, auth=none",
                                   value);
}


static char *
ngx_http_crm_conf_api_guarded(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_crm_api_conf_t *api)
{
    size_t     i;
    ngx_str_t  path;

    path.data = value->data + 8;
    path.len = value->len - 8;

    if (api->guarded.len) {
        return ngx_http_crm_conf_error(cf, "crm_api: guarded= is given"
                                       " twice");
    }

    for (i = 0; i < path.len; i++) {
        if (path.data[i] <= ' ' || path.data[i] > '~'
            || ngx_strchr("$?#%", path.data[i]))
        {
            break;
        }
    }

    if (path.len < 2 || i < path.len || path.data[0] != '/'
        || path.data[path.len - 1] == '/')
    {
        return ngx_http_crm_conf_error(cf, "crm_api: guarded=%V is no path"
                   " that begins with a slash, ends without one and has"
                   " neither variables nor escapes, as \"guarded=/crm/v8\"",
                   &path);
    }

    api->guarded = path;

    return NGX_CONF_OK;
}


char *
ngx_http_crm_conf_api_tokens(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    (void) cmd;

    if (lcf->api_tokens != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    return ngx_http_crm_api_token_read(cf, &value[1], &lcf->api_tokens);
}


/* Whether it is an "if" or a limit_except, of which the location around it
 * answers the requests. */
ngx_uint_t
ngx_http_crm_api_inherits(ngx_conf_t *cf, const ngx_http_crm_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    return conf->api == NULL && clcf->noname && clcf->handler == NULL;
}


/* A merged location with crm_api. What else answers there would get what it
 * calls, and no guard would see it. */
char *
ngx_http_crm_api_check(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == NULL && clcf->lmt_excpt) {
        clcf->handler = ngx_http_crm_api_handler;
    }

    if (clcf->handler && clcf->handler != ngx_http_crm_api_handler) {
        return ngx_http_crm_api_alone(cf);
    }

    if (conf->api->open) {
        conf->api_tokens = NULL;

    } else if (conf->api_tokens == NULL) {
        return ngx_http_crm_conf_error(cf, "crm_api: who may call? give"
                   " crm_api_token_file, or auth=none where crm_user of the"
                   " guarded location says who acts");
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_crm_api_alone(ngx_conf_t *cf)
{
    return ngx_http_crm_conf_error(cf, "crm_api: proxy_pass, or what else"
               " answers requests, stands in the same location; give it one of"
               " its own");
}
