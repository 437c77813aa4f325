/*
 * Blueprints. They would fail open: a deal is closed by hand that nobody has
 * proposed; or shut: nobody can move it on, or write what the blueprint leaves
 * alone.
 */

#include "crm_course_rules.h"

#include "decide/crm_course_gate.h"


typedef struct {
    const char  *rules;
    const char  *who;
    const char  *kept;              /* NULL: Redis knows nothing */
    const char  *before;            /* NULL: a create */
    const char  *request;
    const char  *refused;           /* a part of the reason; NULL: allowed */
    const char  *how;               /* then; NULL: nothing happens */
    const char  *left;
    const char  *state;             /* kept after; NULL: as it was, "": gone */
} case_t;


static crm_write_t *
given(crm_pool_t *pool, const crm_ruleset_t *rules, const case_t *c)
{
    return crm_course_given(pool, rules, c->who, c->kept, c->request,
                            c->before);
}


static void
word(const char *got, const char *expected, const char *row)
{
    if (expected == NULL || got == NULL) {
        assert_row(got == expected, row);
    } else {
        assert_string_equal(got, expected);
    }
}


static void
judge(const case_t *c)
{
    crm_pool_t         *pool;
    crm_write_t        *w;
    crm_event_t         event;
    const char         *row;
    crm_ruleset_t      *rules;
    crm_course_kept_t   kept;

    pool = crm_test_pool();
    row = c->request;
    rules = crm_make_rules(c->rules);
    w = given(pool, rules, c);

    assert_row(crm_event_judge(&event, w) == CRM_OK, row);

    if (c->refused) {
        assert_row(event.verdict.kind == CRM_REFUSE_BLUEPRINT, row);
        assert_string_equal(event.verdict.gate, "blueprint");
        assert_str(event.verdict.rule, "Pipeline");

        if (strstr(event.verdict.reason.data, c->refused) == NULL) {
            fail_msg("%s: %s", row, event.verdict.reason.data);
        }

    } else {
        assert_row(event.verdict.kind == CRM_REFUSE_NONE, row);
        assert_row(event.course != NULL, row);
        word(event.course->how, c->how, row);
        word(event.course->left, c->left, row);

        if (c->state == NULL) {
            assert_row(event.effects.changes_count == 0, row);

        } else if (c->state[0] == '\0') {
            assert_row(event.effects.changes_count == 1, row);
            assert_row(event.effects.changes[0].op == CRM_CHANGE_DEL, row);

        } else {
            assert_row(event.effects.changes_count == 1, row);
            assert_row(crm_course_parse(&kept, event.effects.changes[0].value,
                                        pool) == CRM_OK, row);
            assert_str(kept.state, c->state);
            assert_str(kept.event, CRM_MAKE_EVENT);
            assert_true(kept.since_ms == CRM_MAKE_NOW);
        }
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* T21, T22, T23 among them. */
static void
the_field_of_a_blueprint_changes_by_transitions_alone(void **state)
{
    size_t  i;

    static const case_t  cases[] = {

        /* T21: another value */

        { PIPELINE(""), "rep", IN("New"), NEW, "{'Stage':'Proposal'}",
          "these are open: propose, lose", NULL, NULL, NULL },
        { PIPELINE(""), "clerk", IN("New"), NEW, "{'Stage':'Proposal'}",
          "these are open: lose", NULL, NULL, NULL },
        { PIPELINE(""), "", IN("Won"), "{'id':'42','Stage':'Won'}",
          "{'Stage':null}", "these are open: lose", NULL, NULL, NULL },

        /* T22: the same, and what the blueprint leaves alone */

        { PIPELINE(""), "rep", IN("New"), NEW, "{'Stage':'New','Amount':6}",
          NULL, NULL, NULL, NULL },
        { PIPELINE(""), "rep", IN("New"), NEW, "{'Amount':6}", NULL, NULL,
          NULL, NULL },

        /* who may: to a state, or out of all */

        { PIPELINE(""), "over", IN("New"), NEW, "{'Stage':'Won'}", NULL,
          "state_change_on_edit", NULL, "Won" },
        { PIPELINE(""), "over", IN("New"), NEW, "{'Stage':'Other'}", NULL,
          NULL, "record_exit_on_edit", "" },

        /* not in process: it is free, and enters */

        { PIPELINE(""), "rep", NULL, NEW, "{'Stage':'Won'}", NULL, "entered",
          NULL, "Won" },
        { PIPELINE(""), "rep", NULL, NEW, "{'Amount':6}", NULL, "entered",
          NULL, "New" },
        { PIPELINE(""), "rep", NULL, NULL, "{'Stage':'New'}", NULL,
          "entered", NULL, "New" },
        { PIPELINE(""), "rep", NULL, NULL, "{'Stage':'Other'}", NULL, NULL,
          NULL, NULL },
        { PIPELINE(",'criteria':{'field':'Amount','comparator':"
          "'greater_than','value':9}"), "rep", NULL, NEW, "{'Note':'n'}",
          NULL, NULL, NULL, NULL },

        /* somebody was there past us: the stored value counts */

        { PIPELINE(""), "rep", IN("Won"), NEW, "{'Stage':'Won'}",
          "from \"New\" these are open: propose, lose", NULL, NULL, NULL },
        { PIPELINE(""), "rep", IN("Won"), NEW, "{'Amount':6}", NULL,
          "state_change_on_edit", NULL, "New" },
        { PIPELINE(""), "rep", IN("New"), "{'id':'42','Stage':'Odd'}",
          "{'Amount':6}", NULL, NULL, "abrupt_exit_api", "" },
        { PIPELINE(""), "rep", "{'blueprint':'Old','state':'New'}", NEW,
          "{'Stage':'Odd'}", NULL, NULL, "process_exit_on_edit", "" },

        /* a field that nobody could read holds what is kept */

        { PIPELINE(""), "rep", IN("Proposal"), "{'id':'42','Amount':1}",
          "{'Stage':'Won'}", "from \"Proposal\" these are open: win, lose",
          NULL, NULL, NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        judge(&cases[i]);
    }
}


static void
a_write_that_fits_one_open_transition_makes_it_where_that_is_so(void **state)
{
    size_t  i;

    static const case_t  cases[] = {
        { PIPELINE(AUTO), "rep", IN("New"), NEW,
          "{'Stage':'Proposal','Note':'n'}", NULL, "transition", NULL,
          "Proposal" },
        { PIPELINE(AUTO), "rep", IN("New"), NEW, "{'Stage':'Lost'}", NULL,
          "transition", NULL, "Lost" },

        /* what it asks for is missing or wrong, or it is not hers, not now */

        { PIPELINE(AUTO), "rep", IN("New"), NEW, "{'Stage':'Proposal'}",
          "open: propose", NULL, NULL, NULL },
        { PIPELINE(AUTO), "rep", IN("New"), NEW,
          "{'Stage':'Proposal','Note':'n','Amount':0}", "open: propose", NULL,
          NULL, NULL },
        { PIPELINE(AUTO), "clerk", IN("New"), NEW,
          "{'Stage':'Proposal','Note':'n'}", "open: lose", NULL, NULL, NULL },
        { PIPELINE(AUTO), "rep", IN("New"),
          "{'id':'42','Stage':'New','Amount':5,'Frozen':true}",
          "{'Stage':'Proposal','Note':'n'}", "open: lose", NULL, NULL, NULL },
        { PIPELINE(AUTO), "rep", IN("New"), NEW, "{'Stage':'Won'}",
          "open: propose, lose", NULL, NULL, NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        judge(&cases[i]);
    }
}


static void
what_stands_behind_a_transition_is_done_once_it_is_made(void **state)
{
    case_t          c;
    crm_plan_t      plan;
    crm_pool_t     *pool;
    crm_event_t     event;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    (void) state;

    memset(&c, 0, sizeof(c));
    c.who = "rep";
    c.kept = IN("New");
    c.before = NEW;
    c.request = "{'Stage':'Proposal','Note':'n'}";

    pool = crm_test_pool();
    rules = crm_make_rules(PIPELINE(AUTO));
    w = given(pool, rules, &c);

    assert_int_equal(crm_event_judge(&event, w), CRM_OK);
    assert_int_equal(crm_event_finish(&event, w->record_id), CRM_OK);
    assert_int_equal(crm_plan(&plan, &event), CRM_OK);

    assert_int_equal(plan.jobs_count, 1);
    assert_int_equal(plan.jobs[0].queue, CRM_QUEUE_WEBHOOKS);
    assert_non_null(strstr(plan.jobs[0].json.data, "\"rule\":\"Pipeline\""));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* T23, and a rule that leads out. */
static void
a_rule_sets_the_field_of_a_blueprint(void **state)
{
    size_t  i;

#define SETS(to)                                                              \
    PIPELINE("") ",{'kind':'workflow_rule','name':'r','module':'Deals',"      \
    "'execute_when':{'type':'edit'},'conditions':[{'criteria':null,"          \
    "'instant_actions':[{'type':'field_updates','field':'Stage','value':'"    \
    to "'}]}]}"

    static const case_t  cases[] = {
        { SETS("Won"), "clerk", IN("New"), NEW, "{'Amount':6}", NULL,
          "state_change_on_edit", NULL, "Won" },
        { SETS("Else"), "clerk", IN("New"), NEW, "{'Amount':6}", NULL, NULL,
          "abrupt_exit", "" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        judge(&cases[i]);
    }
}


static void
what_a_client_lets_run_says_whether_a_record_enters(void **state)
{
    size_t          i;
    case_t          c;
    crm_pool_t     *pool;
    crm_event_t     event;
    crm_write_t    *w;
    crm_record_t   *list;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *trigger;
        int          enters;
    } rows[] = {
        { "{'t':[]}", 0 }, { "{'t':['workflow']}", 0 },
        { "{'t':['approval','blueprint']}", 1 }
    };

    (void) state;

    memset(&c, 0, sizeof(c));
    c.who = "rep";
    c.request = "{'Stage':'New'}";
    pool = crm_test_pool();
    rules = crm_make_rules(PIPELINE(""));

    for (i = 0; i < 3; i++) {
        w = given(pool, rules, &c);
        list = crm_make_record(pool, rows[i].trigger);
        w->trigger = list->fields[0].value;

        assert_int_equal(crm_event_judge(&event, w), CRM_OK);
        assert_row((event.course->blueprint != NULL) == rows[i].enters,
                   rows[i].trigger);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Of a dialect that calls the field otherwise, too. */
static void
a_transition_is_open_to_the_owner_whatever_field_names_him(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_event_t     event;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *dialect;
        const char  *who;
        const char  *before;
        int          open;
    } cases[] = {
        { "zoho", "rep", "{'Stage':'New','Owner':{'id':'rep'}}", 1 },
        { "zoho", "clerk", "{'Stage':'New','Owner':{'id':'rep'}}", 0 },
        { "espocrm", "rep", "{'Stage':'New','assignedUserId':'rep'}", 1 },
        { "espocrm", "clerk", "{'Stage':'New','assignedUserId':'rep'}", 0 },
        { "espocrm", "rep", "{'Stage':'New','Owner':'rep'}", 0 },
    };

    (void) state;

    rules = crm_make_rules(PEOPLE
        "{'kind':'blueprint','name':'Pipeline','module':'Deals',"
        "'field':'Stage','blueprint_auto_transition':true,'transitions':["
        "{'id':'win','name':'Win','from':['New'],'to':'Won',"
        "'before':{'owners':[{'type':'record_owner'}]}}]}");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pool = crm_test_pool();
        w = crm_course_given(pool, rules, cases[i].who, IN("New"),
                             "{'Stage':'Won'}", cases[i].before);
        w->dialect = crm_dialect_find(crm_strz(cases[i].dialect));
        assert_non_null(w->dialect);

        assert_int_equal(crm_event_judge(&event, w), CRM_OK);
        assert_row((event.verdict.kind == CRM_REFUSE_NONE) == cases[i].open,
                   cases[i].before);

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


static crm_status_t
starve_course(crm_pool_t *pool, void *data)
{
    crm_event_t   event;
    crm_write_t   w;
    crm_status_t  rc;

    w = *(crm_write_t *) data;

    rc = crm_write_init(&w, pool);
    if (rc == CRM_OK) {
        rc = crm_event_judge(&event, &w);
    }

    if (rc == CRM_OK) {
        assert_int_equal(event.verdict.kind, CRM_REFUSE_BLUEPRINT);
    }

    return rc;
}


static void
without_memory_no_blueprint_is_passed(void **state)
{
    case_t          c;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    memset(&c, 0, sizeof(c));
    c.who = "clerk";
    c.kept = IN("New");
    c.before = NEW;
    c.request = "{'Stage':'Won'}";

    pool = crm_test_pool();
    rules = crm_make_rules(PIPELINE(AUTO));

    crm_test_starve(starve_course, given(pool, rules, &c));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(the_field_of_a_blueprint_changes_by_transitions_alone),
    cmocka_unit_test(
        a_write_that_fits_one_open_transition_makes_it_where_that_is_so),
    cmocka_unit_test(what_stands_behind_a_transition_is_done_once_it_is_made),
    cmocka_unit_test(a_rule_sets_the_field_of_a_blueprint),
    cmocka_unit_test(what_a_client_lets_run_says_whether_a_record_enters),
    cmocka_unit_test(
        a_transition_is_open_to_the_owner_whatever_field_names_him),
    cmocka_unit_test(without_memory_no_blueprint_is_passed),
};

CRM_TEST_MAIN(tests)
