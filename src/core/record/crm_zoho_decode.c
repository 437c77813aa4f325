/*
 * zoho: what a request's body holds.
 *
 *     {"data":[{...}],"trigger":["workflow"], ...}
 */

#include "record/crm_zoho.h"

#include "base/crm_map.h"


typedef struct {
    const crm_dialect_file_t  *file;
    crm_request_t        *request;
    const crm_route_t    *route;
    crm_scan_t            scan;
    size_t                max_records;
    size_t                cap;          /* of request's items */
    crm_pool_t           *pool;
    crm_refusal_t        *refusal;
    crm_span_t            fields;       /* "duplicate_check_fields" */
    int                   data_seen;
} decode_t;


static crm_status_t decode_body(decode_t *d);
static crm_status_t decode_member(decode_t *d, crm_span_t name);
static crm_status_t decode_option(decode_t *d, crm_span_t name,
    crm_span_t value);
static crm_status_t decode_data(decode_t *d);
static crm_status_t decode_record(decode_t *d);
static crm_status_t decode_check(decode_t *d, crm_item_t *item);
static crm_status_t decode_id(decode_t *d, crm_item_t *item,
    crm_span_t value);
static crm_status_t decode_ids(decode_t *d);
static crm_status_t decode_named(decode_t *d, crm_str_t id);
static crm_status_t decode_twice(decode_t *d);
static const char *decode_where(decode_t *d, const char *member);
static crm_status_t decode_trigger(decode_t *d);
static crm_status_t decode_fail(decode_t *d, crm_status_t rc,
    const crm_error_t *err, const char *where);
static crm_status_t decode_refuse(decode_t *d, crm_refusal_kind_t kind,
    const char *at, const char *where, const char *reason);


crm_status_t
crm_zoho_decode(const crm_dialect_file_t *file, crm_request_t *request,
    const crm_route_t *route, crm_str_t body, const crm_scan_limits_t *limits,
    size_t max_records, crm_pool_t *pool, crm_refusal_t *refusal)
{
    decode_t  d;

    memset(&d, 0, sizeof(decode_t));

    d.file = file;
    d.request = request;
    d.route = route;
    d.max_records = max_records;
    d.pool = pool;
    d.refusal = refusal;

    crm_scan_init(&d.scan, body, limits, pool);

    request->options.run = CRM_RUN_ALL;

    if (route->targets == CRM_TARGETS_INNER) {
        return crm_zoho_composite(file, request, route, body, limits, pool,
                                  refusal);
    }

    if (route->operation == CRM_OP_ACTION) {
        return crm_zoho_action(request, route, body, limits, max_records,
                               pool, refusal);
    }

    if (!route->has_body) {
        return body.len == 0 ? decode_ids(&d)
               : decode_refuse(&d, CRM_REFUSE_BODY, d.scan.start, "",
                               "this request must have no body");
    }

    return decode_body(&d);
}


static crm_status_t
decode_body(decode_t *d)
{
    crm_span_t    name;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_scan_enter(&d->scan, CRM_JSON_OBJECT, &err);

    if (rc == CRM_DECLINED) {
        return decode_refuse(d, CRM_REFUSE_BODY, d->scan.pos, "$",
                             "the body must be an object with \"data\"");
    }

    while (rc == CRM_OK) {
        rc = crm_scan_member(&d->scan, &name, &err);
        if (rc != CRM_OK) {
            break;
        }

        rc = decode_member(d, name);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (rc == CRM_DECLINED) {
        rc = crm_scan_end(&d->scan, &err);
    }

    if (rc != CRM_OK) {
        return decode_fail(d, rc, &err, "");
    }

    if (!d->data_seen) {
        return decode_refuse(d, CRM_REFUSE_BODY, d->scan.start, "$",
                             "the body must have \"data\"");
    }

    rc = d->request->count > 1 ? decode_twice(d) : CRM_OK;

    return rc == CRM_OK && d->route->resolve
           ? crm_zoho_keys(d->file, d->request, d->route, d->fields, d->pool,
                           d->refusal) : rc;
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
    if (rc != CRM_OK) {
        return decode_fail(d, rc, &err, "");
    }

    if (crm_span_is(name, CRM_STR("duplicate_check_fields"))) {
        d->fields = value;
        return CRM_OK;
    }

    return decode_option(d, name, value);
}


static crm_status_t
decode_option(decode_t *d, crm_span_t name, crm_span_t value)
{
    crm_str_t     where;
    const char   *reason;

    if (crm_zoho_option(d->request, name, value, &reason) != CRM_EINVAL) {
        return CRM_OK;
    }

    where = crm_span_text(name, d->pool);
    if (where.data) {
        where = crm_pool_printf(d->pool, "$.%.*s", (int) where.len,
                                where.data);
    }

    return where.data ? decode_refuse(d, CRM_REFUSE_BODY, value.data,
                                      where.data, reason) : CRM_ENOMEM;
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
                             "data must be an array of records");
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

        if (count && d->route->record_id.len) {
            rc = crm_scan_value(&d->scan, &value, &err);
            continue;
        }

        rc = decode_record(d);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (rc != CRM_DECLINED) {
        return decode_fail(d, rc, &err, "$.data");
    }

    if (count == 0 || (count > 1 && d->route->record_id.len)) {
        return decode_refuse(d, CRM_REFUSE_BODY, at - 1, "$.data",
                             d->route->record_id.len
                             ? "data must hold one record, and only one"
                             : "data must hold a record");
    }

    return CRM_OK;
}


static crm_status_t
decode_record(decode_t *d)
{
    crm_item_t    *item;
    crm_error_t    err;
    crm_status_t   rc;
    crm_record_t  *record;

    item = crm_dialect_item(d->request, &d->cap, d->pool);
    record = crm_pool_calloc(d->pool, 1, sizeof(crm_record_t));
    if (item == NULL || record == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_record_scan(record, &d->scan, &err);

    if (rc == CRM_DECLINED) {
        return decode_refuse(d, CRM_REFUSE_BODY, d->scan.pos,
                             decode_where(d, ""),
                             "a record must be an object");
    }

    if (rc != CRM_OK) {
        return decode_fail(d, rc, &err, decode_where(d, ""));
    }

    item->operation = d->route->operation;
    item->module = d->route->module;
    item->record_id = d->route->record_id;
    item->record = record;
    item->place = crm_span_raw(record->object);

    return decode_check(d, item);
}


static crm_status_t
decode_check(decode_t *d, crm_item_t *item)
{
    size_t              i;
    const crm_field_t  *field, *data, *id;

    data = NULL;
    id = NULL;

    for (i = 0; i < item->record->count; i++) {
        field = &item->record->fields[i];

        if (crm_str_eq(field->name, CRM_STR("id"))) {
            id = field;

        } else if (crm_str_eq(field->name, CRM_STR("data"))) {
            data = field;
        }
    }

    if (data && data->value.type >= CRM_JSON_ARRAY) {
        return decode_refuse(d, CRM_REFUSE_BODY, data->value.data,
                             decode_where(d, ".data"),
                             "a record must not hold records in \"data\"");
    }

    if (id) {
        return decode_id(d, item, id->value);
    }

    if (item->operation == CRM_OP_UPDATE && item->record_id.len == 0) {
        return decode_refuse(d, CRM_REFUSE_BODY, item->place.data,
                             decode_where(d, ""),
                             "a record that is changed must name its id");
    }

    return CRM_OK;
}


/* In the path or in the record; where it is both, it is one. */
static crm_status_t
decode_id(decode_t *d, crm_item_t *item, crm_span_t value)
{
    crm_str_t  id;

    if (item->operation == CRM_OP_CREATE) {
        return decode_refuse(d, CRM_REFUSE_BODY, value.data,
                             decode_where(d, ".id"),
                             "a record that is created must not name an id");
    }

    id = crm_span_text(value, d->pool);
    if (id.data == NULL) {
        return CRM_ENOMEM;
    }

    if (value.type != CRM_JSON_STRING && value.type != CRM_JSON_NUMBER) {
        id = CRM_STR("");
    }

    if (item->record_id.len && !crm_str_eq(id, item->record_id)) {
        return decode_refuse(d, CRM_REFUSE_BODY, value.data,
                             decode_where(d, ".id"),
                             "the id must be the one in the path, digit for "
                             "digit");
    }

    if (!crm_dialect_is_id(id)) {
        return decode_refuse(d, CRM_REFUSE_BODY, value.data,
                             decode_where(d, ".id"),
                             "the id must be 1 to 64 letters, digits, - and"
                             " _, a number without leading zeros");
    }

    item->record_id = id;

    return CRM_OK;
}


/* Nothing is sent: the one that the path names, or those of the query. */
static crm_status_t
decode_ids(decode_t *d)
{
    size_t        n;
    crm_str_t     rest;
    const char   *end;
    crm_status_t  rc;

    if (d->route->record_id.len) {
        return decode_named(d, d->route->record_id);
    }

    rest = d->route->ids;

    do {
        if (d->request->count >= d->max_records) {
            return decode_refuse(d, CRM_REFUSE_RECORDS, NULL, "ids",
                                 "too many records in one request");
        }

        end = rest.len ? memchr(rest.data, ',', rest.len) : NULL;
        n = end ? (size_t) (end - rest.data) : rest.len;

        rc = decode_named(d, crm_str(rest.data, n));
        if (rc != CRM_OK) {
            return rc;
        }

        n += end != NULL;
        rest = crm_str(rest.data + n, rest.len - n);
    } while (end);

    return d->request->count > 1 ? decode_twice(d) : CRM_OK;
}


static crm_status_t
decode_named(decode_t *d, crm_str_t id)
{
    crm_item_t  *item;

    if (!crm_dialect_is_id(id)) {
        return decode_refuse(d, CRM_REFUSE_TARGET, NULL, "ids",
                             "ids must be a list of ids, parted by commas, as"
                             " 1,2,3; each of 1 to 64 letters, digits, - and"
                             " _, a number without leading zeros");
    }

    item = crm_dialect_item(d->request, &d->cap, d->pool);
    if (item == NULL) {
        return CRM_ENOMEM;
    }

    item->operation = d->route->operation;
    item->module = d->route->module;
    item->record_id = id;
    item->place = id;

    return CRM_OK;
}


/* Which of the two would the backend do first? */
static crm_status_t
decode_twice(decode_t *d)
{
    size_t            i;
    crm_map_t         map;
    crm_item_t       *item;
    crm_map_entry_t  *entry;

    crm_map_init(&map, d->pool);

    for (i = 0; i < d->request->count; i++) {
        item = &d->request->items[i];

        if (item->record_id.len == 0) {
            continue;
        }

        entry = crm_map_add(&map, item->record_id);
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        if (entry->value) {
            return decode_refuse(d, CRM_REFUSE_BODY,
                                 item->record ? item->place.data : NULL,
                                 item->record ? "$.data" : "ids",
                                 "a record must not stand twice in one"
                                 " request");
        }

        entry->value = item;
    }

    return CRM_OK;
}


/* The record that came last, or a member of it. */
static const char *
decode_where(decode_t *d, const char *member)
{
    crm_str_t  where;

    where = crm_pool_printf(d->pool, "$.data[%lu]%s",
                            (unsigned long) d->request->count - 1, member);

    return where.data ? where.data : "$.data";
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

    d->request->options.trigger = list;
    d->request->options.run = 0;

    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &name)) {

        if (name.type != CRM_JSON_STRING) {
            return decode_refuse(d, CRM_REFUSE_BODY, name.data, "$.trigger",
                                 "trigger must be an array of names");
        }

        d->request->options.run |= crm_dialect_run(name);
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
    refusal->offset = at ? (size_t) (at - d->scan.start) : CRM_NO_OFFSET;

    return CRM_EINVAL;
}
