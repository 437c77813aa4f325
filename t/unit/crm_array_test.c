/*
 * Pointers in a row. It would fail if one were lost where the row grows.
 */

#include "crm_test.h"

#include "base/crm_array.h"


static int
backwards(const void *a, const void *b)
{
    const int  *x = *(int *const *) a;
    const int  *y = *(int *const *) b;

    return *y - *x;
}


static void
items_stay_in_their_order_until_they_are_sorted(void **state)
{
    int           i, numbers[100];
    crm_pool_t   *pool;
    crm_array_t   array;

    (void) state;
    pool = crm_test_pool();
    memset(&array, 0, sizeof(crm_array_t));

    crm_array_sort(&array, backwards);
    assert_int_equal(array.count, 0);

    for (i = 0; i < 100; i++) {
        numbers[i] = i;
        assert_int_equal(crm_array_push(&array, &numbers[i], pool), CRM_OK);
    }

    assert_int_equal(array.count, 100);

    for (i = 0; i < 100; i++) {
        assert_ptr_equal(array.items[i], &numbers[i]);
    }

    crm_array_sort(&array, backwards);
    assert_ptr_equal(array.items[0], &numbers[99]);
    assert_ptr_equal(array.items[99], &numbers[0]);

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(items_stay_in_their_order_until_they_are_sorted),
};

CRM_TEST_MAIN(tests)
