/*
 * Jobs that write records: field updates, tags, new records, tasks.
 */

#include "queue/crm_job_record.h"

#include "rules/crm_who.h"
#include "transform/crm_update.h"


static crm_status_t record_value(crm_buf_t *buf,
    const crm_job_source_t *source, const crm_field_update_t *update,
    int *unknown);
static crm_status_t record_related(crm_buf_t *buf,
    const crm_job_source_t *source, const crm_field_update_t *update,
    const char **why);
static crm_status_t record_text(crm_buf_t *buf,
    const crm_job_source_t *source, const crm_template_t *template);
static void record_refuse(crm_buf_t *buf, const char *why, crm_str_t field);
static void record_due(crm_buf_t *buf, const crm_job_source_t *source,
    const crm_interval_t *due);
static void record_link(crm_buf_t *buf, const crm_job_source_t *source);
static crm_status_t record_owner(crm_buf_t *buf,
    const crm_job_source_t *source, const crm_party_t *party);
static crm_str_t record_id_in(crm_span_t value, crm_pool_t *pool);


crm_status_t
crm_job_update(crm_buf_t *buf, const crm_job_source_t *source)
{
    int                        unknown, leaver;
    crm_buf_t                  value;
    const char                *why;
    crm_status_t               rc;
    const crm_field_update_t  *update;

    update = &source->action->u.update;
    leaver = 0;

    crm_buf_init(&value, source->pool, 0);

    rc = record_value(&value, source, update, &unknown);
    if (rc == CRM_OK && !unknown) {
        rc = crm_buf_status(&value) != CRM_OK ? crm_buf_status(&value)
             : crm_update_leaver(&leaver, source->event->write,
                                 update->field, crm_buf_view(&value));
    }
    if (rc != CRM_OK) {
        return rc;
    }

    why = NULL;

    if (update->related.len) {
        rc = record_related(buf, source, update, &why);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    crm_buf_puts(buf, "\"fields\":{");

    if (!unknown) {
        crm_buf_json(buf, update->field);
        crm_buf_putc(buf, ':');
        crm_buf_str(buf, crm_buf_view(&value));
    }

    crm_buf_putc(buf, '}');

    if (unknown) {
        record_refuse(buf, "the record does not show the field", update->other);

    } else if (why) {
        record_refuse(buf, why, update->related);

    } else if (leaver) {
        crm_buf_puts(buf, ",\"refused\":\"the user who would own the record"
                          " is inactive\"");
    }

    return CRM_OK;
}


crm_status_t
crm_job_tags(crm_buf_t *buf, const crm_job_source_t *source)
{
    const crm_tags_t  *tags;

    tags = source->action->u.tags;
    crm_buf_puts(buf, "\"tags\":");
    crm_buf_json_list(buf, tags->tags, tags->count);

    return CRM_OK;
}


/* Who owns what it is made of owns it too, unless the rule says. */
crm_status_t
crm_job_create(crm_buf_t *buf, const crm_job_source_t *source)
{
    int                        owned, unknown;
    size_t                     i;
    crm_party_t                owner;
    crm_status_t               rc;
    const crm_create_t        *create;
    const crm_field_update_t  *field, *missing;

    create = source->action->u.create;
    missing = NULL;
    owned = 0;

    crm_buf_puts(buf, "\"module\":");
    crm_buf_json(buf, create->module);
    crm_buf_puts(buf, ",\"fields\":{");

    for (i = 0; i < create->fields_count; i++) {
        field = &create->fields[i];

        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json(buf, field->field);
        crm_buf_putc(buf, ':');

        rc = record_value(buf, source, field, &unknown);
        if (rc != CRM_OK) {
            return rc;
        }

        if (unknown) {
            crm_buf_puts(buf, "null");
            missing = field;
        }

        owned |= crm_str_is(field->field, "Owner")
                 || crm_str_eq(field->field,
                        crm_dialect_owner_field(source->event->write
                                                ->dialect));
    }

    if (!owned) {
        memset(&owner, 0, sizeof(crm_party_t));
        owner.type = CRM_PARTY_OWNER;

        rc = record_owner(buf, source, &owner);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    crm_buf_putc(buf, '}');

    if (missing) {
        record_refuse(buf, "the record does not show the field",
                      missing->other);
    }

    return CRM_OK;
}


/* The vendor's own names: there is no other idea of what a task holds. */
crm_status_t
crm_job_task(crm_buf_t *buf, const crm_job_source_t *source)
{
    crm_status_t       rc;
    const crm_task_t  *task;

    task = source->action->u.task;

    crm_buf_puts(buf, "\"module\":\"Tasks\",\"fields\":{\"Subject\":");

    rc = record_text(buf, source, &task->subject);
    if (rc != CRM_OK) {
        return rc;
    }

    if (task->has_due) {
        record_due(buf, source, &task->due);
    }

    /* there is nothing to link to any more behind a delete */

    if (source->event->write->operation != CRM_OP_DELETE) {
        record_link(buf, source);
    }

    rc = record_owner(buf, source, &task->assign_to);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_putc(buf, '}');

    return CRM_OK;
}


crm_status_t
crm_job_record_user(crm_str_t *id, int *late, const crm_job_source_t *source,
    const crm_party_t *party)
{
    const crm_field_t  *field;
    const crm_write_t  *w;

    w = source->event->write;
    *id = CRM_STR("");
    *late = 0;

    switch (party->type) {

    case CRM_PARTY_USER:
        *id = party->name;
        break;

    case CRM_PARTY_CURRENT_USER:
        if (w->chain == NULL && !w->timed) {
            *id = w->actor.id;
        }
        break;

    case CRM_PARTY_OWNER:
    case CRM_PARTY_FIELD:
        field = crm_record_field(source->merge.record,
                                 party->type == CRM_PARTY_OWNER
                                 ? crm_dialect_owner_field(w->dialect)
                                 : party->name);
        if (field) {
            *id = record_id_in(field->value, source->pool);
        } else {
            *late = party->type == CRM_PARTY_OWNER
                    && w->operation != CRM_OP_DELETE;
        }
        break;

    default:
        break;
    }

    if (id->data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_who_is_inactive(w->rules, *id)) {
        *id = CRM_STR("");
    }

    return CRM_OK;
}


/* unknown: another field's value is asked for, and nobody has seen it. */
static crm_status_t
record_value(crm_buf_t *buf, const crm_job_source_t *source,
    const crm_field_update_t *update, int *unknown)
{
    int                 late;
    const crm_field_t  *other;
    const crm_write_t  *w;

    *unknown = 0;
    w = source->event->write;

    switch (update->source) {

    case CRM_UPDATE_STATIC:
        crm_buf_str(buf, update->json);
        return CRM_OK;

    case CRM_UPDATE_FIELD:
        other = crm_record_field(source->merge.record, update->other);
        late = other == NULL && crm_late_note(source->merge.late,
                                              update->other);

        if (other) {
            crm_buf_str(buf, crm_span_raw(other->value));

        } else if (w->before && !w->absent_is_null && !late) {
            *unknown = 1;

        } else {
            crm_buf_puts(buf, "null");
        }

        return CRM_OK;

    default: /* CRM_UPDATE_MERGE */
        return record_text(buf, source, &update->merge);
    }
}


static crm_status_t
record_text(crm_buf_t *buf, const crm_job_source_t *source,
    const crm_template_t *template)
{
    crm_buf_t     text;
    crm_status_t  rc;

    crm_buf_init(&text, source->pool, 0);

    rc = crm_template_render(template, &text, CRM_ESCAPE_NONE,
                             &source->merge, source->pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_json(buf, crm_buf_view(&text));

    return crm_buf_status(&text);
}


static void
record_refuse(crm_buf_t *buf, const char *why, crm_str_t field)
{
    crm_buf_puts(buf, ",\"refused\":\"");
    crm_buf_puts(buf, why);
    crm_buf_puts(buf, " ");
    crm_buf_json_text(buf, field);
    crm_buf_puts(buf, ", which the rule asks for\"");
}


/* The record that a lookup names; *why there is none. */
static crm_status_t
record_related(crm_buf_t *buf, const crm_job_source_t *source,
    const crm_field_update_t *update, const char **why)
{
    crm_str_t           id;
    const crm_field_t  *field;

    field = crm_record_field(source->merge.record, update->related);
    id = field ? record_id_in(field->value, source->pool) : CRM_STR("");

    if (id.data == NULL) {
        return CRM_ENOMEM;
    }

    if (field == NULL) {
        (void) crm_late_note(source->merge.late, update->related);
    }

    *why = field == NULL ? "the record does not show the field"
           : id.len == 0 ? "no other record stands in the field" : NULL;

    crm_buf_puts(buf, "\"module\":");
    crm_buf_json(buf, update->related_module);
    crm_buf_puts(buf, ",\"record_id\":");
    crm_buf_json(buf, id);
    crm_buf_putc(buf, ',');

    return CRM_OK;
}


/* Days are those of the organisation, business days its own. */
static void
record_due(crm_buf_t *buf, const crm_job_source_t *source,
    const crm_interval_t *due)
{
    char                day[CRM_DATE_LEN + 1];
    long long           today;
    const crm_write_t  *w;

    w = source->event->write;
    today = crm_zone_day(crm_ruleset_zone(w->rules), w->now_ms / 1000);

    crm_buf_puts(buf, ",\"Due_Date\":");
    crm_buf_json(buf, crm_date_text(day,
                     crm_interval_day(due, today,
                                      crm_ruleset_hours(w->rules))));
}


/* People stand in Who_Id, all else in What_Id with its module. */
static void
record_link(crm_buf_t *buf, const crm_job_source_t *source)
{
    crm_str_t  module;

    module = source->merge.module;

    if (crm_str_is(module, "Contacts")) {
        crm_buf_puts(buf, ",\"Who_Id\":{\"id\":");
        crm_buf_json(buf, source->merge.record_id);
        crm_buf_putc(buf, '}');
        return;
    }

    crm_buf_puts(buf, ",\"What_Id\":{\"id\":");
    crm_buf_json(buf, source->merge.record_id);
    crm_buf_puts(buf, "},\"$se_module\":");
    crm_buf_json(buf, module);
}


/*
 * Behind other fields. Who is inactive gives way to the owner of the record;
 * where nobody has seen that one, the worker looks.
 */
static crm_status_t
record_owner(crm_buf_t *buf, const crm_job_source_t *source,
    const crm_party_t *party)
{
    int           late;
    crm_str_t     id;
    crm_party_t   owner;
    crm_status_t  rc;

    rc = crm_job_record_user(&id, &late, source, party);

    if (rc == CRM_OK && id.len == 0 && !late
        && party->type != CRM_PARTY_OWNER)
    {
        memset(&owner, 0, sizeof(crm_party_t));
        owner.type = CRM_PARTY_OWNER;
        rc = crm_job_record_user(&id, &late, source, &owner);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (id.len) {
        crm_buf_puts(buf, ",\"Owner\":{\"id\":");
        crm_buf_json(buf, id);
        crm_buf_putc(buf, '}');

    } else if (late) {
        source->late->owner = 1;
    }

    return CRM_OK;
}


/* "4150868000000225013", or { "id": "..." }. */
static crm_str_t
record_id_in(crm_span_t value, crm_pool_t *pool)
{
    if (value.type == CRM_JSON_OBJECT) {
        value = crm_span_member(value, CRM_STR("id"));
    }

    return value.type == CRM_JSON_STRING ? crm_span_text(value, pool)
           : value.type == CRM_JSON_NUMBER ? crm_span_raw(value)
           : CRM_STR("");
}
