/*
 * Dialect files: bodies that are no plain JSON, read as if they were.
 *
 *     operation=update&element=%7B%22a%22%3A1%7D
 *     {"operation":"update","element":"{\"a\":1}"}       as a form is read
 *     {"operation":"update","element":{"a":1}}           and unfolded
 *
 * multipart/form-data is crm_file_multipart.c's.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static int view_is_json(crm_str_t body);
static crm_status_t view_form(crm_str_t *view, crm_str_t body,
    crm_pool_t *pool);
static crm_status_t view_refold(crm_str_t *text, const crm_pointer_t *member,
    crm_span_t root, crm_pool_t *pool);
static crm_status_t view_unform(crm_str_t *body, crm_span_t root,
    crm_pool_t *pool);
static crm_status_t view_replace(crm_str_t *out, crm_span_t root,
    crm_span_t value, crm_str_t with, crm_pool_t *pool);
static crm_status_t view_scan(crm_span_t *root, crm_str_t text,
    const crm_scan_limits_t *limits, crm_pool_t *pool);


crm_status_t
crm_file_view(crm_file_match_t *match, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    crm_status_t  rc;

    (void) limits;

    match->body = body;
    match->view = body;

    if (match->reader == CRM_FILE_READ_MULTIPART) {
        return crm_file_multipart(&match->view, body, match->ask.content_type,
                                  pool, refusal);
    }

    if (match->reader != CRM_FILE_READ_FORM) {
        return CRM_OK;
    }

    if (view_is_json(body)) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                   "the body is called a form, and begins as JSON does");
    }

    rc = view_form(&match->view, body, pool);

    return rc != CRM_EINVAL ? rc
           : crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                 "the form holds a % that is no escape");
}


/* Some backends look at what came rather than at what it is called. */
static int
view_is_json(crm_str_t body)
{
    size_t  i;

    i = body.len > 2 && memcmp(body.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < body.len && (body.data[i] == ' ' || body.data[i] == '\t'
                            || body.data[i] == '\r' || body.data[i] == '\n'))
    {
        i++;
    }

    return i < body.len && (body.data[i] == '{' || body.data[i] == '['
                            || body.data[i] == '"');
}


crm_status_t
crm_file_unfold(crm_str_t *view, const crm_pointer_t *member,
    crm_span_t root, crm_pool_t *pool)
{
    crm_str_t   text;
    crm_span_t  value;

    value = crm_pointer_get(member, root);

    if (value.type != CRM_JSON_STRING) {
        return CRM_OK;
    }

    text = crm_span_text(value, pool);

    return text.data ? view_replace(view, root, value, text, pool)
                     : CRM_ENOMEM;
}


crm_status_t
crm_file_fold(const crm_file_match_t *match, crm_str_t *body, crm_str_t view,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_str_t     text;
    crm_span_t    root;
    crm_status_t  rc;

    *body = view;

    if (match->reader == CRM_FILE_READ_JSON && !match->rule->json_string.set)
    {
        return CRM_OK;
    }

    rc = view_scan(&root, view, limits, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    if (match->reader == CRM_FILE_READ_FORM) {
        return view_unform(body, root, pool);
    }

    if (match->reader == CRM_FILE_READ_MULTIPART) {
        return crm_file_multipart_write(body, root, match->ask.content_type,
                                        pool);
    }

    rc = view_refold(&text, &match->rule->json_string, root, pool);
    *body = text;

    return rc;
}


static crm_status_t
view_form(crm_str_t *view, crm_str_t body, crm_pool_t *pool)
{
    size_t        n;
    crm_buf_t     buf;
    crm_str_t     name, value;
    crm_status_t  rc;

    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '{');

    for (n = 0; (rc = crm_file_parameter(&body, &name, &value, pool))
                == CRM_OK; n++)
    {
        if (n) {
            crm_buf_putc(&buf, ',');
        }

        crm_buf_json(&buf, name);
        crm_buf_putc(&buf, ':');
        crm_buf_json(&buf, value);
    }

    crm_buf_putc(&buf, '}');
    *view = crm_buf_view(&buf);

    return rc == CRM_DECLINED ? crm_buf_status(&buf) : rc;
}


/* A member that is JSON becomes a string again. */
static crm_status_t
view_refold(crm_str_t *text, const crm_pointer_t *member, crm_span_t root,
    crm_pool_t *pool)
{
    crm_buf_t   buf;
    crm_span_t  value;

    value = crm_pointer_get(member, root);
    *text = crm_span_raw(root);

    if (value.type == CRM_JSON_NONE || value.type == CRM_JSON_STRING) {
        return CRM_OK;
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_json(&buf, crm_span_raw(value));

    return crm_buf_status(&buf) == CRM_OK
           ? view_replace(text, root, value, crm_buf_view(&buf), pool)
           : CRM_ENOMEM;
}


static crm_status_t
view_unform(crm_str_t *body, crm_span_t root, crm_pool_t *pool)
{
    size_t      cursor;
    crm_buf_t   buf;
    crm_str_t   text;
    crm_span_t  name, value;

    crm_buf_init(&buf, pool, 0);
    cursor = 0;

    while (crm_span_next(root, &cursor, &name, &value)) {
        if (buf.len) {
            crm_buf_putc(&buf, '&');
        }

        text = crm_span_text(name, pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        crm_dialect_encode(&buf, text);
        crm_buf_putc(&buf, '=');

        text = value.type == CRM_JSON_NULL ? CRM_STR("")
                                           : crm_span_text(value, pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        crm_dialect_encode(&buf, text);
    }

    *body = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
view_replace(crm_str_t *out, crm_span_t root, crm_span_t value,
    crm_str_t with, crm_pool_t *pool)
{
    crm_str_t  parts[3];

    parts[0] = crm_str(root.data, (size_t) (value.data - root.data));
    parts[1] = with;
    parts[2] = crm_str(value.data + value.len,
                       (size_t) (root.data + root.len - value.data)
                       - value.len);

    *out = crm_pool_concat(pool, parts, 3);

    return out->data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
view_scan(crm_span_t *root, crm_str_t text, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    crm_scan_t    scan;
    crm_status_t  rc;

    crm_scan_init(&scan, text, limits, pool);

    rc = crm_scan_value(&scan, root, NULL);

    return rc == CRM_OK ? crm_scan_end(&scan, NULL) : rc;
}
