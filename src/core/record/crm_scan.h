/*
 * JSON read in place: one pass, budgets, spans.
 *
 * Step 2 (decode). A pull scanner over bytes that somebody else owns. The
 * caller enters the objects and arrays that it cares for and takes everything
 * else whole, as a span; either way each byte is looked at once and checked
 * against RFC 8259: UTF-8, escapes (no lone surrogate, no \u0000), numbers,
 * no duplicate key in any object ("St\u0061ge" and "Stage" are one key), depth
 * and node budgets. Numbers stay text, so 19.99 and a 19-digit id stay digit
 * for digit. No tree is built.
 *
 *     crm_scan_init(&scan, body, &limits, pool);
 *     crm_scan_enter(&scan, CRM_JSON_OBJECT, err);
 *     while ((rc = crm_scan_member(&scan, &name, err)) == CRM_OK) {
 *         rc = crm_scan_value(&scan, &value, err);        or enter again
 *     }                                                   CRM_DECLINED: left
 *     crm_scan_end(&scan, err);
 */

#ifndef CRM_SCAN_H
#define CRM_SCAN_H

#include "base/crm_pool.h"


typedef enum {
    CRM_JSON_NONE = 0,          /* no value: a span that is absent */
    CRM_JSON_NULL,
    CRM_JSON_FALSE,
    CRM_JSON_TRUE,
    CRM_JSON_NUMBER,
    CRM_JSON_STRING,
    CRM_JSON_ARRAY,
    CRM_JSON_OBJECT
} crm_json_type_t;


/* A value where it stands: its raw text, quotes and brackets included. */
typedef struct {
    const char  *data;
    size_t       len;
    uint8_t      type;          /* crm_json_type_t */
    uint8_t      escaped;       /* a string with a backslash in it */
} crm_span_t;


typedef struct {
    size_t    max_nodes;        /* values of any type, in the whole text */
    unsigned  max_depth;        /* objects and arrays inside one another */
} crm_scan_limits_t;


typedef struct crm_scan_key_s    crm_scan_key_t;
typedef struct crm_scan_frame_s  crm_scan_frame_t;

/* Private to crm_scan.c but for its size; may live on the stack. */
typedef struct {
    const char         *start;
    const char         *pos;
    const char         *last;
    crm_scan_limits_t   limits;
    size_t              nodes;
    crm_pool_t         *pool;
    crm_scan_frame_t   *frames;     /* open objects and arrays */
    unsigned            depth;
    unsigned            frames_cap;
    int                 begun;      /* the innermost has a member, an element */
    crm_scan_key_t     *keys;       /* of the open objects, a stack */
    size_t              keys_count;
    size_t              keys_cap;
} crm_scan_t;


/*
 * Borrows text, which must outlive every span taken from it. limits NULL means
 * those of crm_limits.h.
 */
void crm_scan_init(crm_scan_t *scan, crm_str_t text,
    const crm_scan_limits_t *limits, crm_pool_t *pool);

/*
 * All below: CRM_EINVAL for text that is no JSON or repeats a key, CRM_ELIMIT
 * for a spent budget, both with the byte in *err; CRM_ENOMEM.
 */

/* The type of the next value, which is not consumed. */
crm_status_t crm_scan_peek(crm_scan_t *scan, crm_json_type_t *type,
    crm_error_t *err);

/* The next value, whole and checked. */
crm_status_t crm_scan_value(crm_scan_t *scan, crm_span_t *value,
    crm_error_t *err);

/*
 * Enters the next value, CRM_JSON_OBJECT or CRM_JSON_ARRAY; CRM_DECLINED, and
 * nothing consumed, when it is of another type.
 */
crm_status_t crm_scan_enter(crm_scan_t *scan, crm_json_type_t type,
    crm_error_t *err);

/*
 * In an object: the next member's name (a string span), after which its value
 * must be taken or entered. CRM_DECLINED: there was none, the object has been
 * left, and crm_scan_left() tells where it stood.
 */
crm_status_t crm_scan_member(crm_scan_t *scan, crm_span_t *name,
    crm_error_t *err);

/* The same, and its value, whole and checked. */
crm_status_t crm_scan_pair(crm_scan_t *scan, crm_span_t *name,
    crm_span_t *value, crm_error_t *err);

/* In an array: CRM_OK when an element follows, CRM_DECLINED as above. */
crm_status_t crm_scan_element(crm_scan_t *scan, crm_error_t *err);

/* The object or array that was left last. */
crm_span_t crm_scan_left(const crm_scan_t *scan);

/* CRM_OK when nothing but white space follows the outermost value. */
crm_status_t crm_scan_end(crm_scan_t *scan, crm_error_t *err);


/* ---- spans that have been checked: no errors left but memory ---- */

/* The raw text of any span. */
static inline crm_str_t
crm_span_raw(crm_span_t span)
{
    return crm_str(span.data, span.len);
}

/* Whether two spans are the same text; spans of nothing are not. */
static inline int
crm_span_same(crm_span_t a, crm_span_t b)
{
    return a.type == b.type && a.type != CRM_JSON_NONE && a.len == b.len
           && memcmp(a.data, b.data, a.len) == 0;
}

/* That of a string span with an escape; only crm_span_text() calls it. */
crm_str_t crm_span_text_escaped(const crm_span_t *span, crm_pool_t *pool);

/*
 * The text of a string span, decoded; borrowed from the span if it has no
 * escape, else from the pool. data is NULL without memory.
 */
static inline crm_str_t
crm_span_text(crm_span_t span, crm_pool_t *pool)
{
    if (span.type != CRM_JSON_STRING) {
        return crm_span_raw(span);
    }

    return span.escaped ? crm_span_text_escaped(&span, pool)
                        : crm_str(span.data + 1, span.len - 2);
}

/* The same of a string span with an escape; only crm_span_is() calls it. */
int crm_span_is_escaped(const crm_span_t *span, crm_str_t name);

/* Whether a string span says name, whatever escapes it is written with. */
static inline int
crm_span_is(crm_span_t span, crm_str_t name)
{
    return span.type == CRM_JSON_STRING
           && (span.escaped ? crm_span_is_escaped(&span, name)
               : crm_str_eq(crm_str(span.data + 1, span.len - 2), name));
}

/* The member of an object span, or a span of CRM_JSON_NONE. */
crm_span_t crm_span_member(crm_span_t object, crm_str_t name);

/*
 * Walks an object or array span. Start with *cursor 0. Each call yields the
 * next value (and in objects its name, else name may be NULL); 0 at the end.
 */
int crm_span_next(crm_span_t container, size_t *cursor, crm_span_t *name,
    crm_span_t *value);

#endif
