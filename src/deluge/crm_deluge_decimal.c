/*
 * Decimals: see crm_deluge_decimal.h.
 */

#include "crm_deluge_decimal.h"

#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>


/* A product, the lowest bits first. */
typedef struct {
    uint64_t  part[4];
} long_t;


static void long_multiply(long_t *product, crm_deluge_wide_t a,
    crm_deluge_wide_t b);
static int long_size(const long_t *number);
static unsigned long_cut(long_t *number);
static int decimal_less(crm_deluge_wide_t a, crm_deluge_wide_t b);
static crm_deluge_wide_t decimal_power(int n);
static crm_deluge_wide_t decimal_limit(void);
static crm_status_t decimal_make(crm_deluge_decimal_t *r,
    crm_deluge_wide_t digits, int scale);
static crm_deluge_wide_t decimal_cut(crm_deluge_wide_t digits, int n,
    crm_deluge_round_t how);
static void decimal_align(crm_deluge_decimal_t *a, crm_deluge_decimal_t *b);
static crm_status_t decimal_exponent(long *exponent, crm_str_t text);
static int decimal_size(crm_deluge_wide_t digits);


crm_deluge_decimal_t
crm_deluge_decimal(long long n)
{
    crm_deluge_decimal_t  d;

    d.digits = n;
    d.scale = 0;

    return d;
}


crm_status_t
crm_deluge_decimal_parse(crm_deluge_decimal_t *d, crm_str_t text)
{
    int                negative, any, point;
    long               exponent, scale;
    size_t             i;
    crm_deluge_wide_t  digits;

    i = 0;
    any = 0;
    point = 0;
    scale = 0;
    digits = 0;
    exponent = 0;

    negative = text.len && text.data[0] == '-';
    i += text.len && (text.data[0] == '-' || text.data[0] == '+');

    for (/* void */; i < text.len; i++) {

        if (text.data[i] == '.' && !point) {
            point = 1;
            continue;
        }

        if (text.data[i] < '0' || text.data[i] > '9') {
            break;
        }

        any = 1;

        if (digits >= decimal_limit() / 10) {

            if (!point) {
                return CRM_ELIMIT;
            }

            continue;
        }

        digits = digits * 10 + (text.data[i] - '0');
        scale += point;
    }

    if (!any) {
        return CRM_DECLINED;
    }

    if (i < text.len
        && decimal_exponent(&exponent, crm_str(text.data + i, text.len - i))
           != CRM_OK)
    {
        return CRM_DECLINED;
    }

    if (digits == 0) {
        *d = crm_deluge_decimal(0);
        return CRM_OK;
    }

    scale -= exponent;

    if (scale < -CRM_DELUGE_DIGITS || scale > 10000) {
        return CRM_ELIMIT;
    }

    return decimal_make(d, negative ? -digits : digits, (int) scale);
}


crm_str_t
crm_deluge_decimal_text(char text[CRM_DELUGE_DECIMAL_LEN],
    crm_deluge_decimal_t d)
{
    int                 n;
    char               *p;
    unsigned __int128   u;

    p = text + CRM_DELUGE_DECIMAL_LEN;
    u = d.digits < 0 ? -(unsigned __int128) d.digits
                     : (unsigned __int128) d.digits;

    for (n = 0; u || n <= d.scale; n++) {

        if (n == d.scale && n) {
            *--p = '.';
        }

        *--p = (char) ('0' + (int) (u % 10));
        u /= 10;
    }

    if (d.digits < 0) {
        *--p = '-';
    }

    return crm_str(p, (size_t) (text + CRM_DELUGE_DECIMAL_LEN - p));
}


int
crm_deluge_decimal_cmp(crm_deluge_decimal_t a, crm_deluge_decimal_t b)
{
    crm_deluge_wide_t  x, y;

    if ((a.digits < 0) != (b.digits < 0)) {
        return a.digits < 0 ? -1 : 1;
    }

    /* whole parts first: what differs there needs no common scale */

    x = a.digits / decimal_power(a.scale);
    y = b.digits / decimal_power(b.scale);

    if (x != y) {
        return x < y ? -1 : 1;
    }

    x = a.digits % decimal_power(a.scale);
    y = b.digits % decimal_power(b.scale);

    x *= decimal_power(CRM_DELUGE_DIGITS - a.scale);
    y *= decimal_power(CRM_DELUGE_DIGITS - b.scale);

    return x < y ? -1 : x > y;
}


crm_status_t
crm_deluge_decimal_add(crm_deluge_decimal_t *r, crm_deluge_decimal_t a,
    crm_deluge_decimal_t b)
{
    decimal_align(&a, &b);

    return decimal_make(r, a.digits + b.digits, a.scale);
}


crm_status_t
crm_deluge_decimal_sub(crm_deluge_decimal_t *r, crm_deluge_decimal_t a,
    crm_deluge_decimal_t b)
{
    b.digits = -b.digits;

    return crm_deluge_decimal_add(r, a, b);
}


crm_status_t
crm_deluge_decimal_mul(crm_deluge_decimal_t *r, crm_deluge_decimal_t a,
    crm_deluge_decimal_t b)
{
    int                over, scale;
    unsigned           cut;
    long_t             product;
    crm_deluge_wide_t  digits;

    scale = a.scale + b.scale;

    if (!__builtin_mul_overflow(a.digits, b.digits, &digits)) {
        return decimal_make(r, digits, scale);
    }

    /* digits behind the point that do not fit are those to give up */

    long_multiply(&product, a.digits, b.digits);
    cut = 0;

    for (over = long_size(&product) - CRM_DELUGE_DIGITS;
         over > 0 || scale > CRM_DELUGE_DIGITS; over--, scale--)
    {
        if (scale == 0) {
            return CRM_ELIMIT;
        }

        cut = long_cut(&product);
    }

    digits = (crm_deluge_wide_t) ((unsigned __int128) product.part[1] << 64
                                  | product.part[0]) + (cut >= 5);

    return decimal_make(r, (a.digits < 0) != (b.digits < 0) ? -digits : digits,
                        scale);
}


crm_status_t
crm_deluge_decimal_div(crm_deluge_decimal_t *r, crm_deluge_decimal_t a,
    crm_deluge_decimal_t b)
{
    int                scale, rest_sign;
    crm_deluge_wide_t  quotient, rest, next;

    if (b.digits == 0) {
        return CRM_EINVAL;
    }

    quotient = a.digits / b.digits;
    rest = a.digits % b.digits;
    rest_sign = (a.digits < 0) != (b.digits < 0) ? -1 : 1;
    scale = a.scale - b.scale;

    /* long division, a digit at a time, as far as there is room */

    while (rest && (scale < 0 || scale < CRM_DELUGE_FRACTION)) {

        if (__builtin_mul_overflow(rest, (crm_deluge_wide_t) 10, &next)
            || quotient >= decimal_limit() / 10
            || quotient <= -decimal_limit() / 10)
        {
            break;
        }

        quotient = quotient * 10 + next / b.digits;
        rest = next % b.digits;
        scale++;
    }

    rest = rest < 0 ? -rest : rest;
    b.digits = b.digits < 0 ? -b.digits : b.digits;

    if (rest >= b.digits - rest) {
        quotient += rest_sign;
    }

    return decimal_make(r, quotient, scale);
}


crm_status_t
crm_deluge_decimal_mod(crm_deluge_decimal_t *r, crm_deluge_decimal_t a,
    crm_deluge_decimal_t b)
{
    if (b.digits == 0) {
        return CRM_EINVAL;
    }

    /* to one scale: what is a multiple of b leaves no rest, and what is less
     * is all of it */

    for (/* void */; a.scale < b.scale; a.scale++) {
        a.digits = a.digits % b.digits * 10;
    }

    for (/* void */; b.scale < a.scale; b.scale++) {

        if (decimal_less(a.digits, b.digits)) {
            return decimal_make(r, a.digits, a.scale);
        }

        b.digits *= 10;
    }

    return decimal_make(r, a.digits % b.digits, a.scale);
}


crm_deluge_decimal_t
crm_deluge_decimal_round(crm_deluge_decimal_t d, int scale,
    crm_deluge_round_t how)
{
    crm_deluge_decimal_t  r;

    if (scale < 0 || d.scale <= scale) {
        return d;
    }

    (void) decimal_make(&r, decimal_cut(d.digits, d.scale - scale, how),
                        scale);

    return r;
}


int
crm_deluge_decimal_whole(crm_deluge_decimal_t d, long long *n)
{
    if (d.scale || d.digits > (crm_deluge_wide_t) 0x7fffffffffffffffLL
        || d.digits < -(crm_deluge_wide_t) 0x7fffffffffffffffLL - 1)
    {
        return 0;
    }

    *n = (long long) d.digits;

    return 1;
}


double
crm_deluge_decimal_to_double(crm_deluge_decimal_t d)
{
    char       text[CRM_DELUGE_DECIMAL_LEN], z[CRM_DELUGE_DECIMAL_LEN + 1];
    crm_str_t  s;

    s = crm_deluge_decimal_text(text, d);
    memcpy(z, s.data, s.len);
    z[s.len] = '\0';

    return strtod(z, NULL);
}


crm_status_t
crm_deluge_decimal_from_double(crm_deluge_decimal_t *d, double x)
{
    int   n;
    char  text[64];

    n = snprintf(text, sizeof(text), "%.15g", x);

    if (n <= 0 || (size_t) n >= sizeof(text)) {
        return CRM_EINVAL;
    }

    return crm_deluge_decimal_parse(d, crm_str(text, (size_t) n)) == CRM_OK
           ? CRM_OK : CRM_EINVAL;
}


/* 10 to the n-th, n up to CRM_DELUGE_DIGITS + 3 */
static crm_deluge_wide_t
decimal_power(int n)
{
    crm_deluge_wide_t  p;

    for (p = 1; n > 0; n--) {
        p *= 10;
    }

    return p;
}


static crm_deluge_wide_t
decimal_limit(void)
{
    return decimal_power(CRM_DELUGE_DIGITS);
}


/* Without their signs. */
static int
decimal_less(crm_deluge_wide_t a, crm_deluge_wide_t b)
{
    return (a < 0 ? -a : a) < (b < 0 ? -b : b);
}


static void
long_multiply(long_t *product, crm_deluge_wide_t a, crm_deluge_wide_t b)
{
    int                i, k;
    uint64_t           x[2], y[2];
    unsigned __int128  u, v, sum;

    u = (unsigned __int128) (a < 0 ? -a : a);
    v = (unsigned __int128) (b < 0 ? -b : b);

    x[0] = (uint64_t) u;
    x[1] = (uint64_t) (u >> 64);
    y[0] = (uint64_t) v;
    y[1] = (uint64_t) (v >> 64);

    memset(product, 0, sizeof(long_t));

    for (i = 0; i < 2; i++) {
        sum = 0;

        for (k = 0; k < 2; k++) {
            sum += (unsigned __int128) x[i] * y[k] + product->part[i + k];
            product->part[i + k] = (uint64_t) sum;
            sum >>= 64;
        }

        product->part[i + 2] = (uint64_t) sum;
    }
}


static int
long_size(const long_t *number)
{
    int     n;
    long_t  rest;

    rest = *number;

    for (n = 0; rest.part[0] || rest.part[1] || rest.part[2] || rest.part[3];
         n++)
    {
        (void) long_cut(&rest);
    }

    return n;
}


/* The last digit goes: that is what it was. */
static unsigned
long_cut(long_t *number)
{
    int                i;
    unsigned __int128  rest;

    rest = 0;

    for (i = 3; i >= 0; i--) {
        rest = rest << 64 | number->part[i];
        number->part[i] = (uint64_t) (rest / 10);
        rest %= 10;
    }

    return (unsigned) rest;
}


/* How many digits there are. */
static int
decimal_size(crm_deluge_wide_t digits)
{
    int  n;

    for (n = 0; digits; n++) {
        digits /= 10;
    }

    return n;
}


/* Brings it into lowest form and into its limits. */
static crm_status_t
decimal_make(crm_deluge_decimal_t *r, crm_deluge_wide_t digits, int scale)
{
    int  over;

    while (scale < 0) {

        if (__builtin_mul_overflow(digits, (crm_deluge_wide_t) 10, &digits)) {
            return CRM_ELIMIT;
        }

        scale++;
    }

    over = decimal_size(digits) - CRM_DELUGE_DIGITS;

    if (over < scale - CRM_DELUGE_DIGITS) {
        over = scale - CRM_DELUGE_DIGITS;
    }

    if (over > 0) {

        if (over > scale) {
            return CRM_ELIMIT;
        }

        digits = decimal_cut(digits, over, CRM_DELUGE_ROUND_HALF);
        scale -= over;
    }

    while (scale && digits % 10 == 0) {
        digits /= 10;
        scale--;
    }

    r->digits = digits;
    r->scale = scale;

    return CRM_OK;
}


/* Without its last n digits. */
static crm_deluge_wide_t
decimal_cut(crm_deluge_wide_t digits, int n, crm_deluge_round_t how)
{
    crm_deluge_wide_t  p, rest, cut;

    if (n > CRM_DELUGE_DIGITS + 3) {
        cut = 0;
        rest = digits;
        p = 0;

    } else {
        p = decimal_power(n);
        cut = digits / p;
        rest = digits % p;
    }

    if (rest == 0) {
        return cut;
    }

    switch (how) {

    case CRM_DELUGE_ROUND_HALF:
        if (p && (rest < 0 ? -rest : rest) >= p / 2) {
            cut += rest < 0 ? -1 : 1;
        }

        break;

    case CRM_DELUGE_ROUND_DOWN:
        cut -= rest < 0;
        break;

    case CRM_DELUGE_ROUND_UP:
        cut += rest > 0;
        break;

    case CRM_DELUGE_ROUND_CUT:
        break;
    }

    return cut;
}


/* Both to the larger scale, or, where that has no room, as near as it goes. */
static void
decimal_align(crm_deluge_decimal_t *a, crm_deluge_decimal_t *b)
{
    crm_deluge_decimal_t  *small, *large;

    small = a->scale < b->scale ? a : b;
    large = a->scale < b->scale ? b : a;

    while (small->scale < large->scale
           && small->digits < decimal_limit() && -small->digits
              < decimal_limit())
    {
        small->digits *= 10;
        small->scale++;
    }

    if (small->scale < large->scale) {
        large->digits = decimal_cut(large->digits, large->scale - small->scale,
                                    CRM_DELUGE_ROUND_HALF);
        large->scale = small->scale;
    }
}


/* e[-+]digits, of at most five. */
static crm_status_t
decimal_exponent(long *exponent, crm_str_t text)
{
    int     negative;
    size_t  i;

    if (text.data[0] != 'e' && text.data[0] != 'E') {
        return CRM_DECLINED;
    }

    i = 1;
    negative = i < text.len && text.data[i] == '-';
    i += i < text.len && (text.data[i] == '-' || text.data[i] == '+');

    if (i == text.len || text.len - i > 5) {
        return CRM_DECLINED;
    }

    for (*exponent = 0; i < text.len; i++) {

        if (text.data[i] < '0' || text.data[i] > '9') {
            return CRM_DECLINED;
        }

        *exponent = *exponent * 10 + (text.data[i] - '0');
    }

    if (negative) {
        *exponent = -*exponent;
    }

    return CRM_OK;
}
