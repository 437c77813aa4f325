/*
 * Evidence: what a write meant to leave behind, and whether a record shows
 * it. For settlements.
 */

#ifndef CRM_EVIDENCE_H
#define CRM_EVIDENCE_H

#include "queue/crm_intent.h"


/* Written fields, counted by what a record shows of them. */
typedef struct {
    size_t  same;
    size_t  telling;        /* of these: not empty */
    size_t  other;
    size_t  absent;         /* of these: the record lacks the field */
} crm_evidence_t;


/*
 * The fields that the write of intent writes, with their values: the request,
 * what rules set laid over it, without the id. None on delete. CRM_OK or
 * CRM_ENOMEM.
 */
crm_status_t crm_evidence_written(crm_record_t *written,
    const crm_intent_t *intent, crm_pool_t *pool);

/*
 * Compares written with what record shows. A field that it lacks shows
 * nothing, which is the same as an empty value. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_evidence_take(crm_evidence_t *evidence,
    const crm_record_t *written, const crm_record_t *record,
    crm_pool_t *pool);

/*
 * Whether shown is what somebody who wrote written would see: the same value
 * as "did this field change" understands it (crm_value_same()), the same
 * instant in another zone, or an object or list of objects to whose members
 * the backend has added some of its own. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_evidence_same(crm_span_t written, crm_span_t shown,
    crm_pool_t *pool, int *same);

/* The instant that a field of record shows. CRM_OK, CRM_DECLINED when it
 * shows none, CRM_ENOMEM. record may be NULL. */
crm_status_t crm_evidence_instant(const crm_record_t *record, crm_str_t field,
    crm_pool_t *pool, long long *ms);

#endif
