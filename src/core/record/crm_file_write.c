/*
 * Dialect files: automation's own writes, in the backend's words.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static const crm_file_patch_t *write_how(const crm_dialect_file_t *file,
    const crm_dialect_write_t *write);
static crm_status_t write_fields(crm_str_t *fields,
    const crm_dialect_file_t *file, const crm_dialect_write_t *write,
    crm_pool_t *pool);
static crm_status_t write_tags(crm_str_t *objects, crm_span_t tags,
    crm_pool_t *pool);
static crm_str_t write_name(const crm_dialect_file_t *file,
    const crm_dialect_write_t *write, crm_str_t name);
static void write_owner(crm_buf_t *buf, const crm_dialect_file_t *file,
    crm_str_t owner);
static crm_status_t write_headers(const crm_file_patch_t *how,
    crm_dialect_request_t *request, const crm_fill_values_t *values,
    crm_pool_t *pool);


crm_status_t
crm_file_write(const crm_dialect_file_t *file,
    crm_dialect_request_t *request, const crm_dialect_write_t *write,
    crm_pool_t *pool)
{
    crm_buf_t                path, body;
    crm_status_t             rc;
    crm_fill_values_t        values;
    const crm_file_patch_t  *how;

    how = write_how(file, write);
    if (how == NULL || how->method.len == 0) {
        return CRM_DECLINED;
    }

    memset(&values, 0, sizeof(crm_fill_values_t));

    values.vars[CRM_FILL_MODULE] = write->task && file->task.module.len
                                   ? file->task.module : write->module;
    values.vars[CRM_FILL_ID] = write->record_id;
    values.vars[CRM_FILL_TAGS_JSON] = crm_span_raw(write->tags);

    rc = write_tags(&values.vars[CRM_FILL_TAG_OBJECTS], write->tags, pool);

    if (rc == CRM_OK) {
        rc = write_fields(&values.vars[CRM_FILL_FIELDS_JSON], file, write,
                          pool);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&path, pool, 0);
    crm_buf_init(&body, pool, 0);

    crm_file_behind(&path, &how->path, NULL, &values);
    crm_fill_write(&body, write->cascade && how->cascade.count ? &how->cascade
                          : &how->body, &values, CRM_FILL_AS_JSON);

    request->method = how->method.data;
    request->path = crm_buf_view(&path);
    request->body = crm_buf_view(&body);

    if (crm_buf_status(&path) != CRM_OK || crm_buf_status(&body) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return write_headers(how, request, &values, pool);
}


/* By status and body, as what the module forwards. */
crm_status_t
crm_file_said(const crm_dialect_file_t *file, crm_dialect_said_t *said,
    unsigned status, crm_str_t body, crm_pool_t *pool)
{
    crm_item_t         item;
    crm_status_t       rc;
    crm_outcome_t      outcome;
    crm_request_t      request;
    crm_file_answer_t  answer;

    memset(&item, 0, sizeof(crm_item_t));
    memset(&request, 0, sizeof(crm_request_t));
    memset(&answer, 0, sizeof(crm_file_answer_t));

    /* of an update the answer would have to name its record */

    item.operation = CRM_OP_CREATE;
    request.items = &item;
    request.count = 1;
    answer.status = status;
    answer.body = body;

    rc = crm_file_outcome(file, &outcome, &request, &answer, NULL, pool);

    if (rc == CRM_OK) {
        said->kind = outcome.kind;
        said->record_id = outcome.record_id;
    }

    return rc;
}


static const crm_file_patch_t *
write_how(const crm_dialect_file_t *file, const crm_dialect_write_t *write)
{
    switch (write->kind) {

    case CRM_WRITE_UPDATE:
        return write->fields.type == CRM_JSON_OBJECT || write->owner.len
               ? &file->patch : NULL;

    case CRM_WRITE_CREATE:
        return &file->create;

    case CRM_WRITE_ADD_TAGS:
        return &file->add_tags;

    case CRM_WRITE_REMOVE_TAGS:
        return &file->remove_tags;
    }

    return NULL;
}


/* The owner's field has the backend's name, and so have all of a task: one that
 * it does not know is not written. */
static crm_status_t
write_fields(crm_str_t *fields, const crm_dialect_file_t *file,
    const crm_dialect_write_t *write, crm_pool_t *pool)
{
    int         owned, plain;
    size_t      at, empty;
    crm_buf_t   buf;
    crm_str_t   text, to;
    crm_span_t  name, value, id;

    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '{');
    empty = buf.len;
    at = 0;

    while (write->fields.type == CRM_JSON_OBJECT
           && crm_span_next(write->fields, &at, &name, &value))
    {
        text = crm_span_text(name, pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        to = write_name(file, write, text);
        owned = crm_str_is(text, "Owner");

        if (to.len == 0 || (owned && write->owner.len)) {
            continue;
        }

        plain = (owned && file->owner_field.len) || !crm_str_eq(to, text);
        id = value.type == CRM_JSON_OBJECT && plain
             ? crm_span_member(value, CRM_STR("id")) : value;

        crm_buf_puts(&buf, buf.len == empty ? "" : ",");

        if (to.data == text.data) {
            crm_buf_str(&buf, crm_span_raw(name));

        } else {
            crm_buf_json(&buf, to);
        }

        crm_buf_putc(&buf, ':');
        crm_buf_str(&buf, crm_span_raw(id.type == CRM_JSON_NONE ? value
                                                                : id));
    }

    if (write->owner.len) {
        crm_buf_puts(&buf, buf.len == empty ? "" : ",");
        write_owner(&buf, file, write->owner);
    }

    crm_buf_putc(&buf, '}');
    *fields = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* [{"name":"a"}] */
static crm_status_t
write_tags(crm_str_t *objects, crm_span_t tags, crm_pool_t *pool)
{
    size_t      n, cursor;
    crm_buf_t   buf;
    crm_span_t  tag;

    *objects = CRM_STR("[]");

    if (tags.type != CRM_JSON_ARRAY) {
        return CRM_OK;
    }

    n = 0;
    cursor = 0;
    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '[');

    while (crm_span_next(tags, &cursor, NULL, &tag)) {
        if (tag.type == CRM_JSON_STRING) {
            crm_buf_puts(&buf, n++ ? ",{\"name\":" : "{\"name\":");
            crm_buf_str(&buf, crm_span_raw(tag));
            crm_buf_putc(&buf, '}');
        }
    }

    crm_buf_putc(&buf, ']');
    *objects = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_str_t
write_name(const crm_dialect_file_t *file, const crm_dialect_write_t *write,
    crm_str_t name)
{
    unsigned  i;

    for (i = 0; write->task && i < file->task.fields_count; i++) {
        if (crm_str_eq(file->task.fields[i].name, name)) {
            return file->task.fields[i].to;
        }
    }

    if (crm_str_is(name, "Owner") && file->owner_field.len) {
        return file->owner_field;
    }

    return write->task && file->task.module.len ? CRM_STR("") : name;
}


static void
write_owner(crm_buf_t *buf, const crm_dialect_file_t *file, crm_str_t owner)
{
    if (file->owner_field.len) {
        crm_buf_json(buf, file->owner_field);
        crm_buf_putc(buf, ':');
        crm_buf_json(buf, owner);
        return;
    }

    crm_buf_puts(buf, "\"Owner\":{\"id\":");
    crm_buf_json(buf, owner);
    crm_buf_putc(buf, '}');
}


static crm_status_t
write_headers(const crm_file_patch_t *how, crm_dialect_request_t *request,
    const crm_fill_values_t *values, crm_pool_t *pool)
{
    unsigned               i;
    crm_buf_t              buf;
    crm_dialect_header_t  *headers;

    headers = crm_pool_calloc(pool, how->headers_count + 1,
                              sizeof(crm_dialect_header_t));
    if (headers == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < how->headers_count; i++) {
        crm_buf_init(&buf, pool, 0);
        crm_fill_write(&buf, &how->headers[i].value, values,
                       CRM_FILL_AS_HEADER);

        if (crm_buf_status(&buf) != CRM_OK) {
            return CRM_ENOMEM;
        }

        headers[i].name = how->headers[i].name;
        headers[i].value = crm_buf_view(&buf);
    }

    request->headers = headers;
    request->headers_count = how->headers_count;

    return CRM_OK;
}
