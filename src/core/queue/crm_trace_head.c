/*
 * How each document in the stream of traces begins.
 */

#include "queue/crm_trace_head.h"

#include "base/crm_time.h"


void
crm_trace_head(crm_buf_t *buf, const crm_trace_head_t *head)
{
    crm_trace_head_begin(buf, head);
    crm_buf_json(buf, head->record_id);
    crm_trace_head_end(buf, head);
}


void
crm_trace_head_begin(crm_buf_t *buf, const crm_trace_head_t *head)
{
    char  time[CRM_TIME_ISO_LEN + 1];

    crm_buf_puts(buf, "{\"event_id\":");
    crm_buf_json(buf, head->event);
    crm_buf_puts(buf, ",\"ts\":");
    crm_buf_json(buf, crm_time_iso(time, head->now_ms));
    crm_buf_puts(buf, ",\"org\":");
    crm_buf_json(buf, head->org);
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, head->module);
    crm_buf_puts(buf, ",\"record_id\":");
}


void
crm_trace_head_end(crm_buf_t *buf, const crm_trace_head_t *head)
{
    crm_buf_puts(buf, ",\"op\":");
    crm_buf_json(buf, crm_strz(head->op));
    crm_buf_puts(buf, ",\"source\":");
    crm_buf_json(buf, crm_strz(head->source));
    crm_buf_puts(buf, ",\"actor\":{\"user\":");
    crm_buf_json(buf, head->user);
    crm_buf_puts(buf, ",\"profile\":");
    crm_buf_json(buf, head->profile);
}
