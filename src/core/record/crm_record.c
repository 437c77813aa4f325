/*
 * A record: its fields in order, as spans over somebody's bytes.
 */

#include "record/crm_record.h"

#include "record/crm_scan_plain.h"


/* The vendor's records have some tens of fields. */
#define RECORD_FIRST_FIELDS  32


static crm_status_t record_room(crm_record_t *record, size_t *cap,
    crm_pool_t *pool);


crm_status_t
crm_record_scan(crm_record_t *record, crm_scan_t *scan, crm_error_t *err)
{
    size_t                 cap;
    crm_span_t             name;
    crm_field_t           *field;
    crm_status_t           rc;
    const crm_scan_key_t  *key;

    rc = crm_scan_enter(scan, CRM_JSON_OBJECT, err);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(record, 0, sizeof(crm_record_t));
    cap = 0;

    do {
        if (record->count == cap
            && record_room(record, &cap, scan->pool) != CRM_OK)
        {
            return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                                 "out of memory");
        }

        field = &record->fields[record->count];
        key = crm_scan_plain_name(scan);

        if (key == NULL) {
            rc = crm_scan_member(scan, &name, err);
            if (rc != CRM_OK) {
                break;
            }

            key = &scan->keys[scan->keys_count - 1];
        }

        field->name = crm_str(key->data, key->len);
        field->hash = key->hash;
        record->count++;

        rc = crm_scan_plain_string(scan, &field->value)
             ? CRM_OK : crm_scan_value(scan, &field->value, err);

    } while (rc == CRM_OK);

    if (rc != CRM_DECLINED) {
        return rc;
    }

    record->object = crm_scan_left(scan);

    return CRM_OK;
}


crm_status_t
crm_record_parse(crm_record_t *record, crm_str_t text,
    const crm_scan_limits_t *limits, crm_pool_t *pool, crm_error_t *err)
{
    crm_scan_t    scan;
    crm_status_t  rc;

    crm_scan_init(&scan, text, limits, pool);

    rc = crm_record_scan(record, &scan, err);

    if (rc == CRM_DECLINED) {
        return crm_error_set(err, CRM_EINVAL,
                             (size_t) (scan.pos - scan.start), "",
                             "a record must be an object");
    }

    return rc == CRM_OK ? crm_scan_end(&scan, err) : rc;
}


const crm_field_t *
crm_record_field(const crm_record_t *record, crm_str_t name)
{
    uint32_t            hash;
    const crm_field_t  *field, *last;

    hash = crm_str_hash(name);
    last = record->fields + record->count;

    for (field = record->fields; field < last; field++) {
        if (field->hash == hash && crm_str_eq(field->name, name)) {
            return field;
        }
    }

    return NULL;
}


static crm_status_t
record_room(crm_record_t *record, size_t *cap, crm_pool_t *pool)
{
    size_t        more;
    crm_field_t  *fields;

    more = *cap ? *cap * 2 : RECORD_FIRST_FIELDS;

    fields = crm_pool_alloc(pool, more * sizeof(crm_field_t));
    if (fields == NULL) {
        return CRM_ENOMEM;
    }

    if (record->count) {
        memcpy(fields, record->fields, record->count * sizeof(crm_field_t));
    }

    record->fields = fields;
    *cap = more;

    return CRM_OK;
}
