/*
 * A decision, for people.
 */

#include "crm_cli_explain.h"
#include "crm_cli_print.h"


static void explain_head(const crm_event_t *event, FILE *out);
static void explain_verdict(const crm_event_t *event, FILE *out);
static crm_status_t explain_rules(const crm_event_t *event, FILE *out);
static void explain_rule(const crm_workflow_t *rule, const crm_why_t *why,
    FILE *out);
static void explain_conditions(crm_write_t *w, const crm_workflow_t *rule,
    const crm_condition_t *chosen, FILE *out);
static void explain_leaf(crm_write_t *w, unsigned predicate, FILE *out);
static void explain_right(crm_write_t *w, crm_operand_t *operand, FILE *out);
static void explain_value(const crm_value_t *value, FILE *out);
static void explain_span(crm_span_t span, FILE *out);
static void explain_changes(const crm_event_t *event, FILE *out);
static void explain_jobs(const crm_plan_t *plan, FILE *out);


static const char *const  truths[] = { "false", "true", "unknown" };


crm_status_t
crm_cli_explain(crm_cli_decision_t *decision, FILE *out)
{
    crm_status_t         rc;
    const crm_event_t   *event;

    event = &decision->event;

    explain_head(event, out);
    explain_verdict(event, out);

    if (event->verdict.kind != CRM_REFUSE_NONE) {
        return CRM_OK;
    }

    rc = explain_rules(event, out);
    if (rc != CRM_OK) {
        return rc;
    }

    explain_changes(event, out);
    explain_jobs(&decision->plan, out);

    if (event->write->request) {
        fputs("the backend gets\n  ", out);
        crm_cli_print_str(decision->forwarded, out);
        putc('\n', out);
    }

    return CRM_OK;
}


static void
explain_head(const crm_event_t *event, FILE *out)
{
    const crm_write_t  *w;

    w = event->write;

    fprintf(out, "%s ", crm_operation_name(w->operation));
    crm_cli_print_str(w->module->name, out);

    if (w->record_id.len) {
        putc('/', out);
        crm_cli_print_str(w->record_id, out);
    }

    if (w->actor.id.len == 0) {
        fputs(" by nobody known\n", out);
        return;
    }

    fputs(" by ", out);
    crm_cli_print_str(w->actor.id, out);

    if (w->actor.profile.len == 0) {
        fputs(" (no active user of the rules)\n", out);
        return;
    }

    fputs(" (profile ", out);
    crm_cli_print_str(w->actor.profile, out);

    if (w->actor.role.len) {
        fputs(", role ", out);
        crm_cli_print_str(w->actor.role, out);
    }

    fputs(")\n", out);
}


static void
explain_verdict(const crm_event_t *event, FILE *out)
{
    const crm_verdict_t  *v;

    v = &event->verdict;

    if (v->kind == CRM_REFUSE_NONE) {
        fputs("allowed\n", out);
        return;
    }

    fprintf(out, "refused by %s", v->gate);

    if (v->rule.len) {
        fputs(" \"", out);
        crm_cli_print_str(v->rule, out);
        putc('"', out);
    }

    fputs(": ", out);
    crm_cli_print_str(v->reason, out);
    putc('\n', out);
}


static crm_status_t
explain_rules(const crm_event_t *event, FILE *out)
{
    size_t                  i;
    crm_why_t               why;
    crm_write_t            *w;
    crm_status_t            rc;
    const crm_workflow_t   *rule;

    w = event->write;

    if (w->module->workflows_count == 0) {
        return CRM_OK;
    }

    fputs("rules\n", out);

    for (i = 0; i < w->module->workflows_count; i++) {
        rule = w->module->workflows[i];

        rc = crm_event_why(event, rule, &why);
        if (rc != CRM_OK) {
            return rc;
        }

        explain_rule(rule, &why, out);

        if (why.why == CRM_FIRES || why.why == CRM_NOT_CRITERIA
            || why.why == CRM_NOT_FIELD)
        {
            explain_conditions(w, rule, why.condition, out);
        }
    }

    return w->after_eval.status;
}


static void
explain_rule(const crm_workflow_t *rule, const crm_why_t *why, FILE *out)
{
    fputs(why->why != CRM_FIRES ? "  not fired  "
          : rule->status == CRM_STATUS_SHADOW ? "  shadow     "
          : "  fired      ", out);
    crm_cli_print_str(rule->name, out);

    if (why->why != CRM_FIRES) {
        fprintf(out, ": %s", crm_fires_name(why->why));

        if (why->field.len) {
            fputs(" (", out);
            crm_cli_print_str(why->field, out);
            putc(')', out);
        }

    } else if (rule->conditions_count > 1) {
        fprintf(out, ": condition %u", why->condition->seq);
    }

    putc('\n', out);
}


/* Conditions up to the chosen one: those behind it are in its shadow. */

static void
explain_conditions(crm_write_t *w, const crm_workflow_t *rule,
    const crm_condition_t *chosen, FILE *out)
{
    size_t                  i;
    unsigned                k;
    const crm_criteria_t   *criteria;

    for (i = 0; i < rule->conditions_count; i++) {
        if (chosen && rule->conditions[i].seq > chosen->seq) {
            break;
        }

        criteria = &rule->conditions[i].criteria;

        fprintf(out, "               condition %u: %s\n",
                rule->conditions[i].seq,
                criteria->count == 0 ? "every record"
                : truths[crm_eval_criteria(&w->after_eval, criteria)]);

        for (k = 0; k < criteria->count; k++) {
            if (criteria->nodes[k].type == CRM_NODE_LEAF) {
                explain_leaf(w, criteria->nodes[k].predicate, out);
            }
        }
    }
}


static void
explain_leaf(crm_write_t *w, unsigned predicate, FILE *out)
{
    unsigned                i;
    const crm_predicate_t  *p;

    p = w->module->predicates.items[predicate];

    fputs("                 ", out);
    crm_cli_print_str(w->module->schema.names.entries[p->slot].key, out);
    fputs(" ", out);
    explain_value(&w->after.slots[p->slot], out);
    fprintf(out, " %s ", p->comparator->name);

    for (i = 0; i < p->count; i++) {
        fputs(i ? ", " : "", out);

        explain_right(w, &p->operands[i], out);
    }

    fprintf(out, ": %s\n", truths[crm_eval_predicate(&w->after_eval,
                                                     predicate)]);
}


/* A constant; another field, or a token, and what it stands for. */

static void
explain_right(crm_write_t *w, crm_operand_t *operand, FILE *out)
{
    if (operand->is_empty) {
        fputs("${EMPTY}", out);
        return;
    }

    if (operand->source != CRM_OPERAND_VALUE) {
        crm_cli_print_str(operand->value.text, out);
        putc(' ', out);
    }

    crm_cli_print_str(crm_eval_right_json(&w->after_eval, operand), out);
}


static void
explain_value(const crm_value_t *value, FILE *out)
{
    if (value->type == CRM_VALUE_UNKNOWN) {
        fputs("(unknown)", out);

    } else {
        explain_span(value->span, out);
    }
}


static void
explain_span(crm_span_t span, FILE *out)
{
    crm_cli_print_str(span.type == CRM_JSON_NONE ? CRM_STR("(empty)")
                                                 : crm_span_raw(span), out);
}


static void
explain_changes(const crm_event_t *event, FILE *out)
{
    size_t               i, k, n;
    const crm_change_t  *change;

    n = 0;

    for (i = 0; i < event->transform.changes.count; i++) {
        change = &event->transform.changes.items[i];

        if (change->same && change->losers_count == 0) {
            continue;
        }

        fputs(n++ ? "  " : "changes by rules\n  ", out);
        crm_cli_print_str(change->field, out);
        fputs(": ", out);
        explain_span(change->old, out);
        fputs(" becomes ", out);
        crm_cli_print_str(change->json, out);
        fputs(", by ", out);
        crm_cli_print_str(change->rule->name, out);

        for (k = 0; k < change->losers_count; k++) {
            fputs(k ? ", " : " (overrides ", out);
            crm_cli_print_str(change->losers[k]->name, out);
        }

        fputs(k ? ")" : "", out);
        putc('\n', out);
    }
}


static void
explain_jobs(const crm_plan_t *plan, FILE *out)
{
    size_t                i;
    json_t               *job, *action;
    const char           *name, *method, *url, *rule;
    const crm_cmd_job_t  *j;

    for (i = 0; i < plan->jobs_count; i++) {
        j = &plan->jobs[i];

        job = json_loadb(j->json.data, j->json.len, JSON_DECODE_INT_AS_REAL,
                         NULL);
        action = json_object_get(job, "action");
        rule = json_string_value(json_object_get(job, "rule"));
        name = json_string_value(json_object_get(action, "name"));
        method = json_string_value(json_object_get(action, "method"));
        url = json_string_value(json_object_get(action, "url"));

        fputs(i ? "" : "jobs\n", out);
        fprintf(out, "  %s ", crm_queue_name(j->queue));
        crm_cli_print_text(name ? name : "", out);

        if (method && url) {
            putc(' ', out);
            crm_cli_print_text(method, out);
            putc(' ', out);
            crm_cli_print_text(url, out);
        }

        fputs(", by ", out);
        crm_cli_print_text(rule ? rule : "", out);
        putc('\n', out);

        json_decref(job);
    }
}


crm_status_t
crm_cli_explain_json(crm_cli_decision_t *decision, FILE *out)
{
    size_t        i;
    crm_buf_t     buf;
    crm_str_t     text;
    crm_trace_t   trace;
    crm_event_t  *event;
    crm_status_t  rc;

    event = &decision->event;

    memset(&trace, 0, sizeof(crm_trace_t));
    trace.explain = 1;

    crm_buf_init(&buf, event->write->pool, 0);

    rc = crm_event_trace(event, &buf, &trace);
    if (rc != CRM_OK) {
        return rc;
    }

    text = crm_buf_view(&buf);
    text.len--;                         /* the closing brace comes last */

    (void) fwrite(text.data, 1, text.len, out);
    fputs(",\"record\":", out);

    if (event->record_json.len) {
        (void) fwrite(event->record_json.data, 1, event->record_json.len, out);
    } else {
        fputs("null", out);
    }

    fputs(",\"jobs\":[", out);

    for (i = 0; i < decision->plan.jobs_count; i++) {
        text = decision->plan.jobs[i].json;
        fputs(i ? "," : "", out);
        (void) fwrite(text.data, 1, text.len, out);
    }

    fputs("]}\n", out);

    return CRM_OK;
}
