/*
 * What happened: one write, judged and transformed.
 */

#include "queue/crm_event.h"

#include "decide/crm_lock.h"
#include "queue/crm_timer.h"
#include "record/crm_splice.h"
#include "transform/crm_assign.h"
#include "transform/crm_score.h"
#include "transform/crm_submit.h"


/* Room for what rules add to a record: mostly less. */
#define EVENT_MORE_BYTES  512


static const crm_record_t *event_asked(const crm_write_t *w);
static crm_status_t event_approval(crm_event_t *event);
static crm_status_t event_course(crm_event_t *event);
static crm_status_t event_timers(crm_event_t *event,
    const crm_course_move_t *move);
static crm_status_t event_step(crm_event_t *event, crm_stage_t stage,
    const crm_blueprint_t *blueprint, size_t place);
static crm_status_t event_final(crm_event_t *event, const crm_record_t *set);
static crm_status_t event_write(crm_event_t *event, const crm_record_t *set);
static crm_status_t event_splice(crm_event_t *event, const crm_record_t *set);
static crm_status_t event_encode(crm_event_t *event);
static crm_status_t event_set(const crm_event_t *event, crm_record_t *set);
static crm_status_t event_marks(crm_event_t *event, const crm_record_t *set);


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


crm_status_t
crm_event_finish(crm_event_t *event, crm_str_t record_id)
{
    crm_record_t  set;
    crm_status_t  rc;

    event->record_id = record_id;

    rc = event_set(event, &set);

    if (rc == CRM_OK) {
        rc = event_final(event, &set);
    }
    if (rc == CRM_OK) {
        rc = event_write(event, &set);
    }

    return rc == CRM_OK ? event_marks(event, &set) : rc;
}


crm_status_t
crm_event_finish_told(crm_event_t *event, crm_str_t record_id)
{
    crm_record_t  set;
    crm_status_t  rc;

    if (event->transform.fired_count || event->effects.steps_count
        || event->write->operation != CRM_OP_UPDATE
        || crm_timer_counts(event->write))
    {
        return crm_event_finish(event, record_id);
    }

    event->record_id = record_id;

    rc = event_set(event, &set);

    if (rc == CRM_OK && set.count) {
        rc = event_final(event, &set);
    }

    return rc == CRM_OK ? event_marks(event, &set) : rc;
}


/*
 * Before-image, the request laid over it, what rules changed laid over that,
 * and the id: put together from the spans that are there, nothing is read
 * again.
 */
static crm_status_t
event_final(crm_event_t *event, const crm_record_t *set)
{
    crm_record_t         merged;
    crm_status_t         rc;
    const crm_write_t   *w;
    const crm_record_t  *sent;

    w = event->write;
    sent = w->request;
    rc = CRM_OK;

    if (w->before) {
        rc = crm_image_merge(&merged, w->before, w->request, w->pool);
        sent = &merged;
    }

    if (rc == CRM_OK && w->before && set->count == 0) {
        event->record = merged;
        return CRM_OK;
    }

    return rc == CRM_OK ? crm_image_merge(&event->record, sent, set, w->pool)
                        : rc;
}


/* The same as text. */
static crm_status_t
event_write(crm_event_t *event, const crm_record_t *set)
{
    const crm_write_t  *w;

    w = event->write;

    return w->before == NULL && w->request && w->request->object.data
           ? event_splice(event, set) : event_encode(event);
}


/* Nothing lies under what the client sent: its own text, with set laid in. */
static crm_status_t
event_splice(crm_event_t *event, const crm_record_t *set)
{
    size_t               i;
    crm_splice_t         splice;
    crm_status_t         rc;
    const crm_record_t  *sent;

    sent = event_asked(event->write);

    crm_splice_init(&splice, crm_record_raw(sent), event->write->pool);

    for (i = 0; i < set->count; i++) {
        rc = crm_splice_set(&splice, sent, set->fields[i].name,
                            crm_span_raw(set->fields[i].value));
        if (rc != CRM_OK) {
            return rc;
        }
    }

    event->record_json = crm_splice_apply(&splice);

    return event->record_json.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
event_encode(crm_event_t *event)
{
    crm_buf_t           buf;
    const crm_write_t  *w;

    w = event->write;

    crm_buf_init(&buf, w->pool, 0);
    crm_buf_reserve(&buf, EVENT_MORE_BYTES
                          + (w->request ? w->request->object.len : 0)
                          + (w->before ? w->before->object.len : 0));
    crm_image_encode(&buf, &event->record, NULL);
    event->record_json = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* What is set besides the request: changes, and the id if it shows none. */
static crm_status_t
event_set(const crm_event_t *event, crm_record_t *set)
{
    size_t                i;
    crm_buf_t             id;
    crm_str_t             json;
    crm_value_t           value;
    crm_status_t          rc;
    crm_field_t          *field;
    const crm_write_t    *w;
    const crm_changes_t  *changes;

    w = event->write;
    changes = &event->transform.changes;

    memset(set, 0, sizeof(crm_record_t));
    set->fields = crm_pool_calloc(w->pool, changes->count + 1,
                                  sizeof(crm_field_t));
    if (set->fields == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_init(&id, w->pool, 0);
    crm_buf_json(&id, event->record_id);

    if (crm_buf_status(&id) != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (i = 0; i <= changes->count; i++) {
        if (i < changes->count && changes->items[i].same) {
            continue;
        }

        if (i == changes->count
            && (event->record_id.len == 0
                || crm_write_field(w, CRM_STR("id"))))
        {
            break;
        }

        json = i < changes->count ? changes->items[i].json
                                  : crm_buf_view(&id);

        rc = crm_value_parse(&value, json, w->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        field = &set->fields[set->count++];
        field->name = i < changes->count ? changes->items[i].field
                                         : CRM_STR("id");
        field->hash = crm_str_hash(field->name);
        field->value = value.span;
    }

    return CRM_OK;
}


/* A call saves nothing: what a save has marked stays. An update that sets
 * nothing leaves the record as it was judged. */
static crm_status_t
event_marks(crm_event_t *event, const crm_record_t *set)
{
    crm_eval_t          eval, *final;
    crm_image_t         image;
    crm_write_t        *w;
    crm_status_t        rc;
    crm_value_type_t    absent;

    w = event->write;

    if (w->module->locking == NULL || w->operation == CRM_OP_DELETE
        || w->operation == CRM_OP_ACTION)
    {
        return CRM_OK;
    }

    final = &w->after_eval;
    rc = CRM_OK;

    if (set->count || w->operation != CRM_OP_UPDATE) {
        final = &eval;
        absent = w->before && !w->absent_is_null ? CRM_VALUE_UNKNOWN
                                                 : CRM_VALUE_EMPTY;

        rc = crm_image_build(&image, &w->module->schema, &event->record, NULL,
                             absent, w->pool);
        if (rc == CRM_OK) {
            rc = crm_eval_init(&eval, &image, &w->module->predicates,
                               &w->scope, w->pool);
        }
    }

    return rc == CRM_OK ? crm_lock_marks(w->module, final, &event->marks,
                                         &event->marks_count, w->pool) : rc;
}
