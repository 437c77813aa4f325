/*
 * A waiting job: stored when its rule fires, and what is asked and rendered
 * when it is due.
 */

#include "queue/crm_waiting.h"

#include "queue/crm_job.h"
#include "queue/crm_trace_rule.h"
#include "record/crm_idform.h"


static void waiting_receiver(crm_buf_t *buf, const crm_webhook_t *webhook);


long long
crm_waiting_due(const crm_event_t *event, const crm_scheduled_t *block)
{
    long long             due;
    const crm_ruleset_t  *rules;

    rules = event->write->rules;

    due = crm_interval_add(&block->after, event->write->now_ms,
                           crm_ruleset_zone(rules), crm_ruleset_hours(rules));

    return due > 1 ? due : 1;           /* 0 would be at once */
}


crm_status_t
crm_waiting_encode(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id,
    crm_late_t *late)
{
    crm_job_source_t    source;
    const crm_write_t  *w;

    w = event->write;

    crm_job_source(&source, event, fired, action, id);
    source.record = CRM_STR("null");

    crm_job_head(buf, &source);

    crm_buf_puts(buf, ",\"waits\":{\"condition\":");
    crm_buf_int(buf, fired->condition->seq);
    crm_buf_puts(buf, ",\"block\":");
    crm_buf_int(buf, fired->block ? fired->block->seq : 0);
    crm_buf_puts(buf, ",\"action\":");
    crm_buf_int(buf, action->seq);
    crm_buf_puts(buf, ",\"due\":");
    crm_buf_int(buf, fired->block ? fired->due_ms : w->now_ms);
    crm_buf_puts(buf, ",\"recheck\":");
    crm_buf_puts(buf, fired->block && fired->block->recheck ? "true"
                                                            : "false");
    if (fired->process) {
        crm_buf_puts(buf, ",\"process\":\"");
        crm_buf_puts(buf, crm_process_name(fired->process));
        crm_buf_puts(buf, "\",\"stage\":\"");
        crm_buf_puts(buf, crm_stage_name(fired->stage));
        crm_buf_putc(buf, '"');
    }

    crm_buf_puts(buf, ",\"operation\":");
    crm_buf_json(buf, crm_strz(crm_operation_name(w->operation)));
    crm_buf_puts(buf, ",\"dialect\":");
    crm_buf_json(buf, w->dialect ? crm_dialect_name(w->dialect)
                                 : CRM_STR(""));

    crm_buf_puts(buf, "},\"action\":{\"seq\":");
    crm_buf_int(buf, action->seq);
    crm_trace_rule_action(buf, action);

    if (fired->block == NULL && action->id == CRM_ACTION_WEBHOOK) {
        waiting_receiver(buf, action->u.webhook);
    }

    crm_buf_putc(buf, '}');

    source.merge.late = late;
    crm_job_tail(buf, &source);

    return crm_buf_status(buf);
}


/* It comes in by the entrance, where its endpoint and order are asked for. */
static void
waiting_receiver(crm_buf_t *buf, const crm_webhook_t *webhook)
{
    crm_buf_puts(buf, ",\"url\":");
    crm_buf_json(buf, webhook->receiver);

    if (webhook->ordered) {
        crm_buf_puts(buf, ",\"ordered\":true");
    }
}


crm_status_t
crm_waiting_path(crm_str_t *path, const crm_waiting_t *waiting,
    crm_pool_t *pool)
{
    if (waiting->operation == CRM_OP_DELETE) {
        return CRM_DECLINED;
    }

    if (!crm_idform_is_any(waiting->record_id)) {
        return CRM_EINVAL;
    }

    *path = crm_dialect_record_path(waiting->dialect, waiting->module,
                                    waiting->record_id, pool);

    return path->data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_waiting_dialect(crm_waiting_t *waiting, const crm_ruleset_t *rules)
{
    const crm_dialect_t  *dialect;

    dialect = crm_ruleset_dialect(rules, waiting->speaks);

    if (dialect) {
        waiting->dialect = dialect;
    }

    return dialect ? CRM_OK : CRM_DECLINED;
}


crm_status_t
crm_waiting_render(const crm_due_t *due, crm_buf_t *buf)
{
    return crm_job_encode(buf, &due->event, &due->fired, due->action,
                          due->waiting->id, NULL);
}
