/*
 * Calls on the approval of a record: who decides what, and what has been
 * decided. A row of crm_call.c.
 */

#ifndef CRM_CALL_APPROVAL_H
#define CRM_CALL_APPROVAL_H

#include "transform/crm_call.h"


/* Characters that comments may have. */
#define CRM_APPROVAL_COMMENTS_MAX  3000

int crm_call_approval_stands(const crm_module_t *module);
crm_status_t crm_call_approval_decode(crm_call_t *call,
    const crm_call_ask_t *ask, crm_pool_t *pool, crm_refusal_t *refusal);
crm_status_t crm_call_approval_judge(crm_called_t *called,
    crm_write_t *write);

#endif
