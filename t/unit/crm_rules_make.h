/*
 * Rule sets and writes for tests, from JSON with single quotes for double
 * ones.
 */

#ifndef CRM_RULES_MAKE_H
#define CRM_RULES_MAKE_H

#include "crm_test.h"

#include <jansson.h>

#include "queue/crm_intent.h"
#include "queue/crm_plan.h"


#define CRM_MAKE_EVENT  "01JD0000000000000000000001"
#define CRM_MAKE_NOW    1795305600000LL     /* 2026-11-22T00:00:00Z */


/* A copy of text with each ' become ", in pool. */
static inline crm_str_t
crm_make_text(crm_pool_t *pool, const char *text)
{
    char       *p;
    crm_str_t   copy;

    copy = crm_pool_dup(pool, crm_strz(text));
    assert_non_null(copy.data);

    for (p = (char *) copy.data; *p; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }

    return copy;
}


/* A new json_t from text. */
static inline json_t *
crm_make_json(const char *text)
{
    json_t        *json;
    crm_pool_t    *pool;
    json_error_t   err;

    pool = crm_test_pool();

    json = json_loads(crm_make_text(pool, text).data, JSON_DECODE_ANY, &err);
    if (json == NULL) {
        fail_msg("%s at %d: %s", err.text, err.position, text);
    }

    crm_pool_destroy(pool);

    return json;
}


/* A new bundle of the objects in text, which commas part. */
static inline json_t *
crm_make_bundle(const char *text)
{
    size_t       i;
    char        *list;
    json_t      *bundle, *all, *entries, *object;
    size_t       len;

    len = strlen(text) + 3;
    list = malloc(len);
    assert_non_null(list);
    (void) snprintf(list, len, "[%s]", text);

    all = crm_make_json(list);
    free(list);

    entries = json_array();

    json_array_foreach(all, i, object) {
        assert_int_equal(json_array_append_new(entries,
                             json_pack("{s:s, s:O}", "managed_by", "test",
                                       "object", object)), 0);
    }

    json_decref(all);

    bundle = json_pack("{s:i, s:s, s:o}", "v", 1, "org", "acme", "objects",
                       entries);
    assert_non_null(bundle);

    return bundle;
}


/* What has been said, for a test that did not expect it. */
static inline void
crm_make_print(const crm_findings_t *findings)
{
    size_t                i;
    const crm_finding_t  *f;

    for (i = 0; i < findings->count; i++) {
        f = &findings->items[i];
        print_error("%zu %s: %s: %s\n", f->object, f->path, f->code,
                    f->message);
    }
}


/* Findings in pool; NULL when there are errors among them. */
static inline crm_ruleset_t *
crm_make_try(crm_pool_t *pool, crm_findings_t *findings, const char *text)
{
    json_t         *bundle;
    crm_ruleset_t  *rules;

    bundle = crm_make_bundle(text);
    crm_findings_init(findings, pool);

    rules = crm_ruleset_create(bundle, 7, crm_host_malloc(), findings);
    json_decref(bundle);

    assert_int_equal(findings->status, CRM_OK);
    assert_true((rules == NULL) == (findings->errors > 0));

    return rules;
}


/* Rules of revision 7 without an error. */
static inline crm_ruleset_t *
crm_make_rules(const char *text)
{
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    pool = crm_test_pool();
    rules = crm_make_try(pool, &findings, text);

    if (rules == NULL) {
        crm_make_print(&findings);
        fail_msg("rules refused: %s", text);
    }

    crm_pool_destroy(pool);

    return rules;
}


/* The finding of that code at that path, or NULL. */
static inline const crm_finding_t *
crm_make_found(const crm_findings_t *findings, const char *path,
    const char *code)
{
    size_t  i;

    for (i = 0; i < findings->count; i++) {
        if (strcmp(findings->items[i].path, path) == 0
            && strcmp(findings->items[i].code, code) == 0)
        {
            return &findings->items[i];
        }
    }

    return NULL;
}


/* A mistake, and what is said of it. */
typedef struct {
    const char  *objects;
    const char  *path;
    const char  *code;
    const char  *says;          /* a part of the message */
    const char  *suggestion;    /* or NULL */
} crm_make_mistake_t;

/* Each row is one mistake and gives that one finding. */
static inline void
crm_make_mistakes(const crm_make_mistake_t *rows, size_t n)
{
    size_t                i;
    crm_pool_t           *pool;
    crm_findings_t        findings;
    const crm_finding_t  *f;

    for (i = 0; i < n; i++) {
        pool = crm_test_pool();

        assert_row(crm_make_try(pool, &findings, rows[i].objects) == NULL,
                   rows[i].objects);

        f = crm_make_found(&findings, rows[i].path, rows[i].code);

        if (f == NULL || findings.errors != 1) {
            crm_make_print(&findings);
        }

        assert_row(f != NULL, rows[i].objects);
        assert_row(findings.errors == 1, rows[i].objects);
        assert_row(f->severity == CRM_ERROR, rows[i].objects);

        if (strstr(f->message, rows[i].says) == NULL) {
            fail_msg("%s: \"%s\" is not in \"%s\"", rows[i].objects,
                     rows[i].says, f->message);
        }

        if (rows[i].suggestion == NULL) {
            assert_row(f->suggestion == NULL, rows[i].objects);

        } else {
            assert_row(f->suggestion != NULL, rows[i].objects);
            assert_string_equal(f->suggestion, rows[i].suggestion);
        }

        crm_pool_destroy(pool);
    }
}


static inline const crm_module_t *
crm_make_module(const crm_ruleset_t *rules, const char *name)
{
    const crm_module_t  *module;

    module = crm_ruleset_module(rules, crm_strz(name));
    assert_non_null(module);

    return module;
}


/* A record of text in pool; NULL for NULL. */
static inline crm_record_t *
crm_make_record(crm_pool_t *pool, const char *text)
{
    crm_error_t    err;
    crm_record_t  *record;

    if (text == NULL) {
        return NULL;
    }

    record = crm_pool_calloc(pool, 1, sizeof(crm_record_t));
    assert_non_null(record);

    if (crm_record_parse(record, crm_make_text(pool, text), NULL, pool, &err)
        != CRM_OK)
    {
        fail_msg("%s: %s", text, err.text);
    }

    return record;
}


/*
 * A write in pool before crm_write_init(): delete without request, create
 * without before, update with both.
 */
static inline crm_write_t *
crm_make_given(crm_pool_t *pool, const crm_ruleset_t *rules,
    const char *module, const char *request, const char *before)
{
    crm_write_t  *w;

    w = crm_pool_calloc(pool, 1, sizeof(crm_write_t));
    assert_non_null(w);

    w->rules = rules;
    w->module = crm_make_module(rules, module);
    w->operation = request == NULL ? CRM_OP_DELETE
                   : before == NULL ? CRM_OP_CREATE : CRM_OP_UPDATE;
    w->org = CRM_STR("acme");
    w->event = CRM_STR(CRM_MAKE_EVENT);
    w->record_id = before ? CRM_STR("42") : CRM_STR("");
    w->actor = crm_ruleset_actor(rules, CRM_STR("u1"));
    w->now_ms = CRM_MAKE_NOW;
    w->workflow = 1;
    w->run = CRM_RUN_ALL;
    w->dialect = crm_dialect_find(CRM_STR("zoho"));
    w->request = crm_make_record(pool, request);
    w->before = crm_make_record(pool, before);

    return w;
}


static inline crm_write_t *
crm_make_write(crm_pool_t *pool, const crm_ruleset_t *rules,
    const char *module, const char *request, const char *before)
{
    crm_write_t  *w;

    w = crm_make_given(pool, rules, module, request, before);
    assert_int_equal(crm_write_init(w, pool), CRM_OK);

    return w;
}


/* The event of a write that must be allowed, finished with its record's id. */
static inline crm_event_t *
crm_make_event(crm_write_t *w)
{
    crm_event_t  *event;

    event = crm_pool_calloc(w->pool, 1, sizeof(crm_event_t));
    assert_non_null(event);

    assert_int_equal(crm_event_judge(event, w), CRM_OK);
    assert_int_equal(event->verdict.kind, CRM_REFUSE_NONE);
    assert_int_equal(crm_event_finish(event, CRM_STR("42")), CRM_OK);

    return event;
}


/* The names of the rules that a write starts, each with a comma behind. */
static inline const char *
crm_make_fired(crm_write_t *w)
{
    size_t        i, n;
    crm_buf_t     names;
    crm_fired_t  *fired;

    assert_int_equal(crm_workflow_match(w, &fired, &n), CRM_OK);

    crm_buf_init(&names, w->pool, 0);

    for (i = 0; i < n; i++) {
        crm_buf_str(&names, fired[i].rule->name);
        crm_buf_putc(&names, ',');
    }

    crm_buf_putc(&names, '\0');
    assert_int_equal(crm_buf_status(&names), CRM_OK);

    return names.data;
}

#endif
