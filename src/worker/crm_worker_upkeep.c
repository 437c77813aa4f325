/*
 * The upkeep of an organisation's jobs, and of what it has claimed.
 */

#include "crm_worker_upkeep.h"

#include "crm_worker_log.h"
#include "crm_worker_settle.h"


/* A command carries this many renewals at most. */
#define UPKEEP_RENEW_MAX  100

/* After a step of Redis' clock: every worker has looked once by then. */
#define UPKEEP_WARY       2


/* A renewal under way; lives in its command's pool. */
typedef struct {
    crm_worker_org_t  *org;
    size_t             n;
    crm_lease_t        leases[UPKEEP_RENEW_MAX];
} upkeep_renewal_t;


/* The same of a claim. */
typedef struct {
    crm_worker_org_t  *org;
    crm_str_t          event;
    long long          fence;
} upkeep_reclaim_t;


static void  upkeep_promoted(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  upkeep_stepped(crm_worker_org_t *org);
static void  upkeep_reaped(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static crm_worker_job_t *upkeep_renew_some(crm_worker_org_t *org,
    crm_worker_job_t *job);
static void  upkeep_renewed(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  upkeep_lost(crm_worker_org_t *org, crm_lease_t lease);
static void  upkeep_reclaim(crm_worker_org_t *org,
    const crm_worker_claim_t *claim);
static void  upkeep_reclaimed(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);


void
crm_worker_upkeep_promote(crm_worker_org_t *org)
{
    crm_pool_t  *pool;

    if (org->promoting || org->fetch->stopping) {
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);

    org->promoting = pool != NULL
                     && crm_worker_link_send(org->fetch->tools->link, pool,
                                             crm_cmd_promote(pool, org->name),
                                             upkeep_promoted, org)
                        == CRM_OK;
}


void
crm_worker_upkeep_reap(crm_worker_org_t *org)
{
    int64_t      now, passed;
    crm_pool_t  *pool;

    if (org->reaping || org->fetch->stopping) {
        return;
    }

    if (org->wary > 0) {
        org->wary--;
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    now = crm_worker_loop_now(org->fetch->tools->loop);
    passed = org->reaped_ms > 0 ? now - org->reaped_at : 0;

    org->reaping = pool != NULL
                   && crm_worker_link_send(org->fetch->tools->link, pool,
                                           crm_cmd_reap(pool, org->name,
                                                        org->reaped_ms,
                                                        passed,
                                                        org->fetch->config
                                                            ->lease_ms),
                                           upkeep_reaped, org)
                      == CRM_OK;
}


void
crm_worker_upkeep_renew(crm_worker_org_t *org)
{
    crm_worker_job_t    *job;
    crm_worker_claim_t  *claim;

    for (job = org->jobs; job != NULL; job = upkeep_renew_some(org, job)) {
        /* void */
    }

    for (claim = org->claims; claim != NULL; claim = claim->next) {
        if (crm_worker_settle_reads(claim)) {
            upkeep_reclaim(org, claim);
        }
    }
}


/* A call moves so many jobs at most: another one follows until one moves
 * none. */
static void
upkeep_promoted(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t        err;
    crm_promoted_t     promoted;
    crm_worker_org_t  *org;

    (void) pool;

    org = data;
    org->promoting = 0;

    if (reply == NULL || org->fetch->ended) {
        return;
    }

    if (crm_take_promoted(&promoted, reply, &err) != CRM_OK) {
        crm_worker_fetch_refused(org->fetch, "promote", org->name, err.text);
        return;
    }

    if (promoted.ready > 0) {
        org->found = 1;
        crm_worker_upkeep_promote(org);
    }

    if (promoted.ready > 0 || org->fetch->config->once) {
        org->hungry = 1;
        crm_worker_fetch_pump(org->fetch);
    }

    crm_worker_fetch_next(org->fetch);
}


static void
upkeep_reaped(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t        err;
    crm_reaped_t       reaped;
    crm_worker_org_t  *org;

    (void) pool;

    org = data;
    org->reaping = 0;

    if (reply == NULL || org->fetch->ended) {
        return;
    }

    if (crm_take_reaped(&reaped, reply, &err) != CRM_OK) {
        crm_worker_fetch_refused(org->fetch, "reap", org->name, err.text);
        return;
    }

    org->reaped_ms = reaped.now_ms;
    org->reaped_at = crm_worker_loop_now(org->fetch->tools->loop);

    if (reaped.stepped) {
        upkeep_stepped(org);
    }

    if (reaped.ready > 0 || reaped.dead > 0) {
        crm_worker_log(CRM_WORKER_LOG_NOTICE, "fetch: leases ran out, org:%s "
                       "ready:%lld dead:%lld", org->name.data, reaped.ready,
                       reaped.dead);

        org->hungry = 1;
        org->found = 1;
        crm_worker_upkeep_reap(org);
        crm_worker_fetch_pump(org->fetch);
    }

    crm_worker_fetch_next(org->fetch);
}


/* Redis' clock went forward, and all leases seem to have run out: ours are
 * renewed, and others get the time to renew theirs. */
static void
upkeep_stepped(crm_worker_org_t *org)
{
    crm_worker_log(CRM_WORKER_LOG_WARN, "fetch: redis' clock has stepped "
                   "forward, leases are renewed, org:%s", org->name.data);
    org->wary = UPKEEP_WARY;
    crm_worker_upkeep_renew(org);
}


/* Renews job and those after it; returns the first that did not fit. */
static crm_worker_job_t *
upkeep_renew_some(crm_worker_org_t *org, crm_worker_job_t *job)
{
    crm_pool_t        *pool;
    upkeep_renewal_t  *renewal;

    pool = crm_pool_create(crm_host_malloc(), 0);
    renewal = pool ? crm_pool_calloc(pool, 1, sizeof(*renewal)) : NULL;

    if (renewal == NULL) {
        crm_pool_destroy(pool);
        return NULL;
    }

    renewal->org = org;

    for ( /* void */ ; job && renewal->n < UPKEEP_RENEW_MAX; job = job->next) {
        renewal->leases[renewal->n].fence = job->lease.fence;
        renewal->leases[renewal->n].id = crm_pool_dup(pool, job->lease.id);

        if (renewal->leases[renewal->n].id.data == NULL) {
            crm_pool_destroy(pool);
            return NULL;
        }

        renewal->n++;
    }

    (void) crm_worker_link_send(org->fetch->tools->link, pool,
                                crm_cmd_renew(pool, org->name,
                                              renewal->leases, renewal->n,
                                              org->fetch->config->lease_ms),
                                upkeep_renewed, renewal);

    return job;
}


/* Without an answer nothing is known; the next third of a lease asks again. */
static void
upkeep_renewed(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    int               *held;
    size_t             i;
    crm_error_t        err;
    upkeep_renewal_t  *renewal;

    renewal = data;

    if (reply == NULL || renewal->org->fetch->ended) {
        return;
    }

    held = crm_pool_calloc(pool, renewal->n, sizeof(int));

    if (held == NULL
        || crm_take_held(held, renewal->n, reply, &err) != CRM_OK)
    {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "fetch: leases cannot be "
                       "renewed, org:%s: %s", renewal->org->name.data,
                       held ? err.text : "out of memory");
        return;
    }

    for (i = 0; i < renewal->n; i++) {
        if (!held[i]) {
            upkeep_lost(renewal->org, renewal->leases[i]);
        }
    }
}


/* Settled in the meantime, or another worker's by now. */
static void
upkeep_lost(crm_worker_org_t *org, crm_lease_t lease)
{
    crm_worker_job_t  *job;

    for (job = org->jobs; job; job = job->next) {
        if (job->lease.fence == lease.fence
            && crm_str_eq(job->lease.id, lease.id))
        {
            crm_worker_log(CRM_WORKER_LOG_WARN, "fetch: lease lost, org:%s "
                           "job:%s", org->name.data, job->lease.id.data);
            crm_worker_dispatch_abandon(job);
            return;
        }
    }
}


/* Many records are read one after the other, which may take longer than a
 * lease. */
static void
upkeep_reclaim(crm_worker_org_t *org, const crm_worker_claim_t *claim)
{
    crm_pool_t         *pool;
    upkeep_reclaim_t   *reclaim;
    crm_cmd_claimed_t   in;

    pool = crm_pool_create(crm_host_malloc(), 0);
    reclaim = pool ? crm_pool_calloc(pool, 1, sizeof(upkeep_reclaim_t)) : NULL;

    if (reclaim == NULL) {
        crm_pool_destroy(pool);
        return;
    }

    reclaim->org = org;
    reclaim->fence = claim->claimed.fence;
    reclaim->event = crm_pool_dup(pool, claim->claimed.event);

    memset(&in, 0, sizeof(crm_cmd_claimed_t));
    in.org = claim->org;
    in.event = claim->claimed.event;
    in.fence = claim->claimed.fence;
    in.records = claim->claimed.records;
    in.n_records = claim->claimed.n_records;

    (void) crm_worker_link_send(org->fetch->tools->link, pool,
                                reclaim->event.data
                                ? crm_cmd_reclaim(pool, &in,
                                                  org->fetch->config->lease_ms)
                                : NULL,
                                upkeep_reclaimed, reclaim);
}


/* Another worker settles it, if it has not been settled: what is read here is
 * of no use any more. */
static void
upkeep_reclaimed(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t            err;
    upkeep_reclaim_t      *reclaim;
    crm_worker_claim_t    *claim;
    crm_recover_status_t   status;

    (void) pool;

    reclaim = data;

    if (reply == NULL || reclaim->org->fetch->ended) {
        return;
    }

    if (crm_recover_status(&status, reply, &err) != CRM_OK) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "recover: a claim cannot be "
                       "renewed, org:%s event:%s: %s",
                       reclaim->org->name.data, reclaim->event.data, err.text);
        return;
    }

    for (claim = reclaim->org->claims;
         status == CRM_RECOVER_STALE && claim != NULL; claim = claim->next)
    {
        if (claim->claimed.fence == reclaim->fence
            && crm_str_eq(claim->claimed.event, reclaim->event))
        {
            crm_worker_log(CRM_WORKER_LOG_WARN, "recover: claim lost, org:%s "
                           "event:%s", reclaim->org->name.data,
                           reclaim->event.data);
            crm_worker_settle_abandon(claim);
            return;
        }
    }
}
