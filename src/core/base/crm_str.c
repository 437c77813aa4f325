/*
 * Strings with a length.
 */

#include "base/crm_str.h"


/* Names longer than this are never suggested. */
#define DISTANCE_MAX_LEN  64


static unsigned char
lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}


int
crm_str_caseeq_folded(crm_str_t a, crm_str_t b)
{
    size_t  i;

    for (i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b.data[i])) {
            return 0;
        }
    }

    return 1;
}


int
crm_str_cmp(crm_str_t a, crm_str_t b)
{
    int     rc;
    size_t  n;

    n = a.len < b.len ? a.len : b.len;
    rc = n ? memcmp(a.data, b.data, n) : 0;

    if (rc != 0) {
        return rc;
    }

    return (a.len > b.len) - (a.len < b.len);
}


/* Two digits a step: a division is what costs. */
crm_str_t
crm_str_int(char text[CRM_STR_INT_LEN], long long n)
{
    size_t              i;
    unsigned long long  u;

    static const char  pairs[] =
        "0001020304050607080910111213141516171819"
        "2021222324252627282930313233343536373839"
        "4041424344454647484950515253545556575859"
        "6061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";

    i = CRM_STR_INT_LEN;
    u = n < 0 ? 0 - (unsigned long long) n : (unsigned long long) n;

    for ( /* void */ ; u >= 100; u /= 100) {
        i -= 2;
        memcpy(text + i, pairs + u % 100 * 2, 2);
    }

    if (u >= 10) {
        i -= 2;
        memcpy(text + i, pairs + u * 2, 2);

    } else {
        text[--i] = (char) ('0' + u);
    }

    if (n < 0) {
        text[--i] = '-';
    }

    return crm_str(text + i, CRM_STR_INT_LEN - i);
}


unsigned
crm_str_distance(crm_str_t a, crm_str_t b, unsigned limit)
{
    size_t    i, j;
    unsigned  row[DISTANCE_MAX_LEN + 1], diagonal, above, best;

    if (a.len > DISTANCE_MAX_LEN || b.len > DISTANCE_MAX_LEN) {
        return limit + 1;
    }

    for (j = 0; j <= b.len; j++) {
        row[j] = (unsigned) j;
    }

    for (i = 1; i <= a.len; i++) {
        diagonal = row[0];
        row[0] = (unsigned) i;

        for (j = 1; j <= b.len; j++) {
            above = row[j];
            best = diagonal
                   + (lower(a.data[i - 1]) != lower(b.data[j - 1]));
            if (above + 1 < best) {
                best = above + 1;
            }
            if (row[j - 1] + 1 < best) {
                best = row[j - 1] + 1;
            }
            row[j] = best;
            diagonal = above;
        }
    }

    return row[b.len] > limit ? limit + 1 : row[b.len];
}
