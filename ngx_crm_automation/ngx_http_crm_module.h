/*
 * Types that all glue shares, and what each file offers the others.
 *
 * A request's way, a file each: request (the conductor), decode, state,
 * decide, transform, [proxy_pass], capture, enqueue. Behind them, one of each
 * a process: redis, rules, zone.
 */

#ifndef NGX_HTTP_CRM_MODULE_H
#define NGX_HTTP_CRM_MODULE_H

#include "ngx_http_crm_bridge.h"
#include "ngx_http_crm_redis.h"

#include "queue/crm_plan.h"
#include "record/crm_dialect_guard.h"
#include "record/crm_external.h"
#include "record/crm_resolve.h"
#include "decide/crm_manual.h"
#include "rules/crm_edit.h"
#include "state/crm_told.h"
#include "transform/crm_assign.h"
#include "transform/crm_call.h"


#define NGX_HTTP_CRM_VERSION  "0.1.0"

/* Of r->buffered, four bits: the image filter's, which has no place here. */
#define NGX_HTTP_CRM_BUFFERED  0x08


typedef enum {
    NGX_HTTP_CRM_OFF = 0,
    NGX_HTTP_CRM_ON,
    NGX_HTTP_CRM_SHADOW
} ngx_http_crm_mode_e;

typedef enum {
    NGX_HTTP_CRM_SOURCE_BACKEND = 0,
    NGX_HTTP_CRM_SOURCE_SNAPSHOT,
    NGX_HTTP_CRM_SOURCE_NONE
} ngx_http_crm_source_e;

/* What became of a request: $crm_decision, and a counter each. */
typedef enum {
    NGX_HTTP_CRM_PASS = 0,
    NGX_HTTP_CRM_ALLOWED,
    NGX_HTTP_CRM_REFUSED_LOCK,
    NGX_HTTP_CRM_REFUSED_APPROVAL,
    NGX_HTTP_CRM_REFUSED_BLUEPRINT,
    NGX_HTTP_CRM_REFUSED_VALIDATION,
    NGX_HTTP_CRM_REFUSED_REQUEST,
    NGX_HTTP_CRM_SHADOWED,
    NGX_HTTP_CRM_ERROR,
    NGX_HTTP_CRM_DECISIONS
} ngx_http_crm_decision_e;

const char *ngx_http_crm_decision_name(ngx_uint_t decision);


typedef struct ngx_http_crm_org_s      ngx_http_crm_org_t;
typedef struct ngx_http_crm_process_s  ngx_http_crm_process_t;
typedef struct ngx_http_crm_ctx_s      ngx_http_crm_ctx_t;
typedef struct ngx_http_crm_zone_s     ngx_http_crm_zone_t;
typedef struct ngx_http_crm_load_s     ngx_http_crm_load_t;
typedef struct ngx_http_crm_service_s  ngx_http_crm_service_t;


/* ---- configuration ---- */

typedef struct {
    ngx_str_t                   guarded;        /* right before /{module} */
    ngx_flag_t                  write;
    ngx_flag_t                  open;           /* auth=none */
} ngx_http_crm_api_conf_t;

typedef struct {
    ngx_http_crm_redis_conf_t   redis;
    ngx_flag_t                  redis_set;
    ngx_shm_zone_t             *zone;
    size_t                      zone_size;
    ngx_str_t                   state_file;     /* whole path; may be empty */
    ngx_array_t                 orgs;           /* ngx_str_t: literal names */
    ngx_array_t                 dialects;       /* crm_dialect_t pointers: of
                                                 * those that are files */
    ngx_uint_t                  guarded;        /* locations that are */
    void                       *thread_pool;
    ngx_http_crm_process_t     *process;        /* of this worker process */
} ngx_http_crm_main_conf_t;

typedef struct {
    ngx_http_complex_value_t   *mode;           /* crm_automation */
    ngx_http_complex_value_t   *org;
    ngx_http_complex_value_t   *user;
    ngx_array_t                *user_trusted;   /* ngx_cidr_t, or NULL: all */
    ngx_str_t                   prefix;
    const crm_dialect_t        *dialect;
    ngx_str_t                   record_location;
    ngx_uint_t                  record_source;
    time_t                      snapshot_ttl;   /* of its snapshots */
    ngx_uint_t                  bulk_reject;    /* crm_bulk reject */
    ngx_uint_t                  lock_open;      /* crm_on_error lock=open */
    ngx_uint_t                  rules_open;
    ngx_msec_t                  lease_wait;
    ngx_msec_t                  commit_wait;
    ngx_msec_t                  backend_max_time;
    ngx_msec_t                  rules_wait;
    ngx_msec_t                  lock_wait;
    ngx_flag_t                  process_api;
    ngx_flag_t                  decorate;
    ngx_http_crm_api_conf_t    *api;            /* crm_api, or NULL */
    ngx_array_t                *api_tokens;     /* or NULL: none are asked */
    crm_chain_keys_t           *chain_keys;     /* or NULL */
    size_t                      max_body;
    size_t                      max_answer;
    ngx_uint_t                  max_records;
    ngx_uint_t                  max_depth;
    ngx_uint_t                  max_nodes;
    ngx_str_t                  *pass;           /* "fastcgi": how a location
                                                 * passes that does not by
                                                 * proxy_pass, else NULL */
} ngx_http_crm_loc_conf_t;


/* ---- a process ---- */

/* An organisation as this process knows it. */
struct ngx_http_crm_org_s {
    ngx_str_t               name;
    ngx_http_crm_process_t *process;
    crm_ruleset_t          *rules;          /* current one, or NULL */
    long long               revision;       /* of rules; 0: none applied */
    long long               loaded_at_ms;
    long long               loading;        /* revision under way, or 0 */
    long long               rejected;       /* revision that would not do */
    ngx_str_t               reject_error;   /* malloc'ed */
    crm_ruleset_t          *saved;          /* of the state file, not used */
    long long               saved_revision;
    ngx_http_crm_load_t    *fetch;          /* what Redis is giving, or NULL */
    ngx_http_crm_load_t    *load;           /* what a thread reads, or NULL */
    ngx_http_crm_load_t    *save;           /* not yet in the state file */
    ngx_str_t               epoch;          /* trusted; malloc'ed */
    ngx_uint_t              accepted;       /* epochs, in place of another */
    ngx_uint_t              intents;        /* as of the last poll */
    ngx_uint_t              undetermined;   /* writes nobody can settle */
    ngx_uint_t              refusals;       /* that may be told now, as of */
    ngx_msec_t              refusals_at;
    ngx_uint_t              requests;       /* that hold it: ctx->org */
    ngx_queue_t             waiting;        /* of these, by ctx->queue */
    unsigned                known:1;        /* Redis has answered once, or
                                             * the state file instead */
    unsigned                listed:1;       /* stands in crm:orgs */
    unsigned                literal:1;      /* named in the configuration */
    unsigned                epoch_ok:1;
    unsigned                none:1;         /* Redis says: no revision */
    unsigned                polling:1;
    unsigned                starting:1;     /* the state file is being read */
    unsigned                saving:1;       /* save is with a thread */
    unsigned                from_file:1;    /* rules are the state file's */
    unsigned                again:1;        /* load the revision once more */
    unsigned                told_none:1;
    unsigned                told_poll:1;
    unsigned                told_file:1;
};

struct ngx_http_crm_process_s {
    ngx_http_crm_main_conf_t  *conf;
    ngx_http_crm_redis_t      *redis;
    ngx_log_t                 *log;
    ngx_array_t                orgs;        /* ngx_http_crm_org_t pointers */
    ngx_pool_t                *pool;
    ngx_event_t                poll;
    ngx_str_t                  name;        /* host:pid */
    ngx_uint_t                 slot;        /* in the zone */
};


/* ---- a request ---- */

/* The steps of a write; each is a row in ngx_http_crm_request.c. */
typedef enum {
    NGX_HTTP_CRM_STEP_RULES = 0,
    NGX_HTTP_CRM_STEP_BODY,
    NGX_HTTP_CRM_STEP_DECODE,
    NGX_HTTP_CRM_STEP_CHAIN,
    NGX_HTTP_CRM_STEP_RESOLVE,
    NGX_HTTP_CRM_STEP_ASSIGN,
    NGX_HTTP_CRM_STEP_BEGIN,
    NGX_HTTP_CRM_STEP_BEFORE,
    NGX_HTTP_CRM_STEP_JUDGE,
    NGX_HTTP_CRM_STEP_PREPARE,
    NGX_HTTP_CRM_STEP_FORWARD,
    NGX_HTTP_CRM_STEP_PROXIED,      /* the phases go on without us */
    NGX_HTTP_CRM_STEP_ENDED         /* answered, or none of our business */
} ngx_http_crm_step_e;

/* One record of a request, on its way through them. */
typedef struct {
    crm_state_t     state;
    crm_record_t    before;
    crm_event_t     event;
    crm_assigned_t *assigned;       /* who gets it; NULL: nobody asked */
    size_t          pool;           /* of ctx->turns, where one is taken; */
    size_t          take;           /* of its turns this one */
    unsigned        found:1;        /* before-image exists */

    /* made when it is judged; until then nobody has written here */

    crm_write_t     write;
    crm_refusal_t   refusal;        /* of the event's verdict, if it refuses */
} ngx_http_crm_item_t;

/* A request in a request. */
typedef struct {
    const crm_module_t  *module;    /* the rules that judge it, or NULL */
    crm_refusal_t        refusal;   /* of all of it */
} ngx_http_crm_inner_t;

/* Records that one GET asks for, where one cannot ask for all. */
typedef struct {
    crm_route_t          route;
    crm_request_t        request;   /* of copies */
    size_t              *at;        /* of each, its place among all */
    u_char              *asked;     /* of all: has been */
} ngx_http_crm_group_t;

/* Those of the client's headers that matter: ..._header.c has their names. */
typedef enum {
    NGX_HTTP_CRM_HEADER_RANGE = 0,
    NGX_HTTP_CRM_HEADER_DIGEST,
    NGX_HTTP_CRM_HEADER_EXTERNAL,
    NGX_HTTP_CRM_HEADER_CONTENT_MD5,
    NGX_HTTP_CRM_HEADER_REPR_DIGEST,
    NGX_HTTP_CRM_HEADER_CONTENT_TYPE,
    NGX_HTTP_CRM_HEADER_CONTENT_RANGE,
    NGX_HTTP_CRM_HEADER_HTTP_METHOD,
    NGX_HTTP_CRM_HEADER_CONTENT_DIGEST,
    NGX_HTTP_CRM_HEADER_HTTP2_SETTINGS,
    NGX_HTTP_CRM_HEADER_ACCEPT_ENCODING,
    NGX_HTTP_CRM_HEADER_IDEMPOTENCY_KEY,
    NGX_HTTP_CRM_HEADER_CONTENT_ENCODING,
    NGX_HTTP_CRM_HEADER_METHOD_OVERRIDE,
    NGX_HTTP_CRM_HEADER_SOURCE,
    NGX_HTTP_CRM_HEADER_HTTP_METHOD_OVERRIDE,
    NGX_HTTP_CRM_HEADERS
} ngx_http_crm_header_e;

typedef struct {
    ngx_table_elt_t     *first[NGX_HTTP_CRM_HEADERS];   /* or NULL */
    ngx_uint_t           twice;     /* bits: there are more of that name */
    ngx_uint_t           own;       /* some CRM-* */
} ngx_http_crm_headers_t;

/* A header that we send. */
typedef struct {
    ngx_str_t            text;
    u_char              *lowcase;
    ngx_uint_t           hash;      /* 0: when it is needed first */
} ngx_http_crm_name_t;

#define ngx_http_crm_name(text, lowcase)                                      \
    { ngx_string(text), (u_char *) lowcase, 0 }

/* A request that crm_api sends on to the guarded location. */
typedef struct {
    crm_str_t   topic;          /* of the call: crm_call.h */
    crm_str_t   method;         /* as the client sent it */
    crm_str_t   module;         /* of a call: empty, as is the id, a list */
    crm_str_t   record_id;
    const ngx_http_crm_service_t  *service;     /* or NULL: a call. module and
                                 * record_id are what its path names */
    unsigned    vendor:1;       /* by the vendor's path, not by crm_api */
    ngx_str_t   user;           /* the token's */
    unsigned    named:1;        /* there was a token; else crm_user says */
} ngx_http_crm_api_call_t;

struct ngx_http_crm_ctx_s {
    ngx_http_request_t         *request;
    ngx_http_crm_loc_conf_t    *conf;
    ngx_http_crm_process_t     *process;
    ngx_http_crm_org_t         *org;
    crm_pool_t                 *pool;

    ngx_http_crm_step_e         step;
    ngx_http_crm_mode_e         mode;
    ngx_http_crm_decision_e     decision;
    ngx_http_crm_headers_t      headers;        /* as the client sent them */

    /* decode */
    crm_route_t                 route;
    crm_request_t               decoded;
    crm_external_part_t        *parts;          /* of X-EXTERNAL, or NULL */
    size_t                      n_parts;
    size_t                      part;           /* so many are looked up */
    crm_external_t             *sought;         /* of that part, or NULL */
    crm_external_t             *named;          /* as decoded; or NULL */
    crm_str_t                   body;
    crm_refusal_t               refusal;
    crm_actor_t                 actor;
    crm_scan_limits_t           limits;

    /* chain: of a write of automation's own */
    crm_str_t                   chain_header;
    crm_str_t                   chain_call;     /* what CRM-Call says */
    crm_chain_grant_t          *grant;          /* verified, or NULL */
    crm_chain_status_t          chain_status;
    ngx_uint_t                  chain_state;    /* of it: ..._chain.c */

    /* state */
    crm_ruleset_t              *rules;          /* a reference of ours */
    const crm_module_t         *module;
    ngx_http_crm_item_t        *items;          /* as decoded.items */
    ngx_http_crm_inner_t       *inners;         /* as decoded.inners, or
                                                 * NULL */
    crm_outcome_t              *outcomes;       /* the same */
    crm_record_name_t          *names;          /* of those that are stored */
    size_t                      n_names;
    size_t                      n_stored;       /* of items, the first of
                                                 * names; behind them keys */
    size_t                      peeked;         /* of these, in shadow */
    size_t                      resolved;       /* of inners, those done */
    crm_str_t                   snapshot_head;  /* data NULL: none are kept */
    crm_cmd_turns_t            *turns;          /* to be taken by begin */
    size_t                      n_turns;
    ngx_http_crm_command_t     *command;        /* one under way at most */
    ngx_uint_t                  answer_state;   /* of it: ..._state.c */
    const char                 *failure;        /* why it failed */
    ngx_event_t                 wait;           /* lease, rules, commit */
    ngx_msec_t                  give_up;
    ngx_msec_t                  pause;
    ngx_queue_t                 queue;          /* of org->waiting */
    ngx_http_request_t         *subrequest;
    ngx_http_crm_group_t       *group;          /* or NULL: all at once */
    crm_buf_t                   before_body;
    crm_str_t                   before_version; /* by a header, or empty */
    ngx_uint_t                  before_status;

    /* decide and transform */
    crm_str_t                   event_id;
    crm_dialect_guard_t         guard;          /* of the version; or none */

    /* a call: ..._call.c */
    crm_call_t                 *call;           /* or NULL: a write */
    crm_called_t                called;
    crm_manual_t                manual;         /* the lock that is laid */
    ngx_uint_t                  call_state;
    ngx_uint_t                  decorates;      /* ..._decorate.c; 0: no */
    ngx_http_crm_api_call_t    *api;            /* by crm_api, or NULL */
    void                       *sheet;          /* ..._service_rules.c */
    crm_told_t                 *told;           /* ..._service_events.c */
    void                       *execute;        /* ..._service_execute.c */

    /* capture and enqueue */
    crm_buf_t                   answer;
    struct ngx_http_crm_outcome_s  *outcome;    /* commit under way */

    /* for the log */
    long long                   eval_us;
    ngx_msec_t                  store_ms;
    ngx_msec_t                  store_since;    /* 0: not waiting */
    ngx_msec_t                  leased;         /* when that was asked for */

    unsigned                    peeks:1;        /* the state is read, and
                                                 * nothing leased */
    unsigned                    answered:1;     /* by a call's own answer */
    unsigned                    remade:1;       /* the request is another one
                                                 * than the client sent */
    unsigned                    import:1;       /* the client says so */
    unsigned                    chained:1;      /* CRM-Chain was sent */
    unsigned                    body_read:1;
    unsigned                    begun:1;        /* an intent may exist */
    unsigned                    keyed:1;        /* keys are leased, so that
                                                 * it does: ..._resolve.c */
    unsigned                    keys_named:1;   /* names are those of keys */
    unsigned                    resolves:1;     /* stored records tell what
                                                 * some items are */
    unsigned                    before_done:1;
    unsigned                    before_last:1;  /* it came whole */
    unsigned                    before_overflow:1;
    unsigned                    reworded:1;     /* body is ours: ..._set.c */
    unsigned                    external:1;     /* X-EXTERNAL is to be read */
    unsigned                    settled:1;      /* commit, abort or unknown */
    unsigned                    held:1;         /* header is kept back */
    unsigned                    overflow:1;     /* answer above the limit */
    unsigned                    last:1;         /* answer is complete */
    unsigned                    released:1;
    unsigned                    unknown:1;      /* what the backend did */
    unsigned                    pending:1;      /* released before the ack */
    unsigned                    lapsed:1;       /* acked: it came too late */
    unsigned                    cut:1;          /* items are not forwarded */
    unsigned                    all_refused:1;  /* nor is any */
    unsigned                    replaced:1;     /* the answer is ours: what
                                                 * else comes is dropped */
    unsigned                    waiting:1;      /* in org->waiting */
    unsigned                    unprotected:1;
};


extern ngx_module_t  ngx_http_crm_automation_module;

#define ngx_http_crm_loc_conf(r)                                              \
    ((ngx_http_crm_loc_conf_t *)                                              \
     ngx_http_get_module_loc_conf(r, ngx_http_crm_automation_module))
#define ngx_http_crm_main_conf(r)                                             \
    ((ngx_http_crm_main_conf_t *)                                             \
     ngx_http_get_module_main_conf(r, ngx_http_crm_automation_module))


/* ngx_http_crm_conf_redis.c */
char *ngx_http_crm_conf_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* ngx_http_crm_conf_dialect.c */
char *ngx_http_crm_conf_dialect(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_crm_conf.c: setters */
char *ngx_http_crm_conf_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_state_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_crm_conf_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_org(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_user(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_path(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_source(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_crm_conf_bulk(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_on_error(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_crm_conf_limit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_error(ngx_conf_t *cf, const char *fmt, ...);

/* ngx_http_crm_chain.c: writes of automation's own */
char *ngx_http_crm_conf_chain_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_crm_chain_take(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_chain_step(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_guard.c: a merged location that guards; and what any location
 * passes by, for conf->pass */
char *ngx_http_crm_guard_check(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf);
ngx_str_t *ngx_http_crm_guard_foreign(ngx_conf_t *cf);

/* ngx_http_crm_request.c: the conductor */
ngx_int_t ngx_http_crm_request_handler(ngx_http_request_t *r);
ngx_http_crm_ctx_t *ngx_http_crm_request_ctx(ngx_http_request_t *r);
void ngx_http_crm_request_resume(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_request_wait(ngx_http_crm_ctx_t *ctx, ngx_msec_t msec);

/* ngx_http_crm_header.c: which headers the client has sent */
void ngx_http_crm_header_read(ngx_http_crm_ctx_t *ctx);
ngx_uint_t ngx_http_crm_header_twice(const ngx_http_crm_ctx_t *ctx,
    ngx_http_crm_header_e n);
ngx_uint_t ngx_http_crm_header_is_own(const ngx_table_elt_t *h);

/* ngx_http_crm_body.c: the body, in one piece */
ngx_int_t ngx_http_crm_body_take(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_decode.c: what is asked, of which records, by whom */
ngx_int_t ngx_http_crm_decode_route(ngx_http_crm_ctx_t *ctx,
    crm_route_t *route, crm_refusal_t *refusal);
ngx_int_t ngx_http_crm_decode_override(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_decode_part(const ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_decode_step(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_decode_type(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_decode_read(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_decode_actor(ngx_http_crm_ctx_t *ctx);
int ngx_http_crm_decode_find(ngx_list_t *headers, crm_str_t name,
    crm_str_t *value);

/* ngx_http_crm_bulk.c: the records of a request */
ngx_int_t ngx_http_crm_bulk_room(ngx_http_crm_ctx_t *ctx, size_t n);
ngx_int_t ngx_http_crm_bulk_init(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_bulk_module(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_bulk_states(ngx_http_crm_ctx_t *ctx,
    const crm_state_t *states, size_t n);
ngx_int_t ngx_http_crm_bulk_verdict(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_bulk_forward(ngx_http_crm_ctx_t *ctx,
    crm_str_t *forwarded);

/* ngx_http_crm_merge.c: what became of each of them */
typedef enum {
    NGX_HTTP_CRM_MERGE_UNKNOWN = 0,
    NGX_HTTP_CRM_MERGE_REFUSED,     /* all that were forwarded */
    NGX_HTTP_CRM_MERGE_DONE,        /* one of them at least */
    NGX_HTTP_CRM_MERGE_NAMELESS     /* a created one has no id */
} ngx_http_crm_merge_e;

ngx_http_crm_merge_e ngx_http_crm_merge_outcome(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t status, crm_str_t body);
ngx_int_t ngx_http_crm_merge_answer(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_merge_unknown(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_merge_replace(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t status, crm_str_t type, crm_str_t body);

/* ngx_http_crm_state.c: lease and intent */
ngx_int_t ngx_http_crm_state_begin(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_state_prepare(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_state_peeked(ngx_http_crm_ctx_t *ctx,
    const crm_reply_t *reply);

/* ngx_http_crm_decorate.c: a record that is read, with what holds it */
ngx_uint_t ngx_http_crm_decorate_route(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_decorate_rules(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_decorate_step(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_decorate_header(ngx_http_crm_ctx_t *ctx);
ngx_uint_t ngx_http_crm_decorate_holds(const ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_decorate_answer(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_action.c: what is neither create, update nor delete */
ngx_int_t ngx_http_crm_action_rules(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_action_concern(ngx_http_crm_ctx_t *ctx,
    const crm_route_t *route, crm_refusal_kind_t *kind, const char **reason);
crm_refusal_kind_t ngx_http_crm_action_nameless(const crm_module_t *module,
    const crm_route_t *route, const char **reason);
ngx_int_t ngx_http_crm_action_unnamed(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_action_prepare(ngx_http_crm_ctx_t *ctx);
ngx_uint_t ngx_http_crm_action_beside(const crm_item_t *item);
void ngx_http_crm_action_done(ngx_http_crm_ctx_t *ctx, ngx_uint_t status);

/* ngx_http_crm_call.c: what is asked of a lock, an approval, a blueprint */
ngx_int_t ngx_http_crm_call_rules(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_call_decode(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_call_step(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_call_send(ngx_http_crm_ctx_t *ctx, crm_cmd_t *cmd,
    ngx_http_crm_reply_pt handler);
void ngx_http_crm_call_heard(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_call_ask.c: what Redis alone answers */
ngx_int_t ngx_http_crm_call_why(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_call_list(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_call_update.c: a transition becomes an update */
ngx_int_t ngx_http_crm_call_route(ngx_http_crm_ctx_t *ctx,
    crm_route_t *route);
ngx_int_t ngx_http_crm_call_update(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_api_conf.c: crm_api in a location */
char *ngx_http_crm_conf_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_crm_conf_api_tokens(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_uint_t ngx_http_crm_api_inherits(ngx_conf_t *cf,
    const ngx_http_crm_loc_conf_t *conf);
char *ngx_http_crm_api_check(ngx_conf_t *cf, ngx_http_crm_loc_conf_t *conf);

/* ngx_http_crm_api.c: calls, for every dialect */
ngx_int_t ngx_http_crm_api_handler(ngx_http_request_t *r);
ngx_http_crm_api_call_t *ngx_http_crm_api_call(ngx_http_request_t *r);
ngx_int_t ngx_http_crm_api_signed(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_api_problem.c: answers with one of its statuses. Returns what
 * ends the handler's own share: NGX_DONE, or an error. */
ngx_int_t ngx_http_crm_api_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *detail);

/* ngx_http_crm_service.c: what it offers beside calls on records */
const ngx_http_crm_service_t *ngx_http_crm_service_find(
    const crm_str_t *segments, size_t n);
ngx_uint_t ngx_http_crm_service_mask(const ngx_http_crm_service_t *service,
    const char **methods);
/* Whether the second segment of its path may be any text. */
ngx_uint_t ngx_http_crm_service_text(const ngx_http_crm_service_t *service);
ngx_int_t ngx_http_crm_service_begin(ngx_http_crm_ctx_t *ctx);
/* Of POST v8/functions/NAME/actions/execute; NULL: another request. */
ngx_int_t ngx_http_crm_service_vendor(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_service_step(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_api_token.c: who may call */
typedef struct {
    ngx_str_t  name;
    ngx_str_t  token;
    ngx_str_t  user;
} ngx_http_crm_api_token_t;

char *ngx_http_crm_api_token_read(ngx_conf_t *cf, ngx_str_t *file,
    ngx_array_t **tokens);
ngx_http_crm_api_token_t *ngx_http_crm_api_token_find(ngx_array_t *tokens,
    ngx_str_t *sent);

/* ngx_http_crm_composite.c: requests in a request */
ngx_int_t ngx_http_crm_composite_decode(ngx_http_crm_ctx_t *ctx);
const crm_module_t *ngx_http_crm_composite_module(
    const ngx_http_crm_ctx_t *ctx, const crm_item_t *item);
ngx_int_t ngx_http_crm_composite_refuse(ngx_http_crm_ctx_t *ctx, size_t i,
    crm_refusal_kind_t kind, const char *reason);
ngx_int_t ngx_http_crm_composite_apart(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_composite_verdict(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_composite_group(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_external.c: a write of records that a field names */
ngx_int_t ngx_http_crm_external_step(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_external_check(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_set.c: a write of records that a filter names */
ngx_int_t ngx_http_crm_set_step(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_resolve.c: create or update, and of which record? */
ngx_int_t ngx_http_crm_resolve_step(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_resolve_look(ngx_http_crm_ctx_t *ctx,
    crm_request_t *request, const crm_route_t *route);
ngx_int_t ngx_http_crm_resolve_still(ngx_http_crm_ctx_t *ctx,
    const crm_request_t *request, size_t i, size_t at);
ngx_int_t ngx_http_crm_resolve_check(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_resolve_judged(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_resolve_address(ngx_http_crm_ctx_t *ctx, size_t i);
ngx_uint_t ngx_http_crm_resolve_concerns(const crm_module_t *module);

/* ngx_http_crm_assign.c: who gets what is created? */
ngx_int_t ngx_http_crm_assign_step(ngx_http_crm_ctx_t *ctx);
crm_str_t ngx_http_crm_assign_day(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_assign_taken(ngx_http_crm_ctx_t *ctx,
    const long long *turns, size_t n);

/* ngx_http_crm_before.c: the record as the backend holds it */
ngx_int_t ngx_http_crm_before_step(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_before_ask(ngx_http_crm_ctx_t *ctx,
    const crm_target_t *target);
const char *ngx_http_crm_before_taken(ngx_http_crm_ctx_t *ctx);
ngx_uint_t ngx_http_crm_before_is(ngx_http_request_t *r);
ngx_uint_t ngx_http_crm_before_passes(ngx_http_request_t *r);
ngx_int_t ngx_http_crm_before_header(ngx_http_request_t *r);
ngx_int_t ngx_http_crm_before_body(ngx_http_request_t *r, ngx_chain_t *in);

/* ngx_http_crm_snapshot.c: the record as Redis holds it */
ngx_int_t ngx_http_crm_snapshot_begin(ngx_http_crm_ctx_t *ctx,
    crm_str_t *head);
ngx_int_t ngx_http_crm_snapshot_before(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_snapshot_keep(ngx_http_crm_ctx_t *ctx, ngx_uint_t status);

/* ngx_http_crm_decide.c: the verdict */
ngx_int_t ngx_http_crm_decide_step(ngx_http_crm_ctx_t *ctx);
crm_status_t ngx_http_crm_decide_fill(ngx_http_crm_ctx_t *ctx, size_t i);
ngx_int_t ngx_http_crm_decide_pass(ngx_http_crm_ctx_t *ctx,
    ngx_http_crm_decision_e decision);
ngx_int_t ngx_http_crm_decide_refuse(ngx_http_crm_ctx_t *ctx,
    crm_refusal_kind_t kind, const char *reason);
ngx_int_t ngx_http_crm_decide_unavailable(ngx_http_crm_ctx_t *ctx,
    const char *reason);

/* ngx_http_crm_told.c: traces that nobody waits for */
void ngx_http_crm_told_shadow(ngx_http_crm_ctx_t *ctx,
    const crm_event_t *event);
void ngx_http_crm_told_refused(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_answer.c: sends ctx->refusal, or what is answered instead */
ngx_int_t ngx_http_crm_answer(ngx_http_crm_ctx_t *ctx);
ngx_uint_t ngx_http_crm_answer_unread(ngx_http_request_t *r);

/* ngx_http_crm_modified.c: If-Unmodified-Since */
ngx_int_t ngx_http_crm_modified_check(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_shared.c: one record that is written to many */
ngx_int_t ngx_http_crm_shared_judged(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_shared_forward(ngx_http_crm_ctx_t *ctx,
    crm_str_t *forwarded);

/* ngx_http_crm_target.c: its target, where that is another one */
ngx_uint_t ngx_http_crm_target_fixed(ngx_http_request_t *r);
ngx_int_t ngx_http_crm_target_set(ngx_http_request_t *r, crm_str_t target);
void ngx_http_crm_target_whole(ngx_http_request_t *r, crm_str_t target);
ngx_int_t ngx_http_crm_target_query(ngx_http_crm_ctx_t *ctx,
    crm_str_t query);

/* ngx_http_crm_version.c: what makes it depend on the record as it was */
ngx_int_t ngx_http_crm_version_take(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_version_body(ngx_http_crm_ctx_t *ctx,
    crm_str_t *forwarded);
ngx_int_t ngx_http_crm_version_query(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_version_header(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_transform.c: the request as it goes to the backend */
ngx_uint_t ngx_http_crm_transform_has(ngx_http_request_t *r,
    const char *const *names);
ngx_table_elt_t *ngx_http_crm_transform_push(ngx_http_request_t *r,
    ngx_http_crm_name_t *name, crm_str_t value);
ngx_int_t ngx_http_crm_transform_step(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_transform_once(ngx_http_request_t *r);
ngx_int_t ngx_http_crm_transform_strip(ngx_http_crm_ctx_t *ctx);
ngx_int_t ngx_http_crm_transform_drop(ngx_http_request_t *r,
    const char *const *names, ngx_uint_t own);

/* ngx_http_crm_capture.c: the answer */
ngx_int_t ngx_http_crm_capture_init(ngx_conf_t *cf);
void ngx_http_crm_capture_redirected(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_capture_unknown(ngx_http_crm_ctx_t *ctx, ngx_log_t *log,
    const char *why);

/* ngx_http_crm_enqueue.c: the outcome becomes durable */
typedef struct ngx_http_crm_outcome_s  ngx_http_crm_outcome_t;

ngx_int_t ngx_http_crm_enqueue_commit(ngx_http_crm_ctx_t *ctx,
    ngx_uint_t status);
void ngx_http_crm_enqueue_abort(ngx_http_crm_ctx_t *ctx);
void ngx_http_crm_enqueue_detach(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_process.c: one of each a worker process */
ngx_int_t ngx_http_crm_process_prepare(ngx_cycle_t *cycle);
ngx_int_t ngx_http_crm_process_init(ngx_cycle_t *cycle);
void ngx_http_crm_process_exit(ngx_cycle_t *cycle);

/* ngx_http_crm_rules.c and its like: which rules judge */
ngx_http_crm_org_t *ngx_http_crm_rules_org(ngx_http_crm_process_t *process,
    ngx_str_t *name, ngx_uint_t literal);
void ngx_http_crm_rules_poll(ngx_http_crm_org_t *org);
void ngx_http_crm_rules_free(ngx_http_crm_org_t *org);
/* ngx_http_crm_rules_end.c: as crm_ruleset_release(); the last one's memory
 * goes in a thread. */
void ngx_http_crm_rules_release(ngx_http_crm_process_t *process,
    crm_ruleset_t *rules);
ngx_int_t ngx_http_crm_rules_step(ngx_http_crm_ctx_t *ctx);

/* Refuses a module without rules whose name differs from that of one with rules
 * in the case of its letters alone; NGX_OK: it does not. */
ngx_int_t ngx_http_crm_rules_misspelt(ngx_http_crm_ctx_t *ctx);

/* ngx_http_crm_zone.c: counters of all processes */
ngx_int_t ngx_http_crm_zone_init(ngx_shm_zone_t *zone, void *data);
void ngx_http_crm_zone_count(ngx_http_crm_main_conf_t *conf,
    ngx_uint_t decision);
void ngx_http_crm_zone_unprotected(ngx_http_crm_main_conf_t *conf);
void ngx_http_crm_zone_unknown(ngx_http_crm_main_conf_t *conf);
void ngx_http_crm_zone_late(ngx_http_crm_main_conf_t *conf);
void ngx_http_crm_zone_unjudged(ngx_http_crm_main_conf_t *conf);
void ngx_http_crm_zone_untold(ngx_http_crm_main_conf_t *conf);
void ngx_http_crm_zone_redis_errors(ngx_http_crm_process_t *process);
ngx_uint_t ngx_http_crm_zone_join(ngx_http_crm_main_conf_t *conf);
void ngx_http_crm_zone_leave(ngx_http_crm_process_t *process);
void ngx_http_crm_zone_revision(ngx_http_crm_process_t *process,
    long long revision);

#define NGX_HTTP_CRM_ZONE_PROCESSES  512

typedef struct {
    ngx_atomic_t  pid;              /* 0: free */
    ngx_atomic_t  revision;
    ngx_atomic_t  redis_errors;
} ngx_http_crm_zone_process_t;

struct ngx_http_crm_zone_s {
    ngx_atomic_t                 requests[NGX_HTTP_CRM_DECISIONS];
    ngx_atomic_t                 unprotected;
    ngx_atomic_t                 unknown;       /* writes without outcome */
    ngx_atomic_t                 late;          /* that outlived their lease */
    ngx_atomic_t                 unjudged;      /* records that an upsert wrote
                                                 * instead of the judged */
    ngx_atomic_t                 untold;        /* refusals without a trace */
    ngx_atomic_t                 redis_errors;  /* of processes that ended */
    ngx_http_crm_zone_process_t  processes[NGX_HTTP_CRM_ZONE_PROCESSES];
};

/* The zone's content, or NULL. */
ngx_http_crm_zone_t *ngx_http_crm_zone(ngx_http_crm_main_conf_t *conf);

/* ngx_http_crm_status.c, ngx_http_crm_variables.c */
char *ngx_http_crm_status_conf(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_crm_variables_add(ngx_conf_t *cf);

#endif
