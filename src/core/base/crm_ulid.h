/*
 * Event ids: ULIDs. Time first, so that they sort as they happened.
 */

#ifndef CRM_ULID_H
#define CRM_ULID_H

#include "base/crm_str.h"


#define CRM_ULID_LEN     26
#define CRM_ULID_RANDOM  10     /* bytes of randomness in one */

/*
 * Writes the ULID of an instant and ten random bytes, and a zero byte behind
 * it. The first ten characters are the time, Crockford's base32 throughout.
 */
crm_str_t crm_ulid(char text[CRM_ULID_LEN + 1], long long now_ms,
    const unsigned char random[CRM_ULID_RANDOM]);

#endif
