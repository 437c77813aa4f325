/*
 * Ids as a backend reads them. They would fail by taking two spellings of one
 * record for two records: a lock that is keyed by one is passed by the other.
 */

#include "crm_test.h"

#include "record/crm_idform.h"


static void
ids_have_one_canonical_form(void **state)
{
    size_t         i;
    crm_str_t      id;
    crm_pool_t    *pool;
    crm_idform_t   form;
    crm_status_t   rc;

    static const struct {
        const char  *form;
        const char  *text;
        const char  *id;        /* NULL: names no record */
    } rows[] = {
        { "string", "a-B_9", "a-B_9" }, { "string", "17", "17" },
        { "string", "017", NULL }, { "string", "1e3", NULL },
        { "string", "a b", NULL }, { "string", "", NULL },
        { "int", "17", "17" }, { "int", "0017", "17" }, { "int", "0", "0" },
        { "int", "000", "0" }, { "int", "-1", NULL }, { "int", "1e3", NULL },
        { "int", "1x", NULL },
        { "lower", "AbC", "abc" }, { "lower", "66F0E", "66f0e" },
        { "lower", "6650123456789e012", "6650123456789e012" },
        { "lower", "a.b", NULL },
        { "sf18", "001D000000IqhSL", "001D000000IqhSLIAZ" },
        { "sf18", "001D000000IqhSLIAZ", "001D000000IqhSLIAZ" },
        { "sf18", "001D000000IqhSLIAA", NULL }, { "sf18", "001D", NULL },
        { "regex:[0-9]+x[0-9]+", "10x3", "10x3" },
        { "regex:[0-9]+x[0-9]+", "10x", NULL },
        { "regex:[0-9]+x[0-9]+", "a10x3", NULL },
        { "regex:[0-9]+x[0-9]+", "10x3 ", NULL },
        { "regex:[0-9a-f]{4}", "00ff", "00ff" },
        { "regex:[0-9a-f]{4}", "00f", NULL },
        { "regex:[0-9a-f]{4}", "00fff", NULL },
        { "regex:a?b*c{1,2}", "c", "c" },
        { "regex:a?b*c{1,2}", "abbcc", "abbcc" },
        { "regex:a?b*c{1,2}", "aac", NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_pool_create(crm_host_malloc(), 0);
        assert_non_null(pool);

        assert_row(crm_idform_parse(&form, crm_strz(rows[i].form), pool, NULL)
                   == CRM_OK, rows[i].form);
        rc = crm_idform_apply(&form, &id, crm_strz(rows[i].text), pool);

        if (rows[i].id) {
            assert_row(rc == CRM_OK, rows[i].text);
            assert_row(crm_str_is(id, rows[i].id), rows[i].text);

        } else {
            assert_row(rc == CRM_EINVAL, rows[i].text);
        }

        crm_pool_destroy(pool);
    }
}


static void
what_is_no_form_is_said(void **state)
{
    size_t         i;
    crm_error_t    err;
    crm_pool_t    *pool;
    crm_idform_t   form;

    static const char *const  bad[] = {
        "", "number", "regex:", "regex:[", "regex:[9-0]", "regex:a{",
        "regex:a{2,1}", "regex:a{99}", "regex:(a)", "regex:.", "regex:*",
        "regex:abcdefghijklmnopq"
    };

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_row(crm_idform_parse(&form, crm_strz(bad[i]), pool, &err)
                   == CRM_EINVAL, bad[i]);
        assert_row(err.text[0] != '\0', bad[i]);
    }

    crm_pool_destroy(pool);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(ids_have_one_canonical_form),
        cmocka_unit_test(what_is_no_form_is_said)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
