/*
 * The trace document of an event: what was decided, and why.
 *
 * One document is what crmctl eval prints, and what the stream of traces
 * holds. nginx writes the rules that fired; who asks for an explanation gets
 * the others too, each with its reason and with what its leaves said.
 */

#include "queue/crm_job.h"

#include "base/crm_time.h"


/* Of a client's "trigger", so that nobody fills our stream with it. */
#define TRACE_MAX_NAMES       16
#define TRACE_MAX_NAME_BYTES  100


static void trace_head(const crm_event_t *event, crm_buf_t *buf);
static void trace_trigger(const crm_write_t *w, crm_buf_t *buf);
static void trace_names(crm_span_t list, int known, crm_buf_t *buf);
static void trace_gates(const crm_event_t *event, crm_buf_t *buf);
static crm_status_t trace_fired(const crm_event_t *event, crm_buf_t *buf,
    const crm_cmd_job_t *jobs);
static crm_status_t trace_all(const crm_event_t *event, crm_buf_t *buf);
static void trace_why(crm_buf_t *buf, const crm_why_t *why);
static void trace_rule(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule);
static void trace_actions(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_cmd_job_t **jobs);
static crm_status_t trace_conditions(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule, const crm_condition_t *chosen);
static void trace_leaf(const crm_event_t *event, crm_buf_t *buf,
    unsigned predicate, unsigned n);
static void trace_value(crm_buf_t *buf, const crm_value_t *value);
static void trace_changed(const crm_event_t *event, crm_buf_t *buf,
    int explain);
static void trace_losers(const crm_change_t *change, crm_buf_t *buf);

static const char *const  truths[] = { "false", "true", "\"unknown\"" };


crm_status_t
crm_event_trace(const crm_event_t *event, crm_buf_t *buf,
    const crm_trace_t *trace)
{
    crm_status_t  rc;

    trace_head(event, buf);

    if (trace->shadow) {
        crm_buf_puts(buf, ",\"mode\":\"shadow\"");
    }

    trace_gates(event, buf);

    crm_buf_puts(buf, ",\"rules\":[");

    rc = trace->explain ? trace_all(event, buf)
                        : trace_fired(event, buf, trace->jobs);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_putc(buf, ']');
    trace_changed(event, buf, trace->explain);

    crm_buf_puts(buf, ",\"backend_status\":");
    if (trace->backend_status) {
        crm_buf_int(buf, trace->backend_status);
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, ",\"duration_us\":");
    crm_buf_int(buf, trace->duration_us);
    crm_buf_putc(buf, '}');

    return crm_buf_status(buf);
}


static void
trace_head(const crm_event_t *event, crm_buf_t *buf)
{
    char                time[CRM_TIME_ISO_LEN + 1];
    const crm_write_t  *w;

    w = event->write;

    crm_buf_puts(buf, "{\"event_id\":");
    crm_buf_json(buf, w->event);
    crm_buf_puts(buf, ",\"ts\":");
    crm_buf_json(buf, crm_time_iso(time, w->now_ms));
    crm_buf_puts(buf, ",\"org\":");
    crm_buf_json(buf, w->org);
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, w->module->name);
    crm_buf_puts(buf, ",\"record_id\":");
    crm_buf_json(buf, event->record_id.len ? event->record_id
                                           : w->record_id);
    crm_buf_puts(buf, ",\"op\":");
    crm_buf_json(buf, crm_strz(crm_operation_name(w->operation)));
    crm_buf_puts(buf, w->import ? ",\"source\":\"import\""
                                : ",\"source\":\"crm_api\"");
    crm_buf_puts(buf, ",\"actor\":{\"user\":");
    crm_buf_json(buf, w->actor.id);
    crm_buf_puts(buf, ",\"profile\":");
    crm_buf_json(buf, w->actor.profile);
    crm_buf_puts(buf, "},\"chain\":{\"root\":");
    crm_buf_json(buf, w->event);
    crm_buf_puts(buf, ",\"depth\":0,\"parents\":[]},\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(w->rules));
    trace_trigger(w, buf);
    crm_buf_puts(buf, ",\"decision\":");
    crm_buf_puts(buf, event->verdict.kind == CRM_REFUSE_NONE
                      ? "\"allowed\"" : "\"refused\"");
}


/* What the client lets run: null for all; names that nobody knows stand apart.
 * A client may send any number of them. Where it lets no rule run, why is told
 * once for all of them. */
static void
trace_trigger(const crm_write_t *w, crm_buf_t *buf)
{
    crm_buf_puts(buf, ",\"trigger_param\":");

    if (w->trigger.type == CRM_JSON_ARRAY) {
        trace_names(w->trigger, 1, buf);
        crm_buf_puts(buf, ",\"trigger_unknown\":");
        trace_names(w->trigger, 0, buf);

    } else if (w->operation == CRM_OP_DELETE && !w->workflow) {
        crm_buf_puts(buf, "{\"wf_trigger\":false}");

    } else {
        crm_buf_puts(buf, "null");
    }

    if (!w->workflow) {
        crm_buf_puts(buf, ",\"reason\":\"");
        crm_buf_puts(buf, crm_fires_name(CRM_NOT_SUPPRESSED));
        crm_buf_putc(buf, '"');
    }
}


static void
trace_names(crm_span_t list, int known, crm_buf_t *buf)
{
    size_t      n, cursor;
    crm_span_t  name;

    n = 0;
    cursor = 0;
    crm_buf_putc(buf, '[');

    while (n < TRACE_MAX_NAMES && crm_span_next(list, &cursor, NULL, &name)) {

        if ((crm_dialect_run(name) != 0) != known
            || name.len > TRACE_MAX_NAME_BYTES)
        {
            continue;
        }

        crm_buf_puts(buf, n++ ? "," : "");
        crm_buf_str(buf, crm_span_raw(name));
    }

    crm_buf_putc(buf, ']');
}


/* A gate behind the one that refused was not asked. */
static void
trace_gates(const crm_event_t *event, crm_buf_t *buf)
{
    size_t              i;
    const char *const  *gates;

    gates = crm_decide_gates();

    crm_buf_puts(buf, ",\"gates\":[");

    for (i = 0; gates[i]; i++) {
        crm_buf_puts(buf, i ? ",{\"gate\":\"" : "{\"gate\":\"");
        crm_buf_puts(buf, gates[i]);

        if (event->verdict.kind == CRM_REFUSE_NONE
            || strcmp(event->verdict.gate, gates[i]) != 0)
        {
            crm_buf_puts(buf, "\",\"result\":\"pass\"}");
            continue;
        }

        crm_buf_puts(buf, "\",\"result\":\"refused\",\"rule_id\":");
        crm_buf_json(buf, event->verdict.rule);
        crm_buf_puts(buf, ",\"detail\":");
        crm_buf_json(buf, event->verdict.reason);
        crm_buf_putc(buf, '}');
        break;
    }

    crm_buf_putc(buf, ']');
}


static crm_status_t
trace_fired(const crm_event_t *event, crm_buf_t *buf,
    const crm_cmd_job_t *jobs)
{
    size_t              i;
    const crm_fired_t  *fired;

    for (i = 0; i < event->transform.fired_count; i++) {
        fired = &event->transform.fired[i];

        crm_buf_puts(buf, i ? "," : "");
        trace_rule(event, buf, fired->rule);
        crm_buf_puts(buf, ",\"trigger_matched\":true,\"chosen\":");
        crm_buf_int(buf, fired->condition->seq);
        trace_actions(event, buf, fired, &jobs);
        crm_buf_putc(buf, '}');
    }

    return CRM_OK;
}


static crm_status_t
trace_all(const crm_event_t *event, crm_buf_t *buf)
{
    size_t                  i;
    crm_why_t               why;
    crm_fired_t             fired;
    crm_status_t            rc;
    const crm_module_t     *module;
    const crm_cmd_job_t    *jobs;

    module = event->write->module;
    jobs = NULL;

    for (i = 0; i < module->workflows_count; i++) {
        fired.rule = module->workflows[i];

        rc = crm_event_why(event, fired.rule, &why);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_puts(buf, i ? "," : "");
        trace_rule(event, buf, fired.rule);
        trace_why(buf, &why);

        if (why.condition || why.why == CRM_NOT_CRITERIA
            || why.why == CRM_NOT_FIELD)
        {
            rc = trace_conditions(event, buf, fired.rule, why.condition);
            if (rc != CRM_OK) {
                return rc;
            }
        }

        if (why.why == CRM_FIRES) {
            fired.condition = why.condition;

            crm_buf_puts(buf, ",\"chosen\":");
            crm_buf_int(buf, fired.condition->seq);
            trace_actions(event, buf, &fired, &jobs);
        }

        crm_buf_putc(buf, '}');
    }

    return CRM_OK;
}


static void
trace_why(crm_buf_t *buf, const crm_why_t *why)
{
    crm_buf_puts(buf, ",\"trigger_matched\":");
    crm_buf_puts(buf, why->why == CRM_NOT_TRIGGER
                      || why->why == CRM_NOT_INACTIVE ? "false" : "true");

    if (why->why == CRM_FIRES) {
        return;
    }

    crm_buf_puts(buf, ",\"reason\":\"");
    crm_buf_puts(buf, crm_fires_name(why->why));
    crm_buf_putc(buf, '"');

    if (why->field.len) {
        crm_buf_puts(buf, ",\"detail\":{\"field\":");
        crm_buf_json(buf, why->field);
        crm_buf_putc(buf, '}');
    }
}


static void
trace_rule(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule)
{
    crm_buf_puts(buf, "{\"rule_id\":");
    crm_buf_json(buf, rule->id);
    crm_buf_puts(buf, ",\"name\":");
    crm_buf_json(buf, rule->name);
    crm_buf_puts(buf, ",\"version\":");
    crm_buf_int(buf, crm_ruleset_revision(event->write->rules));

    if (rule->status == CRM_STATUS_SHADOW) {
        crm_buf_puts(buf, ",\"mode\":\"shadow\"");
    }
}


/* Jobs were planned in this very order; *jobs is the next of them, or NULL. */
static void
trace_actions(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_cmd_job_t **jobs)
{
    char                 id[CRM_JOB_ID_LEN + 1];
    size_t               i;
    const char          *state;
    const crm_action_t  *action;

    crm_buf_puts(buf, ",\"actions\":[");

    for (i = 0; i < fired->condition->actions_count; i++) {
        action = &fired->condition->actions[i];

        state = fired->rule->status == CRM_STATUS_SHADOW ? "dry_run"
                : action->id == CRM_ACTION_FIELD_UPDATE ? "done" : "queued";

        crm_buf_puts(buf, i ? ",{\"seq\":" : "{\"seq\":");
        crm_buf_int(buf, action->seq);
        crm_buf_puts(buf, ",\"type\":\"");
        crm_buf_puts(buf, action->type);
        crm_buf_puts(buf, "\",");

        if (action->id == CRM_ACTION_FIELD_UPDATE) {
            crm_buf_puts(buf, "\"field\":");
            crm_buf_json(buf, action->u.update.field);

        } else {
            crm_buf_puts(buf, "\"name\":");
            crm_buf_json(buf, action->u.webhook->name);
            crm_buf_puts(buf, ",\"idem_key\":");

            if (*jobs && fired->rule->status == CRM_STATUS_ON) {
                crm_buf_json(buf, (*jobs)++->id);
            } else {
                crm_buf_json(buf, crm_job_id(id, event, fired, action));
            }
        }

        crm_buf_puts(buf, ",\"state\":\"");
        crm_buf_puts(buf, state);
        crm_buf_puts(buf, "\"}");
    }

    crm_buf_putc(buf, ']');
}


/* Conditions up to the chosen one: those behind it are in its shadow. */
static crm_status_t
trace_conditions(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule, const crm_condition_t *chosen)
{
    size_t                  i;
    unsigned                k, n;
    crm_truth_t             t;
    crm_write_t            *w;
    const crm_criteria_t   *criteria;

    w = event->write;
    crm_buf_puts(buf, ",\"conditions\":[");

    for (i = 0; i < rule->conditions_count; i++) {
        criteria = &rule->conditions[i].criteria;
        n = 0;

        crm_buf_puts(buf, i ? ",{\"seq\":" : "{\"seq\":");
        crm_buf_int(buf, rule->conditions[i].seq);

        if (chosen && rule->conditions[i].seq > chosen->seq) {
            crm_buf_puts(buf, ",\"reason\":\"shadowed_by_condition\"}");
            continue;
        }

        t = crm_eval_criteria(&w->after_eval, criteria);

        crm_buf_puts(buf, ",\"result\":");
        crm_buf_puts(buf, truths[t]);
        crm_buf_puts(buf, ",\"leaves\":[");

        for (k = 0; k < criteria->count; k++) {
            if (criteria->nodes[k].type == CRM_NODE_LEAF) {
                trace_leaf(event, buf, criteria->nodes[k].predicate, ++n);
            }
        }

        crm_buf_puts(buf, "]}");
    }

    crm_buf_putc(buf, ']');

    return w->after_eval.status;
}


static void
trace_leaf(const crm_event_t *event, crm_buf_t *buf, unsigned predicate,
    unsigned n)
{
    unsigned                i;
    crm_truth_t             t;
    crm_write_t            *w;
    const crm_schema_t     *schema;
    const crm_predicate_t  *p;

    w = event->write;
    schema = &w->module->schema;
    p = w->module->predicates.items[predicate];
    t = crm_eval_predicate(&w->after_eval, predicate);

    crm_buf_puts(buf, n > 1 ? ",{\"n\":" : "{\"n\":");
    crm_buf_int(buf, n);
    crm_buf_puts(buf, ",\"field\":");
    crm_buf_json(buf, schema->names.entries[p->slot].key);
    crm_buf_puts(buf, ",\"comparator\":\"");
    crm_buf_puts(buf, p->comparator->name);
    crm_buf_puts(buf, "\",\"left\":");
    trace_value(buf, &w->after.slots[p->slot]);
    crm_buf_puts(buf, ",\"right\":");

    if (p->comparator->max > 1) {
        crm_buf_putc(buf, '[');
    }

    for (i = 0; i < p->count; i++) {
        crm_buf_puts(buf, i ? "," : "");

        crm_buf_str(buf, crm_eval_right_json(&w->after_eval,
                                             &p->operands[i]));
    }

    if (p->comparator->max > 1) {
        crm_buf_putc(buf, ']');
    }

    crm_buf_puts(buf, ",\"result\":");
    crm_buf_puts(buf, truths[t]);
    crm_buf_putc(buf, '}');
}


static void
trace_value(crm_buf_t *buf, const crm_value_t *value)
{
    if (value->type == CRM_VALUE_UNKNOWN) {
        crm_buf_puts(buf, "\"unknown\"");

    } else if (value->span.type == CRM_JSON_NONE) {
        crm_buf_puts(buf, "null");

    } else {
        crm_buf_str(buf, crm_span_raw(value->span));
    }
}


/*
 * Fields that the client changed, then those that rules did. On a create all
 * that the client sent is new, which nobody needs to be told.
 */
static void
trace_changed(const crm_event_t *event, crm_buf_t *buf, int explain)
{
    int                   n;
    size_t                i;
    const crm_write_t    *w;
    const crm_field_t    *field, *old;
    const crm_change_t   *change;

    w = event->write;
    n = 0;

    crm_buf_puts(buf, ",\"changed\":[");

    for (i = 0; w->request && i < w->request->count; i++) {
        field = &w->request->fields[i];

        if (!w->changed[i]
            || (w->operation == CRM_OP_CREATE && !explain))
        {
            continue;
        }

        old = w->before ? crm_record_field(w->before, field->name) : NULL;

        crm_buf_puts(buf, n++ ? ",{\"field\":" : "{\"field\":");
        crm_buf_json(buf, field->name);
        crm_buf_puts(buf, ",\"old\":");
        crm_buf_str(buf, old ? crm_span_raw(old->value) : CRM_STR("null"));
        crm_buf_puts(buf, ",\"new\":");
        crm_buf_str(buf, crm_span_raw(field->value));
        crm_buf_putc(buf, '}');
    }

    for (i = 0; i < event->transform.changes.count; i++) {
        change = &event->transform.changes.items[i];

        if (change->same && change->losers_count == 0) {
            continue;
        }

        crm_buf_puts(buf, n++ ? ",{\"field\":" : "{\"field\":");
        crm_buf_json(buf, change->field);
        crm_buf_puts(buf, ",\"old\":");
        crm_buf_str(buf, change->old.type != CRM_JSON_NONE
                         ? crm_span_raw(change->old) : CRM_STR("null"));
        crm_buf_puts(buf, ",\"new\":");
        crm_buf_str(buf, change->json);
        crm_buf_puts(buf, ",\"rule_id\":");
        crm_buf_json(buf, change->rule->id);

        trace_losers(change, buf);

        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');
}


/* Rules whose value the last one overruled. */
static void
trace_losers(const crm_change_t *change, crm_buf_t *buf)
{
    size_t  i;

    for (i = 0; i < change->losers_count; i++) {
        crm_buf_puts(buf, i ? "," : ",\"conflict\":[");
        crm_buf_json(buf, change->losers[i]->id);
    }

    crm_buf_puts(buf, i ? "]" : "");
}
