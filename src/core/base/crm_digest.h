/*
 * SHA-256 and base32, for ids that must come out the same each time, and
 * HMAC-SHA256. The one place in the core that knows OpenSSL.
 */

#ifndef CRM_DIGEST_H
#define CRM_DIGEST_H

#include "base/crm_str.h"


#define CRM_DIGEST_LEN  32

/* The digest of count parts one behind the other. */
void crm_digest_sha256(unsigned char digest[CRM_DIGEST_LEN],
    const crm_str_t *parts, size_t count);

/* The first 16 lower-case hex digits, and a zero byte, of the SHA-1 of count
 * parts one behind the other: what scripts name endpoints by. */
#define CRM_DIGEST_SHORT_LEN  16

void crm_digest_short(char text[CRM_DIGEST_SHORT_LEN + 1],
    const crm_str_t *parts, size_t count);

/* HMAC-SHA256 (RFC 2104) of text under key. */
void crm_digest_hmac(unsigned char digest[CRM_DIGEST_LEN], crm_str_t key,
    crm_str_t text);

/* Whether two digests are the same, in a time that does not tell where they
 * differ. */
int crm_digest_same(const unsigned char a[CRM_DIGEST_LEN],
    const unsigned char b[CRM_DIGEST_LEN]);

/*
 * The first len characters of the digest's base32 (RFC 4648, lower case, no
 * padding); len is at most 51. No zero byte is written.
 */
void crm_digest_base32(char *text, size_t len,
    const unsigned char digest[CRM_DIGEST_LEN]);

/* The digest as 64 lower-case hex digits and a zero byte. */
void crm_digest_hex(char text[2 * CRM_DIGEST_LEN + 1],
    const unsigned char digest[CRM_DIGEST_LEN]);

#endif
