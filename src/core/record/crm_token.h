/*
 * The smallest pieces of JSON text: white space, strings, numbers.
 *
 * Shared by the scanner, which checks, and by the walk over checked spans.
 * Strings and white space are passed many bytes at a time.
 */

#ifndef CRM_TOKEN_H
#define CRM_TOKEN_H

#include "base/crm_plain.h"


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
static inline const char *crm_token_string(const char *p, const char *last,
    uint8_t *escaped, crm_token_fault_t *fault);
const char *crm_token_number(const char *p, const char *last,
    crm_token_fault_t *fault);

/* The rest of a string, whose byte at p is not plain. */
const char *crm_token_string_rest(const char *p, const char *last,
    uint8_t *escaped, crm_token_fault_t *fault);

/* Passes a run of bytes above 0x7f; fault->at is the first that is wrong. */
const char *crm_token_utf8(const char *p, const char *last,
    crm_token_fault_t *fault);

/*
 * One unit of a checked string's inside: a plain byte, or what an escape
 * stands for. Writes up to CRM_TOKEN_UNIT bytes, returns their number, and
 * moves *p behind the unit.
 */
size_t crm_token_unit(char *out, const char **p);


/* Inline, as most strings are plain bytes and then a quote. */
static inline const char *
crm_token_string(const char *p, const char *last, uint8_t *escaped,
    crm_token_fault_t *fault)
{
    p = crm_plain_pass(p, last, 1);

    *escaped = 0;

    if (p < last && *p == '"') {
        return p + 1;
    }

    return crm_token_string_rest(p, last, escaped, fault);
}


/* White space of which p is the first byte; only crm_token_space() calls it. */
const char *crm_token_space_rest(const char *p, const char *last);

/* The first byte that is no white space, or last. Mostly that is p. */
static inline const char *
crm_token_space(const char *p, const char *last)
{
    return p < last && (unsigned char) *p <= ' '
           ? crm_token_space_rest(p, last) : p;
}

#endif
