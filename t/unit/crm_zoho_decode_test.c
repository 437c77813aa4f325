/*
 * What a body holds. It would fail by judging another record than the backend
 * writes: an envelope read differently, an id that is not the path's, a
 * second record behind the first.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


typedef struct {
    const char          *body;
    crm_refusal_kind_t   kind;
    const char          *where;
    size_t               offset;
    const char          *says;
} bad_t;


static crm_route_t
route_of(crm_operation_t operation)
{
    crm_route_t  route;

    memset(&route, 0, sizeof(crm_route_t));

    route.operation = operation;
    route.module = CRM_STR("Leads");
    route.record_id = operation == CRM_OP_CREATE ? CRM_STR_NULL
                                                 : CRM_STR("42");
    route.has_body = operation != CRM_OP_DELETE;

    return route;
}


static crm_status_t
decode(crm_operation_t operation, crm_str_t body, crm_request_t *request,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_route_t        route;
    crm_scan_limits_t  limits;

    limits.max_nodes = 50;
    limits.max_depth = 8;

    route = route_of(operation);

    return crm_dialect_decode(crm_dialect_find(CRM_STR("zoho")), request,
                              &route, body, &limits, 4, pool, refusal);
}


static void
refused(crm_operation_t operation, const bad_t *rows, size_t n)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

    for (i = 0; i < n; i++) {
        pool = crm_test_pool();
        memset(&refusal, 0, sizeof(crm_refusal_t));

        assert_row(decode(operation, crm_strz(rows[i].body), &request, pool,
                          &refusal) == CRM_EINVAL, rows[i].body);
        assert_row(refusal.kind == rows[i].kind, rows[i].body);
        assert_row(crm_str_is(refusal.where, rows[i].where), rows[i].body);
        assert_row(refusal.offset == rows[i].offset, rows[i].body);
        assert_row(strstr(refusal.reason.data, rows[i].says) != NULL,
                   rows[i].body);
        assert_row(refusal.operation == operation, rows[i].body);
        assert_row(crm_str_is(refusal.module, "Leads"), rows[i].body);

        crm_pool_destroy(pool);
    }
}


static void
one_record_is_read_with_its_trigger(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

#define WITH(trigger)  "{\"data\":[{\"a\":1}],\"trigger\":" trigger "}"

    /* the table of the vendor's keys, and what is like them */

    static const struct {
        const char  *body;
        const char  *trigger;           /* NULL: none */
        unsigned     run;
    } rows[] = {
        { "{\"data\":[{\"a\":1}]}", NULL, CRM_RUN_ALL },
        { WITH("null"), NULL, CRM_RUN_ALL },
        { WITH("[]"), "[]", 0 },
        { WITH("[ ]"), "[ ]", 0 },
        { "{\"trigger\":[\"workflow\"],\"data\":[{\"a\":1}]}",
          "[\"workflow\"]", CRM_RUN_WORKFLOW },
        { WITH("[\"approval\",\"blueprint\"]"),
          "[\"approval\",\"blueprint\"]",
          CRM_RUN_APPROVAL | CRM_RUN_BLUEPRINT },
        { WITH("[\"pathfinder\",\"orchestration\"]"),
          "[\"pathfinder\",\"orchestration\"]", CRM_RUN_OTHER },
        { WITH("[\"x\",\"work\\u0066low\",\"workflow\"]"),
          "[\"x\",\"work\\u0066low\",\"workflow\"]", CRM_RUN_WORKFLOW },
        { WITH("[\"Workflow\"]"), "[\"Workflow\"]", 0 },
        { WITH("[\"\"]"), "[\"\"]", 0 },
        { "{\"d\\u0061ta\":[{\"a\":1}],\"lar_id\":\"5\","
          "\"apply_feature_execution\":[{\"name\":\"x\"}],"
          "\"process\":[\"review\"],\"wf_trigger\":false}", NULL,
          CRM_RUN_ALL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_row(decode(CRM_OP_CREATE, crm_strz(rows[i].body), &request,
                          pool, &refusal) == CRM_OK, rows[i].body);
        assert_row(request.count == 1, rows[i].body);
        assert_row(request.items[0].record->count == 1, rows[i].body);
        assert_row(crm_str_is(request.items[0].record->fields[0].name, "a"),
                   rows[i].body);
        assert_row(request.items[0].place.data >= rows[i].body
                   && request.items[0].place.data
                      < rows[i].body + strlen(rows[i].body), rows[i].body);
        assert_row(request.options.run == rows[i].run, rows[i].body);
        assert_row(rows[i].trigger
                   ? crm_str_is(crm_span_raw(request.options.trigger),
                                rows[i].trigger)
                   : request.options.trigger.type == CRM_JSON_NONE,
                   rows[i].body);

        crm_pool_destroy(pool);
    }
}


static void
a_wrong_envelope_is_refused_where_it_is_wrong(void **state)
{
    static const bad_t  rows[] = {
        { "", CRM_REFUSE_BODY, "", 0, "the text ends" },
        { "x", CRM_REFUSE_BODY, "", 0, "a value" },
        { "[]", CRM_REFUSE_BODY, "$", 0, "an object" },
        { "\"data\"", CRM_REFUSE_BODY, "$", 0, "an object" },
        { "{}", CRM_REFUSE_BODY, "$", 0, "\"data\"" },
        { "{\"Data\":[{}]}", CRM_REFUSE_BODY, "$", 0, "\"data\"" },
        { "{\"data\":{}}", CRM_REFUSE_BODY, "$.data", 8, "array" },
        { "{\"data\":null}", CRM_REFUSE_BODY, "$.data", 8, "array" },
        { "{\"data\":[]}", CRM_REFUSE_BODY, "$.data", 8, "hold a record" },
        { "{\"data\":[{},{},{},{},{}]}", CRM_REFUSE_RECORDS, "$.data", 21,
          "too many" },
        { "{\"data\":[1]}", CRM_REFUSE_BODY, "$.data[0]", 9, "an object" },
        { "{\"data\":[[{}]]}", CRM_REFUSE_BODY, "$.data[0]", 9, "an object" },
        { "{\"data\":[{\"data\":[{}]}]}", CRM_REFUSE_BODY, "$.data[0].data",
          17, "must not hold" },
        { "{\"data\":[{\"data\":{}}]}", CRM_REFUSE_BODY, "$.data[0].data",
          17, "must not hold" },
        { "{\"data\":[{}],\"data\":[{}]}", CRM_REFUSE_BODY, "$.data", 13,
          "duplicate key" },
        { "{\"data\":[{}],\"\\u0064ata\":[{}]}", CRM_REFUSE_BODY, "$.data",
          13, "duplicate key" },
        { "{\"data\":[{}],\"x\":1,\"x\":2}", CRM_REFUSE_BODY, "", 19,
          "duplicate key \"x\"" },
        { "{\"data\":[{\"a\":1,\"a\":2}]}", CRM_REFUSE_BODY, "$.data[0]", 16,
          "duplicate key \"a\"" },
        { "{\"data\":[{},{\"id\":1}]}", CRM_REFUSE_BODY, "$.data[1].id", 18,
          "must not name an id" },
        { "{\"data\":[{},{\"a\":1,\"a\":2}]}", CRM_REFUSE_BODY, "$.data[1]",
          19, "duplicate key \"a\"" },
        { "{\"data\":[{\"a\":01}]}", CRM_REFUSE_BODY, "$.data[0]", 14,
          "zero" },
        { "{\"data\":[{}}", CRM_REFUSE_BODY, "$.data", 11, "\"]\"" },
        { "{\"data\":[{}]} x", CRM_REFUSE_BODY, "", 14, "the end" },
        { "{\"data\":[{}]", CRM_REFUSE_BODY, "", 12, "the text ends" },
        { "\xef\xbb\xbf{\"data\":[{}]}", CRM_REFUSE_BODY, "", 0, "0xef" },
        { "{\"data\":[{}],\"trigger\":\"workflow\"}", CRM_REFUSE_BODY,
          "$.trigger", 23, "array" },
        { "{\"data\":[{}],\"trigger\":{}}", CRM_REFUSE_BODY, "$.trigger", 23,
          "array" },
        { "{\"data\":[{}],\"trigger\":[1]}", CRM_REFUSE_BODY, "$.trigger",
          24, "array" },
        { "{\"data\":[{}],\"trigger\":[x]}", CRM_REFUSE_BODY, "$.trigger",
          24, "a value" },
        { "{\"data\":[{\"a\":[[[[[[[1]]]]]]]}]}", CRM_REFUSE_BODY,
          "$.data[0]", 19, "deep" },
        { "{\"data\":[{\"a\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},"
          "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},"
          "{},{},{},{},{},{},{},{},{},{},{},{},{}]}]}", CRM_REFUSE_BODY,
          "$.data[0]", 153, "50 values" }
    };

    (void) state;

    refused(CRM_OP_CREATE, rows, sizeof(rows) / sizeof(rows[0]));
}


static void
the_id_of_an_update_is_the_one_in_the_path(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const char *const  good[] = {
        "{\"data\":[{\"a\":1}]}", "{\"data\":[{\"id\":\"42\"}]}",
        "{\"data\":[{\"id\":42}]}", "{\"data\":[{\"\\u0069d\":\"4\\u0032\"}]}"
    };

    static const bad_t  bad[] = {
        { "{\"data\":[{\"id\":\"1\"}]}", CRM_REFUSE_BODY, "$.data[0].id", 15,
          "the one in the path" },
        { "{\"data\":[{\"id\":42.0}]}", CRM_REFUSE_BODY, "$.data[0].id", 15,
          "digit for digit" },
        { "{\"data\":[{\"id\":\"042\"}]}", CRM_REFUSE_BODY, "$.data[0].id",
          15, "digit" },
        { "{\"data\":[{\"id\":4.2e1}]}", CRM_REFUSE_BODY, "$.data[0].id", 15,
          "digit" },
        { "{\"data\":[{\"id\":null}]}", CRM_REFUSE_BODY, "$.data[0].id", 15,
          "digit" },
        { "{\"data\":[{\"id\":[42]}]}", CRM_REFUSE_BODY, "$.data[0].id", 15,
          "digit" },
        { "{\"data\":[{\"id\":\"42 \"}]}", CRM_REFUSE_BODY, "$.data[0].id",
          15, "digit" },
        { "{\"data\":[{\"\\u0069d\":\"1\"}]}", CRM_REFUSE_BODY,
          "$.data[0].id", 20, "digit" },
        { "{\"data\":[{},{}]}", CRM_REFUSE_BODY, "$.data", 8, "one record" }
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        pool = crm_test_pool();
        assert_row(decode(CRM_OP_UPDATE, crm_strz(good[i]), &request, pool,
                          &refusal) == CRM_OK, good[i]);
        crm_pool_destroy(pool);
    }

    refused(CRM_OP_UPDATE, bad, sizeof(bad) / sizeof(bad[0]));
}


static void
a_record_that_is_created_has_no_id_yet(void **state)
{
    static const bad_t  bad[] = {
        { "{\"data\":[{\"id\":\"1\"}]}", CRM_REFUSE_BODY, "$.data[0].id", 15,
          "must not name an id" },
        { "{\"data\":[{\"\\u0069d\":null}]}", CRM_REFUSE_BODY,
          "$.data[0].id", 20, "must not name an id" }
    };

    (void) state;

    refused(CRM_OP_CREATE, bad, sizeof(bad) / sizeof(bad[0]));
}


static void
a_delete_has_no_body(void **state)
{
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const bad_t  bad[] = {
        { "{}", CRM_REFUSE_BODY, "", 0, "no body" },
        { " ", CRM_REFUSE_BODY, "", 0, "no body" }
    };

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(decode(CRM_OP_DELETE, CRM_STR_NULL, &request, pool,
                            &refusal), CRM_OK);
    assert_int_equal(request.count, 1);
    assert_null(request.items[0].record);
    assert_str(request.items[0].record_id, "42");
    assert_int_equal(request.options.trigger.type, CRM_JSON_NONE);
    assert_int_equal(request.options.run, CRM_RUN_ALL);

    crm_pool_destroy(pool);

    refused(CRM_OP_DELETE, bad, sizeof(bad) / sizeof(bad[0]));
}


static crm_status_t
decode_many(crm_operation_t operation, const char *ids, const char *body,
    crm_request_t *request, crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_route_t  route;

    route = route_of(operation);
    route.record_id = CRM_STR_NULL;
    route.ids = crm_strz(ids);

    return crm_dialect_decode(crm_dialect_find(CRM_STR("zoho")), request,
                              &route, crm_strz(body), NULL, 4, pool, refusal);
}


static void
many_records_are_items_in_their_order(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const char  body[] =
        "{\"data\":[ {\"id\":\"1\",\"a\":1} , {\"a\":2,\"id\":20},"
        "{\"\\u0069d\":\"\\u0033\"}]}";
    static const char *const  ids[] = { "1", "20", "3" };

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(decode_many(CRM_OP_UPDATE, "", body, &request, pool,
                                 &refusal), CRM_OK);
    assert_int_equal(request.count, 3);

    for (i = 0; i < 3; i++) {
        assert_str(request.items[i].record_id, ids[i]);
        assert_str(request.items[i].module, "Leads");
        assert_int_equal(request.items[i].operation, CRM_OP_UPDATE);
        assert_non_null(request.items[i].record);
        assert_int_equal(request.items[i].place.data[0], '{');
    }

    assert_int_equal(decode_many(CRM_OP_DELETE, "1,20,3", "", &request, pool,
                                 &refusal), CRM_OK);
    assert_int_equal(request.count, 3);

    for (i = 0; i < 3; i++) {
        assert_str(request.items[i].record_id, ids[i]);
        assert_str(request.items[i].place, ids[i]);
        assert_null(request.items[i].record);
    }

    crm_pool_destroy(pool);
}


static void
what_many_records_may_not_be_is_refused(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_request_t   request;
    crm_refusal_t   refusal;

    static const struct {
        crm_operation_t      operation;
        const char          *ids;
        const char          *body;
        crm_refusal_kind_t   kind;
        const char          *where;
        const char          *says;
    } rows[] = {
        { CRM_OP_UPDATE, "", "{\"data\":[{\"id\":\"1\"},{\"a\":1}]}",
          CRM_REFUSE_BODY, "$.data[1]", "must name its id" },
        { CRM_OP_UPDATE, "", "{\"data\":[{\"id\":\"1\"},{\"id\":\"01\"}]}",
          CRM_REFUSE_BODY, "$.data[1].id", "leading zeros" },
        { CRM_OP_UPDATE, "", "{\"data\":[{\"id\":\"1\"},{\"id\":null}]}",
          CRM_REFUSE_BODY, "$.data[1].id", "1 to 64" },
        { CRM_OP_UPDATE, "", "{\"data\":[{\"id\":\"1\"},{\"id\":1}]}",
          CRM_REFUSE_BODY, "$.data", "twice" },
        { CRM_OP_UPDATE, "",
          "{\"data\":[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4},{\"id\":5}]}",
          CRM_REFUSE_RECORDS, "$.data", "too many" },
        { CRM_OP_DELETE, "", "", CRM_REFUSE_TARGET, "ids", "1,2,3" },
        { CRM_OP_DELETE, "1,", "", CRM_REFUSE_TARGET, "ids", "1,2,3" },
        { CRM_OP_DELETE, ",1", "", CRM_REFUSE_TARGET, "ids", "1,2,3" },
        { CRM_OP_DELETE, "1,,2", "", CRM_REFUSE_TARGET, "ids", "1,2,3" },
        { CRM_OP_DELETE, "1%2C2", "", CRM_REFUSE_TARGET, "ids", "1,2,3" },
        { CRM_OP_DELETE, "1, 2", "", CRM_REFUSE_TARGET, "ids", "1,2,3" },
        { CRM_OP_DELETE, "1,2,1", "", CRM_REFUSE_BODY, "ids", "twice" },
        { CRM_OP_DELETE, "1,2,3,4,5", "", CRM_REFUSE_RECORDS, "ids",
          "too many" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_row(decode_many(rows[i].operation, rows[i].ids, rows[i].body,
                               &request, pool, &refusal) == CRM_EINVAL,
                   rows[i].says);
        assert_row(refusal.kind == rows[i].kind, rows[i].says);
        assert_row(crm_str_is(refusal.where, rows[i].where), rows[i].says);
        assert_row(strstr(refusal.reason.data, rows[i].says) != NULL,
                   rows[i].says);

        crm_pool_destroy(pool);
    }
}


static crm_status_t
starving_many(crm_pool_t *pool, void *data)
{
    crm_request_t   request;
    crm_refusal_t   refusal;

    return decode_many(CRM_OP_UPDATE, "", data, &request, pool, &refusal);
}


static crm_status_t
starving_decode(crm_pool_t *pool, void *data)
{
    crm_status_t    rc;
    crm_request_t   request;
    crm_refusal_t   refusal;

    rc = decode(CRM_OP_UPDATE, crm_strz(data), &request, pool, &refusal);

    return rc == CRM_EINVAL ? CRM_OK : rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_decode, "{\"data\":[{\"\\u0069d\":\"4\\u0032\","
                    "\"x\":[{\"y\":{\"\\u007a\":1}}]}],\"\\u0074rigger\":[]}");
    crm_test_starve(starving_decode, "{\"data\":[{\"a\":1,\"a\":2}]}");
    crm_test_starve(starving_many, "{\"data\":[{\"id\":\"1\"},{\"id\":"
                    "\"\\u0032\"}]}");
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(one_record_is_read_with_its_trigger),
    cmocka_unit_test(a_wrong_envelope_is_refused_where_it_is_wrong),
    cmocka_unit_test(the_id_of_an_update_is_the_one_in_the_path),
    cmocka_unit_test(a_record_that_is_created_has_no_id_yet),
    cmocka_unit_test(a_delete_has_no_body),
    cmocka_unit_test(many_records_are_items_in_their_order),
    cmocka_unit_test(what_many_records_may_not_be_is_refused),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
