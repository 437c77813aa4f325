/*
 * Base32 with an alphabet of one's own: five bytes are eight letters.
 */

#ifndef CRM_BASE32_H
#define CRM_BASE32_H

#include <stdint.h>


#define CRM_BASE32_BYTES    5
#define CRM_BASE32_LETTERS  8


/* alphabet has 32 letters; no zero byte is written. */
static inline void
crm_base32(char text[CRM_BASE32_LETTERS],
    const unsigned char bytes[CRM_BASE32_BYTES], const char *alphabet)
{
    int       i;
    uint64_t  bits;

    bits = 0;

    for (i = 0; i < CRM_BASE32_BYTES; i++) {
        bits = bits << 8 | bytes[i];
    }

    for (i = CRM_BASE32_LETTERS; i; i--) {
        text[i - 1] = alphabet[bits & 31];
        bits >>= 5;
    }
}

#endif
