/*
 * Between crm_settle.c, crm_settle_create.c, crm_settle_many.c and
 * crm_settle_creates.c.
 */

#ifndef CRM_SETTLE_KIND_H
#define CRM_SETTLE_KIND_H

#include "base/crm_map.h"
#include "queue/crm_settle_many.h"


void crm_settle_set(crm_settlement_t *s, crm_settled_t how,
    const char *reason);

/* UNREADABLE, with the reason that the status suggests. */
void crm_settle_unread(crm_settlement_t *s,
    const crm_settle_answer_t *answer);

/* Whether the clocks that saw the write begin disagree. */
int crm_settle_skewed(const crm_intent_t *intent);

/* crm_settle() of a create. */
crm_status_t crm_settle_create(crm_settlement_t *s,
    const crm_intent_t *intent, const crm_settle_answer_t *answer,
    long long max_time_ms, const crm_scan_limits_t *limits,
    crm_pool_t *pool);

/* Whether the i-th was created in the module of the one that is asked for: one
 * answer tells of both. */
int crm_settle_creates_with(const crm_settle_many_t *many, size_t i);

/* All that any of these was to hold; the backend is asked for the first
 * CRM_DIALECT_EVENT_FIELDS. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_settle_many_fields(const crm_settle_many_t *many,
    crm_map_t *map);

/* crm_settle_many_answer() of these. */
crm_status_t crm_settle_creates(crm_settle_many_t *many,
    const crm_settle_answer_t *answer, long long max_time_ms,
    const crm_scan_limits_t *limits);

/* COMMITTED, with the id that record shows; UNREADABLE if it shows none that
 * can be one. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_settle_found(crm_settlement_t *s,
    const crm_intent_t *intent, const crm_record_t *record,
    const crm_settle_answer_t *answer, crm_pool_t *pool);

/* Whether a record has, or may have, been written since it was created. CRM_OK
 * or CRM_ENOMEM. */
crm_status_t crm_settle_changed(int *changed, const crm_intent_t *intent,
    const crm_record_t *record, long long created, crm_pool_t *pool);

/* UNDETERMINED: created records cannot be found again. */
void crm_settle_blind(crm_settlement_t *s);

/* Leaves of what a create wrote that for which the backend is asked. */
void crm_settle_asked(crm_record_t *written, const crm_intent_t *intent);

/* What the write of one record put into the field by which the dialect looks
 * records up; empty: nothing, or there is no such field. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_settle_unique(crm_str_t *value, const crm_intent_t *intent,
    const crm_record_t *written, crm_pool_t *pool);

#endif
