/*
 * Timers of dates: made, moved and taken away by writes.
 */

#include "queue/crm_date_timer.h"

#include "base/crm_digest.h"
#include "record/crm_dialect_kind.h"
#include "rules/crm_date_trigger.h"

#include <stdlib.h>


static crm_status_t date_plan(crm_plan_t *plan, const crm_event_t *event,
    const crm_workflow_t *rule);
static crm_status_t date_due(long long *due_ms, int *same,
    const crm_event_t *event, const crm_workflow_t *rule);
static int date_is_same(const crm_field_t *a, const crm_field_t *b);
static crm_status_t date_add(crm_plan_t *plan, const crm_event_t *event,
    const crm_workflow_t *rule, long long due_ms, int same);
static crm_str_t date_id(crm_str_t rule, crm_str_t module,
    crm_str_t record_id, crm_pool_t *pool);
static crm_status_t date_text(crm_str_t *text, crm_span_t root,
    const char *name, crm_pool_t *pool, crm_error_t *err);


/* Nothing is known yet of the record's date. */
#define DATE_UNKNOWN  -2LL


crm_status_t
crm_date_timer_plan(crm_plan_t *plan, const crm_event_t *event)
{
    size_t                  i;
    crm_status_t            rc;
    crm_cmd_job_t          *jobs;
    const crm_write_t      *w;
    const crm_module_t     *module;

    w = event->write;
    module = w->module;

    if (module->dates == 0 || w->timed || w->operation == CRM_OP_ACTION) {
        return CRM_OK;
    }

    jobs = crm_pool_calloc(w->pool, plan->jobs_count + module->dates,
                           sizeof(crm_cmd_job_t));
    if (jobs == NULL) {
        return CRM_ENOMEM;
    }

    if (plan->jobs_count) {
        memcpy(jobs, plan->jobs, plan->jobs_count * sizeof(crm_cmd_job_t));
    }

    plan->jobs = jobs;
    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < module->workflows_count; i++) {
        if (module->workflows[i]->date
            && module->workflows[i]->status != CRM_STATUS_OFF)
        {
            rc = date_plan(plan, event, module->workflows[i]);
        }
    }

    return rc;
}


static crm_status_t
date_plan(crm_plan_t *plan, const crm_event_t *event,
    const crm_workflow_t *rule)
{
    int           had, same;
    long long     due_ms;
    crm_write_t  *w;
    crm_status_t  rc;

    w = event->write;

    if (w->operation == CRM_OP_DELETE) {
        return date_add(plan, event, rule, -1, 0);
    }

    if (w->import && !rule->run_on_import) {
        return CRM_OK;
    }

    if (!rule->repeat) {
        rc = crm_write_once(w, rule->id, &had);

        if (rc != CRM_OK || had) {
            return rc;
        }
    }

    rc = date_due(&due_ms, &same, event, rule);

    if (rc != CRM_OK || due_ms == DATE_UNKNOWN || (due_ms < 0 && same)) {
        return rc;
    }

    return date_add(plan, event, rule, due_ms, same);
}


/*
 * When the rule is due next, -1 for never. A date that the backend sets itself
 * is about now; who looks at it then sees. same: the write has not changed it,
 * and a timer that is there stays as it is.
 */
static crm_status_t
date_due(long long *due_ms, int *same, const crm_event_t *event,
    const crm_workflow_t *rule)
{
    crm_moment_t         base;
    crm_status_t         rc;
    crm_date_times_t     times;
    const crm_zone_t    *zone;
    const crm_field_t   *field, *old;
    const crm_write_t   *w;

    w = event->write;
    zone = crm_ruleset_zone(w->rules);
    field = crm_record_field(&event->record, rule->date->field);
    old = w->before ? crm_record_field(w->before, rule->date->field) : NULL;
    *same = w->before && date_is_same(field, old);
    *due_ms = -1;

    if (field) {
        rc = crm_date_timer_base(&base, field, zone, w->pool);

        if (rc != CRM_OK) {
            return rc == CRM_ENOMEM ? rc : CRM_OK;
        }

    } else if (w->operation == CRM_OP_CREATE && w->dialect
               && crm_dialect_backend_sets(w->dialect, rule->date->field))
    {
        base = crm_moment_of_us(w->now_ms * 1000, zone);

    } else {
        *due_ms = w->absent_is_null ? -1 : DATE_UNKNOWN;
        return CRM_OK;
    }

    crm_date_trigger_times(&times, rule->date, &base, w->now_ms, zone,
                           crm_ruleset_hours(w->rules));

    if (times.has_next && times.next_ms > 0) {
        *due_ms = times.next_ms;
    }

    return CRM_OK;
}


crm_status_t
crm_date_timer_base(crm_moment_t *base, const crm_field_t *field,
    const crm_zone_t *zone, crm_pool_t *pool)
{
    crm_str_t  text;

    if (crm_value_span_empty(field->value)) {
        return CRM_DECLINED;
    }

    if (field->value.type != CRM_JSON_STRING) {
        return CRM_EINVAL;
    }

    text = crm_span_text(field->value, pool);

    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    return crm_moment_parse(base, text, zone) == CRM_OK ? CRM_OK : CRM_EINVAL;
}


static int
date_is_same(const crm_field_t *a, const crm_field_t *b)
{
    return a && b ? crm_str_eq(crm_span_raw(a->value), crm_span_raw(b->value))
                  : a == b;
}


static crm_status_t
date_add(crm_plan_t *plan, const crm_event_t *event,
    const crm_workflow_t *rule, long long due_ms, int same)
{
    crm_buf_t          buf;
    crm_cmd_job_t     *job;
    crm_date_timer_t   timer;
    const crm_write_t  *w;

    w = event->write;

    timer.id = date_id(rule->id, w->module->name, event->record_id, w->pool);
    timer.org = w->org;
    timer.module = w->module->name;
    timer.record_id = event->record_id;
    timer.rule = rule->id;
    timer.due_ms = due_ms;

    crm_buf_init(&buf, w->pool, 0);

    if (due_ms >= 0) {
        crm_date_timer_encode(&buf, &timer, rule->name);
    }

    if (timer.id.data == NULL || crm_buf_status(&buf) != CRM_OK) {
        return CRM_ENOMEM;
    }

    job = &plan->jobs[plan->jobs_count++];
    job->queue = CRM_QUEUE_FUNCTIONS;
    job->id = timer.id;
    job->json = due_ms < 0 ? CRM_STR("") : crm_buf_view(&buf);
    job->due_ms = due_ms;
    job->receiver = same ? CRM_STR("keep") : CRM_STR("move");

    return CRM_OK;
}


static crm_str_t
date_id(crm_str_t rule, crm_str_t module, crm_str_t record_id,
    crm_pool_t *pool)
{
    char           text[CRM_DATE_ID_LEN + 1];
    crm_str_t      parts[5];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = rule;
    parts[1] = CRM_STR("\n");
    parts[2] = module;
    parts[3] = CRM_STR("\n");
    parts[4] = record_id;

    memcpy(text, "date:", 5);
    crm_digest_sha256(digest, parts, 5);
    crm_digest_base32(text + 5, CRM_DATE_ID_LEN - 5, digest);
    text[CRM_DATE_ID_LEN] = '\0';

    return crm_pool_dup(pool, crm_str(text, CRM_DATE_ID_LEN));
}


void
crm_date_timer_encode(crm_buf_t *buf, const crm_date_timer_t *timer,
    crm_str_t rule_name)
{
    crm_buf_puts(buf, "{\"v\":1,\"id\":");
    crm_buf_json(buf, timer->id);
    crm_buf_puts(buf, ",\"type\":\"dates\",\"org\":");
    crm_buf_json(buf, timer->org);
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, timer->module);
    crm_buf_puts(buf, ",\"record_id\":");
    crm_buf_json(buf, timer->record_id);
    crm_buf_puts(buf, ",\"rule\":");
    crm_buf_json(buf, timer->rule);
    crm_buf_puts(buf, ",\"action\":{\"name\":");
    crm_buf_json(buf, rule_name);
    crm_buf_puts(buf, "},\"due\":");
    crm_buf_int(buf, timer->due_ms);
    crm_buf_putc(buf, '}');
}


crm_status_t
crm_date_timer_parse(crm_date_timer_t *timer, crm_span_t root, crm_pool_t *pool,
    crm_error_t *err)
{
    crm_span_t    due;
    crm_status_t  rc;

    rc = date_text(&timer->id, root, "id", pool, err);

    if (rc == CRM_OK) {
        rc = date_text(&timer->org, root, "org", pool, err);
    }
    if (rc == CRM_OK) {
        rc = date_text(&timer->module, root, "module", pool, err);
    }
    if (rc == CRM_OK) {
        rc = date_text(&timer->record_id, root, "record_id", pool, err);
    }
    if (rc == CRM_OK) {
        rc = date_text(&timer->rule, root, "rule", pool, err);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    due = crm_span_member(root, CRM_STR("due"));

    if (due.type != CRM_JSON_NUMBER || due.len > 15) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "due must be milliseconds since 1970");
    }

    timer->due_ms = strtoll(due.data, NULL, 10);

    return CRM_OK;
}


static crm_status_t
date_text(crm_str_t *text, crm_span_t root, const char *name,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_span_t  span;

    span = crm_span_member(root, crm_strz(name));

    if (span.type != CRM_JSON_STRING) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s must be a text", name);
    }

    *text = crm_span_text(span, pool);

    return text->data ? CRM_OK
                      : crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                                      "out of memory");
}
