/*
 * Timers of dates: of workflow rules that a date in the record starts.
 */

#include "queue/crm_timer_row.h"

#include "rules/crm_date_trigger.h"


static crm_status_t date_plan(crm_timers_t *timers,
    const crm_workflow_t *rule);
static crm_status_t date_due(crm_timers_t *timers,
    const crm_workflow_t *rule);
static const crm_workflow_t *date_rule(const crm_ruleset_t *rules,
    const crm_timer_t *timer);
static crm_status_t date_times(crm_timer_due_t *due, crm_date_times_t *times,
    const crm_timer_t *timer, const crm_workflow_t *rule,
    const crm_timer_now_t *now, crm_pool_t *pool);
static crm_status_t date_fire(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_workflow_t *rule, long long due_ms, crm_pool_t *pool);


size_t
crm_timer_date_count(const crm_module_t *module)
{
    return module->dates;
}


crm_status_t
crm_timer_date_plan(crm_timers_t *timers)
{
    size_t               i;
    crm_status_t         rc;
    const crm_module_t  *module;

    module = timers->event->write->module;
    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < module->workflows_count; i++) {
        if (module->workflows[i]->date
            && module->workflows[i]->status != CRM_STATUS_OFF)
        {
            rc = date_plan(timers, module->workflows[i]);
        }
    }

    return rc;
}


static crm_status_t
date_plan(crm_timers_t *timers, const crm_workflow_t *rule)
{
    int           had;
    crm_write_t  *w;
    crm_status_t  rc;

    w = timers->event->write;

    if (w->operation == CRM_OP_DELETE) {
        return crm_timer_add(timers, rule->id, rule->name, -1, 0);
    }

    if (w->import && !rule->run_on_import) {
        return CRM_OK;
    }

    if (!rule->repeat) {
        rc = crm_write_once(w, rule->id, &had);

        if (rc != CRM_OK || had) {
            return rc;
        }
    }

    return date_due(timers, rule);
}


/*
 * When the rule is due next, if ever. A date that the backend sets itself is
 * about now; who looks at it then sees. Where the write has not changed it, a
 * timer that is there stays as it is.
 */
static crm_status_t
date_due(crm_timers_t *timers, const crm_workflow_t *rule)
{
    crm_status_t         rc;
    crm_timer_base_t     at;
    crm_date_times_t     times;
    const crm_write_t   *w;

    w = timers->event->write;

    rc = crm_timer_date(&at, timers, rule->date->field);

    if (rc != CRM_OK || at.unknown) {
        return rc;
    }

    if (at.why) {
        if (!at.same && crm_str_is(crm_strz(at.why), "no_date")) {
            crm_timer_told(timers, rule->name, at.why);
        }

        return at.same ? CRM_OK
                       : crm_timer_add(timers, rule->id, rule->name, -1, 0);
    }

    crm_date_trigger_times(&times, rule->date, &at.base, w->now_ms,
                           crm_ruleset_zone(w->rules),
                           crm_ruleset_hours(w->rules));

    if (times.has_next && times.next_ms > 0) {
        return crm_timer_add(timers, rule->id, rule->name, times.next_ms,
                             at.same);
    }

    return at.same ? CRM_OK
                   : crm_timer_add(timers, rule->id, rule->name, -1, 0);
}


crm_status_t
crm_timer_date_judge(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_timer_now_t *now, crm_pool_t *pool)
{
    crm_status_t           rc;
    crm_date_times_t       times;
    const crm_workflow_t  *rule;

    rule = date_rule(now->rules, timer);
    due->name = rule ? rule->name : timer->rule;

    if (rule == NULL) {
        due->reason = "rule_deleted";
        return CRM_OK;
    }

    if (rule->status == CRM_STATUS_OFF) {
        due->reason = crm_fires_name(CRM_NOT_INACTIVE);
        return CRM_OK;
    }

    if (now->record == NULL) {
        due->reason = "record_deleted";
        return CRM_OK;
    }

    rc = date_times(due, &times, timer, rule, now, pool);

    if (rc == CRM_OK && due->reason == NULL) {
        rc = crm_timer_judge_write(due, timer, now, pool);

        if (rc == CRM_OK) {
            rc = date_fire(due, timer, rule, times.last_ms, pool);
        }
    }

    return rc;
}


static const crm_workflow_t *
date_rule(const crm_ruleset_t *rules, const crm_timer_t *timer)
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
date_times(crm_timer_due_t *due, crm_date_times_t *times,
    const crm_timer_t *timer, const crm_workflow_t *rule,
    const crm_timer_now_t *now, crm_pool_t *pool)
{
    crm_moment_t               base;
    crm_status_t               rc;
    const crm_zone_t          *zone;
    const crm_date_trigger_t  *trigger;

    trigger = rule->date;
    zone = crm_ruleset_zone(now->rules);

    rc = crm_timer_base(&base, &due->reason,
                        crm_record_field(now->record, trigger->field), zone,
                        pool);

    if (rc != CRM_OK || due->reason) {
        return rc;
    }

    crm_date_trigger_times(times, trigger, &base, now->now_ms, zone,
                           crm_ruleset_hours(now->rules));

    due->next_ms = times->has_next ? times->next_ms : -1;

    if (!times->has_last
        || times->last_ms < timer->due_ms - CRM_TIMER_SLACK_MS)
    {
        due->reason = "date_moved";
        due->tells = !times->has_next;
        due->early = times->has_next && times->next_ms <= timer->due_ms;
    }

    return CRM_OK;
}


/* The first condition that the record meets. Of a rule that fires once the
 * event does not follow from the time. */
static crm_status_t
date_fire(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_workflow_t *rule, long long due_ms, crm_pool_t *pool)
{
    char          number[CRM_STR_INT_LEN];
    size_t        i;
    crm_truth_t   t;
    crm_fired_t  *fired;

    due->reason = crm_fires_name(CRM_NOT_CRITERIA);

    for (i = 0; i < rule->conditions_count; i++) {
        t = crm_eval_criteria(&due->write.after_eval,
                              &rule->conditions[i].criteria);

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

    if (i == rule->conditions_count) {
        return CRM_OK;
    }

    fired = crm_pool_calloc(pool, 1, sizeof(crm_fired_t));
    if (fired == NULL) {
        return CRM_ENOMEM;
    }

    fired->rule = rule;
    fired->condition = &rule->conditions[i];
    due->event.transform.fired = fired;
    due->event.transform.fired_count = 1;
    due->reason = NULL;

    if (!rule->repeat && rule->status == CRM_STATUS_ON) {
        due->next_ms = -1;
    }

    return crm_timer_judge_fire(due, timer, rule->repeat
                          ? crm_str_int(number, due_ms) : CRM_STR("once"),
                          rule->status == CRM_STATUS_SHADOW, pool);
}
