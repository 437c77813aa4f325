/*
 * The kind scoring_rule. It would fail if points went to a field that cannot
 * hold them, or to the field of other points.
 */

#include "crm_rules_make.h"

#include "rules/crm_scoring.h"


#define RULE(more)                                                            \
    "{'kind':'scoring_rule','name':'Fit','module':'M'" more "}"
#define TO     ",'write_to':{'score':'S'}"
#define RULES  ",'field_rules':[{'score':10,'criteria':null}]"
#define MODULE                                                                \
    "{'kind':'module','name':'M','fields':[{'api_name':'S','data_type':"      \
    "'integer'},{'api_name':'T','data_type':'text'}]},"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { RULE(TO), "", "missing_key", "needs field_rules or", "field_rules" },
        { RULE(TO ",'field_rules':[]"), "", "missing_key",
          "needs field_rules or", "field_rules" },
        { RULE(RULES ",'write_to':{}"), "write_to", "missing_key",
          "write_to lacks \"score\"", "score" },
        { RULE(RULES ",'write_to':{'score':'S','postive':'P'}"),
          "write_to.postive", "unknown_key", "did you mean \"positive\"?",
          "positive" },
        { RULE(RULES ",'write_to':{'score':'S','positive':'S'}"),
          "write_to.positive", "duplicate_name", "takes another score",
          NULL },
        { MODULE RULE(RULES ",'write_to':{'score':'T'}"), "write_to.score",
          "wrong_value", "type text does not hold", NULL },
        { MODULE RULE(RULES ",'write_to':{'score':'SS'}"), "write_to.score",
          "unknown_field", "no field \"SS\"", NULL },
        { RULE(TO ",'field_rules':[{'score':1.5,'criteria':null}]"),
          "field_rules[0].score", "wrong_type", "whole number", NULL },
        { RULE(TO ",'field_rules':[{'score':1000001,'criteria':null}]"),
          "field_rules[0].score", "wrong_type", "to 1000000", NULL },
        { RULE(TO ",'field_rules':[{'score':1}]"), "field_rules[0]",
          "missing_key", "a field rule lacks \"criteria\"", "criteria" },
        { RULE(TO ",'field_rules':[7]"), "field_rules[0]", "wrong_type",
          "must be a map", NULL },
        { RULE(TO ",'field_rules':[{'score':1,'criteria':{'field':'A',"
               "'comparator':'equal'}}]"), "field_rules[0].criteria",
          "missing_key", "lacks \"value\"", "value" },
        { RULE(TO ",'touch_point_rules':[{'score':1}]"),
          "touch_point_rules[0]", "missing_key", "lacks \"event\"", "event" },
        { RULE(TO ",'touch_point_rules':[{'score':1,'event':'Email opened'}]"
               ), "touch_point_rules[0].event", "wrong_value",
          "not \"Email opened\"", NULL },
        { "{'kind':'scoring_rule','name':'abcdefghijklmnopqrstuvwxyz',"
          "'module':'M'" TO RULES "}", "name", "too_long", "at most 25",
          NULL },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static void
points_and_fields_are_as_written(void **state)
{
    crm_ruleset_t        *rules;
    const crm_module_t   *module;
    const crm_scoring_t  *s;

    (void) state;

    rules = crm_make_rules(RULE(",'write_to':{'negative':'N','score':'S'},"
        "'field_rules':[{'score':10,'criteria':null},{'score':-5,'criteria':"
        "{'field':'E','comparator':'equal','value':'${EMPTY}'}}],"
        "'touch_point_rules':[{'event':'email_opened','score':3}]"));
    module = crm_make_module(rules, "M");

    assert_int_equal(module->scorings.count, 1);
    s = module->scorings.items[0];

    assert_str(s->name, "Fit");
    assert_str(s->fields[CRM_SCORE_TOTAL], "S");
    assert_int_equal(s->fields[CRM_SCORE_POSITIVE].len, 0);
    assert_str(s->fields[CRM_SCORE_NEGATIVE], "N");
    assert_int_equal(s->rules_count, 2);
    assert_int_equal(s->rules[0].score, 10);
    assert_null(s->rules[0].criteria.nodes);
    assert_int_equal(s->rules[1].score, -5);
    assert_int_equal(s->rules[1].criteria.count, 1);
    assert_int_equal(s->touches_count, 1);
    assert_str(s->touches[0].event, "email_opened");
    assert_int_equal(s->touches[0].score, 3);

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(points_and_fields_are_as_written),
};

CRM_TEST_MAIN(tests)
