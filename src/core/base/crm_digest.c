/*
 * SHA-256 and base32.
 *
 * OpenSSL's own SHA256_Update() family is deprecated in favour of one that
 * looks its algorithm up and allocates at each call; ids are made on a path
 * where neither may happen, so the old names are asked for on purpose.
 */

#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/crm_digest.h"

#include "base/crm_base32.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>


/* Bytes that SHA-256 takes at a time: the length of an HMAC's inner key. */
#define DIGEST_BLOCK  64

#define DIGEST_TOGETHER  256


/* Short parts are put together first: to hand one over costs more than its
 * bytes do. */
void
crm_digest_sha256(unsigned char digest[CRM_DIGEST_LEN],
    const crm_str_t *parts, size_t count)
{
    char        text[DIGEST_TOGETHER];
    size_t      i, len;
    SHA256_CTX  ctx;

    (void) SHA256_Init(&ctx);
    len = 0;

    for (i = 0; i < count; i++) {
        if (parts[i].len > sizeof(text) - len) {
            (void) SHA256_Update(&ctx, text, len);
            len = 0;
        }

        if (parts[i].len > sizeof(text)) {
            (void) SHA256_Update(&ctx, parts[i].data, parts[i].len);

        } else if (parts[i].len) {
            memcpy(text + len, parts[i].data, parts[i].len);
            len += parts[i].len;
        }
    }

    (void) SHA256_Update(&ctx, text, len);
    (void) SHA256_Final(digest, &ctx);
}


void
crm_digest_short(char text[CRM_DIGEST_SHORT_LEN + 1], const crm_str_t *parts,
    size_t count)
{
    size_t         i;
    SHA_CTX        ctx;
    unsigned char  digest[SHA_DIGEST_LENGTH];

    static const char  digits[] = "0123456789abcdef";

    (void) SHA1_Init(&ctx);

    for (i = 0; i < count; i++) {
        if (parts[i].len) {
            (void) SHA1_Update(&ctx, parts[i].data, parts[i].len);
        }
    }

    (void) SHA1_Final(digest, &ctx);

    for (i = 0; i < CRM_DIGEST_SHORT_LEN / 2; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }

    text[CRM_DIGEST_SHORT_LEN] = '\0';
}


void
crm_digest_hmac(unsigned char digest[CRM_DIGEST_LEN], crm_str_t key,
    crm_str_t text)
{
    size_t      i;
    crm_str_t   parts[2];
    SHA256_CTX  ctx;

    unsigned char  pad[DIGEST_BLOCK];

    memset(pad, 0, sizeof(pad));

    if (key.len > sizeof(pad)) {
        crm_digest_sha256(pad, &key, 1);

    } else if (key.len) {
        memcpy(pad, key.data, key.len);
    }

    for (i = 0; i < sizeof(pad); i++) {
        pad[i] ^= 0x36;
    }

    parts[0] = crm_str((char *) pad, sizeof(pad));
    parts[1] = text;
    crm_digest_sha256(digest, parts, 2);

    for (i = 0; i < sizeof(pad); i++) {
        pad[i] ^= 0x36 ^ 0x5c;
    }

    (void) SHA256_Init(&ctx);
    (void) SHA256_Update(&ctx, pad, sizeof(pad));
    (void) SHA256_Update(&ctx, digest, CRM_DIGEST_LEN);
    (void) SHA256_Final(digest, &ctx);

    OPENSSL_cleanse(pad, sizeof(pad));
}


int
crm_digest_same(const unsigned char a[CRM_DIGEST_LEN],
    const unsigned char b[CRM_DIGEST_LEN])
{
    return CRYPTO_memcmp(a, b, CRM_DIGEST_LEN) == 0;
}


void
crm_digest_base32(char *text, size_t len,
    const unsigned char digest[CRM_DIGEST_LEN])
{
    char           rest[CRM_BASE32_LETTERS];
    size_t         n, at;
    unsigned char  bytes[CRM_BASE32_BYTES];

    static const char  alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

    at = 0;

    for (n = 0; n + CRM_BASE32_LETTERS <= len; n += CRM_BASE32_LETTERS) {
        crm_base32(text + n, digest + at, alphabet);
        at += CRM_BASE32_BYTES;
    }

    if (n < len) {
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, digest + at, CRM_DIGEST_LEN - at < sizeof(bytes)
                                   ? CRM_DIGEST_LEN - at : sizeof(bytes));

        crm_base32(rest, bytes, alphabet);
        memcpy(text + n, rest, len - n);
    }
}


void
crm_digest_hex(char text[2 * CRM_DIGEST_LEN + 1],
    const unsigned char digest[CRM_DIGEST_LEN])
{
    size_t  i;

    static const char  hex[] = "0123456789abcdef";

    for (i = 0; i < CRM_DIGEST_LEN; i++) {
        text[2 * i] = hex[digest[i] >> 4];
        text[2 * i + 1] = hex[digest[i] & 15];
    }

    text[2 * CRM_DIGEST_LEN] = '\0';
}
