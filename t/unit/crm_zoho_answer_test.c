/*
 * What the backend says. It would fail by calling a write done that the
 * backend refused, or refused that may have been done: the one invents
 * webhooks, the other loses them.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


static crm_status_t
read_record(crm_record_t *record, unsigned status, const char *body,
    crm_pool_t *pool)
{
    return crm_dialect_read(crm_dialect_find(CRM_STR("zoho")), record,
                            status, crm_strz(body), NULL, pool);
}


/* Of the one record that the route names. */
static void
request_of(crm_request_t *request, crm_item_t *item,
    const crm_route_t *route)
{
    memset(request, 0, sizeof(crm_request_t));
    memset(item, 0, sizeof(crm_item_t));

    item->operation = route->operation;
    item->record_id = route->record_id;
    request->items = item;
    request->count = 1;
}


static void
the_record_in_an_answer_is_read(void **state)
{
    crm_pool_t    *pool;
    crm_record_t   record;

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(read_record(&record, 200,
                         "{\"info\":{\"more_records\":false},\"data\":[ "
                         "{\"id\":\"1\",\"Stage\":\"New\"} ]}", pool),
                     CRM_OK);
    assert_int_equal(record.count, 2);
    assert_str(crm_span_raw(record.fields[1].value), "\"New\"");

    crm_pool_destroy(pool);
}


static void
no_record_is_not_the_same_as_no_answer(void **state)
{
    size_t         i;
    crm_pool_t    *pool;
    crm_record_t   record;

    static const struct {
        unsigned       status;
        const char    *body;
        crm_status_t   rc;
    } rows[] = {
        { 204, "", CRM_DECLINED },
        { 404, "", CRM_EINVAL },
        { 404, "<html>", CRM_EINVAL },
        { 404, "{\"code\":\"INVALID_URL_PATTERN\"}", CRM_EINVAL },
        { 404, "{\"code\":\"INVALID_MODULE\"}", CRM_EINVAL },
        { 404, "{\"code\":\"RECORD_NOT_FOUND\"}", CRM_DECLINED },
        { 200, "{\"data\":[]}", CRM_DECLINED },
        { 200, "", CRM_EINVAL },
        { 200, "<html>", CRM_EINVAL },
        { 200, "{}", CRM_EINVAL },
        { 200, "[]", CRM_EINVAL },
        { 200, "{\"data\":null}", CRM_EINVAL },
        { 200, "{\"data\":{\"id\":\"1\"}}", CRM_EINVAL },
        { 200, "{\"data\":[null]}", CRM_EINVAL },
        { 200, "{\"data\":[{},{}]}", CRM_EINVAL },
        { 200, "{\"data\":[{\"id\":\"1\"}", CRM_EINVAL },
        { 200, "{\"data\":[{\"a\":1,\"a\":2}]}", CRM_EINVAL },
        { 301, "{\"data\":[{}]}", CRM_EINVAL },
        { 304, "", CRM_EINVAL },
        { 400, "{\"data\":[{}]}", CRM_EINVAL },
        { 401, "{\"data\":[{}]}", CRM_EINVAL },
        { 500, "{\"data\":[{}]}", CRM_EINVAL },
        { 0, "", CRM_EINVAL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        assert_row(read_record(&record, rows[i].status, rows[i].body, pool)
                   == rows[i].rc, rows[i].body);
        crm_pool_destroy(pool);
    }
}


static void
outcomes_are_done_refused_or_unknown(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_item_t      item;
    crm_route_t     route;
    crm_request_t   request;
    crm_outcome_t   outcome;

    static const struct {
        crm_operation_t      operation;
        unsigned             status;
        const char          *body;
        crm_outcome_kind_t   kind;
        const char          *id;
    } rows[] = {
        { CRM_OP_CREATE, 201, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":{"
          "\"id\":\"4876876000000068001\"},\"message\":\"record added\","
          "\"status\":\"success\"}]}", CRM_OUTCOME_DONE,
          "4876876000000068001" },
        { CRM_OP_CREATE, 201, "{\"data\":[{\"details\":{\"id\":"
          "4876876000000068001},\"status\":\"success\"}]}", CRM_OUTCOME_DONE,
          "4876876000000068001" },
        { CRM_OP_CREATE, 201, "{\"data\":[{\"code\":\"SUCCESS\"}]}",
          CRM_OUTCOME_DONE, "" },
        { CRM_OP_CREATE, 201, "{\"code\":\"SUCCESS\",\"details\":{\"id\":"
          "\"9\"}}", CRM_OUTCOME_DONE, "9" },
        { CRM_OP_CREATE, 201, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":\"a}b:c\"}}]}", CRM_OUTCOME_DONE, "" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":\"42\"}}]}", CRM_OUTCOME_DONE, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":42}}]}", CRM_OUTCOME_DONE, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{}}]}", CRM_OUTCOME_DONE, "42" },
        { CRM_OP_DELETE, 200, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":\"42\"}}]}", CRM_OUTCOME_DONE, "42" },
        { CRM_OP_DELETE, 204, "", CRM_OUTCOME_DONE, "42" },
        { CRM_OP_UPDATE, 204, "", CRM_OUTCOME_UNKNOWN, "42" },

        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"INVALID_DATA\","
          "\"status\":\"error\"}]}", CRM_OUTCOME_REFUSED, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\","
          "\"status\":\"error\"}]}", CRM_OUTCOME_REFUSED, "42" },
        { CRM_OP_UPDATE, 207, "{\"data\":[{\"status\":\"error\"}]}",
          CRM_OUTCOME_REFUSED, "42" },
        { CRM_OP_UPDATE, 200, "{\"status\":\"error\"}", CRM_OUTCOME_REFUSED,
          "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"DUPLICATE_DATA\","
          "\"details\":{\"id\":\"7\"},\"status\":\"error\"}]}",
          CRM_OUTCOME_REFUSED, "42" },
        { CRM_OP_UPDATE, 400, "", CRM_OUTCOME_REFUSED, "42" },
        { CRM_OP_UPDATE, 404, "<html>", CRM_OUTCOME_REFUSED, "42" },
        { CRM_OP_UPDATE, 499, "{}", CRM_OUTCOME_REFUSED, "42" },

        { CRM_OP_UPDATE, 200, "", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "<html>", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\"",
          CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[]}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{}]}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[1]}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":{\"code\":\"SUCCESS\"}}",
          CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\"},"
          "{\"code\":\"SUCCESS\"}]}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_CREATE, 201, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":\"7\"}},{\"code\":\"SUCCESS\",\"details\":{\"id\":"
          "\"8\"}}]}", CRM_OUTCOME_UNKNOWN, "" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":\"7\"}}]}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":\"042\"}}]}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_DELETE, 200, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
          "{\"id\":\"7\"}}]}", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 200, "{\"data\":[{\"code\":\"success\"}]}",
          CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 202, "{\"data\":[{\"code\":\"SUCCESS\"}]}",
          CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 302, "{\"data\":[{\"code\":\"SUCCESS\"}]}",
          CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 500, "{\"data\":[{\"code\":\"SUCCESS\"}]}",
          CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 502, "", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 100, "", CRM_OUTCOME_UNKNOWN, "42" },
        { CRM_OP_UPDATE, 0, "", CRM_OUTCOME_UNKNOWN, "42" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        memset(&route, 0, sizeof(crm_route_t));
        route.operation = rows[i].operation;
        route.record_id = rows[i].operation == CRM_OP_CREATE
                          ? CRM_STR("") : CRM_STR("42");
        request_of(&request, &item, &route);

        assert_row(crm_dialect_outcome(crm_dialect_find(CRM_STR("zoho")),
                                       &outcome, &route, &request,
                                       rows[i].status,
                                       crm_strz(rows[i].body), NULL, pool)
                   == CRM_OK, rows[i].body);
        assert_row(outcome.kind == rows[i].kind, rows[i].body);
        assert_row(crm_str_is(outcome.record_id, rows[i].id), rows[i].body);

        crm_pool_destroy(pool);
    }
}


static crm_status_t
starving_read(crm_pool_t *pool, void *data)
{
    crm_record_t  record;

    (void) data;

    return read_record(&record, 200, "{\"d\\u0061ta\":[{\"\\u0061\":1}]}",
                       pool);
}


static crm_status_t
starving_outcome(crm_pool_t *pool, void *data)
{
    crm_item_t      item;
    crm_route_t     route;
    crm_status_t    rc;
    crm_request_t   request;
    crm_outcome_t   outcome;

    (void) data;

    memset(&route, 0, sizeof(crm_route_t));
    route.operation = CRM_OP_CREATE;
    request_of(&request, &item, &route);

    rc = crm_dialect_outcome(crm_dialect_find(CRM_STR("zoho")), &outcome,
                             &route, &request, 201,
                             CRM_STR("{\"data\":[{\"code\":\"SUCCESS\","
                                     "\"details\":{\"id\":\"\\u0031\"}}]}"),
                             NULL, pool);

    if (rc == CRM_OK) {
        assert_str(outcome.record_id, "1");
    }

    return rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_read, NULL);
    crm_test_starve(starving_outcome, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(the_record_in_an_answer_is_read),
    cmocka_unit_test(no_record_is_not_the_same_as_no_answer),
    cmocka_unit_test(outcomes_are_done_refused_or_unknown),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
