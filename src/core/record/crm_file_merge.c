/*
 * Dialect files: refused items at their places in the backend's answer.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static crm_status_t merge_nothing(const crm_dialect_file_t *file,
    crm_buf_t *buf, crm_str_t *content_type, unsigned *status,
    const crm_request_t *request);
static crm_status_t merge_list(const crm_dialect_file_t *file,
    crm_buf_t *buf, const crm_request_t *request, crm_span_t list);


crm_status_t
crm_file_merge(const crm_dialect_file_t *file, crm_str_t *merged,
    crm_str_t *content_type, unsigned *status, const crm_request_t *request,
    crm_str_t answer, const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_buf_t      buf;
    crm_scan_t     scan;
    crm_span_t     root, list;
    crm_status_t   rc;
    crm_pointer_t  pointer;

    crm_buf_init(&buf, pool, 0);

    if (*status == 0) {
        rc = merge_nothing(file, &buf, content_type, status, request);
        *merged = crm_buf_view(&buf);
        return rc;
    }

    pointer = file->items.pointer;

    if (pointer.count == 0
        || !crm_str_is(pointer.steps[pointer.count - 1], "*"))
    {
        return CRM_EINVAL;
    }

    pointer.count--;
    crm_scan_init(&scan, answer, limits, pool);

    rc = crm_scan_value(&scan, &root, NULL);
    if (rc != CRM_OK || (rc = crm_scan_end(&scan, NULL)) != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    list = crm_pointer_get(&pointer, root);
    if (list.type != CRM_JSON_ARRAY) {
        return CRM_EINVAL;
    }

    crm_buf_add(&buf, answer.data, (size_t) (list.data - answer.data));

    rc = merge_list(file, &buf, request, list);

    crm_buf_add(&buf, list.data + list.len,
                (size_t) (answer.data + answer.len - list.data) - list.len);

    *merged = crm_buf_view(&buf);
    *content_type = CRM_STR("application/json");

    return rc == CRM_OK ? crm_buf_status(&buf) : rc;
}


/* The first refusal speaks for all. */
static crm_status_t
merge_nothing(const crm_dialect_file_t *file, crm_buf_t *buf,
    crm_str_t *content_type, unsigned *status, const crm_request_t *request)
{
    size_t  i;

    for (i = 0; i < request->count; i++) {
        if (request->items[i].refusal) {
            *status = crm_file_refuse(file, buf, content_type,
                                      request->items[i].refusal);
            return crm_buf_status(buf);
        }
    }

    return CRM_EINVAL;
}


static crm_status_t
merge_list(const crm_dialect_file_t *file, crm_buf_t *buf,
    const crm_request_t *request, crm_span_t list)
{
    size_t      i, cursor;
    crm_span_t  value;

    cursor = 0;
    crm_buf_putc(buf, '[');

    for (i = 0; i < request->count; i++) {
        crm_buf_puts(buf, i ? "," : "");

        if (request->items[i].refusal) {
            crm_file_refuse_item(file, buf, request->items[i].refusal);

        } else if (crm_span_next(list, &cursor, NULL, &value)) {
            crm_buf_str(buf, crm_span_raw(value));

        } else {
            return CRM_EINVAL;
        }
    }

    crm_buf_putc(buf, ']');

    return crm_span_next(list, &cursor, NULL, &value) ? CRM_EINVAL : CRM_OK;
}
