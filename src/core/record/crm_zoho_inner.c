/*
 * zoho: one request inside a request, where it goes.
 *
 * Whatever could mean another request than we read refuses the one around it:
 * a target that is not canonical, parameters in two places, a header that
 * overrides, a composite in a composite. What an earlier answer fills in can
 * only be told: an inner request that is judged must not have any.
 */

#include "record/crm_zoho_composite.h"


/* The API stands there in every uri. */
#define INNER_PREFIX  "/crm/"


static crm_status_t inner_headers(const crm_dialect_file_t *file,
    crm_span_t headers, crm_pool_t *pool, crm_refusal_t *refusal,
    const char **at);
static crm_status_t inner_header(const crm_dialect_file_t *file,
    crm_str_t name, crm_span_t value, crm_pool_t *pool,
    crm_refusal_t *refusal);
static crm_status_t inner_route(const crm_dialect_file_t *file,
    crm_inner_t *inner, crm_str_t method, crm_str_t uri, crm_span_t params,
    crm_pool_t *pool, crm_refusal_t *refusal);
static crm_status_t inner_query(crm_str_t *query, crm_str_t *ids,
    crm_span_t params, crm_pool_t *pool, crm_refusal_t *refusal);
static void inner_body(crm_inner_t *inner, crm_span_t body);
static int inner_is_linked(crm_str_t text);


crm_status_t
crm_zoho_inner(const crm_dialect_file_t *file, crm_inner_t *inner,
    crm_span_t span, crm_pool_t *pool, crm_refusal_t *refusal,
    const char **at)
{
    crm_str_t     text[2];
    crm_span_t    method, uri, name;
    crm_status_t  rc;

    if (span.type != CRM_JSON_OBJECT) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                                   "a request must be an object");
    }

    method = crm_span_member(span, CRM_STR("method"));
    uri = crm_span_member(span, CRM_STR("uri"));
    name = crm_span_member(span, CRM_STR("sub_request_id"));

    if (method.type != CRM_JSON_STRING || uri.type != CRM_JSON_STRING) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                                   "a request must have a method and a uri");
    }

    rc = inner_headers(file, crm_span_member(span, CRM_STR("headers")), pool,
                       refusal, at);
    if (rc != CRM_OK) {
        return rc;
    }

    *at = uri.data;
    text[0] = crm_span_text(method, pool);
    text[1] = crm_span_text(uri, pool);

    if (name.type == CRM_JSON_STRING) {
        inner->name = crm_span_text(name, pool);
    }

    if (text[0].data == NULL || text[1].data == NULL
        || (name.type == CRM_JSON_STRING && inner->name.data == NULL))
    {
        return CRM_ENOMEM;
    }

    inner->place = crm_span_raw(span);
    inner->linked = inner_is_linked(inner->place);

    rc = inner_route(file, inner, text[0], text[1],
                     crm_span_member(span, CRM_STR("params")), pool, refusal);

    if (rc == CRM_OK) {
        inner_body(inner, crm_span_member(span, CRM_STR("body")));
    }

    return rc;
}


static crm_status_t
inner_headers(const crm_dialect_file_t *file, crm_span_t headers,
    crm_pool_t *pool, crm_refusal_t *refusal, const char **at)
{
    size_t        cursor;
    crm_str_t     text;
    crm_span_t    name, value;
    crm_status_t  rc;

    if (headers.type == CRM_JSON_NONE || headers.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    *at = headers.data;

    if (headers.type != CRM_JSON_OBJECT) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                                   "headers must be an object");
    }

    cursor = 0;

    while (crm_span_next(headers, &cursor, &name, &value)) {
        *at = name.data;
        text = crm_span_text(name, pool);

        rc = text.data ? inner_header(file, text, value, pool, refusal)
                       : CRM_ENOMEM;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* To many a backend an underscore in a header's name is a hyphen. */
static crm_status_t
inner_header(const crm_dialect_file_t *file, crm_str_t name, crm_span_t value,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    char       *p;
    size_t      i;
    crm_str_t   type;

    static const char *const  refused[] = {
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
        "X-EXTERNAL", "Authorization", "Content-Encoding", NULL
    };

    p = crm_pool_alloc(pool, name.len + 1);
    if (p == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < name.len; i++) {
        p[i] = name.data[i] == '_' ? '-' : name.data[i];
    }

    name.data = p;

    if (crm_zoho_path_is_one_of(name, refused)
        || crm_str_caseeq(name, CRM_STR("X-CRM-Org"))
        || (name.len > 3
            && crm_str_caseeq(crm_str(name.data, 3), CRM_STR("CRM"))))
    {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                   "a header that overrides the method, the record, the body"
                   " or who asks is not accepted");
    }

    if (!crm_str_caseeq(name, CRM_STR("Content-Type"))) {
        return CRM_OK;
    }

    type = crm_span_text(value, pool);
    if (type.data == NULL) {
        return CRM_ENOMEM;
    }

    return crm_file_type(file, type, CRM_STR_NULL, refusal) == CRM_EINVAL
           ? CRM_EINVAL : CRM_OK;
}


/* The vendor wants the version of the request around it. */
static crm_status_t
inner_route(const crm_dialect_file_t *file, crm_inner_t *inner,
    crm_str_t method, crm_str_t uri, crm_span_t params, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    crm_str_t     target, query, ids;
    const char   *mark;
    crm_route_t  *route;
    crm_status_t  rc;

    if (uri.len < sizeof(INNER_PREFIX)
        || memcmp(uri.data, INNER_PREFIX, sizeof(INNER_PREFIX) - 1) != 0)
    {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                                   "a uri must begin with /crm/v8/");
    }

    target = crm_str(uri.data + sizeof(INNER_PREFIX) - 1,
                     uri.len - (sizeof(INNER_PREFIX) - 1));
    mark = memchr(target.data, '?', target.len);
    query = CRM_STR_NULL;
    ids = CRM_STR_NULL;

    if (mark) {
        query = crm_str(mark + 1,
                        (size_t) (target.data + target.len - mark - 1));
        target.len = (size_t) (mark - target.data);
    }

    rc = inner_query(&query, &ids, params, pool, refusal);
    if (rc != CRM_OK) {
        return rc;
    }

    route = &inner->route;
    rc = crm_zoho_route(file, route, method, target, query, refusal);

    if (rc == CRM_DECLINED) {
        memset(route, 0, sizeof(crm_route_t));
        return CRM_OK;
    }

    if (rc == CRM_OK && route->targets == CRM_TARGETS_INNER) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                                   "a composite holds no composites");
    }

    /* as they stand in the body */

    if (ids.data) {
        route->ids = ids;
    }

    if (route->module.len) {
        inner->list_path = crm_str(target.data,
                               (size_t) (route->module.data
                                         + route->module.len - target.data));
    }

    return rc;
}


/* Parameters beside those of the uri: *query has both, read alike. */
static crm_status_t
inner_query(crm_str_t *query, crm_str_t *ids, crm_span_t params,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    size_t      cursor;
    crm_buf_t   buf;
    crm_str_t   text[2];
    crm_span_t  name, value;

    if (params.type == CRM_JSON_NONE || params.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (params.type != CRM_JSON_OBJECT) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_BODY,
                                   "params must be an object");
    }

    cursor = 0;
    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, *query);

    while (crm_span_next(params, &cursor, &name, &value)) {
        text[0] = crm_span_text(name, pool);
        text[1] = crm_span_text(value, pool);

        if (text[0].data == NULL || text[1].data == NULL) {
            return CRM_ENOMEM;
        }

        if (crm_str_is(text[0], "ids")) {
            *ids = text[1];
        }

        crm_buf_puts(&buf, buf.len ? "&" : "");
        crm_dialect_encode(&buf, text[0]);
        crm_buf_putc(&buf, '=');
        crm_dialect_encode(&buf, text[1]);
    }

    *query = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* {} is what clients send that always send one. */
static void
inner_body(crm_inner_t *inner, crm_span_t body)
{
    size_t      cursor;
    crm_span_t  name, value;

    cursor = 0;
    inner->text = CRM_STR("");

    if (body.type == CRM_JSON_NONE || body.type == CRM_JSON_NULL
        || (!inner->route.has_body && body.type == CRM_JSON_OBJECT
            && !crm_span_next(body, &cursor, &name, &value)))
    {
        return;
    }

    inner->text = crm_span_raw(body);
}


/* "@{1:$.data[0].id}" stands for what request 1 has been answered; each of
 * the two characters may be escaped. */
static int
inner_is_linked(crm_str_t text)
{
    size_t         i, k;
    unsigned char  c, last;
    unsigned       unit;
    const char    *digit;

    static const char  digits[] = "0123456789abcdef";

    last = 0;

    for (i = 0; i < text.len; last = c) {
        c = (unsigned char) text.data[i++];

        if (c != '\\' || i == text.len) {
            /* itself */

        } else if (text.data[i++] != 'u' || text.len - i < 4) {
            c = 0;

        } else {
            unit = 0;

            for (k = 0; k < 4; k++, i++) {
                digit = memchr(digits, text.data[i] | 0x20, 16);
                unit = unit << 4 | (digit ? (unsigned) (digit - digits) : 0);
            }

            c = unit < 0x80 ? (unsigned char) unit : 0;
        }

        if (last == '@' && c == '{') {
            return 1;
        }
    }

    return 0;
}
