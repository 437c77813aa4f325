/*
 * Why a rule is silent. It would fail by a reason that sends people looking in
 * the wrong place, or one that is not on the list.
 */

#include "crm_rules_make.h"


#define ACT  "'instant_actions':[{'type':'field_updates','field':'Z',"        \
             "'value':1}]"
#define R(more, when, conditions)                                             \
    "{'kind':'workflow_rule','module':'M','name':'r'" more                    \
    ",'execute_when':" when ",'conditions':[" conditions "]}"
#define ALL  "{" ACT "}"
#define EDIT  "{'type':'edit'}"
#define LEAF(field, value)                                                    \
    "{'field':'" field "','comparator':'equal','value':" value "}"
#define IF(criteria)  "{'criteria':" criteria "," ACT "}"
#define WATCH(more, criteria)                                                 \
    R("", "{'type':'field_update','details':{'criteria':" criteria more       \
      "}}", ALL)
#define GROUP(a, b)                                                           \
    "{'group_operator':'OR','group':[" a "," b "]}"
#define ANY(field)  LEAF(field, "'${ANYVALUE}'")
#define LOCK                                                                  \
    ",{'kind':'record_locking','module':'M','lock_type':'automatic',"         \
    "'locking_rules':[{'name':'shut','lock_existing_records':true,"           \
    "'criteria':" LEAF("A", "2") "}]}"
#define CHANGE  "{'A':1}", "{'A':2}"


typedef struct {
    const char  *rules;
    const char  *request;
    const char  *before;
    const char  *why;
    const char  *field;         /* NULL: none is to blame */
} row_t;


static void
expect(const row_t *row, void (*prepare)(crm_write_t *w))
{
    crm_why_t       why;
    crm_pool_t     *pool;
    crm_event_t     event;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    pool = crm_test_pool();
    rules = crm_make_rules(row->rules);
    w = crm_make_given(pool, rules, "M", row->request, row->before);

    if (prepare) {
        prepare(w);
    }

    assert_int_equal(crm_write_init(w, pool), CRM_OK);
    assert_int_equal(crm_event_judge(&event, w), CRM_OK);
    assert_int_equal(crm_event_why(&event, w->module->workflows[0], &why),
                     CRM_OK);

    if (strcmp(crm_fires_name(why.why), row->why) != 0) {
        fail_msg("%s on %s: %s, not %s", row->rules, row->request,
                 crm_fires_name(why.why), row->why);
    }

    assert_row(row->field ? crm_str_is(why.field, row->field)
                          : why.field.len == 0, row->rules);
    assert_row((why.condition != NULL) == (why.why == CRM_FIRES
                                           || why.why == CRM_NOT_LOCK),
               row->rules);

    /* and it is what the write does */

    assert_row(event.transform.fired_count == (why.why == CRM_FIRES),
               row->rules);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
each_silence_has_its_reason(void **state)
{
    size_t  i;

    static const row_t  rows[] = {
        { R("", EDIT, ALL), CHANGE, "fires", NULL },
        { R(",'status':'shadow'", EDIT, ALL), CHANGE, "fires", NULL },
        { R(",'status':'off'", EDIT, ALL), CHANGE, "inactive", NULL },
        { R(",'status':'off'", "{'type':'create'}", ALL), CHANGE, "inactive",
          NULL },
        { R("", "{'type':'create'}", ALL), CHANGE, "trigger_mismatch", NULL },
        { R("", EDIT, ALL), "{'A':1}", NULL, "trigger_mismatch", NULL },
        { WATCH("", ANY("A")), "{'A':1}", NULL, "trigger_mismatch", NULL },

        /* nothing changed; not the watched field; not all of them */

        { R("", EDIT, ALL), "{'A':2}", "{'A':2}", "field_not_changed", NULL },
        { WATCH("", ANY("A")), "{'B':1}", "{'A':2}", "field_not_changed",
          "A" },
        { WATCH("", LEAF("A", "2")), "{'A':2,'B':1}", "{'A':2}",
          "field_not_changed", "A" },
        { WATCH("", GROUP(ANY("A"), ANY("B"))), "{'C':1}", "{}",
          "field_not_changed", NULL },
        { WATCH(",'match_all':true", GROUP(ANY("A"), ANY("B"))), CHANGE,
          "field_not_changed", "B" },

        /* changed, but not to what the trigger waits for */

        { WATCH("", LEAF("A", "7")), CHANGE, "trigger_mismatch", "A" },
        { WATCH(",'match_all':true", GROUP(ANY("A"), LEAF("B", "7"))),
          "{'A':1,'B':1}", "{'A':2,'B':2}", "trigger_mismatch", "B" },

        { R("", EDIT, IF(LEAF("A", "9"))), CHANGE, "criteria_false", NULL },
        { R("", EDIT, IF(LEAF("A", "9")) "," IF(LEAF("A", "8"))), CHANGE,
          "criteria_false", NULL },

        /* nobody knows a field; where it could not matter it does not */

        { R("", EDIT, IF(LEAF("B", "9"))), CHANGE, "unknown_field", "B" },
        { R("", EDIT, IF("{'field':'A','comparator':'equal','value':'B',"
                         "'type':'field'}")), CHANGE, "unknown_field", "B" },
        { R("", EDIT, IF(LEAF("A", "9")) "," IF(LEAF("B", "9"))), CHANGE,
          "unknown_field", "B" },
        { R("", EDIT, IF("{'group_operator':'AND','group':["
                         LEAF("A", "9") "," LEAF("B", "9") "]}")), CHANGE,
          "criteria_false", NULL },

        /* what cannot be compared is known for all that */

        { R("", EDIT, IF("{'field':'A','comparator':'greater_than',"
                         "'value':'x'}")), CHANGE, "criteria_false", NULL },

        /* a lock denies what would have fired, and nothing else */

        { R("", EDIT, ALL) LOCK, CHANGE, "lock_denied", NULL },
        { R("", EDIT, IF(LEAF("A", "9"))) LOCK, CHANGE, "criteria_false",
          NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect(&rows[i], NULL);
    }
}


static void
switch_off(crm_write_t *w)
{
    w->workflow = 0;
}


static void
import(crm_write_t *w)
{
    w->import = 1;
}


static void
a_client_s_word_suppresses_what_would_run(void **state)
{
    static const row_t  off = {
        R("", EDIT, ALL), CHANGE, "suppressed_by_trigger_param", NULL
    };
    static const row_t  deaf = {
        R(",'run_on_import':true", EDIT, ALL), CHANGE,
        "suppressed_by_trigger_param", NULL
    };
    static const row_t  other = {
        R("", "{'type':'create'}", ALL), CHANGE, "trigger_mismatch", NULL
    };
    static const row_t  imports = {
        R(",'run_on_import':true", EDIT, ALL), CHANGE, "fires", NULL
    };
    static const row_t  create = {
        R(",'run_on_import':true", "{'type':'create'}", ALL), "{}", NULL,
        "fires", NULL
    };
    static const row_t  silent = {
        R("", "{'type':'create'}", ALL), "{}", NULL,
        "suppressed_by_trigger_param", NULL
    };

    (void) state;

    expect(&off, switch_off);
    expect(&deaf, switch_off);
    expect(&other, switch_off);
    expect(&off, import);
    expect(&imports, import);
    expect(&create, import);
    expect(&silent, import);
}


static const crm_str_t  earlier[] = { { "a", 1 }, { "r", 1 } };

static crm_chain_t  chain;

static void
in_chain(crm_write_t *w)
{
    w->chain = &chain;
}


static void
a_chain_of_rules_ends(void **state)
{
    static const row_t  fires = { R("", EDIT, ALL), CHANGE, "fires", NULL };
    static const row_t  loops = {
        R("", EDIT, ALL), CHANGE, "loop_stopped", NULL
    };
    static const row_t  not = {
        R("", EDIT, ALL), CHANGE, "suppressed_by_trigger_param", NULL
    };
    static const row_t  other = {
        R(",'id':'other'", EDIT, ALL), CHANGE, "fires", NULL
    };

    (void) state;

    memset(&chain, 0, sizeof(crm_chain_t));
    chain.id = CRM_STR(CRM_MAKE_EVENT);
    chain.depth = 1;
    chain.fired = earlier;
    chain.fired_count = 1;
    chain.cascade = 1;

    expect(&fires, in_chain);

    chain.fired_count = 2;
    expect(&loops, in_chain);
    expect(&other, in_chain);

    chain.depth = CRM_CHAIN_MAX_DEPTH - 1;
    expect(&other, in_chain);

    chain.fired_count = 1;
    chain.depth = CRM_CHAIN_MAX_DEPTH;
    expect(&loops, in_chain);

    /* effects of a rule without cascade start none */

    chain.depth = 1;
    chain.cascade = 0;
    expect(&not, in_chain);
}


static void
once(crm_write_t *w)
{
    static crm_str_t    rule;
    static crm_state_t  redis;

    rule = CRM_STR("r");
    memset(&redis, 0, sizeof(crm_state_t));
    redis.once = &rule;
    redis.n_once = 1;
    w->state = &redis;
}


static void
what_has_fired_is_told_before_its_criteria(void **state)
{
    static const row_t  fired = {
        R("", "{'type':'edit','details':{'repeat':false}}",
          IF(LEAF("A", "9"))), CHANGE, "already_fired_once", NULL
    };
    static const row_t  unmoved = {
        R("", "{'type':'edit','details':{'repeat':false}}", ALL), "{'A':2}",
        "{'A':2}", "field_not_changed", NULL
    };

    (void) state;

    expect(&fired, once);
    expect(&unmoved, once);
}


static void
each_condition_has_its_own(void **state)
{
    size_t                 i;
    crm_why_t              why;
    crm_pool_t            *pool;
    crm_write_t           *w;
    crm_fires_t            reason;
    crm_ruleset_t         *rules;
    const crm_workflow_t  *rule;

    static const char *const  reasons[] = {
        "criteria_false", "unknown_field", "fires", "shadowed_by_condition",
        "shadowed_by_condition"
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(R("", EDIT, IF(LEAF("A", "9")) ","
                             IF(LEAF("B", "9")) "," IF(LEAF("A", "1")) ","
                             IF(LEAF("A", "2")) "," ALL));

    w = crm_make_write(pool, rules, "M", CHANGE);
    rule = w->module->workflows[0];

    assert_int_equal(crm_why(&why, w, rule, NULL), CRM_OK);

    for (i = 0; i < 5; i++) {
        assert_int_equal(crm_why_condition(&reason, &why, w,
                                           &rule->conditions[i]), CRM_OK);
        assert_string_equal(crm_fires_name(reason), reasons[i]);
    }

    /* nobody looked at the conditions of a rule that the write did not start */

    w->workflow = 0;
    assert_int_equal(crm_why(&why, w, rule, NULL), CRM_OK);

    for (i = 0; i < 5; i++) {
        assert_int_equal(crm_why_condition(&reason, &why, w,
                                           &rule->conditions[i]), CRM_OK);
        assert_int_equal(reason, CRM_NOT_SUPPRESSED);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
the_list_of_reasons_is_closed(void **state)
{
    size_t       i;
    crm_fires_t  why;

    static const char *const  reasons[] = {
        "inactive", "trigger_mismatch", "field_not_changed",
        "already_fired_once", "criteria_false", "shadowed_by_condition",
        "suppressed_by_trigger_param", "loop_stopped", "lock_denied",
        "unknown_field"
    };

    (void) state;

    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        assert_int_equal(crm_fires_find(&why, crm_strz(reasons[i])), CRM_OK);
        assert_string_equal(crm_fires_name(why), reasons[i]);
    }

    assert_int_equal(i, CRM_NOT_END - 1);

    assert_int_equal(crm_fires_find(&why, CRM_STR("fires")), CRM_DECLINED);
    assert_int_equal(crm_fires_find(&why, CRM_STR("Inactive")), CRM_DECLINED);
    assert_int_equal(crm_fires_find(&why, CRM_STR("")), CRM_DECLINED);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(each_silence_has_its_reason),
    cmocka_unit_test(a_client_s_word_suppresses_what_would_run),
    cmocka_unit_test(a_chain_of_rules_ends),
    cmocka_unit_test(what_has_fired_is_told_before_its_criteria),
    cmocka_unit_test(each_condition_has_its_own),
    cmocka_unit_test(the_list_of_reasons_is_closed),
};

CRM_TEST_MAIN(tests)
