/*
 * zoho: targets under which a record is found again, and lists of records. It
 * would fail by a target that a backend reads otherwise than we meant, or by
 * a list of which a record was lost.
 */

#include "crm_test.h"

#include "record/crm_dialect.h"


static const crm_dialect_t *
zoho(void)
{
    return crm_dialect_find(CRM_STR("zoho"));
}


static crm_status_t
list_of(crm_list_t *list, unsigned status, const char *body, crm_pool_t *pool)
{
    return crm_dialect_list(zoho(), list, status, crm_strz(body), NULL, pool);
}


static void
targets_are_encoded(void **state)
{
    crm_str_t    fields[] = { CRM_STR("N"), CRM_STR("id"), CRM_STR("a,b&c"),
                              CRM_STR("Modified_Time"),
                              CRM_STR("\303\274") };
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_str(crm_dialect_record_path(zoho(), CRM_STR("Leads"),
                                       CRM_STR("41-5_a"), pool),
               "Leads/41-5_a");
    assert_str(crm_dialect_record_path(zoho(), CRM_STR("a/../b?c"),
                                       CRM_STR("1/2#%\n"), pool),
               "a%2F..%2Fb%3Fc/1%2F2%23%25%0A");
    assert_str(crm_dialect_event_path(zoho(), CRM_STR("Leads"),
                                      CRM_STR("E&x=1"), fields, 5, pool),
               "Leads?__event=E%26x%3D1&fields=Created_Time,Modified_Time,N,"
               "a%2Cb%26c,%C3%BC&sort_by=Created_Time&sort_order=desc"
               "&per_page=200");
    assert_str(crm_dialect_event_path(zoho(), CRM_STR("Leads"), CRM_STR("E"),
                                      NULL, 0, pool),
               "Leads?__event=E&fields=Created_Time,Modified_Time"
               "&sort_by=Created_Time&sort_order=desc&per_page=200");

    assert_str(crm_dialect_version_field(zoho()), "Modified_Time");
    assert_str(crm_dialect_created_field(zoho()), "Created_Time");

    crm_pool_destroy(pool);
}


static void
a_list_is_read_record_by_record(void **state)
{
    size_t        i;
    crm_pool_t   *pool;
    crm_list_t    list;

    static const struct {
        unsigned     status;
        const char  *body;
        size_t       count;
        int          complete;
    } rows[] = {
        { 204, "", 0, 1 },
        { 204, "whatever", 0, 1 },
        { 200, "{\"data\":[]}", 0, 1 },
        { 200, "{\"data\":[{}]}", 1, 0 },
        { 200, "{\"info\":{\"more_records\":false},\"data\":[{},{\"a\":1}]}",
          2, 1 },
        { 200, "{\"data\":[{}],\"info\":{\"more_records\":true}}", 1, 0 },
        { 200, "{\"data\":[{}],\"info\":{\"more_records\":\"false\"}}", 1, 0 },
        { 200, "{\"data\":[{}],\"info\":{}}", 1, 0 },
        { 200, "{\"data\":[],\"info\":{\"more_records\":true}}", 0, 0 },
        { 200, "{\"info\":{\"more_records\":false},\"data\":[]}", 0, 1 },
        { 200, "{\"data\":[{}],\"info\":false,\"x\":[1]}", 1, 0 },
        { 200, "{\"data\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},"
          "{},{\"last\":1}]}", 18, 0 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        assert_row(list_of(&list, rows[i].status, rows[i].body, pool)
                   == CRM_OK, rows[i].body);
        assert_row(list.count == rows[i].count, rows[i].body);
        assert_row(list.complete == rows[i].complete, rows[i].body);

        if (list.count == 18) {
            assert_str(list.records[17].fields[0].name, "last");
            assert_int_equal(list.records[16].count, 0);
        }
        crm_pool_destroy(pool);
    }
}


static void
what_is_no_list_is_not_read(void **state)
{
    size_t        i;
    crm_pool_t   *pool;
    crm_list_t    list;

    static const struct {
        unsigned     status;
        const char  *body;
    } rows[] = {
        { 0, "" }, { 200, "" }, { 200, "{}" }, { 200, "[]" },
        { 200, "{\"data\":{}}" }, { 200, "{\"data\":[1]}" },
        { 200, "{\"data\":[{}" }, { 200, "{\"data\":[{}]" },
        { 200, "{\"data\":[{}]}{}" }, { 200, "<html>" },
        { 200, "{\"data\":[{\"a\":1,\"a\":2}]}" },
        { 200, "{\"data\":[],\"data\":[]}" }, { 200, "{\"data\":null}" },
        { 201, "{\"data\":[]}" }, { 301, "{\"data\":[]}" },
        { 400, "{\"data\":[]}" }, { 401, "{}" }, { 403, "{}" },
        { 404, "{\"code\":\"INVALID_DATA\"}" }, { 500, "{\"data\":[]}" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();
        assert_row(list_of(&list, rows[i].status, rows[i].body, pool)
                   == CRM_EINVAL, rows[i].body);
        crm_pool_destroy(pool);
    }
}


/* Which is said to be twice there only where the object ends. */
static void
a_second_list_is_not_read_into_the_first(void **state)
{
    size_t        i;
    crm_buf_t     body;
    crm_pool_t   *pool;
    crm_list_t    list;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&body, pool, 0);
    crm_buf_puts(&body, "{\"data\":[{}");

    for (i = 0; i < 20000; i++) {
        crm_buf_puts(&body, ",{}");
    }

    crm_buf_puts(&body, "],\"d\\u0061ta\":[{}]}");
    crm_buf_putc(&body, '\0');
    assert_int_equal(crm_buf_status(&body), CRM_OK);

    assert_int_equal(list_of(&list, 200, crm_buf_view(&body).data, pool),
                     CRM_EINVAL);
    assert_true(list.count <= 20001);
    crm_pool_destroy(pool);
}


static crm_status_t
starving_list(crm_pool_t *pool, void *data)
{
    crm_list_t    list;
    crm_status_t  rc;

    (void) data;

    rc = list_of(&list, 200, "{\"data\":[{\"\\u0061\":1},{\"b\":{\"c\":[]}},"
                 "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}],"
                 "\"info\":{\"more_records\":false}}", pool);

    if (rc == CRM_OK) {
        assert_int_equal(list.count, 17);
    }

    return rc;
}


static crm_status_t
starving_path(crm_pool_t *pool, void *data)
{
    crm_str_t  path;

    path = crm_dialect_event_path(zoho(), CRM_STR("Leads"), CRM_STR("E"),
                                  data, 1, pool);

    return path.data ? CRM_OK : CRM_ENOMEM;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    crm_str_t  field = CRM_STR("N");

    (void) state;

    crm_test_starve(starving_list, NULL);
    crm_test_starve(starving_path, &field);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(targets_are_encoded),
    cmocka_unit_test(a_list_is_read_record_by_record),
    cmocka_unit_test(a_second_list_is_not_read_into_the_first),
    cmocka_unit_test(what_is_no_list_is_not_read),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
