/*
 * Calls on the lock of a record: who locks and unlocks it by hand, what locks
 * it. A row of crm_call.c.
 */

#ifndef CRM_CALL_LOCK_H
#define CRM_CALL_LOCK_H

#include "transform/crm_call.h"


/* Characters that the reason of a lock may have: the vendor's limit. */
#define CRM_LOCK_REASON_MAX  3000

int crm_call_lock_stands(const crm_module_t *module);
crm_status_t crm_call_lock_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal);
crm_status_t crm_call_lock_judge(crm_called_t *called, crm_write_t *write);

#endif
