/*
 * Text folded for comparison without regard to case.
 *
 * Simple folding: one code point becomes one code point. libutf8proc knows
 * full folding, where a few become several; those are lowered instead.
 */

#include "record/crm_value.h"

#include <utf8proc.h>


/* No folding is longer than this many code points. */
#define FOLD_MAX  8


static size_t fold_ascii(crm_str_t text);
static size_t fold_encode(char *out, crm_str_t text);
static utf8proc_int32_t fold_point(utf8proc_int32_t point);


crm_str_t
crm_value_fold(crm_str_t text, crm_pool_t *pool)
{
    char    *out;
    size_t   same, len;

    same = fold_ascii(text);

    if (same == text.len) {
        return text.data ? text : CRM_STR("");
    }

    /* two bytes may become three, no other code point grows */

    if (text.len > (size_t) -1 / 4) {
        return CRM_STR_NULL;
    }

    out = crm_pool_alloc(pool, text.len * 2);
    if (out == NULL) {
        return CRM_STR_NULL;
    }

    if (same) {
        memcpy(out, text.data, same);
    }

    len = same + fold_encode(out + same, crm_str(text.data + same,
                                                 text.len - same));

    if (crm_str_eq(crm_str(out, len), text)) {
        return text;
    }

    return crm_str(out, len);
}


/* How many bytes at the beginning are ASCII and no capitals. */
static size_t
fold_ascii(crm_str_t text)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (c >= 0x80 || (c >= 'A' && c <= 'Z')) {
            break;
        }
    }

    return i;
}


static size_t
fold_encode(char *out, crm_str_t text)
{
    size_t              i, len;
    unsigned char       c;
    utf8proc_int32_t    point;
    utf8proc_ssize_t    n;

    len = 0;

    for (i = 0; i < text.len; i += (size_t) n) {
        c = (unsigned char) text.data[i];
        n = 1;

        if (c < 0x80) {
            out[len++] = (char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
            continue;
        }

        n = utf8proc_iterate((const utf8proc_uint8_t *) text.data + i,
                             (utf8proc_ssize_t) (text.len - i), &point);
        if (n <= 0) {

            /* not UTF-8: the byte stands for itself */

            out[len++] = (char) c;
            n = 1;
            continue;
        }

        len += (size_t) utf8proc_encode_char(fold_point(point),
                                          (utf8proc_uint8_t *) out + len);
    }

    return len;
}


static utf8proc_int32_t
fold_point(utf8proc_int32_t point)
{
    int                boundary;
    utf8proc_int32_t   folded[FOLD_MAX];

    boundary = UTF8PROC_BOUNDCLASS_START;

    if (utf8proc_decompose_char(point, folded, FOLD_MAX, UTF8PROC_CASEFOLD,
                                &boundary)
        == 1)
    {
        return folded[0];
    }

    return utf8proc_tolower(point);
}
