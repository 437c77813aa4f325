/*
 * Decimals that are exact: a whole number and how many of its digits stand
 * behind the point. 0.1 and 0.2 are 0.3.
 *
 * Up to 34 digits. What would need more keeps its leading ones where a point
 * is left to cut behind, else it is CRM_ELIMIT. Always in lowest form: no
 * zeros at the end behind the point.
 */

#ifndef CRM_DELUGE_DECIMAL_H
#define CRM_DELUGE_DECIMAL_H

#include "base/crm_status.h"
#include "base/crm_str.h"


#define CRM_DELUGE_DIGITS    34
#define CRM_DELUGE_FRACTION  20     /* digits of a quotient behind the point */

/* Sign, point, zero in front of it, digits, and those of a fraction. */
#define CRM_DELUGE_DECIMAL_LEN  80

/* As pools align. */
typedef __int128  crm_deluge_wide_t __attribute__((aligned(8)));

typedef struct {
    crm_deluge_wide_t  digits;
    int                scale;       /* 0 .. CRM_DELUGE_DIGITS */
} crm_deluge_decimal_t;


crm_deluge_decimal_t crm_deluge_decimal(long long n);

/* The whole of text: [-+]digits[.digits][e[-+]digits]. CRM_DECLINED: it is no
 * number; CRM_ELIMIT: too long. */
crm_status_t crm_deluge_decimal_parse(crm_deluge_decimal_t *d, crm_str_t text);

/* At the end of text. */
crm_str_t crm_deluge_decimal_text(char text[CRM_DELUGE_DECIMAL_LEN],
    crm_deluge_decimal_t d);

/* <0, 0, >0 */
int crm_deluge_decimal_cmp(crm_deluge_decimal_t a, crm_deluge_decimal_t b);

crm_status_t crm_deluge_decimal_add(crm_deluge_decimal_t *r,
    crm_deluge_decimal_t a, crm_deluge_decimal_t b);
crm_status_t crm_deluge_decimal_sub(crm_deluge_decimal_t *r,
    crm_deluge_decimal_t a, crm_deluge_decimal_t b);
crm_status_t crm_deluge_decimal_mul(crm_deluge_decimal_t *r,
    crm_deluge_decimal_t a, crm_deluge_decimal_t b);
/* CRM_EINVAL: b is 0. The last digit is rounded, half away from 0. */
crm_status_t crm_deluge_decimal_div(crm_deluge_decimal_t *r,
    crm_deluge_decimal_t a, crm_deluge_decimal_t b);
/* The rest of a division whose quotient is cut to a whole number: it has a's
 * sign. */
crm_status_t crm_deluge_decimal_mod(crm_deluge_decimal_t *r,
    crm_deluge_decimal_t a, crm_deluge_decimal_t b);

typedef enum {
    CRM_DELUGE_ROUND_HALF = 0,      /* half away from 0 */
    CRM_DELUGE_ROUND_DOWN,          /* to the smaller */
    CRM_DELUGE_ROUND_UP,
    CRM_DELUGE_ROUND_CUT            /* towards 0 */
} crm_deluge_round_t;

/* So many digits behind the point at most. */
crm_deluge_decimal_t crm_deluge_decimal_round(crm_deluge_decimal_t d,
    int scale, crm_deluge_round_t how);

/* Whether d is a whole number that n can hold. */
int crm_deluge_decimal_whole(crm_deluge_decimal_t d, long long *n);

/* For roots and angles, which no decimal holds: 15 digits are right. from is
 * CRM_EINVAL for what is no number or too large. */
double crm_deluge_decimal_to_double(crm_deluge_decimal_t d);
crm_status_t crm_deluge_decimal_from_double(crm_deluge_decimal_t *d,
    double x);

#endif
