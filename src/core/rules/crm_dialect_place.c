/*
 * Where a finding of a dialect file stands in its text.
 */

#include "rules/crm_dialect_parts.h"


static int place_step(crm_str_t *step, const char **path);
static crm_span_t place_down(crm_span_t at, crm_str_t step,
    crm_span_t *name);
static int place_is(crm_span_t name, const char **path);


void
crm_dialect_parts_place(crm_str_t text, crm_span_t root, const char *path,
    int at_key, unsigned *line, unsigned *column)
{
    size_t      cursor;
    crm_str_t   step;
    crm_span_t  at, key, name, value;

    at = root;
    key = root;

    while (*path) {

        /* a key may hold dots, pointers do: the whole rest is tried first */

        if (at.type == CRM_JSON_OBJECT) {
            path += *path == '.';
            cursor = 0;

            while (crm_span_next(at, &cursor, &name, &value)) {
                if (place_is(name, &path)) {
                    break;
                }
                memset(&value, 0, sizeof(crm_span_t));
            }

        } else if (place_step(&step, &path)) {
            memset(&name, 0, sizeof(crm_span_t));
            value = place_down(at, step, &name);

        } else {
            memset(&value, 0, sizeof(crm_span_t));
        }

        if (value.type == CRM_JSON_NONE) {
            at_key = 0;
            break;
        }

        key = name.data ? name : value;
        at = value;
    }

    crm_dialect_parts_offset(text, (size_t) ((at_key ? key.data : at.data)
                                             - text.data), line, column);
}


void
crm_dialect_parts_offset(crm_str_t text, size_t offset, unsigned *line,
    unsigned *column)
{
    size_t  i;

    *line = 1;
    *column = 1;

    for (i = 0; i < offset && i < text.len; i++) {
        if (text.data[i] == '\n') {
            (*line)++;
            *column = 1;

        } else if (((unsigned char) text.data[i] & 0xc0) != 0x80) {
            (*column)++;
        }
    }
}


/* "[3]" off the front of *path. */
static int
place_step(crm_str_t *step, const char **path)
{
    const char  *end;

    if (**path != '[') {
        return 0;
    }

    end = strchr(*path, ']');
    if (end == NULL) {
        return 0;
    }

    *step = crm_str(*path + 1, (size_t) (end - *path) - 1);
    *path = end + 1;

    return 1;
}


static crm_span_t
place_down(crm_span_t at, crm_str_t step, crm_span_t *name)
{
    crm_span_t     value;
    crm_pointer_t  pointer;

    (void) name;

    memset(&pointer, 0, sizeof(crm_pointer_t));
    pointer.steps = &step;
    pointer.count = 1;
    pointer.set = 1;

    value = crm_pointer_get(&pointer, at);

    return value;
}


/* Whether name begins *path, and ends there or at a dot or a bracket; then
 * *path goes on behind it. */
static int
place_is(crm_span_t name, const char **path)
{
    size_t     n;
    crm_str_t  text;

    if (name.escaped || name.len < 2) {
        return 0;
    }

    text = crm_str(name.data + 1, name.len - 2);
    n = text.len;

    if (strlen(*path) < n || memcmp(*path, text.data, n) != 0
        || ((*path)[n] != '\0' && (*path)[n] != '.' && (*path)[n] != '['))
    {
        return 0;
    }

    *path += n;

    return 1;
}
