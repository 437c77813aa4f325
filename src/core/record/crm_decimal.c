/*
 * Exact decimals: sign, exponent, and the significant digits where they stand
 * in the text.
 */

#include "record/crm_decimal.h"


/* Beyond it exponents are all the same: no text has that many digits. */
#define DECIMAL_EXPONENT_MAX  1000000000000000LL


static crm_str_t decimal_trim(crm_str_t text);
static int decimal_mantissa(crm_decimal_t *d, crm_str_t text, size_t *end);
static int decimal_exponent(long long *exponent, crm_str_t text);
static char decimal_digit(const crm_decimal_t *d, size_t *at);


crm_status_t
crm_decimal_parse(crm_decimal_t *d, crm_str_t text)
{
    int         sign;
    size_t      end;
    long long   exponent;

    text = decimal_trim(text);

    sign = 1;
    if (text.len && (text.data[0] == '-' || text.data[0] == '+')) {
        sign = text.data[0] == '-' ? -1 : 1;
        text = crm_str(text.data + 1, text.len - 1);
    }

    if (!decimal_mantissa(d, text, &end)
        || !decimal_exponent(&exponent,
                             crm_str(text.data + end, text.len - end)))
    {
        return CRM_DECLINED;
    }

    if (d->digits == 0) {
        d->sign = 0;
        d->exponent = 0;
        return CRM_OK;
    }

    d->sign = sign;
    d->exponent += exponent;

    if (d->exponent > DECIMAL_EXPONENT_MAX) {
        d->exponent = DECIMAL_EXPONENT_MAX;

    } else if (d->exponent < -DECIMAL_EXPONENT_MAX) {
        d->exponent = -DECIMAL_EXPONENT_MAX;
    }

    return CRM_OK;
}


int
crm_decimal_cmp(const crm_decimal_t *a, const crm_decimal_t *b)
{
    int     rc;
    size_t  i, n, at_a, at_b;

    if (a->sign != b->sign) {
        return a->sign < b->sign ? -1 : 1;
    }

    if (a->exponent != b->exponent) {
        return a->exponent < b->exponent ? -a->sign : a->sign;
    }

    n = a->digits < b->digits ? a->digits : b->digits;
    at_a = 0;
    at_b = 0;
    rc = 0;

    for (i = 0; i < n && rc == 0; i++) {
        rc = decimal_digit(a, &at_a) - decimal_digit(b, &at_b);
    }

    if (rc == 0) {
        rc = (a->digits > b->digits) - (a->digits < b->digits);
    }

    return rc < 0 ? -a->sign : rc > 0 ? a->sign : 0;
}


static crm_str_t
decimal_trim(crm_str_t text)
{
    static const char  space[] = " \t\r\n";

    while (text.len && memchr(space, text.data[0], sizeof(space) - 1)) {
        text.data++;
        text.len--;
    }

    while (text.len
           && memchr(space, text.data[text.len - 1], sizeof(space) - 1))
    {
        text.len--;
    }

    return text;
}


/*
 * Digits with at most one point among them, which a digit must follow. Finds
 * the first and the last digit that is not zero; d->text runs from the one to
 * the other, d->exponent counts the digits between the first and the point.
 */
static int
decimal_mantissa(crm_decimal_t *d, crm_str_t text, size_t *end)
{
    size_t  i, digits, point, first, last;

    memset(d, 0, sizeof(crm_decimal_t));

    digits = 0;
    point = text.len;
    first = text.len;
    last = 0;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] == '.' && point == text.len) {
            point = i;
            continue;
        }

        if (text.data[i] < '0' || text.data[i] > '9') {
            break;
        }

        digits++;

        if (text.data[i] != '0') {
            first = first == text.len ? i : first;
            last = i;
        }
    }

    *end = i;

    if (digits == 0 || (point != text.len && point == i - 1)) {
        return 0;
    }

    if (first == text.len) {
        return 1;
    }

    point = point < i ? point : i;

    d->text = crm_str(text.data + first, last - first + 1);
    d->digits = d->text.len - (first < point && point < last);
    d->exponent = first < point
                  ? (long long) (point - first)
                  : -(long long) (first - point - 1);

    return 1;
}


/* Nothing, or an e with digits behind it. */
static int
decimal_exponent(long long *exponent, crm_str_t text)
{
    int     negative;
    size_t  i;

    *exponent = 0;

    if (text.len == 0) {
        return 1;
    }

    if ((text.data[0] | 0x20) != 'e') {
        return 0;
    }

    i = 1;
    negative = 0;

    if (i < text.len && (text.data[i] == '-' || text.data[i] == '+')) {
        negative = text.data[i++] == '-';
    }

    if (i == text.len) {
        return 0;
    }

    for ( /* void */ ; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }

        if (*exponent < DECIMAL_EXPONENT_MAX) {
            *exponent = *exponent * 10 + (text.data[i] - '0');
        }
    }

    if (negative) {
        *exponent = -*exponent;
    }

    return 1;
}


/* The digit at *at or behind the point there; moves *at behind it. */
static char
decimal_digit(const crm_decimal_t *d, size_t *at)
{
    if (d->text.data[*at] == '.') {
        (*at)++;
    }

    return d->text.data[(*at)++];
}
