/*
 * Calls that ask why a record is as it is.
 */

#include "transform/crm_call_why.h"


int
crm_call_why_stands(const crm_module_t *module)
{
    (void) module;

    return 0;
}


crm_status_t
crm_call_why_decode(crm_call_t *call, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    (void) pool;
    (void) refusal;

    call->kind = CRM_CALL_WHY;

    return crm_str_is(ask->method, "GET") ? CRM_OK : CRM_DECLINED;
}


crm_status_t
crm_call_why_judge(crm_called_t *called, crm_write_t *write)
{
    (void) write;

    called->status = 200;

    return CRM_OK;
}
