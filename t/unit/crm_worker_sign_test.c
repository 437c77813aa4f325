/*
 * Signatures. Receivers check them with other people's libraries: a byte that
 * is wrong here and every webhook is refused there.
 */

#include "crm_test.h"

#include "crm_worker_sign.h"


static crm_worker_sign_keys_t  keys;
static crm_error_t             err;


/* The signature of a message under the secrets, or the empty string. */
static const char *
sign(const char *secrets, const char *id, long long at, const char *body)
{
    crm_str_t    value;
    crm_pool_t  *pool;
    static char  copy[4096];

    copy[0] = '\0';
    pool = crm_pool_create(crm_host_malloc(), 0);
    assert_non_null(pool);

    if (crm_worker_sign_parse(&keys, crm_strz(secrets), &err) == CRM_OK
        && crm_worker_sign_value(&value, &keys, crm_strz(id), at,
                                 crm_strz(body), pool)
           == CRM_OK)
    {
        assert_int_equal(value.data[value.len], '\0');
        snprintf(copy, sizeof(copy), "%s", value.data);
    }

    crm_pool_destroy(pool);

    return copy;
}


static void
published_examples_come_out_as_published(void **state)
{
    (void) state;

    assert_string_equal(sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                             "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                             "{\"test\": 2432232314}"),
                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}


static void
a_secret_without_the_prefix_is_taken_as_it_stands(void **state)
{
    const char  *raw, *encoded;
    char         copy[256];

    (void) state;

    raw = sign("secret", "id", 1, "body");
    snprintf(copy, sizeof(copy), "%s", raw);
    encoded = sign("whsec_c2VjcmV0", "id", 1, "body");

    assert_string_equal(copy, encoded);
    assert_true(strlen(copy) == strlen("v1,") + 44);
}


static void
padding_may_be_left_out(void **state)
{
    char  copy[256];

    (void) state;

    snprintf(copy, sizeof(copy), "%s", sign("whsec_YQ==", "i", 1, ""));
    assert_string_equal(sign("whsec_YQ", "i", 1, ""), copy);
    assert_int_equal(strlen(copy), 47);
}


static void
an_empty_body_is_signed_as_well(void **state)
{
    (void) state;

    assert_int_equal(strlen(sign("secret", "id", 0, "")), 47);
}


static void
in_rotation_there_is_one_signature_for_each_secret(void **state)
{
    char  newer[256], older[256], both[512];

    (void) state;

    snprintf(newer, sizeof(newer), "%s", sign("newer", "id", 7, "x"));
    snprintf(older, sizeof(older), "%s", sign("whsec_YWJj", "id", 7, "x"));
    snprintf(both, sizeof(both), "%s %s", newer, older);

    assert_string_equal(sign("newer\nwhsec_YWJj\n", "id", 7, "x"), both);
    assert_string_equal(sign("  newer \t whsec_YWJj ", "id", 7, "x"), both);
    assert_string_equal(sign("newer\r\nwhsec_YWJj\r\n", "id", 7, "x"), both);
}


static void
what_is_no_secret_is_refused_and_not_shown(void **state)
{
    size_t  i;

    static const char *const  wrong[] = {
        "", " \n", "whsec_", "whsec_=", "whsec_a", "whsec_ab=c", "whsec_YQ=",
        "whsec_YQ===", "whsec_confidential!", "whsec_c2VjcmV0 whsec_*"
    };

    (void) state;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_row(crm_worker_sign_parse(&keys, crm_strz(wrong[i]), &err)
                   == CRM_EINVAL, wrong[i]);
        assert_row(strlen(err.text) > 0, wrong[i]);
        assert_row(strstr(err.text, "confidential") == NULL, wrong[i]);
    }
}


static void
secrets_may_be_many_and_long_but_not_without_end(void **state)
{
    char    text[1024];
    size_t  i;

    (void) state;

    for (i = 0; i < 11; i++) {
        memcpy(text + i * 2, "k ", 2);
    }

    assert_int_equal(crm_worker_sign_parse(&keys, crm_str(text, 22), &err),
                     CRM_OK);
    assert_int_equal(keys.count, 11);

    memcpy(text + 22, "k", 1);
    assert_int_equal(crm_worker_sign_parse(&keys, crm_str(text, 23), &err),
                     CRM_EINVAL);

    memset(text, 'A', sizeof(text));
    assert_int_equal(crm_worker_sign_parse(&keys, crm_str(text, 512), &err),
                     CRM_OK);
    assert_int_equal(crm_worker_sign_parse(&keys, crm_str(text, 513), &err),
                     CRM_EINVAL);

    memcpy(text, "whsec_", 6);
    assert_int_equal(crm_worker_sign_parse(&keys, crm_str(text, 6 + 680),
                                           &err), CRM_OK);
    assert_int_equal(keys.keys[0].len, 510);
    assert_int_equal(crm_worker_sign_parse(&keys, crm_str(text, 6 + 684),
                                           &err), CRM_EINVAL);
}


static void
an_id_with_a_dot_could_be_another_message(void **state)
{
    (void) state;

    assert_string_equal(sign("secret", "a.1", 1, "x"), "");
    assert_string_equal(sign("secret", "", 1, "x"), "");
}


static void
without_memory_there_is_no_signature(void **state)
{
    size_t        max;
    crm_str_t     value;
    crm_pool_t   *pool;
    crm_status_t  rc;

    (void) state;

    assert_int_equal(crm_worker_sign_parse(&keys, CRM_STR("secret"), &err),
                     CRM_OK);

    for (max = 1; ; max += 200) {
        pool = crm_pool_create(crm_host_malloc(), max);
        assert_non_null(pool);

        rc = crm_worker_sign_value(&value, &keys, CRM_STR("id"), 1,
                                   CRM_STR("body"), pool);
        crm_pool_destroy(pool);

        if (rc == CRM_OK) {
            break;
        }

        assert_int_equal(rc, CRM_ENOMEM);
        assert_true(max < 100000);
    }

    assert_true(max > 1);
}


static void
wiped_keys_are_gone(void **state)
{
    size_t                         i;
    static crm_worker_sign_keys_t  none;

    (void) state;

    assert_int_equal(crm_worker_sign_parse(&keys, CRM_STR("secret"), &err),
                     CRM_OK);
    crm_worker_sign_wipe(&keys);

    for (i = 0; i < sizeof(keys); i++) {
        assert_int_equal(((const char *) &keys)[i],
                         ((const char *) &none)[i]);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(published_examples_come_out_as_published),
    cmocka_unit_test(a_secret_without_the_prefix_is_taken_as_it_stands),
    cmocka_unit_test(padding_may_be_left_out),
    cmocka_unit_test(an_empty_body_is_signed_as_well),
    cmocka_unit_test(in_rotation_there_is_one_signature_for_each_secret),
    cmocka_unit_test(what_is_no_secret_is_refused_and_not_shown),
    cmocka_unit_test(secrets_may_be_many_and_long_but_not_without_end),
    cmocka_unit_test(an_id_with_a_dot_could_be_another_message),
    cmocka_unit_test(without_memory_there_is_no_signature),
    cmocka_unit_test(wiped_keys_are_gone)
};

CRM_TEST_MAIN(tests)
