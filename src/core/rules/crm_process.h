/*
 * Processes: approvals and blueprints, assignment and escalation rules. Which
 * of their lists of actions an event starts.
 *
 * A list is named as an intent and a waiting job name it: by the kind of its
 * process, the process' name, the place of its rule, transition or entry, and
 * the stage that brings it.
 */

#ifndef CRM_PROCESS_H
#define CRM_PROCESS_H

#include "rules/crm_blueprint.h"
#include "rules/crm_rule.h"


typedef enum {
    CRM_PROCESS_NONE = 0,
    CRM_PROCESS_APPROVAL,
    CRM_PROCESS_BLUEPRINT,
    CRM_PROCESS_ASSIGNMENT,
    CRM_PROCESS_ESCALATION
} crm_process_t;

/* When actions are done. */
typedef enum {
    CRM_STAGE_SUBMIT = 0,       /* of an approval: a record enters */
    CRM_STAGE_APPROVE,          /* all have agreed */
    CRM_STAGE_REJECT,           /* somebody has not */
    CRM_STAGE_AFTER,            /* of a blueprint: behind a transition */
    CRM_STAGE_AUTOMATIC,        /* a transition that runs by itself */
    CRM_STAGE_STAY,             /* a record stays in a state for too long */
    CRM_STAGE_FOLLOW,           /* of an assignment rule: the record has an
                                   owner */
    CRM_STAGE_NOTIFY,           /* who hears of it */
    CRM_STAGE_LEVEL             /* of an escalation rule */
} crm_stage_t;

typedef struct {
    crm_process_t  process;
    crm_stage_t    stage;
    crm_str_t      name;        /* of the process */
    unsigned       index;       /* 1-based: of its rule, transition, state,
                                   entry; of a level CRM_MAX_LEVELS an
                                   entry */
} crm_step_t;


/* "approval", "blueprint", "assignment", "escalation"; "submit", "approve",
 * "reject", "after", "automatic", "stay", "follow", "notify", "level". */
const char *crm_process_name(crm_process_t process);
const char *crm_stage_name(crm_stage_t stage);

/* Process and stage of such names; CRM_DECLINED if there is none such. */
crm_status_t crm_step_find(crm_step_t *step, crm_str_t process,
    crm_str_t stage);

/* The list that step names, of module. CRM_DECLINED: module has none such. */
crm_status_t crm_step_actions(const crm_action_t **actions, size_t *count,
    const crm_module_t *module, const crm_step_t *step);

/* The transition of a step of a blueprint, and the state of one that stays, or
 * NULL. */
const crm_transition_t *crm_step_transition(const crm_module_t *module,
    const crm_step_t *step);
const crm_blueprint_state_t *crm_step_state(const crm_module_t *module,
    const crm_step_t *step);

/* What a step waits for that time brings; NULL: it does not wait. */
const crm_scheduled_t *crm_step_run(const crm_module_t *module,
    const crm_step_t *step);

#endif
