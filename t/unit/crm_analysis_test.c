/*
 * What analysis says of whole rule sets. It would fail by calling wrong what
 * is right, which teaches people to look away, or by passing over a rule that
 * can never run.
 */

#include "crm_analysis_make.h"


static void
a_condition_that_nothing_reaches_is_an_error(void **state)
{
    static const row_t  rows[] = {
        { EDIT(IF("null") "," IF("null")), "E unreachable conditions[1]" },
        { EDIT(IF("null") "," IF(LEAF("A", "equal", "1"))),
          "E unreachable conditions[1]" },
        { EDIT(IF(LEAF("A", "equal", "1")) "," IF(LEAF("A", "equal", "1"))),
          "E unreachable conditions[1]" },
        { EDIT(IF(LEAF("A", "equal", "1")) "," IF("null")), "" },
        { EDIT(IF(LEAF("A", "greater_than", "5")) ","
               IF(LEAF("A", "greater_equal", "100"))),
          "E unreachable conditions[1]" },
        { EDIT(IF(LEAF("A", "greater_equal", "100")) ","
               IF(LEAF("A", "greater_than", "5")) "," IF("null")), "" },
        { EDIT(IF(LEAF("A", "in", "['a','b','c']")) ","
               IF(LEAF("A", "equal", "'B'"))),
          "E unreachable conditions[1]" },
        { EDIT(IF(LEAF("A", "equal", "'a'")) ","
               IF(LEAF("A", "equal", "'b'")) ","
               IF(LEAF("A", "in", "['b','a']"))),
          "E unreachable conditions[2]" },
        { EDIT(IF(LEAF("A", "not_equal", "'${EMPTY}'")) ","
               IF(LEAF("A", "starts_with", "'x'"))),
          "E unreachable conditions[1]" },
        { EDIT(IF(LEAF("A", "equal", "1")) ","
               IF(AND(LEAF("A", "equal", "1") ","
                      LEAF("B", "equal", "2")))),
          "E unreachable conditions[1]" },
        { EDIT(IF(AND(LEAF("A", "equal", "1") ","
                      LEAF("B", "equal", "2"))) ","
               IF(LEAF("A", "equal", "1"))), "" },
        { EDIT(IF(LEAF("A", "equal", "'${EMPTY}'")) ","
               IF(LEAF("A", "not_equal", "'${EMPTY}'")) "," IF("null")),
          "E unreachable conditions[2]" },
        { EDIT(IF(LEAF("A", "less_than", "5")) ","
               IF(LEAF("A", "greater_equal", "5")) "," IF("null")), "" },
        { FIELDS EDIT(IF(LEAF("D", "greater_equal", "'2026-01-01'")) ","
               IF(LEAF("D", "between", "['2026-02-01','2026-03-01']"))),
          "E unreachable conditions[1]" },
        { "{'kind':'assignment_rule','name':'A','module':'M','entries':["
          "{'criteria':null},{'criteria':" LEAF("A", "equal", "1") "}]}",
          "E unreachable entries[1]" },
        { "{'kind':'approval_process','name':'A','module':'M','rules':["
          "{'criteria':" LEAF("A", "in", "[1,2]") "},"
          "{'criteria':" LEAF("A", "equal", "1") "}]}",
          "E unreachable rules[1]" },
        { "{'kind':'scoring_rule','name':'A','module':'M','field_rules':["
          "{'criteria':" LEAF("A", "in", "[1,2]") "},"
          "{'criteria':" LEAF("A", "equal", "1") "}]}", "" },
    };

    (void) state;

    CHECK(rows);
}


static void
a_contradiction_is_an_error_where_it_stands(void **state)
{
    static const row_t  rows[] = {
        { EDIT(IF(AND(LEAF("A", "greater_than", "5") ","
                      LEAF("A", "less_than", "3")))),
          "E contradiction conditions[0].criteria.group[1]" },
        { EDIT(IF("{'rows':[" LEAF("A", "equal", "'x'") ","
                  LEAF("B", "equal", "1") "," LEAF("A", "equal", "'y'")
                  "],'pattern':'1 and 2 and 3'}")),
          "E contradiction conditions[0].criteria.pattern" },
        { EDIT(IF(AND(LEAF("A", "equal", "'x'") ","
                      OR(LEAF("A", "equal", "'y'") ","
                         LEAF("A", "equal", "'z'"))))),
          "E contradiction conditions[0].criteria.group[1].group[1]" },
        { EDIT(IF(AND(OR(LEAF("A", "equal", "1") ","
                         LEAF("B", "equal", "1")) ","
                      AND(LEAF("A", "equal", "2") ","
                          LEAF("B", "equal", "2"))))),
          "E contradiction conditions[0].criteria.group[0].group[1]" },
        { EDIT(IF(OR(LEAF("B", "equal", "1") ","
                     AND(LEAF("A", "equal", "'x'") ","
                         LEAF("A", "equal", "'y'"))))),
          "w contradiction conditions[0].criteria.group[1]" },
        { EDIT(IF(LEAF("A", "between", "[9,1]"))),
          "E contradiction conditions[0].criteria" },
        { EDIT(IF(AND(LEAF("A", "in", "['a','b']") ","
                      AND(LEAF("A", "not_equal", "'a'") ","
                          LEAF("A", "not_equal", "'B'"))))),
          "E contradiction conditions[0].criteria.group[0]" },
        { "{'kind':'validation_rule','name':'V','module':'M','criteria':"
          AND(LEAF("A", "equal", "'${EMPTY}'") "," LEAF("A", "equal", "1"))
          "}", "E contradiction criteria.group[1]" },
        { "{'kind':'record_locking','module':'M','locking_rules':[{'name':'l'"
          ",'criteria':" AND(LEAF("A", "in", "[1,2]") ","
                             LEAF("A", "not_in", "[2,1,3]")) "}]}",
          "E contradiction locking_rules[0].criteria.group[1]" },
        { "{'kind':'blueprint','name':'B','module':'M','transitions':[{"
          "'before':{'criteria':" LEAF("A", "equal", "1") "},'during':{"
          "'fields':[{'field':'A','criteria':"
          AND(LEAF("A", "equal", "1") "," LEAF("A", "equal", "2")) "}]}}]}",
          "E contradiction transitions[0].during.fields[0].criteria.group[1]"
        },
        /* each with what is no contradiction */
        { EDIT(IF(OR(LEAF("A", "greater_than", "5") ","
                     LEAF("A", "less_than", "3")))), "" },
        { EDIT(IF(AND(LEAF("A", "greater_than", "3") ","
                      LEAF("A", "less_than", "5")))), "" },
        { EDIT(IF(AND(OR(LEAF("A", "equal", "1") "," LEAF("B", "equal", "1"))
                      "," LEAF("A", "equal", "2")))), "" },
    };

    (void) state;

    CHECK(rows);
}


static void
criteria_that_hold_always_or_stand_twice_are_told(void **state)
{
    static const row_t  rows[] = {
        { EDIT(IF(OR(LEAF("A", "not_equal", "'x'") ","
                     LEAF("A", "not_equal", "'y'")))),
          "w always_true conditions[0].criteria" },
        { EDIT(IF(OR(LEAF("A", "equal", "'x'") ","
                     LEAF("A", "not_equal", "'x'")))),
          "w always_true conditions[0].criteria" },
        { EDIT(IF(OR(LEAF("A", "greater_equal", "5") ","
                     LEAF("A", "less_than", "5")))), "" },
        { EDIT(IF(AND(LEAF("A", "not_equal", "'x'") ","
                      LEAF("A", "not_equal", "'y'")))), "" },
        { EDIT(IF(AND(LEAF("A", "equal", "1") "," LEAF("B", "equal", "1") ","
                      LEAF("A", "equal", "1")))),
          "w duplicate_criteria conditions[0].criteria.group[2]" },
        { EDIT(IF("{'rows':[" LEAF("A", "equal", "1") ","
                  LEAF("A", "equal", "1") "],'pattern':'1 or 2'}")),
          "w duplicate_criteria conditions[0].criteria.rows[1]" },
        { EDIT(IF(AND(OR(LEAF("A", "equal", "1") ","
                         LEAF("B", "equal", "1")) ","
                      OR(LEAF("A", "equal", "1") ","
                         LEAF("C", "equal", "1"))))), "" },
    };

    (void) state;

    CHECK(rows);
}


static void
a_rule_that_is_another_is_told(void **state)
{
    static const row_t  rows[] = {
        { RULE("A", "", "edit", IF(LEAF("X", "equal", "1"))) ","
          RULE("B", "", "edit", IF(LEAF("X", "equal", "1"))),
          "w duplicate_rule name" },
        { RULE("A", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "1")))
          "," RULE("B", "", "edit", DO(LEAF("X", "equal", "1"),
                                       SET("Q", "1"))),
          "h duplicate_rule name" },
        { RULE("A", "", "edit", DO("null", SET("P", "1"))) ","
          RULE("B", "", "edit", DO("null", SET("Q", "1"))), "" },
        { RULE("A", "", "edit", IF("null")) "," RULE("B", "", "edit",
                                                     IF("null")),
          "w duplicate_rule name" },
        { RULE("A", "", "edit", IF(LEAF("X", "equal", "1"))) ","
          RULE("B", "", "create", IF(LEAF("X", "equal", "1"))), "" },
        { RULE("A", "", "edit", IF(LEAF("X", "equal", "1"))) ","
          RULE("B", ",'status':'off'", "edit", IF(LEAF("X", "equal", "1"))),
          "" },
    };

    (void) state;

    CHECK(rows);
}


static void
two_rules_that_write_one_field_differently_are_told(void **state)
{
    static const row_t  rows[] = {
        { RULE("A", "", "edit", DO("null", SET("P", "1"))) ","
          RULE("B", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "2"))),
          "w write_conflict conditions[0].instant_actions[0]" },
        { RULE("A", "", "edit", DO("null", SET("P", "1"))) ","
          RULE("B", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "1"))),
          "" },
        { RULE("A", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "1")))
          "," RULE("B", "", "edit", DO(LEAF("X", "equal", "2"),
                                       SET("P", "2"))), "" },
        { RULE("A", "", "create", DO("null", SET("P", "1"))) ","
          RULE("B", "", "edit", DO("null", SET("P", "2"))), "" },
        { RULE("A", "", "create_or_edit", DO("null", SET("P", "1"))) ","
          RULE("B", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "2"))),
          "w write_conflict conditions[0].instant_actions[0]" },
        { RULE("A", ",'status':'shadow'", "edit", DO("null", SET("P", "1")))
          "," RULE("B", "", "edit", DO("null", SET("P", "2"))), "" },
        { RULE("A", "", "edit", DO(LEAF("X", "greater_equal", "9"),
                                   SET("P", "1"))
               "," DO("null", SET("P", "2"))) ","
          RULE("B", "", "edit", DO(LEAF("X", "greater_equal", "10"),
                                   SET("P", "1"))), "" },
        { RULE("A", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "1") ","
                                   SET("P", "2"))),
          "w write_conflict conditions[0].instant_actions[1]" },
        { RULE("A", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "1")) ","
               DO("null", SET("P", "2"))), "" },
        { WATCH("A", "", LEAF("S", "equal", "'won'"),
                DO("null", SET("P", "1"))) ","
          WATCH("B", "", LEAF("S", "equal", "'lost'"),
                DO("null", SET("P", "2"))), "" },
        { WATCH("A", "", ANY("S"), DO("null", SET("P", "1"))) ","
          RULE("B", "", "edit", DO(LEAF("S", "equal", "'lost'"),
                                   SET("P", "2"))),
          "w write_conflict conditions[0].instant_actions[0]" },
        { "{'kind':'field_update','name':'f','module':'M','field':'P',"
          "'value':1}," RULE("A", "", "edit", DO("null", SET("P", "2"))) ","
          RULE("B", "", "edit", DO(LEAF("X", "equal", "1"),
               "{'type':'field_updates','name':'f'}")),
          "w write_conflict conditions[0].instant_actions[0]" },
        { RULE("A", "", "edit", DO("null", "{'type':'assign_owner',"
               "'assign_to':[{'type':'user','id':'1'}]}")) ","
          RULE("B", "", "edit", DO(LEAF("X", "equal", "1"), "{'type':"
               "'assign_owner','assign_to':[{'type':'user','id':'2'}]}")),
          "w write_conflict conditions[0].instant_actions[0]" },
    };

    (void) state;

    CHECK(rows);
}


static void
a_conflict_names_both_rules_and_who_wins(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_string_equal(says(pool,
        RULE("A", ",'sequence':20", "edit", DO("null", SET("P", "'High'")))
        "," RULE("B", ",'sequence':10", "edit", DO("null", SET("P", "1.5")))),
        "\"A\" sets P to \"High\", and on a record that matches both, \"B\""
        " to 1.5: \"A\" wins, the last in order (sequence 20 after 10); make"
        " their criteria exclude one another, or let one rule set it");

    assert_non_null(strstr(says(pool,
        RULE("A", ",'sequence':10", "edit", DO("null", "{'type':"
             "'assign_owner','assign_to':[{'type':'owner'}]}")) ","
        RULE("B", ",'sequence':20", "edit", DO("null", "{'type':"
             "'assign_owner','assign_to':[{'type':'manager'}]}"))),
        ": \"A\" wins, the first to assign an owner (sequence 10 before 20)"));

    crm_pool_destroy(pool);
}


static void
what_nothing_uses_is_a_hint(void **state)
{
    static const row_t  rows[] = {
        { "{'kind':'webhook','name':'w','module':'M'}", "h unused name" },
        { "{'kind':'webhook','name':'w','module':'M'},"
          EDIT(DO("null", "{'type':'webhooks','name':'w'}")), "" },
        { "{'kind':'task','name':'t','module':'M'},"
          "{'kind':'assignment_rule','name':'a','module':'M','entries':[{"
          "'criteria':null,'task':'t'}]}", "" },
        { "{'kind':'email_template','name':'t'},{'kind':'email_notification'"
          ",'name':'n','module':'M','template':'t'}", "h unused name" },
        { "{'kind':'function','name':'f'},{'kind':'schedule','name':'s',"
          "'function':'f'}", "" },
        { "{'kind':'webhook','name':'w','module':'M'},{'kind':'blueprint',"
          "'name':'b','module':'M','transitions':[{'after':[{'type':"
          "'webhooks','name':'w'}]}]}", "" },
    };

    (void) state;

    CHECK(rows);
}


static void
limits_are_counted_and_can_be_set(void **state)
{
    json_t                 *json;
    crm_pool_t             *pool;
    crm_findings_t          findings;
    crm_analysis_limits_t   limits;

    static const char  two[] = EDIT(DO("null",
        "{'type':'webhooks','name':'v'},{'type':'webhooks','name':'w'}"));

    (void) state;

    pool = crm_test_pool();

    assert_string_equal(analyze(pool, two, 0, NULL, &findings),
                        "w limit_exceeded conditions[0].instant_actions");
    assert_string_equal(findings.items[0].message,
        "2 instant webhooks in one condition: the limit instant_webhooks is"
        " 1; split it up, or set the limit in the file of --limits");

    crm_analysis_limits_init(&limits);
    crm_findings_init(&findings, pool);
    json = crm_make_json("{'instant_webhooks':2,'module_workflow_rules':1}");
    crm_analysis_limits_read(&limits, json, &findings);
    json_decref(json);
    assert_int_equal(findings.count, 0);

    assert_string_equal(analyze(pool, two, 0, &limits, &findings), "");
    assert_string_equal(analyze(pool, RULE("A", "", "edit", IF("null")) ","
                                RULE("B", "", "create", IF("null")) ","
                                RULE("C", "", "delete", IF("null")), 0,
                                &limits, &findings),
                        "E limit_exceeded name");
    assert_int_equal(findings.items[0].object, 1);

    json = crm_make_json("{'instant_webhook':2,'conditions':11,'schedules':0,"
                         "'assignees':null}");
    crm_findings_init(&findings, pool);
    crm_analysis_limits_read(&limits, json, &findings);
    json_decref(json);

    assert_int_equal(findings.errors, 3);
    assert_string_equal(findings.items[0].suggestion, "instant_webhooks");
    assert_string_equal(findings.items[1].message,
                        "conditions can be lowered only: it is at most 10");
    assert_string_equal(findings.items[2].path, "schedules");

    crm_pool_destroy(pool);
}


static void
live_objects_are_seen_but_not_blamed(void **state)
{
    crm_pool_t      *pool;
    crm_findings_t   findings;

    (void) state;

    pool = crm_test_pool();

    assert_string_equal(analyze(pool,
        RULE("A", "", "edit", DO("null", SET("P", "1"))) ","
        RULE("B", "", "edit", DO(LEAF("X", "equal", "1"), SET("P", "2"))) ","
        RULE("C", "", "edit", IF(AND(LEAF("X", "equal", "1") ","
                                     LEAF("X", "equal", "2")))), 2, NULL,
        &findings), "w write_conflict conditions[0].instant_actions[0]");
    assert_int_equal(findings.items[0].object, 0);

    assert_string_equal(analyze(pool,
        "{'kind':'webhook','name':'w','module':'M'},"
        RULE("B", "", "edit", DO("null", "{'type':'webhooks','name':'w'}")),
        1, NULL, &findings), "");

    crm_pool_destroy(pool);
}


/* A mistake that another has told hides nothing, and harms nothing. */
static void
documents_that_are_wrong_are_passed_over(void **state)
{
    static const row_t  rows[] = {
        { "7", "" },
        { "{}", "" },
        { "{'kind':7}", "" },
        { "{'kind':'module'}", "" },
        { "{'kind':'module','name':'M','fields':[7,{'data_type':7},{"
          "'data_type':'text'},{'api_name':'A','data_type':'nonsense'}]}",
          "" },
        { "{'kind':'module','name':'M','fields':[{'api_name':'A','data_type':"
          "'formula','return_type':[]}]}", "" },
        { "{'kind':'workflow_rule','name':'R','module':'M'}", "" },
        { "{'kind':'workflow_rule','name':'R','module':'M','execute_when':7,"
          "'conditions':[7,{},{'instant_actions':[7,{},{'type':'nonsense'},"
          "{'type':'field_updates'},{'type':'field_updates','name':'none'},"
          "{'type':'create_record'}],'scheduled_actions':[7,{'actions':7}]}]}",
          "E unreachable conditions[1], E unreachable conditions[2]" },
        { "{'kind':'workflow_rule','name':'R','module':'M','execute_when':{"
          "'type':'field_update','details':{'criteria':{'group':[7,{}]}}},"
          "'conditions':[" IF(LEAF("A", "nonsense", "1")) "," IF("null") "]}",
          "" },
        { EDIT(IF(LEAF("A", "nonsense", "1")) ","
               IF(AND(LEAF("A", "equal", "1") "," LEAF("A", "equal", "2")))),
          "E contradiction conditions[1].criteria.group[1]" },
        { "{'kind':'webhook'}", "" },
        { "{'kind':'scoring_rule','name':'s'}", "" },
    };

    (void) state;

    CHECK(rows);
}


/* Ten thousand rules that write one field and start one another. */
static void
its_work_is_bounded(void **state)
{
    int              i;
    crm_buf_t        text;
    crm_pool_t      *pool;
    crm_findings_t   findings;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&text, pool, 0);

    for (i = 0; i < 10000; i++) {
        crm_buf_puts(&text, i ? "," : "");
        crm_buf_puts(&text, "{'kind':'workflow_rule','name':'R");
        crm_buf_int(&text, i);
        crm_buf_puts(&text, "','module':'M','cascade':true,'execute_when':{"
                     "'type':'edit'},'conditions':[{'criteria':null,"
                     "'instant_actions':[{'type':'field_updates','field':"
                     "'P','value':");
        crm_buf_int(&text, i);
        crm_buf_puts(&text, "}]}]}");
    }

    crm_buf_putc(&text, '\0');
    assert_int_equal(crm_buf_status(&text), CRM_OK);

    (void) analyze(pool, text.data, 0, NULL, &findings);
    assert_true(findings.count >= 100);
    assert_true(findings.count < 200);

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_condition_that_nothing_reaches_is_an_error),
    cmocka_unit_test(a_contradiction_is_an_error_where_it_stands),
    cmocka_unit_test(criteria_that_hold_always_or_stand_twice_are_told),
    cmocka_unit_test(a_rule_that_is_another_is_told),
    cmocka_unit_test(two_rules_that_write_one_field_differently_are_told),
    cmocka_unit_test(a_conflict_names_both_rules_and_who_wins),
    cmocka_unit_test(what_nothing_uses_is_a_hint),
    cmocka_unit_test(limits_are_counted_and_can_be_set),
    cmocka_unit_test(live_objects_are_seen_but_not_blamed),
    cmocka_unit_test(documents_that_are_wrong_are_passed_over),
    cmocka_unit_test(its_work_is_bounded),
};

CRM_TEST_MAIN(tests)
