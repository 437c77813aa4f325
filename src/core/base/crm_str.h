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


/* Without regard to ASCII case. */
int crm_str_caseeq(crm_str_t a, crm_str_t b);

/* Order bytewise, a prefix before what it begins: <0, 0, >0. */
int crm_str_cmp(crm_str_t a, crm_str_t b);

/* n in decimal, at the end of text. */
#define CRM_STR_INT_LEN  24

crm_str_t crm_str_int(char text[CRM_STR_INT_LEN], long long n);

/* For tables in memory: other machines may differ. No defence against chosen
 * collisions: see its callers. */
uint32_t crm_str_hash(crm_str_t s);
uint64_t crm_str_hash_wide(crm_str_t s);

/* Edit distance, for "did you mean"; at most limit + 1 is returned. */
unsigned crm_str_distance(crm_str_t a, crm_str_t b, unsigned limit);

#endif
