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
    uint64_t  bits;

    bits = (uint64_t) bytes[0] << 32 | (uint64_t) bytes[1] << 24
           | (uint64_t) bytes[2] << 16 | (uint64_t) bytes[3] << 8 | bytes[4];

    text[0] = alphabet[bits >> 35];
    text[1] = alphabet[bits >> 30 & 31];
    text[2] = alphabet[bits >> 25 & 31];
    text[3] = alphabet[bits >> 20 & 31];
    text[4] = alphabet[bits >> 15 & 31];
    text[5] = alphabet[bits >> 10 & 31];
    text[6] = alphabet[bits >> 5 & 31];
    text[7] = alphabet[bits & 31];
}

#endif
