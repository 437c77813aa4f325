/*
 * What a dialect is made of, and what dialects share. Private to the dialects.
 */

#ifndef CRM_DIALECT_KIND_H
#define CRM_DIALECT_KIND_H

#include "record/crm_dialect_write.h"


typedef struct crm_dialect_file_s  crm_dialect_file_t;

struct crm_dialect_s {
    const char                *name;
    const crm_dialect_file_t  *file;    /* what it says */
};


/*
 * Ways to read and write that no file can say, by a name that a file chooses.
 * The members do what the functions of crm_dialect.h of the same name say;
 * where a file chooses none, crm_file.h does it. What is data they take from
 * the file.
 */
typedef struct crm_mechanism_s {
    crm_status_t (*route)(const crm_dialect_file_t *file, crm_route_t *route,
                       crm_str_t method, crm_str_t target, crm_str_t query,
                       crm_refusal_t *refusal);
    crm_status_t (*decode)(const crm_dialect_file_t *file,
                       crm_request_t *request, const crm_route_t *route,
                       crm_str_t body, const crm_scan_limits_t *limits,
                       size_t max_records, crm_pool_t *pool,
                       crm_refusal_t *refusal);
    crm_status_t (*read)(crm_record_t *record, unsigned status,
                       crm_str_t body, const crm_scan_limits_t *limits,
                       crm_pool_t *pool);
    crm_status_t (*outcome)(crm_outcome_t *outcomes,
                       const crm_route_t *route, const crm_request_t *request,
                       unsigned status, crm_str_t body,
                       const crm_scan_limits_t *limits, crm_pool_t *pool);
    crm_status_t (*list)(crm_list_t *list, unsigned status, crm_str_t body,
                       const crm_scan_limits_t *limits, crm_pool_t *pool);
    unsigned     (*refuse)(const crm_dialect_file_t *file, crm_buf_t *body,
                       crm_str_t *content_type,
                       const crm_refusal_t *refusal);
    crm_status_t (*get)(crm_target_t *target, const crm_route_t *route,
                       const crm_request_t *request, crm_pool_t *pool);
    crm_status_t (*read_many)(crm_record_t *records,
                       const crm_request_t *request, unsigned status,
                       crm_str_t body, const crm_scan_limits_t *limits,
                       crm_pool_t *pool);
    crm_status_t (*merge)(const crm_dialect_file_t *file, crm_str_t *merged,
                       crm_str_t *content_type, unsigned *status,
                       const crm_request_t *request, crm_str_t answer,
                       const crm_outcome_t *told,
                       const crm_scan_limits_t *limits, crm_pool_t *pool);

    /* of items that only stored records tell: crm_resolve.h */
    crm_status_t (*seek)(crm_target_t *target, const crm_route_t *route,
                       const crm_request_t *request, crm_pool_t *pool);

    /* of automation's own writes: it may tell kind by more than the status,
     * which stands there already */
    crm_status_t (*said)(crm_dialect_said_t *said, crm_str_t body,
                       crm_pool_t *pool);

    /* the fields in what an outcome was told of its record, if any are */
    crm_status_t (*shown)(crm_record_t *record,
                       const crm_outcome_t *outcome, crm_pool_t *pool);
} crm_mechanism_t;


/* Clears *refusal but for kind and reason (a constant). Returns CRM_EINVAL. */
crm_status_t crm_dialect_refusal(crm_refusal_t *refusal,
    crm_refusal_kind_t kind, const char *reason);

/* Whether text can name a record: characters, length, one way to write it. */
int crm_dialect_is_id(crm_str_t text);

/* Room for one more item, zeroed, behind the others; *cap is 0 at first. NULL
 * without memory. What pointed to items may point to nothing afterwards. */
crm_item_t *crm_dialect_item(crm_request_t *request, size_t *cap,
    crm_pool_t *pool);

/* text percent-encoded: all but letters, digits and -._~ */
void crm_dialect_encode(crm_buf_t *buf, crm_str_t text);

/* text inside a JSON string, whatever its bytes: what is no UTF-8 becomes
 * U+FFFD. */
void crm_dialect_put(crm_buf_t *buf, crm_str_t text);

#endif
