/*
 * How classes of jobs share the room of a worker.
 */

#include "crm_worker_share.h"


static unsigned  share_least(unsigned a, unsigned b);


unsigned
crm_worker_share(crm_cmd_class_t *classes, size_t n, const unsigned *running,
    unsigned concurrency, unsigned under_way, unsigned batch)
{
    size_t    i;
    unsigned  own, left, lefts, free, asked, half;

    own = concurrency / CRM_WORKER_SHARE_OF;
    free = under_way < concurrency ? concurrency - under_way : 0;
    asked = under_way;
    lefts = 0;

    for (i = 0; i < CRM_QUEUE_COUNT; i++) {
        asked -= running[i];
    }

    for (i = 0; i < n; i++) {
        left = running[classes[i].queue];
        left = left < own && asked == 0 ? own - left : 0;
        lefts += left;

        classes[i].max_jobs = share_least(free > left ? free : left, batch);

        if (classes[i].queue == CRM_QUEUE_SCORES) {
            half = concurrency > 1 ? concurrency / 2 : 1;
            half -= share_least(running[CRM_QUEUE_SCORES], half);
            classes[i].max_jobs = share_least(classes[i].max_jobs, half);
        }
    }

    return share_least(free > lefts ? free : lefts, batch);
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


static unsigned
share_least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}
