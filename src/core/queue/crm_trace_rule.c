/*
 * The rules of a trace document, each with why it did not fire or what it
 * does, its conditions, and what every leaf of their criteria compared.
 */

#include "queue/crm_trace_rule.h"

#include "base/crm_time.h"
#include "queue/crm_job_type.h"
#include "queue/crm_trace_value.h"
#include "queue/crm_waiting.h"
#include "rules/crm_notice.h"
#include "transform/crm_update.h"


static crm_status_t trace_judged(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule, const crm_cmd_job_t **jobs);
static void trace_stopped(const crm_event_t *event, crm_buf_t *buf,
    size_t n);
static void trace_why(crm_buf_t *buf, const crm_why_t *why);
static void trace_rule(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule);
static void trace_actions(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_cmd_job_t **jobs);
static void trace_list(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_action_t *actions, size_t count,
    const crm_cmd_job_t **jobs);
static const char *trace_skipped(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_action_t *action);
static void trace_job(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_action_t *action,
    const crm_cmd_job_t **jobs);
static crm_status_t trace_conditions(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule, const crm_condition_t *chosen);
static void trace_leaf(crm_buf_t *buf, const crm_module_t *module,
    crm_eval_t *eval, unsigned predicate, unsigned n);

static const char *const  truths[] = { "false", "true", "\"unknown\"" };


crm_status_t
crm_trace_rule_fired(const crm_event_t *event, crm_buf_t *buf,
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

    trace_stopped(event, buf, i);

    return CRM_OK;
}


/* Rules that the chain kept from firing, behind n others. */
static void
trace_stopped(const crm_event_t *event, crm_buf_t *buf, size_t n)
{
    size_t              i;
    const crm_write_t  *w;

    w = event->write;

    for (i = 0; i < w->stopped_count; i++) {
        crm_buf_puts(buf, n++ ? "," : "");
        trace_rule(event, buf, w->stopped[i]);
        crm_buf_puts(buf, ",\"trigger_matched\":true,\"reason\":\"");
        crm_buf_puts(buf, crm_fires_name(CRM_NOT_LOOP));
        crm_buf_puts(buf, "\"}");
    }
}


/* Rules are judged anew: what was planned for an event that was restored need
 * not be what they would do. */
crm_status_t
crm_trace_rule_all(const crm_event_t *event, crm_buf_t *buf)
{
    size_t                i;
    crm_status_t          rc;
    const crm_module_t   *module;
    const crm_cmd_job_t  *jobs;

    jobs = NULL;
    module = event->write->module;

    for (i = 0; i < module->workflows_count; i++) {
        crm_buf_puts(buf, i ? "," : "");

        rc = trace_judged(event, buf, module->workflows[i], &jobs);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
trace_judged(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule, const crm_cmd_job_t **jobs)
{
    crm_why_t     why;
    crm_fired_t   fired;
    crm_status_t  rc;

    rc = crm_event_why(event, rule, &why);
    if (rc != CRM_OK) {
        return rc;
    }

    trace_rule(event, buf, rule);
    trace_why(buf, &why);

    if (why.condition || why.why == CRM_NOT_CRITERIA
        || why.why == CRM_NOT_FIELD)
    {
        rc = trace_conditions(event, buf, rule, why.condition);
    }

    if (why.why == CRM_FIRES) {
        memset(&fired, 0, sizeof(crm_fired_t));
        fired.rule = rule;
        fired.condition = why.condition;

        crm_buf_puts(buf, ",\"chosen\":");
        crm_buf_int(buf, fired.condition->seq);
        trace_actions(event, buf, &fired, jobs);
    }

    crm_buf_putc(buf, '}');

    return rc;
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


void
crm_trace_rule_steps(const crm_event_t *event, crm_buf_t *buf)
{
    size_t                i;
    const crm_fired_t    *step;
    const crm_cmd_job_t  *jobs;

    jobs = NULL;

    for (i = 0; i < event->effects.steps_count; i++) {
        step = &event->effects.steps[i];

        crm_buf_puts(buf, i ? ",{\"process\":\""
                            : ",\"processes\":[{\"process\":\"");
        crm_buf_puts(buf, crm_process_name(step->process));
        crm_buf_puts(buf, "\",\"name\":");
        crm_buf_json(buf, step->rule->name);
        crm_buf_puts(buf, ",\"index\":");
        crm_buf_int(buf, step->condition->seq);
        crm_buf_puts(buf, ",\"stage\":\"");
        crm_buf_puts(buf, crm_stage_name(step->stage));
        crm_buf_putc(buf, '"');
        trace_actions(event, buf, step, &jobs);
        crm_buf_putc(buf, '}');
    }

    crm_buf_puts(buf, i ? "]" : "");
}


/* Jobs were planned in this very order; *jobs is the next of them, or NULL. */
static void
trace_actions(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_cmd_job_t **jobs)
{
    char                    due[CRM_TIME_ISO_LEN + 1];
    size_t                  i;
    crm_fired_t             later;
    const crm_scheduled_t  *block;
    const crm_condition_t  *condition;

    condition = fired->condition;

    crm_buf_puts(buf, ",\"actions\":");
    trace_list(event, buf, fired, condition->actions,
               condition->actions_count, jobs);

    if (condition->scheduled_count == 0) {
        return;
    }

    crm_buf_puts(buf, ",\"scheduled\":[");
    later = *fired;

    for (i = 0; i < condition->scheduled_count; i++) {
        block = &condition->scheduled[i];
        later.block = block;
        later.due_ms = crm_waiting_due(event, block);

        crm_buf_puts(buf, i ? ",{\"seq\":" : "{\"seq\":");
        crm_buf_int(buf, block->seq);
        crm_buf_puts(buf, ",\"due\":");
        crm_buf_json(buf, crm_time_iso(due, later.due_ms));
        crm_buf_puts(buf, ",\"recheck\":");
        crm_buf_puts(buf, block->recheck ? "true" : "false");
        crm_buf_puts(buf, ",\"actions\":");
        trace_list(event, buf, &later, block->actions, block->actions_count,
                   jobs);
        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');
}


static void
trace_list(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_action_t *actions, size_t count,
    const crm_cmd_job_t **jobs)
{
    size_t               i;
    const char          *skipped;
    const crm_action_t  *action;

    crm_buf_putc(buf, '[');

    for (i = 0; i < count; i++) {
        action = &actions[i];

        crm_buf_puts(buf, i ? ",{\"seq\":" : "{\"seq\":");
        crm_buf_int(buf, action->seq);
        crm_buf_puts(buf, ",\"type\":\"");
        crm_buf_puts(buf, action->type);
        crm_buf_putc(buf, '"');

        crm_trace_rule_action(buf, action);

        skipped = trace_skipped(event, buf, fired, action);

        if (crm_job_type(action->id) && !skipped) {
            trace_job(event, buf, fired, action, jobs);
        }

        crm_buf_puts(buf, ",\"state\":\"");

        if (skipped && fired->rule->status != CRM_STATUS_SHADOW) {
            crm_buf_puts(buf, "skipped(");
            crm_buf_puts(buf, skipped);
            crm_buf_puts(buf, ")\"}");
            continue;
        }

        crm_buf_puts(buf, fired->rule->status == CRM_STATUS_SHADOW ? "dry_run"
                          : action->id == CRM_ACTION_FIELD_UPDATE ? "done"
                          : crm_job_type(action->id) ? "queued"
                          : "skipped(no_run_time)");
        crm_buf_puts(buf, "\"}");
    }

    crm_buf_putc(buf, ']');
}


static const char *
trace_skipped(const crm_event_t *event, crm_buf_t *buf,
    const crm_fired_t *fired, const crm_action_t *action)
{
    int  skips;

    if (action->id != CRM_ACTION_FIELD_UPDATE) {
        return crm_job_is_skipped(event, fired, action);
    }

    if (crm_update_skips(&skips, event->write, &action->u.update) != CRM_OK) {
        buf->status = CRM_ENOMEM;
    }

    return skips ? "user_inactive" : NULL;
}


/* Which field, or what is done by name. */
void
crm_trace_rule_action(crm_buf_t *buf, const crm_action_t *action)
{
    switch (action->id) {

    case CRM_ACTION_FIELD_UPDATE:
    case CRM_ACTION_ASYNC_UPDATE:
        crm_buf_puts(buf, ",\"field\":");
        crm_buf_json(buf, action->u.update.field);
        break;

    case CRM_ACTION_WEBHOOK:
        crm_buf_puts(buf, ",\"name\":");
        crm_buf_json(buf, action->u.webhook->name);
        break;

    case CRM_ACTION_EMAIL:
        crm_buf_puts(buf, ",\"name\":");
        crm_buf_json(buf, action->u.email->name);
        break;

    case CRM_ACTION_FUNCTION:
        crm_buf_puts(buf, ",\"name\":");
        crm_buf_json(buf, action->u.call->function->name);
        break;

    case CRM_ACTION_ASSIGN_OWNER:
        if (action->u.assign->tell) {
            crm_buf_puts(buf, ",\"notify\":\"");
            crm_buf_puts(buf, action->u.assign->tell->from.len ? "queued"
                              : "skipped(" CRM_NOTICE_NO_SENDER ")");
            crm_buf_putc(buf, '"');
        }
        break;

    default:
        break;
    }
}


static void
trace_job(const crm_event_t *event, crm_buf_t *buf, const crm_fired_t *fired,
    const crm_action_t *action, const crm_cmd_job_t **jobs)
{
    char  id[CRM_JOB_ID_LEN + 1];

    crm_buf_puts(buf, ",\"idem_key\":");

    if (*jobs && fired->rule->status == CRM_STATUS_ON) {
        crm_buf_json(buf, (*jobs)++->id);
    } else {
        crm_buf_json(buf, crm_job_id(id, event, fired, action));
    }
}


/* Conditions up to the chosen one: those behind it are in its shadow. */
static crm_status_t
trace_conditions(const crm_event_t *event, crm_buf_t *buf,
    const crm_workflow_t *rule, const crm_condition_t *chosen)
{
    size_t                   i;
    crm_status_t             rc;
    crm_write_t             *w;
    const crm_condition_t   *condition;

    w = event->write;
    crm_buf_puts(buf, ",\"conditions\":[");

    for (i = 0; i < rule->conditions_count; i++) {
        condition = &rule->conditions[i];

        crm_buf_puts(buf, i ? ",{\"seq\":" : "{\"seq\":");
        crm_buf_int(buf, condition->seq);

        if (chosen && condition->seq > chosen->seq) {
            crm_buf_puts(buf, ",\"reason\":\"shadowed_by_condition\"}");
            continue;
        }

        rc = crm_trace_rule_criteria(buf, w->module,
                                     crm_workflow_eval(w, rule),
                                     &condition->criteria);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');

    return CRM_OK;
}


crm_status_t
crm_trace_rule_criteria(crm_buf_t *buf, const crm_module_t *module,
    crm_eval_t *eval, const crm_criteria_t *criteria)
{
    unsigned  k, n;

    n = 0;

    crm_buf_puts(buf, ",\"result\":");
    crm_buf_puts(buf, truths[crm_eval_criteria(eval, criteria)]);
    crm_buf_puts(buf, ",\"leaves\":[");

    for (k = 0; k < criteria->count; k++) {
        if (criteria->nodes[k].type == CRM_NODE_LEAF) {
            trace_leaf(buf, module, eval, criteria->nodes[k].predicate, ++n);
        }
    }

    crm_buf_putc(buf, ']');

    return eval->status;
}


static void
trace_leaf(crm_buf_t *buf, const crm_module_t *module, crm_eval_t *eval,
    unsigned predicate, unsigned n)
{
    crm_truth_t             t;
    const crm_predicate_t  *p;

    p = module->predicates.items[predicate];
    t = crm_eval_predicate(eval, predicate);

    crm_buf_puts(buf, n > 1 ? ",{\"n\":" : "{\"n\":");
    crm_buf_int(buf, n);
    crm_buf_puts(buf, ",\"field\":");
    crm_buf_json(buf, module->schema.names.entries[p->slot].key);
    crm_buf_puts(buf, ",\"comparator\":\"");
    crm_buf_puts(buf, p->comparator->name);
    crm_buf_putc(buf, '"');
    crm_trace_value_sides(buf, &module->schema, eval, p);
    crm_buf_puts(buf, ",\"result\":");
    crm_buf_puts(buf, truths[t]);
    crm_buf_putc(buf, '}');
}
