/*
 * A record's course in a blueprint: which blueprint leads it, which state it
 * is in, and which transitions are open from there.
 *
 * What Redis keeps says that a record is in process, and in which blueprint;
 * the stored value of the blueprint's field says in which state. A record that
 * Redis knows nothing of is led by none: it enters one at its next write
 * (crm_course_move.h). A field that nobody could read is taken to hold what
 * Redis keeps.
 *
 * Kept, the field CRM_STATE_BLUEPRINT of the record's hash, is
 *
 *     {"blueprint", "state", "since": ms, "transition": id|null, "event",
 *      "partial": {"transition": id, "data": {...}}}
 *
 * where event is that of the write which led into the state, the name of this
 * stay: timers hold it. partial is there if a transition was saved partially.
 */

#ifndef CRM_COURSE_H
#define CRM_COURSE_H

#include "decide/crm_verdict.h"
#include "decide/crm_write.h"
#include "rules/crm_blueprint.h"


/* Of what was saved partially: what a form holds. */
#define CRM_COURSE_MAX_PARTIAL  (16 * 1024)

typedef struct {
    crm_str_t   blueprint;
    crm_str_t   state;
    long long   since_ms;
    crm_str_t   transition;         /* that led here; empty: none did */
    crm_str_t   event;
    crm_str_t   partial;            /* a transition's id, or empty */
    crm_span_t  data;               /* and what was given for it */
} crm_course_kept_t;

typedef struct crm_course_s {
    int                           had;      /* Redis keeps something */
    int                           unread;   /* which nobody can read */
    int                           gone;     /* or of a blueprint that the rules
                                               do not have any more */
    crm_course_kept_t              kept;
    const crm_blueprint_t        *blueprint;    /* that leads it; or NULL */
    unsigned                      state;        /* then: by its place */
    int                           astray;   /* had, and the stored record is
                                               not in the state that is kept */
    const crm_transition_t       *transition;   /* that this write makes, as
                                               the gate has found; or NULL */
} crm_course_t;

/* Whether a transition may be made, and if not, what is first in the way. */
typedef enum {
    CRM_OPEN = 0,
    CRM_OPEN_NOT_HERE,              /* it leads from other states */
    CRM_OPEN_NOT_YOURS,             /* the user is none of its owners */
    CRM_OPEN_NOT_NOW                /* its criteria do not hold */
} crm_open_t;


/* What is kept, read; it borrows from text and pool. CRM_EINVAL: it is none;
 * CRM_ENOMEM. */
crm_status_t crm_course_parse(crm_course_kept_t *kept, crm_str_t text,
    crm_pool_t *pool);

/* And written. Fails as buf does. */
void crm_course_encode(crm_buf_t *buf, const crm_course_kept_t *kept);

/* The course of the record that is written, found once a write. The write must
 * be initialised. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_course_find(crm_course_t **course, crm_write_t *write);

/*
 * Takes it that a record of which Redis says nothing has entered a blueprint
 * already, if it is such a record: for those who have no Redis to ask.
 */
crm_status_t crm_course_suppose(crm_write_t *write);

/* The state of blueprint that a value of its field stands for: its place, or
 * CRM_SLOT_NONE. An empty one is the state "None" or "-None-". */
unsigned crm_course_state(const crm_blueprint_t *blueprint,
    const crm_value_t *value);

const crm_blueprint_state_t *crm_course_state_at(
    const crm_blueprint_t *blueprint, unsigned state);

/* The name of the field that blueprint controls. */
crm_str_t crm_course_field(const crm_module_t *module,
    const crm_blueprint_t *blueprint);

/* The first in sequence that image's record would enter, with its state; or
 * NULL. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_course_take(const crm_blueprint_t **blueprint,
    unsigned *state, const crm_module_t *module, crm_eval_t *eval);

/* Of the course's blueprint; or NULL. */
const crm_transition_t *crm_course_transition(const crm_course_t *course,
    crm_str_t id);

/* Whether transition of the course's blueprint leads from its state; and
 * whether it is open to who writes, by the stored record. CRM_OK or
 * CRM_ENOMEM. */
int crm_course_leads(const crm_course_t *course,
    const crm_transition_t *transition);
crm_status_t crm_course_open(crm_open_t *open, crm_write_t *write,
    const crm_course_t *course, const crm_transition_t *transition);

#endif
