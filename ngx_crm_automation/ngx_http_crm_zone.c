/*
 * Counters and revisions of all processes, in shared memory. They outlive a
 * reload; a process that ends takes its row along.
 */

#include "ngx_http_crm_module.h"


ngx_http_crm_zone_t *
ngx_http_crm_zone(ngx_http_crm_main_conf_t *conf)
{
    return conf->zone ? conf->zone->data : NULL;
}


ngx_int_t
ngx_http_crm_zone_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t      *shpool;
    ngx_http_crm_zone_t  *counters;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data) {
        zone->data = data;
        return NGX_OK;
    }

    if (zone->shm.exists) {
        zone->data = shpool->data;
        return NGX_OK;
    }

    counters = ngx_slab_calloc(shpool, sizeof(ngx_http_crm_zone_t));
    if (counters == NULL) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0,
                      "crm_zone is too small; write crm_zone size=1m");
        return NGX_ERROR;
    }

    shpool->data = counters;
    zone->data = counters;

    return NGX_OK;
}


void
ngx_http_crm_zone_count(ngx_http_crm_main_conf_t *conf, ngx_uint_t decision)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    if (zone) {
        (void) ngx_atomic_fetch_add(&zone->requests[decision], 1);
    }
}


void
ngx_http_crm_zone_unprotected(ngx_http_crm_main_conf_t *conf)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    if (zone) {
        (void) ngx_atomic_fetch_add(&zone->unprotected, 1);
    }
}


void
ngx_http_crm_zone_unknown(ngx_http_crm_main_conf_t *conf)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    if (zone) {
        (void) ngx_atomic_fetch_add(&zone->unknown, 1);
    }
}


void
ngx_http_crm_zone_late(ngx_http_crm_main_conf_t *conf)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    if (zone) {
        (void) ngx_atomic_fetch_add(&zone->late, 1);
    }
}


void
ngx_http_crm_zone_unjudged(ngx_http_crm_main_conf_t *conf)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    if (zone) {
        (void) ngx_atomic_fetch_add(&zone->unjudged, 1);
    }
}


void
ngx_http_crm_zone_untold(ngx_http_crm_main_conf_t *conf)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    if (zone) {
        (void) ngx_atomic_fetch_add(&zone->untold, 1);
    }
}


/* A row for this process; its number, or that of no row when all are taken. */
ngx_uint_t
ngx_http_crm_zone_join(ngx_http_crm_main_conf_t *conf)
{
    ngx_uint_t            i;
    ngx_atomic_uint_t     pid;
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(conf);

    for (i = 0; zone && i < NGX_HTTP_CRM_ZONE_PROCESSES; i++) {
        pid = zone->processes[i].pid;

        /* a row whose process was killed is free again */

        if (pid && (kill((ngx_pid_t) pid, 0) == 0 || ngx_errno == NGX_EPERM)
            && (ngx_pid_t) pid != ngx_pid)
        {
            continue;
        }

        if (ngx_atomic_cmp_set(&zone->processes[i].pid, pid,
                               (ngx_atomic_uint_t) ngx_pid))
        {
            zone->processes[i].revision = 0;
            zone->processes[i].redis_errors = 0;
            return i;
        }
    }

    return NGX_HTTP_CRM_ZONE_PROCESSES;
}


void
ngx_http_crm_zone_leave(ngx_http_crm_process_t *process)
{
    ngx_http_crm_zone_t          *zone;
    ngx_http_crm_zone_process_t  *row;

    zone = ngx_http_crm_zone(process->conf);

    if (zone == NULL || process->slot == NGX_HTTP_CRM_ZONE_PROCESSES) {
        return;
    }

    row = &zone->processes[process->slot];

    (void) ngx_atomic_fetch_add(&zone->redis_errors,
                                (ngx_atomic_int_t) row->redis_errors);
    row->redis_errors = 0;
    row->revision = 0;
    row->pid = 0;
}


void
ngx_http_crm_zone_revision(ngx_http_crm_process_t *process,
    long long revision)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(process->conf);

    if (zone && process->slot < NGX_HTTP_CRM_ZONE_PROCESSES) {
        zone->processes[process->slot].revision
                                            = (ngx_atomic_uint_t) revision;
    }
}


void
ngx_http_crm_zone_redis_errors(ngx_http_crm_process_t *process)
{
    ngx_http_crm_zone_t  *zone;

    zone = ngx_http_crm_zone(process->conf);

    if (zone && process->redis
        && process->slot < NGX_HTTP_CRM_ZONE_PROCESSES)
    {
        zone->processes[process->slot].redis_errors
                                = ngx_http_crm_redis_errors(process->redis);
    }
}
