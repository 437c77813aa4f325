/*
 * From an intent back to the write and the event that it was written of.
 */

#include "queue/crm_intent.h"

#include "queue/crm_intent_assigned.h"
#include "queue/crm_intent_effects.h"
#include "record/crm_dialect_write.h"
#include "rules/crm_scoring.h"


static crm_status_t restore_write(crm_write_t *write,
    const crm_intent_t *intent, const crm_ruleset_t *rules,
    crm_pool_t *pool, crm_error_t *err);
static crm_status_t restore_assigned(crm_event_t *event,
    const crm_intent_t *intent, crm_error_t *err);
static crm_status_t restore_fired(crm_event_t *event,
    const crm_intent_t *intent, crm_error_t *err);
static const crm_workflow_t *restore_rule(const crm_module_t *module,
    crm_str_t id);
static const crm_condition_t *restore_condition(const crm_workflow_t *rule,
    unsigned seq);
static crm_status_t restore_changes(crm_event_t *event,
    const crm_intent_t *intent, crm_error_t *err);
static crm_status_t restore_other(crm_event_t *event,
    const crm_field_t *field);
static int restore_scores(const crm_module_t *module, crm_str_t field);


crm_status_t
crm_intents_dialect(crm_intents_t *intents, const crm_ruleset_t *rules)
{
    size_t                i;
    const crm_dialect_t  *dialect;

    dialect = crm_ruleset_dialect(rules, intents->items[0].speaks);
    if (dialect == NULL) {
        return CRM_DECLINED;
    }

    for (i = 0; i < intents->count; i++) {
        intents->items[i].dialect = dialect;
    }

    return CRM_OK;
}


crm_status_t
crm_intent_restore(crm_event_t *event, crm_write_t *write,
    const crm_intent_t *intent, const crm_ruleset_t *rules,
    const crm_intent_since_t *since, crm_pool_t *pool, crm_error_t *err)
{
    crm_status_t  rc;

    memset(event, 0, sizeof(crm_event_t));
    memset(write, 0, sizeof(crm_write_t));

    event->write = write;
    event->restored = 1;

    if (intent->scores.type == CRM_JSON_ARRAY) {
        event->scores = crm_span_raw(intent->scores);
    }

    if (since) {
        event->lapsed = since->lapsed;
        write->state = since->state;
    }

    rc = restore_write(write, intent, rules, pool, err);
    if (rc == CRM_OK && intent->assignment.type == CRM_JSON_OBJECT) {
        rc = restore_assigned(event, intent, err);
    }
    if (rc == CRM_OK) {
        rc = restore_fired(event, intent, err);
    }
    if (rc == CRM_OK) {
        rc = restore_changes(event, intent, err);
    }
    if (rc == CRM_OK && intent->effects.type == CRM_JSON_OBJECT) {
        rc = crm_intent_effects_parse(&event->effects, intent->effects,
                                      write->module, pool, err);
    }

    return rc == CRM_ENOMEM ? crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET,
                                            "", "out of memory") : rc;
}


static crm_status_t
restore_write(crm_write_t *write, const crm_intent_t *intent,
    const crm_ruleset_t *rules, crm_pool_t *pool, crm_error_t *err)
{
    if (crm_ruleset_revision(rules) != intent->revision) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "revision",
                             "the write was judged by revision %lld, not by"
                             " %lld", intent->revision,
                             crm_ruleset_revision(rules));
    }

    write->module = crm_ruleset_module(rules, intent->module);

    if (write->module == NULL && intent->chain) {

        /* automation writes into modules without rules, too */

        write->module = crm_module_none(intent->module, pool);
        if (write->module == NULL) {
            return CRM_ENOMEM;
        }
    }

    if (write->module == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "module",
                             "revision %lld has no rules of the module %.*s",
                             intent->revision, (int) intent->module.len,
                             intent->module.data);
    }

    write->rules = rules;
    write->operation = intent->operation;
    write->org = intent->org;
    write->event = intent->event;
    write->record_id = intent->record_id;
    write->actor = crm_ruleset_actor(rules, intent->actor_id);

    if (intent->chain) {

        /* nobody among the users, whatever they are called */

        write->actor.profile = CRM_STR("");
        write->actor.role = CRM_STR("");
    }

    write->now_ms = intent->at_ms;
    write->workflow = intent->workflow;
    write->import = intent->import;
    write->chain = intent->chain;
    write->trigger = intent->trigger;
    write->dialect = intent->dialect;
    write->absent_is_null = intent->dialect
                            && crm_dialect_absent_is_null(intent->dialect);
    write->request = intent->request;
    write->before = intent->before;

    return crm_write_init(write, pool);
}


/* The owner is laid into the write, as it was before rules were asked. */
static crm_status_t
restore_assigned(crm_event_t *event, const crm_intent_t *intent,
    crm_error_t *err)
{
    crm_write_t     *w;
    crm_status_t     rc;
    crm_assigned_t  *assigned;

    w = event->write;

    assigned = crm_pool_alloc(w->pool, sizeof(crm_assigned_t));
    if (assigned == NULL) {
        return CRM_ENOMEM;
    }

    if (w->operation != CRM_OP_CREATE || w->dialect == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "assignment",
                             "only what is created is assigned to somebody");
    }

    rc = crm_intent_assigned_parse(assigned, intent->assignment, w->module,
                                   w->pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    w->assigned = assigned;

    return crm_assign_lay(w, &event->transform.changes);
}


static crm_status_t
restore_fired(crm_event_t *event, const crm_intent_t *intent,
    crm_error_t *err)
{
    size_t             i;
    crm_fired_t       *fired;
    crm_transform_t   *transform;
    const crm_write_t *w;

    w = event->write;
    transform = &event->transform;

    transform->fired = crm_pool_calloc(w->pool, intent->rules_count + 1,
                                       sizeof(crm_fired_t));
    if (transform->fired == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < intent->rules_count; i++) {
        fired = &transform->fired[transform->fired_count++];

        fired->rule = restore_rule(w->module, intent->rules[i].rule);
        fired->condition = fired->rule
                           ? restore_condition(fired->rule,
                                               intent->rules[i].condition)
                           : NULL;

        if (fired->condition == NULL) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "rules",
                                 "revision %lld has no condition %u in a rule"
                                 " \"%.*s\" of the module %.*s",
                                 intent->revision, intent->rules[i].condition,
                                 (int) (intent->rules[i].rule.len < 100
                                        ? intent->rules[i].rule.len : 100),
                                 intent->rules[i].rule.data,
                                 (int) intent->module.len,
                                 intent->module.data);
        }
    }

    return CRM_OK;
}


static const crm_workflow_t *
restore_rule(const crm_module_t *module, crm_str_t id)
{
    size_t  i;

    for (i = 0; i < module->workflows_count; i++) {
        if (crm_str_eq(module->workflows[i]->id, id)) {
            return module->workflows[i];
        }
    }

    return NULL;
}


static const crm_condition_t *
restore_condition(const crm_workflow_t *rule, unsigned seq)
{
    size_t  i;

    for (i = 0; i < rule->conditions_count; i++) {
        if (rule->conditions[i].seq == seq) {
            return &rule->conditions[i];
        }
    }

    return NULL;
}


/* Who sets what follows from the rules that fired; to what, and whether it
 * changes anything, from the intent. */
static crm_status_t
restore_changes(crm_event_t *event, const crm_intent_t *intent,
    crm_error_t *err)
{
    size_t              i;
    crm_change_t       *change;
    crm_status_t        rc;
    crm_changes_t      *changes;
    const crm_field_t  *field;

    changes = &event->transform.changes;

    rc = crm_transform_update(&event->transform, event->write);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : crm_error_set(err, rc, CRM_NO_OFFSET, "rules",
                               "what the rules set cannot be put together");
    }

    for (i = 0; i < changes->count; i++) {
        changes->items[i].same = 1;
    }

    for (i = 0; i < intent->changes.count; i++) {
        field = &intent->changes.fields[i];
        change = crm_changes_find(changes, field->name);

        if (change == NULL) {
            rc = restore_other(event, field);
            if (rc == CRM_ENOMEM) {
                return rc;
            }

            change = crm_changes_find(changes, field->name);
        }

        if (change == NULL) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "changes",
                                 "no rule that fired sets \"%.*s\"",
                                 (int) (field->name.len < 100
                                        ? field->name.len : 100),
                                 field->name.data);
        }

        change->json = crm_span_raw(field->value);
        change->same = 0;
    }

    changes->real = intent->changes.count;

    return CRM_OK;
}


/* What is set by assignment and scoring, which no rule that fired stands for.
 * CRM_DECLINED: they do not. */
static crm_status_t
restore_other(crm_event_t *event, const crm_field_t *field)
{
    crm_span_t          none;
    crm_workflow_t     *setter;
    const crm_write_t  *w;

    w = event->write;

    if (!(w->operation == CRM_OP_CREATE && w->module->assignments.count
          && w->dialect
          && crm_str_eq(field->name, crm_dialect_owner_field(w->dialect)))
        && !restore_scores(w->module, field->name))
    {
        return CRM_DECLINED;
    }

    setter = crm_pool_calloc(w->pool, 1, sizeof(crm_workflow_t));
    if (setter == NULL) {
        return CRM_ENOMEM;
    }

    setter->id = CRM_AUTOMATION;
    setter->name = CRM_AUTOMATION;
    memset(&none, 0, sizeof(crm_span_t));

    return crm_changes_set(&event->transform.changes, field->name,
                           crm_span_raw(field->value), none, 0, setter,
                           w->pool);
}


static int
restore_scores(const crm_module_t *module, crm_str_t field)
{
    size_t                i, k;
    const crm_scoring_t  *scoring;

    for (i = 0; i < module->scorings.count; i++) {
        scoring = module->scorings.items[i];

        for (k = 0; k < CRM_SCORE_FIELDS; k++) {
            if (scoring->fields[k].len
                && crm_str_eq(scoring->fields[k], field))
            {
                return 1;
            }
        }
    }

    return 0;
}
