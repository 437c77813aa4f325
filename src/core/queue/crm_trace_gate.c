/*
 * The gates of a trace document.
 */

#include "queue/crm_trace_gate.h"

#include "decide/crm_course_gate.h"
#include "decide/crm_lock.h"
#include "decide/crm_validate.h"
#include "queue/crm_trace_rule.h"


typedef struct {
    const char     *gate;
    crm_status_t  (*explain)(const crm_event_t *event, crm_buf_t *buf);
} gate_row_t;


static void gate_said(const crm_event_t *event, crm_buf_t *buf,
    const char *gate);
static crm_status_t gate_explain(const crm_event_t *event, crm_buf_t *buf,
    const char *gate);
static crm_status_t gate_lock(const crm_event_t *event, crm_buf_t *buf);
static crm_status_t gate_blueprint(const crm_event_t *event,
    crm_buf_t *buf);
static crm_status_t gate_validation(const crm_event_t *event,
    crm_buf_t *buf);
static void gate_exempt(crm_buf_t *buf, const char *why);
static void gate_rule(crm_buf_t *buf, size_t *n, crm_str_t name);


static const gate_row_t  rows[] = {
    { "lock", gate_lock },
    { "blueprint", gate_blueprint },
    { "validation", gate_validation }
};


/* A gate behind the one that refused was not asked. */
crm_status_t
crm_trace_gate_all(const crm_event_t *event, crm_buf_t *buf, int explain)
{
    int            refused;
    size_t         at;
    const char    *gate;
    crm_status_t   rc;

    refused = 0;

    crm_buf_puts(buf, ",\"gates\":[");

    for (at = 0; !refused; ) {
        gate = crm_decide_gate(event->write->module, &at);
        if (gate == NULL) {
            break;
        }

        crm_buf_puts(buf, at > 1 ? ",{\"gate\":\"" : "{\"gate\":\"");
        crm_buf_puts(buf, gate);
        crm_buf_putc(buf, '"');

        gate_said(event, buf, gate);

        rc = explain ? gate_explain(event, buf, gate) : CRM_OK;
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_putc(buf, '}');

        refused = event->verdict.kind != CRM_REFUSE_NONE
                  && strcmp(event->verdict.gate, gate) == 0;
    }

    crm_buf_putc(buf, ']');

    return CRM_OK;
}


static void
gate_said(const crm_event_t *event, crm_buf_t *buf, const char *gate)
{
    if (event->verdict.kind == CRM_REFUSE_NONE
        || strcmp(event->verdict.gate, gate) != 0)
    {
        crm_buf_puts(buf, ",\"result\":\"pass\"");
        return;
    }

    crm_buf_puts(buf, ",\"result\":\"refused\",\"rule_id\":");
    crm_buf_json(buf, event->verdict.rule);
    crm_buf_puts(buf, ",\"detail\":");
    crm_buf_json(buf, event->verdict.reason);
}


static crm_status_t
gate_explain(const crm_event_t *event, crm_buf_t *buf, const char *gate)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].gate, gate) == 0) {
            return rows[i].explain(event, buf);
        }
    }

    return CRM_OK;
}


/* What the locking rules say of the stored record, and why that may not
 * matter. */
static crm_status_t
gate_lock(const crm_event_t *event, crm_buf_t *buf)
{
    size_t                  i, n;
    crm_write_t            *w;
    crm_status_t            rc;
    const crm_lock_rule_t  *rule;

    w = event->write;

    if (w->module->locking == NULL) {
        return CRM_OK;
    }

    gate_exempt(buf, crm_lock_exempt(w));

    crm_buf_puts(buf, ",\"rules\":[");

    for (i = 0, n = 0; w->before && i < w->module->locking->rules_count; i++) {
        rule = &w->module->locking->rules[i];

        gate_rule(buf, &n, rule->name);
        crm_buf_puts(buf, ",\"lock_existing_records\":");
        crm_buf_puts(buf, rule->existing ? "true" : "false");
        crm_buf_puts(buf, ",\"marked\":");
        crm_buf_puts(buf, w->state && crm_state_has_lock(w->state, rule->name)
                          ? "true" : "false");

        rc = crm_trace_rule_criteria(buf, w->module, &w->stored_eval,
                                     &rule->criteria);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');

    return CRM_OK;
}


/* Why none stands in the way, where the gate itself has not said it. */
static crm_status_t
gate_blueprint(const crm_event_t *event, crm_buf_t *buf)
{
    crm_write_t   *w;
    const char    *why;
    crm_status_t   rc;
    crm_course_t  *course;

    w = event->write;

    if (event->verdict.kind != CRM_REFUSE_NONE) {
        return CRM_OK;
    }

    why = crm_course_gate_exempt(w);

    if (why == NULL) {
        rc = crm_course_find(&course, w);
        if (rc != CRM_OK) {
            return rc;
        }

        why = course->blueprint == NULL ? "no blueprint leads the record"
              : !w->changed_slot[course->blueprint->slot]
              ? "the field that the blueprint leads does not change"
              : course->transition ? "the write makes a transition that is open"
              : crm_course_gate_overrides(w);
    }

    gate_exempt(buf, why);

    return CRM_OK;
}


/* What they say of the record as the client would have it. */
static crm_status_t
gate_validation(const crm_event_t *event, crm_buf_t *buf)
{
    size_t                   i, n;
    const char              *why;
    crm_write_t             *w;
    crm_status_t             rc;
    const crm_validation_t  *rule;

    w = event->write;
    why = crm_validate_exempt(w);

    gate_exempt(buf, why);

    crm_buf_puts(buf, ",\"rules\":[");

    for (i = 0, n = 0; why == NULL && i < w->module->validations.count; i++) {
        rule = w->module->validations.items[i];

        gate_rule(buf, &n, rule->name);
        crm_buf_puts(buf, ",\"run\":");
        crm_buf_puts(buf, rule->always ? "\"always\"" : "\"opt_in\"");
        crm_buf_puts(buf, ",\"asked\":");
        crm_buf_puts(buf, crm_validate_asked(w, rule) ? "true" : "false");

        rc = crm_trace_rule_criteria(buf, w->module, &w->after_eval,
                                     &rule->criteria);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');

    return CRM_OK;
}


static void
gate_exempt(crm_buf_t *buf, const char *why)
{
    if (why) {
        crm_buf_puts(buf, ",\"detail\":");
        crm_buf_json(buf, crm_strz(why));
    }
}


static void
gate_rule(crm_buf_t *buf, size_t *n, crm_str_t name)
{
    crm_buf_puts(buf, (*n)++ ? ",{\"rule_id\":" : "{\"rule_id\":");
    crm_buf_json(buf, name);
}
