/*
 * What a host lends the core: memory.
 *
 * The core knows no allocator, clock, randomness or log of its own: time,
 * random bytes and ids come in as arguments, errors go out as return values.
 * nginx lends a request's pool, the programs lend malloc, tests lend memory
 * that fails at the n-th call.
 */

#ifndef CRM_HOST_H
#define CRM_HOST_H

#include <stddef.h>


typedef struct {
    void  *(*alloc)(void *data, size_t size);   /* NULL when there is none */
    void   (*free)(void *data, void *p);        /* may do nothing */
    void   *data;
} crm_host_t;


/* The host that lends malloc() and free(); never NULL. */
const crm_host_t *crm_host_malloc(void);

/* For a process that ends soon: what it frees stays its own. Given back to the
 * kernel and asked for anew, some MB cost more than what is done in them. */
void crm_host_malloc_keep(void);

#endif
