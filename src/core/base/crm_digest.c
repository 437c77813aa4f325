/*
 * SHA-256 and base32.
 *
 * OpenSSL's own SHA256_Update() family is deprecated in favour of one that
 * looks its algorithm up and allocates at each call; ids are made on a path
 * where neither may happen, so the old names are asked for on purpose.
 */

#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/crm_digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>


/* Bytes that SHA-256 takes at a time: the length of an HMAC's inner key. */
#define DIGEST_BLOCK  64


void
crm_digest_sha256(unsigned char digest[CRM_DIGEST_LEN],
    const crm_str_t *parts, size_t count)
{
    size_t      i;
    SHA256_CTX  ctx;

    (void) SHA256_Init(&ctx);

    for (i = 0; i < count; i++) {
        if (parts[i].len) {
            (void) SHA256_Update(&ctx, parts[i].data, parts[i].len);
        }
    }

    (void) SHA256_Final(digest, &ctx);
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
    size_t    n, at;
    unsigned  two;

    static const char  alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

    for (n = 0; n < len && (n + 1) * 5 <= CRM_DIGEST_LEN * 8; n++) {
        at = n * 5 / 8;

        two = (unsigned) digest[at] << 8;
        two |= at + 1 < CRM_DIGEST_LEN ? digest[at + 1] : 0;

        text[n] = alphabet[two >> (11 - n * 5 % 8) & 31];
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
