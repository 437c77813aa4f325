/*
 * The index names the rules that can match. It would fail by hiding a rule
 * that fires: nobody would ever see it missing. So random rules meet random
 * records, and the index must find what a walk over all rules finds.
 */

#include "crm_rules_make.h"

#include "rules/crm_index.h"


#define SETS     40
#define RULES    60
#define WRITES   80
#define FIELDS   6


/* What rules compare with and what records hold: the same in many guises. */
static const char *const  values[] = {
    "1", "1.0", "10e-1", "'1'", "'1.0'", "2", "-0", "0", "'0'", "19.99",
    "19.990", "'19.99'", "4150868000000225013", "'4150868000000225013'",
    "4150868000000225014", "'x'", "'X'", "'y'", "'ÄRGER'", "'ärger'", "'true'",
    "'TRUE'", "true", "false", "'false'", "{'id':'1','name':'x'}",
    "{'id':'2','name':'X'}", "{'name':'y'}", "{'id':'x'}", "{'id':1}",
    "{'id':'1','name':'2'}", "{'street':'x'}", "{'id':'','name':''}", "{}",
    "['x']", "['x','y']", "[1]", "' 1 '", "'1e0'", "'Ann \\\\u0041'",
};

/* What records may hold besides. */
static const char *const  odd[] = { "null", "''", "[]", "1e400", "[[]]" };

static const char *const  numbers[] = {
    "1", "1.0", "'1'", "'1.0'", "0", "-0", "19.99", "'19.990'", "'1e400'",
};

static const char *const  comparators[] = {
    "equal", "equal", "equal", "in", "in", "not_equal", "not_in",
    "greater_than", "less_equal", "between",
};

static const char *const  triggers[] = {
    "{'type':'create'}", "{'type':'edit'}", "{'type':'delete'}",
    "{'type':'create_or_edit'}", "{'type':'edit','details':{'repeat':false}}",
    "{'type':'field_update','details':{'criteria':{'field':'F1','comparator':"
        "'equal','value':'${ANYVALUE}'}}}",
    "{'type':'field_update','details':{'match_all':true,'criteria':{"
        "'group_operator':'AND','group':[{'field':'F1','comparator':'equal',"
        "'value':'x'},{'field':'F2','comparator':'equal','value':"
        "'${ANYVALUE}'}]}}}",
};

#define ONE_OF(state, list)                                                   \
    list[crm_test_below(state, sizeof(list) / sizeof(list[0]))]


static void
put_value(crm_buf_t *buf, uint64_t *state, unsigned field)
{
    crm_buf_puts(buf, field == 0 ? ONE_OF(state, numbers)
                                 : ONE_OF(state, values));
}


static void
put_leaf(crm_buf_t *buf, uint64_t *state)
{
    unsigned     i, n, field;
    const char  *comparator;

    field = crm_test_below(state, FIELDS);
    comparator = ONE_OF(state, comparators);

    if (comparator[0] == 'b' || comparator[0] == 'g' || comparator[0] == 'l') {
        field = 0;
    }

    crm_buf_puts(buf, "{'field':'F");
    crm_buf_int(buf, field);
    crm_buf_puts(buf, "','comparator':'");
    crm_buf_puts(buf, comparator);
    crm_buf_puts(buf, "','value':");

    if (strstr(comparator, "equal") && crm_test_below(state, 8) == 0
        && field != 0)
    {
        crm_buf_puts(buf, "'${EMPTY}'");

    } else if (strcmp(comparator, "between") == 0
               || strstr(comparator, "in") != NULL)
    {
        n = comparator[0] == 'b' ? 2 : 1 + crm_test_below(state, 4);
        for (i = 0; i < n; i++) {
            crm_buf_puts(buf, i ? "," : "[");
            put_value(buf, state, field);
        }
        crm_buf_putc(buf, ']');

    } else {
        put_value(buf, state, field);
    }

    crm_buf_putc(buf, '}');
}


static void
put_tree(crm_buf_t *buf, uint64_t *state, unsigned depth)
{
    unsigned  i, n;

    if (depth == 0 || crm_test_below(state, 3) == 0) {
        put_leaf(buf, state);
        return;
    }

    n = 2 + crm_test_below(state, 3);

    crm_buf_puts(buf, crm_test_below(state, 3) ? "{'group_operator':'AND',"
                                               : "{'group_operator':'OR',");
    for (i = 0; i < n; i++) {
        crm_buf_puts(buf, i ? "," : "'group':[");
        put_tree(buf, state, depth - 1);
    }
    crm_buf_puts(buf, "]}");
}


static void
put_rule(crm_buf_t *buf, uint64_t *state, unsigned number)
{
    unsigned  i, n;

    crm_buf_puts(buf, ",{'kind':'workflow_rule','module':'M','name':'R");
    crm_buf_int(buf, number);
    crm_buf_puts(buf, "','sequence':");
    crm_buf_int(buf, crm_test_below(state, 5));
    crm_buf_puts(buf, crm_test_below(state, 10) == 0 ? ",'status':'off'"
                      : crm_test_below(state, 10) == 0
                      ? ",'status':'shadow'" : "");
    crm_buf_puts(buf, ",'execute_when':");
    crm_buf_puts(buf, ONE_OF(state, triggers));
    crm_buf_puts(buf, ",'conditions':[");

    n = 1 + crm_test_below(state, 3);

    for (i = 0; i < n; i++) {
        crm_buf_puts(buf, i ? ",{'criteria':" : "{'criteria':");

        if (i == n - 1 && crm_test_below(state, 8) == 0) {
            crm_buf_puts(buf, "null");
        } else {
            put_tree(buf, state, 2);
        }

        crm_buf_puts(buf, ",'instant_actions':[{'type':'webhooks','name':"
                          "'W'}]}");
    }

    crm_buf_puts(buf, "]}");
}


static crm_ruleset_t *
random_rules(uint64_t *state, unsigned set)
{
    unsigned         i;
    crm_buf_t        buf;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    crm_buf_puts(&buf, "{'kind':'webhook','name':'W','module':'M','url':"
                       "'https://h/'}");

    if (set % 2) {
        crm_buf_puts(&buf, ",{'kind':'module','name':'M','fields':["
                           "{'api_name':'F0','data_type':'currency'}");
        for (i = 1; i < FIELDS; i++) {
            crm_buf_puts(&buf, ",{'data_type':'formula','api_name':'F");
            crm_buf_int(&buf, i);
            crm_buf_puts(&buf, "'}");
        }
        crm_buf_puts(&buf, "]}");
    }

    for (i = 0; i < RULES; i++) {
        put_rule(&buf, state, i);
    }

    crm_buf_putc(&buf, '\0');
    rules = crm_make_try(pool, &findings, buf.data);

    if (findings.count) {
        crm_make_print(&findings);
        fail_msg("set %u is wrong", set);
    }

    crm_pool_destroy(pool);

    return rules;
}


static const char *
random_record(crm_pool_t *pool, uint64_t *state)
{
    unsigned   i, n;
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    n = 0;

    for (i = 0; i < FIELDS; i++) {
        if (crm_test_below(state, 4) == 0) {
            continue;
        }

        crm_buf_puts(&buf, n++ ? ",'F" : "{'F");
        crm_buf_int(&buf, i);
        crm_buf_puts(&buf, "':");
        crm_buf_puts(&buf, crm_test_below(state, 6) ? ONE_OF(state, values)
                                                    : ONE_OF(state, odd));
    }

    crm_buf_puts(&buf, n ? "}" : "{}");
    crm_buf_putc(&buf, '\0');

    return buf.data;
}


/* The walk over all rules, on a write of its own. */
static void
compare(const crm_write_t *given, uint64_t seed, crm_pool_t *pool,
    size_t *fired_in_all)
{
    size_t                  i, k, n;
    crm_fires_t             why;
    crm_write_t             indexed, walked;
    crm_fired_t            *fired;
    const crm_condition_t  *condition;

    indexed = *given;
    walked = *given;

    assert_int_equal(crm_write_init(&indexed, pool), CRM_OK);
    assert_int_equal(crm_write_init(&walked, pool), CRM_OK);
    assert_int_equal(crm_workflow_match(&indexed, &fired, &n), CRM_OK);

    for (i = 0, k = 0; i < given->module->workflows_count; i++) {
        assert_int_equal(crm_workflow_judge(&walked,
                                            given->module->workflows[i], &why,
                                            &condition), CRM_OK);
        if (why != CRM_FIRES) {
            continue;
        }

        if (k == n || fired[k].rule != given->module->workflows[i]
            || fired[k].condition != condition)
        {
            fail_msg("seed %llu: rule %s fires and the index hides it",
                     (unsigned long long) seed,
                     given->module->workflows[i]->name.data);
        }

        k++;
    }

    if (k != n) {
        fail_msg("seed %llu: rule %s was fired and does not match",
                 (unsigned long long) seed, fired[k].rule->name.data);
    }

    *fired_in_all += n;
}


static void
the_index_finds_what_a_walk_finds(void **state)
{
    size_t          fired;
    unsigned        set, i, operation;
    uint64_t        seed, random;
    crm_pool_t     *pool;
    crm_write_t    *w;
    const char     *before, *request;
    crm_ruleset_t  *rules;

    (void) state;

    fired = 0;

    for (set = 0; set < SETS; set++) {
        seed = 1000 + set;
        random = seed;
        rules = random_rules(&random, set);

        for (i = 0; i < WRITES; i++) {
            pool = crm_test_pool();
            operation = crm_test_below(&random, 3);

            before = random_record(pool, &random);
            request = random_record(pool, &random);

            w = crm_make_given(pool, rules, "M",
                               operation == 2 ? NULL : request,
                               operation == 0 ? NULL : before);
            w->absent_is_null = crm_test_below(&random, 2);

            compare(w, seed, pool, &fired);
            crm_pool_destroy(pool);
        }

        crm_ruleset_release(rules);
    }

    print_message("# seeds 1000 to %d, %u writes, %zu rules fired\n",
                  1000 + SETS - 1, SETS * WRITES, fired);
    assert_true(fired > SETS * WRITES);
}


/* Cost follows the rules that can match, not those that exist. */
static void
rules_of_other_values_are_no_candidates(void **state)
{
    size_t               n;
    unsigned             i;
    crm_buf_t            buf;
    crm_pool_t          *pool;
    crm_write_t         *w;
    crm_ruleset_t       *rules;
    const unsigned      *positions;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 100; i++) {
        crm_buf_puts(&buf, i ? "," : "");
        crm_buf_puts(&buf, "{'kind':'workflow_rule','module':'M','name':'R");
        crm_buf_int(&buf, 1000 + i);
        crm_buf_puts(&buf, "','execute_when':{'type':'create'},'conditions':"
                     "[{'criteria':{'group_operator':'AND','group':["
                     "{'field':'Country','comparator':'equal','value':'DE'},"
                     "{'field':'Amount','comparator':'greater_than','value':1"
                     "},{'field':'City','comparator':'in','value':['c");
        crm_buf_int(&buf, i);
        crm_buf_puts(&buf, "','d");
        crm_buf_int(&buf, i);
        crm_buf_puts(&buf, "']}]},'instant_actions':[{'type':'field_updates',"
                     "'field':'Z','value':1}]}]}");
    }
    crm_buf_putc(&buf, '\0');

    rules = crm_make_rules(buf.data);

    /* filed by the rare City, not by the Country that all demand */

    w = crm_make_write(pool, rules, "M", "{'Country':'DE','City':'D7',"
                       "'Amount':2}", NULL);
    assert_int_equal(crm_index_candidates(w->module->create, &w->after_eval,
                                          &positions, &n), CRM_OK);
    assert_int_equal(n, 1);
    assert_int_equal(positions[0], 7);

    w = crm_make_write(pool, rules, "M", "{'Country':'DE'}", NULL);
    assert_int_equal(crm_index_candidates(w->module->create, &w->after_eval,
                                          &positions, &n), CRM_OK);
    assert_int_equal(n, 0);

    assert_int_equal(crm_index_count(w->module->create), 100);
    assert_null(w->module->update);
    assert_null(w->module->remove);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static crm_write_t  starved;


static crm_status_t
starve_candidates(crm_pool_t *pool, void *data)
{
    size_t           n;
    crm_eval_t       eval;
    crm_status_t     rc;
    const unsigned  *positions;

    (void) data;

    rc = crm_eval_init(&eval, &starved.after, &starved.module->predicates,
                       NULL, pool);
    if (rc == CRM_OK) {
        rc = crm_index_candidates(starved.module->create, &eval, &positions,
                                  &n);
    }
    if (rc == CRM_OK) {
        assert_int_equal(n, 2);
    }

    return rc;
}


static void
without_memory_no_candidate_is_left_out(void **state)
{
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(
#define BY(name, value)                                                       \
        "{'kind':'workflow_rule','module':'M','name':'" name "',"             \
        "'execute_when':{'type':'create'},'conditions':[{'criteria':"         \
        "{'field':'O','comparator':'equal','value':" value "},"               \
        "'instant_actions':[{'type':'field_updates','field':'Z','value':1}]"  \
        "}]}"
        BY("a", "'\\u00c4RGER'") "," BY("b", "{'id':'X7'}"));

    starved = *crm_make_write(pool, rules, "M",
                              "{'O':{'id':'X7','name':'\\u00c4rger'}}", NULL);
    crm_test_starve(starve_candidates, NULL);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(the_index_finds_what_a_walk_finds),
    cmocka_unit_test(rules_of_other_values_are_no_candidates),
    cmocka_unit_test(without_memory_no_candidate_is_left_out),
};

CRM_TEST_MAIN(tests)
