/*
 * Refused records and the others' answers in one. It would fail by an answer
 * that stands at another record's place, by an index that counts what the
 * client did not send, or by taking an answer for what it is not.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


#define OK(id)                                                                \
    "{\"code\":\"SUCCESS\",\"details\":{\"id\":\"" id "\"},"                  \
    "\"status\":\"success\"}"
#define BAD(path)                                                             \
    "{\"code\":\"INVALID_DATA\",\"details\":{\"json_path\":\"" path "\"},"    \
    "\"status\":\"error\"}"
#define LOCKED(n)                                                             \
    "{\"code\":\"RECORD_LOCKED\",\"details\":{\"api_name\":\"id\","           \
    "\"json_path\":\"$.data[" n "].id\",\"action\":\"record_locking\"},"      \
    "\"message\":\"Sorry, you cannot perform this operation as the record is" \
    " locked.\",\"status\":\"error\"}"


typedef struct {
    crm_request_t  request;
    crm_item_t     items[8];
    crm_refusal_t  refusals[8];
} given_t;


/* Items as letters: "xoox" refuses the first and the last. */
static void
given(given_t *g, const char *items)
{
    size_t  i;

    memset(g, 0, sizeof(given_t));

    g->request.items = g->items;
    g->request.count = strlen(items);

    for (i = 0; items[i]; i++) {
        g->items[i].operation = CRM_OP_UPDATE;

        if (items[i] == 'x') {
            g->refusals[i].kind = CRM_REFUSE_LOCKED;
            g->refusals[i].operation = CRM_OP_UPDATE;
            g->refusals[i].offset = CRM_NO_OFFSET;
            g->refusals[i].index = i;
            g->items[i].refusal = &g->refusals[i];
        }
    }
}


static crm_status_t
merge(crm_str_t *merged, unsigned *status, const char *items,
    const char *answer, crm_pool_t *pool)
{
    given_t                g;
    unsigned               again;
    crm_str_t              type, same;
    crm_route_t            route;
    crm_status_t           rc;
    crm_outcome_t          told[8];
    const crm_dialect_t   *zoho;

    given(&g, items);
    memset(&route, 0, sizeof(crm_route_t));
    zoho = crm_dialect_find(CRM_STR("zoho"));
    again = *status;

    rc = crm_dialect_merge(zoho, merged, &type, status, &g.request,
                           crm_strz(answer), NULL, NULL, pool);

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    /* what has been read in it already makes no difference */

    if (crm_dialect_outcome(zoho, told, &route, &g.request, 200,
                            crm_strz(answer), NULL, pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    if (crm_dialect_merge(zoho, &same, &type, &again, &g.request,
                          crm_strz(answer), told, NULL, pool) != rc)
    {
        return CRM_ENOMEM;
    }

    assert_true(rc != CRM_OK || (crm_str_eq(*merged, same)
                                 && *status == again));

    return rc;
}


static void
refusals_stand_at_their_places(void **state)
{
    size_t       i;
    unsigned     status;
    crm_str_t    merged;
    crm_pool_t  *pool;

    static const struct {
        const char  *items;
        const char  *answer;
        unsigned     status;
        const char  *merged;
    } rows[] = {
        { "ox", "{\"data\":[" OK("1") "]}", 207,
          "{\"data\":[" OK("1") "," LOCKED("1") "]}" },
        { "xo", "{\"data\":[ " OK("1") " ],\"x\":1}", 207,
          "{\"data\":[ " LOCKED("0") "," OK("1") " ],\"x\":1}" },
        { "xxoxox", "{\"data\":[" OK("1") " , " OK("2") "]}", 207,
          "{\"data\":[" LOCKED("0") "," LOCKED("1") "," OK("1") " , "
          LOCKED("3") "," OK("2") "," LOCKED("5") "]}" },
        { "xo", "{\"data\":[" BAD("$.data[0].A") "]}", 400,
          "{\"data\":[" LOCKED("0") "," BAD("$.data[1].A") "]}" },
        { "oxoxo", "{\"data\":[" OK("1") "," BAD("$.data[1]") ","
          BAD("$.data[2].B[0].c") "]}", 207,
          "{\"data\":[" OK("1") "," LOCKED("1") "," BAD("$.data[2]") ","
          LOCKED("3") "," BAD("$.data[4].B[0].c") "]}" },
        { "xo", "{\"data\":[" BAD("$.data[9].A") "]}", 400,
          "{\"data\":[" LOCKED("0") "," BAD("$.data[9].A") "]}" },
        { "xo", "{\"data\":[" BAD("$.data[x]") "]}", 400,
          "{\"data\":[" LOCKED("0") "," BAD("$.data[x]") "]}" },
        { "xo", "{\"data\":[" BAD("$.data[0") "]}", 400,
          "{\"data\":[" LOCKED("0") "," BAD("$.data[0") "]}" },
        { "xo", "{\"data\":[{\"errors\":[{\"details\":{\"json_path\":"
          "\"\\u0024.data[0]\"}}]}]}", 400,
          "{\"data\":[" LOCKED("0") ",{\"errors\":[{\"details\":{"
          "\"json_path\":\"$.data[1]\"}}]}]}" },
        { "xo", "{\"data\":[1]}", 400, "{\"data\":[" LOCKED("0") ",1]}" },
        { "xxx", "", 400, "{\"data\":[" LOCKED("0") "," LOCKED("1") ","
          LOCKED("2") "]}" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        status = rows[i].answer[0] ? 200 : 0;

        assert_row(merge(&merged, &status, rows[i].items, rows[i].answer,
                         pool) == CRM_OK, rows[i].answer);
        assert_row(crm_str_is(merged, rows[i].merged), rows[i].answer);
        assert_row(status == rows[i].status, rows[i].answer);

        crm_pool_destroy(pool);
    }
}


/* Of tags the locked ones are counted, with what the backend has counted. */
static void
locked_records_that_are_tagged_are_counted(void **state)
{
    size_t       i, k;
    given_t      g;
    unsigned     status;
    crm_str_t    merged, type;
    crm_pool_t  *pool;

    static const struct {
        const char  *items;
        const char  *answer;
        const char  *ends;
    } rows[] = {
        { "xox", "{\"data\":[" OK("2") "]}", "}],\"locked_count\":2}" },
        { "xo", "{\"data\":[" OK("2") "],\"locked_count\":0}",
          "}],\"locked_count\":1}" },
        { "xo", "{\"data\":[" OK("2") "],\"locked_count\":12 }",
          "}],\"locked_count\":13 }" },
        { "xo", "{\"data\":[" OK("2") "],\"locked_count\":\"x\"}",
          "}],\"locked_count\":1}" },
        { "xo", " {\"d\\u0061ta\":[" OK("2") "] , \"info\":{}} \r\n",
          "}] , \"info\":{},\"locked_count\":1} \r\n" },
        { "xo", "{\"locked_count\":41,\"data\":[" OK("2") "] }", "}] }" },
        { "xx", "", "}],\"locked_count\":2}" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        given(&g, rows[i].items);
        status = 200;

        for (k = 0; k < g.request.count; k++) {
            g.refusals[k].operation = CRM_OP_ACTION;
            g.refusals[k].action = CRM_STR("add_tags");
        }

        assert_row(crm_dialect_merge(crm_dialect_find(CRM_STR("zoho")),
                                     &merged, &type, &status, &g.request,
                                     crm_strz(rows[i].answer), NULL, NULL,
                                     pool)
                   == CRM_OK, rows[i].answer);
        assert_row(merged.len > strlen(rows[i].ends)
                   && memcmp(merged.data + merged.len - strlen(rows[i].ends),
                             rows[i].ends, strlen(rows[i].ends)) == 0,
                   rows[i].answer);

        crm_pool_destroy(pool);
    }
}


static void
an_answer_of_something_else_cannot_be_merged(void **state)
{
    size_t       i;
    unsigned     status;
    crm_str_t    merged;
    crm_pool_t  *pool;

    static const char *const  rows[] = {
        "", "<html>", "{}", "[]", "{\"data\":{}}", "{\"data\":[]}",
        "{\"data\":[{},{}]}", "{\"data\":[{}]", "{\"data\":[{}]} x",
        "{\"code\":\"INVALID_TOKEN\",\"status\":\"error\"}",
        "{\"data\":[{}],\"data\":[{}]}"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        status = 200;
        assert_row(merge(&merged, &status, "xo", rows[i], pool) == CRM_EINVAL,
                   rows[i]);
        crm_pool_destroy(pool);
    }
}


static crm_status_t
starving_merge(crm_pool_t *pool, void *data)
{
    unsigned   status;
    crm_str_t  merged;

    status = 200;

    return merge(&merged, &status, data,
                 "{\"data\":[" BAD("$.d\\u0061ta[0].A") "]}", pool);
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_merge, "xox");
    crm_test_starve(starving_merge, "xxx");
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(refusals_stand_at_their_places),
    cmocka_unit_test(locked_records_that_are_tagged_are_counted),
    cmocka_unit_test(an_answer_of_something_else_cannot_be_merged),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
