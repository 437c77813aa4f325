/*
 * Dialect files: the module's own requests.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static void own_id(crm_buf_t *buf, const crm_dialect_file_t *file,
    const crm_item_t *item);
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
    crm_status_t        rc;
    crm_file_own_t      own;
    crm_fill_values_t   values;

    if (request->items[0].operation == CRM_OP_CREATE) {
        return CRM_DECLINED;
    }

    memset(&own, 0, sizeof(crm_file_own_t));

    own.method = file->get.method;
    own.path = &file->get.path;
    own.query = &file->get.query;
    own.body = &file->get.body;

    if (request->count > 1) {
        own.path = &file->get.many_path;
        own.query = &file->get.many_query;
        own.body = &file->get.many_body;

        if (own.path->count == 0 || !own_same_module(request)) {
            return CRM_DECLINED;
        }
    }

    rc = crm_file_values(&values, file, request, pool);

    return rc == CRM_OK ? crm_file_ask(target, &own, &values, route->match,
                                       pool)
                        : rc;
}


crm_status_t
crm_file_ask(crm_target_t *target, const crm_file_own_t *own,
    crm_fill_values_t *values, const crm_file_match_t *match,
    crm_pool_t *pool)
{
    crm_buf_t     path, query, body;
    crm_status_t  rc;

    if ((own->path->uses | own->query->uses | own->body->uses)
        & CRM_FILL_BIT(CRM_FILL_BODY))
    {
        rc = crm_file_root(&values->body, match, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    crm_buf_init(&path, pool, 0);
    crm_buf_init(&query, pool, 0);
    crm_buf_init(&body, pool, 0);

    crm_buf_str(&path, match->target.prefix);
    crm_fill_write(&path, own->path, values, CRM_FILL_AS_URL);
    crm_fill_write(&query, own->query, values, CRM_FILL_AS_URL);
    crm_fill_write(&body, own->body, values, CRM_FILL_AS_JSON);

    rc = own_auth(&query, match, pool);

    if (rc == CRM_OK
        && (crm_buf_status(&path) != CRM_OK || crm_buf_status(&query) != CRM_OK
            || crm_buf_status(&body) != CRM_OK))
    {
        rc = CRM_ENOMEM;
    }

    target->method = own->method;
    target->path = crm_buf_view(&path);
    target->query = crm_buf_view(&query);
    target->body = own->body->count ? crm_buf_view(&body) : CRM_STR_NULL;

    return rc;
}


crm_status_t
crm_file_values(crm_fill_values_t *values, const crm_dialect_file_t *file,
    const crm_request_t *request, crm_pool_t *pool)
{
    size_t     i;
    crm_buf_t  ids, json;

    memset(values, 0, sizeof(crm_fill_values_t));

    crm_buf_init(&ids, pool, 0);
    crm_buf_init(&json, pool, 0);
    crm_buf_putc(&json, '[');

    for (i = 0; i < request->count; i++) {
        if (i) {
            crm_buf_putc(&ids, ',');
            crm_buf_putc(&json, ',');
        }

        crm_dialect_encode(&ids, request->items[i].record_id);
        own_id(&json, file, &request->items[i]);
    }

    crm_buf_putc(&json, ']');

    if (crm_buf_status(&ids) != CRM_OK || crm_buf_status(&json) != CRM_OK) {
        return CRM_ENOMEM;
    }

    values->vars[CRM_FILL_MODULE] = request->items[0].module;
    values->vars[CRM_FILL_ID] = request->items[0].record_id;
    values->vars[CRM_FILL_IDS] = crm_buf_view(&ids);
    values->vars[CRM_FILL_IDS_JSON] = crm_buf_view(&json);

    if (request->count == 1) {
        values->vars[CRM_FILL_ID_JSON] = crm_str(json.data + 1, json.len - 2);
    }

    return CRM_OK;
}


/* Where ids are numbers they stand as such. */
static void
own_id(crm_buf_t *buf, const crm_dialect_file_t *file,
    const crm_item_t *item)
{
    unsigned             i;
    const crm_idform_t  *form;

    form = &file->id_form;

    for (i = 0; i < file->modules_count; i++) {
        if (file->modules[i].has_id_form
            && crm_str_eq(file->modules[i].name, item->module))
        {
            form = &file->modules[i].id_form;
        }
    }

    if (form->kind == CRM_IDFORM_INT) {
        crm_buf_str(buf, item->record_id);

    } else {
        crm_buf_json(buf, item->record_id);
    }
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


static crm_status_t
own_auth_body(crm_buf_t *buf, const crm_file_match_t *match,
    crm_pool_t *pool)
{
    unsigned                i;
    crm_str_t               value;
    crm_span_t              root;
    crm_status_t            rc;
    const crm_file_auth_t  *auth;

    rc = crm_file_root(&root, match, pool);
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


crm_status_t
crm_file_root(crm_span_t *root, const crm_file_match_t *match,
    crm_pool_t *pool)
{
    crm_scan_t         scan;
    crm_scan_limits_t  limits;

    memset(root, 0, sizeof(crm_span_t));

    if (match->view.len == 0) {
        return CRM_OK;
    }

    /* it was within the limits */

    limits.max_nodes = (size_t) -1;
    limits.max_depth = (unsigned) -1;

    crm_scan_init(&scan, match->view, &limits, pool);

    return crm_scan_value(&scan, root, NULL);
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
