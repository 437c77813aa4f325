/*
 * zoho: which records an action of the API concerns.
 *
 *     POST v8/Leads/1/actions/convert            the path names it
 *     POST v8/Leads/actions/add_tags?ids=1,2     the query names them
 *     POST v8/Leads/actions/mass_update          {"ids":["1"], ...}, or
 *                                                {"data":[{"id":"1"}]}
 *
 * A view or criteria instead: nobody can tell.
 */

#include "record/crm_zoho.h"

#include "base/crm_map.h"


typedef struct {
    crm_request_t      *request;
    const crm_route_t  *route;
    crm_scan_t          scan;
    crm_map_t           known;          /* ids so far */
    size_t              max_records;
    size_t              cap;            /* of request's items */
    crm_pool_t         *pool;
    crm_refusal_t      *refusal;
} action_t;


static crm_status_t action_query(action_t *a);
static crm_status_t action_body(action_t *a);
static crm_status_t action_member(action_t *a, crm_span_t name);
static crm_status_t action_ids(action_t *a);
static crm_status_t action_id(action_t *a, crm_span_t value);
static crm_status_t action_data(action_t *a);
static crm_status_t action_add(action_t *a, crm_str_t id, const char *at);
static crm_status_t action_fail(action_t *a, crm_status_t rc,
    const crm_error_t *err);
static crm_status_t action_refuse(action_t *a, crm_refusal_kind_t kind,
    const char *at, const char *where, const char *reason);


crm_status_t
crm_zoho_action(crm_request_t *request, const crm_route_t *route,
    crm_str_t body, const crm_scan_limits_t *limits, size_t max_records,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    action_t      a;
    crm_status_t  rc;

    memset(&a, 0, sizeof(action_t));

    a.request = request;
    a.route = route;
    a.max_records = max_records;
    a.pool = pool;
    a.refusal = refusal;

    crm_map_init(&a.known, pool);
    crm_scan_init(&a.scan, body, limits, pool);

    rc = CRM_OK;

    if (route->targets == CRM_TARGETS_PATH) {
        return action_add(&a, route->record_id, NULL);
    }

    if (route->targets == CRM_TARGETS_LIST) {
        rc = action_query(&a);

        if (rc == CRM_OK && body.len) {
            rc = action_body(&a);
        }
    }

    if (request->count == 0) {
        request->all = 1;
    }

    return rc;
}


static crm_status_t
action_query(action_t *a)
{
    size_t        n;
    crm_str_t     rest;
    const char   *end;
    crm_status_t  rc;

    rest = a->route->ids;

    while (rest.len) {
        end = memchr(rest.data, ',', rest.len);
        n = end ? (size_t) (end - rest.data) : rest.len;

        rc = action_add(a, crm_str(rest.data, n), NULL);
        if (rc != CRM_OK) {
            return rc;
        }

        n += end != NULL;
        rest = crm_str(rest.data + n, rest.len - n);

        if (end && rest.len == 0) {
            return action_add(a, rest, NULL);
        }
    }

    return CRM_OK;
}


static crm_status_t
action_body(action_t *a)
{
    crm_span_t    name;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_scan_enter(&a->scan, CRM_JSON_OBJECT, &err);

    if (rc == CRM_DECLINED) {
        return action_refuse(a, CRM_REFUSE_BODY, a->scan.pos, "$",
                             "the body must be an object");
    }

    while (rc == CRM_OK) {
        rc = crm_scan_member(&a->scan, &name, &err);
        if (rc != CRM_OK) {
            break;
        }

        rc = action_member(a, name);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (rc == CRM_DECLINED) {
        rc = crm_scan_end(&a->scan, &err);
    }

    return rc == CRM_OK ? CRM_OK : action_fail(a, rc, &err);
}


static crm_status_t
action_member(action_t *a, crm_span_t name)
{
    crm_span_t    value;
    crm_error_t   err;
    crm_status_t  rc;

    if (crm_span_is(name, CRM_STR("ids"))) {
        return action_ids(a);
    }

    if (crm_span_is(name, CRM_STR("data"))) {
        return action_data(a);
    }

    rc = crm_scan_value(&a->scan, &value, &err);
    if (rc != CRM_OK) {
        return action_fail(a, rc, &err);
    }

    if ((crm_span_is(name, CRM_STR("cvid"))
         || crm_span_is(name, CRM_STR("criteria")))
        && value.type != CRM_JSON_NULL)
    {
        a->request->all = 1;
    }

    return CRM_OK;
}


static crm_status_t
action_ids(action_t *a)
{
    crm_span_t    value;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_scan_enter(&a->scan, CRM_JSON_ARRAY, &err);

    if (rc == CRM_DECLINED) {
        return action_refuse(a, CRM_REFUSE_BODY, a->scan.pos, "$.ids",
                             "ids must be an array of ids");
    }

    while (rc == CRM_OK) {
        rc = crm_scan_element(&a->scan, &err);
        if (rc != CRM_OK) {
            break;
        }

        rc = crm_scan_value(&a->scan, &value, &err);
        if (rc != CRM_OK) {
            break;
        }

        rc = action_id(a, value);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return rc == CRM_DECLINED ? CRM_OK : action_fail(a, rc, &err);
}


static crm_status_t
action_id(action_t *a, crm_span_t value)
{
    crm_str_t  id;

    if (value.type != CRM_JSON_STRING && value.type != CRM_JSON_NUMBER) {
        return action_refuse(a, CRM_REFUSE_BODY, value.data, "$.ids",
                             "an id must be a text");
    }

    id = crm_span_text(value, a->pool);

    return id.data ? action_add(a, id, value.data) : CRM_ENOMEM;
}


/* Records, each of which may name its id; or values for all of them. */
static crm_status_t
action_data(action_t *a)
{
    crm_span_t    value;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_scan_enter(&a->scan, CRM_JSON_ARRAY, &err);

    if (rc == CRM_DECLINED) {
        rc = crm_scan_value(&a->scan, &value, &err);
        return rc == CRM_OK ? CRM_OK : action_fail(a, rc, &err);
    }

    while (rc == CRM_OK) {
        rc = crm_scan_element(&a->scan, &err);
        if (rc != CRM_OK) {
            break;
        }

        rc = crm_scan_value(&a->scan, &value, &err);
        if (rc != CRM_OK || value.type != CRM_JSON_OBJECT) {
            continue;
        }

        value = crm_span_member(value, CRM_STR("id"));

        if (value.type != CRM_JSON_NONE) {
            rc = action_id(a, value);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return rc == CRM_DECLINED ? CRM_OK : action_fail(a, rc, &err);
}


/* A record that stands twice is one. */
static crm_status_t
action_add(action_t *a, crm_str_t id, const char *at)
{
    crm_item_t       *item;
    crm_map_entry_t  *entry;

    if (!crm_dialect_is_id(id)) {
        return action_refuse(a, at ? CRM_REFUSE_BODY : CRM_REFUSE_TARGET, at,
                             "ids", "ids must be a list of ids, each of 1 to"
                             " 64 letters, digits, - and _, a number without"
                             " leading zeros");
    }

    entry = crm_map_add(&a->known, id);
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    if (entry->value) {
        return CRM_OK;
    }

    entry->value = a;

    if (a->request->count >= a->max_records) {
        return action_refuse(a, CRM_REFUSE_RECORDS, at, "ids",
                             "too many records in one request");
    }

    item = crm_dialect_item(a->request, &a->cap, a->pool);
    if (item == NULL) {
        return CRM_ENOMEM;
    }

    item->operation = CRM_OP_ACTION;
    item->module = a->route->module;
    item->record_id = id;

    return CRM_OK;
}


static crm_status_t
action_fail(action_t *a, crm_status_t rc, const crm_error_t *err)
{
    crm_str_t  reason;

    if (rc == CRM_ENOMEM) {
        return CRM_ENOMEM;
    }

    reason = crm_pool_dup(a->pool, crm_strz(err->text));
    if (reason.data == NULL) {
        return CRM_ENOMEM;
    }

    return action_refuse(a, CRM_REFUSE_BODY, a->scan.start + err->offset, "",
                         reason.data);
}


static crm_status_t
action_refuse(action_t *a, crm_refusal_kind_t kind, const char *at,
    const char *where, const char *reason)
{
    crm_refusal_t  *refusal;

    refusal = a->refusal;

    crm_dialect_refusal(refusal, kind, reason);

    refusal->operation = CRM_OP_ACTION;
    refusal->action = a->route->action;
    refusal->module = a->route->module;
    refusal->record_id = a->route->record_id;
    refusal->where = crm_strz(where);
    refusal->offset = at ? (size_t) (at - a->scan.start) : CRM_NO_OFFSET;

    return CRM_EINVAL;
}
