/*
 * What processes add to a write.
 */

#include "transform/crm_effects.h"

#include "base/crm_buf.h"


static crm_cmd_change_t *effects_more(crm_effects_t *effects,
    crm_pool_t *pool, crm_status_t *rc);


/* What an intent may name, and what it is. */
static const struct {
    const char       *name;
    crm_change_op_t   op;
} ops[] = {
    { "set", CRM_CHANGE_ENTER },
    { "del", CRM_CHANGE_DEL },
    { "rank", CRM_CHANGE_RANK },
    { "turn", CRM_CHANGE_TURN },
};

#define OPS  (sizeof(ops) / sizeof(ops[0]))


crm_status_t
crm_effects_set(crm_effects_t *effects, const char *field, crm_str_t text,
    crm_pool_t *pool)
{
    return crm_effects_add(effects, CRM_STR("set"), crm_strz(field), text,
                           pool);
}


crm_status_t
crm_effects_unset(crm_effects_t *effects, const char *field,
    crm_pool_t *pool)
{
    return crm_effects_add(effects, CRM_STR("del"), crm_strz(field),
                           CRM_STR(""), pool);
}


crm_status_t
crm_effects_rank(crm_effects_t *effects, const char *set, long long score,
    crm_pool_t *pool)
{
    crm_str_t  text;

    text = score < 0 ? CRM_STR("") : crm_pool_printf(pool, "%lld", score);

    return text.data ? crm_effects_add(effects, CRM_STR("rank"),
                                       crm_strz(set), text, pool)
                     : CRM_ENOMEM;
}


crm_status_t
crm_effects_add(crm_effects_t *effects, crm_str_t op, crm_str_t field,
    crm_str_t value, crm_pool_t *pool)
{
    size_t             i;
    crm_status_t       rc;
    crm_cmd_change_t  *change;

    for (i = 0; i < OPS; i++) {
        if (!crm_str_is(op, ops[i].name)) {
            continue;
        }

        change = effects_more(effects, pool, &rc);
        if (change == NULL) {
            return rc;
        }

        change->op = ops[i].op;
        change->field = field;
        change->value = value;

        return CRM_OK;
    }

    return CRM_EINVAL;
}


crm_status_t
crm_effects_join(crm_effects_t *effects, const crm_effects_t *more,
    crm_pool_t *pool)
{
    size_t             i;
    crm_status_t       rc;
    crm_cmd_change_t  *change;

    for (i = 0; i < more->changes_count; i++) {
        change = effects_more(effects, pool, &rc);
        if (change == NULL) {
            return rc;
        }

        *change = more->changes[i];
    }

    if (more->steps_count == 0) {
        return CRM_OK;
    }

    if (effects->steps_count + more->steps_count > CRM_EFFECTS_MAX) {
        return CRM_ELIMIT;
    }

    if (effects->steps == NULL) {
        effects->steps = crm_pool_calloc(pool, CRM_EFFECTS_MAX,
                                         sizeof(crm_fired_t));
        if (effects->steps == NULL) {
            return CRM_ENOMEM;
        }
    }

    memcpy(&effects->steps[effects->steps_count], more->steps,
           more->steps_count * sizeof(crm_fired_t));
    effects->steps_count += more->steps_count;

    return CRM_OK;
}


static crm_cmd_change_t *
effects_more(crm_effects_t *effects, crm_pool_t *pool, crm_status_t *rc)
{
    *rc = CRM_ELIMIT;

    if (effects->changes_count == CRM_EFFECTS_MAX) {
        return NULL;
    }

    if (effects->changes == NULL) {
        *rc = CRM_ENOMEM;
        effects->changes = crm_pool_calloc(pool, CRM_EFFECTS_MAX,
                                           sizeof(crm_cmd_change_t));
        if (effects->changes == NULL) {
            return NULL;
        }
    }

    return &effects->changes[effects->changes_count++];
}


crm_status_t
crm_effects_start(crm_effects_t *effects, const crm_module_t *module,
    const crm_step_t *step, crm_pool_t *pool)
{
    crm_status_t  rc;

    if (effects->steps_count == CRM_EFFECTS_MAX) {
        return CRM_ELIMIT;
    }

    if (effects->steps == NULL) {
        effects->steps = crm_pool_calloc(pool, CRM_EFFECTS_MAX,
                                         sizeof(crm_fired_t));
        if (effects->steps == NULL) {
            return CRM_ENOMEM;
        }
    }

    rc = crm_effects_fired(&effects->steps[effects->steps_count], module,
                           step, pool);
    if (rc == CRM_OK) {
        effects->steps_count++;
    }

    return rc;
}


crm_status_t
crm_effects_fired(crm_fired_t *fired, const crm_module_t *module,
    const crm_step_t *step, crm_pool_t *pool)
{
    size_t               count;
    crm_status_t         rc;
    crm_workflow_t      *rule;
    crm_condition_t     *condition;
    const crm_action_t  *actions;

    rc = crm_step_actions(&actions, &count, module, step);
    if (rc != CRM_OK) {
        return rc;
    }

    rule = crm_pool_calloc(pool, 1, sizeof(crm_workflow_t));
    condition = crm_pool_calloc(pool, 1, sizeof(crm_condition_t));

    if (rule == NULL || condition == NULL) {
        return CRM_ENOMEM;
    }

    rule->name = step->name;
    rule->id = step->name;
    rule->status = CRM_STATUS_ON;
    rule->repeat = 1;

    condition->seq = step->index;

    if (crm_step_run(module, step)) {
        condition->scheduled = (crm_scheduled_t *) crm_step_run(module, step);
        condition->scheduled_count = 1;

    } else {
        condition->actions = (crm_action_t *) actions;
        condition->actions_count = count;
    }

    memset(fired, 0, sizeof(crm_fired_t));
    fired->rule = rule;
    fired->condition = condition;
    fired->process = step->process;
    fired->stage = step->stage;

    return CRM_OK;
}


const char *
crm_effects_op(const crm_cmd_change_t *change)
{
    size_t  i;

    for (i = 0; i < OPS - 1 && ops[i].op != change->op; i++) {
        /* void */
    }

    return ops[i].name;
}


crm_str_t
crm_effects_origin(crm_process_t process, crm_str_t name, crm_pool_t *pool)
{
    return crm_pool_printf(pool, "%s:%.*s", crm_process_name(process),
                           (int) name.len, name.data);
}
