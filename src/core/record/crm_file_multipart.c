/*
 * Dialect files: multipart/form-data, read as an object of texts.
 *
 *     --x                                                  boundary=x
 *     Content-Disposition: form-data; name="operation"
 *
 *     update
 *     --x--
 *
 * One way to write each part is read, all others are refused: readers differ
 * over what stands outside of parts, files, encodings and folded headers.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


#define MULTIPART_MAX_BOUNDARY  70


static crm_status_t multipart_boundary(crm_str_t *boundary,
    crm_str_t content_type);
static const char *multipart_parts(crm_buf_t *out, crm_str_t body,
    crm_str_t boundary);
static const char *multipart_head(crm_str_t *name, crm_str_t *body);
static const char *multipart_line(crm_str_t *name, crm_str_t line);
static int multipart_mark(crm_str_t text, crm_str_t boundary);
static const char *multipart_next(crm_str_t text, crm_str_t boundary);
static int multipart_holds(crm_str_t text, crm_str_t boundary);
static int multipart_starts(crm_str_t text, const char *word);


crm_status_t
crm_file_multipart(crm_str_t *view, crm_str_t body, crm_str_t content_type,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_buf_t    buf;
    crm_str_t    boundary;
    const char  *fault;

    if (multipart_boundary(&boundary, content_type) != CRM_OK) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TYPE,
                   "multipart/form-data needs one boundary, and nothing else"
                   " behind it");
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '{');

    fault = multipart_parts(&buf, body, boundary);

    crm_buf_putc(&buf, '}');
    *view = crm_buf_view(&buf);

    return crm_buf_status(&buf) != CRM_OK ? CRM_ENOMEM
           : fault ? crm_dialect_refusal(refusal, CRM_REFUSE_BODY, fault)
                   : CRM_OK;
}


crm_status_t
crm_file_multipart_write(crm_str_t *body, crm_span_t root,
    crm_str_t content_type, crm_pool_t *pool)
{
    size_t      cursor;
    crm_buf_t   buf;
    crm_str_t   boundary, text;
    crm_span_t  name, value;

    if (multipart_boundary(&boundary, content_type) != CRM_OK) {
        return CRM_EINVAL;
    }

    crm_buf_init(&buf, pool, 0);
    cursor = 0;

    while (crm_span_next(root, &cursor, &name, &value)) {
        text = crm_span_text(name, pool);

        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        /* a name that rules set: none of a backend's needs an escape */

        if (memchr(text.data, '"', text.len)
            || memchr(text.data, '\\', text.len)
            || memchr(text.data, '\r', text.len)
            || memchr(text.data, '\n', text.len))
        {
            return CRM_EINVAL;
        }

        crm_buf_puts(&buf, "--");
        crm_buf_str(&buf, boundary);
        crm_buf_puts(&buf, "\r\nContent-Disposition: form-data; name=\"");
        crm_buf_str(&buf, text);
        crm_buf_puts(&buf, "\"\r\n\r\n");

        text = value.type == CRM_JSON_NULL ? CRM_STR("")
               : value.type == CRM_JSON_OBJECT || value.type == CRM_JSON_ARRAY
               ? crm_span_raw(value) : crm_span_text(value, pool);

        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        if (multipart_holds(text, boundary)) {
            return CRM_EINVAL;
        }

        crm_buf_str(&buf, text);
        crm_buf_puts(&buf, "\r\n");
    }

    crm_buf_puts(&buf, "--");
    crm_buf_str(&buf, boundary);
    crm_buf_puts(&buf, "--\r\n");

    *body = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


int
crm_file_is_multipart(crm_str_t content_type)
{
    crm_str_t  boundary;

    return multipart_boundary(&boundary, content_type) == CRM_OK;
}


/* Of "multipart/form-data; boundary=x", the boundary in quotes or not. */
static crm_status_t
multipart_boundary(crm_str_t *boundary, crm_str_t content_type)
{
    size_t       i, n;
    const char  *p;

    static const char  type[] = "multipart/form-data";

    n = sizeof(type) - 1;

    if (content_type.len < n
        || !crm_str_caseeq(crm_str(content_type.data, n), CRM_STR(type)))
    {
        return CRM_EINVAL;
    }

    p = content_type.data + n;
    n = content_type.len - n;

    while (n && (*p == ' ' || *p == '\t' || *p == ';')) {
        p++;
        n--;
    }

    if (n < sizeof("boundary=")
        || !crm_str_caseeq(crm_str(p, sizeof("boundary=") - 1),
                           CRM_STR("boundary=")))
    {
        return CRM_EINVAL;
    }

    p += sizeof("boundary=") - 1;
    n -= sizeof("boundary=") - 1;

    if (n > 2 && p[0] == '"' && p[n - 1] == '"') {
        p++;
        n -= 2;
    }

    for (i = 0; i < n; i++) {
        if (!((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z')
            && !(p[i] >= '0' && p[i] <= '9') && p[i] != '-' && p[i] != '_'
            && p[i] != '.')
        {
            return CRM_EINVAL;
        }
    }

    *boundary = crm_str(p, n);

    return n && n <= MULTIPART_MAX_BOUNDARY ? CRM_OK : CRM_EINVAL;
}


/* NULL, or what is wrong. */
static const char *
multipart_parts(crm_buf_t *out, crm_str_t body, crm_str_t boundary)
{
    size_t       parts;
    crm_str_t    name;
    const char  *fault, *end;

    if (!multipart_mark(body, boundary)) {
        return "the body does not begin with its boundary";
    }

    for (parts = 0; ; parts++) {
        body = crm_str(body.data + boundary.len + 2,
                       body.len - boundary.len - 2);

        if (crm_str_is(body, "--") || crm_str_is(body, "--\r\n")) {
            return NULL;
        }

        if (!multipart_starts(body, "\r\n")) {
            return "something stands behind a boundary";
        }

        body = crm_str(body.data + 2, body.len - 2);

        fault = multipart_head(&name, &body);
        if (fault) {
            return fault;
        }

        end = multipart_next(body, boundary);
        if (end == NULL) {
            return "a part has no end";
        }

        if (multipart_holds(crm_str(body.data, (size_t) (end - body.data)),
                            boundary))
        {
            return "a part holds the boundary";
        }

        crm_buf_puts(out, parts ? "," : "");
        crm_buf_json(out, name);
        crm_buf_putc(out, ':');
        crm_buf_json(out, crm_str(body.data, (size_t) (end - body.data)));

        body.len -= (size_t) (end - body.data) + 2;
        body.data = end + 2;
    }
}


/* The lines of a part's head; *body is behind them afterwards. */
static const char *
multipart_head(crm_str_t *name, crm_str_t *body)
{
    size_t       n;
    crm_str_t    line;
    const char  *end, *fault;

    *name = CRM_STR_NULL;

    for ( ;; ) {
        end = memchr(body->data, '\r', body->len);
        n = end ? (size_t) (end - body->data) : 0;

        if (end == NULL || n + 1 == body->len || end[1] != '\n') {
            return "the head of a part has no end";
        }

        line = crm_str(body->data, n);
        *body = crm_str(end + 2, body->len - n - 2);

        if (line.len == 0) {
            return name->data ? NULL : "a part has no name";
        }

        fault = multipart_line(name, line);
        if (fault) {
            return fault;
        }
    }
}


/* Content-Disposition with nothing but a name, and a Content-Type of text. */
static const char *
multipart_line(crm_str_t *name, crm_str_t line)
{
    size_t  n;

    static const char  disposition[] =
        "content-disposition: form-data; name=\"";

    n = sizeof(disposition) - 1;

    if (line.len > n && name->data == NULL && line.data[line.len - 1] == '"'
        && crm_str_caseeq(crm_str(line.data, n), CRM_STR(disposition)))
    {
        *name = crm_str(line.data + n, line.len - n - 1);

        return memchr(name->data, '"', name->len)
               || memchr(name->data, '\\', name->len)
               || memchr(name->data, '%', name->len)
               || memchr(name->data, '\n', name->len)
               ? "a part is a file, or its name is escaped" : NULL;
    }

    return crm_str_caseeq(line, CRM_STR("content-type: text/plain"))
           || crm_str_caseeq(line, CRM_STR("content-type: text/plain;"
                                           " charset=utf-8"))
           ? NULL : "the head of a part says more than a name";
}


/* Whether text begins with --boundary. */
static int
multipart_mark(crm_str_t text, crm_str_t boundary)
{
    return text.len >= boundary.len + 2 && memcmp(text.data, "--", 2) == 0
           && memcmp(text.data + 2, boundary.data, boundary.len) == 0;
}


/* Wherever it is, behind a bare LF for one: readers differ. */
static int
multipart_holds(crm_str_t text, crm_str_t boundary)
{
    const char  *p, *end;

    end = text.data + text.len;

    for (p = text.data; p < end; p++) {
        p = memchr(p, '-', (size_t) (end - p));

        if (p == NULL) {
            return 0;
        }

        if (multipart_mark(crm_str(p, (size_t) (end - p)), boundary)) {
            return 1;
        }
    }

    return 0;
}


/* Where the next CRLF with a boundary behind it stands; NULL: nowhere. */
static const char *
multipart_next(crm_str_t text, crm_str_t boundary)
{
    const char  *p, *end;

    end = text.data + text.len;

    for (p = text.data; p < end; p++) {
        p = memchr(p, '\r', (size_t) (end - p));

        if (p == NULL) {
            return NULL;
        }

        if (end - p > 2 && p[1] == '\n'
            && multipart_mark(crm_str(p + 2, (size_t) (end - p) - 2),
                              boundary))
        {
            return p;
        }
    }

    return NULL;
}


static int
multipart_starts(crm_str_t text, const char *word)
{
    crm_str_t  s;

    s = crm_strz(word);

    return text.len >= s.len && memcmp(text.data, s.data, s.len) == 0;
}
