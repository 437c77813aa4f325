/*
 * The smallest pieces of JSON text.
 */

#include "record/crm_token.h"

/* -D CRM_TOKEN_PLAIN takes the portable way everywhere, as tests do. */

#if defined(__SSE2__) && !defined(CRM_TOKEN_PLAIN)
#include <emmintrin.h>
#define TOKEN_SSE2  1
#define TOKEN_STEP  16
#else
#define TOKEN_SSE2  0
#define TOKEN_STEP  8
#endif


static const char *token_plain(const char *p, const char *last);
static inline unsigned token_step(const char *p);
static const char *token_escape(const char *p, const char *last,
    crm_token_fault_t *fault);
static const char *token_unicode(const char *p, const char *last,
    crm_token_fault_t *fault);
static int token_tail(unsigned char c);
static const char *token_digits(const char *p, const char *last);
static const char *token_fault(crm_token_fault_t *fault, const char *at,
    const char *text);
static int token_hex(const char *p, const char *last);
static int token_hex_digit(unsigned char c);


const char *
crm_token_string(const char *p, const char *last, uint8_t *escaped,
    crm_token_fault_t *fault)
{
    unsigned char  c;

    *escaped = 0;

    for ( ;; ) {
        p = token_plain(p, last);

        if (p == last) {
            return token_fault(fault, p, "a string is not closed");
        }

        c = (unsigned char) *p;

        if (c == '"') {
            return p + 1;
        }

        if (c == '\\') {
            *escaped = 1;
            p = token_escape(p, last, fault);

        } else if (c < 0x20) {
            return token_fault(fault, p,
                       "a control character in a string must be escaped");

        } else {
            p = crm_token_utf8(p, last, fault);
        }

        if (p == NULL) {
            return NULL;
        }
    }
}


const char *
crm_token_number(const char *p, const char *last, crm_token_fault_t *fault)
{
    const char  *digits;

    digits = *p == '-' ? p + 1 : p;
    p = token_digits(digits, last);

    if (p == digits) {
        return token_fault(fault, p, "a number needs a digit here");
    }

    if (*digits == '0' && p - digits > 1) {
        return token_fault(fault, digits,
                           "a number must not begin with a zero");
    }

    if (p < last && *p == '.') {
        digits = p + 1;
        p = token_digits(digits, last);

        if (p == digits) {
            return token_fault(fault, p, "a number needs a digit here");
        }
    }

    if (p < last && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        digits = p;
        p = token_digits(digits, last);

        if (p == digits) {
            return token_fault(fault, p, "an exponent needs a digit here");
        }
    }

    return p;
}


const char *
crm_token_utf8(const char *p, const char *last, crm_token_fault_t *fault)
{
    size_t                left;
    const unsigned char  *u;

    while (p < last && (unsigned char) *p >= 0x80) {
        u = (const unsigned char *) p;
        left = (size_t) (last - p);

        if (u[0] < 0xe0) {
            if (u[0] < 0xc2 || left < 2 || !token_tail(u[1])) {
                break;
            }

            p += 2;

        } else if (u[0] < 0xf0) {

            /* neither longer than need be nor a surrogate */

            if (left < 3 || !token_tail(u[1]) || !token_tail(u[2])
                || (u[0] == 0xe0 && u[1] < 0xa0)
                || (u[0] == 0xed && u[1] > 0x9f))
            {
                break;
            }

            p += 3;

        } else {

            /* nor beyond U+10FFFF */

            if (u[0] > 0xf4 || left < 4 || !token_tail(u[1])
                || !token_tail(u[2]) || !token_tail(u[3])
                || (u[0] == 0xf0 && u[1] < 0x90)
                || (u[0] == 0xf4 && u[1] > 0x8f))
            {
                break;
            }

            p += 4;
        }
    }

    if (p < last && (unsigned char) *p >= 0x80) {
        return token_fault(fault, p, "the text is not UTF-8");
    }

    return p;
}


size_t
crm_token_unit(char *out, const char **p)
{
    long         c;
    const char  *s;

    static const char  from[] = "bfnrt";
    static const char  to[] = "\b\f\n\r\t";

    s = *p;

    if (s[0] != '\\') {
        out[0] = s[0];
        *p = s + 1;
        return 1;
    }

    *p = s + 2;

    if (s[1] != 'u') {
        out[0] = strchr(from, s[1]) ? to[strchr(from, s[1]) - from] : s[1];
        return 1;
    }

    c = token_hex(s + 2, s + 6);
    *p = s + 6;

    if (c < 0x80) {
        out[0] = (char) c;
        return 1;
    }

    if (c < 0x800) {
        out[0] = (char) (0xc0 | c >> 6);
        out[1] = (char) (0x80 | (c & 0x3f));
        return 2;
    }

    if (c < 0xd800 || c > 0xdfff) {
        out[0] = (char) (0xe0 | c >> 12);
        out[1] = (char) (0x80 | (c >> 6 & 0x3f));
        out[2] = (char) (0x80 | (c & 0x3f));
        return 3;
    }

    c = 0x10000 + ((c - 0xd800) << 10) + (token_hex(s + 8, s + 12) - 0xdc00);
    *p = s + 12;

    out[0] = (char) (0xf0 | c >> 18);
    out[1] = (char) (0x80 | (c >> 12 & 0x3f));
    out[2] = (char) (0x80 | (c >> 6 & 0x3f));
    out[3] = (char) (0x80 | (c & 0x3f));

    return 4;
}


/* The first byte outside 0x20 to 0x7f, quote or backslash; or last. */
static const char *
token_plain(const char *p, const char *last)
{
    unsigned       n;
    unsigned char  c;

    while (last - p >= TOKEN_STEP) {
        n = token_step(p);
        p += n;

        if (n < TOKEN_STEP) {
            return p;
        }
    }

    for ( /* void */ ; p < last; p++) {
        c = (unsigned char) *p;

        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
            break;
        }
    }

    return p;
}


#if (TOKEN_SSE2)

/* How many of sixteen bytes are plain. As signed bytes, those above 0x7f are
 * below the space like the control characters. */
static inline unsigned
token_step(const char *p)
{
    int      stop;
    __m128i  w, special;

    w = _mm_loadu_si128((const __m128i *) (const void *) p);

    special = _mm_cmplt_epi8(w, _mm_set1_epi8(0x20));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(w, _mm_set1_epi8('"')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(w, _mm_set1_epi8('\\')));

    stop = _mm_movemask_epi8(special);

    return stop ? (unsigned) __builtin_ctz((unsigned) stop) : TOKEN_STEP;
}

#else

/*
 * How many of eight bytes are plain. In plain bytes no subtraction below
 * borrows, so the lowest high bit marks the first other byte; what the bits
 * above it say does not matter.
 */
static inline unsigned
token_step(const char *p)
{
    uint64_t  w, stop;

    w = crm_token_load(p);

    stop = w;
    stop |= w - CRM_TOKEN_ONES * 0x20;
    stop |= (w ^ CRM_TOKEN_ONES * '"') - CRM_TOKEN_ONES;
    stop |= (w ^ CRM_TOKEN_ONES * '\\') - CRM_TOKEN_ONES;
    stop &= CRM_TOKEN_HIGHS;

    return stop ? (unsigned) __builtin_ctzll(stop) >> 3 : TOKEN_STEP;
}

#endif


static const char *
token_escape(const char *p, const char *last, crm_token_fault_t *fault)
{
    if (last - p < 2) {
        return token_fault(fault, last, "a string is not closed");
    }

    switch (p[1]) {

    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 2;

    case 'u':
        return token_unicode(p, last, fault);

    default:
        return token_fault(fault, p,
                   "a backslash must begin one of \\\" \\\\ \\/ \\b \\f \\n "
                   "\\r \\t \\uXXXX");
    }
}


static const char *
token_unicode(const char *p, const char *last, crm_token_fault_t *fault)
{
    int  unit, low;

    unit = token_hex(p + 2, last);

    if (unit < 0) {
        return token_fault(fault, p, "\\u needs four hexadecimal digits");
    }

    if (unit == 0) {
        return token_fault(fault, p, "\\u0000 is not allowed");
    }

    if (unit < 0xd800 || unit > 0xdfff) {
        return p + 6;
    }

    low = -1;
    if (unit < 0xdc00 && last - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        low = token_hex(p + 8, last);
    }

    if (low < 0xdc00 || low > 0xdfff) {
        return token_fault(fault, p, "a surrogate stands alone");
    }

    return p + 12;
}


static int
token_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}


static const char *
token_digits(const char *p, const char *last)
{
    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


static const char *
token_fault(crm_token_fault_t *fault, const char *at, const char *text)
{
    fault->at = at;
    fault->text = text;

    return NULL;
}


/* Four hexadecimal digits, or -1. */
static int
token_hex(const char *p, const char *last)
{
    int  i, digit, value;

    if (last - p < 4) {
        return -1;
    }

    value = 0;

    for (i = 0; i < 4; i++) {
        digit = token_hex_digit((unsigned char) p[i]);
        if (digit < 0) {
            return -1;
        }

        value = value << 4 | digit;
    }

    return value;
}


static int
token_hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
