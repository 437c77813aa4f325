/*
 * Setters that need more than a slot, with their messages; crm_redis has a file
 * of its own.
 */

#include "ngx_http_crm_module.h"

#include "base/crm_limits.h"


/* What a zone must hold besides nginx's own bookkeeping. */
#define NGX_HTTP_CRM_ZONE_MIN  (sizeof(ngx_http_crm_zone_t) + 8 * 4096)


/* How long a snapshot is kept, unless ttl= says. */
#define NGX_HTTP_CRM_SNAPSHOT_S      3600
#define NGX_HTTP_CRM_SNAPSHOT_MAX_S  (30 * 86400)


static char *ngx_http_crm_conf_source_ttl(ngx_conf_t *cf,
    ngx_http_crm_loc_conf_t *lcf, ngx_str_t *value);
static ngx_int_t ngx_http_crm_conf_complex(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **to);
static const char *ngx_http_crm_conf_client(ngx_str_t *text);


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


/* A file for each organisation: PATH.ORG. */
char *
ngx_http_crm_conf_state_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    u_char                    *p;
    ngx_str_t                 *value;
    ngx_http_crm_main_conf_t  *mcf = conf;

    if (mcf->state_file.len) {
        return "is duplicate";
    }

    value = cf->args->elts;
    mcf->state_file = value[1];

    if (value[1].len == 0 || value[1].data[value[1].len - 1] == '/') {
        return ngx_http_crm_conf_error(cf, "crm_state_file: \"%V\" names no"
                   " file; write crm_state_file /var/lib/nginx/crm/rules",
                   &value[1]);
    }

    if (ngx_conf_full_name(cf->cycle, &mcf->state_file, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* an organisation comes behind it, and one character more while it is
     * written; 255 is what file systems take as a name */

    p = mcf->state_file.data + mcf->state_file.len;

    while (p[-1] != '/') {
        p--;
    }

    if (mcf->state_file.len + CRM_MAX_ORG_NAME + 3 > NGX_MAX_PATH
        || mcf->state_file.data + mcf->state_file.len - p
           > 255 - CRM_MAX_ORG_NAME - 2)
    {
        return ngx_http_crm_conf_error(cf, "crm_state_file: \"%V\" is too"
                   " long a path", &mcf->state_file);
    }

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

    } else if (ngx_strcmp(value[1].data, "snapshot") == 0) {
        lcf->record_source = NGX_HTTP_CRM_SOURCE_SNAPSHOT;
        lcf->snapshot_ttl = NGX_HTTP_CRM_SNAPSHOT_S;

    } else if (ngx_strcmp(value[1].data, "none") == 0) {
        lcf->record_source = NGX_HTTP_CRM_SOURCE_NONE;

    } else {
        return ngx_http_crm_conf_error(cf, "crm_record_source: \"%V\" is"
                   " none of backend, snapshot, none", &value[1]);
    }

    return cf->args->nelts == 2
           ? NGX_CONF_OK : ngx_http_crm_conf_source_ttl(cf, lcf, &value[2]);
}


static char *
ngx_http_crm_conf_source_ttl(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *lcf,
    ngx_str_t *value)
{
    ngx_str_t  ttl;

    if (lcf->record_source != NGX_HTTP_CRM_SOURCE_SNAPSHOT
        || ngx_strncmp(value->data, "ttl=", 4) != 0)
    {
        return ngx_http_crm_conf_error(cf, "crm_record_source: \"%V\" is not"
                   " known here; only snapshot takes ttl=TIME", value);
    }

    ttl.data = value->data + 4;
    ttl.len = value->len - 4;
    lcf->snapshot_ttl = ngx_parse_time(&ttl, 1);

    if (lcf->snapshot_ttl < 1
        || lcf->snapshot_ttl > NGX_HTTP_CRM_SNAPSHOT_MAX_S)
    {
        return ngx_http_crm_conf_error(cf, "crm_record_source: \"%V\" is no"
                   " time from 1s to 30d", value);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_crm_conf_bulk(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                *value;
    ngx_http_crm_loc_conf_t  *lcf = conf;

    if (lcf->bulk_reject != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "partial") == 0) {
        lcf->bulk_reject = 0;

    } else if (ngx_strcmp(value[1].data, "reject") == 0) {
        lcf->bulk_reject = 1;

    } else {
        return ngx_http_crm_conf_error(cf, "crm_bulk: \"%V\" is neither"
                   " partial nor reject", &value[1]);
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


/* A number from 1 on; cmd->post: to that. */
char *
ngx_http_crm_conf_limit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t    n;
    ngx_str_t   *value;
    ngx_uint_t  *field, most;

    field = (ngx_uint_t *) ((char *) conf + cmd->offset);
    most = cmd->post ? *(const ngx_uint_t *) cmd->post : 10000000;

    if (*field != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    n = ngx_atoi(value[1].data, value[1].len);

    if (n < 1 || (ngx_uint_t) n > most) {
        return ngx_http_crm_conf_error(cf, "%V: \"%V\" is no number from 1 to"
                                       " %ui", &value[0], &value[1], most);
    }

    *field = (ngx_uint_t) n;

    return NGX_CONF_OK;
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


/* Logs what is wrong, with file and line; returns NGX_CONF_ERROR. */
char *
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
