/*
 * A waiting job that is due: what its rule says, over the record as it is now,
 * decides whether it runs.
 */

#include "queue/crm_waiting.h"

#include <stdio.h>


static const crm_workflow_t *due_rule(const crm_ruleset_t *rules,
    const crm_waiting_t *waiting);
static crm_status_t due_step(crm_due_t *due, crm_pool_t *pool,
    crm_error_t *err);
static crm_status_t due_find(crm_due_t *due, const crm_workflow_t *rule,
    crm_error_t *err);
static crm_status_t due_place(crm_due_t *due,
    const crm_condition_t *condition, crm_error_t *err);
static const char *due_stays(crm_due_t *due, const crm_waiting_now_t *now,
    crm_status_t *rc);
static int due_known(const crm_due_t *due, const crm_waiting_now_t *now,
    crm_step_t step);
static int due_there(const crm_course_t *course, const crm_module_t *module,
    const crm_step_t *step);
static crm_status_t due_lacks(const crm_due_t *due, const char *what,
    unsigned n, crm_error_t *err);
static crm_status_t due_event(crm_due_t *due, const crm_waiting_now_t *now,
    crm_pool_t *pool);
static crm_status_t due_decide(crm_due_t *due, const crm_waiting_now_t *now);
static const char *due_rule_off(const crm_waiting_t *waiting,
    const crm_waiting_now_t *now);


crm_status_t
crm_waiting_judge(crm_due_t *due, const crm_waiting_t *waiting,
    const crm_waiting_now_t *now, crm_pool_t *pool, crm_error_t *err)
{
    crm_status_t           rc;
    const crm_workflow_t  *rule;

    memset(due, 0, sizeof(crm_due_t));

    due->waiting = waiting;
    due->rules = now->rules;

    if (waiting->process) {
        rc = due_step(due, pool, err);

    } else {
        rule = due_rule(now->rules, waiting);

        if (rule == NULL) {
            return due_lacks(due, "rule of that id", 0, err);
        }

        rc = due_find(due, rule, err);
    }

    if (rc == CRM_OK) {
        rc = due_event(due, now, pool);
    }
    if (rc == CRM_OK) {
        rc = due_decide(due, now);
    }

    return rc == CRM_ENOMEM ? crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET,
                                            "", "out of memory") : rc;
}


/* A process' actions wait for what the backend alone knows; for a time a
 * transition alone does, that runs by itself. */
static crm_status_t
due_step(crm_due_t *due, crm_pool_t *pool, crm_error_t *err)
{
    crm_step_t            step;
    crm_status_t          rc;
    const crm_module_t   *module;
    const crm_waiting_t  *w;

    w = due->waiting;

    step.process = w->process;
    step.stage = w->stage;
    step.name = w->rule;
    step.index = w->condition;

    module = crm_ruleset_module(due->rules, w->module);
    rc = module ? crm_effects_fired(&due->fired, module, &step, pool)
                : CRM_DECLINED;

    if (rc == CRM_DECLINED) {
        return due_lacks(due, "process of that name", 0, err);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    return due_place(due, due->fired.condition, err);
}


static const crm_workflow_t *
due_rule(const crm_ruleset_t *rules, const crm_waiting_t *waiting)
{
    size_t               i;
    const crm_module_t  *module;

    module = crm_ruleset_module(rules, waiting->module);

    for (i = 0; module && i < module->workflows_count; i++) {
        if (crm_str_eq(module->workflows[i]->id, waiting->rule)) {
            return module->workflows[i];
        }
    }

    return NULL;
}


/* The condition, its block and the action in it. */
static crm_status_t
due_find(crm_due_t *due, const crm_workflow_t *rule, crm_error_t *err)
{
    const crm_waiting_t    *w;
    const crm_condition_t  *condition;

    w = due->waiting;

    if (w->condition > rule->conditions_count) {
        return due_lacks(due, "condition", w->condition, err);
    }

    condition = &rule->conditions[w->condition - 1];

    due->fired.rule = rule;
    due->fired.condition = condition;

    return due_place(due, condition, err);
}


static crm_status_t
due_place(crm_due_t *due, const crm_condition_t *condition, crm_error_t *err)
{
    const crm_waiting_t    *w;
    const crm_scheduled_t  *block;

    w = due->waiting;

    if (w->block == 0) {
        due->action = w->action <= condition->actions_count
                      ? &condition->actions[w->action - 1] : NULL;

        return due->action ? CRM_OK
                           : due_lacks(due, "action", w->action, err);
    }

    if (w->block > condition->scheduled_count) {
        return due_lacks(due, "block of scheduled actions", w->block, err);
    }

    block = &condition->scheduled[w->block - 1];

    if (w->action > block->actions_count) {
        return due_lacks(due, "scheduled action", w->action, err);
    }

    due->fired.block = block;
    due->action = &block->actions[w->action - 1];

    return CRM_OK;
}


static crm_status_t
due_lacks(const crm_due_t *due, const char *what, unsigned n,
    crm_error_t *err)
{
    char  number[16] = "";

    if (n) {
        (void) snprintf(number, sizeof(number), " %u", n);
    }

    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "waits",
                         "revision %lld has no %s%s in the module %.*s",
                         due->waiting->revision, what, number,
                         (int) due->waiting->module.len,
                         due->waiting->module.data);
}


/* The record as it is now, as if somebody wrote it so; a deleted one as it
 * was last. Templates see what the write before found. */
static crm_status_t
due_event(crm_due_t *due, const crm_waiting_now_t *now, crm_pool_t *pool)
{
    crm_write_t          *w;
    crm_status_t          rc;
    const crm_waiting_t  *waiting;

    waiting = due->waiting;
    w = &due->write;

    w->rules = now->rules;
    w->module = crm_ruleset_module(now->rules, waiting->module);
    w->operation = waiting->operation;
    w->org = waiting->org;
    w->event = waiting->event;
    w->record_id = waiting->record_id;
    w->actor = crm_ruleset_actor(now->rules, waiting->actor_id);
    w->now_ms = now->now_ms;
    w->workflow = 1;
    w->chain = waiting->chain;
    w->dialect = waiting->dialect;
    w->absent_is_null = now->whole
                        || (waiting->dialect
                            && crm_dialect_absent_is_null(waiting->dialect));
    w->before = waiting->operation == CRM_OP_DELETE ? waiting->before
                                                    : now->record;
    due->event.write = w;

    rc = crm_write_init(w, pool);
    if (rc == CRM_OK) {
        rc = crm_event_finish(&due->event, waiting->record_id);
    }

    w->before = waiting->before;

    return rc;
}


static crm_status_t
due_decide(crm_due_t *due, const crm_waiting_now_t *now)
{
    crm_truth_t           t;
    crm_status_t          rc;
    const crm_waiting_t  *waiting;

    waiting = due->waiting;

    if (waiting->block == 0) {
        due->runs = now->record != NULL;
        due->reason = due->runs ? NULL : CRM_DUE_RECORD;
        return CRM_OK;
    }

    if (waiting->process) {
        due->reason = due_stays(due, now, &rc);
        due->runs = due->reason == NULL;
        return rc;
    }

    due->reason = due_rule_off(waiting, now);

    if (due->reason) {
        return CRM_OK;
    }

    if (waiting->operation == CRM_OP_DELETE) {
        due->runs = 1;                  /* it stays as it was last */
        return CRM_OK;
    }

    if (now->record == NULL) {
        due->reason = CRM_DUE_RECORD;
        return CRM_OK;
    }

    if (!waiting->recheck) {
        due->runs = 1;
        return CRM_OK;
    }

    t = crm_eval_criteria(&due->write.after_eval,
                          &due->fired.condition->criteria);

    due->rechecked = 1;
    due->runs = t == CRM_TRUE;
    due->reason = t == CRM_FALSE ? CRM_DUE_CRITERIA
                                 : crm_fires_name(CRM_NOT_FIELD);

    return due->write.after_eval.status;
}


/*
 * Of what time brings in a blueprint: is the record still where it was when
 * the time began, and do the rules of now still know it?
 */
static const char *
due_stays(crm_due_t *due, const crm_waiting_now_t *now, crm_status_t *rc)
{
    crm_course_t  *course;
    crm_state_t   *state;
    crm_step_t     step;

    step.process = due->waiting->process;
    step.stage = due->waiting->stage;
    step.name = due->waiting->rule;
    step.index = due->waiting->condition;

    *rc = CRM_OK;

    if (!due_known(due, now, step)) {
        return CRM_DUE_RULE;
    }

    if (now->record == NULL) {
        return CRM_DUE_RECORD;
    }

    state = crm_pool_calloc(due->write.pool, 1, sizeof(crm_state_t));
    if (state == NULL) {
        *rc = CRM_ENOMEM;
        return CRM_DUE_MOVED;
    }

    state->blueprint = now->course;
    due->write.before = now->record;
    due->write.state = state;
    due->write.course = NULL;

    *rc = crm_course_find(&course, &due->write);
    due->write.before = due->waiting->before;

    return *rc == CRM_OK && course->blueprint && !course->astray
           && crm_str_eq(course->kept.event, due->waiting->event)
           && crm_str_eq(course->blueprint->name, due->waiting->rule)
           && due_there(course, due->write.module, &step)
           ? NULL : CRM_DUE_MOVED;
}


/* The transition, by its id, or the state, by its name: whatever its place. */
static int
due_known(const crm_due_t *due, const crm_waiting_now_t *now, crm_step_t step)
{
    const crm_module_t           *module;
    const crm_transition_t       *then, *next;
    const crm_blueprint_state_t  *state, *there;

    module = crm_ruleset_module(now->current, due->waiting->module);
    then = crm_step_transition(due->write.module, &step);
    state = crm_step_state(due->write.module, &step);

    if (module == NULL) {
        return 0;
    }

    for (step.index = 1; /* void */ ; step.index++) {
        next = crm_step_transition(module, &step);
        there = crm_step_state(module, &step);

        if (next == NULL && there == NULL) {
            return 0;
        }

        if (crm_step_run(module, &step)
            && (next ? crm_str_eq(next->id, then->id)
                     : crm_str_eq(there->name, state->name)))
        {
            return 1;
        }
    }
}


static int
due_there(const crm_course_t *course, const crm_module_t *module,
    const crm_step_t *step)
{
    const crm_blueprint_state_t  *state;

    state = crm_step_state(module, step);

    return state ? crm_str_eq(crm_course_state_at(course->blueprint,
                                                  course->state)->name,
                              state->name)
                 : crm_course_leads(course, crm_step_transition(module, step));
}


/* Nobody waits for what was switched off, be it to be watched only. */
static const char *
due_rule_off(const crm_waiting_t *waiting, const crm_waiting_now_t *now)
{
    const crm_workflow_t  *rule;

    rule = due_rule(now->current, waiting);

    if (rule == NULL) {
        return CRM_DUE_RULE;
    }

    return rule->status != CRM_STATUS_ON ? crm_fires_name(CRM_NOT_INACTIVE)
                                         : NULL;
}
