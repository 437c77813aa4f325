/*
 * An arena over memory that a host lends: a list of blocks, the newest of
 * which is cut from the front. Large pieces get a block of their own.
 */

#include "base/crm_pool.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>


#define POOL_BLOCK_MIN  2048
#define POOL_BLOCK_MAX  (64 * 1024)

/* Longer texts are printed twice: how long, and where. */
#define POOL_PRINT_BYTES  256


typedef struct pool_block_s  pool_block_t;
typedef struct pool_end_s    pool_end_t;

struct pool_block_s {
    pool_block_t  *next;
    size_t         size;
};

struct pool_end_s {
    pool_end_t    *next;
    void         (*end)(void *data);
    void          *data;
};

struct crm_pool_s {
    crm_pool_room_t  room;
    pool_block_t    *current;       /* what room points into */
    pool_block_t    *blocks;
    pool_end_t      *ends;
    size_t           ceiling;
    size_t           lent;
    size_t           block_size;
    size_t           kept;          /* owners besides the first */
    crm_host_t       host;
};


static size_t  pool_round(size_t size);
static char   *pool_start(pool_block_t *block);
static pool_block_t  *pool_block(crm_pool_t *pool, size_t size);


crm_pool_t *
crm_pool_create(const crm_host_t *host, size_t ceiling)
{
    crm_pool_t  *pool;

    pool = host->alloc(host->data, sizeof(crm_pool_t));
    if (pool == NULL) {
        return NULL;
    }

    memset(pool, 0, sizeof(crm_pool_t));
    pool->host = *host;
    pool->ceiling = ceiling;
    pool->block_size = POOL_BLOCK_MIN;

    return pool;
}


void
crm_pool_destroy(crm_pool_t *pool)
{
    pool_end_t    *end;
    pool_block_t  *block, *next;

    if (pool == NULL) {
        return;
    }

    if (pool->kept) {
        pool->kept--;
        return;
    }

    for (end = pool->ends; end; end = end->next) {
        end->end(end->data);
    }

    for (block = pool->blocks; block; block = next) {
        next = block->next;
        pool->host.free(pool->host.data, block);
    }

    pool->host.free(pool->host.data, pool);
}


void
crm_pool_keep(crm_pool_t *pool)
{
    pool->kept++;
}


int
crm_pool_holds(const crm_pool_t *pool, const void *p)
{
    uintptr_t            at, start;
    const pool_block_t  *block;

    at = (uintptr_t) p;

    for (block = pool->blocks; block; block = block->next) {
        start = (uintptr_t) block + pool_round(sizeof(pool_block_t));

        if (at >= start && at - start < block->size) {
            return 1;
        }
    }

    return 0;
}


void
crm_pool_reset(crm_pool_t *pool)
{
    pool_end_t    *end;
    pool_block_t  *block, *next;

    for (end = pool->ends; end; end = end->next) {
        end->end(end->data);
    }

    pool->ends = NULL;

    for (block = pool->blocks; block; block = next) {
        next = block->next;

        if (block != pool->current) {
            pool->lent -= block->size;
            pool->host.free(pool->host.data, block);
        }
    }

    pool->blocks = pool->current;

    if (pool->current) {
        pool->current->next = NULL;
        pool->room.free = pool_start(pool->current);
        pool->room.last = pool->room.free + pool->current->size;
    }
}


void *
crm_pool_alloc_slow(crm_pool_t *pool, size_t size)
{
    size_t         want;
    pool_block_t  *block;

    want = pool_round(size ? size : 1);
    if (want < size) {
        return NULL;
    }

    if (want > POOL_BLOCK_MAX / 4) {
        block = pool_block(pool, want);
        return block ? pool_start(block) : NULL;
    }

    while (pool->block_size < want * 2) {
        pool->block_size *= 2;
    }

    block = pool_block(pool, pool->block_size);
    if (block == NULL) {
        return NULL;
    }

    if (pool->block_size < POOL_BLOCK_MAX) {
        pool->block_size *= 2;
    }

    pool->current = block;
    pool->room.free = pool_start(block) + want;
    pool->room.last = pool_start(block) + block->size;

    return pool_start(block);
}


int
crm_pool_extend(crm_pool_t *pool, void *p, size_t old, size_t size)
{
    size_t  had, want;

    had = pool_round(old ? old : 1);
    want = pool_round(size ? size : 1);

    if (want < size || want < had || (char *) p + had != pool->room.free
        || want - had > (size_t) (pool->room.last - pool->room.free))
    {
        return 0;
    }

    pool->room.free += want - had;

    return 1;
}


crm_str_t
crm_pool_dup(crm_pool_t *pool, crm_str_t s)
{
    char  *p;

    p = crm_pool_alloc(pool, s.len + 1);
    if (p == NULL) {
        return CRM_STR_NULL;
    }

    if (s.len) {
        memcpy(p, s.data, s.len);
    }
    p[s.len] = '\0';

    return crm_str(p, s.len);
}


crm_str_t
crm_pool_concat(crm_pool_t *pool, const crm_str_t *parts, size_t count)
{
    char    *p, *to;
    size_t   i, len;

    len = 0;

    for (i = 0; i < count; i++) {
        len += parts[i].len;
    }

    p = crm_pool_alloc(pool, len + 1);
    if (p == NULL) {
        return CRM_STR_NULL;
    }

    to = p;

    for (i = 0; i < count; i++) {
        if (parts[i].len) {
            memcpy(to, parts[i].data, parts[i].len);
            to += parts[i].len;
        }
    }

    *to = '\0';

    return crm_str(p, len);
}


crm_str_t
crm_pool_printf(crm_pool_t *pool, const char *fmt, ...)
{
    int       n;
    char     *p, most[POOL_PRINT_BYTES];
    va_list   args;

    va_start(args, fmt);
    n = vsnprintf(most, sizeof(most), fmt, args);
    va_end(args);

    p = n < 0 ? NULL : crm_pool_alloc(pool, (size_t) n + 1);
    if (p == NULL) {
        return CRM_STR_NULL;
    }

    if ((size_t) n < sizeof(most)) {
        memcpy(p, most, (size_t) n + 1);
        return crm_str(p, (size_t) n);
    }

    va_start(args, fmt);
    (void) vsnprintf(p, (size_t) n + 1, fmt, args);
    va_end(args);

    return crm_str(p, (size_t) n);
}


crm_status_t
crm_pool_on_destroy(crm_pool_t *pool, void (*end)(void *data), void *data)
{
    pool_end_t  *e;

    e = crm_pool_alloc(pool, sizeof(pool_end_t));
    if (e == NULL) {
        end(data);
        return CRM_ENOMEM;
    }

    e->end = end;
    e->data = data;
    e->next = pool->ends;
    pool->ends = e;

    return CRM_OK;
}


static size_t
pool_round(size_t size)
{
    return (size + CRM_POOL_ALIGN - 1) & ~(CRM_POOL_ALIGN - 1);
}


static char *
pool_start(pool_block_t *block)
{
    return (char *) block + pool_round(sizeof(pool_block_t));
}


static pool_block_t *
pool_block(crm_pool_t *pool, size_t size)
{
    size_t         head;
    pool_block_t  *block;

    head = pool_round(sizeof(pool_block_t));

    if (size > (size_t) -1 - head
        || (pool->ceiling && size > pool->ceiling - pool->lent))
    {
        return NULL;
    }

    block = pool->host.alloc(pool->host.data, head + size);
    if (block == NULL) {
        return NULL;
    }

    block->next = pool->blocks;
    block->size = size;
    pool->blocks = block;
    pool->lent += size;

    return block;
}
