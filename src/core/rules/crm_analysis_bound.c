/*
 * Bounds of a field: greater and less than a constant or a token.
 *
 * Numbers are in one order, and so are texts that are no numbers. Of two texts
 * that read as numbers nobody knows whether the field will be one, so that
 * both orders must agree. Moments are the hard part: a day and a point in time
 * are compared as days, and the field may hold either.
 */

#include "rules/crm_analysis_bound.h"


/* Two points in time that are so far apart lie on different days. */
#define BOUND_TWO_DAYS  (2 * 24 * 60)

/* A day or a point of it; of a token, counted from an unknown one. */
typedef struct {
    int        timed;
    long long  day;
    long long  at;              /* of a point: finer than its day */
} point_t;


static int bound_order(const crm_analysis_bound_t *a,
    const crm_analysis_bound_t *b, int strictly, int *order);
static int bound_points(const crm_analysis_bound_t *a,
    const crm_analysis_bound_t *b, point_t *x, point_t *y);
static int token_points(const crm_predefined_t *a, const crm_predefined_t *b,
    point_t *x, point_t *y);
static int points_clash(const point_t *low, int low_strict,
    const point_t *high, int high_strict);
static int points_implies(const point_t *a, int a_strict, const point_t *b,
    int b_strict);
static int bound_is_lower(const crm_analysis_bound_t *bound);
static int bound_is_strict(const crm_analysis_bound_t *bound);


int
crm_analysis_bound_clash(const crm_analysis_bound_t *a,
    const crm_analysis_bound_t *b)
{
    int                          order;
    point_t                      x, y;
    const crm_analysis_bound_t  *low, *high;

    if (bound_is_lower(a) == bound_is_lower(b)) {
        return 0;
    }

    low = bound_is_lower(a) ? a : b;
    high = low == a ? b : a;

    if (low->operand->source == CRM_OPERAND_FIELD) {
        return crm_analysis_value_same(low->operand, high->operand, low->as)
               && (bound_is_strict(low) || bound_is_strict(high));
    }

    if (low->as.timed || low->operand->source == CRM_OPERAND_TOKEN) {
        return bound_points(low, high, &x, &y)
               && points_clash(&x, bound_is_strict(low), &y,
                               bound_is_strict(high));
    }

    if (!bound_order(low, high, 0, &order)) {
        return 0;
    }

    return order > 0 || (order == 0
                         && (bound_is_strict(low) || bound_is_strict(high)));
}


int
crm_analysis_bound_implies(const crm_analysis_bound_t *a,
    const crm_analysis_bound_t *b)
{
    int      order;
    point_t  x, y;

    if (bound_is_lower(a) != bound_is_lower(b)) {
        return 0;
    }

    if (a->operand->source == CRM_OPERAND_FIELD) {
        return crm_analysis_value_same(a->operand, b->operand, a->as)
               && (bound_is_strict(a) || !bound_is_strict(b));
    }

    if (a->as.timed || a->operand->source == CRM_OPERAND_TOKEN) {
        if (!bound_points(a, b, &x, &y)) {
            return 0;
        }

        if (!bound_is_lower(a)) {
            x.day = -x.day;
            x.at = -x.at;
            y.day = -y.day;
            y.at = -y.at;
        }

        return points_implies(&x, bound_is_strict(a), &y, bound_is_strict(b));
    }

    if (!bound_order(a, b, 1, &order)) {
        return 0;
    }

    order = bound_is_lower(a) ? order : -order;

    return order > 0 || (order == 0
                         && (bound_is_strict(a) || !bound_is_strict(b)));
}


/*
 * The order of two constants, if it is the same for every value. A number
 * lets only numbers pass; strictly: a text as the first does not.
 */
static int
bound_order(const crm_analysis_bound_t *a, const crm_analysis_bound_t *b,
    int strictly, int *order)
{
    int                   texts, number;
    const crm_operand_t  *x, *y;

    x = a->operand;
    y = b->operand;

    if (!crm_analysis_value_plain(x) || !crm_analysis_value_plain(y)) {
        return 0;
    }

    texts = crm_str_cmp(x->folded, y->folded);
    number = a->as.type == CRM_FIELD_NUMBER
             || x->value.type == CRM_VALUE_NUMBER
             || (!strictly && y->value.type == CRM_VALUE_NUMBER);

    if (x->numeric && y->numeric) {
        *order = crm_decimal_cmp(&x->decimal, &y->decimal);

        return number || (y->value.type == CRM_VALUE_TEXT
                          && (texts > 0) == (*order > 0)
                          && (texts < 0) == (*order < 0));
    }

    *order = texts;

    return x->value.type == CRM_VALUE_TEXT && y->value.type == CRM_VALUE_TEXT
           && !x->numeric && !y->numeric;
}


static int
bound_points(const crm_analysis_bound_t *a, const crm_analysis_bound_t *b,
    point_t *x, point_t *y)
{
    const crm_operand_t  *left, *right;

    left = a->operand;
    right = b->operand;

    if (left->source != right->source) {
        return 0;
    }

    if (left->source == CRM_OPERAND_TOKEN) {
        return token_points(left->u.token, right->u.token, x, y);
    }

    if (left->dated != 1 || right->dated != 1) {
        return 0;
    }

    x->timed = left->moment.timed;
    x->day = left->moment.day;
    x->at = left->moment.timed ? left->moment.us : 0;
    y->timed = right->moment.timed;
    y->day = right->moment.day;
    y->at = right->moment.timed ? right->moment.us : 0;

    return 1;
}


/* Two tokens that are counted from the same moment. */
static int
token_points(const crm_predefined_t *a, const crm_predefined_t *b, point_t *x,
    point_t *y)
{
    if (a->kind != b->kind || !crm_predefined_is_time(a)) {
        return 0;
    }

    memset(x, 0, sizeof(point_t));
    memset(y, 0, sizeof(point_t));

    switch (a->kind) {

    case CRM_PREDEFINED_TODAY:
        x->day = a->n;
        y->day = b->n;
        return 1;

    case CRM_PREDEFINED_NOW:
        if ((a->unit == 'd') != (b->unit == 'd') && a->n && b->n) {
            return 0;
        }

        x->timed = 1;
        y->timed = 1;
        x->at = (long long) a->n * (a->unit == 'd' ? BOUND_TWO_DAYS / 2
                                    : a->unit == 'h' ? 60 : 1);
        y->at = (long long) b->n * (b->unit == 'd' ? BOUND_TWO_DAYS / 2
                                    : b->unit == 'h' ? 60 : 1);
        x->day = x->at - y->at >= BOUND_TWO_DAYS ? 1
                 : x->at - y->at <= -BOUND_TWO_DAYS ? -1 : 0;
        return 1;

    default:
        return a->span == b->span;
    }
}


/*
 * On one day: a day and a point on it are equal for values that are days, and
 * a value that is a point of that day is equal to the day.
 */
static int
points_clash(const point_t *low, int low_strict, const point_t *high,
    int high_strict)
{
    if (low->day != high->day) {
        return low->day > high->day;
    }

    if (low->timed != high->timed) {
        return low->timed ? high_strict : low_strict;
    }

    return (low_strict || high_strict) && (!low->timed || low->at >= high->at);
}


/* Both lower bounds. */
static int
points_implies(const point_t *a, int a_strict, const point_t *b, int b_strict)
{
    if (a->day != b->day) {
        return a->day > b->day;
    }

    if (a->timed != b->timed) {
        return a->timed ? !b_strict : a_strict;
    }

    return (a_strict || !b_strict) && (!a->timed || a->at >= b->at);
}


static int
bound_is_lower(const crm_analysis_bound_t *bound)
{
    return bound->order == CRM_ANALYSIS_GREATER
           || bound->order == CRM_ANALYSIS_GREATER_EQUAL;
}


static int
bound_is_strict(const crm_analysis_bound_t *bound)
{
    return bound->order == CRM_ANALYSIS_GREATER
           || bound->order == CRM_ANALYSIS_LESS;
}
