/*
 * Base64: bytes come back as they were, in both alphabets; what is no letter
 * is refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crm_base64.h"


static const struct {
    const char  *bytes;
    const char  *mail;
    const char  *url;
} cases[] = {
    { "", "", "" },
    { "f", "Zg==", "Zg" },
    { "fo", "Zm8=", "Zm8" },
    { "foo", "Zm9v", "Zm9v" },
    { "foob", "Zm9vYg==", "Zm9vYg" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
    { "\xfb\xff\xbf", "+/+/", "-_-_" },
};


static void
check(const char *bytes, const char *text, crm_base64_t kind)
{
    crm_buf_t    buf;
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    crm_buf_init(&buf, pool, 0);
    crm_base64_encode(&buf, crm_strz(bytes), kind);
    assert_true(crm_str_is(crm_buf_view(&buf), text));

    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_base64_decode(&buf, crm_strz(text), kind), CRM_OK);
    assert_true(crm_str_is(crm_buf_view(&buf), bytes));

    crm_pool_destroy(pool);
}


static void
bytes_come_back_as_they_were(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(cases[i].bytes, cases[i].mail, CRM_BASE64);
        check(cases[i].bytes, cases[i].url, CRM_BASE64_URL);
    }
}


static void
what_is_no_letter_is_refused(void **state)
{
    size_t       i;
    crm_buf_t    buf;
    crm_pool_t  *pool;

    static const char *const  wrong[] = { "Zg=a", "Z g", "Zm\n", "-_-_", "Z*" };

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        crm_buf_init(&buf, pool, 0);
        assert_int_equal(crm_base64_decode(&buf, crm_strz(wrong[i]),
                                           CRM_BASE64), CRM_EINVAL);
    }

    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_base64_decode(&buf, crm_strz("+/+/"),
                                       CRM_BASE64_URL), CRM_EINVAL);

    crm_pool_destroy(pool);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(bytes_come_back_as_they_were),
        cmocka_unit_test(what_is_no_letter_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
