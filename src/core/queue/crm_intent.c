/*
 * An intent: all that is needed to settle a write without its request. Its
 * writing; crm_intent_parse.c reads it.
 */

#include "queue/crm_intent.h"

#include "queue/crm_intent_assigned.h"
#include "queue/crm_intent_effects.h"
#include "record/crm_finder.h"
#include "transform/crm_score.h"


/* What an intent says of a record besides what is in it: mostly less. */
#define INTENT_HEAD_BYTES  512


static void intent_room(const crm_event_t *const *events, size_t count,
    crm_buf_t *buf);
static void intent_head(const crm_write_t *w, int version, crm_buf_t *buf);
static void intent_client(const crm_write_t *w, crm_buf_t *buf);
static crm_status_t intent_record(const crm_event_t *event, crm_buf_t *buf);
static void intent_name(const crm_write_t *w, crm_buf_t *buf);
static void intent_own(const crm_write_t *w, const crm_write_t *first,
    crm_buf_t *buf);
static void intent_changes(const crm_event_t *event, crm_buf_t *buf);
static crm_status_t intent_before(const crm_event_t *event, crm_buf_t *buf);
static int intent_is_whole(const crm_event_t *event);
static crm_status_t intent_fields(const crm_write_t *w, crm_buf_t *buf);
static uint8_t *intent_written(const crm_write_t *w);
static void intent_rules(const crm_event_t *event, crm_buf_t *buf);


crm_status_t
crm_intent_encode(const crm_event_t *const *events, size_t count,
    crm_buf_t *buf)
{
    size_t              i;
    crm_status_t        rc;
    const crm_write_t  *w;

    w = events[0]->write;
    intent_room(events, count, buf);

    if (count == 1) {
        intent_head(w, 1, buf);
        rc = intent_record(events[0], buf);

        if (rc == CRM_OK) {
            crm_buf_putc(buf, '}');
            rc = crm_buf_status(buf);
        }

        return rc;
    }

    intent_head(w, 2, buf);
    crm_buf_puts(buf, ",\"records\":[");

    for (i = 0; i < count; i++) {
        crm_buf_puts(buf, i ? ",{" : "{");
        intent_name(events[i]->write, buf);
        intent_own(events[i]->write, w, buf);
        crm_buf_putc(buf, ',');

        rc = intent_record(events[i], buf);
        if (rc != CRM_OK) {
            return rc;
        }
        crm_buf_putc(buf, '}');
    }

    crm_buf_puts(buf, "]}");

    return crm_buf_status(buf);
}


/* Room for the records, so that it need not be made again and again. */
static void
intent_room(const crm_event_t *const *events, size_t count, crm_buf_t *buf)
{
    size_t              i, bytes;
    const crm_write_t  *w;

    for (i = 0, bytes = 0; i < count; i++) {
        w = events[i]->write;

        bytes += INTENT_HEAD_BYTES
                 + (w->request ? w->request->object.len : 0)
                 + (w->before && intent_is_whole(events[i])
                    ? w->before->object.len : 0);
    }

    crm_buf_reserve(buf, bytes);
}


/* What is the same of all records of a request. */
static void
intent_head(const crm_write_t *w, int version, crm_buf_t *buf)
{
    crm_buf_puts(buf, version == 1 ? "{\"v\":1,\"event\":"
                                   : "{\"v\":2,\"event\":");
    crm_buf_json(buf, w->event);
    crm_buf_puts(buf, ",\"org\":");
    crm_buf_json(buf, w->org);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_int(buf, w->now_ms);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(w->rules));
    crm_buf_puts(buf, ",\"dialect\":");
    crm_buf_json(buf, w->dialect ? crm_dialect_name(w->dialect)
                                 : CRM_STR(""));
    if (version == 1) {
        crm_buf_putc(buf, ',');
        intent_name(w, buf);
    }
    intent_client(w, buf);
    if (version == 1) {
        crm_buf_putc(buf, ',');
    }
}


static void
intent_client(const crm_write_t *w, crm_buf_t *buf)
{
    crm_buf_puts(buf, ",\"actor\":{\"id\":");
    crm_buf_json(buf, w->actor.id);
    crm_buf_puts(buf, "},\"workflow\":");
    crm_buf_puts(buf, w->workflow ? "true" : "false");
    if (w->trigger.type == CRM_JSON_ARRAY) {
        crm_buf_puts(buf, ",\"trigger\":");
        crm_buf_str(buf, crm_span_raw(w->trigger));
    }
    crm_buf_puts(buf, w->import ? ",\"import\":true" : "");
    if (w->chain) {
        crm_buf_puts(buf, ",\"chain\":");
        crm_chain_encode(buf, w->chain);
    }
}


/* Of one record alone, whose name stands in the head. */
static crm_status_t
intent_record(const crm_event_t *event, crm_buf_t *buf)
{
    crm_status_t        rc;
    const crm_write_t  *w;

    w = event->write;

    crm_buf_puts(buf, "\"request\":");
    if (w->request) {
        crm_buf_str(buf, crm_span_raw(w->request->object));
    } else {
        crm_buf_puts(buf, "null");
    }

    intent_changes(event, buf);

    rc = intent_before(event, buf);
    if (rc == CRM_OK) {
        intent_rules(event, buf);
        crm_intent_effects_encode(&event->effects, buf);
        crm_score_tell(buf, w->scores);

        if (w->assigned) {
            crm_intent_assigned_encode(w->assigned, buf);
        }
    }

    return rc;
}


static void
intent_name(const crm_write_t *w, crm_buf_t *buf)
{
    crm_buf_puts(buf, "\"operation\":");
    crm_buf_json(buf, crm_strz(crm_operation_name(w->operation)));
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, w->module->name);
    crm_buf_puts(buf, ",\"record_id\":");
    if (w->record_id.len) {
        crm_buf_json(buf, w->record_id);
    } else {
        crm_buf_puts(buf, "null");
    }
}


/* What the client said of this record alone. */
static void
intent_own(const crm_write_t *w, const crm_write_t *first, crm_buf_t *buf)
{
    if (w->workflow == first->workflow
        && w->trigger.data == first->trigger.data)
    {
        return;
    }

    crm_buf_puts(buf, ",\"workflow\":");
    crm_buf_puts(buf, w->workflow ? "true" : "false");
    crm_buf_puts(buf, ",\"trigger\":");

    if (w->trigger.type == CRM_JSON_ARRAY) {
        crm_buf_str(buf, crm_span_raw(w->trigger));
    } else {
        crm_buf_puts(buf, "null");
    }
}


/* What rules changed in the write itself. */
static void
intent_changes(const crm_event_t *event, crm_buf_t *buf)
{
    size_t                i, n;
    const crm_change_t   *change;

    n = 0;
    crm_buf_puts(buf, ",\"changes\":{");

    for (i = 0; i < event->transform.changes.count; i++) {
        change = &event->transform.changes.items[i];

        if (change->same) {
            continue;
        }

        crm_buf_puts(buf, n++ ? "," : "");
        crm_buf_json(buf, change->field);
        crm_buf_putc(buf, ':');
        crm_buf_str(buf, change->json);
    }

    crm_buf_putc(buf, '}');
}


static crm_status_t
intent_before(const crm_event_t *event, crm_buf_t *buf)
{
    const crm_write_t  *w;

    w = event->write;
    crm_buf_puts(buf, ",\"before\":");

    if (w->before == NULL) {
        crm_buf_puts(buf, "null");
        return CRM_OK;
    }

    if (intent_is_whole(event)) {
        crm_buf_str(buf, crm_record_raw(w->before));
        return CRM_OK;
    }

    return intent_fields(w, buf);
}


/*
 * The whole before-image where a job will carry it, or where it is the last
 * there will be of the record.
 */
static int
intent_is_whole(const crm_event_t *event)
{
    return event->transform.fired_count || event->effects.steps_count
           || event->write->operation == CRM_OP_DELETE;
}


/* Else what rules read, what the request writes (no rule fired, so none
 * changes anything), and the version. */
static crm_status_t
intent_fields(const crm_write_t *w, crm_buf_t *buf)
{
    int                 n;
    size_t              i;
    uint8_t            *written;
    crm_str_t           version;
    const crm_field_t  *field;

    written = intent_written(w);
    if (written == NULL) {
        return CRM_ENOMEM;
    }

    version = w->dialect ? crm_dialect_version_field(w->dialect)
                         : CRM_STR_NULL;
    n = 0;
    crm_buf_putc(buf, '{');

    for (i = 0; i < w->before->count; i++) {
        field = &w->before->fields[i];

        if (!written[i]
            && crm_schema_find(&w->module->schema, field->name, field->hash)
               == CRM_SLOT_NONE
            && (version.len == 0 || !crm_str_eq(field->name, version)))
        {
            continue;
        }

        crm_buf_puts(buf, n++ ? "," : "");
        crm_buf_json(buf, field->name);
        crm_buf_putc(buf, ':');
        crm_buf_str(buf, crm_span_raw(field->value));
    }

    crm_buf_putc(buf, '}');

    return CRM_OK;
}


/* By field of before: 1 where the request names it. */
static uint8_t *
intent_written(const crm_write_t *w)
{
    uint8_t            *written;
    size_t              i;
    crm_finder_t        before;
    const crm_field_t  *field;

    written = crm_pool_calloc(w->pool, w->before->count + 1, 1);

    if (written == NULL || w->request == NULL) {
        return written;
    }

    crm_finder_init(&before, w->before, w->pool);

    for (i = 0; i < w->request->count; i++) {
        if (crm_finder_find(&before, &w->request->fields[i], &field)
            != CRM_OK)
        {
            return NULL;
        }

        if (field) {
            written[field - w->before->fields] = 1;
        }
    }

    return written;
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
