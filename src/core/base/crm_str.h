/*
 * Strings with a length: bytes somebody else owns.
 *
 * A crm_str_t borrows. It need not end in a zero byte and may hold any byte.
 */

#ifndef CRM_STR_H
#define CRM_STR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>


typedef struct {
    const char  *data;
    size_t       len;
} crm_str_t;


#define CRM_STR(literal)  ((crm_str_t) { (literal), sizeof(literal) - 1 })
#define CRM_STR_NULL      ((crm_str_t) { NULL, 0 })


static inline crm_str_t
crm_str(const char *data, size_t len)
{
    crm_str_t  s;

    s.data = data;
    s.len = len;

    return s;
}


/* A zero-terminated string as crm_str_t; NULL becomes the null string. */
static inline crm_str_t
crm_strz(const char *s)
{
    return crm_str(s, s ? strlen(s) : 0);
}


static inline int
crm_str_eq(crm_str_t a, crm_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


/* The same against a literal or other zero-terminated string. */
static inline int
crm_str_is(crm_str_t a, const char *b)
{
    return crm_str_eq(a, crm_strz(b));
}


/* The same of two that are as long, and not the same bytes; only
 * crm_str_caseeq() calls it. */
int crm_str_caseeq_folded(crm_str_t a, crm_str_t b);

/* Without regard to ASCII case. */
static inline int
crm_str_caseeq(crm_str_t a, crm_str_t b)
{
    return a.len == b.len
           && (crm_str_eq(a, b) || crm_str_caseeq_folded(a, b));
}


/* Order bytewise, a prefix before what it begins: <0, 0, >0. */
int crm_str_cmp(crm_str_t a, crm_str_t b);

/* n in decimal, at the end of text. */
#define CRM_STR_INT_LEN  24

crm_str_t crm_str_int(char text[CRM_STR_INT_LEN], long long n);

/* Odd, and its bits are as good as random: 2^64 over the golden ratio. */
#define CRM_STR_PRIME  0x9e3779b97f4a7c15ULL

/*
 * For tables in memory: other machines may differ. No defence against chosen
 * collisions: see its callers. Inline, for each name of each record has one.
 *
 * Eight bytes a step; the last step overlaps the one before it. Of fewer than
 * eight two halves overlap, of fewer than four there are the first, the last
 * and one between: that is all of them.
 */
static inline uint64_t
crm_str_hash_wide(crm_str_t s)
{
    uint32_t     low, high;
    uint64_t     h, word;
    const char  *p, *last;

    h = s.len * CRM_STR_PRIME;
    word = 0;

    if (s.len >= sizeof(word)) {
        last = s.data + s.len - sizeof(word);

        for (p = s.data; p < last; p += sizeof(word)) {
            memcpy(&word, p, sizeof(word));
            h = (h ^ word) * CRM_STR_PRIME;
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
    }

    h = (h ^ word) * CRM_STR_PRIME;
    h ^= h >> 29;

    return h * CRM_STR_PRIME;
}


static inline uint32_t
crm_str_hash(crm_str_t s)
{
    return (uint32_t) (crm_str_hash_wide(s) >> 32);
}


/* Edit distance, for "did you mean"; at most limit + 1 is returned. */
unsigned crm_str_distance(crm_str_t a, crm_str_t b, unsigned limit);

#endif
