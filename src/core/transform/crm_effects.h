/*
 * What processes, approvals and blueprints, assignment and scoring rules add to
 * a write: changes of what is known of its record, and actions.
 *
 * The one way for both: who judges adds to the event's effects before the
 * intent is written; from there on they ride along (crm_intent.h), and become
 * jobs and changes of the commit (crm_plan.h), of the request's own or of
 * recovery's.
 *
 *     crm_effects_set(effects, "approval", text, pool)
 *     crm_effects_rank(effects, "approvals", score, pool)
 *     crm_effects_start(effects, module, &step, pool)
 */

#ifndef CRM_EFFECTS_H
#define CRM_EFFECTS_H

#include "rules/crm_process.h"
#include "state/crm_cmd.h"
#include "transform/crm_workflow.h"


/* Zeroed, there are none. */
typedef struct {
    crm_cmd_change_t  *changes;         /* ENTER, DEL, RANK, TURN */
    size_t             changes_count;
    crm_fired_t       *steps;           /* their rules are made for them */
    size_t             steps_count;
} crm_effects_t;

/* The most that one write of a record can bring of each. */
#define CRM_EFFECTS_MAX  64


/*
 * The record's hash gets field = text; without the lease it gets it if it has
 * no such field. text is borrowed, as all strings are. CRM_OK; CRM_ENOMEM;
 * CRM_ELIMIT.
 */
crm_status_t crm_effects_set(crm_effects_t *effects, const char *field,
    crm_str_t text, crm_pool_t *pool);

/* The field goes. */
crm_status_t crm_effects_unset(crm_effects_t *effects, const char *field,
    crm_pool_t *pool);

/* The record stands in the organisation's sorted set of that name (the key's
 * last part) with score; below 0: it is taken out. */
crm_status_t crm_effects_rank(crm_effects_t *effects, const char *set,
    long long score, crm_pool_t *pool);

/* One as an intent tells it. CRM_EINVAL: no op that effects have. */
crm_status_t crm_effects_add(crm_effects_t *effects, crm_str_t op,
    crm_str_t field, crm_str_t value, crm_pool_t *pool);

/* The actions that step names are done. CRM_DECLINED: module has none such. */
crm_status_t crm_effects_start(crm_effects_t *effects,
    const crm_module_t *module, const crm_step_t *step, crm_pool_t *pool);

/* All that more holds, behind what is there. CRM_ELIMIT; CRM_ENOMEM. */
crm_status_t crm_effects_join(crm_effects_t *effects,
    const crm_effects_t *more, crm_pool_t *pool);

/*
 * Makes of step what rules leave behind when they fire: *fired, with a rule
 * and a condition of its own. CRM_DECLINED: module has no such step.
 */
crm_status_t crm_effects_fired(crm_fired_t *fired,
    const crm_module_t *module, const crm_step_t *step, crm_pool_t *pool);

/* The name of its op as an intent tells it. */
const char *crm_effects_op(const crm_cmd_change_t *change);

/* "approval:NAME": what a chain calls the process of a step. Data is NULL
 * without memory. */
crm_str_t crm_effects_origin(crm_process_t process, crm_str_t name,
    crm_pool_t *pool);

#endif
