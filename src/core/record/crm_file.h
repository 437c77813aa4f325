/*
 * The engine behind dialects that are files. Private to the dialects.
 *
 * What the functions of crm_dialect.h do for such a dialect, read off its
 * crm_dialect_file_t. A body is checked by the scanner once; pointers walk
 * over what was checked. A body that is a form, or holds JSON in a string, is
 * first written as plain JSON (the view), and back when rules have changed it.
 */

#ifndef CRM_FILE_H
#define CRM_FILE_H

#include "record/crm_dialect_file.h"
#include "record/crm_dialect_write.h"


typedef struct crm_file_match_s    crm_file_match_t;

/* A request's target, as the backend reads it. */
typedef struct {
    crm_str_t  prefix;              /* the one that it has */
    crm_str_t  segments[16];
    unsigned   count;
    crm_str_t  text;                /* of all segments, slashes between */
} crm_file_target_t;

/* What came back for a write. header as of crm_ask_t. */
typedef struct {
    unsigned    status;
    crm_str_t   body;
    int       (*header)(void *host, crm_str_t name, crm_str_t *value);
    void       *host;
} crm_file_answer_t;

/* What a route of the file has made of a request. */
struct crm_file_match_s {
    const crm_dialect_file_t  *file;
    crm_ask_t                  ask;
    crm_file_target_t          target;
    crm_str_t                  method;      /* the one that is meant */
    const crm_file_route_t    *rule;        /* NULL: its body will tell */
    crm_str_t                  module;      /* of the path; may be empty */
    crm_str_t                  id;          /* canonical; may be empty */
    crm_file_reader_t          reader;
    crm_str_t                  body;        /* as it came */
    crm_str_t                  view;        /* as it was read */
};


/* See crm_dialect.h. */

crm_status_t crm_file_route(const crm_dialect_file_t *file,
    crm_route_t *route, const crm_ask_t *ask, crm_pool_t *pool,
    crm_refusal_t *refusal);
crm_status_t crm_file_type(const crm_dialect_file_t *file,
    crm_str_t content_type, crm_str_t content_encoding,
    crm_refusal_t *refusal);
crm_status_t crm_file_decode(const crm_dialect_file_t *file,
    crm_request_t *request, const crm_route_t *route, crm_str_t body,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal);
crm_status_t crm_file_read(const crm_dialect_file_t *file,
    crm_record_t *record, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_file_read_many(const crm_dialect_file_t *file,
    crm_record_t *records, const crm_request_t *request, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_file_outcome(const crm_dialect_file_t *file,
    crm_outcome_t *outcomes, const crm_request_t *request,
    const crm_file_answer_t *answer, const crm_scan_limits_t *limits,
    crm_pool_t *pool);
crm_status_t crm_file_get(const crm_dialect_file_t *file,
    crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool);
crm_status_t crm_file_seek(const crm_dialect_file_t *file,
    crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool);
void crm_file_record_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t id);
void crm_file_event_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t event, const crm_str_t *fields, size_t count);
void crm_file_unique_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t value, const crm_str_t *fields, size_t count);
crm_status_t crm_file_read_back(const crm_dialect_file_t *file,
    crm_record_t *record, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
crm_status_t crm_file_write(const crm_dialect_file_t *file,
    crm_dialect_request_t *request, const crm_dialect_write_t *write,
    crm_pool_t *pool);
crm_status_t crm_file_said(const crm_dialect_file_t *file,
    crm_dialect_said_t *said, unsigned status, crm_str_t body,
    crm_pool_t *pool);
crm_status_t crm_file_list(const crm_dialect_file_t *file, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool);
void crm_file_page_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    const crm_dialect_page_t *page);
crm_status_t crm_file_page(const crm_dialect_file_t *file, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool);
crm_status_t crm_file_complete(const crm_dialect_file_t *file,
    const crm_file_route_t *rule, crm_record_t **record,
    const crm_record_t *sent, const crm_record_t *before, crm_pool_t *pool);
crm_status_t crm_file_merge(const crm_dialect_file_t *file,
    crm_str_t *merged, crm_str_t *content_type, unsigned *status,
    const crm_request_t *request, crm_str_t answer,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
unsigned crm_file_refuse(const crm_dialect_file_t *file, crm_buf_t *body,
    crm_str_t *content_type, const crm_refusal_t *refusal);

/* What the file calls a refusal, and whether one stands in the list of
 * outcomes though it is alone. */
unsigned crm_file_status(const crm_dialect_file_t *file,
    const crm_refusal_t *refusal);
const char *crm_file_code(const crm_dialect_file_t *file,
    const crm_refusal_t *refusal);
crm_str_t crm_file_title(const crm_dialect_file_t *file,
    const crm_refusal_t *refusal);
int crm_file_listed(const crm_dialect_file_t *file,
    const crm_refusal_t *refusal);

/* The same as problem+json, as crm_api answers: whatever dialect it is. */
unsigned crm_file_problem(crm_buf_t *body, crm_str_t *content_type,
    const crm_refusal_t *refusal);

void crm_file_refuse_item(const crm_dialect_file_t *file, crm_buf_t *body,
    const crm_refusal_t *refusal);
crm_status_t crm_file_refuse_header(const crm_dialect_file_t *file,
    size_t index, crm_str_t *name, crm_str_t *value,
    const crm_refusal_t *refusal, crm_pool_t *pool);


/* ---- targets and queries (crm_file_target.c) ---- */

/* CRM_DECLINED: not below a prefix. CRM_EINVAL with *refusal; CRM_ENOMEM. */
crm_status_t crm_file_target(const crm_dialect_file_t *file,
    crm_file_target_t *target, crm_str_t raw, crm_pool_t *pool,
    crm_refusal_t *refusal);

/*
 * Cuts the first parameter off *query, both decoded. CRM_DECLINED: there is
 * none; CRM_EINVAL: it cannot be decoded; CRM_ENOMEM.
 */
crm_status_t crm_file_parameter(crm_str_t *query, crm_str_t *name,
    crm_str_t *value, crm_pool_t *pool);

/* The value of a parameter: CRM_DECLINED when there is none, CRM_EINVAL when
 * there are two. */
crm_status_t crm_file_query(crm_str_t query, crm_str_t wanted,
    crm_str_t *value, crm_pool_t *pool);

/* Escapes, and where plus is set the plus sign, to what they stand for. */
crm_status_t crm_file_unescape(crm_str_t *out, crm_str_t text, int plus,
    crm_pool_t *pool);

int crm_file_has(const crm_texts_t *texts, crm_str_t text, int fold);


/* ---- requests of our own (crm_file_own.c) ---- */

typedef struct {
    crm_str_t          method;
    const crm_fill_t  *path;
    const crm_fill_t  *query;
    const crm_fill_t  *body;
} crm_file_own_t;

/* What the items of a request fill in; and a request that is made of that.
 * values may lack a body: it is taken from match. CRM_ENOMEM. */
crm_status_t crm_file_values(crm_fill_values_t *values,
    const crm_dialect_file_t *file, const crm_request_t *request,
    crm_pool_t *pool);
crm_status_t crm_file_ask(crm_target_t *target, const crm_file_own_t *own,
    crm_fill_values_t *values, const crm_file_match_t *match,
    crm_pool_t *pool);

/* The body of the write, or none: what was read once is read again, since few
 * backends need it. CRM_ENOMEM. */
crm_status_t crm_file_root(crm_span_t *root, const crm_file_match_t *match,
    crm_pool_t *pool);

/* Path and query (which may be NULL) of a request of the worker's, from
 * {module} on: what is in front of it ends the base URL. */
void crm_file_behind(crm_buf_t *buf, const crm_fill_t *path,
    const crm_fill_t *query, const crm_fill_values_t *values);


/* Names of fields with commas between them. Without memory buf fails. */
crm_str_t crm_file_names(crm_buf_t *buf, const crm_str_t *fields,
    size_t count);

/* The records that a pointer into an answer names. CRM_EINVAL: it is no
 * success, or one of them no record; CRM_ENOMEM. */
crm_status_t crm_file_list_read(crm_list_t *list,
    const crm_pointer_t *pointer, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);

/* A checked object as a record. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_file_record(crm_record_t *record, crm_span_t object,
    crm_pool_t *pool);


/* Whether the query has no parameter but those that the route knows, each
 * once; else CRM_EINVAL with *refusal. CRM_ENOMEM. */
crm_status_t crm_file_known(const crm_file_match_t *match, crm_pool_t *pool,
    crm_refusal_t *refusal);


/* ---- matching (crm_file_match.c) ---- */

/*
 * The first route that takes the request: match->rule and what the path says.
 * body NULL: not known yet; then match->rule is NULL where it must be. CRM_OK,
 * CRM_DECLINED: none does; CRM_EINVAL with *refusal; CRM_ENOMEM.
 */
crm_status_t crm_file_match(crm_file_match_t *match, const crm_span_t *body,
    crm_pool_t *pool, crm_refusal_t *refusal);

/* The canonical name of a module; and of an id of it. CRM_EINVAL: it is none;
 * CRM_ENOMEM. */
crm_status_t crm_file_module(const crm_dialect_file_t *file, crm_str_t *name,
    crm_str_t text, crm_pool_t *pool);
crm_status_t crm_file_id(const crm_dialect_file_t *file, crm_str_t *id,
    crm_str_t module, crm_str_t text, crm_pool_t *pool);

/* Whether a checked text passes all tests into the body. */
int crm_file_tests(const crm_file_test_t *tests, unsigned count,
    crm_span_t root, crm_pool_t *pool);

/* The text of a string or number; data is NULL for all else, and without
 * memory. */
crm_str_t crm_file_scalar(crm_span_t span, crm_pool_t *pool);


/* ---- answers (crm_file_answer.c) ---- */

/* What the backend answered, whole and checked. CRM_EINVAL: it is no JSON, or
 * beyond limits; CRM_ENOMEM. */
crm_status_t crm_file_answer_scan(crm_span_t *root, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);


/* ---- bodies (crm_file_view.c) ---- */

/* The view of a body. CRM_EINVAL with *refusal, CRM_ENOMEM. */
crm_status_t crm_file_view(crm_file_match_t *match, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool,
    crm_refusal_t *refusal);

/* The same once more, with a member that holds JSON unfolded. */
crm_status_t crm_file_unfold(crm_str_t *view, const crm_pointer_t *member,
    crm_span_t root, crm_pool_t *pool);

/* The view of multipart/form-data; and such a body, of a view. CRM_EINVAL with
 * *refusal, or where a text cannot stand in it; CRM_ENOMEM. */
crm_status_t crm_file_multipart(crm_str_t *view, crm_str_t body,
    crm_str_t content_type, crm_pool_t *pool, crm_refusal_t *refusal);
crm_status_t crm_file_multipart_write(crm_str_t *body, crm_span_t root,
    crm_str_t content_type, crm_pool_t *pool);

/* Whether it is that type, and says no more than a boundary. */
int crm_file_is_multipart(crm_str_t content_type);

/* A changed view as a body of the kind that came. CRM_EINVAL, CRM_ENOMEM. */
crm_status_t crm_file_fold(const crm_file_match_t *match, crm_str_t *body,
    crm_str_t view, const crm_scan_limits_t *limits, crm_pool_t *pool);

#endif
