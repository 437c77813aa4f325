/*
 * Timers: when a rule is to look at a record, whatever happens to it until
 * then.
 *
 * A rule and a record have one timer, a job that waits in the delayed set. Each
 * write that leaves another time moves it; when its time comes, the worker
 * reads the record and asks here whether the rule does something, and when
 * next:
 *
 *     crm_timer_plan()    a write: timers made, moved, taken away
 *     crm_timer_parse()   one has come
 *     crm_timer_judge()   the record as it is now: does the rule fire?
 *     crm_timer_encode()  it waits for the next time
 *
 * It is {"v":1,"id","type","org","module","record_id","rule": id,
 * "action":{"name": of the rule},"due": ms}, its type that of a row in
 * crm_timer.c: "dates", of a workflow rule that a date starts, "escalations",
 * of a CRM module's escalation rule. The current revision of the rule counts.
 * What fires is an event of its own, whose id follows from timer and time:
 * whoever finds it out a second time commits the same event.
 */

#ifndef CRM_TIMER_H
#define CRM_TIMER_H

#include "queue/crm_plan.h"


/* A date that moved so far back has been moved past its time by somebody who
 * did not write through us: nothing is fired for it. */
#define CRM_TIMER_SLACK_MS  86400000LL

typedef struct crm_timer_row_s  crm_timer_row_t;

typedef struct {
    const crm_timer_row_t  *row;
    crm_str_t               id;
    crm_str_t               org;
    crm_str_t               module;
    crm_str_t               record_id;
    crm_str_t               rule;       /* its id */
    long long               due_ms;
} crm_timer_t;

/* What becomes of it. */
typedef struct {
    const char  *reason;        /* a word; NULL: the rule fires */
    int          tells;         /* in a trace, if it does not */
    int          early;         /* by the caller's clock it is not yet time:
                                   Redis' is ahead */
    long long    next_ms;       /* -1: it is over */
    crm_str_t    name;          /* of the rule; its id, if it is gone */
    int          remembers;     /* what is kept of the record changes, unless
                                   somebody else has changed it, ... */
    crm_str_t    keeps;         /* ... to this; empty: to nothing */
    crm_write_t  write;         /* as if it were made now */
    crm_event_t  event;
    crm_plan_t   plan;          /* if it fires */
    crm_str_t    trace;         /* if it fires, or tells */
} crm_timer_due_t;


/* How many timers the write may move at most. */
size_t crm_timer_counts(const crm_write_t *write);

/* Adds the timers of a finished event to its jobs and changes, and what traces
 * tell of them. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_timer_plan(crm_plan_t *plan, const crm_event_t *event);

/* What traces tell of them alone, for those who commit nothing. */
crm_status_t crm_timer_tell(crm_plan_t *plan, const crm_event_t *event);

/* Reads root, an object that outlives timer. CRM_EINVAL with *err;
 * CRM_ENOMEM. */
crm_status_t crm_timer_parse(crm_timer_t *timer, crm_span_t root,
    crm_pool_t *pool, crm_error_t *err);

void crm_timer_encode(crm_buf_t *buf, const crm_timer_t *timer,
    crm_str_t rule_name);

/*
 * Decides by rules, the current ones; record is what the backend shows, or
 * NULL: there is none. due borrows from all of them. CRM_OK or CRM_ENOMEM.
 */
typedef struct {
    const crm_ruleset_t  *rules;
    const crm_record_t   *record;
    const crm_dialect_t  *dialect;
    crm_str_t             kept;         /* the field of crm_timer_kept(); or
                                           empty */
    int                   whole;        /* what the record lacks is empty,
                                           whatever the dialect says */
    long long             now_ms;
} crm_timer_now_t;

crm_status_t crm_timer_judge(crm_timer_due_t *due,
    const crm_timer_t *timer, const crm_timer_now_t *now,
    crm_pool_t *pool);

/* The field of the record's hash that the judge must know; NULL: none. */
const char *crm_timer_kept(const crm_timer_t *timer);

#endif
