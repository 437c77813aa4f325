/*
 * Dialect files: a body on its way to items. Private to crm_file_decode.c,
 * crm_file_ids.c and crm_file_records.c.
 */

#ifndef CRM_FILE_DECODE_H
#define CRM_FILE_DECODE_H

#include "record/crm_file.h"


typedef struct {
    crm_request_t             *request;
    const crm_route_t         *route;
    crm_file_match_t          *match;
    const crm_file_route_t    *rule;
    const crm_dialect_file_t  *file;
    const crm_scan_limits_t   *limits;
    crm_str_t                  text;        /* in which root lies */
    crm_span_t                 root;
    crm_str_t                  module;
    size_t                     max_records;
    size_t                     cap;
    crm_pool_t                *pool;
    crm_refusal_t             *refusal;
} crm_file_decode_t;


/* Items of records in the body; of one record, or none, for many ids; and of
 * ids alone. CRM_EINVAL with what is refused, CRM_ENOMEM. */
crm_status_t crm_file_decode_records(crm_file_decode_t *d);
crm_status_t crm_file_decode_shared(crm_file_decode_t *d);
crm_status_t crm_file_decode_named(crm_file_decode_t *d);

/* What the records of an upsert are looked up by. */
crm_status_t crm_file_decode_keys(crm_file_decode_t *d);

/* Items of the ids in the query. None: the query means a set. */
crm_status_t crm_file_decode_query(crm_file_decode_t *d);

/* One more item. id is empty on create. */
crm_status_t crm_file_decode_add(crm_file_decode_t *d, crm_str_t id,
    crm_record_t *record, crm_str_t place);

/*
 * Keys that are no fields are not looked at. One that is left tells where a
 * field could be added: a record of nothing else keeps them.
 */
void crm_file_decode_meta(const crm_file_decode_t *d, crm_record_t *record);

/* Returns CRM_EINVAL. at: where in the text, or NULL. */
crm_status_t crm_file_decode_refuse(crm_file_decode_t *d,
    crm_refusal_kind_t kind, const char *at, const char *where,
    const char *reason);

#endif
