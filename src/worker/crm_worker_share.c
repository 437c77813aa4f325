/*
 * How classes of jobs share the room of a worker.
 */

#include "crm_worker_share.h"


void
crm_worker_share(crm_cmd_class_t *classes, size_t n, const unsigned *running,
    unsigned concurrency, unsigned free, unsigned room)
{
    size_t    i, j;
    unsigned  own, kept, used;

    own = concurrency / CRM_WORKER_SHARE_OF;

    for (i = 0; i < n; i++) {
        kept = 0;

        for (j = 0; j < n; j++) {
            used = running[classes[j].queue];

            if (j != i && used < own) {
                kept += own - used;
            }
        }

        classes[i].max_jobs = free > kept ? free - kept : 0;

        if (classes[i].max_jobs > room) {
            classes[i].max_jobs = room;
        }
    }
}


unsigned
crm_worker_share_endpoint(unsigned asked, unsigned concurrency)
{
    unsigned  limit;

    if (asked > 0) {
        return asked;
    }

    limit = concurrency / CRM_WORKER_SHARE_ENDPOINT;

    if (limit > CRM_TAKE_ENDPOINT_LIMIT) {
        limit = CRM_TAKE_ENDPOINT_LIMIT;
    }

    return limit > 0 ? limit : 1;
}
