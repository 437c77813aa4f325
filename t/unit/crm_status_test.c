/*
 * Errors that a person can mend: filled in one statement, never overrun.
 */

#include "crm_test.h"


static void
an_error_is_filled_and_its_code_returned(void **state)
{
    crm_error_t  err;

    (void) state;

    assert_int_equal(crm_error_set(&err, CRM_EINVAL, 17, "$.data",
                                   "score must be %d", 5), CRM_EINVAL);
    assert_int_equal(err.code, CRM_EINVAL);
    assert_int_equal(err.offset, 17);
    assert_string_equal(err.where, "$.data");
    assert_string_equal(err.text, "score must be 5");

    assert_int_equal(crm_error_set(&err, CRM_ELIMIT, CRM_NO_OFFSET, NULL,
                                   "x"), CRM_ELIMIT);
    assert_string_equal(err.where, "");

    assert_int_equal(crm_error_set(NULL, CRM_ENOMEM, 0, "", "x"),
                     CRM_ENOMEM);
}


static void
long_texts_are_cut(void **state)
{
    char          text[1000];
    crm_error_t   err;

    (void) state;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    crm_error_set(&err, CRM_EINVAL, 0, text, "%s", text);

    assert_int_equal(strlen(err.where), sizeof(err.where) - 1);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(an_error_is_filled_and_its_code_returned),
    cmocka_unit_test(long_texts_are_cut)
};


CRM_TEST_MAIN(tests)
