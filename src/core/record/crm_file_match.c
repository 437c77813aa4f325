/*
 * Dialect files: which route takes a request.
 */

#include "record/crm_file.h"

#include "base/crm_limits.h"
#include "record/crm_dialect_kind.h"


static int match_method(const crm_file_route_t *rule, crm_str_t method);
static int match_segments(crm_file_match_t *match,
    const crm_file_route_t *rule, crm_str_t *module, crm_str_t *id,
    crm_pool_t *pool);
static crm_status_t match_tests(const crm_file_match_t *match,
    const crm_file_route_t *rule, crm_pool_t *pool);
static crm_status_t match_test(const crm_file_match_t *match,
    const crm_file_test_t *test, crm_pool_t *pool);
static int match_is(const crm_file_test_t *test, int found, crm_str_t value);
static crm_status_t match_take(crm_file_match_t *match,
    const crm_file_route_t *rule, crm_str_t module, crm_str_t id,
    crm_pool_t *pool, crm_refusal_t *refusal);
static int match_is_module(crm_str_t text);
static int tests_value(const crm_file_test_t *test, crm_span_t value,
    crm_pool_t *pool);


crm_status_t
crm_file_match(crm_file_match_t *match, const crm_span_t *body,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    unsigned                 i, k;
    crm_str_t                module, id;
    crm_status_t             rc;
    const crm_file_route_t  *rule;

    match->rule = NULL;

    for (i = 0; i < match->file->routes_count; i++) {
        rule = &match->file->routes[i];

        if (!match_method(rule, match->method)
            || !match_segments(match, rule, &module, &id, pool))
        {
            continue;
        }

        rc = match_tests(match, rule, pool);

        if (rc == CRM_ENOMEM) {
            return rc;
        }
        if (rc != CRM_OK) {
            continue;
        }

        k = rule->tests_count - rule->body_tests;

        if (rule->body_tests == 0) {
            return match_take(match, rule, module, id, pool, refusal);
        }

        if (body == NULL) {
            return CRM_OK;
        }

        if (crm_file_tests(rule->tests + k, rule->body_tests, *body, pool)) {
            return match_take(match, rule, module, id, pool, refusal);
        }
    }

    return CRM_DECLINED;
}


/* Aliases in any case where the file folds, else as they stand. */
crm_status_t
crm_file_module(const crm_dialect_file_t *file, crm_str_t *name,
    crm_str_t text, crm_pool_t *pool)
{
    int                       fold;
    unsigned                  i;
    const crm_file_module_t  *module;

    (void) pool;

    if (!match_is_module(text)) {
        return CRM_EINVAL;
    }

    fold = file->normalise.module_fold;
    *name = text;

    for (i = 0; i < file->modules_count; i++) {
        module = &file->modules[i];

        if ((fold ? crm_str_caseeq(module->name, text)
                  : crm_str_eq(module->name, text))
            || crm_file_has(&module->aliases, text, fold))
        {
            *name = module->name;
            break;
        }
    }

    return CRM_OK;
}


crm_status_t
crm_file_id(const crm_dialect_file_t *file, crm_str_t *id, crm_str_t module,
    crm_str_t text, crm_pool_t *pool)
{
    unsigned             i;
    const crm_idform_t  *form;

    form = &file->id_form;

    for (i = 0; i < file->modules_count; i++) {
        if (file->modules[i].has_id_form
            && crm_str_eq(file->modules[i].name, module))
        {
            form = &file->modules[i].id_form;
        }
    }

    return crm_idform_apply(form, id, text, pool);
}


int
crm_file_tests(const crm_file_test_t *tests, unsigned count, crm_span_t root,
    crm_pool_t *pool)
{
    unsigned             i;
    crm_span_t           value;
    crm_pointer_walk_t   walk;

    for (i = 0; i < count; i++) {

        /* of many values each must pass */

        crm_pointer_walk(&walk, &tests[i].pointer, root);

        if (!crm_pointer_next(&walk, &value)) {
            memset(&value, 0, sizeof(crm_span_t));
        }

        do {
            if (!tests_value(&tests[i], value, pool)) {
                return 0;
            }
        } while (crm_pointer_next(&walk, &value));
    }

    return 1;
}


crm_str_t
crm_file_scalar(crm_span_t span, crm_pool_t *pool)
{
    if (span.type != CRM_JSON_STRING && span.type != CRM_JSON_NUMBER) {
        return CRM_STR_NULL;
    }

    return crm_span_text(span, pool);
}


static int
match_method(const crm_file_route_t *rule, crm_str_t method)
{
    return rule->methods.count == 0
           || crm_file_has(&rule->methods, method, 0);
}


static int
match_segments(crm_file_match_t *match, const crm_file_route_t *rule,
    crm_str_t *module, crm_str_t *id, crm_pool_t *pool)
{
    unsigned                    i;
    crm_str_t                   text;
    const crm_file_seg_t       *seg;
    const crm_file_target_t    *target;
    const crm_dialect_file_t   *file;

    (void) pool;

    file = match->file;
    target = &match->target;
    *module = CRM_STR_NULL;
    *id = CRM_STR_NULL;

    for (i = 0; i < rule->segments_count; i++) {
        seg = &rule->segments[i];

        if (i == target->count) {
            return 0;
        }

        text = target->segments[i];

        if (seg->kind == CRM_FILE_SEG_REST) {
            if (crm_str_is(seg->text, "{*id}")) {
                *id = crm_str(text.data, (size_t) (target->segments[
                          target->count - 1].data - text.data)
                          + target->segments[target->count - 1].len);
            }

            return 1;
        }

        if (seg->kind == CRM_FILE_SEG_TEXT) {
            if (file->normalise.path_fold ? !crm_str_caseeq(seg->text, text)
                                          : !crm_str_eq(seg->text, text))
            {
                return 0;
            }

            continue;
        }

        if (seg->kind == CRM_FILE_SEG_MODULE) {
            if (crm_file_has(&file->reserved, text, 1)) {
                return 0;
            }

            *module = text;

        } else if (seg->kind == CRM_FILE_SEG_ID) {
            if (crm_file_has(&file->reserved_ids, text, 1)) {
                return 0;
            }

            *id = text;
        }
    }

    return i == target->count;
}


/* What can be told without the body. */
static crm_status_t
match_tests(const crm_file_match_t *match, const crm_file_route_t *rule,
    crm_pool_t *pool)
{
    unsigned      i;
    crm_status_t  rc;

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < rule->tests_count - rule->body_tests; i++)
    {
        rc = match_test(match, &rule->tests[i], pool);
    }

    return rc;
}


/* A parameter that is given twice, or beside one that cannot be decoded, is
 * there, and has no value. */
static crm_status_t
match_test(const crm_file_match_t *match, const crm_file_test_t *test,
    crm_pool_t *pool)
{
    int           found;
    crm_str_t     value;
    crm_status_t  rc;

    value = CRM_STR("");

    if (test->kind == CRM_FILE_TEST_QUERY) {
        rc = crm_file_query(match->ask.query, test->name, &value, pool);

        if (rc == CRM_ENOMEM) {
            return rc;
        }
        if (rc == CRM_EINVAL && test->is == CRM_FILE_IS) {
            return CRM_DECLINED;
        }

        found = rc != CRM_DECLINED;

    } else {
        found = match->ask.header
                && match->ask.header(match->ask.host, test->name, &value);
    }

    return match_is(test, found, value) ? CRM_OK : CRM_DECLINED;
}


static int
match_is(const crm_file_test_t *test, int found, crm_str_t value)
{
    switch (test->is) {

    case CRM_FILE_THERE:
        return found;

    case CRM_FILE_NOT_THERE:
        return !found;

    default:
        return found && crm_str_eq(value, test->value);
    }
}


static crm_status_t
match_take(crm_file_match_t *match, const crm_file_route_t *rule,
    crm_str_t module, crm_str_t id, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_status_t  rc;

    match->rule = rule;

    if (rule->op == CRM_FILE_OP_READ || rule->op == CRM_FILE_OP_IGNORE) {
        return CRM_OK;
    }

    if (rule->module.from == CRM_FILE_FROM_CONST) {
        match->module = rule->module.name;

    } else if (rule->module.from == CRM_FILE_FROM_PATH) {
        rc = crm_file_module(match->file, &match->module, module, pool);

        if (rc != CRM_OK) {
            return rc == CRM_ENOMEM ? rc
                   : crm_dialect_refusal(refusal, CRM_REFUSE_ROUTE,
                         "this is no module whose records can be written");
        }
    }

    if (rule->id.from != CRM_FILE_FROM_PATH) {
        return CRM_OK;
    }

    rc = crm_file_id(match->file, &match->id, match->module, id, pool);

    return rc != CRM_EINVAL ? rc
           : crm_dialect_refusal(refusal, CRM_REFUSE_TARGET,
                 "the id is not written as ids of this module are");
}


static int
match_is_module(crm_str_t text)
{
    size_t         i;
    unsigned char  c;

    if (text.len == 0 || text.len > CRM_MAX_MODULE_NAME) {
        return 0;
    }

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
            && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.'
            && (c != ' ' || i == 0 || i + 1 == text.len))
        {
            return 0;
        }
    }

    return text.data[0] != '.';
}


/* A span of CRM_JSON_NONE is no value; null and false count as none, too. */
static int
tests_value(const crm_file_test_t *test, crm_span_t value, crm_pool_t *pool)
{
    int  there;

    there = value.type > CRM_JSON_FALSE;

    if (test->is != CRM_FILE_IS) {
        return test->is == CRM_FILE_THERE ? there : !there;
    }

    if (value.type == CRM_JSON_STRING) {
        return crm_str_eq(crm_span_text(value, pool), test->value);
    }

    return value.type != CRM_JSON_NONE
           && crm_str_eq(crm_span_raw(value), test->value);
}
