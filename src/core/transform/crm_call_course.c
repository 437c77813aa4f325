/*
 * Calls on the blueprint of a record: where it stands, and what is open.
 */

#include "transform/crm_call_blueprint.h"

#include "base/crm_time.h"
#include "decide/crm_course_gate.h"


#define COURSE_DAY_MS  86400000LL

/* Of the transitions behind one: what a form shows. */
#define COURSE_NEXT_MAX  25


static crm_status_t course_vendor(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course);
static void course_info(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course);
static void course_escalation(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course);
static crm_status_t course_transitions(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course);
static void course_transition(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course, size_t i, crm_open_t open);
static void course_next(crm_buf_t *buf, const crm_blueprint_t *blueprint,
    unsigned state);
static void course_fields(crm_buf_t *buf, const crm_transition_t *transition);
static void course_data(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course, const crm_transition_t *transition);
static void course_execution(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course, const crm_transition_t *transition);
static crm_status_t course_plain(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course);


crm_status_t
crm_call_course_read(crm_called_t *called, crm_write_t *write,
    const crm_course_t *course)
{
    crm_buf_t     buf;
    crm_status_t  rc;

    crm_buf_init(&buf, write->pool, 0);

    rc = write->call->vendor ? course_vendor(&buf, write, course)
                             : course_plain(&buf, write, course);

    called->status = 200;
    called->answer = crm_buf_view(&buf);

    return rc == CRM_OK ? crm_buf_status(&buf) : rc;
}


void
crm_call_course_percent(crm_buf_t *buf, size_t given, size_t needed)
{
    long long  tenths;

    tenths = needed ? (long long) (given * 1000 / needed) : 0;

    crm_buf_int(buf, tenths / 10);
    crm_buf_putc(buf, '.');
    crm_buf_int(buf, tenths % 10);
}


static crm_status_t
course_vendor(crm_buf_t *buf, crm_write_t *write, const crm_course_t *course)
{
    crm_status_t  rc;

    crm_buf_puts(buf, "{\"blueprint\":{\"process_info\":");
    course_info(buf, write, course);
    crm_buf_puts(buf, ",\"transitions\":");
    rc = course_transitions(buf, write, course);
    crm_buf_puts(buf, "}}");

    return rc;
}


/* The vendor's numbers of fields and processes are not known: a process goes
 * by its name. */
static void
course_info(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course)
{
    crm_str_t  field, state;

    field = crm_course_field(write->module, course->blueprint);
    state = crm_course_state_at(course->blueprint, course->state)->name;

    crm_buf_puts(buf, "{\"field_id\":null,\"api_name\":");
    crm_buf_json(buf, field);
    crm_buf_puts(buf, ",\"field_value\":");
    crm_buf_json(buf, state);
    crm_buf_puts(buf, ",\"field_label\":");
    crm_buf_json(buf, field);
    crm_buf_puts(buf, ",\"id\":");
    crm_buf_json(buf, course->blueprint->name);
    crm_buf_puts(buf, ",\"name\":");
    crm_buf_json(buf, course->blueprint->name);
    crm_buf_puts(buf, ",\"is_continuous\":false,\"escalation\":");
    course_escalation(buf, write, course);
    crm_buf_puts(buf, ",\"current_picklist\":{\"value\":");
    crm_buf_json(buf, state);
    crm_buf_puts(buf, "}}");
}


static void
course_escalation(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course)
{
    long long                     due;
    const crm_blueprint_state_t  *state;

    state = crm_course_state_at(course->blueprint, course->state);

    if (!state->has_escalation || course->astray) {
        crm_buf_puts(buf, "null");
        return;
    }

    due = crm_interval_add(&state->escalate_after, course->kept.since_ms,
                           crm_ruleset_zone(write->rules),
                           crm_ruleset_hours(write->rules));

    crm_buf_puts(buf, "{\"days\":");
    crm_buf_int(buf, (due - course->kept.since_ms + COURSE_DAY_MS / 2)
                     / COURSE_DAY_MS);
    crm_buf_puts(buf, ",\"status\":");
    crm_buf_puts(buf, due <= write->now_ms ? "\"escalated\"}"
                                           : "\"not_escalated\"}");
}


/* Those that the user may run, were the record so. */
static crm_status_t
course_transitions(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course)
{
    size_t        i, n;
    crm_open_t    open;
    crm_status_t  rc;

    n = 0;
    crm_buf_putc(buf, '[');

    for (i = 0; i < course->blueprint->transitions_count; i++) {
        rc = crm_course_open(&open, write, course,
                             &course->blueprint->transitions[i]);
        if (rc != CRM_OK) {
            return rc;
        }

        if (open == CRM_OPEN || open == CRM_OPEN_NOT_NOW) {
            crm_buf_puts(buf, n++ ? "," : "");
            course_transition(buf, write, course, i, open);
        }
    }

    crm_buf_putc(buf, ']');

    return CRM_OK;
}


static void
course_transition(crm_buf_t *buf, crm_write_t *write,
    const crm_course_t *course, size_t i, crm_open_t open)
{
    const crm_transition_t  *transition;

    transition = &course->blueprint->transitions[i];

    crm_buf_puts(buf, "{\"id\":");
    crm_buf_json(buf, transition->id);
    crm_buf_puts(buf, ",\"name\":");
    crm_buf_json(buf, transition->name);
    crm_buf_puts(buf, open == CRM_OPEN
                      ? ",\"criteria_matched\":true,\"criteria_message\":null"
                      : ",\"criteria_matched\":false,\"criteria_message\":"
                        "\"the record does not match the criteria of this"
                        " transition\"");
    crm_buf_puts(buf, ",\"next_field_value\":");
    crm_buf_json(buf, crm_course_state_at(course->blueprint,
                                          transition->to)->name);
    crm_buf_puts(buf, ",\"next_transitions\":");
    course_next(buf, course->blueprint, transition->to);
    crm_buf_puts(buf, ",\"fields\":");
    course_fields(buf, transition);
    crm_buf_puts(buf, ",\"data\":");
    course_data(buf, write, course, transition);
    crm_buf_puts(buf, ",\"type\":");
    crm_buf_puts(buf, transition->automatic ? "\"automatic\""
                      : transition->common ? "\"global\"" : "\"manual\"");
    crm_buf_puts(buf, ",\"sequence\":");
    crm_buf_int(buf, (long long) i + 1);
    crm_buf_puts(buf, ",\"execution_time\":");
    course_execution(buf, write, course, transition);
    crm_buf_putc(buf, '}');
}


static void
course_next(crm_buf_t *buf, const crm_blueprint_t *blueprint, unsigned state)
{
    size_t                   i, n;
    crm_course_t             there;
    const crm_transition_t  *next;

    memset(&there, 0, sizeof(crm_course_t));
    there.blueprint = blueprint;
    there.state = state;

    n = 0;
    crm_buf_putc(buf, '[');

    for (i = 0; i < blueprint->transitions_count && n < COURSE_NEXT_MAX; i++)
    {
        next = &blueprint->transitions[i];

        if (crm_course_leads(&there, next)) {
            crm_buf_puts(buf, n++ ? ",{\"id\":" : "{\"id\":");
            crm_buf_json(buf, next->id);
            crm_buf_puts(buf, ",\"name\":");
            crm_buf_json(buf, next->name);
            crm_buf_putc(buf, '}');
        }
    }

    crm_buf_putc(buf, ']');
}


static void
course_fields(crm_buf_t *buf, const crm_transition_t *transition)
{
    size_t               i;
    const crm_during_t  *during;

    crm_buf_putc(buf, '[');

    for (i = 0; i < transition->during_count; i++) {
        during = &transition->during[i];

        crm_buf_puts(buf, i ? ",{\"api_name\":" : "{\"api_name\":");
        crm_buf_json(buf, during->field);
        crm_buf_puts(buf, ",\"_type\":\"field\",\"mandatory\":");
        crm_buf_puts(buf, during->required ? "true" : "false");
        crm_buf_puts(buf, ",\"message\":");

        if (during->message.len) {
            crm_buf_json(buf, during->message);
        } else {
            crm_buf_puts(buf, "null");
        }

        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');
}


/* What the fields hold by now: what was saved partially, else what is stored;
 * and how much of what is needed that is. */
static void
course_data(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course, const crm_transition_t *transition)
{
    int                  saved;
    size_t               i, n, needed, given;
    crm_span_t           value;
    const crm_field_t   *stored;
    const crm_during_t  *during;

    saved = course->kept.partial.len
            && crm_str_eq(course->kept.partial, transition->id);
    n = needed = given = 0;
    crm_buf_putc(buf, '{');

    for (i = 0; i < transition->during_count; i++) {
        during = &transition->during[i];
        memset(&value, 0, sizeof(crm_span_t));

        if (saved) {
            value = crm_span_member(course->kept.data, during->field);
        }

        stored = crm_record_field(write->before, during->field);
        if (value.type == CRM_JSON_NONE && stored) {
            value = stored->value;
        }

        needed += during->required != 0;
        given += during->required && !crm_value_span_empty(value);

        if (!crm_value_span_empty(value)) {
            crm_buf_puts(buf, n++ ? "," : "");
            crm_buf_json(buf, during->field);
            crm_buf_putc(buf, ':');
            crm_buf_str(buf, crm_span_raw(value));
        }
    }

    crm_buf_puts(buf, "},\"percent_partial_save\":");
    crm_call_course_percent(buf, saved ? given : 0, needed);
}


static void
course_execution(crm_buf_t *buf, const crm_write_t *write,
    const crm_course_t *course, const crm_transition_t *transition)
{
    if (!transition->automatic || course->astray) {
        crm_buf_puts(buf, "null");
        return;
    }

    crm_buf_putc(buf, '"');
    crm_call_time(buf, crm_interval_add(&transition->automatic_after,
                                        course->kept.since_ms,
                                        crm_ruleset_zone(write->rules),
                                        crm_ruleset_hours(write->rules)),
                  crm_ruleset_zone(write->rules));
    crm_buf_putc(buf, '"');
}


/* The same for every dialect. */
static crm_status_t
course_plain(crm_buf_t *buf, crm_write_t *write, const crm_course_t *course)
{
    char  time[CRM_TIME_ISO_LEN + 1];

    crm_buf_puts(buf, "{\"blueprint\":");
    crm_buf_json(buf, course->blueprint->name);
    crm_buf_puts(buf, ",\"field\":");
    crm_buf_json(buf, crm_course_field(write->module, course->blueprint));
    crm_buf_puts(buf, ",\"state\":");
    crm_buf_json(buf, crm_course_state_at(course->blueprint,
                                          course->state)->name);
    crm_buf_puts(buf, ",\"since\":");
    crm_buf_json(buf, crm_time_iso(time, course->kept.since_ms));
    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, course->kept.event);
    crm_buf_puts(buf, ",\"transitions\":");

    if (course_transitions(buf, write, course) != CRM_OK) {
        return CRM_ENOMEM;
    }

    crm_buf_putc(buf, '}');

    return CRM_OK;
}
