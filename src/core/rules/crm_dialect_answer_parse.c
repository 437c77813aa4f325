/*
 * Dialect files: what answers say.
 */

#include "rules/crm_dialect_parts.h"


static crm_status_t answer_ok(crm_file_ok_t *ok, const json_t *json,
    crm_compile_t *cc);
static crm_status_t answer_status(crm_file_status_t *status, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t answer_new_id(crm_file_new_id_t *id, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t answer_items(crm_file_items_t *items, const json_t *json,
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

    rc = crm_dialect_parts_statuses(&ok->statuses, &ok->statuses_count,
                         json_object_get(json, "status"), "ok.status", cc);

    return crm_dialect_parts_worse(rc,
               crm_dialect_parts_tests(tests, &ok->tests_count,
                   json_object_get(json, "body"), CRM_FILE_TEST_BODY,
                   "ok.body", cc));
}


crm_status_t
crm_dialect_parts_statuses(const crm_file_status_t **statuses, unsigned *count,
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
