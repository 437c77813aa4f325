/*
 * Between nginx and the core: strings, memory, randomness, time.
 */

#include "ngx_http_crm_bridge.h"

#include <openssl/rand.h>
#include <time.h>

#include "base/crm_ulid.h"


static void *ngx_http_crm_pool_alloc(void *data, size_t size);
static void ngx_http_crm_pool_free(void *data, void *p);
static void ngx_http_crm_pool_cleanup(void *data);


crm_pool_t *
ngx_http_crm_request_pool(ngx_http_request_t *r, size_t ceiling)
{
    crm_host_t           host;
    crm_pool_t          *pool;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    host.alloc = ngx_http_crm_pool_alloc;
    host.free = ngx_http_crm_pool_free;
    host.data = r->pool;

    pool = crm_pool_create(&host, ceiling);
    if (pool == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_crm_pool_cleanup;
    cln->data = pool;

    return pool;
}


crm_str_t
ngx_http_crm_event_id(crm_pool_t *pool)
{
    char           text[CRM_ULID_LEN + 1];
    unsigned char  random[CRM_ULID_RANDOM];

    if (RAND_bytes(random, sizeof(random)) != 1) {
        return CRM_STR_NULL;
    }

    return crm_pool_dup(pool, crm_ulid(text, ngx_http_crm_now_ms(), random));
}


long long
ngx_http_crm_now_ms(void)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    return (long long) tp->sec * 1000 + tp->msec;
}


long long
ngx_http_crm_monotonic_us(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (long long) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


static void *
ngx_http_crm_pool_alloc(void *data, size_t size)
{
    return ngx_palloc(data, size);
}


/* The request's pool gives everything back at once. */
static void
ngx_http_crm_pool_free(void *data, void *p)
{
    (void) data;
    (void) p;
}


static void
ngx_http_crm_pool_cleanup(void *data)
{
    crm_pool_destroy(data);
}
