/*
 * Which rules a write starts. It would fail by a rule that stays silent, or
 * one that speaks twice.
 */

#include "crm_rules_make.h"


#define ACT  "'instant_actions':[{'type':'field_updates','field':'Z',"        \
             "'value':1}]"
#define HOOK "{'kind':'webhook','name':'W','module':'M','url':'https://h/'},"
#define R(name, more, when, conditions)                                       \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':" when ",'conditions':[" conditions "]}"
#define ALL  "{" ACT "}"
#define CALL "{'instant_actions':[{'type':'webhooks','name':'W'}]}"
#define WATCH(name, more, criteria)                                           \
    R(name, "", "{'type':'field_update','details':{'criteria':" criteria      \
      more "}}", ALL)
#define LEAF(field, value)                                                    \
    "{'field':'" field "','comparator':'equal','value':" value "}"
#define ANY(field)  LEAF(field, "'${ANYVALUE}'")

#define TRIGGERS                                                              \
    HOOK R("create", "", "{'type':'create'}", ALL) ","                        \
    R("edit", "", "{'type':'edit'}", ALL) ","                                 \
    R("both", "", "{'type':'create_or_edit'}", ALL) ","                       \
    R("delete", "", "{'type':'delete'}", CALL) ","                            \
    WATCH("watch", "", ANY("A"))


static void
expect(const char *objects, const char *request, const char *before,
    const char *fired)
{
    crm_pool_t     *pool;
    const char     *names;
    crm_ruleset_t  *rules;

    pool = crm_test_pool();
    rules = crm_make_rules(objects);
    names = crm_make_fired(crm_make_write(pool, rules, "M", request, before));

    if (strcmp(names, fired) != 0) {
        fail_msg("%s on %s: %s, not %s", request, before, names, fired);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_write_starts_the_triggers_of_its_kind(void **state)
{
    (void) state;

    expect(TRIGGERS, "{'A':1}", NULL, "both,create,");
    expect(TRIGGERS, "{'A':1}", "{'A':2}", "both,edit,watch,");
    expect(TRIGGERS, "{'B':1}", "{'A':2}", "both,edit,");
    expect(TRIGGERS, NULL, "{'A':2}", "delete,");
    expect(TRIGGERS, "{}", NULL, "both,create,");

    /* a write that changes nothing starts nothing */

    expect(TRIGGERS, "{'A':2.0,'id':'42'}", "{'A':2,'id':'42'}", "");
    expect(TRIGGERS, "{}", "{'A':2}", "");
}


static void
watched_fields_count_when_they_changed(void **state)
{
    size_t  i;

#define ONE     WATCH("r", "", LEAF("A", "5"))
#define EITHER  WATCH("r", "", "{'group_operator':'AND','group':["            \
                      LEAF("A", "5") "," ANY("B") "]}")
#define BOTH    WATCH("r", ",'match_all':true",                               \
                      "{'group_operator':'OR','group':["                      \
                      LEAF("A", "5") "," ANY("B") "]}")

    static const struct {
        const char  *rules;
        const char  *request;
        const char  *before;
        const char  *fired;
    } rows[] = {
        { ONE, "{'A':5}", "{'A':4}", "r," },
        { ONE, "{'A':6}", "{'A':4}", "" },
        { ONE, "{'A':5}", "{'A':5}", "" },
        { ONE, "{'A':5,'B':1}", "{'A':5}", "" },
        { ONE, "{'B':1}", "{'A':5}", "" },
        { ONE, "{'A':5}", "{}", "r," },
        { ONE, "{'A':5}", NULL, "" },
        { EITHER, "{'A':5}", "{'A':4,'B':1}", "r," },
        { EITHER, "{'B':null}", "{'A':4,'B':1}", "r," },
        { EITHER, "{'A':6}", "{'A':4,'B':1}", "" },
        { BOTH, "{'A':5}", "{'A':4,'B':1}", "" },
        { BOTH, "{'A':5,'B':2}", "{'A':4,'B':1}", "r," },
        { BOTH, "{'A':5,'B':1}", "{'A':4,'B':1}", "" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect(rows[i].rules, rows[i].request, rows[i].before,
               rows[i].fired);
    }
}


static void
the_first_condition_that_matches_counts(void **state)
{
    size_t          i, n;
    crm_pool_t     *pool;
    crm_fired_t    *fired;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *request;
        unsigned     condition;         /* 0: the rule does not fire */
    } rows[] = {
        { "{'A':1,'B':1}", 1 },
        { "{'A':1}", 1 },
        { "{'B':1}", 2 },
        { "{'A':2}", 3 },
        { "{}", 0 },
    };

    (void) state;

    rules = crm_make_rules(R("r", "", "{'type':'create'}",
        "{'criteria':" LEAF("A", "1") "," ACT "},"
        "{'criteria':" LEAF("B", "1") "," ACT "},"
        "{'criteria':" LEAF("A", "2") "," ACT "}"));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(crm_workflow_match(crm_make_write(pool, rules, "M",
                         rows[i].request, NULL), &fired, &n), CRM_OK);
        assert_row(n == (rows[i].condition != 0), rows[i].request);
        assert_row(n == 0 || fired[0].condition->seq == rows[i].condition,
                   rows[i].request);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


/* What is unknown is no match, and does not hide a later condition. */
static void
the_unknown_is_no_match(void **state)
{
    (void) state;

    expect(R("r", "", "{'type':'edit'}", "{'criteria':" LEAF("A", "1") ","
             ACT "}"), "{'B':1}", "{}", "");
    expect(R("r", "", "{'type':'edit'}", "{'criteria':{'field':'A',"
             "'comparator':'not_equal','value':1}," ACT "}"), "{'B':1}",
           "{}", "");
    expect(R("r", "", "{'type':'edit'}", "{'criteria':" LEAF("A", "1") ","
             ACT "}," ALL), "{'B':1}", "{}", "r,");
}


static void
all_rules_see_the_same_record(void **state)
{
    (void) state;

    expect("{'kind':'workflow_rule','module':'M','name':'a','execute_when':"
           "{'type':'create'},'conditions':[{'instant_actions':[{'type':"
           "'field_updates','field':'A','value':2}]}]},"
           R("b", "", "{'type':'create'}", "{'criteria':" LEAF("A", "2") ","
             ACT "}") ","
           R("c", "", "{'type':'create'}", "{'criteria':" LEAF("A", "1") ","
             ACT "}"), "{'A':1}", NULL, "a,c,");
}


static void
each_reason_has_its_name(void **state)
{
    size_t                  i;
    crm_str_t               once;
    crm_pool_t             *pool;
    crm_write_t            *w;
    crm_fires_t             why;
    crm_state_t             redis;
    crm_ruleset_t          *rules;
    const crm_condition_t  *condition;

    static const struct {
        const char  *rule;
        const char  *request;
        const char  *before;
        int          workflow;
        const char  *why;
    } rows[] = {
        { R("r", "", "{'type':'edit'}", ALL), "{'A':1}", "{'A':2}", 1,
          "fires" },
        { R("r", ",'status':'shadow'", "{'type':'edit'}", ALL), "{'A':1}",
          "{'A':2}", 1, "fires" },
        { R("r", ",'status':'off'", "{'type':'edit'}", ALL), "{'A':1}",
          "{'A':2}", 1, "inactive" },
        { R("r", "", "{'type':'create'}", ALL), "{'A':1}", "{'A':2}", 1,
          "trigger_mismatch" },
        { R("r", "", "{'type':'edit'}", ALL), "{'A':1}", "{'A':2}", 0,
          "suppressed_by_trigger_param" },
        { R("r", "", "{'type':'edit'}", ALL), "{'A':2}", "{'A':2}", 1,
          "field_not_changed" },
        { WATCH("r", "", ANY("A")), "{'B':2}", "{'A':2}", 1,
          "field_not_changed" },
        { R("r", "", "{'type':'edit','details':{'repeat':false}}", ALL),
          "{'A':1}", "{'A':2}", 1, "already_fired_once" },
        { R("r", ",'id':'other'",
            "{'type':'edit','details':{'repeat':false}}", ALL), "{'A':1}",
          "{'A':2}", 1, "fires" },
        { R("r", "", "{'type':'edit','details':{'repeat':true}}", ALL),
          "{'A':1}", "{'A':2}", 1, "fires" },
        { R("r", "", "{'type':'edit'}", "{'criteria':" LEAF("A", "9") ","
            ACT "}"), "{'A':1}", "{'A':2}", 1, "criteria_false" },
    };

    (void) state;

    memset(&redis, 0, sizeof(crm_state_t));
    once = CRM_STR("r");
    redis.once = &once;
    redis.n_once = 1;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        rules = crm_make_rules(rows[i].rule);

        w = crm_make_given(pool, rules, "M", rows[i].request,
                           rows[i].before);
        w->workflow = rows[i].workflow;
        w->state = &redis;

        assert_int_equal(crm_write_init(w, pool), CRM_OK);
        assert_int_equal(crm_workflow_judge(w, w->module->workflows[0], &why,
                                            &condition), CRM_OK);
        assert_string_equal(crm_fires_name(why), rows[i].why);
        assert_int_equal(condition != NULL, why == CRM_FIRES);
        assert_string_equal(crm_make_fired(w), why == CRM_FIRES ? "r," : "");

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_write_starts_the_triggers_of_its_kind),
    cmocka_unit_test(watched_fields_count_when_they_changed),
    cmocka_unit_test(the_first_condition_that_matches_counts),
    cmocka_unit_test(the_unknown_is_no_match),
    cmocka_unit_test(all_rules_see_the_same_record),
    cmocka_unit_test(each_reason_has_its_name),
};

CRM_TEST_MAIN(tests)
