/*
 * A record is what rules read. It would fail by losing a field, by giving a
 * field another's value, or by a name that is not found as it was written.
 */

#include "crm_test.h"

#include "record/crm_record.h"


static void
fields_come_in_order_with_their_bytes(void **state)
{
    size_t               i;
    crm_pool_t          *pool;
    crm_record_t         record;
    const crm_field_t   *field;

    static const char *const  names[] = { "Stage", "Amount", "Owner", "" };
    static const char *const  values[] = {
        "\"New\"", "19.990", "{\"id\":\"1\", \"x\":{\"Stage\":2}}", "[ ]"
    };

    (void) state;

    pool = crm_test_pool();

    assert_int_equal(
        crm_record_parse(&record, CRM_STR(" {\"St\\u0061ge\":\"New\", "
            "\"Amount\": 19.990,\"Owner\":{\"id\":\"1\", \"x\":{\"Stage\":2}}"
            ",\"\":[ ]} "), NULL, pool, NULL),
        CRM_OK);

    assert_int_equal(record.count, 4);
    assert_int_equal(record.object.data[0], '{');
    assert_int_equal(record.object.data[record.object.len - 1], '}');

    for (i = 0; i < 4; i++) {
        assert_str(record.fields[i].name, names[i]);
        assert_str(crm_span_raw(record.fields[i].value), values[i]);
        assert_int_equal(record.fields[i].hash,
                         crm_str_hash(crm_strz(names[i])));

        field = crm_record_field(&record, crm_strz(names[i]));
        assert_ptr_equal(field, &record.fields[i]);
    }

    assert_null(crm_record_field(&record, CRM_STR("x")));
    assert_null(crm_record_field(&record, CRM_STR("stage")));

    crm_pool_destroy(pool);
}


static void
a_record_of_many_fields_keeps_them_all(void **state)
{
    size_t         i;
    char           name[20];
    crm_buf_t      buf;
    crm_pool_t    *pool;
    crm_record_t   record;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 1000; i++) {
        (void) snprintf(name, sizeof(name), "%c\"f%zu\":[%zu]",
                        i ? ',' : '{', i, i);
        crm_buf_puts(&buf, name);
    }
    crm_buf_putc(&buf, '}');

    assert_int_equal(crm_record_parse(&record, crm_buf_view(&buf), NULL,
                                      pool, NULL), CRM_OK);
    assert_int_equal(record.count, 1000);

    for (i = 0; i < 1000; i++) {
        (void) snprintf(name, sizeof(name), "f%zu", i);
        assert_str(record.fields[i].name, name);

        (void) snprintf(name, sizeof(name), "[%zu]", i);
        assert_str(crm_span_raw(record.fields[i].value), name);
    }

    crm_pool_destroy(pool);
}


static void
what_is_no_object_is_no_record(void **state)
{
    size_t         i;
    crm_pool_t    *pool;
    crm_error_t    err;
    crm_record_t   record;

    static const char *const  rows[] = {
        "", "null", "[]", "[{}]", "\"{}\"", "{} {}", "{\"a\":1,}", "{\"a\":1"
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&err, 0, sizeof(crm_error_t));
        assert_row(crm_record_parse(&record, crm_strz(rows[i]), NULL, pool,
                                    &err) == CRM_EINVAL, rows[i]);
        assert_row(err.text[0] != '\0', rows[i]);
    }

    crm_pool_destroy(pool);
}


static void
a_list_of_records_is_read_one_by_one(void **state)
{
    size_t         count;
    crm_pool_t    *pool;
    crm_scan_t     scan;
    crm_error_t    err;
    crm_record_t   record;

    (void) state;

    pool = crm_test_pool();
    count = 0;

    crm_scan_init(&scan, CRM_STR("[{\"a\":{\"b\":1}},{},{\"a\":2,\"b\":3},7]"),
                  NULL, pool);

    assert_int_equal(crm_scan_enter(&scan, CRM_JSON_ARRAY, &err), CRM_OK);

    while (crm_scan_element(&scan, &err) == CRM_OK && count < 3) {
        assert_int_equal(crm_record_scan(&record, &scan, &err), CRM_OK);
        assert_int_equal(record.count, count == 0 ? 1 : count == 1 ? 0 : 2);
        count++;
    }

    assert_int_equal(crm_record_scan(&record, &scan, &err), CRM_DECLINED);

    crm_pool_destroy(pool);
}


static crm_status_t
starving_record(crm_pool_t *pool, void *data)
{
    crm_record_t  record;

    return crm_record_parse(&record, *(crm_str_t *) data, NULL, pool, NULL);
}


static void
memory_may_run_out_at_any_point(void **state)
{
    int          i;
    crm_str_t    text;
    crm_buf_t    buf;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < 100; i++) {
        crm_buf_puts(&buf, i ? ",\"\\u0041" : "{\"\\u0041");
        crm_buf_int(&buf, i);
        crm_buf_puts(&buf, "\":{}");
    }
    crm_buf_putc(&buf, '}');

    text = crm_buf_view(&buf);
    crm_test_starve(starving_record, &text);

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(fields_come_in_order_with_their_bytes),
    cmocka_unit_test(a_record_of_many_fields_keeps_them_all),
    cmocka_unit_test(what_is_no_object_is_no_record),
    cmocka_unit_test(a_list_of_records_is_read_one_by_one),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
