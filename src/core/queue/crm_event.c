/*
 * What happened: one write, judged and transformed.
 */

#include "queue/crm_event.h"

#include "decide/crm_lock.h"


/* What an intent says besides the records in it: mostly less. */
#define EVENT_HEAD_BYTES  512


static void intent_before(const crm_event_t *event, crm_buf_t *buf);
static void intent_rules(const crm_event_t *event, crm_buf_t *buf);
static void intent_changes(const crm_event_t *event, crm_buf_t *buf);
static crm_status_t event_final(crm_event_t *event);
static crm_status_t event_set(const crm_event_t *event, crm_record_t *set);
static crm_status_t event_marks(crm_event_t *event);


crm_status_t
crm_event_judge(crm_event_t *event, crm_write_t *write)
{
    crm_status_t  rc;

    memset(event, 0, sizeof(crm_event_t));
    event->write = write;

    rc = crm_decide(&event->verdict, write);

    if (rc != CRM_OK || event->verdict.kind != CRM_REFUSE_NONE) {
        return rc;
    }

    return crm_transform(&event->transform, write);
}


crm_status_t
crm_event_forward(const crm_event_t *event, crm_str_t body,
    crm_str_t *forwarded)
{
    if (event->write->request == NULL) {
        *forwarded = body;
        return CRM_OK;
    }

    return crm_changes_apply(&event->transform.changes, body,
                             event->write->request, forwarded,
                             event->write->pool);
}


crm_status_t
crm_event_intent(const crm_event_t *event, crm_buf_t *buf)
{
    const crm_write_t  *w;

    w = event->write;

    crm_buf_reserve(buf, EVENT_HEAD_BYTES
                         + (w->request ? w->request->object.len : 0)
                         + (w->before ? w->before->object.len : 0));

    crm_buf_puts(buf, "{\"v\":1,\"event\":");
    crm_buf_json(buf, w->event);
    crm_buf_puts(buf, ",\"org\":");
    crm_buf_json(buf, w->org);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_int(buf, w->now_ms);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(w->rules));
    crm_buf_puts(buf, ",\"operation\":");
    crm_buf_json(buf, crm_strz(crm_operation_name(w->operation)));
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, w->module->name);
    crm_buf_puts(buf, ",\"record_id\":");
    if (w->record_id.len) {
        crm_buf_json(buf, w->record_id);
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, ",\"actor\":{\"id\":");
    crm_buf_json(buf, w->actor.id);
    crm_buf_puts(buf, "},\"workflow\":");
    crm_buf_puts(buf, w->workflow ? "true" : "false");
    crm_buf_puts(buf, ",\"request\":");
    if (w->request) {
        crm_buf_str(buf, crm_span_raw(w->request->object));
    } else {
        crm_buf_puts(buf, "null");
    }

    intent_changes(event, buf);
    intent_before(event, buf);
    intent_rules(event, buf);

    crm_buf_putc(buf, '}');

    return crm_buf_status(buf);
}


crm_status_t
crm_event_finish(crm_event_t *event, crm_str_t record_id)
{
    crm_status_t  rc;

    event->record_id = record_id;

    rc = event_final(event);

    return rc == CRM_OK && event->write->operation != CRM_OP_DELETE
           ? event_marks(event) : rc;
}


/*
 * Before-image, the request laid over it, what rules changed laid over that,
 * and the id: put together from the spans that are there, nothing is read
 * again.
 */
static crm_status_t
event_final(crm_event_t *event)
{
    crm_buf_t            buf;
    crm_record_t         merged, set;
    crm_status_t         rc;
    const crm_write_t   *w;
    const crm_record_t  *sent;

    w = event->write;
    sent = w->request;

    rc = event_set(event, &set);

    if (rc == CRM_OK && w->before) {
        rc = crm_image_merge(&merged, w->before, w->request, w->pool);
        sent = &merged;
    }
    if (rc == CRM_OK) {
        rc = crm_image_merge(&event->record, sent, &set, w->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&buf, w->pool, 0);
    crm_buf_reserve(&buf, EVENT_HEAD_BYTES
                          + (w->request ? w->request->object.len : 0)
                          + (w->before ? w->before->object.len : 0));
    crm_image_encode(&buf, &event->record, NULL);
    event->record_json = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* What is set besides the request: changes, and the id if it shows none. */
static crm_status_t
event_set(const crm_event_t *event, crm_record_t *set)
{
    size_t                i;
    crm_buf_t             id;
    crm_str_t             json;
    crm_value_t           value;
    crm_status_t          rc;
    crm_field_t          *field;
    const crm_write_t    *w;
    const crm_changes_t  *changes;

    w = event->write;
    changes = &event->transform.changes;

    memset(set, 0, sizeof(crm_record_t));
    set->fields = crm_pool_calloc(w->pool, changes->count + 1,
                                  sizeof(crm_field_t));
    if (set->fields == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_init(&id, w->pool, 0);
    crm_buf_json(&id, event->record_id);

    if (crm_buf_status(&id) != CRM_OK) {
        return CRM_ENOMEM;
    }

    for (i = 0; i <= changes->count; i++) {
        if (i == changes->count
            && (event->record_id.len == 0
                || crm_write_field(w, CRM_STR("id"))))
        {
            break;
        }

        json = i < changes->count ? changes->items[i].json
                                  : crm_buf_view(&id);

        rc = crm_value_parse(&value, json, w->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        field = &set->fields[set->count++];
        field->name = i < changes->count ? changes->items[i].field
                                         : CRM_STR("id");
        field->hash = crm_str_hash(field->name);
        field->value = value.span;
    }

    return CRM_OK;
}


static crm_status_t
event_marks(crm_event_t *event)
{
    crm_image_t         final;
    crm_status_t        rc;
    crm_value_type_t    absent;
    const crm_write_t  *w;

    w = event->write;

    if (w->module->locking == NULL) {
        return CRM_OK;
    }

    absent = w->before && !w->absent_is_null ? CRM_VALUE_UNKNOWN
                                             : CRM_VALUE_EMPTY;

    rc = crm_image_build(&final, &w->module->schema, &event->record, NULL,
                         absent, w->pool);

    return rc == CRM_OK ? crm_lock_marks(w->module, &final, &event->marks,
                                         &event->marks_count, w->pool) : rc;
}


/* What rules changed in the write itself. */
static void
intent_changes(const crm_event_t *event, crm_buf_t *buf)
{
    size_t                i;
    const crm_change_t   *change;

    crm_buf_puts(buf, ",\"changes\":{");

    for (i = 0; i < event->transform.changes.count; i++) {
        change = &event->transform.changes.items[i];

        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json(buf, change->field);
        crm_buf_putc(buf, ':');
        crm_buf_str(buf, change->json);
    }

    crm_buf_putc(buf, '}');
}


/*
 * The whole before-image where a job will carry it, or where it is the last
 * there will be of the record; else the fields that the rules read.
 */
static void
intent_before(const crm_event_t *event, crm_buf_t *buf)
{
    int                  n;
    size_t               i;
    const crm_field_t   *field;
    const crm_write_t   *w;

    w = event->write;
    crm_buf_puts(buf, ",\"before\":");

    if (w->before == NULL) {
        crm_buf_puts(buf, "null");
        return;
    }

    if (event->transform.fired_count || w->operation == CRM_OP_DELETE) {
        crm_buf_str(buf, crm_span_raw(w->before->object));
        return;
    }

    n = 0;
    crm_buf_putc(buf, '{');

    for (i = 0; i < w->before->count; i++) {
        field = &w->before->fields[i];

        if (crm_schema_find(&w->module->schema, field->name, field->hash)
            == CRM_SLOT_NONE)
        {
            continue;
        }

        crm_buf_puts(buf, n++ ? "," : "");
        crm_buf_json(buf, field->name);
        crm_buf_putc(buf, ':');
        crm_buf_str(buf, crm_span_raw(field->value));
    }

    crm_buf_putc(buf, '}');
}


static void
intent_rules(const crm_event_t *event, crm_buf_t *buf)
{
    size_t              i;
    const crm_fired_t  *fired;

    crm_buf_puts(buf, ",\"rules\":[");

    for (i = 0; i < event->transform.fired_count; i++) {
        fired = &event->transform.fired[i];

        crm_buf_puts(buf, i ? ",{\"rule\":" : "{\"rule\":");
        crm_buf_json(buf, fired->rule->id);
        crm_buf_puts(buf, ",\"condition\":");
        crm_buf_int(buf, fired->condition->seq);
        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, ']');
}
