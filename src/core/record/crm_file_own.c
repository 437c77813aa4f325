/*
 * Dialect files: the module's own requests.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static void own_values(crm_fill_values_t *values, crm_str_t module,
    crm_str_t id);
static crm_status_t own_ids(crm_str_t *ids, const crm_request_t *request,
    crm_pool_t *pool);
static crm_status_t own_auth(crm_buf_t *buf, const crm_file_match_t *match,
    crm_pool_t *pool);
static crm_status_t own_auth_body(crm_buf_t *buf,
    const crm_file_match_t *match, crm_pool_t *pool);
static void own_parameter(crm_buf_t *buf, crm_str_t name, crm_str_t value);
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


/* Parameters that say who asks: of the query, and out of the body. */
static crm_status_t
own_auth(crm_buf_t *buf, const crm_file_match_t *match, crm_pool_t *pool)
{
    unsigned                i;
    crm_str_t               value;
    crm_status_t            rc;
    const crm_file_auth_t  *auth;

    auth = &match->file->forward_auth;

    for (i = 0; i < auth->query.count; i++) {
        rc = crm_file_query(match->ask.query, auth->query.items[i], &value,
                            pool);

        if (rc == CRM_ENOMEM) {
            return rc;
        }

        if (rc == CRM_OK) {
            own_parameter(buf, auth->query.items[i], value);
        }
    }

    return auth->body_count && match->view.len
           ? own_auth_body(buf, match, pool) : CRM_OK;
}


/* What was read once is read again: few backends have it there. */
static crm_status_t
own_auth_body(crm_buf_t *buf, const crm_file_match_t *match,
    crm_pool_t *pool)
{
    unsigned                i;
    crm_str_t               value;
    crm_scan_t              scan;
    crm_span_t              root;
    crm_status_t            rc;
    crm_scan_limits_t       limits;
    const crm_file_auth_t  *auth;

    /* it was within the limits */

    limits.max_nodes = (size_t) -1;
    limits.max_depth = (unsigned) -1;

    crm_scan_init(&scan, match->view, &limits, pool);

    rc = crm_scan_value(&scan, &root, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    auth = &match->file->forward_auth;

    for (i = 0; i < auth->body_count; i++) {
        value = crm_file_scalar(crm_pointer_get(&auth->body[i].pointer, root),
                                pool);

        if (value.data) {
            own_parameter(buf, auth->body[i].name, value);
        }
    }

    return CRM_OK;
}


static void
own_parameter(crm_buf_t *buf, crm_str_t name, crm_str_t value)
{
    if (buf->len) {
        crm_buf_putc(buf, '&');
    }

    crm_dialect_encode(buf, name);
    crm_buf_putc(buf, '=');
    crm_dialect_encode(buf, value);
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
