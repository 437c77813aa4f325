/*
 * A record: its fields in order, as spans over somebody's bytes.
 */

#include "record/crm_record.h"

#include "record/crm_scan_key.h"


/* The vendor's records have some tens of fields. */
#define RECORD_FIRST_FIELDS  32


static crm_field_t *record_add(crm_record_t *record, size_t *cap,
    const crm_scan_t *scan);


crm_status_t
crm_record_scan(crm_record_t *record, crm_scan_t *scan, crm_error_t *err)
{
    size_t        cap;
    crm_span_t    name, value;
    crm_field_t  *field;
    crm_status_t  rc;

    rc = crm_scan_enter(scan, CRM_JSON_OBJECT, err);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(record, 0, sizeof(crm_record_t));
    cap = 0;

    while ((rc = crm_scan_pair(scan, &name, &value, err)) == CRM_OK) {

        field = record_add(record, &cap, scan);
        if (field == NULL) {
            return crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                                 "out of memory");
        }

        field->value = value;
    }

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
    size_t  i;

    for (i = 0; i < record->count; i++) {
        if (crm_str_eq(record->fields[i].name, name)) {
            return &record->fields[i];
        }
    }

    return NULL;
}


/* A field for the name that scan has just read, or NULL without memory. */
static crm_field_t *
record_add(crm_record_t *record, size_t *cap, const crm_scan_t *scan)
{
    size_t                 more;
    crm_field_t           *field;
    const crm_scan_key_t  *key;

    if (record->count == *cap) {
        more = *cap ? *cap * 2 : RECORD_FIRST_FIELDS;

        field = crm_pool_alloc(scan->pool, more * sizeof(crm_field_t));
        if (field == NULL) {
            return NULL;
        }

        if (record->count) {
            memcpy(field, record->fields,
                   record->count * sizeof(crm_field_t));
        }

        record->fields = field;
        *cap = more;
    }

    key = &scan->keys[scan->keys_count - 1];
    field = &record->fields[record->count++];

    field->name = crm_str(key->data, key->len);
    field->hash = key->hash;

    return field;
}
