/*
 * zoho: what a request's body holds.
 *
 *     {"data":[{...}],"trigger":["workflow"], ...}
 */

#include "record/crm_zoho.h"


typedef struct {
    crm_request_t        *request;
    const crm_route_t    *route;
    crm_scan_t            scan;
    size_t                max_records;
    crm_pool_t           *pool;
    crm_refusal_t        *refusal;
    int                   data_seen;
} decode_t;


static crm_status_t decode_member(decode_t *d, crm_span_t name);
static crm_status_t decode_data(decode_t *d);
static crm_status_t decode_record(decode_t *d);
static crm_status_t decode_check(decode_t *d, const crm_record_t *record);
static crm_status_t decode_trigger(decode_t *d);
static crm_status_t decode_fail(decode_t *d, crm_status_t rc,
    const crm_error_t *err, const char *where);
static crm_status_t decode_refuse(decode_t *d, crm_refusal_kind_t kind,
    const char *at, const char *where, const char *reason);


crm_status_t
crm_zoho_decode(crm_request_t *request, const crm_route_t *route,
    crm_str_t body, const crm_scan_limits_t *limits, size_t max_records,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    decode_t      d;
    crm_span_t    name;
    crm_error_t   err;
    crm_status_t  rc;

    memset(&d, 0, sizeof(decode_t));

    d.request = request;
    d.route = route;
    d.max_records = max_records;
    d.pool = pool;
    d.refusal = refusal;

    crm_scan_init(&d.scan, body, limits, pool);

    request->run = CRM_RUN_ALL;

    if (!route->has_body) {
        return body.len == 0 ? CRM_OK
               : decode_refuse(&d, CRM_REFUSE_BODY, d.scan.start, "",
                               "this request must have no body");
    }

    rc = crm_scan_enter(&d.scan, CRM_JSON_OBJECT, &err);

    if (rc == CRM_DECLINED) {
        return decode_refuse(&d, CRM_REFUSE_BODY, d.scan.pos, "$",
                             "the body must be an object with \"data\"");
    }

    while (rc == CRM_OK) {
        rc = crm_scan_member(&d.scan, &name, &err);
        if (rc != CRM_OK) {
            break;
        }

        rc = decode_member(&d, name);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (rc == CRM_DECLINED) {
        rc = crm_scan_end(&d.scan, &err);
    }

    if (rc != CRM_OK) {
        return decode_fail(&d, rc, &err, "");
    }

    if (!d.data_seen) {
        return decode_refuse(&d, CRM_REFUSE_BODY, d.scan.start, "$",
                             "the body must have \"data\"");
    }

    return CRM_OK;
}


static crm_status_t
decode_member(decode_t *d, crm_span_t name)
{
    crm_span_t    value;
    crm_error_t   err;
    crm_status_t  rc;

    if (crm_span_is(name, CRM_STR("data"))) {

        /* the scanner finds a second one, but not before the object closes */

        if (d->data_seen++) {
            return decode_refuse(d, CRM_REFUSE_BODY, name.data, "$.data",
                                 "duplicate key \"data\"");
        }

        return decode_data(d);
    }

    if (crm_span_is(name, CRM_STR("trigger"))) {
        return decode_trigger(d);
    }

    rc = crm_scan_value(&d->scan, &value, &err);

    return rc == CRM_OK ? CRM_OK : decode_fail(d, rc, &err, "");
}


static crm_status_t
decode_data(decode_t *d)
{
    size_t        count;
    const char   *at;
    crm_span_t    value;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_scan_enter(&d->scan, CRM_JSON_ARRAY, &err);

    if (rc == CRM_DECLINED) {
        return decode_refuse(d, CRM_REFUSE_BODY, d->scan.pos, "$.data",
                             "data must be an array of one record");
    }

    at = d->scan.pos;

    for (count = 0; rc == CRM_OK; count++) {
        rc = crm_scan_element(&d->scan, &err);
        if (rc != CRM_OK) {
            break;
        }

        if (count >= d->max_records) {
            return decode_refuse(d, CRM_REFUSE_RECORDS, d->scan.pos,
                                 "$.data", "too many records in one request");
        }

        if (count == 0) {
            rc = decode_record(d);
            if (rc != CRM_OK) {
                return rc;
            }

        } else {
            rc = crm_scan_value(&d->scan, &value, &err);
        }
    }

    if (rc != CRM_DECLINED) {
        return decode_fail(d, rc, &err, "$.data");
    }

    if (count != 1) {
        return decode_refuse(d, CRM_REFUSE_BODY, at - 1, "$.data",
                             "data must hold one record, and only one");
    }

    return CRM_OK;
}


static crm_status_t
decode_record(decode_t *d)
{
    crm_error_t    err;
    crm_status_t   rc;
    crm_record_t  *record;

    record = crm_pool_calloc(d->pool, 1, sizeof(crm_record_t));
    if (record == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_record_scan(record, &d->scan, &err);

    if (rc == CRM_DECLINED) {
        return decode_refuse(d, CRM_REFUSE_BODY, d->scan.pos, "$.data[0]",
                             "a record must be an object");
    }

    if (rc != CRM_OK) {
        return decode_fail(d, rc, &err, "$.data[0]");
    }

    d->request->records = record;
    d->request->count = 1;

    return decode_check(d, record);
}


static crm_status_t
decode_check(decode_t *d, const crm_record_t *record)
{
    crm_str_t           id;
    const crm_field_t  *field;

    field = crm_record_field(record, CRM_STR("data"));

    if (field && field->value.type >= CRM_JSON_ARRAY) {
        return decode_refuse(d, CRM_REFUSE_BODY, field->value.data,
                             "$.data[0].data",
                             "a record must not hold records in \"data\"");
    }

    field = crm_record_field(record, CRM_STR("id"));
    if (field == NULL) {
        return CRM_OK;
    }

    if (d->route->operation == CRM_OP_CREATE) {
        return decode_refuse(d, CRM_REFUSE_BODY, field->value.data,
                             "$.data[0].id",
                             "a record that is created must not name an id");
    }

    id = crm_span_text(field->value, d->pool);
    if (id.data == NULL) {
        return CRM_ENOMEM;
    }

    if ((field->value.type != CRM_JSON_STRING
         && field->value.type != CRM_JSON_NUMBER)
        || !crm_str_eq(id, d->route->record_id))
    {
        return decode_refuse(d, CRM_REFUSE_BODY, field->value.data,
                             "$.data[0].id",
                             "the id must be the one in the path, digit for "
                             "digit");
    }

    return CRM_OK;
}


/* null counts as absence: everything runs. An empty list is not absence. A
 * name that nobody knows is the backend's to judge. */
static crm_status_t
decode_trigger(decode_t *d)
{
    size_t        cursor;
    crm_span_t    list, name;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_scan_value(&d->scan, &list, &err);
    if (rc != CRM_OK) {
        return decode_fail(d, rc, &err, "$.trigger");
    }

    if (list.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (list.type != CRM_JSON_ARRAY) {
        return decode_refuse(d, CRM_REFUSE_BODY, list.data, "$.trigger",
                             "trigger must be an array of names");
    }

    d->request->trigger = list;
    d->request->run = 0;

    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &name)) {

        if (name.type != CRM_JSON_STRING) {
            return decode_refuse(d, CRM_REFUSE_BODY, name.data, "$.trigger",
                                 "trigger must be an array of names");
        }

        d->request->run |= crm_dialect_run(name);
    }

    return CRM_OK;
}


/* What the scanner found becomes a refusal, unless it is memory. */
static crm_status_t
decode_fail(decode_t *d, crm_status_t rc, const crm_error_t *err,
    const char *where)
{
    crm_str_t  reason;

    if (rc == CRM_ENOMEM) {
        return CRM_ENOMEM;
    }

    reason = crm_pool_dup(d->pool, crm_strz(err->text));
    if (reason.data == NULL) {
        return CRM_ENOMEM;
    }

    return decode_refuse(d, CRM_REFUSE_BODY, d->scan.start + err->offset,
                         where, reason.data);
}


static crm_status_t
decode_refuse(decode_t *d, crm_refusal_kind_t kind, const char *at,
    const char *where, const char *reason)
{
    crm_refusal_t  *refusal;

    refusal = d->refusal;

    crm_dialect_refusal(refusal, kind, reason);

    refusal->operation = d->route->operation;
    refusal->module = d->route->module;
    refusal->record_id = d->route->record_id;
    refusal->where = crm_strz(where);
    refusal->offset = (size_t) (at - d->scan.start);

    return CRM_EINVAL;
}
