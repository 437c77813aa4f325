/*
 * The host of the programs: malloc() and free().
 */

#include "crm_test.h"


static void
memory_comes_and_goes(void **state)
{
    char              *p;
    const crm_host_t  *host;

    (void) state;

    host = crm_host_malloc();
    assert_non_null(host);
    assert_ptr_equal(host, crm_host_malloc());

    p = host->alloc(host->data, 100);
    assert_non_null(p);
    memset(p, 1, 100);
    host->free(host->data, p);
    host->free(host->data, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(memory_comes_and_goes)
};


CRM_TEST_MAIN(tests)
