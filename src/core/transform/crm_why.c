/*
 * Why a rule fired, or did not.
 */

#include "transform/crm_why.h"


static void why_watched(crm_why_t *why, crm_write_t *write,
    const crm_workflow_t *rule);
static crm_status_t why_criteria(crm_why_t *why, crm_write_t *write,
    const crm_workflow_t *rule);
static int why_unknown(const crm_why_t *why, const crm_write_t *write,
    const crm_criteria_t *criteria, unsigned *slot);
static int why_slot_unknown(const crm_image_t *image, const crm_predicate_t *p,
    unsigned *slot);
static crm_str_t why_name(const crm_write_t *write, unsigned slot);


crm_status_t
crm_why(crm_why_t *why, crm_write_t *write, const crm_workflow_t *rule,
    const crm_verdict_t *verdict)
{
    crm_status_t  rc;

    memset(why, 0, sizeof(crm_why_t));
    why->eval = crm_workflow_eval(write, rule);

    rc = crm_workflow_judge(write, rule, &why->why, &why->condition);
    if (rc != CRM_OK) {
        return rc;
    }

    switch (why->why) {

    case CRM_FIRES:
        if (verdict && verdict->kind != CRM_REFUSE_NONE) {
            why->why = CRM_NOT_LOCK;
        }
        return CRM_OK;

    case CRM_NOT_CHANGED:
    case CRM_NOT_TRIGGER:
        why_watched(why, write, rule);
        return CRM_OK;

    case CRM_NOT_CRITERIA:
        return why_criteria(why, write, rule);

    default:
        return CRM_OK;
    }
}


crm_status_t
crm_why_condition(crm_fires_t *reason, const crm_why_t *why,
    crm_write_t *write, const crm_condition_t *condition)
{
    unsigned     slot;
    crm_truth_t  truth;

    *reason = why->why;

    if (why->condition && condition->seq > why->condition->seq) {
        *reason = CRM_NOT_SHADOWED;
        return CRM_OK;
    }

    if (condition == why->condition
        || (why->condition == NULL && why->why != CRM_NOT_CRITERIA
            && why->why != CRM_NOT_FIELD))
    {
        return CRM_OK;
    }

    truth = crm_eval_criteria(why->eval, &condition->criteria);

    *reason = truth == CRM_MAYBE
              && why_unknown(why, write, &condition->criteria, &slot)
              ? CRM_NOT_FIELD : CRM_NOT_CRITERIA;

    return why->eval->status;
}


/*
 * The watched field that kept the rule silent, where there is one: the only
 * one; with match_all the first that did not do its part.
 */
static void
why_watched(crm_why_t *why, crm_write_t *write,
    const crm_workflow_t *rule)
{
    size_t              i;
    const crm_watch_t  *watch;

    if (write->operation != CRM_OP_UPDATE
        || (rule->watch_count > 1 && !rule->match_all))
    {
        return;
    }

    for (i = 0; i < rule->watch_count; i++) {
        watch = &rule->watch[i];

        if (why->why == CRM_NOT_CHANGED
            ? !write->changed_slot[watch->slot]
            : !watch->any_value
              && crm_eval_predicate(&write->after_eval,
                                 watch->predicate) != CRM_TRUE)
        {
            why->field = why_name(write, watch->slot);
            return;
        }
    }
}


/* No condition is true: is one of them only not known to be? */
static crm_status_t
why_criteria(crm_why_t *why, crm_write_t *write, const crm_workflow_t *rule)
{
    size_t           i;
    unsigned         slot;
    crm_criteria_t  *criteria;

    for (i = 0; i < rule->conditions_count; i++) {
        criteria = &rule->conditions[i].criteria;

        if (crm_eval_criteria(why->eval, criteria) == CRM_MAYBE
            && why_unknown(why, write, criteria, &slot))
        {
            why->why = CRM_NOT_FIELD;
            why->field = why_name(write, slot);
            break;
        }
    }

    return why->eval->status;
}


/* Whether criteria read a field that nobody could learn; its slot. */
static int
why_unknown(const crm_why_t *why, const crm_write_t *write,
    const crm_criteria_t *criteria, unsigned *slot)
{
    unsigned  i;

    for (i = 0; i < criteria->count; i++) {
        if (criteria->nodes[i].type == CRM_NODE_LEAF
            && why_slot_unknown(why->eval->image,
                                write->module->predicates.items[
                                    criteria->nodes[i].predicate], slot))
        {
            return 1;
        }
    }

    return 0;
}


static int
why_slot_unknown(const crm_image_t *image, const crm_predicate_t *p,
    unsigned *slot)
{
    unsigned  i;

    if (image->slots[p->slot].type == CRM_VALUE_UNKNOWN) {
        *slot = p->slot;
        return 1;
    }

    for (i = 0; i < p->count; i++) {
        if (p->operands[i].source == CRM_OPERAND_FIELD
            && image->slots[p->operands[i].slot].type
               == CRM_VALUE_UNKNOWN)
        {
            *slot = p->operands[i].slot;
            return 1;
        }
    }

    return 0;
}


static crm_str_t
why_name(const crm_write_t *write, unsigned slot)
{
    return write->module->schema.names.entries[slot].key;
}
