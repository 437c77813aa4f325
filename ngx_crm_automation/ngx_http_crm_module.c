/*
 * ngx_http_crm_automation_module: directives, their merge, and where we hook
 * into nginx. No request logic.
 */

#include "ngx_http_crm_module.h"

#include "base/crm_limits.h"


static void *ngx_http_crm_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_crm_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_crm_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_crm_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_crm_postconfiguration(ngx_conf_t *cf);


#define NGX_HTTP_CRM_EVERYWHERE                                               \
    NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF


/* What a write holds is compared level by level, and read again by recovery and
 * by who runs its jobs. */
static const ngx_uint_t  ngx_http_crm_most_depth = 1000;


static ngx_command_t  ngx_http_crm_commands[] = {

    { ngx_string("crm_redis"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_crm_conf_redis,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_crm_conf_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_state_file"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_crm_conf_state_file,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_automation"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_mode,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_org"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_org,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_user"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_1MORE,
      ngx_http_crm_conf_user,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_dialect"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_dialect,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_prefix"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_path,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, prefix),
      NULL },

    { ngx_string("crm_record_location"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_path,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, record_location),
      NULL },

    { ngx_string("crm_record_source"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE12,
      ngx_http_crm_conf_source,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_on_error"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE12,
      ngx_http_crm_conf_on_error,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_chain_key_file"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_chain_key,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_rules_wait"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, rules_wait),
      NULL },

    { ngx_string("crm_lease_wait"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, lease_wait),
      NULL },

    { ngx_string("crm_lock_wait"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, lock_wait),
      NULL },

    { ngx_string("crm_process_api"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, process_api),
      NULL },

    { ngx_string("crm_decorate"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, decorate),
      NULL },

    { ngx_string("crm_api"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_crm_conf_api,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_api_token_file"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_api_tokens,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_commit_wait"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, commit_wait),
      NULL },

    { ngx_string("crm_backend_max_time"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, backend_max_time),
      NULL },

    { ngx_string("crm_max_body"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, max_body),
      NULL },

    { ngx_string("crm_max_answer"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, max_answer),
      NULL },

    { ngx_string("crm_max_records"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_limit,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, max_records),
      NULL },

    { ngx_string("crm_max_depth"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_limit,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, max_depth),
      (void *) &ngx_http_crm_most_depth },

    { ngx_string("crm_max_nodes"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_limit,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_crm_loc_conf_t, max_nodes),
      NULL },

    { ngx_string("crm_bulk"),
      NGX_HTTP_CRM_EVERYWHERE|NGX_CONF_TAKE1,
      ngx_http_crm_conf_bulk,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("crm_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_crm_status_conf,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_crm_automation_module_ctx = {
    ngx_http_crm_variables_add,         /* preconfiguration */
    ngx_http_crm_postconfiguration,     /* postconfiguration */

    ngx_http_crm_create_main_conf,      /* create main configuration */
    ngx_http_crm_init_main_conf,        /* init main configuration */

    NULL,                               /* create server configuration */
    NULL,                               /* merge server configuration */

    ngx_http_crm_create_loc_conf,       /* create location configuration */
    ngx_http_crm_merge_loc_conf         /* merge location configuration */
};


ngx_module_t  ngx_http_crm_automation_module = {
    NGX_MODULE_V1,
    &ngx_http_crm_automation_module_ctx, /* module context */
    ngx_http_crm_commands,              /* module directives */
    NGX_HTTP_MODULE,                    /* module type */
    NULL,                               /* init master */
    ngx_http_crm_process_prepare,       /* init module */
    ngx_http_crm_process_init,          /* init process */
    NULL,                               /* init thread */
    NULL,                               /* exit thread */
    ngx_http_crm_process_exit,          /* exit process */
    NULL,                               /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_crm_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_crm_main_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_crm_main_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&conf->orgs, cf->pool, 2, sizeof(ngx_str_t)) != NGX_OK
        || ngx_array_init(&conf->dialects, cf->pool, 2,
                          sizeof(crm_dialect_t *)) != NGX_OK)
    {
        return NULL;
    }

    return conf;
}


/* The zone is there with crm_redis, whether or not crm_zone gives its size. */
static char *
ngx_http_crm_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_str_t                  name = ngx_string("ngx_http_crm_automation");
    ngx_http_crm_main_conf_t  *mcf = conf;

    if (!mcf->redis_set) {
        return mcf->state_file.len == 0 ? NGX_CONF_OK
               : ngx_http_crm_conf_error(cf, "crm_state_file needs"
                     " crm_redis, whose rules it holds");
    }

    mcf->zone = ngx_shared_memory_add(cf, &name, mcf->zone_size
                                                 ? mcf->zone_size
                                                 : 1024 * 1024,
                                      &ngx_http_crm_automation_module);
    if (mcf->zone == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf->zone->init = ngx_http_crm_zone_init;

    mcf->thread_pool = ngx_thread_pool_add(cf, NULL);

    return mcf->thread_pool ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static void *
ngx_http_crm_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_crm_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_crm_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->user_trusted = NULL;
     *     conf->prefix = { 0, NULL };
     *     conf->record_location = { 0, NULL };
     *     conf->snapshot_ttl = 0;
     *     conf->api = NULL;
     */

    conf->mode = NGX_CONF_UNSET_PTR;
    conf->org = NGX_CONF_UNSET_PTR;
    conf->user = NGX_CONF_UNSET_PTR;
    conf->dialect = NGX_CONF_UNSET_PTR;
    conf->chain_keys = NGX_CONF_UNSET_PTR;
    conf->record_source = NGX_CONF_UNSET_UINT;
    conf->bulk_reject = NGX_CONF_UNSET_UINT;
    conf->lock_open = NGX_CONF_UNSET_UINT;
    conf->rules_open = NGX_CONF_UNSET_UINT;
    conf->lease_wait = NGX_CONF_UNSET_MSEC;
    conf->commit_wait = NGX_CONF_UNSET_MSEC;
    conf->backend_max_time = NGX_CONF_UNSET_MSEC;
    conf->rules_wait = NGX_CONF_UNSET_MSEC;
    conf->lock_wait = NGX_CONF_UNSET_MSEC;
    conf->process_api = NGX_CONF_UNSET;
    conf->decorate = NGX_CONF_UNSET;
    conf->api_tokens = NGX_CONF_UNSET_PTR;
    conf->max_body = NGX_CONF_UNSET_SIZE;
    conf->max_answer = NGX_CONF_UNSET_SIZE;
    conf->max_records = NGX_CONF_UNSET_UINT;
    conf->max_depth = NGX_CONF_UNSET_UINT;
    conf->max_nodes = NGX_CONF_UNSET_UINT;

    return conf;
}


static char *
ngx_http_crm_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_crm_loc_conf_t  *prev = parent;
    ngx_http_crm_loc_conf_t  *conf = child;

    if (conf->user == NGX_CONF_UNSET_PTR) {
        conf->user_trusted = prev->user_trusted;
    }

    ngx_conf_merge_ptr_value(conf->mode, prev->mode, NULL);
    ngx_conf_merge_ptr_value(conf->org, prev->org, NULL);
    ngx_conf_merge_ptr_value(conf->user, prev->user, NULL);
    ngx_conf_merge_ptr_value(conf->dialect, prev->dialect, NULL);
    ngx_conf_merge_ptr_value(conf->chain_keys, prev->chain_keys, NULL);
    ngx_conf_merge_str_value(conf->prefix, prev->prefix, "");
    ngx_conf_merge_str_value(conf->record_location, prev->record_location,
                             "");
    if (conf->record_source == NGX_CONF_UNSET_UINT) {
        conf->snapshot_ttl = prev->snapshot_ttl;
    }

    ngx_conf_merge_uint_value(conf->record_source, prev->record_source,
                              NGX_HTTP_CRM_SOURCE_BACKEND);
    ngx_conf_merge_uint_value(conf->bulk_reject, prev->bulk_reject, 0);
    ngx_conf_merge_uint_value(conf->lock_open, prev->lock_open, 0);
    ngx_conf_merge_uint_value(conf->rules_open, prev->rules_open, 0);
    ngx_conf_merge_msec_value(conf->lease_wait, prev->lease_wait, 2000);
    ngx_conf_merge_msec_value(conf->commit_wait, prev->commit_wait, 5000);
    ngx_conf_merge_msec_value(conf->backend_max_time,
                              prev->backend_max_time, 120000);
    ngx_conf_merge_msec_value(conf->rules_wait, prev->rules_wait, 5000);
    ngx_conf_merge_msec_value(conf->lock_wait, prev->lock_wait, 10000);
    ngx_conf_merge_value(conf->process_api, prev->process_api, 1);
    ngx_conf_merge_value(conf->decorate, prev->decorate, 0);
    ngx_conf_merge_ptr_value(conf->api_tokens, prev->api_tokens, NULL);
    ngx_conf_merge_size_value(conf->max_body, prev->max_body,
                              CRM_MAX_BODY_BYTES);
    ngx_conf_merge_size_value(conf->max_answer, prev->max_answer,
                              CRM_MAX_ANSWER_BYTES);
    ngx_conf_merge_uint_value(conf->max_records, prev->max_records,
                              CRM_MAX_RECORDS);
    ngx_conf_merge_uint_value(conf->max_depth, prev->max_depth,
                              CRM_MAX_DEPTH);
    ngx_conf_merge_uint_value(conf->max_nodes, prev->max_nodes,
                              CRM_MAX_NODES);

    conf->pass = ngx_http_crm_guard_foreign(cf);

    if (ngx_http_crm_api_inherits(cf, conf)) {
        conf->api = prev->api;
    }

    if (conf->api) {
        return ngx_http_crm_api_check(cf, conf);
    }

    return conf->mode ? ngx_http_crm_guard_check(cf, conf) : NGX_CONF_OK;
}


static ngx_int_t
ngx_http_crm_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_crm_request_handler;

    return ngx_http_crm_capture_init(cf);
}
