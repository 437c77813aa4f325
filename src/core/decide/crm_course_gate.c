/*
 * Blueprints: may this write change the field that a blueprint controls?
 */

#include "decide/crm_course_gate.h"

#include "decide/crm_unsettled.h"
#include "decide/crm_call_kind.h"
#include "rules/crm_who.h"


/* Transitions that a sentence names: more, and nobody reads it. */
#define GATE_NAMED  10


static crm_status_t gate_automatic(crm_verdict_t *verdict,
    crm_write_t *write, crm_course_t *course);
static crm_status_t gate_called(crm_verdict_t *verdict, crm_write_t *write,
    crm_course_t *course);
static int gate_touches(const crm_write_t *write,
    const crm_course_t *course);
static crm_status_t gate_blueprint(crm_verdict_t *verdict,
    crm_write_t *write, crm_course_t *course);
static crm_status_t gate_fits(crm_write_t *write, crm_course_t *course);
static crm_status_t gate_fits_one(int *fits, crm_write_t *write,
    const crm_course_t *course, const crm_transition_t *transition);
static crm_status_t gate_refuse(crm_verdict_t *verdict, crm_write_t *write,
    const crm_course_t *course);
static crm_status_t gate_sentence(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course);
static crm_status_t gate_unread(crm_verdict_t *verdict);


crm_status_t
crm_course_gate_check(crm_verdict_t *verdict, crm_write_t *write)
{
    crm_course_t   *course;
    crm_status_t   rc;

    if (crm_course_gate_exempt(write)) {
        return CRM_OK;
    }

    rc = crm_unsettled_check(verdict, write);
    if (rc != CRM_OK || verdict->kind != CRM_REFUSE_NONE) {
        return rc;
    }

    rc = crm_course_find(&course, write);
    if (rc != CRM_OK) {
        return rc;
    }

    if (course->unread) {
        return gate_unread(verdict);
    }

    if (write->call && write->call->kind == CRM_CALL_TRANSITION) {
        return gate_called(verdict, write, course);
    }

    if (write->chain && write->chain->transition.len) {
        return gate_automatic(verdict, write, course);
    }

    if (course->blueprint && write->operation == CRM_OP_ACTION) {
        return gate_refuse(verdict, write, course);
    }

    if (course->blueprint == NULL || !gate_touches(write, course)
        || crm_course_gate_overrides(write))
    {
        return CRM_OK;
    }

    return gate_blueprint(verdict, write, course);
}


const char *
crm_course_gate_exempt(const crm_write_t *write)
{
    if (write->module->blueprints.count == 0) {
        return "the module has no blueprints";
    }

    switch (write->operation) {

    case CRM_OP_CREATE:
        return "a record that is created is in no blueprint yet";

    case CRM_OP_UPDATE:
        return write->before ? NULL : "the backend does not have the record";

    case CRM_OP_DELETE:
        return "blueprints do not keep a record from being deleted";

    case CRM_OP_ACTION:
        break;

    default:
        return "it writes nothing";
    }

    /* what that one writes, only the backend reads */

    return crm_str_is(write->action, "mass_update")
           ? write->before ? NULL : "the backend does not have the record"
           : "the action leaves the field of a blueprint alone";
}


const char *
crm_course_gate_overrides(const crm_write_t *write)
{
    if (write->chain) {
        return "automation writes";
    }

    if (crm_who_may(write->rules, write->actor.id, CRM_PERMIT_BLUEPRINT)) {
        return "the user's profile has the permission blueprint_override";
    }

    return NULL;
}


/* The worker runs a transition whose time has come: is the record still in the
 * state, in the very stay there, that the time was counted from? */
static crm_status_t
gate_automatic(crm_verdict_t *verdict, crm_write_t *write,
    crm_course_t *course)
{
    crm_open_t               open;
    crm_status_t             rc;
    const crm_value_t       *value;
    const crm_transition_t  *transition;

    transition = crm_course_transition(course, write->chain->transition);

    if (transition && transition->automatic && !course->astray
        && crm_str_eq(course->kept.event, write->chain->stay))
    {
        value = &write->after.slots[course->blueprint->slot];

        rc = crm_course_open(&open, write, course, transition);
        if (rc != CRM_OK) {
            return rc;
        }

        if (open == CRM_OPEN
            && crm_course_state(course->blueprint, value) == transition->to)
        {
            course->transition = transition;
            return CRM_OK;
        }
    }

    verdict->kind = CRM_REFUSE_BLUEPRINT;
    verdict->gate = "blueprint";
    verdict->rule = course->kept.blueprint;
    verdict->reason = CRM_STR("the transition that was due is not open any"
                              " more");

    return CRM_OK;
}


/* The update that a transition comes to: the call has been judged, and the
 * lease holds the record as it was. */
static crm_status_t
gate_called(crm_verdict_t *verdict, crm_write_t *write, crm_course_t *course)
{
    crm_open_t               open;
    crm_status_t             rc;
    const crm_transition_t  *transition;

    transition = crm_course_transition(course, write->call->transition);
    open = CRM_OPEN_NOT_HERE;
    rc = CRM_OK;

    if (transition) {
        rc = crm_course_open(&open, write, course, transition);
    }

    if (rc == CRM_OK && open == CRM_OPEN) {
        course->transition = transition;
        return CRM_OK;
    }

    if (rc == CRM_OK && course->blueprint) {
        return gate_refuse(verdict, write, course);
    }

    if (rc == CRM_OK) {
        verdict->kind = CRM_REFUSE_PROCESS;
        verdict->gate = "blueprint";
        verdict->reason = CRM_STR("no blueprint leads this record");
    }

    return rc;
}


/* 1.0 is no change of 1, and yet another state, or none. */
static int
gate_touches(const crm_write_t *write, const crm_course_t *course)
{
    unsigned            slot;
    const crm_value_t  *value;

    slot = course->blueprint->slot;
    value = &write->after.slots[slot];

    return write->changed_slot[slot]
           || (value->type != CRM_VALUE_UNKNOWN
               && crm_course_state(course->blueprint, value)
                  != course->state);
}


static crm_status_t
gate_blueprint(crm_verdict_t *verdict, crm_write_t *write,
    crm_course_t *course)
{
    crm_status_t  rc;

    if (course->blueprint->auto_transition) {
        rc = gate_fits(write, course);

        if (rc != CRM_OK || course->transition) {
            return rc;
        }
    }

    return gate_refuse(verdict, write, course);
}


/* The one transition that the write fits, if it is one. */
static crm_status_t
gate_fits(crm_write_t *write, crm_course_t *course)
{
    int                      fits;
    size_t                   i;
    crm_status_t             rc;
    const crm_blueprint_t   *blueprint;
    const crm_transition_t  *found;

    blueprint = course->blueprint;
    found = NULL;

    for (i = 0; i < blueprint->transitions_count; i++) {
        rc = gate_fits_one(&fits, write, course, &blueprint->transitions[i]);
        if (rc != CRM_OK) {
            return rc;
        }

        if (fits && found) {
            return CRM_OK;
        }

        if (fits) {
            found = &blueprint->transitions[i];
        }
    }

    course->transition = found;

    return CRM_OK;
}


static crm_status_t
gate_fits_one(int *fits, crm_write_t *write, const crm_course_t *course,
    const crm_transition_t *transition)
{
    crm_open_t              open;
    crm_status_t            rc;
    crm_course_ask_t         ask;
    const crm_blueprint_t  *blueprint;

    blueprint = course->blueprint;
    *fits = 0;

    if (crm_course_state(blueprint, &write->after.slots[blueprint->slot])
        != transition->to)
    {
        return CRM_OK;
    }

    rc = crm_course_open(&open, write, course, transition);
    if (rc != CRM_OK || open != CRM_OPEN) {
        return rc;
    }

    rc = crm_course_gate_ask(&ask, write, transition);
    *fits = rc == CRM_OK && ask.missing == NULL && ask.wrong == NULL;

    return rc;
}


crm_status_t
crm_course_gate_ask(crm_course_ask_t *ask, crm_write_t *write,
    const crm_transition_t *transition)
{
    int                  empty;
    size_t               i;
    const crm_field_t   *field;
    const crm_during_t  *during;

    memset(ask, 0, sizeof(crm_course_ask_t));

    for (i = 0; i < transition->during_count; i++) {
        during = &transition->during[i];

        field = crm_write_field(write, during->field);
        empty = field == NULL || crm_value_span_empty(field->value);

        if (during->required) {
            ask->needed++;
            ask->given += !empty;

            if (empty && ask->missing == NULL) {
                ask->missing = during;
            }
        }

        if (!empty && during->has_criteria && ask->wrong == NULL
            && crm_eval_criteria(&write->after_eval, &during->criteria)
               != CRM_TRUE)
        {
            ask->wrong = during;
        }
    }

    return write->after_eval.status;
}


crm_status_t
crm_course_gate_list(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course)
{
    size_t                   i, n;
    crm_open_t               open;
    crm_status_t             rc;
    const crm_blueprint_t   *blueprint;
    const crm_transition_t  *transition;

    blueprint = course->blueprint;
    n = 0;
    crm_buf_putc(buf, '[');

    for (i = 0; blueprint && i < blueprint->transitions_count; i++) {
        transition = &blueprint->transitions[i];

        rc = crm_course_open(&open, write, course, transition);
        if (rc != CRM_OK) {
            return rc;
        }

        if (open != CRM_OPEN) {
            continue;
        }

        crm_buf_puts(buf, n++ ? ",{\"id\":" : "{\"id\":");
        crm_buf_json(buf, transition->id);
        crm_buf_puts(buf, ",\"name\":");
        crm_buf_json(buf, transition->name);
        crm_buf_puts(buf, ",\"next_field_value\":");
        crm_buf_json(buf, crm_course_state_at(blueprint,
                                             transition->to)->name);
        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');

    return crm_buf_status(buf);
}


static crm_status_t
gate_refuse(crm_verdict_t *verdict, crm_write_t *write,
    const crm_course_t *course)
{
    crm_buf_t     list, text;
    crm_status_t  rc;

    crm_buf_init(&list, write->pool, 0);
    crm_buf_init(&text, write->pool, 0);

    crm_buf_puts(&list, "\"transitions\":");
    rc = crm_course_gate_list(&list, write, course);
    if (rc == CRM_OK) {
        rc = gate_sentence(&text, write, course);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    verdict->kind = CRM_REFUSE_BLUEPRINT;
    verdict->gate = "blueprint";
    verdict->rule = course->blueprint->name;
    verdict->field = crm_course_field(write->module, course->blueprint);
    verdict->reason = crm_buf_view(&text);
    verdict->details = crm_buf_view(&list);

    return CRM_OK;
}


static crm_status_t
gate_sentence(crm_buf_t *buf, crm_write_t *write, const crm_course_t *course)
{
    size_t                   i, n;
    crm_open_t               open;
    crm_status_t             rc;
    const crm_blueprint_t   *blueprint;
    const crm_transition_t  *transition;

    blueprint = course->blueprint;
    n = 0;

    crm_buf_str(buf, crm_course_field(write->module, blueprint));
    crm_buf_puts(buf, " is led by the blueprint \"");
    crm_buf_str(buf, blueprint->name);
    crm_buf_puts(buf, "\" and changes by its transitions alone; from \"");
    crm_buf_str(buf, crm_course_state_at(blueprint, course->state)->name);

    for (i = 0; i < blueprint->transitions_count && n < GATE_NAMED; i++) {
        transition = &blueprint->transitions[i];

        rc = crm_course_open(&open, write, course, transition);
        if (rc != CRM_OK) {
            return rc;
        }

        if (open == CRM_OPEN) {
            crm_buf_puts(buf, n++ ? ", " : "\" these are open: ");
            crm_buf_str(buf, transition->id);
        }
    }

    crm_buf_puts(buf, n ? "" : "\" none is open");

    return crm_buf_status(buf);
}


/* What stands in Redis is not ours: who knows what it would forbid. */
static crm_status_t
gate_unread(crm_verdict_t *verdict)
{
    verdict->kind = CRM_REFUSE_UNAVAILABLE;
    verdict->gate = "blueprint";
    verdict->reason = CRM_STR("what is kept of the record's blueprint cannot"
                              " be read");

    return CRM_OK;
}
