/*
 * Dialect files: the module's own requests.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static void own_values(crm_fill_values_t *values, crm_str_t module,
    crm_str_t id);
static void own_behind(crm_buf_t *buf, const crm_fill_t *path,
    const crm_fill_values_t *values);
static crm_status_t own_ids(crm_str_t *ids, const crm_request_t *request,
    crm_pool_t *pool);
static crm_status_t own_auth(crm_buf_t *buf, const crm_file_match_t *match,
    crm_pool_t *pool);
static int own_same_module(const crm_request_t *request);


/* One or many, by way of what route was matched. */
crm_status_t
crm_file_get(const crm_dialect_file_t *file, crm_target_t *target,
    const crm_route_t *route, const crm_request_t *request, crm_pool_t *pool)
{
    crm_buf_t           path, query;
    crm_status_t        rc;
    crm_fill_values_t   values;
    const crm_fill_t   *p, *q;

    if (request->items[0].operation == CRM_OP_CREATE) {
        return CRM_DECLINED;
    }

    p = &file->get.path;
    q = &file->get.query;

    own_values(&values, request->items[0].module,
               request->items[0].record_id);

    if (request->count > 1) {
        p = &file->get.many_path;
        q = &file->get.many_query;

        if (p->count == 0 || !own_same_module(request)) {
            return CRM_DECLINED;
        }

        rc = own_ids(&values.vars[CRM_FILL_IDS], request, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    crm_buf_init(&path, pool, 0);
    crm_buf_init(&query, pool, 0);

    crm_buf_str(&path, route->match->target.prefix);
    crm_fill_write(&path, p, &values, CRM_FILL_AS_URL);
    crm_fill_write(&query, q, &values, CRM_FILL_AS_URL);

    rc = own_auth(&query, route->match, pool);

    target->path = crm_buf_view(&path);
    target->query = crm_buf_view(&query);

    return rc != CRM_OK ? rc
           : crm_buf_status(&path) != CRM_OK ? crm_buf_status(&path)
                                             : crm_buf_status(&query);
}


/* What the worker's base URL ends with, the template begins with: cut there. */
void
crm_file_record_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t id)
{
    crm_fill_values_t  values;

    own_values(&values, module, id);
    own_behind(buf, &file->get.path, &values);

    if (file->get.query.count) {
        crm_buf_putc(buf, '?');
        crm_fill_write(buf, &file->get.query, &values, CRM_FILL_AS_URL);
    }
}


/* A file without find: the newest records cannot be asked for, and the module
 * itself is read. */
void
crm_file_event_path(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t module, crm_str_t event)
{
    crm_fill_values_t  values;

    own_values(&values, module, CRM_STR_NULL);
    values.vars[CRM_FILL_EVENT] = event;

    if (file->find.path.count == 0) {
        crm_dialect_encode(buf, module);
        return;
    }

    own_behind(buf, &file->find.path, &values);

    if (file->find.query.count) {
        crm_buf_putc(buf, '?');
        crm_fill_write(buf, &file->find.query, &values, CRM_FILL_AS_URL);
    }
}


/* Updates by "patch"; for the rest such a file has no words. */
crm_status_t
crm_file_patch(const crm_dialect_file_t *file, const char **method,
    crm_buf_t *path, crm_buf_t *body, const crm_dialect_write_t *write)
{
    crm_fill_values_t  values;

    if (write->kind != CRM_WRITE_UPDATE || write->owner.len
        || write->fields.type != CRM_JSON_OBJECT || file->patch.method.len == 0)
    {
        return CRM_DECLINED;
    }

    own_values(&values, write->module, write->record_id);
    values.vars[CRM_FILL_FIELDS_JSON] = crm_span_raw(write->fields);

    *method = file->patch.method.data;
    own_behind(path, &file->patch.path, &values);
    crm_fill_write(body, &file->patch.body, &values, CRM_FILL_AS_JSON);

    return CRM_OK;
}


crm_status_t
crm_file_list(const crm_dialect_file_t *file, crm_list_t *list,
    unsigned status, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    size_t               count;
    crm_scan_t           scan;
    crm_span_t           root, value;
    crm_status_t         rc;
    crm_pointer_walk_t   walk;

    if (status != 200 || !file->find.records.set) {
        return CRM_EINVAL;
    }

    crm_scan_init(&scan, body, limits, pool);
    rc = crm_scan_value(&scan, &root, NULL);

    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    crm_pointer_walk(&walk, &file->find.records, root);
    for (count = 0; crm_pointer_next(&walk, &value); count++) { /* void */ }

    list->records = crm_pool_calloc(pool, count + 1, sizeof(crm_record_t));
    if (list->records == NULL) {
        return CRM_ENOMEM;
    }

    crm_pointer_walk(&walk, &file->find.records, root);

    while (crm_pointer_next(&walk, &value)) {
        if (value.type != CRM_JSON_OBJECT) {
            return CRM_EINVAL;
        }

        rc = crm_file_record(&list->records[list->count++], value, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    /* a page may be full: only an empty one is all there is */

    list->complete = list->count == 0
                     || (file->find.path.uses & CRM_FILL_BIT(CRM_FILL_EVENT))
                     || (file->find.query.uses
                         & CRM_FILL_BIT(CRM_FILL_EVENT));

    return CRM_OK;
}


crm_status_t
crm_file_complete(const crm_dialect_file_t *file,
    const crm_file_route_t *rule, crm_record_t **record,
    const crm_record_t *sent, const crm_record_t *before, crm_pool_t *pool)
{
    int                 empty;
    size_t              i;
    crm_buf_t           buf;
    const crm_field_t  *field;
    crm_scan_limits_t   limits;

    crm_buf_init(&buf, pool, 0);
    crm_buf_add(&buf, sent->object.data, sent->object.len - 1);
    empty = sent->count == 0;

    for (i = 0; i < before->count; i++) {
        field = &before->fields[i];

        if (crm_record_field(sent, field->name)
            || crm_str_eq(field->name, file->id_field)
            || crm_file_has(&file->backend_sets, field->name, 0)
            || crm_file_has(&rule->meta, field->name, 0))
        {
            continue;
        }

        crm_buf_puts(&buf, empty ? "" : ",");
        crm_buf_json(&buf, field->name);
        crm_buf_puts(&buf, ":null");
        empty = 0;
    }

    crm_buf_putc(&buf, '}');

    *record = crm_pool_alloc(pool, sizeof(crm_record_t));

    if (*record == NULL || crm_buf_status(&buf) != CRM_OK) {
        return CRM_ENOMEM;
    }

    /* both have been within the limits */

    limits.max_nodes = (size_t) -1;
    limits.max_depth = (unsigned) -1;

    return crm_record_parse(*record, crm_buf_view(&buf), &limits, pool, NULL);
}


static void
own_values(crm_fill_values_t *values, crm_str_t module, crm_str_t id)
{
    memset(values, 0, sizeof(crm_fill_values_t));

    values->vars[CRM_FILL_MODULE] = module;
    values->vars[CRM_FILL_ID] = id;
}


/* From {module} on. */
static void
own_behind(crm_buf_t *buf, const crm_fill_t *path,
    const crm_fill_values_t *values)
{
    unsigned    i;
    crm_fill_t  tail;

    tail = *path;

    for (i = 0; i < path->count; i++) {
        if (path->parts[i].var == CRM_FILL_MODULE) {
            tail.parts = path->parts + i;
            tail.count = path->count - i;
            break;
        }
    }

    crm_fill_write(buf, &tail, values, CRM_FILL_AS_URL);
}


static crm_status_t
own_ids(crm_str_t *ids, const crm_request_t *request, crm_pool_t *pool)
{
    size_t     i;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < request->count; i++) {
        if (i) {
            crm_buf_putc(&buf, ',');
        }

        crm_dialect_encode(&buf, request->items[i].record_id);
    }

    *ids = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* Parameters that say who asks. */
static crm_status_t
own_auth(crm_buf_t *buf, const crm_file_match_t *match, crm_pool_t *pool)
{
    unsigned           i;
    crm_str_t          value;
    crm_status_t       rc;
    const crm_texts_t *names;

    names = &match->file->forward_auth.query;

    for (i = 0; i < names->count; i++) {
        rc = crm_file_query(match->ask.query, names->items[i], &value, pool);

        if (rc == CRM_ENOMEM) {
            return rc;
        }

        if (rc != CRM_OK) {
            continue;
        }

        if (buf->len) {
            crm_buf_putc(buf, '&');
        }

        crm_dialect_encode(buf, names->items[i]);
        crm_buf_putc(buf, '=');
        crm_dialect_encode(buf, value);
    }

    return CRM_OK;
}


static int
own_same_module(const crm_request_t *request)
{
    size_t  i;

    for (i = 1; i < request->count; i++) {
        if (!crm_str_eq(request->items[i].module, request->items[0].module)) {
            return 0;
        }
    }

    return 1;
}
