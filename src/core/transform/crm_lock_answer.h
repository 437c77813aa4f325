/*
 * Answers to calls on the lock of a record: what holds it, the lock that was
 * laid or changed, that it is gone; as the vendor's list shows a lock or as
 * crm_api does. What is refused is crm_call_lock.c's.
 */

#ifndef CRM_LOCK_ANSWER_H
#define CRM_LOCK_ANSWER_H

#include "decide/crm_manual.h"
#include "transform/crm_call.h"


/* What stands for the entry of a lock that nobody laid. */
#define CRM_LOCK_AUTOMATIC_ID  "automatic"


/* What holds a record. */
typedef struct {
    const crm_locking_t    *locking;
    int                     by_hand;
    crm_manual_t            manual;
    const crm_lock_rule_t  *rule;           /* or NULL */
} crm_lock_hold_t;


/* All: CRM_OK, or CRM_ENOMEM. Nothing holds it, for crm_api; and an answer
 * without a body. */
crm_status_t crm_lock_answer_none(crm_called_t *called);
crm_status_t crm_lock_answer_empty(crm_called_t *called);

/* What holds it: something does. */
crm_status_t crm_lock_answer_hold(crm_called_t *called,
    const crm_write_t *write, const crm_lock_hold_t *held);

/* A lock that was laid by hand, or changed (put), and one that is gone. */
crm_status_t crm_lock_answer_laid(crm_called_t *called,
    const crm_write_t *write, const crm_manual_t *manual, int put);
crm_status_t crm_lock_answer_gone(crm_called_t *called,
    const crm_write_t *write, const crm_manual_t *manual);

#endif
