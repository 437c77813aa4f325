/*
 * Where in a document, written out when somebody asks: measured from the last
 * step up, then filled in from its end.
 */

#include "rules/crm_trail.h"


static crm_str_t trail_step(const crm_trail_t *t, char digits[CRM_STR_INT_LEN]);
static int trail_dotted(const crm_trail_t *t);


const char *
crm_trail_path(crm_compile_t *cc, const crm_trail_t *trail)
{
    char               *p, digits[CRM_STR_INT_LEN];
    size_t              len;
    crm_str_t           step;
    const crm_trail_t  *t;

    for (t = trail, len = 0; t; t = t->up) {
        len += trail_step(t, digits).len + (t->key ? (size_t) trail_dotted(t)
                                                   : 2);
    }

    p = crm_pool_alloc(cc->scratch ? cc->scratch : cc->pool, len + 1);
    if (p == NULL) {
        cc->findings->status = CRM_ENOMEM;
        return "";
    }

    p += len;
    *p = '\0';

    for (t = trail; t; t = t->up) {
        step = trail_step(t, digits);

        if (t->key == NULL) {
            *--p = ']';
        }

        p -= step.len;
        memcpy(p, step.data, step.len);

        if (t->key == NULL) {
            *--p = '[';

        } else if (trail_dotted(t)) {
            *--p = '.';
        }
    }

    return p;
}


const char *
crm_trail_path_key(crm_compile_t *cc, const crm_trail_t *trail,
    const char *key)
{
    crm_trail_t  below;

    below = crm_trail_key(trail, key);

    return crm_trail_path(cc, &below);
}


static crm_str_t
trail_step(const crm_trail_t *t, char digits[CRM_STR_INT_LEN])
{
    return t->key ? crm_strz(t->key) : crm_str_int(digits,
                                                   (long long) t->index);
}


/* A key behind something, be it one step or a path. */
static int
trail_dotted(const crm_trail_t *t)
{
    return t->up && (t->up->up || t->up->key == NULL || t->up->key[0]);
}
