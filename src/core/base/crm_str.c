/*
 * Strings with a length.
 */

#include "base/crm_str.h"


/* Names longer than this are never suggested. */
#define DISTANCE_MAX_LEN  64

/* Odd, and its bits are as good as random: 2^64 over the golden ratio. */
#define HASH_PRIME        0x9e3779b97f4a7c15ULL


static unsigned char
lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}


int
crm_str_caseeq(crm_str_t a, crm_str_t b)
{
    size_t  i;

    if (a.len != b.len) {
        return 0;
    }

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


uint32_t
crm_str_hash(crm_str_t s)
{
    return (uint32_t) (crm_str_hash_wide(s) >> 32);
}


/*
 * Eight bytes a step; the last step overlaps the one before it. Of fewer than
 * eight two halves overlap, of fewer than four there are the first, the last
 * and one between: that is all of them.
 */
uint64_t
crm_str_hash_wide(crm_str_t s)
{
    uint32_t     low, high;
    uint64_t     h, word;
    const char  *p, *last;

    h = s.len * HASH_PRIME;

    if (s.len >= sizeof(word)) {
        last = s.data + s.len - sizeof(word);

        for (p = s.data; p < last; p += sizeof(word)) {
            memcpy(&word, p, sizeof(word));
            h = (h ^ word) * HASH_PRIME;
            h ^= h >> 32;
        }

        memcpy(&word, last, sizeof(word));

    } else if (s.len >= sizeof(low)) {
        memcpy(&low, s.data, sizeof(low));
        memcpy(&high, s.data + s.len - sizeof(high), sizeof(high));
        word = low | (uint64_t) high << 32;

    } else if (s.len) {
        word = (uint64_t) (unsigned char) s.data[0]
               | (uint64_t) (unsigned char) s.data[s.len / 2] << 8
               | (uint64_t) (unsigned char) s.data[s.len - 1] << 16;

    } else {
        word = 0;
    }

    h = (h ^ word) * HASH_PRIME;
    h ^= h >> 29;

    return h * HASH_PRIME;
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
