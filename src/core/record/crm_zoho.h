/*
 * The zoho dialect: POST v8/Leads, PUT and DELETE v8/Leads/1, records in
 * {"data":[...]}, answers and refusals as the vendor writes them.
 */

#ifndef CRM_ZOHO_H
#define CRM_ZOHO_H

#include "record/crm_dialect_kind.h"


extern const crm_dialect_t  crm_zoho_dialect;

/* See crm_dialect.h. */

crm_status_t crm_zoho_route(crm_route_t *route, crm_str_t method,
    crm_str_t target, crm_str_t query, crm_refusal_t *refusal);
crm_status_t crm_zoho_decode(crm_request_t *request,
    const crm_route_t *route, crm_str_t body,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal);
crm_status_t crm_zoho_read(crm_record_t *record, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_zoho_outcome(crm_outcome_t *outcome,
    const crm_route_t *route, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
unsigned crm_zoho_refuse(crm_buf_t *body, crm_str_t *content_type,
    const crm_refusal_t *refusal);
const char *crm_zoho_code(const crm_refusal_t *refusal);

#endif
