/*
 * HTTP to records and back: how one backend's API speaks of them.
 *
 * A dialect turns method and target into a route, a body into records, an
 * answer into outcomes, and a refusal into the backend's own error shape. It
 * knows no nginx: targets come in raw, as the client wrote them, cut behind
 * the location's prefix (so that the first byte is not a slash).
 */

#ifndef CRM_DIALECT_H
#define CRM_DIALECT_H

#include "base/crm_buf.h"
#include "record/crm_record.h"
#include "record/crm_splice.h"


typedef enum {
    CRM_OP_NONE = 0,            /* a read, or a harmless write */
    CRM_OP_CREATE,
    CRM_OP_UPDATE,
    CRM_OP_DELETE,
    CRM_OP_ACTION               /* of the API: convert, change_owner ... */
} crm_operation_t;

/* What a write does to a record: what a lock may restrict. */
#define CRM_RESTRICT_UPDATE        0x01u
#define CRM_RESTRICT_DELETE        0x02u
#define CRM_RESTRICT_CHANGE_OWNER  0x04u
#define CRM_RESTRICT_TAGS          0x08u
#define CRM_RESTRICT_CONVERT       0x10u

/* create, update, delete, action; "none" else */
const char *crm_operation_name(crm_operation_t op);


/* Why a request is refused: the rows of the table of refusals. */
typedef enum {
    CRM_REFUSE_NONE = 0,
    CRM_REFUSE_BODY,            /* malformed, duplicate key, envelope, budget */
    CRM_REFUSE_RECORDS,         /* more than crm_max_records */
    CRM_REFUSE_SIZE,            /* above crm_max_body */
    CRM_REFUSE_TYPE,            /* content type, charset, encoding */
    CRM_REFUSE_TARGET,          /* not canonical */
    CRM_REFUSE_ROUTE,           /* unknown write route */
    CRM_REFUSE_LOCKED,
    CRM_REFUSE_APPROVAL,
    CRM_REFUSE_BLUEPRINT,
    CRM_REFUSE_VALIDATION,
    CRM_REFUSE_CHAIN,           /* wrong, used or expired CRM-Chain */
    CRM_REFUSE_ORG,             /* organisation not listed */
    CRM_REFUSE_BUSY,
    CRM_REFUSE_UNAVAILABLE,     /* state unknown */
    CRM_REFUSE_UNKNOWN,         /* forwarded, and its outcome unknown */
    CRM_REFUSE_MODIFIED,        /* later than the client knows */

    /* of a call (transform/crm_call.h) */
    CRM_REFUSE_PERMISSION,      /* who acts may not do that */
    CRM_REFUSE_NOT_ALLOWED,     /* nobody may, as the record is */
    CRM_REFUSE_UNCONFIGURED,    /* no rule of the module provides for it */
    CRM_REFUSE_MANDATORY,       /* field is missing */
    CRM_REFUSE_VALUE,           /* field holds what it must not */
    CRM_REFUSE_PROCESS,         /* the record is in no such process */
    CRM_REFUSE_TRANSITION,      /* none of that name leads on from here */
    CRM_REFUSE_RECORD,          /* there is no such record */
    CRM_REFUSE_RELATED,         /* nor what hangs on it */

    CRM_REFUSE_STALE            /* the rules are others than it was made of */
} crm_refusal_kind_t;

typedef struct {
    crm_refusal_kind_t  kind;
    crm_operation_t     operation;      /* shapes RECORD_LOCKED, and so */
    crm_str_t           action;         /* does its name; empty: none */
    crm_str_t           module;
    crm_str_t           record_id;
    crm_str_t           rule;           /* may be empty, as all below */
    crm_str_t           event;
    crm_str_t           reason;         /* a sentence for the client */
    crm_str_t           where;          /* path such as $.data[0].Stage */
    crm_str_t           field;          /* that a validation rule names */
    crm_str_t           details;        /* members of "details", JSON without
                                           braces; or of the problem */
    int                 problem;        /* answered as problem+json, whatever
                                           the dialect says */
    size_t              offset;         /* byte of the body, CRM_NO_OFFSET */
    size_t              index;          /* of the item in its request */
    int                 listed;         /* which names its items in a list */
    size_t              limit;          /* RECORDS: how many there may be */
    unsigned            retry_after_s;  /* 0: none */
    const crm_record_t *stored;         /* of MODIFIED: as it is; or NULL */
} crm_refusal_t;


/* How a request says which records it concerns. */
typedef enum {
    CRM_TARGETS_PATH = 0,       /* one, by its path */
    CRM_TARGETS_LIST,           /* by query or body */
    CRM_TARGETS_INNER,          /* by requests in the body: crm_inner_t */
    CRM_TARGETS_ALL             /* not at all: maybe any of the module; of any
                                   module where there is none */
} crm_targets_t;

/*
 * What a request says besides its body. header and answer find a header of the
 * request and, once there is one, of the backend's answer: names come in lower
 * case, 0 is none. Both may be NULL.
 */
typedef struct {
    crm_str_t   method;
    crm_str_t   target;                 /* raw, behind the prefix */
    crm_str_t   query;
    crm_str_t   content_type;           /* the null string: absent */
    int       (*header)(void *host, crm_str_t name, crm_str_t *value);
    int       (*answer)(void *host, crm_str_t name, crm_str_t *value);
    void       *host;
    int         external;               /* what stands where ids do is a
                                           field's value: crm_external.h */
} crm_ask_t;

/*
 * Where a request goes. Strings borrow from the target. What it says of all
 * items of the request, decode says of each.
 */
typedef struct {
    crm_operation_t  operation;         /* NONE: each item has its own */
    crm_str_t        module;            /* empty: each item has its own */
    crm_str_t        record_id;         /* the one that the path names; empty
                                           on create and where many may be */
    crm_str_t        ids;               /* where the query names them: its
                                           value as sent, "1,2,3" */
    crm_str_t        get_path;          /* behind the prefix, reads record_id;
                                           where many may be, their module;
                                           empty: no item is stored yet */
    crm_str_t        action;            /* of ACTION: its name, constant; of
                                           one that resolves: upsert */
    unsigned         does;              /* and CRM_RESTRICT_... of it */
    int              resolve;           /* its items create or update, and
                                           only stored records tell which:
                                           crm_resolve.h */
    crm_str_t        field;             /* then: at which it looks first, as
                                           the host sets it; or empty */
    crm_str_t        related;           /* the list of the record that is
                                           written, may be a module's; or
                                           empty */
    crm_targets_t    targets;
    int              workflow;          /* 0: wf_trigger=false */
    int              has_body;          /* a body is expected and judged */
    int              unseen;            /* it is forwarded whatever it is */
    int              call;              /* its action may be a call's topic
                                           (crm_call_kind.h); operation NONE:
                                           one that reads */
    crm_str_t        related_id;        /* behind related: the id there */
    int              external;          /* as it was asked */
    struct crm_file_match_s  *match;    /* what the file has made of it; NULL:
                                           its mechanism has */
} crm_route_t;

/*
 * What a client lets run beside its write: all, or what "trigger" lists. The
 * guards run whatever it says.
 */
#define CRM_RUN_WORKFLOW   0x01u
#define CRM_RUN_APPROVAL   0x02u
#define CRM_RUN_BLUEPRINT  0x04u
#define CRM_RUN_OTHER      0x08u        /* pathfinder, orchestration */
#define CRM_RUN_ALL        0x0fu

/* What a client asks for that else does not run, and what it asks to leave
 * out: the vendor's names for it. */
#define CRM_APPLY_LAYOUT_RULES  0x01u
#define CRM_APPLY_RANGES        0x02u
#define CRM_APPLY_ASSIGNMENT    0x04u
#define CRM_APPLY_FUNCTIONS     0x08u   /* that validate */
#define CRM_APPLY_CRITERIA      0x10u   /* validation rules */
#define CRM_APPLY_DEPENDENCIES  0x20u
#define CRM_APPLY_SUBORDINATES  0x40u

#define CRM_SKIP_ASSIGNMENT     0x01u
#define CRM_SKIP_CADENCES       0x02u
#define CRM_SKIP_CONNECTED      0x04u   /* workflows */

/* The bit of a name in "trigger"; 0: nobody knows it. */
unsigned crm_dialect_run(crm_span_t name);

/*
 * One write of a request. Decode fills it; the host resolves what only the
 * stored records tell (an upsert: its operation and record_id), and sets
 * refusal when it judges. Strings and spans lie in body or target.
 */
typedef struct {
    crm_operation_t       operation;    /* NONE: to be resolved */
    crm_str_t             module;
    crm_str_t             record_id;    /* empty on create */
    crm_record_t         *record;       /* what is sent of it; NULL: nothing.
                                           Several may have the same one */
    crm_str_t             place;        /* what stands for it in a list of the
                                           body, or in route->ids; without it
                                           the request means another thing */
    const crm_refusal_t  *refusal;      /* it is not forwarded, and why */
    crm_str_t             forward;      /* what is, in its place; without
                                           data: as it was sent */
    const struct crm_inner_s  *inner;   /* the request that it is of, inside
                                           of this one; or NULL */
} crm_item_t;

/* What a client says of its write besides the records. */
typedef struct {
    crm_span_t  trigger;                /* the list as sent; CRM_JSON_NONE:
                                           there is none, which is not [] */
    unsigned    run;                    /* CRM_RUN_... */
    int         no_workflow;            /* "wf_trigger": false in the body */
    crm_span_t  lar_id;                 /* an assignment rule's id; NONE */
    unsigned    apply;                  /* CRM_APPLY_... */
    unsigned    skip_create;            /* CRM_SKIP_... */
    unsigned    skip_update;
} crm_options_t;

/*
 * A request inside of a request, of TARGETS_INNER: read by itself, judged by
 * itself, answered by itself. What an item is to a request, this is to the one
 * around it. Strings and spans lie in the body.
 */
typedef struct crm_inner_s {
    crm_route_t           route;        /* operation NONE: it is no write */
    crm_str_t             list_path;    /* reads several of its module */
    crm_str_t             place;        /* all of it */
    crm_str_t             text;         /* the body that it has, or nothing */
    crm_str_t             name;         /* by which its answer may be known;
                                           may be empty */
    int                   linked;       /* it takes from an earlier answer */
    int                   judged;       /* set by the host: rules concern it */
    int                   all;          /* an action: nobody can tell of which
                                           records, so it has no items */
    size_t                first;        /* of the items of the request, those
                                           that are its */
    size_t                count;        /* and how many; 0: not decoded */
    crm_options_t         options;
    struct crm_resolve_s *resolve;      /* as of crm_request_t, whose items are
                                           counted from first */
    crm_str_t             also;
    crm_str_t             also_forward;
    const crm_refusal_t  *refusal;      /* it is not forwarded, and why */
    int                   each;         /* then: each item says why */
} crm_inner_t;

/* What a request holds: one item at least, unless all says that nobody can
 * tell them: those of a view, for one; or inners, whose items are added one by
 * one. */
typedef struct {
    crm_item_t    *items;
    size_t         count;
    int            all;
    int            shared;              /* items have one record in common:
                                           what rules set in it must be the
                                           same for all */
    crm_options_t  options;
    struct crm_resolve_s  *resolve;     /* of a route that must; else NULL */
    crm_str_t      also;                /* a place in text, maybe empty, that
                                           goes to the backend as ... */
    crm_str_t      also_forward;        /* ... this; without data: as it is */
    crm_str_t      text;                /* the body; of one that is no plain
                                           JSON what it was read as, in which
                                           places and spans lie instead */
    crm_str_t      set;                 /* the module of items that must be
                                           looked up first: there are none yet,
                                           crm_dialect_set.h */
    crm_inner_t   *inners;              /* of TARGETS_INNER, in order */
    size_t         n_inners;
    int            whole;               /* of these: one that is refused
                                           refuses all */
} crm_request_t;

/* What the backend's answer says of one record. */
typedef enum {
    CRM_OUTCOME_UNKNOWN = 0,            /* 5xx, truncated, unreadable */
    CRM_OUTCOME_DONE,
    CRM_OUTCOME_REFUSED                 /* by the backend */
} crm_outcome_kind_t;

typedef struct {
    crm_outcome_kind_t  kind;
    crm_str_t           record_id;      /* of a created record; may be empty */
    int                 unjudged;       /* done, but not to what was judged:
                                           to the record of record_id; kind is
                                           UNKNOWN */
    crm_span_t          told;           /* all that the answer says of it, an
                                           object in it; or CRM_JSON_NONE */
} crm_outcome_t;

/* What can be read: behind the prefix, percent encoded. */
typedef struct {
    crm_str_t  method;                  /* empty: GET */
    crm_str_t  path;
    crm_str_t  query;                   /* without the '?'; may be empty */
    crm_str_t  body;                    /* JSON; without data: none */
} crm_target_t;


typedef struct crm_dialect_s  crm_dialect_t;

/* Those that are built in. */
#define CRM_DIALECT_NAMES  "zoho, rest, espocrm, directus, json-server"

/* The built-in dialect of that name ("zoho", "rest" ...), or NULL. Never
 * freed. */
const crm_dialect_t *crm_dialect_find(crm_str_t name);

/* The one that is spoken where nobody has named another. */
const crm_dialect_t *crm_dialect_default(void);
crm_str_t crm_dialect_name(const crm_dialect_t *dialect);

/* What a backend may have beside records, and what then is done with it. */
#define CRM_WAY_ANSWERS    0x01u    /* all answers to writes have "data" */
#define CRM_WAY_PAGES      0x02u    /* lists of all records, page by page */
#define CRM_WAY_SCRIPTS    0x04u    /* what functions ask for beside records */
#define CRM_WAY_FUNCTIONS  0x08u    /* POST functions/{name}/actions/execute */
#define CRM_WAY_DECORATE   0x10u    /* GET {version}/{module}/{id}, in "data" */
#define CRM_WAY_EXTERNAL   0x20u    /* X-EXTERNAL: crm_external.h */

/* Whether it declares that way. */
int crm_dialect_has(const crm_dialect_t *dialect, unsigned way);

/* What tells apart two files that give themselves the same name; 0: it is
 * built in. */
unsigned long long crm_dialect_sum(const crm_dialect_t *dialect);

/*
 * What a request is. method as sent; target: raw, behind the prefix, without
 * query; query without the '?'.
 *
 * CRM_OK          a write to judge: *route is filled
 * CRM_DECLINED    a read or a harmless write: passes, body unseen
 * CRM_EINVAL      a write that is refused: *refusal is filled (TARGET when it
 *                 is not canonical, ROUTE when it is unknown)
 */
crm_status_t crm_dialect_route(const crm_dialect_t *dialect,
    crm_route_t *route, crm_str_t method, crm_str_t target, crm_str_t query,
    crm_refusal_t *refusal);

/*
 * The same of a request whose headers are known, in any dialect: that of above
 * is for dialects that read no headers, such as zoho. *route borrows from ask
 * and pool. CRM_ENOMEM.
 */
crm_status_t crm_dialect_ask(const crm_dialect_t *dialect,
    crm_route_t *route, const crm_ask_t *ask, crm_pool_t *pool,
    crm_refusal_t *refusal);

/*
 * Whether the dialect reads headers that override the method by itself; else
 * nobody does, and the host refuses them.
 */
int crm_dialect_overrides(const crm_dialect_t *dialect, crm_str_t header);

/*
 * Whether a body of this Content-Type (may be the null string: absent) and
 * Content-Encoding can be judged; else CRM_EINVAL with *refusal, or
 * CRM_DECLINED where the dialect lets such a body pass unjudged.
 */
crm_status_t crm_dialect_type(const crm_dialect_t *dialect,
    crm_str_t content_type, crm_str_t content_encoding,
    crm_refusal_t *refusal);

/*
 * Reads the body of a route. CRM_EINVAL with *refusal for whatever the client
 * got wrong; CRM_ENOMEM. A create of a record that names an id, or an update
 * whose body names another id than its path, is the client's mistake.
 * CRM_DECLINED: the body tells that it is no write to judge, and passes.
 */
crm_status_t crm_dialect_decode(const crm_dialect_t *dialect,
    crm_request_t *request, const crm_route_t *route, crm_str_t body,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal);

/*
 * request->text with edits, as a body of the kind that came. CRM_EINVAL: it
 * cannot be written so; CRM_ENOMEM.
 */
crm_status_t crm_dialect_body(const crm_dialect_t *dialect,
    const crm_route_t *route, crm_str_t *body, crm_str_t text,
    crm_pool_t *pool);

/*
 * The record of item as it is judged over before: where the write replaces,
 * what it does not send is null. *record is item's own where it does not.
 * CRM_ENOMEM.
 */
crm_status_t crm_dialect_complete(const crm_dialect_t *dialect,
    const crm_route_t *route, const crm_item_t *item,
    const crm_record_t *before, crm_record_t **record, crm_pool_t *pool);

/*
 * The record in the answer to a GET of route->get_path. CRM_DECLINED: the
 * backend says that there is no such record (status 204, an empty list, or
 * 404 in its own words); CRM_EINVAL: not readable.
 */
crm_status_t crm_dialect_read(const crm_dialect_t *dialect,
    crm_record_t *record, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);

/*
 * What the backend's answer to the forwarded write says of every item that was
 * forwarded, those without a refusal: outcomes has as many as items. Where the
 * answer cannot be matched to them, all are unknown. CRM_ENOMEM or OK.
 */
crm_status_t crm_dialect_outcome(const crm_dialect_t *dialect,
    crm_outcome_t *outcomes, const crm_route_t *route,
    const crm_request_t *request, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);

/*
 * What the answer to a write shows of the records that it made or changed,
 * beside their outcomes, which have been read from it: records has as many as
 * items. One whose fields it does not show, or that was not written, has no
 * object with data. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_dialect_shown(const crm_dialect_t *dialect,
    crm_record_t *records, const crm_request_t *request,
    const crm_outcome_t *outcomes, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);


/* ---- many items in one request ---- */

/* Whether items can be refused one by one: their answers come in their order,
 * or say which is whose. Else a refused item refuses its request. */
int crm_dialect_partial(const crm_dialect_t *dialect);

/*
 * What reads the stored items, one or many, in one GET: CRM_DECLINED when none
 * is stored, or one GET cannot; CRM_ENOMEM.
 */
crm_status_t crm_dialect_get(const crm_dialect_t *dialect,
    crm_target_t *target, const crm_route_t *route,
    const crm_request_t *request, crm_pool_t *pool);

/*
 * The answer to it where items are many: records has as many; one whose object
 * has no data is not there. CRM_EINVAL: not readable, or not all of it told;
 * CRM_ENOMEM. Of one item: crm_dialect_read().
 */
crm_status_t crm_dialect_read_many(const crm_dialect_t *dialect,
    crm_record_t *records, const crm_request_t *request, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);

/*
 * Takes the refused items out of splice's text, in which their places lie, and
 * lays what is forwarded in the others' places; one item at least is left.
 * CRM_EINVAL: an item has no place there; CRM_ENOMEM.
 */
crm_status_t crm_dialect_cut(crm_splice_t *splice,
    const crm_request_t *request);

/*
 * The answer to a request some of whose items are refused: they stand at their
 * places among those that the backend answered, whose own indexes become those
 * that the client knows. *status is the backend's and becomes the client's;
 * 0: nothing was forwarded. told: the outcomes that have been read from the
 * same answer, which need not be read again then; or NULL. CRM_EINVAL: the
 * answer cannot be matched to the items; CRM_ENOMEM.
 */
crm_status_t crm_dialect_merge(const crm_dialect_t *dialect,
    crm_str_t *merged, crm_str_t *content_type, unsigned *status,
    const crm_request_t *request, crm_str_t answer, const crm_outcome_t *told,
    const crm_scan_limits_t *limits, crm_pool_t *pool);


/* ---- requests in a request ---- */

/*
 * Reads the body of one of request->inners, and adds its items to those of
 * request, max_records in all. As crm_dialect_decode(), but that CRM_EINVAL
 * refuses the inner request alone.
 */
crm_status_t crm_dialect_inner(const crm_dialect_t *dialect,
    crm_request_t *request, crm_inner_t *inner,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal);

/* The inner request as one of its own, made of the same items. */
void crm_dialect_part(crm_request_t *part, const crm_request_t *request,
    const crm_inner_t *inner);

/* The items of inner are none of request's any more: it is refused before
 * anybody has judged them. */
void crm_dialect_drop(crm_request_t *request, crm_inner_t *inner);

/* CRM_EINVAL: the inner requests write one record twice. Which would the
 * backend do first? CRM_ENOMEM. */
crm_status_t crm_dialect_twice(const crm_request_t *request,
    crm_pool_t *pool);

/* Whether crm_dialect_cut() finds every item in text, the body. */
int crm_dialect_lies(const crm_request_t *request, crm_str_t text);

/* As crm_dialect_cut(), of the inner requests: refused ones go, whole; in the
 * others' places what is forwarded of them. */
crm_status_t crm_dialect_cut_inners(crm_splice_t *splice,
    const crm_request_t *request);


/* The answer to a refused request: its body is written, its status returned.
 * *content_type borrows a constant. */
unsigned crm_dialect_refuse(const crm_dialect_t *dialect, crm_buf_t *body,
    crm_str_t *content_type, const crm_refusal_t *refusal);

/*
 * Headers of that answer, by index. CRM_DECLINED: there are no more;
 * CRM_ENOMEM.
 */
crm_status_t crm_dialect_refuse_header(const crm_dialect_t *dialect,
    size_t index, crm_str_t *name, crm_str_t *value,
    const crm_refusal_t *refusal, crm_pool_t *pool);

/* The dialect's code of a refusal: RECORD_LOCKED, INVALID_DATA ... */
const char *crm_dialect_code(const crm_dialect_t *dialect,
    const crm_refusal_t *refusal);


/* ---- reading back, for recovery ---- */

/* What an answer with a list of records holds. Spans lie in the body. */
typedef struct {
    crm_record_t  *records;
    size_t         count;
    int            complete;            /* it says that there are no more */
    int            more;                /* it says that there are */
} crm_list_t;

/* The field that holds when a record was last written, when it was created. */
crm_str_t crm_dialect_version_field(const crm_dialect_t *dialect);
crm_str_t crm_dialect_created_field(const crm_dialect_t *dialect);

/* Whether a created record can be found at all. */
int crm_dialect_finds(const crm_dialect_t *dialect);

/* The field that no two records have the same value in, and by which one is
 * looked up; empty: there is none. */
crm_str_t crm_dialect_unique_field(const crm_dialect_t *dialect);

/* Fields that a look-up by event asks for at most, created field and version
 * not counted: the vendor's limit. */
#define CRM_DIALECT_EVENT_FIELDS  48

/*
 * Targets behind the base URL of the API, version included there, percent
 * encoded: one record; and the record that the write of this event created,
 * with the fields (the first CRM_DIALECT_EVENT_FIELDS of them), newest record
 * first. data is NULL without memory.
 */
crm_str_t crm_dialect_record_path(const crm_dialect_t *dialect,
    crm_str_t module, crm_str_t id, crm_pool_t *pool);
crm_str_t crm_dialect_event_path(const crm_dialect_t *dialect,
    crm_str_t module, crm_str_t event, const crm_str_t *fields, size_t count,
    crm_pool_t *pool);

/* The same by what the write put into crm_dialect_unique_field(). */
crm_str_t crm_dialect_unique_path(const crm_dialect_t *dialect,
    crm_str_t module, crm_str_t value, const crm_str_t *fields, size_t count,
    crm_pool_t *pool);

/* The answer to a GET of crm_dialect_record_path(), as crm_dialect_read(). */
crm_status_t crm_dialect_read_back(const crm_dialect_t *dialect,
    crm_record_t *record, unsigned status, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool);

/* The same where record id of module was asked for: CRM_EINVAL, too, if what
 * was read says that it is another. */
crm_status_t crm_dialect_read_one(const crm_dialect_t *dialect,
    crm_record_t *record, crm_str_t module, crm_str_t id, unsigned status,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool);

/* What a record that was read says of its id, in the one form of it that keys
 * and targets have. CRM_DECLINED: nothing; CRM_EINVAL: none that can be one;
 * CRM_ENOMEM. */
crm_status_t crm_dialect_id_in(const crm_dialect_t *dialect,
    crm_str_t *id, crm_str_t module, const crm_record_t *record,
    crm_pool_t *pool);

/* The field that holds the id. */
crm_str_t crm_dialect_id_field(const crm_dialect_t *dialect);

/*
 * The records in the answer to a GET of crm_dialect_event_path(), or of
 * crm_dialect_unique_path(). None is CRM_OK with count 0 and complete.
 * CRM_EINVAL: not readable; CRM_ENOMEM.
 */
crm_status_t crm_dialect_list(const crm_dialect_t *dialect, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool);


/*
 * All records of a module, page by page, in order of their ids. The first page
 * is behind none: after is empty, and offset 0.
 */
typedef struct {
    crm_str_t         module;
    crm_str_t         after;        /* the id of the last record so far */
    long long         offset;       /* how many there were */
    const crm_str_t  *fields;       /* those that it must have */
    size_t            count;
} crm_dialect_page_t;

/* Whether a dialect that is a file says how. */
int crm_dialect_pages(const crm_dialect_t *dialect);

/* As crm_dialect_event_path(); and the records in the answer: none is the end,
 * however few there were before. */
crm_str_t crm_dialect_page_path(const crm_dialect_t *dialect,
    const crm_dialect_page_t *page, crm_pool_t *pool);
crm_status_t crm_dialect_page(const crm_dialect_t *dialect, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool);


/* A field that the dialect's before-image lacks is empty (1) or unknown (0). */
int crm_dialect_absent_is_null(const crm_dialect_t *dialect);

/* Whether the backend fills this field of a created record by itself. */
int crm_dialect_backend_sets(const crm_dialect_t *dialect, crm_str_t field);

/* Whether it sets this field anew at each update, whatever is sent. */
int crm_dialect_backend_renews(const crm_dialect_t *dialect, crm_str_t field);

/* Whether it does so with any. */
int crm_dialect_renews(const crm_dialect_t *dialect);

/* The field that holds a record's owner: an id, or an object with one. dialect
 * may be NULL. */
crm_str_t crm_dialect_owner_field(const crm_dialect_t *dialect);

/* Whether names of modules are the same in any case. */
int crm_dialect_module_fold(const crm_dialect_t *dialect);

/* Headers that reading a record takes along from the client, by index; empty
 * at the end. Those that every dialect has are not among them. */
crm_str_t crm_dialect_auth_header(const crm_dialect_t *dialect,
    size_t index);

#endif
