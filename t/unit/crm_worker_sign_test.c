/*
 * Signatures. Receivers check them with other people's libraries: a byte that
 * is wrong here and every webhook is refused there.
 */

#include "crm_test.h"

#include "crm_worker_sign.h"

#include <openssl/evp.h>


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


/* The first key pair of RFC 8032, section 7.1. */
#define BOTH  "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL" \
              "/tPJZAc6DuFy89qmIyWvAhpo9wdRGg=="

static const unsigned char  public[] = {
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3,
    0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
    0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a
};


/* Does the owner of the public key believe it? */
static int
verifies(const char *value, const char *message)
{
    int             ok;
    EVP_PKEY       *pkey;
    EVP_MD_CTX     *ctx;
    unsigned char   signature[80];

    if (strncmp(value, "v1a,", 4) != 0 || strlen(value) != 4 + 88) {
        return 0;
    }

    ctx = EVP_MD_CTX_new();
    pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, 32);
    ok = EVP_DecodeBlock(signature, (const unsigned char *) value + 4, 88)
         == 66
         && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1
         && EVP_DigestVerify(ctx, signature, 64,
                             (const unsigned char *) message, strlen(message))
            == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);

    return ok;
}


static void
a_private_key_signs_what_its_public_one_verifies(void **state)
{
    char  copy[256];

    (void) state;

    snprintf(copy, sizeof(copy), "%s", sign("whsk_" BOTH, "id", 7, "body"));
    assert_true(verifies(copy, "id.7.body"));
    assert_false(verifies(copy, "id.8.body"));
    assert_string_equal(sign("whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                             "id", 7, "body"), copy);
}


static void
both_kinds_may_stand_side_by_side(void **state)
{
    char  hmac[256], both[512];

    (void) state;

    snprintf(hmac, sizeof(hmac), "%s", sign("newer", "id", 7, "x"));
    snprintf(both, sizeof(both), "%s", sign("newer whsk_" BOTH, "id", 7,
                                            "x"));
    assert_int_equal(strncmp(both, hmac, strlen(hmac)), 0);
    assert_int_equal(both[strlen(hmac)], ' ');
    assert_true(verifies(both + strlen(hmac) + 1, "id.7.x"));
}


static void
a_key_signs_until_its_end_and_not_beyond(void **state)
{
    char  newer[256], both[512];

    (void) state;

    /* 2026-01-01T00:00:00Z */
    snprintf(newer, sizeof(newer), "%s", sign("newer", "id", 1767225600,
                                              "x"));
    snprintf(both, sizeof(both), "%s",
             sign("newer older until:2026-01-01T00:00:01Z", "id", 1767225600,
                  "x"));
    assert_int_equal(strlen(both), 2 * strlen(newer) + 1);
    assert_string_equal(sign("newer older until:2026-01-01T01:00:00+01:00",
                             "id", 1767225600, "x"), newer);
    assert_string_equal(sign("older until:2026-01-01T00:00:00Z newer", "id",
                             1767225600, "x"), newer);
    assert_string_equal(sign("older until:2026-01-01T00:00:00Z", "id",
                             1767225600, "x"), "");
}


static void
old_keys_sign_for_a_day_where_it_is_known_since_when(void **state)
{
    size_t       i;
    crm_str_t    value;
    crm_pool_t  *pool;

    static const struct {
        long long  at;
        size_t     n;       /* signatures */
    } rows[] = {
        { 1000, 3 }, { 1000 + 86399, 3 }, { 1000 + 86400, 2 },
        { 1767225600, 1 }
    };

    (void) state;

    assert_int_equal(crm_worker_sign_parse(&keys, CRM_STR("newer older "
                     "oldest until:2026-01-01T00:00:00Z"), &err), CRM_OK);
    assert_int_equal(keys.rotated_s, 0);
    keys.rotated_s = 1000;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_pool_create(crm_host_malloc(), 0);
        assert_non_null(pool);
        assert_int_equal(crm_worker_sign_value(&value, &keys, CRM_STR("id"),
                                               rows[i].at, CRM_STR("x"), pool),
                         CRM_OK);
        assert_int_equal(value.len, rows[i].n * 48 - 1);
        crm_pool_destroy(pool);
    }
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
        "whsec_YQ===", "whsec_confidential!", "whsec_c2VjcmV0 whsec_*",
        "whsk_", "whsk_c2VjcmV0", "whsk_confidential!",
        "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJ"
        "ZAc6DuFy89qmIyWvAhpo9wdRGw==",
        "until:2026-01-01T00:00:00Z", "key until:confidential",
        "key until:2026-01-01", "key until:",
        "key until:2026-01-01T00:00:00Z until:2026-01-01T00:00:00Z"
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
    cmocka_unit_test(a_private_key_signs_what_its_public_one_verifies),
    cmocka_unit_test(both_kinds_may_stand_side_by_side),
    cmocka_unit_test(a_key_signs_until_its_end_and_not_beyond),
    cmocka_unit_test(old_keys_sign_for_a_day_where_it_is_known_since_when),
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
