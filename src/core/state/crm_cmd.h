/*
 * Commands to Redis as arrays of bytes; hosts send them.
 *
 * A crm_cmd_t borrows the strings it was built from: they live until the host
 * has formatted it. What it needs besides lies in the pool. Every builder
 * returns NULL without memory and nothing else; what a script replies is read
 * by crm_state.h (the request's side) and crm_take.h (the worker's).
 *
 * Scripts go out as EVALSHA. When Redis answers NOSCRIPT, the host sends
 * crm_cmd_eval() of the same command, which also loads the script.
 */

#ifndef CRM_CMD_H
#define CRM_CMD_H

#include "state/crm_element.h"
#include "state/crm_keys.h"
#include "state/crm_scripts.h"


typedef struct {
    const crm_script_t  *script;    /* NULL: a plain command */
    int                  argc;
    const char         **argv;
    size_t              *argvlen;
} crm_cmd_t;


/* A command of n arguments: crm_cmd_plain(pool, args, 2) of GET and a key. */
crm_cmd_t *crm_cmd_plain(crm_pool_t *pool, const crm_str_t *args, size_t n);

/* The same command as EVAL with the script's source; cmd->script is set. */
crm_cmd_t *crm_cmd_eval(crm_pool_t *pool, const crm_cmd_t *cmd);


/* Some who take turns, and how many turns begin is to take of them. */
typedef struct {
    crm_str_t                 of;           /* whose turns: crm_assign.h */
    size_t                    members;
    size_t                    takes;
    long long                 limit;        /* what a member may get of the
                                               module's records in a day; below
                                               0: any number */
    int                       online;       /* those alone who are */
    crm_str_t                 module;
    const crm_str_t          *users;        /* the members, where limit or
                                               online asks; else NULL */
} crm_cmd_turns_t;


/*
 * begin: takes a lease on every record, all or nothing, writes the intent and
 * reads what is known of the records. Read with crm_state_begin().
 */
typedef struct {
    crm_str_t                 org;
    crm_str_t                 event;
    crm_str_t                 epoch;        /* expected; empty: none is */
    long long                 lease_ttl_ms;
    long long                 max_time_ms;  /* recovery may settle it then */
    const crm_record_name_t  *records;      /* no two alike */
    size_t                    n_records;    /* 0 for a create */
    crm_str_t                 doc;          /* empty: prepare will bring it */
    crm_str_t                 snapshot;     /* how a snapshot begins that is
                                               of use; empty: they are to go;
                                               the null string: neither */
    crm_str_t                 created;      /* modules in which it creates what
                                               may enter a process, "A/B" */
    crm_str_t                 watched;      /* those of whose creates it is to
                                               be told; both may be empty */
    crm_str_t                 day;          /* of turns' limits, YYYYMMDD */
    const crm_cmd_turns_t    *turns;
    size_t                    n_turns;      /* 0: none are taken */
} crm_cmd_begin_t;

crm_cmd_t *crm_cmd_begin(crm_pool_t *pool, const crm_cmd_begin_t *in);


/* prepare: completes the intent, renews the leases. crm_state_prepare(). */
typedef struct {
    crm_str_t                 org;
    crm_str_t                 event;
    crm_str_t                 doc;
    long long                 lease_ttl_ms;
    long long                 max_time_ms;  /* as of begin, from now on */
    const crm_record_name_t  *records;
    size_t                    n_records;
    const crm_str_t          *marks;        /* of each record if it is done:
                                               crm_state_lock_encode();
                                               empty: none. NULL: of none */
} crm_cmd_prepare_t;

crm_cmd_t *crm_cmd_prepare(crm_pool_t *pool, const crm_cmd_prepare_t *in);


/* commit: jobs, marks and traces in; intent and leases out.
 * crm_state_commit(). A created record stands in records with the id that the
 * backend gave it; one that was leased but not written, without changes. */
typedef struct {
    crm_queue_t  queue;
    crm_str_t    id;
    crm_str_t    json;
    long long    due_ms;        /* 0: at once; else the job waits, and needs no
                                   entrance. -1: a timer goes */
    crm_str_t    receiver;      /* of a webhook that waits: its url as far as
                                   it is known; of a date's timer: "move", or
                                   "keep" the one there is */
} crm_cmd_job_t;

typedef enum {
    CRM_CHANGE_SET = 0,         /* field = value */
    CRM_CHANGE_DEL,             /* field goes */
    CRM_CHANGE_DROP,            /* all fields go: the record was deleted */
    CRM_CHANGE_ADD,             /* value, a JSON list of strings: those that
                                   the list in field lacks are added to it */
    CRM_CHANGE_KEEP,            /* value is the record's snapshot for so many
                                   seconds as field says */
    CRM_CHANGE_ENTER,           /* field = value; of a commit that is late: if
                                   there is no such field */
    CRM_CHANGE_FILL,            /* field = value, if there is no such field */
    CRM_CHANGE_RANK,            /* the record stands in the sorted set that
                                   field names with the score value; empty: no
                                   more, unless the commit is late */
    CRM_CHANGE_TURN             /* of the turns that begin took, the one of
                                   that number (field, from 0) is used */
} crm_change_op_t;

typedef struct {
    crm_change_op_t  op;
    crm_str_t        field;     /* "lock", "once:RULE": crm_state.h */
    crm_str_t        value;
} crm_cmd_change_t;

typedef struct {
    crm_record_name_t        name;
    int                      created;   /* no lease was taken on it */
    const crm_cmd_change_t  *changes;
    size_t                   n_changes;
} crm_cmd_outcome_t;

typedef struct {
    crm_str_t                 org;
    crm_str_t                 event;
    const crm_str_t          *traces;   /* JSON, one a record written */
    size_t                    n_traces;
    const crm_cmd_job_t      *jobs;
    size_t                    n_jobs;
    const crm_cmd_outcome_t  *records;
    size_t                    n_records;
    long long                 fence;    /* of a claim; 0: the request's own */
    int                       alone;    /* no backend has done it: with its
                                         * lease, or not at all */
} crm_cmd_commit_t;

crm_cmd_t *crm_cmd_commit(crm_pool_t *pool, const crm_cmd_commit_t *in);


/* A trace document that no commit brings along: into the stream. */
crm_cmd_t *crm_cmd_trace(crm_pool_t *pool, crm_str_t org, crm_str_t doc);


/* abort: the backend saw or took nothing; the marks that prepare left on the
 * records go. crm_state_abort(). */
typedef struct {
    crm_str_t                 org;
    crm_str_t                 event;
    const crm_record_name_t  *records;
    size_t                    n_records;
    long long                 fence;    /* of a claim; 0: the request's own */
} crm_cmd_abort_t;

crm_cmd_t *crm_cmd_abort(crm_pool_t *pool, const crm_cmd_abort_t *in);


/* chain: a write of automation's own, which job asks for with a header that
 * holds until expires_ms. crm_state_chain(). */
crm_cmd_t *crm_cmd_chain(crm_pool_t *pool, crm_str_t org, crm_str_t job,
    crm_str_t event, long long expires_ms);


/*
 * rules: once a second from every nginx process: "this is me, what is
 * current?" process is "host:pid", doc a JSON object of one member at least
 * to which the script adds seen_ms, epoch the one that the process remembers
 * (empty: none). crm_state_rules().
 */
crm_cmd_t *crm_cmd_rules(crm_pool_t *pool, crm_str_t org, crm_str_t process,
    crm_str_t doc, crm_str_t epoch);


/*
 * publish: stores revision expected + 1 and makes it the current one, or
 * tells that somebody else was faster. epoch is used when there is none yet.
 * The caller adds org to CRM_KEY_ORGS afterwards. crm_state_publish().
 */
typedef struct {
    crm_str_t  org;
    long long  expected;        /* the current revision, 0: none */
    crm_str_t  bundle;
    crm_str_t  meta;            /* JSON {author,at,message,sha256,objects} */
    crm_str_t  epoch;           /* 26 random characters */
} crm_cmd_publish_t;

crm_cmd_t *crm_cmd_publish(crm_pool_t *pool, const crm_cmd_publish_t *in);


/*
 * recover: claims up to max_claims intents whose time has come, for claim_ms
 * each, with the leases of their records; drops those never prepared.
 * crm_recover_parse(). After a claim the intent is settled by crm_cmd_commit()
 * or crm_cmd_abort() with the claim's fence, or by one of the two below; if
 * nobody does, it comes due again.
 */
#define CRM_RECOVER_CLAIMS_MAX  20

crm_cmd_t *crm_cmd_recover(crm_pool_t *pool, crm_str_t org,
    long long max_claims, long long claim_ms);

/* An intent claimed by recover. */
typedef struct {
    crm_str_t                 org;
    crm_str_t                 event;
    long long                 fence;
    const crm_record_name_t  *records;      /* as crm_claim_t has them */
    size_t                    n_records;
    crm_str_t                 reason;       /* 500 bytes of it are kept */
} crm_cmd_claimed_t;

/* postpone: cannot be settled now; due again after delay_ms. Up to 20 s its
 * records are held meanwhile, else they are free. crm_recover_status(). */
crm_cmd_t *crm_cmd_postpone(crm_pool_t *pool, const crm_cmd_claimed_t *in,
    long long delay_ms);

/* reclaim: it is being settled still, and is the caller's for claim_ms more.
 * crm_recover_status(). */
crm_cmd_t *crm_cmd_reclaim(crm_pool_t *pool, const crm_cmd_claimed_t *in,
    long long claim_ms);

/* undetermined: nobody can tell; kept and listed, never due again. Its records
 * are free. crm_recover_status(). */
crm_cmd_t *crm_cmd_undetermined(crm_pool_t *pool,
    const crm_cmd_claimed_t *in);


/*
 * take: empties the entrances of the given classes into the private lists and
 * leases up to max_jobs of them. crm_take_parse(). max_jobs may be 0.
 */
#define CRM_TAKE_MOVE_MAX         100       /* elements a call */
#define CRM_TAKE_ENDPOINT_LIMIT   4         /* in flight per endpoint */
#define CRM_TAKE_ENDPOINT_RATE    10        /* jobs a second per endpoint */

/* A class of jobs, and how many of them a call may give out. */
typedef struct {
    crm_queue_t  queue;
    long long    max_jobs;
} crm_cmd_class_t;

#define CRM_CMD_BATCH_LEN  25

/*
 * pull: moves up to max elements, the first of the webhooks' entrance, into a
 * list of the caller's, crm_take_pull(). It does nothing where Redis is full,
 * or where they are larger together than so many crm_element_read() knows.
 * Whoever does not take what he has pulled, soon, finds that it is gone.
 */
crm_cmd_t *crm_cmd_pull(crm_pool_t *pool, crm_str_t org, crm_str_t batch,
    size_t max);

/* What was pulled, crm_take_pulled(). Not a script: the bodies stay out of
 * Lua. */
crm_cmd_t *crm_cmd_pull_read(crm_pool_t *pool, crm_str_t org,
    crm_str_t batch);

/* The name of a batch: this worker's, and the how manieth it is. No zero byte
 * is written. */
void crm_cmd_batch(char batch[CRM_CMD_BATCH_LEN], uint64_t worker,
    uint32_t serial);

/* Whether a field of crm_key_fresh() says that the job's body lies in a batch,
 * and is no key. */
int crm_cmd_is_pulled(crm_str_t facts);

/* What was pulled, for take. */
typedef struct {
    crm_str_t             id;       /* as crm_take_pull() has it */
    crm_str_t             batch;
    const crm_element_t  *elements; /* NULL: not all are as our scripts write
                                       them: take is to read them itself */
    size_t                n;
} crm_cmd_pulled_t;

typedef struct {
    crm_str_t               org;
    const crm_cmd_pulled_t *pulled;         /* NULL: nothing; else webhooks are
                                               the first of classes */
    const crm_cmd_class_t  *classes;        /* what this worker can run */
    size_t                  n_classes;
    long long               max_jobs;
    long long               max_move;       /* CRM_TAKE_MOVE_MAX */
    long long               lease_ttl_ms;
    long long               endpoint_limit; /* CRM_TAKE_ENDPOINT_LIMIT */
    long long               endpoint_rate;  /* 0: as many as there are; after a
                                               rest twice as many at once */
} crm_cmd_take_t;

crm_cmd_t *crm_cmd_take(crm_pool_t *pool, const crm_cmd_take_t *in);


/* A job held under a lease, as take gave it out. */
typedef struct {
    crm_str_t  id;
    long long  fence;
} crm_lease_t;

/* renew: more time for n jobs. crm_take_held(). */
crm_cmd_t *crm_cmd_renew(crm_pool_t *pool, crm_str_t org,
    const crm_lease_t *leases, size_t n, long long lease_ttl_ms);

/* done: n jobs are delivered, forget them but for their ids.
 * crm_take_held(). */
crm_cmd_t *crm_cmd_done(crm_pool_t *pool, crm_str_t org,
    const crm_lease_t *leases, size_t n);

/* What a failure says of the endpoint: the breaker counts what is down, and a
 * webhook that is gone is disabled. */
typedef enum {
    CRM_HEALTH_UNKNOWN = 0,     /* it was not reached, for a reason of ours */
    CRM_HEALTH_ANSWERED,        /* it is well and refuses this request */
    CRM_HEALTH_DOWN,
    CRM_HEALTH_GONE
} crm_health_t;

/*
 * retry: again after delay_ms. attempts is what take reports the next time;
 * body, unless empty, replaces the job's; error says what went wrong, for
 * people (at most 500 bytes are kept). crm_take_settled().
 */
typedef struct {
    crm_str_t    org;
    crm_lease_t  lease;
    long long    delay_ms;
    long long    attempts;
    crm_str_t    body;
    crm_str_t    error;
    crm_health_t health;
} crm_cmd_retry_t;

crm_cmd_t *crm_cmd_retry(crm_pool_t *pool, const crm_cmd_retry_t *in);

/* A job that comes of another one. */
typedef struct {
    crm_str_t  id;
    crm_str_t  body;
} crm_cmd_part_t;

/* dead: never again; goes to the dead list with attempts and reason. It must
 * be UTF-8. crm_take_settled(). */
typedef struct {
    crm_str_t              org;
    crm_lease_t            lease;
    long long              attempts;
    crm_str_t              reason;
    crm_health_t           health;
    const crm_cmd_part_t  *follows;         /* or NULL */
    crm_queue_t            queue;           /* of it */
} crm_cmd_dead_t;

crm_cmd_t *crm_cmd_dead(crm_pool_t *pool, const crm_cmd_dead_t *in);

/*
 * Scores that are counted anew (queue/crm_score_run.h). score_run: begins, as
 * the job id with that body; told is what people see of it. Read with
 * crm_take_trigger(): CRM_TRIGGER_OK, CRM_TRIGGER_RUNNING.
 */
crm_cmd_t *crm_cmd_score_run(crm_pool_t *pool, crm_str_t org,
    crm_str_t module, crm_str_t id, crm_str_t body, crm_str_t told);

/* While more updates than that have not ended no further page is counted: those
 * that cannot be written, one like the other, fill Redis no more than this. */
#define CRM_SCORED_WAITING_MAX  400

/* scored: what is known of these records, as crm_state_begin() reads it; of
 * none, whether it is time: CRM_BEGIN_BUSY, too many updates of the module's
 * have not ended. */
crm_cmd_t *crm_cmd_scored(crm_pool_t *pool, crm_str_t org, crm_str_t module,
    const crm_record_name_t *records, size_t n);

/* score_page: sets what is kept, makes updates ready, and moves the job on, to
 * body, or ends it where that is empty. crm_take_settled(). */
typedef struct {
    crm_str_t  record;          /* MODULE/ID */
    crm_str_t  had;
    crm_str_t  keeps;
} crm_cmd_scored_t;

typedef struct {
    crm_str_t                org;
    crm_lease_t              lease;
    crm_str_t                module;
    crm_str_t                told;
    crm_str_t                body;
    const crm_cmd_scored_t  *kept;
    size_t                   n_kept;
    const crm_cmd_job_t     *jobs;
    size_t                   n_jobs;
} crm_cmd_score_page_t;

crm_cmd_t *crm_cmd_score_page(crm_pool_t *pool,
    const crm_cmd_score_page_t *in);

/* render: what a job that waited turned out to be; it is held still.
 * crm_take_settled(). */
crm_cmd_t *crm_cmd_render(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_str_t body);

/* cancel: it waited, and shall not run; trace says why. crm_take_settled(). */
crm_cmd_t *crm_cmd_cancel(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_str_t trace);

/* timer: it waits until due_ms with that body, or is over (-1). A field of the
 * record that still is what was seen becomes keeps; empty: it goes.
 * crm_take_settled(). */
typedef struct {
    crm_str_t           org;
    crm_lease_t         lease;
    long long           due_ms;
    crm_str_t           body;
    crm_str_t           trace;          /* may be empty */
    crm_record_name_t   record;
    const char         *field;          /* NULL: none changes */
    crm_str_t           seen;           /* empty: there was none */
    crm_str_t           keeps;
} crm_cmd_timer_t;

crm_cmd_t *crm_cmd_timer(crm_pool_t *pool, const crm_cmd_timer_t *in);

/* turn: whose turn of count it is in a round robin; a job takes one.
 * crm_take_turn(). */
crm_cmd_t *crm_cmd_turn(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_str_t of, long long count);

/* recall: a function begins, now_ms is what it takes for now unless it began
 * before. crm_take_recall(). */
crm_cmd_t *crm_cmd_recall(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    long long now_ms);

/* An effect that is one inside Redis. */
typedef enum {
    CRM_CMD_NO_DEED = 0,
    CRM_CMD_MAIL,               /* name is a job's id, text the job */
    CRM_CMD_SET                 /* of a variable: its name, its document */
} crm_cmd_deed_kind_t;

typedef struct {
    crm_cmd_deed_kind_t  kind;
    crm_str_t            name;
    crm_str_t            text;
} crm_cmd_deed_t;

/* What scripts have set the variable to: HGET. */
crm_cmd_t *crm_cmd_variable(crm_pool_t *pool, crm_str_t org, crm_str_t name);

/* remember: what came of its n-th effect, from 0 on, and what of it is done in
 * the same step. crm_take_settled(). */
crm_cmd_t *crm_cmd_remember(crm_pool_t *pool, crm_str_t org,
    crm_lease_t lease, size_t n, crm_str_t answer,
    const crm_cmd_deed_t *deed);

/*
 * Schedules: crm_job_schedule.h. arm: these are all of a revision; each has a
 * tick that waits, as long as it is not over. crm_take_settled().
 */
typedef struct {
    crm_str_t  id;
    crm_str_t  name;
    crm_str_t  spec;            /* what its times follow from */
    long long  due_ms;          /* of the next tick; -1: it is over */
    crm_str_t  tick;            /* its body */
    int        queues;          /* overlap: queue */
    long long  runs_now;        /* by hand, a day */
} crm_cmd_schedule_t;

crm_cmd_t *crm_cmd_arm(crm_pool_t *pool, crm_str_t org, long long revision,
    const crm_cmd_schedule_t *schedules, size_t n);

/* tick: the run of a tick begins, and the next one waits. Documents of the
 * audit may be empty. crm_take_tick(). */
typedef struct {
    crm_str_t           org;
    crm_lease_t         lease;      /* of the tick */
    crm_cmd_schedule_t  schedule;   /* name and runs_now are not looked at */
    long long           runs;       /* in all; 0: without end */
    crm_str_t           run;        /* id of the job; empty: none begins */
    crm_str_t           body;
    crm_str_t           missed;     /* told in any case */
    crm_str_t           left_out;   /* told if one goes on */
} crm_cmd_tick_t;

crm_cmd_t *crm_cmd_tick(crm_pool_t *pool, const crm_cmd_tick_t *in);

/* trigger: a hand starts one. crm_take_trigger(). */
crm_cmd_t *crm_cmd_trigger(crm_pool_t *pool, crm_str_t org,
    crm_str_t schedule, crm_str_t tick, crm_str_t day);

/* ran: how an attempt of a function has ended. crm_take_settled(). */
typedef struct {
    crm_str_t    org;
    crm_lease_t  lease;
    crm_str_t    doc;
    crm_str_t    schedule;      /* its id; empty: none */
    crm_str_t    brief;         /* doc without what it told; of a schedule */
    crm_str_t    status;
    crm_str_t    answer;        /* that somebody waits for; empty: nobody */
} crm_cmd_ran_t;

/* ask: a function is to run, for somebody who waits; its answer: GET, nil until
 * there is one. */
crm_cmd_t *crm_cmd_ask(crm_pool_t *pool, crm_str_t org, crm_str_t id,
    crm_str_t job);
crm_cmd_t *crm_cmd_answer(crm_pool_t *pool, crm_str_t org, crm_str_t id);

crm_cmd_t *crm_cmd_ran(crm_pool_t *pool, const crm_cmd_ran_t *in);

/* split: the job ends, and becomes n of the class queue, each to end by itself;
 * the same again makes nothing new. crm_take_settled(). */
crm_cmd_t *crm_cmd_split(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_queue_t queue, const crm_cmd_part_t *parts, size_t n);

/* quota: counts a mail of that day (YYYYMMDD), each id once, up to max.
 * crm_take_quota(). */
crm_cmd_t *crm_cmd_quota(crm_pool_t *pool, crm_str_t org, crm_str_t day,
    crm_str_t id, long long max);

/*
 * counted: adds to what is counted of deliveries. Each class has counters of
 * attempts by result, and of deliveries by their age, from event to success:
 * how many came within so many ms and not within the bound before, how many
 * later than all, and the sum. crm_count_name() has their names.
 */
#define CRM_COUNT_BOUNDS  8

extern const long long  crm_count_bounds_ms[CRM_COUNT_BOUNDS];

typedef enum {
    CRM_COUNT_DELIVERED = 0,
    CRM_COUNT_FAILED,           /* and tried again */
    CRM_COUNT_BUSY,             /* was no attempt: not its turn, no room */
    CRM_COUNT_DEAD,
    CRM_COUNT_AGE_MS,           /* the sum */
    CRM_COUNT_WITHIN,           /* the first bound; the others follow */
    CRM_COUNT_LATER = CRM_COUNT_WITHIN + CRM_COUNT_BOUNDS,
    CRM_COUNT_COUNT
} crm_count_t;

typedef struct {
    long long  n[CRM_QUEUE_COUNT][CRM_COUNT_COUNT];
} crm_counts_t;

/* "webhooks:delivered", "emails:within:5000"; data is NULL without memory. */
crm_str_t crm_count_name(crm_pool_t *pool, crm_queue_t queue,
    unsigned count);

/* Those that are not 0. crm_take_settled(). */
crm_cmd_t *crm_cmd_count(crm_pool_t *pool, crm_str_t org,
    const crm_counts_t *counts);

/* reap: jobs whose lease has run out, 100 a call, and what was pulled pull_ms
 * ago or earlier and not taken. told_ms is what the last one has answered, or
 * 0, passed_ms how long ago that was by a clock that does not step.
 * crm_take_reaped(). */
crm_cmd_t *crm_cmd_reap(crm_pool_t *pool, crm_str_t org, long long told_ms,
    long long passed_ms, long long pull_ms);

/* promote: delayed jobs that are due, 100 a call. crm_take_promoted(). */
crm_cmd_t *crm_cmd_promote(crm_pool_t *pool, crm_str_t org);


/*
 * What people do with jobs; crm_take_changed() tells of each what became of
 * it. A call holds Redis up: keep to CRM_CHANGE_MAX jobs and
 * CRM_CHANGE_BYTES.
 */
#define CRM_CHANGE_MAX    100
#define CRM_CHANGE_BYTES  (1024 * 1024)

/* An element of a list, and where it was seen, from the head; places count as
 * if none of a call had been taken out. */
typedef struct {
    long long  place;
    crm_str_t  text;
} crm_cmd_element_t;

/* When jobs are due: the first, and from one to the next. */
typedef struct {
    long long  first_ms;
    long long  step_ms;         /* 0, as is first_ms: all at once */
} crm_cmd_pace_t;

/* revive: elements of the dead become jobs again. CRM_CHANGED_ALIVE,
 * CRM_CHANGED_NO_JOB. */
crm_cmd_t *crm_cmd_revive(crm_pool_t *pool, crm_str_t org,
    crm_cmd_pace_t pace, const crm_cmd_element_t *elements, size_t n);

/* look: an array of what is known of a job, nil where it is not. */
crm_cmd_t *crm_cmd_look(crm_pool_t *pool, crm_str_t org, crm_str_t id,
    const char *const *fields, size_t n);

/* hasten: delayed jobs are due. */
crm_cmd_t *crm_cmd_hasten(crm_pool_t *pool, crm_str_t org,
    crm_cmd_pace_t pace, const crm_str_t *ids, size_t n);

/* drop: jobs end that are ready, delayed, or wait behind others.
 * CRM_CHANGED_ALIVE: a worker holds it. */
crm_cmd_t *crm_cmd_drop(crm_pool_t *pool, crm_str_t org,
    const crm_str_t *ids, size_t n);

/* discard: elements of an entrance or of the dead go. */
crm_cmd_t *crm_cmd_discard(crm_pool_t *pool, crm_str_t org, crm_str_t list,
    const crm_cmd_element_t *elements, size_t n);

#endif
