/*
 * What the worker's scripts answered. Strings borrow from the reply.
 */

#ifndef CRM_TAKE_H
#define CRM_TAKE_H

#include "state/crm_cmd.h"
#include "state/crm_reply.h"


typedef struct {
    crm_lease_t  lease;
    crm_queue_t  queue;         /* the class it runs in */
    long long    attempts;      /* that had a result */
    long long    deliveries;    /* this one included, since the last result */
    int          foreign;       /* pushed by none of our scripts */
    long long    sequence;      /* grows from job to job of an organisation */
    crm_str_t    body;          /* JSON: an object with v, type, org, action */
} crm_job_t;

typedef struct {
    long long    moved;         /* out of the entrances */
    long long    duplicates;    /* of these dropped: id known */
    long long    malformed;     /* of these put to the dead */
    long long    wait_ms;       /* until an endpoint may have another of those
                                   that wait; -1: none waits for that */
    long long    left;          /* in the entrance of the first class */
    long long    first;         /* all that was pulled is leased, each under
                                   fence 1: the sequence of the first of it;
                                   0: it is not, forget it */
    crm_job_t   *jobs;          /* leased to the caller besides */
    size_t       n_jobs;
} crm_take_t;

crm_status_t crm_take_parse(crm_take_t *take, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err);


/* pull: its id. CRM_DECLINED: nothing was done. */
crm_status_t crm_take_pull(crm_str_t *id, const crm_reply_t *reply,
    crm_error_t *err);

/* What has come. */
typedef struct {
    const crm_reply_t  *texts;  /* strings */
    size_t              n;
} crm_pulled_t;

crm_status_t crm_take_pulled(crm_pulled_t *pulled, const crm_reply_t *reply,
    crm_error_t *err);


/* renew, done: sets held[i] to whether lease i is, or was until it ended, ours,
 * for n leases. */
crm_status_t crm_take_held(int *held, size_t n, const crm_reply_t *reply,
    crm_error_t *err);


/* retry, dead, split. */
typedef enum {
    CRM_SETTLE_OK = 0,
    CRM_SETTLE_STALE,           /* the lease was not ours any more */
    CRM_SETTLE_BEHIND           /* of render: others come before it */
} crm_settle_t;

/* note, if not NULL: what people are to be told of the endpoint, or empty:
 * breaker_open, failing_N (so many percent of the way to being disabled),
 * disabled. */
crm_status_t crm_take_settled(crm_settle_t *settle, crm_str_t *note,
    const crm_reply_t *reply, crm_error_t *err);


/* turn: *n is below count; CRM_SETTLE_STALE, and it is nobody's. */
crm_status_t crm_take_turn(crm_settle_t *settle, long long *n,
    long long count, const crm_reply_t *reply, crm_error_t *err);


/* recall: what earlier attempts of a function have seen. */
typedef struct {
    long long   now_ms;
    crm_str_t  *answers;        /* borrowed from the reply */
    size_t      count;
} crm_recall_t;

crm_status_t crm_take_recall(crm_settle_t *settle, crm_recall_t *recall,
    const crm_reply_t *reply, crm_pool_t *pool, crm_error_t *err);


/* tick: what has become of it. */
typedef enum {
    CRM_TICK_RUN = 0,           /* it has begun */
    CRM_TICK_OVERLAP,           /* one goes on: it is left out */
    CRM_TICK_NONE,              /* there was none to begin */
    CRM_TICK_CHANGED,           /* other rules have moved the schedule */
    CRM_TICK_STALE
} crm_tick_t;

crm_status_t crm_take_tick(crm_tick_t *tick, const crm_reply_t *reply,
    crm_error_t *err);


/* trigger: whether a hand has started it; *n is how often today, or may be. */
typedef enum {
    CRM_TRIGGER_OK = 0,
    CRM_TRIGGER_LIMIT,
    CRM_TRIGGER_RUNNING,
    CRM_TRIGGER_UNKNOWN
} crm_triggered_t;

crm_status_t crm_take_trigger(crm_triggered_t *triggered, long long *n,
    const crm_reply_t *reply, crm_error_t *err);




/* quota: whether there is room for it today. */
crm_status_t crm_take_quota(int *room, const crm_reply_t *reply,
    crm_error_t *err);


typedef struct {
    long long  ready;           /* will be given out again */
    long long  dead;            /* given out too often: crash_loop */
    long long  now_ms;          /* by Redis' clock */
    long long  stepped;         /* it has stepped forward: nothing was done */
} crm_reaped_t;

crm_status_t crm_take_reaped(crm_reaped_t *reaped, const crm_reply_t *reply,
    crm_error_t *err);


typedef struct {
    long long  ready;
    long long  next_ms;         /* until the next is due, -1: none waits */
} crm_promoted_t;

crm_status_t crm_take_promoted(crm_promoted_t *promoted,
    const crm_reply_t *reply, crm_error_t *err);


/* revive, hasten, drop, discard: of each of n jobs. */
typedef enum {
    CRM_CHANGED_NO_JOB = -2,    /* it never was one */
    CRM_CHANGED_ALIVE = -1,     /* one of its id is under way, or waits */
    CRM_CHANGED_GONE = 0,       /* it is not there any more */
    CRM_CHANGED = 1
} crm_changed_t;

crm_status_t crm_take_changed(crm_changed_t *changed, size_t n,
    const crm_reply_t *reply, crm_error_t *err);

#endif
