/*
 * SHA-256 and base32.
 *
 * OpenSSL's own SHA256_Update() family is deprecated in favour of one that
 * looks its algorithm up and allocates at each call; ids are made on a path
 * where neither may happen, so the old names are asked for on purpose.
 */

#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/crm_digest.h"

#include <openssl/sha.h>


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
crm_digest_base32(char *text, size_t len,
    const unsigned char digest[CRM_DIGEST_LEN])
{
    size_t    i, n;
    unsigned  bits, have;

    static const char  alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

    bits = 0;
    have = 0;
    n = 0;

    for (i = 0; i < CRM_DIGEST_LEN && n < len; i++) {
        bits = (bits << 8) | digest[i];
        have += 8;

        while (have >= 5 && n < len) {
            have -= 5;
            text[n++] = alphabet[(bits >> have) & 31];
        }
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
