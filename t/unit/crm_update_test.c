/*
 * What rules change in the write itself. It would fail by a field set to
 * something else than the rule says, by a loser that wins, or by touching a
 * body that no rule changes.
 */

#include "crm_rules_make.h"


#define SET(name, more, field, value)                                         \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':{'type':'create_or_edit'},'conditions':["                \
    "{'instant_actions':[{'type':'field_updates','field':'" field "',"        \
    "'value':" value "}]}]}"


static crm_event_t *
judged(crm_pool_t *pool, const crm_ruleset_t *rules, const char *request,
    const char *before)
{
    crm_event_t  *event;

    event = crm_pool_calloc(pool, 1, sizeof(crm_event_t));
    assert_non_null(event);
    assert_int_equal(crm_event_judge(event, crm_make_write(pool, rules, "M",
                                                           request, before)),
                     CRM_OK);
    assert_int_equal(event->verdict.kind, CRM_REFUSE_NONE);

    return event;
}


/* What the backend gets to see of request. */
static void
expect(const char *objects, const char *request, const char *before,
    const char *forwarded)
{
    crm_str_t       text, result;
    crm_pool_t     *pool;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    pool = crm_test_pool();
    rules = crm_make_rules(objects);
    event = judged(pool, rules, request, before);
    text = crm_span_raw(event->write->request->object);

    assert_int_equal(crm_event_forward(event, text, &result), CRM_OK);
    assert_str(result, crm_make_text(pool, forwarded).data);

    /* a body that no rule changes is the very same */

    assert_int_equal(result.data == text.data,
                     event->transform.changes.real == 0);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_field_is_set_to_what_the_rule_says(void **state)
{
    (void) state;

    expect(SET("r", "", "Z", "'High'"), "{ 'A' : 1.50 }", NULL,
           "{ 'A' : 1.50,'Z':'High' }");
    expect(SET("r", "", "Z", "'High'"), "{'Z':'Low','A':1}", NULL,
           "{'Z':'High','A':1}");
    expect(SET("r", "", "Z", "19.99"), "{}", NULL, "{'Z':19.99}");
    expect(SET("r", "", "Z", "4150868000000225013"), "{'Z':null}", NULL,
           "{'Z':4150868000000225013}");
    expect(SET("r", "", "Z", "'${EMPTY}'"), "{'Z':'x'}", NULL,
           "{'Z':null}");
    expect(SET("r", "", "Stage", "2"), "{'St\\u0061ge':1}", NULL,
           "{'St\\u0061ge':2}");

    /* another field of the after-image, byte for byte */

    expect(SET("r", "", "Z", "{'field':'A'}"), "{'A':1.50}", "{'Z':9}",
           "{'A':1.50,'Z':1.50}");
    expect(SET("r", "", "Z", "{'field':'B'}"), "{'A':1}",
           "{'B':{'id':'7','x':[1, 2]}}",
           "{'A':1,'Z':{'id':'7','x':[1, 2]}}");
    expect(SET("r", "", "Z", "{'field':'B'}"), "{'Z':1}", NULL,
           "{'Z':null}");

    /* merge fields make text, which stays inside its quotes */

    expect(SET("r", "", "Z", "{'merge':'${!M.A} of ${OLD!M.A|-}'}"),
           "{'A':1}", NULL, "{'A':1,'Z':'1 of -'}");
    expect(SET("r", "", "Z", "{'merge':'${!M.B}/${OLD!M.A}'}"), "{'A':1}",
           "{'A':2,'B':'x'}", "{'A':1,'Z':'x/2'}");
    expect(SET("r", "", "Z", "{'merge':'<${!M.A}>'}"),
           "{'A':'\\u0022,\\u0022id\\u0022:\\u0022\\\\\\n'}", NULL,
           "{'A':'\\u0022,\\u0022id\\u0022:\\u0022\\\\\\n',"
           "'Z':'<\\\",\\\"id\\\":\\\"\\\\\\n>'}");
}


static void
what_the_record_has_anyway_is_no_change(void **state)
{
    (void) state;

    expect(SET("r", "", "Z", "'High'"), "{'A':1}", "{'Z':'High'}",
           "{'A':1}");
    expect(SET("r", "", "Z", "19.99"), "{'A':1}", "{'Z':19.990}",
           "{'A':1}");
    expect(SET("r", "", "Z", "'High'"), "{'A':1,'Z':'High'}", NULL,
           "{'A':1,'Z':'High'}");
    expect(SET("r", "", "Z", "null"), "{'A':1,'Z':''}", NULL,
           "{'A':1,'Z':''}");
    expect(SET("r", "", "Z", "{'id':'7'}"), "{'A':1}",
           "{'Z':{'id':'7','name':'Ann'}}", "{'A':1}");

    /* the client's own value counts, not the stored one below it */

    expect(SET("r", "", "Z", "'High'"), "{'Z':'Low'}", "{'Z':'High'}",
           "{'Z':'High'}");

    /* case is a difference to a record, though not to a condition */

    expect(SET("r", "", "Z", "'High'"), "{'Z':'HIGH'}", NULL,
           "{'Z':'High'}");
}


static void
the_last_rule_wins_and_the_loser_is_known(void **state)
{
    crm_pool_t          *pool;
    crm_event_t         *event;
    crm_ruleset_t       *rules;
    const crm_change_t  *change;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(SET("first", ",'sequence':1", "Z", "'one'") ","
                           SET("third", ",'sequence':3", "Z", "'three'") ","
                           SET("second", ",'sequence':2", "Z", "'two'") ","
                           SET("other", "", "Y", "'y'"));

    event = judged(pool, rules, "{'A':1}", NULL);

    assert_int_equal(event->transform.fired_count, 4);
    assert_int_equal(event->transform.changes.count, 2);

    change = crm_changes_find(&event->transform.changes, CRM_STR("Z"));
    assert_non_null(change);
    assert_str(change->json, "\"three\"");
    assert_str(change->rule->name, "third");
    assert_int_equal(change->losers_count, 2);
    assert_str(change->losers[0]->name, "first");
    assert_str(change->losers[1]->name, "second");

    change = crm_changes_find(&event->transform.changes, CRM_STR("Y"));
    assert_str(change->rule->name, "other");
    assert_int_equal(change->losers_count, 0);

    assert_null(crm_changes_find(&event->transform.changes, CRM_STR("A")));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Rules that agree with the record still overrule each other. */
static void
a_conflict_is_told_though_nothing_changes(void **state)
{
    size_t               i;
    crm_pool_t          *pool;
    crm_event_t         *event;
    crm_ruleset_t       *rules;
    const crm_change_t  *change;

    static const struct {
        const char  *one;
        const char  *two;
        size_t       real;
        size_t       losers;
    } rows[] = {
        { SET("a", "", "Z", "'old'"), SET("b", "", "Z", "'new'"), 1, 1 },
        { SET("a", "", "Z", "'new'"), SET("b", "", "Z", "'old'"), 0, 1 },
        { SET("a", "", "Z", "'old'"), SET("b", "", "Z", "'old'"), 0, 1 },
        { SET("a", "", "Z", "'old'"), SET("b", "", "Y", "'new'"), 1, 0 },

        /* a rule that could set nothing overrules nobody, nor one in shadow,
         * nor does a rule overrule itself */

        { SET("a", "", "Z", "'new'"), SET("b", "", "Z", "{'field':'Gone'}"),
          1, 0 },
        { SET("a", "", "Z", "'new'"), SET("b", ",'status':'shadow'", "Z",
          "'x'"), 1, 0 },
        { SET("a", "", "Z", "1"), "{'kind':'workflow_rule','module':'M',"
          "'name':'b','execute_when':{'type':'edit'},'conditions':["
          "{'instant_actions':[{'type':'field_updates','field':'Z',"
          "'value':2},{'type':'field_updates','field':'Z','value':3}]}]}",
          1, 1 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        rules = crm_make_rules(crm_pool_printf(pool, "%s,%s", rows[i].one,
                                               rows[i].two).data);
        event = judged(pool, rules, "{'A':1}", "{'Z':'old'}");

        change = crm_changes_find(&event->transform.changes, CRM_STR("Z"));
        assert_row(change != NULL, rows[i].two);
        assert_row(event->transform.changes.real == rows[i].real,
                   rows[i].two);
        assert_row(change->losers_count == rows[i].losers, rows[i].two);

        if (rows[i].losers) {
            assert_str(change->rule->name, "b");
            assert_str(change->losers[0]->name, "a");
        }

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


/* Even back to what it was. */
static void
a_later_rule_takes_a_change_back(void **state)
{
    (void) state;

    expect(SET("a", "", "Z", "'new'") "," SET("b", "", "Z", "'old'"),
           "{'A':1,'Z':'old'}", NULL, "{'A':1,'Z':'old'}");
    expect(SET("a", "", "Z", "'new'") "," SET("b", "", "Z", "'old'"),
           "{'A':1}", "{'Z':'old'}", "{'A':1}");
}


static void
a_shadow_changes_nothing(void **state)
{
    (void) state;

    expect(SET("a", ",'status':'shadow'", "Z", "1") ","
           SET("b", ",'status':'off'", "Z", "2"), "{'A':1}", NULL,
           "{'A':1}");
    expect(SET("a", "", "Z", "1") ","
           SET("b", ",'status':'shadow'", "Z", "2"), "{'A':1}", NULL,
           "{'A':1,'Z':1}");
}


static void
updates_do_not_see_each_other(void **state)
{
    (void) state;

    expect(SET("a", "", "Y", "'new'") ","
           SET("b", "", "Z", "{'field':'Y'}") ","
           SET("c", "", "X", "{'merge':'${!M.Y}'}"), "{'Y':'old'}", NULL,
           "{'Y':'new','Z':'old','X':'old'}");
}


static void
changes_grow_and_keep_their_order(void **state)
{
    size_t          i;
    crm_str_t       names[100], result;
    crm_pool_t     *pool;
    crm_record_t   *record;
    crm_changes_t   changes;

    (void) state;

    pool = crm_test_pool();
    record = crm_make_record(pool, "{'F7':'x'}");
    memset(&changes, 0, sizeof(crm_changes_t));

    for (i = 0; i < 100; i++) {
        names[i] = crm_pool_printf(pool, "F%zu", i);
        assert_int_equal(crm_changes_set(&changes, names[i], CRM_STR("1"),
                                         (crm_span_t) { 0 }, 0, NULL,
                                         pool), CRM_OK);
    }

    assert_int_equal(changes.count, 100);
    assert_str(changes.items[99].field, "F99");

    assert_int_equal(crm_changes_apply(&changes,
                                       crm_span_raw(record->object), record,
                                       &result, pool), CRM_OK);
    assert_memory_equal(result.data, "{\"F7\":1,\"F0\":1,\"F1\":1,", 22);

    crm_pool_destroy(pool);
}


#define PEOPLE                                                                \
    "{'kind':'profile','name':'P'},"                                          \
    "{'kind':'user','id':'1','profile':'P'},"                                 \
    "{'kind':'user','id':'2','profile':'P','status':'inactive'},"


static void
no_record_is_given_to_who_has_left(void **state)
{
    crm_buf_t       buf;
    crm_pool_t     *pool;
    crm_trace_t     how;
    crm_event_t    *event;
    crm_ruleset_t  *rules;

    (void) state;

    expect(PEOPLE SET("r", "", "Owner", "'1'"), "{'A':1}", NULL,
           "{'A':1,'Owner':'1'}");
    expect(PEOPLE SET("r", "", "Owner", "'2'"), "{'A':1}", NULL, "{'A':1}");
    expect(PEOPLE SET("r", "", "Owner", "{'id':'2'}"), "{'A':1}", NULL,
           "{'A':1}");
    expect(PEOPLE SET("r", "", "Owner", "{'field':'Was'}"), "{'Was':'2'}",
           NULL, "{'Was':'2'}");
    expect(PEOPLE SET("r", "", "Owner", "{'merge':'${!M.Was}'}"),
           "{'Was':2}", NULL, "{'Was':2}");
    expect(PEOPLE SET("r", "", "Owner", "'3'"), "{'A':1}", NULL,
           "{'A':1,'Owner':'3'}");
    expect(PEOPLE SET("r", "", "Owner", "null"), "{'Owner':'1'}", NULL,
           "{'Owner':null}");
    expect(PEOPLE SET("r", "", "Friend", "'2'"), "{'A':1}", NULL,
           "{'A':1,'Friend':'2'}");

    /* who came before him keeps it */

    expect(PEOPLE SET("a", "", "Owner", "'1'") "," SET("b", "", "Owner",
           "'2'"), "{'A':1}", NULL, "{'A':1,'Owner':'1'}");

    pool = crm_test_pool();
    rules = crm_make_rules(PEOPLE SET("r", "", "Owner", "'2'"));
    event = judged(pool, rules, "{'A':1}", NULL);

    memset(&how, 0, sizeof(crm_trace_t));
    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_event_trace(event, &buf, &how), CRM_OK);
    assert_non_null(strstr(crm_pool_dup(pool, crm_buf_view(&buf)).data,
                           "\"field\":\"Owner\",\"state\":"
                           "\"skipped(user_inactive)\""));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(no_record_is_given_to_who_has_left),
    cmocka_unit_test(a_field_is_set_to_what_the_rule_says),
    cmocka_unit_test(what_the_record_has_anyway_is_no_change),
    cmocka_unit_test(the_last_rule_wins_and_the_loser_is_known),
    cmocka_unit_test(a_conflict_is_told_though_nothing_changes),
    cmocka_unit_test(a_later_rule_takes_a_change_back),
    cmocka_unit_test(a_shadow_changes_nothing),
    cmocka_unit_test(updates_do_not_see_each_other),
    cmocka_unit_test(changes_grow_and_keep_their_order),
};

CRM_TEST_MAIN(tests)
