/*
 * What most of a text is: names and strings without escapes, with no space
 * around them. Private to the scanner and to crm_record.c.
 *
 * Each takes the next piece if it is such a one, and else nothing: then the
 * scanner reads it in its general way, which says what is wrong as well.
 */

#ifndef CRM_SCAN_PLAIN_H
#define CRM_SCAN_PLAIN_H

#include "base/crm_plain.h"
#include "record/crm_scan_key.h"


static inline const crm_scan_key_t *crm_scan_plain_name(crm_scan_t *scan)
    __attribute__((always_inline));
static inline int crm_scan_plain_string(crm_scan_t *scan, crm_span_t *value)
    __attribute__((always_inline));


/* In an object: the next member's name and its colon. The name's key, or NULL:
 * nothing is taken. */
static inline const crm_scan_key_t *
crm_scan_plain_name(crm_scan_t *scan)
{
    const char  *p, *end, *last;

    p = scan->pos;
    last = scan->last;

    if (scan->begun) {
        if (p == last || *p != ',') {
            return NULL;
        }

        p++;
    }

    if (p == last || *p != '"' || scan->keys_count == scan->keys_cap) {
        return NULL;
    }

    p++;
    end = crm_plain_pass(p, last, 1);

    if (last - end < 2 || end[0] != '"' || end[1] != ':') {
        return NULL;
    }

    scan->pos = end + 2;
    scan->begun = 1;

    return crm_scan_key_add(scan, crm_str(p, (size_t) (end - p)),
                            (uint32_t) (p - 1 - scan->start));
}


/* The next value, if it is a string: 1, or 0. */
static inline int
crm_scan_plain_string(crm_scan_t *scan, crm_span_t *value)
{
    const char  *p, *end, *last;

    p = scan->pos;
    last = scan->last;

    if (p == last || *p != '"' || scan->nodes >= scan->limits.max_nodes) {
        return 0;
    }

    end = crm_plain_pass(p + 1, last, 1);

    if (end == last || *end != '"') {
        return 0;
    }

    value->data = p;
    value->len = (size_t) (end + 1 - p);
    value->type = CRM_JSON_STRING;
    value->escaped = 0;

    scan->pos = end + 1;
    scan->nodes++;

    return 1;
}

#endif
