/*
 * The timer of a date has come: the record as it is now decides.
 */

#include "queue/crm_date_timer.h"

#include "base/crm_digest.h"
#include "base/crm_time.h"
#include "record/crm_dialect_kind.h"
#include "rules/crm_date_trigger.h"


static const crm_workflow_t *judge_rule(const crm_ruleset_t *rules,
    const crm_date_timer_t *timer);
static crm_status_t judge_times(crm_date_due_t *due, crm_date_times_t *times,
    const crm_date_timer_t *timer, const crm_date_now_t *now,
    crm_pool_t *pool);
static crm_status_t judge_write(crm_date_due_t *due,
    const crm_date_timer_t *timer, const crm_date_now_t *now,
    long long due_ms, crm_pool_t *pool);
static crm_str_t judge_event_id(const crm_workflow_t *rule,
    const crm_date_timer_t *timer, long long due_ms, crm_pool_t *pool);
static crm_status_t judge_fire(crm_date_due_t *due, crm_pool_t *pool);
static crm_status_t judge_plan(crm_date_due_t *due);
static crm_status_t judge_tell(crm_date_due_t *due,
    const crm_date_timer_t *timer, const crm_date_now_t *now,
    crm_pool_t *pool);


crm_status_t
crm_date_timer_judge(crm_date_due_t *due, const crm_date_timer_t *timer,
    const crm_date_now_t *now, crm_pool_t *pool)
{
    crm_status_t      rc;
    crm_date_times_t  times;

    memset(due, 0, sizeof(crm_date_due_t));
    due->next_ms = -1;
    due->tells = 1;
    due->rule = judge_rule(now->rules, timer);

    if (due->rule == NULL) {
        due->reason = "rule_deleted";

    } else if (due->rule->status == CRM_STATUS_OFF) {
        due->reason = crm_fires_name(CRM_NOT_INACTIVE);

    } else if (now->record == NULL) {
        due->reason = "record_deleted";

    } else {
        rc = judge_times(due, &times, timer, now, pool);

        if (rc == CRM_OK && due->reason == NULL) {
            rc = judge_write(due, timer, now, times.last_ms, pool);
        }

        if (rc == CRM_OK && due->reason == NULL) {
            rc = judge_fire(due, pool);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return due->reason && due->tells ? judge_tell(due, timer, now, pool)
                                     : CRM_OK;
}


static const crm_workflow_t *
judge_rule(const crm_ruleset_t *rules, const crm_date_timer_t *timer)
{
    size_t               i;
    const crm_module_t  *module;

    module = crm_ruleset_module(rules, timer->module);

    for (i = 0; module && i < module->workflows_count; i++) {
        if (module->workflows[i]->date
            && crm_str_eq(module->workflows[i]->id, timer->rule))
        {
            return module->workflows[i];
        }
    }

    return NULL;
}


/*
 * Has the time come that the record's date stands for? Not, if it has been
 * moved: then there is a new one, or none.
 */
static crm_status_t
judge_times(crm_date_due_t *due, crm_date_times_t *times,
    const crm_date_timer_t *timer, const crm_date_now_t *now,
    crm_pool_t *pool)
{
    crm_moment_t               base;
    crm_status_t               rc;
    const crm_zone_t          *zone;
    const crm_field_t         *field;
    const crm_date_trigger_t  *trigger;

    trigger = due->rule->date;
    zone = crm_ruleset_zone(now->rules);
    field = crm_record_field(now->record, trigger->field);
    rc = field ? crm_date_timer_base(&base, field, zone, pool) : CRM_DECLINED;

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        due->reason = rc == CRM_EINVAL ? "no_date" : "date_empty";
        return CRM_OK;
    }

    crm_date_trigger_times(times, trigger, &base, now->now_ms, zone,
                           crm_ruleset_hours(now->rules));

    due->next_ms = times->has_next ? times->next_ms : -1;

    if (!times->has_last
        || times->last_ms < timer->due_ms - CRM_DATE_SLACK_MS)
    {
        due->reason = "date_moved";
        due->tells = !times->has_next;
        due->early = times->has_next && times->next_ms <= timer->due_ms;
    }

    return CRM_OK;
}


static crm_status_t
judge_write(crm_date_due_t *due, const crm_date_timer_t *timer,
    const crm_date_now_t *now, long long due_ms, crm_pool_t *pool)
{
    crm_write_t   *w;
    crm_status_t   rc;

    w = &due->write;

    w->rules = now->rules;
    w->module = crm_ruleset_module(now->rules, timer->module);
    w->operation = CRM_OP_UPDATE;
    w->org = timer->org;
    w->event = judge_event_id(due->rule, timer, due_ms, pool);
    w->record_id = timer->record_id;
    w->actor.id = CRM_STR("automation");
    w->now_ms = now->now_ms;
    w->workflow = 1;
    w->timed = 1;
    w->dialect = now->dialect;
    w->absent_is_null = crm_dialect_absent_is_null(now->dialect);
    w->before = now->record;
    due->event.write = w;

    if (w->event.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_write_init(w, pool);

    if (rc == CRM_OK) {
        rc = crm_event_finish(&due->event, timer->record_id);
    }

    w->before = NULL;           /* nobody has changed anything */

    return rc;
}


/* Of a rule that fires once it does not follow from the time. */
static crm_str_t
judge_event_id(const crm_workflow_t *rule, const crm_date_timer_t *timer,
    long long due_ms, crm_pool_t *pool)
{
    char           id[CRM_JOB_ID_LEN + 1], number[CRM_STR_INT_LEN];
    crm_str_t      parts[3];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = timer->id;
    parts[1] = CRM_STR("\n");
    parts[2] = rule->repeat ? crm_str_int(number, due_ms) : CRM_STR("once");

    crm_digest_sha256(digest, parts, 3);
    crm_digest_base32(id, CRM_JOB_ID_LEN, digest);
    id[CRM_JOB_ID_LEN] = '\0';

    return crm_pool_dup(pool, crm_str(id, CRM_JOB_ID_LEN));
}


/* The first condition that the record meets. */
static crm_status_t
judge_fire(crm_date_due_t *due, crm_pool_t *pool)
{
    size_t        i;
    crm_truth_t   t;
    crm_fired_t  *fired;

    due->reason = crm_fires_name(CRM_NOT_CRITERIA);

    for (i = 0; i < due->rule->conditions_count; i++) {
        t = crm_eval_criteria(&due->write.after_eval,
                              &due->rule->conditions[i].criteria);

        if (due->write.after_eval.status != CRM_OK) {
            return due->write.after_eval.status;
        }

        if (t == CRM_MAYBE) {
            due->reason = crm_fires_name(CRM_NOT_FIELD);
        }

        if (t == CRM_TRUE) {
            break;
        }
    }

    if (i == due->rule->conditions_count) {
        return CRM_OK;
    }

    fired = crm_pool_calloc(pool, 1, sizeof(crm_fired_t));
    if (fired == NULL) {
        return CRM_ENOMEM;
    }

    fired->rule = due->rule;
    fired->condition = &due->rule->conditions[i];
    due->event.transform.fired = fired;
    due->event.transform.fired_count = 1;
    due->reason = NULL;

    if (!due->rule->repeat && due->rule->status == CRM_STATUS_ON) {
        due->next_ms = -1;
    }

    return judge_plan(due);
}


/* Of what is known of the record it changes that the rule has had its run;
 * without a lease that is added if it lacks. */
static crm_status_t
judge_plan(crm_date_due_t *due)
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
    trace.shadow = due->rule->status == CRM_STATUS_SHADOW;
    trace.jobs = due->plan.jobs;
    trace.jobs_count = due->plan.jobs_count;

    crm_buf_init(&buf, due->write.pool, 0);
    rc = crm_event_trace(&due->event, &buf, &trace);
    due->trace = crm_buf_view(&buf);

    return rc;
}


/* What did not fire, and why. */
static crm_status_t
judge_tell(crm_date_due_t *due, const crm_date_timer_t *timer,
    const crm_date_now_t *now, crm_pool_t *pool)
{
    char       time[CRM_TIME_ISO_LEN + 1];
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{\"event_id\":");
    crm_buf_json(&buf, timer->id);
    crm_buf_puts(&buf, ",\"ts\":");
    crm_buf_json(&buf, crm_time_iso(time, now->now_ms));
    crm_buf_puts(&buf, ",\"org\":");
    crm_buf_json(&buf, timer->org);
    crm_buf_puts(&buf, ",\"module\":");
    crm_buf_json(&buf, timer->module);
    crm_buf_puts(&buf, ",\"record_id\":");
    crm_buf_json(&buf, timer->record_id);
    crm_buf_puts(&buf, ",\"op\":\"update\",\"source\":\"scheduled\",\"actor\":"
                       "{\"user\":\"automation\",\"profile\":\"\"},"
                       "\"revision\":");
    crm_buf_int(&buf, crm_ruleset_revision(now->rules));
    crm_buf_puts(&buf, ",\"decision\":\"cancelled\",\"rules\":[{\"rule_id\":");
    crm_buf_json(&buf, timer->rule);
    crm_buf_puts(&buf, ",\"name\":");
    crm_buf_json(&buf, due->rule ? due->rule->name : timer->rule);
    crm_buf_puts(&buf, ",\"version\":");
    crm_buf_int(&buf, crm_ruleset_revision(now->rules));
    crm_buf_puts(&buf, ",\"chosen\":null,\"reason\":");
    crm_buf_json(&buf, crm_strz(due->reason));
    crm_buf_puts(&buf, "}]}");

    due->trace = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
