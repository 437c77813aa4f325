/*
 * Timers of escalations: a record that is too old and still there goes up,
 * level by level.
 *
 * Of a module there is one rule, of a record one timer. It is due when the
 * next level is; which levels are done is kept (crm_escalated.h). A record that
 * matches no more has no timer and nothing kept, and one that matches again
 * counts from then. Another entry, and another version of the rule, begin with
 * the first level.
 */

#include "queue/crm_timer_row.h"

#include "base/crm_limits.h"
#include "queue/crm_escalated.h"
#include "rules/crm_process.h"


/* In the id of the timer: a rule that is renamed goes on. */
#define ESCALATION_ID  CRM_STR("escalation")

/* The entry that a record matches. */
typedef struct {
    unsigned     entry;         /* 1-based; 0: none */
    int          unknown;       /* one might */
} match_t;


static crm_status_t plan_match(match_t *match, const crm_timers_t *timers);
static crm_status_t plan_entry(crm_timers_t *timers, unsigned entry,
    int again, int same);
static int plan_is_loop(const crm_timers_t *timers);
static crm_status_t escalation_match(match_t *match,
    const crm_escalation_t *rule, crm_eval_t *eval);
static long long escalation_due(const crm_escalation_t *rule,
    const crm_escalated_t *kept, const crm_moment_t *base,
    const crm_ruleset_t *rules);
static crm_status_t judge_level(crm_timer_due_t *due,
    const crm_timer_t *timer, const crm_timer_now_t *now, unsigned entry,
    crm_pool_t *pool);
static crm_status_t judge_fire(crm_timer_due_t *due,
    const crm_timer_t *timer, crm_escalated_t *kept, const crm_moment_t *base,
    crm_pool_t *pool);
static crm_status_t judge_owner(crm_str_t *owner, const crm_timer_due_t *due,
    crm_pool_t *pool);


size_t
crm_timer_escalation_count(const crm_module_t *module)
{
    return module->escalation ? 1 : 0;
}


crm_status_t
crm_timer_escalation_plan(crm_timers_t *timers)
{
    int                      again;
    match_t                  now, was;
    crm_write_t             *w;
    crm_status_t             rc;
    const crm_escalation_t  *rule;

    w = timers->event->write;
    rule = w->module->escalation;

    if (rule == NULL) {
        return CRM_OK;
    }

    if (w->operation == CRM_OP_DELETE) {
        return crm_timer_add(timers, ESCALATION_ID, rule->name, -1, 0);
    }

    memset(&was, 0, sizeof(match_t));
    rc = plan_match(&now, timers);

    if (rc == CRM_OK && w->before) {
        rc = escalation_match(&was, rule, &w->stored_eval);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (now.entry) {
        again = w->before && was.entry == 0 && !was.unknown;
        return plan_entry(timers, now.entry, again, was.entry == now.entry);
    }

    if (now.unknown || (was.entry == 0 && !was.unknown
                        && (w->state == NULL || w->state->escalation.len == 0)))
    {
        return CRM_OK;
    }

    crm_timer_remember(timers, CRM_STATE_ESCALATION, CRM_STR(""));

    return crm_timer_add(timers, ESCALATION_ID, rule->name, -1, 0);
}


/* As the write leaves the record. */
static crm_status_t
plan_match(match_t *match, const crm_timers_t *timers)
{
    crm_eval_t           eval;
    crm_image_t          image;
    crm_status_t         rc;
    crm_value_type_t     absent;
    const crm_write_t   *w;

    w = timers->event->write;
    absent = w->before && !w->absent_is_null ? CRM_VALUE_UNKNOWN
                                             : CRM_VALUE_EMPTY;

    rc = crm_image_build(&image, &w->module->schema, &timers->event->record,
                         NULL, absent, w->pool);
    if (rc == CRM_OK) {
        rc = crm_eval_init(&eval, &image, &w->module->predicates, &w->scope,
                           w->pool);
    }

    return rc == CRM_OK ? escalation_match(match, w->module->escalation,
                                           &eval) : rc;
}


/* again: it has not matched before. same: it has matched this entry. */
static crm_status_t
plan_entry(crm_timers_t *timers, unsigned entry, int again, int same)
{
    crm_escalated_t                   kept;
    crm_str_t                text;
    crm_write_t             *w;
    crm_status_t             rc;
    crm_timer_base_t         at;
    const crm_escalation_t  *rule;

    w = timers->event->write;
    rule = w->module->escalation;

    if (again && plan_is_loop(timers)) {
        crm_timer_told(timers, rule->name, "loop_stopped");
        return CRM_OK;
    }

    rc = crm_timer_date(&at, timers,
                        w->module->schema.names.entries[rule->age_from].key);

    if (rc != CRM_OK || at.unknown) {
        return rc;
    }

    if (at.why) {
        crm_timer_told(timers, rule->name, at.why);
        return crm_timer_add(timers, ESCALATION_ID, rule->name, -1, 0);
    }

    rc = crm_escalated_read(&kept, w->state && !again ? w->state->escalation
                                                      : CRM_STR(""),
                            rule, entry, w->pool);

    if (rc == CRM_OK && again) {
        kept.since_ms = w->now_ms;
        rc = crm_escalated_write(&text, &kept, w->pool);

        if (rc == CRM_OK) {
            crm_timer_remember(timers, CRM_STATE_ESCALATION, text);
        }
    }

    if (rc != CRM_OK
        || kept.done >= rule->entries[entry - 1].levels_count)
    {
        return rc;
    }

    return crm_timer_add(timers, ESCALATION_ID, rule->name,
                         escalation_due(rule, &kept, &at.base, w->rules),
                         same && at.same);
}


/* What the rule itself has led to does not start it again. */
static int
plan_is_loop(const crm_timers_t *timers)
{
    size_t              i;
    crm_str_t           own;
    const crm_write_t  *w;

    w = timers->event->write;
    own = w->chain ? crm_effects_origin(CRM_PROCESS_ESCALATION,
                                        w->module->escalation->name, w->pool)
                   : CRM_STR("");

    for (i = 0; own.len && i < w->chain->fired_count; i++) {
        if (crm_str_eq(w->chain->fired[i], own)) {
            return 1;
        }
    }

    return 0;
}


/* The first entry that is true; what nobody knows matches none. */
static crm_status_t
escalation_match(match_t *match, const crm_escalation_t *rule,
    crm_eval_t *eval)
{
    size_t       i;
    crm_truth_t  truth;

    memset(match, 0, sizeof(match_t));

    for (i = 0; i < rule->entries_count; i++) {
        truth = crm_eval_criteria(eval, &rule->entries[i].criteria);

        if (eval->status != CRM_OK) {
            return eval->status;
        }

        if (truth == CRM_TRUE) {
            match->entry = (unsigned) i + 1;
            return CRM_OK;
        }

        match->unknown |= truth == CRM_MAYBE;
    }

    return CRM_OK;
}


/* When the next level is due: that long from the record's age, or from when it
 * matched again. A day begins at midnight. */
static long long
escalation_due(const crm_escalation_t *rule, const crm_escalated_t *kept,
    const crm_moment_t *base, const crm_ruleset_t *rules)
{
    long long                      from, due;
    const crm_zone_t              *zone;
    const crm_escalation_entry_t  *entry;

    zone = crm_ruleset_zone(rules);
    entry = &rule->entries[kept->entry - 1];

    from = base->timed ? base->us / 1000
                       : crm_zone_utc(zone, base->day * CRM_DATE_DAY_S) * 1000;

    if (from < kept->since_ms) {
        from = kept->since_ms;
    }

    due = crm_interval_add(&entry->levels[kept->done].after, from, zone,
                           crm_ruleset_hours(rules));

    return due > 1 ? due : 1;           /* below it there would be none */
}


crm_status_t
crm_timer_escalation_judge(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_timer_now_t *now, crm_pool_t *pool)
{
    match_t                  match;
    crm_status_t             rc;
    const crm_module_t      *module;
    const crm_escalation_t  *rule;

    module = crm_ruleset_module(now->rules, timer->module);
    rule = module ? module->escalation : NULL;

    if (rule == NULL) {
        due->reason = "rule_deleted";
        return CRM_OK;
    }

    due->name = rule->name;

    if (now->record == NULL) {
        due->reason = "record_deleted";
        return CRM_OK;
    }

    rc = crm_timer_judge_write(due, timer, now, pool);
    if (rc == CRM_OK) {
        rc = escalation_match(&match, rule, &due->write.after_eval);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (match.entry) {
        return judge_level(due, timer, now, match.entry, pool);
    }

    due->reason = crm_fires_name(match.unknown ? CRM_NOT_FIELD
                                               : CRM_NOT_CRITERIA);
    due->remembers = !match.unknown;
    due->keeps = CRM_STR("");

    return CRM_OK;
}


static crm_status_t
judge_level(crm_timer_due_t *due, const crm_timer_t *timer,
    const crm_timer_now_t *now, unsigned entry, crm_pool_t *pool)
{
    crm_escalated_t                   kept;
    long long                at_ms;
    crm_moment_t             base;
    crm_status_t             rc;
    const crm_module_t      *module;
    const crm_escalation_t  *rule;

    module = due->write.module;
    rule = module->escalation;

    rc = crm_timer_base(&base, &due->reason,
                        crm_record_field(now->record,
                            module->schema.names.entries[rule->age_from].key),
                        crm_ruleset_zone(now->rules), pool);

    if (rc != CRM_OK || due->reason) {
        return rc;
    }

    rc = crm_escalated_read(&kept, now->kept, rule, entry, pool);

    if (rc != CRM_OK) {
        return rc;
    }

    due->tells = 0;

    if (kept.done >= rule->entries[entry - 1].levels_count) {
        due->reason = "escalated";      /* all the way */
        return CRM_OK;
    }

    at_ms = escalation_due(rule, &kept, &base, now->rules);

    if (at_ms > now->now_ms) {
        due->reason = "date_moved";
        due->next_ms = at_ms;
        due->early = at_ms <= timer->due_ms;
        return CRM_OK;
    }

    return judge_fire(due, timer, &kept, &base, pool);
}


static crm_status_t
judge_fire(crm_timer_due_t *due, const crm_timer_t *timer,
    crm_escalated_t *kept, const crm_moment_t *base, crm_pool_t *pool)
{
    crm_str_t                time;
    crm_step_t               step;
    crm_status_t             rc;
    const crm_escalation_t  *rule;

    rule = due->write.module->escalation;
    rc = kept->done ? CRM_OK : judge_owner(&kept->owner, due, pool);

    if (rc != CRM_OK) {
        return rc;
    }

    step.process = CRM_PROCESS_ESCALATION;
    step.stage = CRM_STAGE_LEVEL;
    step.name = rule->name;
    step.index = (kept->entry - 1) * CRM_MAX_LEVELS + kept->done + 1;

    due->write.owner_was = kept->owner;

    rc = crm_effects_start(&due->event.effects, due->write.module, &step,
                           pool);
    time = crm_pool_printf(pool, "%.*s %u.%u %lld", (int) kept->version.len,
                           kept->version.data, kept->entry, kept->done + 1,
                           kept->since_ms);
    if (rc != CRM_OK || time.data == NULL) {
        return rc == CRM_OK ? CRM_ENOMEM : rc;
    }

    rc = crm_timer_judge_fire(due, timer, time, 0, pool);

    kept->done++;
    due->remembers = 1;

    if (rc == CRM_OK) {
        rc = crm_escalated_write(&due->keeps, kept, pool);
    }

    if (kept->done < rule->entries[kept->entry - 1].levels_count) {
        due->next_ms = escalation_due(rule, kept, base, due->write.rules);
    }

    return rc;
}


/* Whose managers are meant by all levels. */
static crm_status_t
judge_owner(crm_str_t *owner, const crm_timer_due_t *due, crm_pool_t *pool)
{
    crm_span_t           value;
    const crm_field_t   *field;

    *owner = CRM_STR("");
    field = crm_record_field(&due->event.record,
                             crm_dialect_owner_field(due->write.dialect));

    if (field == NULL) {
        return CRM_OK;
    }

    value = field->value.type == CRM_JSON_OBJECT
            ? crm_span_member(field->value, CRM_STR("id")) : field->value;

    if (value.type == CRM_JSON_STRING) {
        *owner = crm_span_text(value, pool);

    } else if (value.type == CRM_JSON_NUMBER) {
        *owner = crm_span_raw(value);
    }

    return owner->data ? CRM_OK : CRM_ENOMEM;
}
