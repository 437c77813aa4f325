/*
 * Dialect files: pointers, templates, tests and headers, wherever they stand.
 */

#include "rules/crm_dialect_parts.h"


/* A value inside a value: error bodies of known backends have four levels. */
#define COMMON_MAX_DEPTH  8


static crm_status_t common_error(crm_status_t rc, const crm_error_t *err,
    const char *path, const char *code, crm_compile_t *cc);
static crm_status_t common_json(crm_fill_t *fill, const json_t *json,
    const char *path, unsigned allowed, unsigned depth, crm_compile_t *cc);
static crm_status_t common_json_list(crm_fill_t *fill, const json_t *json,
    const char *path, unsigned allowed, unsigned depth, crm_compile_t *cc);
static crm_status_t common_json_map(crm_fill_t *fill, const json_t *json,
    const char *path, unsigned allowed, unsigned depth, crm_compile_t *cc);
static crm_status_t common_json_plain(crm_fill_t *fill, const json_t *json,
    crm_compile_t *cc);
static crm_status_t common_test(crm_file_test_t *test, const char *name,
    const json_t *value, const char *path, crm_compile_t *cc);


crm_status_t
crm_dialect_parts_pointer(crm_pointer_t *pointer, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    if (json == NULL) {
        return CRM_OK;
    }

    return crm_dialect_parts_pointer_text(pointer, crm_shape_str(json), path,
                                          cc);
}


crm_status_t
crm_dialect_parts_pointer_text(crm_pointer_t *pointer, crm_str_t text,
    const char *path, crm_compile_t *cc)
{
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_pointer_parse(pointer, text, cc->pool, &err);

    return rc == CRM_OK ? rc : common_error(rc, &err, path, "bad_pointer",
                                            cc);
}


crm_status_t
crm_dialect_parts_texts(crm_texts_t *texts, const json_t *json,
    crm_pool_t *pool)
{
    size_t        count;
    crm_str_t    *items;
    crm_status_t  rc;

    if (json == NULL || json_array_size(json) == 0) {
        return CRM_OK;
    }

    rc = crm_shape_texts(&items, &count, json, pool);

    if (rc == CRM_OK) {
        texts->items = items;
        texts->count = (unsigned) count;
    }

    return rc;
}


crm_status_t
crm_dialect_parts_fill(crm_fill_t *fill, const json_t *json,
    const char *path, unsigned allowed, unsigned need, crm_compile_t *cc)
{
    unsigned      i;
    crm_status_t  rc;

    if (json == NULL) {
        return CRM_OK;
    }

    rc = crm_dialect_parts_fill_text(fill, crm_shape_str(json), path, allowed,
                                     cc);

    for (i = 0; rc == CRM_OK && i < CRM_FILL_COUNT; i++) {
        if ((need & CRM_FILL_BIT(i)) && !(fill->uses & CRM_FILL_BIT(i))) {
            rc = crm_shape_error(cc, path, "missing_place", NULL,
                                 "this template must have {%s}",
                                 crm_fill_name((crm_fill_var_t) i));
        }
    }

    return rc;
}


crm_status_t
crm_dialect_parts_path(crm_fill_t *path, crm_fill_t *query, const json_t *json,
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


crm_status_t
crm_dialect_parts_fill_text(crm_fill_t *fill, crm_str_t text,
    const char *path, unsigned allowed, crm_compile_t *cc)
{
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_fill_add(fill, text, allowed, 0, cc->pool, &err);

    return rc == CRM_OK ? rc : common_error(rc, &err, path, "bad_template",
                                            cc);
}


crm_status_t
crm_dialect_parts_fill_json(crm_fill_t *fill, const json_t *json,
    const char *path, unsigned allowed, crm_compile_t *cc)
{
    return common_json(fill, json, path, allowed, 0, cc);
}


crm_status_t
crm_dialect_parts_tests(crm_file_test_t *tests, unsigned *count,
    const json_t *json, crm_file_test_kind_t kind, const char *path,
    crm_compile_t *cc)
{
    json_t        *value;
    const char    *name;
    crm_status_t   rc;

    rc = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        if (*count == CRM_DIALECT_MAX_TESTS) {
            return crm_shape_error(cc, path, "too_long", NULL,
                                   "there may be %d tests at most",
                                   CRM_DIALECT_MAX_TESTS);
        }

        tests[*count].kind = kind;
        rc = crm_dialect_parts_worse(rc,
                 common_test(&tests[*count], name, value,
                             crm_shape_path(cc, path, name), cc));
        (*count)++;
    }

    return rc;
}


crm_status_t
crm_dialect_parts_headers(const crm_file_header_t **headers,
    unsigned *count, const json_t *json, const char *path, unsigned allowed,
    crm_compile_t *cc)
{
    json_t             *value;
    const char         *name, *at, *p;
    crm_status_t        rc;
    crm_file_header_t  *list;

    if (json == NULL || json_object_size(json) == 0) {
        return CRM_OK;
    }

    list = crm_pool_calloc(cc->pool, json_object_size(json),
                           sizeof(crm_file_header_t));
    if (list == NULL) {
        return CRM_ENOMEM;
    }

    *headers = list;
    rc = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        at = crm_shape_path(cc, path, name);

        for (p = name; *p > 0x20 && *p < 0x7f && *p != ':'; p++) { /* void */ }

        if (p == name || *p || !json_is_string(value)) {
            rc = crm_dialect_parts_worse(rc,
                     crm_shape_error(cc, at, "bad_header", NULL, "a header is"
                                     " a name and a text, such as \"X-Reason\""
                                     ": \"{message}\""));
            continue;
        }

        list[*count].name = crm_pool_dup(cc->pool, crm_strz(name));
        if (list[*count].name.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_dialect_parts_worse(rc,
                 crm_dialect_parts_fill(&list[*count].value, value, at,
                                        allowed, 0, cc));
        (*count)++;
    }

    return rc;
}


crm_str_t
crm_dialect_parts_lower(crm_str_t text, crm_pool_t *pool)
{
    char    *out;
    size_t   i;

    out = crm_pool_alloc(pool, text.len + 1);
    if (out == NULL) {
        return CRM_STR_NULL;
    }

    for (i = 0; i < text.len; i++) {
        out[i] = text.data[i] >= 'A' && text.data[i] <= 'Z'
                 ? (char) (text.data[i] | 0x20) : text.data[i];
    }

    return crm_str(out, text.len);
}


crm_status_t
crm_dialect_parts_worse(crm_status_t a, crm_status_t b)
{
    return a == CRM_ENOMEM || b == CRM_OK ? a : b;
}


static crm_status_t
common_error(crm_status_t rc, const crm_error_t *err, const char *path,
    const char *code, crm_compile_t *cc)
{
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    return crm_shape_error(cc, path, code, NULL, "%s",
                           rc == CRM_ELIMIT ? "the template has too many"
                                              " places" : err->text);
}


static crm_status_t
common_json(crm_fill_t *fill, const json_t *json, const char *path,
    unsigned allowed, unsigned depth, crm_compile_t *cc)
{
    crm_error_t   err;
    crm_status_t  rc;
    crm_fill_t    whole;

    if (depth == COMMON_MAX_DEPTH) {
        return crm_shape_error(cc, path, "too_long", NULL, "a body may be %d"
                               " levels deep", COMMON_MAX_DEPTH);
    }

    if (json_is_object(json)) {
        return common_json_map(fill, json, path, allowed, depth, cc);
    }

    if (json_is_array(json)) {
        return common_json_list(fill, json, path, allowed, depth, cc);
    }

    if (!json_is_string(json)) {
        return common_json_plain(fill, json, cc);
    }

    /* a text that is one place and a value by itself has no quotes */

    memset(&whole, 0, sizeof(crm_fill_t));
    rc = crm_fill_add(&whole, crm_shape_str(json), allowed, 1, cc->pool,
                      &err);

    if (rc != CRM_OK) {
        return common_error(rc, &err, path, "bad_template", cc);
    }

    if (whole.count == 1 && whole.parts[0].raw) {
        rc = crm_fill_add(fill, crm_shape_str(json), allowed, 1, cc->pool,
                          &err);
        return rc == CRM_OK ? rc : common_error(rc, &err, path,
                                                "bad_template", cc);
    }

    rc = crm_fill_literal(fill, CRM_STR("\""), cc->pool);

    if (rc == CRM_OK) {
        rc = crm_fill_add(fill, crm_shape_str(json), allowed, 1, cc->pool,
                          &err);
    }

    if (rc == CRM_OK) {
        rc = crm_fill_literal(fill, CRM_STR("\""), cc->pool);
    }

    return rc == CRM_OK ? rc : common_error(rc, &err, path, "bad_template",
                                            cc);
}


static crm_status_t
common_json_list(crm_fill_t *fill, const json_t *json, const char *path,
    unsigned allowed, unsigned depth, crm_compile_t *cc)
{
    size_t        i;
    json_t       *value;
    crm_status_t  rc;

    rc = crm_fill_literal(fill, CRM_STR("["), cc->pool);

    json_array_foreach((json_t *) json, i, value) {
        if (rc == CRM_OK && i) {
            rc = crm_fill_literal(fill, CRM_STR(","), cc->pool);
        }

        if (rc == CRM_OK) {
            rc = common_json(fill, value, crm_shape_index(cc, path, i),
                             allowed, depth + 1, cc);
        }
    }

    return rc == CRM_OK ? crm_fill_literal(fill, CRM_STR("]"), cc->pool) : rc;
}


static crm_status_t
common_json_map(crm_fill_t *fill, const json_t *json, const char *path,
    unsigned allowed, unsigned depth, crm_compile_t *cc)
{
    json_t        *value;
    crm_buf_t      key;
    const char    *name, *before;
    crm_status_t   rc;

    rc = CRM_OK;
    before = "{";

    json_object_foreach((json_t *) json, name, value) {
        crm_buf_init(&key, cc->pool, 0);
        crm_buf_puts(&key, before);
        crm_buf_json(&key, crm_strz(name));
        crm_buf_putc(&key, ':');

        if (crm_buf_status(&key) != CRM_OK) {
            return CRM_ENOMEM;
        }

        rc = crm_fill_literal(fill, crm_buf_view(&key), cc->pool);

        if (rc == CRM_OK) {
            rc = common_json(fill, value, crm_shape_path(cc, path, name),
                             allowed, depth + 1, cc);
        }

        if (rc != CRM_OK) {
            return rc;
        }

        before = ",";
    }

    return crm_fill_literal(fill, *before == '{' ? CRM_STR("{}")
                                                 : CRM_STR("}"), cc->pool);
}


static crm_status_t
common_json_plain(crm_fill_t *fill, const json_t *json, crm_compile_t *cc)
{
    char          *text;
    crm_status_t   rc;

    text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_fill_literal(fill, crm_strz(text), cc->pool);
    free(text);

    return rc;
}


/* "name": a value it must have, or {"present": true|false}. */
static crm_status_t
common_test(crm_file_test_t *test, const char *name, const json_t *value,
    const char *path, crm_compile_t *cc)
{
    char          *text;
    json_t        *present;
    crm_status_t   rc;

    if (test->kind == CRM_FILE_TEST_BODY) {
        rc = crm_dialect_parts_pointer_text(&test->pointer, crm_strz(name),
                                            path, cc);
    } else {
        test->name = test->kind == CRM_FILE_TEST_HEADER
                     ? crm_dialect_parts_lower(crm_strz(name), cc->pool)
                     : crm_pool_dup(cc->pool, crm_strz(name));
        rc = test->name.data ? CRM_OK : CRM_ENOMEM;
    }

    present = json_object_get(value, "present");

    if (json_is_object(value) && json_object_size(value) == 1
        && json_is_boolean(present))
    {
        test->is = json_is_true(present) ? CRM_FILE_THERE
                                         : CRM_FILE_NOT_THERE;
        return rc;
    }

    if (json_is_object(value) || json_is_array(value)) {
        return crm_shape_error(cc, path, "wrong_type", NULL, "a test is the"
                               " value that there must be, or {\"present\":"
                               " true}, or {\"present\": false}");
    }

    test->is = CRM_FILE_IS;

    if (json_is_string(value)) {
        return crm_shape_copy(&test->value, value, cc->pool) == CRM_OK
               ? rc : CRM_ENOMEM;
    }

    text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    if (text == NULL) {
        return CRM_ENOMEM;
    }

    test->value = crm_pool_dup(cc->pool, crm_strz(text));
    free(text);

    return test->value.data ? rc : CRM_ENOMEM;
}
