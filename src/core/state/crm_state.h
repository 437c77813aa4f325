/*
 * What Redis told about records, and what it made of a write.
 *
 * Step 3 (state) and step 8 (enqueue). Each reader takes the reply of the
 * script of its name; every wrong shape and every error of Redis is CRM_EINVAL
 * with a sentence, after which the caller fails closed. What is kept is copied
 * into the pool: a reply dies with its callback.
 */

#ifndef CRM_STATE_H
#define CRM_STATE_H

#include "state/crm_keys.h"
#include "state/crm_reply.h"


/* Fields of a record's hash, written through crm_cmd_commit(); maybe by
 * crm_cmd_prepare(). */
#define CRM_STATE_LOCK   "lock"     /* JSON list of locking rule names */
#define CRM_STATE_LOCK_BY "lock_by" /* {"event","at"}: what made that list */
#define CRM_STATE_ONCE   "once:"    /* + rule name = "1" */
#define CRM_STATE_MAYBE  "maybe:"   /* + event = a list as lock's: what a write
                                       matches that the backend may do */
#define CRM_STATE_MANUAL     "manual"       /* JSON: a lock by hand */
#define CRM_STATE_APPROVAL   "approval"     /* JSON: what it waits for */
#define CRM_STATE_BLUEPRINT  "blueprint"    /* JSON: where it stands */
#define CRM_STATE_ESCALATION "escalation"   /* JSON: crm_escalated.h */
#define CRM_STATE_SCORE      "score"        /* JSON: what it is worth, see
                                               crm_score.h */
#define CRM_STATE_TOUCH      "touch"        /* + '+' or '-' + scoring rule =
                                               points of events so far */
#define CRM_STATE_EVENTS     "events"       /* which these were: 13 letters
                                               of each id's digest */

/* Points that events have brought a record, of one rule and one sign. */
typedef struct {
    crm_str_t   rule;
    long long   points;
} crm_state_touch_t;

/* What is known of one record; a record never seen has empty lists. */
typedef struct {
    crm_str_t  *locks;              /* lock rules that a save matched, or one
                                       in doubt would: a name may be twice */
    size_t      n_locks;
    crm_str_t  *once;               /* rules with repeat: false that have run */
    size_t      n_once;
    crm_str_t   manual;             /* as they stand there, unread; or empty */
    crm_str_t   approval;
    crm_str_t   blueprint;
    crm_str_t   escalation;
    crm_str_t   score;
    crm_str_t   events;
    crm_state_touch_t  *touches;
    size_t      n_touches;
    crm_str_t   snapshot;           /* the record, if begin asked; or empty */
    long long   unsettled_ms;       /* when the oldest create of the module
                                       began that is not settled, if begin
                                       asked; or 0 */
} crm_state_t;

int crm_state_has_lock(const crm_state_t *state, crm_str_t rule);
int crm_state_has_once(const crm_state_t *state, crm_str_t rule);

/* The value of the field lock; data is NULL without memory. */
crm_str_t crm_state_lock_encode(crm_pool_t *pool, const crm_str_t *rules,
    size_t n);

/* The name of the field that remembers that rule has run. */
crm_str_t crm_state_once_field(crm_pool_t *pool, crm_str_t rule);


typedef enum {
    CRM_BEGIN_OK = 0,           /* leases are ours, states are filled */
    CRM_BEGIN_BUSY,             /* another write holds a record */
    CRM_BEGIN_EPOCH,            /* Redis is not the one we knew */
    CRM_BEGIN_SETTLED           /* this event has ended already */
} crm_begin_status_t;

typedef struct {
    crm_begin_status_t  status;
    long long           pttl_ms;    /* busy: until the lease ends at most */
    crm_str_t           epoch;      /* epoch: the current one or empty */
    int                 committed;  /* settled: committed or aborted */
    crm_state_t        *states;     /* ok: as many as begin had records */
    size_t              n_states;
    long long          *turns;      /* and as many as turns were taken: whose
                                       turn it is, from 0; -1: nobody's */
    size_t              n_turns;
} crm_begin_t;

crm_status_t crm_state_begin(crm_begin_t *begin, const crm_reply_t *reply,
    size_t n_records, crm_pool_t *pool, crm_error_t *err);


typedef enum {
    CRM_PREPARE_OK = 0,
    CRM_PREPARE_LOST            /* intent or a lease is gone: do not forward */
} crm_prepare_status_t;

crm_status_t crm_state_prepare(crm_prepare_status_t *status,
    const crm_reply_t *reply, crm_error_t *err);


typedef enum {
    CRM_COMMIT_OK = 0,
    CRM_COMMIT_DONE,            /* was committed before; nothing was done */
    CRM_COMMIT_LATE,            /* jobs pushed, but no state: lease lost */
    CRM_COMMIT_STALE,           /* the claim was not ours any more: nothing
                                   was done */
    CRM_COMMIT_LAPSED           /* alone, and the lease lost: nor here */
} crm_commit_status_t;

typedef struct {
    crm_commit_status_t  status;
    long long            pushed;
} crm_commit_t;

crm_status_t crm_state_commit(crm_commit_t *commit, const crm_reply_t *reply,
    crm_error_t *err);


typedef enum {
    CRM_ABORT_OK = 0,
    CRM_ABORT_COMMITTED,        /* was committed before; nothing was done */
    CRM_ABORT_STALE             /* nor here: the claim was not ours any more */
} crm_abort_status_t;

crm_status_t crm_state_abort(crm_abort_status_t *status,
    const crm_reply_t *reply, crm_error_t *err);


typedef enum {
    CRM_CHAIN_ACCEPTED = 0,
    CRM_CHAIN_USED,             /* this attempt, or a later one, was here */
    CRM_CHAIN_DONE,             /* the job has been written already */
    CRM_CHAIN_PENDING           /* its last attempt is not settled yet */
} crm_chain_status_t;

crm_status_t crm_state_chain(crm_chain_status_t *status,
    const crm_reply_t *reply, crm_error_t *err);


typedef struct {
    crm_str_t  epoch;           /* empty: Redis has none */
    long long  revision;        /* 0: no rules were ever applied */
    long long  now_ms;          /* Redis time */
    long long  intents;         /* writes under way or in doubt */
    long long  undetermined;    /* writes that nobody can settle */
    crm_str_t  accepted;        /* the epoch that somebody has accepted in
                                 * place of the remembered one; or empty */
} crm_rules_t;

crm_status_t crm_state_rules(crm_rules_t *rules, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err);


typedef struct {
    int        conflict;        /* revision: what somebody else made current */
    long long  revision;
    crm_str_t  epoch;
} crm_publish_t;

crm_status_t crm_state_publish(crm_publish_t *publish,
    const crm_reply_t *reply, crm_pool_t *pool, crm_error_t *err);

#endif
