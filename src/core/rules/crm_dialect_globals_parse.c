/*
 * Dialect files: what stands at the top, for all routes.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t globals_normalise(crm_file_normalise_t *n,
    const json_t *json, crm_compile_t *cc);
static crm_status_t globals_auth(crm_file_auth_t *auth, const json_t *json,
    crm_compile_t *cc);
static crm_status_t globals_overrides(struct crm_dialect_file_s *d,
    const json_t *json, crm_compile_t *cc);
static crm_status_t globals_override(crm_file_override_t *o, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t globals_body(crm_file_body_t *body, const json_t *json,
    crm_compile_t *cc);
static int globals_reader(crm_str_t text);
static crm_file_policy_t globals_policy(const json_t *json, const char *key);


static const char *const  words_refuse_apply[] = {
    "refuse", "apply", NULL
};
static const char *const  words_refuse_pass[] = { "refuse", "pass", NULL };
static const char *const  words_case[] = { "exact", "fold", NULL };

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
      "json, form or multipart, by content type; none: no header" },
    { "on_other", CRM_KEY_WORD, 0, 0, 0, words_refuse_pass, NULL,
      "another type" },
    { "on_charset", CRM_KEY_WORD, 0, 0, 0, words_refuse_pass, NULL,
      "another charset than UTF-8" },
    { "on_encoding", CRM_KEY_WORD, 0, 0, 0, words_refuse_pass, NULL,
      "a Content-Encoding" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_auth_keys[] = {
    { "headers", CRM_KEY_TEXTS, 0, 0, 20, NULL, NULL,
      "headers besides Authorization and Cookie" },
    { "query", CRM_KEY_TEXTS, 0, 0, 20, NULL, NULL,
      "query parameters, such as access_token" },
    { "body", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "parameters, each with a pointer into the body of the write" },
    CRM_KEYS_END
};


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
        rc = crm_dialect_parts_texts(&d->backend_renews,
                                     json_object_get(file, "backend_renews"),
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

    d->mechanism = json_object_get(file, "mechanism") ? &crm_zoho_mechanism
                                                      : NULL;
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
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_names(d, file, cc));
    rc = crm_dialect_parts_worse(rc, globals_auth(&d->forward_auth,
             json_object_get(file, "forward_auth"), cc));
    json = json_object_get(file, "owner_field");

    return json && crm_shape_copy(&d->owner_field, json, cc->pool) != CRM_OK
           ? CRM_ENOMEM : rc;
}


static crm_status_t
globals_auth(crm_file_auth_t *auth, const json_t *json, crm_compile_t *cc)
{
    json_t               *map, *value;
    const char           *name, *path;
    crm_status_t          rc;
    crm_file_auth_body_t *body;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_auth_keys, "forward_auth",
                         "forward_auth", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    map = json_object_get(json, "body");
    body = crm_pool_calloc(cc->pool, json_object_size(map) + 1,
                           sizeof(crm_file_auth_body_t));
    if (body == NULL
        || crm_dialect_parts_texts(&auth->headers,
               json_object_get(json, "headers"), cc->pool) != CRM_OK
        || crm_dialect_parts_texts(&auth->query,
               json_object_get(json, "query"), cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    auth->body = body;

    json_object_foreach(map, name, value) {
        path = crm_shape_path(cc, "forward_auth.body", name);

        if (!json_is_string(value)) {
            rc = crm_dialect_parts_worse(rc,
                     crm_shape_error(cc, path, "wrong_type", NULL,
                         "a parameter is taken from a pointer into the"
                         " body"));
            continue;
        }

        body[auth->body_count].name = crm_pool_dup(cc->pool, crm_strz(name));
        if (body[auth->body_count].name.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_dialect_parts_worse(rc,
                 crm_dialect_parts_pointer(&body[auth->body_count++].pointer,
                                           value, path, cc));
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
    int               reader;
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
        reader = globals_reader(crm_shape_str(value));

        if (reader < 0) {
            rc = crm_shape_error(cc, crm_shape_path(cc, "body_types.types",
                                                    name),
                                 "unknown_value", "json", "a body is read as"
                                 " \"json\", \"form\" or \"multipart\"");
            continue;
        }

        types->type = crm_dialect_parts_lower(crm_strz(name), cc->pool);
        types->reader = (crm_file_reader_t) reader;

        if (types->type.data == NULL) {
            return CRM_ENOMEM;
        }

        types++;
        body->types_count++;
    }

    return rc;
}


/* By crm_file_reader_t; -1: there is none of that name. */
static int
globals_reader(crm_str_t text)
{
    int  i;

    static const char *const  readers[] = { "json", "form", "multipart" };

    for (i = 0; i < 3; i++) {
        if (crm_str_is(text, readers[i])) {
            return i;
        }
    }

    return -1;
}


static crm_file_policy_t
globals_policy(const json_t *json, const char *key)
{
    crm_str_t  text;

    text = crm_shape_str(json_object_get(json, key));

    return crm_str_is(text, "apply") ? CRM_FILE_APPLY
           : crm_str_is(text, "pass") ? CRM_FILE_PASS : CRM_FILE_REFUSE;
}
