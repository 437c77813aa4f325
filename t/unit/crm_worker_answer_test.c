/*
 * Answers that are read: half of one, or one that is compressed, taken for the
 * whole would settle a write by what the backend never said.
 */

#include "crm_test.h"

#include "crm_worker_answer.h"


static crm_pool_t           *pool;
static crm_worker_answer_t   answer;


static int
setup(void **state)
{
    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);
    crm_worker_answer_init(&answer, pool, 8);

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    crm_pool_destroy(pool);

    return 0;
}


static void
header(const char *line)
{
    assert_true(crm_worker_answer_header(&answer, crm_strz(line)));
}


static void
event_is(const char *text)
{
    assert_int_equal(answer.event.len, strlen(text));
    assert_true(crm_str_is(answer.event, text));
}


static void
a_body_is_kept_up_to_its_limit(void **state)
{
    (void) state;

    assert_true(crm_worker_answer_body(&answer, CRM_STR("abcd")));
    assert_true(crm_worker_answer_body(&answer, CRM_STR("efgh")));
    assert_true(crm_str_is(crm_buf_view(&answer.body), "abcdefgh"));
    assert_false(answer.too_large);

    assert_false(crm_worker_answer_body(&answer, CRM_STR("i")));
    assert_true(answer.too_large);
    assert_false(crm_worker_answer_body(&answer, CRM_STR("")));
}


static void
the_event_is_found_whatever_its_case(void **state)
{
    (void) state;

    header("HTTP/1.1 200 OK\r\n");
    header("Content-Type: application/json\r\n");
    assert_null(answer.event.data);
    header("cRM-eVENT: \t 01JD000 \t\r\n");
    event_is("01JD000");
}


static void
other_headers_are_not_the_event(void **state)
{
    (void) state;

    header("CRM-Event-State: pending\r\n");
    header("X-CRM-Event: 1\r\n");
    header("CRM-Event\r\n");
    header("\r\n");
    header("CRM-Event: 0123456789012345678901234567890123456789"
           "0123456789012345678901234\r\n");
    assert_null(answer.event.data);

    header("CRM-Event:\r\n");
    event_is("");
}


static void
an_answer_before_the_last_says_nothing(void **state)
{
    (void) state;

    header("HTTP/1.1 103 Early Hints\r\n");
    header("CRM-Event: early\r\n");
    header("Content-Encoding: gzip\r\n");
    header("HTTP/1.1 200 OK\r\n");
    assert_null(answer.event.data);
    assert_false(answer.encoded);
}


static void
whatever_is_encoded_is_seen(void **state)
{
    (void) state;

    header("Content-Encoding: identity\r\n");
    assert_false(answer.encoded);
    header("Content-Encoding:\r\n");
    assert_false(answer.encoded);
    header("content-encoding: br\r\n");
    assert_true(answer.encoded);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(a_body_is_kept_up_to_its_limit,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(the_event_is_found_whatever_its_case,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(other_headers_are_not_the_event,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_before_the_last_says_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(whatever_is_encoded_is_seen,
                                        setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
