/*
 * The kinds as a whole: the bundles of the fuzzer's seeds, which hold each of
 * them. They would fail by a kind that takes memory's end for a good rule.
 */

#include "crm_rules_make.h"

#include "rules/crm_kind.h"


#define SEEDS  "t/fuzz/seeds/crm_rules_fuzz/"


static const char *const  seeds[] = {
    SEEDS "people.json", SEEDS "gates.json", SEEDS "leads.json",
};

#define SEED_COUNT  (sizeof(seeds) / sizeof(seeds[0]))

static size_t  json_calls;
static size_t  json_fail_at;


static void *
json_starved(size_t size)
{
    json_calls++;

    return json_fail_at && json_calls >= json_fail_at ? NULL : malloc(size);
}


/* The bundle of a file behind so many profiles, which shift what is left of
 * the pool's blocks. */
static json_t *
bundle_of(const char *path, unsigned pad)
{
    json_t        *bundle, *object;
    json_error_t   err;

    bundle = json_load_file(path, 0, &err);
    if (bundle == NULL) {
        fail_msg("%s: %s", path, err.text);
    }

    while (pad--) {
        object = json_pack("{s:{s:s, s:o}}", "object", "kind", "profile",
                           "name", json_sprintf("pad %u", pad));
        assert_int_equal(json_array_insert_new(json_object_get(bundle,
                             "objects"), 0, object), 0);
    }

    return bundle;
}


/* Whether a set came of it; else it is said that memory ran out. */
static int
compiles(json_t *bundle, const crm_host_t *host)
{
    int              done;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    pool = crm_test_pool();
    crm_findings_init(&findings, pool);

    rules = crm_ruleset_create(bundle, 1, host, &findings);
    done = rules != NULL;

    if (findings.errors) {
        crm_make_print(&findings);
    }

    assert_int_equal(findings.errors, 0);
    assert_int_equal(findings.status, done ? CRM_OK : CRM_ENOMEM);

    crm_ruleset_release(rules);
    crm_pool_destroy(pool);

    return done;
}


static void
memory_may_run_out_at_any_point(void **state)
{
    size_t              i;
    json_t             *bundle;
    unsigned            pad;
    crm_host_t          host;
    crm_test_memory_t   memory;

    (void) state;
    host = crm_test_host(&memory);

    for (i = 0; i < SEED_COUNT; i++) {
        for (pad = 0; pad < 24; pad++) {
            bundle = bundle_of(seeds[i], pad);
            memory.fail_at = 0;

            do {
                memory.fail_at++;
                memory.calls = 0;
            } while (!compiles(bundle, &host));

            assert_int_equal(memory.live, 0);
            json_decref(bundle);
        }
    }
}


static void
jansson_may_run_out_at_any_point(void **state)
{
    size_t   i;
    json_t  *bundle;

    (void) state;

    for (i = 0; i < SEED_COUNT; i++) {
        bundle = bundle_of(seeds[i], 0);
        json_set_alloc_funcs(json_starved, free);
        json_fail_at = 0;

        do {
            json_fail_at++;
            json_calls = 0;
        } while (!compiles(bundle, crm_host_malloc()));

        json_fail_at = 0;
        json_set_alloc_funcs(malloc, free);
        json_decref(bundle);
    }
}


static void
every_kind_says_what_it_is(void **state)
{
    size_t             i, k, count;
    const crm_kind_t  *rows;

    (void) state;
    rows = crm_kind_rows(&count);

    for (i = 0; i < count; i++) {
        assert_row(rows[i].about && rows[i].keys, rows[i].name);

        for (k = 0; rows[i].keys[k].name; k++) {
            assert_row(rows[i].keys[k].about, rows[i].keys[k].name);
        }

        assert_row(k <= CRM_SHAPE_MAX_KEYS, rows[i].name);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(memory_may_run_out_at_any_point),
    cmocka_unit_test(jansson_may_run_out_at_any_point),
    cmocka_unit_test(every_kind_says_what_it_is),
};

CRM_TEST_MAIN(tests)
