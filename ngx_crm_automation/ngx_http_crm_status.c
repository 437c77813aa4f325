/*
 * crm_status: how it stands, as JSON for people and as text for Prometheus.
 */

#include "ngx_http_crm_module.h"

#include "base/crm_buf.h"


#define NGX_HTTP_CRM_STATUS_MAX  (1024 * 1024)


static ngx_int_t ngx_http_crm_status_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_status_prometheus_handler(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_status_send(ngx_http_request_t *r,
    ngx_uint_t prometheus);
static void ngx_http_crm_status_json(crm_buf_t *buf,
    ngx_http_crm_main_conf_t *conf);
static void ngx_http_crm_status_org(crm_buf_t *buf, ngx_http_crm_org_t *org);
static void ngx_http_crm_status_prometheus(crm_buf_t *buf,
    ngx_http_crm_main_conf_t *conf);
static ngx_uint_t ngx_http_crm_status_errors(ngx_http_crm_main_conf_t *conf);
static const char *ngx_http_crm_status_durability(
    const ngx_http_crm_redis_t *redis);


char *
ngx_http_crm_status_conf(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (cf->args->nelts == 1
        || ngx_strcmp(value[1].data, "format=json") == 0)
    {
        clcf->handler = ngx_http_crm_status_handler;

    } else if (ngx_strcmp(value[1].data, "format=prometheus") == 0) {
        clcf->handler = ngx_http_crm_status_prometheus_handler;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "crm_status: \"%V\" is neither format=json nor"
                           " format=prometheus", &value[1]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_crm_status_handler(ngx_http_request_t *r)
{
    return ngx_http_crm_status_send(r, 0);
}


static ngx_int_t
ngx_http_crm_status_prometheus_handler(ngx_http_request_t *r)
{
    return ngx_http_crm_status_send(r, 1);
}


static ngx_int_t
ngx_http_crm_status_send(ngx_http_request_t *r, ngx_uint_t prometheus)
{
    crm_buf_t    buf;
    ngx_int_t    rc;
    ngx_str_t    arg;
    ngx_buf_t   *b;
    crm_pool_t  *pool;
    ngx_chain_t  out;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_arg(r, (u_char *) "format", 6, &arg) == NGX_OK) {
        if (arg.len == 4 && ngx_strncmp(arg.data, "json", 4) == 0) {
            prometheus = 0;

        } else if (arg.len == 10
                   && ngx_strncmp(arg.data, "prometheus", 10) == 0)
        {
            prometheus = 1;

        } else {
            return NGX_HTTP_BAD_REQUEST;
        }
    }

    pool = ngx_http_crm_request_pool(r, 4 * NGX_HTTP_CRM_STATUS_MAX);
    b = ngx_calloc_buf(r->pool);
    if (pool == NULL || b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    crm_buf_init(&buf, pool, NGX_HTTP_CRM_STATUS_MAX);

    if (prometheus) {
        ngx_http_crm_status_prometheus(&buf, ngx_http_crm_main_conf(r));
        ngx_str_set(&r->headers_out.content_type,
                    "text/plain; version=0.0.4; charset=utf-8");

    } else {
        ngx_http_crm_status_json(&buf, ngx_http_crm_main_conf(r));
        ngx_str_set(&r->headers_out.content_type, "application/json");
    }

    if (crm_buf_status(&buf) != CRM_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = (off_t) buf.len;

    b->pos = (u_char *) buf.data;
    b->last = b->pos + buf.len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, &out);
}


static void
ngx_http_crm_status_json(crm_buf_t *buf, ngx_http_crm_main_conf_t *conf)
{
    ngx_uint_t             i, n, pending, undetermined;
    ngx_http_crm_org_t   **orgs;
    ngx_http_crm_zone_t   *zone;

    zone = ngx_http_crm_zone(conf);
    pending = 0;
    undetermined = 0;

    crm_buf_puts(buf, "{\"version\":\"" NGX_HTTP_CRM_VERSION "\",\"org\":{");

    if (conf->process) {
        orgs = conf->process->orgs.elts;

        for (i = 0, n = 0; i < conf->process->orgs.nelts; i++) {
            if (!orgs[i]->literal && !orgs[i]->listed) {
                continue;
            }

            crm_buf_puts(buf, n++ ? "," : "");
            ngx_http_crm_status_org(buf, orgs[i]);
            pending += orgs[i]->intents;
            undetermined += orgs[i]->undetermined;
        }
    }

    crm_buf_puts(buf, "},\"redis\":{\"up\":");
    crm_buf_puts(buf, conf->process
                      && ngx_http_crm_redis_up(conf->process->redis)
                      ? "true" : "false");
    crm_buf_puts(buf, ",\"errors\":");
    crm_buf_int(buf, (long long) ngx_http_crm_status_errors(conf));
    crm_buf_puts(buf, "},\"requests\":{");

    for (i = 0; zone && i < NGX_HTTP_CRM_DECISIONS; i++) {
        crm_buf_puts(buf, i ? ",\"" : "\"");
        crm_buf_puts(buf, ngx_http_crm_decision_name(i));
        crm_buf_puts(buf, "\":");
        crm_buf_int(buf, (long long) zone->requests[i]);
    }

    crm_buf_puts(buf, "},\"unprotected\":");
    crm_buf_int(buf, zone ? (long long) zone->unprotected : 0);
    crm_buf_puts(buf, ",\"unknown\":");
    crm_buf_int(buf, zone ? (long long) zone->unknown : 0);
    crm_buf_puts(buf, ",\"late\":");
    crm_buf_int(buf, zone ? (long long) zone->late : 0);
    crm_buf_puts(buf, ",\"unjudged\":");
    crm_buf_int(buf, zone ? (long long) zone->unjudged : 0);
    crm_buf_puts(buf, ",\"untold\":");
    crm_buf_int(buf, zone ? (long long) zone->untold : 0);
    crm_buf_puts(buf, ",\"intents\":{\"pending\":");
    crm_buf_int(buf, (long long) pending);
    crm_buf_puts(buf, ",\"undetermined\":");
    crm_buf_int(buf, (long long) undetermined);
    crm_buf_puts(buf, "},\"processes\":[");

    for (i = 0, n = 0; zone && i < NGX_HTTP_CRM_ZONE_PROCESSES; i++) {
        if (zone->processes[i].pid == 0) {
            continue;
        }

        crm_buf_puts(buf, n++ ? ",{\"pid\":" : "{\"pid\":");
        crm_buf_int(buf, (long long) zone->processes[i].pid);
        crm_buf_puts(buf, ",\"revision\":");
        crm_buf_int(buf, (long long) zone->processes[i].revision);
        crm_buf_putc(buf, '}');
    }

    crm_buf_puts(buf, "]}\n");
}


static void
ngx_http_crm_status_org(crm_buf_t *buf, ngx_http_crm_org_t *org)
{
    crm_buf_json(buf, ngx_http_crm_str(&org->name));
    crm_buf_puts(buf, ":{\"revision\":");
    crm_buf_int(buf, org->revision);
    crm_buf_puts(buf, ",\"loaded_at\":");
    crm_buf_int(buf, org->loaded_at_ms);
    crm_buf_puts(buf, ",\"rejected\":");

    if (org->rejected) {
        crm_buf_puts(buf, "{\"revision\":");
        crm_buf_int(buf, org->rejected);
        crm_buf_puts(buf, ",\"error\":");
        crm_buf_json(buf, ngx_http_crm_str(&org->reject_error));
        crm_buf_putc(buf, '}');

    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"durability\":\"");
    crm_buf_puts(buf, ngx_http_crm_status_durability(org->process->redis));
    crm_buf_puts(buf, "\",\"epoch_ok\":");
    crm_buf_puts(buf, org->epoch_ok ? "true}" : "false}");
}


static void
ngx_http_crm_status_prometheus(crm_buf_t *buf,
    ngx_http_crm_main_conf_t *conf)
{
    ngx_uint_t             i;
    ngx_http_crm_org_t   **orgs;
    ngx_http_crm_zone_t   *zone;

    zone = ngx_http_crm_zone(conf);

    crm_buf_puts(buf, "# HELP crm_build_info Version of the module.\n"
                      "# TYPE crm_build_info gauge\n"
                      "crm_build_info{version=\"" NGX_HTTP_CRM_VERSION
                      "\"} 1\n"
                      "# HELP crm_requests_total Requests by decision.\n"
                      "# TYPE crm_requests_total counter\n");

    for (i = 0; zone && i < NGX_HTTP_CRM_DECISIONS; i++) {
        crm_buf_puts(buf, "crm_requests_total{decision=\"");
        crm_buf_puts(buf, ngx_http_crm_decision_name(i));
        crm_buf_puts(buf, "\"} ");
        crm_buf_int(buf, (long long) zone->requests[i]);
        crm_buf_putc(buf, '\n');
    }

    crm_buf_puts(buf, "# HELP crm_unprotected_total Writes that passed"
                      " unjudged.\n"
                      "# TYPE crm_unprotected_total counter\n"
                      "crm_unprotected_total ");
    crm_buf_int(buf, zone ? (long long) zone->unprotected : 0);
    crm_buf_puts(buf, "\n# HELP crm_unknown_total Writes whose outcome the"
                      " backend did not tell.\n"
                      "# TYPE crm_unknown_total counter\n"
                      "crm_unknown_total ");
    crm_buf_int(buf, zone ? (long long) zone->unknown : 0);
    crm_buf_puts(buf, "\n# HELP crm_late_total Writes that ended when their"
                      " lease was gone.\n"
                      "# TYPE crm_late_total counter\n"
                      "crm_late_total ");
    crm_buf_int(buf, zone ? (long long) zone->late : 0);
    crm_buf_puts(buf, "\n# HELP crm_unjudged_total Records that an upsert"
                      " wrote instead of those that were judged.\n"
                      "# TYPE crm_unjudged_total counter\n"
                      "crm_unjudged_total ");
    crm_buf_int(buf, zone ? (long long) zone->unjudged : 0);
    crm_buf_puts(buf, "\n# HELP crm_untold_total Refusals without a trace.\n"
                      "# TYPE crm_untold_total counter\n"
                      "crm_untold_total ");
    crm_buf_int(buf, zone ? (long long) zone->untold : 0);
    crm_buf_puts(buf, "\n# HELP crm_store_errors_total Commands that Redis"
                      " did not answer well.\n"
                      "# TYPE crm_store_errors_total counter\n"
                      "crm_store_errors_total ");
    crm_buf_int(buf, (long long) ngx_http_crm_status_errors(conf));
    crm_buf_puts(buf, "\n# HELP crm_store_up Whether Redis is connected.\n"
                      "# TYPE crm_store_up gauge\ncrm_store_up ");
    crm_buf_int(buf, conf->process
                     && ngx_http_crm_redis_up(conf->process->redis));
    crm_buf_puts(buf, "\n# HELP crm_config_revision_info Revision of the"
                      " rules.\n# TYPE crm_config_revision_info gauge\n");

    if (conf->process == NULL) {
        return;
    }

    orgs = conf->process->orgs.elts;

    for (i = 0; i < conf->process->orgs.nelts; i++) {
        if (!orgs[i]->literal && !orgs[i]->listed) {
            continue;
        }

        crm_buf_puts(buf, "crm_config_revision_info{org=\"");
        crm_buf_str(buf, ngx_http_crm_str(&orgs[i]->name));
        crm_buf_puts(buf, "\",revision=\"");
        crm_buf_int(buf, orgs[i]->revision);
        crm_buf_puts(buf, "\"} 1\n");
    }

    crm_buf_puts(buf, "# HELP crm_intents Writes under way or in doubt.\n"
                      "# TYPE crm_intents gauge\n");

    for (i = 0; i < conf->process->orgs.nelts; i++) {
        if (!orgs[i]->literal && !orgs[i]->listed) {
            continue;
        }

        crm_buf_puts(buf, "crm_intents{org=\"");
        crm_buf_str(buf, ngx_http_crm_str(&orgs[i]->name));
        crm_buf_puts(buf, "\"} ");
        crm_buf_int(buf, (long long) orgs[i]->intents);
        crm_buf_putc(buf, '\n');
    }

    crm_buf_puts(buf, "# HELP crm_undetermined Writes that nobody can"
                      " settle.\n# TYPE crm_undetermined gauge\n");

    for (i = 0; i < conf->process->orgs.nelts; i++) {
        if (!orgs[i]->literal && !orgs[i]->listed) {
            continue;
        }

        crm_buf_puts(buf, "crm_undetermined{org=\"");
        crm_buf_str(buf, ngx_http_crm_str(&orgs[i]->name));
        crm_buf_puts(buf, "\"} ");
        crm_buf_int(buf, (long long) orgs[i]->undetermined);
        crm_buf_putc(buf, '\n');
    }
}


static ngx_uint_t
ngx_http_crm_status_errors(ngx_http_crm_main_conf_t *conf)
{
    ngx_uint_t            i, n;
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    if (zone == NULL) {
        return 0;
    }

    if (conf->process) {
        ngx_http_crm_zone_redis_errors(conf->process);
    }

    n = zone->redis_errors;

    for (i = 0; i < NGX_HTTP_CRM_ZONE_PROCESSES; i++) {
        n += zone->processes[i].redis_errors;
    }

    return n;
}


static const char *
ngx_http_crm_status_durability(const ngx_http_crm_redis_t *redis)
{
    static const char *const  names[] = {
        "unknown", "memory", "standard", "strict"
    };

    return names[ngx_http_crm_redis_durability(redis)];
}
