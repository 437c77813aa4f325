/*
 * zoho: requests inside a request.
 *
 *     {"__composite_requests":[{"sub_request_id":"1","method":"PUT",
 *       "uri":"/crm/v8/Leads/1","headers":{...},"body":{...}}, ...]}
 *
 * Each is routed like a request of its own; those that write become items, by
 * which the host knows what of which modules is written. Whatever could mean
 * another request than we read (a target that is not canonical, one that an
 * earlier answer fills in, headers that override, a composite in a composite)
 * refuses all of it.
 */

#include "record/crm_zoho_path.h"


/* The vendor takes five; more are refused before anybody counts them. */
#define COMPOSITE_MAX  50

typedef struct {
    crm_request_t      *request;
    const crm_route_t  *route;
    crm_str_t           body;
    size_t              cap;
    crm_pool_t         *pool;
    crm_refusal_t      *refusal;
} composite_t;


static crm_status_t composite_inner(composite_t *c, crm_span_t inner);
static crm_status_t composite_headers(composite_t *c, crm_span_t headers);
static crm_status_t composite_route(composite_t *c, crm_str_t method,
    crm_str_t uri);
static crm_status_t composite_item(composite_t *c, const crm_route_t *inner);
static crm_status_t composite_refuse(composite_t *c, const char *at,
    const char *reason);


crm_status_t
crm_zoho_composite(crm_request_t *request, const crm_route_t *route,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    size_t        cursor, n;
    crm_scan_t    scan;
    crm_span_t    whole, list, inner;
    crm_error_t   err;
    composite_t   c;
    crm_status_t  rc;

    memset(&c, 0, sizeof(composite_t));

    c.request = request;
    c.route = route;
    c.body = body;
    c.pool = pool;
    c.refusal = refusal;

    crm_scan_init(&scan, body, limits, pool);

    rc = crm_scan_value(&scan, &whole, &err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : composite_refuse(&c, body.data + err.offset,
                                  "the body must be JSON");
    }

    list = whole.type == CRM_JSON_OBJECT
           ? crm_span_member(whole, CRM_STR("__composite_requests")) : whole;

    if (whole.type != CRM_JSON_OBJECT || list.type != CRM_JSON_ARRAY) {
        return composite_refuse(&c, body.data,
                   "the body must be an object with a list"
                   " \"__composite_requests\"");
    }

    cursor = 0;
    n = 0;

    while (rc == CRM_OK && crm_span_next(list, &cursor, NULL, &inner)) {
        rc = n++ < COMPOSITE_MAX
             ? composite_inner(&c, inner)
             : composite_refuse(&c, inner.data, "too many requests in one");
    }

    return rc;
}


static crm_status_t
composite_inner(composite_t *c, crm_span_t inner)
{
    crm_str_t     text[2];
    crm_span_t    method, uri, headers;
    crm_status_t  rc;

    if (inner.type != CRM_JSON_OBJECT) {
        return composite_refuse(c, inner.data, "a request must be an object");
    }

    method = crm_span_member(inner, CRM_STR("method"));
    uri = crm_span_member(inner, CRM_STR("uri"));
    headers = crm_span_member(inner, CRM_STR("headers"));

    if (method.type != CRM_JSON_STRING || uri.type != CRM_JSON_STRING) {
        return composite_refuse(c, inner.data,
                                "a request must have a method and a uri");
    }

    rc = composite_headers(c, headers);
    if (rc != CRM_OK) {
        return rc;
    }

    text[0] = crm_span_text(method, c->pool);
    text[1] = crm_span_text(uri, c->pool);

    if (text[0].data == NULL || text[1].data == NULL) {
        return CRM_ENOMEM;
    }

    rc = composite_route(c, text[0], text[1]);

    return rc == CRM_EINVAL && c->refusal->offset == CRM_NO_OFFSET
           ? composite_refuse(c, uri.data, c->refusal->reason.data) : rc;
}


static crm_status_t
composite_headers(composite_t *c, crm_span_t headers)
{
    size_t      cursor;
    crm_str_t   text;
    crm_span_t  name, value;

    static const char *const  overrides[] = {
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
        "X-EXTERNAL", NULL
    };

    if (headers.type == CRM_JSON_NONE || headers.type == CRM_JSON_NULL) {
        return CRM_OK;
    }

    if (headers.type != CRM_JSON_OBJECT) {
        return composite_refuse(c, headers.data, "headers must be an object");
    }

    cursor = 0;

    while (crm_span_next(headers, &cursor, &name, &value)) {
        text = crm_span_text(name, c->pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        if (crm_zoho_path_is_one_of(text, overrides)
            || (text.len > 3
                && crm_str_caseeq(crm_str(text.data, 3), CRM_STR("CRM"))))
        {
            return composite_refuse(c, name.data,
                       "a header that overrides the method or the record is"
                       " not accepted");
        }
    }

    return CRM_OK;
}


/* The vendor wants the version of the request around it. */
static crm_status_t
composite_route(composite_t *c, crm_str_t method, crm_str_t uri)
{
    const char    *mark;
    crm_str_t      query;
    crm_route_t    inner;
    crm_status_t   rc;

    static const char  prefix[] = "/crm/";

    if (uri.len < sizeof(prefix)
        || memcmp(uri.data, prefix, sizeof(prefix) - 1) != 0)
    {
        return crm_dialect_refusal(c->refusal, CRM_REFUSE_BODY,
                                   "a uri must begin with /crm/v8/");
    }

    uri = crm_str(uri.data + sizeof(prefix) - 1,
                  uri.len - (sizeof(prefix) - 1));
    mark = memchr(uri.data, '?', uri.len);
    query = CRM_STR_NULL;

    if (mark) {
        query = crm_str(mark + 1, (size_t) (uri.data + uri.len - mark - 1));
        uri.len = (size_t) (mark - uri.data);
    }

    memset(&inner, 0, sizeof(crm_route_t));
    rc = crm_zoho_route(&inner, method, uri, query, c->refusal);

    if (rc == CRM_OK && inner.targets == CRM_TARGETS_INNER) {
        return crm_dialect_refusal(c->refusal, CRM_REFUSE_BODY,
                                   "a composite holds no composites");
    }

    if (rc == CRM_DECLINED) {
        return CRM_OK;
    }

    return rc == CRM_OK ? composite_item(c, &inner) : rc;
}


static crm_status_t
composite_item(composite_t *c, const crm_route_t *inner)
{
    crm_item_t   *item;
    crm_route_t  *kept;

    item = crm_dialect_item(c->request, &c->cap, c->pool);
    kept = crm_pool_calloc(c->pool, 1, sizeof(crm_route_t));

    if (item == NULL || kept == NULL) {
        return CRM_ENOMEM;
    }

    *kept = *inner;
    item->inner = kept;

    return CRM_OK;
}


static crm_status_t
composite_refuse(composite_t *c, const char *at, const char *reason)
{
    crm_refusal_t  *refusal;

    refusal = c->refusal;

    crm_dialect_refusal(refusal, CRM_REFUSE_BODY, reason);

    refusal->operation = CRM_OP_ACTION;
    refusal->action = c->route->action;
    refusal->where = CRM_STR("__composite_requests");
    refusal->offset = (size_t) (at - c->body.data);

    return CRM_EINVAL;
}
