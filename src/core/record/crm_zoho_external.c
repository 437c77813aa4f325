/*
 * zoho: records that a write names by the value of a field, X-EXTERNAL.
 *
 * The header may also say how look-up fields name other records; such a one,
 * or several in one header, nobody here can follow.
 */

#include "record/crm_external.h"

#include "base/crm_map.h"
#include "record/crm_splice.h"
#include "record/crm_zoho_path.h"


typedef struct {
    crm_request_t      *named;
    const crm_route_t  *route;
    crm_str_t           field;
    size_t              max_records;
    size_t              cap;            /* of named's items */
    size_t              keys;           /* there is room for */
    crm_map_t           known;          /* leases of keys */
    crm_scan_t          scan;
    crm_pool_t         *pool;
    crm_refusal_t      *refusal;
} external_t;


static crm_status_t external_field(external_t *e, crm_str_t header);
static crm_status_t external_query(external_t *e);
static crm_status_t external_body(external_t *e);
static crm_status_t external_data(external_t *e, crm_span_t data);
static crm_status_t external_record(external_t *e, crm_span_t record);
static crm_status_t external_raw(external_t *e, crm_str_t text);
static crm_status_t external_value(external_t *e, crm_span_t value,
    crm_str_t place);
static crm_status_t external_add(external_t *e, crm_span_t value,
    crm_str_t text, crm_str_t place);
static crm_status_t external_room(external_t *e);
static crm_status_t external_refuse(external_t *e, crm_refusal_kind_t kind,
    const char *at, const char *where, const char *reason);


int
crm_external_known(const crm_dialect_t *dialect)
{
    return crm_dialect_has(dialect, CRM_WAY_EXTERNAL);
}


crm_status_t
crm_external_read(const crm_dialect_t *dialect, crm_request_t *named,
    const crm_route_t *route, crm_str_t field, crm_str_t body,
    const crm_scan_limits_t *limits, size_t max_records, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    external_t    e;
    crm_status_t  rc;

    (void) dialect;

    memset(&e, 0, sizeof(external_t));
    memset(named, 0, sizeof(crm_request_t));

    e.named = named;
    e.route = route;
    e.max_records = max_records;
    e.pool = pool;
    e.refusal = refusal;

    crm_map_init(&e.known, pool);
    crm_scan_init(&e.scan, body, limits, pool);

    named->text = body;
    named->resolve = crm_pool_calloc(pool, 1, sizeof(crm_resolve_t));
    if (named->resolve == NULL) {
        return CRM_ENOMEM;
    }

    rc = external_field(&e, field);
    if (rc != CRM_OK) {
        return rc;
    }

    named->resolve->fields = crm_pool_calloc(pool, 1, sizeof(crm_str_t));
    if (named->resolve->fields == NULL) {
        return CRM_ENOMEM;
    }

    named->resolve->fields[0] = e.field;
    named->resolve->fields_count = 1;
    named->resolve->list = route->has_body ? "$.data" : "ids";

    if (route->record_id.len) {
        return external_raw(&e, route->record_id);
    }

    return route->has_body ? external_body(&e) : external_query(&e);
}


/* Leads.Ext */
static crm_status_t
external_field(external_t *e, crm_str_t header)
{
    crm_str_t  module;

    module = e->route->module;

    if (header.len > module.len
        && memcmp(header.data, module.data, module.len) == 0
        && header.data[module.len] == '.')
    {
        e->field = crm_str(header.data + module.len + 1,
                           header.len - module.len - 1);
    }

    return crm_zoho_keys_is_name(e->field) && !crm_str_is(e->field, "id")
           ? CRM_OK
           : external_refuse(e, CRM_REFUSE_TARGET, NULL, "X-EXTERNAL",
                 "X-EXTERNAL may name one field of the module that is"
                 " written, as Leads.Ext; write records by their ids");
}


static crm_status_t
external_query(external_t *e)
{
    size_t        n;
    crm_str_t     rest;
    const char   *end;
    crm_status_t  rc;

    rest = e->route->ids;

    do {
        end = rest.len ? memchr(rest.data, ',', rest.len) : NULL;
        n = end ? (size_t) (end - rest.data) : rest.len;

        rc = external_raw(e, crm_str(rest.data, n));
        if (rc != CRM_OK) {
            return rc;
        }

        n += end != NULL;
        rest = crm_str(rest.data + n, rest.len - n);
    } while (end);

    return CRM_OK;
}


static crm_status_t
external_body(external_t *e)
{
    crm_str_t     reason;
    crm_span_t    root;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_scan_value(&e->scan, &root, &err);

    if (rc == CRM_OK) {
        rc = crm_scan_end(&e->scan, &err);
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        reason = crm_pool_dup(e->pool, crm_strz(err.text));

        return reason.data
               ? external_refuse(e, CRM_REFUSE_BODY,
                                 e->scan.start + err.offset, "", reason.data)
               : CRM_ENOMEM;
    }

    return root.type == CRM_JSON_OBJECT
           ? external_data(e, crm_span_member(root, CRM_STR("data")))
           : external_refuse(e, CRM_REFUSE_BODY, root.data, "$",
                             "the body must be an object with \"data\"");
}


static crm_status_t
external_data(external_t *e, crm_span_t data)
{
    size_t        cursor;
    crm_span_t    record;
    crm_status_t  rc;

    cursor = 0;

    if (data.type != CRM_JSON_ARRAY
        || !crm_span_next(data, &cursor, NULL, &record))
    {
        return external_refuse(e, CRM_REFUSE_BODY, data.data, "$.data",
                               "data must be an array of records");
    }

    do {
        rc = record.type == CRM_JSON_OBJECT
             ? external_record(e, record)
             : external_refuse(e, CRM_REFUSE_BODY, record.data, "$.data",
                               "a record must be an object");

        if (rc != CRM_OK) {
            return rc;
        }

    } while (crm_span_next(data, &cursor, NULL, &record));

    return CRM_OK;
}


/* By the field itself, or by what stands where its id would. */
static crm_status_t
external_record(external_t *e, crm_span_t record)
{
    crm_span_t  id, value;

    id = crm_span_member(record, CRM_STR("id"));
    value = crm_span_member(record, e->field);

    if ((id.type == CRM_JSON_NONE) == (value.type == CRM_JSON_NONE)) {
        return external_refuse(e, CRM_REFUSE_BODY, record.data, "$.data",
                   "with X-EXTERNAL a record is named by that field, or in"
                   " its place by id, not by both");
    }

    return value.type == CRM_JSON_NONE
           ? external_value(e, id, crm_span_raw(id))
           : external_value(e, value, crm_str(record.data + 1, 0));
}


/* In the target, where it stands unescaped. */
static crm_status_t
external_raw(external_t *e, crm_str_t text)
{
    crm_span_t  span;

    memset(&span, 0, sizeof(crm_span_t));

    span.data = text.data;
    span.len = text.len;
    span.type = CRM_JSON_STRING;

    if (!crm_zoho_path_is_plain(text)) {
        return external_refuse(e, CRM_REFUSE_TARGET, NULL, "X-EXTERNAL",
                   "in the target a value of that field may hold letters,"
                   " digits, - . and _ only; write the record by its id");
    }

    return external_add(e, span, text, text);
}


static crm_status_t
external_value(external_t *e, crm_span_t value, crm_str_t place)
{
    crm_str_t  text;

    text = crm_span_text(value, e->pool);

    return text.data ? external_add(e, value, text, place) : CRM_ENOMEM;
}


static crm_status_t
external_add(external_t *e, crm_span_t value, crm_str_t text,
    crm_str_t place)
{
    crm_item_t   *item;
    crm_status_t  rc;

    if (e->named->count >= e->max_records) {
        rc = external_refuse(e, CRM_REFUSE_RECORDS, place.data,
                             e->named->resolve->list,
                             "too many records in one request");
        e->refusal->limit = e->max_records;

        return rc;
    }

    if (!crm_zoho_keys_expressible(value, text)) {
        return external_refuse(e, CRM_REFUSE_BODY, value.data,
                   e->named->resolve->list,
                   "the CRM cannot be asked for this value: it must be a"
                   " text of 1 to 255 bytes, without backslashes, control"
                   " characters and outer blanks, or a whole number");
    }

    item = crm_dialect_item(e->named, &e->cap, e->pool);

    if (item == NULL || external_room(e) != CRM_OK) {
        return CRM_ENOMEM;
    }

    item->module = e->route->module;
    item->operation = e->route->operation;
    item->place = place;

    rc = crm_resolve_add(e->named, &e->known, e->field, text,
                         e->named->count - 1, e->pool);

    return rc == CRM_DECLINED
           ? external_refuse(e, CRM_REFUSE_BODY, value.data,
                             e->named->resolve->list,
                             "a record must not stand twice in one request")
           : rc;
}


/* For a key more. */
static crm_status_t
external_room(external_t *e)
{
    size_t              more;
    crm_resolve_t      *resolve;
    crm_resolve_key_t  *keys;

    resolve = e->named->resolve;

    if (resolve->count < e->keys) {
        return CRM_OK;
    }

    more = e->keys ? e->keys * 2 : 4;

    keys = crm_pool_calloc(e->pool, more, sizeof(crm_resolve_key_t));
    if (keys == NULL) {
        return CRM_ENOMEM;
    }

    if (resolve->count) {
        memcpy(keys, resolve->keys,
               resolve->count * sizeof(crm_resolve_key_t));
    }

    resolve->keys = keys;
    e->keys = more;

    return CRM_OK;
}


static crm_status_t
external_refuse(external_t *e, crm_refusal_kind_t kind, const char *at,
    const char *where, const char *reason)
{
    crm_refusal_t  *refusal;

    refusal = e->refusal;

    crm_dialect_refusal(refusal, kind, reason);

    refusal->operation = e->route->operation;
    refusal->action = e->route->action;
    refusal->module = e->route->module;
    refusal->where = crm_strz(where);
    refusal->offset = at && e->route->has_body && !e->route->record_id.len
                      ? (size_t) (at - e->scan.start) : CRM_NO_OFFSET;

    return CRM_EINVAL;
}


/* v8/Leads of v8/Leads/EXT9 */
void
crm_external_route(crm_route_t *ask, const crm_route_t *route)
{
    *ask = *route;

    ask->get_path.len = (size_t) (route->module.data + route->module.len
                                  - route->get_path.data);
}


crm_status_t
crm_external_end(crm_request_t *named, const crm_route_t *route,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    size_t                    i;
    crm_buf_t                 buf;
    crm_item_t               *item;
    crm_status_t              rc;
    const crm_resolve_key_t  *key;

    rc = crm_resolve_end(named, pool, refusal);

    for (i = 0; rc == CRM_OK && i < named->count; i++) {
        item = &named->items[i];
        key = crm_resolve_key(named, i);

        /* one that the backend takes for equal is not the one that was
         * named */

        if (key == NULL || key->seen.data == NULL
            || !crm_str_eq(key->seen, key->value))
        {
            crm_dialect_refusal(refusal, route->record_id.len
                                ? CRM_REFUSE_RECORD : CRM_REFUSE_BODY,
                                "no record has this value in the field that"
                                " X-EXTERNAL names");
            refusal->index = i;
            refusal->where = crm_pool_printf(pool, "%s[%lu]",
                                             named->resolve->list,
                                             (unsigned long) i);
            rc = refusal->where.data ? CRM_EINVAL : CRM_ENOMEM;
            break;
        }

        crm_buf_init(&buf, pool, 0);

        if (!route->has_body || route->record_id.len) {
            item->forward = item->record_id;
            continue;
        }

        crm_buf_puts(&buf, item->place.len ? "" : "\"id\":");
        crm_buf_json(&buf, item->record_id);
        crm_buf_puts(&buf, item->place.len ? "" : ",");

        item->forward = crm_buf_view(&buf);
        rc = crm_buf_status(&buf);
    }

    if (rc == CRM_EINVAL) {
        refusal->operation = route->operation;
        refusal->action = route->action;
        refusal->module = route->module;

        if (route->record_id.len) {
            refusal->where = CRM_STR("X-EXTERNAL");
        }
    }

    return rc;
}


crm_str_t
crm_external_reword(crm_str_t text, const crm_request_t *named,
    crm_pool_t *pool)
{
    size_t             i;
    crm_splice_t       splice;
    const crm_item_t  *item;

    crm_splice_init(&splice, text, pool);

    for (i = 0; i < named->count; i++) {
        item = &named->items[i];

        if (item->place.data < text.data
            || item->place.data + item->place.len > text.data + text.len
            || crm_splice_edit(&splice,
                               (size_t) (item->place.data - text.data),
                               item->place.len, item->forward) != CRM_OK)
        {
            return CRM_STR_NULL;
        }
    }

    return crm_splice_apply(&splice);
}
