/*
 * What a predicate demands of its field, in a form that files.
 *
 * Scales must agree with the order of operands (crm_operand.c), or the index
 * would hide a rule that fires.
 */

#include "rules/crm_demand.h"


/* Days are counted from the middle. */
#define PLACE_ZERO      ((uint64_t) 1 << 63)
#define PLACE_LAST      ((uint64_t) -1)

/* Digits of a number that count: below 2^50. */
#define NUMBER_DIGITS   15
#define NUMBER_BITS     50
#define NUMBER_EXPONENT_MAX  4095


static crm_scale_t demand_scale(const crm_predicate_t *p,
    const crm_operand_t *operand);
static void demand_bounds(crm_demand_t *demand, const crm_operand_t *operand,
    uint64_t *low, uint64_t *high);
static void demand_ahead(const crm_predefined_t *token, long long *first,
    long long *last);
static uint64_t place_number(const crm_decimal_t *d);
static uint64_t place_text(crm_str_t text, int rest);
static uint64_t place_day(long long day);


void
crm_demand_of(crm_demand_t *demand, const crm_predicate_t *p)
{
    unsigned  i, flags;
    uint64_t  low, high, least, most;

    memset(demand, 0, sizeof(crm_demand_t));
    flags = p->comparator->flags;

    if (p->operands[0].is_empty) {
        demand->type = flags & (CRM_COMPARES_EQUAL | CRM_COMPARES_ALL)
                       ? CRM_DEMAND_EQUAL : CRM_DEMAND_NONE;
        return;
    }

    for (i = 0; i < p->count; i++) {
        if (p->operands[i].source == CRM_OPERAND_FIELD
            || (p->operands[i].source == CRM_OPERAND_TOKEN
                && !crm_predefined_is_time(p->operands[i].u.token)))
        {
            return;
        }
    }

    if (!p->timed) {
        demand->type = flags & CRM_COMPARES_EQUAL ? CRM_DEMAND_EQUAL
                       : flags & CRM_COMPARES_ANY ? CRM_DEMAND_ANY
                       : flags & CRM_COMPARES_ALL ? CRM_DEMAND_ALL
                       : CRM_DEMAND_NONE;
    }

    if (demand->type != CRM_DEMAND_NONE
        || !(flags & (CRM_COMPARES_EQUAL | CRM_COMPARES_ABOVE
                      | CRM_COMPARES_BELOW | CRM_COMPARES_PREFIX)))
    {
        return;
    }

    demand->scale = demand_scale(p, &p->operands[0]);
    least = PLACE_LAST;
    most = 0;

    for (i = 0; i < p->count; i++) {
        if (demand->scale == CRM_SCALES
            || demand_scale(p, &p->operands[i]) != demand->scale)
        {
            return;
        }

        demand_bounds(demand, &p->operands[i], &low, &high);
        least = low < least ? low : least;
        most = high > most ? high : most;
    }

    demand->type = CRM_DEMAND_RANGE;
    demand->low = flags & CRM_COMPARES_BELOW && !(flags & CRM_COMPARES_ABOVE)
                  ? 0 : least;
    demand->high = flags & CRM_COMPARES_ABOVE && !(flags & CRM_COMPARES_BELOW)
                   ? PLACE_LAST : most;
}


crm_place_t
crm_demand_place(uint64_t *place, crm_operand_t *value, crm_scale_t scale,
    const crm_scope_t *scope)
{
    crm_moment_t      today;
    crm_predefined_t  token;

    if (value->value.type == CRM_VALUE_OBJECT) {
        return CRM_PLACE_ANYWHERE;          /* it may go by its name */
    }

    switch (scale) {

    case CRM_SCALE_NUMBER:
        if (!value->numeric) {
            return CRM_PLACE_NONE;
        }

        *place = place_number(&value->decimal);
        return CRM_PLACE_KNOWN;

    case CRM_SCALE_TEXT:
        if (value->value.type == CRM_VALUE_BOOL) {
            *place = place_text(value->value.truth ? CRM_STR("true")
                                                   : CRM_STR("false"), 0);
            return CRM_PLACE_KNOWN;
        }

        if (value->value.type != CRM_VALUE_TEXT
            && value->value.type != CRM_VALUE_NUMBER)
        {
            return CRM_PLACE_NONE;
        }

        *place = place_text(value->folded, 0);
        return CRM_PLACE_KNOWN;

    default:
        break;
    }

    if (scope == NULL || !crm_operand_dated(value, scope->zone)) {
        return scope ? CRM_PLACE_NONE : CRM_PLACE_ANYWHERE;
    }

    *place = place_day(value->moment.day);

    if (scale == CRM_SCALE_AHEAD) {
        memset(&token, 0, sizeof(crm_predefined_t));
        token.kind = CRM_PREDEFINED_TODAY;
        today = crm_predefined_moment(&token, scope);
        *place = place_day(value->moment.day - today.day);
    }

    return CRM_PLACE_KNOWN;
}


/* What p compares a field with operand by; CRM_SCALES if that depends on the
 * field's value. */
static crm_scale_t
demand_scale(const crm_predicate_t *p, const crm_operand_t *operand)
{
    if (p->timed) {
        return operand->source == CRM_OPERAND_TOKEN ? CRM_SCALE_AHEAD
                                                    : CRM_SCALE_DAY;
    }

    if (p->comparator->flags & CRM_COMPARES_PREFIX) {
        return CRM_SCALE_TEXT;
    }

    if (operand->value.type == CRM_VALUE_NUMBER
        || p->type == CRM_FIELD_NUMBER)
    {
        return operand->numeric ? CRM_SCALE_NUMBER : CRM_SCALES;
    }

    /* a text that reads as a number is compared as either */

    return operand->value.type == CRM_VALUE_TEXT && !operand->numeric
           ? CRM_SCALE_TEXT : CRM_SCALES;
}


/*
 * The places that a constant may take. A point in time is compared as such
 * with another, and where clocks are set back at midnight the later one may
 * have the earlier day: a day more on either side.
 */
static void
demand_bounds(crm_demand_t *demand, const crm_operand_t *operand,
    uint64_t *low, uint64_t *high)
{
    long long  first, last;

    switch (demand->scale) {

    case CRM_SCALE_NUMBER:
        *low = place_number(&operand->decimal);
        *high = *low;
        break;

    case CRM_SCALE_TEXT:
        *low = place_text(operand->folded, 0);
        *high = place_text(operand->folded, 0xff);
        break;

    case CRM_SCALE_DAY:
        *low = place_day(operand->moment.day - operand->moment.timed);
        *high = place_day(operand->moment.day + operand->moment.timed);
        break;

    default: /* CRM_SCALE_AHEAD */
        demand_ahead(operand->u.token, &first, &last);
        *low = place_day(first);
        *high = place_day(last);
        break;
    }
}


/* How many days from today on a token may stand for. */
static void
demand_ahead(const crm_predefined_t *token, long long *first,
    long long *last)
{
    long long  minutes;

    *first = 0;
    *last = 0;

    switch (token->kind) {

    case CRM_PREDEFINED_TODAY:
        *first = token->n;
        *last = token->n;
        break;

    case CRM_PREDEFINED_NOW:
        minutes = (long long) token->n * (token->unit == 'm' ? 1
                                          : token->unit == 'h' ? 60 : 1440);
        *first = minutes / 1440 - 3;
        *last = minutes / 1440 + 3;
        break;

    case CRM_PREDEFINED_FIRST:
        *first = -366;
        break;

    default: /* CRM_PREDEFINED_LAST */
        *last = 366;
        break;
    }
}


static uint64_t
place_number(const crm_decimal_t *d)
{
    size_t     i, n;
    uint64_t   digits, place;
    long long  exponent;

    if (d->sign == 0) {
        return PLACE_ZERO;
    }

    exponent = d->exponent;

    if (exponent > NUMBER_EXPONENT_MAX) {
        return d->sign > 0 ? PLACE_LAST : 0;
    }

    digits = 0;

    if (exponent >= -NUMBER_EXPONENT_MAX) {
        for (i = 0, n = 0; n < NUMBER_DIGITS; i++) {
            if (i < d->text.len && d->text.data[i] == '.') {
                continue;
            }

            digits = digits * 10
                     + (i < d->text.len ? (uint64_t) d->text.data[i] - '0' : 0);
            n++;
        }

    } else {
        exponent = -NUMBER_EXPONENT_MAX;
    }

    place = (uint64_t) (exponent + NUMBER_EXPONENT_MAX + 1) << NUMBER_BITS
            | digits;

    return d->sign > 0 ? PLACE_ZERO + place : PLACE_ZERO - place;
}


/* The first bytes, and rest in place of those that are missing. */
static uint64_t
place_text(crm_str_t text, int rest)
{
    size_t    i;
    uint64_t  place;

    place = 0;

    for (i = 0; i < sizeof(place); i++) {
        place = place << 8 | (i < text.len ? (unsigned char) text.data[i]
                                           : (unsigned char) rest);
    }

    return place;
}


static uint64_t
place_day(long long day)
{
    return PLACE_ZERO + (uint64_t) day;
}
