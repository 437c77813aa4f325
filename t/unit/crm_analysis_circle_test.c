/*
 * Rules that can start one another in a circle: by writes, by scores, by dates
 * that come and by escalations. It would fail by passing over a circle that
 * never ends, or by finding one where each round is the last.
 */

#include "crm_analysis_make.h"


#define DATED(name, head, details, conditions)                                \
    "{'kind':'workflow_rule','name':'" name "','module':'M'" head             \
    ",'execute_when':{'type':'date_or_datetime','details':{'field':" details  \
    "}},'conditions':[" conditions "]}"
#define ON_SCORE(name, head, details, conditions)                             \
    "{'kind':'workflow_rule','name':'" name "','module':'M'" head             \
    ",'execute_when':{'type':'score_increase'" details                        \
    "},'conditions':[" conditions "]}"
#define SCORE(name, to, criteria)                                             \
    "{'kind':'scoring_rule','name':'" name "','module':'M'" to                \
    ",'field_rules':[{'score':5,'criteria':" criteria "}]}"
#define TO(field)  ",'write_to':{'score':'" field "'}"
#define ESCALATE(criteria, actions)                                           \
    "{'kind':'escalation_rule','name':'Old','module':'M','entries':[{"        \
    "'criteria':" criteria ",'levels':[{'after':{'unit':4,'period':'hours'}," \
    "'to':{'type':'manager'},'actions':[" actions "]}]}]}"
#define MERGE(text)  "{'merge':'" text "'}"
#define ASYNC(f, v)                                                           \
    "{'type':'field_updates','field':'" f "','value':" v ",'mode':'async'}"
#define CREATE(fields)                                                        \
    "{'type':'create_record','module':'M','fields':{" fields "}}"
#define DUE        "w circle execute_when.details.field"


static void
rules_that_start_one_another_in_a_circle_are_told(void **state)
{
    static const row_t  rows[] = {
        /* what is merged into the write that starts it starts nothing */
        { WATCH("A", CASCADE, ANY("Y"), DO("null", SET("X", "1"))) ","
          WATCH("B", CASCADE, ANY("X"), DO("null", SET("Y", "1"))), "" },
        { WATCH("A", CASCADE, ANY("Y"), DO("null", ASYNC("X", "1"))) ","
          WATCH("B", CASCADE, ANY("X"), DO("null", SET("Y", "1"))), "" },
        { RULE("A", CASCADE, "edit", DO("null", SET("X", MERGE("${!M.Y}")))),
          "" },
        { WATCH("A", CASCADE, ANY("Y"), DO("null", ASYNC("X", "1"))) ","
          WATCH("B", CASCADE, ANY("X"), DO("null", ASYNC("Y", "1"))),
          "w circle cascade" },
        { WATCH("A", CASCADE, ANY("Y"), DO("null", ASYNC("X", "1"))) ","
          WATCH("B", "", ANY("X"), DO("null", ASYNC("Y", "1"))), "" },
        { WATCH("A", CASCADE, ANY("Y"), DO("null", ASYNC("X", "1"))) ","
          WATCH("B", CASCADE, LEAF("X", "equal", "2"),
                DO("null", ASYNC("Y", "1"))), "" },
        { WATCH("A", CASCADE, ANY("Y"), DO("null", ASYNC("X", "1"))) ","
          WATCH("B", CASCADE, ANY("X"), DO(LEAF("X", "greater_than", "5"),
                                           ASYNC("Y", "1"))), "" },
        /* K may be another by the time that A's update is written */
        { WATCH("A", CASCADE, ANY("Y"), DO(LEAF("K", "equal", "'a'"),
                                           ASYNC("X", "1"))) ","
          WATCH("B", CASCADE, ANY("X"), DO(LEAF("K", "equal", "'b'"),
                                           ASYNC("Y", "1"))),
          "w circle cascade" },
        { WATCH("A", CASCADE, ANY("Z"), DO("null", ASYNC("X", "1"))) ","
          WATCH("B", CASCADE, ANY("X"), DO("null", ASYNC("Y", "1"))) ","
          WATCH("C", CASCADE, ANY("Y"), DO("null", ASYNC("Z", "1"))),
          "w circle cascade" },
        { RULE("A", CASCADE, "edit", DO("null", ASYNC("X", "1"))), "" },
        { RULE("A", CASCADE, "create", DO("null", "{'type':'create_record',"
               "'module':'M','fields':{}}")), "w circle cascade" },
        { RULE("A", CASCADE, "create", DO("null", "{'type':'create_record',"
               "'module':'Other','fields':{}}")), "" },
        { RULE("A", CASCADE, "edit", DO("null", ASYNC("X",
               "{'merge':'${!M.X}.'}"))), "w circle cascade" },
        { RULE("A", CASCADE, "edit", DO("null", ASYNC("X",
               "{'merge':'${!M.Y}.'}"))), "" },
    };

    (void) state;

    CHECK(rows);
}


static void
a_circle_is_told_as_a_path(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_non_null(strstr(says(pool,
        WATCH("A", CASCADE, ANY("Z"), DO("null", ASYNC("X", "1"))) ","
        WATCH("B", CASCADE, ANY("X"), DO("null", ASYNC("Y", "1"))) ","
        WATCH("C", CASCADE, ANY("Y"), DO("null", ASYNC("Z", "1")))),
        ": \"A\" sets X -> \"B\" sets Y -> \"C\" sets Z -> \"A\";"));

    crm_pool_destroy(pool);
}


static void
a_date_rule_that_makes_itself_due_again_is_told(void **state)
{
    static const row_t  rows[] = {
        { DATED("A", "", "'D'", DO("null", SET("D", MERGE("${TODAY+7}")))),
          DUE },
        { DATED("A", "", "'D'", DO("null", SET("D", "'${TODAY+7}'"))), DUE },
        { DATED("A", "", "'D','unit':2", DO("null",
                SET("D", MERGE("${TODAY}")))), DUE },
        { DATED("A", "", "'D'", DO("null", SET("D", MERGE("${ENDOF:month}")))),
          DUE },
        { DATED("A", "", "'S'", DO("null", SET("S", MERGE("${NOW+30m}")))),
          DUE },
        { DATED("A", "", "'S','unit':1,'period':'hours'",
                DO("null", SET("S", MERGE("${NOW}")))), DUE },
        { DATED("A", "", "'D','unit':1,'period':'months'",
                DO("null", SET("D", MERGE("${TODAY-30}")))), DUE },
        { DATED("A", "", "'D','recur_cycle':'yearly'",
                DO("null", SET("D", MERGE("${TODAY+1}")))), DUE },
        { DATED("A", "", "'D','unit':1", DO("null", CREATE("'D':'${TODAY}'"))),
          DUE },
        { DATED("A", "", "'Created_Time','unit':1,'period':'weeks'",
                DO("null", CREATE("'X':'1'"))), DUE },
    };

    (void) state;

    CHECK(rows);
}


static void
a_date_rule_that_will_not_be_due_again_is_not_told(void **state)
{
    static const row_t  rows[] = {
        { DATED("A", "", "'D'", DO("null", SET("D", MERGE("${TODAY}")))), "" },
        { DATED("A", "", "'D','execute_at':'09:00'",
                DO("null", SET("D", MERGE("${TODAY}")))), "" },
        { DATED("A", "", "'D','unit':-2", DO("null",
                SET("D", MERGE("${TODAY+1}")))), "" },
        { DATED("A", "", "'D','unit':-1,'period':'months'",
                DO("null", SET("D", MERGE("${TODAY+28}")))), "" },
        { DATED("A", "", "'D','unit':-1,'period':'weeks'",
                DO("null", SET("D", MERGE("${ENDOF:week}")))), "" },
        { DATED("A", "", "'S','unit':-1,'period':'hours'",
                DO("null", SET("S", MERGE("${NOW+60m}")))), "" },
        { DATED("A", "", "'D'", DO("null", SET("D", "'2030-01-01'"))), "" },
        { DATED("A", "", "'D'", DO("null", SET("D", "null"))), "" },
        { DATED("A", "", "'D'", DO("null", SET("D", "{'field':'S'}"))), "" },
        { DATED("A", "", "'D'", DO("null", SET("D", MERGE("${!M.S}")))), "" },
        { DATED("A", "", "'D','repeat':false",
                DO("null", SET("D", MERGE("${TODAY+7}")))), "" },
        { DATED("A", ",'status':'off'", "'D'",
                DO("null", SET("D", MERGE("${TODAY+7}")))), "" },
        { DATED("A", "", "'D'", DO("null", SET("S", MERGE("${TODAY+7}")))),
          "" },
        { DATED("A", "", "'Modified_Time','unit':30",
                DO("null", SET("X", "1"))), "" },
        { DATED("A", "", "'D','unit':1",
                DO("null", CREATE("'D':'2030-01-01'"))), "" },
        { DATED("A", "", "'Created_Time','unit':1",
                DO("null", "{'type':'create_record','module':'N',"
                           "'fields':{'X':'1'}}")), "" },
    };

    (void) state;

    CHECK(rows);
}


static void
circles_through_dates_are_told_though_nothing_cascades(void **state)
{
    static const row_t  rows[] = {
        { DATED("A", "", "'D'", DO("null", SET("S", MERGE("${TODAY+1}")))) ","
          DATED("B", "", "'S'", DO("null", SET("D", MERGE("${TODAY+1}")))),
          DUE },

        /* one of them on the same day, the other on a later one */

        { DATED("A", "", "'D'", DO("null", SET("S", MERGE("${TODAY}")))) ","
          DATED("B", "", "'S','execute_at':'09:00'",
                DO("null", SET("D", MERGE("${TODAY+1}")))), DUE },
        { DATED("A", "", "'D','execute_at':'09:00'",
                DO("null", SET("S", MERGE("${TODAY}")))) ","
          DATED("B", "", "'S','execute_at':'10:00'",
                DO("null", SET("D", MERGE("${TODAY}")))), "" },

        /* a copy of what the other moves */

        { DATED("A", "", "'D'", DO("null", SET("S", MERGE("${TODAY+1}")))) ","
          DATED("B", "", "'S'", DO("null", SET("D", "{'field':'S'}"))), DUE },
        { DATED("A", "", "'D'", DO("null", SET("S", "{'field':'R'}"))) ","
          DATED("B", "", "'S'", DO("null", SET("D", MERGE("${TODAY+1}")))),
          "" },

        /* what a date starts must cascade to start a write's rule, which need
           not to move a date */

        { DATED("A", CASCADE, "'D'", DO("null", SET("X", "1"))) ","
          WATCH("B", "", ANY("X"),
                DO("null", SET("D", MERGE("${TODAY+1}")))), DUE },
        { DATED("A", "", "'D'", DO("null", SET("X", "1"))) ","
          WATCH("B", "", ANY("X"),
                DO("null", SET("D", MERGE("${TODAY+1}")))), "" },
        { DATED("A", CASCADE, "'D'", DO("null", SET("X", "1"))) ","
          WATCH("B", "", LEAF("X", "equal", "2"),
                DO("null", SET("D", MERGE("${TODAY+1}")))), "" },
        { DATED("A", CASCADE, "'D'", DO("null", SET("X", "1"))) ","
          WATCH("B", "", ANY("X"),
                DO("null", SET("D", "'2030-01-01'"))), "" },
    };

    (void) state;

    CHECK(rows);
}


static void
circles_through_scores_are_told(void **state)
{
    static const row_t  rows[] = {

        /* it is written, and watched */

        { SCORE("Fit", TO("Sum"), LEAF("X", "equal", "1")) ","
          WATCH("A", CASCADE, ANY("Sum"), DO("null", ASYNC("X", "1"))),
          "w circle cascade" },
        { SCORE("Fit", TO("Sum"), LEAF("X", "equal", "1")) ","
          WATCH("A", "", ANY("Sum"), DO("null", ASYNC("X", "1"))), "" },
        { SCORE("Fit", TO("Sum"), LEAF("Y", "equal", "1")) ","
          WATCH("A", CASCADE, ANY("Sum"), DO("null", ASYNC("X", "1"))), "" },
        { SCORE("Fit", TO("Sum"), LEAF("X", "equal", "1")) ","
          WATCH("A", CASCADE, ANY("Other"), DO("null", ASYNC("X", "1"))),
          "" },

        /* it starts a rule by itself, wherever it is kept */

        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          ON_SCORE("A", CASCADE, "", DO("null", SET("X", "1"))),
          "w circle cascade" },
        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          ON_SCORE("A", "", "", DO("null", SET("X", "1"))), "" },
        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          SCORE("Other", "", LEAF("Y", "equal", "1")) ","
          ON_SCORE("A", CASCADE, ",'details':{'type':'Selective_Rules',"
                   "'rules':['Other']}", DO("null", SET("X", "1"))), "" },
        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          SCORE("Other", "", LEAF("Y", "equal", "1")) ","
          ON_SCORE("A", CASCADE, ",'details':{'type':'Selective_Rules',"
                   "'rules':['Other']}", DO("null", SET("Y", "1"))),
          "w circle cascade" },

        /* what is merged into the write moves scores without cascade */

        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          ON_SCORE("A", CASCADE, "", DO("null", SET("Y", "1"))) ","
          WATCH("B", "", ANY("Y"), DO("null", SET("X", "1"))),
          "w circle cascade" },
        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          ON_SCORE("A", CASCADE, "", DO("null", SET("Y", "1"))) ","
          WATCH("B", "", ANY("Y"), DO("null", ASYNC("X", "1"))), "" },

        /* a score of a score */

        { SCORE("Fit", TO("Sum"), LEAF("Sum", "greater_than", "3")),
          "w circle field_rules" },
        { SCORE("Fit", TO("Sum"), LEAF("Rank", "greater_than", "3")) ","
          SCORE("Rank", TO("Rank"), LEAF("Sum", "greater_than", "3")),
          "w circle field_rules" },
        { SCORE("Fit", TO("Sum"), LEAF("X", "greater_than", "3")) ","
          SCORE("Rank", TO("Rank"), LEAF("Sum", "greater_than", "3")), "" },

        /* with a date between */

        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          DATED("A", CASCADE, "'D'", DO("null", SET("X", "1"))) ","
          ON_SCORE("B", "", "", DO("null", SET("D", MERGE("${TODAY+1}")))),
          DUE },
        { SCORE("Fit", "", LEAF("X", "equal", "1")) ","
          DATED("A", "", "'D'", DO("null", SET("X", "1"))) ","
          ON_SCORE("B", "", "", DO("null", SET("D", MERGE("${TODAY+1}")))),
          "" },
    };

    (void) state;

    CHECK(rows);
}


static void
circles_through_escalations_are_told(void **state)
{
    static const row_t  rows[] = {
        { ESCALATE(LEAF("X", "equal", "'Open'"),
                   SET("X", "'Paused'") "," SET("D", MERGE("${TODAY+1}"))) ","
          DATED("A", "", "'D'", DO("null", SET("X", "'Open'"))),
          DUE },

        /* nobody lets go of the record, or it begins to match something else,
           or no date comes */

        { ESCALATE(LEAF("X", "equal", "'Open'"),
                   SET("D", MERGE("${TODAY+1}"))) ","
          DATED("A", "", "'D'", DO("null", SET("X", "'Open'"))), "" },
        { ESCALATE(LEAF("X", "equal", "'Open'"),
                   SET("X", "'Paused'") "," SET("D", MERGE("${TODAY+1}"))) ","
          DATED("A", "", "'D'", DO("null", SET("X", "'Done'"))), "" },
        { ESCALATE(LEAF("X", "equal", "'Open'"),
                   SET("X", "'Paused'") "," SET("D", "'2030-01-01'")) ","
          DATED("A", "", "'D'", DO("null", SET("X", "'Open'"))), "" },

        /* what a level writes starts no rules */

        { ESCALATE(LEAF("X", "equal", "'Open'"), SET("X", "'Paused'")) ","
          WATCH("A", CASCADE, ANY("X"), DO("null", ASYNC("X", "'Open'"))),
          "" },
        { ESCALATE(LEAF("X", "equal", "'Open'"), SET("X", "'Open'")), "" },

        /* it matches by its score */

        { ESCALATE(LEAF("Sum", "greater_than", "3"),
                   SET("D", MERGE("${TODAY+1}"))) ","
          SCORE("Fit", TO("Sum"), LEAF("X", "equal", "1")) ","
          DATED("A", "", "'D'", DO("null", SET("X", "1"))),
          DUE },
    };

    (void) state;

    CHECK(rows);
}


static void
a_circle_names_what_is_no_workflow_rule(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_non_null(strstr(says(pool,
        SCORE("Fit", TO("Sum"), LEAF("X", "equal", "1")) ","
        WATCH("A", CASCADE, ANY("Sum"), DO("null", ASYNC("X", "1")))),
        "circle: \"A\" sets X -> scoring_rule \"Fit\" sets Sum -> \"A\";"
        " no rule runs twice"));

    assert_non_null(strstr(says(pool,
        SCORE("Fit", "", LEAF("X", "equal", "1")) ","
        ON_SCORE("A", CASCADE, "", DO("null", SET("X", "1")))),
        " scoring_rule \"Fit\" moves the score -> \"A\""));

    assert_non_null(strstr(says(pool,
        ESCALATE(LEAF("X", "equal", "'Open'"),
                 SET("X", "'Paused'") "," SET("D", MERGE("${TODAY+1}"))) ","
        DATED("A", "", "'D'", DO("null", SET("X", "'Open'")))),
        "circle: \"A\" sets X -> escalation_rule \"Old\" sets D -> \"A\";"
        " time begins a new chain, so it never ends"));

    assert_non_null(strstr(says(pool,
        DATED("A", "", "'D'", DO("null", SET("D", MERGE("${TODAY+7}"))))),
        "this rule can make itself due again: \"A\" sets D -> \"A\";"));

    assert_non_null(strstr(says(pool,
        DATED("A", "", "'Created_Time','unit':1",
              DO("null", CREATE("'X':'1'")))),
        "\"A\" creates a record of M -> \"A\";"));

    crm_pool_destroy(pool);
}


/* What is no document says something else already. */
static void
rules_that_are_wrong_are_on_no_circle(void **state)
{
    static const row_t  rows[] = {
        { DATED("A", "", "7", DO("null", SET("D", MERGE("${TODAY+7}")))), "" },
        { DATED("A", "", "'D','period':'moons'",
                DO("null", SET("D", MERGE("${TODAY+7}")))), "" },
        { DATED("A", "", "'D'", DO("null", SET("D", MERGE("${TODAY+")))), "" },
        { "{'kind':'scoring_rule','name':'s','module':'M','write_to':7,"
          "'field_rules':[7,{'criteria':7}]}", "" },
        { "{'kind':'escalation_rule','name':'e','module':'M','entries':[{"
          "'levels':[7,{'actions':[7,{}]}]}]}", "" },
        { "{'kind':'escalation_rule','name':7},{'kind':'scoring_rule'}", "" },
    };

    (void) state;

    CHECK(rows);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(rules_that_start_one_another_in_a_circle_are_told),
    cmocka_unit_test(a_circle_is_told_as_a_path),
    cmocka_unit_test(a_date_rule_that_makes_itself_due_again_is_told),
    cmocka_unit_test(a_date_rule_that_will_not_be_due_again_is_not_told),
    cmocka_unit_test(circles_through_dates_are_told_though_nothing_cascades),
    cmocka_unit_test(circles_through_scores_are_told),
    cmocka_unit_test(circles_through_escalations_are_told),
    cmocka_unit_test(a_circle_names_what_is_no_workflow_rule),
    cmocka_unit_test(rules_that_are_wrong_are_on_no_circle),
};

CRM_TEST_MAIN(tests)
