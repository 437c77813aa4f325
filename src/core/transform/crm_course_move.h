/*
 * What a write makes of a record's course: it enters a blueprint, moves in it,
 * leaves it.
 *
 * Step 5 (transform), behind all that rules set in the write: what counts is
 * the field as it is forwarded.
 */

#ifndef CRM_COURSE_MOVE_H
#define CRM_COURSE_MOVE_H

#include "decide/crm_course.h"
#include "transform/crm_change.h"


/* How a course changes, as traces tell it. */
#define CRM_COURSE_ENTERED     "entered"
#define CRM_COURSE_TRANSITION  "transition"
#define CRM_COURSE_EDITED      "state_change_on_edit"    /* another state,
                                                           without one */
#define CRM_COURSE_RECORD_EXIT "record_exit_on_edit"     /* somebody wrote what
                                                           is no state */
#define CRM_COURSE_EXIT        "abrupt_exit"             /* a rule did */
#define CRM_COURSE_EXIT_API    "abrupt_exit_api"         /* somebody past us */
#define CRM_COURSE_PROCESS_EXIT  "process_exit_on_edit"  /* the blueprint is
                                                           gone */

typedef struct {
    const char              *left;      /* how it left one: a word; or NULL */
    const char              *how;       /* how it came to be in blueprint, or
                                           in state; NULL: it was before */
    const crm_blueprint_t   *blueprint; /* that leads it now; or NULL */
    unsigned                 state;
    const crm_transition_t  *transition;    /* that was made; or NULL */
    int                      keeps;     /* what Redis keeps changes ... */
    crm_str_t                kept;      /* ... to this; empty: to nothing */
} crm_course_move_t;


/* Of an allowed write; changes are those that rules make in it. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_course_move(crm_course_move_t *move, crm_write_t *write,
    const crm_changes_t *changes);

#endif
