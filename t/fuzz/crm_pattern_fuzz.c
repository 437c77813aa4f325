/*
 * Patterns: what is read is a tree over rows that exist, in which no group is
 * a member of one of the same operator.
 */

#include <stdlib.h>

#include "base/crm_limits.h"
#include "rules/crm_pattern.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const crm_pattern_t *p, unsigned at, unsigned rows);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned        rows;
    crm_pool_t     *pool;
    crm_error_t     err;
    crm_pattern_t   p;

    if (size == 0) {
        return 0;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        abort();
    }

    rows = 1 + data[0] % CRM_MAX_ROWS;

    switch (crm_pattern_parse(&p, crm_str((const char *) data + 1, size - 1),
                              rows, pool, &err))
    {
    case CRM_OK:
        if (p.nodes[0].next != p.count) {
            abort();
        }
        check(&p, 0, rows);
        break;

    case CRM_EINVAL:
        if (err.offset > size - 1 || err.text[0] == '\0') {
            abort();
        }
        break;

    default:
        abort();
    }

    crm_pool_destroy(pool);

    return 0;
}


static void
check(const crm_pattern_t *p, unsigned at, unsigned rows)
{
    unsigned  i, members;

    if (p->nodes[at].type == CRM_NODE_LEAF) {
        if (p->nodes[at].row == 0 || p->nodes[at].row > rows
            || p->nodes[at].next != at + 1)
        {
            abort();
        }
        return;
    }

    members = 0;

    for (i = at + 1; i < p->nodes[at].next; i = p->nodes[i].next) {
        if (p->nodes[i].type == p->nodes[at].type) {
            abort();
        }

        check(p, i, rows);
        members++;
    }

    if (members < 2) {
        abort();
    }
}
