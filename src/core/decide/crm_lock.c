/*
 * Record locks.
 */

#include "decide/crm_lock.h"

#include "decide/crm_manual.h"


static crm_str_t lock_reason(const crm_write_t *write,
    const crm_lock_rule_t *rule, const crm_field_t *field);
static crm_status_t lock_by_hand(crm_verdict_t *verdict,
    const crm_write_t *write, const crm_field_t *field);
static int lock_listed(crm_str_t name, const crm_str_t *list, size_t count);
static const crm_field_t *lock_changed_field(const crm_write_t *write,
    const crm_locking_t *locking);


crm_status_t
crm_lock_check(crm_verdict_t *verdict, crm_write_t *write)
{
    crm_status_t            rc;
    const crm_field_t      *field;
    const crm_lock_rule_t  *rule;

    if (crm_lock_exempt(write)) {
        return CRM_OK;
    }

    field = write->operation == CRM_OP_UPDATE
            ? lock_changed_field(write, write->module->locking) : NULL;

    if (write->state && write->state->manual.len) {
        return lock_by_hand(verdict, write, field);
    }

    rc = crm_lock_automatic(write, &rule);
    if (rc != CRM_OK || rule == NULL) {
        return rc;
    }

    verdict->kind = CRM_REFUSE_LOCKED;
    verdict->gate = "lock";
    verdict->rule = rule->name;
    verdict->field = field ? field->name : CRM_STR_NULL;
    verdict->reason = lock_reason(write, rule, field);

    return verdict->reason.data ? CRM_OK : CRM_ENOMEM;
}


/* Laid by somebody, and nobody has taken it away. */
static crm_status_t
lock_by_hand(crm_verdict_t *verdict, const crm_write_t *write,
    const crm_field_t *field)
{
    crm_str_t     who;
    crm_manual_t  manual;

    if (crm_manual_parse(&manual, write->state->manual, write->pool)
        != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    who = manual.name.len ? manual.name : manual.by;

    verdict->kind = CRM_REFUSE_LOCKED;
    verdict->gate = "lock";
    verdict->field = field ? field->name : CRM_STR_NULL;
    verdict->reason = crm_pool_printf(write->pool,
                          "the record is locked by hand, by %.*s: %.*s",
                          (int) who.len, who.data, (int) manual.reason.len,
                          manual.reason.data);

    return verdict->reason.data ? CRM_OK : CRM_ENOMEM;
}


static crm_str_t
lock_reason(const crm_write_t *write, const crm_lock_rule_t *rule,
    const crm_field_t *field)
{
    crm_str_t  parts[5];

    parts[0] = CRM_STR("the record is locked by the rule \"");
    parts[1] = rule->name;
    parts[2] = CRM_STR("\", which forbids ");

    if (field) {
        parts[3] = CRM_STR("to change ");
        parts[4] = field->name;

    } else if (write->operation == CRM_OP_ACTION) {
        parts[3] = CRM_STR("the action ");
        parts[4] = write->action;

    } else {
        parts[3] = CRM_STR("to delete it");
        parts[4] = CRM_STR("");
    }

    return crm_pool_concat(write->pool, parts, 5);
}


const char *
crm_lock_exempt(const crm_write_t *write)
{
    const crm_locking_t  *locking;

    locking = write->module->locking;

    if (locking == NULL) {
        return "the module has no locks";
    }

    if (write->before == NULL || write->operation == CRM_OP_CREATE) {
        return "a record that is created is not locked yet";
    }

    if (write->chain && write->chain->ignore_lock) {
        return "the rule that writes says ignore_lock";
    }

    if (crm_lock_excludes(locking, &write->actor)) {
        return "the user's profile is excluded from locks";
    }

    if (write->operation == CRM_OP_DELETE
        && !(locking->restricted & CRM_RESTRICT_DELETE))
    {
        return "locks do not restrict deleting";
    }

    if (write->operation == CRM_OP_ACTION
        && !(locking->restricted & write->does))
    {
        return "locks do not restrict this action";
    }

    if (write->operation == CRM_OP_UPDATE
        && lock_changed_field(write, locking) == NULL)
    {
        return "no field changes that a lock protects";
    }

    return NULL;
}


crm_status_t
crm_lock_marks(const crm_module_t *module, crm_eval_t *final,
    crm_str_t **names, size_t *count, crm_pool_t *pool)
{
    size_t                  i;
    const crm_lock_rule_t  *rule;

    *names = NULL;
    *count = 0;

    if (module->locking == NULL || module->locking->rules_count == 0) {
        return CRM_OK;
    }

    *names = crm_pool_calloc(pool, module->locking->rules_count,
                             sizeof(crm_str_t));
    if (*names == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < module->locking->rules_count; i++) {
        rule = &module->locking->rules[i];

        if (crm_eval_criteria(final, &rule->criteria) != CRM_FALSE) {
            (*names)[(*count)++] = rule->name;
        }
    }

    return final->status;
}


int
crm_lock_excludes(const crm_locking_t *locking, const crm_actor_t *actor)
{
    return actor->profile.len
           && lock_listed(actor->profile, locking->profiles,
                          locking->profiles_count);
}


crm_status_t
crm_lock_automatic(crm_write_t *write, const crm_lock_rule_t **rule)
{
    size_t                i;
    const crm_locking_t  *locking;

    locking = write->module->locking;
    *rule = NULL;

    for (i = 0; i < locking->rules_count; i++) {
        if (!locking->rules[i].existing
            && !(write->state
                 && crm_state_has_lock(write->state,
                                       locking->rules[i].name)))
        {
            continue;
        }

        if (crm_eval_criteria(&write->stored_eval,
                              &locking->rules[i].criteria) != CRM_FALSE)
        {
            *rule = &locking->rules[i];
            break;
        }
    }

    return write->stored_eval.status;
}


static int
lock_listed(crm_str_t name, const crm_str_t *list, size_t count)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        if (crm_str_eq(name, list[i])) {
            return 1;
        }
    }

    return 0;
}


/* The first field that changes and that the lock does not leave open. */
static const crm_field_t *
lock_changed_field(const crm_write_t *write, const crm_locking_t *locking)
{
    size_t              i;
    const crm_field_t  *field;

    for (i = 0; i < write->request->count; i++) {
        field = &write->request->fields[i];

        if (write->changed[i]
            && !lock_listed(field->name, locking->fields,
                            locking->fields_count))
        {
            return field;
        }
    }

    return NULL;
}
