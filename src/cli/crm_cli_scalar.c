/*
 * What a plain scalar means: JSON's grammar, and nothing else.
 */

#include "crm_cli_scalar.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>


/* What a double carries from text to text. */
#define SCALAR_MAX_DIGITS   15

/* A number longer than this is none that a person wrote. */
#define SCALAR_MAX_LENGTH   256


static const char *digits_skip(const char *p, const char *end);
static crm_cli_scalar_t number_kind(crm_str_t text);
static size_t number_digits(crm_str_t text);
static json_t *integer_value(const char *text, const char **why);
static json_t *real_value(const char *text, size_t digits, const char **why);


crm_cli_scalar_t
crm_cli_scalar_kind(crm_str_t text)
{
    if (text.len == 0 || crm_str_is(text, "~") || crm_str_is(text, "null")) {
        return CRM_CLI_NULL;
    }

    if (crm_str_is(text, "true")) {
        return CRM_CLI_TRUE;
    }

    if (crm_str_is(text, "false")) {
        return CRM_CLI_FALSE;
    }

    return number_kind(text);
}


json_t *
crm_cli_scalar_value(crm_str_t text, const char **why)
{
    char              copy[SCALAR_MAX_LENGTH + 1];
    crm_cli_scalar_t  kind;

    *why = NULL;
    kind = crm_cli_scalar_kind(text);

    switch (kind) {

    case CRM_CLI_NULL:
        return json_null();

    case CRM_CLI_TRUE:
        return json_true();

    case CRM_CLI_FALSE:
        return json_false();

    case CRM_CLI_TEXT:
        return json_stringn(text.data, text.len);

    default:
        break;
    }

    if (text.len > SCALAR_MAX_LENGTH) {
        *why = "has more digits than a number of the rules may have";
        return json_integer(0);
    }

    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';

    if (kind == CRM_CLI_INTEGER) {
        return integer_value(copy, why);
    }

    return real_value(copy, number_digits(text), why);
}


static crm_cli_scalar_t
number_kind(crm_str_t text)
{
    const char        *p, *q, *end;
    crm_cli_scalar_t   kind;

    p = text.data;
    end = p + text.len;
    kind = CRM_CLI_INTEGER;

    if (*p == '-') {
        p++;
    }

    q = digits_skip(p, end);
    if (q == p || (*p == '0' && q - p > 1)) {
        return CRM_CLI_TEXT;
    }

    p = q;

    if (p < end && *p == '.') {
        kind = CRM_CLI_REAL;
        q = digits_skip(++p, end);
        if (q == p) {
            return CRM_CLI_TEXT;
        }

        p = q;
    }

    if (p < end && (*p == 'e' || *p == 'E')) {
        kind = CRM_CLI_REAL;
        p++;

        if (p < end && (*p == '+' || *p == '-')) {
            p++;
        }

        q = digits_skip(p, end);
        if (q == p) {
            return CRM_CLI_TEXT;
        }

        p = q;
    }

    return p == end ? kind : CRM_CLI_TEXT;
}


static const char *
digits_skip(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


/* Significant digits of the mantissa: zeros at both ends do not count. */

static size_t
number_digits(crm_str_t text)
{
    size_t  i, digits, zeros;

    digits = 0;
    zeros = 0;

    for (i = 0; i < text.len && text.data[i] != 'e' && text.data[i] != 'E';
         i++)
    {
        if (text.data[i] < '0' || text.data[i] > '9') {
            continue;
        }

        if (text.data[i] == '0') {
            zeros += digits ? 1 : 0;
            continue;
        }

        digits += zeros + 1;
        zeros = 0;
    }

    return digits;
}


static json_t *
integer_value(const char *text, const char **why)
{
    long long  n;

    errno = 0;
    n = strtoll(text, NULL, 10);

    if (errno == ERANGE) {
        *why = "does not fit into a 64-bit integer";
    }

    return json_integer(n);
}


static json_t *
real_value(const char *text, size_t digits, const char **why)
{
    double  d;

    d = strtod(text, NULL);

    if (digits > SCALAR_MAX_DIGITS) {
        *why = "has more than 15 significant digits";
    }

    if (!isfinite(d) || (digits && fabs(d) < DBL_MIN)) {
        *why = "is beyond the range of numbers";
        d = 0;
    }

    return json_real(d);
}
