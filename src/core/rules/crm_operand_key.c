/*
 * Keys of operands: numbers of 64 bits that tell most operands apart.
 *
 * They must agree with crm_operand_alike(): what can be equal shares a key, or
 * a rule that fires would be missed. A client may choose values whose keys are
 * the same; then they are compared, and nothing else comes of it.
 */

#include "rules/crm_criteria.h"


/* Other bits for each sort of key. */
#define KEY_TEXT    0x243f6a8885a308d3ULL
#define KEY_NUMBER  0x13198a2e03707344ULL
#define KEY_EMPTY   0xa4093822299f31d0ULL
#define KEY_PRIME   0x9e3779b97f4a7c15ULL


static uint64_t key_text(crm_str_t text);
static uint64_t key_number(const crm_decimal_t *d);


int
crm_operand_key(crm_operand_t *operand)
{
    if (operand->keyed) {
        return operand->keyed == 1;
    }

    operand->keyed = 1;

    switch (operand->value.type) {

    case CRM_VALUE_EMPTY:
        operand->key = KEY_EMPTY;
        break;

    case CRM_VALUE_BOOL:
        operand->key = key_text(operand->value.truth ? CRM_STR("true")
                                                     : CRM_STR("false"));
        break;

    case CRM_VALUE_NUMBER:
    case CRM_VALUE_TEXT:
        operand->key = operand->numeric ? key_number(&operand->decimal)
                                        : key_text(operand->folded);
        break;

    default:
        operand->keyed = 2;
        return 0;
    }

    return 1;
}


int
crm_operand_wide_keys(crm_operand_t *operand, uint64_t keys[2],
    crm_pool_t *pool)
{
    int        n;
    crm_str_t  name;

    if (crm_operand_key(operand)) {
        keys[0] = operand->key;
        return 1;
    }

    if (operand->value.type != CRM_VALUE_OBJECT) {
        return 0;
    }

    n = 0;

    if (operand->value.text.len) {
        keys[n++] = key_text(operand->folded);
    }

    if (crm_operand_name(operand, &name, pool) != CRM_OK) {
        return -1;
    }

    if (name.len) {
        keys[n++] = key_text(name);
    }

    return n;
}


/* As a text of its own would file, which may read as a number. */
static uint64_t
key_text(crm_str_t text)
{
    crm_decimal_t  d;

    if (text.len && (unsigned char) text.data[0] <= '9'
        && crm_decimal_parse(&d, text) == CRM_OK)
    {
        return key_number(&d);
    }

    return (crm_str_hash_wide(text) ^ KEY_TEXT) * KEY_PRIME;
}


/* The same for 1, 1.0 and 10e-1: sign, exponent, digits. */
static uint64_t
key_number(const crm_decimal_t *d)
{
    size_t    i;
    uint64_t  h;

    h = KEY_NUMBER ^ (uint64_t) d->exponent;

    for (i = 0; d->sign && i < d->text.len; i++) {
        if (d->text.data[i] != '.') {
            h = (h ^ (unsigned char) d->text.data[i]) * KEY_PRIME;
            h ^= h >> 32;
        }
    }

    return (h ^ (uint64_t) (d->sign + 1)) * KEY_PRIME;
}
