/*
 * Between nginx and the core: strings, memory, randomness, time.
 */

#ifndef NGX_HTTP_CRM_BRIDGE_H
#define NGX_HTTP_CRM_BRIDGE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/crm_pool.h"


static ngx_inline crm_str_t
ngx_http_crm_str(const ngx_str_t *s)
{
    return crm_str((const char *) s->data, s->len);
}


static ngx_inline ngx_str_t
ngx_http_crm_ngx_str(crm_str_t s)
{
    ngx_str_t  n;

    n.data = (u_char *) s.data;
    n.len = s.len;

    return n;
}


/*
 * A core pool that lives as long as the request, ceiling bytes at most. NULL
 * without memory.
 */
crm_pool_t *ngx_http_crm_request_pool(ngx_http_request_t *r, size_t ceiling);

/* Memory that outlives requests: of ended ones, kept for those to come. NULL
 * without memory; what is freed was allocated here. */
void *ngx_http_crm_block_alloc(size_t size, ngx_log_t *log);
void ngx_http_crm_block_free(void *p);

/* Gives back what is kept for the next requests: at a process' end. */
void ngx_http_crm_pool_trim(void);

/* A new event id in r's pool. data is NULL without memory. */
crm_str_t ngx_http_crm_event_id(crm_pool_t *pool);

/* Milliseconds since 1970, of nginx's cached clock. */
long long ngx_http_crm_now_ms(void);

/* Microseconds of a monotonic clock, for $crm_eval_time. */
long long ngx_http_crm_monotonic_us(void);

#endif
