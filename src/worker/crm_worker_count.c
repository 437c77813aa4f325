/*
 * What became of attempts.
 */

#include "crm_worker_count.h"

#include "crm_worker_log.h"

#include <string.h>
#include <sys/time.h>


static void  count_age(crm_worker_org_t *org, const crm_worker_job_t *job);
static void  count_tell(crm_worker_org_t *org);
static void  count_told(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);


void
crm_worker_count(const crm_worker_job_t *job, crm_count_t result)
{
    crm_worker_org_t  *org;

    org = job->owner;
    org->counts.n[job->queue][result]++;
    org->counted = 1;

    if (result == CRM_COUNT_DELIVERED && job->enqueued_ms > 0) {
        count_age(org, job);
    }
}


/* From the event to now; clocks that differ make nothing younger than new. */
static void
count_age(crm_worker_org_t *org, const crm_worker_job_t *job)
{
    long long       age_ms;
    unsigned        i;
    struct timeval  tv;

    (void) gettimeofday(&tv, NULL);

    age_ms = (long long) tv.tv_sec * 1000 + tv.tv_usec / 1000
             - job->enqueued_ms;
    age_ms = age_ms > 0 ? age_ms : 0;

    for (i = 0; i < CRM_COUNT_BOUNDS && age_ms > crm_count_bounds_ms[i]; i++) {
        /* void */
    }

    org->counts.n[job->queue][CRM_COUNT_WITHIN + i]++;
    org->counts.n[job->queue][CRM_COUNT_AGE_MS] += age_ms;
}


int
crm_worker_count_tell(crm_worker_fetch_t *fetch)
{
    int                asked;
    crm_worker_org_t  *org;

    asked = 0;

    for (org = fetch->orgs; org; org = org->next) {
        if (org->counted && !org->counting) {
            count_tell(org);
        }

        asked |= org->counting;
    }

    return asked;
}


/* What cannot be sent is kept; what got no answer may have arrived. */
static void
count_tell(crm_worker_org_t *org)
{
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_worker_link_send(org->fetch->tools->link, pool,
                                crm_cmd_count(pool, org->name, &org->counts),
                                count_told, org)
           != CRM_OK)
    {
        return;
    }

    org->counting = 1;
    org->counted = 0;
    memset(&org->counts, 0, sizeof(crm_counts_t));
}


static void
count_told(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t        err;
    crm_settle_t       settle;
    crm_worker_org_t  *org;

    (void) pool;

    org = data;
    org->counting = 0;

    if (reply != NULL
        && crm_take_settled(&settle, NULL, reply, &err) != CRM_OK)
    {
        crm_worker_log(CRM_WORKER_LOG_WARN, "count: redis refuses counters, "
                       "org:%s: %s", org->name.data, err.text);
    }

    if (!org->fetch->ended) {
        crm_worker_fetch_next(org->fetch);
    }
}
