/*
 * What happened: one write, judged and transformed.
 */

#include "queue/crm_event.h"

#include "transform/crm_assign.h"
#include "transform/crm_score.h"
#include "transform/crm_submit.h"


static const crm_record_t *event_asked(const crm_write_t *w);
static crm_status_t event_approval(crm_event_t *event);
static crm_status_t event_course(crm_event_t *event);
static crm_status_t event_timers(crm_event_t *event,
    const crm_course_move_t *move);
static crm_status_t event_step(crm_event_t *event, crm_stage_t stage,
    const crm_blueprint_t *blueprint, size_t place);


crm_status_t
crm_event_judge(crm_event_t *event, crm_write_t *write)
{
    crm_status_t  rc;

    memset(event, 0, sizeof(crm_event_t));
    event->write = write;

    rc = crm_decide(&event->verdict, write);

    if (rc != CRM_OK || event->verdict.kind != CRM_REFUSE_NONE) {
        return rc;
    }

    /* what an action makes of the record, the backend alone knows */

    if (write->operation == CRM_OP_ACTION) {
        return CRM_OK;
    }

    rc = crm_transform(&event->transform, write);

    if (rc == CRM_OK) {
        rc = crm_assign_follow(&event->effects, write);
    }

    if (rc == CRM_OK) {
        rc = crm_score_follow(&event->effects, write);
    }

    if (rc == CRM_OK) {
        rc = event_approval(event);
    }

    return rc == CRM_OK ? event_course(event) : rc;
}


/* Whether the record waits for an approval now. */
static crm_status_t
event_approval(crm_event_t *event)
{
    crm_write_t  *w;

    w = event->write;

    return w->operation == CRM_OP_DELETE
           ? crm_submit_leave(&event->effects, w)
           : crm_submit(&event->effects, w, &event->transform.changes);
}


/* What the write makes of the record's course in a blueprint. */
static crm_status_t
event_course(crm_event_t *event)
{
    crm_status_t              rc;
    crm_write_t              *w;
    crm_course_move_t        *move;
    const crm_transition_t   *transition;

    w = event->write;

    if (w->module->blueprints.count == 0) {
        return CRM_OK;
    }

    move = crm_pool_alloc(w->pool, sizeof(crm_course_move_t));
    if (move == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_course_move(move, w, &event->transform.changes);
    if (rc != CRM_OK) {
        return rc;
    }

    event->course = move;
    transition = move->transition;

    if (move->keeps) {
        rc = move->kept.len
             ? crm_effects_set(&event->effects, CRM_STATE_BLUEPRINT,
                               move->kept, w->pool)
             : crm_effects_unset(&event->effects, CRM_STATE_BLUEPRINT,
                                 w->pool);
    }

    if (rc == CRM_OK && transition && transition->after_count) {
        rc = event_step(event, CRM_STAGE_AFTER, w->course->blueprint,
                        (size_t) (transition
                                  - w->course->blueprint->transitions));
    }

    return rc == CRM_OK && move->how ? event_timers(event, move) : rc;
}


/* A state begins: from now on the time counts until transitions run by
 * themselves, and until somebody hears that the record stays. */
static crm_status_t
event_timers(crm_event_t *event, const crm_course_move_t *move)
{
    size_t                   i;
    crm_course_t             there;
    crm_status_t             rc;
    const crm_transition_t  *transition;

    memset(&there, 0, sizeof(crm_course_t));
    there.blueprint = move->blueprint;
    there.state = move->state;

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < move->blueprint->transitions_count; i++) {
        transition = &move->blueprint->transitions[i];

        if (transition->automatic && crm_course_leads(&there, transition)) {
            rc = event_step(event, CRM_STAGE_AUTOMATIC, move->blueprint, i);
        }
    }

    if (rc == CRM_OK
        && crm_course_state_at(move->blueprint, move->state)->run)
    {
        rc = event_step(event, CRM_STAGE_STAY, move->blueprint, move->state);
    }

    return rc;
}


/* place: of the transition, or the state, among those of the blueprint. */
static crm_status_t
event_step(crm_event_t *event, crm_stage_t stage,
    const crm_blueprint_t *blueprint, size_t place)
{
    crm_step_t  step;

    step.process = CRM_PROCESS_BLUEPRINT;
    step.stage = stage;
    step.name = blueprint->name;
    step.index = (unsigned) place + 1;

    return crm_effects_start(&event->effects, event->write->module, &step,
                             event->write->pool);
}


crm_status_t
crm_event_why(const crm_event_t *event, const crm_workflow_t *rule,
    crm_why_t *why)
{
    return crm_why(why, event->write, rule, &event->verdict);
}


crm_status_t
crm_event_forward(const crm_event_t *event, crm_str_t body,
    crm_str_t *forwarded)
{
    if (event->write->request == NULL) {
        *forwarded = body;
        return CRM_OK;
    }

    return crm_changes_apply(&event->transform.changes, body,
                             event->write->sent ? event->write->sent
                                                : event_asked(event->write),
                             forwarded, event->write->pool);
}


/* The client's own text: what it says has no place in what was added. */
static const crm_record_t *
event_asked(const crm_write_t *w)
{
    return w->asked ? w->asked : w->request;
}
