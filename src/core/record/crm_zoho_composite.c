/*
 * zoho: requests inside a request.
 *
 *     {"rollback_on_fail":false,
 *      "__composite_requests":[{"sub_request_id":"1","method":"PUT",
 *       "uri":"/crm/v8/Leads/1","headers":{...},"params":{...},
 *       "body":{...}}, ...]}
 *
 * Each is routed like a request of its own (crm_zoho_inner.c); which of them
 * are decoded, whose rules concern what they write, is the host's to say.
 */

#include "record/crm_zoho_composite.h"


/* The vendor takes five; more are refused before anybody counts them. */
#define COMPOSITE_MAX  50


static crm_status_t composite_list(crm_request_t *request, crm_span_t *list,
    crm_str_t body, const crm_scan_limits_t *limits, crm_pool_t *pool,
    crm_refusal_t *refusal);
static crm_status_t composite_refuse(crm_refusal_t *refusal, crm_str_t body,
    const char *at, const char *reason);


crm_status_t
crm_zoho_composite(const crm_dialect_file_t *file, crm_request_t *request,
    const crm_route_t *route, crm_str_t body, const crm_scan_limits_t *limits,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    size_t        n, cursor;
    const char   *at;
    crm_span_t    list, element;
    crm_status_t  rc;

    rc = composite_list(request, &list, body, limits, pool, refusal);

    for (n = 0, cursor = 0;
         rc == CRM_OK && crm_span_next(list, &cursor, NULL, &element);
         n++)
    {
        if (n == COMPOSITE_MAX) {
            rc = composite_refuse(refusal, body, element.data,
                                  "too many requests in one");
        }
    }

    if (rc == CRM_OK) {
        request->inners = crm_pool_calloc(pool, n + 1, sizeof(crm_inner_t));
        rc = request->inners ? CRM_OK : CRM_ENOMEM;
    }

    cursor = 0;

    while (rc == CRM_OK && crm_span_next(list, &cursor, NULL, &element)) {
        at = element.data;
        rc = crm_zoho_inner(file, &request->inners[request->n_inners++],
                            element, pool, refusal, &at);

        if (rc == CRM_EINVAL) {
            rc = composite_refuse(refusal, body, at, refusal->reason.data);
        }
    }

    for (n = 0; n < request->n_inners; n++) {
        request->whole |= request->inners[n].linked;
    }

    if (rc == CRM_EINVAL) {
        refusal->operation = CRM_OP_ACTION;
        refusal->action = route->action;
    }

    return rc;
}


/* With rollback_on_fail one that fails undoes the others. */
static crm_status_t
composite_list(crm_request_t *request, crm_span_t *list, crm_str_t body,
    const crm_scan_limits_t *limits, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_scan_t    scan;
    crm_span_t    whole, rollback;
    crm_error_t   err;
    crm_status_t  rc;

    crm_scan_init(&scan, body, limits, pool);

    rc = crm_scan_value(&scan, &whole, &err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : composite_refuse(refusal, body, body.data + err.offset,
                                  "the body must be JSON");
    }

    *list = whole;

    if (whole.type == CRM_JSON_OBJECT) {
        *list = crm_span_member(whole, CRM_STR("__composite_requests"));
    }

    if (whole.type != CRM_JSON_OBJECT || list->type != CRM_JSON_ARRAY) {
        return composite_refuse(refusal, body, body.data,
                   "the body must be an object with a list"
                   " \"__composite_requests\"");
    }

    rollback = crm_span_member(whole, CRM_STR("rollback_on_fail"));
    request->whole = rollback.type != CRM_JSON_NONE
                     && rollback.type != CRM_JSON_NULL
                     && rollback.type != CRM_JSON_FALSE;

    return CRM_OK;
}


static crm_status_t
composite_refuse(crm_refusal_t *refusal, crm_str_t body, const char *at,
    const char *reason)
{
    crm_dialect_refusal(refusal, CRM_REFUSE_BODY, reason);

    refusal->where = CRM_STR("__composite_requests");
    refusal->offset = (size_t) (at - body.data);

    return CRM_EINVAL;
}
