/*
 * Timers of dates: when a rule with a date trigger is to look at a record.
 *
 * A rule and a record have one timer, a job that waits in the delayed set. Each
 * write that leaves another date moves it; when its time comes, the worker
 * reads the record and asks here whether the rule fires, and when next:
 *
 *     crm_date_timer_plan()    a write: timers made, moved, taken away
 *     crm_date_timer_parse()   one has come
 *     crm_date_timer_judge()   the record as it is now: does the rule fire?
 *     crm_date_timer_encode()  it waits for the next time
 *
 * It is {"v":1,"id","type":"dates","org","module","record_id","rule": id,
 * "action":{"name": of the rule},"due": ms}. The current revision of the rule
 * counts. What fires is an event of its own, whose id follows from rule, record
 * and time: whoever finds it out a second time commits the same event.
 */

#ifndef CRM_DATE_TIMER_H
#define CRM_DATE_TIMER_H

#include "queue/crm_plan.h"


/* "date:" and base32, of rule and record. */
#define CRM_DATE_ID_LEN  31

/* A date that moved so far back has been moved past its time by somebody who
 * did not write through us: nothing is fired for it. */
#define CRM_DATE_SLACK_MS  86400000LL

typedef struct {
    crm_str_t  id;
    crm_str_t  org;
    crm_str_t  module;
    crm_str_t  record_id;
    crm_str_t  rule;            /* its id */
    long long  due_ms;
} crm_date_timer_t;

/* What becomes of it. */
typedef struct {
    const char            *reason;      /* a word; NULL: the rule fires */
    int                    tells;       /* in a trace, if it does not */
    int                    early;       /* by the caller's clock it is not yet
                                           time: Redis' is ahead */
    long long              next_ms;     /* -1: it is over */
    const crm_workflow_t  *rule;        /* or NULL */
    crm_write_t            write;       /* as if it were made now */
    crm_event_t            event;
    crm_plan_t             plan;        /* if it fires */
    crm_str_t              trace;       /* if it fires, or tells */
} crm_date_due_t;


/* Adds the timers of a finished event to its jobs. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_date_timer_plan(crm_plan_t *plan, const crm_event_t *event);

/* Reads root, an object that outlives timer. CRM_EINVAL with *err;
 * CRM_ENOMEM. */
crm_status_t crm_date_timer_parse(crm_date_timer_t *timer, crm_span_t root,
    crm_pool_t *pool, crm_error_t *err);

void crm_date_timer_encode(crm_buf_t *buf, const crm_date_timer_t *timer,
    crm_str_t rule_name);

/*
 * Decides by rules, the current ones; record is what the backend shows, or
 * NULL: there is none. due borrows from all of them. CRM_OK or CRM_ENOMEM.
 */
typedef struct {
    const crm_ruleset_t  *rules;
    const crm_record_t   *record;
    const crm_dialect_t  *dialect;
    long long             now_ms;
} crm_date_now_t;

crm_status_t crm_date_timer_judge(crm_date_due_t *due,
    const crm_date_timer_t *timer, const crm_date_now_t *now,
    crm_pool_t *pool);

/* For the two files of it: the date in a field of a record. CRM_DECLINED: the
 * field is empty; CRM_EINVAL: it holds something else; CRM_ENOMEM. */
crm_status_t crm_date_timer_base(crm_moment_t *base, const crm_field_t *field,
    const crm_zone_t *zone, crm_pool_t *pool);

#endif
