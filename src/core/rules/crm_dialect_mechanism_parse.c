/*
 * Dialect files: a mechanism that a file chooses, and what it takes from it.
 *
 * A mechanism reads and writes by itself what no file can say. What it does
 * not take from the file must not stand there: nothing would come of it.
 */

#include "rules/crm_dialect_parts.h"


/* version, module, id, related list, its id */
#define MECHANISM_MAX_SEGMENTS  5


static crm_status_t mechanism_foreign(const json_t *json,
    const char *const *known, const char *path, crm_compile_t *cc);
static crm_status_t mechanism_route(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t mechanism_methods(crm_file_route_t *r, const char *path,
    crm_compile_t *cc);
static crm_status_t mechanism_segments(crm_file_route_t *r, const char *path,
    crm_compile_t *cc);
static crm_status_t mechanism_targets(crm_file_route_t *r, const char *path,
    crm_compile_t *cc);
static crm_status_t mechanism_own(const struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);
static crm_status_t mechanism_duplicates(struct crm_dialect_file_s *d,
    const json_t *json, crm_compile_t *cc);
static crm_status_t mechanism_plain(const struct crm_dialect_file_s *d,
    const json_t *file, crm_compile_t *cc);


static const char *const  known_file[] = {
    "kind", "name", "description", "mechanism", "reserved", "query",
    "method_override", "body_types", "forward_auth", "absent_is_null",
    "backend_sets", "backend_renews", "ways", "routes", "duplicates", "get",
    "patch", "create", "add_tags", "remove_tags", "guard", "find", "errors",
    "bulk_policy", NULL
};

static const char *const  known_route[] = {
    "match", "op", "restricts", "query", "module", "id", "record", NULL
};

static const char *const  known_get[] = { "path", "version", NULL };
static const char *const  known_guard[] = { "header", NULL };
static const char *const  known_auth[] = { "headers", NULL };
static const char *const  known_match[] = { "methods", "path", NULL };

static const struct {
    const char  *name;
    unsigned     bit;
} mechanism_verbs[] = {
    { "GET", CRM_FILE_GET },
    { "POST", CRM_FILE_POST },
    { "PUT", CRM_FILE_PUT },
    { "PATCH", CRM_FILE_PATCH },
    { "DELETE", CRM_FILE_DELETE }
};


crm_status_t
crm_dialect_parts_mechanism(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    size_t             i;
    json_t            *value;
    crm_status_t       rc;
    crm_file_route_t  *routes;

    d->reads = d->routes_count;

    if (d->mechanism == NULL) {
        return mechanism_plain(d, file, cc);
    }

    rc = mechanism_foreign(file, known_file, "", cc);
    rc = crm_dialect_parts_worse(rc, mechanism_own(d, file, cc));
    rc = crm_dialect_parts_worse(rc,
             mechanism_duplicates(d, json_object_get(file, "duplicates"),
                                  cc));

    /* ours: nobody has seen them yet */

    routes = (crm_file_route_t *) d->routes;

    json_array_foreach(json_object_get(file, "routes"), i, value) {
        rc = crm_dialect_parts_worse(rc,
                 mechanism_route(&routes[i], value,
                                 crm_shape_index(cc, "routes", i), cc));

        if ((routes[i].method_bits & CRM_FILE_GET) && d->reads > i) {
            d->reads = (unsigned) i;
        }
    }

    return rc;
}


static crm_status_t
mechanism_foreign(const json_t *json, const char *const *known,
    const char *path, crm_compile_t *cc)
{
    size_t        i;
    json_t       *value;
    const char   *name;
    crm_status_t  rc;

    rc = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        for (i = 0; known[i] && strcmp(known[i], name) != 0; i++) {
            /* void */
        }

        if (known[i] == NULL) {
            rc = crm_shape_error(cc, crm_shape_path(cc, path, name),
                                 "unused_key", NULL, "the mechanism zoho"
                                 " knows that by itself: leave \"%s\" out",
                                 name);
        }
    }

    return rc;
}


static crm_status_t
mechanism_route(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = mechanism_foreign(json, known_route, path, cc);
    rc = crm_dialect_parts_worse(rc,
             mechanism_foreign(json_object_get(json, "match"), known_match,
                               crm_shape_path(cc, path, "match"), cc));
    rc = crm_dialect_parts_worse(rc, mechanism_methods(r, path, cc));
    rc = crm_dialect_parts_worse(rc, mechanism_segments(r, path, cc));

    json = json_object_get(json, "record");

    if (json && !crm_str_is(crm_shape_str(json), "/data/*")) {
        rc = crm_shape_error(cc, crm_shape_path(cc, path, "record"),
                             "unknown_value", "/data/*", "the mechanism zoho"
                             " takes records from /data/*");
    }

    if (rc != CRM_OK || r->op == CRM_FILE_OP_READ
        || r->op == CRM_FILE_OP_IGNORE)
    {
        return rc;
    }

    return mechanism_targets(r, path, cc);
}


/* The methods as bits, which are fast to match. */
static crm_status_t
mechanism_methods(crm_file_route_t *r, const char *path, crm_compile_t *cc)
{
    size_t    k;
    unsigned  i;

    for (i = 0; i < r->methods.count; i++) {
        for (k = 0; k < 5; k++) {
            if (crm_str_is(r->methods.items[i], mechanism_verbs[k].name)) {
                r->method_bits |= mechanism_verbs[k].bit;
                break;
            }
        }

        if (k == 5) {
            return crm_shape_error(cc, path, "unknown_value", NULL,
                                   "the mechanism zoho knows the methods GET,"
                                   " POST, PUT, PATCH and DELETE");
        }
    }

    if (r->methods.count == 0) {
        return crm_shape_error(cc, path, "missing_key", "methods", "this"
                               " route lacks \"methods\", which the mechanism"
                               " zoho needs");
    }

    return (r->method_bits & CRM_FILE_GET) && !r->call
           ? crm_shape_error(cc, path, "unknown_value", NULL, "a route of"
                             " GET is of call:NAME: all other reads pass")
           : CRM_OK;
}


/* Places that the mechanism knows besides. */
static crm_status_t
mechanism_segments(crm_file_route_t *r, const char *path, crm_compile_t *cc)
{
    unsigned         i;
    crm_file_seg_t  *segments;

    segments = (crm_file_seg_t *) r->segments;

    for (i = 0; i < r->segments_count; i++) {
        if (segments[i].kind == CRM_FILE_SEG_ANY) {
            segments[i].kind =
                crm_str_is(segments[i].text, "{version}")
                ? CRM_FILE_SEG_VERSION
                : crm_str_is(segments[i].text, "{related}")
                ? CRM_FILE_SEG_RELATED
                : crm_str_is(segments[i].text, "{related_id}")
                ? CRM_FILE_SEG_RELATED_ID : CRM_FILE_SEG_ANY;
        }

        if (segments[i].kind == CRM_FILE_SEG_REST
            || i == MECHANISM_MAX_SEGMENTS)
        {
            return crm_shape_error(cc, path, "bad_path", NULL, "a path of"
                                   " the mechanism zoho has at most 5"
                                   " segments, and no {*rest}");
        }
    }

    return CRM_OK;
}


/* Which records a route means, by where their ids stand. */
static crm_status_t
mechanism_targets(crm_file_route_t *r, const char *path, crm_compile_t *cc)
{
    r->targets = r->op == CRM_FILE_OP_COMPOSITE ? CRM_TARGETS_INNER
                 : r->op == CRM_FILE_OP_CREATE || r->op == CRM_FILE_OP_UPSERT
                   || r->id.from == CRM_FILE_FROM_LIST ? CRM_TARGETS_LIST
                 : r->id.from == CRM_FILE_FROM_PATH ? CRM_TARGETS_PATH
                                                    : CRM_TARGETS_ALL;

    if (r->op == CRM_FILE_OP_UPSERT) {
        r->action = CRM_STR("upsert");
        r->does |= CRM_RESTRICT_UPDATE;

    } else if (r->op == CRM_FILE_OP_COMPOSITE) {
        r->action = CRM_STR("composite");

    } else if (r->op == CRM_FILE_OP_REPLACE) {
        return crm_shape_error(cc, crm_shape_path(cc, path, "op"),
                               "unknown_value", "update", "the mechanism"
                               " zoho replaces no records");
    }

    if (r->id.from != CRM_FILE_FROM_PATH && r->id.from != CRM_FILE_FROM_LIST
        && r->id.from != CRM_FILE_FROM_NONE)
    {
        return crm_shape_error(cc, crm_shape_path(cc, path, "id"),
                               "bad_source", "list", "the mechanism zoho"
                               " takes ids from path or list, or there is"
                               " none");
    }

    if (r->module.from != CRM_FILE_FROM_PATH
        && (r->module.from != CRM_FILE_FROM_NONE
            || (r->op != CRM_FILE_OP_ACTION
                && r->op != CRM_FILE_OP_COMPOSITE)))
    {
        return crm_shape_error(cc, crm_shape_path(cc, path, "module"),
                               "bad_source", "path", "the mechanism zoho"
                               " takes the module from the path; only an"
                               " action may have none");
    }

    if (r->call && !crm_str_is(r->action, "lock")
        && !crm_str_is(r->action, "blueprint")
        && !crm_str_is(r->action, "approvals"))
    {
        return crm_shape_error(cc, crm_shape_path(cc, path, "op"),
                               "unknown_value", NULL, "calls are of lock,"
                               " blueprint or approvals");
    }

    return CRM_OK;
}


static crm_status_t
mechanism_own(const struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    crm_str_t      path;
    crm_status_t   rc;
    const json_t  *get;

    get = json_object_get(file, "get");

    rc = mechanism_foreign(get, known_get, "get", cc);
    rc = crm_dialect_parts_worse(rc,
             mechanism_foreign(json_object_get(file, "guard"), known_guard,
                               "guard", cc));
    rc = crm_dialect_parts_worse(rc,
             mechanism_foreign(json_object_get(file, "forward_auth"),
                               known_auth, "forward_auth", cc));

    path = crm_shape_str(json_object_get(get, "path"));

    if (!crm_str_is(path, "{module}/{id}")) {
        rc = crm_shape_error(cc, "get.path", "unknown_value",
                             "{module}/{id}", "the mechanism zoho reads a"
                             " record at {module}/{id}, behind the version"
                             " that the write has");
    }

    if (!d->per_item) {
        rc = crm_shape_error(cc, "bulk_policy", "unknown_value", "per_item",
                             "the bulk_policy of the mechanism zoho is"
                             " per_item; crm_bulk reject refuses the whole");
    }

    if (d->on_override == CRM_FILE_APPLY) {
        rc = crm_shape_error(cc, "method_override.on_override",
                             "unknown_value", "refuse", "the mechanism zoho"
                             " refuses every override of the method");
    }

    return rc;
}


/* The field by which the backend itself finds records of a module. */
static crm_status_t
mechanism_duplicates(struct crm_dialect_file_s *d, const json_t *json,
    crm_compile_t *cc)
{
    json_t            *value;
    const char        *name;
    crm_status_t       rc;
    crm_file_field_t  *row;

    row = crm_pool_calloc(cc->pool, json_object_size(json) + 1,
                          sizeof(crm_file_field_t));
    if (row == NULL) {
        return CRM_ENOMEM;
    }

    d->duplicates = row;
    rc = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        if (!json_is_string(value) && !json_is_null(value)) {
            rc = crm_shape_error(cc, crm_shape_path(cc, "duplicates", name),
                                 "wrong_type", NULL, "a field, or null: it is"
                                 " not known");
            continue;
        }

        row->name = crm_pool_dup(cc->pool, crm_strz(name));
        row->to = crm_pool_dup(cc->pool, crm_shape_str(value));

        if (row->name.data == NULL || row->to.data == NULL) {
            return CRM_ENOMEM;
        }

        row++;
        d->duplicates_count++;
    }

    return rc;
}


/* What only a mechanism can do. */
static crm_status_t
mechanism_plain(const struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    unsigned      i;
    const char   *path;
    crm_status_t  rc;

    rc = CRM_OK;

    for (i = 0; i < d->routes_count; i++) {
        path = crm_shape_index(cc, "routes", i);

        if (d->routes[i].call || d->routes[i].op == CRM_FILE_OP_COMPOSITE) {
            rc = crm_shape_error(cc, crm_shape_path(cc, path, "op"),
                                 "unknown_value", NULL, "call:NAME and"
                                 " composite are of the mechanism zoho");
        }

        if (d->routes[i].does) {
            rc = crm_shape_error(cc, crm_shape_path(cc, path, "restricts"),
                                 "unused_key", NULL, "an action is judged as"
                                 " an update; \"restricts\" is of the"
                                 " mechanism zoho");
        }

        if (d->routes[i].id.from == CRM_FILE_FROM_LIST) {
            rc = crm_shape_error(cc, crm_shape_path(cc, path, "id"),
                                 "bad_source", NULL, "the id \"list\" is of"
                                 " the mechanism zoho: say where it stands");
        }
    }

    if (d->ways & CRM_WAY_EXTERNAL) {
        rc = crm_shape_error(cc, "ways.external", "unused_key", NULL,
                             "X-EXTERNAL is of the mechanism zoho");
    }

    return json_object_get(file, "duplicates")
           ? crm_shape_error(cc, "duplicates", "unused_key", NULL,
                             "\"duplicates\" is of the mechanism zoho; an"
                             " upsert here asks for \"unique_path\" of"
                             " \"find\"")
           : rc;
}
