/*
 * The chain header: what is signed is believed for its own request and its
 * time, and for nothing else; nobody without a key makes one.
 */

#include "crm_test.h"

#include "base/crm_digest.h"
#include "state/crm_chain.h"


#define NOW  1790000000000LL

#define KEY_A  "0123456789abcdef0123456789abcdef"
#define KEY_B  "fedcba9876543210fedcba9876543210"


static crm_pool_t  *pool;

static const crm_str_t  fired[] = { { "big deal", 8 }, { "a\"\n\\b", 5 } };


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


static crm_chain_keys_t
keys_of(const char *text)
{
    crm_error_t       err;
    crm_chain_keys_t  keys;

    assert_int_equal(crm_chain_keys_parse(&keys, crm_strz(text), &err),
                     CRM_OK);

    return keys;
}


static crm_chain_grant_t
grant_of(void)
{
    crm_chain_grant_t  grant;

    memset(&grant, 0, sizeof(grant));

    grant.org = CRM_STR("acme");
    grant.method = CRM_STR("PUT");
    grant.target = CRM_STR("/crm/v8/Deals/4150868000000624033?x=1");
    grant.body = CRM_STR("{\"data\":[{\"Stage\":\"Won\"}]}");
    grant.job = CRM_STR("k5wqk5wqk5wqk5wqk5wqk5wqk5");
    grant.attempt = 3;
    grant.expires_ms = NOW + CRM_CHAIN_LIFE_MS;
    grant.chain.id = CRM_STR("01JD0000000000000000000000");
    grant.chain.depth = 2;
    grant.chain.fired = fired;
    grant.chain.fired_count = 2;
    grant.chain.cascade = 1;

    return grant;
}


static crm_str_t
sign(const crm_chain_grant_t *grant, const char *keys)
{
    crm_buf_t         buf;
    crm_chain_keys_t  k;

    k = keys_of(keys);
    crm_buf_init(&buf, pool, 0);
    assert_int_equal(crm_chain_sign(&buf, grant, &k, pool), CRM_OK);

    return crm_buf_view(&buf);
}


/* NULL: believed; else why not. */
static const char *
verify(crm_chain_grant_t *grant, crm_str_t header, const char *keys,
    long long now_ms)
{
    const char        *why;
    crm_status_t       rc;
    crm_chain_keys_t   k;

    why = NULL;
    memset(&k, 0, sizeof(k));

    if (keys) {
        k = keys_of(keys);
    }

    rc = crm_chain_verify(grant, header, &k, now_ms, pool, &why);

    assert_true(rc == CRM_OK || rc == CRM_EINVAL);
    assert_true((rc == CRM_OK) == (why == NULL));

    return why;
}


static void
a_signed_write_is_believed_with_all_it_says(void **state)
{
    crm_str_t          header;
    crm_chain_grant_t  in, out;

    (void) state;

    in = grant_of();
    header = sign(&in, KEY_A "\n");

    out = grant_of();
    memset(&out.job, 0, sizeof(out) - offsetof(crm_chain_grant_t, job));

    assert_null(verify(&out, header, KEY_A, NOW));
    assert_str(out.job, "k5wqk5wqk5wqk5wqk5wqk5wqk5");
    assert_int_equal(out.attempt, 3);
    assert_int_equal(out.expires_ms, NOW + CRM_CHAIN_LIFE_MS);
    assert_str(out.chain.id, "01JD0000000000000000000000");
    assert_int_equal(out.chain.depth, 2);
    assert_int_equal(out.chain.fired_count, 2);
    assert_str(out.chain.fired[1], "a\"\n\\b");
    assert_true(out.chain.cascade);
    assert_false(out.chain.ignore_lock);
}


static void
a_write_is_not_believed_for_another_request(void **state)
{
    size_t             i;
    crm_str_t          header;
    crm_chain_grant_t  in, out;

    (void) state;

    in = grant_of();
    header = sign(&in, KEY_A);

    for (i = 0; i < 4; i++) {
        out = grant_of();

        switch (i) {
        case 0:
            out.org = CRM_STR("acme2");
            break;
        case 1:
            out.method = CRM_STR("POST");
            break;
        case 2:
            out.target = CRM_STR("/crm/v8/Deals/4150868000000624033");
            break;
        default:
            out.body = CRM_STR("{\"data\":[{\"Stage\":\"Wom\"}]}");
            break;
        }

        assert_string_equal(verify(&out, header, KEY_A, NOW),
                            "CRM-Chain was signed for another request");
    }
}


static void
a_header_holds_for_a_minute_and_not_for_years(void **state)
{
    crm_chain_grant_t  in, out;

    (void) state;

    in = grant_of();
    out = grant_of();

    assert_null(verify(&out, sign(&in, KEY_A), KEY_A,
                       NOW + CRM_CHAIN_LIFE_MS - 1));
    assert_string_equal(verify(&out, sign(&in, KEY_A), KEY_A,
                               NOW + CRM_CHAIN_LIFE_MS),
                        "CRM-Chain has expired");

    in.expires_ms = NOW + CRM_CHAIN_LIFE_MS + CRM_CHAIN_SKEW_MS;
    assert_null(verify(&out, sign(&in, KEY_A), KEY_A, NOW));

    in.expires_ms++;
    assert_non_null(verify(&out, sign(&in, KEY_A), KEY_A, NOW));
}


static void
each_of_two_keys_verifies_and_the_first_signs(void **state)
{
    crm_chain_grant_t  in, out;

    (void) state;

    in = grant_of();
    out = grant_of();

    assert_null(verify(&out, sign(&in, KEY_A), KEY_B "\r\n\n" KEY_A "\n",
                       NOW));
    assert_null(verify(&out, sign(&in, KEY_A "\n" KEY_B), KEY_A, NOW));
    assert_non_null(verify(&out, sign(&in, KEY_A "\n" KEY_B), KEY_B, NOW));
    assert_non_null(verify(&out, sign(&in, KEY_A), NULL, NOW));
}


/* Every byte of it counts, and every end of it. */
static void
nothing_that_was_touched_is_believed(void **state)
{
    char              *copy;
    size_t             i;
    crm_str_t          header;
    crm_chain_grant_t  in, out;

    (void) state;

    in = grant_of();
    header = sign(&in, KEY_A);
    copy = crm_pool_alloc(pool, header.len);
    assert_non_null(copy);

    for (i = 0; i < header.len; i++) {
        out = grant_of();
        memcpy(copy, header.data, header.len);
        copy[i] ^= 1;
        assert_non_null(verify(&out, crm_str(copy, header.len), KEY_A, NOW));

        assert_non_null(verify(&out, crm_str(header.data, i), KEY_A, NOW));
    }

    assert_non_null(verify(&out, CRM_STR(""), KEY_A, NOW));
}


/* Signed, and still not a chain: a key in wrong hands must not crash us. */
static void
what_a_key_signs_is_still_read_with_care(void **state)
{
    size_t             i;
    crm_str_t          long_id;
    crm_str_t          many[CRM_CHAIN_MAX_FIRED + 1];
    crm_chain_grant_t  in, out;

    (void) state;

    in = grant_of();
    in.job = CRM_STR("a/b");
    out = grant_of();
    assert_non_null(verify(&out, sign(&in, KEY_A), KEY_A, NOW));

    in = grant_of();
    in.chain.depth = 0;
    assert_non_null(verify(&out, sign(&in, KEY_A), KEY_A, NOW));

    in.chain.depth = CRM_CHAIN_MAX_FIRED + 1;
    assert_non_null(verify(&out, sign(&in, KEY_A), KEY_A, NOW));

    in = grant_of();
    for (i = 0; i <= CRM_CHAIN_MAX_FIRED; i++) {
        many[i] = CRM_STR("r");
    }
    in.chain.fired = many;
    in.chain.fired_count = CRM_CHAIN_MAX_FIRED + 1;
    assert_non_null(verify(&out, sign(&in, KEY_A), KEY_A, NOW));

    in = grant_of();
    long_id.data = crm_pool_calloc(pool, 1, 10000);
    long_id.len = 9000;
    memset((char *) long_id.data, 'x', long_id.len);
    in.chain.id = long_id;

    {
        crm_buf_t         buf;
        crm_chain_keys_t  keys;

        keys = keys_of(KEY_A);
        crm_buf_init(&buf, pool, 0);
        assert_int_equal(crm_chain_sign(&buf, &in, &keys, pool), CRM_ELIMIT);
    }
}


static void
a_key_file_is_one_or_two_long_lines(void **state)
{
    size_t             i;
    crm_error_t        err;
    crm_chain_keys_t   keys;

    static const char *const  bad[] = {
        "", "\n \n", "0123456789abcdef0123456789abcde",
        KEY_A "\nshort", KEY_A "\n" KEY_B "\n" KEY_A
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&err, 0, sizeof(err));
        assert_int_equal(crm_chain_keys_parse(&keys, crm_strz(bad[i]), &err),
                         CRM_EINVAL);
        assert_true(err.text[0] != '\0');
        assert_null(strstr(err.text, "0123456789"));
    }

    assert_int_equal(crm_chain_keys_parse(&keys, CRM_STR(KEY_A " \t\r\n"),
                                          &err), CRM_OK);
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.keys[0].len, 32);
}


/* RFC 4231, cases 1, 2 and 6. */
static void
the_mac_is_the_standards(void **state)
{
    char           key[131], hex[2 * CRM_DIGEST_LEN + 1];
    unsigned char  digest[CRM_DIGEST_LEN];

    (void) state;

    memset(key, 0x0b, 20);
    crm_digest_hmac(digest, crm_str(key, 20), CRM_STR("Hi There"));
    crm_digest_hex(hex, digest);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b"
                             "881dc200c9833da726e9376c2e32cff7");

    crm_digest_hmac(digest, CRM_STR("Jefe"),
                    CRM_STR("what do ya want for nothing?"));
    crm_digest_hex(hex, digest);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
                             "5a003f089d2739839dec58b964ec3843");

    memset(key, 0xaa, 131);
    crm_digest_hmac(digest, crm_str(key, 131),
                    CRM_STR("Test Using Larger Than Block-Size Key - Hash"
                            " Key First"));
    crm_digest_hex(hex, digest);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f"
                             "8e0bc6213728c5140546040f0ee37f54");
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test_setup_teardown(a_signed_write_is_believed_with_all_it_says,
                                    start, end),
    cmocka_unit_test_setup_teardown(a_write_is_not_believed_for_another_request,
                                    start, end),
    cmocka_unit_test_setup_teardown(
        a_header_holds_for_a_minute_and_not_for_years, start, end),
    cmocka_unit_test_setup_teardown(
        each_of_two_keys_verifies_and_the_first_signs, start, end),
    cmocka_unit_test_setup_teardown(nothing_that_was_touched_is_believed,
                                    start, end),
    cmocka_unit_test_setup_teardown(what_a_key_signs_is_still_read_with_care,
                                    start, end),
    cmocka_unit_test(a_key_file_is_one_or_two_long_lines),
    cmocka_unit_test(the_mac_is_the_standards),
};

CRM_TEST_MAIN(tests)
