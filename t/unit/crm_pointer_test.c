/*
 * Pointers into JSON. They would fail by reading another id than the one that
 * the backend reads, or by going on for ever.
 */

#include "crm_test.h"

#include "record/crm_pointer.h"


static void
lead(const char *text, const char *json, const char *expected)
{
    crm_buf_t            buf;
    crm_pool_t          *pool;
    crm_scan_t           scan;
    crm_span_t           root, value;
    crm_pointer_t        pointer;
    crm_pointer_walk_t   walk;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    assert_row(crm_pointer_parse(&pointer, crm_strz(text), pool, NULL)
               == CRM_OK, text);

    crm_scan_init(&scan, crm_strz(json), NULL, pool);
    assert_row(crm_scan_value(&scan, &root, NULL) == CRM_OK, json);

    crm_buf_init(&buf, pool, 0);
    crm_pointer_walk(&walk, &pointer, root);

    while (crm_pointer_next(&walk, &value)) {
        crm_buf_putc(&buf, ' ');
        crm_buf_str(&buf, crm_span_raw(value));
    }

    assert_false(crm_pointer_next(&walk, &value));
    crm_buf_putc(&buf, '\0');
    assert_row(strcmp(buf.data, expected) == 0, text);
    crm_pool_destroy(pool);
}


static void
a_pointer_leads_to_its_values_in_order(void **state)
{
    (void) state;

    lead("", "{\"a\":1}", " {\"a\":1}");
    lead("/a", "{\"a\":1}", " 1");
    lead("/a/b", "{\"a\":{\"b\":[2]}}", " [2]");
    lead("/a", "{\"b\":1}", "");
    lead("/a/b", "{\"a\":[1]}", "");
    lead("/a/1", "{\"a\":[1,2]}", " 2");
    lead("/a/01", "{\"a\":[1,2]}", "");
    lead("/a/2", "{\"a\":[1,2]}", "");
    lead("/a/99999999999", "{\"a\":[1,2]}", "");
    lead("/*", "[1,[2],3]", " 1 [2] 3");
    lead("/*/id", "[{\"id\":1},{},{\"id\":3},4]", " 1 3");
    lead("/d/*/x/*", "{\"d\":[{\"x\":[1,2]},{\"x\":[]},{\"x\":[3]}]}",
         " 1 2 3");
    lead("/d/*/id", "{\"d\":{\"made\":{\"id\":5}}}", " 5");
    lead("/a~1b/c~0", "{\"a/b\":{\"c~\":7}}", " 7");
    lead("/St\303\244ge", "{\"St\\u00e4ge\":7}", " 7");
    lead("/", "{\"\":7}", " 7");
    lead("/n", "{\"n\":1234567890123456789}", " 1234567890123456789");
}


static void
what_is_no_pointer_is_said(void **state)
{
    size_t          i;
    crm_error_t     err;
    crm_pool_t     *pool;
    crm_pointer_t   pointer;

    static const char *const  bad[] = {
        "a", "a/b", "/a~", "/a~2", "/1/2/3/4/5/6/7/8/9"
    };

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_row(crm_pointer_parse(&pointer, crm_strz(bad[i]), pool, &err)
                   == CRM_EINVAL, bad[i]);
        assert_row(err.text[0] != '\0', bad[i]);
    }

    crm_pool_destroy(pool);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_pointer_leads_to_its_values_in_order),
        cmocka_unit_test(what_is_no_pointer_is_said)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
