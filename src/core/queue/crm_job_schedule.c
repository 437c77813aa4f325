/*
 * The jobs of a schedule: ticks and runs.
 */

#include "queue/crm_job_schedule.h"

#include "base/crm_digest.h"
#include "state/crm_chain.h"


static void schedule_chain(crm_buf_t *buf, const crm_schedule_t *schedule,
    const crm_job_schedule_run_t *run);


crm_str_t
crm_job_schedule_id(char id[CRM_SCHEDULE_ID_LEN + 1], crm_str_t name)
{
    unsigned char  digest[CRM_DIGEST_LEN];

    crm_digest_sha256(digest, &name, 1);
    crm_digest_base32(id, CRM_SCHEDULE_ID_LEN, digest);
    id[CRM_SCHEDULE_ID_LEN] = '\0';

    return crm_str(id, CRM_SCHEDULE_ID_LEN);
}


crm_str_t
crm_job_schedule_spec(const crm_schedule_t *schedule, const crm_zone_t *zone,
    crm_pool_t *pool)
{
    return crm_pool_printf(pool, "%lld %lld %d %d %u %d %d %lld %d %lld %lld"
                           " %.*s", schedule->start.day, schedule->start.us,
                           schedule->start.timed, (int) schedule->frequency,
                           schedule->every, schedule->on_day,
                           schedule->on_month, schedule->runs,
                           schedule->has_until, schedule->until.day,
                           schedule->until.us,
                           zone ? (int) zone->name.len : 0,
                           zone && zone->name.len ? zone->name.data : "");
}


void
crm_job_schedule_tick(crm_buf_t *buf, crm_str_t name, crm_str_t org,
    crm_str_t id, long long due_ms)
{
    crm_job_head_t  head;

    memset(&head, 0, sizeof(crm_job_head_t));
    head.type = "schedules";
    head.id = id;
    head.org = org;
    head.rule = name;

    crm_job_begin(buf, &head);
    crm_buf_puts(buf, ",\"action\":{\"name\":");
    crm_buf_json(buf, name);
    crm_buf_putc(buf, '}');

    if (due_ms > 0) {
        crm_buf_puts(buf, ",\"due\":");
        crm_buf_int(buf, due_ms);
    }

    crm_buf_putc(buf, '}');
}


crm_status_t
crm_job_schedule_run(crm_buf_t *buf, const crm_schedule_t *schedule,
    const crm_ruleset_t *rules, const crm_job_schedule_run_t *run,
    crm_pool_t *pool)
{
    crm_scope_t       scope;
    crm_action_t      action;
    crm_status_t      rc;
    crm_job_head_t    head;
    crm_job_source_t  source;

    memset(&scope, 0, sizeof(crm_scope_t));
    memset(&action, 0, sizeof(crm_action_t));
    memset(&source, 0, sizeof(crm_job_source_t));

    scope.zone = crm_ruleset_zone(rules);
    scope.now_ms = run->now_ms;
    scope.week_start = crm_ruleset_hours(rules)->week_start;
    action.u.call = &schedule->call;
    source.action = &action;
    source.pool = pool;
    source.merge.scope = &scope;

    memset(&head, 0, sizeof(crm_job_head_t));
    head.type = "functions";
    head.id = run->run;
    head.event = run->run;
    head.org = run->org;
    head.rule = schedule->name;

    crm_job_begin(buf, &head);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(rules));
    crm_buf_puts(buf, ",\"action\":{");

    rc = crm_job_function(buf, &source);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_puts(buf, "},\"schedule\":{\"id\":");
    crm_buf_json(buf, run->id);
    crm_buf_puts(buf, ",\"name\":");
    crm_buf_json(buf, schedule->name);
    crm_buf_puts(buf, ",\"due\":");
    crm_buf_int(buf, run->due_ms);
    crm_buf_puts(buf, run->by_hand ? ",\"by\":\"hand\"}"
                                   : ",\"by\":\"clock\"}");
    crm_buf_puts(buf, ",\"record\":null,\"before\":null,\"actor\":{\"id\":\"\"}"
                 ",\"chain\":");
    schedule_chain(buf, schedule, run);
    crm_buf_puts(buf, ",\"late\":[],\"attempt\":0,\"enqueued_at\":");
    crm_buf_int(buf, run->now_ms);
    crm_buf_putc(buf, '}');

    return crm_buf_status(buf);
}


static void
schedule_chain(crm_buf_t *buf, const crm_schedule_t *schedule,
    const crm_job_schedule_run_t *run)
{
    crm_chain_t  chain;

    memset(&chain, 0, sizeof(crm_chain_t));
    chain.id = run->run;
    chain.fired = &schedule->name;
    chain.fired_count = 1;

    crm_chain_encode(buf, &chain);
}
