/*
 * Kinds of timers: a row each. Private to the files crm_timer*.c.
 */

#ifndef CRM_TIMER_ROW_H
#define CRM_TIMER_ROW_H

#include "queue/crm_timer.h"


/* A write whose timers are being planned. */
typedef struct {
    const crm_event_t      *event;
    crm_plan_t             *plan;
    const crm_timer_row_t  *row;
    crm_buf_t               told;       /* members of a list in the trace */
} crm_timers_t;

struct crm_timer_row_s {
    const char     *type;               /* of its job */
    const char     *prefix;             /* of its id; a hash follows */
    const char     *kept;               /* crm_timer_kept() */
    size_t        (*count)(const crm_module_t *module);
    crm_status_t  (*plan)(crm_timers_t *timers);
    crm_status_t  (*judge)(crm_timer_due_t *due, const crm_timer_t *timer,
        const crm_timer_now_t *now, crm_pool_t *pool);
};


/* ---- for the plans ---- */

/* The timer of a rule is due then; -1: not any more. keep: one that is there
 * stays as it is. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_timer_add(crm_timers_t *timers, crm_str_t rule,
    crm_str_t name, long long due_ms, int keep);

/* The trace says why there is no timer. */
void crm_timer_told(crm_timers_t *timers, crm_str_t name, const char *reason);

/* The record's field changes to value; empty: goes. At most once a row. */
void crm_timer_remember(crm_timers_t *timers, const char *field,
    crm_str_t value);

/* The date in a field of the record that is written. */
typedef struct {
    crm_moment_t   base;
    int            unknown;         /* nobody has shown the field */
    int            same;            /* the write has not changed it */
    const char    *why;             /* there is none: date_empty, no_date */
} crm_timer_base_t;

/* CRM_OK or CRM_ENOMEM. One that the backend sets itself is about now. */
crm_status_t crm_timer_date(crm_timer_base_t *base,
    const crm_timers_t *timers, crm_str_t field);

/* ---- for the judges ---- */

/* The date in a field, which may be NULL; *why there is none. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_timer_base(crm_moment_t *base, const char **why,
    const crm_field_t *field, const crm_zone_t *zone, crm_pool_t *pool);

/* due->write and due->event, of now->record, as if it were written now. */
crm_status_t crm_timer_judge_write(crm_timer_due_t *due,
    const crm_timer_t *timer, const crm_timer_now_t *now, crm_pool_t *pool);

/* It fires: the event's id is a hash of the timer's id and of time; the plan
 * and the trace follow from due->event. */
crm_status_t crm_timer_judge_fire(crm_timer_due_t *due,
    const crm_timer_t *timer, crm_str_t time, int shadow, crm_pool_t *pool);


/* ---- the rows ---- */

size_t crm_timer_date_count(const crm_module_t *module);
crm_status_t crm_timer_date_plan(crm_timers_t *timers);
crm_status_t crm_timer_date_judge(crm_timer_due_t *due,
    const crm_timer_t *timer, const crm_timer_now_t *now, crm_pool_t *pool);

size_t crm_timer_escalation_count(const crm_module_t *module);
crm_status_t crm_timer_escalation_plan(crm_timers_t *timers);
crm_status_t crm_timer_escalation_judge(crm_timer_due_t *due,
    const crm_timer_t *timer, const crm_timer_now_t *now, crm_pool_t *pool);

#endif
