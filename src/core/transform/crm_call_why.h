/*
 * Calls that ask why a record is as it is: a row of crm_call.c. What they are
 * answered with is decide/crm_held.h, which the host has written: it knows
 * more of the record than a write needs.
 */

#ifndef CRM_CALL_WHY_H
#define CRM_CALL_WHY_H

#include "transform/crm_call.h"


/* The vendor has no such call: by crm_api alone. */
int crm_call_why_stands(const crm_module_t *module);
crm_status_t crm_call_why_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal);

/* Allows it; the answer is the host's. */
crm_status_t crm_call_why_judge(crm_called_t *called, crm_write_t *write);

#endif
