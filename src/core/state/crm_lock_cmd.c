/*
 * Locks by hand in Redis.
 */

#include "state/crm_lock_cmd.h"

#include "state/crm_args.h"


/* By crm_lock_how_t. */
static const char *const  lock_hows[] = { "lay", "confirm", "put" };


crm_cmd_t *
crm_lock_cmd(crm_pool_t *pool, const crm_lock_cmd_t *in)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_LOCK, 3, 4);

    crm_args_key(&args, crm_key_epoch(pool, in->org));
    crm_args_key(&args, crm_key_record(pool, in->org, in->record));
    crm_args_key(&args, crm_key_busy(pool, in->org, in->record));

    crm_args_str(&args, in->epoch);
    crm_args_str(&args, crm_strz(lock_hows[in->how]));
    crm_args_str(&args, in->id);
    crm_args_str(&args, in->doc);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_lock_cmd_release(crm_pool_t *pool, const crm_lock_cmd_t *in)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_UNLOCK, 2, 2);

    crm_args_key(&args, crm_key_epoch(pool, in->org));
    crm_args_key(&args, crm_key_record(pool, in->org, in->record));

    crm_args_str(&args, in->epoch);
    crm_args_str(&args, in->id);

    return crm_args_end(&args);
}


crm_status_t
crm_lock_cmd_said(crm_lock_said_t *said, const crm_reply_t *reply,
    crm_error_t *err)
{
    size_t        i;
    crm_str_t     word;
    crm_status_t  rc;

    static const struct {
        const char  *word;
        size_t       count;
    } words[] = {
        { "ok", 1 }, { "wait", 2 }, { "held", 1 }, { "gone", 1 },
        { "epoch", 2 }
    };

    rc = crm_reply_word(&word, reply, 1, err);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (crm_str_is(word, words[i].word)
            && reply->count == words[i].count)
        {
            *said = (crm_lock_said_t) i;
            return CRM_OK;
        }
    }

    return crm_reply_misshapen("lock", err);
}
