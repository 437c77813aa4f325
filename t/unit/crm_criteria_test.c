/*
 * What criteria say of a record. It would fail by a wrong truth: a rule that
 * fires where it must not, or a lock that lets go of what it cannot judge.
 * The cases lie in t/data/criteria, a line each.
 */

#include "crm_rules_make.h"

#include <dirent.h>

#include "decide/crm_lock.h"
#include "rules/crm_index.h"


#define LEAF    "{'field':'A','comparator':'equal','value':1}"
#define CREATE  "'kind':'workflow_rule','name':'R','module':'M',"             \
                "'execute_when':{'type':'create'},"
#define ACTION  "'instant_actions':[{'type':'field_updates','field':'Z',"     \
                "'value':1}]"
#define RULE(criteria)                                                        \
    "{" CREATE "'conditions':[{'criteria':" criteria "," ACTION "}]}"


/* A case: a line of the file, and its number for who reads of a failure. */
typedef struct {
    crm_pool_t      *pool;
    const char      *name;
    crm_record_t     line;
    crm_ruleset_t   *rules;
} case_t;


static unsigned  cases_failed;


/* A member's raw text with a zero byte; "" when there is none. */
static const char *
member(case_t *c, const char *name)
{
    crm_str_t           text;
    const crm_field_t  *field;

    field = crm_record_field(&c->line, crm_strz(name));
    if (field == NULL) {
        return "";
    }

    text = crm_pool_dup(c->pool, crm_span_raw(field->value));
    assert_non_null(text.data);

    return text.data;
}


/* The criteria in a rule that every write may start, and in a lock. */
static void
compile_case(case_t *c)
{
    json_t          *bundle, *objects, *fields, *criteria, *types, *type;
    const char      *name;
    crm_findings_t   findings;

    criteria = json_loads(member(c, "criteria"), JSON_DECODE_ANY, NULL);
    assert_row(criteria != NULL, c->name);

    bundle = crm_make_bundle("{'kind':'workflow_rule','name':'R','module':'M',"
        "'execute_when':{'type':'create_or_edit'},'conditions':[{'criteria':"
        "null," ACTION "}]},{'kind':'record_locking','module':'M','lock_type':"
        "'automatic','locking_rules':[{'name':'L','criteria':null}]},"
        "{'kind':'profile','name':'Standard'},{'kind':'role','name':'Rep'},"
        "{'kind':'user','id':'7','profile':'Standard','role':'Rep'},"
        "{'kind':'user','id':'8','profile':'Standard','role':null},"
        "{'kind':'user','id':'9','profile':'Standard','status':'inactive'}");
    objects = json_object_get(bundle, "objects");

    json_object_set(json_array_get(json_object_get(json_object_get(
        json_array_get(objects, 0), "object"), "conditions"), 0), "criteria",
        criteria);
    json_object_set(json_array_get(json_object_get(json_object_get(
        json_array_get(objects, 1), "object"), "locking_rules"), 0),
        "criteria", criteria);
    json_decref(criteria);

    if (*member(c, "zone")) {
        json_object_set_new(bundle, "time_zone",
                            json_load_file(CRM_TEST_DATA "/zone/"
                                           "Europe_Paris.json", 0, NULL));
        assert_row(json_object_get(bundle, "time_zone") != NULL, c->name);
    }

    types = json_loads(member(c, "types"), 0, NULL);
    if (types) {
        fields = json_pack("[{s:s, s:s}]", "api_name", "Z", "data_type",
                           "text");
        json_object_foreach(types, name, type) {
            json_array_append_new(fields, json_pack("{s:s, s:O}", "api_name",
                                  name, "data_type", type));
        }
        json_array_append_new(objects, json_pack("{s:{s:s, s:s, s:o}}",
            "object", "kind", "module", "name", "M", "fields", fields));
        json_decref(types);
    }

    crm_findings_init(&findings, c->pool);
    c->rules = crm_ruleset_create(bundle, 1, crm_host_malloc(), &findings);
    json_decref(bundle);

    if (c->rules == NULL) {
        crm_make_print(&findings);
        fail_msg("%s", c->name);
    }
}


/* When it is, and who acts. */
static void
scope_case(case_t *c, crm_write_t *w)
{
    crm_str_t      now;
    const char    *user;
    crm_moment_t   moment;

    now = crm_strz(member(c, "now"));
    user = member(c, "user");

    if (now.len) {
        assert_row(crm_moment_parse(&moment, crm_str(now.data + 1,
                                                     now.len - 2), NULL)
                   == CRM_OK, c->name);
        w->now_ms = moment.us / 1000;
    }

    w->actor = crm_ruleset_actor(c->rules, *user ? crm_str(user + 1,
                                                           strlen(user) - 2)
                                                 : CRM_STR(""));
}


/* Criteria, index and lock, all of one mind. */
static void
judge_case(case_t *c)
{
    size_t           n, locks;
    crm_str_t       *names;
    crm_write_t     *w;
    crm_truth_t      t;
    const char      *before, *expect;
    const unsigned  *positions;

    before = member(c, "before");
    expect = member(c, "expect");

    w = crm_make_given(c->pool, c->rules, "M", member(c, "record"),
                       *before ? before : NULL);
    scope_case(c, w);
    assert_row(crm_write_init(w, c->pool) == CRM_OK, c->name);

    t = crm_eval_criteria(&w->after_eval,
                          &w->module->workflows[0]->conditions[0].criteria);

    if (strcmp(expect, t == CRM_TRUE ? "true" : t == CRM_FALSE ? "false"
                       : "\"unknown\"") != 0)
    {
        print_error("%s: expected %s, got %d\n", c->name, expect, t);
        cases_failed++;
        return;
    }

    assert_row(w->after_eval.status == CRM_OK, c->name);

    assert_row(crm_index_candidates(w->operation == CRM_OP_CREATE
                                    ? w->module->create : w->module->update,
                                    &w->after_eval, &positions, &n) == CRM_OK,
               c->name);
    assert_row(n == 1 || t != CRM_TRUE, c->name);

    /* what is unknown matches for a lock */

    assert_row(crm_lock_marks(w->module, &w->after_eval, &names, &locks,
                              c->pool) == CRM_OK, c->name);
    assert_row(locks == (t != CRM_FALSE), c->name);
}


static void
run_file(const char *path)
{
    int                 n;
    FILE               *file;
    char               *line;
    size_t              cap;
    ssize_t             len;
    case_t              c;
    crm_value_t         name;

    file = fopen(path, "r");
    assert_non_null(file);

    line = NULL;
    cap = 0;

    for (n = 0; (len = getline(&line, &cap, file)) > 0; n++) {
        memset(&c, 0, sizeof(case_t));
        c.name = line;
        c.pool = crm_test_pool();

        assert_row(crm_record_parse(&c.line, crm_str(line, (size_t) len),
                                    NULL, c.pool, NULL) == CRM_OK, line);
        assert_row(crm_value_from_span(&name, crm_record_field(&c.line,
                                       CRM_STR("case"))->value, c.pool)
                   == CRM_OK, line);
        c.name = crm_pool_dup(c.pool, name.text).data;

        compile_case(&c);
        judge_case(&c);

        crm_ruleset_release(c.rules);
        crm_pool_destroy(c.pool);
    }

    assert_row(n > 5, path);

    free(line);
    (void) fclose(file);
}


static void
every_case_of_the_data_holds(void **state)
{
    int             n;
    char            path[512];
    DIR            *dir;
    struct dirent  *entry;

    (void) state;

    dir = opendir(CRM_TEST_DATA "/criteria");
    assert_non_null(dir);

    for (n = 0; (entry = readdir(dir)) != NULL; /* void */ ) {
        if (strstr(entry->d_name, ".jsonl") == NULL) {
            continue;
        }

        (void) snprintf(path, sizeof(path), "%s/criteria/%s", CRM_TEST_DATA,
                        entry->d_name);
        run_file(path);
        n++;
    }

    (void) closedir(dir);

    assert_true(n >= 7);
    assert_int_equal(cases_failed, 0);
}


static unsigned  tests_run;


static crm_truth_t
count_test(crm_eval_t *eval, crm_operand_t *left, const crm_predicate_t *p)
{
    (void) eval;
    (void) left;
    (void) p;

    tests_run++;

    return CRM_MAYBE;
}


/* If more than one leaf asks; even what is unknown is remembered. */
static void
a_predicate_is_tested_once_a_record(void **state)
{
    unsigned           i;
    crm_eval_t         eval;
    crm_pool_t        *pool;
    crm_write_t       *w;
    crm_ruleset_t     *rules;
    crm_predicate_t   *p;
    crm_comparator_t   counting;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULE(LEAF));
    w = crm_make_write(pool, rules, "M", "{'A':1}", NULL);

    p = w->module->predicates.items[0];
    counting = *p->comparator;
    counting.test = count_test;
    p->comparator = &counting;
    p->uses = 2;

    assert_int_equal(crm_eval_init(&eval, &w->after, &w->module->predicates,
                                   &w->scope, pool), CRM_OK);

    tests_run = 0;

    for (i = 0; i < 3; i++) {
        assert_int_equal(crm_eval_predicate(&eval, 0), CRM_MAYBE);
    }

    assert_int_equal(tests_run, 1);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static crm_write_t  starved;


/* Never another truth for want of memory: unknown, and said so. */
static crm_status_t
starve_evaluation(crm_pool_t *pool, void *data)
{
    crm_eval_t    eval;
    crm_truth_t   t;
    crm_status_t  rc;

    (void) data;

    rc = crm_eval_init(&eval, &starved.after, &starved.module->predicates,
                       &starved.scope, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    t = crm_eval_criteria(&eval, &starved.module->workflows[0]->conditions[0]
                                      .criteria);

    assert_int_equal(t, eval.status == CRM_OK ? CRM_TRUE : CRM_MAYBE);

    return eval.status;
}


static void
without_memory_criteria_are_unknown(void **state)
{
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULE("{'group_operator':'AND','group':["
        "{'field':'S','comparator':'include_all','value':['\\u00c4','7']},"
        "{'field':'S','comparator':'exclude_any','value':'T',"
        "'type':'field'},"
        "{'field':'D','comparator':'less_equal','value':'${TODAY}',"
        "'type':'pre_defined'},"
        "{'field':'U','comparator':'equal','value':'${CURRENTUSER}',"
        "'type':'pre_defined'},"
        "{'field':'U','comparator':'contains','value':'\\u00c4nn'},"
        "{'field':'U','comparator':'equal','value':'V','type':'field'}]}"));

    starved = *crm_make_write(pool, rules, "M",
        "{'S':['\\u00e4',{'id':'7','name':'Q'}],'T':['\\u00c4','Z'],"
        "'D':'2026-11-21','U':{'id':'u1','name':'\\u00c4NN'},"
        "'V':{'name':'\\u00c4nn'}}", NULL);
    starved.scope.actor = &starved.actor;
    crm_test_starve(starve_evaluation, NULL);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_case_of_the_data_holds),
    cmocka_unit_test(a_predicate_is_tested_once_a_record),
    cmocka_unit_test(without_memory_criteria_are_unknown),
};

CRM_TEST_MAIN(tests)
