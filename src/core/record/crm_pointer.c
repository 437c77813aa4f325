/*
 * Pointers into JSON. A walk goes down as far as the pointer says; where it
 * cannot, it goes on with the next element of the innermost "*".
 */

#include "record/crm_pointer.h"


static crm_status_t pointer_step(crm_str_t *step, crm_str_t text,
    crm_pool_t *pool, crm_error_t *err);
static int walk_down(crm_pointer_walk_t *walk, unsigned step,
    crm_span_t *value);
static crm_span_t walk_member(crm_span_t value, crm_str_t step);
static crm_span_t walk_element(crm_span_t array, crm_str_t step);


crm_status_t
crm_pointer_parse(crm_pointer_t *pointer, crm_str_t text, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t        i, from;
    crm_str_t    *steps;
    crm_status_t  rc;

    memset(pointer, 0, sizeof(crm_pointer_t));
    pointer->set = 1;

    if (text.len == 0) {
        return CRM_OK;
    }

    if (text.data[0] != '/') {
        return crm_error_set(err, CRM_EINVAL, 0, "", "a pointer is \"\" for"
                             " the whole body, or begins with \"/\"");
    }

    steps = crm_pool_calloc(pool, CRM_POINTER_MAX_STEPS, sizeof(crm_str_t));
    if (steps == NULL) {
        return CRM_ENOMEM;
    }

    pointer->steps = steps;

    for (from = 1, i = 1; i <= text.len; i++) {
        if (i < text.len && text.data[i] != '/') {
            continue;
        }

        if (pointer->count == CRM_POINTER_MAX_STEPS) {
            return crm_error_set(err, CRM_EINVAL, i, "", "a pointer has at"
                                 " most %d steps", CRM_POINTER_MAX_STEPS);
        }

        rc = pointer_step(&steps[pointer->count],
                          crm_str(text.data + from, i - from), pool, err);
        if (rc != CRM_OK) {
            return rc;
        }

        pointer->each += crm_str_is(steps[pointer->count++], "*");
        from = i + 1;
    }

    return CRM_OK;
}


/* ~1 is a slash, ~0 a tilde. */
static crm_status_t
pointer_step(crm_str_t *step, crm_str_t text, crm_pool_t *pool,
    crm_error_t *err)
{
    char    *out;
    size_t   i, n;

    out = crm_pool_alloc(pool, text.len + 1);
    if (out == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0, n = 0; i < text.len; i++, n++) {
        out[n] = text.data[i];

        if (text.data[i] != '~') {
            continue;
        }

        i++;

        if (i == text.len || (text.data[i] != '0' && text.data[i] != '1')) {
            return crm_error_set(err, CRM_EINVAL, i, "", "\"~\" in a pointer"
                                 " is written ~0, and a \"/\" in a name ~1");
        }

        out[n] = text.data[i] == '0' ? '~' : '/';
    }

    *step = crm_str(out, n);

    return CRM_OK;
}


void
crm_pointer_walk(crm_pointer_walk_t *walk, const crm_pointer_t *pointer,
    crm_span_t root)
{
    memset(walk, 0, sizeof(crm_pointer_walk_t));

    walk->pointer = pointer;
    walk->root = root;
}


int
crm_pointer_next(crm_pointer_walk_t *walk, crm_span_t *value)
{
    unsigned  top;

    if (!walk->begun) {
        walk->begun = 1;
        *value = walk->root;

        if (!walk->pointer->set || walk->root.type == CRM_JSON_NONE) {
            return 0;
        }

        if (walk_down(walk, 0, value)) {
            return 1;
        }
    }

    while (walk->depth) {
        top = walk->depth - 1;

        if (!crm_span_next(walk->lists[top], &walk->cursors[top], NULL,
                           value))
        {
            walk->depth--;
            continue;
        }

        if (walk_down(walk, walk->steps[top] + 1, value)) {
            return 1;
        }
    }

    return 0;
}


crm_span_t
crm_pointer_get(const crm_pointer_t *pointer, crm_span_t root)
{
    crm_span_t          value;
    crm_pointer_walk_t  walk;

    crm_pointer_walk(&walk, pointer, root);

    if (!crm_pointer_next(&walk, &value)) {
        memset(&value, 0, sizeof(crm_span_t));
    }

    return value;
}


/* From *value on, along the steps from step on: 1, and *value is the end. At
 * a "*" the list is left open, and 0: its elements are the caller's. */
static int
walk_down(crm_pointer_walk_t *walk, unsigned step, crm_span_t *value)
{
    unsigned              top;
    const crm_pointer_t  *p;

    p = walk->pointer;

    for ( /* void */ ; step < p->count; step++) {

        if (crm_str_is(p->steps[step], "*")) {
            if (value->type != CRM_JSON_ARRAY
                && value->type != CRM_JSON_OBJECT)
            {
                return 0;
            }

            top = walk->depth++;
            walk->steps[top] = step;
            walk->lists[top] = *value;
            walk->cursors[top] = 0;

            return 0;
        }

        *value = walk_member(*value, p->steps[step]);

        if (value->type == CRM_JSON_NONE) {
            return 0;
        }
    }

    return 1;
}


static crm_span_t
walk_member(crm_span_t value, crm_str_t step)
{
    crm_span_t  none;

    if (value.type == CRM_JSON_OBJECT) {
        return crm_span_member(value, step);
    }

    if (value.type == CRM_JSON_ARRAY) {
        return walk_element(value, step);
    }

    memset(&none, 0, sizeof(crm_span_t));

    return none;
}


static crm_span_t
walk_element(crm_span_t array, crm_str_t step)
{
    size_t      i, index, cursor;
    crm_span_t  value;

    memset(&value, 0, sizeof(crm_span_t));

    if (step.len == 0 || step.len > 6
        || (step.data[0] == '0' && step.len > 1))
    {
        return value;
    }

    for (i = 0, index = 0; i < step.len; i++) {
        if (step.data[i] < '0' || step.data[i] > '9') {
            return value;
        }

        index = index * 10 + (size_t) (step.data[i] - '0');
    }

    cursor = 0;

    while (crm_span_next(array, &cursor, NULL, &value)) {
        if (index-- == 0) {
            return value;
        }
    }

    memset(&value, 0, sizeof(crm_span_t));

    return value;
}
