/*
 * Edits of a text, against a plain reference: three bytes an edit (offset,
 * length, bytes to insert), the text behind a zero byte.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/crm_splice.h"


#define MAX_EDITS  32
#define MAX_TEXT   200
#define MAX_OUT    (MAX_TEXT + MAX_EDITS * 4)


typedef struct {
    size_t     offset;
    size_t     len;
    crm_str_t  insert;
} edit_t;


static int overlaps(const edit_t *edits, size_t count, edit_t edit,
    size_t len);
static size_t reference(char *out, crm_str_t text, const edit_t *edits,
    size_t count);
static void check(int condition);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char             expected[MAX_OUT];
    edit_t           edits[MAX_EDITS], edit;
    size_t           i, count, len;
    crm_str_t        text, out;
    crm_pool_t      *pool;
    const uint8_t   *zero;
    crm_splice_t     splice;
    crm_status_t     rc;

    zero = size ? memchr(data, '\0', size) : NULL;
    if (zero == NULL) {
        return 0;
    }

    len = (size_t) (data + size - zero - 1);
    text = crm_str((const char *) zero + 1, len < MAX_TEXT ? len : MAX_TEXT);

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return 0;
    }

    crm_splice_init(&splice, text, pool);
    count = 0;

    for (i = 0; data + i + 3 <= zero && count < MAX_EDITS; i += 3) {
        edit.offset = (size_t) data[i] - 1;
        edit.len = data[i + 1] % 8;
        edit.insert = crm_str("XYZ", data[i + 2] % 4);

        rc = crm_splice_edit(&splice, edit.offset, edit.len, edit.insert);

        if (overlaps(edits, count, edit, text.len)) {
            check(rc == CRM_EINVAL);

        } else {
            check(rc == CRM_OK);
            edits[count++] = edit;
        }
    }

    check(splice.count == count);

    out = crm_splice_apply(&splice);
    len = reference(expected, text, edits, count);
    check(crm_str_eq(out, crm_str(expected, len)));

    crm_pool_destroy(pool);

    return 0;
}


static int
overlaps(const edit_t *edits, size_t count, edit_t edit, size_t len)
{
    size_t  i;

    if (edit.offset > len || edit.len > len - edit.offset) {
        return 1;
    }

    for (i = 0; i < count; i++) {
        if (edit.offset < edits[i].offset + edits[i].len
            && edits[i].offset < edit.offset + edit.len)
        {
            return 1;
        }
    }

    return 0;
}


/* Byte by byte: what is inserted here, what replaces this, or this. */
static size_t
reference(char *out, crm_str_t text, const edit_t *edits, size_t count)
{
    size_t  i, n, at, skip;

    n = 0;
    skip = 0;

    for (at = 0; at <= text.len; at++) {
        for (i = 0; i < count; i++) {
            if (edits[i].offset == at && edits[i].len == 0) {
                memcpy(out + n, edits[i].insert.data, edits[i].insert.len);
                n += edits[i].insert.len;
            }
        }

        for (i = 0; i < count; i++) {
            if (edits[i].offset == at && edits[i].len > 0) {
                memcpy(out + n, edits[i].insert.data, edits[i].insert.len);
                n += edits[i].insert.len;
                skip = edits[i].len;
            }
        }

        if (skip) {
            skip--;

        } else if (at < text.len) {
            out[n++] = text.data[at];
        }
    }

    return n;
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
