/*
 * What Redis would hold of a test's record, and how writes change it.
 */

#include "crm_cli_test.h"


static crm_status_t state_once(crm_state_t *state, crm_str_t rule,
    crm_pool_t *pool);


crm_status_t
crm_cli_test_state_change(crm_state_t *state, const crm_plan_t *plan,
    const crm_event_t *event, crm_pool_t *pool)
{
    int                      gone;
    size_t                   i, len;
    crm_str_t                value;
    crm_status_t             rc;
    const crm_cmd_change_t  *change;

    len = sizeof(CRM_STATE_ONCE) - 1;

    for (i = 0; i < plan->changes_count; i++) {
        change = &plan->changes[i];
        gone = change->op == CRM_CHANGE_DEL;
        value = gone ? CRM_STR("") : change->value;

        if (change->op == CRM_CHANGE_DROP) {
            memset(state, 0, sizeof(crm_state_t));

        } else if (crm_str_is(change->field, CRM_STATE_LOCK)) {
            state->locks = event ? event->marks : state->locks;
            state->n_locks = gone ? 0 : event ? event->marks_count
                                              : state->n_locks;

        } else if (crm_str_is(change->field, CRM_STATE_BLUEPRINT)) {
            state->blueprint = value;

        } else if (crm_str_is(change->field, CRM_STATE_SCORE)) {
            state->score = value;

        } else if (crm_str_is(change->field, CRM_STATE_ESCALATION)) {
            state->escalation = value;

        } else if ((change->op == CRM_CHANGE_SET
                    || change->op == CRM_CHANGE_FILL)
                   && change->field.len > len
                   && memcmp(change->field.data, CRM_STATE_ONCE, len) == 0)
        {
            rc = state_once(state, crm_str(change->field.data + len,
                                           change->field.len - len), pool);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


static crm_status_t
state_once(crm_state_t *state, crm_str_t rule, crm_pool_t *pool)
{
    crm_str_t  *once;

    once = crm_pool_calloc(pool, state->n_once + 1, sizeof(crm_str_t));
    if (once == NULL) {
        return CRM_ENOMEM;
    }

    if (state->n_once) {
        memcpy(once, state->once, state->n_once * sizeof(crm_str_t));
    }

    once[state->n_once] = rule;
    state->once = once;
    state->n_once++;

    return CRM_OK;
}
