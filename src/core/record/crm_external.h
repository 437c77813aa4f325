/*
 * Writes that name their records by the value of a field instead of by ids:
 *
 *     PUT v8/Leads/EXT9, DELETE v8/Leads?ids=EXT9,EXT10,
 *     PUT v8/Leads {"data":[{"Ext":"EXT9", ...}]}      X-EXTERNAL: Leads.Ext
 *
 * The records that have these values are looked up, as those of an upsert are
 * (crm_resolve.h), and the write becomes one that names them by their ids,
 * which is judged and forwarded as if the client had sent it:
 *
 *     crm_external_read(&named, ...);
 *     crm_resolve_next(), crm_resolve_answer()     until all is known
 *     crm_external_end(&named, ...);
 *     crm_external_reword(&text, &named, ...)
 *
 * What comes to have such a value meanwhile is not written.
 */

#ifndef CRM_EXTERNAL_H
#define CRM_EXTERNAL_H

#include "record/crm_resolve.h"


/* Whether the dialect reads records by fields; else nobody does, and the host
 * refuses the header that says which. */
int crm_external_known(const crm_dialect_t *dialect);

/*
 * The items of a write, each with a key to look it up by and the place that
 * names it: in the target, or in the body. field as the header says it.
 * CRM_EINVAL with *refusal; CRM_ENOMEM.
 */
crm_status_t crm_external_read(const crm_dialect_t *dialect,
    crm_request_t *named, const crm_route_t *route, crm_str_t field,
    crm_str_t body, const crm_scan_limits_t *limits, size_t max_records,
    crm_pool_t *pool, crm_refusal_t *refusal);

/* The route by which crm_resolve_next() asks for them. */
void crm_external_route(crm_route_t *ask, const crm_route_t *route);

/*
 * All is known: every item has its id, and what stands in its place.
 * CRM_EINVAL with *refusal: a value is no record's, or several have it;
 * CRM_ENOMEM.
 */
crm_status_t crm_external_end(crm_request_t *named, const crm_route_t *route,
    crm_pool_t *pool, crm_refusal_t *refusal);

/* text, in which the places of named lie, with ids in them; data is NULL
 * without memory. */
crm_str_t crm_external_reword(crm_str_t text, const crm_request_t *named,
    crm_pool_t *pool);

#endif
