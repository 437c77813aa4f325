/*
 * Records of a module that are counted anew. It would fail by a job that
 * anybody could have written, or a record that is written though it is right.
 */

#include "crm_rules_make.h"

#include "queue/crm_score_run.h"


#define RULES                                                                 \
    "{'kind':'scoring_rule','name':'Fit','module':'M','write_to':"            \
    "{'score':'S'},'field_rules':[{'score':10,'criteria':{'field':'A',"       \
    "'comparator':'equal','value':'B','type':'field'}},{'score':1,"           \
    "'criteria':{'field':'A','comparator':'equal','value':'x'}}]}"
#define KEPT                                                                  \
    ",{'kind':'scoring_rule','name':'Kept','module':'M','field_rules':"       \
    "[{'score':2,'criteria':null}]}"


static crm_score_run_t
run_make(crm_str_t cursor)
{
    crm_score_run_t  run;

    memset(&run, 0, sizeof(crm_score_run_t));
    run.id = CRM_STR("scores:M");
    run.org = CRM_STR("acme");
    run.module = CRM_STR("M");
    run.run = CRM_STR(CRM_MAKE_EVENT);
    run.revision = 7;
    run.seen = 200;
    run.cursor = cursor;
    run.last = CRM_STR("17");

    return run;
}


static void
a_job_says_where_it_stands(void **state)
{
    crm_buf_t         buf;
    crm_pool_t       *pool;
    crm_error_t       err;
    crm_record_t      doc;
    crm_score_run_t   run, read;

    (void) state;

    pool = crm_test_pool();
    run = run_make(CRM_STR("page=3"));
    crm_buf_init(&buf, pool, 0);
    crm_score_run_encode(&buf, &run);

    assert_int_equal(crm_record_parse(&doc, crm_buf_view(&buf), NULL, pool,
                                      &err), CRM_OK);
    assert_int_equal(crm_score_run_parse(&read, doc.object, pool, &err),
                     CRM_OK);
    assert_str(read.cursor, "page=3");
    assert_str(read.id, "scores:M");
    assert_int_equal(read.seen, 200);
    assert_int_equal(read.revision, 7);

    crm_pool_destroy(pool);
}


static void
a_job_that_is_none_is_refused(void **state)
{
    size_t            i;
    crm_pool_t       *pool;
    crm_error_t       err;
    crm_score_run_t   run;

    static const char *const  rows[] = {
        "{}", "{'id':1}", "{'id':'a','org':'b','module':'c','run':'d'}",
        "{'id':'a','org':'b','module':'c','run':'d','cursor':'','at':'now'}",
        "{'id':'a','org':'b','module':'c','run':'d','cursor':'','at':1,"
        "'revision':1111111111111111}",
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_score_run_parse(&run, crm_make_record(pool, rows[i])
                                       ->object, pool, &err) == CRM_EINVAL,
                   rows[i]);
    }

    crm_pool_destroy(pool);
}


typedef struct {
    crm_score_run_t   run;
    crm_score_now_t   now;
    crm_state_t       state;
    crm_score_due_t   due;
} count_t;


static crm_status_t
count_one(crm_pool_t *pool, void *data)
{
    count_t  *c;

    c = data;
    memset(&c->due, 0, sizeof(crm_score_due_t));
    c->due.id = CRM_STR("42");

    return crm_score_run_record(&c->due, &c->run, &c->now, pool);
}


static void
a_record_is_written_only_where_it_is_wrong(void **state)
{
    count_t         c;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES KEPT);
    memset(&c, 0, sizeof(count_t));
    c.run = run_make(CRM_STR(""));
    c.now.rules = rules;
    c.now.module = crm_make_module(rules, "M");
    c.now.state = &c.state;
    c.now.dialect = crm_dialect_find(CRM_STR("zoho"));
    c.now.now_ms = CRM_MAKE_NOW;

    c.now.record = crm_make_record(pool, "{'id':'42','A':'x','B':'y','S':1}");
    assert_int_equal(count_one(pool, &c), CRM_OK);
    assert_int_equal(c.due.job.len, 0);
    assert_str(c.due.keeps, "{\"Kept\":[2,0]}");
    assert_str(c.due.record, "M/42");

    c.state.score = c.due.keeps;
    c.now.record = crm_make_record(pool, "{'id':'42','A':'x','B':'x','S':1}");
    assert_int_equal(count_one(pool, &c), CRM_OK);
    assert_int_equal(c.due.keeps.len, 0);
    assert_non_null(strstr(c.due.job.data, "\"fields\":{\"S\":11}"));
    assert_non_null(strstr(c.due.job.data, "\"cascade\":false"));
    assert_non_null(strstr(c.due.job.data, "\"ignore_lock\":true"));

    c.now.record = crm_make_record(pool, "{'id':'42','A':'x','S':1}");
    assert_int_equal(count_one(pool, &c), CRM_OK);
    assert_int_equal(c.due.unknown, 1);
    assert_int_equal(c.due.job.len, 0);

    c.now.record = crm_make_record(pool, "{'id':'42','A':'x','B':'x','S':1}");
    crm_test_starve(count_one, &c);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_job_says_where_it_stands),
    cmocka_unit_test(a_job_that_is_none_is_refused),
    cmocka_unit_test(a_record_is_written_only_where_it_is_wrong),
};

CRM_TEST_MAIN(tests)
