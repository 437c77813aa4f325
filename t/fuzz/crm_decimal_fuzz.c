/*
 * Two texts, one a line, as decimals: JSON's numbers are all numbers, the
 * order is an order, and where binary floating point sees a difference it
 * sees the same one.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crm_pool.h"
#include "record/crm_decimal.h"
#include "record/crm_token.h"


static void check(int condition);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                 cmp;
    double              x, y;
    crm_str_t           one, two;
    crm_pool_t         *pool;
    const char         *line, *last;
    crm_decimal_t       a, b;
    crm_token_fault_t   fault;

    line = size ? memchr(data, '\n', size) : NULL;
    if (line == NULL || line == (const char *) data) {
        return 0;
    }

    last = (const char *) data + size;
    one = crm_str((const char *) data, (size_t) (line - (const char *) data));
    two = crm_str(line + 1, (size_t) (last - line - 1));

    if (crm_decimal_parse(&a, one) != CRM_OK) {
        check(crm_token_number(one.data, line, &fault) != line);
        return 0;
    }

    check(crm_decimal_cmp(&a, &a) == 0);

    if (crm_decimal_parse(&b, two) != CRM_OK) {
        return 0;
    }

    cmp = crm_decimal_cmp(&a, &b);
    check((crm_decimal_cmp(&b, &a) > 0) == (cmp < 0));
    check((crm_decimal_cmp(&b, &a) == 0) == (cmp == 0));

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return 0;
    }

    x = strtod(crm_pool_dup(pool, one).data, NULL);
    y = strtod(crm_pool_dup(pool, two).data, NULL);

    check(x >= y || cmp < 0);
    check(x <= y || cmp > 0);

    crm_pool_destroy(pool);

    return 0;
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
