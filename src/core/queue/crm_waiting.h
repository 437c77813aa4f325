/*
 * A waiting job: a scheduled action, from the event that fired its rule until
 * it is due.
 *
 * Commit stores it at once, to be let out at its time. Nothing of it is
 * rendered: when it is due, the worker reads the record and asks here what is
 * to become of it.
 *
 *     crm_waiting_encode()    the event: what is stored        crm_plan.c
 *     crm_waiting_parse()     it is due
 *     crm_waiting_judge()     the record as it is now: does it run?
 *     crm_waiting_render()    the job as it is delivered
 *     crm_waiting_trace()     why it does not run
 *
 * Stored it is a job without an action to carry out, and with
 *
 *     "waits": {"condition", "block", "action": 1.., "due": ms,
 *               "recheck": bool, "operation", "dialect"}
 *
 * A job of a written record that lacks what only the backend knows is stored
 * likewise, through its entrance: block is 0, it is due at once, "late" names
 * the fields. "waits" of a process' job has "process" and "stage" besides
 * (crm_process.h), "rule" is the process' name then. It always runs; a record
 * that is gone is an error.
 *
 * What the rule says is that of the revision that queued it; whether the rule
 * is on, that of the current one. "record" is null but on delete, where it is
 * the last there was.
 */

#ifndef CRM_WAITING_H
#define CRM_WAITING_H

#include "queue/crm_event.h"


/* What it says. Strings and records borrow from the document and the pool. */
typedef struct {
    crm_str_t             id;
    crm_str_t             event;
    crm_str_t             org;
    crm_str_t             module;
    crm_str_t             record_id;
    crm_str_t             rule;         /* its id */
    crm_str_t             actor_id;     /* may be empty */
    long long             revision;     /* that queued it */
    unsigned              condition;    /* 1-based, as all three */
    unsigned              block;        /* 0: not scheduled, late */
    unsigned              action;
    crm_process_t         process;      /* NONE: of a workflow rule */
    crm_stage_t           stage;        /* else */
    long long             due_ms;
    int                   recheck;
    crm_operation_t       operation;
    crm_str_t             speaks;       /* the name of its dialect */
    const crm_dialect_t  *dialect;      /* NULL: it is none that is built in,
                                           see crm_waiting_dialect() */
    const crm_record_t   *before;       /* of that write, or NULL */
    const crm_chain_t    *chain;        /* likewise: NULL of somebody's own */
} crm_waiting_t;

/* What becomes of it. */
typedef struct {
    int                     runs;
    const char             *reason;     /* a word; if it does not run */
    int                     rechecked;  /* the criteria were asked */
    const crm_waiting_t    *waiting;
    const crm_ruleset_t    *rules;      /* that queued it */
    crm_write_t             write;      /* as if it were made now */
    crm_event_t             event;
    crm_fired_t             fired;
    const crm_action_t     *action;
} crm_due_t;


/* Why a scheduled action does not run; the rest of the words are those of
 * crm_fires_name(). */
#define CRM_DUE_CRITERIA   "criteria_no_longer_met"
#define CRM_DUE_RECORD     "record_deleted"
#define CRM_DUE_RULE       "rule_deleted"
#define CRM_DUE_MOVED      "moved_on"   /* from the state that it was in */


/* When a block of a rule that fired in event is due. */
long long crm_waiting_due(const crm_event_t *event,
    const crm_scheduled_t *block);

/* Writes what is stored of an action; fired names its block and when it is
 * due, without a block late what it waits for. */
crm_status_t crm_waiting_encode(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id,
    crm_late_t *late);

/*
 * Reads doc, which must outlive waiting. CRM_EINVAL with *err naming the
 * member that is missing or of the wrong type; CRM_ENOMEM.
 */
crm_status_t crm_waiting_parse(crm_waiting_t *waiting, crm_str_t doc,
    crm_pool_t *pool, crm_error_t *err);

/*
 * What is to be asked of the backend: {module}/{id}, no slash in front.
 * CRM_DECLINED: nothing, the record was deleted. CRM_EINVAL: its id is none.
 * CRM_ENOMEM.
 */
crm_status_t crm_waiting_path(crm_str_t *path, const crm_waiting_t *waiting,
    crm_pool_t *pool);

/* Sets the dialect to the one that rules know by its name, or that is built
 * in. CRM_DECLINED: there is none of that name. */
crm_status_t crm_waiting_dialect(crm_waiting_t *waiting,
    const crm_ruleset_t *rules);

/*
 * Decides. rules are those of waiting->revision, current those of now (the
 * same are fine); record is what the backend shows, or NULL: there is none.
 * All are borrowed by due. CRM_EINVAL with *err when rules lack what waiting
 * names; CRM_ENOMEM.
 */
typedef struct {
    const crm_ruleset_t  *rules;
    const crm_ruleset_t  *current;
    const crm_record_t   *record;
    crm_str_t             course;       /* of a blueprint's: what is kept of
                                           the record, CRM_STATE_BLUEPRINT */
    int                   whole;        /* what the record lacks is empty,
                                           whatever the dialect says */
    long long             now_ms;
} crm_waiting_now_t;

crm_status_t crm_waiting_judge(crm_due_t *due, const crm_waiting_t *waiting,
    const crm_waiting_now_t *now, crm_pool_t *pool, crm_error_t *err);

/* Writes the job of one that runs: as if the event had been now. */
crm_status_t crm_waiting_render(const crm_due_t *due, crm_buf_t *buf);

/* Writes the trace document of one that was judged. */
crm_status_t crm_waiting_trace(crm_due_t *due, crm_buf_t *buf);

#endif
