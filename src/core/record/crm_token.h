/*
 * The smallest pieces of JSON text: white space, strings, numbers.
 *
 * Shared by the scanner, which checks, and by the walk over checked spans.
 * Strings and white space are passed eight bytes at a time.
 */

#ifndef CRM_TOKEN_H
#define CRM_TOKEN_H

#include "base/crm_str.h"


#define CRM_TOKEN_ONES   0x0101010101010101ULL
#define CRM_TOKEN_HIGHS  0x8080808080808080ULL

/* The longest text of one escape: a code point in UTF-8. */
#define CRM_TOKEN_UNIT   4

/* What is wrong, and at which byte. text is a constant. */
typedef struct {
    const char  *at;
    const char  *text;
} crm_token_fault_t;


/*
 * Each takes the first byte of a token and returns the byte behind it, or NULL
 * with *fault. For a string p is the byte behind the opening quote; *escaped
 * tells whether a backslash was met.
 */
const char *crm_token_string(const char *p, const char *last,
    uint8_t *escaped, crm_token_fault_t *fault);
const char *crm_token_number(const char *p, const char *last,
    crm_token_fault_t *fault);

/* Passes a run of bytes above 0x7f; fault->at is the first that is wrong. */
const char *crm_token_utf8(const char *p, const char *last,
    crm_token_fault_t *fault);

/*
 * One unit of a checked string's inside: a plain byte, or what an escape
 * stands for. Writes up to CRM_TOKEN_UNIT bytes, returns their number, and
 * moves *p behind the unit.
 */
size_t crm_token_unit(char *out, const char **p);


/* Eight bytes, the first of them lowest. */
static inline uint64_t
crm_token_load(const char *p)
{
    uint64_t  w;

    memcpy(&w, p, sizeof(w));

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    w = __builtin_bswap64(w);
#endif

    return w;
}


/* The first byte that is no white space, or last. */
static inline const char *
crm_token_space(const char *p, const char *last)
{
    while (p < last && (unsigned char) *p <= ' ') {

        if (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t') {
            break;
        }

        p++;

        /* indents are runs of one byte */

        while (last - p >= 8
               && crm_token_load(p) == CRM_TOKEN_ONES * ' ')
        {
            p += 8;
        }
    }

    return p;
}

#endif
