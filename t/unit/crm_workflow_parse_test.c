/*
 * When a rule runs. It would fail by taking a rule that never runs, or runs at
 * another moment than the one that stands there, without a word.
 */

#include "crm_rules_make.h"

#include "base/crm_limits.h"


#define ACT  "'instant_actions':[{'type':'field_updates','field':'Z',"        \
             "'value':1}]"
#define ALL  "{'criteria':null," ACT "}"
#define IS(n)                                                                 \
    "{'criteria':{'field':'A','comparator':'equal','value':" n "}," ACT "}"
#define RULE(head, when, conditions)                                          \
    "{'kind':'workflow_rule','name':'R','module':'M'" head                    \
    ",'execute_when':" when ",'conditions':[" conditions "]}"
#define WHEN(when)  RULE("", when, ALL)
#define WATCH(criteria)                                                       \
    WHEN("{'type':'field_update','details':{'criteria':" criteria "}}")
#define ANY  "{'field':'A','comparator':'equal','value':'${ANYVALUE}'}"
#define D  "execute_when.details"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { "{'kind':'workflow_rule'}", "", "missing_key", "lacks", "name" },
        { WHEN("{'type':'creat'}"), "execute_when.type", "unknown_word",
          "create, edit, create_or_edit, delete, field_update", "create" },
        { WHEN("{'type':'anyaction','details':{}}"),
          "execute_when.type", "unknown_word", "create, edit", NULL },
        { WHEN("{'type':'section_update'}"), "execute_when.type",
          "unknown_word", "create, edit", NULL },
        { WHEN("{}"), "execute_when", "missing_key", "type", "type" },
        { WHEN("{'type':'create','details':{'repeat':true}}"), D ".repeat",
          "unknown_key", "repeat", NULL },
        { WHEN("{'type':'edit','details':{'match_all':true}}"),
          D ".match_all", "unknown_key", "match_all", NULL },
        { WHEN("{'type':'edit','details':{'repeat':1}}"), D ".repeat",
          "wrong_type", "true or false", NULL },
        { WHEN("{'type':'field_update'}"), "execute_when", "missing_key",
          "criteria of the fields to watch", "details" },
        { WHEN("{'type':'field_update','details':{}}"), D, "missing_key",
          "criteria", "criteria" },
        { WATCH("null"), D ".criteria", "wrong_type", "map", NULL },
        { WATCH("{'group_operator':'AND','group':[]}"), D ".criteria.group",
          "too_few", "at least 1", NULL },
        { WATCH("{'group_operator':'AND'}"), D ".criteria", "missing_key",
          "lacks", "group" },
        { WATCH("{'group_oprator':'AND','group':[" ANY "]}"),
          D ".criteria.group_oprator", "unknown_key", "group_oprator",
          "group_operator" },
        { WATCH("{'rows':[{'field':'A','comparator':'equal','value':1},{"
                "'field':'B','comparator':'equal','value':1}],'pattern':"
                "'1 or 2'}"), D ".criteria", "wrong_type",
          "rows and a pattern are for conditions", NULL },
        { WATCH("{'group_operator':'AND','group':[{'rows':[" ANY "],"
                "'pattern':'1'}]}"), D ".criteria.group[0]", "wrong_type",
          "rows and a pattern are for conditions", NULL },
        { WATCH("{'field':'A','comparator':'bogus','value':'${ANYVALUE}'}"),
          D ".criteria.comparator", "unknown_comparator", "bogus", NULL },
        { WATCH("{'field':'A','value':'${ANYVALUE}','tpye':'value'}"),
          D ".criteria.tpye", "unknown_key", "tpye", "type" },
        { WATCH("{'group_operator':'AND','group':[{'group_operator':'OR',"
                "'group':[]}]}"), D ".criteria.group[0]", "wrong_type",
          "is a leaf", NULL },
        { WATCH("{'field':'A','comparator':'equal'}"), D ".criteria",
          "missing_key", "value", "value" },
        { WATCH("{'comparator':'equal','value':'${ANYVALUE}'}"),
          D ".criteria", "missing_key", "lacks", "field" },
        { RULE(",'status':'paused'", "{'type':'create'}", ALL), "status",
          "unknown_word", "on, shadow, off", NULL },
        { RULE(",'sequence':-1", "{'type':'create'}", ALL), "sequence",
          "wrong_type", "0 to 1000000", NULL },
        { RULE(",'cascade':'no'", "{'type':'create'}", ALL), "cascade",
          "wrong_type", "true or false", NULL },
        { RULE("", "{'type':'create'}", ""), "conditions", "too_few",
          "at least 1", NULL },
        { RULE("", "{'type':'create'}", "{'criteria':null,"
               "'instant_actions':[]}"), "conditions[0].instant_actions",
          "too_few", "at least 1", NULL },
        { RULE("", "{'type':'create'}", "{'criteria':null}"),
          "conditions[0]", "missing_key", "instant_actions",
          "instant_actions" },
    };

    (void) state;

    /* the first lacks more than one key */

    crm_make_mistakes(rows + 1, sizeof(rows) / sizeof(rows[0]) - 1);
}


static void
all_mistakes_of_a_rule_are_found_at_once(void **state)
{
    crm_pool_t      *pool;
    crm_findings_t   findings;

    (void) state;

    pool = crm_test_pool();

    assert_null(crm_make_try(pool, &findings, "{'kind':'workflow_rule'}"));
    assert_int_equal(findings.errors, 4);

    assert_null(crm_make_try(pool, &findings, RULE("",
        "{'type':'field_update','details':{'criteria':{'group_operator':"
        "'OR','group':[{'field':'A','comparator':'is','value':1},7]}}}",
        "{'criteria':{'field':'A','comparator':'in','value':1},"
        "'instant_actions':[{'type':'x'},{'type':'webhooks','name':'n'}]},"
        "7")));
    assert_int_equal(findings.errors, 6);

    crm_pool_destroy(pool);
}


/* It is compiled all the same: bundles that hold it are live. */
static void
an_id_that_is_watched_is_told_to_start_nothing(void **state)
{
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    (void) state;

    pool = crm_test_pool();

    rules = crm_make_try(pool, &findings, WATCH("{'field':'id',"
                         "'comparator':'equal','value':'${ANYVALUE}'}"));
    assert_non_null(rules);
    assert_int_equal(findings.errors, 0);
    assert_non_null(crm_make_found(&findings, D ".criteria.field",
                                   "no_effect"));
    crm_ruleset_release(rules);

    rules = crm_make_try(pool, &findings, WATCH("{'group':[" ANY ",{'field':"
                         "{'api_name':'id'},'comparator':'equal','value':"
                         "'1'}]}"));
    assert_non_null(rules);
    assert_int_equal(findings.count, 1);
    assert_non_null(crm_make_found(&findings, D ".criteria.group[1].field",
                                   "no_effect"));
    crm_ruleset_release(rules);

    crm_pool_destroy(pool);
}


static void
what_is_left_out_has_its_default(void **state)
{
    crm_ruleset_t         *rules;
    const crm_workflow_t  *rule;

    (void) state;

    rules = crm_make_rules(WHEN("{'type':'edit'}"));
    rule = crm_make_module(rules, "M")->workflows[0];

    assert_str(rule->name, "R");
    assert_str(rule->id, "R");
    assert_int_equal(rule->status, CRM_STATUS_ON);
    assert_int_equal(rule->sequence, 1000);
    assert_int_equal(rule->trigger, CRM_TRIGGER_EDIT);
    assert_true(rule->repeat);
    assert_false(rule->cascade);
    assert_false(rule->ignore_lock);
    assert_false(crm_make_module(rules, "M")->reads_once);

    crm_ruleset_release(rules);
}


static void
what_is_given_is_taken(void **state)
{
    crm_ruleset_t         *rules;
    const crm_module_t    *m;
    const crm_workflow_t  *rule;

    (void) state;

    rules = crm_make_rules(RULE(",'id':'r-17','status':'shadow','sequence':0,"
        "'cascade':true,'ignore_lock':true,'run_on_import':true,"
        "'description':null", "{'type':'field_update','details':{'repeat':"
        "false,'match_all':true,'criteria':{'group_operator':'AND','group':["
        "{'field':'A','comparator':'equal','value':'${ANYVALUE}'},"
        "{'field':'B','comparator':'greater_than','value':5}]}}}",
        IS("1") "," ALL));
    m = crm_make_module(rules, "M");
    rule = m->workflows[0];

    assert_str(rule->id, "r-17");
    assert_int_equal(rule->status, CRM_STATUS_SHADOW);
    assert_int_equal(rule->sequence, 0);
    assert_int_equal(rule->trigger, CRM_TRIGGER_FIELD_UPDATE);
    assert_false(rule->repeat);
    assert_true(rule->match_all);
    assert_int_equal(rule->watch_count, 2);
    assert_true(rule->watch[0].any_value);
    assert_false(rule->watch[1].any_value);
    assert_int_not_equal(rule->watch[0].slot, rule->watch[1].slot);
    assert_int_equal(rule->conditions_count, 2);
    assert_int_equal(rule->conditions[1].seq, 2);
    assert_null(rule->conditions[1].criteria.nodes);
    assert_true(rule->cascade);
    assert_true(rule->ignore_lock);
    assert_true(m->reads_once);

    crm_ruleset_release(rules);
}


/* A rule of n conditions, the first of which has so many actions. */
static int
taken(unsigned conditions, unsigned actions)
{
    int              ok;
    unsigned         i;
    crm_buf_t        buf;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    crm_buf_puts(&buf, "{'kind':'workflow_rule','name':'R','module':'M',"
                       "'execute_when':{'type':'create'},'conditions':["
                       "{'criteria':{'field':'A','comparator':'equal',"
                       "'value':0},'instant_actions':[");
    for (i = 0; i < actions; i++) {
        crm_buf_puts(&buf, i ? "," : "");
        crm_buf_puts(&buf, "{'type':'field_updates','field':'Z','value':1}");
    }
    crm_buf_puts(&buf, "]}");

    for (i = 1; i < conditions; i++) {
        crm_buf_puts(&buf, ",{'criteria':{'field':'A','comparator':'equal',"
                           "'value':");
        crm_buf_int(&buf, i);
        crm_buf_puts(&buf, "}," ACT "}");
    }
    crm_buf_puts(&buf, "]}");
    crm_buf_putc(&buf, '\0');

    rules = crm_make_try(pool, &findings, buf.data);

    ok = rules != NULL;

    if (!ok) {
        assert_int_equal(findings.errors, 1);
        assert_string_equal(findings.items[0].code, "limit_exceeded");
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);

    return ok;
}


static void
limits_hold_to_the_last(void **state)
{
    (void) state;

    assert_true(taken(CRM_MAX_CONDITIONS, 1));
    assert_false(taken(CRM_MAX_CONDITIONS + 1, 1));
    assert_true(taken(1, CRM_MAX_ACTIONS));
    assert_false(taken(1, CRM_MAX_ACTIONS + 1));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(all_mistakes_of_a_rule_are_found_at_once),
    cmocka_unit_test(an_id_that_is_watched_is_told_to_start_nothing),
    cmocka_unit_test(what_is_left_out_has_its_default),
    cmocka_unit_test(what_is_given_is_taken),
    cmocka_unit_test(limits_hold_to_the_last),
};

CRM_TEST_MAIN(tests)
