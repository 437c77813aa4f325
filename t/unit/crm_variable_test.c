/*
 * Variables and groups. It would fail if a rule compared with anything else
 * than what its variable holds.
 */

#include "crm_rules_make.h"

#include "rules/crm_variable.h"


#define VARIABLE(name, type, value)                                           \
    "{'kind':'variable','api_name':'" name "','type':'" type "','value':"     \
    value "}"
#define RULE(field, comparator, value)                                        \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':"         \
    "{'type':'create'},'conditions':[{'criteria':{'field':'" field "',"       \
    "'comparator':'" comparator "','value':" value "},'instant_actions':"     \
    "[{'type':'field_updates','field':'B','value':1}]}]}"
#define UPDATE(value)                                                         \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':"         \
    "{'type':'create'},'conditions':[{'criteria':null,'instant_actions':"     \
    "[{'type':'field_updates','field':'B','value':" value "}]}]}"
#define LIMIT   VARIABLE("discount_limit", "float", "19.99")
#define PEOPLE                                                                \
    "{'kind':'profile','name':'P'},"                                          \
    "{'kind':'user','id':'u1','profile':'P'},"                                \
    "{'kind':'user','id':'u2','profile':'P'},"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { "{'kind':'variable','type':'text','value':'x'}", "", "missing_key",
          "lacks \"api_name\"", "api_name" },
        { "{'kind':'variable','api_name':'v','type':'text'}", "",
          "missing_key", "lacks \"value\"", "value" },
        { VARIABLE("v", "flot", "1.5"), "type", "unknown_word",
          "text, integer, float, boolean, date", "float" },
        { VARIABLE("a b", "text", "'x'"), "api_name", "wrong_value",
          "letters, digits and _", NULL },
        { VARIABLE("v", "text", "7"), "value", "wrong_type",
          "type text must be text of at most 255 bytes", NULL },
        { VARIABLE("v", "integer", "1.5"), "value", "wrong_type",
          "type integer must be a whole number", NULL },
        { VARIABLE("v", "float", "'15'"), "value", "wrong_type",
          "type float must be a number", NULL },
        { VARIABLE("v", "boolean", "'yes'"), "value", "wrong_type",
          "true or false", NULL },
        { VARIABLE("v", "date", "'2026-02-30'"), "value", "wrong_type",
          "a date such as", NULL },
        { VARIABLE("v", "date", "'2026-02-02T10:00:00Z'"), "value",
          "wrong_type", "a date such as", NULL },
        { VARIABLE("v", "text", "'x'") "," VARIABLE("v", "text", "'y'"),
          "api_name", "duplicate_name", "two of kind variable \"v\"", NULL },
        { LIMIT "," RULE("A", "equal", "'${!Variables.discount_limt}'"),
          "conditions[0].criteria.value", "unknown_reference",
          "did you mean \"discount_limit\"?", "discount_limit" },
        { RULE("A", "in", "[1,'${!Variables.x}']"),
          "conditions[0].criteria.value[1]", "unknown_reference",
          "there is no variable \"x\"", NULL },
        { LIMIT "," UPDATE("'${!Variables.x}'"),
          "conditions[0].instant_actions[0].value", "unknown_reference",
          "there is no variable \"x\"", NULL },
        { LIMIT "," UPDATE("{'merge':'a ${!Variables.discount_limi}'}"),
          "conditions[0].instant_actions[0].value.merge",
          "unknown_reference", "did you mean \"discount_limit\"?",
          "discount_limit" },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"
          "'date'},{'api_name':'B','data_type':'text'}]}," LIMIT ","
          RULE("A", "less_than", "'${!Variables.discount_limit}'"),
          "conditions[0].criteria.value", "wrong_value", "", NULL },

        { "{'kind':'group','name':'G'}", "", "missing_key",
          "lacks \"members\"", "members" },
        { "{'kind':'group','name':'G','members':[]}", "members", "too_few",
          "at least 1", NULL },
        { PEOPLE "{'kind':'group','name':'G','members':['u1','u3']}",
          "members[1]", "unknown_reference", "there is no user \"u3\"",
          "u1" },
        { PEOPLE "{'kind':'group','name':'G','members':['u1','u1']}",
          "members[1]", "duplicate_name", "a member twice", NULL },

        { "{'kind':'role','name':'R','reports_to':'R'}", "reports_to",
          "circle", "role \"R\" reports to itself", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
a_circle_of_roles_is_named_at_each_of_them(void **state)
{
    crm_pool_t      *pool;
    crm_findings_t   findings;

    (void) state;
    pool = crm_test_pool();

    assert_null(crm_make_try(pool, &findings,
        "{'kind':'role','name':'A','reports_to':'B'},"
        "{'kind':'role','name':'B','reports_to':'C'},"
        "{'kind':'role','name':'C','reports_to':'A'},"
        "{'kind':'role','name':'D'}"));
    assert_int_equal(findings.errors, 3);
    assert_non_null(crm_make_found(&findings, "reports_to", "circle"));

    crm_pool_destroy(pool);
}


/* Whether a record of {'A': value} matches a rule. */
static int
matches(const char *objects, const char *record)
{
    int             fired;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    pool = crm_test_pool();
    rules = crm_make_rules(objects);
    fired = strcmp(crm_make_fired(crm_make_write(pool, rules, "M", record,
                                                 NULL)), "R,") == 0;
    crm_pool_destroy(pool);
    crm_ruleset_release(rules);

    return fired;
}


static void
a_rule_compares_with_what_the_variable_holds(void **state)
{
    size_t  i;

    static const struct {
        const char  *objects;
        const char  *yes;
        const char  *no;
    } rows[] = {
        { LIMIT "," RULE("A", "greater_than",
                         "'${!Variables.discount_limit}'"),
          "{'A':20}", "{'A':19.99}" },
        { LIMIT "," RULE("A", "in", "['${!Variables.discount_limit}',7]"),
          "{'A':19.990}", "{'A':19.989999}" },
        { VARIABLE("t", "text", "'Paris'") ","
          RULE("A", "contains", "'${!Variables.t}'"),
          "{'A':'in PARIS'}", "{'A':'Variables.t'}" },
        { VARIABLE("t", "text", "'${TODAY}'") ","
          RULE("A", "equal", "'${!Variables.t}'"),
          "{'A':'${TODAY}'}", "{'A':'2026-11-22'}" },
        { VARIABLE("b", "boolean", "true") ","
          RULE("A", "equal", "'${!Variables.b}'"),
          "{'A':true}", "{'A':false}" },
        { VARIABLE("d", "date", "'2026-12-01'") ",{'kind':'module','name':"
          "'M','fields':[{'api_name':'A','data_type':'datetime'},"
          "{'api_name':'B','data_type':'integer'}]},"
          RULE("A", "less_than", "'${!Variables.d}'"),
          "{'A':'2026-11-30T23:59:59Z'}", "{'A':'2026-12-01T00:00:00Z'}" },
        { VARIABLE("n", "integer", "null") ","
          RULE("A", "equal", "'${!Variables.n}'"),
          "{'A':null}", "{'A':0}" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(matches(rows[i].objects, rows[i].yes), rows[i].objects);
        assert_row(!matches(rows[i].objects, rows[i].no), rows[i].objects);
    }
}


/* What a rule whose one action is a field update writes into B. */
static void
updates(const char *objects, const char *expected)
{
    crm_pool_t          *pool;
    crm_ruleset_t       *rules;
    crm_event_t         *event;
    const crm_change_t  *change;

    pool = crm_test_pool();
    rules = crm_make_rules(objects);
    event = crm_make_event(crm_make_write(pool, rules, "M", "{'A':1}", NULL));
    change = crm_changes_find(&event->transform.changes, CRM_STR("B"));

    assert_row(change != NULL, objects);
    assert_str(change->json, expected);

    crm_pool_destroy(pool);
    crm_ruleset_release(rules);
}


static void
an_update_writes_what_the_variable_holds(void **state)
{
    (void) state;

    updates(LIMIT "," UPDATE("'${!Variables.discount_limit}'"), "19.99");
    updates(VARIABLE("n", "text", "null") ","
            UPDATE("'${!Variables.n}'"), "null");
    updates(VARIABLE("t", "text", "'a\\'b'") ","
            UPDATE("{'merge':'<${!Variables.t}>'}"), "\"<a\\\"b>\"");
    updates(VARIABLE("t", "text", "''") ","
            UPDATE("{'merge':'${!Variables.t|none}'}"), "\"none\"");
    updates(LIMIT "," UPDATE("{'merge':'${!Variables.discount_limit} %'}"),
            "\"19.99 %\"");
}


static void
a_name_is_told_from_a_field(void **state)
{
    crm_str_t  name;

    (void) state;

    assert_true(crm_variable_name(CRM_STR("Variables.x"), &name));
    assert_str(name, "x");
    assert_false(crm_variable_name(CRM_STR("Variable.x"), &name));
    assert_false(crm_variable_name(CRM_STR(""), &name));

    assert_true(crm_variable_is(CRM_STR("${!Variables.y}"), &name));
    assert_str(name, "y");
    assert_false(crm_variable_is(CRM_STR("${!Variables.y} z"), &name));
    assert_false(crm_variable_is(CRM_STR("${!Variables.y}}"), &name));
    assert_false(crm_variable_is(CRM_STR("${!Deals.y}"), &name));
    assert_false(crm_variable_is(CRM_STR("${Variables.y}"), &name));
    assert_false(crm_variable_is(CRM_STR("${!}"), &name));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_circle_of_roles_is_named_at_each_of_them),
    cmocka_unit_test(a_rule_compares_with_what_the_variable_holds),
    cmocka_unit_test(an_update_writes_what_the_variable_holds),
    cmocka_unit_test(a_name_is_told_from_a_field),
};

CRM_TEST_MAIN(tests)
