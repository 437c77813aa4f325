/*
 * Calls: what somebody asks of the lock, the approval, the blueprint or the
 * score of one record, or does to it. transform/crm_call.h judges them.
 */

#ifndef CRM_CALL_KIND_H
#define CRM_CALL_KIND_H

#include "decide/crm_write.h"


typedef enum {
    CRM_CALL_LOCK_READ = 0,
    CRM_CALL_LOCK,
    CRM_CALL_UNLOCK,
    CRM_CALL_BLUEPRINT_READ,
    CRM_CALL_TRANSITION,
    CRM_CALL_APPROVAL_READ,
    CRM_CALL_APPROVE,
    CRM_CALL_REJECT,
    CRM_CALL_DELEGATE,
    CRM_CALL_RESUBMIT,
    CRM_CALL_RECALL,
    CRM_CALL_APPROVALS,         /* of no record: those that wait */
    CRM_CALL_WHY,
    CRM_CALL_SCORE_READ,
    CRM_CALL_SCORE,             /* count it anew */
    CRM_CALL_SCORE_EVENT
} crm_call_kind_t;

/* Of APPROVALS: for whom records wait. */
typedef enum {
    CRM_CALL_ANYBODYS = 0,
    CRM_CALL_MINE,
    CRM_CALL_OTHERS
} crm_call_whose_t;

/* What is asked. Strings and spans lie in the target, or in the body. */
struct crm_call_s {
    crm_call_kind_t  kind;
    int              vendor;        /* 1: by the vendor's path, answered in
                                       the vendor's shape; 0: by crm_api */
    crm_str_t        module;
    crm_str_t        record_id;
    crm_str_t        lock_id;       /* of a lock by name; may be empty */
    crm_str_t        reason;        /* of LOCK */
    crm_str_t        transition;    /* its id */
    crm_span_t       data;          /* of TRANSITION: an object, or NONE */
    crm_str_t        comments;      /* of a decision; may be empty */
    crm_str_t        user;          /* of DELEGATE: to whom */
    crm_call_whose_t whose;         /* of APPROVALS */
    crm_str_t        cursor;        /* of APPROVALS; empty: from the first */
    crm_str_t        event;         /* of SCORE_EVENT: what has happened; else
                                       empty */
    crm_str_t        event_id;      /* which one; or empty */
};

#endif
