/*
 * Who a record that is created was assigned to, as its intent says it:
 *
 *     "assignment": {"rule": id, "entry": 1.. or 0, "owner": id or "",
 *                    "reason": why it is not the one it was meant for, or ""}
 */

#ifndef CRM_INTENT_ASSIGNED_H
#define CRM_INTENT_ASSIGNED_H

#include "transform/crm_assign.h"


/* ,"assignment":{...} */
void crm_intent_assigned_encode(const crm_assigned_t *assigned,
    crm_buf_t *buf);

/* Reads it back, of rules of module. CRM_EINVAL with *err; CRM_ENOMEM. */
crm_status_t crm_intent_assigned_parse(crm_assigned_t *assigned,
    crm_span_t value, const crm_module_t *module, crm_pool_t *pool,
    crm_error_t *err);

#endif
