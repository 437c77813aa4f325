/*
 * Test files: a step, which is a write, or time that passes, or both.
 */

#include "crm_cli_feature.h"
#include "crm_cli_test.h"
#include "rules/crm_duration.h"

#include <stdlib.h>


static crm_status_t step_trigger(crm_compile_t *cc, crm_cli_step_t *step,
    const json_t *list, const char *path);
static crm_status_t step_apply(crm_compile_t *cc, crm_cli_step_t *step,
    const json_t *list, const char *path);
static crm_status_t step_sent(crm_compile_t *cc, crm_cli_step_t *step,
    const json_t *json, const char *path);


#define KEY(key, of, how)  { .name = key, .type = of, .flags = how }
#define WORD(key, how, list)                                                 \
    { .name = key, .type = CRM_KEY_WORD, .flags = how, .words = list }
#define END  KEY(NULL, CRM_KEY_ANY, 0)

static const char *const  operations[] = { "create", "update", "delete",
                                           NULL };

static const char *const  triggers[] = { "workflow", "approval", "blueprint",
                                         "pathfinder", "orchestration", NULL };

static const crm_key_t  step_keys[] = {
    KEY("advance", CRM_KEY_OBJECT, 0),
    KEY("when", CRM_KEY_OBJECT, 0),
    KEY("expect", CRM_KEY_OBJECT, 0),
    END
};

static const crm_key_t  when_keys[] = {
    WORD("operation", CRM_KEY_REQUIRED, operations),
    KEY("user", CRM_KEY_TEXT, 0),
    KEY("set", CRM_KEY_OBJECT, 0),
    KEY("record", CRM_KEY_OBJECT, 0),
    KEY("trigger", CRM_KEY_TEXTS, 0),
    KEY("apply_feature_execution", CRM_KEY_TEXTS, 0),
    KEY("lar_id", CRM_KEY_TEXT, 0),
    KEY("import", CRM_KEY_BOOL, 0),
    KEY("id", CRM_KEY_TEXT, 0),
    END
};


crm_status_t
crm_cli_test_step(crm_compile_t *cc, crm_cli_step_t *step,
    const json_t *json, const char *path, const crm_module_t *module)
{
    json_t        *value;
    const char    *at;
    crm_status_t   rc;

    rc = crm_shape_check(json, step_keys, "a step", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    value = json_object_get(json, "advance");
    at = crm_shape_path(cc, path, "advance");

    step->advances = value != NULL;

    if (value && crm_duration_parse(&step->advance, value, CRM_PERIODS_ALL,
                                    "advance", at, cc) == CRM_ENOMEM)
    {
        return CRM_ENOMEM;
    }

    value = json_object_get(json, "when");
    at = crm_shape_path(cc, path, "when");

    if (value && crm_cli_test_when(cc, step, value, at) == CRM_ENOMEM) {
        return CRM_ENOMEM;
    }

    if (value == NULL && !step->advances) {
        return crm_shape_error(cc, path, "missing_key", NULL,
                               "a step lacks \"when\" or \"advance\"");
    }

    step->expect = json_object_get(json, "expect");

    if (step->expect == NULL) {
        return CRM_OK;
    }

    step->expect_path = crm_shape_path(cc, path, "expect");

    return crm_cli_test_expect(cc, step->expect, step->expect_path,
                               module);
}


crm_status_t
crm_cli_test_when(crm_compile_t *cc, crm_cli_step_t *step, const json_t *json,
    const char *path)
{
    const char    *name;
    crm_status_t   rc;

    rc = crm_shape_check(json, when_keys, "when", path, cc);
    if (rc != CRM_OK) {
        return rc;
    }

    name = json_string_value(json_object_get(json, "operation"));

    step->operation = strcmp(name, "create") == 0 ? CRM_OP_CREATE
                      : strcmp(name, "update") == 0 ? CRM_OP_UPDATE
                      : CRM_OP_DELETE;

    step->user = crm_shape_str(json_object_get(json, "user"));
    step->id = crm_shape_str(json_object_get(json, "id"));

    if (step->id.len && step->operation != CRM_OP_CREATE) {
        return crm_shape_error(cc, crm_shape_path(cc, path, "id"),
                               "conflict", NULL, "\"id\" is what the backend"
                               " calls a record that it creates: put the id of"
                               " a stored one into given.record");
    }

    step->import = json_is_true(json_object_get(json, "import"));
    step->lar_id = crm_shape_str(json_object_get(json, "lar_id"));

    rc = step_trigger(cc, step, json_object_get(json, "trigger"),
                      crm_shape_path(cc, path, "trigger"));

    if (rc == CRM_OK) {
        rc = step_apply(cc, step,
                        json_object_get(json, "apply_feature_execution"),
                        crm_shape_path(cc, path, "apply_feature_execution"));
    }

    return rc == CRM_OK ? step_sent(cc, step, json, path) : rc;
}


/* What the client asks for that else does not run. */
static crm_status_t
step_apply(crm_compile_t *cc, crm_cli_step_t *step, const json_t *list,
    const char *path)
{
    size_t       i;
    json_t      *word;
    unsigned     feature;
    const char  *near;

    json_array_foreach(list, i, word) {
        feature = crm_cli_feature(json_string_value(word));

        if (feature == 0) {
            near = crm_shape_nearest(json_string_value(word),
                                     crm_cli_features);
            return crm_shape_error(cc, crm_shape_index(cc, path, i),
                                   "unknown_word", near,
                                   "apply_feature_execution lists"
                                   " criteria_validation_rule and"
                                   " assignment_rules, the only ones that this"
                                   " version acts upon");
        }

        step->apply |= feature;
    }

    return CRM_OK;
}


/* What the client lets run: all, unless there is a list. */
static crm_status_t
step_trigger(crm_compile_t *cc, crm_cli_step_t *step, const json_t *list,
    const char *path)
{
    size_t         i;
    json_t        *word;
    unsigned       run;
    const char    *near;
    crm_status_t   rc;
    crm_value_t    name;

    step->workflow = list == NULL;
    step->run = list ? 0 : CRM_RUN_ALL;

    if (list == NULL) {
        return CRM_OK;
    }

    rc = crm_cli_test_text(cc, list, &step->trigger);
    if (rc != CRM_OK) {
        return rc;
    }

    json_array_foreach(list, i, word) {
        rc = crm_value_parse(&name, crm_pool_printf(cc->pool, "\"%s\"",
                                        json_string_value(word)), cc->pool);
        run = rc == CRM_OK ? crm_dialect_run(name.span) : 0;

        if (run == 0) {
            near = crm_shape_nearest(json_string_value(word), triggers);
            return crm_shape_error(cc, crm_shape_index(cc, path, i),
                                   "unknown_word", near, "trigger lists"
                                   " workflow, approval, blueprint, pathfinder"
                                   " or orchestration%s%s%s",
                                   near ? " (did you mean \"" : "",
                                   near ? near : "", near ? "\"?)" : "");
        }

        step->run |= run;
        step->workflow |= (run & CRM_RUN_WORKFLOW) != 0;
    }

    return CRM_OK;
}


static crm_status_t
step_sent(crm_compile_t *cc, crm_cli_step_t *step, const json_t *json,
    const char *path)
{
    const char    *key;
    const json_t  *set, *record;

    set = json_object_get(json, "set");
    record = json_object_get(json, "record");
    key = set ? "set" : "record";

    if (step->operation == CRM_OP_DELETE) {
        return set || record
               ? crm_shape_error(cc, crm_shape_path(cc, path, key),
                                 "conflict", NULL, "a delete sends no record:"
                                 " leave \"%s\" out", key)
               : CRM_OK;
    }

    if ((set == NULL) == (record == NULL)) {
        return crm_shape_error(cc, path, set ? "conflict" : "missing_key",
                               NULL, "what the client sends is given as"
                               " \"set\" or as \"record\", one of them");
    }

    return crm_cli_test_record(cc, set ? set : record,
                       crm_shape_path(cc, path, key), &step->sent);
}


crm_status_t
crm_cli_test_record(crm_compile_t *cc, const json_t *record, const char *path,
    crm_str_t *text)
{
    crm_error_t    err;
    crm_record_t   parsed;
    crm_status_t   rc;

    rc = crm_cli_test_text(cc, record, text);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_record_parse(&parsed, *text, NULL, cc->pool, &err);

    return rc == CRM_OK || rc == CRM_ENOMEM
           ? rc : crm_shape_error(cc, path, "wrong_value", NULL, "%s",
                                  err.text);
}


crm_status_t
crm_cli_test_text(crm_compile_t *cc, const json_t *json, crm_str_t *text)
{
    char  *dump;

    dump = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY
                            | CRM_CLI_JSON_REALS);
    if (dump == NULL) {
        return CRM_ENOMEM;
    }

    *text = crm_pool_dup(cc->pool, crm_strz(dump));
    free(dump);

    return text->data ? CRM_OK : CRM_ENOMEM;
}
