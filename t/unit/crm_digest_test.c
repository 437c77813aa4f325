/*
 * Ids that must come out the same in nginx, in the worker and on any other
 * machine: against the published vectors.
 */

#include "crm_test.h"

#include "base/crm_digest.h"


static void
digests_are_those_of_the_standard(void **state)
{
    char           text[2 * CRM_DIGEST_LEN + 1];
    crm_str_t      parts[3];
    unsigned char  digest[CRM_DIGEST_LEN];

    (void) state;

    crm_digest_sha256(digest, NULL, 0);
    crm_digest_hex(text, digest);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb924"
                              "27ae41e4649b934ca495991b7852b855");

    parts[0] = CRM_STR("a");
    parts[1] = CRM_STR_NULL;
    parts[2] = CRM_STR("bc");
    crm_digest_sha256(digest, parts, 3);
    crm_digest_hex(text, digest);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad");
}


static void
a_digest_is_of_the_bytes_however_they_are_cut(void **state)
{
    char           text[1000];
    size_t         i, at, step;
    crm_str_t      whole, parts[sizeof(text)];
    unsigned char  expected[CRM_DIGEST_LEN], digest[CRM_DIGEST_LEN];

    (void) state;

    for (i = 0; i < sizeof(text); i++) {
        text[i] = (char) (i * 31 % 251);
    }

    whole = crm_str(text, sizeof(text));
    crm_digest_sha256(expected, &whole, 1);

    for (step = 1; step < sizeof(text); step += 7) {
        i = 0;

        for (at = 0; at < sizeof(text); at += parts[i++].len) {
            parts[i] = crm_str(text + at, sizeof(text) - at < step
                                          ? sizeof(text) - at : step);
        }

        crm_digest_sha256(digest, parts, i);
        assert_memory_equal(digest, expected, sizeof(digest));
    }
}


static void
base32_is_lower_case_and_exact(void **state)
{
    char           text[52];
    crm_str_t      part;
    unsigned char  digest[CRM_DIGEST_LEN];

    (void) state;

    part = CRM_STR("abc");
    crm_digest_sha256(digest, &part, 1);

    memset(text, '#', sizeof(text));
    crm_digest_base32(text, 26, digest);
    assert_memory_equal(text, "xj4bnp4pahh6uqkbidpf3lrceo#", 27);

    crm_digest_base32(text, 51, digest);
    assert_memory_equal(text, "xj4bnp4pahh6uqkbidpf3lrceoyagyndsylxvhfucd7wd4"
                        "qacww#", 52);

    crm_digest_base32(text, 0, digest);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(digests_are_those_of_the_standard),
    cmocka_unit_test(a_digest_is_of_the_bytes_however_they_are_cut),
    cmocka_unit_test(base32_is_lower_case_and_exact)
};


CRM_TEST_MAIN(tests)
