/*
 * Locks. They would fail open: a closed deal is changed by somebody who must
 * not; or shut: nobody can save what the lock leaves alone.
 */

#include "crm_rules_make.h"

#include "decide/crm_lock.h"


#define HEAD                                                                  \
    "{'kind':'profile','name':'Administrator'},"                              \
    "{'kind':'profile','name':'Standard'},"                                   \
    "{'kind':'user','id':'admin','profile':'Administrator'},"                 \
    "{'kind':'user','id':'gone','profile':'Administrator','status':"          \
    "'inactive'},"                                                            \
    "{'kind':'user','id':'u1','profile':'Standard'},"

#define LOCK(existing, more)                                                  \
    HEAD "{'kind':'record_locking','module':'Deals','lock_type':'automatic'," \
    "'locking_rules':[{'name':'closed','lock_existing_records':" existing     \
    ",'criteria':{'field':'Stage','comparator':'in','value':['Closed Won',"   \
    "'Closed Lost']}},{'name':'huge','criteria':{'field':'Amount',"           \
    "'comparator':'greater_than','value':1000000}}],'excluded_fields':"       \
    "['Description']" more "}"

#define EXCEPT                                                                \
    ",'locked_for':'all_profiles_except_excluded_profiles',"                  \
    "'lock_excluded_profiles':['Administrator']"
#define DELETES  ",'restricted_actions':['delete']"

#define WON   "{'id':'42','Stage':'Closed Won','Amount':5,'Description':'d'}"
#define OPEN  "{'id':'42','Stage':'Proposal','Amount':5,'Description':'d'}"


typedef struct {
    const char  *rules;
    const char  *who;
    const char  *request;           /* NULL: delete */
    const char  *before;            /* NULL: there is none */
    const char  *mark;              /* lock rule that a save matched */
    const char  *refused_by;        /* NULL: allowed */
    const char  *field;
} case_t;


static void
judge(const case_t *c)
{
    crm_str_t        mark;
    crm_pool_t      *pool;
    crm_state_t      redis;
    crm_write_t     *w;
    const char      *name;
    crm_ruleset_t   *rules;
    crm_verdict_t    verdict;

    name = c->request ? c->request : "delete";
    pool = crm_test_pool();
    rules = crm_make_rules(c->rules);

    w = crm_make_given(pool, rules, "Deals", c->request, c->before);
    w->actor = crm_ruleset_actor(rules, crm_strz(c->who));

    memset(&redis, 0, sizeof(crm_state_t));
    mark = crm_strz(c->mark);
    redis.locks = &mark;
    redis.n_locks = c->mark != NULL;
    w->state = &redis;

    assert_row(crm_write_init(w, pool) == CRM_OK, name);
    assert_row(crm_decide(&verdict, w) == CRM_OK, name);

    if (c->refused_by == NULL) {
        assert_row(verdict.kind == CRM_REFUSE_NONE, name);

    } else {
        assert_row(verdict.kind == CRM_REFUSE_LOCKED, name);
        assert_string_equal(verdict.gate, "lock");
        assert_str(verdict.rule, c->refused_by);
        assert_row(strstr(verdict.reason.data, c->refused_by) != NULL, name);

        if (c->field) {
            assert_str(verdict.field, c->field);
            assert_row(strstr(verdict.reason.data, c->field) != NULL, name);
        }
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static void
a_locked_record_refuses_a_change(void **state)
{
    size_t  i;

    static const case_t  cases[] = {

        /* a record of old */

        { LOCK("true", ""), "u1", "{'Amount':6}", WON, NULL, "closed",
          "Amount" },
        { LOCK("true", ""), "u1", "{'Amount':6}", OPEN, NULL, NULL, NULL },
        { LOCK("true", ""), "", "{'Amount':6}", WON, NULL, "closed",
          "Amount" },
        { LOCK("true", ""), "nobody", "{'Amount':6}", WON, NULL, "closed",
          "Amount" },
        { LOCK("true", ""), "u1", "{'Stage':'Proposal'}", WON, NULL,
          "closed", "Stage" },

        /* the save that makes it true passes */

        { LOCK("true", ""), "u1", "{'Stage':'Closed Won'}", OPEN, NULL, NULL,
          NULL },
        { LOCK("true", ""), "u1", WON, NULL, NULL, NULL, NULL },

        /* one that only locks what was saved through us */

        { LOCK("false", ""), "u1", "{'Amount':6}", WON, NULL, NULL, NULL },
        { LOCK("false", ""), "u1", "{'Amount':6}", WON, "closed", "closed",
          "Amount" },
        { LOCK("false", ""), "u1", "{'Amount':6}", WON, "huge", NULL, NULL },

        /* the mark alone does not lock: somebody opened it behind us */

        { LOCK("false", ""), "u1", "{'Amount':6}", OPEN, "closed", NULL,
          NULL },

        /* a rule that is gone has left its mark */

        { LOCK("false", ""), "u1", "{'Amount':6}", WON, "gone", NULL, NULL },

        /* excluded fields, and values that stay */

        { LOCK("true", ""), "u1", "{'Description':'new'}", WON, NULL, NULL,
          NULL },
        { LOCK("true", ""), "u1", "{'Description':'new','Amount':6}", WON,
          NULL, "closed", "Amount" },
        { LOCK("true", ""), "u1",
          "{'Description':'new','Amount':5.0,'Stage':'Closed Won'}", WON,
          NULL, NULL, NULL },
        { LOCK("true", ""), "u1", "{}", WON, NULL, NULL, NULL },
        { LOCK("true", ""), "u1", "{'Desc\\u0072iption':'new'}", WON, NULL,
          NULL, NULL },
        { LOCK("true", ""), "u1", "{'description':'new'}", WON, NULL,
          "closed", "description" },

        /* profiles */

        { LOCK("true", EXCEPT), "admin", "{'Amount':6}", WON, NULL, NULL,
          NULL },
        { LOCK("true", EXCEPT), "u1", "{'Amount':6}", WON, NULL, "closed",
          "Amount" },
        { LOCK("true", EXCEPT), "gone", "{'Amount':6}", WON, NULL, "closed",
          "Amount" },
        { LOCK("true", EXCEPT), "", "{'Amount':6}", WON, NULL, "closed",
          "Amount" },
        { LOCK("true", ",'lock_excluded_profiles':['Administrator']"),
          "admin", "{'Amount':6}", WON, NULL, "closed", "Amount" },

        /* deletes */

        { LOCK("true", ""), "u1", NULL, WON, NULL, NULL, NULL },
        { LOCK("true", DELETES), "u1", NULL, WON, NULL, "closed", NULL },
        { LOCK("true", DELETES), "u1", NULL, OPEN, NULL, NULL, NULL },
        { LOCK("true", DELETES EXCEPT), "admin", NULL, WON, NULL, NULL,
          NULL },

        /* what nobody could learn locks */

        { LOCK("true", ""), "u1", "{'Amount':6}", "{'id':'42'}", NULL,
          "closed", "Amount" },
        { LOCK("true", DELETES), "u1", NULL, "{'id':'42'}", NULL, "closed",
          NULL },
        { LOCK("false", ""), "u1", "{'Amount':6}", "{'id':'42'}", NULL, NULL,
          NULL },
        { LOCK("false", ""), "u1", "{'Amount':6}",
          "{'Stage':'x','Amount':'a lot'}", "huge", "huge", "Amount" },

        /* the backend has no such record: it will say so itself */

        { LOCK("true", DELETES), "u1", NULL, NULL, "closed", NULL, NULL },

        { HEAD "{'kind':'module','name':'Deals','fields':[]}", "u1",
          "{'Amount':6}", WON, "closed", NULL, NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        judge(&cases[i]);
    }
}


static void
without_state_only_old_locks_hold(void **state)
{
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;
    crm_verdict_t   verdict;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(LOCK("false", ""));
    w = crm_make_write(pool, rules, "Deals", "{'Amount':6}", WON);

    assert_int_equal(crm_decide(&verdict, w), CRM_OK);
    assert_int_equal(verdict.kind, CRM_REFUSE_NONE);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


/* Each lock rule that the final image matches, or may. */
static void
marks_name_the_rules_that_match(void **state)
{
    size_t          i, n;
    crm_str_t      *names;
    crm_pool_t     *pool;
    crm_write_t    *w;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *request;
        const char  *before;
        unsigned     count;
        const char  *first;
    } rows[] = {
        { "{'Stage':'Proposal','Amount':1}", NULL, 0, NULL },
        { "{'Stage':'closed won','Amount':1}", NULL, 1, "closed" },
        { "{'Stage':'Proposal','Amount':1000000.01}", NULL, 1, "huge" },
        { "{'Stage':'Closed Lost','Amount':1e9}", NULL, 2, "closed" },
        { "{}", NULL, 0, NULL },
        { "{'X':1}", "{'Stage':'Proposal'}", 1, "huge" },
        { "{'X':1}", "{}", 2, "closed" },
    };

    (void) state;

    rules = crm_make_rules(LOCK("false", ""));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        w = crm_make_write(pool, rules, "Deals", rows[i].request,
                           rows[i].before);

        assert_int_equal(crm_lock_marks(w->module, &w->after_eval, &names,
                                        &n, pool), CRM_OK);
        assert_row(n == rows[i].count, rows[i].request);

        if (n) {
            assert_str(names[0], rows[i].first);
        }

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


typedef struct {
    crm_write_t    given;
    int            refused;
} starved_t;


static crm_status_t
starve_lock(crm_pool_t *pool, void *data)
{
    crm_write_t     w;
    crm_status_t    rc;
    crm_verdict_t   verdict;
    starved_t      *s;

    s = data;
    w = s->given;

    rc = crm_write_init(&w, pool);
    if (rc == CRM_OK) {
        rc = crm_decide(&verdict, &w);
    }

    /* whatever it says, it says right */

    if (rc == CRM_OK) {
        assert_int_equal(verdict.kind, s->refused ? CRM_REFUSE_LOCKED
                                                  : CRM_REFUSE_NONE);
    }

    return rc;
}


static void
without_memory_no_lock_is_passed_and_none_invented(void **state)
{
    crm_pool_t     *pool;
    starved_t       s;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(HEAD
        "{'kind':'record_locking','module':'Deals','lock_type':'automatic',"
        "'locking_rules':[{'name':'owned','lock_existing_records':true,"
        "'criteria':{'field':'Owner','comparator':'equal','value':"
        "'\\u00c4rger'}}]}");

    for (s.refused = 0; s.refused < 2; s.refused++) {
        s.given = *crm_make_given(pool, rules, "Deals", "{'Amount':6}",
            s.refused ? "{'Owner':{'id':'1','name':'\\u00c4RGER'}}"
                      : "{'Owner':{'id':'1','name':'\\u00d6RGER'}}");

        crm_test_starve(starve_lock, &s);
    }

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_locked_record_refuses_a_change),
    cmocka_unit_test(without_state_only_old_locks_hold),
    cmocka_unit_test(marks_name_the_rules_that_match),
    cmocka_unit_test(without_memory_no_lock_is_passed_and_none_invented),
};

CRM_TEST_MAIN(tests)
