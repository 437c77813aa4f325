/*
 * Schedules of the current rules.
 */

#include "crm_worker_arm.h"

#include "crm_worker_log.h"

#include "queue/crm_job_schedule.h"

#include <time.h>


#define ARM_DAY_S  86400LL


static crm_cmd_t *arm_command(crm_worker_org_t *org, crm_pool_t *pool);
static crm_status_t arm_schedule(crm_cmd_schedule_t *armed,
    const crm_schedule_t *schedule, const crm_worker_org_t *org,
    crm_pool_t *pool);
static void  arm_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);


void
crm_worker_arm(crm_worker_org_t *org)
{
    crm_pool_t  *pool;

    if (org->armed || org->arming || org->revision == NULL
        || org->fetch->stopping)
    {
        return;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);

    org->arming = pool != NULL
                  && crm_worker_link_send(org->fetch->tools->link, pool,
                                          arm_command(org, pool),
                                          arm_answered, org)
                     == CRM_OK;
    org->armed = org->arming;
}


void
crm_worker_arm_recurrence(crm_recurrence_t *recurrence,
    const crm_schedule_t *schedule, const crm_zone_t *zone)
{
    const crm_moment_t  *start, *until;

    start = &schedule->start;
    until = &schedule->until;

    recurrence->start_s = start->timed
                          ? start->us / 1000000
                          : crm_zone_utc(zone, start->day * ARM_DAY_S);
    recurrence->period = (crm_recurrence_period_t) schedule->frequency;
    recurrence->every = schedule->every;
    recurrence->on_day = schedule->on_day;
    recurrence->on_month = schedule->on_month;
    recurrence->has_until = schedule->has_until;
    recurrence->until_s = until->timed
                          ? until->us / 1000000
                          : crm_zone_utc(zone, (until->day + 1) * ARM_DAY_S)
                            - 1;
}


static crm_cmd_t *
arm_command(crm_worker_org_t *org, crm_pool_t *pool)
{
    size_t                 i, n;
    const crm_ruleset_t   *rules;
    const crm_schedule_t  *schedule;
    crm_cmd_schedule_t    *armed;

    n = 0;
    rules = org->revision->set;
    armed = crm_pool_calloc(pool, crm_ruleset_schedules(rules) + 1,
                            sizeof(crm_cmd_schedule_t));

    for (i = 0; armed && i < crm_ruleset_schedules(rules); i++) {
        schedule = crm_ruleset_schedule_at(rules, i);

        if (!schedule->off
            && arm_schedule(&armed[n++], schedule, org, pool) != CRM_OK)
        {
            return NULL;
        }
    }

    return armed ? crm_cmd_arm(pool, org->name, org->revision->number, armed,
                               n)
                 : NULL;
}


/* What is past before it was ever armed is past. */
static crm_status_t
arm_schedule(crm_cmd_schedule_t *armed, const crm_schedule_t *schedule,
    const crm_worker_org_t *org, crm_pool_t *pool)
{
    char                    id[CRM_SCHEDULE_ID_LEN + 1];
    crm_buf_t               tick;
    long long               now;
    crm_status_t            rc;
    const crm_zone_t       *zone;
    crm_recurrence_t        recurrence;
    crm_recurrence_span_t   span;

    zone = crm_ruleset_zone(org->revision->set);
    now = (long long) time(NULL);
    crm_worker_arm_recurrence(&recurrence, schedule, zone);

    rc = crm_recurrence_span(&span, &recurrence, zone, now, now);
    if (rc != CRM_OK) {
        return rc;
    }

    armed->id = crm_pool_dup(pool, crm_job_schedule_id(id, schedule->name));
    armed->name = schedule->name;
    armed->spec = crm_job_schedule_spec(schedule, zone, pool);
    armed->due_ms = span.next_s < 0 ? -1 : span.next_s * 1000;
    armed->queues = schedule->overlap == CRM_OVERLAP_QUEUE;
    armed->runs_now = schedule->runs_now;

    crm_buf_init(&tick, pool, 0);
    crm_job_schedule_tick(&tick, schedule->name, org->name, armed->id,
                             armed->due_ms);
    armed->tick = crm_buf_view(&tick);

    return armed->id.data && armed->spec.data
           ? crm_buf_status(&tick) : CRM_ENOMEM;
}


/* Without an answer it is told again. */
static void
arm_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t        err;
    crm_settle_t       settle;
    crm_worker_org_t  *org;

    (void) pool;

    org = data;
    org->arming = 0;

    if (reply == NULL || org->fetch->ended) {
        org->armed = 0;
        return;
    }

    if (crm_take_settled(&settle, NULL, reply, &err) != CRM_OK) {
        org->armed = 0;
        crm_worker_fetch_refused(org->fetch, "arm", org->name, err.text);
        return;
    }

    org->found = 1;
    crm_worker_fetch_next(org->fetch);
}
