/*
 * Plain bytes: those that stand for themselves in a JSON string.
 *
 * What the scanner passes and the escaper copies, sixteen bytes a step with
 * SSE2, else eight. CRM_PLAIN_PORTABLE, which tests define, takes the portable
 * way; nothing behind the end is read.
 */

#ifndef CRM_PLAIN_H
#define CRM_PLAIN_H

#include "base/crm_str.h"

#if defined(__SSE2__) && !defined(CRM_PLAIN_PORTABLE)
#include <emmintrin.h>
#define CRM_PLAIN_SSE2  1
#define CRM_PLAIN_STEP  16
#else
#define CRM_PLAIN_SSE2  0
#define CRM_PLAIN_STEP  8
#endif

#define CRM_PLAIN_ONES   0x0101010101010101ULL
#define CRM_PLAIN_HIGHS  0x8080808080808080ULL


/* Eight bytes, the first of them lowest. */
static inline uint64_t
crm_plain_load(const char *p)
{
    uint64_t  w;

    memcpy(&w, p, sizeof(w));

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    w = __builtin_bswap64(w);
#endif

    return w;
}


/* Control characters, quote and backslash; with ascii, bytes above 0x7f. */
static inline int
crm_plain_is(unsigned char c, int ascii)
{
    return c >= 0x20 && c != '"' && c != '\\' && (c < 0x80 || !ascii);
}


/*
 * A bit for each of eight bytes that is not plain, its highest: exact for the
 * first of them and those before it. In plain bytes below 0x80 no subtraction
 * borrows.
 */
static inline uint64_t
crm_plain_stops8(uint64_t w, int ascii)
{
    uint64_t  stops;

    stops = (w - CRM_PLAIN_ONES * 0x20)
            | ((w ^ CRM_PLAIN_ONES * '"') - CRM_PLAIN_ONES)
            | ((w ^ CRM_PLAIN_ONES * '\\') - CRM_PLAIN_ONES);

    return (ascii ? stops | w : stops & ~w) & CRM_PLAIN_HIGHS;
}


#if (CRM_PLAIN_SSE2)

/*
 * The same of sixteen bytes, a bit each. With bit 1 turned round the quote
 * joins the control characters, and space and "!" make room for it; as signed
 * bytes, those above 0x7f stand below them all.
 */
static inline unsigned
crm_plain_stops(const char *p, int ascii)
{
    __m128i  w, turned, high;

    w = _mm_loadu_si128((const __m128i *) (const void *) p);
    turned = _mm_xor_si128(w, _mm_set1_epi8(0x02));

    high = ascii
           ? _mm_cmpgt_epi8(turned, _mm_set1_epi8(0x20))
           : _mm_cmpeq_epi8(_mm_max_epu8(turned, _mm_set1_epi8(0x21)), turned);

    return (unsigned) _mm_movemask_epi8(_mm_andnot_si128(
               _mm_cmpeq_epi8(w, _mm_set1_epi8('\\')), high)) ^ 0xffff;
}


static inline unsigned
crm_plain_first(unsigned stops)
{
    return (unsigned) __builtin_ctz(stops);
}

#else

static inline uint64_t
crm_plain_stops(const char *p, int ascii)
{
    return crm_plain_stops8(crm_plain_load(p), ascii);
}


static inline unsigned
crm_plain_first(uint64_t stops)
{
    return (unsigned) __builtin_ctzll(stops) >> 3;
}

#endif


/* How many bytes of a step stand before the first that is not plain. */
static inline size_t
crm_plain_begin(const char *p, int ascii)
{
    uint64_t  stops;

    stops = crm_plain_stops(p, ascii);

    return stops ? crm_plain_first(stops) : CRM_PLAIN_STEP;
}


/* The first byte that is not plain, or last. */
static inline const char *
crm_plain_pass(const char *p, const char *last, int ascii)
{
    uint64_t  stops;

    for ( /* void */ ; last - p >= CRM_PLAIN_STEP; p += CRM_PLAIN_STEP) {
        stops = crm_plain_stops(p, ascii);

        if (stops) {
            return p + crm_plain_first(stops);
        }
    }

    while (p < last && crm_plain_is((unsigned char) *p, ascii)) {
        p++;
    }

    return p;
}


/* Whether all of s is plain ASCII. The last step overlaps the one before it. */
static inline int
crm_plain_whole(crm_str_t s)
{
    size_t    i;
    uint32_t  low, high;

    if (s.len >= CRM_PLAIN_STEP) {
        for (i = 0; i < s.len - CRM_PLAIN_STEP; i += CRM_PLAIN_STEP) {
            if (crm_plain_stops(s.data + i, 1)) {
                return 0;
            }
        }

        return crm_plain_stops(s.data + s.len - CRM_PLAIN_STEP, 1) == 0;
    }

    if (s.len >= sizeof(uint64_t)) {
        return (crm_plain_stops8(crm_plain_load(s.data), 1)
                | crm_plain_stops8(crm_plain_load(s.data + s.len
                                                  - sizeof(uint64_t)), 1))
               == 0;
    }

    if (s.len >= sizeof(low)) {
        memcpy(&low, s.data, sizeof(low));
        memcpy(&high, s.data + s.len - sizeof(high), sizeof(high));

        return crm_plain_stops8(low | (uint64_t) high << 32, 1) == 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!crm_plain_is((unsigned char) s.data[i], 1)) {
            return 0;
        }
    }

    return 1;
}


/* The first byte above 0x7f, or last. */
static inline const char *
crm_plain_ascii(const char *p, const char *last)
{
    while (last - p >= 8 && (crm_plain_load(p) & CRM_PLAIN_HIGHS) == 0) {
        p += 8;
    }

    while (p < last && (unsigned char) *p < 0x80) {
        p++;
    }

    return p;
}


/*
 * Copies s, bytes above 0x7f included; 0 when something in it is not plain,
 * and what has been copied is of no use. The last step overlaps the one before
 * it.
 */
static inline int
crm_plain_copy(char *to, crm_str_t s)
{
    size_t    i;
    uint32_t  low, high;
    uint64_t  stops, w;

    if (s.len >= 2 * sizeof(w)) {
        for (i = 0; i < s.len - CRM_PLAIN_STEP; i += CRM_PLAIN_STEP) {
            if (crm_plain_stops(s.data + i, 0)) {
                return 0;
            }

            memcpy(to + i, s.data + i, CRM_PLAIN_STEP);
        }

        i = s.len - CRM_PLAIN_STEP;
        memcpy(to + i, s.data + i, CRM_PLAIN_STEP);

        return crm_plain_stops(s.data + i, 0) == 0;
    }

    if (s.len >= sizeof(w)) {
        i = s.len - sizeof(w);

        memcpy(&w, s.data, sizeof(w));
        stops = crm_plain_stops8(w, 0);
        memcpy(to, &w, sizeof(w));

        memcpy(&w, s.data + i, sizeof(w));
        stops |= crm_plain_stops8(w, 0);
        memcpy(to + i, &w, sizeof(w));

        return stops == 0;
    }

    if (s.len >= sizeof(low)) {
        i = s.len - sizeof(high);

        memcpy(&low, s.data, sizeof(low));
        memcpy(&high, s.data + i, sizeof(high));
        memcpy(to, &low, sizeof(low));
        memcpy(to + i, &high, sizeof(high));

        return crm_plain_stops8(low | (uint64_t) high << 32, 0) == 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!crm_plain_is((unsigned char) s.data[i], 0)) {
            return 0;
        }

        to[i] = s.data[i];
    }

    return 1;
}

#endif
