/*
 * What a clock starts: functions and their arguments, schedules, triggers by
 * date and score, actions that come later. They would fail by running at
 * another time than the one that stands there, or with another argument.
 */

#include "crm_rules_make.h"
#include "rules/crm_kind.h"


#define FN(more)  "{'kind':'function','name':'F'" more "}"
#define GOOD                                                                  \
    FN(",'source':'info a;','arguments':[{'name':'limit','type':'integer'}]") \
    ","
#define PLAN(more)                                                            \
    "{'kind':'schedule','name':'S','function':'F','arguments':{'limit':5},"   \
    "'start':'2026-12-01T02:00'" more "}"
#define DAILY(more)  GOOD PLAN(",'frequency':'daily'" more)
#define OFTEN(map)   GOOD PLAN(",'frequency':" map)
#define CALL(arguments)                                                       \
    GOOD "{'kind':'workflow_rule','name':'R','module':'M','execute_when':{"   \
    "'type':'edit'},'conditions':[{'instant_actions':[{'type':'functions',"   \
    "'name':'F'" arguments "}]}]}"
#define AT   "conditions[0].instant_actions[0]"
#define D    "execute_when.details"
#define SET  "{'type':'field_updates','field':'Z','value':1}"
#define WHEN(when)                                                            \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':" when    \
    ",'conditions':[{'instant_actions':[" SET "]}]}"
#define DATE(details)                                                         \
    WHEN("{'type':'date_or_datetime','details':" details "}")
#define LATER(blocks)                                                         \
    "{'kind':'workflow_rule','name':'R','module':'M','execute_when':{'type':" \
    "'edit'},'conditions':[{'scheduled_actions':[" blocks "]}]}"
#define IN(unit, period)                                                      \
    "'execute_after':{'unit':" unit ",'period':'" period "'}"
#define BLOCK  "conditions[0].scheduled_actions[0]"


static void
every_mistake_is_found(void **state)
{
    static const crm_make_mistake_t  rows[] = {
        { FN(""), "", "missing_key", "such as file: F.dg", "file" },
        { FN(",'file':'a.dg'"), "file", "missing_key",
          "came without what is in \"a.dg\"", "source" },
        { FN(",'file':'../a.dg','source':'x'"), "file", "wrong_value",
          "without \"..\"", NULL },
        { FN(",'file':'/etc/a.dg','source':'x'"), "file", "wrong_value",
          "a leading \"/\"", NULL },
        { FN(",'file':'a/','source':'x'"), "file", "wrong_value",
          "not a folder", NULL },
        { FN(",'source':'x','arguments':[{'name':'a'}]"), "arguments[0]",
          "missing_key", "lacks \"type\"", "type" },
        { FN(",'source':'x','arguments':[{'name':'a','type':'string'}]"),
          "arguments[0].type", "unknown_word", "text, integer", NULL },
        { FN(",'source':'x','arguments':[{'name':'1a','type':'text'}]"),
          "arguments[0].name", "wrong_value", "no name of Deluge", NULL },
        { FN(",'source':'x','arguments':[{'name':'a','type':'text'},"
             "{'name':'a','type':'text'}]"), "arguments[1].name",
          "duplicate_name", "stands there twice", NULL },

        { CALL(""), AT ".arguments", "missing_argument",
          "lacks the argument \"limit\"", "limit" },
        { CALL(",'arguments':{'limit':1,'limits':2}"),
          AT ".arguments.limits", "unknown_argument",
          "did you mean \"limit\"?", "limit" },
        { CALL(",'arguments':{'limit':'many'}"), AT ".arguments.limit",
          "wrong_value", "is of type integer", NULL },
        { CALL(",'arguments':{'limit':'${!L.A}'}"), AT ".arguments.limit",
          "bad_merge_field", "write ${!M.Field}", NULL },

        { GOOD "{'kind':'schedule','name':'S','function':'G','start':"
          "'2026-12-01','frequency':'daily'}", "function",
          "unknown_reference", "there is no function \"G\"", NULL },
        { GOOD "{'kind':'schedule','name':'S','function':'F','start':"
          "'2026-12-01','frequency':'daily','arguments':{'limit':"
          "'${!M.A}'}}", "arguments.limit", "bad_merge_field",
          "there is no record here", NULL },
        { GOOD "{'kind':'schedule','name':'S','function':'F','start':"
          "'tomorrow','frequency':'daily','arguments':{'limit':1}}", "start",
          "wrong_value", "such as 2026-12-01T02:00", NULL },
        { OFTEN("'dayly'"), "frequency", "unknown_word", "once, hourly",
          "daily" },
        { OFTEN("7"), "frequency", "unknown_word", "or a map such as", NULL },
        { OFTEN("{'every':1}"), "frequency", "missing_key",
          "lacks \"period\"", "period" },
        { OFTEN("{'every':0,'period':'day'}"), "frequency.every",
          "wrong_type", "1 to 1000", NULL },
        { OFTEN("{'period':'days'}"), "frequency.period", "unknown_word",
          "hour, day, week", "day" },
        { OFTEN("{'period':'month','on_day':32}"), "frequency.on_day",
          "wrong_value", "1 to 31", NULL },
        { OFTEN("{'period':'week','on_day':1}"), "frequency.on_day",
          "wrong_value", "monday", NULL },
        { OFTEN("{'period':'day','on_day':1}"), "frequency.on_day",
          "wrong_value", "weeks, months and years", NULL },
        { OFTEN("{'period':'month','on_month':2}"), "frequency.on_month",
          "wrong_value", "is for years", NULL },
        { OFTEN("{'period':'year','on_month':2,'on_day':30}"),
          "frequency.on_day", "wrong_value", "month 2 has no day 30", NULL },
        { DAILY(",'end':'sometime'"), "end", "unknown_word",
          "{ after_runs: 10 }", "never" },
        { DAILY(",'end':{}"), "end", "missing_key", "one of: after_runs, on",
          "after_runs" },
        { DAILY(",'end':{'after_runs':0}"), "end.after_runs", "wrong_type",
          "1 to 1000000", NULL },
        { DAILY(",'end':{'on':'2026-11-30'}"), "end.on", "wrong_value",
          "before its start", NULL },
        { DAILY(",'misfire':'runonce'"), "misfire", "unknown_word",
          "run_once, skip, run_all", "run_once" },
        { DAILY(",'overlap':'together'"), "overlap", "unknown_word",
          "skip, queue", NULL },

        { WHEN("{'type':'date_or_datetime'}"), "execute_when", "missing_key",
          "the field that holds the date", "details" },
        { DATE("{}"), D, "missing_key", "lacks \"field\"", "field" },
        { DATE("{'field':'A','period':'fortnights'}"), D ".period",
          "unknown_word", "hours, days", NULL },
        { DATE("{'field':'A','unit':-11,'period':'years'}"), D ".unit",
          "wrong_value", "from -10 to 10 for years", NULL },
        { DATE("{'field':'A','execute_at':'24:00'}"), D ".execute_at",
          "wrong_value", "such as \"09:00\"", NULL },
        { DATE("{'field':'A','execute_at':'9:00'}"), D ".execute_at",
          "wrong_value", "such as \"09:00\"", NULL },
        { DATE("{'field':'A','recur_cycle':'sometimes'}"), D ".recur_cycle",
          "unknown_word", "once, monthly, yearly", NULL },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A',"
          "'data_type':'text'},{'api_name':'Z','data_type':'double'}]},"
          DATE("{'field':'A'}"), D ".field", "wrong_type",
          "is a field of type text", NULL },

        { WHEN("{'type':'score_update','details':{'type':"
               "'Selective_Rules'}}"), D, "missing_key", "lacks \"rules\"",
          "rules" },
        { WHEN("{'type':'score_update','details':{'rules':['Fit']}}"), D,
          "wrong_value", "go with type: Selective_Rules", NULL },
        { WHEN("{'type':'score_increase','details':{'type':"
               "'Selective_Rules','rules':['Fit']}}"), D ".rules[0]",
          "unknown_reference", "there is no scoring_rule \"Fit\"", NULL },

        { LATER(""), "conditions[0].scheduled_actions", "too_few",
          "at least 1", NULL },
        { LATER("{'actions':[" SET "]}"), BLOCK, "missing_key",
          "lacks \"execute_after\"", "execute_after" },
        { LATER("{" IN("2", "days") "}"), BLOCK, "missing_key",
          "lacks \"actions\"", "actions" },
        { LATER("{" IN("2", "fortnights") ",'actions':[" SET "]}"),
          BLOCK ".execute_after.period", "unknown_word", "business_hours",
          NULL },
        { LATER("{" IN("2", "days") ",'actions':[{'type':'tasks','name':"
                "'x'}]}"), BLOCK ".actions[0].name", "unknown_reference",
          "there is no task \"x\"", NULL },
        { LATER("{" IN("2", "days") ",'rechek':true,'actions':[" SET "]}"),
          BLOCK ".rechek", "unknown_key", "did you mean \"recheck\"?",
          "recheck" },
    };

    (void) state;

    crm_make_mistakes(rows, sizeof(rows) / sizeof(rows[0]));
}


static const crm_schedule_t *
schedule_of(const crm_ruleset_t *rules)
{
    return crm_map_find(&rules->schedules, CRM_STR("S"))->value;
}


static void
a_schedule_is_taken_as_given(void **state)
{
    crm_ruleset_t         *rules;
    const crm_schedule_t  *s;

    (void) state;

    rules = crm_make_rules(DAILY(""));
    s = schedule_of(rules);
    assert_int_equal(s->frequency, CRM_FREQUENCY_DAY);
    assert_int_equal(s->every, 1);
    assert_int_equal(s->on_day, -1);
    assert_int_equal(s->runs, 0);
    assert_false(s->has_until);
    assert_int_equal(s->misfire, CRM_MISFIRE_RUN_ONCE);
    assert_int_equal(s->overlap, CRM_OVERLAP_SKIP);
    assert_str(s->call.function->source, "info a;");
    assert_str(s->call.arguments[0].json, "5");
    assert_int_equal(s->start.us, 1796090400000000LL);
    crm_ruleset_release(rules);

    rules = crm_make_rules(GOOD PLAN(",'frequency':{'every':2,'period':"
        "'week','on_day':'sunday'},'end':{'on':'2027-06-30'},'misfire':"
        "'run_all','overlap':'queue'"));
    s = schedule_of(rules);
    assert_int_equal(s->frequency, CRM_FREQUENCY_WEEK);
    assert_int_equal(s->every, 2);
    assert_int_equal(s->on_day, 6);
    assert_true(s->has_until);
    assert_int_equal(s->misfire, CRM_MISFIRE_RUN_ALL);
    assert_int_equal(s->overlap, CRM_OVERLAP_QUEUE);
    crm_ruleset_release(rules);

    rules = crm_make_rules(OFTEN("{'period':'year','on_month':2,'on_day':29}"
                                 ",'end':{'after_runs':10}"));
    s = schedule_of(rules);
    assert_int_equal(s->frequency, CRM_FREQUENCY_YEAR);
    assert_int_equal(s->on_month, 2);
    assert_int_equal(s->on_day, 29);
    assert_int_equal(s->runs, 10);
    crm_ruleset_release(rules);
}


static void
a_trigger_on_a_date_is_taken_as_given(void **state)
{
    crm_ruleset_t         *rules;
    const crm_workflow_t  *rule;

    (void) state;

    rules = crm_make_rules(DATE("{'field':'Closing','unit':-2,'period':"
        "'b_days','execute_at':'09:30','recur_cycle':'yearly'}"));
    rule = crm_make_module(rules, "M")->workflows[0];

    assert_int_equal(rule->trigger, CRM_TRIGGER_DATE);
    assert_str(rule->date->field, "Closing");
    assert_int_equal(rule->date->offset.unit, -2);
    assert_int_equal(rule->date->offset.period, CRM_PERIOD_BUSINESS_DAYS);
    assert_int_equal(rule->date->at_minute, 9 * 60 + 30);
    assert_int_equal(rule->date->recur, CRM_RECUR_YEARLY);

    /* no write starts it, and there is none that it could be part of */

    assert_null(crm_make_module(rules, "M")->update);
    assert_int_equal(rule->conditions[0].actions[0].id,
                     CRM_ACTION_ASYNC_UPDATE);
    crm_ruleset_release(rules);
}


static void
what_comes_later_is_taken_as_given(void **state)
{
    crm_ruleset_t          *rules;
    const crm_condition_t  *c;

    (void) state;

    rules = crm_make_rules(LATER("{" IN("0", "minutes") ",'actions':[" SET
        "]},{" IN("3", "months") ",'recheck':false,'actions':[" SET "," SET
        "]}"));
    c = &crm_make_module(rules, "M")->workflows[0]->conditions[0];

    assert_int_equal(c->actions_count, 0);
    assert_int_equal(c->scheduled_count, 2);
    assert_true(c->scheduled[0].recheck);
    assert_int_equal(c->scheduled[1].seq, 2);
    assert_int_equal(c->scheduled[1].after.unit, 3);
    assert_int_equal(c->scheduled[1].after.period, CRM_PERIOD_MONTHS);
    assert_false(c->scheduled[1].recheck);
    assert_int_equal(c->scheduled[1].actions_count, 2);
    assert_int_equal(c->scheduled[1].actions[1].seq, 2);
    assert_int_equal(c->scheduled[0].actions[0].id, CRM_ACTION_ASYNC_UPDATE);
    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_mistake_is_found),
    cmocka_unit_test(a_schedule_is_taken_as_given),
    cmocka_unit_test(a_trigger_on_a_date_is_taken_as_given),
    cmocka_unit_test(what_comes_later_is_taken_as_given),
};

CRM_TEST_MAIN(tests)
