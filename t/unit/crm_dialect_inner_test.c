/*
 * Actions and upserts among requests in a request. It would fail by an action
 * whose records are not those that it names, by an upsert that is taken out at
 * another's place, or by one whose value another request in it writes too.
 */

#include "crm_test.h"

#include "record/crm_resolve.h"


#define COMPOSITE(list)  "{\"__composite_requests\":[" list "]}"
#define ANSWERS(list)    "{\"__composite_responses\":[" list "]}"
#define ANSWER(body, number)                                                  \
    "{\"code\":\"SUCCESS\",\"details\":{\"response\":{\"headers\":{},"        \
    "\"body\":" body ",\"status_code\":" number "}},\"status\":\"success\"}"

#define TAGS     "{\"method\":\"POST\",\"uri\":\"/crm/v8/L/1/actions/"        \
                 "add_tags\",\"body\":{\"tags\":[]}}"
#define MASS(b)  "{\"method\":\"POST\",\"uri\":\"/crm/v8/L/actions/"          \
                 "mass_update\",\"body\":" b "}"
#define UPSERT(module, data)                                                  \
    "{\"method\":\"POST\",\"uri\":\"/crm/v8/" module "/upsert\",\"body\":"    \
    "{\"data\":" data ",\"duplicate_check_fields\":[\"E\",\"F\"]}}"
#define PUT(module, id, data)                                                 \
    "{\"method\":\"PUT\",\"uri\":\"/crm/v8/" module "/" id "\",\"body\":"     \
    "{\"data\":[" data "]}}"
#define POST(module, data)                                                    \
    "{\"method\":\"POST\",\"uri\":\"/crm/v8/" module "\",\"body\":"           \
    "{\"data\":[" data "]}}"


static const crm_dialect_t *
zoho(void)
{
    return crm_dialect_find(CRM_STR("zoho"));
}


/* All of them judged. */
static crm_status_t
given(crm_request_t *request, crm_route_t *route, const char *body,
    crm_pool_t *pool)
{
    size_t         i;
    crm_status_t   rc;
    crm_refusal_t  refusal;

    memset(route, 0, sizeof(crm_route_t));

    rc = crm_dialect_route(zoho(), route, CRM_STR("POST"),
                           CRM_STR("v8/__composite_requests"), CRM_STR_NULL,
                           &refusal);

    if (rc == CRM_OK) {
        rc = crm_dialect_decode(zoho(), request, route, crm_strz(body), NULL,
                                9, pool, &refusal);
    }

    for (i = 0; rc == CRM_OK && i < request->n_inners; i++) {
        rc = crm_dialect_inner(zoho(), request, &request->inners[i], NULL, 9,
                               pool, &refusal);
    }

    return rc;
}


/* Module/id of each item by requests, which a bar parts; one that nobody can
 * tell is a star. */
static const char *
items_text(const crm_request_t *request, char *text, size_t size)
{
    size_t              i, k, n;
    const crm_item_t   *item;
    const crm_inner_t  *inner;

    text[0] = '\0';

    for (i = 0, n = 0; i < request->n_inners; i++) {
        inner = &request->inners[i];
        n += (size_t) snprintf(text + n, size - n, "%s%s", i ? "|" : "",
                               inner->all ? "*" : "");

        for (k = 0; k < inner->count; k++) {
            item = &request->items[inner->first + k];
            assert_ptr_equal(item->inner, inner);
            n += (size_t) snprintf(text + n, size - n, "%s%.*s/%.*s",
                                   k ? " " : "", (int) item->module.len,
                                   item->module.data,
                                   (int) item->record_id.len,
                                   item->record_id.data);
        }
    }

    return text;
}


static void
actions_name_their_records(void **state)
{
    char           text[256];
    size_t         i;
    crm_pool_t    *pool;
    crm_route_t    route;
    crm_request_t  request;

    static const struct {
        const char  *body;
        const char  *items;
    } rows[] = {
        { COMPOSITE(TAGS "," MASS("{\"ids\":[\"2\",3,\"2\"]}")),
          "L/1|L/2 L/3" },
        { COMPOSITE(MASS("{\"data\":[{\"id\":\"2\"}],\"ids\":[\"4\"]}") ","
                    PUT("D", "5", "{}")), "L/2 L/4|D/5" },
        { COMPOSITE("{\"method\":\"POST\",\"uri\":\"/crm/v8/L/actions/add_tags"
                    "\",\"params\":{\"ids\":\"6,7\"}}"), "L/6 L/7" },
        { COMPOSITE(MASS("{\"ids\":[\"2\"],\"cvid\":\"9\"}") "," TAGS),
          "*|L/1" },
        { COMPOSITE(MASS("{}") "," MASS("null") "," PUT("D", "5", "{}")),
          "*|*|D/5" },
        { COMPOSITE("{\"method\":\"POST\",\"uri\":\"/crm/v8/L/1/actions/merge"
                    "\",\"body\":7}"), "*" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&request, &route, rows[i].body, pool), CRM_OK);
        assert_string_equal(items_text(&request, text, sizeof(text)),
                            rows[i].items);

        crm_pool_destroy(pool);
    }
}


/* u unknown, d done, r refused. */
static void
an_action_is_over_when_its_status_says_so(void **state)
{
    size_t         i;
    crm_pool_t    *pool;
    crm_route_t    route;
    crm_request_t  request;
    crm_outcome_t  outcomes[4];

    static const struct {
        const char  *answer;
        const char  *told;          /* of the action, of the update */
    } rows[] = {
        { ANSWERS(ANSWER("{\"data\":[7]}", "200") ","
                  ANSWER("{\"code\":\"SUCCESS\",\"details\":{\"id\":\"5\"}}",
                         "200")), "dd" },
        { ANSWERS(ANSWER("null", "202") "," ANSWER("null", "500")), "du" },
        { ANSWERS(ANSWER("\"x\"", "404") "," ANSWER("{}", "400")), "rr" },
        { ANSWERS(ANSWER("null", "503") "," ANSWER("{}", "400")), "ur" },
        { ANSWERS(ANSWER("null", "\"200\"") "," ANSWER("{}", "400")), "ur" },
        { ANSWERS("{\"code\":\"REQUEST_TIMEOUT\",\"status\":\"error\"},"
                  ANSWER("{}", "400")), "ur" },
        { ANSWERS("{\"code\":\"ROLLBACK_PERFORMED\",\"status\":\"error\"},"
                  "{\"code\":\"ROLLBACK_PERFORMED\",\"status\":\"error\"}"),
          "rr" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&request, &route,
                               COMPOSITE(TAGS "," PUT("D", "5", "{}")), pool),
                         CRM_OK);
        assert_int_equal(crm_dialect_outcome(zoho(), outcomes, &route,
                                             &request, 207,
                                             crm_strz(rows[i].answer), NULL,
                                             pool), CRM_OK);
        assert_int_equal("udr"[outcomes[0].kind], rows[i].told[0]);
        assert_int_equal("udr"[outcomes[1].kind], rows[i].told[1]);

        crm_pool_destroy(pool);
    }
}


static void
what_is_dropped_moves_the_others_up(void **state)
{
    char           text[256];
    size_t         i;
    crm_pool_t    *pool;
    crm_route_t    route;
    crm_request_t  request;

    static const char *const  left[] = {
        "|L/2 L/3||D/5", "L/1|||D/5", "L/1|L/2 L/3||D/5", "L/1|L/2 L/3||"
    };

    (void) state;

    for (i = 0; i < 4; i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&request, &route, COMPOSITE(TAGS ","
                                   MASS("{\"ids\":[\"2\",\"3\"]}") ","
                                   MASS("{}") "," PUT("D", "5", "{}")), pool),
                         CRM_OK);
        request.inners[2].all = 0;

        crm_dialect_drop(&request, &request.inners[i]);
        crm_dialect_drop(&request, &request.inners[i]);

        assert_string_equal(items_text(&request, text, sizeof(text)),
                            left[i]);

        crm_pool_destroy(pool);
    }
}


static void
a_value_is_written_by_one_request_alone(void **state)
{
    size_t         i;
    crm_pool_t    *pool;
    crm_route_t    route;
    crm_request_t  request;

    static const struct {
        const char    *body;
        crm_status_t   rc;
    } rows[] = {
        { COMPOSITE(UPSERT("L", "[{\"E\":\"a\"},{\"E\":\"b\"}]") ","
                    UPSERT("L", "[{\"E\":\"c\"}]")), CRM_OK },
        { COMPOSITE(UPSERT("L", "[{\"E\":\"a\"},{\"E\":\"b\"}]") ","
                    UPSERT("L", "[{\"E\":\"B\"}]")), CRM_EINVAL },
        { COMPOSITE(UPSERT("L", "[{\"E\":\"a\"}]") ","
                    UPSERT("D", "[{\"E\":\"a\"}]")), CRM_OK },
        { COMPOSITE(UPSERT("L", "[{\"E\":\"7\"}]") ","
                    PUT("L", "1", "{\"F\":7}")), CRM_OK },
        { COMPOSITE(PUT("L", "1", "{\"E\":7}") ","
                    UPSERT("L", "[{\"E\":\"7\"}]")), CRM_EINVAL },
        { COMPOSITE(POST("L", "{\"F\":\"\\u0061\"}") ","
                    UPSERT("L", "[{\"E\":\"x\",\"F\":\"A\"}]")), CRM_EINVAL },
        { COMPOSITE(POST("L", "{\"E\":null,\"F\":[\"a\"]}") "," TAGS ","
                    UPSERT("L", "[{\"F\":\"a\"}]")), CRM_OK }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_int_equal(given(&request, &route, rows[i].body, pool), CRM_OK);
        assert_int_equal(crm_resolve_apart(&request, pool), rows[i].rc);

        crm_pool_destroy(pool);
    }
}


#define BARE  "{\"method\":\"POST\",\"uri\":\"/crm/v8/Leads/upsert\","        \
              "\"body\":{%s\"data\":[{\"Email\":\"a\"}]}}"


/* The fields that were looked at stand in what goes out, found or not. */
static void
an_upsert_says_where_it_was_looked(void **state)
{
    char           body[256], want[256];
    crm_str_t      text;
    crm_pool_t    *pool;
    crm_route_t    route;
    crm_splice_t   splice;
    crm_request_t  request, part;

    (void) state;

    pool = crm_test_pool();

    snprintf(body, sizeof(body), COMPOSITE(TAGS "," BARE), "");
    snprintf(want, sizeof(want), COMPOSITE(TAGS "," BARE),
             "\"duplicate_check_fields\":[\"Email\"],");

    assert_int_equal(given(&request, &route, body, pool), CRM_OK);

    crm_dialect_part(&part, &request, &request.inners[1]);
    assert_non_null(part.resolve);
    assert_int_equal(part.resolve->count, 1);

    crm_dialect_part(&part, &request, &request.inners[0]);
    assert_null(part.resolve);

    crm_splice_init(&splice, request.text, pool);
    assert_int_equal(crm_dialect_cut_inners(&splice, &request), CRM_OK);

    text = crm_splice_apply(&splice);
    assert_int_equal(text.len, strlen(want));
    assert_memory_equal(text.data, want, text.len);

    crm_pool_destroy(pool);
}


static crm_status_t
starving(crm_pool_t *pool, void *data)
{
    crm_route_t    route;
    crm_status_t   rc;
    crm_request_t  request;

    rc = given(&request, &route, data, pool);

    return rc == CRM_OK ? crm_resolve_apart(&request, pool) : rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving, (void *) (uintptr_t)
                    COMPOSITE(UPSERT("L", "[{\"E\":\"a\",\"F\":\"b\"}]") ","
                              POST("L", "{\"E\":\"C\",\"F\":\"d\"}") ","
                              TAGS));
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(actions_name_their_records),
    cmocka_unit_test(an_action_is_over_when_its_status_says_so),
    cmocka_unit_test(what_is_dropped_moves_the_others_up),
    cmocka_unit_test(a_value_is_written_by_one_request_alone),
    cmocka_unit_test(an_upsert_says_where_it_was_looked),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
