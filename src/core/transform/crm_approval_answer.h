/*
 * Where a record stands in an approval, as clients are told: all of it, or as
 * an item of a list. Of write its module, record_id, rules, actor and zone are
 * looked at.
 */

#ifndef CRM_APPROVAL_ANSWER_H
#define CRM_APPROVAL_ANSWER_H

#include "decide/crm_approval_state.h"
#include "decide/crm_write.h"


/* As crm_api tells it of one record. */
void crm_approval_answer_whole(crm_buf_t *buf, const crm_write_t *write,
    const crm_approval_state_t *state);

/* As an item of crm_api's list, of a record that waits. */
void crm_approval_answer_line(crm_buf_t *buf, const crm_write_t *write,
    const crm_approval_state_t *state);

/* The same of the vendor's list. */
void crm_approval_answer_vendor(crm_buf_t *buf, const crm_write_t *write,
    const crm_approval_state_t *state);

#endif
