/*
 * Memory of requests, rule sets and jobs. It would fail by lending one piece
 * twice, by keeping a block, or by lending more than its ceiling.
 */

#include "crm_test.h"


#define PIECES  500


typedef struct {
    int  order[8];
    int  count;
} ends_t;

typedef struct {
    ends_t  *ends;
    int      number;
} end_t;


static void
ended(void *data)
{
    end_t  *end;

    end = data;
    end->ends->order[end->ends->count++] = end->number;
}


static void
pieces_are_aligned_and_do_not_overlap(void **state)
{
    int                 i;
    size_t              j, size[PIECES];
    uint64_t            seed;
    crm_host_t          host;
    crm_pool_t         *pool;
    unsigned char      *piece[PIECES];
    crm_test_memory_t   memory;

    (void) state;

    seed = 1;
    host = crm_test_host(&memory);
    pool = crm_pool_create(&host, 0);
    assert_non_null(pool);

    for (i = 0; i < PIECES; i++) {
        size[i] = crm_test_below(&seed, i % 50 ? 300 : 100000);
        piece[i] = crm_pool_alloc(pool, size[i]);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t) piece[i] % sizeof(void *), 0);
        memset(piece[i], i & 255, size[i]);
    }

    for (i = 0; i < PIECES; i++) {
        for (j = 0; j < size[i]; j++) {
            assert_int_equal(piece[i][j], i & 255);
        }
    }

    crm_pool_destroy(pool);
    assert_int_equal(memory.live, 0);
}


static void
a_pool_lends_no_more_than_its_ceiling(void **state)
{
    size_t       lent;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_pool_create(crm_host_malloc(), 100000);
    assert_non_null(pool);

    for (lent = 0; crm_pool_alloc(pool, 1000) != NULL; lent += 1000) {
        assert_true(lent <= 100000);
    }

    assert_true(lent > 30000);
    assert_null(crm_pool_alloc(pool, 100001));
    assert_null(crm_pool_alloc(pool, (size_t) -1));
    assert_null(crm_pool_alloc(pool, (size_t) -20));

    crm_pool_destroy(pool);
}


static void
counts_that_overflow_get_no_memory(void **state)
{
    char        *p;
    size_t       i;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    assert_null(crm_pool_calloc(pool, (size_t) -1 / 2, 3));
    assert_null(crm_pool_calloc(pool, (size_t) -1, (size_t) -1));
    assert_non_null(crm_pool_calloc(pool, 0, 8));
    assert_non_null(crm_pool_calloc(pool, 8, 0));

    p = crm_pool_calloc(pool, 1000, 7);
    for (i = 0; i < 7000; i++) {
        assert_int_equal(p[i], 0);
    }

    crm_pool_destroy(pool);
}


static void
copies_end_in_a_zero_byte(void **state)
{
    int          i;
    crm_str_t    s;
    crm_pool_t  *pool;

    (void) state;

    pool = crm_test_pool();

    s = crm_pool_dup(pool, CRM_STR("a\0b"));
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.data, "a\0b", 4);

    s = crm_pool_dup(pool, CRM_STR_NULL);
    assert_non_null(s.data);
    assert_int_equal(s.len, 0);
    assert_int_equal(s.data[0], '\0');

    s = crm_pool_printf(pool, "%s-%d", "x", 42);
    assert_str(s, "x-42");
    assert_int_equal(s.data[4], '\0');

    for (i = 250; i < 260; i++) {
        s = crm_pool_printf(pool, "%*d", i, 7);
        assert_int_equal(s.len, i);
        assert_int_equal(s.data[i - 1], '7');
        assert_int_equal(s.data[i], '\0');
    }

    s = crm_pool_printf(pool, "%5000d", 1);
    assert_int_equal(s.len, 5000);

    crm_pool_destroy(pool);
}


static void
ends_run_last_first_and_once(void **state)
{
    int          i;
    end_t        end[3];
    ends_t       ends;
    crm_pool_t  *pool;

    (void) state;

    memset(&ends, 0, sizeof(ends_t));
    pool = crm_test_pool();

    for (i = 0; i < 3; i++) {
        end[i].ends = &ends;
        end[i].number = i;
        assert_int_equal(crm_pool_on_destroy(pool, ended, &end[i]), CRM_OK);
    }

    assert_int_equal(ends.count, 0);
    crm_pool_destroy(pool);

    assert_int_equal(ends.count, 3);
    assert_int_equal(ends.order[0], 2);
    assert_int_equal(ends.order[2], 0);
}


static void
an_end_that_cannot_be_kept_runs_at_once(void **state)
{
    end_t               end;
    ends_t              ends;
    crm_host_t          host;
    crm_pool_t         *pool;
    crm_test_memory_t   memory;

    (void) state;

    memset(&ends, 0, sizeof(ends_t));
    end.ends = &ends;
    end.number = 7;

    host = crm_test_host(&memory);
    memory.fail_at = 2;

    pool = crm_pool_create(&host, 0);
    assert_non_null(pool);

    assert_int_equal(crm_pool_on_destroy(pool, ended, &end), CRM_ENOMEM);
    assert_int_equal(ends.count, 1);

    crm_pool_destroy(pool);
    assert_int_equal(ends.count, 1);
    assert_int_equal(memory.live, 0);
}


static void
a_kept_pool_ends_with_its_last_owner(void **state)
{
    char               *p;
    ends_t              ends;
    end_t               end;
    crm_host_t          host;
    crm_pool_t         *pool;
    crm_test_memory_t   memory;

    (void) state;

    host = crm_test_host(&memory);
    pool = crm_pool_create(&host, 0);
    assert_non_null(pool);
    memset(&ends, 0, sizeof(ends_t));
    end.ends = &ends;
    end.number = 1;
    assert_int_equal(crm_pool_on_destroy(pool, ended, &end), CRM_OK);

    p = crm_pool_alloc(pool, 100 * 1024);
    assert_non_null(p);
    memset(p, 'x', 100 * 1024);

    crm_pool_keep(pool);
    crm_pool_keep(pool);
    crm_pool_destroy(pool);
    crm_pool_destroy(pool);
    assert_int_equal(ends.count, 0);
    assert_int_equal(p[100 * 1024 - 1], 'x');

    crm_pool_destroy(pool);
    assert_int_equal(ends.count, 1);
    assert_int_equal(memory.live, 0);
}


static void
a_pool_knows_its_own_bytes(void **state)
{
    char               *small, *large, other[64];
    crm_host_t          host;
    crm_pool_t         *pool;
    crm_test_memory_t   memory;

    (void) state;

    host = crm_test_host(&memory);
    pool = crm_pool_create(&host, 0);
    assert_non_null(pool);
    assert_false(crm_pool_holds(pool, other));

    small = crm_pool_alloc(pool, 16);
    large = crm_pool_alloc(pool, 1024 * 1024);
    assert_non_null(small);
    assert_non_null(large);

    assert_true(crm_pool_holds(pool, small));
    assert_true(crm_pool_holds(pool, small + 15));
    assert_true(crm_pool_holds(pool, large));
    assert_true(crm_pool_holds(pool, large + 1024 * 1024 - 1));
    assert_false(crm_pool_holds(pool, large + 1024 * 1024));
    assert_false(crm_pool_holds(pool, other));
    assert_false(crm_pool_holds(pool, NULL));

    crm_pool_destroy(pool);
    assert_int_equal(memory.live, 0);
}


static crm_status_t
starving_pool(crm_pool_t *pool, void *data)
{
    int        i;
    crm_str_t  s;

    (void) data;

    for (i = 0; i < 200; i++) {
        s = crm_pool_printf(pool, "%*d", i * 10, i);
        if (s.data == NULL) {
            return CRM_ENOMEM;
        }
    }

    return crm_pool_dup(pool, s).data ? CRM_OK : CRM_ENOMEM;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    crm_host_t          host;
    crm_test_memory_t   memory;

    (void) state;

    crm_test_starve(starving_pool, NULL);

    host = crm_test_host(&memory);
    memory.fail_at = 1;
    assert_null(crm_pool_create(&host, 0));

    crm_pool_destroy(NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
    cmocka_unit_test(a_pool_lends_no_more_than_its_ceiling),
    cmocka_unit_test(counts_that_overflow_get_no_memory),
    cmocka_unit_test(copies_end_in_a_zero_byte),
    cmocka_unit_test(ends_run_last_first_and_once),
    cmocka_unit_test(an_end_that_cannot_be_kept_runs_at_once),
    cmocka_unit_test(a_kept_pool_ends_with_its_last_owner),
    cmocka_unit_test(a_pool_knows_its_own_bytes),
    cmocka_unit_test(memory_may_run_out_at_any_point)
};


CRM_TEST_MAIN(tests)
