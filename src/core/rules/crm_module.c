/*
 * A CRM module's rules as a whole: what they can touch, what they guard.
 */

#include "rules/crm_rule.h"


static int module_times(const crm_module_t *module);


int
crm_module_concerns(const crm_module_t *module, crm_operation_t operation)
{
    return crm_module_judges(module, operation,
                             CRM_APPLY_CRITERIA | CRM_APPLY_ASSIGNMENT);
}


int
crm_module_judges(const crm_module_t *module, crm_operation_t operation,
    unsigned apply)
{
    switch (operation) {

    case CRM_OP_CREATE:
        return module->create != NULL || module->locking != NULL
               || module->approvals.count != 0
               || module->blueprints.count != 0 || module_times(module)
               || module->scorings.count != 0
               || crm_module_assigns(module, apply)
               || crm_module_validates(module, apply);

    case CRM_OP_UPDATE:
        return module->update != NULL || module->locking != NULL
               || module->approvals.count != 0
               || module->blueprints.count != 0 || module_times(module)
               || module->scorings.count != 0
               || crm_module_validates(module, apply);

    case CRM_OP_DELETE:
        return module->remove != NULL || module->locking != NULL
               || module->approvals.count != 0
               || module->reads_once || module_times(module)
               || module->scorings.count != 0
               || module->blueprints.count != 0;

    default:
        return 0;
    }
}


/* Whether time brings something for records: a write moves that. */
static int
module_times(const crm_module_t *module)
{
    return module->dates != 0 || module->escalation != NULL;
}


int
crm_module_validates(const crm_module_t *module, unsigned apply)
{
    return apply & CRM_APPLY_CRITERIA ? module->validations.count != 0
                                      : module->validates_always;
}


int
crm_module_assigns(const crm_module_t *module, unsigned apply)
{
    return apply & CRM_APPLY_ASSIGNMENT ? module->assignments.count != 0
                                        : module->assigns_always;
}


const crm_module_t *
crm_module_none(crm_str_t name, crm_pool_t *pool)
{
    crm_module_t  *module;

    module = crm_pool_calloc(pool, 1, sizeof(crm_module_t));
    if (module == NULL) {
        return NULL;
    }

    module->name = name;
    crm_schema_init(&module->schema, pool);
    crm_predicates_init(&module->predicates, pool);

    return module;
}


crm_refusal_kind_t
crm_module_guards(const crm_module_t *module, unsigned does)
{
    if (module->locking && (module->locking->restricted & does)) {
        return CRM_REFUSE_LOCKED;
    }

    if (module->approvals.count) {
        return CRM_REFUSE_APPROVAL;
    }

    /* of what leaves the fields alone a blueprint knows nothing */

    return module->blueprints.count && (does & CRM_RESTRICT_UPDATE)
           ? CRM_REFUSE_BLUEPRINT : CRM_REFUSE_NONE;
}
