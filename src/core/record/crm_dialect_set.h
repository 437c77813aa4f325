/*
 * Writes that name their records by something else than ids: a filter, a view.
 *
 * They are looked up, and the write becomes one that names them by their ids,
 * which is judged and forwarded as if the client had sent it. What comes to
 * fit the filter meanwhile is not written.
 */

#ifndef CRM_DIALECT_SET_H
#define CRM_DIALECT_SET_H

#include "record/crm_dialect.h"


/* What reads the records of a request that has a set. CRM_ENOMEM. */
crm_status_t crm_dialect_set_ask(const crm_dialect_t *dialect,
    crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool);

/* The write by ids. Without data: that stays as it is. */
typedef struct {
    crm_str_t  query;
    crm_str_t  body;
} crm_dialect_set_t;

/*
 * The answer to it. CRM_DECLINED: no record is meant. CRM_EINVAL with
 * *refusal: it cannot be read (UNAVAILABLE), there are too many (RECORDS), or
 * one has an id that is none (UNAVAILABLE); CRM_ENOMEM.
 */
crm_status_t crm_dialect_set_answer(const crm_dialect_t *dialect,
    crm_dialect_set_t *set, const crm_route_t *route,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal);

#endif
