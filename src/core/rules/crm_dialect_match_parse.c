/*
 * Dialect files: which requests a route is for.
 */

#include "rules/crm_dialect_parts.h"


#define MATCH_MAX_SEGMENTS  12


static crm_status_t match_path(crm_file_route_t *r, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t match_segment(crm_file_seg_t *seg, crm_str_t text,
    const char *path, crm_compile_t *cc);
static crm_status_t match_tests(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc);
static crm_status_t match_form_tests(crm_file_test_t *tests, unsigned *count,
    const json_t *json, const char *path, crm_compile_t *cc);


const crm_key_t  crm_dialect_parts_match_keys[] = {
    { "methods", CRM_KEY_TEXTS, 0, 0, 10, NULL, NULL,
      "methods; without it every one but GET, HEAD and OPTIONS" },
    { "path", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "segments: text, {module}, {id}, {action}, or {*rest} at the end" },
    { "query", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "parameters it must have" },
    { "header", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "headers it must have" },
    { "body", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "values of the body, by pointer" },
    { "form", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "fields of a form, by name" },
    CRM_KEYS_END
};


crm_status_t
crm_dialect_parts_match(crm_file_route_t *r, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_shape_check(json, crm_dialect_parts_match_keys, "match", path,
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_dialect_parts_texts(&r->methods,
                                 json_object_get(json, "methods"), cc->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = match_path(r, crm_shape_str(json_object_get(json, "path")),
                    crm_shape_path(cc, path, "path"), cc);

    return crm_dialect_parts_worse(rc, match_tests(r, json, path, cc));
}


static crm_status_t
match_path(crm_file_route_t *r, crm_str_t text, const char *path,
    crm_compile_t *cc)
{
    size_t           i, from;
    crm_status_t     rc;
    crm_file_seg_t  *segments;

    segments = crm_pool_calloc(cc->pool, MATCH_MAX_SEGMENTS,
                               sizeof(crm_file_seg_t));
    if (segments == NULL) {
        return CRM_ENOMEM;
    }

    r->segments = segments;

    for (i = 0, from = 0; i <= text.len; i++) {
        if (i < text.len && text.data[i] != '/') {
            continue;
        }

        if (r->segments_count == MATCH_MAX_SEGMENTS
            || (r->segments_count
                && segments[r->segments_count - 1].kind == CRM_FILE_SEG_REST))
        {
            return crm_shape_error(cc, path, "bad_path", NULL, "a path has at"
                                   " most %d segments, and {*rest} is the"
                                   " last", MATCH_MAX_SEGMENTS);
        }

        rc = match_segment(&segments[r->segments_count++],
                           crm_str(text.data + from, i - from), path, cc);
        if (rc != CRM_OK) {
            return rc;
        }

        from = i + 1;
    }

    return CRM_OK;
}


static crm_status_t
match_segment(crm_file_seg_t *seg, crm_str_t text, const char *path,
    crm_compile_t *cc)
{
    int  place;

    place = text.len > 2 && text.data[0] == '{'
            && text.data[text.len - 1] == '}'
            && memchr(text.data + 1, '{', text.len - 1) == NULL;

    if (!place && (text.len == 0 || memchr(text.data, '{', text.len)
                   || memchr(text.data, '}', text.len)))
    {
        return crm_shape_error(cc, path, "bad_path", NULL, "a segment is"
                               " text or one place such as {module}; a path"
                               " neither begins nor ends with a slash");
    }

    seg->kind = !place ? CRM_FILE_SEG_TEXT
                : text.data[1] == '*' ? CRM_FILE_SEG_REST
                : crm_str_is(text, "{module}") ? CRM_FILE_SEG_MODULE
                : crm_str_is(text, "{id}") ? CRM_FILE_SEG_ID
                                           : CRM_FILE_SEG_ANY;

    seg->text = crm_pool_dup(cc->pool, text);

    return seg->text.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
match_tests(crm_file_route_t *r, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    unsigned          plain;
    crm_status_t      rc;
    crm_file_test_t  *tests;

    tests = crm_pool_calloc(cc->pool, CRM_DIALECT_MAX_TESTS,
                            sizeof(crm_file_test_t));
    if (tests == NULL) {
        return CRM_ENOMEM;
    }

    r->tests = tests;

    rc = crm_dialect_parts_tests(tests, &r->tests_count,
             json_object_get(json, "query"), CRM_FILE_TEST_QUERY,
             crm_shape_path(cc, path, "query"), cc);
    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_tests(tests, &r->tests_count,
                 json_object_get(json, "header"), CRM_FILE_TEST_HEADER,
                 crm_shape_path(cc, path, "header"), cc));

    plain = r->tests_count;

    rc = crm_dialect_parts_worse(rc,
             crm_dialect_parts_tests(tests, &r->tests_count,
                 json_object_get(json, "body"), CRM_FILE_TEST_BODY,
                 crm_shape_path(cc, path, "body"), cc));
    rc = crm_dialect_parts_worse(rc,
             match_form_tests(tests, &r->tests_count,
                 json_object_get(json, "form"),
                 crm_shape_path(cc, path, "form"), cc));

    r->body_tests = r->tests_count - plain;

    return rc;
}


/* A form is read as an object: a field of it is a member. */
static crm_status_t
match_form_tests(crm_file_test_t *tests, unsigned *count, const json_t *json,
    const char *path, crm_compile_t *cc)
{
    json_t        *value, *pointers;
    crm_str_t      pointer;
    const char    *name;
    crm_status_t   rc;

    if (json == NULL) {
        return CRM_OK;
    }

    pointers = json_object();
    if (pointers == NULL) {
        return CRM_ENOMEM;
    }

    rc = CRM_OK;

    json_object_foreach((json_t *) json, name, value) {
        pointer = crm_pool_printf(cc->pool, "/%s", name);

        if (pointer.data == NULL
            || json_object_set(pointers, pointer.data, value) != 0)
        {
            rc = CRM_ENOMEM;
            break;
        }
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_parts_tests(tests, count, pointers,
                                     CRM_FILE_TEST_BODY, path, cc);
    }

    json_decref(pointers);

    return rc;
}
