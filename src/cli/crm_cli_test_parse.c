/*
 * Test files: documents into cases and steps.
 */

#include "crm_cli_test.h"
#include "record/crm_moment.h"
#include "rules/crm_shape.h"


/* One document under way. */
typedef struct {
    crm_cli_cases_t      *cases;
    const crm_cli_doc_t  *doc;
    const crm_ruleset_t  *set;
    crm_compile_t         cc;
    long long             clock_ms;
} parse_t;


static crm_status_t parse_document(parse_t *p);
static crm_status_t parse_clock(parse_t *p, const json_t *json,
    const char *path, long long *ms);
static crm_status_t parse_case(parse_t *p, const json_t *json,
    const char *path);
static crm_status_t case_add(parse_t *p, crm_cli_case_t **added);
static crm_status_t case_given(parse_t *p, crm_cli_case_t *c,
    const json_t *json, const char *path);
static crm_status_t case_known(parse_t *p, crm_cli_case_t *c,
    const json_t *json, const char *path);
static crm_status_t case_module(parse_t *p, crm_cli_case_t *c,
    const json_t *json, const char *path);
static crm_status_t case_steps(parse_t *p, crm_cli_case_t *c,
    const json_t *json);
static crm_status_t case_list(parse_t *p, crm_cli_case_t *c,
    const json_t *list, const char *path, const json_t *test);
static crm_status_t parse_names(parse_t *p, crm_cli_names_t *names,
    const json_t *list);
static void parse_places(parse_t *p, crm_cli_findings_t *findings);


#define KEY(key, of, how)  { .name = key, .type = of, .flags = how }
#define END  KEY(NULL, CRM_KEY_ANY, 0)

static const crm_key_t  document_keys[] = {
    KEY("description", CRM_KEY_STRING, CRM_KEY_NULLABLE),
    KEY("clock", CRM_KEY_TEXT, 0),
    KEY("tests", CRM_KEY_LIST, CRM_KEY_REQUIRED),
    END
};

static const crm_key_t  case_keys[] = {
    KEY("name", CRM_KEY_TEXT, CRM_KEY_REQUIRED),
    KEY("description", CRM_KEY_STRING, CRM_KEY_NULLABLE),
    KEY("clock", CRM_KEY_TEXT, 0),
    KEY("given", CRM_KEY_OBJECT, CRM_KEY_REQUIRED),
    KEY("when", CRM_KEY_ANY, 0),
    KEY("expect", CRM_KEY_OBJECT, 0),
    KEY("steps", CRM_KEY_LIST, 0),
    END
};

/* What a field is that the given record lacks. */
static const char *const  absents[] = { "empty", "unknown", NULL };

static const crm_key_t  given_keys[] = {
    KEY("module", CRM_KEY_TEXT, CRM_KEY_REQUIRED),
    KEY("record", CRM_KEY_OBJECT, CRM_KEY_NULLABLE),
    KEY("locked_by", CRM_KEY_TEXTS, 0),
    KEY("fired_once", CRM_KEY_TEXTS, 0),
    { .name = "absent", .type = CRM_KEY_WORD, .words = absents },
    END
};


crm_status_t
crm_cli_test_parse(crm_cli_cases_t *cases, const crm_cli_docs_t *docs,
    const crm_ruleset_t *set, crm_cli_findings_t *findings)
{
    size_t          i;
    parse_t         p;
    crm_status_t    rc;
    crm_findings_t  found;

    for (i = 0; i < docs->count; i++) {
        crm_findings_init(&found, cases->pool);

        memset(&p, 0, sizeof(parse_t));
        p.cases = cases;
        p.doc = &docs->items[i];
        p.set = set;
        p.cc.pool = cases->pool;
        p.cc.findings = &found;

        rc = parse_document(&p);

        if (rc == CRM_ENOMEM || found.status != CRM_OK) {
            return CRM_ENOMEM;
        }

        parse_places(&p, findings);
    }

    return findings->status;
}


static crm_status_t
parse_document(parse_t *p)
{
    size_t         i;
    json_t        *test;
    const char    *path;
    const json_t  *tests;
    crm_status_t   rc;

    rc = crm_shape_check(p->doc->value, document_keys, "a test file", "",
                         &p->cc);

    tests = json_object_get(p->doc->value, "tests");
    p->clock_ms = CRM_CLI_TEST_CLOCK_MS;

    if (parse_clock(p, p->doc->value, "", &p->clock_ms) == CRM_ENOMEM) {
        return CRM_ENOMEM;
    }

    json_array_foreach(tests, i, test) {
        path = crm_shape_index(&p->cc, "tests", i);

        rc = parse_case(p, test, path);
        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    return rc;
}


static crm_status_t
parse_clock(parse_t *p, const json_t *json, const char *path, long long *ms)
{
    const char    *text;
    crm_moment_t   moment;

    text = json_string_value(json_object_get(json, "clock"));
    if (text == NULL) {
        return CRM_OK;
    }

    if (crm_moment_parse(&moment, crm_strz(text), crm_ruleset_zone(p->set))
        != CRM_OK || !moment.timed)
    {
        return crm_shape_error(&p->cc, crm_shape_path(&p->cc, path, "clock"),
                               "wrong_value", NULL, "clock must be a time such"
                               " as 2026-03-27T16:30:00+01:00");
    }

    *ms = moment.us / 1000;

    return CRM_OK;
}


static crm_status_t
parse_case(parse_t *p, const json_t *json, const char *path)
{
    crm_status_t     rc, shape;
    crm_cli_case_t  *c;

    shape = crm_shape_check(json, case_keys, "a test", path, &p->cc);

    if (!json_is_object(json)) {
        return shape;
    }

    rc = case_add(p, &c);
    if (rc != CRM_OK) {
        return rc;
    }

    c->doc = p->doc;
    c->path = path;
    c->clock_ms = p->clock_ms;
    c->name = json_string_value(json_object_get(json, "name"));

    rc = parse_clock(p, json, path, &c->clock_ms);

    if (rc != CRM_ENOMEM && json_is_object(json_object_get(json, "given"))) {
        rc = case_given(p, c, json_object_get(json, "given"),
                        crm_shape_path(&p->cc, path, "given"));
    }

    return rc == CRM_ENOMEM ? rc : case_steps(p, c, json);
}


static crm_status_t
case_add(parse_t *p, crm_cli_case_t **added)
{
    size_t            cap;
    crm_cli_case_t   *items;
    crm_cli_cases_t  *cases;

    cases = p->cases;

    if (cases->count == cases->cap) {
        cap = cases->cap ? cases->cap * 2 : 16;
        items = crm_pool_calloc(cases->pool, cap, sizeof(crm_cli_case_t));
        if (items == NULL) {
            return CRM_ENOMEM;
        }

        if (cases->count) {
            memcpy(items, cases->items,
                   cases->count * sizeof(crm_cli_case_t));
        }

        cases->items = items;
        cases->cap = cap;
    }

    *added = &cases->items[cases->count++];

    return CRM_OK;
}


static crm_status_t
case_given(parse_t *p, crm_cli_case_t *c, const json_t *json,
    const char *path)
{
    crm_status_t   rc;
    const json_t  *record;

    rc = crm_shape_check(json, given_keys, "given", path, &p->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = case_module(p, c, json, path);
    if (rc != CRM_OK) {
        return rc;
    }

    record = json_object_get(json, "record");
    c->partial = crm_str_is(crm_shape_str(json_object_get(json, "absent")),
                            "unknown");

    if (json_is_object(record)) {
        rc = crm_cli_test_record(&p->cc, record,
                                 crm_shape_path(&p->cc, path, "record"),
                                 &c->stored);
    }

    return rc == CRM_OK ? case_known(p, c, json, path) : rc;
}


/* What Redis would know of the record: by the names of rules. */
static crm_status_t
case_known(parse_t *p, crm_cli_case_t *c, const json_t *json,
    const char *path)
{
    size_t         i;
    crm_status_t   rc, once;
    const json_t  *locks, *rules;

    locks = json_object_get(json, "locked_by");
    rules = json_object_get(json, "fired_once");

    rc = crm_cli_test_named_locks(&p->cc, locks,
                                  crm_shape_path(&p->cc, path, "locked_by"),
                                  c->module);
    once = crm_cli_test_named_rules(&p->cc, rules,
                                    crm_shape_path(&p->cc, path,
                                                   "fired_once"), c->module);
    rc = rc == CRM_OK ? once : rc;

    if (rc == CRM_OK) {
        rc = parse_names(p, &c->locked_by, locks);
    }
    if (rc == CRM_OK) {
        rc = parse_names(p, &c->fired_once, rules);
    }

    for (i = 0; rc == CRM_OK && i < c->fired_once.count; i++) {
        c->fired_once.items[i] = crm_cli_test_named_id(c->module,
                                                    c->fired_once.items[i]);
    }

    return rc;
}


static crm_status_t
case_module(parse_t *p, crm_cli_case_t *c, const json_t *json,
    const char *path)
{
    size_t      i, n;
    crm_map_t   names;
    crm_str_t   name;

    name = crm_shape_str(json_object_get(json, "module"));

    c->module = crm_ruleset_module(p->set, name);
    if (c->module) {
        return CRM_OK;
    }

    crm_map_init(&names, p->cc.pool);
    n = crm_ruleset_modules(p->set);

    for (i = 0; i < n; i++) {
        if (crm_map_add(&names, crm_pool_dup(p->cc.pool,
                            crm_ruleset_module_at(p->set, i)->name)) == NULL)
        {
            return CRM_ENOMEM;
        }
    }

    return crm_shape_reference(&p->cc, crm_shape_path(&p->cc, path, "module"),
                               &names, "rule for a module", name);
}


/*
 * A test has "steps", each with what it expects; or "when", one write or some
 * with time between them, and then "expect" is about the last of them.
 */
static crm_status_t
case_steps(parse_t *p, crm_cli_case_t *c, const json_t *json)
{
    const char    *path;
    const json_t  *when, *steps;

    when = json_object_get(json, "when");
    steps = json_object_get(json, "steps");

    if ((when == NULL) == (steps == NULL)
        || (steps && json_object_get(json, "expect")))
    {
        return crm_shape_error(&p->cc, c->path, when || steps ? "conflict"
                               : "missing_key", NULL, "a test has \"when\" and"
                               " \"expect\", or \"steps\" that have them");
    }

    path = crm_shape_path(&p->cc, c->path, when ? "when" : "steps");

    if (when && !json_is_object(when) && !json_is_array(when)) {
        return crm_shape_error(&p->cc, path, "wrong_type", NULL,
                               "\"when\" must be a write, such as {operation:"
                               " update, set: {Amount: 5}}, or a list of"
                               " writes and advances");
    }

    return case_list(p, c, when ? when : steps, path, when ? json : NULL);
}


/* The steps of list (or one, no list); test: what has "when", whose steps are
 * bare and whose expect is the last step's. */
static crm_status_t
case_list(parse_t *p, crm_cli_case_t *c, const json_t *list, const char *path,
    const json_t *test)
{
    size_t           i;
    const char      *at;
    crm_status_t     rc;
    const json_t    *item;
    crm_cli_step_t  *step;

    c->steps_count = json_is_array(list) ? json_array_size(list) : 1;

    if (c->steps_count == 0 || c->steps_count > CRM_CLI_MAX_STEPS) {
        return crm_shape_error(&p->cc, path, "limit", NULL, "a test has 1 to"
                               " %d steps", CRM_CLI_MAX_STEPS);
    }

    c->steps = crm_pool_calloc(p->cc.pool, c->steps_count,
                               sizeof(crm_cli_step_t));
    if (c->steps == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < c->steps_count; i++) {
        step = &c->steps[i];
        item = json_is_array(list) ? json_array_get(list, i) : list;
        at = json_is_array(list) ? crm_shape_index(&p->cc, path, i) : path;
        step->path = at;

        rc = test == NULL || json_object_get(item, "advance")
             ? crm_cli_test_step(&p->cc, step, item, at, c->module)
             : crm_cli_test_when(&p->cc, step, item, at);

        if (rc == CRM_ENOMEM) {
            return rc;
        }
    }

    step = &c->steps[c->steps_count - 1];
    item = test ? json_object_get(test, "expect") : NULL;

    if (item && step->expect == NULL) {
        step->expect = item;
        step->expect_path = crm_shape_path(&p->cc, c->path, "expect");
        return crm_cli_test_expect(&p->cc, item, step->expect_path, c->module);
    }

    return CRM_OK;
}


static crm_status_t
parse_names(parse_t *p, crm_cli_names_t *names, const json_t *list)
{
    size_t   i;
    json_t  *name;

    if (json_array_size(list) == 0) {
        return CRM_OK;
    }

    names->items = crm_pool_calloc(p->cc.pool, json_array_size(list),
                                   sizeof(crm_str_t));
    if (names->items == NULL) {
        return CRM_ENOMEM;
    }

    json_array_foreach(list, i, name) {
        names->items[names->count++] = crm_shape_str(name);
    }

    return CRM_OK;
}


static void
parse_places(parse_t *p, crm_cli_findings_t *findings)
{
    size_t                i;
    unsigned              line, column;
    const crm_finding_t  *f;

    for (i = 0; i < p->cc.findings->count; i++) {
        f = &p->cc.findings->items[i];

        crm_cli_yaml_find(p->doc->root, f->path, f->at_key, &line, &column);
        crm_cli_findings_add(findings, f->severity, p->doc->file, line,
                             column, f->code, f->suggestion, "%s",
                             f->message);
    }
}
