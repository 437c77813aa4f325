/*
 * zoho: records that a write names by the value of a field, X-EXTERNAL.
 */

#include "record/crm_external.h"

#include "base/crm_map.h"
#include "record/crm_splice.h"
#include "record/crm_zoho_path.h"


typedef struct {
    crm_external_t             *named;
    const crm_external_part_t  *part;
    const crm_route_t          *route;
    size_t                      max_records;
    size_t                      cap;    /* of named's items */
    size_t                      keys;   /* there is room for */
    crm_map_t                   known;  /* leases of keys */
    crm_map_t                   values; /* of lookups: their items, + 1 */
    crm_scan_t                  scan;
    crm_pool_t                 *pool;
    crm_refusal_t              *refusal;
} external_t;


static crm_status_t external_query(external_t *e);
static crm_status_t external_body(external_t *e);
static crm_status_t external_data(external_t *e, crm_span_t data);
static crm_status_t external_record(external_t *e, crm_span_t record);
static crm_status_t external_walk(external_t *e, crm_span_t object,
    size_t depth);
static crm_status_t external_lookup(external_t *e, crm_span_t object);
static crm_status_t external_raw(external_t *e, crm_str_t text);
static crm_status_t external_value(external_t *e, crm_span_t value,
    crm_str_t place);
static crm_status_t external_add(external_t *e, crm_span_t value,
    crm_str_t text, crm_str_t place);
static crm_status_t external_item(external_t *e, crm_span_t value,
    crm_str_t text);
static crm_status_t external_use(external_t *e, crm_str_t place, size_t item);
static crm_status_t external_room(external_t *e);
static crm_status_t external_refuse(external_t *e, crm_refusal_kind_t kind,
    const char *at, const char *where, const char *reason);
static int external_is_text(const crm_external_part_t *part,
    const crm_route_t *route);


int
crm_external_known(const crm_dialect_t *dialect)
{
    return crm_dialect_has(dialect, CRM_WAY_EXTERNAL);
}


crm_status_t
crm_external_read(const crm_dialect_t *dialect, crm_external_t *named,
    const crm_external_part_t *part, const crm_route_t *route,
    crm_str_t body, const crm_scan_limits_t *limits, size_t max_records,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    external_t      e;
    crm_resolve_t  *resolve;

    (void) dialect;

    memset(&e, 0, sizeof(external_t));
    memset(named, 0, sizeof(crm_external_t));

    e.named = named;
    e.part = part;
    e.route = route;
    e.max_records = max_records;
    e.pool = pool;
    e.refusal = refusal;

    crm_map_init(&e.known, pool);
    crm_map_init(&e.values, pool);
    crm_scan_init(&e.scan, body, limits, pool);

    resolve = crm_pool_calloc(pool, 1, sizeof(crm_resolve_t));
    if (resolve == NULL) {
        return CRM_ENOMEM;
    }

    resolve->fields = crm_pool_calloc(pool, 1, sizeof(crm_str_t));
    if (resolve->fields == NULL) {
        return CRM_ENOMEM;
    }

    named->request.text = body;
    named->request.resolve = resolve;

    resolve->fields[0] = part->field;
    resolve->fields_count = 1;
    resolve->list = part->depth || route->has_body ? "$.data" : "ids";

    if (!external_is_text(part, route)) {
        return external_body(&e);
    }

    return route->record_id.len ? external_raw(&e, route->record_id)
                                : external_query(&e);
}


/* It is named in the target, not in the body. */
static int
external_is_text(const crm_external_part_t *part, const crm_route_t *route)
{
    return part->depth == 0 && (!route->has_body || route->record_id.len);
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

    if (e->part->depth) {
        return external_walk(e, record, 0);
    }

    id = crm_span_member(record, CRM_STR("id"));
    value = crm_span_member(record, e->part->field);

    if ((id.type == CRM_JSON_NONE) == (value.type == CRM_JSON_NONE)) {
        return external_refuse(e, CRM_REFUSE_BODY, record.data, "$.data",
                   "with X-EXTERNAL a record is named by that field, or in"
                   " its place by id, not by both");
    }

    return value.type == CRM_JSON_NONE
           ? external_value(e, id, crm_span_raw(id))
           : external_value(e, value, crm_str(record.data + 1, 0));
}


/* The lookup in a record, or those in the objects of a list of it. */
static crm_status_t
external_walk(external_t *e, crm_span_t object, size_t depth)
{
    size_t        cursor;
    crm_span_t    value, element;
    crm_status_t  rc;

    if (depth == e->part->depth) {
        return external_lookup(e, object);
    }

    value = crm_span_member(object, e->part->path[depth]);

    if (value.type == CRM_JSON_OBJECT) {
        return external_walk(e, value, depth + 1);
    }

    cursor = 0;
    rc = CRM_OK;

    while (rc == CRM_OK && value.type == CRM_JSON_ARRAY
           && depth + 1 < e->part->depth
           && crm_span_next(value, &cursor, NULL, &element))
    {
        if (element.type == CRM_JSON_OBJECT) {
            rc = external_walk(e, element, depth + 1);
        }
    }

    return rc;
}


/* Its id, if it has one as well, the vendor does not look at. */
static crm_status_t
external_lookup(external_t *e, crm_span_t object)
{
    crm_span_t  id, value;

    id = crm_span_member(object, CRM_STR("id"));
    value = crm_span_member(object, e->part->field);

    if (value.type == CRM_JSON_NONE || value.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    return external_value(e, value, id.type == CRM_JSON_NONE
                                    ? crm_str(object.data + 1, 0)
                                    : crm_span_raw(id));
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


/* A record stands once among those that are written; lookups may name one
 * several times. */
static crm_status_t
external_add(external_t *e, crm_span_t value, crm_str_t text,
    crm_str_t place)
{
    crm_status_t      rc;
    crm_map_entry_t  *entry;

    entry = NULL;

    if (e->part->depth) {
        entry = crm_map_add(&e->values, text);
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        if (entry->value) {
            return external_use(e, place, (size_t) (uintptr_t) entry->value
                                          - 1);
        }
    }

    rc = external_item(e, value, text);
    if (rc != CRM_OK) {
        return rc;
    }

    if (entry) {
        entry->value = (void *) (uintptr_t) e->named->request.count;
    }

    return external_use(e, place, e->named->request.count - 1);
}


static crm_status_t
external_item(external_t *e, crm_span_t value, crm_str_t text)
{
    crm_item_t     *item;
    crm_status_t    rc;
    crm_request_t  *request;

    request = &e->named->request;

    if (request->count >= e->max_records) {
        rc = external_refuse(e, CRM_REFUSE_RECORDS, value.data,
                             request->resolve->list,
                             "too many records in one request");
        e->refusal->limit = e->max_records;

        return rc;
    }

    if (!crm_zoho_keys_expressible(value, text)) {
        return external_refuse(e, CRM_REFUSE_BODY, value.data,
                   request->resolve->list,
                   "the CRM cannot be asked for this value: it must be a"
                   " text of 1 to 255 bytes, without backslashes, control"
                   " characters and outer blanks, or a whole number");
    }

    item = crm_dialect_item(request, &e->cap, e->pool);

    if (item == NULL || external_room(e) != CRM_OK) {
        return CRM_ENOMEM;
    }

    item->module = e->part->module;
    item->operation = e->route->operation;

    rc = crm_resolve_add(request, &e->known, e->part->field, text,
                         request->count - 1, e->pool);

    return rc == CRM_DECLINED
           ? external_refuse(e, CRM_REFUSE_BODY, value.data,
                             request->resolve->list, e->part->depth
                             ? "two values that differ in the case of letters"
                               " alone; name the records by their ids"
                             : "a record must not stand twice in one request")
           : rc;
}


static crm_status_t
external_use(external_t *e, crm_str_t place, size_t item)
{
    size_t               more;
    crm_external_t      *named;
    crm_external_use_t  *uses;

    named = e->named;

    if (named->count == named->cap) {
        more = named->cap ? named->cap * 2 : 4;

        uses = crm_pool_calloc(e->pool, more, sizeof(crm_external_use_t));
        if (uses == NULL) {
            return CRM_ENOMEM;
        }

        if (named->count) {
            memcpy(uses, named->uses,
                   named->count * sizeof(crm_external_use_t));
        }

        named->uses = uses;
        named->cap = more;
    }

    named->uses[named->count].place = place;
    named->uses[named->count++].item = item;

    return CRM_OK;
}


/* For a key more. */
static crm_status_t
external_room(external_t *e)
{
    size_t              more;
    crm_resolve_t      *resolve;
    crm_resolve_key_t  *keys;

    resolve = e->named->request.resolve;

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
    refusal->offset = at && !external_is_text(e->part, e->route)
                      ? (size_t) (at - e->scan.start) : CRM_NO_OFFSET;

    return CRM_EINVAL;
}


void
crm_external_route(crm_route_t *ask, const crm_external_part_t *part)
{
    memset(ask, 0, sizeof(crm_route_t));

    ask->module = part->module;
    ask->get_path = part->list_path;
}


crm_status_t
crm_external_end(crm_external_t *named, const crm_external_part_t *part,
    const crm_route_t *route, crm_pool_t *pool, crm_refusal_t *refusal)
{
    int                       text;
    size_t                    i;
    crm_buf_t                 buf;
    crm_item_t               *item;
    crm_status_t              rc;
    crm_request_t            *request;
    const crm_resolve_key_t  *key;

    request = &named->request;
    text = external_is_text(part, route) && route->record_id.len;

    rc = crm_resolve_end(request, pool, refusal);

    for (i = 0; rc == CRM_OK && i < request->count; i++) {
        item = &request->items[i];
        key = crm_resolve_key(request, i);

        /* one that the backend takes for equal is not the one that was
         * named */

        if (key == NULL || key->seen.data == NULL
            || !crm_str_eq(key->seen, key->value))
        {
            crm_dialect_refusal(refusal, text ? CRM_REFUSE_RECORD
                                              : CRM_REFUSE_BODY,
                                "no record has this value in the field that"
                                " X-EXTERNAL names");
            refusal->index = i;
            refusal->where = part->depth
                             ? crm_pool_printf(pool, "%s[*].%.*s",
                                               request->resolve->list,
                                               (int) part->path[0].len,
                                               part->path[0].data)
                             : crm_pool_printf(pool, "%s[%lu]",
                                               request->resolve->list,
                                               (unsigned long) i);
            rc = refusal->where.data ? CRM_EINVAL : CRM_ENOMEM;
            break;
        }

        item->forward = item->record_id;

        if (!external_is_text(part, route)) {
            crm_buf_init(&buf, pool, 0);
            crm_buf_json(&buf, item->record_id);

            item->forward = crm_buf_view(&buf);
            rc = crm_buf_status(&buf);
        }
    }

    if (rc == CRM_EINVAL) {
        refusal->operation = route->operation;
        refusal->action = route->action;
        refusal->module = route->module;

        if (text) {
            refusal->where = CRM_STR("X-EXTERNAL");
        }
    }

    return rc;
}


crm_str_t
crm_external_reword(crm_str_t text, const crm_external_t *named,
    crm_pool_t *pool)
{
    size_t                     i;
    crm_buf_t                  buf;
    crm_splice_t               splice;
    const crm_external_use_t  *use;

    crm_splice_init(&splice, text, pool);

    for (i = 0; i < named->count; i++) {
        use = &named->uses[i];

        /* there is a member behind it: the one that says the value */

        crm_buf_init(&buf, pool, 0);
        crm_buf_puts(&buf, use->place.len ? "" : "\"id\":");
        crm_buf_str(&buf, named->request.items[use->item].forward);
        crm_buf_puts(&buf, use->place.len ? "" : ",");

        if (use->place.data < text.data
            || use->place.data + use->place.len > text.data + text.len
            || crm_buf_status(&buf) != CRM_OK
            || crm_splice_edit(&splice,
                               (size_t) (use->place.data - text.data),
                               use->place.len, crm_buf_view(&buf)) != CRM_OK)
        {
            return CRM_STR_NULL;
        }
    }

    return crm_splice_apply(&splice);
}
