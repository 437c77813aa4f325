/*
 * The walk over spans that the scanner has checked. Nothing is checked again.
 */

#include "record/crm_scan.h"

#include "record/crm_token.h"


static const char *span_string(const char *p, const char *last,
    crm_span_t *span);
static const char *span_value(const char *p, const char *last,
    crm_span_t *span);
static const char *span_container(const char *p, const char *last);
static const char *span_skip(const char *p, const char *last);
static const char *span_word(const char *p, const char *last);


crm_str_t
crm_span_text_escaped(const crm_span_t *span, crm_pool_t *pool)
{
    char        *text;
    size_t       len, run;
    const char  *p, *last, *stop;

    p = span->data + 1;
    last = span->data + span->len - 1;

    /* no escape is shorter than what it stands for */

    text = crm_pool_alloc(pool, span->len);
    if (text == NULL) {
        return CRM_STR_NULL;
    }

    len = 0;

    while (p < last) {
        stop = memchr(p, '\\', (size_t) (last - p));
        run = (size_t) ((stop ? stop : last) - p);

        memcpy(text + len, p, run);
        len += run;
        p += run;

        if (stop) {
            len += crm_token_unit(text + len, &p);
        }
    }

    return crm_str(text, len);
}


int
crm_span_is_escaped(const crm_span_t *span, crm_str_t name)
{
    char         unit[CRM_TOKEN_UNIT];
    size_t       n, at;
    const char  *p, *last;

    p = span->data + 1;
    last = span->data + span->len - 1;

    for (at = 0; p < last; at += n) {
        n = crm_token_unit(unit, &p);

        if (n > name.len - at || memcmp(unit, name.data + at, n) != 0) {
            return 0;
        }
    }

    return at == name.len;
}


crm_span_t
crm_span_member(crm_span_t object, crm_str_t name)
{
    size_t      cursor;
    crm_span_t  key, value;

    cursor = 0;

    while (object.type == CRM_JSON_OBJECT
           && crm_span_next(object, &cursor, &key, &value))
    {
        if (crm_span_is(key, name)) {
            return value;
        }
    }

    memset(&value, 0, sizeof(crm_span_t));

    return value;
}


int
crm_span_next(crm_span_t container, size_t *cursor, crm_span_t *name,
    crm_span_t *value)
{
    crm_span_t   key;
    const char  *p, *last;

    if (container.type != CRM_JSON_ARRAY
        && container.type != CRM_JSON_OBJECT)
    {
        return 0;
    }

    last = container.data + container.len - 1;

    p = crm_token_space(container.data + (*cursor ? *cursor : 1), last);
    if (p < last && *p == ',') {
        p = crm_token_space(p + 1, last);
    }

    if (p >= last) {
        return 0;
    }

    if (container.type == CRM_JSON_OBJECT) {
        p = span_string(p, last, &key);
        p = crm_token_space(p, last) + 1;
        p = crm_token_space(p, last);

        if (name) {
            *name = key;
        }
    }

    p = span_value(p, last, value);

    *cursor = (size_t) (p - container.data);

    return 1;
}


static const char *
span_string(const char *p, const char *last, crm_span_t *span)
{
    crm_token_fault_t  fault;

    span->type = CRM_JSON_STRING;
    span->data = p;

    p = crm_token_string(p + 1, last, &span->escaped, &fault);
    if (p == NULL) {

        /* not a checked span: end here rather than run away */

        p = last;
    }

    span->len = (size_t) (p - span->data);

    return p;
}


static const char *
span_value(const char *p, const char *last, crm_span_t *span)
{
    const char  *start;

    start = p;

    switch (*p) {

    case '"':
        return span_string(p, last, span);

    case '{':
        span->type = CRM_JSON_OBJECT;
        p = span_container(p, last);
        break;

    case '[':
        span->type = CRM_JSON_ARRAY;
        p = span_container(p, last);
        break;

    default:
        span->type = *p == 'n' ? CRM_JSON_NULL
                     : *p == 't' ? CRM_JSON_TRUE
                     : *p == 'f' ? CRM_JSON_FALSE : CRM_JSON_NUMBER;
        p = span_word(p, last);
    }

    span->data = start;
    span->len = (size_t) (p - start);
    span->escaped = 0;

    return p;
}


/* Returns the byte behind the closing bracket. */
static const char *
span_container(const char *p, const char *last)
{
    size_t  depth;

    depth = 0;

    while (p < last) {

        switch (*p) {

        case '"':
            p = span_skip(p, last);
            continue;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            if (--depth == 0) {
                return p + 1;
            }
            break;

        default:
            break;
        }

        p++;
    }

    return last;
}


/* A string that nobody looks at: a quotation mark with no backslash in front of
 * it ends it. */
static const char *
span_skip(const char *p, const char *last)
{
    crm_span_t   string;
    const char  *end;

    end = memchr(p + 1, '"', (size_t) (last - p - 1));

    return end && end[-1] != '\\' ? end + 1
                                   : span_string(p, last, &string);
}


static const char *
span_word(const char *p, const char *last)
{
    while (p < last && *p != ',' && *p != '}' && *p != ']'
           && *p != ' ' && *p != '\n' && *p != '\r' && *p != '\t')
    {
        p++;
    }

    return p;
}
