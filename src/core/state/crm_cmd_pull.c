/*
 * Commands to Redis that take elements out of the webhooks' entrance unseen.
 */

#include "state/crm_cmd.h"

#include "state/crm_args.h"

#include <stdint.h>


typedef struct {
    const crm_cmd_t  **next;
    crm_pool_t        *pool;
    int                failed;
} pull_cmds_t;


static void  pull_add(pull_cmds_t *cmds, const crm_str_t *words, size_t n);
static char *pull_hex(char *to, uint64_t n, int digits);


crm_status_t
crm_cmd_pull(const crm_cmd_t *cmds[CRM_CMD_PULL], crm_pool_t *pool,
    crm_str_t org, crm_str_t batch, size_t max)
{
    crm_str_t    pulls, queue, list, n;
    pull_cmds_t  all;

    pulls = crm_key_pulls(pool, org);
    queue = crm_key_queue(pool, org, CRM_QUEUE_WEBHOOKS);
    list = crm_key_batch(pool, org, batch);
    n = crm_pool_printf(pool, "%zu", max);

    if (pulls.data == NULL || queue.data == NULL || list.data == NULL
        || n.data == NULL)
    {
        return CRM_ENOMEM;
    }

    /* SORT sorts nothing here: it alone copies a part of a list into another
     * one */

    const crm_str_t  multi[] = { CRM_STR("MULTI") };
    const crm_str_t  add[] = { CRM_STR("XADD"), pulls, CRM_STR("*"),
                               CRM_STR("batch"), batch };
    const crm_str_t  copy[] = { CRM_STR("SORT"), queue, CRM_STR("BY"),
                                CRM_STR("nosort"), CRM_STR("LIMIT"),
                                CRM_STR("0"), n, CRM_STR("STORE"), list };
    const crm_str_t  trim[] = { CRM_STR("LTRIM"), queue, n, CRM_STR("-1") };
    const crm_str_t  read[] = { CRM_STR("LRANGE"), list, CRM_STR("0"),
                                CRM_STR("-1") };
    const crm_str_t  exec[] = { CRM_STR("EXEC") };

    all.next = cmds;
    all.pool = pool;
    all.failed = 0;

    pull_add(&all, multi, 1);
    pull_add(&all, add, 5);
    pull_add(&all, copy, 9);
    pull_add(&all, trim, 4);
    pull_add(&all, read, 4);
    pull_add(&all, exec, 1);

    return all.failed ? CRM_ENOMEM : CRM_OK;
}


static void
pull_add(pull_cmds_t *cmds, const crm_str_t *words, size_t n)
{
    *cmds->next = crm_cmd_plain(cmds->pool, words, n);
    cmds->failed |= *cmds->next == NULL;
    cmds->next++;
}


void
crm_cmd_batch(char batch[CRM_CMD_BATCH_LEN], uint64_t worker, uint32_t serial)
{
    *batch = 'b';       /* the scripts know it by that */
    (void) pull_hex(pull_hex(batch + 1, worker, 16), serial, 8);
}


int
crm_cmd_is_pulled(crm_str_t facts)
{
    /* behind two digests */
    return facts.len > 2 * CRM_DIGEST_SHORT_LEN + 2
           && facts.data[2 * CRM_DIGEST_SHORT_LEN + 2] == 'b';
}


static char *
pull_hex(char *to, uint64_t n, int digits)
{
    int  i;

    for (i = digits - 1; i >= 0; i--, n >>= 4) {
        to[i] = "0123456789abcdef"[n & 15];
    }

    return to + digits;
}
