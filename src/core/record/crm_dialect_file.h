/*
 * A dialect that is a file: how a backend's API speaks, as data.
 *
 * Made of a JSON file by rules/crm_dialect_parse.h, or compiled in
 * (crm_dialect_data.c, generated from src/dialects/). Immutable.
 * docs/dialects.md says what each part means; the members stand in its order.
 */

#ifndef CRM_DIALECT_FILE_H
#define CRM_DIALECT_FILE_H

#include "record/crm_dialect_kind.h"
#include "record/crm_fill.h"
#include "record/crm_idform.h"
#include "record/crm_pointer.h"


typedef struct {
    const crm_str_t  *items;
    unsigned          count;
} crm_texts_t;

/* What to do with what cannot be judged as it stands. */
typedef enum {
    CRM_FILE_REFUSE = 0,
    CRM_FILE_APPLY,             /* judge what the backend makes of it */
    CRM_FILE_PASS               /* let it go by, unjudged */
} crm_file_policy_t;


/* ---- globals ---- */

typedef struct {
    crm_file_policy_t  percent_decode;
    crm_file_policy_t  merge_slashes;
    crm_file_policy_t  trailing_slash;
    crm_texts_t        strip_suffix;
    crm_texts_t        strip_segment;
    int                path_fold;       /* literals of paths in any case */
    int                module_fold;     /* modules in any case */
} crm_file_normalise_t;

typedef enum {
    CRM_FILE_IN_HEADER = 0,
    CRM_FILE_IN_QUERY,
    CRM_FILE_IN_FORM
} crm_file_place_t;

typedef struct {
    crm_file_place_t  place;
    crm_str_t         name;
} crm_file_override_t;

typedef enum {
    CRM_FILE_READ_JSON = 0,
    CRM_FILE_READ_FORM,
    CRM_FILE_READ_MULTIPART             /* multipart/form-data */
} crm_file_reader_t;

typedef struct {
    crm_str_t          type;            /* lower case; "none": no header */
    crm_file_reader_t  reader;
} crm_file_type_t;

typedef struct {
    const crm_file_type_t  *types;
    unsigned                types_count;
    crm_file_policy_t       on_other;
    crm_file_policy_t       on_charset;
    crm_file_policy_t       on_encoding;
} crm_file_body_t;

typedef struct {
    crm_str_t     name;
    crm_texts_t   aliases;
    crm_str_t     id_prefix;            /* "10" of 10x3; may be empty */
    int           has_id_form;
    crm_idform_t  id_form;
} crm_file_module_t;


/* ---- routes ---- */

typedef enum {
    CRM_FILE_SEG_TEXT = 0,
    CRM_FILE_SEG_MODULE,
    CRM_FILE_SEG_ID,
    CRM_FILE_SEG_ANY,                   /* {action} and other names */
    CRM_FILE_SEG_REST,                  /* {*name}: all that follows */

    /* of the mechanism zoho */
    CRM_FILE_SEG_VERSION,               /* v2, v2.1, v8 */
    CRM_FILE_SEG_RELATED,               /* a list of a record */
    CRM_FILE_SEG_RELATED_ID
} crm_file_seg_kind_t;

typedef struct {
    crm_file_seg_kind_t  kind;
    crm_str_t            text;
} crm_file_seg_t;

typedef enum {
    CRM_FILE_TEST_QUERY = 0,
    CRM_FILE_TEST_HEADER,
    CRM_FILE_TEST_BODY
} crm_file_test_kind_t;

typedef enum {
    CRM_FILE_IS = 0,                    /* it has this value */
    CRM_FILE_THERE,
    CRM_FILE_NOT_THERE                  /* or null, or false */
} crm_file_test_is_t;

typedef struct {
    crm_file_test_kind_t  kind;
    crm_file_test_is_t    is;
    crm_str_t             name;         /* of a header (lower case), a query */
    crm_pointer_t         pointer;      /* into the body */
    crm_str_t             value;
} crm_file_test_t;

typedef enum {
    CRM_FILE_OP_CREATE = 0,
    CRM_FILE_OP_UPDATE,
    CRM_FILE_OP_REPLACE,
    CRM_FILE_OP_UPSERT,
    CRM_FILE_OP_DELETE,
    CRM_FILE_OP_ACTION,
    CRM_FILE_OP_READ,
    CRM_FILE_OP_IGNORE,
    CRM_FILE_OP_COMPOSITE               /* requests in a request */
} crm_file_op_t;

/* The methods that most routes have, a bit each. */
#define CRM_FILE_GET     0x01u
#define CRM_FILE_POST    0x02u
#define CRM_FILE_PUT     0x04u
#define CRM_FILE_PATCH   0x08u
#define CRM_FILE_DELETE  0x10u

typedef enum {
    CRM_FILE_FROM_NONE = 0,
    CRM_FILE_FROM_PATH,
    CRM_FILE_FROM_QUERY,
    CRM_FILE_FROM_FILTER,               /* query: eq.7, in.(7,8) */
    CRM_FILE_FROM_BODY,
    CRM_FILE_FROM_ITEM,                 /* of each record */
    CRM_FILE_FROM_ID_PREFIX,
    CRM_FILE_FROM_CONST,
    CRM_FILE_FROM_LIST                  /* where the mechanism looks for it */
} crm_file_from_t;

typedef struct {
    crm_file_from_t  from;
    crm_str_t        name;              /* of a query; the constant */
    char             separator;
    crm_pointer_t    pointer;
} crm_file_source_t;

typedef enum {
    CRM_FILE_SET_REFUSE = 0,
    CRM_FILE_SET_PASS,
    CRM_FILE_SET_RESOLVE
} crm_file_set_t;

/* How records are found that a write means by something else than ids, and
 * what the write becomes then. */
typedef struct {
    crm_str_t      method;              /* empty: GET */
    crm_fill_t     path;
    crm_fill_t     query;
    crm_fill_t     body;                /* no parts: none */
    crm_pointer_t  records;
    unsigned       max;
    crm_str_t      as_name;             /* a parameter of the write ... */
    crm_fill_t     as_value;            /* becomes this */
    crm_fill_t     as_body;             /* its body becomes this; no parts: it
                                           stays */
} crm_file_resolve_t;

typedef struct crm_file_route_s {
    crm_texts_t             methods;    /* none: every one that writes */
    unsigned                method_bits;    /* of these: CRM_FILE_GET ... */
    const crm_file_seg_t   *segments;
    unsigned                segments_count;
    const crm_file_test_t  *tests;
    unsigned                tests_count;
    unsigned                body_tests; /* of these, into the body */
    crm_file_op_t           op;
    crm_str_t               action;
    unsigned                does;       /* CRM_RESTRICT_... of it */
    int                     call;       /* rules may answer it themselves */
    crm_targets_t           targets;    /* of the mechanism zoho */
    crm_texts_t             query;      /* parameters that it may have */
    crm_file_source_t       module;
    crm_file_source_t       id;
    crm_pointer_t           record;     /* not set: nothing is sent of it */
    crm_pointer_t           json_string;    /* unfolded before all else */
    crm_pointer_t           shared_ids; /* set: one record for all of these */
    crm_texts_t             meta;
    int                     absent_clear;
    crm_file_set_t          on_unknown_set;
    crm_file_resolve_t      resolve;    /* of CRM_FILE_SET_RESOLVE */
} crm_file_route_t;


/* ---- the answer ---- */

typedef struct {
    unsigned  from;
    unsigned  to;
} crm_file_status_t;

typedef struct {
    const crm_file_status_t  *statuses;
    unsigned                  statuses_count;
    const crm_file_test_t    *tests;
    unsigned                  tests_count;
} crm_file_ok_t;

typedef enum {
    CRM_FILE_ID_BODY = 0,
    CRM_FILE_ID_HEADER,
    CRM_FILE_ID_SCALAR
} crm_file_new_id_kind_t;

typedef struct {
    crm_file_new_id_kind_t  kind;
    crm_pointer_t           pointer;
    crm_str_t               header;     /* lower case */
    crm_str_t               before;     /* the id follows its last place */
} crm_file_new_id_t;

typedef enum {
    CRM_FILE_ORDER_NONE = 0,
    CRM_FILE_ORDER_SAME,
    CRM_FILE_ORDER_MATCH
} crm_file_order_t;

typedef struct {
    crm_pointer_t          pointer;
    crm_file_order_t       order;
    crm_pointer_t          match_by;
    crm_pointer_t          id;          /* in an item */
    const crm_file_test_t *tests;
    unsigned               tests_count;
} crm_file_items_t;


/* ---- own requests ---- */

typedef struct {
    crm_str_t      method;              /* empty: GET */
    crm_fill_t     path;
    crm_fill_t     query;
    crm_fill_t     body;                /* no parts: none */
    crm_fill_t     many_path;           /* no parts: one at a time */
    crm_fill_t     many_query;
    crm_fill_t     many_body;
    crm_pointer_t  record;
    crm_pointer_t  records;
    const crm_file_status_t *missing;   /* no such record */
    unsigned       missing_count;
    crm_str_t      version_field;
    crm_str_t      version_header;
} crm_file_get_t;

typedef struct {
    crm_str_t   name;
    crm_fill_t  value;
} crm_file_header_t;

typedef struct {
    crm_str_t                 method;
    crm_fill_t                path;
    const crm_file_header_t  *headers;
    unsigned                  headers_count;
    crm_fill_t                body;
    crm_fill_t                cascade;  /* in its place where the backend's
                                           own rules may run; no parts: body */
} crm_file_patch_t;

/* A field of the vendor's and what it is called here. */
typedef struct {
    crm_str_t  name;
    crm_str_t  to;
} crm_file_field_t;

typedef struct {
    crm_str_t                module;    /* empty: as the vendor's */
    const crm_file_field_t  *fields;
    unsigned                 fields_count;
} crm_file_task_t;

typedef enum {
    CRM_FILE_GUARD_NONE = 0,
    CRM_FILE_GUARD_HEADER,
    CRM_FILE_GUARD_BODY,
    CRM_FILE_GUARD_QUERY
} crm_file_guard_kind_t;

typedef struct {
    crm_file_guard_kind_t  kind;
    crm_str_t              name;
    crm_fill_t             value;
} crm_file_guard_t;

typedef struct {
    crm_fill_t     path;                /* no parts: it cannot be found */
    crm_fill_t     query;
    crm_fill_t     unique_path;         /* no parts: not by a field */
    crm_fill_t     unique_query;
    crm_str_t      unique_field;
    crm_pointer_t  records;
    crm_str_t      created_field;
    crm_str_t      modified_field;
    unsigned       page;                /* fewer are all; 0: not known */
} crm_file_find_t;

typedef struct {
    crm_fill_t     first;               /* of the first page; no parts: path */
    crm_fill_t     first_query;
    crm_fill_t     path;                /* no parts: they are not listed */
    crm_fill_t     query;
    crm_pointer_t  records;
} crm_file_pages_t;

typedef struct {
    crm_str_t      name;
    crm_pointer_t  pointer;
} crm_file_auth_body_t;

typedef struct {
    crm_texts_t                  headers;
    crm_texts_t                  query;
    const crm_file_auth_body_t  *body;  /* parameters out of the body */
    unsigned                     body_count;
} crm_file_auth_t;


/* ---- errors ---- */

typedef enum {
    CRM_FILE_LOCKED = 0,
    CRM_FILE_DENIED,
    CRM_FILE_INVALID,
    CRM_FILE_CONFLICT,
    CRM_FILE_BAD_BODY,
    CRM_FILE_UNAVAILABLE,
    CRM_FILE_ERRORS
} crm_file_error_class_t;

typedef struct {
    unsigned                  status;   /* 0: the usual one of the case */
    const crm_file_header_t  *headers;
    unsigned                  headers_count;
    crm_str_t                 content_type;
    crm_fill_t                body;
    int                       json;     /* how the body is escaped */
} crm_file_error_t;

/* Refusals one by one, by crm_refusal_kind_t, and those that are said in
 * other words where ... */
typedef enum {
    CRM_FILE_CASE_DELETE_LOCKED = CRM_REFUSE_STALE + 1,
    CRM_FILE_CASE_DELETE_APPROVAL,
    CRM_FILE_CASE_LOCK,                 /* an action is the lock's own */
    CRM_FILE_CASES
} crm_file_case_kind_t;

/* What is not said is that of the case, of its class, or of rest. */
typedef struct {
    unsigned   status;
    crm_str_t  code;
    crm_str_t  title;
    int        listed;                  /* one answer stands in the list, as
                                           an item of it */
} crm_file_case_t;


struct crm_dialect_file_s {
    crm_str_t                   name;
    uint64_t                    sum;        /* of what it says; 0: built in */
    const crm_mechanism_t      *mechanism;  /* NULL: all that stands here */
    crm_texts_t                 prefix;
    crm_file_normalise_t        normalise;
    crm_texts_t                 reserved;       /* no modules */
    crm_texts_t                 reserved_ids;   /* no ids, no lists of such */
    crm_texts_t                 query;      /* parameters a write may have */
    const crm_file_override_t  *overrides;
    unsigned                    overrides_count;
    crm_file_policy_t           on_override;
    crm_file_body_t             body;
    const crm_file_module_t    *modules;
    unsigned                    modules_count;
    crm_idform_t                id_form;
    crm_str_t                   id_field;
    crm_file_auth_t             forward_auth;
    int                         absent_is_null;
    crm_texts_t                 backend_sets;
    crm_texts_t                 backend_renews; /* of an update */
    unsigned                    ways;       /* CRM_WAY_... */

    const crm_file_route_t     *routes;
    unsigned                    routes_count;
    unsigned                    reads;      /* the first route with GET */
    const crm_file_field_t     *duplicates; /* the field by which an upsert
                                               finds, by module; empty: none */
    unsigned                    duplicates_count;

    crm_file_ok_t               ok;
    const crm_file_new_id_t    *new_id;
    unsigned                    new_id_count;
    crm_file_items_t            items;

    crm_file_get_t              get;
    crm_file_patch_t            patch;
    crm_file_patch_t            create;
    crm_file_patch_t            add_tags;
    crm_file_patch_t            remove_tags;
    crm_file_task_t             task;
    crm_str_t                   owner_field;    /* empty: as the vendor's */
    crm_file_guard_t            guard;
    crm_file_find_t             find;
    crm_file_pages_t            list;

    crm_file_error_t            errors[CRM_FILE_ERRORS];
    crm_file_case_t             cases[CRM_FILE_CASES];
    crm_fill_t                  item_error;
    int                         per_item;
};


/* The mechanisms that a file may choose. */
extern const crm_mechanism_t  crm_zoho_mechanism;

/* The dialects that are compiled in, ended by a NULL name. */
extern const crm_dialect_t  crm_dialect_data[];

#endif
