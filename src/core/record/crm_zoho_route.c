/*
 * zoho: which records a method and a target mean, by the table of routes.
 *
 * A write must be written in the one canonical way, known route or not:
 * crm_zoho_path.c. Parameters of the query that a route does not know, or
 * that come twice, are refused: a backend might read them otherwise.
 */

#include "record/crm_zoho_path.h"


static int route_is_read(crm_str_t method);
static crm_status_t route_asks(crm_route_t *route, crm_str_t target);
static crm_status_t route_fill(crm_route_t *route,
    const crm_zoho_match_t *match, crm_str_t target, crm_refusal_t *refusal);
static crm_status_t route_query(crm_route_t *route, const char *known,
    crm_str_t query, crm_refusal_t *refusal);
static const char *route_value(crm_route_t *route, crm_str_t name,
    crm_str_t value);
static crm_status_t route_refuse(const crm_route_t *route,
    const char *reason, crm_str_t where, crm_refusal_t *refusal);


/* By crm_zoho_kind_t. */
static const crm_operation_t  route_operations[] = {
    CRM_OP_NONE, CRM_OP_CREATE, CRM_OP_UPDATE, CRM_OP_DELETE, CRM_OP_ACTION,
    CRM_OP_NONE
};


crm_status_t
crm_zoho_route(crm_route_t *route, crm_str_t method, crm_str_t target,
    crm_str_t query, crm_refusal_t *refusal)
{
    const char        *fault;
    crm_status_t       rc;
    crm_zoho_path_t    path;
    crm_zoho_match_t   match;

    if (crm_zoho_path_overrides(query)) {
        crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                   "the method cannot be overridden in the query");
        refusal->where = CRM_STR("_method");
        return CRM_EINVAL;
    }

    if (route_is_read(method)) {
        return crm_str_is(method, "GET") ? route_asks(route, target)
                                         : CRM_DECLINED;
    }

    fault = crm_zoho_path_split(&path, target);
    if (fault) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, fault);
    }

    if (crm_zoho_routes_match(&match, method, &path) != CRM_OK) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_ROUTE,
                   "nobody knows what this would write: a record is written "
                   "with POST v8/{module}, PUT and DELETE v8/{module}/{id}, "
                   "or one of the vendor's actions");
    }

    if (match.row->kind == CRM_ZOHO_PASS) {
        return CRM_DECLINED;
    }

    rc = route_fill(route, &match, target, refusal);

    if (rc == CRM_OK) {
        rc = route_query(route, match.row->query, query, refusal);
    }

    if (rc == CRM_OK && route->operation == CRM_OP_DELETE
        && route->record_id.len == 0 && route->ids.len == 0)
    {
        return crm_dialect_refusal(refusal, CRM_REFUSE_ROUTE,
                   "name the records to delete: v8/{module}/{id}, or"
                   " v8/{module}?ids=1,2,3");
    }

    return rc;
}


static int
route_is_read(crm_str_t method)
{
    return crm_str_is(method, "GET") || crm_str_is(method, "HEAD")
           || crm_str_is(method, "OPTIONS");
}


/* A read of what hangs on a record and is ours to tell, maybe; nothing else is
 * looked at. */
static crm_status_t
route_asks(crm_route_t *route, crm_str_t target)
{
    size_t             i;
    crm_str_t          tail;
    crm_refusal_t      refusal;
    crm_zoho_path_t    path;
    crm_zoho_match_t   match;

    static const struct {
        const char  *tail;
        const char  *method;        /* of a row that has the same path */
    } reads[] = {
        { "/Locking_Information__s", "POST" },
        { "/actions/blueprint", "PUT" },
        { "/actions/approvals", "POST" }
    };

    for (i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        tail = crm_strz(reads[i].tail);

        if (target.len > tail.len
            && memcmp(target.data + target.len - tail.len, tail.data,
                      tail.len) == 0)
        {
            break;
        }
    }

    if (i == sizeof(reads) / sizeof(reads[0])
        || crm_zoho_path_split(&path, target) != NULL)
    {
        return CRM_DECLINED;
    }

    if (path.count == 3 && crm_zoho_path_is_version(path.segments[0])
        && crm_str_is(path.segments[2], "approvals"))
    {
        /* v8/actions/approvals: all that wait, of no record */

        route->operation = CRM_OP_NONE;
        route->action = CRM_STR("approvals");
        route->call = 1;

        return CRM_OK;
    }

    if (crm_zoho_routes_match(&match, crm_strz(reads[i].method), &path)
           != CRM_OK
        || match.id.len == 0
        || route_fill(route, &match, target, &refusal) != CRM_OK)
    {
        return CRM_DECLINED;
    }

    route->operation = CRM_OP_NONE;

    return CRM_OK;
}


static crm_status_t
route_fill(crm_route_t *route, const crm_zoho_match_t *match,
    crm_str_t target, crm_refusal_t *refusal)
{
    crm_str_t              last;
    const crm_zoho_row_t  *row;

    row = match->row;

    route->operation = route_operations[row->kind];
    route->module = match->module;
    route->record_id = match->id;
    route->related = match->related;
    route->targets = row->targets;
    route->resolve = row->kind == CRM_ZOHO_UPSERT;
    route->workflow = 1;

    if (row->action) {
        route->action = crm_strz(row->action);
        route->does = row->does;
        route->call = row->targets == CRM_TARGETS_PATH
                      && (crm_str_is(route->action, "lock")
                          || crm_str_is(route->action, "blueprint")
                          || crm_str_is(route->action, "approvals"));
        route->related_id = match->rid;
    }

    if (match->id.len && !route->external && !crm_dialect_is_id(match->id)) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                   "the id must be 1 to 64 letters, digits, - and _, a "
                   "number without leading zeros");
    }

    /* what an action does to a record that is named, its route tells */

    route->unseen = route->operation == CRM_OP_ACTION
                    && (row->targets == CRM_TARGETS_PATH
                        || row->targets == CRM_TARGETS_ALL);
    route->has_body = !route->unseen && row->kind != CRM_ZOHO_DELETE;

    if (row->kind != CRM_ZOHO_CREATE && row->targets <= CRM_TARGETS_LIST) {

        /* v8/Leads/1 of v8/Leads/1/photo, v8/Leads of v8/Leads/actions/... */

        last = match->id.len ? match->id : match->module;
        route->get_path = crm_str(target.data, (size_t) (last.data + last.len
                                                         - target.data));
    }

    return CRM_OK;
}


static crm_status_t
route_query(crm_route_t *route, const char *known, crm_str_t query,
    crm_refusal_t *refusal)
{
    crm_str_t    rest, name, value, again;
    const char  *reason;

    while (query.len) {
        name = crm_zoho_path_parameter(&query, &value);

        if (!crm_zoho_path_in_words(name, known)) {
            return route_refuse(route, "unknown query parameter", name,
                                refusal);
        }

        rest = query;

        while (rest.len) {
            if (crm_str_eq(crm_zoho_path_parameter(&rest, &again), name)) {
                return route_refuse(route, "query parameter given twice",
                                    name, refusal);
            }
        }

        reason = route_value(route, name, value);
        if (reason) {
            return route_refuse(route, reason, name, refusal);
        }
    }

    return CRM_OK;
}


/* NULL, or what is wrong with the value. */
static const char *
route_value(crm_route_t *route, crm_str_t name, crm_str_t value)
{
    if (crm_str_is(name, "ids")) {
        route->ids = value;
        return value.len ? NULL : "the query parameter must be a list of ids";
    }

    if (crm_str_is(name, "wf_trigger")) {
        route->workflow = crm_str_is(value, "true");

        return route->workflow || crm_str_is(value, "false")
               ? NULL : "the query parameter must be true or false";
    }

    return NULL;
}


static crm_status_t
route_refuse(const crm_route_t *route, const char *reason, crm_str_t where,
    crm_refusal_t *refusal)
{
    crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, reason);

    refusal->operation = route->operation;
    refusal->module = route->module;
    refusal->record_id = route->record_id;
    refusal->where = where;

    return CRM_EINVAL;
}
