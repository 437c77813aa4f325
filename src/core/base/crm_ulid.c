/*
 * Event ids: ULIDs.
 */

#include "base/crm_ulid.h"


crm_str_t
crm_ulid(char text[CRM_ULID_LEN + 1], long long now_ms,
    const unsigned char random[CRM_ULID_RANDOM])
{
    int       i, n;
    unsigned  bits, have;

    static const char  alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    for (i = 9; i >= 0; i--) {
        text[i] = alphabet[now_ms & 31];
        now_ms >>= 5;
    }

    bits = 0;
    have = 0;
    n = 10;

    for (i = 0; i < CRM_ULID_RANDOM; i++) {
        bits = (bits << 8) | random[i];
        have += 8;

        while (have >= 5) {
            have -= 5;
            text[n++] = alphabet[(bits >> have) & 31];
        }
    }

    text[CRM_ULID_LEN] = '\0';

    return crm_str(text, CRM_ULID_LEN);
}
