/*
 * What people are to an approval.
 */

#include "decide/crm_approval_right.h"


const crm_approval_t *
crm_approval_right_find(const crm_module_t *module, crm_str_t name)
{
    size_t                 i;
    const crm_approval_t  *approval;

    for (i = 0; name.len && i < module->approvals.count; i++) {
        approval = module->approvals.items[i];

        if (crm_str_eq(approval->name, name)) {
            return approval;
        }
    }

    return NULL;
}


int
crm_approval_right_administers(const crm_write_t *write,
    const crm_approval_t *approval)
{
    size_t             i;
    const crm_user_t  *user;

    user = write->chain ? NULL : crm_who_active(write->rules,
                                                write->actor.id);

    if (user == NULL) {
        return 0;
    }

    if (crm_str_eq(user->profile, CRM_APPROVAL_PROFILE)) {
        return 1;
    }

    for (i = 0; approval && i < approval->administrators_count; i++) {
        if (crm_str_eq(approval->administrators[i], write->actor.id)) {
            return 1;
        }
    }

    return 0;
}


crm_str_t
crm_approval_right_owner(const crm_write_t *write, const crm_record_t *record)
{
    crm_value_t         value;
    const crm_field_t  *field;

    field = record
            ? crm_record_field(record, crm_dialect_owner_field(write->dialect))
            : NULL;

    if (field == NULL
        || crm_value_from_span(&value, field->value, write->pool) != CRM_OK
        || (value.type != CRM_VALUE_OBJECT && value.type != CRM_VALUE_TEXT
            && value.type != CRM_VALUE_NUMBER))
    {
        return CRM_STR("");
    }

    return value.text.data ? value.text : CRM_STR("");
}


int
crm_approval_right_decides(const crm_write_t *write,
    const crm_approval_state_t *state, unsigned level)
{
    return state->status == CRM_APPROVAL_WAITING
           && crm_who_active(write->rules, write->actor.id) != NULL
           && crm_approval_state_lists(&state->levels[level - 1],
                                       write->actor.id);
}


int
crm_approval_right_awaits(const crm_write_t *write,
    const crm_approval_state_t *state)
{
    size_t            i;
    const crm_who_t  *level;

    level = &state->levels[state->level - 1];

    for (i = 0; i < level->count; i++) {
        if (crm_who_active(write->rules, level->ids[i]) != NULL
            && !crm_approval_state_lists(&state->given, level->ids[i]))
        {
            return 1;
        }
    }

    return 0;
}


int
crm_approval_right_agreed(const crm_write_t *write,
    const crm_approval_state_t *state)
{
    return crm_approval_state_lists(&state->given, write->actor.id)
           && crm_approval_right_awaits(write, state);
}


int
crm_approval_right_owns(const crm_write_t *write,
    const crm_approval_state_t *state)
{
    crm_str_t  actor, owner;

    actor = write->actor.id;
    owner = write->before ? crm_approval_right_owner(write, write->before)
                          : state->owner;

    return crm_who_active(write->rules, actor) != NULL
           && (crm_str_eq(actor, state->submitter)
               || crm_str_eq(actor, owner));
}
