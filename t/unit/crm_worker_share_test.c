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
a_class_alone_has_all_of_it(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    (void) state;

    assert_int_equal(crm_worker_share(classes, 4, running, 50, 0, 50), 50);
    assert_int_equal(WEBHOOKS, 50);
    assert_int_equal(RECORDS, 50);

    assert_int_equal(crm_worker_share(classes, 4, running, 50, 0, 16), 16);
    assert_int_equal(WEBHOOKS, 16);
}


static void
the_others_have_their_share_on_top(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    (void) state;

    running[CRM_QUEUE_WEBHOOKS] = 50;
    assert_int_equal(crm_worker_share(classes, 4, running, 50, 50, 16), 9);
    assert_int_equal(WEBHOOKS, 0);
    assert_int_equal(EMAILS, 3);
    assert_int_equal(RECORDS, 3);

    running[CRM_QUEUE_EMAILS] = 3;
    assert_int_equal(crm_worker_share(classes, 4, running, 50, 53, 16), 6);
    assert_int_equal(WEBHOOKS, 0);
    assert_int_equal(EMAILS, 0);
    assert_int_equal(RECORDS, 3);

    /* and give way, when there is room again, to nobody */

    running[CRM_QUEUE_WEBHOOKS] = 46;
    assert_int_equal(crm_worker_share(classes, 4, running, 50, 49, 16), 6);
    assert_int_equal(WEBHOOKS, 1);
    assert_int_equal(EMAILS, 1);
}


static void
what_others_have_asked_for_may_be_theirs(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    (void) state;

    running[CRM_QUEUE_WEBHOOKS] = 41;
    assert_int_equal(crm_worker_share(classes, 4, running, 50, 50, 16), 0);
    assert_int_equal(crm_worker_share(classes, 4, running, 50, 48, 16), 2);
    assert_int_equal(EMAILS, 2);
}


static void
the_background_has_half_of_it_at_most(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    crm_cmd_class_t  both[] = {
        { CRM_QUEUE_RECORDS, 0 }, { CRM_QUEUE_SCORES, 0 }
    };

    (void) state;

    assert_int_equal(crm_worker_share(both, 2, running, 50, 0, 50), 50);
    assert_int_equal(both[0].max_jobs, 50);
    assert_int_equal(both[1].max_jobs, 25);

    running[CRM_QUEUE_SCORES] = 25;
    assert_int_equal(crm_worker_share(both, 2, running, 50, 25, 50), 25);
    assert_int_equal(both[0].max_jobs, 25);
    assert_int_equal(both[1].max_jobs, 0);

    running[CRM_QUEUE_SCORES] = 0;
    (void) crm_worker_share(both, 2, running, 1, 0, 50);
    assert_int_equal(both[1].max_jobs, 1);
}


static void
a_small_worker_gives_nothing_on_top(void **state)
{
    unsigned  running[CRM_QUEUE_COUNT] = { 0 };

    (void) state;

    assert_int_equal(crm_worker_share(classes, 4, running, 4, 0, 16), 4);
    assert_int_equal(WEBHOOKS, 4);

    running[CRM_QUEUE_WEBHOOKS] = 4;
    assert_int_equal(crm_worker_share(classes, 4, running, 4, 4, 16), 0);
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
        cmocka_unit_test(a_class_alone_has_all_of_it),
        cmocka_unit_test(the_others_have_their_share_on_top),
        cmocka_unit_test(what_others_have_asked_for_may_be_theirs),
        cmocka_unit_test(the_background_has_half_of_it_at_most),
        cmocka_unit_test(a_small_worker_gives_nothing_on_top),
        cmocka_unit_test(one_endpoint_has_a_tenth_of_it_at_most),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
