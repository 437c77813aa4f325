/*
 * Jobs taken from Redis, as many as there is room for.
 */

#include "crm_worker_take.h"

#include "crm_worker_deliver.h"
#include "crm_worker_log.h"
#include "crm_worker_pull.h"
#include "crm_worker_share.h"


/* A take under way; lives in the pool of its command. */
typedef struct {
    crm_worker_org_t   *org;
    crm_worker_pull_t  *pull;       /* NULL: nothing was pulled for it */
} take_call_t;


static crm_worker_org_t *take_choose(crm_worker_fetch_t *fetch);
static unsigned  take_room(crm_worker_fetch_t *fetch,
    crm_cmd_class_t classes[CRM_WORKER_DELIVER_CLASSES], size_t *n);
static int   take_begin(crm_worker_org_t *org);
static void  take_pulled(crm_worker_org_t *org,
    crm_worker_pull_status_t status, crm_worker_pull_t *pull);
static int   take_ask(crm_worker_org_t *org, crm_worker_pull_t *pull);
static void  take_reserve(crm_worker_org_t *org, unsigned room);
static void  take_release(crm_worker_org_t *org);
static void  take_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  take_told(crm_worker_org_t *org, crm_worker_pull_t *pull,
    const crm_take_t *take);
static void  take_wait(crm_worker_org_t *org, long long wait_ms);
static void  take_accept(crm_worker_org_t *org, const crm_take_t *take);
static void  take_accept_pulled(crm_worker_org_t *org,
    crm_worker_pull_t *pull, long long first);
static void  take_run(crm_worker_org_t *org, crm_worker_job_t *job);
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

        if (org == NULL || !take_begin(org)) {
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


/* Of webhooks' jobs that lie in their entrance as many as have room are moved
 * first, then taken. */
static int
take_begin(crm_worker_org_t *org)
{
    size_t               i, n, max;
    unsigned             room;
    crm_cmd_class_t      classes[CRM_WORKER_DELIVER_CLASSES];
    crm_worker_fetch_t  *fetch;

    fetch = org->fetch;
    room = take_room(fetch, classes, &n);
    max = 0;

    for (i = 0; i < n; i++) {
        if (classes[i].queue == CRM_QUEUE_WEBHOOKS) {
            max = classes[i].max_jobs < (long long) room
                  ? (size_t) classes[i].max_jobs : room;
        }
    }

    max = crm_worker_pull_wanted(org, max);

    if (max == 0) {
        return take_ask(org, NULL);
    }

    if (!crm_worker_pull_start(org, max, take_pulled)) {
        return 0;
    }

    take_reserve(org, room);

    return 1;
}


static void
take_pulled(crm_worker_org_t *org, crm_worker_pull_status_t status,
    crm_worker_pull_t *pull)
{
    take_release(org);

    if (org->fetch->ended) {
        crm_worker_pull_destroy(pull);
        return;
    }

    if (status != CRM_WORKER_PULL_OK) {
        org->aside = CRM_WORKER_PULL_ASIDE;
    }

    if (status == CRM_WORKER_PULL_AWAY || !take_ask(org, pull)) {
        crm_worker_pull_destroy(pull);
        crm_worker_fetch_next(org->fetch);
    }
}


/* pull, which may be NULL, is the callee's if it returns 1. */
static int
take_ask(crm_worker_org_t *org, crm_worker_pull_t *pull)
{
    unsigned             room;
    crm_pool_t          *pool;
    take_call_t         *call;
    crm_cmd_take_t       take;
    crm_cmd_class_t      classes[CRM_WORKER_DELIVER_CLASSES];
    crm_worker_fetch_t  *fetch;

    fetch = org->fetch;

    pool = crm_pool_create(crm_host_malloc(), 0);
    call = pool ? crm_pool_calloc(pool, 1, sizeof(take_call_t)) : NULL;

    if (call == NULL) {
        crm_pool_destroy(pool);
        return 0;
    }

    call->org = org;
    call->pull = pull;

    take.org = org->name;
    take.pulled = pull ? &pull->pulled : NULL;
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
                             crm_cmd_take(pool, &take), take_answered, call)
        != CRM_OK)
    {
        return 0;
    }

    take_reserve(org, room);

    return 1;
}


static void
take_reserve(crm_worker_org_t *org, unsigned room)
{
    org->taking = 1;
    org->hungry = 0;
    org->reserved = room;
    org->fetch->under_way += room;
}


static void
take_release(crm_worker_org_t *org)
{
    org->taking = 0;
    org->fetch->under_way -= org->reserved;
    org->reserved = 0;
}


static void
take_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_take_t           take;
    crm_error_t          err;
    take_call_t         *call;
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    call = data;
    org = call->org;
    fetch = org->fetch;

    take_release(org);

    if (fetch->ended) {
        crm_worker_pull_destroy(call->pull);
        return;
    }

    if (reply == NULL) {
        crm_worker_pull_destroy(call->pull);
        crm_worker_fetch_next(fetch);
        return;
    }

    if (crm_take_parse(&take, reply, pool, &err) != CRM_OK) {
        crm_worker_pull_destroy(call->pull);
        crm_worker_fetch_refused(fetch, "take", org->name, err.text);
        crm_worker_fetch_next(fetch);
        return;
    }

    take_told(org, call->pull, &take);
    crm_worker_fetch_pump(fetch);
    crm_worker_fetch_next(fetch);
}


static void
take_told(crm_worker_org_t *org, crm_worker_pull_t *pull,
    const crm_take_t *take)
{
    if (take->malformed > 0) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "fetch: malformed jobs went to "
                       "the dead, org:%s count:%lld", org->name.data,
                       take->malformed);
    }

    crm_worker_pull_learn(org, pull, take);

    if (pull != NULL && pull->pulled.elements != NULL && take->first > 0) {
        take_accept_pulled(org, pull, take->first);
    }

    crm_worker_pull_destroy(pull);

    take_accept(org, take);
    take_wait(org, take->wait_ms);

    if (take->moved > 0 || take->n_jobs > 0) {
        org->hungry = 1;
        org->found = 1;
        org->warm = CRM_WORKER_FETCH_WARM;
    }
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


static void
take_accept(crm_worker_org_t *org, const crm_take_t *take)
{
    size_t  i;

    for (i = 0; i < take->n_jobs; i++) {
        take_run(org, crm_worker_job_create(org->name, &take->jobs[i]));
    }
}


static void
take_accept_pulled(crm_worker_org_t *org, crm_worker_pull_t *pull,
    long long first)
{
    size_t             i;
    crm_worker_job_t  *job;

    for (i = 0; i < pull->pulled.n; i++) {
        job = pull->jobs[i];
        pull->jobs[i] = NULL;
        job->sequence = first + (long long) i;
        take_run(org, job);
    }
}


/* What cannot begin for want of memory is left to the end of its lease. */
static void
take_run(crm_worker_org_t *org, crm_worker_job_t *job)
{
    crm_worker_fetch_t  *fetch;

    fetch = org->fetch;

    if (job == NULL) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "fetch: out of memory");
        return;
    }

    job->owner = org;

    if (crm_worker_dispatch_run(fetch->dispatch, job) != CRM_OK) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "fetch: out of memory");
        crm_worker_job_destroy(job);
        return;
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
