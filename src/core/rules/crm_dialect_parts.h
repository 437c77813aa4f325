/*
 * The parts of a dialect file, a function each, and what they share. Private
 * to the parser of dialects.
 */

#ifndef CRM_DIALECT_PARTS_H
#define CRM_DIALECT_PARTS_H

#include "record/crm_dialect_file.h"
#include "rules/crm_dialect_parse.h"
#include "rules/crm_shape.h"


/* Of a file; more are no table that people read. */
#define CRM_DIALECT_MAX_ROUTES  200
#define CRM_DIALECT_MAX_TESTS   20

/* Places of templates, by where they stand. */
#define CRM_DIALECT_FILL_ERROR                                                \
    (CRM_FILL_BIT(CRM_FILL_CODE) | CRM_FILL_BIT(CRM_FILL_MESSAGE)             \
     | CRM_FILL_BIT(CRM_FILL_TITLE) | CRM_FILL_BIT(CRM_FILL_STATUS)           \
     | CRM_FILL_BIT(CRM_FILL_RULE) | CRM_FILL_BIT(CRM_FILL_MODULE)            \
     | CRM_FILL_BIT(CRM_FILL_ID) | CRM_FILL_BIT(CRM_FILL_FIELD)               \
     | CRM_FILL_BIT(CRM_FILL_FIELDS) | CRM_FILL_BIT(CRM_FILL_EVENT)           \
     | CRM_FILL_BIT(CRM_FILL_REQUEST_ID))
#define CRM_DIALECT_FILL_RECORD                                               \
    (CRM_FILL_BIT(CRM_FILL_MODULE) | CRM_FILL_BIT(CRM_FILL_ID))


extern const crm_key_t  crm_dialect_parts_file_keys[];
extern const crm_key_t  crm_dialect_parts_reserved_keys[];
extern const crm_key_t  crm_dialect_parts_normalise_keys[];
extern const crm_key_t  crm_dialect_parts_override_keys[];
extern const crm_key_t  crm_dialect_parts_body_keys[];
extern const crm_key_t  crm_dialect_parts_module_keys[];
extern const crm_key_t  crm_dialect_parts_auth_keys[];
extern const crm_key_t  crm_dialect_parts_ways_keys[];
extern const crm_key_t  crm_dialect_parts_route_keys[];
extern const crm_key_t  crm_dialect_parts_match_keys[];
extern const crm_key_t  crm_dialect_parts_shared_keys[];
extern const crm_key_t  crm_dialect_parts_resolve_keys[];
extern const crm_key_t  crm_dialect_parts_ok_keys[];
extern const crm_key_t  crm_dialect_parts_items_keys[];
extern const crm_key_t  crm_dialect_parts_get_keys[];
extern const crm_key_t  crm_dialect_parts_patch_keys[];
extern const crm_key_t  crm_dialect_parts_create_keys[];
extern const crm_key_t  crm_dialect_parts_tags_keys[];
extern const crm_key_t  crm_dialect_parts_task_keys[];
extern const crm_key_t  crm_dialect_parts_guard_keys[];
extern const crm_key_t  crm_dialect_parts_find_keys[];
extern const crm_key_t  crm_dialect_parts_list_keys[];
extern const crm_key_t  crm_dialect_parts_errors_keys[];
extern const crm_key_t  crm_dialect_parts_error_keys[];
extern const crm_key_t  crm_dialect_parts_cases_keys[];
extern const crm_key_t  crm_dialect_parts_case_keys[];


/*
 * Each reads what it is named for out of file. CRM_OK, CRM_EINVAL when there
 * are findings, CRM_ENOMEM.
 */
crm_status_t crm_dialect_parts_globals(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_names(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_ways(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_routes(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_mechanism(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_shadows(const struct crm_dialect_file_s *d,
    crm_compile_t *cc);
crm_status_t crm_dialect_parts_answer(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_own(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_list(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
crm_status_t crm_dialect_parts_errors(struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);

/* The requests of our own that read: of records by id; of those looked for. */
crm_status_t crm_dialect_parts_get(crm_file_get_t *get, const json_t *json,
    crm_compile_t *cc);
crm_status_t crm_dialect_parts_find(crm_file_find_t *find, const json_t *json,
    crm_compile_t *cc);

/* Which requests a route is for. */
crm_status_t crm_dialect_parts_match(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);

/* How records are found that a route's writes mean by something else than
 * ids. */
crm_status_t crm_dialect_parts_resolve(crm_file_resolve_t *resolve,
    const json_t *json, const char *path, crm_compile_t *cc);


/* ---- what they share ---- */

/* A pointer; NULL is none. With an error at path. */
crm_status_t crm_dialect_parts_pointer(crm_pointer_t *pointer,
    const json_t *json, const char *path, crm_compile_t *cc);
crm_status_t crm_dialect_parts_pointer_text(crm_pointer_t *pointer,
    crm_str_t text, const char *path, crm_compile_t *cc);

/* A list of texts; NULL is none. */
crm_status_t crm_dialect_parts_texts(crm_texts_t *texts, const json_t *json,
    crm_pool_t *pool);

/* A text template. need: places that must be there. */
crm_status_t crm_dialect_parts_fill(crm_fill_t *fill, const json_t *json,
    const char *path, unsigned allowed, unsigned need, crm_compile_t *cc);

/* A path, and behind a question mark its query: each place of need must be
 * there in one of both. NULL is none. */
crm_status_t crm_dialect_parts_path(crm_fill_t *path, crm_fill_t *query,
    const json_t *json, const char *at, unsigned allowed, unsigned need,
    crm_compile_t *cc);

/* A template whose text is text, which names path in its findings. */
crm_status_t crm_dialect_parts_fill_text(crm_fill_t *fill, crm_str_t text,
    const char *path, unsigned allowed, crm_compile_t *cc);

/* A template of a JSON value. */
crm_status_t crm_dialect_parts_fill_json(crm_fill_t *fill, const json_t *json,
    const char *path, unsigned allowed, crm_compile_t *cc);

/* Statuses such as 404 and 2xx. */
crm_status_t crm_dialect_parts_statuses(const crm_file_status_t **statuses,
    unsigned *count, const json_t *json, const char *path,
    crm_compile_t *cc);

/* Tests of a map: names of headers or of a query, or pointers. */
crm_status_t crm_dialect_parts_tests(crm_file_test_t *tests, unsigned *count,
    const json_t *json, crm_file_test_kind_t kind, const char *path,
    crm_compile_t *cc);

/* A map of header names and templates. */
crm_status_t crm_dialect_parts_headers(const crm_file_header_t **headers,
    unsigned *count, const json_t *json, const char *path, unsigned allowed,
    crm_compile_t *cc);

/* A copy in lower case; data is NULL without memory. */
crm_str_t crm_dialect_parts_lower(crm_str_t text, crm_pool_t *pool);

/* The worse of two outcomes. */
crm_status_t crm_dialect_parts_worse(crm_status_t a, crm_status_t b);

/* Where path stands in text, JSON without a mistake: its key or its value. */
void crm_dialect_parts_place(crm_str_t text, crm_span_t root,
    const char *path, int at_key, unsigned *line, unsigned *column);
void crm_dialect_parts_offset(crm_str_t text, size_t offset, unsigned *line,
    unsigned *column);

#endif
