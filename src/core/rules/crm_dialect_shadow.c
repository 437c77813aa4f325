/*
 * Dialect files: routes that no request can reach, for those before them.
 */

#include "rules/crm_dialect_parts.h"

#include "record/crm_file.h"


static int shadow_covers(const struct crm_dialect_file_s *d,
    const crm_file_route_t *a, const crm_file_route_t *b);
static int shadow_segments(const struct crm_dialect_file_s *d,
    const crm_file_route_t *a, const crm_file_route_t *b);
static int shadow_segment(const struct crm_dialect_file_s *d,
    const crm_file_seg_t *a, const crm_file_seg_t *b);
static int shadow_takes(const struct crm_dialect_file_s *d,
    crm_file_seg_kind_t kind, crm_str_t text);
static int shadow_methods(const crm_file_route_t *a,
    const crm_file_route_t *b);
static int shadow_tests(const crm_file_route_t *a, const crm_file_route_t *b);


/* Errors, not warnings: who writes a route means it to be taken. */
crm_status_t
crm_dialect_parts_shadows(const struct crm_dialect_file_s *d,
    crm_compile_t *cc)
{
    unsigned      i, k;
    crm_status_t  rc;

    rc = CRM_OK;

    for (i = 1; i < d->routes_count; i++) {
        for (k = 0; k < i; k++) {
            if (shadow_covers(d, &d->routes[k], &d->routes[i])) {
                rc = crm_shape_error(cc, crm_shape_index(cc, "routes", i),
                         "shadowed", NULL, "no request reaches this route:"
                         " routes[%u] takes them all; put this one in front"
                         " of it", k);
                break;
            }
        }
    }

    return rc;
}


/* Whether a takes all that b would. */
static int
shadow_covers(const struct crm_dialect_file_s *d, const crm_file_route_t *a,
    const crm_file_route_t *b)
{
    return shadow_methods(a, b) && shadow_segments(d, a, b)
           && shadow_tests(a, b);
}


static int
shadow_segments(const struct crm_dialect_file_s *d, const crm_file_route_t *a,
    const crm_file_route_t *b)
{
    unsigned  i;

    for (i = 0; i < a->segments_count; i++) {
        if (a->segments[i].kind == CRM_FILE_SEG_REST) {
            return i < b->segments_count;
        }

        if (i == b->segments_count
            || !shadow_segment(d, &a->segments[i], &b->segments[i]))
        {
            return 0;
        }
    }

    return i == b->segments_count;
}


static int
shadow_segment(const struct crm_dialect_file_s *d, const crm_file_seg_t *a,
    const crm_file_seg_t *b)
{
    if (b->kind == CRM_FILE_SEG_REST) {
        return 0;
    }

    switch (a->kind) {

    case CRM_FILE_SEG_TEXT:
        return b->kind == CRM_FILE_SEG_TEXT && crm_str_eq(a->text, b->text);

    case CRM_FILE_SEG_ANY:
        return 1;

    default:
        return b->kind == CRM_FILE_SEG_TEXT ? shadow_takes(d, a->kind, b->text)
                                            : b->kind == a->kind;
    }
}


/* Whether a place takes what stands in the path of a later route. */
static int
shadow_takes(const struct crm_dialect_file_s *d, crm_file_seg_kind_t kind,
    crm_str_t text)
{
    /* names of the mechanism begin with a letter */

    if (d->mechanism
        && (kind == CRM_FILE_SEG_VERSION
            || (kind != CRM_FILE_SEG_ID
                && ((text.data[0] | 0x20) < 'a'
                    || (text.data[0] | 0x20) > 'z'))))
    {
        return 0;
    }

    return !crm_file_has(kind == CRM_FILE_SEG_MODULE ? &d->reserved
                                                     : &d->reserved_ids,
                         text, 1);
}


static int
shadow_methods(const crm_file_route_t *a, const crm_file_route_t *b)
{
    unsigned  i, k;

    if (a->methods.count == 0) {
        return 1;
    }

    for (i = 0; i < b->methods.count; i++) {
        for (k = 0; k < a->methods.count; k++) {
            if (crm_str_eq(a->methods.items[k], b->methods.items[i])) {
                break;
            }
        }

        if (k == a->methods.count) {
            return 0;
        }
    }

    return b->methods.count > 0;
}


/* All of a's tests are tests of b, too. */
static int
shadow_tests(const crm_file_route_t *a, const crm_file_route_t *b)
{
    unsigned                i, k, s;
    const crm_file_test_t  *x, *y;

    for (i = 0; i < a->tests_count; i++) {
        x = &a->tests[i];

        for (k = 0; k < b->tests_count; k++) {
            y = &b->tests[k];

            if (x->kind != y->kind || x->is != y->is
                || !crm_str_eq(x->name, y->name)
                || !crm_str_eq(x->value, y->value)
                || x->pointer.count != y->pointer.count)
            {
                continue;
            }

            for (s = 0; s < x->pointer.count; s++) {
                if (!crm_str_eq(x->pointer.steps[s], y->pointer.steps[s])) {
                    break;
                }
            }

            if (s == x->pointer.count) {
                break;
            }
        }

        if (k == b->tests_count) {
            return 0;
        }
    }

    return 1;
}
