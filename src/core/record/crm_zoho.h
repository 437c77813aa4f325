/*
 * The mechanism zoho: POST v8/Leads, PUT and DELETE v8/Leads/1, records in
 * {"data":[...]}, answers and refusals as the vendor writes them. Its routes,
 * names and codes are those of the file that chooses it.
 */

#ifndef CRM_ZOHO_H
#define CRM_ZOHO_H

#include "record/crm_file.h"


/* See crm_dialect.h. */

crm_status_t crm_zoho_route(const crm_dialect_file_t *file,
    crm_route_t *route, crm_str_t method, crm_str_t target, crm_str_t query,
    crm_refusal_t *refusal);
crm_status_t crm_zoho_decode(const crm_dialect_file_t *file,
    crm_request_t *request, const crm_route_t *route, crm_str_t body,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal);
/* As crm_zoho_decode(), of a route whose operation is ACTION. */
crm_status_t crm_zoho_action(crm_request_t *request,
    const crm_route_t *route, crm_str_t body,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal);
/*
 * The keys of a decoded request's items: fields is what the client sent as
 * "duplicate_check_fields", or NONE. CRM_EINVAL with *refusal; CRM_ENOMEM.
 */
crm_status_t crm_zoho_keys(const crm_dialect_file_t *file,
    crm_request_t *request, const crm_route_t *route, crm_span_t fields,
    crm_pool_t *pool, crm_refusal_t *refusal);
/* Whether a look-up by value can say it, and says it for sure; whether a field
 * may be called so. */
int crm_zoho_keys_expressible(crm_span_t span, crm_str_t text);
int crm_zoho_keys_is_name(crm_str_t name);
/*
 * A member of the body beside "data" and "trigger". CRM_EINVAL: it is of the
 * wrong type, *reason says what it must be, at what begins; CRM_DECLINED: none
 * of those that are read.
 */
crm_status_t crm_zoho_option(crm_request_t *request, crm_span_t name,
    crm_span_t value, const char **reason);
/* The same, where the targets are INNER. */
crm_status_t crm_zoho_composite(const crm_dialect_file_t *file,
    crm_request_t *request, const crm_route_t *route, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool,
    crm_refusal_t *refusal);
crm_status_t crm_zoho_read(crm_record_t *record, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_zoho_outcome(crm_outcome_t *outcomes,
    const crm_route_t *route, const crm_request_t *request, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_zoho_get(crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool);
crm_status_t crm_zoho_shown(crm_record_t *record,
    const crm_outcome_t *outcome, crm_pool_t *pool);
crm_status_t crm_zoho_read_many(crm_record_t *records,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_zoho_merge(const crm_dialect_file_t *file,
    crm_str_t *merged, crm_str_t *content_type, unsigned *status,
    const crm_request_t *request, crm_str_t answer,
    const crm_outcome_t *told,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_zoho_seek(crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool);
crm_status_t crm_zoho_list(crm_list_t *list, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
unsigned crm_zoho_refuse(const crm_dialect_file_t *file, crm_buf_t *body,
    crm_str_t *content_type, const crm_refusal_t *refusal);
crm_status_t crm_zoho_said(crm_dialect_said_t *said, crm_str_t body,
    crm_pool_t *pool);

/* A refused item as it stands in "data". */
void crm_zoho_refuse_item(const crm_dialect_file_t *file, crm_buf_t *buf,
    const crm_refusal_t *refusal);

/* Whether it is counted beside "data", in "locked_count": tags alone are. */
int crm_zoho_refuse_counted(const crm_refusal_t *refusal);

#endif
