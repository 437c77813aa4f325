/*
 * Step 5 (transform): the target as it goes to the backend, where it is another
 * one than the client's.
 */

#include "ngx_http_crm_module.h"


extern ngx_module_t  ngx_http_proxy_module;


/*
 * Does the target go to the backend by proxy_pass as it stands? Variables may
 * have been read already, with what is to be changed.
 */
ngx_uint_t
ngx_http_crm_target_fixed(ngx_http_request_t *r)
{
    ngx_http_upstream_conf_t  *u;

    u = ngx_http_get_module_loc_conf(r, ngx_http_proxy_module);

    return u && u->upstream != NULL;
}


/* nginx forwards the target as the client wrote it, or, behind a rewrite, the
 * arguments alone. This one has a query. */
ngx_int_t
ngx_http_crm_target_set(ngx_http_request_t *r, crm_str_t target)
{
    u_char  *mark;

    r->unparsed_uri = ngx_http_crm_ngx_str(target);

    mark = ngx_strlchr(r->unparsed_uri.data,
                       r->unparsed_uri.data + r->unparsed_uri.len, '?');
    if (mark == NULL) {
        return NGX_ERROR;
    }

    r->args.data = mark + 1;
    r->args.len = r->unparsed_uri.len
                  - (size_t) (r->args.data - r->unparsed_uri.data);

    return NGX_OK;
}


/*
 * Another path, perhaps, and another query: with a path of its own proxy_pass
 * puts the decoded one behind that. Nothing is escaped in a target that is
 * judged, so that both are the same.
 */
void
ngx_http_crm_target_whole(ngx_http_request_t *r, crm_str_t target)
{
    u_char  *mark;

    r->unparsed_uri = ngx_http_crm_ngx_str(target);
    r->uri = r->unparsed_uri;
    ngx_str_null(&r->args);

    mark = ngx_strlchr(r->uri.data, r->uri.data + r->uri.len, '?');

    if (mark) {
        r->args.data = mark + 1;
        r->args.len = r->uri.len - (size_t) (r->args.data - r->uri.data);
        r->uri.len = (size_t) (mark - r->uri.data);
    }
}


/* Another query behind the client's path. NGX_ERROR: no memory. */
ngx_int_t
ngx_http_crm_target_query(ngx_http_crm_ctx_t *ctx, crm_str_t query)
{
    u_char              *mark;
    crm_str_t            parts[3], target;
    ngx_http_request_t  *r;

    r = ctx->request;

    parts[0] = ngx_http_crm_str(&r->unparsed_uri);
    parts[1] = CRM_STR("?");
    parts[2] = query;

    mark = ngx_strlchr(r->unparsed_uri.data,
                       r->unparsed_uri.data + r->unparsed_uri.len, '?');

    if (mark) {
        parts[0].len = (size_t) (mark - r->unparsed_uri.data);
    }

    target = crm_pool_concat(ctx->pool, parts, 3);

    return target.data ? ngx_http_crm_target_set(r, target) : NGX_ERROR;
}
