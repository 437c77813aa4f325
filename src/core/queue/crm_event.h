/*
 * What happened: one write, judged and transformed, and what is told of it.
 *
 * The conductor's façade over the steps of the core. The same calls in the
 * same order serve nginx, crmctl eval and recovery:
 *
 *     crm_write_init()        decide/crm_write.h
 *     crm_event_judge()       the guards, then the transformers
 *     crm_event_forward()     the body with the changes laid in
 *     crm_intent_encode()     queue/crm_intent.h: durable before the proxy
 *     crm_event_finish()      the outcome is known: final record and marks
 *     crm_plan()              queue/crm_plan.h
 *     crm_event_trace()       what is told of it
 */

#ifndef CRM_EVENT_H
#define CRM_EVENT_H

#include "decide/crm_decide.h"
#include "state/crm_cmd.h"
#include "transform/crm_course_move.h"
#include "transform/crm_effects.h"
#include "transform/crm_transform.h"
#include "transform/crm_why.h"


typedef struct {
    crm_write_t      *write;
    crm_verdict_t     verdict;
    crm_transform_t   transform;
    crm_effects_t     effects;          /* of approvals and blueprints */
    const crm_course_move_t  *course;   /* what becomes of the record's; NULL
                                           where there is no blueprint */
    int               restored;         /* from its intent, by recovery */
    int               lapsed;           /* then: without the lease meanwhile */
    crm_str_t         scores;           /* then: as the intent tells them, a
                                           list; may be empty */
    const crm_record_t  *shown;         /* what the backend's answer shows of
                                           it; or NULL: see crm_renew.h */

    /* made by crm_event_finish() */
    crm_str_t         record_id;
    crm_str_t         record_json;      /* the whole after-image */
    crm_record_t      record;
    crm_str_t        *marks;            /* locking rules it matches now */
    size_t            marks_count;

    /* made by crm_snapshot_keep() */
    crm_str_t         snapshot;         /* empty: none is kept */
    crm_str_t         snapshot_s;       /* for how long, seconds as text */
} crm_event_t;


/* Judges write; if it is allowed, transforms it. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_event_judge(crm_event_t *event, crm_write_t *write);

/* Why rule fired in a judged event, or did not, its guards' verdict included:
 * see crm_why.h. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_event_why(const crm_event_t *event,
    const crm_workflow_t *rule, crm_why_t *why);

/* body with the changes laid in; body itself when there are none. */
crm_status_t crm_event_forward(const crm_event_t *event, crm_str_t body,
    crm_str_t *forwarded);

/*
 * Completes the event once the write is known to be done. record_id is the
 * one that the backend gave a created record, else the write's.
 */
crm_status_t crm_event_finish(crm_event_t *event, crm_str_t record_id);

/*
 * The same for a commit and its trace alone: of an update from which nothing
 * follows that tells the record, marks are made, and record and record_json
 * may be left empty.
 */
crm_status_t crm_event_finish_told(crm_event_t *event, crm_str_t record_id);

/*
 * Writes the trace document: one writer for nginx, the worker and crmctl. With
 * explain, rules that did not fire are in it, each with its reason, and gates
 * and conditions with what every leaf compared and said. With whole, the record
 * after the write and its jobs are in it too.
 */
typedef struct crm_trace_same_s  crm_trace_same_t;

typedef struct {
    int                   explain;
    int                   whole;
    int                   shadow;           /* nothing of it was done */
    int                   brief;            /* not what changes, and says so */
    unsigned              backend_status;   /* 0: not asked */
    long long             duration_us;      /* of evaluation */
    const crm_cmd_job_t  *jobs;             /* planned already; NULL: not */
    size_t                jobs_count;       /* for whole */
    crm_str_t             timers;           /* of the plan, or empty */
    crm_trace_same_t     *same;             /* of records of one request, one
                                               after the other; or NULL */
} crm_trace_t;

/* What the traces of a request's records have in common, as the first of them
 * says it; all zero before that. */
struct crm_trace_same_s {
    const crm_write_t  *write;
    crm_str_t           begins;             /* to the record's id */
    crm_str_t           goes_on;            /* from there to the decision */
};

crm_status_t crm_event_trace(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace);

#endif
