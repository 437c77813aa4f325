/*
 * Dialect files: what answers say, and the module's own requests.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t answer_ok(crm_file_ok_t *ok, const json_t *json,
    crm_compile_t *cc);
static crm_status_t answer_statuses(const crm_file_status_t **statuses,
    unsigned *count, const json_t *json, const char *path,
    crm_compile_t *cc);
static crm_status_t answer_status(crm_file_status_t *status, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t answer_new_id(crm_file_new_id_t *id, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t answer_items(crm_file_items_t *items, const json_t *json,
    crm_compile_t *cc);
static crm_status_t own_get(crm_file_get_t *get, const json_t *json,
    crm_compile_t *cc);
static crm_status_t own_version(crm_file_get_t *get, const json_t *json,
    crm_compile_t *cc);
static crm_status_t own_patch(crm_file_patch_t *patch, const json_t *json,
    crm_compile_t *cc);
static crm_status_t own_guard(crm_file_guard_t *guard, const json_t *json,
    crm_compile_t *cc);
static crm_status_t own_find(crm_file_find_t *find, const json_t *json,
    crm_compile_t *cc);
static crm_status_t own_path(crm_fill_t *path, crm_fill_t *query,
    const json_t *json, const char *at, unsigned allowed, unsigned need,
    crm_compile_t *cc);


static const char *const  words_order[] = { "same", "match_by", NULL };

const crm_key_t  crm_dialect_parts_ok_keys[] = {
    { "status", CRM_KEY_TEXTS, 0, 1, 20, NULL, NULL,
      "statuses such as 200 or 2xx; 200 to 299 but 202 without it" },
    { "body", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what the answer must hold, by pointer" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_items_keys[] = {
    { "pointer", CRM_KEY_STRING, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "a pointer to each outcome" },
    { "order", CRM_KEY_WORD, 0, 0, 0, words_order, NULL,
      "same: as in the request; match_by: by a key" },
    { "match_by", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a pointer into outcome and record, equal in both" },
    { "id", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a pointer to the id in an outcome" },
    { "ok", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what an outcome must hold to be a success" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_get_keys[] = {
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "of one record: {module}/{id}; a query behind a question mark" },
    { "many", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "of several at once: {module}?ids={ids}" },
    { "record", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a pointer to the record in the answer" },
    { "records", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a pointer to each record, of several" },
    { "missing", CRM_KEY_TEXTS, 0, 0, 10, NULL, NULL,
      "statuses that mean that there is no such record" },
    { "version", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "field:NAME or header:NAME" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_patch_keys[] = {
    { "method", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the method" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the path, with {module} and {id}" },
    { "headers", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "headers of it" },
    { "body", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the body, with {fields_json}" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_guard_keys[] = {
    { "header", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "one header, its value with {v}" },
    { "body", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "one key of the record, its value with {v}" },
    { "query", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "one parameter, its value with {v}" },
    CRM_KEYS_END
};

const crm_key_t  crm_dialect_parts_find_keys[] = {
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "newest records of a module, or those of {event}" },
    { "records", CRM_KEY_STRING, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "a pointer to each record in the answer" },
    { "created", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field that says when a record was created" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_answer(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    size_t              i;
    json_t             *list, *value;
    crm_status_t        rc;
    crm_file_new_id_t  *ids;

    rc = answer_ok(&d->ok, json_object_get(file, "ok"), cc);
    rc = crm_dialect_parts_worse(rc,
             answer_items(&d->items, json_object_get(file, "items"), cc));

    list = json_object_get(file, "new_id");

    ids = crm_pool_calloc(cc->pool, json_array_size(list) + 1,
                          sizeof(crm_file_new_id_t));
    if (ids == NULL) {
        return CRM_ENOMEM;
    }

    d->new_id = ids;

    json_array_foreach(list, i, value) {
        rc = crm_dialect_parts_worse(rc,
                 answer_new_id(&ids[d->new_id_count++], crm_shape_str(value),
                               crm_shape_index(cc, "new_id", i), cc));
    }

    return rc;
}


crm_status_t
crm_dialect_parts_own(struct crm_dialect_file_s *d, const json_t *file,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = own_get(&d->get, json_object_get(file, "get"), cc);
    rc = crm_dialect_parts_worse(rc,
             own_patch(&d->patch, json_object_get(file, "patch"), cc));
    rc = crm_dialect_parts_worse(rc,
             own_guard(&d->guard, json_object_get(file, "guard"), cc));

    return crm_dialect_parts_worse(rc,
               own_find(&d->find, json_object_get(file, "find"), cc));
}


static crm_status_t
answer_ok(crm_file_ok_t *ok, const json_t *json, crm_compile_t *cc)
{
    crm_status_t      rc;
    crm_file_test_t  *tests;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_ok_keys, "ok", "ok", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    tests = crm_pool_calloc(cc->pool, CRM_DIALECT_MAX_TESTS,
                            sizeof(crm_file_test_t));
    if (tests == NULL) {
        return CRM_ENOMEM;
    }

    ok->tests = tests;

    rc = answer_statuses(&ok->statuses, &ok->statuses_count,
                         json_object_get(json, "status"), "ok.status", cc);

    return crm_dialect_parts_worse(rc,
               crm_dialect_parts_tests(tests, &ok->tests_count,
                   json_object_get(json, "body"), CRM_FILE_TEST_BODY,
                   "ok.body", cc));
}


static crm_status_t
answer_statuses(const crm_file_status_t **statuses, unsigned *count,
    const json_t *json, const char *path, crm_compile_t *cc)
{
    size_t              i;
    json_t             *value;
    crm_status_t        rc;
    crm_file_status_t  *list;

    if (json_array_size(json) == 0) {
        return CRM_OK;
    }

    list = crm_pool_calloc(cc->pool, json_array_size(json),
                           sizeof(crm_file_status_t));
    if (list == NULL) {
        return CRM_ENOMEM;
    }

    *statuses = list;
    rc = CRM_OK;

    json_array_foreach((json_t *) json, i, value) {
        rc = crm_dialect_parts_worse(rc,
                 answer_status(&list[(*count)++], crm_shape_str(value),
                               crm_shape_index(cc, path, i), cc));
    }

    return rc;
}


/* "201", "2xx" */
static crm_status_t
answer_status(crm_file_status_t *status, crm_str_t text, const char *path,
    crm_compile_t *cc)
{
    size_t    i;
    unsigned  n;

    if (text.len == 3 && text.data[0] >= '1' && text.data[0] <= '5') {
        n = (unsigned) (text.data[0] - '0') * 100;

        if (text.data[1] == 'x' && text.data[2] == 'x') {
            status->from = n;
            status->to = n + 99;
            return CRM_OK;
        }

        for (i = 1; i < 3 && text.data[i] >= '0' && text.data[i] <= '9';
             i++)
        {
            n += (unsigned) (text.data[i] - '0') * (i == 1 ? 10 : 1);
        }

        if (i == 3) {
            status->from = n;
            status->to = n;
            return CRM_OK;
        }
    }

    return crm_shape_error(cc, path, "bad_status", NULL, "a status is written"
                           " as \"200\", or \"2xx\" for all of its kind");
}


/* body:/id, header:Location~/things/, scalar */
static crm_status_t
answer_new_id(crm_file_new_id_t *id, crm_str_t text, const char *path,
    crm_compile_t *cc)
{
    crm_str_t    rest;
    const char  *mark;

    if (crm_str_is(text, "scalar")) {
        id->kind = CRM_FILE_ID_SCALAR;
        return CRM_OK;
    }

    if (text.len > 5 && memcmp(text.data, "body:", 5) == 0) {
        id->kind = CRM_FILE_ID_BODY;
        return crm_dialect_parts_pointer_text(&id->pointer,
                   crm_str(text.data + 5, text.len - 5), path, cc);
    }

    if (text.len <= 7 || memcmp(text.data, "header:", 7) != 0) {
        return crm_shape_error(cc, path, "bad_source", NULL, "a new id stands"
                               " at body:POINTER, header:NAME~TEXT (behind"
                               " the last TEXT), or is the body itself:"
                               " scalar");
    }

    rest = crm_str(text.data + 7, text.len - 7);
    mark = memchr(rest.data, '~', rest.len);

    id->kind = CRM_FILE_ID_HEADER;
    id->before = mark ? crm_pool_dup(cc->pool, crm_str(mark + 1,
                            (size_t) (rest.data + rest.len - mark) - 1))
                      : CRM_STR("/");
    id->header = crm_dialect_parts_lower(crm_str(rest.data, mark
                     ? (size_t) (mark - rest.data) : rest.len), cc->pool);

    return id->before.data && id->header.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
answer_items(crm_file_items_t *items, const json_t *json, crm_compile_t *cc)
{
    crm_str_t         order;
    crm_status_t      rc;
    crm_file_test_t  *tests;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_items_keys, "items", "items",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    tests = crm_pool_calloc(cc->pool, CRM_DIALECT_MAX_TESTS,
                            sizeof(crm_file_test_t));
    if (tests == NULL) {
        return CRM_ENOMEM;
    }

    items->tests = tests;
    order = crm_shape_str(json_object_get(json, "order"));
    items->order = crm_str_is(order, "same") ? CRM_FILE_ORDER_SAME
                   : crm_str_is(order, "match_by") ? CRM_FILE_ORDER_MATCH
                                                   : CRM_FILE_ORDER_NONE;

    rc = crm_dialect_parts_pointer(&items->pointer,
             json_object_get(json, "pointer"), "items.pointer", cc);
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&items->match_by,
                 json_object_get(json, "match_by"), "items.match_by", cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&items->id,
                 json_object_get(json, "id"), "items.id", cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_tests(tests, &items->tests_count,
                 json_object_get(json, "ok"), CRM_FILE_TEST_BODY, "items.ok",
                 cc));

    if (items->order == CRM_FILE_ORDER_MATCH && !items->match_by.set) {
        rc = crm_shape_error(cc, "items", "missing_key", "match_by",
                             "items lacks \"match_by\", a pointer to the key"
                             " that tells which outcome is whose");
    }

    return rc;
}


static crm_status_t
own_get(crm_file_get_t *get, const json_t *json, crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_shape_check(json, crm_dialect_parts_get_keys, "get", "get", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    get->record.set = 1;

    rc = own_path(&get->path, &get->query, json_object_get(json, "path"),
                  "get.path", CRM_DIALECT_FILL_RECORD,
                  CRM_DIALECT_FILL_RECORD, cc);
    rc = crm_dialect_parts_worse(rc,
             own_path(&get->many_path, &get->many_query,
                      json_object_get(json, "many"), "get.many",
                      CRM_FILL_BIT(CRM_FILL_MODULE)
                      | CRM_FILL_BIT(CRM_FILL_IDS),
                      CRM_FILL_BIT(CRM_FILL_MODULE)
                      | CRM_FILL_BIT(CRM_FILL_IDS), cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&get->record,
                 json_object_get(json, "record"), "get.record", cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&get->records,
                 json_object_get(json, "records"), "get.records", cc));
    rc = crm_dialect_parts_worse(rc,
             answer_statuses(&get->missing, &get->missing_count,
                             json_object_get(json, "missing"), "get.missing",
                             cc));

    if (get->many_path.count && !get->records.set) {
        rc = crm_shape_error(cc, "get", "missing_key", "records", "get lacks"
                             " \"records\", a pointer to each record in the"
                             " answer to \"many\"");
    }

    return crm_dialect_parts_worse(rc,
               own_version(get, json_object_get(json, "version"), cc));
}


static crm_status_t
own_version(crm_file_get_t *get, const json_t *json, crm_compile_t *cc)
{
    crm_str_t  text;

    if (json == NULL) {
        return CRM_OK;
    }

    text = crm_shape_str(json);

    if (text.len > 6 && memcmp(text.data, "field:", 6) == 0) {
        get->version_field = crm_pool_dup(cc->pool, crm_str(text.data + 6,
                                                            text.len - 6));
        return get->version_field.data ? CRM_OK : CRM_ENOMEM;
    }

    if (text.len > 7 && memcmp(text.data, "header:", 7) == 0) {
        get->version_header = crm_dialect_parts_lower(crm_str(text.data + 7,
                                  text.len - 7), cc->pool);
        return get->version_header.data ? CRM_OK : CRM_ENOMEM;
    }

    return crm_shape_error(cc, "get.version", "bad_source", NULL,
                           "a version is field:NAME of the record or"
                           " header:NAME of the answer");
}


static crm_status_t
own_patch(crm_file_patch_t *patch, const json_t *json, crm_compile_t *cc)
{
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_patch_keys, "patch", "patch",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_shape_copy(&patch->method, json_object_get(json, "method"),
                        cc->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_dialect_parts_fill(&patch->path, json_object_get(json, "path"),
                                "patch.path", CRM_DIALECT_FILL_RECORD,
                                CRM_DIALECT_FILL_RECORD, cc);
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_headers(&patch->headers,
                 &patch->headers_count, json_object_get(json, "headers"),
                 "patch.headers", CRM_DIALECT_FILL_RECORD
                                  | CRM_FILL_BIT(CRM_FILL_VERSION), cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_fill_json(&patch->body,
                 json_object_get(json, "body"), "patch.body",
                 CRM_DIALECT_FILL_RECORD
                 | CRM_FILL_BIT(CRM_FILL_FIELDS_JSON), cc));

    if (rc == CRM_OK && !(patch->body.uses
                          & CRM_FILL_BIT(CRM_FILL_FIELDS_JSON)))
    {
        rc = crm_shape_error(cc, "patch.body", "missing_place", NULL,
                             "this template must have {fields_json}");
    }

    return rc;
}


/* One of header, body and query, with one member. */
static crm_status_t
own_guard(crm_file_guard_t *guard, const json_t *json, crm_compile_t *cc)
{
    size_t         i;
    void          *iter;
    json_t        *map;
    const char    *path, *name;
    crm_status_t   rc;

    static const char *const  kinds[] = { "header", "body", "query" };

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_guard_keys, "guard", "guard",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < 3; i++) {
        map = json_object_get(json, kinds[i]);
        if (map == NULL) {
            continue;
        }

        path = crm_shape_path(cc, "guard", kinds[i]);
        iter = json_object_iter(map);

        if (guard->kind != CRM_FILE_GUARD_NONE || json_object_size(map) != 1
            || !json_is_string(json_object_iter_value(iter)))
        {
            return crm_shape_error(cc, path, "wrong_type", NULL, "a guard is"
                                   " one header, one key or one parameter,"
                                   " such as {\"If-Match\": \"{v}\"}");
        }

        name = json_object_iter_key(iter);
        guard->kind = (crm_file_guard_kind_t) (i + 1);
        guard->name = crm_pool_dup(cc->pool, crm_strz(name));
        if (guard->name.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_dialect_parts_worse(rc,
                 crm_dialect_parts_fill(&guard->value,
                     json_object_iter_value(iter),
                     crm_shape_path(cc, path, name),
                     CRM_FILL_BIT(CRM_FILL_VERSION),
                     CRM_FILL_BIT(CRM_FILL_VERSION), cc));
    }

    return rc;
}


static crm_status_t
own_find(crm_file_find_t *find, const json_t *json, crm_compile_t *cc)
{
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_shape_check(json, crm_dialect_parts_find_keys, "find", "find",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (json_object_get(json, "created")
        && crm_shape_copy(&find->created_field,
                          json_object_get(json, "created"), cc->pool)
           != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    rc = own_path(&find->path, &find->query, json_object_get(json, "path"),
                  "find.path", CRM_FILL_BIT(CRM_FILL_MODULE)
                               | CRM_FILL_BIT(CRM_FILL_EVENT),
                  CRM_FILL_BIT(CRM_FILL_MODULE), cc);

    return crm_dialect_parts_worse(rc,
               crm_dialect_parts_pointer(&find->records,
                   json_object_get(json, "records"), "find.records", cc));
}


/* A path, and behind a question mark its query: what stands between them must
 * be there in one of both. */
static crm_status_t
own_path(crm_fill_t *path, crm_fill_t *query, const json_t *json,
    const char *at, unsigned allowed, unsigned need, crm_compile_t *cc)
{
    unsigned      i;
    crm_str_t     text, rest;
    crm_status_t  rc;
    const char   *mark;

    if (json == NULL) {
        return CRM_OK;
    }

    text = crm_shape_str(json);
    mark = memchr(text.data, '?', text.len);
    rest = CRM_STR_NULL;

    if (mark) {
        rest = crm_str(mark + 1, (size_t) (text.data + text.len - mark) - 1);
        text.len = (size_t) (mark - text.data);
    }

    rc = crm_dialect_parts_fill_text(path, text, at, allowed, cc);

    if (rest.len) {
        rc = crm_dialect_parts_worse(rc,
                 crm_dialect_parts_fill_text(query, rest, at, allowed, cc));
    }

    for (i = 0; rc == CRM_OK && i < CRM_FILL_COUNT; i++) {
        if ((need & CRM_FILL_BIT(i))
            && !((path->uses | query->uses) & CRM_FILL_BIT(i)))
        {
            rc = crm_shape_error(cc, at, "missing_place", NULL,
                                 "this template must have {%s}",
                                 crm_fill_name((crm_fill_var_t) i));
        }
    }

    return rc;
}
