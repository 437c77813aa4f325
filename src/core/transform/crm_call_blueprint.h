/*
 * Calls on the blueprint of a record: where it stands and which transitions
 * there are; a transition that somebody runs. A row of crm_call.c.
 *
 * A transition for which something is still missing is saved partially: what
 * was given is kept beside the record's state, the record stays as it is.
 */

#ifndef CRM_CALL_BLUEPRINT_H
#define CRM_CALL_BLUEPRINT_H

#include "decide/crm_course.h"
#include "transform/crm_call.h"


int crm_call_blueprint_stands(const crm_module_t *module);
crm_status_t crm_call_blueprint_decode(crm_call_t *call,
    const crm_call_ask_t *ask, crm_pool_t *pool, crm_refusal_t *refusal);
crm_status_t crm_call_blueprint_judge(crm_called_t *called,
    crm_write_t *write);

/* The answer to one that reads, in the vendor's shape or in ours. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_call_course_read(crm_called_t *called, crm_write_t *write,
    const crm_course_t *course);

/* How much of what a transition needs is there, as percent: "66.6". */
void crm_call_course_percent(crm_buf_t *buf, size_t given, size_t needed);

#endif
