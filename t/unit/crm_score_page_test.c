/*
 * A page of the records that are counted anew: what it asks for, and which is
 * the next. It would fail by a page that is read for ever, or a record that is
 * passed over.
 */

#include "crm_rules_make.h"

#include "queue/crm_score_page.h"


#define RULES                                                                 \
    "{'kind':'scoring_rule','name':'Fit','module':'M','write_to':"            \
    "{'score':'S'},'field_rules':[{'score':10,'criteria':{'field':'A',"       \
    "'comparator':'equal','value':'B','type':'field'}},{'score':1,"           \
    "'criteria':{'field':'A','comparator':'equal','value':'x'}}]}"


static crm_score_run_t
run_at(const char *cursor)
{
    crm_score_run_t  run;

    memset(&run, 0, sizeof(crm_score_run_t));
    run.module = CRM_STR("M");
    run.cursor = crm_strz(cursor);
    run.last = CRM_STR("17");

    return run;
}


static void
a_page_asks_for_what_scores_read_and_write(void **state)
{
    crm_pool_t             *pool;
    crm_ruleset_t          *rules;
    crm_score_run_t         run;
    crm_dialect_request_t   asked;

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    run = run_at("");

    assert_int_equal(crm_score_page_ask(&asked, &run,
                                        crm_make_module(rules, "M"),
                                        crm_dialect_find(CRM_STR("zoho")),
                                        pool), CRM_OK);
    assert_str(asked.path, "M?fields=id,S,A,B&sort_by=id&sort_order=asc"
                     "&per_page=200&page=1");
    assert_int_equal(crm_score_page_ask(&asked, &run,
                                        crm_make_module(rules, "M"),
                                        crm_dialect_find(CRM_STR("rest")),
                                        pool), CRM_DECLINED);

    run = run_at("id=4150868000000000021");
    assert_int_equal(crm_score_page_ask(&asked, &run,
                                        crm_make_module(rules, "M"),
                                        crm_dialect_find(CRM_STR("zoho")),
                                        pool), CRM_OK);
    assert_string_equal(asked.method, "POST");
    assert_str(asked.path, "coql");
    assert_str(asked.body, "{\"select_query\":\"select id,S,A,B from M where"
                           " id > 4150868000000000021 order by id asc limit"
                           " 200\"}");

    run = run_at("id=1 or 1");
    assert_int_equal(crm_score_page_ask(&asked, &run,
                                        crm_make_module(rules, "M"),
                                        crm_dialect_find(CRM_STR("zoho")),
                                        pool), CRM_DECLINED);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


typedef struct {
    crm_score_run_t         run;
    const crm_module_t     *module;
    const crm_dialect_t    *dialect;
    crm_dialect_request_t   asked;
} ask_t;


static crm_status_t
ask_one(crm_pool_t *pool, void *data)
{
    ask_t  *a;

    a = data;

    return crm_score_page_ask(&a->asked, &a->run, a->module, a->dialect,
                              pool);
}


static void
a_file_lists_records_behind_the_last_one(void **state)
{
    ask_t           a;
    size_t          i;
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    static const struct {
        const char  *dialect;
        const char  *first;
        const char  *next;
    } rows[] = {
        { "json-server", "M?_sort=id&_order=asc&_limit=200",
          "M?_sort=id&_order=asc&_limit=200&id_gte=1%2F7&id_ne=1%2F7" },
        { "espocrm", "M?orderBy=id&order=asc&maxSize=200"
          "&select=id%2CS%2CA%2CB",
          "M?orderBy=id&order=asc&maxSize=200&select=id%2CS%2CA%2CB"
          "&where%5B0%5D%5Btype%5D=greaterThan"
          "&where%5B0%5D%5Battribute%5D=id&where%5B0%5D%5Bvalue%5D=1%2F7" },
        { "directus", "M?sort=id&limit=200&fields=id%2CS%2CA%2CB",
          "M?sort=id&limit=200&fields=id%2CS%2CA%2CB"
          "&filter%5Bid%5D%5B_gt%5D=1%2F7" },
    };

    (void) state;

    pool = crm_test_pool();
    rules = crm_make_rules(RULES);
    memset(&a, 0, sizeof(ask_t));
    a.module = crm_make_module(rules, "M");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        a.dialect = crm_dialect_find(crm_strz(rows[i].dialect));
        assert_row(crm_score_page_can(a.dialect), rows[i].dialect);

        a.run = run_at("");
        assert_int_equal(ask_one(pool, &a), CRM_OK);
        assert_string_equal(a.asked.method, "GET");
        assert_str(a.asked.path, rows[i].first);

        a.run = run_at("id=1/7");
        a.run.last = CRM_STR("1/7");
        assert_int_equal(ask_one(pool, &a), CRM_OK);
        assert_str(a.asked.path, rows[i].next);
        crm_test_starve(ask_one, &a);
    }

    assert_false(crm_score_page_can(crm_dialect_find(CRM_STR("rest"))));

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);
}


typedef struct {
    const char  *cursor;
    unsigned     status;
    crm_str_t    body;
    crm_str_t    next;
    crm_list_t   list;
} read_t;


static crm_status_t
read_one(crm_pool_t *pool, void *data)
{
    read_t           *r;
    crm_score_run_t   run;

    r = data;
    run = run_at(r->cursor);

    return crm_score_page_read(&r->list, &r->next, &run,
                               crm_dialect_find(CRM_STR("json-server")),
                               r->status, r->body, pool);
}


/* A short page need not be the last; one that ends where the last one did is
 * that one. */
static void
a_list_of_a_file_ends_with_an_empty_page(void **state)
{
    size_t       i;
    read_t       r;
    crm_pool_t  *pool;

    static const struct {
        const char    *cursor;
        unsigned       status;
        const char    *body;
        const char    *next;
        crm_status_t   rc;
    } rows[] = {
        { "", 200, "[]", "", CRM_OK },
        { "", 200, "[{'id':17}]", "id=17", CRM_OK },
        { "id=17", 200, "[{'id':18},{'id':'20'}]", "id=20", CRM_OK },
        { "id=17", 200, "[]", "", CRM_OK },
        { "id=17", 200, "[{'id':5},{'id':17}]", "", CRM_EINVAL },
        { "id=17", 200, "[{'id':18},{'n':1}]", "", CRM_EINVAL },
        { "id=17", 200, "[18]", "", CRM_EINVAL },
        { "id=17", 200, "<html>", "", CRM_EINVAL },
        { "id=17", 400, "[]", "", CRM_EINVAL },
        { "", 404, "{}", "", CRM_EINVAL },
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        r.cursor = rows[i].cursor;
        r.status = rows[i].status;
        r.body = crm_make_text(pool, rows[i].body);

        assert_row(read_one(pool, &r) == rows[i].rc, rows[i].body);

        if (rows[i].rc == CRM_OK) {
            assert_str(r.next, rows[i].next);
            crm_test_starve(read_one, &r);
        }
    }

    crm_pool_destroy(pool);
}


static void
the_next_page_is_the_one_that_the_backend_names(void **state)
{
    size_t            i;
    crm_str_t         next;
    crm_list_t        list;
    crm_pool_t       *pool;
    crm_score_run_t   run;

    static const struct {
        const char    *cursor;
        unsigned       status;
        const char    *body;
        const char    *next;
        crm_status_t   rc;
    } rows[] = {
        { "", 204, "", "", CRM_OK },
        { "", 200, "{'data':[{'id':'1'}],'info':{'more_records':false}}", "",
          CRM_OK },
        { "", 200, "{'data':[{'id':'1'}],'info':{'more_records':true}}",
          "page=2", CRM_OK },
        { "page=19", 200, "{'data':[{'id':'1'}],'info':{'more_records':true}}",
          "page=20", CRM_OK },
        { "page=19", 200, "{'data':[{'id':'1'}],'info':{'more_records':true,"
          "'next_page_token':'a&b'}}", "page_token=a%26b", CRM_OK },
        { "page=19", 200, "{'data':[],'info':{'more_records':true}}", "",
          CRM_OK },
        { "page_token=a", 400, "{'code':'PAGINATION_LIMIT_EXCEEDED'}",
          "id=17", CRM_OK },
        { "page_token=a", 200, "{'data':[{'id':'18'}],"
          "'info':{'more_records':true}}", "id=18", CRM_OK },
        { "id=17", 200, "{'data':[{'id':'18'},{'id':'21'}],"
          "'info':{'more_records':true}}", "id=21", CRM_OK },
        { "id=17", 200, "{'data':[{'id':'18'}],'info':{'more_records':false}}",
          "", CRM_OK },
        { "id=17", 204, "", "", CRM_OK },
        { "id=17", 400, "{'code':'INVALID_QUERY'}", "", CRM_EINVAL },
        { "page=2", 400, "{}", "", CRM_EINVAL },
        { "", 500, "{}", "", CRM_EINVAL },
        { "", 200, "<html>", "", CRM_EINVAL },
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        run = run_at(rows[i].cursor);

        assert_int_equal(crm_score_page_read(&list, &next, &run,
                             crm_dialect_find(CRM_STR("zoho")),
                             rows[i].status,
                             crm_make_text(pool, rows[i].body), pool),
                         rows[i].rc);

        if (rows[i].rc == CRM_OK) {
            assert_str(next, rows[i].next);
        }
    }

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_page_asks_for_what_scores_read_and_write),
    cmocka_unit_test(a_file_lists_records_behind_the_last_one),
    cmocka_unit_test(a_list_of_a_file_ends_with_an_empty_page),
    cmocka_unit_test(the_next_page_is_the_one_that_the_backend_names),
};

CRM_TEST_MAIN(tests)
