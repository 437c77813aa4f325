/*
 * Dialect files: the whole, and what stands at its top.
 */

#include "rules/crm_dialect_parts.h"

#include <stdlib.h>


#define PARSE_MAX_DEPTH  32


static crm_status_t parse_json(crm_dialect_parsed_t *parsed, crm_str_t text,
    crm_span_t *root, json_t **json, crm_pool_t *pool);
static crm_status_t parse_file(crm_dialect_parsed_t *parsed,
    const json_t *json, crm_compile_t *cc);
static crm_status_t parse_faults(crm_dialect_parsed_t *parsed,
    crm_str_t text, crm_span_t root, const crm_findings_t *found,
    crm_pool_t *pool);
static crm_status_t parse_syntax(crm_dialect_parsed_t *parsed,
    crm_str_t text, size_t offset, const char *message, crm_pool_t *pool);
static int parse_cmp(const void *a, const void *b);
static crm_status_t globals_normalise(crm_file_normalise_t *n,
    const json_t *json, crm_compile_t *cc);
static crm_status_t globals_overrides(struct crm_dialect_file_s *d,
    const json_t *json, crm_compile_t *cc);
static crm_status_t globals_override(crm_file_override_t *o, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t globals_body(crm_file_body_t *body, const json_t *json,
    crm_compile_t *cc);
static crm_status_t globals_modules(struct crm_dialect_file_s *d,
    const json_t *json, crm_compile_t *cc);
static crm_status_t globals_module(crm_file_module_t *module,
    const char *name, const json_t *json, crm_compile_t *cc);
static crm_status_t globals_id_form(crm_idform_t *form, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_file_policy_t globals_policy(const json_t *json, const char *key);


static const char *const  words_refuse_apply[] = {
    "refuse", "apply", NULL
};
static const char *const  words_refuse_pass[] = { "refuse", "pass", NULL };
static const char *const  words_case[] = { "exact", "fold", NULL };
static const char *const  words_bulk[] = {
    "all_or_nothing", "per_item", NULL
};

const crm_key_t  crm_dialect_parts_file_keys[] = {
    { "kind", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL, "dialect" },
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 64, NULL, NULL,
      "what crm_dialect calls it" },
    { "description", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a note for people; nothing reads it" },
    { "prefix", CRM_KEY_LIST, 0, 0, 0, NULL, NULL,
      "paths under control, behind crm_prefix" },
    { "normalise", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "which spellings of a path the backend takes for one" },
    { "reserved", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "segments that are neither module nor id" },
    { "query", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "parameters that a write may have beside those of its route" },
    { "method_override", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "where a POST may say that it is another method" },
    { "body_types", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "content types, and how each is read" },
    { "modules", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "modules by name: aliases, id_prefix, id_form" },
    { "id_form", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "string, int, lower, sf18 or regex:PATTERN" },
    { "id_field", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the key of a record that holds its id" },
    { "forward_auth", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what the module's own reads take along from the client" },
    { "absent_is_null", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "a field that the stored record lacks is empty, not unknown" },
    { "backend_sets", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "fields that the backend fills at creation" },
    { "routes", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_DIALECT_MAX_ROUTES,
      NULL, NULL, "what a request is; the first that matches" },
    { "ok", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "which answers mean that it was done" },
    { "new_id", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "where the id of a created record stands, tried in order" },
    { "items", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what the answer says of each of many" },
    { "get", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "how the stored record is read" },
    { "patch", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how automation writes a record" },
    { "guard", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what makes such a write depend on a version" },
    { "find", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how the record that a write created is found" },
    { "errors", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "refusals in the backend's own words, by class" },
    { "bulk_policy", CRM_KEY_WORD, 0, 0, 0, words_bulk, NULL,
      "whether one of many can be refused alone" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_normalise_keys[] = {
    { "percent_decode", CRM_KEY_WORD, 0, 0, 0, words_refuse_apply, NULL,
      "%41 is A" },
    { "merge_slashes", CRM_KEY_WORD, 0, 0, 0, words_refuse_apply, NULL,
      "// is /" },
    { "trailing_slash", CRM_KEY_WORD, 0, 0, 0, words_refuse_apply, NULL,
      "a slash at the end is none" },
    { "strip_suffix", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "endings such as .json that mean nothing" },
    { "strip_segment", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "segments such as index.php that mean nothing" },
    { "path_case", CRM_KEY_WORD, 0, 0, 0, words_case, NULL,
      "fold: /ITEMS/ is /items/" },
    { "module_case", CRM_KEY_WORD, 0, 0, 0, words_case, NULL,
      "fold: lead is Lead" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_override_keys[] = {
    { "sources", CRM_KEY_TEXTS, CRM_KEY_REQUIRED, 1, 10, NULL, NULL,
      "header:NAME, query:NAME, form:NAME, in the backend's order" },
    { "on_override", CRM_KEY_WORD, 0, 0, 0, words_refuse_apply, NULL,
      "refuse, or judge the method that is meant" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_body_keys[] = {
    { "types", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "json or form, by content type; none: there is no header" },
    { "on_other", CRM_KEY_WORD, 0, 0, 0, words_refuse_pass, NULL,
      "another type" },
    { "on_charset", CRM_KEY_WORD, 0, 0, 0, words_refuse_pass, NULL,
      "another charset than UTF-8" },
    { "on_encoding", CRM_KEY_WORD, 0, 0, 0, words_refuse_pass, NULL,
      "a Content-Encoding" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_module_keys[] = {
    { "aliases", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "other names of the module" },
    { "id_prefix", CRM_KEY_TEXT, 0, 0, 32, NULL, NULL,
      "what ids of it begin with, in front of an x" },
    { "id_form", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the form of its ids" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_auth_keys[] = {
    { "headers", CRM_KEY_TEXTS, 0, 0, 20, NULL, NULL,
      "headers besides Authorization and Cookie" },
    { "query", CRM_KEY_TEXTS, 0, 0, 20, NULL, NULL,
      "query parameters, such as access_token" },
    CRM_KEYS_END
};

const crm_dialect_table_t  crm_dialect_parse_tables[] = {
    { "", crm_dialect_parts_file_keys },
    { "normalise", crm_dialect_parts_normalise_keys },
    { "method_override", crm_dialect_parts_override_keys },
    { "body_types", crm_dialect_parts_body_keys },
    { "modules", crm_dialect_parts_module_keys },
    { "forward_auth", crm_dialect_parts_auth_keys },
    { "routes", crm_dialect_parts_route_keys },
    { "routes.match", crm_dialect_parts_match_keys },
    { "routes.shared", crm_dialect_parts_shared_keys },
    { "ok", crm_dialect_parts_ok_keys },
    { "items", crm_dialect_parts_items_keys },
    { "get", crm_dialect_parts_get_keys },
    { "patch", crm_dialect_parts_patch_keys },
    { "guard", crm_dialect_parts_guard_keys },
    { "find", crm_dialect_parts_find_keys },
    { "errors", crm_dialect_parts_errors_keys },
    { "errors.class", crm_dialect_parts_error_keys },
    { NULL, NULL }
};


crm_status_t
crm_dialect_parse(crm_dialect_parsed_t *parsed, crm_str_t text,
    crm_pool_t *pool)
{
    json_t          *json;
    crm_span_t       root;
    crm_status_t     rc;
    crm_compile_t    cc;
    crm_findings_t   found;

    memset(parsed, 0, sizeof(crm_dialect_parsed_t));

    rc = parse_json(parsed, text, &root, &json, pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    crm_findings_init(&found, pool);

    memset(&cc, 0, sizeof(crm_compile_t));
    cc.pool = pool;
    cc.findings = &found;
    cc.object = CRM_NO_OBJECT;

    rc = parse_file(parsed, json, &cc);
    json_decref(json);

    if (rc == CRM_ENOMEM || found.status != CRM_OK) {
        return CRM_ENOMEM;
    }

    return parse_faults(parsed, text, root, &found, pool);
}


/* Our scanner says where, and finds keys that are there twice; jansson makes
 * the tree. */
static crm_status_t
parse_json(crm_dialect_parsed_t *parsed, crm_str_t text, crm_span_t *root,
    json_t **json, crm_pool_t *pool)
{
    crm_scan_t         scan;
    crm_error_t        err;
    json_error_t       jerr;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    if (text.len > CRM_DIALECT_MAX_FILE) {
        rc = parse_syntax(parsed, text, 0, "the file is too long for a"
                          " dialect", pool);
        return rc == CRM_OK ? CRM_EINVAL : rc;
    }

    limits.max_nodes = CRM_DIALECT_MAX_FILE;
    limits.max_depth = PARSE_MAX_DEPTH;

    crm_scan_init(&scan, text, &limits, pool);

    rc = crm_scan_value(&scan, root, &err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        rc = parse_syntax(parsed, text, err.offset, err.text, pool);
        return rc == CRM_OK ? CRM_EINVAL : rc;
    }

    *json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &jerr);

    if (*json == NULL) {
        if (json_error_code(&jerr) == json_error_out_of_memory) {
            return CRM_ENOMEM;
        }

        rc = parse_syntax(parsed, text, jerr.position > 0
                          ? (size_t) jerr.position - 1 : 0, jerr.text, pool);
        return rc == CRM_OK ? CRM_EINVAL : rc;
    }

    return CRM_OK;
}


static crm_status_t
parse_file(crm_dialect_parsed_t *parsed, const json_t *json,
    crm_compile_t *cc)
{
    crm_status_t                rc;
    crm_dialect_t              *dialect;
    struct crm_dialect_file_s  *d;

    rc = crm_shape_check(json, crm_dialect_parts_file_keys, "a dialect", "",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    d = crm_pool_calloc(cc->pool, 1, sizeof(struct crm_dialect_file_s));
    dialect = crm_pool_calloc(cc->pool, 1, sizeof(crm_dialect_t));
    if (d == NULL || dialect == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_dialect_parts_globals(d, json, cc);
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_routes(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_answer(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_own(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_errors(d, json, cc));

    if (rc == CRM_OK) {
        rc = crm_dialect_parts_shadows(d, cc);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    dialect->name = d->name.data;
    dialect->file = d;
    parsed->dialect = dialect;

    return CRM_OK;
}


static crm_status_t
parse_faults(crm_dialect_parsed_t *parsed, crm_str_t text, crm_span_t root,
    const crm_findings_t *found, crm_pool_t *pool)
{
    size_t                i;
    crm_dialect_fault_t  *f;

    if (found->errors) {
        parsed->dialect = NULL;
    }

    parsed->errors = found->errors;

    parsed->faults = crm_pool_calloc(pool, found->count + 1,
                                     sizeof(crm_dialect_fault_t));
    if (parsed->faults == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < found->count; i++) {
        f = &parsed->faults[parsed->count++];
        f->finding = &found->items[i];

        crm_dialect_parts_place(text, root, f->finding->path,
                                f->finding->at_key, &f->line, &f->column);
    }

    qsort(parsed->faults, parsed->count, sizeof(crm_dialect_fault_t),
          parse_cmp);

    return CRM_OK;
}


static crm_status_t
parse_syntax(crm_dialect_parsed_t *parsed, crm_str_t text, size_t offset,
    const char *message, crm_pool_t *pool)
{
    crm_findings_t  *found;

    found = crm_pool_alloc(pool, sizeof(crm_findings_t));
    parsed->faults = crm_pool_calloc(pool, 1, sizeof(crm_dialect_fault_t));
    if (found == NULL || parsed->faults == NULL) {
        return CRM_ENOMEM;
    }

    crm_findings_init(found, pool);
    crm_findings_add(found, CRM_ERROR, CRM_NO_OBJECT, "", 0, "syntax", NULL,
                     "%s", message);

    if (found->status != CRM_OK) {
        return CRM_ENOMEM;
    }

    parsed->faults[0].finding = &found->items[0];
    crm_dialect_parts_offset(text, offset, &parsed->faults[0].line,
                             &parsed->faults[0].column);
    parsed->count = 1;
    parsed->errors = 1;

    return CRM_OK;
}


static int
parse_cmp(const void *a, const void *b)
{
    const crm_dialect_fault_t  *x = a, *y = b;

    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }

    return x->column < y->column ? -1 : x->column > y->column;
}


crm_status_t
crm_dialect_parts_globals(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    size_t         i;
    crm_status_t   rc, all;
    const json_t  *json, *value;

    json = json_object_get(file, "kind");
    all = CRM_OK;

    if (json && !crm_str_is(crm_shape_str(json), "dialect")) {
        all = crm_shape_error(cc, "kind", "wrong_kind", "dialect",
                              "the kind of a dialect file is \"dialect\"");
    }

    if (crm_shape_copy(&d->name, json_object_get(file, "name"), cc->pool)
        != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    json = json_object_get(file, "prefix");

    json_array_foreach((json_t *) json, i, value) {
        if (!json_is_string(value)
            || (json_string_length(value)
                && (json_string_value(value)[0] == '/'
                    || json_string_value(value)[json_string_length(value)
                                                - 1] != '/')))
        {
            all = crm_shape_error(cc, crm_shape_index(cc, "prefix", i),
                                  "bad_prefix", "api/v1/", "a prefix is"
                                  " empty, or ends with a slash and does not"
                                  " begin with one, such as \"api/v1/\"");
        }
    }

    if (all != CRM_OK) {
        return all;
    }

    rc = crm_dialect_parts_texts(&d->prefix, json, cc->pool);

    if (rc == CRM_OK) {
        rc = crm_dialect_parts_texts(&d->reserved,
                                     json_object_get(file, "reserved"),
                                     cc->pool);
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_parts_texts(&d->query,
                                     json_object_get(file, "query"),
                                     cc->pool);
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_parts_texts(&d->backend_sets,
                                     json_object_get(file, "backend_sets"),
                                     cc->pool);
    }

    if (rc == CRM_OK) {
        json = json_object_get(file, "id_field");
        d->id_field = CRM_STR("id");
        rc = json ? crm_shape_copy(&d->id_field, json, cc->pool) : CRM_OK;
    }

    if (rc != CRM_OK) {
        return rc;
    }

    d->absent_is_null = json_is_true(json_object_get(file,
                                                     "absent_is_null"));
    d->per_item = crm_str_is(crm_shape_str(json_object_get(file,
                                 "bulk_policy")), "per_item");

    rc = globals_normalise(&d->normalise, json_object_get(file, "normalise"),
                           cc);
    rc = crm_dialect_parts_worse(rc, globals_overrides(d,
             json_object_get(file, "method_override"), cc));
    rc = crm_dialect_parts_worse(rc, globals_body(&d->body,
             json_object_get(file, "body_types"), cc));
    rc = crm_dialect_parts_worse(rc, globals_id_form(&d->id_form,
             json_object_get(file, "id_form"), "id_form", cc));
    rc = crm_dialect_parts_worse(rc, globals_modules(d,
             json_object_get(file, "modules"), cc));

    json = json_object_get(file, "forward_auth");
    if (json == NULL || rc == CRM_ENOMEM) {
        return rc;
    }

    rc = crm_dialect_parts_worse(rc,
             crm_shape_check(json, crm_dialect_parts_auth_keys,
                             "forward_auth", "forward_auth", cc));

    if (rc == CRM_OK
        && (crm_dialect_parts_texts(&d->forward_auth.headers,
                json_object_get(json, "headers"), cc->pool) != CRM_OK
            || crm_dialect_parts_texts(&d->forward_auth.query,
                   json_object_get(json, "query"), cc->pool) != CRM_OK))
    {
        return CRM_ENOMEM;
    }

    return rc;
}


static crm_status_t
globals_normalise(crm_file_normalise_t *n, const json_t *json,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_normalise_keys, "normalise",
                         "normalise", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    n->percent_decode = globals_policy(json, "percent_decode");
    n->merge_slashes = globals_policy(json, "merge_slashes");
    n->trailing_slash = globals_policy(json, "trailing_slash");
    n->path_fold = crm_str_is(crm_shape_str(json_object_get(json,
                                  "path_case")), "fold");
    n->module_fold = crm_str_is(crm_shape_str(json_object_get(json,
                                    "module_case")), "fold");

    rc = crm_dialect_parts_texts(&n->strip_suffix,
                                 json_object_get(json, "strip_suffix"),
                                 cc->pool);

    return rc == CRM_OK
           ? crm_dialect_parts_texts(&n->strip_segment,
                 json_object_get(json, "strip_segment"), cc->pool)
           : rc;
}


static crm_status_t
globals_overrides(struct crm_dialect_file_s *d, const json_t *json,
    crm_compile_t *cc)
{
    size_t                i;
    json_t               *value;
    const char           *path;
    crm_status_t          rc;
    crm_file_override_t  *list;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_override_keys,
                         "method_override", "method_override", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    d->on_override = globals_policy(json, "on_override");
    json = json_object_get(json, "sources");

    list = crm_pool_calloc(cc->pool, json_array_size(json),
                           sizeof(crm_file_override_t));
    if (list == NULL) {
        return CRM_ENOMEM;
    }

    d->overrides = list;

    json_array_foreach((json_t *) json, i, value) {
        path = crm_shape_index(cc, "method_override.sources", i);
        rc = crm_dialect_parts_worse(rc,
                 globals_override(&list[d->overrides_count++],
                                  crm_shape_str(value), path, cc));
    }

    return rc;
}


static crm_status_t
globals_override(crm_file_override_t *o, crm_str_t text, const char *path,
    crm_compile_t *cc)
{
    size_t       i;
    crm_str_t    name;
    const char  *colon;

    static const char *const  places[] = { "header", "query", "form" };

    colon = memchr(text.data, ':', text.len);

    for (i = 0; colon && i < 3; i++) {
        if (!crm_str_is(crm_str(text.data, (size_t) (colon - text.data)),
                        places[i])
            || colon + 1 == text.data + text.len)
        {
            continue;
        }

        o->place = (crm_file_place_t) i;
        name = crm_str(colon + 1, (size_t) (text.data + text.len - colon)
                                  - 1);
        o->name = i == CRM_FILE_IN_HEADER
                  ? crm_dialect_parts_lower(name, cc->pool)
                  : crm_pool_dup(cc->pool, name);

        return o->name.data ? CRM_OK : CRM_ENOMEM;
    }

    return crm_shape_error(cc, path, "bad_source", NULL, "a source is"
                           " header:NAME, query:NAME or form:NAME");
}


static crm_status_t
globals_body(crm_file_body_t *body, const json_t *json, crm_compile_t *cc)
{
    json_t           *value;
    const char       *name;
    crm_status_t      rc;
    crm_file_type_t  *types;

    static const crm_file_type_t  json_only[] = {
        { { "application/json", sizeof("application/json") - 1 },
          CRM_FILE_READ_JSON }
    };

    if (json == NULL) {
        body->types = json_only;
        body->types_count = 1;

        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_body_keys, "body_types",
                         "body_types", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    body->on_other = globals_policy(json, "on_other");
    body->on_charset = globals_policy(json, "on_charset");
    body->on_encoding = globals_policy(json, "on_encoding");

    json = json_object_get(json, "types");
    types = crm_pool_calloc(cc->pool, json_object_size(json) + 1,
                            sizeof(crm_file_type_t));
    if (types == NULL) {
        return CRM_ENOMEM;
    }

    body->types = types;

    json_object_foreach((json_t *) json, name, value) {
        if (!crm_str_is(crm_shape_str(value), "json")
            && !crm_str_is(crm_shape_str(value), "form"))
        {
            rc = crm_shape_error(cc, crm_shape_path(cc, "body_types.types",
                                                    name),
                                 "unknown_value", "json", "a body is read as"
                                 " \"json\" or as \"form\"");
            continue;
        }

        types->type = crm_dialect_parts_lower(crm_strz(name), cc->pool);
        types->reader = crm_str_is(crm_shape_str(value), "form")
                        ? CRM_FILE_READ_FORM : CRM_FILE_READ_JSON;

        if (types->type.data == NULL) {
            return CRM_ENOMEM;
        }

        types++;
        body->types_count++;
    }

    return rc;
}


static crm_status_t
globals_modules(struct crm_dialect_file_s *d, const json_t *json,
    crm_compile_t *cc)
{
    json_t             *value;
    const char         *name;
    crm_status_t        rc;
    crm_file_module_t  *list;

    if (json == NULL) {
        return CRM_OK;
    }

    list = crm_pool_calloc(cc->pool, json_object_size(json) + 1,
                           sizeof(crm_file_module_t));
    if (list == NULL) {
        return CRM_ENOMEM;
    }

    d->modules = list;
    rc = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        rc = crm_dialect_parts_worse(rc,
                 globals_module(&list[d->modules_count++], name, value, cc));
    }

    return rc;
}


static crm_status_t
globals_module(crm_file_module_t *module, const char *name,
    const json_t *json, crm_compile_t *cc)
{
    const char    *path;
    crm_status_t   rc;

    path = crm_shape_path(cc, "modules", name);

    rc = crm_shape_check(json, crm_dialect_parts_module_keys, "a module",
                         path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    module->name = crm_pool_dup(cc->pool, crm_strz(name));
    if (module->name.data == NULL
        || crm_dialect_parts_texts(&module->aliases,
               json_object_get(json, "aliases"), cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (json_object_get(json, "id_prefix")
        && crm_shape_copy(&module->id_prefix,
                          json_object_get(json, "id_prefix"), cc->pool)
           != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    json = json_object_get(json, "id_form");
    module->has_id_form = json != NULL;

    return globals_id_form(&module->id_form, json,
                           crm_shape_path(cc, path, "id_form"), cc);
}


static crm_status_t
globals_id_form(crm_idform_t *form, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    crm_error_t   err;
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_idform_parse(form, crm_shape_str(json), cc->pool, &err);

    return rc == CRM_EINVAL ? crm_shape_error(cc, path, "bad_id_form", NULL,
                                              "%s", err.text)
                            : rc;
}


static crm_file_policy_t
globals_policy(const json_t *json, const char *key)
{
    crm_str_t  text;

    text = crm_shape_str(json_object_get(json, key));

    return crm_str_is(text, "apply") ? CRM_FILE_APPLY
           : crm_str_is(text, "pass") ? CRM_FILE_PASS : CRM_FILE_REFUSE;
}
