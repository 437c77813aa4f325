/*
 * A timer has come: the record as it is now decides.
 */

#include "queue/crm_timer_row.h"

#include "base/crm_digest.h"
#include "queue/crm_trace_head.h"


static crm_status_t judge_tell(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_timer_now_t *now, crm_pool_t *pool);
static crm_status_t judge_plan(crm_timer_due_t *due, int shadow);
static crm_str_t judge_event_id(const crm_timer_t *timer, crm_str_t time,
    crm_pool_t *pool);


crm_status_t
crm_timer_judge(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_timer_now_t *now, crm_pool_t *pool)
{
    crm_status_t  rc;

    memset(due, 0, sizeof(crm_timer_due_t));
    due->next_ms = -1;
    due->tells = 1;
    due->name = timer->rule;

    rc = timer->row->judge(due, timer, now, pool);

    return rc == CRM_OK && due->reason && due->tells
           ? judge_tell(due, timer, now, pool) : rc;
}


crm_status_t
crm_timer_judge_write(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_timer_now_t *now, crm_pool_t *pool)
{
    crm_write_t   *w;
    crm_status_t   rc;

    w = &due->write;

    w->rules = now->rules;
    w->module = crm_ruleset_module(now->rules, timer->module);
    w->operation = CRM_OP_UPDATE;
    w->org = timer->org;
    w->event = timer->id;
    w->record_id = timer->record_id;
    w->actor.id = CRM_STR("automation");
    w->now_ms = now->now_ms;
    w->workflow = 1;
    w->timed = 1;
    w->dialect = now->dialect;
    w->absent_is_null = now->whole
                        || crm_dialect_absent_is_null(now->dialect);
    w->before = now->record;
    due->event.write = w;

    rc = crm_write_init(w, pool);

    if (rc == CRM_OK) {
        rc = crm_event_finish(&due->event, timer->record_id);
    }

    w->before = NULL;           /* nobody has changed anything */

    return rc;
}


crm_status_t
crm_timer_judge_fire(crm_timer_due_t *due, const crm_timer_t *timer,
    crm_str_t time, int shadow, crm_pool_t *pool)
{
    due->write.event = judge_event_id(timer, time, pool);

    return due->write.event.data ? judge_plan(due, shadow) : CRM_ENOMEM;
}


static crm_str_t
judge_event_id(const crm_timer_t *timer, crm_str_t time, crm_pool_t *pool)
{
    char           id[CRM_JOB_ID_LEN + 1];
    crm_str_t      parts[3];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = timer->id;
    parts[1] = CRM_STR("\n");
    parts[2] = time;

    crm_digest_sha256(digest, parts, 3);
    crm_digest_base32(id, CRM_JOB_ID_LEN, digest);
    id[CRM_JOB_ID_LEN] = '\0';

    return crm_pool_dup(pool, crm_str(id, CRM_JOB_ID_LEN));
}


/* Of what is known of the record it changes that the rule has had its run;
 * without a lease that is added if it lacks. */
static crm_status_t
judge_plan(crm_timer_due_t *due, int shadow)
{
    size_t             i, n;
    crm_buf_t          buf;
    crm_trace_t        trace;
    crm_status_t       rc;
    crm_cmd_change_t  *changes;

    rc = crm_plan(&due->plan, &due->event);
    if (rc != CRM_OK) {
        return rc;
    }

    changes = due->plan.changes;

    for (i = 0, n = 0; i < due->plan.changes_count; i++) {
        if (changes[i].op == CRM_CHANGE_SET
            && !crm_str_is(changes[i].field, CRM_STATE_LOCK))
        {
            changes[n] = changes[i];
            changes[n++].op = CRM_CHANGE_FILL;
        }
    }

    due->plan.changes_count = n;

    memset(&trace, 0, sizeof(crm_trace_t));
    trace.shadow = shadow;
    trace.jobs = due->plan.jobs;
    trace.jobs_count = due->plan.jobs_count;

    crm_buf_init(&buf, due->write.pool, 0);
    rc = crm_event_trace(&due->event, &buf, &trace);
    due->trace = crm_buf_view(&buf);

    return rc;
}


/* What did not fire, and why. */
static crm_status_t
judge_tell(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_timer_now_t *now, crm_pool_t *pool)
{
    crm_buf_t         buf;
    crm_trace_head_t  head;

    head.event = timer->id;
    head.now_ms = now->now_ms;
    head.org = timer->org;
    head.module = timer->module;
    head.record_id = timer->record_id;
    head.op = crm_operation_name(CRM_OP_UPDATE);
    head.source = "scheduled";
    head.user = CRM_STR("automation");
    head.profile = CRM_STR("");

    crm_buf_init(&buf, pool, 0);
    crm_trace_head(&buf, &head);
    crm_buf_puts(&buf, "},\"revision\":");
    crm_buf_int(&buf, crm_ruleset_revision(now->rules));
    crm_buf_puts(&buf, ",\"decision\":\"cancelled\",\"rules\":[{\"rule_id\":");
    crm_buf_json(&buf, timer->rule);
    crm_buf_puts(&buf, ",\"name\":");
    crm_buf_json(&buf, due->name);
    crm_buf_puts(&buf, ",\"version\":");
    crm_buf_int(&buf, crm_ruleset_revision(now->rules));
    crm_buf_puts(&buf, ",\"chosen\":null,\"reason\":");
    crm_buf_json(&buf, crm_strz(due->reason));
    crm_buf_puts(&buf, "}]}");

    due->trace = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
