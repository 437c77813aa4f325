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


/* Compact text is read another way than text with space in it. */
static const char  plain_text[] =
    "{\"Last_Name\":\"Lovelace\",\"Company\":\"The Analytical Engines\","
    "\"n\":-1.50e3,\"ok\":true,\"none\":null,\"\":\"\","
    "\"Stra\xc3\x9f""e\":\"M\xc3\xbchle 7\",\"e\\u0041\":\"a\\tb\","
    "\"o\":{\"a\":\"1\",\"b\":[\"x\",{\"c\":\"d\"}]},\"Phone\":\"+44\"}";


static void
assert_same_fields(const crm_record_t *a, const crm_record_t *b)
{
    size_t  i;

    assert_int_equal(a->count, b->count);

    for (i = 0; i < a->count; i++) {
        assert_true(crm_str_eq(a->fields[i].name, b->fields[i].name));
        assert_int_equal(a->fields[i].hash, b->fields[i].hash);
        assert_int_equal(a->fields[i].value.type, b->fields[i].value.type);
        assert_int_equal(a->fields[i].value.escaped,
                         b->fields[i].value.escaped);

        if (a->fields[i].value.type < CRM_JSON_ARRAY) {
            assert_true(crm_str_eq(crm_span_raw(a->fields[i].value),
                                   crm_span_raw(b->fields[i].value)));
        }
    }
}


static void
space_between_what_it_says_changes_nothing(void **state)
{
    int            text, string;
    char           spaced[sizeof(plain_text) * 3];
    size_t         i, n;
    crm_pool_t    *pool;
    crm_record_t   plain, other;

    (void) state;

    /* once everywhere, then at one place alone */

    for (text = -1; text < (int) sizeof(plain_text) - 1; text++) {
        string = 0;
        n = 0;

        for (i = 0; i < sizeof(plain_text) - 1; i++) {
            if (!string && strchr("{}[],:\"", plain_text[i])
                && (text == -1 || text == (int) i))
            {
                spaced[n++] = i % 2 ? ' ' : '\n';
            }

            spaced[n++] = plain_text[i];
            string ^= plain_text[i] == '"';
        }

        pool = crm_test_pool();
        assert_int_equal(crm_record_parse(&plain, CRM_STR(plain_text), NULL,
                                          pool, NULL), CRM_OK);
        assert_int_equal(crm_record_parse(&other, crm_str(spaced, n), NULL,
                                          pool, NULL), CRM_OK);
        assert_int_equal(plain.count, 10);
        assert_same_fields(&plain, &other);
        crm_pool_destroy(pool);
    }
}


/* The verdict is that of a text which is not read the short way: a space
 * stands before each name and value. */
static void
whatever_byte_is_wrong_the_verdict_is_the_same(void **state)
{
    int            string;
    char           plain[sizeof(plain_text)], spaced[sizeof(plain_text) * 2];
    size_t         i, k, n, at, places[sizeof(plain_text) * 2];
    crm_pool_t    *pool;
    crm_error_t    e, f;
    crm_status_t   rc;
    crm_record_t   one, other;

    static const char  bytes[] = "\"\\,:{}[]1x\x1f\x80\xc3\x7f";

    (void) state;

    for (i = 0; i < sizeof(plain_text) - 1; i++) {
        for (k = 0; k < sizeof(bytes); k++) {
            memcpy(plain, plain_text, sizeof(plain));
            plain[i] = bytes[k];

            /* where the text that is right has its strings */

            string = 0;
            n = 0;

            for (at = 0; at < sizeof(plain_text) - 1; at++) {
                if (!string && plain_text[at] == '"' && at != i) {
                    places[n] = at;
                    spaced[n++] = ' ';
                }

                places[n] = at;
                spaced[n++] = plain[at];
                string ^= plain_text[at] == '"';
            }

            places[n] = at;

            pool = crm_test_pool();
            rc = crm_record_parse(&one, crm_str(plain, sizeof(plain) - 1),
                                  NULL, pool, &e);
            if (rc != crm_record_parse(&other, crm_str(spaced, n), NULL, pool,
                                       &f))
            {
                fail_msg("byte %zu, 0x%02x", i, (unsigned char) bytes[k]);
            }

            if (rc != CRM_OK && strstr(f.text, "not the byte 0x20") == NULL) {
                assert_string_equal(e.text, f.text);
                assert_int_equal(e.offset, places[f.offset]);
            }

            if (rc == CRM_OK) {
                assert_int_equal(one.count, other.count);
            }

            crm_pool_destroy(pool);
        }
    }
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
    cmocka_unit_test(space_between_what_it_says_changes_nothing),
    cmocka_unit_test(whatever_byte_is_wrong_the_verdict_is_the_same),
    cmocka_unit_test(a_record_of_many_fields_keeps_them_all),
    cmocka_unit_test(what_is_no_object_is_no_record),
    cmocka_unit_test(a_list_of_records_is_read_one_by_one),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
