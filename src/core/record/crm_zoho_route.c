/*
 * zoho: which records a method and a target mean, by the routes of the file.
 *
 * A write must be written in the one canonical way, known route or not:
 * crm_zoho_path.c. Parameters of the query that a route does not know, or
 * that come twice, are refused: a backend might read them otherwise.
 */

#include "record/crm_zoho_path.h"


/* Where the segments of a path stand in the route that fits; null strings: its
 * path has no such segment. */
typedef struct {
    const crm_file_route_t  *rule;
    crm_str_t                module;
    crm_str_t                id;
    crm_str_t                related;
    crm_str_t                related_id;
} route_match_t;


static int route_is_read(crm_str_t method);
static unsigned route_bit(crm_str_t method);
static crm_status_t route_match(route_match_t *match,
    const crm_dialect_file_t *file, unsigned bit, crm_zoho_path_t *path);
static int route_fits(const crm_dialect_file_t *file, crm_zoho_path_t *path,
    size_t i, const crm_file_seg_t *seg);
static int route_is(const crm_dialect_file_t *file, crm_file_seg_kind_t kind,
    crm_str_t segment);
static void route_names(route_match_t *match, const crm_zoho_path_t *path);
static crm_status_t route_asks(const crm_dialect_file_t *file,
    crm_route_t *route, crm_str_t target);
static int route_may_ask(const crm_dialect_file_t *file, crm_str_t target);
static crm_status_t route_fill(crm_route_t *route,
    const route_match_t *match, crm_str_t target, crm_refusal_t *refusal);
static crm_status_t route_query(crm_route_t *route,
    const crm_dialect_file_t *file, const crm_file_route_t *rule,
    crm_str_t query, crm_refusal_t *refusal);
static const char *route_value(crm_route_t *route, crm_str_t name,
    crm_str_t value);
static crm_status_t route_refuse(const crm_route_t *route,
    const char *reason, crm_str_t where, crm_refusal_t *refusal);


/* By crm_file_op_t. */
static const crm_operation_t  route_operations[] = {
    CRM_OP_CREATE, CRM_OP_UPDATE, CRM_OP_UPDATE, CRM_OP_NONE, CRM_OP_DELETE,
    CRM_OP_ACTION, CRM_OP_NONE, CRM_OP_NONE, CRM_OP_ACTION
};


crm_status_t
crm_zoho_route(const crm_dialect_file_t *file, crm_route_t *route,
    crm_str_t method, crm_str_t target, crm_str_t query,
    crm_refusal_t *refusal)
{
    crm_str_t         where;
    const char       *fault;
    crm_status_t      rc;
    route_match_t     match;
    crm_zoho_path_t   path;

    if (crm_zoho_path_overrides(file, query, &where)) {
        crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                   "the method cannot be overridden in the query");
        refusal->where = where;
        return CRM_EINVAL;
    }

    if (route_is_read(method)) {
        return crm_str_is(method, "GET") ? route_asks(file, route, target)
                                         : CRM_DECLINED;
    }

    fault = crm_zoho_path_split(&path, target);
    if (fault) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, fault);
    }

    if (route_match(&match, file, route_bit(method), &path) != CRM_OK) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_ROUTE,
                   "nobody knows what this would write: a record is written "
                   "with POST v8/{module}, PUT and DELETE v8/{module}/{id}, "
                   "or one of the vendor's actions");
    }

    if (match.rule->op == CRM_FILE_OP_IGNORE
        || match.rule->op == CRM_FILE_OP_READ)
    {
        return CRM_DECLINED;
    }

    rc = route_fill(route, &match, target, refusal);

    if (rc == CRM_OK) {
        rc = route_query(route, file, match.rule, query, refusal);
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


/* 0: no route has it. */
static unsigned
route_bit(crm_str_t method)
{
    return crm_str_is(method, "POST") ? CRM_FILE_POST
           : crm_str_is(method, "PUT") ? CRM_FILE_PUT
           : crm_str_is(method, "DELETE") ? CRM_FILE_DELETE
           : crm_str_is(method, "PATCH") ? CRM_FILE_PATCH : 0;
}


static crm_status_t
route_match(route_match_t *match, const crm_dialect_file_t *file,
    unsigned bit, crm_zoho_path_t *path)
{
    size_t                   k;
    unsigned                 i;
    const crm_file_route_t  *rule;

    for (i = bit == CRM_FILE_GET ? file->reads : 0; i < file->routes_count;
         i++)
    {
        rule = &file->routes[i];

        if (!(rule->method_bits & bit) || rule->segments_count != path->count)
        {
            continue;
        }

        for (k = 0; k < path->count; k++) {
            if (!route_fits(file, path, k, &rule->segments[k])) {
                break;
            }
        }

        if (k == path->count) {
            memset(match, 0, sizeof(route_match_t));
            match->rule = rule;
            route_names(match, path);

            return CRM_OK;
        }
    }

    return CRM_DECLINED;
}


/* What a segment is, is looked at once, however many routes ask. */
static int
route_fits(const crm_dialect_file_t *file, crm_zoho_path_t *path, size_t i,
    const crm_file_seg_t *seg)
{
    unsigned  bit;

    if (seg->kind == CRM_FILE_SEG_TEXT) {
        return crm_str_eq(seg->text, path->segments[i]);
    }

    bit = 1u << seg->kind;

    if (!(path->known[i] & bit)) {
        path->known[i] |= bit;

        if (route_is(file, seg->kind, path->segments[i])) {
            path->fits[i] |= bit;
        }
    }

    return (path->fits[i] & bit) != 0;
}


static int
route_is(const crm_dialect_file_t *file, crm_file_seg_kind_t kind,
    crm_str_t segment)
{
    switch (kind) {

    case CRM_FILE_SEG_VERSION:
        return crm_zoho_path_is_version(segment);

    case CRM_FILE_SEG_MODULE:
        return crm_zoho_path_is_name(segment)
               && !crm_file_has(&file->reserved, segment, 1);

    case CRM_FILE_SEG_ID:
        return !crm_file_has(&file->reserved_ids, segment, 1);

    case CRM_FILE_SEG_RELATED:
        return crm_zoho_path_is_name(segment)
               && !crm_file_has(&file->reserved_ids, segment, 1);

    case CRM_FILE_SEG_RELATED_ID:
        return crm_dialect_is_id(segment);

    default:
        return 1;
    }
}


static void
route_names(route_match_t *match, const crm_zoho_path_t *path)
{
    size_t  i;

    for (i = 0; i < path->count; i++) {
        switch (match->rule->segments[i].kind) {

        case CRM_FILE_SEG_MODULE:
            match->module = path->segments[i];
            break;

        case CRM_FILE_SEG_ID:
            match->id = path->segments[i];
            break;

        case CRM_FILE_SEG_RELATED:
            match->related = path->segments[i];
            break;

        case CRM_FILE_SEG_RELATED_ID:
            match->related_id = path->segments[i];
            break;

        default:
            break;
        }
    }
}


/* A read of what hangs on a record and is ours to tell, maybe; nothing else is
 * looked at. */
static crm_status_t
route_asks(const crm_dialect_file_t *file, crm_route_t *route,
    crm_str_t target)
{
    crm_refusal_t    refusal;
    route_match_t    match;
    crm_zoho_path_t  path;

    if (!route_may_ask(file, target)
        || crm_zoho_path_split(&path, target) != NULL
        || route_match(&match, file, CRM_FILE_GET, &path) != CRM_OK)
    {
        return CRM_DECLINED;
    }

    if (match.module.len == 0) {

        /* v8/actions/approvals: all that wait, of no record */

        route->operation = CRM_OP_NONE;
        route->action = match.rule->action;
        route->call = 1;

        return CRM_OK;
    }

    if (match.id.len == 0
        || route_fill(route, &match, target, &refusal) != CRM_OK)
    {
        return CRM_DECLINED;
    }

    route->operation = CRM_OP_NONE;

    return CRM_OK;
}


/* By its end: most reads are of records, and cost no more than this. */
static int
route_may_ask(const crm_dialect_file_t *file, crm_str_t target)
{
    unsigned                 i;
    const crm_file_seg_t    *last;
    const crm_file_route_t  *rule;

    for (i = file->reads; i < file->routes_count; i++) {
        rule = &file->routes[i];
        last = &rule->segments[rule->segments_count - 1];

        if ((rule->method_bits & CRM_FILE_GET)
            && (last->kind != CRM_FILE_SEG_TEXT
                || (target.len > last->text.len
                    && memcmp(target.data + target.len - last->text.len,
                              last->text.data, last->text.len) == 0)))
        {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
route_fill(crm_route_t *route, const route_match_t *match, crm_str_t target,
    crm_refusal_t *refusal)
{
    crm_str_t                last;
    const crm_file_route_t  *rule;

    rule = match->rule;

    route->operation = route_operations[rule->op];
    route->module = match->module;
    route->record_id = match->id;
    route->related = match->related;
    route->targets = rule->targets;
    route->resolve = rule->op == CRM_FILE_OP_UPSERT;
    route->workflow = 1;

    if (rule->action.len) {
        route->action = rule->action;
        route->does = rule->does;
        route->call = rule->call;
        route->related_id = match->related_id;
    }

    if (match->id.len && !route->external && !crm_dialect_is_id(match->id)) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                   "the id must be 1 to 64 letters, digits, - and _, a "
                   "number without leading zeros");
    }

    /* what an action does to a record that is named, its route tells */

    route->unseen = route->operation == CRM_OP_ACTION
                    && (rule->targets == CRM_TARGETS_PATH
                        || rule->targets == CRM_TARGETS_ALL);
    route->has_body = !route->unseen && rule->op != CRM_FILE_OP_DELETE;

    if (rule->op != CRM_FILE_OP_CREATE && rule->targets <= CRM_TARGETS_LIST) {

        /* v8/Leads/1 of v8/Leads/1/photo, v8/Leads of v8/Leads/actions/... */

        last = match->id.len ? match->id : match->module;
        route->get_path = crm_str(target.data, (size_t) (last.data + last.len
                                                         - target.data));
    }

    return CRM_OK;
}


static crm_status_t
route_query(crm_route_t *route, const crm_dialect_file_t *file,
    const crm_file_route_t *rule, crm_str_t query, crm_refusal_t *refusal)
{
    crm_str_t    rest, name, value, again;
    const char  *reason;

    while (query.len) {
        name = crm_zoho_path_parameter(&query, &value);

        if (!crm_file_has(&rule->query, name, 0)
            && !crm_file_has(&file->query, name, 0))
        {
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
