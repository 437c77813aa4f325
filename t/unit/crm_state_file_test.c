/*
 * The state file as bytes: what is read back is what was written, and nothing
 * else is read. A process that believed a damaged one would judge by it.
 */

#include "crm_test.h"

#include "state/crm_state_file.h"


#define ORG  CRM_STR("acme")

static crm_pool_t        *pool;
static crm_error_t        err;
static crm_state_file_t   file;


static int
start(void **state)
{
    (void) state;
    pool = crm_pool_create(crm_host_malloc(), 0);
    return pool == NULL;
}


static int
end(void **state)
{
    (void) state;
    crm_pool_destroy(pool);
    return 0;
}


static crm_str_t
print(const char *org, const char *epoch, long long revision,
    const char *bundle)
{
    crm_buf_t         buf;
    crm_state_file_t  in;

    in.org = crm_strz(org);
    in.epoch = crm_strz(epoch);
    in.revision = revision;
    in.bundle = crm_strz(bundle);

    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_state_file_print(&buf, &in), CRM_OK);

    return crm_buf_view(&buf);
}


static void
what_was_written_is_read_back(void **state)
{
    (void) state;

    assert_int_equal(crm_state_file_parse(&file,
                     print("acme", "01EPOCH", 7, "{\n\n\"a\":\"b\"}\n"), ORG,
                     &err), CRM_OK);
    assert_str(file.org, "acme");
    assert_str(file.epoch, "01EPOCH");
    assert_int_equal(file.revision, 7);
    assert_str(file.bundle, "{\n\n\"a\":\"b\"}\n");

    assert_int_equal(crm_state_file_parse(&file,
                     print("acme", "an epoch", 999999999999999999LL, ""), ORG,
                     &err), CRM_OK);
    assert_int_equal(file.revision, 999999999999999999LL);
    assert_int_equal(file.bundle.len, 0);
}


static void
a_file_that_is_cut_anywhere_is_refused(void **state)
{
    size_t     i;
    crm_str_t  text;

    (void) state;
    text = print("acme", "E", 1, "{}");

    for (i = 0; i < text.len; i++) {
        assert_int_equal(crm_state_file_parse(&file, crm_str(text.data, i),
                                              ORG, &err), CRM_EINVAL);
        assert_true(err.text[0] != '\0');
    }
}


static void
a_file_with_any_other_byte_is_refused(void **state)
{
    char       *copy;
    size_t      i;
    crm_str_t   text;

    (void) state;
    text = print("acme", "E", 1, "{}");

    for (i = 0; i < text.len; i++) {
        copy = (char *) crm_pool_dup(pool, text).data;
        copy[i] ^= 1;
        assert_int_equal(crm_state_file_parse(&file, crm_str(copy, text.len),
                                              ORG, &err), CRM_EINVAL);
    }

    copy = crm_pool_alloc(pool, text.len + 1);
    memcpy(copy, text.data, text.len);
    copy[text.len] = ' ';
    assert_int_equal(crm_state_file_parse(&file, crm_str(copy, text.len + 1),
                                          ORG, &err), CRM_EINVAL);
}


static void
that_of_another_organisation_is_refused(void **state)
{
    (void) state;

    assert_int_equal(crm_state_file_parse(&file, print("acme2", "E", 1, "{}"),
                                          ORG, &err), CRM_EINVAL);
    assert_non_null(strstr(err.text, "another organisation"));
}


static void
one_without_a_revision_is_refused(void **state)
{
    (void) state;

    assert_int_equal(crm_state_file_parse(&file, print("acme", "E", 0, "{}"),
                                          ORG, &err), CRM_EINVAL);
}


static void
an_epoch_of_two_lines_is_not_written(void **state)
{
    crm_buf_t         buf;
    crm_state_file_t  in = { ORG, CRM_STR("a\nrevision 9"), 1, CRM_STR("{}") };

    (void) state;

    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_state_file_print(&buf, &in), CRM_EINVAL);
    assert_int_equal(buf.len, 0);
}


#define TEST(name)  cmocka_unit_test_setup_teardown(name, start, end)

int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(what_was_written_is_read_back),
        TEST(a_file_that_is_cut_anywhere_is_refused),
        TEST(a_file_with_any_other_byte_is_refused),
        TEST(that_of_another_organisation_is_refused),
        TEST(one_without_a_revision_is_refused),
        TEST(an_epoch_of_two_lines_is_not_written)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
