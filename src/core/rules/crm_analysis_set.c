/*
 * Literals about the members of lists.
 */

#include "rules/crm_analysis_set.h"


static int set_clash_ordered(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b);
static int set_whole_clash(const crm_analysis_literal_t *whole,
    const crm_analysis_literal_t *other);
static int set_is_whole(const crm_analysis_literal_t *literal);
static int set_is_empty(const crm_analysis_literal_t *literal);
static int set_plain(const crm_analysis_literal_t *literal);
static size_t set_common(const crm_predicate_t *a, const crm_predicate_t *b);
static size_t set_strange(const crm_predicate_t *a, const crm_predicate_t *b);


int
crm_analysis_set_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b)
{
    if (!set_plain(a) || !set_plain(b)) {
        return 0;
    }

    return set_clash_ordered(a, b) || set_clash_ordered(b, a);
}


static int
set_clash_ordered(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b)
{
    if (set_is_whole(a)) {
        return set_whole_clash(a, b);
    }

    if (a->op == CRM_ANALYSIS_INCLUDE_ALL) {
        return (b->op == CRM_ANALYSIS_EXCLUDE_ALL && set_common(a->p, b->p))
               || (b->op == CRM_ANALYSIS_EXCLUDE_ANY
                   && set_common(b->p, a->p) == b->p->count);
    }

    return a->op == CRM_ANALYSIS_INCLUDE_ANY
           && b->op == CRM_ANALYSIS_EXCLUDE_ALL
           && set_common(a->p, b->p) == a->p->count;
}


/* The members are exactly those of whole. */
static int
set_whole_clash(const crm_analysis_literal_t *whole,
    const crm_analysis_literal_t *other)
{
    if (set_is_empty(whole)) {
        return other->op == CRM_ANALYSIS_INCLUDE_ALL
               || other->op == CRM_ANALYSIS_INCLUDE_ANY
               || (set_is_whole(other) && !set_is_empty(other));
    }

    switch (other->op) {

    case CRM_ANALYSIS_EXCLUDE_ALL:
        return set_common(other->p, whole->p) > 0;

    case CRM_ANALYSIS_EXCLUDE_ANY:
        return set_common(other->p, whole->p) == other->p->count;

    case CRM_ANALYSIS_INCLUDE_ANY:
        return set_strange(other->p, whole->p) == other->p->count;

    case CRM_ANALYSIS_INCLUDE_ALL:
        return set_strange(other->p, whole->p) > 0;

    case CRM_ANALYSIS_EQUAL:
        return !set_is_empty(other)
               && set_strange(other->p, whole->p) > 0;

    default:
        return 0;
    }
}


static int
set_is_whole(const crm_analysis_literal_t *literal)
{
    return literal->op == CRM_ANALYSIS_EQUAL
           && literal->p->type == CRM_FIELD_MULTIPICK;
}


static int
set_is_empty(const crm_analysis_literal_t *literal)
{
    return literal->p->operands[0].is_empty;
}


static int
set_plain(const crm_analysis_literal_t *literal)
{
    unsigned  i;

    for (i = 0; i < literal->p->count; i++) {
        if (!crm_analysis_value_plain(&literal->p->operands[i])) {
            return 0;
        }
    }

    return 1;
}


/* How many of a's operands are among b's. */
static size_t
set_common(const crm_predicate_t *a, const crm_predicate_t *b)
{
    size_t                  n;
    unsigned                i, k;
    crm_analysis_reading_t  as;

    as.type = a->type;
    as.timed = 0;

    for (i = 0, n = 0; i < a->count; i++) {
        for (k = 0; k < b->count; k++) {
            if (crm_analysis_value_same(&a->operands[i], &b->operands[k], as))
            {
                n++;
                break;
            }
        }
    }

    return n;
}


/* How many of a's operands differ from all of b's. */
static size_t
set_strange(const crm_predicate_t *a, const crm_predicate_t *b)
{
    size_t                  n;
    unsigned                i, k;
    crm_analysis_reading_t  as;

    as.type = CRM_FIELD_LOOKUP;
    as.timed = 0;

    for (i = 0, n = 0; i < a->count; i++) {
        for (k = 0; k < b->count; k++) {
            if (!crm_analysis_value_apart(&a->operands[i], &b->operands[k],
                                          as))
            {
                break;
            }
        }

        n += k == b->count;
    }

    return n;
}
