/*
 * What happened, once the backend has done it: the record as it is now.
 */

#include "queue/crm_event.h"

#include "decide/crm_lock.h"
#include "queue/crm_timer.h"
#include "record/crm_finder.h"
#include "record/crm_splice.h"


/* Room for what rules add to a record: mostly less. */
#define EVENT_MORE_BYTES  512


/* What is set besides the request: changes, and the id if it shows none. */
typedef struct {
    crm_field_t         *fields;
    const crm_field_t  **under;     /* what each takes the place of, or NULL */
    size_t               count;
} event_set_t;


static crm_status_t event_final(crm_event_t *event, event_set_t *set);
static crm_status_t event_under(const crm_event_t *event,
    crm_record_t *under);
static crm_status_t event_set(const crm_event_t *event, event_set_t *set,
    const crm_record_t *under);
static crm_status_t event_set_id(const crm_event_t *event,
    crm_field_t *field);
static crm_status_t event_write(crm_event_t *event, const event_set_t *set);
static crm_status_t event_splice(crm_event_t *event, const event_set_t *set);
static crm_status_t event_encode(crm_event_t *event);
static crm_status_t event_marks(crm_event_t *event, int set);


crm_status_t
crm_event_finish(crm_event_t *event, crm_str_t record_id)
{
    event_set_t   set;
    crm_status_t  rc;

    event->record_id = record_id;

    rc = event_final(event, &set);

    if (rc == CRM_OK) {
        rc = event_write(event, &set);
    }

    return rc == CRM_OK ? event_marks(event, set.count > 0) : rc;
}


crm_status_t
crm_event_finish_told(crm_event_t *event, crm_str_t record_id)
{
    event_set_t         set;
    crm_status_t        rc;
    const crm_write_t  *w;

    w = event->write;

    if (event->transform.fired_count || event->effects.steps_count
        || w->operation != CRM_OP_UPDATE || crm_timer_counts(w))
    {
        return crm_event_finish(event, record_id);
    }

    event->record_id = record_id;

    if (event->transform.changes.real == 0
        && (record_id.len == 0 || crm_write_field(w, CRM_STR("id"))))
    {
        return event_marks(event, 0);
    }

    rc = event_final(event, &set);

    return rc == CRM_OK ? event_marks(event, set.count > 0) : rc;
}


/*
 * Before-image, the request laid over it, what rules changed laid over that,
 * and the id: put together from the spans that are there, nothing is read
 * again.
 */
static crm_status_t
event_final(crm_event_t *event, event_set_t *set)
{
    size_t         i, at;
    crm_status_t   rc;
    crm_record_t   under, *record;

    rc = event_under(event, &under);

    if (rc == CRM_OK) {
        rc = event_set(event, set, &under);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    record = &event->record;

    if (event->write->before && set->count == 0) {
        *record = under;
        return CRM_OK;
    }

    memset(record, 0, sizeof(crm_record_t));
    record->fields = crm_pool_alloc(event->write->pool,
                                    (under.count + set->count + 1)
                                    * sizeof(crm_field_t));
    if (record->fields == NULL) {
        return CRM_ENOMEM;
    }

    if (under.count) {
        memcpy(record->fields, under.fields,
               under.count * sizeof(crm_field_t));
        record->count = under.count;
    }

    for (i = 0; i < set->count; i++) {
        at = set->under[i] ? (size_t) (set->under[i] - under.fields)
                           : record->count++;
        record->fields[at] = set->fields[i];
    }

    return CRM_OK;
}


static crm_status_t
event_under(const crm_event_t *event, crm_record_t *under)
{
    const crm_write_t  *w;

    w = event->write;

    if (w->before) {
        return crm_image_merge(under, w->before, w->request, w->pool);
    }

    if (w->request) {
        *under = *w->request;
    } else {
        memset(under, 0, sizeof(crm_record_t));
    }

    return CRM_OK;
}


static crm_status_t
event_set(const crm_event_t *event, event_set_t *set,
    const crm_record_t *under)
{
    size_t                i;
    crm_field_t          *field;
    crm_value_t           value;
    crm_finder_t          finder;
    crm_status_t          rc;
    const crm_write_t    *w;
    const crm_changes_t  *changes;

    w = event->write;
    changes = &event->transform.changes;

    set->count = 0;
    set->fields = crm_pool_calloc(w->pool, changes->count + 1,
                                  sizeof(crm_field_t));
    set->under = crm_pool_calloc(w->pool, changes->count + 1,
                                 sizeof(crm_field_t *));
    if (set->fields == NULL || set->under == NULL) {
        return CRM_ENOMEM;
    }

    crm_finder_init(&finder, under, w->pool);

    for (i = 0; i < changes->count; i++) {
        if (changes->items[i].same) {
            continue;
        }

        field = &set->fields[set->count];
        field->name = changes->items[i].field;
        field->hash = crm_str_hash(field->name);

        rc = crm_value_parse(&value, changes->items[i].json, w->pool);
        if (rc == CRM_OK) {
            rc = crm_finder_find(&finder, field, &set->under[set->count]);
        }
        if (rc != CRM_OK) {
            return rc;
        }

        field->value = value.span;
        set->count++;
    }

    if (event->record_id.len == 0) {
        return CRM_OK;
    }

    field = &set->fields[set->count];
    field->name = CRM_STR("id");
    field->hash = crm_str_hash(field->name);

    rc = crm_finder_find(&finder, field, &set->under[set->count]);

    if (rc != CRM_OK || set->under[set->count]) {
        return rc;
    }

    set->count++;

    return event_set_id(event, field);
}


static crm_status_t
event_set_id(const crm_event_t *event, crm_field_t *field)
{
    crm_buf_t  buf;
    crm_str_t  json;

    crm_buf_init(&buf, event->write->pool, 0);
    crm_buf_reserve(&buf, event->record_id.len + sizeof("\"\""));
    crm_buf_json(&buf, event->record_id);

    json = crm_buf_view(&buf);

    field->value.data = json.data;
    field->value.len = json.len;
    field->value.type = CRM_JSON_STRING;
    field->value.escaped = json.len != event->record_id.len + 2;

    return crm_buf_status(&buf);
}


/* The same as text. */
static crm_status_t
event_write(crm_event_t *event, const event_set_t *set)
{
    const crm_write_t  *w;

    w = event->write;

    return w->before == NULL && w->request && w->request->object.data
           ? event_splice(event, set) : event_encode(event);
}


/* Nothing lies under what the client sent: its own text, with set laid in. */
static crm_status_t
event_splice(crm_event_t *event, const event_set_t *set)
{
    size_t               i;
    crm_str_t            json;
    crm_splice_t         splice;
    crm_status_t         rc;
    const crm_field_t   *field;
    const crm_record_t  *sent;

    /* what the client says has no place in what was added since */

    sent = event->write->asked ? event->write->asked : event->write->request;

    crm_splice_init(&splice, crm_record_raw(sent), event->write->pool);

    for (i = 0; i < set->count; i++) {
        field = &set->fields[i];
        json = crm_span_raw(field->value);

        rc = sent == event->write->request
             ? crm_splice_put(&splice, sent, set->under[i], field->name, json)
             : crm_splice_set(&splice, sent, field->name, json);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    event->record_json = crm_splice_apply(&splice);

    return event->record_json.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
event_encode(crm_event_t *event)
{
    crm_buf_t           buf;
    const crm_write_t  *w;

    w = event->write;

    crm_buf_init(&buf, w->pool, 0);
    crm_buf_reserve(&buf, EVENT_MORE_BYTES
                          + (w->request ? w->request->object.len : 0)
                          + (w->before ? w->before->object.len : 0));
    crm_image_encode(&buf, &event->record, NULL);
    event->record_json = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* A call saves nothing: what a save has marked stays. An update that sets
 * nothing leaves the record as it was judged. */
static crm_status_t
event_marks(crm_event_t *event, int set)
{
    crm_eval_t          eval, *final;
    crm_image_t         image;
    crm_write_t        *w;
    crm_status_t        rc;
    crm_value_type_t    absent;

    w = event->write;

    if (w->module->locking == NULL || w->operation == CRM_OP_DELETE
        || w->operation == CRM_OP_ACTION)
    {
        return CRM_OK;
    }

    final = &w->after_eval;
    rc = CRM_OK;

    if (set || w->operation != CRM_OP_UPDATE) {
        final = &eval;
        absent = w->before && !w->absent_is_null ? CRM_VALUE_UNKNOWN
                                                 : CRM_VALUE_EMPTY;

        rc = crm_image_build(&image, &w->module->schema, &event->record, NULL,
                             absent, w->pool);
        if (rc == CRM_OK) {
            rc = crm_eval_init(&eval, &image, &w->module->predicates,
                               &w->scope, w->pool);
        }
    }

    return rc == CRM_OK ? crm_lock_marks(w->module, final, &event->marks,
                                         &event->marks_count, w->pool) : rc;
}
