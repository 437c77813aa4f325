/*
 * What a test may expect, checked when the file is read: a rule that does not
 * exist would make a test that can never hold, or always.
 */

#include "crm_cli_test.h"
#include "rules/crm_shape.h"
#include "transform/crm_workflow.h"


static crm_status_t expect_reasons(crm_compile_t *cc, const json_t *map,
    const char *path, const crm_module_t *module);
static int expect_is_timed(crm_str_t word);
static crm_status_t expect_reason(crm_compile_t *cc, const char *word,
    const char *path);
static void expect_empty(crm_compile_t *cc, const json_t *json,
    const char *path);


/* Of rules that wait for a time: why there is none. */
static const char *const  timed_reasons[] = { "date_empty", "no_date" };

#define TIMED_REASONS  (sizeof(timed_reasons) / sizeof(timed_reasons[0]))

static const char *const  decisions[] = { "allowed", "refused", NULL };

#define KEY(key, of, how)  { .name = key, .type = of, .flags = how }

static const crm_key_t  expect_keys[] = {
    { .name = "decision", .type = CRM_KEY_WORD, .words = decisions },
    KEY("code", CRM_KEY_TEXT, CRM_KEY_NULLABLE),
    KEY("rule", CRM_KEY_TEXT, CRM_KEY_NULLABLE),
    KEY("reason", CRM_KEY_TEXT, CRM_KEY_NULLABLE),
    KEY("fired", CRM_KEY_TEXTS, 0),
    KEY("shadow", CRM_KEY_TEXTS, 0),
    KEY("not_fired", CRM_KEY_OBJECT, 0),
    KEY("record", CRM_KEY_OBJECT, CRM_KEY_NULLABLE),
    KEY("locked_by", CRM_KEY_TEXTS, 0),
    KEY("actions", CRM_KEY_LIST, 0),
    KEY("scheduled", CRM_KEY_LIST, 0),
    KEY("trace", CRM_KEY_OBJECT, 0),
    KEY("exact", CRM_KEY_BOOL, 0),
    KEY(NULL, CRM_KEY_ANY, 0)
};


crm_status_t
crm_cli_test_expect(crm_compile_t *cc, const json_t *json, const char *path,
    const crm_module_t *module)
{
    size_t        i;
    crm_status_t  rc, all;

    static const char *const  lists[] = { "fired", "shadow" };

    all = crm_shape_check(json, expect_keys, "expect", path, cc);

    if (all != CRM_OK || module == NULL) {
        return all;
    }

    if (!json_is_true(json_object_get(json, "exact"))) {
        expect_empty(cc, json, path);
    }

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        rc = crm_cli_test_named_rules(cc, json_object_get(json, lists[i]),
                          crm_shape_path(cc, path, lists[i]), module);
        all = rc == CRM_OK ? all : rc;
    }

    rc = crm_cli_test_named_locks(cc, json_object_get(json, "locked_by"),
                                  crm_shape_path(cc, path, "locked_by"),
                                  module);
    all = rc == CRM_OK ? all : rc;

    rc = expect_reasons(cc, json_object_get(json, "not_fired"),
                        crm_shape_path(cc, path, "not_fired"), module);

    return rc == CRM_OK ? all : rc;
}


static crm_status_t
expect_reasons(crm_compile_t *cc, const json_t *map, const char *path,
    const crm_module_t *module)
{
    json_t        *reason;
    const char    *name, *at;
    crm_fires_t    why;
    crm_status_t   rc, one;

    rc = CRM_OK;

    json_object_foreach((json_t *) map, name, reason) {
        at = crm_shape_path(cc, path, name);
        one = crm_cli_test_named_rule(cc, name, at, module);

        if (one == CRM_OK
            && (!json_is_string(reason)
                || (crm_fires_find(&why, crm_shape_str(reason)) != CRM_OK
                    && !expect_is_timed(crm_shape_str(reason)))))
        {
            one = expect_reason(cc, json_string_value(reason), at);
        }

        rc = one == CRM_OK ? rc : one;
    }

    return rc;
}


static int
expect_is_timed(crm_str_t word)
{
    size_t  i;

    for (i = 0; i < TIMED_REASONS; i++) {
        if (crm_str_is(word, timed_reasons[i])) {
            return 1;
        }
    }

    return 0;
}


/* There is no such reason: says which there are. */
static crm_status_t
expect_reason(crm_compile_t *cc, const char *word, const char *path)
{
    int          i;
    size_t       k;
    crm_buf_t    list;
    const char  *near, *names[CRM_NOT_END + TIMED_REASONS];

    crm_buf_init(&list, cc->pool, 0);

    for (i = CRM_NOT_INACTIVE; i < CRM_NOT_END; i++) {
        names[i - 1] = crm_fires_name((crm_fires_t) i);
        crm_buf_puts(&list, i > CRM_NOT_INACTIVE ? ", " : "");
        crm_buf_puts(&list, names[i - 1]);
    }

    for (k = 0; k < TIMED_REASONS; k++) {
        names[i++ - 1] = timed_reasons[k];
        crm_buf_puts(&list, ", ");
        crm_buf_puts(&list, timed_reasons[k]);
    }

    names[i - 1] = NULL;
    crm_buf_putc(&list, '\0');

    if (crm_buf_status(&list) != CRM_OK) {
        return CRM_ENOMEM;
    }

    near = word ? crm_shape_nearest(word, names) : NULL;

    return crm_shape_error(cc, path, "unknown_word", near, "a reason for not"
                           " firing is one of %s%s%s%s",
                           crm_buf_view(&list).data,
                           near ? " (did you mean \"" : "",
                           near ? near : "", near ? "\"?)" : "");
}


/* Everything holds nothing: an empty list says so only when it is exact. */
static void
expect_empty(crm_compile_t *cc, const json_t *json, const char *path)
{
    json_t      *value;
    const char  *name;

    json_object_foreach((json_t *) json, name, value) {
        if ((json_is_array(value) && json_array_size(value) == 0)
            || (json_is_object(value) && json_object_size(value) == 0))
        {
            crm_findings_add(cc->findings, CRM_WARNING, cc->object,
                             crm_shape_path(cc, path, name), 1,
                             "always_true", NULL, "this is true of everything:"
                             " add \"exact: true\" to say that there is"
                             " nothing else");
        }
    }
}
