/*
 * How automation asks the vendor's API to write, and what it is told. They
 * would fail by a body that says another thing, or by a refusal that is taken
 * for a success.
 */

#include "crm_test.h"

#include "record/crm_dialect_write.h"


static crm_pool_t  *pool;


static int
start(void **state)
{
    (void) state;
    pool = crm_pool_create(crm_host_malloc(), 0);
    return pool == NULL;
}


static int
end(void **state)
{
    (void) state;
    crm_pool_destroy(pool);
    return 0;
}


static crm_span_t
span(const char *text)
{
    crm_span_t  value;
    crm_scan_t  scan;

    crm_scan_init(&scan, crm_strz(text), NULL, pool);
    assert_int_equal(crm_scan_value(&scan, &value, NULL), CRM_OK);

    return value;
}


static crm_dialect_request_t
request_of(const crm_dialect_write_t *write)
{
    crm_dialect_request_t  request;

    assert_int_equal(crm_dialect_write(crm_dialect_find(CRM_STR("zoho")),
                                       &request, write, pool), CRM_OK);

    return request;
}


static void
records_are_written_as_the_vendor_takes_them(void **state)
{
    crm_dialect_write_t    write;
    crm_dialect_request_t  request;

    (void) state;

    memset(&write, 0, sizeof(write));
    write.module = CRM_STR("Deals");
    write.record_id = CRM_STR("42");
    write.fields = span("{\"A\" : 19.990, \"b\\u0022\":\"x\"}");

    request = request_of(&write);
    assert_string_equal(request.method, "PUT");
    assert_str(request.path, "Deals/42");
    assert_str(request.body, "{\"data\":[{\"A\":19.990,\"b\\u0022\":\"x\"}],"
                             "\"trigger\":[]}");

    write.kind = CRM_WRITE_CREATE;
    write.cascade = 1;
    write.owner = CRM_STR("7");
    write.fields = span("{\"Owner\":{\"id\":\"8\"},\"A\":1}");

    request = request_of(&write);
    assert_string_equal(request.method, "POST");
    assert_str(request.path, "Deals");
    assert_str(request.body, "{\"data\":[{\"A\":1,\"Owner\":{\"id\":\"7\"}}]}");

    memset(&write.fields, 0, sizeof(write.fields));
    request = request_of(&write);
    assert_str(request.body, "{\"data\":[{\"Owner\":{\"id\":\"7\"}}]}");
}


static void
a_name_leads_nowhere_else(void **state)
{
    crm_dialect_write_t  write;

    (void) state;

    memset(&write, 0, sizeof(write));
    write.module = CRM_STR("a/..?b#");
    write.record_id = CRM_STR("1 2");
    write.fields = span("{}");

    assert_str(request_of(&write).path, "a%2F..%3Fb%23/1%202");
}


static void
tags_are_a_list_of_names(void **state)
{
    crm_dialect_write_t    write;
    crm_dialect_request_t  request;

    (void) state;

    memset(&write, 0, sizeof(write));
    write.kind = CRM_WRITE_ADD_TAGS;
    write.module = CRM_STR("Deals");
    write.record_id = CRM_STR("42");
    write.tags = span("[\"a\", \"b\\\"\"]");

    request = request_of(&write);
    assert_string_equal(request.method, "POST");
    assert_str(request.path, "Deals/42/actions/add_tags");
    assert_str(request.body, "{\"tags\":[{\"name\":\"a\"},"
                             "{\"name\":\"b\\\"\"}]}");

    write.kind = CRM_WRITE_REMOVE_TAGS;
    assert_str(request_of(&write).path, "Deals/42/actions/remove_tags");
}


static void
an_answer_says_done_refused_or_nothing(void **state)
{
    size_t              i;
    crm_dialect_said_t  said;

    static const struct {
        unsigned            status;
        const char         *body;
        crm_outcome_kind_t  kind;
        const char         *code;
        const char         *id;
    } rows[] = {
        { 201, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":{\"id\":\"7\"},"
               "\"status\":\"success\"}]}", CRM_OUTCOME_DONE, "SUCCESS",
          "7" },
        { 201, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":{\"id\":"
               "4150868000000624035},\"status\":\"success\"}]}",
          CRM_OUTCOME_DONE, "SUCCESS", "4150868000000624035" },
        { 201, "{\"data\":[{\"details\":{\"id\":null},\"status\":\"success\"}"
               "]}", CRM_OUTCOME_DONE, "", "" },
        { 200, "{\"data\":[{\"code\":\"RECORD_LOCKED\",\"details\":{},"
               "\"status\":\"error\",\"message\":\"m\"}]}",
          CRM_OUTCOME_REFUSED, "RECORD_LOCKED", "" },
        { 403, "{\"code\":\"NO_PERMISSION\",\"status\":\"error\"}",
          CRM_OUTCOME_REFUSED, "NO_PERMISSION", "" },
        { 404, "<html>", CRM_OUTCOME_REFUSED, "", "" },
        { 400, "{\"data\":[]}", CRM_OUTCOME_REFUSED, "", "" },
        { 400, "{\"data\":[7],\"code\":5}", CRM_OUTCOME_REFUSED, "", "" },
        { 200, "", CRM_OUTCOME_DONE, "", "" },
        { 502, "{\"code\":\"X\"}", CRM_OUTCOME_UNKNOWN, "X", "" },
        { 302, "", CRM_OUTCOME_UNKNOWN, "", "" },
        { 0, "", CRM_OUTCOME_UNKNOWN, "", "" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(crm_dialect_said(crm_dialect_find(CRM_STR("zoho")),
                                          &said, rows[i].status,
                                          crm_strz(rows[i].body), pool),
                         CRM_OK);
        assert_row(said.kind == rows[i].kind, rows[i].body);
        assert_row(crm_str_is(said.code, rows[i].code), rows[i].body);
        assert_row(crm_str_is(said.record_id, rows[i].id), rows[i].body);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test_setup_teardown(
        records_are_written_as_the_vendor_takes_them, start, end),
    cmocka_unit_test_setup_teardown(a_name_leads_nowhere_else, start, end),
    cmocka_unit_test_setup_teardown(tags_are_a_list_of_names, start, end),
    cmocka_unit_test_setup_teardown(an_answer_says_done_refused_or_nothing,
                                    start, end),
};

CRM_TEST_MAIN(tests)
