/*
 * The guards in their fixed order: a row each.
 */

#include "decide/crm_decide.h"

#include "decide/crm_approval_gate.h"
#include "decide/crm_lock.h"
#include "decide/crm_course_gate.h"
#include "decide/crm_validate.h"


typedef struct {
    const char     *name;
    crm_status_t  (*check)(crm_verdict_t *verdict, crm_write_t *write);
    int           (*stands)(const crm_module_t *module);
} guard_t;


static int guard_always(const crm_module_t *module);
static int guard_approvals(const crm_module_t *module);
static int guard_blueprints(const crm_module_t *module);
static int guard_validations(const crm_module_t *module);


static const guard_t  guards[] = {
    { "lock", crm_lock_check, guard_always },
    { "approval", crm_approval_gate_check, guard_approvals },
    { "blueprint", crm_course_gate_check, guard_blueprints },
    { "validation", crm_validate_check, guard_validations }
};

#define GUARDS  (sizeof(guards) / sizeof(guards[0]))


crm_status_t
crm_decide(crm_verdict_t *verdict, crm_write_t *write)
{
    size_t        i;
    crm_status_t  rc;

    memset(verdict, 0, sizeof(crm_verdict_t));

    for (i = 0; i < GUARDS; i++) {
        rc = guards[i].check(verdict, write);

        if (rc != CRM_OK || verdict->kind != CRM_REFUSE_NONE) {
            return rc;
        }
    }

    return CRM_OK;
}


const char *
crm_decide_gate(const crm_module_t *module, size_t *at)
{
    const guard_t  *guard;

    while (*at < GUARDS) {
        guard = &guards[(*at)++];

        if (guard->stands(module)) {
            return guard->name;
        }
    }

    return NULL;
}


/* Everybody asks of locks first, of a module without them too. */
static int
guard_always(const crm_module_t *module)
{
    (void) module;

    return 1;
}


static int
guard_approvals(const crm_module_t *module)
{
    return module->approvals.count != 0;
}


static int
guard_blueprints(const crm_module_t *module)
{
    return module->blueprints.count != 0;
}


static int
guard_validations(const crm_module_t *module)
{
    return module->validations.count != 0;
}
