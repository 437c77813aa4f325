/*
 * Requests in a request, and their answers in one. It would fail by a target,
 * header or parameter of one that is read otherwise than the backend could, by
 * a record that is cut out at another's place, by an answer that is taken for
 * another request's, or by an outcome that nobody has told.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


#define COMPOSITE(list)  "{\"__composite_requests\":[" list "]}"
#define ANSWERS(list)    "{\"__composite_responses\":[" list "]}"

/* What the vendor's elements look like. */
#define DONE(more, body, number)                                              \
    "{\"code\":\"SUCCESS\"" more ",\"details\":{\"response\":{\"headers\":{}," \
    "\"body\":" body ",\"status_code\":" number "}},\"status\":\"success\"}"
#define OK(id)                                                                \
    "{\"data\":[{\"code\":\"SUCCESS\",\"details\":{\"id\":\"" id "\"},"       \
    "\"status\":\"success\"}]}"
#define ERROR(code)                                                           \
    "{\"code\":\"" code "\",\"details\":{},\"status\":\"error\"}"
#define NAMED(name)  ",\"sub_request_id\":\"" name "\""


typedef struct {
    crm_request_t   request;
    crm_route_t     route;
    crm_refusal_t   refusal;
    crm_refusal_t   locked;
    crm_outcome_t   outcomes[8];
} given_t;


static const crm_dialect_t *
zoho(void)
{
    return crm_dialect_find(CRM_STR("zoho"));
}


/* The envelope; what is in it, if it is to be judged. */
static crm_status_t
given(given_t *g, const char *body, crm_pool_t *pool)
{
    size_t        i;
    crm_status_t  rc;

    memset(g, 0, sizeof(given_t));
    g->locked.kind = CRM_REFUSE_LOCKED;
    g->locked.operation = CRM_OP_UPDATE;
    g->locked.offset = CRM_NO_OFFSET;

    rc = crm_dialect_route(zoho(), &g->route, CRM_STR("POST"),
                           CRM_STR("v8/__composite_requests"), CRM_STR_NULL,
                           &g->refusal);

    if (rc == CRM_OK) {
        rc = crm_dialect_decode(zoho(), &g->request, &g->route,
                                crm_strz(body), NULL, 8, pool, &g->refusal);
    }

    for (i = 0; rc == CRM_OK && i < g->request.n_inners; i++) {
        if (g->request.inners[i].route.operation != CRM_OP_NONE) {
            rc = crm_dialect_inner(zoho(), &g->request, &g->request.inners[i],
                                   NULL, 8, pool, &g->refusal);
        }
    }

    return rc;
}


/* Items as letters: x is refused; a request is whose items all are. */
static void
refuse(given_t *g, const char *items)
{
    size_t        i, k, n;
    crm_inner_t  *inner;

    for (i = 0; items[i]; i++) {
        g->request.items[i].refusal = items[i] == 'x' ? &g->locked : NULL;
    }

    for (i = 0; i < g->request.n_inners; i++) {
        inner = &g->request.inners[i];

        for (n = 0, k = 0; k < inner->count; k++) {
            n += g->request.items[inner->first + k].refusal != NULL;
        }

        if (n && n == inner->count) {
            inner->refusal = &g->locked;
            inner->each = n > 1;
        }
    }
}


/* op Module/id of each item, in order. */
static const char *
items_text(const given_t *g, char *text, size_t size)
{
    size_t             i, n;
    const crm_item_t  *item;

    text[0] = '\0';

    for (i = 0, n = 0; i < g->request.count; i++) {
        item = &g->request.items[i];
        n += (size_t) snprintf(text + n, size - n, "%s%s %.*s/%.*s",
                               i ? ", " : "",
                               crm_operation_name(item->operation),
                               (int) item->module.len, item->module.data,
                               (int) item->record_id.len,
                               item->record_id.data);
    }

    return text;
}


static void
each_request_is_read_like_one_of_its_own(void **state)
{
    char         text[512];
    size_t       i;
    given_t      g;
    crm_pool_t  *pool;

    static const struct {
        const char  *body;
        const char  *items;
        int          whole;
    } rows[] = {
        { COMPOSITE(""), "", 0 },
        { COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L/1?a=%2f\"}"),
          "", 0 },
        { COMPOSITE("{\"uri\":\"\\/crm\\/v8\\/L\\/1\",\"method\":\"PUT\","
                    "\"body\":{\"data\":[{\"A\":1}]},\"params\":null,"
                    "\"headers\":null}"), "update L/1", 0 },
        { COMPOSITE("{\"uri\":\"/crm/v8/L\",\"method\":\"PUT\",\"body\":"
                    "{\"data\":[{\"id\":\"1\"},{\"id\":2}]}},"
                    "{\"uri\":\"/crm/v8/D\",\"method\":\"POST\",\"body\":"
                    "{\"data\":[{}]}}"),
          "update L/1, update L/2, create D/", 0 },
        { COMPOSITE("{\"uri\":\"/crm/v8/L\",\"method\":\"DELETE\","
                    "\"params\":{\"ids\":\"1,2\",\"wf_trigger\":false},"
                    "\"body\":{}}"), "delete L/1, delete L/2", 0 },
        { COMPOSITE("{\"uri\":\"/crm/v8/L/7\",\"method\":\"DELETE\","
                    "\"body\":null}"), "delete L/7", 0 },
        { "{\"rollback_on_fail\":true,\"__composite_requests\":[]}", "", 1 },
        { "{\"rollback_on_fail\":\"no\",\"__composite_requests\":[]}", "",
          1 },
        { "{\"rollback_on_fail\":false,\"__composite_requests\":[]}", "", 0 },
        { "{\"rollback_on_fail\":null,\"__composite_requests\":[]}", "", 0 },
        { COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L/@{1:$.x}\"}"),
          "", 1 },
        { COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L\","
                    "\"params\":{\"a\":\"\\u0040\\u007B1:$\"}}"), "", 1 },
        { COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L\","
                    "\"params\":{\"a\":\"@\\u007c @\\n{\\u00e9\\\\u0040{\"}}"),
          "", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&g, rows[i].body, pool), CRM_OK);
        assert_string_equal(items_text(&g, text, sizeof(text)),
                            rows[i].items);
        assert_int_equal(g.request.whole, rows[i].whole);

        crm_pool_destroy(pool);
    }
}


static void
what_could_be_another_request_is_refused(void **state)
{
    size_t       i;
    given_t      g;
    crm_pool_t  *pool;

    static const char *const  rows[] = {
        "", "[]", "{}", "{\"__composite_requests\":{}}",
        COMPOSITE("1"), COMPOSITE("{}"),
        COMPOSITE("{\"method\":\"GET\",\"uri\":1}"),
        COMPOSITE("{\"method\":\"PUT\",\"uri\":\"/v8/L/1\"}"),
        COMPOSITE("{\"method\":\"PUT\",\"uri\":\"/crm/v8//L/1\"}"),
        COMPOSITE("{\"method\":\"PUT\",\"uri\":\"/crm/v8/L%2f1\"}"),
        COMPOSITE("{\"method\":\"PUT\",\"uri\":\"/crm/v8/L/1\",\"uri\":\"\"}"),
        COMPOSITE("{\"method\":\"PUT\",\"uri\":\"/crm/v8/L/1\","
                  "\"params\":[]}"),
        COMPOSITE("{\"method\":\"PUT\",\"uri\":\"/crm/v8/L/1\","
                  "\"params\":{\"x\":1}}"),
        COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L/1\","
                  "\"params\":{\"_m\\u0065thod\":\"PUT\"}}"),
        COMPOSITE("{\"method\":\"DELETE\",\"uri\":\"/crm/v8/L?ids=1\","
                  "\"params\":{\"ids\":\"2\"}}"),
        COMPOSITE("{\"method\":\"DELETE\",\"uri\":\"/crm/v8/L\","
                  "\"params\":{\"wf_trigger\":\"true&ids=2\"}}"),
        COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L\","
                  "\"headers\":\"x\"}"),
        COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L\","
                  "\"headers\":{\"x_http_method\":\"PUT\"}}"),
        COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L\","
                  "\"headers\":{\"crm_event\":\"x\"}}"),
        COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L\","
                  "\"headers\":{\"X-CRM-ORG\":\"x\"}}"),
        COMPOSITE("{\"method\":\"GET\",\"uri\":\"/crm/v8/L\","
                  "\"headers\":{\"Content-Encoding\":\"gzip\"}}"),
        COMPOSITE("{\"method\":\"PUT\",\"uri\":\"/crm/v8/L/1\","
                  "\"headers\":{\"Content-Type\":\"application/xml\"}}")
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&g, rows[i], pool), CRM_EINVAL);
        assert_int_equal(g.request.count, 0);
        assert_true(g.refusal.reason.len > 0);

        crm_pool_destroy(pool);
    }
}


static void
records_are_counted_together_and_told_apart(void **state)
{
    given_t      g;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(given(&g, COMPOSITE(
        "{\"uri\":\"/crm/v8/L?ids=1,2,3,4,5\",\"method\":\"DELETE\"},"
        "{\"uri\":\"/crm/v8/L?ids=6,7,8,9\",\"method\":\"DELETE\"}"), pool),
        CRM_EINVAL);
    assert_int_equal(g.refusal.kind, CRM_REFUSE_RECORDS);
    assert_int_equal(g.refusal.limit, 8);

    assert_int_equal(given(&g, COMPOSITE(
        "{\"uri\":\"/crm/v8/L?ids=1,2\",\"method\":\"DELETE\"},"
        "{\"uri\":\"/crm/v8/D/1\",\"method\":\"DELETE\"}"), pool), CRM_OK);
    assert_int_equal(crm_dialect_twice(&g.request, pool), CRM_OK);

    assert_int_equal(given(&g, COMPOSITE(
        "{\"uri\":\"/crm/v8/L?ids=1,2\",\"method\":\"DELETE\"},"
        "{\"uri\":\"/crm/v2/L/2\",\"method\":\"DELETE\"}"), pool), CRM_OK);
    assert_int_equal(crm_dialect_twice(&g.request, pool), CRM_EINVAL);

    crm_pool_destroy(pool);
}


/* A read, a list of two, one by its path. */
#define THREE                                                                 \
    "{\"method\":\"GET\",\"uri\":\"/crm/v8/C\",\"sub_request_id\":\"r\"} , "  \
    "{\"method\":\"PUT\",\"uri\":\"/crm/v8/L\",\"sub_request_id\":\"l\","     \
    "\"body\":{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}]}},"                   \
    "{\"method\":\"PUT\",\"uri\":\"/crm/v8/D/3\",\"sub_request_id\":\"d\","   \
    "\"body\":{\"data\":[{\"A\":1}]}}"


static void
refused_ones_are_cut_out(void **state)
{
    size_t        i;
    given_t       g;
    crm_str_t     text;
    crm_pool_t   *pool;
    crm_splice_t  splice;

    static const struct {
        const char  *items;
        const char  *forward;       /* of the last item */
        const char  *text;
    } rows[] = {
        { "ooo", NULL, COMPOSITE(THREE) },
        { "oox", NULL, COMPOSITE(
          "{\"method\":\"GET\",\"uri\":\"/crm/v8/C\",\"sub_request_id\":\"r\""
          "} , {\"method\":\"PUT\",\"uri\":\"/crm/v8/L\","
          "\"sub_request_id\":\"l\","
          "\"body\":{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}]}}") },
        { "xox", NULL, COMPOSITE(
          "{\"method\":\"GET\",\"uri\":\"/crm/v8/C\",\"sub_request_id\":\"r\""
          "} , {\"method\":\"PUT\",\"uri\":\"/crm/v8/L\","
          "\"sub_request_id\":\"l\","
          "\"body\":{\"data\":[{\"id\":\"2\"}]}}") },
        { "xxo", "{\"A\":2}", COMPOSITE(
          "{\"method\":\"GET\",\"uri\":\"/crm/v8/C\",\"sub_request_id\":\"r\""
          "},{\"method\":\"PUT\",\"uri\":\"/crm/v8/D/3\","
          "\"sub_request_id\":\"d\","
          "\"body\":{\"data\":[{\"A\":2}]}}") }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&g, COMPOSITE(THREE), pool), CRM_OK);
        refuse(&g, rows[i].items);

        if (rows[i].forward) {
            g.request.items[2].forward = crm_strz(rows[i].forward);
        }

        crm_splice_init(&splice, g.request.text, pool);
        assert_int_equal(crm_dialect_cut_inners(&splice, &g.request), CRM_OK);

        text = crm_splice_apply(&splice);
        assert_true(crm_str_is(text, rows[i].text));

        crm_pool_destroy(pool);
    }
}


static void
each_answer_tells_of_its_own_request(void **state)
{
    char         told[8];
    size_t       i, k;
    given_t      g;
    crm_pool_t  *pool;

    /* u unknown, d done, r refused; x is not forwarded */

    static const struct {
        const char  *items;
        unsigned     status;
        const char  *answer;
        const char  *told;
    } rows[] = {
        { "oxo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("1"), "200") "," DONE("", OK("3"), "200")), "dxd" },
        { "xxo", 207, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("3"), "200")), "xxd" },

        /* of another record, of another number, refused, lost */

        { "oxo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("3"), "200") "," DONE("", OK("1"), "200")), "uxu" },
        { "ooo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("1"), "200") "," DONE("", OK("3"), "200")), "uud" },
        { "oxo", 207, ANSWERS(DONE("", "null", "204") ","
          DONE("", "{\"code\":\"X\"}", "400") "," DONE("", OK("3"), "200")),
          "rxd" },
        { "oxo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("1"), "200") "," DONE("", OK("3"), "500")), "dxu" },
        { "oxo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("1"), "200") "," DONE("", OK("3"), "2000")), "dxu" },
        { "oxo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("1"), "\"200\"") ",7"), "uxu" },

        /* what the vendor says instead of an answer */

        { "oxo", 207, ANSWERS(DONE("", "null", "204") ","
          ERROR("PROCESSING_STOPPED") "," ERROR("REQUEST_TIMEOUT")), "rxu" },
        { "oxo", 207, ANSWERS(DONE("", "null", "204") ","
          ERROR("INVALID_REFERENCE") "," ERROR("HEARD_NEVER")), "rxu" },
        { "oxo", 207, ANSWERS(DONE("", "null", "204") ","
          "{\"code\":\"ROLLBACK_PERFORMED\",\"status\":\"error\",\"details\":"
          "{\"response\":{\"status_code\":200,\"body\":" OK("1") "}}},"
          DONE("", OK("3"), "200")), "rxd" },

        /* one is missing, one is too many */

        { "oxo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("1"), "200")), "uxu" },
        { "xxo", 200, ANSWERS(DONE("", "null", "204") ","
          DONE("", OK("3"), "200") "," DONE("", OK("3"), "200")), "xxu" },

        /* by their names, in whatever order */

        { "oxo", 200, ANSWERS(DONE(NAMED("d"), OK("3"), "200") ","
          DONE(NAMED("r"), "null", "204") "," DONE(NAMED("l"), OK("1"),
          "200")), "dxd" },
        { "oxo", 200, ANSWERS(DONE(NAMED("d"), OK("3"), "200")), "uxd" },
        { "oxo", 200, ANSWERS("{\"status\":\"success\",\"details\":"
          "{\"sub_request_id\":\"l\",\"response\":{\"status_code\":200,"
          "\"body\":" OK("1") "}}}"), "dxu" },
        { "oxo", 200, ANSWERS(DONE(NAMED("d"), OK("3"), "200") ","
          DONE(NAMED("d"), OK("3"), "200")), "uxu" },
        { "oxo", 200, ANSWERS(DONE(NAMED("d"), OK("3"), "200") ","
          DONE("", OK("1"), "200")), "uxu" },
        { "oxo", 200, ANSWERS(DONE(NAMED("z"), OK("3"), "200")), "uxu" },
        { "xxo", 200, ANSWERS(DONE(NAMED("l"), OK("3"), "200")), "xxu" },

        /* none at all */

        { "oxo", 200, "<html>", "uxu" }, { "oxo", 200, "", "uxu" },
        { "oxo", 200, "[]", "uxu" }, { "oxo", 200, ANSWERS("") "x", "uxu" },
        { "oxo", 200, "{\"__composite_responses\":{}}", "uxu" },
        { "oxo", 200, OK("1"), "uxu" }, { "oxo", 302, ANSWERS(""), "uxu" },
        { "oxo", 500, ANSWERS(""), "uxu" }, { "oxo", 0, "", "uxu" },
        { "oxo", 400, ANSWERS(""), "rxr" }, { "oxo", 429, "x", "rxr" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&g, COMPOSITE(THREE), pool), CRM_OK);
        refuse(&g, rows[i].items);
        assert_int_equal(crm_dialect_outcome(zoho(), g.outcomes, &g.route,
                                             &g.request, rows[i].status,
                                             crm_strz(rows[i].answer), NULL,
                                             pool), CRM_OK);

        for (k = 0; k < 3; k++) {
            told[k] = g.request.items[k].refusal ? 'x'
                      : "udr"[g.outcomes[k].kind];
        }

        told[3] = '\0';
        assert_string_equal(told, rows[i].told);

        crm_pool_destroy(pool);
    }
}


#define LOCKED                                                                \
    "{\"code\":\"RECORD_LOCKED\",\"details\":{\"api_name\":\"id\","           \
    "\"json_path\":\"$.data[0].id\",\"action\":\"record_locking\"},"          \
    "\"message\":\"Sorry, you cannot perform this operation as the record is" \
    " locked.\",\"status\":\"error\"}"
#define REFUSED(data, name)                                                   \
    "{\"code\":\"RECORD_LOCKED\",\"details\":{\"response\":{\"headers\":"     \
    "{\"Content-Type\":\"application/json\"},\"body\":{\"data\":[" data "]}," \
    "\"status_code\":400}},\"message\":\"the sub-request was refused\","      \
    "\"status\":\"error\",\"sub_request_id\":\"" name "\"}"


static void
refusals_stand_at_their_places(void **state)
{
    size_t       i;
    given_t      g;
    unsigned     status;
    crm_str_t    merged, type;
    crm_pool_t  *pool;

    static const struct {
        const char  *items;
        const char  *answer;        /* NULL: nobody was asked */
        unsigned     status;        /* 0: it cannot be merged */
        const char  *merged;
    } rows[] = {
        { "oox", "{ \"__composite_responses\" : [ " DONE("", "null", "204")
          " , " DONE("", "{\"data\":[1,2]}", "200") " ] }", 207,
          "{ \"__composite_responses\" : [" DONE("", "null", "204") ","
          DONE("", "{\"data\":[1,2]}", "200") "," REFUSED(LOCKED, "d")
          "] }" },
        { "xxo", ANSWERS(DONE("", "null", "404") "," DONE("", OK("3"),
          "400")), 400, ANSWERS(DONE("", "null", "404") ","
          REFUSED(LOCKED "," LOCKED, "l") "," DONE("", OK("3"), "400")) },

        /* in the list of its own request, whose status changes */

        { "xoo", ANSWERS(DONE("", "null", "204") "," DONE("", OK("2"), "200")
          "," DONE("", OK("3"), "200")), 207,
          ANSWERS(DONE("", "null", "204") "," DONE("",
          "{\"data\":[" LOCKED ",{\"code\":\"SUCCESS\",\"details\":{\"id\":"
          "\"2\"},\"status\":\"success\"}]}", "207") ","
          DONE("", OK("3"), "200")) },
        { "xox", ANSWERS(DONE("", "null", "204") ","
          DONE("", "{\"code\":\"INVALID_MODULE\"}", "400")), 207,
          ANSWERS(DONE("", "null", "204") ","
          DONE("", "{\"code\":\"INVALID_MODULE\"}", "400") ","
          REFUSED(LOCKED, "d")) },

        /* answers in another order are laid in that of the requests */

        { "xxo", ANSWERS(DONE(NAMED("d"), OK("3"), "200") ","
          DONE(NAMED("r"), "null", "204")), 207,
          ANSWERS(DONE(NAMED("r"), "null", "204") ","
          REFUSED(LOCKED "," LOCKED, "l") ","
          DONE(NAMED("d"), OK("3"), "200")) },

        { "oox", ANSWERS(DONE("", "null", "204")), 0, NULL },
        { "oox", ANSWERS(DONE(NAMED("l"), "null", "204")), 0, NULL },
        { "oox", "<html>", 0, NULL }, { "oox", "{}", 0, NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&g, COMPOSITE(THREE), pool), CRM_OK);
        refuse(&g, rows[i].items);
        status = 200;

        assert_int_equal(crm_dialect_merge(zoho(), &merged, &type, &status,
                                           &g.request,
                                           crm_strz(rows[i].answer), NULL,
                                           NULL, pool),
                         rows[i].status ? CRM_OK : CRM_EINVAL);

        if (rows[i].status) {
            assert_int_equal(status, rows[i].status);
            assert_int_equal(merged.len, strlen(rows[i].merged));
            assert_memory_equal(merged.data, rows[i].merged, merged.len);
        }

        crm_pool_destroy(pool);
    }
}


static crm_status_t
starving(crm_pool_t *pool, void *data)
{
    given_t       g;
    unsigned      status;
    crm_str_t     merged, type;
    crm_splice_t  splice;
    crm_status_t  rc;

    static const char  answer[] = ANSWERS(DONE(NAMED("r"), "null", "204") ","
                                          DONE(NAMED("l"), OK("2"), "200"));

    rc = given(&g, COMPOSITE(THREE), pool);
    if (rc != CRM_OK) {
        return rc;
    }

    refuse(&g, data);
    crm_splice_init(&splice, g.request.text, pool);

    rc = crm_dialect_twice(&g.request, pool);

    if (rc == CRM_OK) {
        rc = crm_dialect_cut_inners(&splice, &g.request);
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_outcome(zoho(), g.outcomes, &g.route, &g.request,
                                 200, CRM_STR(answer), NULL, pool);
    }

    status = 200;

    return rc == CRM_OK ? crm_dialect_merge(zoho(), &merged, &type, &status,
                                            &g.request, CRM_STR(answer), NULL,
                                            NULL, pool) : rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving, "xox");
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(each_request_is_read_like_one_of_its_own),
    cmocka_unit_test(what_could_be_another_request_is_refused),
    cmocka_unit_test(records_are_counted_together_and_told_apart),
    cmocka_unit_test(refused_ones_are_cut_out),
    cmocka_unit_test(each_answer_tells_of_its_own_request),
    cmocka_unit_test(refusals_stand_at_their_places),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
