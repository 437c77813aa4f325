/*
 * An arena over memory that a host lends.
 *
 * Everything allocated from a pool lives exactly as long as the pool. A pool
 * has a ceiling: what a request, a rule set or a job may use at most. Nothing
 * is freed one by one; what needs an end of its own (a json_t, a handle)
 * registers it on the line after it was acquired.
 */

#ifndef CRM_POOL_H
#define CRM_POOL_H

#include "base/crm_host.h"
#include "base/crm_status.h"
#include "base/crm_str.h"


typedef struct crm_pool_s  crm_pool_t;

/* How a pool begins: what is left of the block that pieces are cut from. */
typedef struct {
    char  *free;
    char  *last;
} crm_pool_room_t;

#define CRM_POOL_ALIGN  (sizeof(union { long long l; void *p; }))


/*
 * A new pool that lends at most ceiling bytes in all (0: no ceiling), or NULL
 * without memory. host is copied.
 */
crm_pool_t *crm_pool_create(const crm_host_t *host, size_t ceiling);

/* Runs the registered ends, last first, and gives all memory back; of a pool
 * that is kept the last of its owners does, for the others nothing is done. */
void crm_pool_destroy(crm_pool_t *pool);

/* One more owner, who destroys it as well. */
void crm_pool_keep(crm_pool_t *pool);

/* Whether the byte at p is the pool's own: it stays as long as the pool. */
int crm_pool_holds(const crm_pool_t *pool, const void *p);

/* A piece that the block has no room for; only crm_pool_alloc() calls it. */
void *crm_pool_alloc_slow(crm_pool_t *pool, size_t size);

/* Memory aligned for any object, or NULL: out of memory, or the ceiling. */
static inline void *
crm_pool_alloc(crm_pool_t *pool, size_t size)
{
    char             *p;
    size_t            want;
    crm_pool_room_t  *room;

    room = (crm_pool_room_t *) pool;
    p = room->free;
    want = (size + !size + CRM_POOL_ALIGN - 1) & ~(CRM_POOL_ALIGN - 1);

    if (want < size || (size_t) (room->last - p) < want) {
        return crm_pool_alloc_slow(pool, size);
    }

    room->free = p + want;

    return p;
}


/*
 * Makes the piece at p, of old bytes, larger where it stands, if it was the
 * last that was cut and its block has room: 1, else 0 and nothing has changed.
 */
int crm_pool_extend(crm_pool_t *pool, void *p, size_t old, size_t size);

/* Ends what crm_pool_destroy() ends and forgets every piece, but keeps a block
 * for those to come: for a pool that serves one short task after another. */
void crm_pool_reset(crm_pool_t *pool);

/* Memory for count objects of size bytes, zeroed; safe from overflow. */
static inline void *
crm_pool_calloc(crm_pool_t *pool, size_t count, size_t size)
{
    void  *p;

    if (size != 0 && count > (size_t) -1 / size) {
        return NULL;
    }

    p = crm_pool_alloc(pool, count * size);
    if (p != NULL) {
        memset(p, 0, count * size);
    }

    return p;
}


/*
 * A copy of s, followed by a zero byte that its len does not count; data is
 * NULL without memory and nothing else.
 */
crm_str_t crm_pool_dup(crm_pool_t *pool, crm_str_t s);

/* The count strings of parts one behind the other, as crm_pool_dup() copies
 * one. */
crm_str_t crm_pool_concat(crm_pool_t *pool, const crm_str_t *parts,
    size_t count);

/* Text as of printf, or a string whose data is NULL without memory. */
crm_str_t crm_pool_printf(crm_pool_t *pool, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Has end(data) called when the pool is destroyed. On CRM_ENOMEM end(data) has
 * been called already, so that nothing can leak.
 */
crm_status_t crm_pool_on_destroy(crm_pool_t *pool, void (*end)(void *data),
    void *data);

#endif
