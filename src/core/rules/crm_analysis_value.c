/*
 * What follows for a field's value from being equal to a constant.
 */

#include "rules/crm_analysis_value.h"


/* The vendor's ids have 15 digits and more; no name looks like that. */
#define VALUE_ID_DIGITS  10


static int value_flags_apart(const crm_operand_t *a, const crm_operand_t *b);
static int value_is_id(const crm_operand_t *operand);
static int value_is_text(const crm_operand_t *operand);
static int value_dates(const crm_operand_t *a, const crm_operand_t *b,
    crm_analysis_reading_t as);


int
crm_analysis_value_plain(const crm_operand_t *operand)
{
    return operand->source == CRM_OPERAND_VALUE
           && operand->value.type != CRM_VALUE_UNKNOWN
           && operand->value.type != CRM_VALUE_LIST
           && operand->value.type != CRM_VALUE_OBJECT;
}


int
crm_analysis_value_same(const crm_operand_t *a, const crm_operand_t *b,
    crm_analysis_reading_t as)
{
    if (a->source != b->source) {
        return 0;
    }

    if (a->source == CRM_OPERAND_FIELD) {
        return a->slot == b->slot;
    }

    if (a->source == CRM_OPERAND_TOKEN) {
        return crm_str_eq(a->value.text, b->value.text);
    }

    if (as.type == CRM_FIELD_NUMBER && a->numeric && b->numeric) {
        return crm_decimal_cmp(&a->decimal, &b->decimal) == 0;
    }

    if (a->value.type != b->value.type) {
        return 0;
    }

    if (value_dates(a, b, as)) {
        return a->moment.timed == b->moment.timed
               && crm_moment_cmp(&a->moment, &b->moment) == 0;
    }

    switch (a->value.type) {

    case CRM_VALUE_EMPTY:
        return 1;

    case CRM_VALUE_BOOL:
        return a->value.truth == b->value.truth;

    case CRM_VALUE_NUMBER:
        return crm_decimal_cmp(&a->decimal, &b->decimal) == 0;

    case CRM_VALUE_TEXT:
        return crm_str_eq(a->folded, b->folded);

    default:
        return crm_str_eq(crm_str(a->value.span.data, a->value.span.len),
                          crm_str(b->value.span.data, b->value.span.len));
    }
}


/*
 * A lookup equals its id and its name, so that two constants of which one may
 * be an id say nothing of one another.
 */
int
crm_analysis_value_apart(const crm_operand_t *a, const crm_operand_t *b,
    crm_analysis_reading_t as)
{
    if (!crm_analysis_value_plain(a) || !crm_analysis_value_plain(b)) {
        return 0;
    }

    if (a->value.type == CRM_VALUE_EMPTY || b->value.type == CRM_VALUE_EMPTY) {
        return a->value.type != b->value.type;
    }

    if (a->value.type == CRM_VALUE_BOOL || b->value.type == CRM_VALUE_BOOL) {
        return value_flags_apart(a, b);
    }

    if (as.timed) {
        return value_dates(a, b, as) && a->moment.day != b->moment.day;
    }

    if ((as.type == CRM_FIELD_ANY || as.type == CRM_FIELD_LOOKUP)
        && value_is_id(a) != value_is_id(b))
    {
        return 0;
    }

    if (a->numeric && b->numeric) {
        return crm_decimal_cmp(&a->decimal, &b->decimal) != 0;
    }

    return a->numeric != b->numeric || !crm_str_eq(a->folded, b->folded);
}


/*
 * A day and a point in time are compared as days, so that what equals a day
 * may be any point of it, and what equals a point may be its day.
 */
int
crm_analysis_value_never(const crm_operand_t *value,
    crm_analysis_order_t order, const crm_operand_t *bound,
    crm_analysis_reading_t as)
{
    if (value->value.type == CRM_VALUE_EMPTY) {
        return 1;
    }

    if (!crm_analysis_value_plain(value) || !crm_analysis_value_plain(bound)
        || value->value.type == CRM_VALUE_BOOL)
    {
        return 0;
    }

    if (as.timed) {
        if (!value_dates(value, bound, as)
            || (value->moment.day == bound->moment.day && bound->moment.timed
                && (!value->moment.timed
                    || crm_analysis_order_holds(order, 0))))
        {
            return 0;
        }

        return !crm_analysis_order_holds(order, crm_moment_cmp(&value->moment,
                                                    &bound->moment));
    }

    if (value->numeric && bound->numeric) {
        return !crm_analysis_order_holds(order,
                                         crm_decimal_cmp(&value->decimal,
                                                         &bound->decimal));
    }

    if (!value_is_text(value)) {
        return 0;
    }

    return !value_is_text(bound)
           || !crm_analysis_order_holds(order, crm_str_cmp(value->folded,
                                                           bound->folded));
}


int
crm_analysis_value_surely(const crm_operand_t *value,
    crm_analysis_order_t order, const crm_operand_t *bound,
    crm_analysis_reading_t as)
{
    int  cmp;

    if (!crm_analysis_value_plain(value) || !crm_analysis_value_plain(bound)
        || value->value.type == CRM_VALUE_EMPTY
        || value->value.type == CRM_VALUE_BOOL)
    {
        return 0;
    }

    if (as.timed) {
        if (!value_dates(value, bound, as)) {
            return 0;
        }

        cmp = crm_moment_cmp(&value->moment, &bound->moment);

        if (value->moment.day == bound->moment.day && bound->moment.timed
            && (!value->moment.timed || !crm_analysis_order_holds(order, 0)))
        {
            return 0;
        }

        return crm_analysis_order_holds(order, cmp);
    }

    if (value->numeric && bound->numeric) {
        return crm_analysis_order_holds(order,
                                        crm_decimal_cmp(&value->decimal,
                                                        &bound->decimal));
    }

    return as.type != CRM_FIELD_NUMBER && value_is_text(value)
           && value_is_text(bound) && !value->numeric && !bound->numeric
           && crm_analysis_order_holds(order, crm_str_cmp(value->folded,
                                                          bound->folded));
}


int
crm_analysis_order_holds(crm_analysis_order_t order, int cmp)
{
    switch (order) {

    case CRM_ANALYSIS_GREATER:
        return cmp > 0;

    case CRM_ANALYSIS_GREATER_EQUAL:
        return cmp >= 0;

    case CRM_ANALYSIS_LESS:
        return cmp < 0;

    default:
        return cmp <= 0;
    }
}


/* A boolean equals itself and the text that names it. */
static int
value_flags_apart(const crm_operand_t *a, const crm_operand_t *b)
{
    const crm_operand_t  *flag, *other;

    flag = a->value.type == CRM_VALUE_BOOL ? a : b;
    other = flag == a ? b : a;

    if (other->value.type == CRM_VALUE_BOOL) {
        return flag->value.truth != other->value.truth;
    }

    return !value_is_text(other)
           || !crm_str_is(other->folded, flag->value.truth ? "true" : "false");
}


static int
value_is_id(const crm_operand_t *operand)
{
    return operand->numeric && operand->folded.len >= VALUE_ID_DIGITS;
}


static int
value_is_text(const crm_operand_t *operand)
{
    return operand->value.type == CRM_VALUE_TEXT;
}


/* Whether both have a moment; constants got theirs when they were compiled. */
static int
value_dates(const crm_operand_t *a, const crm_operand_t *b,
    crm_analysis_reading_t as)
{
    return as.timed && a->source == CRM_OPERAND_VALUE
           && b->source == CRM_OPERAND_VALUE && a->dated == 1 && b->dated == 1;
}
