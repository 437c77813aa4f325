/*
 * What is wrong in criteria, and what they become. It would fail by a mistake
 * that is taken, by a limit that lets one more through, or by a predicate that
 * is held twice. What they say of a record: crm_criteria_test.c.
 */

#include "crm_rules_make.h"

#include "base/crm_limits.h"


#define LEAF    "{'field':'A','comparator':'equal','value':1}"
#define CREATE  "'kind':'workflow_rule','name':'R','module':'M',"             \
                "'execute_when':{'type':'create'},"
#define ACTION  "'instant_actions':[{'type':'field_updates','field':'Z',"     \
                "'value':1}]"
#define RULE(criteria)                                                        \
    "{" CREATE "'conditions':[{'criteria':" criteria "," ACTION "}]}"
#define AT      "conditions[0].criteria"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { RULE("[]"), AT, "wrong_type", "null, a leaf", NULL },
        { RULE("'x'"), AT, "wrong_type", "null, a leaf", NULL },
        { RULE("{'field':'A','comparator':'equal'}"), AT, "missing_key",
          "a criterion lacks \"value\"", "value" },
        { RULE("{'field':'A','comparater':'equal','value':1,"
               "'comparator':'equal'}"), AT ".comparater", "unknown_key",
          "did you mean \"comparator\"?", "comparator" },
        { RULE("{'field':7,'comparator':'equal','value':1}"), AT ".field",
          "wrong_type", "api_name", NULL },
        { RULE("{'field':{'id':'7'},'comparator':'equal','value':1}"),
          AT ".field", "wrong_type", "api_name", NULL },
        { RULE("{'field':'A','comparator':'equals','value':1}"),
          AT ".comparator", "unknown_comparator", "did you mean \"equal\"?",
          "equal" },
        { RULE("{'field':'A','comparator':'resembles','value':'x'}"),
          AT ".comparator", "unknown_comparator", "use equal, not_equal",
          NULL },
        { RULE("{'field':'A','comparator':'equal','value':'B',"
               "'type':'fields'}"), AT ".type", "unknown_word",
          "one of: value, field, pre_defined", "field" },
        { RULE("{'field':'A','comparator':'equal','value':7,'type':'field'}"),
          AT ".value", "wrong_type", "api_name", NULL },
        { RULE("{'field':'A','comparator':'contains','value':true}"),
          AT ".value", "wrong_value", "\"contains\" needs a number or text",
          NULL },
        { RULE("{'field':'A','comparator':'include_any','value':[['x']]}"),
          AT ".value[0]", "wrong_value", "cannot be a list", NULL },
        { RULE("{'field':'A','comparator':'include_any',"
               "'value':['${EMPTY}']}"), AT ".value[0]", "wrong_value",
          "not with \"include_any\"", "equal" },
        { RULE("{'field':'A','comparator':'less_than','value':'${TODAY}'}"),
          AT ".value", "wrong_value", "\"type: pre_defined\" beside it", NULL },
        { RULE("{'field':'A','comparator':'less_than','value':'${TODAY+x}',"
               "'type':'pre_defined'}"), AT ".value", "wrong_value",
          "${TODAY+7}", "${EMPTY}" },
        { RULE("{'field':'A','comparator':'less_than','value':'TODAY+7',"
               "'type':'pre_defined'}"), AT ".value", "wrong_value",
          "is written", "${TODAY+7}" },
        { RULE("{'field':'A','comparator':'in','value':['a',7],"
               "'type':'pre_defined'}"), AT ".value", "wrong_value",
          "needs a token", NULL },
        { RULE("{'field':'A','comparator':'equal','value':true,"
               "'type':'merge_field'}"), AT ".value", "wrong_value",
          "needs a token", NULL },
        { RULE("{'field':'A','comparator':'between','value':['${TODAY}',"
               "'soon'],'type':'pre_defined'}"), AT ".value[1]",
          "wrong_value", "such as 2026-03-27", NULL },
        { RULE("{'field':'A','comparator':'equal','value':null}"),
          AT ".value", "wrong_value", "${EMPTY}", "${EMPTY}" },
        { RULE("{'field':'A','comparator':'equal','value':''}"),
          AT ".value", "wrong_value", "${EMPTY}", "${EMPTY}" },
        { RULE("{'field':'A','comparator':'equal','value':'${TODAY}'}"),
          AT ".value", "wrong_value", "pre_defined", NULL },
        { RULE("{'field':'A','comparator':'equal','value':'${ANYVALUE}'}"),
          AT ".value", "wrong_value", "${ANYVALUE}", "${EMPTY}" },
        { RULE("{'field':'A','comparator':'less_than','value':'${EMPTY}'}"),
          AT ".value", "wrong_value", "goes with equal and not_equal",
          "equal" },
        { RULE("{'field':'A','comparator':'in','value':['x','${EMPTY}']}"),
          AT ".value[1]", "wrong_value", "not with \"in\"", "equal" },
        { RULE("{'field':'A','comparator':'in','value':['x',null]}"),
          AT ".value[1]", "wrong_value", "${EMPTY}", "${EMPTY}" },
        { RULE("{'field':'A','comparator':'less_than','value':true}"),
          AT ".value", "wrong_value", "a number or text", NULL },
        { RULE("{'field':'A','comparator':'between','value':[1,[2]]}"),
          AT ".value[1]", "wrong_value", "a number or text", NULL },
        { RULE("{'field':'A','comparator':'in','value':'x'}"), AT ".value",
          "wrong_type", "must be a list", NULL },
        { RULE("{'field':'A','comparator':'in','value':[]}"), AT ".value",
          "limit_exceeded", "1 to 100", NULL },
        { RULE("{'field':'A','comparator':'between','value':[1]}"),
          AT ".value", "wrong_type", "2 values", NULL },
        { RULE("{'field':'A','comparator':'between','value':[1,2,3]}"),
          AT ".value", "wrong_type", "2 values", NULL },
        { RULE("{'group_operator':'NOT','group':[" LEAF "," LEAF "]}"),
          AT ".group_operator", "unknown_word", "AND, OR", NULL },
        { RULE("{'group':[" LEAF "," LEAF "]}"), AT, "missing_key",
          "group_operator", "group_operator" },
        { RULE("{'group_operator':'AND'}"), AT, "missing_key", "\"group\"",
          "group" },
        { RULE("{'group_operator':'AND','group':[" LEAF "]}"), AT ".group",
          "too_few", "at least 2", NULL },
        { RULE("{'group_operator':'AND','group':[" LEAF ",null]}"),
          AT ".group[1]", "wrong_type", "null, a leaf", NULL },
        { RULE("{'group_operator':'AND','group':[" LEAF "," LEAF "],"
               "'x':1}"), AT ".x", "unknown_key", "in a group", NULL },
        { RULE("{'rows':[" LEAF "]}"), AT, "missing_key", "\"pattern\"",
          "pattern" },
        { RULE("{'pattern':'1'}"), AT, "missing_key", "\"rows\"", "rows" },
        { RULE("{'rows':[],'pattern':'1'}"), AT ".rows", "too_few",
          "at least 1", NULL },
        { RULE("{'rows':[" LEAF "," LEAF "],'pattern':'1'}"), AT ".pattern",
          "bad_pattern", "row 2 is not used", NULL },
        { RULE("{'rows':[" LEAF "],'pattern':'1 and'}"), AT ".pattern",
          "bad_pattern", "at byte 5: a row's number", NULL },
        { RULE("{'rows':[{'field':'A','comparator':'equal'}],'pattern':'1'}"),
          AT ".rows[0]", "missing_key", "\"value\"", "value" },
        { RULE("{'group_operator':'AND','group':[" LEAF ",{'rows':[" LEAF
               "],'pattern':'1'}]}"), AT ".group[1]", "wrong_type",
          "the whole of criteria", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
a_declared_type_is_asked_for(void **state)
{
    static const crm_make_mistake_t  rows[] = {
#define TYPED(type, leaf)                                                     \
        "{'kind':'module','name':'M','fields':[{'api_name':'Z','data_type':"  \
        "'text'},{'api_name':'Amount','data_type':'" type "'}]},"             \
        RULE("{'field':" leaf "}")

        { TYPED("currency", "'Amuont','comparator':'equal','value':1"),
          AT ".field", "unknown_field", "did you mean \"Amount\"?",
          "Amount" },
        { TYPED("currency", "'Wholly_Else','comparator':'equal','value':1"),
          AT ".field", "unknown_field", "declares no field", NULL },
        { TYPED("currency", "'Amount','comparator':'equal','value':'much'"),
          AT ".value", "wrong_value", "the field is a number", NULL },
        { TYPED("integer", "'Amount','comparator':'in','value':[1,'x']"),
          AT ".value[1]", "wrong_value", "the field is a number", NULL },
        { TYPED("boolean", "'Amount','comparator':'equal','value':'true'"),
          AT ".value", "wrong_value", "true or false", NULL },
        { TYPED("boolean", "'Amount','comparator':'less_than','value':1"),
          AT ".comparator", "wrong_comparator", "does not fit", NULL },
        { TYPED("text", "'Amount','comparator':'less_than','value':1"),
          AT ".comparator", "wrong_comparator", "does not fit", NULL },
        { TYPED("textarea", "'Amount','comparator':'in','value':['x']"),
          AT ".comparator", "wrong_comparator", "does not fit", NULL },
        { TYPED("lookup", "'Amount','comparator':'between','value':[1,2]"),
          AT ".comparator", "wrong_comparator", "does not fit", NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


/* A group of n leaves, each of its own value. */
static json_t *
group_of(unsigned n)
{
    unsigned   i;
    json_t    *leaves;

    leaves = json_array();

    for (i = 0; i < n; i++) {
        json_array_append_new(leaves, json_pack("{s:s, s:s, s:i}", "field",
                              "A", "comparator", "equal", "value", i));
    }

    return json_pack("{s:s, s:o}", "group_operator", "OR", "group", leaves);
}


/* Compiles criteria, which are taken; returns the code of the first finding. */
static const char *
compile_code(json_t *criteria, crm_pool_t *pool)
{
    json_t          *bundle;
    const char      *code;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    bundle = crm_make_bundle(RULE("null"));
    json_object_set_new(json_array_get(json_object_get(json_object_get(
        json_array_get(json_object_get(bundle, "objects"), 0), "object"),
        "conditions"), 0), "criteria", criteria);

    crm_findings_init(&findings, pool);
    rules = crm_ruleset_create(bundle, 1, crm_host_malloc(), &findings);
    json_decref(bundle);

    code = rules ? "" : findings.items[0].code;
    crm_ruleset_release(rules);

    return code;
}


static void
limits_hold_to_the_last(void **state)
{
    unsigned     i;
    json_t      *deep, *list;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_string_equal(compile_code(group_of(CRM_MAX_GROUP), pool), "");
    assert_string_equal(compile_code(group_of(CRM_MAX_GROUP + 1), pool),
                        "limit_exceeded");

    for (i = CRM_MAX_CRITERIA_DEPTH; i <= CRM_MAX_CRITERIA_DEPTH + 1; i++) {
        unsigned  k;

        deep = group_of(2);

        for (k = 1; k < i; k++) {
            list = group_of(1);
            json_array_append_new(json_object_get(list, "group"), deep);
            deep = list;
        }

        assert_string_equal(compile_code(deep, pool),
                            i > CRM_MAX_CRITERIA_DEPTH ? "limit_exceeded"
                                                       : "");
    }

    crm_pool_destroy(pool);
}


static json_t *
in_list(unsigned n)
{
    json_t  *values;

    values = json_array();

    while (json_array_size(values) < n) {
        json_array_append_new(values,
                              json_integer((int) json_array_size(values)));
    }

    return json_pack("{s:s, s:s, s:o}", "field", "A", "comparator", "in",
                     "value", values);
}


/* Of leaves that say the same only the first is looked into. */
static void
a_list_too_long_is_none_that_was_allowed(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_string_equal(compile_code(json_pack("{s:s, s:[o, o]}",
                            "group_operator", "OR", "group",
                            in_list(CRM_MAX_IN_VALUES),
                            in_list(CRM_MAX_IN_VALUES)), pool), "");
    assert_string_equal(compile_code(json_pack("{s:s, s:[o, o]}",
                            "group_operator", "OR", "group",
                            in_list(CRM_MAX_IN_VALUES),
                            in_list(CRM_MAX_IN_VALUES + 1)), pool),
                        "limit_exceeded");

    crm_pool_destroy(pool);
}


static void
equal_predicates_are_one(void **state)
{
    crm_ruleset_t       *rules;
    const crm_module_t  *m;

    (void) state;

    rules = crm_make_rules(
        "{'kind':'workflow_rule','name':'1','module':'M','execute_when':"
        "{'type':'create'},'conditions':[{'criteria':" LEAF "," ACTION "}]},"
        "{'kind':'workflow_rule','name':'2','module':'M','execute_when':"
        "{'type':'edit'},'conditions':[{'criteria':{'group_operator':'OR',"
        "'group':[" LEAF ",{'value':1,'comparator':'equal','field':"
        "{'api_name':'A'}},{'field':'A','comparator':'equal','value':2},"
        "{'field':'A','comparator':'not_equal','value':1},"
        "{'field':'B','comparator':'equal','value':1},"
        "{'field':'A','comparator':'equal','value':'1'}]}," ACTION "}]},"
        "{'kind':'workflow_rule','name':'3','module':'N','execute_when':"
        "{'type':'create'},'conditions':[{'criteria':" LEAF "," ACTION "}]},"
        "{'kind':'record_locking','module':'M','lock_type':'automatic',"
        "'locking_rules':[{'name':'L','criteria':" LEAF "}]}");

    m = crm_make_module(rules, "M");

    assert_int_equal(m->predicates.count, 5);
    assert_int_equal(m->predicates.items[0]->uses, 4);
    assert_int_equal(m->schema.count, 2);

    assert_int_equal(crm_make_module(rules, "N")->predicates.count, 1);
    assert_int_equal(crm_make_module(rules, "N")->predicates.items[0]->uses,
                     1);

    crm_ruleset_release(rules);
}


static void
a_watched_leaf_may_stand_for_any_value(void **state)
{
    size_t   i;
    json_t  *leaf;

    static const struct {
        const char  *leaf;
        int          any;
    } rows[] = {
        { "{'field':'A','comparator':'equal','value':'${ANYVALUE}'}", 1 },
        { "{'field':'A','comparator':'${ANYVALUE}'}", 1 },
        { "{'field':'A','comparator':'equal','value':'${EMPTY}'}", 0 },
        { "{'field':'A','comparator':'equal','value':1}", 0 },
        { "[]", 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        leaf = crm_make_json(rows[i].leaf);
        assert_row(crm_criteria_is_any_value(leaf) == rows[i].any,
                   rows[i].leaf);
        json_decref(leaf);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_declared_type_is_asked_for),
    cmocka_unit_test(limits_hold_to_the_last),
    cmocka_unit_test(a_list_too_long_is_none_that_was_allowed),
    cmocka_unit_test(equal_predicates_are_one),
    cmocka_unit_test(a_watched_leaf_may_stand_for_any_value),
};

CRM_TEST_MAIN(tests)
