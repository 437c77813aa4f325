/*
 * Blueprints: may this write change the field that a blueprint controls?
 *
 * Step 4 (decide), the guard behind approval. Of a record in process the field
 * changes by transitions alone. What passes besides: the same value, which is
 * no change; what automation writes; who has the permission
 * blueprint_override; and where the blueprint says blueprint_auto_transition,
 * a write that fits exactly one transition that is open, which then is made.
 */

#ifndef CRM_COURSE_GATE_H
#define CRM_COURSE_GATE_H

#include "decide/crm_course.h"


/* Sets *verdict to a refusal or leaves it alone; notes in the write's course
 * which transition it makes. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_course_gate_check(crm_verdict_t *verdict, crm_write_t *write);

/*
 * Why no blueprint could refuse this write, whatever the record is like: a
 * sentence for people; NULL when one could.
 */
const char *crm_course_gate_exempt(const crm_write_t *write);

/* Why a write that changes the field of the record's blueprint passes without
 * a transition: a sentence for people; NULL when it does not. */
const char *crm_course_gate_overrides(const crm_write_t *write);


/* What a transition asks for, held against the record after the write. */
typedef struct {
    const crm_during_t  *missing;   /* the first that is needed and empty */
    const crm_during_t  *wrong;     /* the first whose criteria do not hold */
    size_t               needed;
    size_t               given;     /* of those */
} crm_course_ask_t;

crm_status_t crm_course_gate_ask(crm_course_ask_t *ask, crm_write_t *write,
    const crm_transition_t *transition);

/* Writes a JSON list of the transitions that are open to who writes, each with
 * id, name and next_field_value. CRM_OK, or as buf fails. */
crm_status_t crm_course_gate_list(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course);

#endif
