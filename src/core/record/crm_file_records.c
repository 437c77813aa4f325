/*
 * Dialect files: items that are records in the body.
 */

#include "record/crm_file_decode.h"

#include "record/crm_dialect_kind.h"


static crm_status_t decode_record(crm_file_decode_t *d, crm_span_t value);
static crm_status_t decode_each(crm_file_decode_t *d, crm_record_t *record);
static crm_status_t decode_record_id(crm_file_decode_t *d, crm_item_t *item);


crm_status_t
crm_file_decode_records(crm_file_decode_t *d)
{
    crm_span_t           value;
    crm_status_t         rc;
    crm_pointer_walk_t   walk;

    crm_pointer_walk(&walk, &d->rule->record, d->root);

    while (crm_pointer_next(&walk, &value)) {
        rc = decode_record(d, value);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (d->request->count == 0
        && d->rule->on_unknown_set == CRM_FILE_SET_REFUSE)
    {
        return crm_file_decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                   "the body holds no record where it should");
    }

    if (d->request->count > 1 && (d->rule->op == CRM_FILE_OP_CREATE
                                  || d->rule->op == CRM_FILE_OP_UPSERT)
        && d->file->items.order == CRM_FILE_ORDER_NONE)
    {
        return crm_file_decode_refuse(d, CRM_REFUSE_RECORDS, NULL, "",
                   "one record a request: of many it could not be"
                   " known which became which");
    }

    if (d->request->count > 1 && d->rule->id.from == CRM_FILE_FROM_PATH) {
        return crm_file_decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                   "the path names one record, the body holds"
                   " several");
    }

    return CRM_OK;
}


static crm_status_t
decode_record(crm_file_decode_t *d, crm_span_t value)
{
    crm_str_t      id;
    crm_span_t     found;
    crm_status_t   rc;
    crm_record_t  *record;

    if (value.type != CRM_JSON_OBJECT) {
        return crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                   "a record must be an object");
    }

    record = crm_pool_alloc(d->pool, sizeof(crm_record_t));
    if (record == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_file_record(record, value, d->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    if (d->rule->module.from == CRM_FILE_FROM_ITEM) {
        id = crm_file_scalar(crm_pointer_get(&d->rule->module.pointer, value),
                             d->pool);
        rc = id.data ? crm_file_module(d->file, &d->module, id, d->pool)
                     : CRM_EINVAL;

        if (rc != CRM_OK) {
            return rc == CRM_ENOMEM ? rc
                   : crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                         "the record names no module");
        }
    }

    id = d->match->id;

    if (d->rule->id.from == CRM_FILE_FROM_QUERY
        || d->rule->id.from == CRM_FILE_FROM_FILTER)
    {
        return decode_each(d, record);
    }

    if (d->rule->id.from == CRM_FILE_FROM_BODY
        || d->rule->id.from == CRM_FILE_FROM_ITEM)
    {
        found = crm_pointer_get(&d->rule->id.pointer,
                                d->rule->id.from == CRM_FILE_FROM_ITEM
                                ? value : d->root);
        id = crm_file_scalar(found, d->pool);

        if (id.data == NULL) {
            return crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                       "a record that is changed must name its id");
        }
    }

    rc = crm_file_decode_add(d, id, record, crm_span_raw(value));

    if (rc == CRM_OK) {
        rc = decode_record_id(d, &d->request->items[d->request->count - 1]);
    }

    crm_file_decode_meta(d, record);

    return rc;
}


/* Of all that the query names: none of them gets another's id. */
static crm_status_t
decode_each(crm_file_decode_t *d, crm_record_t *record)
{
    size_t        i;
    crm_status_t  rc;

    rc = crm_file_decode_query(d);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < d->request->count; i++) {
        d->request->items[i].record = record;

        rc = decode_record_id(d, &d->request->items[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    d->request->shared = d->request->count > 1;
    crm_file_decode_meta(d, record);

    return CRM_OK;
}


/* What the record itself says its id is. */
static crm_status_t
decode_record_id(crm_file_decode_t *d, crm_item_t *item)
{
    crm_str_t           id;
    crm_status_t        rc;
    const crm_field_t  *field;

    field = crm_record_field(item->record, d->file->id_field);

    if (field == NULL || field->value.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (item->operation == CRM_OP_CREATE || item->operation == CRM_OP_NONE) {
        return crm_file_decode_refuse(d, CRM_REFUSE_BODY,
                   field->value.data, "$.id",
                   "a record that is created must not name an id");
    }

    id = crm_file_scalar(field->value, d->pool);
    rc = id.data ? crm_file_id(d->file, &id, item->module, id, d->pool)
                 : CRM_EINVAL;

    if (rc == CRM_ENOMEM || (rc == CRM_OK
                             && crm_str_eq(id, item->record_id)))
    {
        return rc;
    }

    return crm_file_decode_refuse(d, CRM_REFUSE_BODY, field->value.data,
               "$.id", "the id in the record must be the one that the"
               " request names");
}


/* Of an object that the scanner has checked. */
crm_status_t
crm_file_record(crm_record_t *record, crm_span_t object, crm_pool_t *pool)
{
    size_t        count, cursor;
    crm_span_t    name, value;
    crm_field_t  *field;

    memset(record, 0, sizeof(crm_record_t));
    record->object = object;

    for (count = 0, cursor = 0;
         crm_span_next(object, &cursor, NULL, &value);
         count++) { /* void */ }

    record->fields = crm_pool_alloc(pool, (count + 1) * sizeof(crm_field_t));
    if (record->fields == NULL) {
        return CRM_ENOMEM;
    }

    cursor = 0;

    while (crm_span_next(object, &cursor, &name, &value)) {
        field = &record->fields[record->count++];

        field->name = crm_span_text(name, pool);
        if (field->name.data == NULL) {
            return CRM_ENOMEM;
        }

        field->hash = crm_str_hash(field->name);
        field->value = value;
    }

    return CRM_OK;
}


/*
 * Keys that are no fields are not looked at. One that is left tells where a
 * field could be added: a record of nothing else keeps them.
 */
void
crm_file_decode_meta(const crm_file_decode_t *d, crm_record_t *record)
{
    size_t  i, n;

    for (i = 0, n = 0; i < record->count; i++) {
        if (!crm_file_has(&d->rule->meta, record->fields[i].name, 0)) {
            n++;
        }
    }

    if (n == 0 || n == record->count) {
        return;
    }

    for (i = 0, n = 0; i < record->count; i++) {
        if (!crm_file_has(&d->rule->meta, record->fields[i].name, 0)) {
            record->fields[n++] = record->fields[i];
        }
    }

    record->count = n;
}
