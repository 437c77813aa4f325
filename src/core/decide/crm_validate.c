/*
 * Validation rules.
 */

#include "decide/crm_validate.h"


crm_status_t
crm_validate_check(crm_verdict_t *verdict, crm_write_t *write)
{
    size_t                   i;
    const crm_array_t       *rules;
    const crm_validation_t  *rule;

    rules = &write->module->validations;

    if (rules->count == 0 || crm_validate_exempt(write)) {
        return CRM_OK;
    }

    for (i = 0; i < rules->count; i++) {
        rule = rules->items[i];

        if (!crm_validate_asked(write, rule)
            || crm_eval_criteria(&write->after_eval, &rule->criteria)
               != CRM_TRUE)
        {
            continue;
        }

        verdict->kind = CRM_REFUSE_VALIDATION;
        verdict->gate = "validation";
        verdict->rule = rule->name;
        verdict->field = rule->field;
        verdict->reason = rule->message;
        break;
    }

    return write->after_eval.status;
}


const char *
crm_validate_exempt(const crm_write_t *write)
{
    if (write->operation != CRM_OP_CREATE && write->operation != CRM_OP_UPDATE)
    {
        return "only what creates or changes a record is validated";
    }

    if (write->chain) {
        return "what rules write is not validated";
    }

    if (write->operation == CRM_OP_UPDATE && write->before == NULL) {
        return "the backend does not have the record";
    }

    return NULL;
}


int
crm_validate_asked(const crm_write_t *write,
    const crm_validation_t *validation)
{
    return validation->always || (write->apply & CRM_APPLY_CRITERIA);
}
