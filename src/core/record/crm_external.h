/*
 * Writes that name records by the value of a field instead of by ids:
 *
 *     PUT v8/Leads/EXT9, DELETE v8/Leads?ids=EXT9,EXT10,
 *     PUT v8/Leads {"data":[{"Ext":"EXT9", ...}]}      X-EXTERNAL: Leads.Ext
 *
 *     POST v8/Contacts {"data":[{"Account_Name":{"Ext":"A1"}, ...}]}
 *                                X-EXTERNAL: Contacts.Account_Name.Ext
 *
 * The records that have these values are looked up, as those of an upsert are
 * (crm_resolve.h), and the write becomes one that names them by their ids,
 * which is judged and forwarded as if the client had sent it:
 *
 *     crm_external_parts(parts, ...);
 *     for each part:
 *         crm_external_read(&named, part, ...);
 *         crm_resolve_next(), crm_resolve_answer()     until all is known
 *         crm_external_end(&named, ...);
 *         crm_external_reword(&text, &named, ...)
 *
 * What comes to have such a value meanwhile is not written.
 */

#ifndef CRM_EXTERNAL_H
#define CRM_EXTERNAL_H

#include "record/crm_resolve.h"


/* So many the header may have. */
#define CRM_EXTERNAL_MAX_PARTS  8

/* One of the header: whose records are named by which field, and where. */
typedef struct {
    crm_str_t  field;
    crm_str_t  path[2];         /* a lookup field of the records that are
                                   written, or a list in them and one in it; */
    size_t     depth;           /* 0: it is these records themselves */
    crm_str_t  module;          /* of those that are named */
    crm_str_t  list_path;       /* reads several of these */
} crm_external_part_t;

/* A place that names the record of an item. */
typedef struct {
    crm_str_t  place;           /* empty: none does, and its id goes here */
    size_t     item;
} crm_external_use_t;

/* What a part names: an item for each value, with a key to look it up by. */
typedef struct {
    crm_request_t        request;
    crm_external_use_t  *uses;  /* in their order */
    size_t               count;
    size_t               cap;
} crm_external_t;


/* Whether the dialect reads records by fields; else nobody does, and the host
 * refuses the header that says which. */
int crm_external_known(const crm_dialect_t *dialect);

/*
 * The parts of the header of a write of route, CRM_EXTERNAL_MAX_PARTS at most.
 * target: raw, behind the prefix; route borrows from it. CRM_EINVAL with
 * *refusal: nobody here can follow one; CRM_ENOMEM.
 */
crm_status_t crm_external_parts(const crm_dialect_t *dialect,
    crm_external_part_t *parts, size_t *count, const crm_route_t *route,
    crm_str_t target, crm_str_t header, crm_pool_t *pool,
    crm_refusal_t *refusal);

/*
 * What part names in a write: in its target, or in its body. CRM_EINVAL with
 * *refusal; CRM_ENOMEM.
 */
crm_status_t crm_external_read(const crm_dialect_t *dialect,
    crm_external_t *named, const crm_external_part_t *part,
    const crm_route_t *route, crm_str_t body, const crm_scan_limits_t *limits,
    size_t max_records, crm_pool_t *pool, crm_refusal_t *refusal);

/* The route by which crm_resolve_next() asks for them. */
void crm_external_route(crm_route_t *ask, const crm_external_part_t *part);

/*
 * All is known: every item has its id, and what stands in its places.
 * CRM_EINVAL with *refusal: a value is no record's, or several have it;
 * CRM_ENOMEM.
 */
crm_status_t crm_external_end(crm_external_t *named,
    const crm_external_part_t *part, const crm_route_t *route,
    crm_pool_t *pool, crm_refusal_t *refusal);

/* text, in which the places lie, with ids in them; data is NULL without
 * memory. */
crm_str_t crm_external_reword(crm_str_t text, const crm_external_t *named,
    crm_pool_t *pool);

#endif
