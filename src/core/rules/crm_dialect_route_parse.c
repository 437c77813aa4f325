/*
 * Dialect files: routes.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t route_parse(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t route_op(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t route_named(crm_file_route_t *r, crm_str_t op,
    const char *prefix, int *named, crm_pool_t *pool);
static crm_status_t route_restrict(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t route_source(crm_file_source_t *source,
    const json_t *json, int is_id, const char *path, crm_compile_t *cc);
static crm_status_t route_shared(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t route_set(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t route_complete(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static int route_has(const crm_file_route_t *r, crm_file_seg_kind_t kind);


static const char *const  words_absent[] = { "keep", "clear", NULL };
static const char *const  words_set[] = { "refuse", "pass", "resolve", NULL };

/* By crm_file_op_t, action aside. */
static const char *const  route_ops[] = {
    "create", "update", "replace", "upsert", "delete", "action", "read",
    "ignore", "composite", NULL
};

/* By the bits of CRM_RESTRICT_... */
static const char *const  route_restricts[] = {
    "update", "delete", "change_owner", "tags", "convert", NULL
};

const crm_key_t  crm_dialect_parts_route_keys[] = {
    { "match", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "which requests it is for" },
    { "op", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, route_ops, NULL,
      "create, update, replace, upsert, delete, action:NAME, read, ignore" },
    { "restricts", CRM_KEY_TEXTS, 0, 0, 5, route_restricts, NULL,
      "what a lock must allow for it" },
    { "query", CRM_KEY_TEXTS, 0, 0, 20, NULL, NULL,
      "parameters that it may have" },
    { "module", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "path, body:PTR, form:NAME, item:PTR, id_prefix or const:NAME" },
    { "id", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "path, query:NAME, filter:NAME, body:PTR, item:PTR or none" },
    { "separator", CRM_KEY_TEXT, 0, 0, 1, NULL, NULL,
      "between ids in the query" },
    { "record", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a pointer to the record, or with * to each of many" },
    { "decode", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "json-string:NAME, a member of the body that holds JSON as a string" },
    { "shared", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "one record that is written to many ids" },
    { "meta", CRM_KEY_TEXTS, 0, 0, 100, NULL, NULL,
      "keys of a record that are no fields" },
    { "absent", CRM_KEY_WORD, 0, 0, 0, words_absent, NULL,
      "what becomes of a field that is not sent" },
    { "on_unknown_set", CRM_KEY_WORD, 0, 0, 0, words_set, NULL,
      "when it cannot be known which records are meant" },
    { "resolve", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how they are found, of on_unknown_set resolve" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_shared_keys[] = {
    { "ids", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "a pointer to each id" },
    { "record", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a pointer to the record; none where nothing is sent" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_routes(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    size_t             i;
    json_t            *value;
    crm_status_t       rc;
    crm_file_route_t  *routes;

    file = json_object_get(file, "routes");
    routes = crm_pool_calloc(cc->pool, json_array_size(file),
                             sizeof(crm_file_route_t));
    if (routes == NULL) {
        return CRM_ENOMEM;
    }

    d->routes = routes;
    rc = CRM_OK;

    json_array_foreach((json_t *) file, i, value) {
        rc = crm_dialect_parts_worse(rc,
                 route_parse(&routes[d->routes_count++], value,
                             crm_shape_index(cc, "routes", i), cc));
    }

    return rc;
}


static crm_status_t
route_parse(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_shape_check(json, crm_dialect_parts_route_keys, "a route", path,
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_dialect_parts_match(r, json_object_get(json, "match"),
                     crm_shape_path(cc, path, "match"), cc);
    rc = crm_dialect_parts_worse(rc, route_op(r, json, path, cc));
    rc = crm_dialect_parts_worse(rc,
             route_restrict(r, json_object_get(json, "restricts"),
                            crm_shape_path(cc, path, "restricts"), cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_texts(&r->query, json_object_get(json,
                                         "query"), cc->pool));
    rc = crm_dialect_parts_worse(rc,
             route_source(&r->module, json_object_get(json, "module"), 0,
                          crm_shape_path(cc, path, "module"), cc));
    rc = crm_dialect_parts_worse(rc,
             route_source(&r->id, json_object_get(json, "id"), 1,
                          crm_shape_path(cc, path, "id"), cc));

    r->id.separator = json_object_get(json, "separator")
                      ? json_string_value(json_object_get(json,
                                                          "separator"))[0]
                      : ',';

    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&r->record,
                 json_object_get(json, "record"),
                 crm_shape_path(cc, path, "record"), cc));
    rc = crm_dialect_parts_worse(rc,
             route_shared(r, json_object_get(json, "shared"),
                          crm_shape_path(cc, path, "shared"), cc));

    if (rc != CRM_OK) {
        return rc;
    }

    r->absent_clear = crm_str_is(crm_shape_str(json_object_get(json,
                                     "absent")), "clear")
                      || (r->op == CRM_FILE_OP_REPLACE
                          && json_object_get(json, "absent") == NULL);

    rc = route_set(r, json, path, cc);
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_texts(&r->meta, json_object_get(json, "meta"),
                                     cc->pool));

    return rc == CRM_OK ? route_complete(r, json, path, cc) : rc;
}


static crm_status_t
route_op(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    int           named;
    size_t        i;
    crm_str_t     op;
    const char   *near;
    crm_status_t  rc;

    named = 0;
    op = crm_shape_str(json_object_get(json, "op"));

    rc = route_named(r, op, "action:", &named, cc->pool);

    if (rc == CRM_OK && !named) {
        rc = route_named(r, op, "call:", &named, cc->pool);
        r->call = named;
    }

    if (rc != CRM_OK || named) {
        return rc;
    }

    for (i = 0; route_ops[i]; i++) {
        if (crm_str_is(op, route_ops[i]) && i != CRM_FILE_OP_ACTION) {
            r->op = (crm_file_op_t) i;
            return CRM_OK;
        }
    }

    near = crm_shape_nearest(op.data, route_ops);

    return crm_shape_error(cc, crm_shape_path(cc, path, "op"),
                           "unknown_value", near, "op is create, update,"
                           " replace, upsert, delete, action:NAME, read or"
                           " ignore; of the mechanism zoho also call:NAME or"
                           " composite");
}


/* An action, where op begins with prefix: its name follows. */
static crm_status_t
route_named(crm_file_route_t *r, crm_str_t op, const char *prefix, int *named,
    crm_pool_t *pool)
{
    size_t  n;

    n = strlen(prefix);

    if (op.len <= n || memcmp(op.data, prefix, n) != 0) {
        return CRM_OK;
    }

    *named = 1;
    r->op = CRM_FILE_OP_ACTION;
    r->action = crm_pool_dup(pool, crm_str(op.data + n, op.len - n));

    return r->action.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
route_restrict(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    size_t        i, k;
    json_t       *value;
    crm_status_t  rc;

    rc = CRM_OK;

    json_array_foreach((json_t *) json, i, value) {
        for (k = 0; route_restricts[k]; k++) {
            if (crm_str_is(crm_shape_str(value), route_restricts[k])) {
                r->does |= 1u << k;
                break;
            }
        }

        if (route_restricts[k] == NULL) {
            rc = crm_shape_error(cc, crm_shape_index(cc, path, i),
                                 "unknown_value",
                                 crm_shape_nearest(crm_shape_str(value).data,
                                                   route_restricts),
                                 "a lock restricts update, delete,"
                                 " change_owner, tags or convert");
        }
    }

    return rc;
}


static crm_status_t
route_source(crm_file_source_t *source, const json_t *json, int is_id,
    const char *path, crm_compile_t *cc)
{
    size_t      i;
    crm_str_t   text, rest;

    static const struct {
        const char       *word;
        crm_file_from_t   from;
        int               for_id;       /* 1 ids, 2 modules, 3 both */
    } rows[] = {
        { "none", CRM_FILE_FROM_NONE, 3 },
        { "list", CRM_FILE_FROM_LIST, 1 },
        { "path", CRM_FILE_FROM_PATH, 3 },
        { "id_prefix", CRM_FILE_FROM_ID_PREFIX, 2 },
        { "const:", CRM_FILE_FROM_CONST, 2 },
        { "query:", CRM_FILE_FROM_QUERY, 1 },
        { "filter:", CRM_FILE_FROM_FILTER, 1 },
        { "body:", CRM_FILE_FROM_BODY, 3 },
        { "item:", CRM_FILE_FROM_ITEM, 3 },
        { "form:", CRM_FILE_FROM_BODY, 3 },
    };

    if (json == NULL) {
        return CRM_OK;
    }

    text = crm_shape_str(json);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rest = crm_strz(rows[i].word);

        if (!(rows[i].for_id & (is_id ? 1 : 2)) || text.len < rest.len
            || memcmp(text.data, rest.data, rest.len) != 0
            || (rest.data[rest.len - 1] != ':' && text.len != rest.len))
        {
            continue;
        }

        source->from = rows[i].from;
        rest = crm_str(text.data + rest.len, text.len - rest.len);

        if (crm_str_is(crm_strz(rows[i].word), "form:")) {
            rest = crm_pool_printf(cc->pool, "/%.*s", (int) rest.len,
                                   rest.data);
            if (rest.data == NULL) {
                return CRM_ENOMEM;
            }
        }

        if (rows[i].from == CRM_FILE_FROM_BODY
            || rows[i].from == CRM_FILE_FROM_ITEM)
        {
            return crm_dialect_parts_pointer_text(&source->pointer, rest,
                                                  path, cc);
        }

        source->name = crm_pool_dup(cc->pool, rest);

        return source->name.data ? CRM_OK : CRM_ENOMEM;
    }

    return crm_shape_error(cc, path, "bad_source", NULL, is_id
                           ? "an id comes from path, query:NAME, filter:NAME,"
                             " body:PTR, form:NAME, item:PTR, or there is"
                             " none"
                           : "a module comes from path, body:PTR, form:NAME,"
                             " item:PTR, id_prefix or const:NAME");
}


static crm_status_t
route_shared(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_shared_keys, "shared", path,
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_dialect_parts_pointer(&r->shared_ids,
                                   json_object_get(json, "ids"),
                                   crm_shape_path(cc, path, "ids"), cc);

    return crm_dialect_parts_worse(rc,
               crm_dialect_parts_pointer(&r->record,
                   json_object_get(json, "record"),
                   crm_shape_path(cc, path, "record"), cc));
}


/* on_unknown_set, and what resolve needs. */
static crm_status_t
route_set(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_str_t      word;
    const json_t  *resolve;

    word = crm_shape_str(json_object_get(json, "on_unknown_set"));
    resolve = json_object_get(json, "resolve");

    r->on_unknown_set = crm_str_is(word, "pass") ? CRM_FILE_SET_PASS
                        : crm_str_is(word, "resolve") ? CRM_FILE_SET_RESOLVE
                                                      : CRM_FILE_SET_REFUSE;

    if ((r->on_unknown_set == CRM_FILE_SET_RESOLVE) != (resolve != NULL)) {
        return crm_shape_error(cc, path, "missing_key", "resolve", "\"resolve"
                               "\" and \"on_unknown_set\": \"resolve\" go"
                               " together: that records are looked up, and"
                               " how");
    }

    return resolve ? crm_dialect_parts_resolve(&r->resolve, resolve,
                         crm_shape_path(cc, path, "resolve"), cc)
                   : CRM_OK;
}


/* What must be known of a write, and the defaults of what is not said. */
static crm_status_t
route_complete(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_str_t      text;
    crm_status_t   rc;
    const json_t  *decode;

    if (r->op == CRM_FILE_OP_READ || r->op == CRM_FILE_OP_IGNORE) {
        return CRM_OK;
    }

    if (json_object_get(json, "module") == NULL) {
        r->module.from = CRM_FILE_FROM_PATH;
    }

    if (json_object_get(json, "id") == NULL && !r->shared_ids.set
        && r->op != CRM_FILE_OP_CREATE && r->op != CRM_FILE_OP_UPSERT)
    {
        r->id.from = CRM_FILE_FROM_PATH;
    }

    rc = CRM_OK;

    if (r->module.from == CRM_FILE_FROM_PATH
        && !route_has(r, CRM_FILE_SEG_MODULE))
    {
        rc = crm_shape_error(cc, path, "missing_key", NULL, "this route lacks"
                             " a module: {module} in its path, or \"module\""
                             " with where else it stands");
    }

    if (r->id.from == CRM_FILE_FROM_PATH && !route_has(r, CRM_FILE_SEG_ID)) {
        rc = crm_shape_error(cc, path, "missing_key", NULL, "this route lacks"
                             " an id: {id} in its path, or \"id\" with where"
                             " else it stands");
    }

    if (!r->record.set && r->op != CRM_FILE_OP_DELETE
        && r->op != CRM_FILE_OP_ACTION && r->op != CRM_FILE_OP_COMPOSITE)
    {
        rc = crm_shape_error(cc, path, "missing_key", "record", "this route"
                             " lacks \"record\", a pointer to the record in"
                             " the body; \"\" is the whole body");
    }

    if (r->shared_ids.set && r->record.each) {
        rc = crm_shape_error(cc, path, "bad_pointer", NULL, "a record that is"
                             " shared is one: its pointer has no \"*\"");
    }

    decode = json_object_get(json, "decode");
    text = crm_shape_str(decode);

    if (decode == NULL) {
        return rc;
    }

    if (text.len < sizeof("json-string:")
        || memcmp(text.data, "json-string:", sizeof("json-string:") - 1) != 0
        || memchr(text.data, '/', text.len))
    {
        return crm_shape_error(cc, crm_shape_path(cc, path, "decode"),
                               "unknown_value", "json-string:element",
                               "decode is json-string: and the name of a"
                               " member of the body");
    }

    text = crm_pool_printf(cc->pool, "/%s",
                           text.data + sizeof("json-string:") - 1);

    return text.data
           ? crm_dialect_parts_worse(rc,
                 crm_dialect_parts_pointer_text(&r->json_string, text,
                     crm_shape_path(cc, path, "decode"), cc))
           : CRM_ENOMEM;
}


static int
route_has(const crm_file_route_t *r, crm_file_seg_kind_t kind)
{
    unsigned  i;

    for (i = 0; i < r->segments_count; i++) {
        if (r->segments[i].kind == kind
            || (kind == CRM_FILE_SEG_ID
                && r->segments[i].kind == CRM_FILE_SEG_REST
                && crm_str_is(r->segments[i].text, "{*id}")))
        {
            return 1;
        }
    }

    return 0;
}
