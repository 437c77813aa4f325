/*
 * Jobs taken from Redis, as many as there is room for.
 */

#include "crm_worker_take.h"

#include "crm_worker_deliver.h"
#include "crm_worker_log.h"
#include "crm_worker_share.h"


static crm_worker_org_t *take_choose(crm_worker_fetch_t *fetch);
static unsigned  take_room(crm_worker_fetch_t *fetch,
    crm_cmd_class_t classes[CRM_WORKER_DELIVER_CLASSES], size_t *n);
static int   take_ask(crm_worker_org_t *org);
static void  take_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  take_wait(crm_worker_org_t *org, long long wait_ms);
static void  take_accept(crm_worker_org_t *org, const crm_take_t *take);
static void  take_on_turn(uv_prepare_t *turn);
static void  take_soon(uv_timer_t *timer);


void
crm_worker_fetch_pump(crm_worker_fetch_t *fetch)
{
    size_t             n;
    crm_cmd_class_t    classes[CRM_WORKER_DELIVER_CLASSES];
    crm_worker_org_t  *org;

    while (!fetch->stopping && take_room(fetch, classes, &n) > 0) {
        org = take_choose(fetch);

        if (org == NULL || !take_ask(org)) {
            return;
        }
    }
}


/* How many jobs a call may ask for now, and how many of each class. */
static unsigned
take_room(crm_worker_fetch_t *fetch,
    crm_cmd_class_t classes[CRM_WORKER_DELIVER_CLASSES], size_t *n)
{
    size_t       i;
    crm_queue_t  queues[CRM_WORKER_DELIVER_CLASSES];

    *n = crm_worker_deliver_classes(queues, fetch->config);

    for (i = 0; i < *n; i++) {
        classes[i].queue = queues[i];
    }

    return crm_worker_share(classes, *n, fetch->running,
                            fetch->config->concurrency, fetch->under_way,
                            CRM_WORKER_FETCH_BATCH);
}


/* The next one that may have jobs; it goes to the end of the list, so that a
 * busy organisation leaves room to the others. */
static crm_worker_org_t *
take_choose(crm_worker_fetch_t *fetch)
{
    crm_worker_org_t  *org, **at;

    for (at = &fetch->orgs; *at; at = &(*at)->next) {
        if ((*at)->active && (*at)->known && (*at)->hungry
            && !(*at)->taking)
        {
            break;
        }
    }

    org = *at;
    if (org == NULL) {
        return NULL;
    }

    *at = org->next;
    org->next = NULL;

    for ( /* void */ ; *at; at = &(*at)->next) {
        /* void */
    }

    *at = org;

    return org;
}


static int
take_ask(crm_worker_org_t *org)
{
    unsigned             room;
    crm_pool_t          *pool;
    crm_cmd_take_t       take;
    crm_cmd_class_t      classes[CRM_WORKER_DELIVER_CLASSES];
    crm_worker_fetch_t  *fetch;

    fetch = org->fetch;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return 0;
    }

    take.org = org->name;
    take.classes = classes;
    room = take_room(fetch, classes, &take.n_classes);
    take.max_jobs = room;

    take.max_move = CRM_TAKE_MOVE_MAX;
    take.lease_ttl_ms = fetch->config->lease_ms;
    take.endpoint_limit =
        crm_worker_share_endpoint(fetch->config->endpoint_limit,
                                  fetch->config->concurrency);
    take.endpoint_rate = fetch->config->endpoint_rate;

    if (crm_worker_link_send(fetch->tools->link, pool,
                             crm_cmd_take(pool, &take), take_answered, org)
        != CRM_OK)
    {
        return 0;
    }

    org->taking = 1;
    org->hungry = 0;
    org->reserved = room;
    fetch->under_way += room;

    return 1;
}


static void
take_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_take_t           take;
    crm_error_t          err;
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    org = data;
    fetch = org->fetch;

    org->taking = 0;
    fetch->under_way -= org->reserved;
    org->reserved = 0;

    if (fetch->ended) {
        return;
    }

    if (reply == NULL) {
        crm_worker_fetch_next(fetch);
        return;
    }

    if (crm_take_parse(&take, reply, pool, &err) != CRM_OK) {
        crm_worker_fetch_refused(fetch, "take", org->name, err.text);
        crm_worker_fetch_next(fetch);
        return;
    }

    if (take.malformed > 0) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "fetch: malformed jobs went to "
                       "the dead, org:%s count:%lld", org->name.data,
                       take.malformed);
    }

    take_accept(org, &take);
    take_wait(org, take.wait_ms);

    if (take.moved > 0 || take.n_jobs > 0) {
        org->hungry = 1;
        org->found = 1;
        org->warm = CRM_WORKER_FETCH_WARM;
    }

    crm_worker_fetch_pump(fetch);
    crm_worker_fetch_next(fetch);
}


/* There are jobs, for endpoints that have had as many as their rate allows. */
static void
take_wait(crm_worker_org_t *org, long long wait_ms)
{
    crm_worker_fetch_t  *fetch;

    fetch = org->fetch;
    org->waiting = wait_ms >= 0;

    if (!org->waiting) {
        return;
    }

    if (wait_ms < CRM_WORKER_FETCH_SOON_MS) {
        wait_ms = CRM_WORKER_FETCH_SOON_MS;
    }

    if (!uv_is_active((uv_handle_t *) &fetch->soon)
        || uv_timer_get_due_in(&fetch->soon) > (uint64_t) wait_ms)
    {
        uv_timer_start(&fetch->soon, take_soon, (uint64_t) wait_ms, 0);
    }
}


/* What cannot begin for want of memory is left to the end of its lease. */
static void
take_accept(crm_worker_org_t *org, const crm_take_t *take)
{
    size_t               i;
    crm_worker_job_t    *job;
    crm_worker_fetch_t  *fetch;

    fetch = org->fetch;

    for (i = 0; i < take->n_jobs; i++) {
        job = crm_worker_job_create(org->name, &take->jobs[i]);

        if (job == NULL) {
            crm_worker_log(CRM_WORKER_LOG_ERROR, "fetch: out of memory");
            continue;
        }

        job->owner = org;

        if (crm_worker_dispatch_run(fetch->dispatch, job) != CRM_OK) {
            crm_worker_log(CRM_WORKER_LOG_ERROR, "fetch: out of memory");
            crm_worker_job_destroy(job);
            continue;
        }

        job->prev = NULL;
        job->next = org->jobs;

        if (org->jobs != NULL) {
            org->jobs->prev = job;
        }

        org->jobs = job;
        fetch->under_way++;
        fetch->running[job->queue]++;
    }
}


void
crm_worker_take_finished(void *data, crm_worker_job_t *job)
{
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    fetch = data;
    org = job->owner;

    if (job->prev != NULL) {
        job->prev->next = job->next;
    } else {
        org->jobs = job->next;
    }

    if (job->next != NULL) {
        job->next->prev = job->prev;
    }

    fetch->running[job->queue]--;
    fetch->under_way--;
    crm_worker_job_destroy(job);

    if (fetch->ended) {
        return;
    }

    org->hungry = 1;        /* its endpoint has room for another */
    org->found = 1;

    /* others end in the same turn of the loop: one call for all of them */
    uv_prepare_start(&fetch->turn, take_on_turn);
}


static void
take_on_turn(uv_prepare_t *turn)
{
    crm_worker_fetch_t  *fetch;

    uv_prepare_stop(turn);
    fetch = turn->data;

    if (!fetch->ended) {
        crm_worker_fetch_pump(fetch);
        crm_worker_fetch_next(fetch);
    }
}


/* An endpoint may have another job. */
static void
take_soon(uv_timer_t *timer)
{
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    fetch = timer->data;

    for (org = fetch->orgs; org; org = org->next) {
        if (org->waiting) {
            org->waiting = 0;
            org->hungry = 1;
        }
    }

    crm_worker_fetch_pump(fetch);
    crm_worker_fetch_next(fetch);
}
