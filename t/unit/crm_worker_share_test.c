/*
 * How classes of jobs share a worker's room.
 *
 * What would break without it: fifty slow webhooks that keep a mail, or the
 * write of a record, from beginning.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "crm_worker_share.h"


static crm_cmd_class_t  classes[] = {
    { CRM_QUEUE_RECORDS, 0 }, { CRM_QUEUE_FUNCTIONS, 0 },
    { CRM_QUEUE_EMAILS, 0 }, { CRM_QUEUE_WEBHOOKS, 0 }
};

#define RECORDS   classes[0].max_jobs
#define EMAILS    classes[2].max_jobs
#define WEBHOOKS  classes[3].max_jobs


static void
a_class_leaves_the_others_their_share(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    (void) state;

    crm_worker_share(classes, 4, running, 50, 50, 50);
    assert_int_equal(WEBHOOKS, 41);
    assert_int_equal(RECORDS, 41);

    running[CRM_QUEUE_WEBHOOKS] = 41;
    crm_worker_share(classes, 4, running, 50, 9, 9);
    assert_int_equal(WEBHOOKS, 0);
    assert_int_equal(EMAILS, 3);

    running[CRM_QUEUE_EMAILS] = 3;
    crm_worker_share(classes, 4, running, 50, 6, 6);
    assert_int_equal(WEBHOOKS, 0);
    assert_int_equal(EMAILS, 0);
    assert_int_equal(RECORDS, 3);
}


static void
a_class_alone_has_all_of_it(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    (void) state;

    crm_worker_share(&classes[3], 1, running, 50, 50, 16);
    assert_int_equal(WEBHOOKS, 16);
}


static void
a_small_worker_keeps_nothing_back(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    (void) state;

    crm_worker_share(classes, 4, running, 4, 4, 4);
    assert_int_equal(WEBHOOKS, 4);
}


static void
one_endpoint_has_a_tenth_of_it_at_most(void **state)
{
    (void) state;

    assert_int_equal(crm_worker_share_endpoint(0, 1000), 4);
    assert_int_equal(crm_worker_share_endpoint(0, 50), 4);
    assert_int_equal(crm_worker_share_endpoint(0, 30), 3);
    assert_int_equal(crm_worker_share_endpoint(0, 3), 1);
    assert_int_equal(crm_worker_share_endpoint(50, 50), 50);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_class_leaves_the_others_their_share),
        cmocka_unit_test(a_class_alone_has_all_of_it),
        cmocka_unit_test(a_small_worker_keeps_nothing_back),
        cmocka_unit_test(one_endpoint_has_a_tenth_of_it_at_most),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
