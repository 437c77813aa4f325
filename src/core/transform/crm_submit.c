/*
 * Approval entry.
 */

#include "transform/crm_submit.h"

#include "decide/crm_approval_enter.h"


static int submit_may(const crm_write_t *write, const crm_changes_t *changes);
static crm_status_t submit_final(crm_record_t *final, crm_write_t *write,
    const crm_changes_t *changes);
static crm_status_t submit_set(crm_record_t *set, crm_write_t *write,
    const crm_changes_t *changes);


crm_status_t
crm_submit(crm_effects_t *effects, crm_write_t *write,
    const crm_changes_t *changes)
{
    crm_eval_t            eval;
    crm_image_t           image;
    crm_record_t          final;
    crm_status_t          rc;
    crm_value_type_t      absent;
    crm_approval_move_t   move;
    crm_approval_state_t  state;

    if (!submit_may(write, changes)) {
        return CRM_OK;
    }

    if (write->state && write->state->approval.len) {
        rc = crm_approval_state_parse(&state, write->state->approval,
                                      write->pool);

        if (rc != CRM_OK || state.status != CRM_APPROVAL_APPROVED) {
            return rc == CRM_ENOMEM ? rc : CRM_OK;  /* it is in one */
        }
    }

    absent = write->before && !write->absent_is_null ? CRM_VALUE_UNKNOWN
                                                     : CRM_VALUE_EMPTY;

    rc = submit_final(&final, write, changes);
    if (rc == CRM_OK) {
        rc = crm_image_build(&image, &write->module->schema, &final, NULL,
                             absent, write->pool);
    }
    if (rc == CRM_OK) {
        rc = crm_eval_init(&eval, &image, &write->module->predicates,
                           &write->scope, write->pool);
    }
    if (rc == CRM_OK) {
        rc = crm_approval_enter(&move, write, &eval, &final);
    }

    return rc == CRM_OK ? crm_submit_keep(effects, write, &move)
           : rc == CRM_DECLINED ? CRM_OK : rc;
}


/* Is it a write after which somebody looks? An edit that changes nothing is
 * none, and what rules write starts others only if they say so. */
static int
submit_may(const crm_write_t *write, const crm_changes_t *changes)
{
    if (write->module->approvals.count == 0
        || !(write->run & CRM_RUN_APPROVAL)
        || (write->chain && !write->chain->cascade))
    {
        return 0;
    }

    return write->operation == CRM_OP_CREATE
           || (write->operation == CRM_OP_UPDATE
               && (write->changed_count || changes->real));
}


/* As the backend will have it. */
static crm_status_t
submit_final(crm_record_t *final, crm_write_t *write,
    const crm_changes_t *changes)
{
    crm_record_t   set, merged;
    crm_status_t   rc;

    rc = submit_set(&set, write, changes);
    if (rc == CRM_OK) {
        rc = crm_image_merge(&merged, write->before, write->request,
                             write->pool);
    }

    return rc == CRM_OK ? crm_image_merge(final, &merged, &set, write->pool)
                        : rc;
}


static crm_status_t
submit_set(crm_record_t *set, crm_write_t *write,
    const crm_changes_t *changes)
{
    size_t         i;
    crm_value_t    value;
    crm_field_t   *field;
    crm_status_t   rc;

    memset(set, 0, sizeof(crm_record_t));
    set->fields = crm_pool_calloc(write->pool, changes->count + 1,
                                  sizeof(crm_field_t));
    if (set->fields == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < changes->count; i++) {
        if (changes->items[i].same) {
            continue;
        }

        rc = crm_value_parse(&value, changes->items[i].json, write->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        field = &set->fields[set->count++];
        field->name = changes->items[i].field;
        field->hash = crm_str_hash(field->name);
        field->value = value.span;
    }

    return CRM_OK;
}


crm_status_t
crm_submit_keep(crm_effects_t *effects, const crm_write_t *write,
    const crm_approval_move_t *move)
{
    size_t        i;
    crm_buf_t     buf;
    crm_status_t  rc;

    if (move->state.status == CRM_APPROVAL_NONE) {
        rc = crm_effects_unset(effects, CRM_STATE_APPROVAL, write->pool);

    } else {
        crm_buf_init(&buf, write->pool, 0);
        crm_approval_state_encode(&buf, &move->state);

        rc = crm_buf_status(&buf);
        if (rc == CRM_OK) {
            rc = crm_effects_set(effects, CRM_STATE_APPROVAL,
                                 crm_buf_view(&buf), write->pool);
        }
    }

    if (rc == CRM_OK) {
        rc = crm_effects_rank(effects, CRM_APPROVAL_SET,
                              move->state.status == CRM_APPROVAL_WAITING
                              ? move->state.at_ms : -1, write->pool);
    }

    for (i = 0; rc == CRM_OK && i < move->steps_count; i++) {
        rc = crm_effects_start(effects, write->module, &move->steps[i],
                               write->pool);
    }

    return rc;
}


crm_status_t
crm_submit_leave(crm_effects_t *effects, crm_write_t *write)
{
    return write->state && write->state->approval.len
           ? crm_effects_rank(effects, CRM_APPROVAL_SET, -1, write->pool)
           : CRM_OK;
}
