/*
 * What people are to an approval: who administers its process, who is to
 * decide at a level, whose the record is.
 */

#ifndef CRM_APPROVAL_RIGHT_H
#define CRM_APPROVAL_RIGHT_H

#include "decide/crm_approval_state.h"
#include "decide/crm_write.h"


/* The profile that decides and writes everywhere. */
#define CRM_APPROVAL_PROFILE  CRM_STR("Administrator")

/* The process of that name; NULL: module has none such any more. */
const crm_approval_t *crm_approval_right_find(const crm_module_t *module,
    crm_str_t name);

/* Whether write's actor is an administrator of approval (may be NULL): by the
 * profile, or as the process names them. */
int crm_approval_right_administers(const crm_write_t *write,
    const crm_approval_t *approval);

/* Whether write's actor is one of those who decide at that level (1-based) of
 * a record that waits. */
int crm_approval_right_decides(const crm_write_t *write,
    const crm_approval_state_t *state, unsigned level);

/* Whether an active user has still to agree at the level that state is at: who
 * has left is not waited for. */
int crm_approval_right_awaits(const crm_write_t *write,
    const crm_approval_state_t *state);

/* Whether write's actor has agreed there, and others have still to. */
int crm_approval_right_agreed(const crm_write_t *write,
    const crm_approval_state_t *state);

/* Whether write's actor submitted the record, or owns it; without a stored
 * record: owned it then. */
int crm_approval_right_owns(const crm_write_t *write,
    const crm_approval_state_t *state);

/* The id of record's owner, as write's dialect names it; empty if it shows
 * none. */
crm_str_t crm_approval_right_owner(const crm_write_t *write,
    const crm_record_t *record);

#endif
