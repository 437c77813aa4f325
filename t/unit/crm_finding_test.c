/*
 * Findings are what an administrator reads. They would fail by getting lost:
 * a rule set that is refused and nobody knows why, or one that is taken
 * because the mistake did not fit into memory.
 */

#include "crm_test.h"

#include "rules/crm_finding.h"


static void
findings_keep_their_order_and_their_texts(void **state)
{
    char             path[16] = "a.b";
    size_t           i;
    crm_pool_t      *pool;
    crm_findings_t   all;

    (void) state;

    pool = crm_test_pool();
    crm_findings_init(&all, pool);

    for (i = 0; i < 100; i++) {
        crm_findings_add(&all, i % 2 ? CRM_WARNING : CRM_ERROR, i, path,
                         i == 3, "code", i == 5 ? path : NULL, "number %zu",
                         i);
    }

    path[0] = 'x';                      /* what was given may go */

    assert_int_equal(all.count, 100);
    assert_int_equal(all.errors, 50);
    assert_int_equal(all.status, CRM_OK);

    assert_int_equal(all.items[0].severity, CRM_ERROR);
    assert_int_equal(all.items[3].severity, CRM_WARNING);
    assert_int_equal(all.items[3].at_key, 1);
    assert_int_equal(all.items[99].object, 99);
    assert_string_equal(all.items[99].path, "a.b");
    assert_string_equal(all.items[99].message, "number 99");
    assert_null(all.items[4].suggestion);
    assert_string_equal(all.items[5].suggestion, "a.b");

    crm_pool_destroy(pool);
}


/* A text of n letters and then others of two, three or four bytes each. */
static void
a_cut_text_ends_with_a_whole_letter(void **state)
{
    char             text[4096];
    size_t           i, n, len, size;
    crm_pool_t      *pool;
    const char      *said;
    crm_findings_t   all;

    static const char *const  letters[] = { "a", "é", "€", "😀" };

    (void) state;

    pool = crm_test_pool();
    crm_findings_init(&all, pool);

    for (n = 0; n < 16; n++) {
        size = strlen(letters[n / 4]);
        memset(text, 'x', n % 4);
        len = n % 4;

        for (i = 0; i < 600; i++) {
            memcpy(text + len, letters[n / 4], size);
            len += size;
        }
        text[len] = '\0';

        crm_findings_add(&all, CRM_ERROR, 0, "", 0, "c", NULL, "%s", text);
        said = all.items[n].message;

        assert_true(strlen(said) > 500);
        assert_int_equal((strlen(said) - n % 4) % size, 0);
        assert_memory_equal(said, text, strlen(said));
    }

    crm_findings_add(&all, CRM_ERROR, 0, "", 0, "c", NULL, "%s", "naïve é");
    assert_string_equal(all.items[16].message, "naïve é");
    crm_findings_add(&all, CRM_ERROR, 0, "", 0, "c", NULL, "%s", "");
    assert_string_equal(all.items[17].message, "");

    crm_pool_destroy(pool);
}


static crm_status_t
starve_findings(crm_pool_t *pool, void *data)
{
    size_t           i;
    crm_findings_t   all;

    (void) data;

    crm_findings_init(&all, pool);

    for (i = 0; i < 20; i++) {
        crm_findings_add(&all, CRM_ERROR, i, "some.path", 0, "code", "this",
                         "a sentence about number %zu", i);
    }

    assert_int_equal(all.errors, 20);       /* counted even when lost */

    for (i = 0; i < all.count; i++) {
        assert_non_null(all.items[i].path);
        assert_non_null(all.items[i].message);
        assert_non_null(all.items[i].suggestion);
    }

    assert_true(all.count == 20 || all.status == CRM_ENOMEM);

    return all.status;
}


static void
a_finding_that_finds_no_memory_is_not_forgotten(void **state)
{
    (void) state;

    crm_test_starve(starve_findings, NULL);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(findings_keep_their_order_and_their_texts),
    cmocka_unit_test(a_cut_text_ends_with_a_whole_letter),
    cmocka_unit_test(a_finding_that_finds_no_memory_is_not_forgotten),
};

CRM_TEST_MAIN(tests)
