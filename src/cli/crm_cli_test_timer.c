/*
 * Timers in tests: dates and escalations, kept as Redis would keep them,
 * judged as the worker would when the test's clock has come so far.
 */

#include "crm_cli_test.h"
#include "base/crm_time.h"
#include "queue/crm_timer.h"
#include "queue/crm_trace_rule.h"


static crm_status_t timer_kept(crm_cli_laters_t *laters,
    const crm_cmd_job_t *job);
static crm_status_t timer_parse(crm_timer_t *timer, crm_str_t json,
    crm_pool_t *pool);
static crm_status_t timer_judged(crm_cli_laters_t *laters,
    crm_cli_later_t *later, crm_timer_due_t *due,
    const crm_cli_passed_t *passed);
static crm_status_t timer_trace(crm_cli_later_t *later,
    const crm_timer_due_t *due, crm_pool_t *pool);
static crm_status_t timer_asked(crm_cli_later_t *later,
    const crm_timer_t *timer, crm_timer_due_t *due, crm_pool_t *pool);
static crm_status_t timer_conditions(crm_buf_t *buf,
    const crm_workflow_t *rule, crm_timer_due_t *due);
static crm_status_t timer_next(crm_cli_laters_t *laters,
    const crm_timer_t *timer, const crm_timer_due_t *due);
static crm_status_t stamp_field(crm_str_t *stored, crm_str_t name,
    int replaces, long long now_ms, crm_pool_t *pool);


crm_status_t
crm_cli_test_timer_add(crm_cli_laters_t *laters, const crm_cmd_job_t *jobs,
    size_t count)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; i < count && rc == CRM_OK; i++) {
        rc = timer_kept(laters, &jobs[i]);
    }

    return rc;
}


/* A timer that goes, moves, or stays if it is there. */
static crm_status_t
timer_kept(crm_cli_laters_t *laters, const crm_cmd_job_t *job)
{
    size_t  i;

    for (i = 0; i < laters->count; i++) {
        if (crm_str_eq(laters->waiting[i].timer, job->id)) {
            break;
        }
    }

    if (i < laters->count) {
        if (crm_str_is(job->receiver, "keep")) {
            return CRM_OK;
        }

        crm_cli_test_later_take(laters, i);
    }

    return job->due_ms < 0 ? CRM_OK
           : crm_cli_test_later_insert(laters, job->json, job->due_ms,
                                       job->id);
}


crm_status_t
crm_cli_test_timer_suppose(crm_cli_laters_t *laters,
    const crm_module_t *module, const crm_cli_passed_t *passed)
{
    crm_plan_t     plan;
    crm_error_t    err;
    crm_event_t   *event;
    crm_write_t   *w;
    crm_status_t   rc;
    crm_record_t  *record;

    event = crm_pool_calloc(laters->pool, 1, sizeof(crm_event_t));
    w = crm_pool_calloc(laters->pool, 1, sizeof(crm_write_t));
    record = crm_pool_calloc(laters->pool, 1, sizeof(crm_record_t));

    if (event == NULL || w == NULL || record == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_record_parse(record, passed->stored, NULL, laters->pool, &err)
        != CRM_OK)
    {
        return CRM_ENOMEM;              /* it has been parsed before */
    }

    w->rules = passed->set;
    w->module = module;
    w->operation = CRM_OP_UPDATE;
    w->org = CRM_STR("test");
    w->event = CRM_STR("");
    w->now_ms = passed->now_ms;
    w->workflow = 1;
    w->dialect = crm_dialect_default();
    w->absent_is_null = !passed->partial;
    w->state = passed->state;
    w->before = record;
    event->write = w;

    rc = crm_cli_test_id(&w->record_id, record, laters->pool);

    if (rc == CRM_OK) {
        rc = crm_write_init(w, laters->pool);
    }
    if (rc == CRM_OK) {
        rc = crm_event_finish(event, w->record_id);
    }

    memset(&plan, 0, sizeof(crm_plan_t));

    if (rc == CRM_OK) {
        rc = crm_timer_plan(&plan, event);
    }

    return rc == CRM_OK ? crm_cli_test_timer_add(laters, plan.jobs,
                                                 plan.jobs_count) : rc;
}


crm_status_t
crm_cli_test_timer_come(crm_cli_laters_t *laters, crm_cli_later_t *later,
    const crm_cli_passed_t *passed)
{
    crm_error_t        err;
    crm_timer_t        timer;
    crm_status_t       rc;
    crm_record_t       record;
    crm_timer_due_t   *due;
    crm_timer_now_t    now;

    due = crm_pool_calloc(laters->pool, 1, sizeof(crm_timer_due_t));
    if (due == NULL) {
        return CRM_ENOMEM;
    }

    memset(&now, 0, sizeof(crm_timer_now_t));
    now.rules = passed->set;
    now.dialect = crm_dialect_default();
    now.whole = !passed->partial;
    now.kept = passed->state->escalation;
    now.now_ms = later->due_ms > passed->from_ms ? later->due_ms
                                                 : passed->from_ms;

    if (passed->stored.len) {
        if (crm_record_parse(&record, passed->stored, NULL, laters->pool,
                             &err) != CRM_OK)
        {
            return CRM_ENOMEM;
        }

        now.record = &record;
    }

    rc = timer_parse(&timer, crm_span_raw(later->job), laters->pool);
    if (rc == CRM_OK) {
        rc = crm_timer_judge(due, &timer, &now, laters->pool);
    }
    if (rc == CRM_OK) {
        rc = timer_judged(laters, later, due, passed);
    }
    if (rc == CRM_OK) {
        rc = timer_asked(later, &timer, due, laters->pool);
    }

    return rc == CRM_OK ? timer_next(laters, &timer, due) : rc;
}


/* It was written here: only memory can be lacking. */
static crm_status_t
timer_parse(crm_timer_t *timer, crm_str_t json, crm_pool_t *pool)
{
    crm_span_t    root;
    crm_error_t   err;

    memset(&root, 0, sizeof(crm_span_t));
    root.data = json.data;
    root.len = json.len;
    root.type = CRM_JSON_OBJECT;

    return crm_timer_parse(timer, root, pool, &err) == CRM_OK ? CRM_OK
                                                              : CRM_ENOMEM;
}


/* What it does now, what it has others do later, and what is remembered. */
static crm_status_t
timer_judged(crm_cli_laters_t *laters, crm_cli_later_t *later,
    crm_timer_due_t *due, const crm_cli_passed_t *passed)
{
    crm_status_t  rc;

    if (due->remembers) {
        passed->state->escalation = due->keeps;
    }

    if (due->reason) {
        later->trace.data = due->trace.data;
        later->trace.len = due->trace.len;
        later->trace.type = due->tells ? CRM_JSON_OBJECT : CRM_JSON_NONE;
        return CRM_OK;
    }

    rc = timer_trace(later, due, laters->pool);

    if (rc == CRM_OK) {
        rc = crm_cli_test_later_add(laters, &due->plan,
                                    due->plan.jobs_count);
    }

    return rc == CRM_OK ? crm_cli_test_state_change(passed->state, &due->plan,
                                                    NULL, laters->pool) : rc;
}


/* With the jobs in it. */
static crm_status_t
timer_trace(crm_cli_later_t *later, const crm_timer_due_t *due,
    crm_pool_t *pool)
{
    crm_buf_t     buf;
    crm_trace_t   how;
    crm_status_t  rc;

    memset(&how, 0, sizeof(crm_trace_t));
    how.whole = 1;
    how.jobs = due->plan.jobs;
    how.jobs_count = due->plan.jobs_count;

    crm_buf_init(&buf, pool, 0);
    rc = crm_event_trace(&due->event, &buf, &how);

    later->trace.data = crm_buf_view(&buf).data;
    later->trace.len = crm_buf_view(&buf).len;
    later->trace.type = CRM_JSON_OBJECT;

    return rc;
}


/* As the trace of a write would tell it. */
static crm_status_t
timer_asked(crm_cli_later_t *later, const crm_timer_t *timer,
    crm_timer_due_t *due, crm_pool_t *pool)
{
    size_t               i;
    crm_buf_t            buf;
    crm_status_t         rc;
    const crm_module_t  *module;

    module = due->write.module;

    for (i = 0; module && i < module->workflows_count; i++) {
        if (crm_str_eq(module->workflows[i]->id, timer->rule)) {
            break;
        }
    }

    /* without a record nobody was asked */

    if (module == NULL || i == module->workflows_count) {
        return CRM_OK;
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{\"rules\":[{\"rule_id\":");
    crm_buf_json(&buf, timer->rule);

    if (due->reason) {
        crm_buf_puts(&buf, ",\"reason\":");
        crm_buf_json(&buf, crm_strz(due->reason));
    } else {
        crm_buf_puts(&buf, ",\"chosen\":");
        crm_buf_int(&buf, due->event.transform.fired->condition->seq);
    }

    rc = timer_conditions(&buf, module->workflows[i], due);
    crm_buf_puts(&buf, "}]}");

    later->asked.data = crm_buf_view(&buf).data;
    later->asked.len = crm_buf_view(&buf).len;
    later->asked.type = CRM_JSON_OBJECT;

    return rc == CRM_OK ? crm_buf_status(&buf) : rc;
}


/* All, or up to the one that was true. */
static crm_status_t
timer_conditions(crm_buf_t *buf, const crm_workflow_t *rule,
    crm_timer_due_t *due)
{
    size_t                  i;
    crm_status_t            rc;
    const crm_condition_t  *condition;

    crm_buf_puts(buf, ",\"conditions\":[");

    for (i = 0, rc = CRM_OK; i < rule->conditions_count && rc == CRM_OK;
         i++)
    {
        condition = &rule->conditions[i];

        crm_buf_puts(buf, i ? ",{\"seq\":" : "{\"seq\":");
        crm_buf_int(buf, condition->seq);
        rc = crm_trace_rule_criteria(buf, due->write.module,
                                     &due->write.after_eval,
                                     &condition->criteria);
        crm_buf_putc(buf, '}');

        if (due->reason == NULL
            && condition == due->event.transform.fired->condition)
        {
            break;
        }
    }

    crm_buf_putc(buf, ']');

    return rc;
}


static crm_status_t
timer_next(crm_cli_laters_t *laters, const crm_timer_t *timer,
    const crm_timer_due_t *due)
{
    crm_buf_t    buf;
    crm_timer_t  next;

    if (due->next_ms < 0) {
        return CRM_OK;
    }

    next = *timer;
    next.due_ms = due->next_ms;

    crm_buf_init(&buf, laters->pool, 0);
    crm_timer_encode(&buf, &next, due->name);

    return crm_buf_status(&buf) != CRM_OK ? CRM_ENOMEM
           : crm_cli_test_later_insert(laters, crm_buf_view(&buf),
                                       next.due_ms, timer->id);
}


crm_status_t
crm_cli_test_timer_stamp(crm_str_t *stored, const crm_module_t *module,
    crm_operation_t operation, long long now_ms, crm_pool_t *pool)
{
    int                    replaces;
    size_t                 i;
    crm_str_t              name;
    crm_status_t           rc;
    const crm_dialect_t   *dialect;

    dialect = crm_dialect_default();

    for (i = 0, rc = CRM_OK; i <= module->workflows_count && rc == CRM_OK;
         i++)
    {
        name = CRM_STR("");

        if (i < module->workflows_count) {
            if (module->workflows[i]->date) {
                name = module->workflows[i]->date->field;
            }

        } else if (module->escalation) {
            name = module->schema.names.entries[
                       module->escalation->age_from].key;
        }

        if (name.len == 0 || !crm_dialect_backend_sets(dialect, name)) {
            continue;
        }

        replaces = !crm_str_is(name, "Created_Time");

        if (replaces || operation == CRM_OP_CREATE) {
            rc = stamp_field(stored, name, replaces, now_ms, pool);
        }
    }

    return rc;
}


/* A record with that field being now; unless replaces it keeps its own. */
static crm_status_t
stamp_field(crm_str_t *stored, crm_str_t name, int replaces,
    long long now_ms, crm_pool_t *pool)
{
    char                time[CRM_TIME_ISO_LEN + 1];
    size_t              i;
    crm_buf_t           buf;
    crm_error_t         err;
    crm_record_t        record;
    const crm_field_t  *field;

    if (crm_record_parse(&record, *stored, NULL, pool, &err) != CRM_OK) {
        return CRM_ENOMEM;
    }

    if (!replaces && crm_record_field(&record, name)) {
        return CRM_OK;
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '{');

    for (i = 0; i < record.count; i++) {
        field = &record.fields[i];

        if (!crm_str_eq(field->name, name)) {
            crm_buf_json(&buf, field->name);
            crm_buf_putc(&buf, ':');
            crm_buf_str(&buf, crm_span_raw(field->value));
            crm_buf_putc(&buf, ',');
        }
    }

    crm_buf_json(&buf, name);
    crm_buf_putc(&buf, ':');
    crm_buf_json(&buf, crm_time_iso(time, now_ms));
    crm_buf_putc(&buf, '}');

    *stored = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}
