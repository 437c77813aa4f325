/*
 * Fields sought one after the other. It would fail by another field than the
 * one of that name, by missing one behind where it goes on, or by looking at
 * each of thousands of fields for each of thousands of names.
 */

#include "crm_test.h"

#include "record/crm_finder.h"


#define MANY  20000


static crm_record_t *
record_of(crm_pool_t *pool, size_t count, size_t from, size_t step)
{
    size_t         i;
    crm_record_t  *record;

    record = crm_pool_calloc(pool, 1, sizeof(crm_record_t));
    assert_non_null(record);
    record->fields = crm_pool_calloc(pool, count + 1, sizeof(crm_field_t));
    assert_non_null(record->fields);
    record->count = count;

    for (i = 0; i < count; i++) {
        record->fields[i].name = crm_pool_printf(pool, "f%zu",
                                                 from + i * step);
        record->fields[i].hash = crm_str_hash(record->fields[i].name);
    }

    return record;
}


static void
each_name_is_found_where_it_stands(void **state)
{
    size_t              count, step, i, k;
    crm_pool_t         *pool;
    crm_finder_t        finder;
    crm_record_t       *in, *names;
    const crm_field_t  *found;

    (void) state;

    /* in order, only some of them, none of them, and backwards */

    for (count = 0; count < 200; count += count / 8 + 1) {
        for (step = 1; step < 4; step++) {
            pool = crm_test_pool();
            in = record_of(pool, count, 0, 1);
            names = record_of(pool, count + 2, step == 3 ? 1000 : 0, step);
            crm_finder_init(&finder, in, pool);

            for (i = 0; i < 2 * names->count; i++) {
                k = i < names->count ? i : 2 * names->count - 1 - i;

                assert_int_equal(crm_finder_find(&finder, &names->fields[k],
                                                 &found), CRM_OK);
                assert_ptr_equal(found, crm_record_field(in,
                                            names->fields[k].name));
            }

            crm_pool_destroy(pool);
        }
    }
}


static void
no_record_has_no_fields(void **state)
{
    crm_pool_t         *pool;
    crm_finder_t        finder;
    crm_record_t       *names;
    const crm_field_t  *found;

    (void) state;

    pool = crm_test_pool();
    names = record_of(pool, 1, 0, 1);
    crm_finder_init(&finder, NULL, pool);

    assert_int_equal(crm_finder_find(&finder, names->fields, &found), CRM_OK);
    assert_null(found);
    crm_pool_destroy(pool);
}


static void
fields_are_put_in_order_before_they_cost_their_square(void **state)
{
    size_t              i;
    crm_pool_t         *pool;
    crm_finder_t        finder;
    crm_record_t       *in, *names;
    const crm_field_t  *found;

    (void) state;

    pool = crm_test_pool();
    in = record_of(pool, MANY, 0, 1);
    names = record_of(pool, MANY, MANY, 1);
    crm_finder_init(&finder, in, pool);

    for (i = 0; i < MANY; i++) {
        assert_int_equal(crm_finder_find(&finder, &names->fields[i], &found),
                         CRM_OK);
        assert_null(found);

        if (i == 20) {
            assert_non_null(finder.index);
        }
    }

    /* those that stand as they are sought need no order */

    crm_finder_init(&finder, in, pool);

    for (i = 0; i < MANY; i++) {
        assert_int_equal(crm_finder_find(&finder, &in->fields[i], &found),
                         CRM_OK);
        assert_ptr_equal(found, &in->fields[i]);
    }

    assert_null(finder.index);
    crm_pool_destroy(pool);
}


static crm_status_t
starving_finder(crm_pool_t *pool, void *data)
{
    size_t              i;
    crm_status_t        rc;
    crm_finder_t        finder;
    crm_record_t       *names;
    const crm_field_t  *found;

    names = data;
    rc = CRM_OK;
    crm_finder_init(&finder, names, pool);

    for (i = names->count; rc == CRM_OK && i > 0; i--) {
        rc = crm_finder_find(&finder, &names->fields[i - 1], &found);
        assert_true(rc != CRM_OK || found == &names->fields[i - 1]);
    }

    return rc;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();
    crm_test_starve(starving_finder, record_of(pool, 500, 0, 1));
    crm_pool_destroy(pool);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(each_name_is_found_where_it_stands),
    cmocka_unit_test(no_record_has_no_fields),
    cmocka_unit_test(fields_are_put_in_order_before_they_cost_their_square),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
