/*
 * zoho: requests inside a request, and their answers inside an answer. Private
 * to the dialect.
 */

#ifndef CRM_ZOHO_COMPOSITE_H
#define CRM_ZOHO_COMPOSITE_H

#include "record/crm_zoho_path.h"


/* One element of "__composite_requests": fills *inner. CRM_EINVAL with
 * *refusal (and where in the body: *at) for what could be another request than
 * we read; CRM_ENOMEM. */
crm_status_t crm_zoho_inner(const crm_dialect_file_t *file,
    crm_inner_t *inner, crm_span_t span, crm_pool_t *pool,
    crm_refusal_t *refusal, const char **at);

/* As crm_zoho_outcome() and crm_zoho_merge(), of a request that has inners. */
crm_status_t crm_zoho_composite_outcome(crm_outcome_t *outcomes,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_zoho_composite_merge(const crm_dialect_file_t *file,
    crm_str_t *merged, unsigned *status, const crm_request_t *request,
    crm_str_t answer, const crm_scan_limits_t *limits, crm_pool_t *pool);

#endif
