/*
 * Approvals: may this actor change a record that waits for one?
 */

#include "decide/crm_approval_gate.h"

#include "decide/crm_approval_right.h"
#include "decide/crm_unsettled.h"


static int gate_passes(crm_write_t *write, const crm_approval_state_t *state,
    const crm_approval_t *approval);
static int gate_decides(const crm_write_t *write,
    const crm_approval_state_t *state);
static int gate_own(const crm_write_t *write,
    const crm_approval_state_t *state);
static const crm_field_t *gate_field(const crm_write_t *write,
    const crm_approval_t *approval);
static crm_status_t gate_refuse(crm_verdict_t *verdict, crm_write_t *write,
    const crm_approval_state_t *state, const crm_field_t *field);


crm_status_t
crm_approval_gate_check(crm_verdict_t *verdict, crm_write_t *write)
{
    crm_status_t           rc;
    const crm_field_t     *field;
    crm_approval_state_t   state;
    const crm_approval_t  *approval;

    if (write->module->approvals.count) {
        rc = crm_unsettled_check(verdict, write);
        if (rc != CRM_OK || verdict->kind != CRM_REFUSE_NONE) {
            return rc;
        }
    }

    if (crm_approval_gate_exempt(write)) {
        return CRM_OK;
    }

    rc = crm_approval_state_parse(&state, write->state->approval,
                                  write->pool);

    if (rc == CRM_EINVAL) {
        verdict->kind = CRM_REFUSE_UNAVAILABLE;
        verdict->gate = "approval";
        verdict->reason = CRM_STR("what is kept of the record's approval"
                                  " cannot be read");
        return CRM_OK;
    }

    if (rc != CRM_OK || state.status == CRM_APPROVAL_APPROVED) {
        return rc;
    }

    approval = crm_approval_right_find(write->module, state.process);

    if (gate_passes(write, &state, approval)) {
        return CRM_OK;
    }

    field = write->operation == CRM_OP_UPDATE ? gate_field(write, approval)
                                              : NULL;

    if (write->operation == CRM_OP_UPDATE && field == NULL) {
        return CRM_OK;
    }

    return gate_refuse(verdict, write, &state, field);
}


const char *
crm_approval_gate_exempt(const crm_write_t *write)
{
    if (write->module->approvals.count == 0) {
        return "the module has no approvals";
    }

    if (write->before == NULL || write->operation == CRM_OP_CREATE) {
        return "a record that is created does not wait yet";
    }

    if (write->chain && write->chain->ignore_lock) {
        return "the rule that writes says ignore_lock";
    }

    if (write->state == NULL || write->state->approval.len == 0) {
        return "the record is in no approval";
    }

    return NULL;
}


static int
gate_passes(crm_write_t *write, const crm_approval_state_t *state,
    const crm_approval_t *approval)
{
    return write->chain ? gate_own(write, state)
                        : crm_approval_right_administers(write, approval)
                          || gate_decides(write, state);
}


/* At any level: who will have to agree may mend it, too. */
static int
gate_decides(const crm_write_t *write, const crm_approval_state_t *state)
{
    size_t  i;

    if (crm_who_active(write->rules, write->actor.id) == NULL) {
        return 0;
    }

    for (i = 0; i < state->levels_count; i++) {
        if (crm_approval_state_lists(&state->levels[i], write->actor.id)) {
            return 1;
        }
    }

    return 0;
}


/* What the process itself does; its name in a chain: crm_effects_origin(). */
static int
gate_own(const crm_write_t *write, const crm_approval_state_t *state)
{
    size_t     n;
    crm_str_t  last;

    static const char  origin[] = "approval:";

    if (write->chain->fired_count == 0) {
        return 0;
    }

    last = write->chain->fired[write->chain->fired_count - 1];
    n = sizeof(origin) - 1;

    return last.len > n && memcmp(last.data, origin, n) == 0
           && crm_str_eq(crm_str(last.data + n, last.len - n),
                         state->process);
}


/* The first field that changes and that the process does not leave open. */
static const crm_field_t *
gate_field(const crm_write_t *write, const crm_approval_t *approval)
{
    size_t              i, k;
    const crm_field_t  *field;

    for (i = 0; i < write->request->count; i++) {
        field = &write->request->fields[i];

        if (!write->changed[i]) {
            continue;
        }

        for (k = 0; approval && k < approval->fields_count; k++) {
            if (crm_str_eq(approval->fields[k], field->name)) {
                break;
            }
        }

        if (approval == NULL || k == approval->fields_count) {
            return field;
        }
    }

    return NULL;
}


static crm_status_t
gate_refuse(crm_verdict_t *verdict, crm_write_t *write,
    const crm_approval_state_t *state, const crm_field_t *field)
{
    verdict->kind = CRM_REFUSE_APPROVAL;
    verdict->gate = "approval";
    verdict->rule = state->process;
    verdict->field = field ? field->name : CRM_STR_NULL;

    verdict->reason = crm_pool_printf(write->pool,
        state->status == CRM_APPROVAL_WAITING
        ? "the record waits for the approval \"%.*s\", level %u of %u"
        : "the approval \"%.*s\" was refused; the record is to be submitted"
          " again, or recalled",
        (int) state->process.len, state->process.data, state->level,
        (unsigned) state->levels_count);

    return verdict->reason.data ? CRM_OK : CRM_ENOMEM;
}
