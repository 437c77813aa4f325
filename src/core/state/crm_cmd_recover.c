/*
 * Commands to Redis, those of recovery. The order of keys and arguments is
 * each script's own: it stands at the head of scripts/NAME.lua.
 */

#include "state/crm_cmd.h"

#include "record/crm_token.h"
#include "state/crm_args.h"


/* A lease outlives the claim by this, as those of writes outlive theirs. */
#define CMD_LEASE_GRACE_MS  10000

/* Of a reason; longer ones are cut. */
#define CMD_REASON_BYTES    500

/* Documents in one answer: more would hold Redis and the worker up. */
#define CMD_RECOVER_BYTES   (8 * 1024 * 1024)


static void  cmd_claimed_keys(crm_args_t *args, const crm_cmd_claimed_t *in);
static void  cmd_claimed_args(crm_args_t *args, const crm_cmd_claimed_t *in);
static crm_str_t  cmd_reason(crm_pool_t *pool, crm_str_t reason);


crm_cmd_t *
crm_cmd_recover(crm_pool_t *pool, crm_str_t org, long long max_claims,
    long long claim_ms)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_RECOVER, 2, 4);

    crm_args_key(&args, crm_key_intents(pool, org));
    crm_args_key(&args, crm_key_undetermined(pool, org));

    crm_args_int(&args, max_claims);
    crm_args_int(&args, claim_ms);
    crm_args_int(&args, claim_ms + CMD_LEASE_GRACE_MS);
    crm_args_int(&args, CMD_RECOVER_BYTES);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_postpone(crm_pool_t *pool, const crm_cmd_claimed_t *in,
    long long delay_ms)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_POSTPONE, 2 + in->n_records, 4);

    crm_args_key(&args, crm_key_intents(pool, in->org));
    crm_args_key(&args, crm_key_intent(pool, in->org, in->event));
    cmd_claimed_keys(&args, in);

    cmd_claimed_args(&args, in);
    crm_args_int(&args, delay_ms);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_reclaim(crm_pool_t *pool, const crm_cmd_claimed_t *in,
    long long claim_ms)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_RECLAIM, 2 + in->n_records, 4);

    crm_args_key(&args, crm_key_intents(pool, in->org));
    crm_args_key(&args, crm_key_intent(pool, in->org, in->event));
    cmd_claimed_keys(&args, in);

    crm_args_str(&args, in->event);
    crm_args_int(&args, in->fence);
    crm_args_int(&args, claim_ms);
    crm_args_int(&args, claim_ms + CMD_LEASE_GRACE_MS);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_undetermined(crm_pool_t *pool, const crm_cmd_claimed_t *in)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_UNDETERMINED, 3 + in->n_records,
                   3);

    crm_args_key(&args, crm_key_intents(pool, in->org));
    crm_args_key(&args, crm_key_intent(pool, in->org, in->event));
    crm_args_key(&args, crm_key_undetermined(pool, in->org));
    cmd_claimed_keys(&args, in);

    cmd_claimed_args(&args, in);

    return crm_args_end(&args);
}


static void
cmd_claimed_keys(crm_args_t *args, const crm_cmd_claimed_t *in)
{
    size_t  i;

    for (i = 0; i < in->n_records; i++) {
        crm_args_key(args, crm_key_busy(args->pool, in->org,
                                        in->records[i]));
    }
}


static void
cmd_claimed_args(crm_args_t *args, const crm_cmd_claimed_t *in)
{
    crm_args_str(args, in->event);
    crm_args_int(args, in->fence);
    crm_args_key(args, cmd_reason(args->pool, in->reason));
}


/* It may quote what was cut anywhere, and is shown as JSON: a byte that is no
 * UTF-8 becomes '?'. */
static crm_str_t
cmd_reason(crm_pool_t *pool, crm_str_t reason)
{
    char               *text;
    crm_str_t           copy;
    const char         *p, *last;
    crm_token_fault_t   fault;

    if (reason.len > CMD_REASON_BYTES) {
        reason.len = CMD_REASON_BYTES;
    }

    copy = crm_pool_dup(pool, reason);
    if (copy.data == NULL) {
        return copy;
    }

    text = (char *) copy.data;
    last = text + copy.len;

    for (p = text; p < last; /* void */ ) {
        if ((unsigned char) *p < 0x80) {
            p++;
            continue;
        }

        p = crm_token_utf8(p, last, &fault);

        if (p == NULL) {
            text[fault.at - text] = '?';
            p = fault.at + 1;
        }
    }

    return copy;
}
