/*
 * zoho: the answer to a request some of whose records were refused.
 *
 * The backend has answered the others, in their order; the refused ones are
 * laid in between. Where an error of the backend names a record by its place,
 * "json_path": "$.data[3].Email", it has counted without them.
 */

#include "record/crm_zoho_composite.h"


/* Errors lie in details, or in errors of it: so deep a path is looked for. */
#define MERGE_MAX_DEPTH  8

#define MERGE_PLACE      "$.data["

/* What a refusal says: mostly less. */
#define MERGE_ITEM_BYTES  512


typedef struct {
    const crm_dialect_file_t  *file;
    const crm_request_t  *request;
    size_t                sent;         /* items without a refusal */
    size_t               *places;       /* of those, in the request */
    size_t                taken;        /* of them, laid with what was refused
                                           before them */
    size_t                end;          /* of the last that was taken */
    crm_splice_t          splice;
    crm_span_t            count;        /* "locked_count" of the answer */
    int                   listed;       /* it has a list */
    int                   done;         /* one of them at least */
    crm_pool_t           *pool;
} merge_t;


static crm_status_t merge_init(merge_t *m, const crm_request_t *request,
    crm_str_t answer, crm_pool_t *pool);
static crm_status_t merge_refused(crm_str_t *merged, unsigned *status,
    const merge_t *m);
static size_t merge_counted(const merge_t *m);
static crm_status_t merge_count(merge_t *m);
static int merge_is_told(const merge_t *m, const crm_outcome_t *told);
static crm_status_t merge_told(merge_t *m, const crm_outcome_t *told);
static crm_status_t merge_read(merge_t *m, crm_str_t answer,
    const crm_scan_limits_t *limits);
static crm_status_t merge_whole(merge_t *m, crm_scan_t *scan);
static crm_status_t merge_list(merge_t *m, crm_scan_t *scan);
static crm_status_t merge_element(merge_t *m, crm_span_t element);
static crm_status_t merge_rest(merge_t *m);
static crm_status_t merge_lay(merge_t *m, size_t from, size_t to,
    size_t offset, int behind);
static int merge_has_path(crm_span_t element);
static crm_status_t merge_paths(merge_t *m, crm_span_t value, int depth);
static crm_status_t merge_path(merge_t *m, crm_span_t path);
static int merge_is_done(crm_span_t element);


crm_status_t
crm_zoho_merge(const crm_dialect_file_t *file, crm_str_t *merged,
    crm_str_t *content_type, unsigned *status, const crm_request_t *request,
    crm_str_t answer, const crm_outcome_t *told,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    merge_t       m;
    crm_status_t  rc;

    *content_type = CRM_STR("application/json");

    if (request->inners) {
        return crm_zoho_composite_merge(file, merged, status, request, answer,
                                        limits, pool);
    }

    rc = merge_init(&m, request, answer, pool);
    m.file = file;
    if (rc != CRM_OK) {
        return rc;
    }

    if (m.sent == 0) {
        return merge_refused(merged, status, &m);
    }

    rc = merge_is_told(&m, told) ? merge_told(&m, told)
                                 : merge_read(&m, answer, limits);

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    *status = m.done ? 207 : 400;
    *merged = crm_splice_apply(&m.splice);

    return merged->data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
merge_init(merge_t *m, const crm_request_t *request, crm_str_t answer,
    crm_pool_t *pool)
{
    size_t  i;

    memset(m, 0, sizeof(merge_t));
    m->request = request;
    m->pool = pool;

    crm_splice_init(&m->splice, answer, pool);

    m->places = crm_pool_calloc(pool, request->count + 1, sizeof(size_t));
    if (m->places == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < request->count; i++) {
        if (request->items[i].refusal == NULL) {
            m->places[m->sent++] = i;
        }
    }

    return CRM_OK;
}


/* Nothing was forwarded. */
static crm_status_t
merge_refused(crm_str_t *merged, unsigned *status, const merge_t *m)
{
    size_t     i, n;
    crm_buf_t  buf;

    crm_buf_init(&buf, m->pool, 0);
    crm_buf_puts(&buf, "{\"data\":[");

    for (i = 0; i < m->request->count; i++) {
        crm_buf_puts(&buf, i ? "," : "");
        crm_zoho_refuse_item(m->file, &buf, m->request->items[i].refusal);
    }

    crm_buf_puts(&buf, "]");

    n = merge_counted(m);
    if (n) {
        crm_buf_puts(&buf, ",\"locked_count\":");
        crm_buf_int(&buf, (long long) n);
    }

    crm_buf_puts(&buf, "}");

    *status = 400;
    *merged = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static size_t
merge_counted(const merge_t *m)
{
    size_t                i, n;
    const crm_refusal_t  *refusal;

    for (i = 0, n = 0; i < m->request->count; i++) {
        refusal = m->request->items[i].refusal;
        n += refusal && crm_zoho_refuse_counted(refusal);
    }

    return n;
}


/* What the backend has counted besides, if it has, is one digit or more. */
static crm_status_t
merge_count(merge_t *m)
{
    size_t      n, i, end, last;
    crm_buf_t   buf;
    crm_span_t  count;

    n = merge_counted(m);
    if (n == 0) {
        return CRM_OK;
    }

    count = m->count;

    for (i = 0, last = 0; count.type == CRM_JSON_NUMBER && i < count.len
         && i < 9 && count.data[i] >= '0' && count.data[i] <= '9'; i++)
    {
        last = last * 10 + (size_t) (count.data[i] - '0');
    }

    crm_buf_init(&buf, m->pool, 0);
    crm_buf_puts(&buf, count.type == CRM_JSON_NONE ? ",\"locked_count\":"
                                                   : "");
    crm_buf_int(&buf, (long long) (n + last));

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_buf_status(&buf);
    }

    if (count.type != CRM_JSON_NONE) {
        return crm_splice_edit(&m->splice,
                               (size_t) (count.data - m->splice.text.data),
                               count.len, crm_buf_view(&buf));
    }

    /* "data" is there: a member behind it needs a comma in front */

    for (end = m->splice.text.len; m->splice.text.data[end - 1] != '}'; end--)
    {
        /* void */
    }

    return crm_splice_edit(&m->splice, end - 1, 0, crm_buf_view(&buf));
}


/* Whether the answer has been read, and what was read is all there is to it:
 * what stands around the list is counted with those that are refused. */
static int
merge_is_told(const merge_t *m, const crm_outcome_t *told)
{
    size_t       i;
    crm_span_t   one;
    const char  *behind, *last;

    if (told == NULL || merge_counted(m)) {
        return 0;
    }

    behind = m->splice.text.data;
    last = behind + m->splice.text.len;

    for (i = 0; i < m->sent; i++) {
        one = told[m->places[i]].told;

        if (one.type == CRM_JSON_NONE || one.data < behind || one.data > last
            || one.len > (size_t) (last - one.data))
        {
            return 0;
        }

        behind = one.data + one.len;
    }

    return 1;
}


static crm_status_t
merge_told(merge_t *m, const crm_outcome_t *told)
{
    crm_status_t  rc;

    rc = CRM_OK;

    while (rc == CRM_OK && m->taken < m->sent) {
        rc = merge_element(m, told[m->places[m->taken]].told);
    }

    return rc == CRM_OK ? merge_rest(m) : rc;
}


static crm_status_t
merge_read(merge_t *m, crm_str_t answer, const crm_scan_limits_t *limits)
{
    crm_scan_t    scan;
    crm_status_t  rc;

    crm_scan_init(&scan, answer, limits, m->pool);

    rc = merge_whole(m, &scan);

    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, NULL);
    }

    return rc == CRM_OK ? merge_count(m) : rc;
}


/* The answer, an object with a list "data". */
static crm_status_t
merge_whole(merge_t *m, crm_scan_t *scan)
{
    crm_span_t    name, value;
    crm_status_t  rc;

    rc = crm_scan_enter(scan, CRM_JSON_OBJECT, NULL);

    while (rc == CRM_OK) {
        rc = crm_scan_member(scan, &name, NULL);

        if (rc == CRM_DECLINED) {
            return m->listed ? CRM_OK : CRM_EINVAL;
        }

        if (rc == CRM_OK && crm_span_is(name, CRM_STR("data"))) {
            rc = merge_list(m, scan);
            continue;
        }

        if (rc == CRM_OK) {
            rc = crm_scan_value(scan, &value, NULL);
        }

        if (rc == CRM_OK && crm_span_is(name, CRM_STR("locked_count"))) {
            m->count = value;
        }
    }

    return rc == CRM_DECLINED ? CRM_EINVAL : rc;
}


static crm_status_t
merge_list(merge_t *m, crm_scan_t *scan)
{
    crm_span_t    element;
    crm_status_t  rc;

    rc = m->listed ? CRM_EINVAL : crm_scan_enter(scan, CRM_JSON_ARRAY, NULL);
    m->listed = 1;

    if (rc == CRM_DECLINED) {
        return CRM_EINVAL;
    }

    while (rc == CRM_OK && (rc = crm_scan_element(scan, NULL)) == CRM_OK) {

        rc = m->taken < m->sent ? crm_scan_value(scan, &element, NULL)
                                : CRM_EINVAL;
        if (rc == CRM_OK) {
            rc = merge_element(m, element);
        }
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (rc != CRM_DECLINED || m->taken != m->sent) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    return merge_rest(m);
}


/* Before each element those that were refused before it. */
static crm_status_t
merge_element(merge_t *m, crm_span_t element)
{
    size_t        at, from;
    crm_status_t  rc;

    at = (size_t) (element.data - m->splice.text.data);
    from = m->taken ? m->places[m->taken - 1] + 1 : 0;

    rc = merge_lay(m, from, m->places[m->taken], at, 0);
    if (rc == CRM_OK && merge_has_path(element)) {
        rc = merge_paths(m, element, 0);
    }

    m->done = m->done || merge_is_done(element);
    m->taken++;
    m->end = at + element.len;

    return rc;
}


/* Behind the last, what is left. */
static crm_status_t
merge_rest(merge_t *m)
{
    return merge_lay(m, m->places[m->sent - 1] + 1, m->request->count, m->end,
                     1);
}


/* The items from, .. to - 1 of the request, all refused. */
static crm_status_t
merge_lay(merge_t *m, size_t from, size_t to, size_t offset, int behind)
{
    crm_buf_t  buf;

    if (from == to) {
        return CRM_OK;
    }

    crm_buf_init(&buf, m->pool, 0);
    crm_buf_reserve(&buf, (to - from) * MERGE_ITEM_BYTES);

    for ( /* void */ ; from < to; from++) {
        crm_buf_puts(&buf, behind ? "," : "");
        crm_zoho_refuse_item(m->file, &buf,
                             m->request->items[from].refusal);
        crm_buf_puts(&buf, behind ? "" : ",");
    }

    return crm_buf_status(&buf) == CRM_OK
           ? crm_splice_edit(&m->splice, offset, 0, crm_buf_view(&buf))
           : crm_buf_status(&buf);
}


/* Most say that all is well. Where no "$" stands, and no escape, there is no
 * path. */
static int
merge_has_path(crm_span_t element)
{
    return memchr(element.data, MERGE_PLACE[0], element.len) != NULL
           || memchr(element.data, '\\', element.len) != NULL;
}


static crm_status_t
merge_paths(merge_t *m, crm_span_t value, int depth)
{
    size_t        cursor;
    crm_span_t    name, member;
    crm_status_t  rc;

    if (depth == MERGE_MAX_DEPTH || value.type < CRM_JSON_ARRAY) {
        return CRM_OK;
    }

    cursor = 0;

    while (crm_span_next(value, &cursor, &name, &member)) {

        rc = value.type == CRM_JSON_OBJECT
             && member.type == CRM_JSON_STRING
             && crm_span_is(name, CRM_STR("json_path"))
             ? merge_path(m, member) : merge_paths(m, member, depth + 1);

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* "$.data[3].Email" */
static crm_status_t
merge_path(merge_t *m, crm_span_t path)
{
    size_t      i, n;
    crm_buf_t   buf;
    crm_str_t   text;

    text = crm_span_text(path, m->pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    n = 0;
    i = sizeof(MERGE_PLACE) - 1;

    if (text.len <= i || memcmp(text.data, MERGE_PLACE, i) != 0) {
        return CRM_OK;
    }

    while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9'
           && n < m->sent)
    {
        n = n * 10 + (size_t) (text.data[i++] - '0');
    }

    if (i == text.len || text.data[i] != ']' || n >= m->sent
        || m->places[n] == n)
    {
        return CRM_OK;
    }

    crm_buf_init(&buf, m->pool, 0);
    crm_buf_puts(&buf, "\"" MERGE_PLACE);
    crm_buf_int(&buf, (long long) m->places[n]);
    crm_dialect_put(&buf, crm_str(text.data + i, text.len - i));
    crm_buf_putc(&buf, '"');

    return crm_buf_status(&buf) == CRM_OK
           ? crm_splice_edit(&m->splice,
                             (size_t) (path.data - m->splice.text.data),
                             path.len, crm_buf_view(&buf))
           : crm_buf_status(&buf);
}


static int
merge_is_done(crm_span_t element)
{
    return element.type == CRM_JSON_OBJECT
           && (crm_span_is(crm_span_member(element, CRM_STR("code")),
                           CRM_STR("SUCCESS"))
               || crm_span_is(crm_span_member(element, CRM_STR("status")),
                              CRM_STR("success")));
}
