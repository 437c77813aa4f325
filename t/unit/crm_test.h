/*
 * What cmocka lacks: memory that runs out at a chosen point and that must all
 * come back, strings with a length, random numbers that repeat.
 *
 * A test includes this file first. Its name is a sentence.
 */

#ifndef CRM_TEST_H
#define CRM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crm_buf.h"
#include "base/crm_pool.h"


/* Where the cases lie that are data; tests run in the repository's root. */
#ifndef CRM_TEST_DATA
#define CRM_TEST_DATA  "t/data"
#endif

/* The first block of a pool, and the alignment of its pieces. */
#define CRM_TEST_BLOCK  2048
#define CRM_TEST_STEP   16

#define CRM_TEST_STARVE_MAX  4096

#define CRM_TEST_MAIN(tests)                                                  \
    int                                                                       \
    main(void)                                                                \
    {                                                                         \
        cmocka_set_message_output(CM_OUTPUT_TAP);                             \
                                                                              \
        return cmocka_run_group_tests(tests, NULL, NULL);                     \
    }

#define assert_str(actual, expected)                                          \
    crm_test_str(actual, expected, __FILE__, __LINE__)

/* The same with a word about which row of a table failed. */
#define assert_row(condition, row)                                            \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fail_msg("%s: %s", (row), #condition);                            \
        }                                                                     \
    } while (0)


typedef struct {
    size_t  calls;
    size_t  fail_at;        /* this call and all behind it; 0: none */
    size_t  live;
} crm_test_memory_t;


static inline void *
crm_test_alloc(void *data, size_t size)
{
    void               *p;
    crm_test_memory_t  *memory;

    memory = data;
    memory->calls++;

    if (memory->fail_at && memory->calls >= memory->fail_at) {
        return NULL;
    }

    p = malloc(size);
    assert_non_null(p);
    memory->live++;

    return p;
}


static inline void
crm_test_free(void *data, void *p)
{
    crm_test_memory_t  *memory;

    memory = data;

    if (p != NULL) {
        memory->live--;
    }

    free(p);
}


/* A host over memory, which is cleared. */
static inline crm_host_t
crm_test_host(crm_test_memory_t *memory)
{
    crm_host_t  host;

    memset(memory, 0, sizeof(crm_test_memory_t));

    host.alloc = crm_test_alloc;
    host.free = crm_test_free;
    host.data = memory;

    return host;
}


static inline crm_pool_t *
crm_test_pool(void)
{
    crm_pool_t  *pool;

    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    return pool;
}


/*
 * Runs run with ever more memory until it succeeds: every piece it asks for
 * is refused once. It must say CRM_ENOMEM then, and CRM_OK in the end.
 */
static inline void
crm_test_starve(crm_status_t (*run)(crm_pool_t *pool, void *data),
    void *data)
{
    size_t              blocks, pad, failed;
    crm_host_t          host;
    crm_pool_t         *pool;
    crm_status_t        rc;
    crm_test_memory_t   memory;

    host = crm_test_host(&memory);

    for (blocks = 1; blocks < CRM_TEST_STARVE_MAX; blocks++) {
        failed = 0;

        for (pad = CRM_TEST_STEP; pad <= CRM_TEST_BLOCK;
             pad += CRM_TEST_STEP)
        {
            memory.calls = 0;
            memory.fail_at = blocks + 2;

            pool = crm_pool_create(&host, 0);
            assert_non_null(pool);

            /* what is left of the first block decides which piece fails */

            while (memory.calls < 2) {
                assert_non_null(crm_pool_alloc(pool, CRM_TEST_STEP));
            }
            if (pad > CRM_TEST_STEP) {
                assert_non_null(crm_pool_alloc(pool, pad - CRM_TEST_STEP));
            }

            rc = run(pool, data);
            crm_pool_destroy(pool);

            assert_int_equal(memory.live, 0);
            assert_true(rc == CRM_OK || rc == CRM_ENOMEM);

            failed += rc != CRM_OK;
        }

        if (failed == 0) {
            return;
        }
    }

    fail_msg("it never succeeds");
}


static inline void
crm_test_str(crm_str_t actual, const char *expected, const char *file,
    int line)
{
    if (actual.data == NULL || actual.len != strlen(expected)
        || memcmp(actual.data, expected, actual.len) != 0)
    {
        print_error("\"%.*s\" is not \"%s\"\n", (int) actual.len,
                    actual.data ? actual.data : "", expected);
        _fail(file, line);
    }
}


/* A generator that gives the same numbers in every run. */
static inline uint32_t
crm_test_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (*state >> 33);
}


/* A number below n. */
static inline uint32_t
crm_test_below(uint64_t *state, uint32_t n)
{
    return crm_test_random(state) % n;
}


/* How often a test of random cases tries: few, or CRM_TEST_ROUNDS of them. */
static inline long
crm_test_rounds(long few)
{
    const char  *rounds;

    rounds = getenv("CRM_TEST_ROUNDS");

    return rounds ? strtol(rounds, NULL, 10) : few;
}


/* Memory of exactly len bytes, so that a sanitizer sees a byte too far. */
static inline char *
crm_test_exact(const char *data, size_t len)
{
    char  *p;

    p = malloc(len ? len : 1);
    assert_non_null(p);

    if (len) {
        memcpy(p, data, len);
    }

    return p;
}

#endif
