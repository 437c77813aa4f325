/*
 * Members of an intent that is read back, each of the type that it must be.
 */

#include "queue/crm_intent_parse.h"


crm_status_t
crm_intent_member(crm_intent_parse_t *p, const char *name, crm_span_t *value)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, crm_strz(name));

    if (field == NULL) {
        return crm_error_set(p->err, CRM_EINVAL, CRM_NO_OFFSET, name,
                             "the intent lacks \"%s\"", name);
    }

    *value = field->value;

    return CRM_OK;
}


crm_status_t
crm_intent_member_text(crm_intent_parse_t *p, const char *name,
    crm_str_t *text)
{
    crm_span_t    value;
    crm_status_t  rc;

    rc = crm_intent_member(p, name, &value);
    if (rc != CRM_OK) {
        return rc;
    }

    if (value.type != CRM_JSON_STRING) {
        return crm_intent_member_wrong(p, name, "a text");
    }

    *text = crm_span_text(value, p->pool);

    return text->data ? CRM_OK : crm_intent_member_nomem(p);
}


crm_status_t
crm_intent_member_integer(crm_intent_parse_t *p, const char *name,
    long long *n)
{
    crm_span_t    value;
    crm_status_t  rc;

    rc = crm_intent_member(p, name, &value);
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_intent_member_number(value, n)
           ? CRM_OK : crm_intent_member_wrong(p, name, "a whole number");
}


/* An object, or NULL for null. */
crm_status_t
crm_intent_member_record(crm_intent_parse_t *p, const char *name,
    const crm_record_t **record)
{
    crm_span_t     value;
    crm_status_t   rc;
    crm_record_t  *read;

    rc = crm_intent_member(p, name, &value);
    if (rc != CRM_OK || value.type == CRM_JSON_NULL) {
        return rc;
    }

    if (value.type != CRM_JSON_OBJECT) {
        return crm_intent_member_wrong(p, name, "an object or null");
    }

    read = crm_pool_calloc(p->pool, 1, sizeof(crm_record_t));
    if (read == NULL) {
        return crm_intent_member_nomem(p);
    }

    *record = read;

    return crm_intent_member_object(p, read, value);
}


/* Has been checked already; what is left are its fields. */
crm_status_t
crm_intent_member_object(crm_intent_parse_t *p, crm_record_t *record,
    crm_span_t value)
{
    size_t        n, cursor;
    crm_span_t    name, member;
    crm_field_t  *field;

    n = 0;
    cursor = 0;
    while (crm_span_next(value, &cursor, &name, &member)) {
        n++;
    }

    record->object = value;
    record->fields = crm_pool_calloc(p->pool, n + 1, sizeof(crm_field_t));
    if (record->fields == NULL) {
        return crm_intent_member_nomem(p);
    }

    cursor = 0;
    while (crm_span_next(value, &cursor, &name, &member)) {
        field = &record->fields[record->count++];

        field->value = member;
        field->name = crm_span_text(name, p->pool);
        if (field->name.data == NULL) {
            return crm_intent_member_nomem(p);
        }

        field->hash = crm_str_hash(field->name);
    }

    return CRM_OK;
}


/* Digits, no more than any time or revision has. */
int
crm_intent_member_number(crm_span_t value, long long *n)
{
    size_t  i;

    if (value.type != CRM_JSON_NUMBER || value.len > 18) {
        return 0;
    }

    *n = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return 0;
        }

        *n = *n * 10 + (value.data[i] - '0');
    }

    return 1;
}


crm_status_t
crm_intent_member_nomem(crm_intent_parse_t *p)
{
    return crm_error_set(p->err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                         "out of memory");
}


crm_status_t
crm_intent_member_wrong(crm_intent_parse_t *p, const char *name,
    const char *what)
{
    return crm_error_set(p->err, CRM_EINVAL, CRM_NO_OFFSET, name,
                         "\"%s\" of the intent must be %s", name, what);
}
