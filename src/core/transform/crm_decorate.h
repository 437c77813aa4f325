/*
 * A record that somebody reads, with what holds it laid in: whether it is
 * locked, and for him; where it stands in its approval and its blueprint;
 * whether he may edit it.
 */

#ifndef CRM_DECORATE_H
#define CRM_DECORATE_H

#include "decide/crm_write.h"


/* Whether anything is to be said of records of module; it may be NULL. */
int crm_decorate_concerns(const crm_module_t *module);

/*
 * *text is body, the answer that write's before-image lies in, with
 *     Locked__s, $locked_for_me           where the module has a record_locking
 *     $approval_state                     an approval_process
 *     $process_flow, $state               a blueprint
 *     $editable
 * in the record, in place of what stands there of these names. write is an
 * update of nothing, initialised; its state may be of a record that Redis knows
 * nothing of. CRM_OK; CRM_ENOMEM.
 */
crm_status_t crm_decorate(crm_str_t *text, crm_str_t body,
    crm_write_t *write);

#endif
