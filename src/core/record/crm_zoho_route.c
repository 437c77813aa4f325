/*
 * zoho: which record a method and a target mean.
 *
 * A write must be written in the one canonical way: whatever a backend might
 * read differently from us (escapes, dots, doubled slashes, parameters given
 * twice) is refused, known route or not.
 */

#include "record/crm_zoho.h"

#include "base/crm_limits.h"


/* version, module, id, sub-resource, its id */
#define ROUTE_MAX_SEGMENTS  5

/* v8, v2.1: three digits will do for a while */
#define ROUTE_MAX_VERSION   7


typedef struct {
    crm_str_t  segments[ROUTE_MAX_SEGMENTS];
    size_t     count;           /* of all segments, kept or not */
} route_path_t;


static int route_is_read(crm_str_t method);
static const char *route_split(route_path_t *path, crm_str_t target);
static int route_is_char(unsigned char c);
static int route_is_version(crm_str_t s);
static int route_is_module(crm_str_t s);
static int route_is_reserved(crm_str_t s, const char *const *names);
static int route_is_harmless(crm_str_t method, const route_path_t *path);
static crm_status_t route_record(crm_route_t *route, crm_str_t method,
    const route_path_t *path, crm_str_t target, crm_refusal_t *refusal);
static crm_status_t route_query(crm_route_t *route, crm_str_t query,
    crm_refusal_t *refusal);
static int route_overrides(crm_str_t query);
static char route_hex(const char *p);
static crm_str_t route_parameter(crm_str_t *query, crm_str_t *value);
static crm_status_t route_unknown(const char *reason,
    crm_refusal_t *refusal);


/* Resources of the API that stand where modules do. Their names are compared
 * without regard to case: no backend should find a door that we do not. */
static const char *const  route_resources[] = {
    "actions", "bulk", "cadences", "coql", "data_sharing", "emails",
    "features", "files", "functions", "licenses", "Locking_Information__s",
    "notifications", "org", "portals", "recycle_bin", "search", "settings",
    "shift_hours", "territories", "upload", "users", "wizards", "zia", NULL
};

/* Words that stand where ids do. */
static const char *const  route_words[] = {
    "actions", "deleted", "search", "upsert", NULL
};


crm_status_t
crm_zoho_route(crm_route_t *route, crm_str_t method, crm_str_t target,
    crm_str_t query, crm_refusal_t *refusal)
{
    const char    *fault;
    route_path_t   path;

    if (route_overrides(query)) {
        crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                   "the method cannot be overridden in the query");
        refusal->where = CRM_STR("_method");
        return CRM_EINVAL;
    }

    if (route_is_read(method)) {
        return CRM_DECLINED;
    }

    fault = route_split(&path, target);
    if (fault) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, fault);
    }

    if (path.count < 2 || !route_is_version(path.segments[0])) {
        return route_unknown("a write must go to v8/{module} or "
                             "v8/{module}/{id}", refusal);
    }

    if (route_is_harmless(method, &path)) {
        return CRM_DECLINED;
    }

    if (!route_is_module(path.segments[1])
        || route_is_reserved(path.segments[1], route_resources))
    {
        return route_unknown("this is no module whose records can be written",
                             refusal);
    }

    route->module = path.segments[1];
    route->workflow = 1;

    if (path.count == 2 && crm_str_is(method, "POST")) {
        route->operation = CRM_OP_CREATE;
        route->has_body = 1;

    } else if (route_record(route, method, &path, target, refusal)
               != CRM_OK)
    {
        return CRM_EINVAL;
    }

    return route_query(route, query, refusal);
}


static int
route_is_read(crm_str_t method)
{
    return crm_str_is(method, "GET") || crm_str_is(method, "HEAD")
           || crm_str_is(method, "OPTIONS");
}


/* NULL, or what is wrong with the target. */
static const char *
route_split(route_path_t *path, crm_str_t target)
{
    size_t     i, from;
    crm_str_t  segment;

    memset(path, 0, sizeof(route_path_t));

    if (target.len == 0) {
        return NULL;
    }

    for (i = 0; i < target.len; i++) {
        if (target.data[i] != '/'
            && !route_is_char((unsigned char) target.data[i]))
        {
            return "the path of a write may hold letters, digits, "
                   "- . _ and / only, none of them escaped";
        }
    }

    from = 0;

    for (i = 0; i <= target.len; i++) {
        if (i < target.len && target.data[i] != '/') {
            continue;
        }

        segment = crm_str(target.data + from, i - from);
        from = i + 1;

        if (segment.len == 0) {
            return "the path of a write must not have an empty segment";
        }

        if (crm_str_is(segment, ".") || crm_str_is(segment, "..")) {
            return "the path of a write must not have a dot segment";
        }

        if (path->count < ROUTE_MAX_SEGMENTS) {
            path->segments[path->count] = segment;
        }

        path->count++;
    }

    return NULL;
}


static int
route_is_char(unsigned char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
           || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}


/* v2, v2.1, v8 ... */
static int
route_is_version(crm_str_t s)
{
    int     points;
    size_t  i;

    if (s.len < 2 || s.len > ROUTE_MAX_VERSION || s.data[0] != 'v'
        || s.data[1] < '1' || s.data[1] > '9' || s.data[s.len - 1] == '.')
    {
        return 0;
    }

    points = 0;

    for (i = 2; i < s.len; i++) {
        if (s.data[i] == '.') {
            points++;

        } else if (s.data[i] < '0' || s.data[i] > '9') {
            return 0;
        }
    }

    /* of the first version, v1 and v1.x, nothing is known */

    return points <= 1
           && (s.data[1] != '1' || (s.len > 2 && s.data[2] != '.'));
}


static int
route_is_module(crm_str_t s)
{
    size_t  i;

    if (s.len == 0 || s.len > CRM_MAX_MODULE_NAME
        || (s.data[0] | 0x20) < 'a' || (s.data[0] | 0x20) > 'z')
    {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!route_is_char((unsigned char) s.data[i])
            || s.data[i] == '.' || s.data[i] == '-')
        {
            return 0;
        }
    }

    return 1;
}


static int
route_is_reserved(crm_str_t s, const char *const *names)
{
    size_t  i;

    for (i = 0; names[i]; i++) {
        if (crm_str_caseeq(s, crm_strz(names[i]))) {
            return 1;
        }
    }

    return 0;
}


/* Queries that are POSTed: v8/coql, v8/Leads/search, .../actions/search */
static int
route_is_harmless(crm_str_t method, const route_path_t *path)
{
    const crm_str_t  *segments;

    if (!crm_str_is(method, "POST")) {
        return 0;
    }

    segments = path->segments;

    switch (path->count) {

    case 2:
        return crm_str_is(segments[1], "coql");

    case 3:
        return crm_str_is(segments[2], "search")
               && (crm_str_is(segments[1], "actions")
                   || (route_is_module(segments[1])
                       && !route_is_reserved(segments[1], route_resources)));

    case 4:
        return crm_str_is(segments[2], "actions")
               && crm_str_is(segments[3], "search")
               && route_is_module(segments[1])
               && !route_is_reserved(segments[1], route_resources);

    default:
        return 0;
    }
}


static crm_status_t
route_record(crm_route_t *route, crm_str_t method, const route_path_t *path,
    crm_str_t target, crm_refusal_t *refusal)
{
    crm_operation_t  operation;

    if (crm_str_is(method, "PUT") || crm_str_is(method, "PATCH")) {
        operation = CRM_OP_UPDATE;

    } else if (crm_str_is(method, "DELETE")) {
        operation = CRM_OP_DELETE;

    } else {
        return route_unknown("a record is written with POST v8/{module}, "
                             "or PUT and DELETE v8/{module}/{id}", refusal);
    }

    if (path->count == 2) {
        route->operation = operation;
        route->get_path = target;
        route->has_body = operation == CRM_OP_UPDATE;

        return CRM_OK;
    }

    if (path->count > 3
        || route_is_reserved(path->segments[2], route_words))
    {
        return route_unknown("this part of a record cannot be written here",
                             refusal);
    }

    if (!crm_dialect_is_id(path->segments[2])) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                   "the id must be 1 to 64 letters, digits, - and _, a "
                   "number without leading zeros");
    }

    route->operation = operation;
    route->record_id = path->segments[2];
    route->get_path = target;
    route->has_body = operation == CRM_OP_UPDATE;

    return CRM_OK;
}


/* Known are wf_trigger and, without an id in the path, ids; on DELETE. */
static crm_status_t
route_query(crm_route_t *route, crm_str_t query, crm_refusal_t *refusal)
{
    int          seen, ids;
    crm_str_t    name, value;
    const char  *reason;

    ids = route->operation == CRM_OP_DELETE && route->record_id.len == 0;
    seen = 0;

    while (query.len) {
        name = route_parameter(&query, &value);

        if (ids && crm_str_is(name, "ids") && route->ids.data == NULL
            && value.len)
        {
            route->ids = value;
            continue;
        }

        if (ids && crm_str_is(name, "ids")) {
            reason = value.len ? "query parameter given twice"
                               : "the query parameter must name records, as"
                                 " ids=1,2,3";

        } else if (route->operation != CRM_OP_DELETE
                   || !crm_str_is(name, "wf_trigger"))
        {
            reason = "unknown query parameter";

        } else if (seen++) {
            reason = "query parameter given twice";

        } else if (!crm_str_is(value, "true")
                   && !crm_str_is(value, "false"))
        {
            reason = "the query parameter must be true or false";

        } else {
            route->workflow = crm_str_is(value, "true");
            continue;
        }

        crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, reason);
        refusal->operation = route->operation;
        refusal->module = route->module;
        refusal->record_id = route->record_id;
        refusal->where = name;

        return CRM_EINVAL;
    }

    if (ids && route->ids.len == 0) {
        return route_unknown("name the records to delete: v8/{module}/{id},"
                             " or v8/{module}?ids=1,2,3", refusal);
    }

    return CRM_OK;
}


/* Whether any parameter is _method, however it is written: on reads too. */
static int
route_overrides(crm_str_t query)
{
    char       text[sizeof("_method") - 1];
    size_t     i, n;
    crm_str_t  name, value;

    while (query.len) {
        name = route_parameter(&query, &value);

        for (i = 0, n = 0; i < name.len && n < sizeof(text); n++) {
            text[n] = name.data[i++];

            if (text[n] == '%' && name.len - i >= 2) {
                text[n] = route_hex(name.data + i);
                i += 2;
            }
        }

        if (i == name.len
            && crm_str_caseeq(crm_str(text, n), CRM_STR("_method")))
        {
            return 1;
        }
    }

    return 0;
}


/* Two hexadecimal digits as a byte; anything else as a zero byte. */
static char
route_hex(const char *p)
{
    int          i, byte;
    const char  *digit;

    static const char  digits[] = "0123456789abcdef";

    byte = 0;

    for (i = 0; i < 2; i++) {
        digit = memchr(digits, p[i] >= 'A' && p[i] <= 'F' ? p[i] | 0x20
                                                          : p[i],
                       sizeof(digits) - 1);
        if (digit == NULL) {
            return '\0';
        }

        byte = byte << 4 | (int) (digit - digits);
    }

    return (char) byte;
}


/* Cuts the first parameter off *query. */
static crm_str_t
route_parameter(crm_str_t *query, crm_str_t *value)
{
    size_t       n;
    crm_str_t    name;
    const char  *end;

    end = memchr(query->data, '&', query->len);
    n = end ? (size_t) (end - query->data) : query->len;

    name = crm_str(query->data, n);

    n += end != NULL;
    *query = crm_str(query->data + n, query->len - n);

    end = memchr(name.data, '=', name.len);
    n = end ? (size_t) (end - name.data) : name.len;

    *value = end ? crm_str(end + 1, name.len - n - 1) : CRM_STR_NULL;

    return crm_str(name.data, n);
}


static crm_status_t
route_unknown(const char *reason, crm_refusal_t *refusal)
{
    return crm_dialect_refusal(refusal, CRM_REFUSE_ROUTE, reason);
}
