/*
 * Functions of NUMBER and DECIMAL.
 */

#include <math.h>

#include "crm_deluge_run.h"


static crm_status_t number_end(crm_deluge_call_t *call,
    crm_deluge_decimal_t d, int whole);


static crm_deluge_decimal_t
number_of(const crm_deluge_value_t *v)
{
    crm_deluge_decimal_t  d;

    d = crm_deluge_decimal(0);
    (void) crm_deluge_to_decimal(&d, v);

    return d;
}


static crm_status_t
number_abs(crm_deluge_call_t *call)
{
    crm_deluge_decimal_t  d;

    d = number_of(&call->args[0]);

    if (d.digits < 0) {
        d.digits = -d.digits;
    }

    return number_end(call, d, call->args[0].type == CRM_DELUGE_NUMBER);
}


static crm_status_t
number_floor(crm_deluge_call_t *call)
{
    return number_end(call, crm_deluge_decimal_round(number_of(&call->args[0]),
                                0, CRM_DELUGE_ROUND_DOWN), 1);
}


static crm_status_t
number_ceil(crm_deluge_call_t *call)
{
    return number_end(call, crm_deluge_decimal_round(number_of(&call->args[0]),
                                0, CRM_DELUGE_ROUND_UP), 1);
}


/* round([digits behind the point]) */
static crm_status_t
number_round(crm_deluge_call_t *call)
{
    long long  scale;

    scale = call->count > 1 ? call->args[1].u.number : 0;

    if (scale < 0 || scale > CRM_DELUGE_DIGITS) {
        return crm_deluge_throw(call->run, call->place,
                   "round keeps 0 to %d digits behind the point, not %lld",
                   CRM_DELUGE_DIGITS, scale);
    }

    return number_end(call, crm_deluge_decimal_round(number_of(&call->args[0]),
                                (int) scale, CRM_DELUGE_ROUND_HALF),
                      scale == 0);
}


static crm_status_t
number_frac(crm_deluge_call_t *call)
{
    crm_status_t          rc;
    crm_deluge_decimal_t  d, cut;

    d = number_of(&call->args[0]);
    cut = crm_deluge_decimal_round(d, 0, CRM_DELUGE_ROUND_CUT);
    rc = crm_deluge_decimal_sub(&d, d, cut);

    return rc == CRM_OK ? number_end(call, d, 0)
                        : crm_deluge_throw(call->run, call->place,
                              "the number has no fraction that fits");
}


static crm_status_t
number_parity(crm_deluge_call_t *call, int odd)
{
    crm_deluge_decimal_t  d;

    d = number_of(&call->args[0]);

    *call->result = crm_deluge_boolean(d.scale == 0
                                       && (d.digits % 2 != 0) == odd);
    return CRM_OK;
}


static crm_status_t
number_even(crm_deluge_call_t *call)
{
    return number_parity(call, 0);
}


static crm_status_t
number_odd(crm_deluge_call_t *call)
{
    return number_parity(call, 1);
}


/* By repeated multiplication where the power is whole: exact as far as digits
 * go. */
static crm_status_t
number_power(crm_deluge_call_t *call)
{
    long long             n;
    crm_status_t          rc;
    crm_deluge_decimal_t  base, power, result;

    base = number_of(&call->args[0]);
    power = number_of(&call->args[1]);

    if (!crm_deluge_decimal_whole(power, &n) || n < 0 || n > 1000) {
        rc = crm_deluge_decimal_from_double(&result,
                 pow(crm_deluge_decimal_to_double(base),
                     crm_deluge_decimal_to_double(power)));

    } else {
        rc = CRM_OK;

        for (result = crm_deluge_decimal(1); n > 0 && rc == CRM_OK; n--) {
            rc = crm_deluge_decimal_mul(&result, result, base);
        }
    }

    return rc == CRM_OK
           ? number_end(call, result, call->args[0].type == CRM_DELUGE_NUMBER)
           : crm_deluge_throw(call->run, call->place,
                 "the power does not exist, or does not fit");
}


static crm_status_t
number_double(crm_deluge_call_t *call, double (*f)(double))
{
    double                x;
    crm_deluge_decimal_t  d;

    x = f(crm_deluge_decimal_to_double(number_of(&call->args[0])));

    if (!isfinite(x) || crm_deluge_decimal_from_double(&d, x) != CRM_OK) {
        return crm_deluge_throw(call->run, call->place,
                   "%.*s of this number does not exist",
                   (int) call->name.len, call->name.data);
    }

    return number_end(call, d, 0);
}


#define NUMBER_OF_DOUBLE(name, f)                                             \
    static crm_status_t                                                       \
    number_##name(crm_deluge_call_t *call)                                    \
    {                                                                         \
        return number_double(call, f);                                        \
    }

NUMBER_OF_DOUBLE(sqrt, sqrt)
NUMBER_OF_DOUBLE(exp, exp)
NUMBER_OF_DOUBLE(log, log)
NUMBER_OF_DOUBLE(log10, log10)
NUMBER_OF_DOUBLE(sin, sin)
NUMBER_OF_DOUBLE(cos, cos)
NUMBER_OF_DOUBLE(tan, tan)
NUMBER_OF_DOUBLE(asin, asin)
NUMBER_OF_DOUBLE(acos, acos)
NUMBER_OF_DOUBLE(atan, atan)
NUMBER_OF_DOUBLE(sinh, sinh)
NUMBER_OF_DOUBLE(cosh, cosh)
NUMBER_OF_DOUBLE(tanh, tanh)


static crm_status_t
number_atan2(crm_deluge_call_t *call)
{
    crm_deluge_decimal_t  d;

    (void) crm_deluge_decimal_from_double(&d,
               atan2(crm_deluge_decimal_to_double(number_of(&call->args[0])),
                     crm_deluge_decimal_to_double(number_of(&call->args[1]))));

    return number_end(call, d, 0);
}


/* Of the receiver and all arguments. */
static crm_status_t
number_best(crm_deluge_call_t *call, int sign)
{
    int     order;
    size_t  i;

    *call->result = call->args[0];

    for (i = 1; i < call->count; i++) {

        if (crm_deluge_compare(&order, &call->args[i], call->result) == CRM_OK
            && order * sign > 0)
        {
            *call->result = call->args[i];
        }
    }

    return CRM_OK;
}


static crm_status_t
number_max(crm_deluge_call_t *call)
{
    return number_best(call, 1);
}


static crm_status_t
number_min(crm_deluge_call_t *call)
{
    return number_best(call, -1);
}


/* Of a negative number: its sign, and those of the other. */
static crm_status_t
number_hex(crm_deluge_call_t *call)
{
    crm_buf_t           buf;
    unsigned            shift;
    unsigned long long  n;

    crm_deluge_buf(call->run, &buf);
    n = (unsigned long long) call->args[0].u.number;

    if (call->args[0].u.number < 0) {
        crm_buf_putc(&buf, '-');
        n = 0 - n;
    }

    for (shift = 60; shift && (n >> shift) == 0; shift -= 4) {
        /* void */
    }

    for (shift += 4; shift; shift -= 4) {
        crm_buf_putc(&buf, "0123456789abcdef"[(n >> (shift - 4)) & 0x0f]);
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


const crm_deluge_builtin_t  crm_deluge_number_builtins[] = {
    { "abs", CRM_DELUGE_ON_NUMBER, 0, "", number_abs },
    { "floor", CRM_DELUGE_ON_NUMBER, 0, "", number_floor },
    { "ceil", CRM_DELUGE_ON_NUMBER, 0, "", number_ceil },
    { "round", CRM_DELUGE_ON_NUMBER, 0, "n", number_round },
    { "frac", CRM_DELUGE_ON_NUMBER, 0, "", number_frac },
    { "isEven", CRM_DELUGE_ON_NUMBER, 0, "", number_even },
    { "isOdd", CRM_DELUGE_ON_NUMBER, 0, "", number_odd },
    { "power", CRM_DELUGE_ON_NUMBER, 1, "d", number_power },
    { "sqrt", CRM_DELUGE_ON_NUMBER, 0, "", number_sqrt },
    { "exp", CRM_DELUGE_ON_NUMBER, 0, "", number_exp },
    { "log", CRM_DELUGE_ON_NUMBER, 0, "", number_log },
    { "log10", CRM_DELUGE_ON_NUMBER, 0, "", number_log10 },
    { "sin", CRM_DELUGE_ON_NUMBER, 0, "", number_sin },
    { "cos", CRM_DELUGE_ON_NUMBER, 0, "", number_cos },
    { "tan", CRM_DELUGE_ON_NUMBER, 0, "", number_tan },
    { "asin", CRM_DELUGE_ON_NUMBER, 0, "", number_asin },
    { "acos", CRM_DELUGE_ON_NUMBER, 0, "", number_acos },
    { "atan", CRM_DELUGE_ON_NUMBER, 0, "", number_atan },
    { "sinh", CRM_DELUGE_ON_NUMBER, 0, "", number_sinh },
    { "cosh", CRM_DELUGE_ON_NUMBER, 0, "", number_cosh },
    { "tanh", CRM_DELUGE_ON_NUMBER, 0, "", number_tanh },
    { "atan2", CRM_DELUGE_ON_NUMBER, 1, "d", number_atan2 },
    { "toHex", CRM_DELUGE_BIT(CRM_DELUGE_NUMBER), 0, "", number_hex },
    { "max", CRM_DELUGE_ON_NUMBER, 1, "d*", number_max },
    { "min", CRM_DELUGE_ON_NUMBER, 1, "d*", number_min },
    { NULL, 0, 0, NULL, NULL }
};


/* As a NUMBER, if it is to be whole and fits, else as a DECIMAL. */
static crm_status_t
number_end(crm_deluge_call_t *call, crm_deluge_decimal_t d, int whole)
{
    long long  n;

    if (whole && crm_deluge_decimal_whole(d, &n)) {
        *call->result = crm_deluge_number(n);
        return CRM_OK;
    }

    return crm_deluge_from_decimal(call->result, d, call->run->pool) == CRM_OK
           ? CRM_OK : crm_deluge_memory(call->run, call->place);
}
