/*
 * Names that repeat. A client may choose names whose hashes collide: it would
 * fail by missing a name among them, or by taking the square of their number.
 */

#include "crm_test.h"

#include "record/crm_scan_key.h"


/* Pair by pair these are 45 thousand million comparisons. */
#define KEYS  300000


static crm_scan_key_t *
keys_of(size_t count, uint32_t hash_mask, crm_pool_t *pool)
{
    size_t           i;
    crm_str_t        name;
    crm_scan_key_t  *keys;

    keys = crm_pool_calloc(pool, count, sizeof(crm_scan_key_t));
    assert_non_null(keys);

    for (i = 0; i < count; i++) {
        name = crm_pool_printf(pool, "%06zu", i);

        keys[i].data = name.data;
        keys[i].len = (uint32_t) name.len;
        keys[i].hash = crm_str_hash(name) & hash_mask;
        keys[i].at = (uint32_t) i * 10;
    }

    return keys;
}


static void
a_name_that_repeats_is_found_whatever_the_hashes(void **state)
{
    size_t                 i, count, first, second;
    uint64_t               seed;
    crm_pool_t            *pool;
    crm_scan_key_t        *keys;
    const crm_scan_key_t  *twice;

    static const uint32_t  masks[] = { 0xffffffff, 0xff, 0xfffff000, 1, 0 };

    (void) state;

    seed = 17;

    for (i = 0; i < 400; i++) {
        pool = crm_test_pool();
        count = 2 + crm_test_below(&seed, i % 20 ? 40 : 3000);
        keys = keys_of(count, masks[i % 5], pool);

        if (i % 7) {
            second = 1 + crm_test_below(&seed, (uint32_t) count - 1);
            first = crm_test_below(&seed, (uint32_t) second);

            keys[second].data = keys[first].data;
            keys[second].hash = keys[first].hash;

            twice = crm_scan_key_twice(keys, count);
            assert_non_null(twice);
            assert_int_equal(twice->at, second * 10);

        } else {
            assert_null(crm_scan_key_twice(keys, count));
        }

        crm_pool_destroy(pool);
    }

    assert_null(crm_scan_key_twice(NULL, 0));
}


static void
the_first_name_that_repeats_is_told(void **state)
{
    size_t                 i;
    crm_pool_t            *pool;
    crm_scan_key_t        *keys;
    const crm_scan_key_t  *twice;

    static const uint32_t  masks[] = { 0xffffffff, 0 };

    (void) state;

    for (i = 0; i < 2; i++) {
        pool = crm_test_pool();
        keys = keys_of(5000, masks[i], pool);

        keys[4999].data = keys[0].data;
        keys[4999].hash = keys[0].hash;
        keys[2000].data = keys[1999].data;
        keys[2000].hash = keys[1999].hash;
        keys[3000].data = keys[1999].data;
        keys[3000].hash = keys[1999].hash;

        twice = crm_scan_key_twice(keys, 5000);
        assert_non_null(twice);
        assert_int_equal(twice->at, 20000);

        crm_pool_destroy(pool);
    }
}


static void
colliding_names_do_not_cost_the_square(void **state)
{
    crm_pool_t      *pool;
    crm_scan_key_t  *keys;

    (void) state;

    pool = crm_test_pool();

    keys = keys_of(KEYS, 0, pool);
    assert_null(crm_scan_key_twice(keys, KEYS));

    keys = keys_of(KEYS, 0xffffe000, pool);
    assert_null(crm_scan_key_twice(keys, KEYS));

    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_name_that_repeats_is_found_whatever_the_hashes),
    cmocka_unit_test(the_first_name_that_repeats_is_told),
    cmocka_unit_test(colliding_names_do_not_cost_the_square)
};


CRM_TEST_MAIN(tests)
