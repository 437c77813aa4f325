/*
 * Workflow rules: which of them a write starts.
 */

#include "transform/crm_workflow.h"

#include "rules/crm_index.h"


static const crm_index_t *workflow_index(const crm_write_t *write);
static int workflow_trigger(const crm_write_t *write,
    const crm_workflow_t *rule);
static crm_truth_t workflow_watched(crm_write_t *write,
    const crm_workflow_t *rule);


const char *
crm_fires_name(crm_fires_t why)
{
    static const char *const  names[] = {
        "fires", "inactive", "trigger_mismatch", "field_not_changed",
        "already_fired_once", "criteria_false", "suppressed_by_trigger_param"
    };

    return names[why];
}


crm_status_t
crm_workflow_match(crm_write_t *write, crm_fired_t **fired, size_t *count)
{
    size_t                  i, n;
    crm_fires_t             why;
    crm_status_t            rc;
    const unsigned         *positions;
    const crm_index_t      *index;
    const crm_workflow_t   *rule;
    const crm_condition_t  *condition;

    *fired = NULL;
    *count = 0;

    index = workflow_index(write);

    if (index == NULL || !write->workflow
        || (write->operation == CRM_OP_UPDATE && write->changed_count == 0))
    {
        return CRM_OK;
    }

    rc = crm_index_candidates(index, &write->after_eval, &positions, &n);
    if (rc != CRM_OK || n == 0) {
        return rc;
    }

    *fired = crm_pool_alloc(write->pool, n * sizeof(crm_fired_t));
    if (*fired == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n; i++) {
        rule = write->module->workflows[positions[i]];

        rc = crm_workflow_judge(write, rule, &why, &condition);
        if (rc != CRM_OK) {
            return rc;
        }

        if (why == CRM_FIRES) {
            (*fired)[*count].rule = rule;
            (*fired)[*count].condition = condition;
            (*count)++;
        }
    }

    return CRM_OK;
}


crm_status_t
crm_workflow_judge(crm_write_t *write, const crm_workflow_t *rule,
    crm_fires_t *why, const crm_condition_t **condition)
{
    size_t  i;

    *condition = NULL;

    if (rule->status == CRM_STATUS_OFF) {
        *why = CRM_NOT_INACTIVE;
        return CRM_OK;
    }

    if (!workflow_trigger(write, rule)) {
        *why = CRM_NOT_TRIGGER;
        return CRM_OK;
    }

    if (!write->workflow) {
        *why = CRM_NOT_SUPPRESSED;
        return CRM_OK;
    }

    if (write->operation == CRM_OP_UPDATE
        && (write->changed_count == 0
            || (rule->trigger == CRM_TRIGGER_FIELD_UPDATE
                && workflow_watched(write, rule) != CRM_TRUE)))
    {
        *why = CRM_NOT_CHANGED;
        return write->after_eval.status;
    }

    if (!rule->repeat && write->state
        && crm_state_has_once(write->state, rule->id))
    {
        *why = CRM_NOT_ONCE;
        return CRM_OK;
    }

    for (i = 0; i < rule->conditions_count; i++) {
        if (crm_eval_criteria(&write->after_eval,
                              &rule->conditions[i].criteria) == CRM_TRUE)
        {
            *condition = &rule->conditions[i];
            *why = CRM_FIRES;
            return write->after_eval.status;
        }
    }

    *why = CRM_NOT_CRITERIA;

    return write->after_eval.status;
}


static const crm_index_t *
workflow_index(const crm_write_t *write)
{
    switch (write->operation) {

    case CRM_OP_CREATE:
        return write->module->create;

    case CRM_OP_UPDATE:
        return write->module->update;

    case CRM_OP_DELETE:
        return write->module->remove;

    default:
        return NULL;
    }
}


static int
workflow_trigger(const crm_write_t *write, const crm_workflow_t *rule)
{
    switch (write->operation) {

    case CRM_OP_CREATE:
        return rule->trigger == CRM_TRIGGER_CREATE
               || rule->trigger == CRM_TRIGGER_CREATE_OR_EDIT;

    case CRM_OP_UPDATE:
        return rule->trigger != CRM_TRIGGER_CREATE
               && rule->trigger != CRM_TRIGGER_DELETE;

    default:
        return rule->trigger == CRM_TRIGGER_DELETE;
    }
}


/* Watched fields that changed, and whose new value is as the rule wants. */
static crm_truth_t
workflow_watched(crm_write_t *write, const crm_workflow_t *rule)
{
    int                 hit;
    size_t              i;
    const crm_watch_t  *watch;

    for (i = 0; i < rule->watch_count; i++) {
        watch = &rule->watch[i];

        hit = write->changed_slot[watch->slot]
              && (watch->any_value
                  || crm_eval_predicate(&write->after_eval, watch->predicate)
                     == CRM_TRUE);

        if (hit != rule->match_all) {
            return hit ? CRM_TRUE : CRM_FALSE;
        }
    }

    return rule->match_all ? CRM_TRUE : CRM_FALSE;
}
