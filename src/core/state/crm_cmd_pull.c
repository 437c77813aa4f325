/*
 * Commands to Redis that take elements out of the webhooks' entrance unseen.
 */

#include "state/crm_cmd.h"

#include "state/crm_args.h"

#include <stdint.h>


#define PULL_KEYS      3
#define PULL_ARGS      3

/* What Redis needs for an element besides its bytes, and for a list. */
#define PULL_OVERHEAD  1024


static char *pull_hex(char *to, uint64_t n, int digits);


crm_cmd_t *
crm_cmd_pull(crm_pool_t *pool, crm_str_t org, crm_str_t batch, size_t max)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_PULL, PULL_KEYS, PULL_ARGS);

    crm_args_key(&args, crm_key_queue(pool, org, CRM_QUEUE_WEBHOOKS));
    crm_args_key(&args, crm_key_pulls(pool, org));
    crm_args_key(&args, crm_key_batch(pool, org, batch));

    crm_args_str(&args, batch);
    crm_args_int(&args, (long long) max);
    crm_args_int(&args, (long long) ((max + 1)
                                     * (CRM_ELEMENT_MAX_BYTES
                                        + PULL_OVERHEAD)));

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_pull_read(crm_pool_t *pool, crm_str_t org, crm_str_t batch)
{
    const crm_str_t  words[] = { CRM_STR("LRANGE"),
                                 crm_key_batch(pool, org, batch),
                                 CRM_STR("0"), CRM_STR("-1") };

    return words[1].data ? crm_cmd_plain(pool, words, 4) : NULL;
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
