/*
 * What the dialects share. It would fail by judging a body that the backend
 * reads in another charset, or by giving one record two ids.
 */

#include "crm_test.h"

#include "record/crm_dialect_kind.h"


static const crm_dialect_t *
zoho(void)
{
    const crm_dialect_t  *dialect;

    dialect = crm_dialect_find(CRM_STR("zoho"));
    assert_non_null(dialect);

    return dialect;
}


static void
dialects_are_found_by_name(void **state)
{
    (void) state;

    assert_str(crm_dialect_name(zoho()), "zoho");
    assert_int_equal(crm_dialect_absent_is_null(zoho()), 0);

    assert_null(crm_dialect_find(CRM_STR("Zoho")));
    assert_null(crm_dialect_find(CRM_STR("")));
    assert_null(crm_dialect_find(CRM_STR("zoh")));
}


static void
operations_have_names(void **state)
{
    (void) state;

    assert_string_equal(crm_operation_name(CRM_OP_CREATE), "create");
    assert_string_equal(crm_operation_name(CRM_OP_UPDATE), "update");
    assert_string_equal(crm_operation_name(CRM_OP_DELETE), "delete");
    assert_string_equal(crm_operation_name(CRM_OP_NONE), "none");
}


static void
json_in_utf8_is_judged_and_nothing_else(void **state)
{
    size_t          i;
    crm_refusal_t   refusal;

    static const char *const  good[] = {
        "application/json", "Application/JSON", " application/json ",
        "application/json;charset=utf-8", "application/json; charset=UTF-8",
        "application/json ; charset=\"utf-8\"", "application/json;",
        "application/json;\tCharset=Utf-8 ;"
    };
    static const char *const  bad[] = {
        "text/plain", "application/x-www-form-urlencoded", " ", ";",
        "multipart/form-data; boundary=x", "application/json, text/plain",
        "application/json,application/json", "application/jsonp",
        "application/json; charset=utf-16", "application/json; charset=utf8",
        "application/json; charset=iso-8859-1", "application/json; charset=",
        "application/json; charset='utf-8'", "application/json charset=utf-8",
        "application/json; charset=utf-8; charset=utf-16",
        "application/json; charset = utf-8", "application/json; v=1",
        "application/json; \"charset=utf-8\"", "application/json\x01",
        "application/merge-patch+json", "application/json-patch+json",
        "application/problem+json", "json", "application/ json"
    };

    (void) state;

    assert_int_equal(crm_dialect_type(zoho(), CRM_STR_NULL, CRM_STR_NULL,
                                      &refusal), CRM_OK);

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_row(crm_dialect_type(zoho(), crm_strz(good[i]), CRM_STR_NULL,
                                    &refusal) == CRM_OK, good[i]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_row(crm_dialect_type(zoho(), crm_strz(bad[i]), CRM_STR_NULL,
                                    &refusal) == CRM_EINVAL, bad[i]);
        assert_int_equal(refusal.kind, CRM_REFUSE_TYPE);
        assert_non_null(strstr(refusal.reason.data, "Content-Type"));
    }
}


static void
an_encoded_body_is_not_judged(void **state)
{
    size_t          i;
    crm_refusal_t   refusal;

    static const char *const  bad[] = {
        "gzip", "GZIP", "deflate", "br", "identity, gzip", "gzip, identity",
        "identity,identity", "x"
    };

    (void) state;

    assert_int_equal(crm_dialect_type(zoho(), CRM_STR("application/json"),
                                      CRM_STR("identity"), &refusal),
                     CRM_OK);
    assert_int_equal(crm_dialect_type(zoho(), CRM_STR_NULL,
                                      CRM_STR(" Identity "), &refusal),
                     CRM_OK);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_row(crm_dialect_type(zoho(), CRM_STR("application/json"),
                                    crm_strz(bad[i]), &refusal)
                   == CRM_EINVAL, bad[i]);
        assert_int_equal(refusal.kind, CRM_REFUSE_TYPE);
        assert_non_null(strstr(refusal.reason.data, "Content-Encoding"));
    }
}


static void
a_record_has_one_id(void **state)
{
    char    text[66];
    size_t  i;

    static const char *const  good[] = {
        "1", "0", "42", "4876876000000068001", "EXT9", "a-b_c", "x1",
        "c56a4180-65aa-42ec-a945-5fd21dec0538", "1a", "9-9", "_1"
    };
    static const char *const  bad[] = {
        "", "01", "00", "0x1f", "0e1", "-1", "+1", "1.0", "1e0", "1E5",
        "12e-3", " 1", "1 ", "1/2", "1%", "\xef\xbc\x91", "a.b", "a:b", "a,b",
        "a{b", "1\n", "."
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_row(crm_dialect_is_id(crm_strz(good[i])), good[i]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_row(!crm_dialect_is_id(crm_strz(bad[i])), bad[i]);
    }

    memset(text, '7', sizeof(text));
    assert_true(crm_dialect_is_id(crm_str(text, 64)));
    assert_false(crm_dialect_is_id(crm_str(text, 65)));
    assert_false(crm_dialect_is_id(CRM_STR("1\0")));
}


static void
text_of_a_client_is_made_utf8(void **state)
{
    size_t       i;
    crm_buf_t    buf;
    crm_pool_t  *pool;

    static const char *const  rows[][2] = {
        { "", "" }, { "plain", "plain" }, { "a\"b\\c\n", "a\\\"b\\\\c\\n" },
        { "\x01", "\\u0001" }, { "\xc3\xa4", "\xc3\xa4" },
        { "\xff", "\xef\xbf\xbd" }, { "a\xc3", "a\xef\xbf\xbd" },
        { "\xc3\xa4\xed\xa0\x80z",
          "\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz" },
        { "\xe2\x82\"", "\xef\xbf\xbd\xef\xbf\xbd\\\"" }
    };

    (void) state;

    pool = crm_test_pool();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        crm_buf_init(&buf, pool, 0);
        crm_dialect_put(&buf, crm_strz(rows[i][0]));
        assert_str(crm_buf_view(&buf), rows[i][1]);
    }

    crm_buf_init(&buf, pool, 0);
    crm_dialect_put(&buf, CRM_STR_NULL);
    assert_int_equal(buf.len, 0);

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(dialects_are_found_by_name),
    cmocka_unit_test(operations_have_names),
    cmocka_unit_test(json_in_utf8_is_judged_and_nothing_else),
    cmocka_unit_test(an_encoded_body_is_not_judged),
    cmocka_unit_test(a_record_has_one_id),
    cmocka_unit_test(text_of_a_client_is_made_utf8)
};


CRM_TEST_MAIN(tests)
