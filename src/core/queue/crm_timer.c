/*
 * Timers: made, moved and taken away by writes.
 */

#include "queue/crm_timer_row.h"

#include "base/crm_digest.h"
#include "base/crm_time.h"
#include "queue/crm_job.h"
#include "record/crm_dialect_kind.h"

#include <stdlib.h>


/* Of a timer's hash. */
#define TIMER_HASH_LEN  26

/* Changes that one row may make of what is kept of a record. */
#define TIMER_CHANGES   1

static crm_str_t timer_id(const char *prefix, crm_str_t rule,
    crm_str_t module, crm_str_t record_id, crm_pool_t *pool);
static void timer_tell(crm_timers_t *timers, crm_str_t name);
static int timer_backend_sets(const crm_write_t *w, crm_str_t name,
    const crm_field_t *field);
static int timer_is_same(const crm_field_t *a, const crm_field_t *b);
static crm_status_t timer_text(crm_str_t *text, crm_span_t root,
    const char *name, crm_pool_t *pool, crm_error_t *err);


static const crm_timer_row_t  rows[] = {
    { "dates", "date:", NULL, crm_timer_date_count, crm_timer_date_plan,
      crm_timer_date_judge },
    { "escalations", "escalation:", CRM_STATE_ESCALATION,
      crm_timer_escalation_count, crm_timer_escalation_plan,
      crm_timer_escalation_judge },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


size_t
crm_timer_counts(const crm_write_t *write)
{
    size_t  i, n;

    if (write->timed || write->operation == CRM_OP_ACTION) {
        return 0;
    }

    for (i = 0, n = 0; i < ROWS; i++) {
        n += rows[i].count(write->module);
    }

    return n;
}


crm_status_t
crm_timer_plan(crm_plan_t *plan, const crm_event_t *event)
{
    size_t               i, n;
    crm_status_t         rc;
    crm_timers_t         timers;
    crm_cmd_job_t       *jobs;
    crm_cmd_change_t    *changes;
    const crm_write_t   *w;

    w = event->write;
    n = crm_timer_counts(w);

    if (n == 0) {
        return CRM_OK;
    }

    jobs = crm_pool_calloc(w->pool, plan->jobs_count + n,
                           sizeof(crm_cmd_job_t));
    changes = crm_pool_calloc(w->pool,
                              plan->changes_count + ROWS * TIMER_CHANGES,
                              sizeof(crm_cmd_change_t));

    if (jobs == NULL || changes == NULL) {
        return CRM_ENOMEM;
    }

    if (plan->jobs_count) {
        memcpy(jobs, plan->jobs, plan->jobs_count * sizeof(crm_cmd_job_t));
    }

    if (plan->changes_count) {
        memcpy(changes, plan->changes,
               plan->changes_count * sizeof(crm_cmd_change_t));
    }

    plan->jobs = jobs;
    plan->changes = changes;
    timers.event = event;
    timers.plan = plan;
    crm_buf_init(&timers.told, w->pool, 0);
    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < ROWS; i++) {
        timers.row = &rows[i];
        rc = rows[i].plan(&timers);
    }

    plan->timers = crm_buf_view(&timers.told);

    return rc == CRM_OK ? crm_buf_status(&timers.told) : rc;
}


crm_status_t
crm_timer_tell(crm_plan_t *plan, const crm_event_t *event)
{
    crm_plan_t    timed;
    crm_status_t  rc;

    timed = *plan;
    rc = crm_timer_plan(&timed, event);
    plan->timers = timed.timers;

    return rc;
}


const char *
crm_timer_kept(const crm_timer_t *timer)
{
    return timer->row->kept;
}


crm_status_t
crm_timer_date(crm_timer_base_t *base, const crm_timers_t *timers,
    crm_str_t name)
{
    const crm_write_t  *w;
    const crm_zone_t   *zone;
    const crm_field_t  *field, *old;

    memset(base, 0, sizeof(crm_timer_base_t));

    w = timers->event->write;
    zone = crm_ruleset_zone(w->rules);
    field = crm_record_field(&timers->event->record, name);
    old = w->before ? crm_record_field(w->before, name) : NULL;
    base->same = w->before && timer_is_same(field, old);

    if (timer_backend_sets(w, name, field)) {
        base->same = 0;
        base->base = crm_moment_of_us(w->now_ms * 1000, zone);
        return CRM_OK;
    }

    base->unknown = field == NULL && !w->absent_is_null;

    return crm_timer_base(&base->base, &base->why, field, zone, w->pool);
}


crm_status_t
crm_timer_base(crm_moment_t *base, const char **why, const crm_field_t *field,
    const crm_zone_t *zone, crm_pool_t *pool)
{
    crm_str_t  text;

    *why = "date_empty";

    if (field == NULL || crm_value_span_empty(field->value)) {
        return CRM_OK;
    }

    *why = "no_date";

    if (field->value.type != CRM_JSON_STRING) {
        return CRM_OK;
    }

    text = crm_span_text(field->value, pool);

    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_moment_parse(base, text, zone) == CRM_OK) {
        *why = NULL;
    }

    return CRM_OK;
}


/* Which of its own the backend sets in this very write, so that field, as far
 * as it is known, is what it was: all that a create does not say; of an update
 * when it was written last. */
static int
timer_backend_sets(const crm_write_t *w, crm_str_t name,
    const crm_field_t *field)
{
    if (w->dialect == NULL || !crm_dialect_backend_sets(w->dialect, name)) {
        return 0;
    }

    return w->operation == CRM_OP_CREATE
           ? field == NULL
           : w->operation == CRM_OP_UPDATE && w->request
             && crm_record_field(w->request, name) == NULL
             && crm_str_eq(crm_dialect_version_field(w->dialect), name);
}


static int
timer_is_same(const crm_field_t *a, const crm_field_t *b)
{
    return a && b ? crm_str_eq(crm_span_raw(a->value), crm_span_raw(b->value))
                  : a == b;
}


crm_status_t
crm_timer_add(crm_timers_t *timers, crm_str_t rule, crm_str_t name,
    long long due_ms, int keep)
{
    char                time[CRM_TIME_ISO_LEN + 1];
    crm_buf_t           buf;
    crm_timer_t         timer;
    crm_cmd_job_t      *job;
    const crm_write_t  *w;

    w = timers->event->write;

    timer.row = timers->row;
    timer.id = timer_id(timer.row->prefix, rule, w->module->name,
                        timers->event->record_id, w->pool);
    timer.org = w->org;
    timer.module = w->module->name;
    timer.record_id = timers->event->record_id;
    timer.rule = rule;
    timer.due_ms = due_ms;

    crm_buf_init(&buf, w->pool, 0);

    if (due_ms >= 0) {
        crm_timer_encode(&buf, &timer, name);
    }

    if (timer.id.data == NULL || crm_buf_status(&buf) != CRM_OK) {
        return CRM_ENOMEM;
    }

    job = &timers->plan->jobs[timers->plan->jobs_count++];
    job->queue = CRM_QUEUE_FUNCTIONS;
    job->id = timer.id;
    job->json = due_ms < 0 ? CRM_STR("") : crm_buf_view(&buf);
    job->due_ms = due_ms;
    job->receiver = keep ? CRM_STR("keep") : CRM_STR("move");

    if (due_ms >= 0 && !keep) {
        timer_tell(timers, name);
        crm_buf_puts(&timers->told, ",\"due\":");
        crm_buf_json(&timers->told, crm_time_iso(time, due_ms));
        crm_buf_putc(&timers->told, '}');
    }

    return CRM_OK;
}


void
crm_timer_told(crm_timers_t *timers, crm_str_t name, const char *reason)
{
    timer_tell(timers, name);
    crm_buf_puts(&timers->told, ",\"due\":null,\"reason\":");
    crm_buf_json(&timers->told, crm_strz(reason));
    crm_buf_putc(&timers->told, '}');
}


static void
timer_tell(crm_timers_t *timers, crm_str_t name)
{
    crm_buf_puts(&timers->told, timers->told.len ? ",{\"type\":\""
                                                 : "{\"type\":\"");
    crm_buf_puts(&timers->told, timers->row->type);
    crm_buf_puts(&timers->told, "\",\"rule\":");
    crm_buf_json(&timers->told, name);
}


/* As what processes add: without the lease, or without having had one, it is
 * set where nothing is, and nothing is taken away. */
void
crm_timer_remember(crm_timers_t *timers, const char *field, crm_str_t value)
{
    int                 adds;
    crm_cmd_change_t   *change;
    const crm_event_t  *event;

    event = timers->event;
    adds = event->lapsed || (event->restored
                             && event->write->operation == CRM_OP_CREATE);

    if (adds && value.len == 0) {
        return;
    }

    change = &timers->plan->changes[timers->plan->changes_count++];
    change->op = value.len == 0 ? CRM_CHANGE_DEL
                 : adds ? CRM_CHANGE_FILL : CRM_CHANGE_ENTER;
    change->field = crm_strz(field);
    change->value = value;
}


static crm_str_t
timer_id(const char *prefix, crm_str_t rule, crm_str_t module,
    crm_str_t record_id, crm_pool_t *pool)
{
    char           hash[TIMER_HASH_LEN + 1];
    crm_str_t      parts[5];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = rule;
    parts[1] = CRM_STR("\n");
    parts[2] = module;
    parts[3] = CRM_STR("\n");
    parts[4] = record_id;

    crm_digest_sha256(digest, parts, 5);
    crm_digest_base32(hash, TIMER_HASH_LEN, digest);
    hash[TIMER_HASH_LEN] = '\0';

    return crm_pool_printf(pool, "%s%s", prefix, hash);
}


void
crm_timer_encode(crm_buf_t *buf, const crm_timer_t *timer,
    crm_str_t rule_name)
{
    crm_job_head_t  head;

    head.type = timer->row->type;
    head.id = timer->id;
    head.event = CRM_STR_NULL;
    head.org = timer->org;
    head.module = timer->module;
    head.record_id = timer->record_id;
    head.rule = timer->rule;

    crm_job_begin(buf, &head);
    crm_buf_puts(buf, ",\"action\":{\"name\":");
    crm_buf_json(buf, rule_name);
    crm_buf_puts(buf, "},\"due\":");
    crm_buf_int(buf, timer->due_ms);
    crm_buf_putc(buf, '}');
}


crm_status_t
crm_timer_parse(crm_timer_t *timer, crm_span_t root, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t        i;
    crm_str_t     type;
    crm_span_t    due;
    crm_status_t  rc;

    timer->row = NULL;
    rc = timer_text(&type, root, "type", pool, err);

    for (i = 0; rc == CRM_OK && i < ROWS; i++) {
        if (crm_str_is(type, rows[i].type)) {
            timer->row = &rows[i];
        }
    }

    if (rc == CRM_OK && timer->row == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "type must be that of a timer");
    }

    if (rc != CRM_OK) {
        return rc;
    }

    rc = timer_text(&timer->id, root, "id", pool, err);

    if (rc == CRM_OK) {
        rc = timer_text(&timer->org, root, "org", pool, err);
    }
    if (rc == CRM_OK) {
        rc = timer_text(&timer->module, root, "module", pool, err);
    }
    if (rc == CRM_OK) {
        rc = timer_text(&timer->record_id, root, "record_id", pool, err);
    }
    if (rc == CRM_OK) {
        rc = timer_text(&timer->rule, root, "rule", pool, err);
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
timer_text(crm_str_t *text, crm_span_t root, const char *name,
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
