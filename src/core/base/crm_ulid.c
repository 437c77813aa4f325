/*
 * Event ids: ULIDs.
 */

#include "base/crm_ulid.h"

#include "base/crm_base32.h"


#define ULID_TIME_LEN  10


crm_str_t
crm_ulid(char text[CRM_ULID_LEN + 1], long long now_ms,
    const unsigned char random[CRM_ULID_RANDOM])
{
    int  i;

    static const char  alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    for (i = ULID_TIME_LEN; i; i--) {
        text[i - 1] = alphabet[now_ms & 31];
        now_ms >>= 5;
    }

    crm_base32(text + ULID_TIME_LEN, random, alphabet);
    crm_base32(text + ULID_TIME_LEN + CRM_BASE32_LETTERS,
               random + CRM_BASE32_BYTES, alphabet);

    text[CRM_ULID_LEN] = '\0';

    return crm_str(text, CRM_ULID_LEN);
}
