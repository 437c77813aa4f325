/*
 * What analysis calls impossible, against records: no record of many may do
 * it. It would fail by an error about criteria that do match, which keeps a
 * good rule from being applied.
 *
 * CRM_TEST_ROUNDS=100000 for long; few by default.
 */

#include "crm_rules_make.h"

#include "rules/crm_analysis.h"


#define RECORDS  60

#define NUMBERS  "1", "5", "5.0", "7", "10", "'5'", "'07'", "-3"
#define TEXTS    "'a'", "'A'", "'b'", "'ab'", "'abc'", "'b c'", "'true'", "'5'"
#define DATES    "'2026-03-27'", "'2026-03-28'", "'2026-03-27T10:00:00Z'",    \
                 "'2026-03-27T22:00:00Z'", "'2026-03-28T01:00:00+01:00'"
#define LOOKUPS  "'4150868000000225013'", "'Ann'", "'Max'"

static const struct {
    const char  *name;
    const char  *type;          /* NULL: not declared */
    const char  *constants[16];
    const char  *values[24];    /* of records */
} fields[] = {
    { "A", NULL, { NUMBERS, "'a'", "'ab'", "true", "'1x'" },
      { NUMBERS, "null", "'a'", "'AB'", "'1x'", "'7.0'", "true", "'True'",
        "6", "{'id':'4150868000000225013','name':'a'}",
        "['a','b']", "'9'" } },
    { "N", "currency", { NUMBERS },
      { NUMBERS, "null", "6", "'x'", "0", "8", "1000", "'7.00'" } },
    { "T", "text", { TEXTS },
      { TEXTS, "null", "''", "'abcd'", "'xb'", "5", "5.0", "true", "'c'" } },
    { "D", "date", { DATES },
      { DATES, "null", "'2026-03-26'", "'2026-03-29'", "'x'",
        "'2026-03-27T10:00:01Z'" } },
    { "E", "datetime", { DATES },
      { DATES, "null", "'2026-03-26'", "'2026-03-27T23:59:59Z'", "7",
        "'2026-03-28T00:00:00Z'", "'2026-03-27T16:00:00Z'" } },
    { "S", "multiselectpicklist", { "'a'", "'b'", "'c'" },
      { "null", "['a']", "['b','a']", "['a','b','c']", "['c']", "'b'",
        "['d']", "['B']" } },
    { "L", "lookup", { LOOKUPS },
      { LOOKUPS, "null", "{'id':'4150868000000225013','name':'Ann'}",
        "{'id':'4150868000000225099','name':'Max'}", "{'name':'Ann'}" } },
    { "F", "boolean", { "true", "false" },
      { "true", "false", "null", "'true'", "1" } },
};

#define FIELDS  (sizeof(fields) / sizeof(fields[0]))

static const char *const  comparators[] = {
    "equal", "not_equal", "in", "not_in", "like", "not_like", "contains",
    "not_contains", "starts_with", "ends_with", "greater_than",
    "greater_equal", "less_than", "less_equal", "between", "not_between",
    "include_all", "include_any", "exclude_all", "exclude_any"
};

#define COMPARATORS  (sizeof(comparators) / sizeof(comparators[0]))


static const char *
one_of(uint64_t *state, const char *const *list)
{
    unsigned  n;

    for (n = 0; list[n]; n++) {
        /* counted */
    }

    return list[crm_test_below(state, n)];
}


static void
put_leaf(crm_buf_t *buf, uint64_t *state, unsigned field)
{
    unsigned     i, n;
    const char  *name;

    name = comparators[crm_test_below(state, COMPARATORS)];

    crm_buf_puts(buf, "{'field':'");
    crm_buf_puts(buf, fields[field].name);
    crm_buf_puts(buf, "','comparator':'");
    crm_buf_puts(buf, name);
    crm_buf_puts(buf, "','value':");

    if (strstr(name, "equal") && !strstr(name, "er_") && !strstr(name, "ss_")
        && crm_test_below(state, 4) == 0)
    {
        crm_buf_puts(buf, "'${EMPTY}'}");
        return;
    }

    if (strstr(name, "between") || strstr(name, "in") == name
        || strstr(name, "not_in") || strstr(name, "clude"))
    {
        n = strstr(name, "between") ? 2 : 1 + crm_test_below(state, 3);
        crm_buf_putc(buf, '[');

        for (i = 0; i < n; i++) {
            crm_buf_puts(buf, i ? "," : "");
            crm_buf_puts(buf, one_of(state, fields[field].constants));
        }

        crm_buf_puts(buf, "]}");
        return;
    }

    crm_buf_puts(buf, one_of(state, fields[field].constants));
    crm_buf_putc(buf, '}');
}


/* Few fields, so that leaves meet. */
static void
put_tree(crm_buf_t *buf, uint64_t *state, unsigned depth, unsigned field)
{
    unsigned  i, n;

    if (depth == 0 || crm_test_below(state, 4) == 0) {
        put_leaf(buf, state, crm_test_below(state, 4)
                             ? field : crm_test_below(state, FIELDS));
        return;
    }

    crm_buf_puts(buf, crm_test_below(state, 2)
                 ? "{'group_operator':'AND','group':["
                 : "{'group_operator':'OR','group':[");

    n = 2 + crm_test_below(state, 2);

    for (i = 0; i < n; i++) {
        crm_buf_puts(buf, i ? "," : "");
        put_tree(buf, state, depth - 1, field);
    }

    crm_buf_puts(buf, "]}");
}


static const char *
random_rules(crm_pool_t *pool, uint64_t *state)
{
    unsigned   i, field;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{'kind':'module','name':'M','fields':[");

    for (i = 1; i < FIELDS; i++) {
        crm_buf_puts(&buf, i > 1 ? ",{'api_name':'" : "{'api_name':'");
        crm_buf_puts(&buf, fields[i].name);
        crm_buf_puts(&buf, "','data_type':'");
        crm_buf_puts(&buf, fields[i].type);
        crm_buf_puts(&buf, "'}");
    }

    /* A's type is what its JSON is: a formula without a return_type */

    crm_buf_puts(&buf, ",{'api_name':'A','data_type':'formula'},"
                       "{'api_name':'Z','data_type':'integer'}]},"
                       "{'kind':'workflow_rule','name':'R','module':'M',"
                       "'execute_when':{'type':'create'},'conditions':[");

    field = crm_test_below(state, FIELDS);

    for (i = 0; i < 3; i++) {
        crm_buf_puts(&buf, i ? ",{'criteria':" : "{'criteria':");
        put_tree(&buf, state, crm_test_below(state, 3), field);
        crm_buf_puts(&buf, ",'instant_actions':[{'type':'field_updates',"
                           "'field':'Z','value':1}]}");
    }

    crm_buf_puts(&buf, "]}");
    crm_buf_putc(&buf, '\0');
    assert_int_equal(crm_buf_status(&buf), CRM_OK);

    return buf.data;
}


static const char *
random_record(crm_pool_t *pool, uint64_t *state)
{
    unsigned   i;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < FIELDS; i++) {
        crm_buf_puts(&buf, i ? ",'" : "{'");
        crm_buf_puts(&buf, fields[i].name);
        crm_buf_puts(&buf, "':");
        crm_buf_puts(&buf, one_of(state, fields[i].values));
    }

    crm_buf_puts(&buf, "}");
    crm_buf_putc(&buf, '\0');
    assert_int_equal(crm_buf_status(&buf), CRM_OK);

    return buf.data;
}


/* Whether record gives the lie to what was found. */
static int
refutes(const crm_finding_t *f, const crm_truth_t *truth)
{
    unsigned  i, at;

    if (sscanf(f->path, "conditions[%u]", &at) != 1 || at > 2) {
        return 0;
    }

    if (f->severity == CRM_ERROR && strcmp(f->code, "contradiction") == 0) {
        return truth[at] == CRM_TRUE;
    }

    if (strcmp(f->code, "always_true") == 0) {
        return truth[at] == CRM_FALSE;
    }

    if (strcmp(f->code, "unreachable") == 0) {
        for (i = 0; i < at; i++) {
            if (truth[i] == CRM_TRUE) {
                return 0;
            }
        }

        return truth[at] == CRM_TRUE;
    }

    return 0;
}


static void
judge(const char *text, crm_ruleset_t *rules, const crm_findings_t *found,
    crm_pool_t *pool, uint64_t *state)
{
    size_t                 i;
    unsigned               k, n;
    crm_write_t           *w;
    const char            *record;
    crm_truth_t            truth[3];
    const crm_workflow_t  *rule;

    for (n = 0; n < RECORDS; n++) {
        record = random_record(pool, state);
        w = crm_make_write(pool, rules, "M", record, NULL);
        rule = w->module->workflows[0];

        for (k = 0; k < 3; k++) {
            truth[k] = crm_eval_criteria(&w->after_eval,
                                         &rule->conditions[k].criteria);
        }

        for (i = 0; i < found->count; i++) {
            if (refutes(&found->items[i], truth)) {
                print_error("%s\n", text);
                fail_msg("with %s\nis no %s: %s", record,
                         found->items[i].code, found->items[i].message);
            }
        }
    }
}


static void
no_record_does_what_is_called_impossible(void **state)
{
    unsigned         round, rounds, told;
    json_t          *bundle;
    uint64_t         seed;
    crm_pool_t      *pool;
    const char      *text;
    crm_ruleset_t   *rules;
    crm_findings_t   findings, found;

    (void) state;

    seed = 42;
    told = 0;
    rounds = getenv("CRM_TEST_ROUNDS")
             ? (unsigned) strtoul(getenv("CRM_TEST_ROUNDS"), NULL, 10) : 1500;

    for (round = 0; round < rounds; round++) {
        pool = crm_test_pool();
        text = random_rules(pool, &seed);
        rules = crm_make_try(pool, &findings, text);

        if (rules) {
            bundle = crm_make_bundle(text);
            crm_findings_init(&found, pool);
            assert_int_equal(crm_analysis_run(bundle, 2, NULL,
                                              crm_host_malloc(), &found),
                             CRM_OK);
            json_decref(bundle);

            told += found.errors > 0;
            judge(text, rules, &found, pool, &seed);
            crm_ruleset_release(rules);
        }

        crm_pool_destroy(pool);
    }

    /* it must have had something to judge */

    assert_true(told > rounds / 100);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(no_record_does_what_is_called_impossible),
};

CRM_TEST_MAIN(tests)
