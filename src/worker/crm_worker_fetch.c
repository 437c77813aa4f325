/*
 * Claims jobs for all organisations.
 */

#include "crm_worker_fetch.h"

#include "crm_worker_count.h"
#include "crm_worker_log.h"
#include "crm_worker_orgs.h"
#include "crm_worker_recover.h"
#include "crm_worker_take.h"
#include "crm_worker_upkeep.h"

#include <stdlib.h>

#include <openssl/rand.h>


static uint64_t  fetch_name(void);
static void  fetch_on_poll(uv_timer_t *timer);
static void  fetch_on_reap(uv_timer_t *timer);
static void  fetch_on_renew(uv_timer_t *timer);
static void  fetch_on_list(uv_timer_t *timer);

static void  fetch_round(crm_worker_org_t *org);
static void  fetch_tell(crm_worker_fetch_t *fetch,
    crm_worker_fetch_event_t event);
static void  fetch_closed(uv_handle_t *handle);


crm_worker_fetch_t *
crm_worker_fetch_create(crm_worker_dispatch_tools_t *tools,
    const crm_worker_config_t *config, crm_worker_fetch_event_pt event,
    void *data)
{
    crm_worker_fetch_t  *fetch;

    fetch = calloc(1, sizeof(crm_worker_fetch_t));
    if (fetch == NULL) {
        return NULL;
    }

    fetch->tools = tools;
    fetch->config = config;
    fetch->event = event;
    fetch->data = data;
    fetch->pull_name = fetch_name();
    fetch->pool = crm_pool_create(crm_host_malloc(), 0);
    fetch->dispatch = crm_worker_dispatch_create(tools,
                                                 crm_worker_take_finished,
                                                 fetch);

    if (fetch->pool == NULL || fetch->dispatch == NULL
        || !crm_worker_recover_init(fetch))
    {
        crm_pool_destroy(fetch->pool);
        free(fetch);
        return NULL;
    }

    uv_timer_init(&tools->loop->uv, &fetch->poll);
    uv_timer_init(&tools->loop->uv, &fetch->soon);
    uv_timer_init(&tools->loop->uv, &fetch->reap);
    uv_timer_init(&tools->loop->uv, &fetch->renew);
    uv_timer_init(&tools->loop->uv, &fetch->list);
    uv_prepare_init(&tools->loop->uv, &fetch->turn);
    fetch->poll.data = fetch;
    fetch->soon.data = fetch;
    fetch->reap.data = fetch;
    fetch->renew.data = fetch;
    fetch->list.data = fetch;
    fetch->turn.data = fetch;

    crm_worker_fetch_configure(fetch, config);

    return fetch;
}


/* No other process has it, nor will one that comes later. */
static uint64_t
fetch_name(void)
{
    uint64_t  name;

    if (RAND_bytes((unsigned char *) &name, sizeof(name)) != 1) {
        name = uv_hrtime() ^ ((uint64_t) uv_os_getpid() << 40);
    }

    return name;
}


void
crm_worker_fetch_end(crm_worker_fetch_t *fetch)
{
    fetch->ended = 1;
    fetch->stopping = 1;
}


void
crm_worker_fetch_destroy(crm_worker_fetch_t *fetch)
{
    crm_worker_fetch_end(fetch);
    crm_worker_fetch_abandon(fetch);
    crm_worker_dispatch_destroy(fetch->dispatch);
    crm_worker_recover_clean(fetch);

    fetch->closing = 6;
    uv_close((uv_handle_t *) &fetch->poll, fetch_closed);
    uv_close((uv_handle_t *) &fetch->soon, fetch_closed);
    uv_close((uv_handle_t *) &fetch->reap, fetch_closed);
    uv_close((uv_handle_t *) &fetch->renew, fetch_closed);
    uv_close((uv_handle_t *) &fetch->list, fetch_closed);
    uv_close((uv_handle_t *) &fetch->turn, fetch_closed);
}


void
crm_worker_fetch_configure(crm_worker_fetch_t *fetch,
    const crm_worker_config_t *config)
{
    uint64_t  third_ms;

    fetch->config = config;
    fetch->listed = 0;

    third_ms = (uint64_t) config->lease_ms / 3;

    /* a claim is renewed as leases are: it must not run out while the backend
     * is waited for */
    fetch->settle.timeout_ms = config->timeout_ms < (int64_t) third_ms
                               ? config->timeout_ms : (int64_t) third_ms;

    uv_timer_start(&fetch->renew, fetch_on_renew, third_ms, third_ms);

    /* rounds take the place of the clock, and stop when they find nothing */
    if (!config->once) {
        uv_timer_start(&fetch->poll, fetch_on_poll, CRM_WORKER_FETCH_POLL_MS,
                       CRM_WORKER_FETCH_POLL_MS);
        uv_timer_start(&fetch->reap, fetch_on_reap, CRM_WORKER_FETCH_REAP_MS,
                       CRM_WORKER_FETCH_REAP_MS);
        uv_timer_start(&fetch->list, fetch_on_list, CRM_WORKER_FETCH_ORGS_MS,
                       CRM_WORKER_FETCH_ORGS_MS);
    }

    fetch->tick = 0;

    if (crm_worker_link_ready(fetch->tools->link)) {
        crm_worker_fetch_wake(fetch);
    }
}


void
crm_worker_fetch_wake(crm_worker_fetch_t *fetch)
{
    crm_worker_org_t  *org;

    crm_worker_orgs_list(fetch);

    /* it may have come back without what it was told last */

    for (org = fetch->orgs; org; org = org->next) {
        org->armed = 0;
    }

    if (fetch->listed && !fetch->config->once) {
        fetch_on_reap(&fetch->reap);
        fetch->tick = 0;
        fetch_on_poll(&fetch->poll);
    }
}


void
crm_worker_fetch_stop(crm_worker_fetch_t *fetch)
{
    fetch->stopping = 1;
    crm_worker_fetch_next(fetch);
}


void
crm_worker_fetch_abandon(crm_worker_fetch_t *fetch)
{
    crm_worker_org_t  *org;
    crm_worker_job_t  *job, *next;

    for (org = fetch->orgs; org; org = org->next) {
        for (job = org->jobs; job; job = next) {
            next = job->next;
            crm_worker_dispatch_abandon(job);
        }

        crm_worker_recover_abandon(org);
    }
}


unsigned
crm_worker_fetch_under_way(const crm_worker_fetch_t *fetch)
{
    return fetch->under_way + fetch->settling;
}


const crm_ruleset_t *
crm_worker_fetch_rules(const crm_worker_job_t *job)
{
    const crm_worker_org_t  *org;

    org = job->owner;

    return org->revision != NULL ? org->revision->set : NULL;
}


static void
fetch_on_poll(uv_timer_t *timer)
{
    int                  all;
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    fetch = timer->data;
    all = fetch->tick++ % CRM_WORKER_FETCH_IDLE == 0;

    for (org = fetch->orgs; org; org = org->next) {
        if (!org->active) {
            continue;
        }

        if (all) {
            crm_worker_upkeep_promote(org);
            crm_worker_recover_poll(org);
        }

        if (all || org->warm > 0) {
            org->hungry = 1;
        }

        if (org->jobs != NULL) {
            org->warm = CRM_WORKER_FETCH_WARM;

        } else if (org->warm > 0) {
            org->warm--;
        }
    }

    if (all) {
        (void) crm_worker_count_tell(fetch);
    }

    crm_worker_fetch_pump(fetch);
}


static void
fetch_on_reap(uv_timer_t *timer)
{
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    fetch = timer->data;

    for (org = fetch->orgs; org; org = org->next) {
        if (org->active) {
            crm_worker_upkeep_reap(org);
        }
    }
}


/* Of organisations that are served no more as well. */
static void
fetch_on_renew(uv_timer_t *timer)
{
    crm_worker_org_t    *org;
    crm_worker_fetch_t  *fetch;

    fetch = timer->data;

    for (org = fetch->orgs; org; org = org->next) {
        crm_worker_upkeep_renew(org);
    }
}


static void
fetch_on_list(uv_timer_t *timer)
{
    crm_worker_orgs_list(timer->data);
}


void
crm_worker_fetch_settled(crm_worker_fetch_t *fetch)
{
    crm_worker_org_t  *org;

    for (org = fetch->orgs; org; org = org->next) {
        if (org->active && org->owing) {
            crm_worker_recover_poll(org);
        }
    }

    crm_worker_fetch_next(fetch);
}


void
crm_worker_fetch_next(crm_worker_fetch_t *fetch)
{
    crm_worker_org_t  *org;

    if (fetch->ended) {
        return;
    }

    if (fetch->stopping) {
        if (fetch->under_way == 0 && fetch->settling == 0
            && !crm_worker_count_tell(fetch))
        {
            fetch_tell(fetch, CRM_WORKER_FETCH_DRAINED);
        }

        return;
    }

    if (!fetch->config->once || !fetch->listed) {
        return;
    }

    for (org = fetch->orgs; org; org = org->next) {
        fetch_round(org);
    }

    for (org = fetch->orgs; org; org = org->next) {
        if (org->active && !org->drained) {
            return;
        }
    }

    if (!crm_worker_count_tell(fetch)) {
        fetch_tell(fetch, CRM_WORKER_FETCH_DRAINED);
    }
}


/* Once: ends a round that nothing is left to do in, begins the next one. */
static void
fetch_round(crm_worker_org_t *org)
{
    if (!org->active || org->taking || org->hungry || org->promoting
        || org->reaping || org->recovering || org->owing || org->waiting
        || org->arming
        || org->jobs != NULL || org->claims != NULL || org->drained)
    {
        return;
    }

    if (!org->found) {
        org->drained = 1;
        return;
    }

    /* the answer to promote starts the take */
    org->found = 0;
    crm_worker_recover_poll(org);
    crm_worker_upkeep_reap(org);
    crm_worker_upkeep_promote(org);
}


void
crm_worker_fetch_refused(crm_worker_fetch_t *fetch, const char *what,
    crm_str_t org, const char *text)
{
    crm_worker_log(CRM_WORKER_LOG_ERROR, "fetch: redis refuses %s, org:%s: "
                   "%s", what, org.data, text);

    if (fetch->config->once) {
        fetch_tell(fetch, CRM_WORKER_FETCH_FAILED);
    }
}


static void
fetch_tell(crm_worker_fetch_t *fetch, crm_worker_fetch_event_t event)
{
    if (!fetch->ended) {
        fetch->ended = 1;
        fetch->event(fetch->data, event);
    }
}


static void
fetch_closed(uv_handle_t *handle)
{
    crm_worker_fetch_t  *fetch;

    fetch = handle->data;

    if (--fetch->closing == 0) {
        crm_pool_destroy(fetch->pool);
        free(fetch);
    }
}
