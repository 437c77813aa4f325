/*
 * Between nginx and the core: strings, memory, randomness, time.
 */

#include "ngx_http_crm_bridge.h"

#include <sys/random.h>
#include <time.h>

#include "base/crm_ulid.h"


/*
 * Blocks of ended requests are kept for the next ones: the allocator would
 * give them back to the kernel and fetch them again, page by page. A row for
 * each power of two from the core's smallest block to its largest.
 */
#define NGX_HTTP_CRM_BLOCK_SHIFT  11
#define NGX_HTTP_CRM_BLOCK_ROWS   6
#define NGX_HTTP_CRM_BLOCK_HEAD   64
#ifdef __SANITIZE_ADDRESS__
#define NGX_HTTP_CRM_BLOCK_KEEP   0         /* it must see each block's end */
#else
#define NGX_HTTP_CRM_BLOCK_KEEP   32
#endif

typedef union ngx_http_crm_block_u  ngx_http_crm_block_t;

union ngx_http_crm_block_u {
    ngx_http_crm_block_t  *next;        /* while it is kept */
    size_t                 row;         /* while it is lent */
    long double            align;
};

typedef struct {
    ngx_http_crm_block_t  *first;
    ngx_uint_t             count;
} ngx_http_crm_row_t;


static void *ngx_http_crm_pool_alloc(void *data, size_t size);
static void ngx_http_crm_pool_free(void *data, void *p);
static void ngx_http_crm_pool_cleanup(void *data);


static ngx_http_crm_row_t  ngx_http_crm_rows[NGX_HTTP_CRM_BLOCK_ROWS];


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
    host.data = r->connection->log;

    pool = crm_pool_create(&host, ceiling);
    if (pool == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_crm_pool_cleanup;
    cln->data = pool;

    return pool;
}


/* Random bytes are fetched for many ids at once; each process has its own,
 * since none is fetched before the processes part. */
crm_str_t
ngx_http_crm_event_id(crm_pool_t *pool)
{
    char  text[CRM_ULID_LEN + 1];

    static size_t         left;
    static unsigned char  random[100 * CRM_ULID_RANDOM];

    if (left == 0) {
        /* from the kernel: a library that once had no memory to start its
         * generator may never have one again */

        if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
            return CRM_STR_NULL;
        }

        left = sizeof(random);
    }

    left -= CRM_ULID_RANDOM;

    return crm_pool_dup(pool, crm_ulid(text, ngx_http_crm_now_ms(),
                                       random + left));
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
    return ngx_http_crm_block_alloc(size, data);
}


static void
ngx_http_crm_pool_free(void *data, void *p)
{
    (void) data;

    ngx_http_crm_block_free(p);
}


void *
ngx_http_crm_block_alloc(size_t size, ngx_log_t *log)
{
    size_t                 row, most;
    ngx_http_crm_row_t    *rows;
    ngx_http_crm_block_t  *block;

    rows = ngx_http_crm_rows;
    size += sizeof(ngx_http_crm_block_t);

    for (row = 0; row < NGX_HTTP_CRM_BLOCK_ROWS; row++) {
        most = ((size_t) 1 << (NGX_HTTP_CRM_BLOCK_SHIFT + row))
               + NGX_HTTP_CRM_BLOCK_HEAD;

        if (size <= most) {
            size = most;
            break;
        }
    }

    if (row < NGX_HTTP_CRM_BLOCK_ROWS && rows[row].first) {
        block = rows[row].first;
        rows[row].first = block->next;
        rows[row].count--;

    } else {
        block = ngx_alloc(size, log);
        if (block == NULL) {
            return NULL;
        }
    }

    block->row = row;

    return block + 1;
}


void
ngx_http_crm_block_free(void *p)
{
    size_t                 row;
    ngx_http_crm_row_t    *rows;
    ngx_http_crm_block_t  *block;

    rows = ngx_http_crm_rows;
    block = (ngx_http_crm_block_t *) p - 1;
    row = block->row;

    if (row == NGX_HTTP_CRM_BLOCK_ROWS
        || rows[row].count == NGX_HTTP_CRM_BLOCK_KEEP)
    {
        ngx_free(block);
        return;
    }

    block->next = rows[row].first;
    rows[row].first = block;
    rows[row].count++;
}


void
ngx_http_crm_pool_trim(void)
{
    size_t                 row;
    ngx_http_crm_block_t  *block;

    for (row = 0; row < NGX_HTTP_CRM_BLOCK_ROWS; row++) {
        while ((block = ngx_http_crm_rows[row].first) != NULL) {
            ngx_http_crm_rows[row].first = block->next;
            ngx_free(block);
        }

        ngx_http_crm_rows[row].count = 0;
    }
}


static void
ngx_http_crm_pool_cleanup(void *data)
{
    crm_pool_destroy(data);
}
