/*
 * The guards in their fixed order: a row each.
 */

#include "decide/crm_decide.h"

#include "decide/crm_lock.h"


typedef crm_status_t (*guard_pt)(crm_verdict_t *verdict, crm_write_t *write);

static const guard_pt  guards[] = { crm_lock_check };

static const char *const  names[] = { "lock", NULL };


crm_status_t
crm_decide(crm_verdict_t *verdict, crm_write_t *write)
{
    size_t        i;
    crm_status_t  rc;

    memset(verdict, 0, sizeof(crm_verdict_t));

    for (i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
        rc = guards[i](verdict, write);

        if (rc != CRM_OK || verdict->kind != CRM_REFUSE_NONE) {
            return rc;
        }
    }

    return CRM_OK;
}


const char *const *
crm_decide_gates(void)
{
    return names;
}
