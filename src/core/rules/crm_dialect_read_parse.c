/*
 * Dialect files: requests of our own that read. One record, several of them,
 * and those that are looked for.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t read_one(crm_file_get_t *get, const json_t *json,
    crm_compile_t *cc);
static crm_status_t read_many(crm_file_get_t *get, const json_t *json,
    crm_compile_t *cc);
static crm_status_t read_need(unsigned uses, const char *path, unsigned json,
    crm_compile_t *cc);
static crm_status_t read_body(crm_fill_t *body, const json_t *json,
    const char *path, unsigned allowed, crm_compile_t *cc);
static crm_status_t read_version(crm_file_get_t *get, const json_t *json,
    crm_compile_t *cc);
static crm_status_t read_text(crm_str_t *text, const json_t *json,
    const char *key, crm_compile_t *cc);


#define FIND_PLACES  (CRM_FILL_BIT(CRM_FILL_MODULE)                           \
                      | CRM_FILL_BIT(CRM_FILL_FIELDS))

const crm_key_t  crm_dialect_parts_get_keys[] = {
    { "method", CRM_KEY_TEXT, 0, 0, 20, NULL, NULL,
      "GET without it" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "of one record: {module}/{id}; a query behind a question mark" },
    { "many", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "of several at once: {module}?ids={ids}" },
    { "body", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "of a method that has one: {module}, {id_json}, {body:PTR}" },
    { "many_body", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "the same of several: {ids_json}" },
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

const crm_key_t  crm_dialect_parts_find_keys[] = {
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "newest records of a module, or those of {event}" },
    { "records", CRM_KEY_STRING, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "a pointer to each record in the answer" },
    { "page", CRM_KEY_INTEGER, 0, 1, 10000, NULL, NULL,
      "how many records the answer holds at most" },
    { "created", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field that says when a record was created" },
    { "modified", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field that says when a record was last written" },
    { "unique", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "a field that no two records have the same value in" },
    { "unique_path", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the records with a {value} in it" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_get(crm_file_get_t *get, const json_t *json,
    crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_shape_check(json, crm_dialect_parts_get_keys, "get", "get", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    get->record.set = 1;

    rc = read_text(&get->method, json, "method", cc);
    rc = crm_dialect_parts_worse(rc, read_one(get, json, cc));
    rc = crm_dialect_parts_worse(rc, read_many(get, json, cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&get->record,
                 json_object_get(json, "record"), "get.record", cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_pointer(&get->records,
                 json_object_get(json, "records"), "get.records", cc));
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_statuses(&get->missing, &get->missing_count,
                             json_object_get(json, "missing"), "get.missing",
                             cc));

    if (get->many_path.count && !get->records.set) {
        rc = crm_shape_error(cc, "get", "missing_key", "records", "get lacks"
                             " \"records\", a pointer to each record in the"
                             " answer to \"many\"");
    }

    return crm_dialect_parts_worse(rc,
               read_version(get, json_object_get(json, "version"), cc));
}


static crm_status_t
read_one(crm_file_get_t *get, const json_t *json, crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_dialect_parts_path(&get->path, &get->query,
             json_object_get(json, "path"), "get.path",
             CRM_DIALECT_FILL_RECORD | CRM_FILL_BIT(CRM_FILL_BODY), 0, cc);
    rc = crm_dialect_parts_worse(rc,
             read_body(&get->body, json_object_get(json, "body"), "get.body",
                       CRM_DIALECT_FILL_RECORD
                       | CRM_FILL_BIT(CRM_FILL_ID_JSON), cc));

    if (rc != CRM_OK) {
        return rc;
    }

    return read_need(get->path.uses | get->query.uses | get->body.uses,
                     "get.path", CRM_FILL_BIT(CRM_FILL_ID_JSON), cc);
}


static crm_status_t
read_many(crm_file_get_t *get, const json_t *json, crm_compile_t *cc)
{
    crm_status_t  rc;

    if (json_object_get(json, "many") == NULL
        && json_object_get(json, "many_body"))
    {
        return crm_shape_error(cc, "get.many_body", "missing_key", NULL,
                               "\"many_body\" is the body of \"many\", which"
                               " is not there");
    }

    if (json_object_get(json, "many") == NULL) {
        return CRM_OK;
    }

    rc = crm_dialect_parts_path(&get->many_path, &get->many_query,
             json_object_get(json, "many"), "get.many",
             CRM_FILL_BIT(CRM_FILL_MODULE) | CRM_FILL_BIT(CRM_FILL_IDS)
             | CRM_FILL_BIT(CRM_FILL_BODY), 0, cc);
    rc = crm_dialect_parts_worse(rc,
             read_body(&get->many_body, json_object_get(json, "many_body"),
                       "get.many_body", CRM_FILL_BIT(CRM_FILL_MODULE)
                       | CRM_FILL_BIT(CRM_FILL_IDS)
                       | CRM_FILL_BIT(CRM_FILL_IDS_JSON), cc));

    if (rc != CRM_OK) {
        return rc;
    }

    return read_need(get->many_path.uses | get->many_query.uses
                     | get->many_body.uses, "get.many",
                     CRM_FILL_BIT(CRM_FILL_IDS_JSON), cc);
}


/* Module and id, or what stands for the id in JSON, must be somewhere. */
static crm_status_t
read_need(unsigned uses, const char *path, unsigned json, crm_compile_t *cc)
{
    crm_fill_var_t  id;

    id = json == CRM_FILL_BIT(CRM_FILL_ID_JSON) ? CRM_FILL_ID : CRM_FILL_IDS;

    if (!(uses & CRM_FILL_BIT(CRM_FILL_MODULE))) {
        return crm_shape_error(cc, path, "missing_place", NULL,
                               "this template must have {module}");
    }

    return uses & (CRM_FILL_BIT(id) | json) ? CRM_OK
           : crm_shape_error(cc, path, "missing_place", NULL,
                             "this template must have {%s}",
                             crm_fill_name(id));
}


static crm_status_t
read_body(crm_fill_t *body, const json_t *json, const char *path,
    unsigned allowed, crm_compile_t *cc)
{
    return json ? crm_dialect_parts_fill_json(body, json, path,
                      allowed | CRM_FILL_BIT(CRM_FILL_BODY), cc)
                : CRM_OK;
}


static crm_status_t
read_version(crm_file_get_t *get, const json_t *json, crm_compile_t *cc)
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


crm_status_t
crm_dialect_parts_find(crm_file_find_t *find, const json_t *json,
    crm_compile_t *cc)
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

    if (read_text(&find->created_field, json, "created", cc) != CRM_OK
        || read_text(&find->modified_field, json, "modified", cc) != CRM_OK
        || read_text(&find->unique_field, json, "unique", cc) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    find->page = (unsigned) json_integer_value(json_object_get(json, "page"));

    rc = crm_dialect_parts_path(&find->path, &find->query,
             json_object_get(json, "path"), "find.path",
             FIND_PLACES | CRM_FILL_BIT(CRM_FILL_EVENT)
             | CRM_FILL_BIT(CRM_FILL_MORE_FIELDS),
             CRM_FILL_BIT(CRM_FILL_MODULE), cc);
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_path(&find->unique_path, &find->unique_query,
                 json_object_get(json, "unique_path"), "find.unique_path",
                 FIND_PLACES | CRM_FILL_BIT(CRM_FILL_VALUE),
                 CRM_FILL_BIT(CRM_FILL_MODULE)
                 | CRM_FILL_BIT(CRM_FILL_VALUE), cc));

    if ((find->unique_field.len == 0) != (find->unique_path.count == 0)) {
        rc = crm_dialect_parts_worse(rc,
                 crm_shape_error(cc, find->unique_field.len
                                 ? "find.unique" : "find.unique_path",
                                 "missing_key", NULL, "unique and unique_path"
                                 " go together: the field, and how a record"
                                 " is looked up by it"));
    }

    return crm_dialect_parts_worse(rc,
               crm_dialect_parts_pointer(&find->records,
                   json_object_get(json, "records"), "find.records", cc));
}


/* A text that need not be there. CRM_OK or CRM_ENOMEM. */
static crm_status_t
read_text(crm_str_t *text, const json_t *json, const char *key,
    crm_compile_t *cc)
{
    json = json_object_get(json, key);

    return json ? crm_shape_copy(text, json, cc->pool) : CRM_OK;
}
