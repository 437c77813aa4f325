/*
 * Dialect files: what a request is, as far as method, target and headers tell.
 */

#include "record/crm_file.h"

#include "record/crm_dialect_kind.h"


static int route_is_read(crm_str_t method);
static crm_status_t route_method(crm_file_match_t *match, crm_pool_t *pool,
    crm_refusal_t *refusal);
static int route_override(const crm_file_match_t *match,
    const crm_file_override_t *o, crm_str_t *value, crm_pool_t *pool);
static crm_status_t route_write(crm_route_t *route, crm_file_match_t *match,
    crm_pool_t *pool, crm_refusal_t *refusal);
static int route_known(const crm_file_match_t *match, crm_str_t name);
static crm_status_t route_get(crm_route_t *route,
    const crm_file_match_t *match, crm_pool_t *pool);
static crm_str_t route_type(crm_str_t content_type, crm_str_t *rest);
static int route_json_only(const crm_file_body_t *body);
static int route_charset(crm_str_t rest);
static crm_str_t route_trim(crm_str_t s);
static crm_status_t route_other(crm_file_policy_t policy, const char *reason,
    crm_refusal_t *refusal);


crm_status_t
crm_file_route(const crm_dialect_file_t *file, crm_route_t *route,
    const crm_ask_t *ask, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_status_t       rc;
    crm_file_match_t  *match;

    match = crm_pool_calloc(pool, 1, sizeof(crm_file_match_t));
    if (match == NULL) {
        return CRM_ENOMEM;
    }

    match->file = file;
    match->ask = *ask;
    match->method = ask->method;

    rc = route_method(match, pool, refusal);
    if (rc != CRM_OK) {
        return rc;
    }

    if (route_is_read(match->method)) {
        return CRM_DECLINED;
    }

    rc = crm_file_target(file, &match->target, ask->target, pool, refusal);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_file_match(match, NULL, pool, refusal);

    if (rc == CRM_DECLINED) {
        return crm_dialect_refusal(refusal, CRM_REFUSE_ROUTE,
                                   "the dialect knows no such write");
    }

    if (rc != CRM_OK) {
        refusal->module = match->module;
        return rc;
    }

    if (match->rule && (match->rule->op == CRM_FILE_OP_READ
                        || match->rule->op == CRM_FILE_OP_IGNORE))
    {
        return CRM_DECLINED;
    }

    return route_write(route, match, pool, refusal);
}


crm_status_t
crm_file_type(const crm_dialect_file_t *file, crm_str_t content_type,
    crm_str_t content_encoding, crm_refusal_t *refusal)
{
    unsigned      i;
    crm_str_t     type, rest;
    const char   *other;
    crm_status_t  rc;

    type = route_type(content_type, &rest);

    for (i = 0; i < file->body.types_count; i++) {
        if (crm_str_caseeq(file->body.types[i].type, type)) {
            break;
        }
    }

    rc = CRM_OK;
    content_encoding = route_trim(content_encoding);
    other = route_json_only(&file->body)
            ? "the Content-Type must be application/json in UTF-8" : NULL;

    if (i == file->body.types_count) {
        rc = route_other(file->body.on_other, other ? other
                         : "a body of this Content-Type cannot be judged",
                         refusal);

    } else if (file->body.types[i].reader == CRM_FILE_READ_MULTIPART
               ? !crm_file_is_multipart(content_type) : !route_charset(rest))
    {
        rc = route_other(file->body.on_charset, other ? other
                         : "the body must be in UTF-8", refusal);
    }

    if (rc == CRM_OK && content_encoding.len
        && !crm_str_caseeq(content_encoding, CRM_STR("identity")))
    {
        rc = route_other(file->body.on_encoding, "the body must come without"
                         " Content-Encoding", refusal);
    }

    return rc;
}


static int
route_is_read(crm_str_t method)
{
    return crm_str_is(method, "GET") || crm_str_is(method, "HEAD")
           || crm_str_is(method, "OPTIONS");
}


/* From POST only, as every backend that was met. */
static crm_status_t
route_method(crm_file_match_t *match, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    char                       *upper;
    size_t                      k;
    unsigned                    i;
    crm_str_t                   value;
    const crm_dialect_file_t   *file;

    file = match->file;

    for (i = 0; i < file->overrides_count; i++) {
        if (!route_override(match, &file->overrides[i], &value, pool)) {
            continue;
        }

        if (file->on_override == CRM_FILE_REFUSE) {
            crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                                "the method cannot be overridden");
            refusal->where = file->overrides[i].name;

            return CRM_EINVAL;
        }

        if (!crm_str_is(match->ask.method, "POST")) {
            return CRM_OK;
        }

        upper = crm_pool_alloc(pool, value.len + 1);
        if (upper == NULL) {
            return CRM_ENOMEM;
        }

        for (k = 0; k < value.len; k++) {
            upper[k] = value.data[k] >= 'a' && value.data[k] <= 'z'
                       ? (char) (value.data[k] & ~0x20) : value.data[k];
        }

        match->method = crm_str(upper, value.len);

        /* a POST that says that it is a read has a body that may be a write's
         * where the backend thinks otherwise */

        return route_is_read(match->method)
               ? crm_dialect_refusal(refusal, CRM_REFUSE_TARGET, "a POST must"
                                     " not be overridden to a read")
               : CRM_OK;
    }

    return CRM_OK;
}


/* A query that cannot be decoded, or says it twice, says it; where overrides
 * are refused, so does a name in the other case, which some backends take for
 * the same. Fields of forms are found with the body. */
static int
route_override(const crm_file_match_t *match, const crm_file_override_t *o,
    crm_str_t *value, crm_pool_t *pool)
{
    crm_str_t     query, name;
    crm_status_t  rc;

    *value = CRM_STR("");

    switch (o->place) {

    case CRM_FILE_IN_HEADER:
        return match->ask.header
               && match->ask.header(match->ask.host, o->name, value);

    case CRM_FILE_IN_QUERY:
        if (match->file->on_override != CRM_FILE_REFUSE) {
            return crm_file_query(match->ask.query, o->name, value, pool)
                   != CRM_DECLINED;
        }

        query = match->ask.query;

        while ((rc = crm_file_parameter(&query, &name, value, pool))
               == CRM_OK)
        {
            if (crm_str_caseeq(name, o->name)) {
                return 1;
            }
        }

        return rc != CRM_DECLINED;

    default:
        return 0;
    }
}


static crm_status_t
route_write(crm_route_t *route, crm_file_match_t *match, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    unsigned                 i;
    crm_str_t                rest;
    crm_str_t                type;
    crm_status_t             rc;
    const crm_file_route_t  *rule;

    rule = match->rule;
    route->match = match;
    route->workflow = 1;

    type = route_type(match->ask.content_type, &rest);

    for (i = 0; i < match->file->body.types_count; i++) {
        if (crm_str_caseeq(match->file->body.types[i].type, type)) {
            match->reader = match->file->body.types[i].reader;
        }
    }

    if (rule == NULL) {
        route->has_body = 1;
        return CRM_OK;
    }

    route->operation = rule->op == CRM_FILE_OP_CREATE ? CRM_OP_CREATE
                       : rule->op == CRM_FILE_OP_UPSERT ? CRM_OP_NONE
                       : rule->op == CRM_FILE_OP_DELETE ? CRM_OP_DELETE
                                                        : CRM_OP_UPDATE;
    route->resolve = rule->op == CRM_FILE_OP_UPSERT;
    route->action = route->resolve ? CRM_STR("upsert") : CRM_STR("");
    route->module = match->module;
    route->record_id = match->id;
    route->has_body = rule->record.set || rule->shared_ids.set
                      || rule->json_string.set
                      || rule->op == CRM_FILE_OP_ACTION
                      || rule->module.from == CRM_FILE_FROM_BODY
                      || rule->module.from == CRM_FILE_FROM_ITEM
                      || rule->id.from == CRM_FILE_FROM_BODY
                      || rule->id.from == CRM_FILE_FROM_ITEM;

    rc = crm_file_known(match, pool, refusal);

    if (rc == CRM_EINVAL) {
        refusal->operation = route->operation;
        refusal->module = route->module;
        refusal->record_id = route->record_id;
    }

    return rc == CRM_OK ? route_get(route, match, pool) : rc;
}


/* A parameter that nobody knows may name another record, or another method. */
crm_status_t
crm_file_known(const crm_file_match_t *match, crm_pool_t *pool,
    crm_refusal_t *refusal)
{
    crm_str_t     query, name, value, again;
    crm_status_t  rc;

    query = match->ask.query;

    while ((rc = crm_file_parameter(&query, &name, &value, pool)) == CRM_OK) {
        refusal->where = CRM_STR_NULL;

        if (!route_known(match, name)) {
            crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                                "unknown query parameter");
            refusal->where = name;
            return CRM_EINVAL;
        }

        rc = crm_file_query(query, name, &again, pool);

        if (rc != CRM_DECLINED) {
            crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                                "query parameter given twice");
            refusal->where = name;
            return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
        }
    }

    return rc == CRM_DECLINED ? CRM_OK : rc == CRM_ENOMEM ? rc
           : crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                                 "the query holds a % that is no escape");
}


static int
route_known(const crm_file_match_t *match, crm_str_t name)
{
    unsigned                 i;
    const crm_file_route_t  *rule;

    rule = match->rule;

    if (crm_file_has(&match->file->query, name, 0)
        || crm_file_has(&rule->query, name, 0)
        || crm_file_has(&match->file->query, CRM_STR("*"), 0)
        || crm_file_has(&match->file->forward_auth.query, name, 0))
    {
        return 1;
    }

    if ((rule->id.from == CRM_FILE_FROM_QUERY
         || rule->id.from == CRM_FILE_FROM_FILTER)
        && crm_str_eq(rule->id.name, name))
    {
        return 1;
    }

    for (i = 0; i < rule->tests_count - rule->body_tests; i++) {
        if (rule->tests[i].kind == CRM_FILE_TEST_QUERY
            && crm_str_eq(rule->tests[i].name, name))
        {
            return 1;
        }
    }

    for (i = 0; i < match->file->overrides_count; i++) {
        if (match->file->overrides[i].place == CRM_FILE_IN_QUERY
            && crm_str_eq(match->file->overrides[i].name, name))
        {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
route_get(crm_route_t *route, const crm_file_match_t *match,
    crm_pool_t *pool)
{
    crm_buf_t          buf;
    crm_fill_values_t  values;

    if (route->operation == CRM_OP_CREATE || match->id.len == 0) {
        return CRM_OK;
    }

    memset(&values, 0, sizeof(crm_fill_values_t));
    values.vars[CRM_FILL_MODULE] = match->module;
    values.vars[CRM_FILL_ID] = match->id;

    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, match->target.prefix);
    crm_fill_write(&buf, &match->file->get.path, &values, CRM_FILL_AS_URL);
    route->get_path = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* "application/json" of "application/json; charset=utf-8"; "none" of none. */
static crm_str_t
route_type(crm_str_t content_type, crm_str_t *rest)
{
    size_t       n;
    const char  *end;

    if (content_type.len == 0) {
        *rest = CRM_STR_NULL;
        return CRM_STR("none");
    }

    end = memchr(content_type.data, ';', content_type.len);
    n = end ? (size_t) (end - content_type.data) : content_type.len;

    *rest = crm_str(content_type.data + n, content_type.len - n);

    content_type = route_trim(crm_str(content_type.data, n));

    /* a header that says "none" is there, and of a type that nobody has */

    return crm_str_caseeq(content_type, CRM_STR("none")) ? CRM_STR("")
                                                         : content_type;
}


/* Whether nothing else is read: then it can be said what a body must be. */
static int
route_json_only(const crm_file_body_t *body)
{
    unsigned  i;

    for (i = 0; i < body->types_count; i++) {
        if (!crm_str_is(body->types[i].type, "application/json")
            && !crm_str_is(body->types[i].type, "none"))
        {
            return 0;
        }
    }

    return 1;
}


/* No parameter but charset=utf-8. */
static int
route_charset(crm_str_t rest)
{
    size_t       n;
    crm_str_t    part;
    const char  *end;

    while (rest.len) {
        end = memchr(rest.data, ';', rest.len);
        n = end ? (size_t) (end - rest.data) : rest.len;
        part = route_trim(crm_str(rest.data, n));

        n += end != NULL;
        rest = crm_str(rest.data + n, rest.len - n);

        if (part.len && !crm_str_caseeq(part, CRM_STR("charset=utf-8"))
            && !crm_str_caseeq(part, CRM_STR("charset=\"utf-8\"")))
        {
            return 0;
        }
    }

    return 1;
}


static crm_str_t
route_trim(crm_str_t s)
{
    while (s.len && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
    }

    while (s.len
           && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
    {
        s.len--;
    }

    return s;
}


static crm_status_t
route_other(crm_file_policy_t policy, const char *reason,
    crm_refusal_t *refusal)
{
    return policy == CRM_FILE_PASS ? CRM_DECLINED
           : crm_dialect_refusal(refusal, CRM_REFUSE_TYPE, reason);
}
