/*
 * Dialect files: what a body holds, as items.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


/* Above it one look after the other for the same record would be dear. */
#define DECODE_MAX_PAIRS  1000


typedef struct {
    crm_request_t             *request;
    const crm_route_t         *route;
    crm_file_match_t          *match;
    const crm_file_route_t    *rule;
    const crm_dialect_file_t  *file;
    const crm_scan_limits_t   *limits;
    crm_str_t                  text;        /* in which root lies */
    crm_span_t                 root;
    crm_str_t                  module;
    size_t                     max_records;
    size_t                     cap;
    crm_pool_t                *pool;
    crm_refusal_t             *refusal;
} decode_t;


static crm_status_t decode_body(decode_t *d, crm_str_t body);
static crm_status_t decode_scan(decode_t *d, crm_str_t text);
static crm_status_t decode_rule(decode_t *d);
static crm_status_t decode_form_override(decode_t *d);
static crm_status_t decode_module(decode_t *d);
static crm_status_t decode_items(decode_t *d);
static crm_status_t decode_shared(decode_t *d);
static crm_status_t decode_named(decode_t *d);
static crm_status_t decode_query(decode_t *d);
static crm_status_t decode_filter(decode_t *d, crm_str_t *ids,
    char *separator);
static crm_status_t decode_records(decode_t *d);
static crm_status_t decode_record(decode_t *d, crm_span_t value);
static crm_status_t decode_record_id(decode_t *d, crm_item_t *item);
static crm_status_t decode_add(decode_t *d, crm_str_t id,
    crm_record_t *record, crm_str_t place);
static crm_status_t decode_prefixed(decode_t *d, crm_str_t id,
    crm_str_t *module);
static crm_status_t decode_pairs(decode_t *d);
static crm_status_t decode_fields(crm_record_t *record, crm_span_t object,
    crm_pool_t *pool);
static void decode_meta(const decode_t *d, crm_record_t *record);
static crm_status_t decode_refuse(decode_t *d, crm_refusal_kind_t kind,
    const char *at, const char *where, const char *reason);


crm_status_t
crm_file_decode(const crm_dialect_file_t *file, crm_request_t *request,
    const crm_route_t *route, crm_str_t body, const crm_scan_limits_t *limits,
    size_t max_records, crm_pool_t *pool, crm_refusal_t *refusal)
{
    decode_t      d;
    crm_status_t  rc;

    memset(&d, 0, sizeof(decode_t));

    d.request = request;
    d.route = route;
    d.match = route->match;
    d.rule = d.match->rule;
    d.file = file;
    d.limits = limits;
    d.max_records = max_records;
    d.pool = pool;
    d.refusal = refusal;

    request->run = CRM_RUN_ALL;
    request->text = body;

    if (!route->has_body && body.len) {
        return decode_refuse(&d, CRM_REFUSE_BODY, NULL, "",
                             "this request must have no body");
    }

    /* an action is named, not understood: what it sends is its own affair */

    if (route->has_body && !(d.rule && d.rule->op == CRM_FILE_OP_ACTION
                             && !d.rule->record.set
                             && !d.rule->shared_ids.set
                             && d.rule->id.from <= CRM_FILE_FROM_PATH
                             && d.rule->module.from == CRM_FILE_FROM_PATH))
    {
        rc = decode_body(&d, body);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = decode_module(&d);

    if (rc == CRM_OK) {
        rc = decode_items(&d);
    }

    return rc == CRM_OK ? decode_pairs(&d) : rc;
}


crm_status_t
crm_file_record(crm_record_t *record, crm_span_t object, crm_pool_t *pool)
{
    return decode_fields(record, object, pool);
}


static crm_status_t
decode_body(decode_t *d, crm_str_t body)
{
    crm_status_t  rc;

    rc = crm_file_view(d->match, body, d->limits, d->pool, d->refusal);

    if (rc == CRM_OK) {
        rc = decode_scan(d, d->match->view);
    }

    if (rc == CRM_OK && d->rule == NULL) {
        rc = decode_rule(d);
    }

    if (rc != CRM_OK || !d->rule->json_string.set) {
        return rc;
    }

    rc = crm_file_unfold(&d->match->view, &d->rule->json_string, d->root,
                         d->pool);

    return rc == CRM_OK ? decode_scan(d, d->match->view) : rc;
}


static crm_status_t
decode_scan(decode_t *d, crm_str_t text)
{
    crm_str_t     reason;
    crm_scan_t    scan;
    crm_error_t   err;
    crm_status_t  rc;

    d->text = text;
    d->request->text = text;

    crm_scan_init(&scan, text, d->limits, d->pool);

    rc = crm_scan_value(&scan, &d->root, &err);

    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    if (rc == CRM_OK || rc == CRM_ENOMEM) {
        return rc;
    }

    reason = crm_pool_dup(d->pool, crm_strz(err.text));

    return reason.data
           ? decode_refuse(d, CRM_REFUSE_BODY, scan.start + err.offset, "",
                           reason.data)
           : CRM_ENOMEM;
}


/* Only the body tells which route it is. */
static crm_status_t
decode_rule(decode_t *d)
{
    crm_status_t  rc;

    rc = decode_form_override(d);

    if (rc == CRM_OK) {
        rc = crm_file_match(d->match, &d->root, d->pool, d->refusal);
    }

    if (rc == CRM_DECLINED) {
        return decode_refuse(d, CRM_REFUSE_ROUTE, NULL, "",
                             "the dialect knows no such write");
    }

    if (rc != CRM_OK) {
        return rc;
    }

    d->rule = d->match->rule;

    return d->rule->op == CRM_FILE_OP_READ
           || d->rule->op == CRM_FILE_OP_IGNORE ? CRM_DECLINED
           : crm_file_known(d->match, d->pool, d->refusal);
}


static crm_status_t
decode_form_override(decode_t *d)
{
    unsigned    i;
    crm_span_t  value;

    if (d->match->reader != CRM_FILE_READ_FORM
        || d->root.type != CRM_JSON_OBJECT)
    {
        return CRM_OK;
    }

    for (i = 0; i < d->file->overrides_count; i++) {
        if (d->file->overrides[i].place != CRM_FILE_IN_FORM) {
            continue;
        }

        value = crm_span_member(d->root, d->file->overrides[i].name);

        if (value.type != CRM_JSON_STRING) {
            continue;
        }

        if (d->file->on_override == CRM_FILE_REFUSE) {
            return decode_refuse(d, CRM_REFUSE_TARGET, NULL, "",
                                 "the method cannot be overridden");
        }

        d->match->method = crm_span_text(value, d->pool);

        return d->match->method.data ? CRM_OK : CRM_ENOMEM;
    }

    return CRM_OK;
}


static crm_status_t
decode_module(decode_t *d)
{
    crm_str_t     text;
    crm_span_t    value;
    crm_status_t  rc;

    d->module = d->match->module;

    if (d->rule->module.from != CRM_FILE_FROM_BODY) {
        return CRM_OK;
    }

    value = crm_pointer_get(&d->rule->module.pointer, d->root);
    text = crm_file_scalar(value, d->pool);

    rc = text.data ? crm_file_module(d->file, &d->module, text, d->pool)
                   : CRM_EINVAL;

    return rc != CRM_EINVAL ? rc
           : decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                           "the body names no module where it should");
}


static crm_status_t
decode_items(decode_t *d)
{
    crm_status_t  rc;

    if (d->rule->op == CRM_FILE_OP_UPSERT) {
        return d->rule->on_unknown_set == CRM_FILE_SET_PASS ? CRM_DECLINED
               : decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                               "it cannot be known which records this write"
                               " means");
    }

    if (d->rule->shared_ids.set) {
        rc = decode_shared(d);

    } else if (d->rule->record.set) {
        rc = decode_records(d);

    } else {
        rc = decode_named(d);
    }

    if (rc == CRM_OK && d->request->count == 0) {
        if (d->rule->on_unknown_set == CRM_FILE_SET_PASS) {
            return CRM_DECLINED;
        }

        return decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                             "it cannot be known which records this write"
                             " means; name their ids");
    }

    return rc;
}


/* One record, or nothing, for many ids. */
static crm_status_t
decode_shared(decode_t *d)
{
    crm_str_t            id;
    crm_span_t           value;
    crm_status_t         rc;
    crm_record_t        *record;
    crm_pointer_walk_t   walk;

    record = NULL;

    if (d->rule->record.set) {
        value = crm_pointer_get(&d->rule->record, d->root);

        if (value.type != CRM_JSON_OBJECT) {
            return decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                                 "a record must be an object");
        }

        record = crm_pool_alloc(d->pool, sizeof(crm_record_t));
        if (record == NULL) {
            return CRM_ENOMEM;
        }

        rc = decode_fields(record, value, d->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        decode_meta(d, record);

        if (crm_record_field(record, d->file->id_field)) {
            return decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                                 "a record for many ids must name none");
        }
    }

    crm_pointer_walk(&walk, &d->rule->shared_ids, d->root);

    while (crm_pointer_next(&walk, &value)) {
        id = crm_file_scalar(value, d->pool);

        rc = id.data ? decode_add(d, id, record, crm_span_raw(value))
             : decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                             "an id must be a string or a number");
        if (rc != CRM_OK) {
            return rc;
        }
    }

    d->request->shared = d->request->count > 1;

    return CRM_OK;
}


/* Nothing is sent of it but ids. */
static crm_status_t
decode_named(decode_t *d)
{
    crm_str_t            id;
    crm_span_t           value;
    crm_status_t         rc;
    crm_pointer_walk_t   walk;

    switch (d->rule->id.from) {

    case CRM_FILE_FROM_PATH:
        return decode_add(d, d->match->id, NULL, CRM_STR_NULL);

    case CRM_FILE_FROM_QUERY:
    case CRM_FILE_FROM_FILTER:
        return decode_query(d);

    case CRM_FILE_FROM_BODY:
        crm_pointer_walk(&walk, &d->rule->id.pointer, d->root);

        while (crm_pointer_next(&walk, &value)) {
            id = crm_file_scalar(value, d->pool);

            rc = id.data ? decode_add(d, id, NULL, crm_span_raw(value))
                 : decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                                 "an id must be a string or a number");
            if (rc != CRM_OK) {
                return rc;
            }
        }

        return CRM_OK;

    default:
        return CRM_OK;
    }
}


static crm_status_t
decode_query(decode_t *d)
{
    char          separator;
    size_t        n;
    crm_str_t     ids;
    const char   *end;
    crm_status_t  rc;

    rc = crm_file_query(d->match->ask.query, d->rule->id.name, &ids,
                        d->pool);
    if (rc != CRM_OK) {
        return rc == CRM_DECLINED ? CRM_OK : rc;
    }

    separator = d->rule->id.separator;

    if (d->rule->id.from == CRM_FILE_FROM_FILTER) {
        rc = decode_filter(d, &ids, &separator);
        if (rc != CRM_OK) {
            return rc == CRM_DECLINED ? CRM_OK : rc;
        }
    }

    for ( ;; ) {
        end = ids.len ? memchr(ids.data, separator, ids.len) : NULL;
        n = end ? (size_t) (end - ids.data) : ids.len;

        rc = decode_add(d, crm_str(ids.data, n), NULL, CRM_STR_NULL);
        if (rc != CRM_OK || end == NULL) {
            return rc;
        }

        ids = crm_str(end + 1, ids.len - n - 1);
    }
}


/* eq.7 and in.(7,8); whatever else means a set. */
static crm_status_t
decode_filter(decode_t *d, crm_str_t *ids, char *separator)
{
    (void) d;

    if (ids->len > 3 && memcmp(ids->data, "eq.", 3) == 0) {
        *ids = crm_str(ids->data + 3, ids->len - 3);
        *separator = '\0';
        return CRM_OK;
    }

    if (ids->len > 5 && memcmp(ids->data, "in.(", 4) == 0
        && ids->data[ids->len - 1] == ')')
    {
        *ids = crm_str(ids->data + 4, ids->len - 5);
        *separator = ',';
        return CRM_OK;
    }

    return CRM_DECLINED;
}


static crm_status_t
decode_records(decode_t *d)
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

    if (d->request->count == 0) {
        return decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                             "the body holds no record where it should");
    }

    if (d->request->count > 1 && d->rule->op == CRM_FILE_OP_CREATE
        && d->file->items.order == CRM_FILE_ORDER_NONE)
    {
        return decode_refuse(d, CRM_REFUSE_RECORDS, NULL, "",
                             "one record a request: of many it could not be"
                             " known which became which");
    }

    if (d->request->count > 1 && d->rule->id.from == CRM_FILE_FROM_PATH) {
        return decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                             "the path names one record, the body holds"
                             " several");
    }

    return CRM_OK;
}


static crm_status_t
decode_record(decode_t *d, crm_span_t value)
{
    crm_str_t      id;
    crm_span_t     found;
    crm_status_t   rc;
    crm_record_t  *record;

    if (value.type != CRM_JSON_OBJECT) {
        return decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                             "a record must be an object");
    }

    record = crm_pool_alloc(d->pool, sizeof(crm_record_t));
    if (record == NULL) {
        return CRM_ENOMEM;
    }

    rc = decode_fields(record, value, d->pool);
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
                   : decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                                   "the record names no module");
        }
    }

    id = d->match->id;

    if (d->rule->id.from == CRM_FILE_FROM_QUERY
        || d->rule->id.from == CRM_FILE_FROM_FILTER)
    {
        rc = decode_query(d);
        if (rc != CRM_OK || d->request->count == 0) {
            return rc;
        }

        for (size_t i = 0; i < d->request->count; i++) {
            d->request->items[i].record = record;
        }

        d->request->shared = d->request->count > 1;
        decode_meta(d, record);

        return CRM_OK;
    }

    if (d->rule->id.from == CRM_FILE_FROM_BODY
        || d->rule->id.from == CRM_FILE_FROM_ITEM)
    {
        found = crm_pointer_get(&d->rule->id.pointer,
                                d->rule->id.from == CRM_FILE_FROM_ITEM
                                ? value : d->root);
        id = crm_file_scalar(found, d->pool);

        if (id.data == NULL) {
            return decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                                 "a record that is changed must name its id");
        }
    }

    rc = decode_add(d, id, record, crm_span_raw(value));

    if (rc == CRM_OK) {
        rc = decode_record_id(d, &d->request->items[d->request->count - 1]);
    }

    decode_meta(d, record);

    return rc;
}


/* What the record itself says its id is. */
static crm_status_t
decode_record_id(decode_t *d, crm_item_t *item)
{
    crm_str_t           id;
    crm_status_t        rc;
    const crm_field_t  *field;

    field = crm_record_field(item->record, d->file->id_field);

    if (field == NULL || field->value.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (item->operation == CRM_OP_CREATE) {
        return decode_refuse(d, CRM_REFUSE_BODY, field->value.data, "$.id",
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

    return decode_refuse(d, CRM_REFUSE_BODY, field->value.data, "$.id",
                         "the id in the record must be the one that the"
                         " request names");
}


/* id is empty on create; of the path it is canonical already. */
static crm_status_t
decode_add(decode_t *d, crm_str_t id, crm_record_t *record, crm_str_t place)
{
    crm_str_t     module;
    crm_item_t   *item;
    crm_status_t  rc;

    if (d->request->count >= d->max_records) {
        return decode_refuse(d, CRM_REFUSE_RECORDS, place.data, "",
                             "too many records in one request");
    }

    module = d->module;
    rc = CRM_OK;

    if (d->rule->op != CRM_FILE_OP_CREATE) {
        if (d->rule->module.from == CRM_FILE_FROM_ID_PREFIX) {
            rc = decode_prefixed(d, id, &module);
        }

        if (rc == CRM_OK) {
            rc = crm_file_id(d->file, &id, module, id, d->pool);
        }
    }

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : decode_refuse(d, CRM_REFUSE_BODY, place.data, "",
                               "an id is not written as ids of its module"
                               " are");
    }

    item = crm_dialect_item(d->request, &d->cap, d->pool);
    if (item == NULL) {
        return CRM_ENOMEM;
    }

    item->operation = d->rule->op == CRM_FILE_OP_CREATE ? CRM_OP_CREATE
                      : d->rule->op == CRM_FILE_OP_DELETE ? CRM_OP_DELETE
                                                          : CRM_OP_UPDATE;
    item->module = module;
    item->record_id = d->rule->op == CRM_FILE_OP_CREATE ? CRM_STR_NULL : id;
    item->record = record;
    item->place = place;

    return CRM_OK;
}


/* 10x3: what stands in front of the x is the module. */
static crm_status_t
decode_prefixed(decode_t *d, crm_str_t id, crm_str_t *module)
{
    unsigned     i;
    const char  *x;

    x = id.len ? memchr(id.data, 'x', id.len) : NULL;

    for (i = 0; x && i < d->file->modules_count; i++) {
        if (d->file->modules[i].id_prefix.len
            && crm_str_eq(d->file->modules[i].id_prefix,
                          crm_str(id.data, (size_t) (x - id.data))))
        {
            *module = d->file->modules[i].name;
            return CRM_OK;
        }
    }

    return CRM_EINVAL;
}


/* Two writes of one record in one request: what would be judged is not what
 * is stored when the second comes. */
static crm_status_t
decode_pairs(decode_t *d)
{
    size_t             i, k;
    const crm_item_t  *items;

    items = d->request->items;

    if (d->request->count > DECODE_MAX_PAIRS) {
        return decode_refuse(d, CRM_REFUSE_RECORDS, NULL, "",
                             "too many records in one request");
    }

    for (i = 1; i < d->request->count; i++) {
        for (k = 0; k < i; k++) {
            if (items[i].record_id.len
                && crm_str_eq(items[i].record_id, items[k].record_id)
                && crm_str_eq(items[i].module, items[k].module))
            {
                return decode_refuse(d, CRM_REFUSE_BODY, items[i].place.data,
                                     "", "the request names a record twice");
            }
        }
    }

    return CRM_OK;
}


/* Of an object that the scanner has checked. */
static crm_status_t
decode_fields(crm_record_t *record, crm_span_t object, crm_pool_t *pool)
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
static void
decode_meta(const decode_t *d, crm_record_t *record)
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


static crm_status_t
decode_refuse(decode_t *d, crm_refusal_kind_t kind, const char *at,
    const char *where, const char *reason)
{
    crm_refusal_t  *refusal;

    refusal = d->refusal;

    crm_dialect_refusal(refusal, kind, reason);

    refusal->operation = d->route->operation;
    refusal->module = d->module.len ? d->module : d->route->module;
    refusal->record_id = d->route->record_id;
    refusal->where = crm_strz(where);

    if (at && d->text.len && at >= d->text.data
        && at <= d->text.data + d->text.len)
    {
        refusal->offset = (size_t) (at - d->text.data);
    }

    return CRM_EINVAL;
}
