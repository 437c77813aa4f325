/*
 * crm_dialect: one that is built in, by name, or a file of its own. A file is
 * read while the configuration is, and lives as long.
 */

#include "ngx_http_crm_module.h"

#include "rules/crm_dialect_parse.h"


static char *ngx_http_crm_conf_dialect_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_crm_loc_conf_t *lcf);
static ngx_int_t ngx_http_crm_conf_dialect_read(ngx_conf_t *cf,
    ngx_str_t *path, crm_str_t *text, crm_pool_t *pool);
static void ngx_http_crm_conf_dialect_end(void *data);


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

    if (lcf->dialect) {
        return NGX_CONF_OK;
    }

    if (value[1].len > 5
        && ngx_strncmp(value[1].data + value[1].len - 5, ".json", 5) == 0)
    {
        return ngx_http_crm_conf_dialect_file(cf, &value[1], lcf);
    }

    return ngx_http_crm_conf_error(cf, "crm_dialect: there is no dialect"
               " \"%V\"; it is one of " CRM_DIALECT_NAMES ", or a file whose"
               " name ends in .json", &value[1]);
}


static char *
ngx_http_crm_conf_dialect_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_crm_loc_conf_t *lcf)
{
    size_t                      i;
    crm_str_t                   text;
    ngx_str_t                   path;
    crm_pool_t                 *pool;
    ngx_pool_cleanup_t         *cln;
    crm_dialect_parsed_t        parsed;
    const crm_dialect_t       **kept;
    const crm_dialect_fault_t  *f;
    ngx_http_crm_main_conf_t   *mcf;

    path = *name;

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return NGX_CONF_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        crm_pool_destroy(pool);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_crm_conf_dialect_end;
    cln->data = pool;

    if (ngx_http_crm_conf_dialect_read(cf, &path, &text, pool) != NGX_OK
        || crm_dialect_parse(&parsed, text, pool) != CRM_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < parsed.count; i++) {
        f = &parsed.faults[i];

        ngx_conf_log_error(f->finding->severity == CRM_ERROR ? NGX_LOG_EMERG
                                                             : NGX_LOG_WARN,
                           cf, 0, "%V:%ui:%ui: %s", &path,
                           (ngx_uint_t) f->line, (ngx_uint_t) f->column,
                           f->finding->message);
    }

    lcf->dialect = parsed.dialect;

    if (parsed.dialect == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_crm_automation_module);
    kept = ngx_array_push(&mcf->dialects);
    if (kept == NULL) {
        return NGX_CONF_ERROR;
    }

    *kept = parsed.dialect;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_crm_conf_dialect_read(ngx_conf_t *cf, ngx_str_t *path,
    crm_str_t *text, crm_pool_t *pool)
{
    char       *data;
    ssize_t     n;
    ngx_file_t  file;

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.name = *path;
    file.log = cf->log;

    data = crm_pool_alloc(pool, CRM_DIALECT_MAX_FILE + 1);
    if (data == NULL) {
        return NGX_ERROR;
    }

    file.fd = ngx_open_file(path->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                            NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "crm_dialect: " ngx_open_file_n " \"%V\" failed",
                           path);
        return NGX_ERROR;
    }

    n = ngx_read_file(&file, (u_char *) data, CRM_DIALECT_MAX_FILE + 1, 0);

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR || n == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "crm_dialect: reading \"%V\" failed", path);
        return NGX_ERROR;
    }

    *text = crm_str(data, (size_t) n);

    return NGX_OK;
}


static void
ngx_http_crm_conf_dialect_end(void *data)
{
    crm_pool_destroy(data);
}
