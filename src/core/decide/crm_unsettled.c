/*
 * Records of which nobody knows whether they are in a process.
 */

#include "decide/crm_unsettled.h"

#include "record/crm_dialect_kind.h"
#include "record/crm_moment.h"
#include "rules/crm_approval.h"
#include "rules/crm_blueprint.h"


static int unsettled_older(const crm_write_t *write);
static const char *unsettled_enters(crm_write_t *write);
static int unsettled_submits(crm_write_t *write,
    const crm_approval_t *approval);


crm_status_t
crm_unsettled_check(crm_verdict_t *verdict, crm_write_t *write)
{
    const char         *gate;
    const crm_state_t  *state;

    state = write->state;

    if (state == NULL || state->unsettled_ms == 0
        || state->approval.len || state->blueprint.len
        || write->before == NULL || write->operation == CRM_OP_CREATE
        || unsettled_older(write))
    {
        return CRM_OK;
    }

    gate = unsettled_enters(write);

    if (write->stored_eval.status != CRM_OK) {
        return write->stored_eval.status;
    }

    if (gate) {
        verdict->kind = CRM_REFUSE_UNAVAILABLE;
        verdict->gate = gate;
        verdict->reason = CRM_STR("a create of this module is not settled"
                                  " yet; whether it is this record, and"
                                  " what it entered, is not known");
    }

    return CRM_OK;
}


/* Than the create; 0 where nobody says when the record was created. */
static int
unsettled_older(const crm_write_t *write)
{
    crm_str_t           name;
    crm_value_t         value;
    crm_moment_t        moment;
    const crm_field_t  *field;

    name = write->dialect ? crm_dialect_created_field(write->dialect)
                          : CRM_STR_NULL;
    field = name.len ? crm_record_field(write->before, name) : NULL;

    return field
           && crm_value_from_span(&value, field->value, write->pool) == CRM_OK
           && value.type == CRM_VALUE_TEXT
           && crm_moment_parse(&moment, value.text, NULL) == CRM_OK
           && moment.timed
           && moment.us / 1000 < write->state->unsettled_ms
                                 - CRM_UNSETTLED_SKEW_MS;
}


/* Which gate would hold it; what cannot be judged might. */
static const char *
unsettled_enters(crm_write_t *write)
{
    size_t                  i;
    const crm_blueprint_t  *blueprint;

    for (i = 0; i < write->module->approvals.count; i++) {
        if (unsettled_submits(write, write->module->approvals.items[i])) {
            return "approval";
        }
    }

    for (i = 0; i < write->module->blueprints.count; i++) {
        blueprint = write->module->blueprints.items[i];

        if (crm_eval_criteria(&write->stored_eval, &blueprint->criteria)
            != CRM_FALSE)
        {
            return "blueprint";
        }
    }

    return NULL;
}


static int
unsettled_submits(crm_write_t *write, const crm_approval_t *approval)
{
    size_t  i;

    for (i = 0; approval->on_create && i < approval->rules_count; i++) {
        if (crm_eval_criteria(&write->stored_eval,
                              &approval->rules[i].criteria) != CRM_FALSE)
        {
            return 1;
        }
    }

    return 0;
}
