/*
 * Processes: which of their lists of actions an event starts.
 */

#include "rules/crm_process.h"

#include "base/crm_limits.h"
#include "rules/crm_approval.h"
#include "rules/crm_assignment.h"


typedef struct {
    crm_process_t   process;
    crm_stage_t     stage;
    crm_status_t  (*list)(const crm_action_t **actions, size_t *count,
        const crm_module_t *module, const crm_step_t *step);
} process_row_t;


static crm_status_t process_approval(const crm_action_t **actions,
    size_t *count, const crm_module_t *module, const crm_step_t *step);
static crm_status_t process_blueprint(const crm_action_t **actions,
    size_t *count, const crm_module_t *module, const crm_step_t *step);
static crm_status_t process_timed(const crm_action_t **actions,
    size_t *count, const crm_module_t *module, const crm_step_t *step);
static const crm_blueprint_t *process_of(const crm_module_t *module,
    const crm_step_t *step);
static crm_status_t process_escalation(const crm_action_t **actions,
    size_t *count, const crm_module_t *module, const crm_step_t *step);
static crm_status_t process_assignment(const crm_action_t **actions,
    size_t *count, const crm_module_t *module, const crm_step_t *step);


/* By crm_process_t, by crm_stage_t. */
static const char *const  processes[] = {
    "", "approval", "blueprint", "assignment", "escalation"
};

static const char *const  stages[] = {
    "submit", "approve", "reject", "after", "automatic", "stay", "follow",
    "notify", "level"
};

static const process_row_t  rows[] = {
    { CRM_PROCESS_APPROVAL, CRM_STAGE_SUBMIT, process_approval },
    { CRM_PROCESS_APPROVAL, CRM_STAGE_APPROVE, process_approval },
    { CRM_PROCESS_APPROVAL, CRM_STAGE_REJECT, process_approval },
    { CRM_PROCESS_BLUEPRINT, CRM_STAGE_AFTER, process_blueprint },
    { CRM_PROCESS_BLUEPRINT, CRM_STAGE_AUTOMATIC, process_timed },
    { CRM_PROCESS_BLUEPRINT, CRM_STAGE_STAY, process_timed },
    { CRM_PROCESS_ASSIGNMENT, CRM_STAGE_FOLLOW, process_assignment },
    { CRM_PROCESS_ASSIGNMENT, CRM_STAGE_NOTIFY, process_assignment },
    { CRM_PROCESS_ESCALATION, CRM_STAGE_LEVEL, process_escalation },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


const char *
crm_process_name(crm_process_t process)
{
    return processes[process];
}


const char *
crm_stage_name(crm_stage_t stage)
{
    return stages[stage];
}


crm_status_t
crm_step_find(crm_step_t *step, crm_str_t process, crm_str_t stage)
{
    size_t  i;

    for (i = 0; i < ROWS; i++) {
        if (crm_str_is(process, processes[rows[i].process])
            && crm_str_is(stage, stages[rows[i].stage]))
        {
            step->process = rows[i].process;
            step->stage = rows[i].stage;
            return CRM_OK;
        }
    }

    return CRM_DECLINED;
}


crm_status_t
crm_step_actions(const crm_action_t **actions, size_t *count,
    const crm_module_t *module, const crm_step_t *step)
{
    size_t  i;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].process == step->process && rows[i].stage == step->stage)
        {
            return rows[i].list(actions, count, module, step);
        }
    }

    return CRM_DECLINED;
}


static crm_status_t
process_approval(const crm_action_t **actions, size_t *count,
    const crm_module_t *module, const crm_step_t *step)
{
    size_t                      i;
    const crm_approval_t       *approval;
    const crm_approval_rule_t  *rule;

    for (i = 0; i < module->approvals.count; i++) {
        approval = module->approvals.items[i];

        if (!crm_str_eq(approval->name, step->name)) {
            continue;
        }

        if (step->index == 0 || step->index > approval->rules_count) {
            return CRM_DECLINED;
        }

        rule = &approval->rules[step->index - 1];

        *actions = step->stage == CRM_STAGE_SUBMIT ? rule->on_submit
                   : step->stage == CRM_STAGE_APPROVE ? rule->on_approve
                   : rule->on_reject;
        *count = step->stage == CRM_STAGE_SUBMIT ? rule->on_submit_count
                 : step->stage == CRM_STAGE_APPROVE ? rule->on_approve_count
                 : rule->on_reject_count;

        return CRM_OK;
    }

    return CRM_DECLINED;
}


static crm_status_t
process_blueprint(const crm_action_t **actions, size_t *count,
    const crm_module_t *module, const crm_step_t *step)
{
    const crm_transition_t  *transition;

    transition = crm_step_transition(module, step);

    if (transition == NULL) {
        return CRM_DECLINED;
    }

    *actions = transition->after;
    *count = transition->after_count;

    return CRM_OK;
}


static crm_status_t
process_timed(const crm_action_t **actions, size_t *count,
    const crm_module_t *module, const crm_step_t *step)
{
    const crm_scheduled_t  *run;

    run = crm_step_run(module, step);

    if (run == NULL) {
        return CRM_DECLINED;
    }

    *actions = run->actions;
    *count = run->actions_count;

    return CRM_OK;
}


static crm_status_t
process_assignment(const crm_action_t **actions, size_t *count,
    const crm_module_t *module, const crm_step_t *step)
{
    size_t                         i;
    const crm_assignment_t        *rule;
    const crm_assignment_entry_t  *entry;

    for (i = 0; i < module->assignments.count; i++) {
        rule = module->assignments.items[i];

        if (!crm_str_eq(rule->name, step->name)) {
            continue;
        }

        if (step->stage == CRM_STAGE_NOTIFY) {
            *actions = &rule->tell;
            *count = rule->notify ? 1 : 0;
            return CRM_OK;
        }

        if (step->index == 0 || step->index > rule->entries_count) {
            return CRM_DECLINED;
        }

        entry = &rule->entries[step->index - 1];

        *actions = &entry->follow;
        *count = entry->task ? 1 : 0;

        return CRM_OK;
    }

    return CRM_DECLINED;
}


static crm_status_t
process_escalation(const crm_action_t **actions, size_t *count,
    const crm_module_t *module, const crm_step_t *step)
{
    size_t                         entry, level;
    const crm_escalation_t        *rule;
    const crm_escalation_entry_t  *levels;

    rule = module->escalation;

    if (rule == NULL || !crm_str_eq(rule->name, step->name)
        || step->index == 0)
    {
        return CRM_DECLINED;
    }

    entry = (step->index - 1) / CRM_MAX_LEVELS;
    level = (step->index - 1) % CRM_MAX_LEVELS;
    levels = entry < rule->entries_count ? &rule->entries[entry] : NULL;

    if (levels == NULL || level >= levels->levels_count) {
        return CRM_DECLINED;
    }

    *actions = levels->levels[level].actions;
    *count = levels->levels[level].actions_count;

    return CRM_OK;
}


const crm_transition_t *
crm_step_transition(const crm_module_t *module, const crm_step_t *step)
{
    const crm_blueprint_t  *blueprint;

    blueprint = step->stage == CRM_STAGE_STAY ? NULL
                : process_of(module, step);

    return blueprint && step->index
           && step->index <= blueprint->transitions_count
           ? &blueprint->transitions[step->index - 1] : NULL;
}


const crm_blueprint_state_t *
crm_step_state(const crm_module_t *module, const crm_step_t *step)
{
    const crm_blueprint_t  *blueprint;

    blueprint = step->stage == CRM_STAGE_STAY ? process_of(module, step)
                                              : NULL;

    return blueprint && step->index && step->index <= blueprint->states.count
           ? blueprint->states.entries[step->index - 1].value : NULL;
}


const crm_scheduled_t *
crm_step_run(const crm_module_t *module, const crm_step_t *step)
{
    const crm_transition_t       *transition;
    const crm_blueprint_state_t  *state;

    transition = step->stage == CRM_STAGE_AUTOMATIC
                 ? crm_step_transition(module, step) : NULL;
    state = crm_step_state(module, step);

    return transition ? transition->run : state ? state->run : NULL;
}


static const crm_blueprint_t *
process_of(const crm_module_t *module, const crm_step_t *step)
{
    size_t                  i;
    const crm_blueprint_t  *blueprint;

    for (i = 0; step->process == CRM_PROCESS_BLUEPRINT
                && i < module->blueprints.count; i++)
    {
        blueprint = module->blueprints.items[i];

        if (crm_str_eq(blueprint->name, step->name)) {
            return blueprint;
        }
    }

    return NULL;
}
