/*
 * The smallest pieces of JSON text.
 */

#include "record/crm_token.h"


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
crm_token_string_rest(const char *p, const char *last, uint8_t *escaped,
    crm_token_fault_t *fault)
{
    unsigned char  c;

    for ( ;; ) {
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

        p = crm_plain_pass(p, last, 1);
    }
}


const char *
crm_token_space_rest(const char *p, const char *last)
{
    while (p < last
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;

        /* indents are runs of one byte */

        while (last - p >= 8 && crm_plain_load(p) == CRM_PLAIN_ONES * ' ') {
            p += 8;
        }
    }

    return p;
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
