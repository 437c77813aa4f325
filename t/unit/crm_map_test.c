/*
 * String to pointer. It would fail by finding another's entry, by forgetting
 * one when it grows, or by an endless search in a full table.
 */

#include "crm_test.h"

#include "base/crm_map.h"


#define ENTRIES  3000


static void
entries_are_found_after_every_growth(void **state)
{
    size_t            i, j;
    crm_map_t         map;
    crm_str_t         key;
    crm_pool_t       *pool;
    crm_map_entry_t  *entry;

    (void) state;

    pool = crm_test_pool();
    crm_map_init(&map, pool);

    assert_int_equal(crm_map_room(&map, 100), CRM_OK);
    assert_in_range(map.cap, 100, 200);
    assert_int_equal(crm_map_room(&map, 10), CRM_OK);
    assert_in_range(map.cap, 100, 200);
    assert_int_equal(crm_map_room(&map, (size_t) -1), CRM_ENOMEM);

    assert_null(crm_map_find(&map, CRM_STR("k0")));
    assert_null(crm_map_find_hashed(&map, CRM_STR("k0"), 5));

    for (i = 0; i < ENTRIES; i++) {
        key = crm_pool_printf(pool, "k%zu", i);

        entry = crm_map_add(&map, key);
        assert_non_null(entry);
        assert_null(entry->value);
        entry->value = (void *) (i + 1);

        assert_null(crm_map_find(&map, CRM_STR("other")));

        if (i % 100 == 0) {
            for (j = 0; j <= i; j++) {
                entry = crm_map_find(&map,
                                     crm_pool_printf(pool, "k%zu", j));
                assert_non_null(entry);
                assert_int_equal((size_t) entry->value, j + 1);
            }
        }
    }

    assert_int_equal(map.count, ENTRIES);

    for (i = 0; i < ENTRIES; i++) {
        assert_int_equal((size_t) map.entries[i].value, i + 1);
    }

    crm_pool_destroy(pool);
}


static void
adding_twice_is_adding_once(void **state)
{
    crm_map_t         map;
    crm_pool_t       *pool;
    crm_map_entry_t  *entry;

    (void) state;

    pool = crm_test_pool();
    crm_map_init(&map, pool);

    entry = crm_map_add(&map, CRM_STR("a"));
    assert_non_null(entry);
    entry->value = &map;

    entry = crm_map_add(&map, CRM_STR("a"));
    assert_non_null(entry);
    assert_ptr_equal(entry->value, &map);
    assert_int_equal(map.count, 1);

    assert_non_null(crm_map_add(&map, CRM_STR("")));
    assert_non_null(crm_map_find(&map, CRM_STR("")));
    assert_null(crm_map_find(&map, CRM_STR("A")));
    assert_int_equal(map.count, 2);

    crm_pool_destroy(pool);
}


static crm_status_t
starving_map(crm_pool_t *pool, void *data)
{
    size_t     i;
    crm_map_t  map;

    static char  names[200];

    (void) data;

    memset(names, 'n', sizeof(names));
    crm_map_init(&map, pool);

    for (i = 0; i < sizeof(names); i++) {
        if (crm_map_add(&map, crm_str(names, i)) == NULL) {

            /* what was there is there */

            assert_int_equal(map.count, i);
            assert_true(i == 0
                        || crm_map_find(&map, crm_str(names, i - 1)));
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    (void) state;

    crm_test_starve(starving_map, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(entries_are_found_after_every_growth),
    cmocka_unit_test(adding_twice_is_adding_once),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
