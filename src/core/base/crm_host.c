/*
 * The host that lends malloc() and free().
 */

#include "base/crm_host.h"

#include <malloc.h>
#include <stdlib.h>


#define HOST_KEEP  (32 * 1024 * 1024)


static void *
host_alloc(void *data, size_t size)
{
    (void) data;

    return malloc(size);
}


static void
host_free(void *data, void *p)
{
    (void) data;

    free(p);
}


const crm_host_t *
crm_host_malloc(void)
{
    static const crm_host_t  host = { host_alloc, host_free, NULL };

    return &host;
}


void
crm_host_malloc_keep(void)
{
    (void) mallopt(M_MMAP_THRESHOLD, HOST_KEEP);
    (void) mallopt(M_TRIM_THRESHOLD, 2 * HOST_KEEP);
}
