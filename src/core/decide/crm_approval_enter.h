/*
 * How a record enters an approval process: by a write, or again, where it was
 * rejected. Who decides is settled then, level by level.
 */

#ifndef CRM_APPROVAL_ENTER_H
#define CRM_APPROVAL_ENTER_H

#include "decide/crm_approval_move.h"


/*
 * Enters the first process, in their order, that looks at writes of write's
 * operation and has a rule that eval's record matches. record is that record,
 * for its owner. CRM_DECLINED: there is none; CRM_OK; CRM_ENOMEM.
 */
crm_status_t crm_approval_enter(crm_approval_move_t *move,
    const crm_write_t *write, crm_eval_t *eval, const crm_record_t *record);

/*
 * Of the stored record of write, whose state stands in move: the process that
 * refused it is asked first, then the others in their order; what none of them
 * wants is free. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_approval_enter_again(crm_approval_move_t *move,
    crm_write_t *write, crm_str_t comments);

#endif
