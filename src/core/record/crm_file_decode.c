/*
 * Dialect files: what a body holds, as items.
 */

#include "record/crm_file_decode.h"

#include "record/crm_dialect_kind.h"


/* Above it one look after the other for the same record would be dear. */
#define DECODE_MAX_PAIRS  1000


static crm_status_t decode_body(crm_file_decode_t *d, crm_str_t body);
static crm_status_t decode_scan(crm_file_decode_t *d, crm_str_t text);
static crm_status_t decode_rule(crm_file_decode_t *d);
static crm_status_t decode_form_override(crm_file_decode_t *d);
static crm_status_t decode_module(crm_file_decode_t *d);
static crm_status_t decode_items(crm_file_decode_t *d);
static crm_status_t decode_pairs(crm_file_decode_t *d);
static crm_status_t decode_prefixed(crm_file_decode_t *d, crm_str_t id,
    crm_str_t *module);


crm_status_t
crm_file_decode(const crm_dialect_file_t *file, crm_request_t *request,
    const crm_route_t *route, crm_str_t body, const crm_scan_limits_t *limits,
    size_t max_records, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_file_decode_t      d;
    crm_status_t  rc;

    memset(&d, 0, sizeof(crm_file_decode_t));

    d.request = request;
    d.route = route;
    d.match = route->match;
    d.rule = d.match->rule;
    d.file = file;
    d.limits = limits;
    d.max_records = max_records;
    d.pool = pool;
    d.refusal = refusal;

    request->options.run = CRM_RUN_ALL;
    request->text = body;

    if (!route->has_body && body.len) {
        return crm_file_decode_refuse(&d, CRM_REFUSE_BODY, NULL, "",
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


static crm_status_t
decode_body(crm_file_decode_t *d, crm_str_t body)
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
decode_scan(crm_file_decode_t *d, crm_str_t text)
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
           ? crm_file_decode_refuse(d, CRM_REFUSE_BODY,
                 scan.start + err.offset, "", reason.data)
           : CRM_ENOMEM;
}


/* Only the body tells which route it is. */
static crm_status_t
decode_rule(crm_file_decode_t *d)
{
    crm_status_t  rc;

    rc = decode_form_override(d);

    if (rc == CRM_OK) {
        rc = crm_file_match(d->match, &d->root, d->pool, d->refusal);
    }

    if (rc == CRM_DECLINED) {
        return crm_file_decode_refuse(d, CRM_REFUSE_ROUTE, NULL, "",
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
decode_form_override(crm_file_decode_t *d)
{
    unsigned    i;
    crm_span_t  value;

    if (d->match->reader == CRM_FILE_READ_JSON
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
            return crm_file_decode_refuse(d, CRM_REFUSE_TARGET, NULL, "",
                       "the method cannot be overridden");
        }

        d->match->method = crm_span_text(value, d->pool);

        return d->match->method.data ? CRM_OK : CRM_ENOMEM;
    }

    return CRM_OK;
}


static crm_status_t
decode_module(crm_file_decode_t *d)
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
           : crm_file_decode_refuse(d, CRM_REFUSE_BODY, value.data, "",
                 "the body names no module where it should");
}


static crm_status_t
decode_items(crm_file_decode_t *d)
{
    crm_status_t  rc;

    if (d->rule->op == CRM_FILE_OP_UPSERT
        && d->file->find.unique_path.count == 0)
    {
        return d->rule->on_unknown_set == CRM_FILE_SET_PASS ? CRM_DECLINED
               : crm_file_decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                     "it cannot be known which records this write"
                     " means");
    }

    if (d->rule->shared_ids.set) {
        rc = crm_file_decode_shared(d);

    } else if (d->rule->record.set) {
        rc = crm_file_decode_records(d);

    } else {
        rc = crm_file_decode_named(d);
    }

    if (rc == CRM_OK && d->rule->op == CRM_FILE_OP_UPSERT
        && d->request->count)
    {
        return crm_file_decode_keys(d);
    }

    if (rc == CRM_OK && d->request->count == 0) {
        if (d->rule->on_unknown_set == CRM_FILE_SET_PASS) {
            return CRM_DECLINED;
        }

        if (d->rule->on_unknown_set == CRM_FILE_SET_RESOLVE && d->module.len)
        {
            d->request->set = d->module;
            return CRM_OK;
        }

        return crm_file_decode_refuse(d, CRM_REFUSE_BODY, NULL, "",
                   "it cannot be known which records this write"
                   " means; name their ids");
    }

    return rc;
}


/* Two writes of one record in one request: what would be judged is not what
 * is stored when the second comes. */
static crm_status_t
decode_pairs(crm_file_decode_t *d)
{
    size_t             i, k;
    const crm_item_t  *items;

    items = d->request->items;

    if (d->request->count > DECODE_MAX_PAIRS) {
        return crm_file_decode_refuse(d, CRM_REFUSE_RECORDS, NULL, "",
                   "too many records in one request");
    }

    for (i = 1; i < d->request->count; i++) {
        for (k = 0; k < i; k++) {
            if (items[i].record_id.len
                && crm_str_eq(items[i].record_id, items[k].record_id)
                && crm_str_eq(items[i].module, items[k].module))
            {
                return crm_file_decode_refuse(d, CRM_REFUSE_BODY,
                           items[i].place.data, "",
                           "the request names a record twice");
            }
        }
    }

    return CRM_OK;
}


/* id is empty on create; of the path it is canonical already. */
crm_status_t
crm_file_decode_add(crm_file_decode_t *d, crm_str_t id,
    crm_record_t *record, crm_str_t place)
{
    int           created;
    crm_str_t     module;
    crm_item_t   *item;
    crm_status_t  rc;

    if (d->request->count >= d->max_records) {
        return crm_file_decode_refuse(d, CRM_REFUSE_RECORDS, place.data, "",
                   "too many records in one request");
    }

    module = d->module;
    rc = CRM_OK;

    created = d->rule->op == CRM_FILE_OP_CREATE
              || d->rule->op == CRM_FILE_OP_UPSERT;

    if (!created) {
        if (d->rule->module.from == CRM_FILE_FROM_ID_PREFIX) {
            rc = decode_prefixed(d, id, &module);
        }

        if (rc == CRM_OK) {
            rc = crm_file_id(d->file, &id, module, id, d->pool);
        }
    }

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : crm_file_decode_refuse(d, CRM_REFUSE_BODY, place.data, "",
                     "an id is not written as ids of its module"
                     " are");
    }

    item = crm_dialect_item(d->request, &d->cap, d->pool);
    if (item == NULL) {
        return CRM_ENOMEM;
    }

    item->operation = d->rule->op == CRM_FILE_OP_CREATE ? CRM_OP_CREATE
                      : d->rule->op == CRM_FILE_OP_UPSERT ? CRM_OP_NONE
                      : d->rule->op == CRM_FILE_OP_DELETE ? CRM_OP_DELETE
                                                          : CRM_OP_UPDATE;
    item->module = module;
    item->record_id = created ? CRM_STR_NULL : id;
    item->record = record;
    item->place = place;

    return CRM_OK;
}


/* 10x3: what stands in front of the x is the module. */
static crm_status_t
decode_prefixed(crm_file_decode_t *d, crm_str_t id, crm_str_t *module)
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


crm_status_t
crm_file_decode_refuse(crm_file_decode_t *d, crm_refusal_kind_t kind,
    const char *at, const char *where, const char *reason)
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
