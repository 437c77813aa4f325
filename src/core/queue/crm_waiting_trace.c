/*
 * A waiting job that was judged: what is told of it.
 */

#include "queue/crm_waiting.h"

#include "base/crm_time.h"
#include "queue/crm_trace_head.h"
#include "queue/crm_trace_rule.h"


static void trace_head(const crm_due_t *due, crm_buf_t *buf);
static crm_status_t trace_conditions(crm_due_t *due, crm_buf_t *buf);
static void trace_scheduled(const crm_due_t *due, crm_buf_t *buf);


crm_status_t
crm_waiting_trace(crm_due_t *due, crm_buf_t *buf)
{
    crm_status_t  rc;

    trace_head(due, buf);

    crm_buf_puts(buf, ",\"decision\":\"");
    crm_buf_puts(buf, due->runs ? "due" : "cancelled");
    crm_buf_puts(buf, "\",\"rules\":[{\"rule_id\":");
    crm_buf_json(buf, due->fired.rule->id);
    crm_buf_puts(buf, ",\"name\":");
    crm_buf_json(buf, due->fired.rule->name);
    crm_buf_puts(buf, ",\"version\":");
    crm_buf_int(buf, due->waiting->revision);
    crm_buf_puts(buf, ",\"chosen\":");
    crm_buf_int(buf, due->waiting->condition);

    rc = trace_conditions(due, buf);
    if (rc != CRM_OK) {
        return rc;
    }

    trace_scheduled(due, buf);
    crm_buf_puts(buf, "}]}");

    return crm_buf_status(buf);
}


static void
trace_head(const crm_due_t *due, crm_buf_t *buf)
{
    crm_trace_head_t    head;
    const crm_write_t  *w;

    w = &due->write;

    head.event = w->event;
    head.now_ms = w->now_ms;
    head.org = w->org;
    head.module = w->module->name;
    head.record_id = w->record_id;
    head.op = crm_operation_name(w->operation);
    head.source = "scheduled";
    head.user = w->actor.id;
    head.profile = w->actor.profile;

    crm_trace_head(buf, &head);
    crm_buf_puts(buf, "},\"revision\":");
    crm_buf_int(buf, due->waiting->revision);
}


/* What the criteria said, if they were asked. */
static crm_status_t
trace_conditions(crm_due_t *due, crm_buf_t *buf)
{
    crm_status_t  rc;

    if (!due->rechecked) {
        return CRM_OK;
    }

    crm_buf_puts(buf, ",\"conditions\":[{\"seq\":");
    crm_buf_int(buf, due->waiting->condition);

    rc = crm_trace_rule_criteria(buf, due->write.module,
                                 &due->write.after_eval,
                                 &due->fired.condition->criteria);
    crm_buf_puts(buf, "}]");

    return rc;
}


static void
trace_scheduled(const crm_due_t *due, crm_buf_t *buf)
{
    char                  time[CRM_TIME_ISO_LEN + 1];
    const crm_waiting_t  *waiting;

    waiting = due->waiting;

    crm_buf_puts(buf, ",\"scheduled\":[{\"seq\":");
    crm_buf_int(buf, waiting->block);
    crm_buf_puts(buf, ",\"due\":");
    crm_buf_json(buf, crm_time_iso(time, waiting->due_ms));
    crm_buf_puts(buf, ",\"recheck\":");
    crm_buf_puts(buf, waiting->recheck ? "true" : "false");
    crm_buf_puts(buf, ",\"actions\":[{\"seq\":");
    crm_buf_int(buf, waiting->action);
    crm_buf_puts(buf, ",\"type\":\"");
    crm_buf_puts(buf, due->action->type);
    crm_buf_putc(buf, '"');
    crm_trace_rule_action(buf, due->action);
    crm_buf_puts(buf, ",\"idem_key\":");
    crm_buf_json(buf, waiting->id);

    if (due->runs) {
        crm_buf_puts(buf, ",\"state\":\"queued\"}]}]");
    } else {
        crm_buf_puts(buf, ",\"state\":\"skipped(");
        crm_buf_puts(buf, due->reason);
        crm_buf_puts(buf, ")\"}]}]");
    }
}
