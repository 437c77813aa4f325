/*
 * Operands: values ready to be compared, whether two are equal, in which order
 * they are, and the keys under which equal ones file.
 *
 * Equality and keys stand in one file because they must agree: what can be
 * equal shares a key, or the index would hide a rule that fires.
 */

#include "rules/crm_criteria.h"


static crm_truth_t operand_same(crm_eval_t *eval, const crm_operand_t *left,
    const crm_operand_t *right);
static crm_truth_t operand_flag(const crm_operand_t *left,
    const crm_operand_t *right);
static crm_truth_t operand_objects(crm_eval_t *eval,
    const crm_operand_t *left, const crm_operand_t *right);
static crm_truth_t operand_whole(crm_eval_t *eval, const crm_operand_t *left,
    const crm_operand_t *right);
static int operand_object_keys(const crm_operand_t *operand,
    crm_str_t keys[2], crm_pool_t *pool);
static crm_str_t operand_key(crm_str_t text, crm_pool_t *pool);
static crm_str_t operand_text_key(crm_str_t folded, crm_pool_t *pool);
static crm_str_t operand_number_key(const crm_decimal_t *d,
    crm_pool_t *pool);


crm_status_t
crm_operand_init(crm_operand_t *operand, const crm_value_t *value,
    crm_pool_t *pool)
{
    memset(operand, 0, sizeof(crm_operand_t));
    operand->value = *value;

    switch (value->type) {

    case CRM_VALUE_NUMBER:
    case CRM_VALUE_TEXT:
        operand->numeric = value->text.len
                           && (unsigned char) value->text.data[0] <= '9'
                           && crm_decimal_parse(&operand->decimal,
                                                value->text) == CRM_OK;

        if (value->type == CRM_VALUE_NUMBER) {
            operand->folded = value->text;
            break;
        }

        /* fall through */

    case CRM_VALUE_OBJECT:
        operand->folded = crm_value_fold(value->text, pool);
        if (operand->folded.data == NULL && value->text.len) {
            return CRM_ENOMEM;
        }
        break;

    default:
        break;
    }

    return CRM_OK;
}


int
crm_operand_dated(crm_operand_t *operand, const crm_zone_t *zone)
{
    if (operand->dated == 0) {
        operand->dated = operand->value.type == CRM_VALUE_TEXT
                         && crm_moment_parse(&operand->moment,
                                             operand->value.text, zone)
                            == CRM_OK ? 1 : 2;
    }

    return operand->dated == 1;
}


crm_truth_t
crm_operand_equal(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, unsigned right)
{
    crm_operand_t  *other;

    other = &p->operands[right];

    if (other->keyed == 1 && !p->timed && crm_operand_key(left)
        && left->key != other->key)
    {
        return CRM_FALSE;
    }

    other = crm_eval_right(eval, other);

    return other ? crm_operand_alike(eval, left, other, p->type, p->timed)
                 : CRM_MAYBE;
}


/*
 * A number and a text that reads as one are compared as decimals, and so are
 * two texts where the field is declared to be a number; a lookup by its id, or
 * by its name when the rule gives text; a boolean also with the texts "true"
 * and "false".
 */
crm_truth_t
crm_operand_alike(crm_eval_t *eval, crm_operand_t *left,
    crm_operand_t *right, crm_field_type_t type, int timed)
{
    const crm_zone_t  *zone;
    crm_value_type_t   l, r;

    l = left->value.type;
    r = right->value.type;

    if (l == CRM_VALUE_UNKNOWN || r == CRM_VALUE_UNKNOWN) {
        return CRM_MAYBE;
    }

    if (l == CRM_VALUE_EMPTY || r == CRM_VALUE_EMPTY) {
        return l == r;
    }

    if ((l == CRM_VALUE_NUMBER || r == CRM_VALUE_NUMBER
         || type == CRM_FIELD_NUMBER)
        && left->numeric && right->numeric)
    {
        return crm_decimal_cmp(&left->decimal, &right->decimal) == 0;
    }

    if (timed) {
        zone = eval->scope ? eval->scope->zone : NULL;

        if (crm_operand_dated(left, zone) && crm_operand_dated(right, zone)) {
            return crm_moment_cmp(&left->moment, &right->moment) == 0;
        }
    }

    return l == CRM_VALUE_BOOL || r == CRM_VALUE_BOOL
           ? operand_flag(left, right) : operand_same(eval, left, right);
}


crm_truth_t
crm_operand_order(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, unsigned right, int *order)
{
    crm_operand_t     *r;
    const crm_zone_t  *zone;

    r = crm_eval_right(eval, &p->operands[right]);

    if (r == NULL || left->value.type == CRM_VALUE_UNKNOWN
        || r->value.type == CRM_VALUE_UNKNOWN)
    {
        return CRM_MAYBE;
    }

    if (left->value.type == CRM_VALUE_EMPTY
        || r->value.type == CRM_VALUE_EMPTY)
    {
        return CRM_FALSE;
    }

    if (p->timed) {
        zone = eval->scope ? eval->scope->zone : NULL;

        if (crm_operand_dated(left, zone) && crm_operand_dated(r, zone)) {
            *order = crm_moment_cmp(&left->moment, &r->moment);
            return CRM_TRUE;
        }

        return CRM_MAYBE;
    }

    if (left->numeric && r->numeric) {
        *order = crm_decimal_cmp(&left->decimal, &r->decimal);
        return CRM_TRUE;
    }

    if (p->type == CRM_FIELD_NUMBER || left->value.type != CRM_VALUE_TEXT
        || r->value.type != CRM_VALUE_TEXT)
    {
        return CRM_MAYBE;
    }

    *order = crm_str_cmp(left->folded, r->folded);

    return CRM_TRUE;
}


int
crm_operand_keys(const crm_operand_t *operand, crm_str_t keys[2],
    crm_pool_t *pool)
{
    switch (operand->value.type) {

    case CRM_VALUE_EMPTY:
        keys[0] = CRM_STR("e");
        break;

    case CRM_VALUE_BOOL:
        keys[0] = operand->value.truth ? CRM_STR("ttrue") : CRM_STR("tfalse");
        break;

    case CRM_VALUE_NUMBER:
    case CRM_VALUE_TEXT:
        keys[0] = operand->numeric
                  ? operand_number_key(&operand->decimal, pool)
                  : operand_text_key(operand->folded, pool);
        break;

    case CRM_VALUE_OBJECT:
        return operand_object_keys(operand, keys, pool);

    default:
        return 0;
    }

    return keys[0].data ? 1 : -1;
}


/* A boolean and another, or the text that names it. */
static crm_truth_t
operand_flag(const crm_operand_t *left, const crm_operand_t *right)
{
    const crm_operand_t  *flag, *other;

    flag = left->value.type == CRM_VALUE_BOOL ? left : right;
    other = flag == left ? right : left;

    if (other->value.type == CRM_VALUE_BOOL) {
        return flag->value.truth == other->value.truth;
    }

    return other->value.type == CRM_VALUE_TEXT
           && crm_str_is(other->folded, flag->value.truth ? "true" : "false");
}


/* Text, lookups and lists. */
static crm_truth_t
operand_same(crm_eval_t *eval, const crm_operand_t *left,
    const crm_operand_t *right)
{
    crm_str_t         name;
    crm_value_type_t  l, r;

    l = left->value.type;
    r = right->value.type;

    if (l == CRM_VALUE_OBJECT && r == CRM_VALUE_OBJECT) {
        return operand_objects(eval, left, right);
    }

    if (l == CRM_VALUE_LIST || r == CRM_VALUE_LIST) {
        return operand_whole(eval, left, right);
    }

    if (crm_str_eq(left->folded, right->folded)) {
        return CRM_TRUE;
    }

    if (l != CRM_VALUE_OBJECT || r != CRM_VALUE_TEXT) {
        return CRM_FALSE;
    }

    if (crm_operand_name(left, &name, eval->pool) != CRM_OK) {
        eval->status = CRM_ENOMEM;
        return CRM_MAYBE;
    }

    return name.len && crm_str_eq(name, right->folded);
}


/* Two lookups by their ids, or by their names where one shows no id; what is
 * no lookup, an address for one, as a whole. */
static crm_truth_t
operand_objects(crm_eval_t *eval, const crm_operand_t *left,
    const crm_operand_t *right)
{
    crm_str_t  a, b;

    if (left->value.text.len && right->value.text.len) {
        return crm_str_eq(left->folded, right->folded);
    }

    if (crm_operand_name(left, &a, eval->pool) != CRM_OK
        || crm_operand_name(right, &b, eval->pool) != CRM_OK)
    {
        eval->status = CRM_ENOMEM;
        return CRM_MAYBE;
    }

    if (a.len && b.len) {
        return crm_str_eq(a, b);
    }

    return operand_whole(eval, left, right);
}


static crm_truth_t
operand_whole(crm_eval_t *eval, const crm_operand_t *left,
    const crm_operand_t *right)
{
    int  same;

    if (crm_value_same(&left->value, &right->value, eval->pool, &same)
        != CRM_OK)
    {
        eval->status = CRM_ENOMEM;
        return CRM_MAYBE;
    }

    return same;
}


static int
operand_object_keys(const crm_operand_t *operand, crm_str_t keys[2],
    crm_pool_t *pool)
{
    int        n;
    crm_str_t  name;

    n = 0;

    if (operand->value.text.len) {
        keys[n] = operand_key(operand->folded, pool);
        if (keys[n++].data == NULL) {
            return -1;
        }
    }

    if (crm_operand_name(operand, &name, pool) != CRM_OK) {
        return -1;
    }

    if (name.len) {
        keys[n] = operand_key(name, pool);
        if (keys[n++].data == NULL) {
            return -1;
        }
    }

    return n;
}


/* As a text of its own would file. */
static crm_str_t
operand_key(crm_str_t text, crm_pool_t *pool)
{
    crm_decimal_t  d;

    return crm_decimal_parse(&d, text) == CRM_OK
           ? operand_number_key(&d, pool) : operand_text_key(text, pool);
}


static crm_str_t
operand_text_key(crm_str_t folded, crm_pool_t *pool)
{
    char  *p;

    p = crm_pool_alloc(pool, folded.len + 1);
    if (p == NULL) {
        return CRM_STR_NULL;
    }

    p[0] = 't';
    if (folded.len) {
        memcpy(p + 1, folded.data, folded.len);
    }

    return crm_str(p, folded.len + 1);
}


/* "n", sign, exponent, digits: the same for 1, 1.0 and 10e-1. */
static crm_str_t
operand_number_key(const crm_decimal_t *d, crm_pool_t *pool)
{
    size_t      i, n;
    char       *p;
    crm_str_t   head;

    if (d->sign == 0) {
        return CRM_STR("n0");
    }

    head = crm_pool_printf(pool, "n%c%lld:", d->sign < 0 ? '-' : '+',
                           d->exponent);
    if (head.data == NULL) {
        return head;
    }

    p = crm_pool_alloc(pool, head.len + d->digits);
    if (p == NULL) {
        return CRM_STR_NULL;
    }

    memcpy(p, head.data, head.len);

    for (i = 0, n = 0; i < d->text.len && n < d->digits; i++) {
        char  c = d->text.data[i];

        if (c >= '0' && c <= '9' && (n > 0 || c != '0')) {
            p[head.len + n++] = c;
        }
    }

    return crm_str(p, head.len + n);
}


crm_status_t
crm_operand_name(const crm_operand_t *operand, crm_str_t *folded,
    crm_pool_t *pool)
{
    crm_str_t   text;
    crm_span_t  name;

    *folded = CRM_STR("");

    name = crm_span_member(operand->value.span, CRM_STR("name"));
    if (name.type != CRM_JSON_STRING) {
        return CRM_OK;
    }

    text = crm_span_text(name, pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    *folded = crm_value_fold(text, pool);

    return folded->data ? CRM_OK : CRM_ENOMEM;
}
