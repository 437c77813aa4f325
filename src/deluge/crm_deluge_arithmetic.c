/*
 * + - * / %
 */

#include "crm_deluge_run.h"


static crm_status_t arithmetic_whole(char op, long long a, long long b,
    long long *r);
static crm_status_t arithmetic_concat(crm_deluge_run_t *run,
    crm_deluge_place_t place, const crm_deluge_value_t *a,
    const crm_deluge_value_t *b, crm_deluge_value_t *r);


/* A TEXT on either side of + makes a TEXT. */
crm_status_t
crm_deluge_arithmetic(crm_deluge_run_t *run, char op,
    crm_deluge_place_t place, const crm_deluge_value_t *a,
    const crm_deluge_value_t *b, crm_deluge_value_t *r)
{
    long long             n;
    crm_status_t          rc;
    crm_deluge_decimal_t  x, y, z;

    if (op == '+' && (a->type == CRM_DELUGE_TEXT
                      || b->type == CRM_DELUGE_TEXT))
    {
        return arithmetic_concat(run, place, a, b, r);
    }

    if (crm_deluge_to_decimal(&x, a) != CRM_OK
        || crm_deluge_to_decimal(&y, b) != CRM_OK)
    {
        return crm_deluge_throw(run, place,
                   "\"%c\" works on numbers, not on %s and %s", op,
                   crm_deluge_type_name(a->type),
                   crm_deluge_type_name(b->type));
    }

    if ((op == '/' || op == '%') && y.digits == 0) {
        return crm_deluge_throw(run, place, "a division by zero");
    }

    if (a->type == CRM_DELUGE_NUMBER && b->type == CRM_DELUGE_NUMBER) {
        rc = arithmetic_whole(op, a->u.number, b->u.number, &n);

        if (rc == CRM_OK) {
            *r = crm_deluge_number(n);
            return CRM_OK;
        }

        if (rc == CRM_ELIMIT) {
            return crm_deluge_throw(run, place,
                       "the result does not fit a NUMBER of 64 bits");
        }
    }

    rc = op == '+' ? crm_deluge_decimal_add(&z, x, y)
         : op == '-' ? crm_deluge_decimal_sub(&z, x, y)
         : op == '*' ? crm_deluge_decimal_mul(&z, x, y)
         : op == '/' ? crm_deluge_decimal_div(&z, x, y)
         : crm_deluge_decimal_mod(&z, x, y);

    if (rc != CRM_OK) {
        return crm_deluge_throw(run, place,
                   "the result does not fit a DECIMAL of %d digits",
                   CRM_DELUGE_DIGITS);
    }

    return crm_deluge_from_decimal(r, z, run->pool) == CRM_OK
           ? CRM_OK : crm_deluge_memory(run, place);
}


/* CRM_DECLINED: a quotient that is not whole. */
static crm_status_t
arithmetic_whole(char op, long long a, long long b, long long *r)
{
    switch (op) {

    case '+':
        return __builtin_add_overflow(a, b, r) ? CRM_ELIMIT : CRM_OK;

    case '-':
        return __builtin_sub_overflow(a, b, r) ? CRM_ELIMIT : CRM_OK;

    case '*':
        return __builtin_mul_overflow(a, b, r) ? CRM_ELIMIT : CRM_OK;

    case '/':
        if (b == -1) {
            return __builtin_sub_overflow(0, a, r) ? CRM_ELIMIT : CRM_OK;
        }

        *r = a / b;
        return a % b ? CRM_DECLINED : CRM_OK;

    default:
        *r = b == -1 ? 0 : a % b;
        return CRM_OK;
    }
}


/* What was written last grows where it stands: a text that a loop appends to
 * is not copied each time. Nothing may stand behind it: the pool, which rounds,
 * cannot tell whether another text has grown out of this one. */
static crm_status_t
arithmetic_concat(crm_deluge_run_t *run, crm_deluge_place_t place,
    const crm_deluge_value_t *a, const crm_deluge_value_t *b,
    crm_deluge_value_t *r)
{
    char          *p;
    crm_str_t      x, y;
    crm_status_t   rc;

    rc = crm_deluge_to_text(run, place, a, &x);

    if (rc == CRM_OK) {
        rc = crm_deluge_to_text(run, place, b, &y);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (x.len > run->limits->text || y.len > run->limits->text - x.len) {
        return crm_deluge_limit(run, place, "a TEXT has %zu bytes at most",
                                run->limits->text);
    }

    p = (char *) (uintptr_t) x.data;

    if (x.len == 0 || p + x.len != run->tail
        || !crm_pool_extend(run->pool, p, x.len, x.len + y.len))
    {
        p = crm_pool_alloc(run->pool, x.len + y.len + 1);
        if (p == NULL) {
            return crm_deluge_memory(run, place);
        }

        if (x.len) {
            memcpy(p, x.data, x.len);
        }
    }

    if (y.len) {
        memcpy(p + x.len, y.data, y.len);
    }

    run->tail = p + x.len + y.len;
    *r = crm_deluge_text(crm_str(p, x.len + y.len));

    return CRM_OK;
}
