/*
 * From an event to what commit puts into Redis. It would fail by a job too
 * many, one too few, or a record whose lock is forgotten.
 */

#include "crm_rules_make.h"


#define HOOK  "{'kind':'webhook','name':'W','module':'M','url':'https://h/'},"
#define R(name, more, when, actions)                                          \
    "{'kind':'workflow_rule','module':'M','name':'" name "'" more             \
    ",'execute_when':" when ",'conditions':[{'instant_actions':[" actions     \
    "]}]}"
#define BOTH   "{'type':'create_or_edit'}"
#define ONCE   "{'type':'create_or_edit','details':{'repeat':false}}"
#define CALL   "{'type':'webhooks','name':'W'}"
#define SET    "{'type':'field_updates','field':'Z','value':1}"
#define LOCKS                                                                 \
    ",{'kind':'record_locking','module':'M','lock_type':'automatic',"         \
    "'locking_rules':[{'name':'won','criteria':{'field':'Stage',"             \
    "'comparator':'equal','value':'Won'}},{'name':'say \\u0022no\\u0022',"    \
    "'criteria':{'field':'A','comparator':'greater_than','value':9}}]}"


typedef struct {
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_state_t      redis;
    crm_str_t        lock;
    crm_str_t        once;
    crm_event_t     *event;
    crm_plan_t       plan;
} given_t;


static void
plan(given_t *g, const char *objects, const char *request,
    const char *before, const char *lock, const char *once)
{
    crm_write_t  *w;

    memset(g, 0, sizeof(given_t));

    g->pool = crm_test_pool();
    g->rules = crm_make_rules(objects);
    g->lock = crm_strz(lock);
    g->once = crm_strz(once);
    g->redis.locks = &g->lock;
    g->redis.n_locks = lock != NULL;
    g->redis.once = &g->once;
    g->redis.n_once = once != NULL;

    w = crm_make_given(g->pool, g->rules, "M", request, before);
    w->state = &g->redis;
    assert_int_equal(crm_write_init(w, g->pool), CRM_OK);

    g->event = crm_make_event(w);
    assert_int_equal(crm_plan(&g->plan, g->event), CRM_OK);
}


static void
end(given_t *g)
{
    crm_ruleset_release(g->rules);
    crm_pool_destroy(g->pool);
}


static void
jobs_come_in_order_of_rules_and_actions(void **state)
{
    size_t    i;
    json_t   *job;
    given_t   g;

    static const char *const  order[] = { "b", "a", "a", "c" };

    (void) state;

    plan(&g, HOOK R("c", "", BOTH, SET "," CALL) ","
         R("a", "", BOTH, CALL "," SET "," CALL) ","
         R("b", ",'sequence':1", BOTH, CALL) ","
         R("d", "", BOTH, SET) ","
         R("e", ",'status':'shadow'", BOTH, CALL) ","
         R("f", "", "{'type':'delete'}", CALL), "{'A':1}", NULL, NULL, NULL);

    assert_int_equal(g.plan.jobs_count, 4);

    for (i = 0; i < 4; i++) {
        job = json_loadb(g.plan.jobs[i].json.data, g.plan.jobs[i].json.len,
                         JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(job);
        assert_string_equal(json_string_value(json_object_get(job, "rule")),
                            order[i]);
        assert_string_equal(json_string_value(json_object_get(job, "id")),
                            g.plan.jobs[i].id.data);
        json_decref(job);
    }

    assert_int_equal(g.plan.changes_count, 0);
    end(&g);
}


/* A mark is set, kept, changed and taken away with the record. */
static void
locks_that_match_are_marked(void **state)
{
    size_t   i;
    given_t  g;

    static const struct {
        const char  *request;
        const char  *before;
        const char  *lock;          /* the mark there was */
        const char  *value;         /* "": taken away; NULL: let be */
    } rows[] = {
        { "{'Stage':'Won'}", NULL, NULL, "[\"won\"]" },
        { "{'Stage':'won','A':10}", NULL, NULL,
          "[\"won\",\"say \\\"no\\\"\"]" },
        { "{'Stage':'Open'}", NULL, NULL, NULL },
        { "{'B':1}", "{'Stage':'Won','A':1}", NULL, "[\"won\"]" },
        { "{'Stage':'Open'}", "{'Stage':'Won','A':1}", "gone", "" },
        { "{'B':1}", "{'Stage':'Open','A':1}", NULL, NULL },

        /* the backend does not show A: it may match */

        { "{'Stage':'Open'}", "{}", NULL, "[\"say \\\"no\\\"\"]" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        plan(&g, HOOK R("r", "", BOTH, CALL) LOCKS, rows[i].request,
             rows[i].before, rows[i].lock, NULL);

        assert_row(g.plan.changes_count == (rows[i].value != NULL),
                   rows[i].request);

        if (rows[i].value) {
            assert_str(g.plan.changes[0].field, "lock");

            if (*rows[i].value) {
                assert_int_equal(g.plan.changes[0].op, CRM_CHANGE_SET);
                assert_str(g.plan.changes[0].value, rows[i].value);
            } else {
                assert_int_equal(g.plan.changes[0].op, CRM_CHANGE_DEL);
            }
        }

        end(&g);
    }
}


static void
a_rule_that_runs_once_is_remembered(void **state)
{
    given_t  g;

    (void) state;

    plan(&g, HOOK R("a", ",'id':'r-17'", ONCE, CALL) ","
         R("b", ",'status':'shadow'", ONCE, CALL) "," R("c", "", BOTH, CALL)
         LOCKS, "{'Stage':'Won'}", NULL, NULL, NULL);

    assert_int_equal(g.plan.jobs_count, 2);
    assert_int_equal(g.plan.changes_count, 2);
    assert_str(g.plan.changes[0].field, "lock");
    assert_int_equal(g.plan.changes[1].op, CRM_CHANGE_SET);
    assert_str(g.plan.changes[1].field, "once:r-17");
    assert_str(g.plan.changes[1].value, "1");
    end(&g);

    /* it had its run */

    plan(&g, HOOK R("a", ",'id':'r-17'", ONCE, CALL), "{'A':1}", NULL, NULL,
         "r-17");
    assert_int_equal(g.plan.jobs_count, 0);
    assert_int_equal(g.plan.changes_count, 0);
    end(&g);
}


static void
a_delete_forgets_the_record(void **state)
{
    json_t   *job;
    given_t   g;

    (void) state;

    plan(&g, HOOK R("a", "", "{'type':'delete'}", CALL) LOCKS, NULL,
         "{'id':'42','Stage':'Open','A':1}", "won", "x");

    assert_int_equal(g.plan.changes_count, 1);
    assert_int_equal(g.plan.changes[0].op, CRM_CHANGE_DROP);

    assert_int_equal(g.plan.jobs_count, 1);
    job = json_loadb(g.plan.jobs[0].json.data, g.plan.jobs[0].json.len, 0,
                     NULL);
    assert_true(json_equal(json_object_get(job, "record"),
                           json_object_get(job, "before")));
    json_decref(job);
    end(&g);

    plan(&g, HOOK R("a", "", BOTH, CALL), NULL, "{'A':1}", NULL, NULL);
    assert_int_equal(g.plan.jobs_count, 0);
    assert_int_equal(g.plan.changes_count, 1);
    end(&g);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(jobs_come_in_order_of_rules_and_actions),
    cmocka_unit_test(locks_that_match_are_marked),
    cmocka_unit_test(a_rule_that_runs_once_is_remembered),
    cmocka_unit_test(a_delete_forgets_the_record),
};

CRM_TEST_MAIN(tests)
