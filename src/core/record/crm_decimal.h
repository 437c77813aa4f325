/*
 * Exact decimals: numbers compared as they are written, without limit of
 * digits and without binary floating point.
 */

#ifndef CRM_DECIMAL_H
#define CRM_DECIMAL_H

#include "base/crm_status.h"
#include "base/crm_str.h"


typedef struct {
    crm_str_t  text;        /* mantissa as written, perhaps with a point */
    int        sign;        /* -1, 0, 1 */
    long long  exponent;    /* value is 0.DDD... times ten to this */
    size_t     digits;      /* significant digits, zeros at both ends cut */
} crm_decimal_t;


/*
 * Reads text as JSON writes numbers (also "+5", ".5", "007", white space
 * around, as people write them in text fields). Borrows text. CRM_DECLINED if
 * it is no number. An exponent beyond +-10^15 saturates.
 */
crm_status_t crm_decimal_parse(crm_decimal_t *d, crm_str_t text);

/* <0, 0, >0; 1.0, 1 and 10e-1 are equal. */
int crm_decimal_cmp(const crm_decimal_t *a, const crm_decimal_t *b);

#endif
